//! Processes that are, or call themselves, components of Kubernetes.

use serde::{Deserialize, Serialize};

use crate::Fact;

/// A process whose program, first argument or command name is that of a component. Which of them *is* the node's component is for
/// the engine to say: a collector only tells what it saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its id on the host.
    pub pid: u32,
    /// Its parent's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// The kernel's name for it, cut to 15 bytes.
    pub comm: String,
    /// The program that runs: where `exe` leads. Takes SYS_PTRACE for other users' processes and containers.
    pub executable: Fact<String>,
    /// The arguments, the program's own name first. Bytes that are no UTF-8 read U+FFFD.
    pub arguments: Fact<Vec<String>>,
    /// Those environment variables that a component's settings name. Takes SYS_PTRACE.
    pub environment: Fact<Vec<Variable>>,
    /// The user that it runs as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// When it started, in milliseconds since 1970. Not set where the recording holds no times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    /// Where it runs, by its control group.
    pub place: Fact<Place>,
    /// The mounts of its namespace whose source on the host is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<Mount>,
}

/// An environment variable that a setting names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Where a process runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "where", rename_all = "kebab-case")]
pub enum Place {
    /// On the host itself, in no pod and no other container: a system service.
    Host,
    /// In a session of a logged-in user.
    Session,
    /// In a static pod: its uid is a hash and has no dashes.
    StaticPod {
        /// The pod's uid.
        uid: String,
    },
    /// In a pod that came through the API.
    Pod {
        /// The pod's uid.
        uid: String,
        /// Its namespace, where the kubelet's log directory tells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
        /// Its name, where the kubelet's log directory tells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// In a container that is no pod's.
    Container {
        /// The container's id, or the control group's path.
        id: String,
    },
}

/// A mount of a process's namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Where it is in the process's view.
    pub path: String,
    /// The host's path behind it.
    pub host_path: String,
}
