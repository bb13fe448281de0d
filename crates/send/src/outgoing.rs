//! What goes out: which findings of a report, and what is known of each beside itself.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use seaworthy_model::{Finding, Report, Severity, Status};
use seaworthy_report::changes::{Change, Changes, Kind, fails};
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
    /// Whether it failed and does not any more.
    pub fn is_solved(&self) -> bool {
        let failed = self.change.and_then(|change| change.before).is_some_and(fails);
        failed && (self.gone || !fails(self.finding))
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
                When::Failures => (!item.gone && fails(item.finding)) || item.is_solved(),
                When::Changes if changes.is_none() => fails(item.finding),
                When::Changes => item.change.is_some_and(is_told),
            };
            counts && least.is_none_or(|least| item.finding.severity >= least)
        };
        Outgoing { report, changes, when, items: here.chain(gone).filter(wanted).collect() }
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
