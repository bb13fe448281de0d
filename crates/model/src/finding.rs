//! A finding: what became of one item of a benchmark, on one subject, and what it rests on.

use serde::{Deserialize, Serialize};

use crate::{Source, Status, Verdict};

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The item's number in the benchmark: `1.2.15`.
    pub id: String,
    /// The rule that decided it: `apiserver-profiling`.
    pub rule: String,
    /// What the rule asks for, in one line.
    pub title: String,
    /// The number of its section and group: `1.2`.
    pub section: String,
    /// kube-bench's word for where it belongs: `master`, `etcd`, `controlplane`, `node`, `policies`.
    pub target: String,
    /// The benchmark's level: 1 or 2.
    pub level: u8,
    /// Whether the benchmark's publisher calls it automated or manual.
    pub label: Label,
    /// Whether a failure counts as FAIL; otherwise it is a WARN.
    pub scored: bool,
    /// How bad a failure is.
    pub severity: Severity,
    /// The word in front of the line.
    pub status: Status,
    /// What follows from the facts.
    pub verdict: Verdict,
    /// What kind of reason the verdict has.
    pub kind: Kind,
    /// Why, in one line: the value, where it was seen, what was wanted.
    pub reason: String,
    /// What was wanted.
    pub expected: String,
    /// What the verdict rests on.
    pub evidence: Vec<Evidence>,
    /// Files and lines to look at, for tools that show places. The same places as in the evidence, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<Source>,
    /// The things that offend or, for `manual`, that a person has to judge. Sorted, each once.
    pub resources: Vec<Resource>,
    /// What to do here. Set where the verdict is fail or manual; the reason of an unknown one says what would make it known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remediation>,
    /// The waiver that sets it aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Applied>,
    /// On whom it was judged.
    pub subject: Subject,
    /// Cluster, node, benchmark and item: the same for the same question, whenever it is asked.
    pub identity: String,
}

/// Whom a report or finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// A node or a cluster.
    pub kind: SubjectKind,
    /// Its identity, where it could be found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name to show.
    pub name: String,
}

/// A node or a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// One node.
    Node,
    /// The cluster as a whole.
    Cluster,
}

/// Automated or manual, by the benchmark's publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Label {
    /// The publisher holds that a program can decide it.
    Automated,
    /// The publisher leaves it to a person. A failure is no FAIL.
    Manual,
}

/// How bad a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good housekeeping.
    Low,
    /// Helps an attacker who is already inside.
    Medium,
    /// Opens a way in, or to the next privilege.
    High,
    /// Hands over the node or the cluster.
    Critical,
}

impl Severity {
    /// The word itself.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// What kind of reason a verdict has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The facts decided.
    Tested,
    /// The facts decided that it fails, and the benchmark does not count it.
    Unscored,
    /// Only a person can decide.
    Manual,
    /// The component or role is not here.
    Role,
    /// A mount, capability, namespace, user or API grant is missing.
    NeedsGrant,
    /// Something could not be read, parsed or relied on.
    Error,
    /// The user asked to leave it out.
    Skipped,
}

/// One thing that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was looked at: a setting, a file's mode, an object's field.
    pub what: String,
    /// Its value, or why there is none.
    pub value: String,
    /// Where the value was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Other values that were seen and lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// What the reader should know about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A value that was seen and did not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The value.
    pub value: String,
    /// Where it was seen.
    pub source: Source,
    /// Why it did not count.
    pub why: String,
}

/// A thing that offends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Resource {
    /// `File`, `Process`, `Setting`, or an API object's kind.
    pub kind: String,
    /// The namespace of an API object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name: a path, a setting, an object's name.
    pub name: String,
    /// What about it.
    pub detail: String,
}

/// What to do about a finding on this very node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remediation {
    /// What to do, as one instruction that names this node's own file.
    pub summary: String,
    /// The line as it stands in that file now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Where that line stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Source>,
    /// The line, or command, as it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// The rule page's own words on how to fix it.
    pub guide: String,
    /// What the repair does to the node: `none`, `restarts-component`, `may-break`. Not set where there is no machine fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// For `may-break`: what stops working, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks: Option<String>,
    /// Why there is no machine fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_fix: Option<String>,
}

/// A waiver that sets a finding aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Until when: a date, that day included.
    pub expires: String,
}
