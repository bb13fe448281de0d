//! The objects around a pod: namespaces, accounts, roles, and what starts it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::document::Document;
use crate::pod::{PodProfile, Toleration};
use crate::privileges::Privileges;
use crate::rights::{self, Right};
use crate::text;

/// The namespace of what asks the API.
pub const CLUSTER_NAMESPACE: &str = "seaworthy";
/// The namespace of what looks at nodes.
pub const NODE_NAMESPACE: &str = "seaworthy-nodes";

/// The seconds after which a Job that has ended is removed: a week and a day, so that the last one is always there.
const KEPT: u32 = 8 * 24 * 60 * 60;

/// What starts a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Once.
    Job,
    /// At set times.
    CronJob,
    /// Always, on every node.
    DaemonSet,
}

pub(crate) fn labels(component: &str) -> Value {
    json!({"app.kubernetes.io/name": "seaworthy", "app.kubernetes.io/component": component})
}

/// How the node of a Job is chosen.
pub(crate) const CHOOSE: &str = "To choose the node, add nodeName: NAME beside nodeSelector.";

/// Whom pods of a namespace speak to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GoesOut {
    Nowhere,
    ToTheApi,
    ToSinks,
}

/// What a namespace of ours holds besides: nothing may reach it, and nobody uses its default account.
fn guards(namespace: &str, goes_out: GoesOut) -> Vec<Document> {
    let mut types = vec!["Ingress"];
    if goes_out == GoesOut::Nowhere {
        types.push("Egress");
    }
    let policy = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "nothing-comes-in", "namespace": namespace, "labels": labels("guard")},
        "spec": {"podSelector": {}, "policyTypes": types},
    });
    let why = match goes_out {
        GoesOut::ToTheApi => "Nobody has business with these pods; they ask the API server.",
        GoesOut::ToSinks => {
            "Nobody has business with these pods; they send their results. To allow that and nothing else, name the sinks here."
        }
        GoesOut::Nowhere => {
            "Nobody has business with these pods, and they with nobody: they look at files and processes."
        }
    };
    let account = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": "default", "namespace": namespace},
        "automountServiceAccountToken": false,
    });
    vec![
        Document::new(policy, why),
        Document::new(account, "Nothing here runs under the default account; whatever does gets no token."),
    ]
}

/// In the order of applying: the accounts called `default` last. Kubernetes makes them itself soon after their namespace, and whoever is
/// at it in the same moment is told that they are there already.
pub(crate) fn ordered(documents: Vec<Document>) -> Vec<Document> {
    let is_default = |d: &Document| d.value["kind"] == "ServiceAccount" && d.value["metadata"]["name"] == "default";
    let (last, mut first): (Vec<Document>, Vec<Document>) = documents.into_iter().partition(is_default);
    first.extend(last);
    first
}

/// The namespace of pods that look at nodes.
pub(crate) fn node_namespace(name: &str, sends: bool) -> Vec<Document> {
    let value = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": name, "labels": {
            "app.kubernetes.io/name": "seaworthy",
            "pod-security.kubernetes.io/enforce": "privileged",
            "pod-security.kubernetes.io/warn": "privileged",
        }},
    });
    let why = "A pod that looks at its node mounts directories of the host, which the levels baseline and restricted forbid: only \
               this namespace allows it, and only such pods are in it.";
    let comments = [("/metadata/labels/pod-security.kubernetes.io~1enforce".to_owned(), why.to_owned())];
    let mut documents = vec![Document::new(value, "").explained("", comments.into())];
    documents.extend(guards(name, if sends { GoesOut::ToSinks } else { GoesOut::Nowhere }));
    documents
}

/// The namespace of pods that ask the API.
pub(crate) fn cluster_namespace(name: &str) -> Vec<Document> {
    let value = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": name, "labels": {
            "app.kubernetes.io/name": "seaworthy",
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/warn": "restricted",
        }},
    });
    let mut documents = vec![Document::new(value, "")];
    documents.extend(guards(name, GoesOut::ToTheApi));
    documents
}

/// An account with exactly these rights, and their roles. `names`: the base of the names.
pub(crate) fn account(name: &str, namespace: &str, rights: &[Right], why: &str) -> Vec<Document> {
    let account = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(name)},
        "automountServiceAccountToken": false,
    });
    let subject = json!([{"kind": "ServiceAccount", "name": name, "namespace": namespace}]);
    let mut documents = vec![Document::new(account, "The pods of this account ask for its token themselves.")];
    let mut spaces: Vec<Option<&str>> = rights.iter().map(|right| right.namespace.as_deref()).collect();
    spaces.sort_unstable();
    spaces.dedup();
    for space in spaces {
        let mine: Vec<Right> = rights.iter().filter(|r| r.namespace.as_deref() == space).cloned().collect();
        let mut metadata = json!({"name": format!("seaworthy-{name}"), "labels": labels(name)});
        let (role, binding) = match space {
            None => ("ClusterRole", "ClusterRoleBinding"),
            Some(space) => {
                metadata["namespace"] = space.into();
                ("Role", "RoleBinding")
            }
        };
        let api = "rbac.authorization.k8s.io";
        let head = space.map_or_else(|| why.to_owned(), |space| format!("In the namespace {space} only."));
        documents.push(Document::new(
            json!({"apiVersion": format!("{api}/v1"), "kind": role, "metadata": metadata, "rules": rights::rules(&mine)}),
            head,
        ));
        documents.push(Document::new(
            json!({
                "apiVersion": format!("{api}/v1"), "kind": binding, "metadata": metadata,
                "roleRef": {"apiGroup": api, "kind": role, "name": format!("seaworthy-{name}")},
                "subjects": subject,
            }),
            "",
        ));
    }
    documents
}

fn template(component: &str, profile: &PodProfile) -> Value {
    json!({"metadata": {"labels": labels(component)}, "spec": profile.spec()})
}

/// How a Job is spread over nodes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    /// How many pods, each on a node of its own.
    pub(crate) pods: usize,
    /// Whether that number is really the cluster's.
    pub(crate) counted: bool,
}

fn job_spec(component: &str, profile: &PodProfile, spread: Option<Spread>) -> (Value, BTreeMap<String, String>) {
    let mut spec = json!({
        "backoffLimit": 0,
        "activeDeadlineSeconds": 3600,
        "template": template(component, profile),
    });
    let mut comments: BTreeMap<String, String> =
        profile.reasons.iter().map(|(at, text)| (format!("/template/spec{at}"), text.clone())).collect();
    if let Some(spread) = spread {
        spec["completions"] = spread.pods.into();
        spec["parallelism"] = spread.pods.into();
        spec["backoffLimit"] = (spread.pods * 2).into();
        let said = if spread.counted {
            "As many pods as there were nodes when this was written; write it anew when nodes come or go."
        } else {
            "As many pods as there are nodes: put your number here and in parallelism. seaworthy schedule fills it in."
        };
        comments.insert("/completions".to_owned(), said.to_owned());
        spec["template"]["spec"]["affinity"] = json!({"podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [{
                "labelSelector": {"matchLabels": labels(component)},
                "topologyKey": "kubernetes.io/hostname",
            }],
        }});
        comments.insert(
            "/template/spec/affinity".to_owned(),
            "No two of these pods on one node: as many as there are nodes are on all of them.".to_owned(),
        );
    }
    (spec, comments)
}

/// A Job.
pub(crate) fn job(name: &str, namespace: &str, profile: &PodProfile, head: &str) -> Document {
    // Wherever it can: but for the taint of the control plane, which is no reason not to look, taints are respected.
    let tolerations = profile.tolerations.iter().map(|_| Toleration::control_plane()).collect();
    let profile = PodProfile { tolerations, ..profile.clone() };
    let (mut spec, comments) = job_spec(name, &profile, None);
    spec["ttlSecondsAfterFinished"] = KEPT.into();
    let value = json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(name)},
        "spec": spec,
    });
    Document::new(value, head).explained("/spec", comments)
}

/// A CronJob.
pub(crate) fn cron_job(
    name: &str,
    namespace: &str,
    cron: &str,
    profile: &PodProfile,
    spread: Option<Spread>,
    head: &str,
) -> Document {
    let (spec, comments) = job_spec(name, profile, spread);
    let value = json!({
        "apiVersion": "batch/v1", "kind": "CronJob",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(name)},
        "spec": {
            "schedule": cron,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 3600,
            "successfulJobsHistoryLimit": 2,
            "failedJobsHistoryLimit": 2,
            "jobTemplate": {"metadata": {"labels": labels(name)}, "spec": spec},
        },
    });
    Document::new(value, head).explained("/spec/jobTemplate/spec", comments)
}

/// A DaemonSet.
pub(crate) fn daemon_set(name: &str, namespace: &str, profile: &PodProfile, head: &str) -> Document {
    let profile = PodProfile { restart_policy: "Always".to_owned(), ..profile.clone() };
    let value = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(name)},
        "spec": {
            "selector": {"matchLabels": labels(name)},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}},
            "template": template(name, &profile),
        },
    });
    let comments = profile.reasons.iter().map(|(at, text)| (format!("/template/spec{at}"), text.clone())).collect();
    Document::new(value, head).explained("/spec", comments)
}

/// What to install, for chosen checks.
#[derive(Debug, Clone)]
pub struct Once<'a> {
    /// The privileges of the part that looks at nodes, if any of the checks is about nodes.
    pub node: Option<&'a Privileges>,
    /// The privileges of the part that asks the API, if any of the checks needs it.
    pub cluster: Option<&'a Privileges>,
    /// What starts the part that looks at nodes; the other is a Job, or a CronJob.
    pub kind: Kind,
    /// The base of the namespaces' names.
    pub namespace: &'a str,
    /// The image.
    pub image: &'a str,
    /// Whether nodes pull it: `Always`, `IfNotPresent`, `Never`.
    pub pull_policy: &'a str,
    /// The arguments behind `seaworthy run` that choose the checks.
    pub choice: &'a [String],
}

/// Manifests with exactly the privileges of chosen checks.
pub fn once(once: &Once<'_>) -> Vec<Document> {
    let mut documents = Vec::new();
    let run = |more: &[&str]| -> Vec<String> {
        let words = std::iter::once("run").chain(more.iter().copied()).map(str::to_owned);
        words.chain(once.choice.iter().cloned()).collect()
    };
    const WEEKLY: &str = "17 3 * * 0";
    if let Some(privileges) = once.node {
        let space = format!("{}-nodes", once.namespace);
        documents.extend(node_namespace(&space, false));
        let args = match once.kind {
            Kind::DaemonSet => run(&["--every", "7d", "--jitter", "10m"]),
            Kind::Job | Kind::CronJob => run(&[]),
        };
        let profile = PodProfile::node(privileges, once.image, once.pull_policy, args);
        let head = |what: &str| text::with_withheld(what, privileges);
        documents.push(match once.kind {
            Kind::Job => job("node", &space, &profile, &head(CHOOSE)),
            Kind::CronJob => {
                let spread = Spread { pods: 1, counted: false };
                cron_job("node", &space, WEEKLY, &profile, Some(spread), &head("Once a week."))
            }
            Kind::DaemonSet => daemon_set("node", &space, &profile, &head("On every node, new ones too, once a week.")),
        });
    }
    if let Some(privileges) = once.cluster {
        documents.extend(cluster_namespace(once.namespace));
        documents.extend(account(
            "cluster",
            once.namespace,
            &privileges.rights(),
            "What the chosen checks ask for, and no more.",
        ));
        let profile = PodProfile::api("cluster", once.image, once.pull_policy, run(&["--cluster"]));
        let head = |what: &str| text::with_withheld(what, privileges);
        documents.push(match once.kind {
            Kind::Job => job("cluster", once.namespace, &profile, &head("Asks the API, once.")),
            Kind::CronJob | Kind::DaemonSet => {
                cron_job("cluster", once.namespace, WEEKLY, &profile, None, &head("Asks the API, once a week."))
            }
        });
    }
    ordered(documents)
}
