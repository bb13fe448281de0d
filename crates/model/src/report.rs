//! A report: all findings about one or more subjects, and what became of every section.

use serde::{Deserialize, Serialize};

use crate::{Finding, Source, Status, Subject, Tool, Verdict};

/// Findings and how they came about. The same facts, catalogue and options give the same report, to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`REPORT_SCHEMA`](crate::REPORT_SCHEMA) of the build that wrote it.
    pub schema: u32,
    /// What wrote it.
    pub tool: Tool,
    /// Digest of facts, catalogue and options: names this very judgement.
    pub scan_id: String,
    /// When the facts were collected, in RFC 3339 and UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// By what it was judged.
    pub header: Header,
    /// Whom it is about.
    pub subjects: Vec<Subject>,
    /// How many nodes were to report; 1 where only a cluster was asked.
    pub expected: u32,
    /// How many did.
    pub received: u32,
    /// Which roles are here.
    pub roles: Vec<RoleState>,
    /// What became of every section of the benchmark, in its order.
    pub sections: Vec<SectionSummary>,
    /// In the benchmark's order.
    pub findings: Vec<Finding>,
    /// Over all findings.
    pub totals: Counts,
    /// Waivers that matched nothing or ran out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverNote>,
    /// Subjects that were to report and did not, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingSubject>,
    /// Processes that bear a component's name and were not judged, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_seen: Vec<Problem>,
    /// What the reader should know before reading on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// By what a report was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The benchmark and why it was chosen.
    pub benchmark: BenchmarkChoice,
    /// The platform's name: `kubeadm`.
    pub platform: String,
    /// The Kubernetes version that was found out, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<String>,
    /// Who says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes_source: Option<Source>,
    /// SHA-256 of the catalogue, in hexadecimal.
    pub catalogue: String,
}

/// A benchmark and why it was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchmarkChoice {
    /// `cis-1.12`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Why this one.
    pub why: String,
}

/// Whether a role is on the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleState {
    /// `control-plane`, `etcd`, `worker`.
    pub role: String,
    /// Whether it is here, or could be.
    pub present: bool,
    /// Whether that is known. It is not where nothing of it was seen and not everything could be looked at.
    pub certain: bool,
    /// By what that is known.
    pub why: String,
}

/// What became of a section or group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionSummary {
    /// Its number: `1` or `1.2`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The target it belongs to.
    pub target: String,
    /// How many findings it has, by word.
    pub counts: Counts,
    /// Why there is nothing to say, where the role is not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
}

/// Findings by word and by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// PASS.
    pub pass: u32,
    /// FAIL.
    pub fail: u32,
    /// WARN.
    pub warn: u32,
    /// INFO.
    pub info: u32,
    /// Verdict `unknown` that is not set aside.
    pub unknown: u32,
    /// Verdict `manual` that is not set aside.
    pub manual: u32,
    /// Verdict `fail` that is not set aside, whatever its word.
    pub failed: u32,
}

impl Counts {
    /// Adds one finding.
    pub fn add(&mut self, finding: &Finding) {
        match finding.status {
            Status::Pass => self.pass += 1,
            Status::Fail => self.fail += 1,
            Status::Warn => self.warn += 1,
            Status::Info => self.info += 1,
        }
        if finding.status != Status::Info {
            match finding.verdict {
                Verdict::Unknown => self.unknown += 1,
                Verdict::Manual => self.manual += 1,
                Verdict::Fail => self.failed += 1,
                Verdict::Pass | Verdict::NotApplicable => {}
            }
        }
    }

    /// How many findings there are.
    pub fn total(&self) -> u32 {
        self.pass + self.fail + self.warn + self.info
    }
}

/// A subject that was to report and did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingSubject {
    /// Its name: a node's.
    pub name: String,
    /// Why it is missing.
    pub reason: String,
}

/// Of the findings of one item on several subjects, the one with the worst word: FAIL, then WARN, PASS, INFO. The first of equals.
pub fn worst_of(findings: &[Finding]) -> Option<&Finding> {
    let rank = |finding: &Finding| match finding.status {
        Status::Fail => 3,
        Status::Warn => 2,
        Status::Pass => 1,
        Status::Info => 0,
    };
    findings.iter().rev().max_by_key(|finding| rank(finding))
}

/// A waiver that deserves a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverNote {
    /// The rule or number that it names.
    pub item: String,
    /// What is the matter with it.
    pub state: WaiverState,
    /// The line for the reader.
    pub note: String,
}

/// What is the matter with a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverState {
    /// It set a finding aside.
    Used,
    /// It matched no finding that needs it.
    Unused,
    /// Its last day is over; the finding counts again.
    Expired,
}

/// Something seen that is no finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What.
    pub what: String,
    /// Why it matters, or does not.
    pub why: String,
    /// Where.
    pub source: Source,
}
