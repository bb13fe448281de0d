//! Everything that was read of one node, one cluster, or both.

use serde::{Deserialize, Serialize};

use crate::{Cluster, Fact, FileRecord, Manifest, Process, Source, Version, View};

/// What was read, when, by what, of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// [`FACTS_SCHEMA`](crate::FACTS_SCHEMA) of the build that wrote them.
    pub schema: u32,
    /// What collected them.
    pub tool: Tool,
    /// When, in RFC 3339 and UTC. Not set where the collector was told no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The platform by whose layout the node was read: a name of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The cluster that the node belongs to, or that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterIdentity>,
    /// Versions that were found out, each with its witness. The engine weighs them.
    #[serde(default)]
    pub versions: Vec<KubernetesVersion>,
    /// The node, if one was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<Node>,
    /// What the cluster's API answered, if it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<Box<Cluster>>,
    /// Things that the reader of a report should know about how the facts came about, such as "not root".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The program that collected facts or wrote a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `seaworthy`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Which cluster it is. Names of clusters are only labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterIdentity {
    /// SHA-256 of the cluster CA's public key, in hexadecimal.
    pub id: Fact<String>,
    /// What the user calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A version, and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KubernetesVersion {
    /// The component whose version it is; not set if it is the cluster's or the user's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The version.
    pub version: Version,
    /// As it was written there.
    pub text: String,
    /// Where it was seen.
    pub source: Source,
}

/// One node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Which node it is.
    pub identity: NodeIdentity,
    /// Its operating system.
    pub os: Fact<Os>,
    /// From where it was looked at.
    pub visibility: Visibility,
    /// The processes that are, or call themselves, components. Sorted by id.
    pub processes: Fact<Vec<Process>>,
    /// The kubelet's static pod manifests. Sorted by path.
    pub manifests: Fact<Vec<Manifest>>,
    /// The paths that were looked at. Sorted by view and path, each once.
    pub files: Vec<FileRecord>,
}

impl Node {
    /// What is known of a path, if it was looked at.
    pub fn file(&self, view: View, path: &str) -> Option<&FileRecord> {
        self.files
            .binary_search_by(|record| (record.view, record.path.as_str()).cmp(&(view, path)))
            .ok()
            .map(|index| &self.files[index])
    }

    /// The records of everything below a directory, in order of path. The directory itself is not among them.
    pub fn below<'a>(&'a self, view: View, directory: &str) -> impl Iterator<Item = &'a FileRecord> + use<'a> {
        let prefix = format!("{}/", directory.trim_end_matches('/'));
        let start = self.files.partition_point(|record| (record.view, record.path.as_str()) < (view, prefix.as_str()));
        self.files[start..].iter().take_while(move |record| record.view == view && record.path.starts_with(&prefix))
    }

    /// Brings the files into their order. Of two records of one path the first stays.
    pub fn sort(&mut self) {
        self.files.sort_by(|a, b| (a.view, &a.path).cmp(&(b.view, &b.path)));
        self.files.dedup_by(|b, a| (a.view, &a.path) == (b.view, &b.path));
    }
}

/// Which node it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeIdentity {
    /// The common name of the kubelet's client certificate, without `system:node:`. The identity.
    pub certificate: Fact<String>,
    /// The host name. A label.
    pub hostname: Fact<String>,
}

impl NodeIdentity {
    /// The name to show: the certificate's, else the host name, else `node`.
    pub fn name(&self) -> &str {
        self.certificate.known().or(self.hostname.known()).map_or("node", String::as_str)
    }
}

/// The operating system, from `os-release` and the kernel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Os {
    /// `Debian GNU/Linux 12 (bookworm)`.
    pub name: String,
    /// The kernel's release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
}

/// From where a node was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visibility {
    /// Whether it was a running node (`true`) or a recording or a disk (`false`).
    pub live: bool,
    /// Whether the collector was root there.
    pub root: bool,
    /// Whether the collector ran in a container, so that paths may be the container's own.
    pub container: bool,
    /// Whether files and processes carry times. Without them, nobody can tell whether a file was changed after a process had read it.
    pub times: bool,
}
