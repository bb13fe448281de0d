//! What goes out: which findings of a report, and what is known of each beside itself.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use seaworthy_model::{Finding, Report, Severity, Status};
use seaworthy_report::changes::{Change, Changes, Kind, fails, is_settled};
use sha2::{Digest, Sha256};

/// Which findings are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum When {
    /// All of them, each time.
    #[default]
    All,
    /// Those that fail and, where the last report is known, those that did and do not any more.
    Failures,
    /// Those that are not what they were in the last report; of a first report those that fail.
    Changes,
}

impl When {
    /// The word for it: `all`, `failures`, `changes`.
    ///
    /// # Errors
    /// The words that there are.
    pub fn parse(word: &str) -> Result<When, String> {
        match word {
            "all" => Ok(When::All),
            "failures" => Ok(When::Failures),
            "changes" => Ok(When::Changes),
            _ => Err("it is all, failures or changes".to_owned()),
        }
    }
}

/// A report on its way to one sink.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// The report itself.
    pub report: &'a Report,
    /// What changed since the last one, where there is one.
    pub changes: Option<&'a Changes<'a>>,
    /// Which findings were asked for.
    pub when: When,
    /// These they are, in the report's order, then those that are gone.
    pub items: Vec<Item<'a>>,
}

/// A finding on its way.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The finding; as it last was, if it is gone.
    pub finding: &'a Finding,
    /// What became of it since the last report; none if nothing did, or none is known.
    pub change: Option<&'a Change<'a>>,
    /// Whether it is not asked any more: its node left the cluster, or the benchmark dropped it.
    pub gone: bool,
}

impl Item<'_> {
    /// Whether it failed and is known not to any more. What cannot be decided now, or is waived or gone, is not solved.
    pub fn is_solved(&self) -> bool {
        self.has_failed() && !self.gone && is_settled(self.finding)
    }

    /// Whether it failed in the last report, and no waiver set it aside.
    fn has_failed(&self) -> bool {
        self.change.and_then(|change| change.before).is_some_and(fails)
    }

    /// What is told of it, in a word: `gone`, `solved`, `open` for what fails, else `told`.
    pub fn state(&self) -> &'static str {
        match self {
            Item { gone: true, .. } => "gone",
            item if item.is_solved() => "solved",
            Item { finding, .. } if fails(finding) => "open",
            _ => "told",
        }
    }
}

impl<'a> Outgoing<'a> {
    /// Chooses the findings: those that `when` says and that are at least as severe as `least`.
    pub fn choose(
        report: &'a Report,
        changes: Option<&'a Changes<'a>>,
        when: When,
        least: Option<Severity>,
    ) -> Outgoing<'a> {
        let list = changes.map_or(&[][..], |changes| &changes.list);
        let of: HashMap<*const Finding, &Change<'_>> =
            list.iter().filter_map(|change| Some((std::ptr::from_ref(change.after?), change))).collect();
        let here = report.findings.iter().map(|finding| {
            let change = of.get(&std::ptr::from_ref(finding)).copied();
            Item { finding, change, gone: false }
        });
        let gone = list.iter().filter(|change| change.after.is_none());
        let gone = gone.map(|change| Item { finding: change.finding(), change: Some(change), gone: true });
        let wanted = |item: &Item<'_>| {
            let counts = match when {
                When::All => true,
                // Whoever was told that it fails is told what became of it.
                When::Failures => (!item.gone && fails(item.finding)) || item.has_failed(),
                When::Changes if changes.is_none() => fails(item.finding),
                When::Changes => item.change.is_some_and(is_told),
            };
            counts && least.is_none_or(|least| item.finding.severity >= least)
        };
        Outgoing { report, changes, when, items: here.chain(gone).filter(wanted).collect() }
    }

    /// Whether a message about the report as a whole has something to say: with [`When::All`] always, else if there is a finding to tell
    /// of, or a subject that was to report and did not. That one tells nothing is no sign that it fails nothing.
    pub fn is_worth_a_message(&self) -> bool {
        let missing = || match (self.when, self.changes) {
            (When::Changes, Some(changes)) => {
                let names = |report: &'a Report| report.missing.iter().map(|subject| &subject.name).collect();
                let [before, now]: [std::collections::BTreeSet<_>; 2] = [names(changes.before), names(self.report)];
                before != now
            }
            _ => !self.report.missing.is_empty(),
        };
        self.when == When::All || !self.items.is_empty() || missing()
    }

    /// A name for a message about the report as a whole, in 64 hexadecimal digits: the same for the same report, compared with the same
    /// one.
    pub fn report_id(&self) -> String {
        let before = self.changes.filter(|_| self.when == When::Changes).map_or("", |changes| &changes.before.scan_id);
        HEXLOWER.encode(&Sha256::digest(format!("report\0{}\0{before}", self.report.scan_id)))
    }

    /// A name for one event about a finding, in 64 hexadecimal digits. The same event has the same one, however often it is made: of a
    /// change by what it was and is, whichever scan noticed it; of a state by the scan.
    pub fn event_id(&self, item: &Item<'_>) -> String {
        let mut digest = Sha256::new();
        let mut add = |text: &str| {
            digest.update(text.len().to_be_bytes());
            digest.update(text.as_bytes());
        };
        add(&item.finding.identity);
        match (item.change, self.changes) {
            (Some(change), Some(changes)) if self.when == When::Changes => {
                add("change");
                add(&changes.before.scan_id);
                for side in [change.before, change.after] {
                    add(side.map_or("", |finding| finding.verdict.as_str()));
                    add(side.map_or("", |finding| finding.status.as_str()));
                    add(side.map_or("", |finding| &finding.reason));
                }
            }
            _ => {
                add("state");
                add(&self.report.scan_id);
                add(if item.gone { "gone" } else { "" });
            }
        }
        HEXLOWER.encode(&digest.finalize())
    }
}

/// Whether a change is worth an event: what is asked for the first time and does not fail tells nothing.
fn is_told(change: &Change<'_>) -> bool {
    let finding = change.finding();
    match change.kind() {
        Kind::Appeared => matches!(finding.status, Status::Fail | Status::Warn),
        Kind::Gone => change.before.is_some_and(|before| before.status != Status::Info),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_model::Verdict;

    use super::*;
    use crate::trial;

    fn report(scan: &str, verdict: Verdict, waived: bool) -> Report {
        let tool = seaworthy_model::Tool { name: "seaworthy".into(), version: "0.1.0".into() };
        let mut report = trial::report(tool, "2026-01-31T10:00:00Z".into());
        report.scan_id = scan.into();
        report.findings[0].verdict = verdict;
        report.findings[0].status = Status::of(verdict, true, waived);
        report
    }

    /// Of a finding that failed: its state now, and whether each choice sends it.
    fn after(verdict: Verdict, waived: bool) -> (&'static str, bool, bool) {
        let (before, after) = (report("1", Verdict::Fail, false), report("2", verdict, waived));
        let changes = seaworthy_report::changes::compare(&before, &after);
        let choose = |when| Outgoing::choose(&after, Some(&changes), when, None).items;
        let all = choose(When::All);
        (all[0].state(), !choose(When::Failures).is_empty(), !choose(When::Changes).is_empty())
    }

    #[test]
    fn only_what_is_known_to_hold_is_solved() {
        assert_eq!(after(Verdict::Pass, false), ("solved", true, true));
        assert_eq!(after(Verdict::NotApplicable, false), ("solved", true, true));
        assert_eq!(after(Verdict::Unknown, false), ("told", true, true));
        assert_eq!(after(Verdict::Manual, false), ("told", true, true));
        assert_eq!(after(Verdict::Fail, true), ("told", true, true));
        assert_eq!(after(Verdict::Fail, false), ("open", true, false));
    }

    #[test]
    fn what_is_gone_is_told_to_whom_it_was_a_failure_and_is_not_solved() {
        let (before, mut after) = (report("1", Verdict::Fail, false), report("2", Verdict::Pass, false));
        after.findings.clear();
        let changes = seaworthy_report::changes::compare(&before, &after);
        for when in [When::All, When::Failures, When::Changes] {
            let items = Outgoing::choose(&after, Some(&changes), when, None).items;
            assert_eq!(items.iter().map(Item::state).collect::<Vec<_>>(), ["gone"], "{when:?}");
            assert!(!items[0].is_solved());
        }
    }

    #[test]
    fn a_first_report_sends_what_fails_and_severity_is_a_floor() {
        let failing = report("1", Verdict::Fail, false);
        let count = |report: &Report, when, least| Outgoing::choose(report, None, when, least).items.len();
        assert_eq!(count(&failing, When::Changes, None), 1);
        assert_eq!(count(&failing, When::All, Some(Severity::Low)), 1);
        assert_eq!(count(&failing, When::All, Some(Severity::Medium)), 0);
        let passing = report("1", Verdict::Pass, false);
        assert_eq!((count(&passing, When::All, None), count(&passing, When::Failures, None)), (1, 0));
    }

    /// Whichever scan notices a change, it is one event; two states of one finding are two.
    #[test]
    fn an_event_is_named_by_what_it_tells() {
        let before = report("1", Verdict::Pass, false);
        let [mut first, mut second] = ["2", "3"].map(|scan| report(scan, Verdict::Fail, false));
        let id = |after: &Report, when| {
            let changes = seaworthy_report::changes::compare(&before, after);
            let outgoing = Outgoing::choose(after, Some(&changes), when, None);
            outgoing.event_id(&outgoing.items[0])
        };
        assert_eq!(id(&first, When::Changes), id(&second, When::Changes));
        assert_ne!(id(&first, When::All), id(&second, When::All));
        assert_eq!(id(&first, When::All), id(&first, When::Failures));
        first.findings[0].verdict = Verdict::Unknown;
        second.findings[0].reason = "another".into();
        assert_ne!(id(&first, When::Changes), id(&second, When::Changes));
    }
}
