//! A platform: the only place that holds a path, a process name or a provider's name.

use serde::{Deserialize, Serialize};

use crate::System;

/// A way of installing Kubernetes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Platform {
    /// `kubeadm`.
    pub name: String,
    /// The name to show.
    pub title: String,
    /// File sets whose presence shows that a node is of this platform.
    pub recognised_by: Vec<String>,
    /// Where static pod manifests are, unless the kubelet says otherwise.
    pub manifests: Option<String>,
    /// Where the kubelet keeps pods' logs: a directory whose entries read `NAMESPACE_NAME_UID`.
    pub pod_logs: Option<String>,
    /// The cluster's certificate authority.
    pub cluster_ca: Option<String>,
    /// Which objects of the API are its own.
    pub system: System,
    /// Its roles.
    pub roles: Vec<Role>,
    /// Its files, by name.
    pub files: Vec<FileSet>,
}

impl Platform {
    /// The file set of this name.
    pub fn file_set(&self, name: &str) -> Option<&FileSet> {
        self.files.iter().find(|f| f.name == name)
    }

    /// The role of this name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|r| r.name == name)
    }
}

/// What a node can be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// `control-plane`, `etcd`, `worker`.
    pub name: String,
    /// The name to show.
    pub title: String,
    /// A process or manifest of any of these shows the role.
    pub components: Vec<String>,
    /// Any file of these sets shows the role.
    pub files: Vec<String>,
}

/// Files that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileSet {
    /// The name by which rules ask for it.
    pub name: String,
    /// What it is, as a phrase.
    pub title: String,
    /// Absolute paths on the host; none of them has to exist.
    pub paths: Vec<String>,
    /// For directories: whether the collector looks at everything below, and rules at the files in it.
    pub walk: bool,
    /// Whether the collector reads the public part of certificates in these files.
    pub certificates: bool,
    /// The kind of document that is read there, so that the collector keeps its text.
    pub reads: Option<String>,
}
