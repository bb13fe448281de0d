//! Static pod manifests, as far as rules and repairs read them.

use serde::{Deserialize, Serialize};

use crate::{Fact, Variable};

/// A file in the kubelet's manifest directory. The kubelet reads every one there whose name does not begin with a dot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The file's path on the host.
    pub path: String,
    /// The pod that it describes.
    pub pod: Fact<Pod>,
}

/// A static pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pod {
    /// `metadata.name`; the kubelet appends the node's name.
    pub name: String,
    /// `metadata.namespace`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `spec.hostNetwork`.
    #[serde(default)]
    pub host_network: bool,
    /// Containers, init containers after them.
    pub containers: Vec<Container>,
    /// Volumes of type hostPath; others have no path of the node behind them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
}

/// A container of a static pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Whether it is an init container.
    #[serde(default)]
    pub init: bool,
    /// Its image.
    pub image: String,
    /// `command` and `args`, in order.
    pub arguments: Vec<Argument>,
    /// Variables with a literal value, of those that a component's settings name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<Variable>,
    /// Mounts, each with the volume's name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<VolumeMount>,
    /// Startup, liveness and readiness probes that ask over HTTP.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<Probe>,
}

/// One argument and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// The argument.
    pub text: String,
    /// Its line in the manifest, from 1.
    pub line: u32,
}

/// A hostPath volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// The host's path.
    pub host_path: String,
}

/// A mount of a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeMount {
    /// The volume's name.
    pub volume: String,
    /// The path in the container.
    pub path: String,
    /// The path below the volume, if only a part of it is mounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_path: Option<String>,
    /// Whether it is read-only.
    #[serde(default)]
    pub read_only: bool,
}

/// A probe that asks over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// `startup`, `liveness` or `readiness`.
    pub kind: String,
    /// `HTTP` or `HTTPS`.
    pub scheme: String,
    /// The host; the pod's address if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The port, a number or a name.
    pub port: String,
    /// The path.
    pub path: String,
    /// How many failures in a row make it fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_threshold: Option<i64>,
    /// How often it asks, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_seconds: Option<i64>,
}
