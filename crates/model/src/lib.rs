//! The values that flow through Seaworthy: what was read of a node or a cluster ([`Facts`]) and what follows from it ([`Report`]).
//!
//! Types only: nothing here reads a file, a clock or an environment, and nothing judges. Both [`Facts`] and [`Report`] carry a schema
//! number; a reader refuses a newer one than its own ([`check_schema`]). The JSON forms are described in `docs/schema/`.

pub mod cluster;
mod fact;
mod facts;
mod file;
mod finding;
mod manifest;
mod process;
mod report;
mod source;
mod verdict;
mod version;

pub use cluster::Cluster;
pub use fact::{Fact, Grant, GrantKind, Missing};
pub use facts::{ClusterIdentity, Facts, KubernetesVersion, Node, NodeIdentity, Os, Tool, Visibility};
pub use file::{Certificate, Directory, File, FileKind, FileRecord, Permissions, Text, View};
pub use finding::{
    Applied, Candidate, Evidence, Finding, Kind, Label, Remediation, Resource, Severity, Subject, SubjectKind,
};
pub use manifest::{Argument, Container, Manifest, Pod, Probe, Volume, VolumeMount};
pub use process::{Mount, Place, Process, Variable};
pub use report::{
    BenchmarkChoice, Counts, Header, MissingSubject, Problem, Report, RoleState, SectionSummary, WaiverNote,
    WaiverState, worst_of,
};
pub use source::{ApiObject, Place as SourcePlace, Source, Span};
pub use verdict::{Status, Verdict};
pub use version::Version;

/// The newest [`Facts`] schema that this build reads and the one that it writes.
pub const FACTS_SCHEMA: u32 = 1;
/// The newest [`Report`] schema that this build reads and the one that it writes.
pub const REPORT_SCHEMA: u32 = 1;

/// Refuses a document that a newer build wrote.
///
/// # Errors
/// [`NewerSchema`] if `found` is above `known`: install a newer Seaworthy, or collect the facts again with this one.
pub fn check_schema(what: &'static str, found: u32, known: u32) -> Result<(), NewerSchema> {
    if found > known { Err(NewerSchema { what, found, known }) } else { Ok(()) }
}

/// A document whose schema is newer than this build knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewerSchema {
    /// `facts` or `report`.
    pub what: &'static str,
    /// The schema number in the document.
    pub found: u32,
    /// The newest number that this build reads.
    pub known: u32,
}

impl std::fmt::Display for NewerSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "these {} have schema {}, and this seaworthy reads up to {}: use a newer seaworthy",
            self.what, self.found, self.known
        )
    }
}

impl std::error::Error for NewerSchema {}
