//! Cases: inputs to a rule, each with the verdict that it must give. They stand beside the rule's page.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One input and its verdict.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// What it shows, as a phrase.
    pub name: String,
    /// The verdict: `pass`, `fail`, `manual`, `not-applicable`, `unknown`.
    pub verdict: String,
    /// Words that the reason must hold.
    #[serde(default)]
    pub reason: Option<String>,
    /// The Kubernetes version; `unknown` for one that could not be found out. 1.34 unless said otherwise.
    #[serde(default)]
    pub kubernetes: Option<String>,
    /// Arguments that the rule's first component is given for this case only, as a benchmark's `with`.
    #[serde(default)]
    pub with: Option<toml::Table>,
    /// The component that the short keys below are about: the rule's first one unless said otherwise.
    #[serde(default)]
    pub component: Option<String>,
    /// Its arguments, without the program's name.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Its environment.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Whether its environment can be read. It can, unless said otherwise.
    #[serde(default = "yes")]
    pub environment_readable: bool,
    /// Whether it runs. It does, unless said otherwise. Where it does not, its manifest still stands.
    #[serde(default = "yes")]
    pub running: bool,
    /// Whether its role is on the node at all. It is, unless said otherwise.
    #[serde(default = "yes")]
    pub present: bool,
    /// Further processes.
    #[serde(default, rename = "process")]
    pub processes: Vec<CaseProcess>,
    /// Files that were looked at. What is not named here was not looked at.
    #[serde(default, rename = "file")]
    pub files: Vec<CaseFile>,
    /// Objects of the Kubernetes API, as YAML documents: their lists are known in full then. Namespaces that they are in are added.
    #[serde(default)]
    pub objects: Option<String>,
    /// Whether the API said what kinds of objects there are. It did, unless said otherwise; a recording does not.
    #[serde(default = "yes")]
    pub discovery: bool,
    /// Lists that the API refused, as rules ask for them: `list secrets`.
    #[serde(default)]
    pub refused: Vec<String>,
    /// Lists of which one object could not be read.
    #[serde(default)]
    pub malformed: Vec<String>,
    /// What the node's kubelet says that it runs by: a KubeletConfiguration.
    #[serde(default)]
    pub configz: Option<String>,
    /// What was found out about it. `known` unless said otherwise.
    #[serde(default)]
    pub configz_state: CaseFileState,
    /// The node whose kubelet says so: this one, unless said otherwise.
    #[serde(default)]
    pub configz_node: Option<String>,
    /// The API that was asked is of another cluster than the node.
    #[serde(default)]
    pub other_cluster: bool,
    /// How often the API server wrote which resource by which provider: resource, provider's prefix, count.
    #[serde(default)]
    pub written_by: Vec<(String, String, u64)>,
    /// How many requests the API server recorded at which audit level.
    #[serde(default)]
    pub audit_levels: Vec<(String, u64)>,
    /// The text of kube-proxy's ConfigMap.
    #[serde(default)]
    pub config_map: Option<String>,
    /// Whether the host's processes can be seen. They can, unless said otherwise.
    #[serde(default = "yes")]
    pub processes_visible: bool,
    /// Whether the arguments of the rule's component can be read. They can, unless said otherwise.
    #[serde(default = "yes")]
    pub arguments_readable: bool,
    /// Static pod manifests.
    #[serde(default, rename = "manifest")]
    pub manifests: Vec<CaseManifest>,
}

fn yes() -> bool {
    true
}

/// A process of a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CaseProcess {
    /// The component whose program it runs.
    pub component: String,
    /// Its arguments, without the program's name.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Its environment.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Where it runs; where the component belongs unless said otherwise.
    #[serde(default)]
    pub place: Option<CasePlace>,
    /// The program that really runs, where it is another: `/usr/bin/python3`.
    #[serde(default)]
    pub executable: Option<String>,
}

/// Where a process of a case runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CasePlace {
    /// On the host.
    Host,
    /// In a user's session.
    Session,
    /// In a static pod.
    StaticPod,
    /// In kube-system's DaemonSet pod.
    DaemonSet,
    /// In somebody's pod.
    Pod,
    /// It could not be read.
    Unreadable,
}

/// A file of a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CaseFile {
    /// Its path.
    pub path: String,
    /// The component in whose view it is; the host's unless said otherwise.
    #[serde(default)]
    pub of: Option<String>,
    /// What was found out about it. `known` unless said otherwise.
    #[serde(default)]
    pub state: CaseFileState,
    /// Its mode, in octal. 0600, and 0755 for directories, unless said otherwise.
    #[serde(default)]
    pub mode: Option<String>,
    /// Owner and group. `root:root` unless said otherwise.
    #[serde(default)]
    pub owner: Option<String>,
    /// Its content, as the collector keeps it.
    #[serde(default)]
    pub text: Option<String>,
    /// Its entries: makes it a directory.
    #[serde(default)]
    pub entries: Option<Vec<String>>,
    /// Where it leads, if it is a link.
    #[serde(default)]
    pub link: Option<String>,
    /// Whether it was changed after the component had started.
    #[serde(default)]
    pub changed_since_start: bool,
    /// A name for the public key of the certificate in it: the same name, the same key.
    #[serde(default)]
    pub public_key: Option<String>,
    /// An organisation: there is a client certificate of it in the file.
    #[serde(default)]
    pub client_organization: Option<String>,
}

/// What was found out about a file of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseFileState {
    /// It was read.
    #[default]
    Known,
    /// It is not there.
    Absent,
    /// It may not be read.
    Denied,
    /// It cannot be seen from where the collector stands.
    NotVisible,
    /// It makes no sense.
    Broken,
}

/// A static pod manifest of a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CaseManifest {
    /// Its path.
    pub path: String,
    /// The component that it runs.
    pub component: String,
    /// Arguments of the component, without the program's name.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// The image's tag.
    #[serde(default)]
    pub tag: Option<String>,
}
