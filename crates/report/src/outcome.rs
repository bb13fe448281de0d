//! What a finding comes to in the words of other people's formats, and what became of it since the last report. Every format takes both
//! from here, so that one finding is never a failure in one and an open question in another.

use std::collections::BTreeSet;

use seaworthy_model::{Finding, Kind, Report, Severity, Subject, SubjectKind, Verdict};

use crate::changes::{self, Changes};
use crate::identity;

/// What a finding comes to. A waiver is a layer above, see [`Finding::waiver`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Pass,
    /// A scored item fails.
    Fail,
    /// An item fails that the benchmark does not count.
    FailUnscored,
    Manual,
    /// Something could not be read, parsed or asked.
    Error,
    NotApplicable,
    /// The user asked to leave it out.
    Skipped,
}

impl Outcome {
    /// That of a finding.
    pub(crate) fn of(finding: &Finding) -> Self {
        match finding.verdict {
            _ if finding.kind == Kind::Skipped => Outcome::Skipped,
            Verdict::Pass => Outcome::Pass,
            Verdict::Fail if finding.scored => Outcome::Fail,
            Verdict::Fail => Outcome::FailUnscored,
            Verdict::Manual => Outcome::Manual,
            Verdict::Unknown => Outcome::Error,
            Verdict::NotApplicable => Outcome::NotApplicable,
        }
    }

    /// Whether it is a failure, counted or not.
    pub(crate) fn fails(self) -> bool {
        matches!(self, Outcome::Fail | Outcome::FailUnscored)
    }

    /// Whether something is left to do for a person.
    pub(crate) fn is_open(self) -> bool {
        !matches!(self, Outcome::Pass | Outcome::NotApplicable | Outcome::Skipped)
    }
}

/// How much attention a finding asks for: that of its severity only where a scored item fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl Weight {
    pub(crate) fn of(finding: &Finding) -> Self {
        match (Outcome::of(finding), finding.severity) {
            _ if finding.waiver.is_some() => Weight::Informational,
            (Outcome::Pass | Outcome::NotApplicable | Outcome::Skipped, _) => Weight::Informational,
            (Outcome::FailUnscored | Outcome::Manual | Outcome::Error, _) => Weight::Low,
            (Outcome::Fail, Severity::Low) => Weight::Low,
            (Outcome::Fail, Severity::Medium) => Weight::Medium,
            (Outcome::Fail, Severity::High) => Weight::High,
            (Outcome::Fail, Severity::Critical) => Weight::Critical,
        }
    }
}

/// What became of the record that a reader keeps under a finding's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    /// There was none.
    New,
    /// It is what it was.
    Same,
    /// Verdict, evidence or waiver are others.
    Changed,
    /// It failed, and does not any more.
    Solved,
    /// It is not asked any more: the node left, or another benchmark asks under another identity.
    Gone,
}

/// A finding and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Told<'a> {
    pub(crate) finding: &'a Finding,
    /// None where there is nothing to compare with.
    pub(crate) course: Option<Course>,
    /// The comparison's own words, the weightiest first.
    pub(crate) kinds: Vec<changes::Kind>,
}

impl Told<'_> {
    pub(crate) fn is_gone(&self) -> bool {
        self.course == Some(Course::Gone)
    }
}

/// All findings of a report in its order, then those that are gone since the older one. What a reader keeps is known to it by identity,
/// so a finding that another benchmark asks anew is both: gone under the old identity, new under its own.
pub(crate) fn all<'a>(report: &'a Report, changes: Option<&'a Changes<'a>>) -> Vec<Told<'a>> {
    let Some(changes) = changes else {
        return report.findings.iter().map(|finding| Told { finding, course: None, kinds: Vec::new() }).collect();
    };
    let identities = |findings: &'a [Finding]| -> BTreeSet<&'a str> {
        findings.iter().map(|finding| finding.identity.as_str()).collect()
    };
    let (before, now) = (identities(&changes.before.findings), identities(&report.findings));
    let mut list: Vec<Told<'a>> = Vec::new();
    for finding in &report.findings {
        let kinds = changes.of(finding).map(|change| change.kinds.clone()).unwrap_or_default();
        let course = match kinds.as_slice() {
            _ if !before.contains(finding.identity.as_str()) => Course::New,
            [] => Course::Same,
            kinds if kinds.contains(&changes::Kind::Solved) => Course::Solved,
            _ => Course::Changed,
        };
        list.push(Told { finding, course: Some(course), kinds });
    }
    // Of a subject that did not report nothing is known, so nothing of it is gone.
    let missing: BTreeSet<&str> = report.missing.iter().map(|subject| subject.name.as_str()).collect();
    let gone = changes.before.findings.iter().filter(|finding| !now.contains(finding.identity.as_str()));
    for finding in gone.filter(|finding| !missing.contains(finding.subject.name.as_str())) {
        list.push(Told { finding, course: Some(Course::Gone), kinds: vec![changes::Kind::Gone] });
    }
    list
}

/// What is about one subject by one benchmark.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    /// The cluster's identity; none where it could not be found out.
    pub(crate) cluster: Option<&'a str>,
    pub(crate) benchmark: &'a str,
    pub(crate) subject: &'a Subject,
    pub(crate) told: Vec<Told<'a>>,
}

/// The list by cluster, subject and benchmark, in the order in which they first appear.
pub(crate) fn groups(list: Vec<Told<'_>>) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: std::collections::BTreeMap<(Option<&str>, SubjectKind, &str, &str), usize> = Default::default();
    for told in list {
        let (cluster, subject) = (identity::cluster(told.finding), &told.finding.subject);
        let benchmark = identity::benchmark(told.finding);
        let key = (cluster, subject.kind, subject.name.as_str(), benchmark);
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(Group { cluster, benchmark, subject, told: Vec::new() });
            groups.len() - 1
        });
        groups[place].told.push(told);
    }
    groups
}
