//! A benchmark: a table of contents. Numbers are never computed, inherited or used as identity.

use seaworthy_model::{Label, Version};
use serde::{Deserialize, Serialize};

use crate::Check;

/// A release of a benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// `cis-1.12`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// The Kubernetes releases for which it is chosen.
    pub kubernetes: Range,
    /// The Kubernetes releases for which its publisher made it.
    pub published: Range,
    /// Its sections, in order.
    pub sections: Vec<Section>,
    /// Its items, in order.
    pub items: Vec<Item>,
}

/// A range of releases, both ends included. No end: open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The first release.
    pub from: Option<Version>,
    /// The last release.
    pub to: Option<Version>,
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from == to => write!(f, "{from}"),
            (Some(from), Some(to)) => write!(f, "{from} to {to}"),
            (Some(from), None) => write!(f, "{from} and newer"),
            (None, Some(to)) => write!(f, "{to} and older"),
            (None, None) => f.write_str("every release"),
        }
    }
}

impl Range {
    /// Whether the release is within.
    pub fn holds(&self, version: Version) -> bool {
        let version = version.release();
        self.from.is_none_or(|from| version >= from) && self.to.is_none_or(|to| version <= to)
    }
}

/// A section of a benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// `1`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// kube-bench's word for it: `master`, `etcd`, `controlplane`, `node`, `policies`.
    pub target: String,
    /// The platform's role that a node must have for it; not set for sections about the cluster.
    pub role: Option<String>,
    /// Its groups, in order. Empty where the publisher has none.
    pub groups: Vec<Group>,
}

/// A group of items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// `1.2`.
    pub id: String,
    /// Its title.
    pub title: String,
}

/// A number and the rule behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// `1.2.15`.
    pub id: String,
    /// The rule's name.
    pub rule: String,
    /// 1 or 2.
    pub level: u8,
    /// Automated or manual, by the publisher.
    pub label: Label,
    /// The rule's check with this benchmark's arguments, where they differ.
    pub check: Option<Check>,
}

impl Benchmark {
    /// The section that an item is in.
    pub fn section_of(&self, id: &str) -> Option<&Section> {
        let number = id.split('.').next()?;
        self.sections.iter().find(|s| s.id == number)
    }

    /// The group that an item is in: the section itself where it has no groups.
    pub fn group_of(&self, id: &str) -> String {
        let mut parts = id.splitn(3, '.');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(a), Some(b), Some(_)) => format!("{a}.{b}"),
            (Some(a), _, _) => a.to_owned(),
            _ => String::new(),
        }
    }
}
