//! Workloads: objects that hold a template of pods.

use serde::{Deserialize, Serialize};

use super::meta::ObjectMeta;
use super::pod::PodSpec;

/// The kinds of workloads whose templates are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WorkloadKind {
    /// A Deployment.
    Deployment,
    /// A DaemonSet.
    DaemonSet,
    /// A StatefulSet.
    StatefulSet,
    /// A ReplicaSet.
    ReplicaSet,
    /// A ReplicationController.
    ReplicationController,
    /// A Job.
    Job,
    /// A CronJob.
    CronJob,
}

impl WorkloadKind {
    /// All of them.
    pub const ALL: [WorkloadKind; 7] = [
        WorkloadKind::Deployment,
        WorkloadKind::DaemonSet,
        WorkloadKind::StatefulSet,
        WorkloadKind::ReplicaSet,
        WorkloadKind::ReplicationController,
        WorkloadKind::Job,
        WorkloadKind::CronJob,
    ];

    /// The resource with its group: `deployments.apps`.
    pub fn resource(self) -> &'static str {
        match self {
            WorkloadKind::Deployment => "deployments.apps",
            WorkloadKind::DaemonSet => "daemonsets.apps",
            WorkloadKind::StatefulSet => "statefulsets.apps",
            WorkloadKind::ReplicaSet => "replicasets.apps",
            WorkloadKind::ReplicationController => "replicationcontrollers",
            WorkloadKind::Job => "jobs.batch",
            WorkloadKind::CronJob => "cronjobs.batch",
        }
    }

    /// The kind: `Deployment`.
    pub fn as_str(self) -> &'static str {
        match self {
            WorkloadKind::Deployment => "Deployment",
            WorkloadKind::DaemonSet => "DaemonSet",
            WorkloadKind::StatefulSet => "StatefulSet",
            WorkloadKind::ReplicaSet => "ReplicaSet",
            WorkloadKind::ReplicationController => "ReplicationController",
            WorkloadKind::Job => "Job",
            WorkloadKind::CronJob => "CronJob",
        }
    }
}

/// A workload.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Workload {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// What it runs.
    #[serde(default)]
    pub spec: WorkloadSpec,
}

impl Workload {
    /// The template of its pods.
    pub fn pod(&self) -> Option<&PodSpec> {
        let direct = self.spec.template.as_ref();
        let job = self.spec.job_template.as_ref().and_then(|job| job.spec.template.as_ref());
        direct.or(job).map(|template| &template.spec)
    }
}

/// What a workload runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadSpec {
    /// The template of its pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<PodTemplate>,
    /// For a CronJob: its Jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_template: Option<JobTemplate>,
}

/// A template of pods.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PodTemplate {
    /// What the pods are made of.
    #[serde(default)]
    pub spec: PodSpec,
}

/// A template of Jobs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct JobTemplate {
    /// What the Jobs run.
    #[serde(default)]
    pub spec: Box<WorkloadSpec>,
}
