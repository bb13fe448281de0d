//! The node that is planned for.

use seaworthy_catalogue::{Catalogue, Platform};
use seaworthy_collect::{Links, Tree};
use seaworthy_model::{Facts, FileKind, Report, Version, View};
use sha2::{Digest, Sha256};

use super::Surroundings;

/// The largest file that is edited.
const LIMIT: usize = 4 << 20;

/// A node: where it is read, what was read of it, and how it was judged.
#[derive(Clone, Copy)]
pub struct Node<'n> {
    /// Where it is.
    pub tree: &'n dyn Tree,
    /// By what it is judged.
    pub catalogue: &'n Catalogue,
    /// How it is laid out.
    pub platform: &'n Platform,
    /// What was read of it.
    pub facts: &'n Facts,
    /// How it was judged: all items of the benchmark.
    pub options: &'n seaworthy_engine::Options,
    /// All findings.
    pub report: &'n Report,
    /// How facts are collected again.
    pub collect: &'n seaworthy_collect::Options,
    /// What the API says of the cluster around it, if it was asked.
    pub around: Option<&'n Surroundings>,
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node {}", self.name())
    }
}

/// A file or directory as it is.
#[derive(Clone)]
pub(crate) struct Found {
    /// Its path without links.
    pub(crate) path: String,
    pub(crate) directory: bool,
    /// Where it leads, if the path itself is a link.
    pub(crate) link: Option<String>,
    /// The text; `None` for directories and what is no text.
    pub(crate) text: Option<String>,
    pub(crate) digest: Option<String>,
    pub(crate) mode: u32,
    pub(crate) owner: (u32, u32),
}

impl Node<'_> {
    /// Its name.
    pub fn name(&self) -> &str {
        self.facts.node.as_ref().map_or("node", |node| node.identity.name())
    }

    /// The version of a component, if it is known.
    pub(crate) fn version(&self, component: &str) -> Option<Version> {
        let versions = &self.facts.versions;
        let own = versions.iter().find(|v| v.component.as_deref() == Some(component));
        self.options.kubernetes_version.or(own.or(versions.first()).map(|v| v.version))
    }

    /// What is at a path of the host. `Ok(None)`: nothing.
    pub(crate) fn found(&self, path: &str) -> Result<Option<Found>, String> {
        let seen = match self.tree.look(View::Host, path.as_bytes(), Links::Follow) {
            Ok(seen) => seen,
            Err(seaworthy_collect::Trouble::Absent) => return Ok(None),
            Err(error) => return Err(format!("{path}: {error}")),
        };
        let mut bytes = Vec::new();
        let regular = seen.kind == FileKind::Regular;
        if regular {
            self.tree.read(&seen, LIMIT, &mut bytes).map_err(|error| format!("{path}: {error}"))?;
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let last = seen.links.last().filter(|(link, _)| link.ends_with(format!("/{name}").as_bytes()));
        let link = last.map(|(_, target)| String::from_utf8_lossy(target).into_owned());
        Ok(Some(Found {
            link,
            path: String::from_utf8(seen.target).map_err(|_| format!("{path}: its path is no text"))?,
            directory: seen.kind == FileKind::Directory,
            digest: regular.then(|| digest(&bytes)),
            text: regular.then(|| String::from_utf8(bytes).ok()).flatten(),
            mode: seen.mode,
            owner: (seen.uid, seen.gid),
        }))
    }

    /// The numbers of a user and a group, by the node's own files.
    pub(crate) fn numbers(&self, owner: &str, group: &str) -> Result<(u32, u32), String> {
        let number = |file: &str, name: &str| {
            let text = self.found(file)?.and_then(|found| found.text).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let number = line.and_then(|rest| rest.split(':').nth(1)?.parse().ok());
            number.ok_or_else(|| format!("there is no {name} in {file} of this node: make the account first"))
        };
        match (owner, group) {
            ("root", "root") => Ok((0, 0)),
            _ => Ok((number("/etc/passwd", owner)?, number("/etc/group", group)?)),
        }
    }
}

/// The SHA-256 of bytes, in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
