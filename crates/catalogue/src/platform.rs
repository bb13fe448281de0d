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
    /// Who manages its components, where nobody else can see or change them: `Amazon EKS`.
    pub managed_by: Option<String>,
    /// How its files are repaired and its kubelet restarts. Absent: nothing is repaired on it.
    pub repair: Option<Repair>,
    /// Which objects of the API are its own.
    pub system: System,
    /// Its roles.
    pub roles: Vec<Role>,
    /// Its files, by name.
    pub files: Vec<FileSet>,
    /// What a collector's pod mounts of the host.
    pub mounts: Vec<HostMount>,
}

impl Platform {
    /// The file set of this name.
    pub fn file_set(&self, name: &str) -> Option<&FileSet> {
        self.files.iter().find(|f| f.name == name)
    }

    /// What to mount so that the host's `path` can be seen: the narrowest that the platform knows.
    pub fn mount_for(&self, path: &str) -> Option<&HostMount> {
        let covering = self.mounts.iter().filter(|mount| mount.covers(path));
        covering.max_by_key(|mount| mount.path.len())
    }

    /// What to mount so that the file can be seen that a component's setting usually names.
    pub fn mount_of(&self, component: &str, setting: &str) -> Option<&HostMount> {
        let by = |name: &str| self.mounts.iter().find(|mount| mount.named_by.iter().any(|known| known == name));
        by(&format!("{component}.{setting}")).or_else(|| by(component))
    }

    /// The role of this name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|r| r.name == name)
    }
}

/// How a platform is repaired. Static pods restart by their manifests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repair {
    /// The kubelet's unit of systemd.
    pub kubelet_unit: String,
    /// Files that hold arguments of the kubelet, in the form of shell variables.
    pub kubelet_arguments: Vec<String>,
    /// Kubeconfigs of an administrator on a control plane node, best first: by them the API is asked whether the other members are well.
    pub administrator: Vec<String>,
    /// What would bring old values back, by component: what else to change, as a sentence.
    pub upgrades: Vec<(String, String)>,
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

/// A directory, or file, of the host that a collector's pod mounts, read-only and at the same path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostMount {
    /// An absolute path.
    pub path: String,
    /// Whether it is a file, and no directory.
    pub file: bool,
    /// Whether it is on every node of this platform. A pod that insists on one that is missing never starts.
    pub everywhere: bool,
    /// The directory above that is mounted in its stead, where it is not everywhere.
    pub instead: Option<String>,
    /// Files that these components' settings name usually lie there: `COMPONENT`, or `COMPONENT.SETTING`.
    pub named_by: Vec<String>,
}

impl HostMount {
    /// Whether `path` is the directory or below it.
    pub fn covers(&self, path: &str) -> bool {
        path.strip_prefix(self.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}
