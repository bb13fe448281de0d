//! Pods and their containers, as the API describes them.

use serde::{Deserialize, Serialize};

use super::meta::{ObjectMeta, Present, nullable};

/// A Pod.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PodObject {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// What it is made of.
    #[serde(default)]
    pub spec: PodSpec,
    /// How it is.
    #[serde(default)]
    pub status: PodStatus,
}

/// How a pod is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PodStatus {
    /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
}

/// What a pod is made of. The same in a template of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSpec {
    /// The node that it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Its service account; `default` if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account_name: Option<String>,
    /// Whether it gets a token of that account; as the account says if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automount_service_account_token: Option<bool>,
    /// Whether it shares the node's network.
    #[serde(default, skip_serializing_if = "is_false", deserialize_with = "nullable")]
    pub host_network: bool,
    /// Whether it shares the node's processes.
    #[serde(default, rename = "hostPID", skip_serializing_if = "is_false", deserialize_with = "nullable")]
    pub host_pid: bool,
    /// Whether it shares the node's memory segments and queues.
    #[serde(default, rename = "hostIPC", skip_serializing_if = "is_false", deserialize_with = "nullable")]
    pub host_ipc: bool,
    /// Whether its users are the node's; they are if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_users: Option<bool>,
    /// Its operating system, where that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<PodOs>,
    /// What holds for all its containers unless they say otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_context: Option<PodSecurityContext>,
    /// Its containers.
    #[serde(default, deserialize_with = "nullable")]
    pub containers: Vec<PodContainer>,
    /// Those that run before.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub init_containers: Vec<PodContainer>,
    /// Those that were added for debugging.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub ephemeral_containers: Vec<PodContainer>,
    /// Its volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub volumes: Vec<PodVolume>,
}

impl PodSpec {
    /// All containers of every kind, each with the name of its list.
    pub fn all_containers(&self) -> impl Iterator<Item = (&'static str, &PodContainer)> {
        let containers = self.containers.iter().map(|c| ("container", c));
        containers
            .chain(self.init_containers.iter().map(|c| ("init container", c)))
            .chain(self.ephemeral_containers.iter().map(|c| ("ephemeral container", c)))
    }

    /// Whether it is a Windows pod.
    pub fn windows(&self) -> bool {
        self.os.as_ref().is_some_and(|os| os.name == "windows")
    }
}

/// A pod's operating system.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PodOs {
    /// `linux` or `windows`.
    #[serde(default)]
    pub name: String,
}

/// What holds for all containers of a pod.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSecurityContext {
    /// Whether the kubelet refuses to run a container as root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_as_non_root: Option<bool>,
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_as_user: Option<i64>,
    /// The system call filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seccomp_profile: Option<SeccompProfile>,
    /// For Windows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows_options: Option<WindowsOptions>,
    /// Further fields that make it a context that somebody set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_as_group: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fs_group: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fs_group_change_policy: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplemental_groups: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplemental_groups_policy: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sysctls: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, rename = "seLinuxOptions", skip_serializing_if = "Option::is_none")]
    pub se_linux_options: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, rename = "seLinuxChangePolicy", skip_serializing_if = "Option::is_none")]
    pub se_linux_change_policy: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_armor_profile: Option<Present>,
}

/// A container of any of a pod's three lists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodContainer {
    /// Its name.
    pub name: String,
    /// Its image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Program and arguments, kept for mirror pods of the control plane only: those of others may hold secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub command: Vec<String>,
    /// See [`command`](Self::command).
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub args: Vec<String>,
    /// Its variables: names, and whether they come from a Secret. Values are never read.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub env: Vec<EnvVar>,
    /// Objects of which every key becomes a variable.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub env_from: Vec<EnvFrom>,
    /// Its own security context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_context: Option<SecurityContext>,
    /// What it mounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub volume_mounts: Vec<PodVolumeMount>,
    /// Its ports.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub ports: Vec<PodPort>,
}

/// A variable of a container.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Where its value comes from, if not from the pod itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_from: Option<EnvSource>,
}

/// Where a variable's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvSource {
    /// A key of a Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<KeyRef>,
}

/// A key of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct KeyRef {
    /// The object's name.
    #[serde(default)]
    pub name: String,
    /// The key.
    #[serde(default)]
    pub key: String,
}

/// An object of which every key becomes a variable.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvFrom {
    /// A Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<NameRef>,
}

/// An object, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NameRef {
    /// Its name.
    #[serde(default)]
    pub name: String,
}

/// A container's own security context.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityContext {
    /// Whether it may do everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privileged: Option<bool>,
    /// Whether its processes may gain rights; they may if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_privilege_escalation: Option<bool>,
    /// Capabilities added and dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
    /// Whether the kubelet refuses to run it as root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_as_non_root: Option<bool>,
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_as_user: Option<i64>,
    /// The system call filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seccomp_profile: Option<SeccompProfile>,
    /// For Windows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows_options: Option<WindowsOptions>,
    /// Further fields that make it a context that somebody set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_as_group: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only_root_filesystem: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proc_mount: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, rename = "seLinuxOptions", skip_serializing_if = "Option::is_none")]
    pub se_linux_options: Option<Present>,
    /// See [`run_as_group`](Self::run_as_group).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_armor_profile: Option<Present>,
}

/// Capabilities, by their names without `CAP_`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capabilities {
    /// Added to those of the runtime.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub add: Vec<String>,
    /// Taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub drop: Vec<String>,
}

/// A system call filter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SeccompProfile {
    /// `RuntimeDefault`, `Localhost`, `Unconfined`.
    #[serde(default, rename = "type")]
    pub kind: String,
}

/// What is set for Windows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WindowsOptions {
    /// Whether it runs with the host's rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_process: Option<bool>,
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_as_user_name: Option<String>,
}

/// A volume, as far as rules read it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodVolume {
    /// Its name.
    pub name: String,
    /// A path of the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_path: Option<HostPath>,
    /// Several sources in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projected: Option<Projected>,
}

/// A path of the node.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HostPath {
    /// The path.
    #[serde(default)]
    pub path: String,
}

/// Several sources in one volume.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Projected {
    /// The sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub sources: Vec<ProjectedSource>,
}

/// One source of a projected volume.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectedSource {
    /// A token of the pod's service account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account_token: Option<Present>,
}

/// A mount of a volume.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodVolumeMount {
    /// The volume's name.
    pub name: String,
    /// Where it is mounted.
    #[serde(default)]
    pub mount_path: String,
    /// Whether it is mounted read-only.
    #[serde(default, skip_serializing_if = "is_false", deserialize_with = "nullable")]
    pub read_only: bool,
}

/// A port of a container.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodPort {
    /// The port of the container.
    #[serde(default)]
    pub container_port: i64,
    /// The port of the node; none if 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_port: Option<i64>,
    /// `TCP`, `UDP`, `SCTP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
