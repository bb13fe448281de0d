//! Files and directories as facts. Content is kept only where a rule reads it, and without secrets.

use serde::{Deserialize, Serialize};

use crate::Fact;

/// Through whose eyes a path was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// The node's own file system.
    Host,
    /// The mount namespace of the process with this id.
    Process(u32),
}

/// One path that was looked at. [`Facts`](crate::Facts) hold them sorted by view and path, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Through whose eyes.
    pub view: View,
    /// The path as it was asked for: absolute, without `.`, `..` or doubled slashes.
    pub path: String,
    /// What is there. Its source names the host's path behind a container's one.
    pub fact: Fact<File>,
}

/// What a path led to, links followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// What it is.
    pub kind: FileKind,
    /// Mode and owner.
    #[serde(flatten)]
    pub permissions: Permissions,
    /// Its size in bytes.
    pub size: u64,
    /// When its content was last changed, in milliseconds since 1970. Not set where the recording holds no times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
    /// When its inode was last changed (content, mode, owner or name), in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<i64>,
    /// When the directory that holds it was last changed (an entry added, renamed or removed), in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory_modified: Option<i64>,
    /// Device and inode, where known: two paths with the same pair are one file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inode: Option<(u64, u64)>,
    /// The links that were followed, in order, each as `path -> target`. Empty if the path was no link.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
    /// Where the links led; the path itself if there were none.
    pub target: String,
    /// SHA-256 of the content as it is on the node, in hexadecimal. Only for files whose text is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The content, for files that a rule reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Fact<Text>>,
    /// The entries, for directories that were listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<Fact<Directory>>,
    /// The public part of the certificates in it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<Certificate>,
}

/// What a directory holds: names, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// The entries' names, dot files included.
    pub names: Vec<String>,
}

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A socket, a device, a pipe.
    Other,
}

/// Mode and owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// The permission bits, set-id and sticky bits included: at most `0o7777`.
    pub mode: u32,
    /// The owner's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
    /// The owner's name by the node's own `etc/passwd`; not set where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The group's name by the node's own `etc/group`; not set where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

impl Permissions {
    /// `root:root`, with numbers where there is no name.
    pub fn ownership(&self) -> String {
        let name = |name: &Option<String>, id: u32| name.clone().unwrap_or_else(|| id.to_string());
        format!("{}:{}", name(&self.owner, self.uid), name(&self.group, self.gid))
    }
}

/// Text without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The text. Secrets read `REDACTED`; lines stay where they were.
    pub text: String,
    /// How many places were redacted.
    pub redactions: u32,
}

/// The public part of an X.509 certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The subject's common name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub common_name: Option<String>,
    /// The subject's organisations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organizations: Vec<String>,
    /// The issuer, as a distinguished name.
    pub issuer: String,
    /// Start of validity, in seconds since 1970.
    pub not_before: i64,
    /// End of validity, in seconds since 1970.
    pub not_after: i64,
    /// Whether it may sign other certificates.
    pub authority: bool,
    /// The key's algorithm: `RSA`, `EC`, `Ed25519`, or its object identifier.
    pub key: String,
    /// SHA-256 of the public key (its SubjectPublicKeyInfo), in hexadecimal.
    pub public_key_sha256: String,
    /// SHA-256 of the whole certificate, in hexadecimal.
    pub sha256: String,
}
