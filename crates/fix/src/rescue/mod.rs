//! Why a component is gone, from the disk alone: no API, no kubelet has to answer.
//!
//! [`diagnose`] reads the manifests as the kubelet does, the files that they name, the last lines of the containers' logs, the kubelet's
//! configuration and the file systems, and says what is wrong at which line, with what would put it right. Nothing is written here: a
//! proposal is a text in the place of another ([`changes`]) or a file to be moved out of the way ([`moves`]), for the transaction.

mod absent;
mod access;
mod correct;
mod diagnose;
mod disk;
mod faults;
mod indent;
mod kubelet;
mod manifest;
mod node;
mod proposals;
mod refused;
mod text;
mod twice;
mod types;

use seaworthy_catalogue::{Catalogue, Platform};
use seaworthy_collect::Tree;
use seaworthy_model::Version;

pub use diagnose::diagnose;
pub use disk::{Disk, disk};
pub use proposals::{changes, moves};
pub use text::render;
pub use types::{Diagnosis, Finding, Kind, Move, Proposal};

use crate::journal::Journal;

/// What is looked at.
pub struct Cx<'c> {
    /// The node.
    pub tree: &'c dyn Tree,
    /// What components there are.
    pub catalogue: &'c Catalogue,
    /// How the node is laid out.
    pub platform: &'c Platform,
    /// What was repaired on it, if that can be read.
    pub journal: Option<&'c Journal>,
    /// The Kubernetes version, in spite of what the images say.
    pub version: Option<Version>,
    /// Now, in seconds since 1970.
    pub now: i64,
    /// The file system that a path is on, where there is one to ask: [`disk`].
    pub disk: &'c dyn Fn(&str) -> Option<Disk>,
}

impl std::fmt::Debug for Cx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cx").field("platform", &self.platform.name).finish_non_exhaustive()
    }
}
