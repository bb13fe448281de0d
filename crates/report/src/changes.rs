//! What changed between two reports: newly failing, solved, other verdict, other evidence, waivers that came or went, numbers that a
//! newer benchmark moved.
//!
//! Findings are matched by subject and rule, not by number: most releases of a benchmark renumber. A subject that was to report and did
//! not is left out: nothing is known of it, so nothing of it is gone.

pub mod json;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::{Evidence, Finding, Report, SourcePlace, Status, SubjectKind, Verdict, WaiverState};

use crate::identity;

/// All that changed, in the order of the newer report, then what is gone in the order of the older one.
#[derive(Debug, Clone)]
pub struct Changes<'a> {
    /// The older report.
    pub before: &'a Report,
    /// The newer one.
    pub after: &'a Report,
    /// Findings that are not what they were, each once.
    pub list: Vec<Change<'a>>,
    /// How many findings are what they were.
    pub same: usize,
}

/// A finding that is not what it was.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// What became of it, the weightiest first; at least one.
    pub kinds: Vec<Kind>,
    /// What it was; none where it was not asked before.
    pub before: Option<&'a Finding>,
    /// What it is; none where it is not asked any more.
    pub after: Option<&'a Finding>,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It fails, and did not.
    NewlyFailing,
    /// Its waiver's last day is over.
    WaiverRanOut,
    /// Its waiver was taken away before its last day.
    WaiverRemoved,
    /// It failed, and passes now or has nothing to apply to: see [`is_settled`].
    Solved,
    /// It failed or not, and is set aside by a waiver now.
    Waived,
    /// Another verdict, neither of those above.
    VerdictChanged,
    /// The same verdict on other evidence.
    EvidenceChanged,
    /// The same rule under another number.
    Renumbered,
    /// It was not asked before.
    Appeared,
    /// It is not asked any more.
    Gone,
}

impl Kind {
    /// All of them, the weightiest first.
    pub const ALL: [Kind; 10] = [
        Kind::NewlyFailing,
        Kind::WaiverRanOut,
        Kind::WaiverRemoved,
        Kind::Solved,
        Kind::Waived,
        Kind::VerdictChanged,
        Kind::EvidenceChanged,
        Kind::Renumbered,
        Kind::Appeared,
        Kind::Gone,
    ];

    /// The word for it in documents and messages: `newly-failing`.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::NewlyFailing => "newly-failing",
            Kind::WaiverRanOut => "waiver-ran-out",
            Kind::WaiverRemoved => "waiver-removed",
            Kind::Solved => "solved",
            Kind::Waived => "waived",
            Kind::VerdictChanged => "verdict-changed",
            Kind::EvidenceChanged => "evidence-changed",
            Kind::Renumbered => "renumbered",
            Kind::Appeared => "appeared",
            Kind::Gone => "gone",
        }
    }
}

impl<'a> Change<'a> {
    /// The finding as it is, or as it last was.
    #[allow(clippy::missing_panics_doc)]
    pub fn finding(&self) -> &'a Finding {
        match (self.after, self.before) {
            (Some(finding), _) | (None, Some(finding)) => finding,
            // `compare` makes none without either.
            (None, None) => unreachable!("a change is about a finding"),
        }
    }

    /// The weightiest of what became of it.
    pub fn kind(&self) -> Kind {
        self.kinds.first().copied().unwrap_or(Kind::EvidenceChanged)
    }
}

impl<'a> Changes<'a> {
    /// What became of a finding of the newer report; none if it is what it was.
    pub fn of(&self, finding: &Finding) -> Option<&Change<'a>> {
        self.list.iter().find(|change| change.after.is_some_and(|after| std::ptr::eq(after, finding)))
    }

    /// Findings of the older report that are not asked any more.
    pub fn gone(&self) -> impl Iterator<Item = &'a Finding> {
        self.list.iter().filter(|change| change.after.is_none()).filter_map(|change| change.before)
    }

    /// How many there are of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.list.iter().filter(|change| change.kinds.contains(&kind)).count()
    }
}

/// Whether a finding fails and nothing sets it aside.
pub fn fails(finding: &Finding) -> bool {
    finding.verdict == Verdict::Fail && finding.status != Status::Info
}

/// Whether a finding is known to need nothing: it passes, or what it asks for has nothing to apply to. That its role is not here is no
/// such knowledge: the role may be back with the next scan, as bad as before.
pub fn is_settled(finding: &Finding) -> bool {
    match finding.verdict {
        Verdict::Pass => true,
        Verdict::NotApplicable => finding.kind != seaworthy_model::Kind::Role,
        _ => false,
    }
}

/// What changed from `before` to `after`.
pub fn compare<'a>(before: &'a Report, after: &'a Report) -> Changes<'a> {
    let missing: BTreeSet<&str> = after.missing.iter().map(|subject| subject.name.as_str()).collect();
    let mut old: BTreeMap<(SubjectKind, &str, &str), Vec<Option<&Finding>>> = BTreeMap::new();
    for finding in &before.findings {
        old.entry(key(finding)).or_default().push(Some(finding));
    }
    let mut changes = Changes { before, after, list: Vec::new(), same: 0 };
    for finding in &after.findings {
        let was = old.get_mut(&key(finding)).and_then(|candidates| take(candidates, finding));
        let kinds = kinds(was, finding, after);
        if kinds.is_empty() {
            changes.same += 1;
        } else {
            changes.list.push(Change { kinds, before: was, after: Some(finding) });
        }
    }
    let left: BTreeSet<*const Finding> = old.values().flatten().flatten().map(|f| std::ptr::from_ref(*f)).collect();
    for finding in &before.findings {
        if left.contains(&std::ptr::from_ref(finding)) && !missing.contains(finding.subject.name.as_str()) {
            changes.list.push(Change { kinds: vec![Kind::Gone], before: Some(finding), after: None });
        }
    }
    changes
}

/// By what findings of two reports can be the same question. The cluster is compared apart: one of the two may not know it.
fn key(finding: &Finding) -> (SubjectKind, &str, &str) {
    // A cluster has a label that people change.
    let name = if finding.subject.kind == SubjectKind::Cluster { "" } else { finding.subject.name.as_str() };
    (finding.subject.kind, name, finding.rule.as_str())
}

/// Of the older findings by one rule on one subject the one that `finding` continues: the same number first, for a benchmark may use a
/// rule twice, else the next.
fn take<'a>(candidates: &mut [Option<&'a Finding>], finding: &Finding) -> Option<&'a Finding> {
    let same_cluster = |old: &Finding| match (identity::cluster(old), identity::cluster(finding)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    let fits = |old: &Option<&Finding>| old.is_some_and(same_cluster);
    let same = candidates.iter().position(|old| fits(old) && old.is_some_and(|old| old.id == finding.id));
    let place = same.or_else(|| {
        let other_benchmark = |old: &Finding| identity::benchmark(old) != identity::benchmark(finding);
        candidates.iter().position(|old| fits(old) && old.is_some_and(other_benchmark))
    })?;
    candidates[place].take()
}

fn kinds(before: Option<&Finding>, after: &Finding, report: &Report) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let Some(before) = before else {
        kinds.extend(fails(after).then_some(Kind::NewlyFailing));
        kinds.push(Kind::Appeared);
        return kinds;
    };
    match (&before.waiver, &after.waiver) {
        (Some(waiver), None) => {
            let today = report.time.as_deref().and_then(|time| time.get(..10));
            let over = today.is_some_and(|today| waiver.expires.as_str() < today)
                || report.waivers.iter().any(|w| w.state == WaiverState::Expired && names(&w.item, after));
            // A finding that passes needs no waiver, so that it has none tells nothing.
            if after.verdict != Verdict::Pass {
                kinds.push(if over { Kind::WaiverRanOut } else { Kind::WaiverRemoved });
            }
        }
        (None, Some(_)) => kinds.push(Kind::Waived),
        _ => {}
    }
    if fails(after) && !fails(before) {
        kinds.push(Kind::NewlyFailing);
    } else if before.verdict == Verdict::Fail && is_settled(after) {
        kinds.push(Kind::Solved);
    } else if before.verdict != after.verdict || (kinds.is_empty() && before.status != after.status) {
        kinds.push(Kind::VerdictChanged);
    } else if told(before) != told(after) {
        kinds.push(Kind::EvidenceChanged);
    }
    if before.id != after.id {
        kinds.push(Kind::Renumbered);
    }
    kinds.sort_unstable();
    kinds
}

fn names(item: &str, finding: &Finding) -> bool {
    item == finding.id || item == finding.rule
}

/// What was wanted; what was looked at, its value and its file; what offends.
type Told<'a> = (&'a str, Vec<(&'a str, &'a str, Option<&'a str>)>, &'a [seaworthy_model::Resource]);

/// What a finding rests on, without what differs from scan to scan: process numbers and times.
fn told(finding: &Finding) -> Told<'_> {
    let evidence = finding.evidence.iter().map(|e| (e.what.as_str(), e.value.as_str(), file(e))).collect();
    (finding.expected.as_str(), evidence, &finding.resources)
}

fn file(evidence: &Evidence) -> Option<&str> {
    match &evidence.source.as_ref()?.place {
        SourcePlace::File { path, .. } => Some(path),
        _ => None,
    }
}
