//! The catalogue: what components, platforms, rules and benchmarks are, read from text and checked before anything is judged by it.
//!
//! The texts live in `catalogue/` and are documented in `docs/`. [`load`] turns them into a [`Catalogue`] or into the list of
//! everything that is wrong with them, each with file, line and what to write instead. The engine's build script does that once
//! and embeds the result ([`Catalogue::to_bytes`]), so that a scan parses no TOML.

mod access;
mod arguments;
mod benchmark;
mod case;
mod component;
mod error;
mod known;
mod lint;
mod load;
mod parse;
mod platform;
mod rule;
mod suggest;
mod system;

pub use access::{AccessQuestion, AccessRight, WrongWord};
pub use arguments::{Occurrence, base_name, occurrences};
pub use benchmark::{Benchmark, Group, Item, Range, Section};
pub use case::{Case, CaseFile, CaseFileState, CaseManifest, CasePlace, CaseProcess};
pub use component::{ArgumentStyle, Component, ConfigFile, Default, Literal, Merge, Setting, SettingKind, WithConfig};
pub use error::Problem;
pub use known::{Enforces, Known, NetworkPlugin, Tool};
pub use load::{BREAKAGES, CLUSTER_CHECKS, DERIVATIONS, Loaded, NATIVE_CHECKS, POD_REQUIREMENTS, TextFile, load};
pub use platform::{FileSet, HostMount, Platform, Repair, Role};
pub use rule::{Applies, Check, Expect, Files, Fix, FixOperation, Risk, Rule, SettingCheck, WriteFile};
pub use suggest::nearest;
pub use system::{System, SystemBinding, SystemSubject};

use serde::{Deserialize, Serialize};

/// Everything that verdicts are derived from, besides the facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Catalogue {
    /// SHA-256 of all its texts, in hexadecimal: names this very catalogue.
    pub digest: String,
    /// Sorted by name.
    pub components: Vec<Component>,
    /// Sorted by name.
    pub platforms: Vec<Platform>,
    /// Sorted by name.
    pub rules: Vec<Rule>,
    /// Programs that are known by what they leave in a cluster.
    pub known: Known,
    /// In the order of their Kubernetes versions.
    pub benchmarks: Vec<Benchmark>,
}

impl Catalogue {
    /// The component of this name.
    pub fn component(&self, name: &str) -> Option<&Component> {
        self.components.iter().find(|c| c.name == name)
    }

    /// The platform of this name.
    pub fn platform(&self, name: &str) -> Option<&Platform> {
        self.platforms.iter().find(|p| p.name == name)
    }

    /// The rule of this name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.binary_search_by(|r| r.name.as_str().cmp(name)).ok().map(|i| &self.rules[i])
    }

    /// The benchmark of this id.
    pub fn benchmark(&self, id: &str) -> Option<&Benchmark> {
        self.benchmarks.iter().find(|b| b.id == id)
    }

    /// The catalogue in the form that is embedded into the binary.
    ///
    /// # Errors
    /// Only if the encoder itself fails, which would be our own mistake.
    pub fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_allocvec(self)
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote, by the same build.
    ///
    /// # Errors
    /// If the bytes are not such a catalogue.
    pub fn from_bytes(bytes: &'static [u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}
