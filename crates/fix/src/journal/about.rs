//! What a repair is about.

use serde::{Deserialize, Serialize};

use crate::write::Description;

/// The version of the files of an entry.
pub(super) const FORMAT: u32 = 1;

/// Who repaired what, when and why. Shown in the history: it must hold no secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The command line, with its values masked.
    pub command: Vec<String>,
    /// Who called it.
    pub who: String,
    /// The checks that shall pass, or another reason.
    pub reason: Vec<String>,
    /// When, as RFC 3339 says it.
    pub time: String,
    /// The version of the program.
    pub version: String,
}

/// The head of an entry.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) format: u32,
    /// Its own name: a directory that was renamed or copied by hand is not taken for another entry.
    pub(super) id: String,
    pub(super) about: About,
    /// SHA-256 of the plan.
    pub(super) plan: String,
    pub(super) before: Vec<Description>,
}
