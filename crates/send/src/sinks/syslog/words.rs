//! What a message says, whatever its form.

use seaworthy_model::{Finding, Kind, Severity, SourcePlace, Verdict};
use seaworthy_report::changes::fails;
use seaworthy_report::identity;

use crate::outgoing::{Item, Outgoing};

/// A finding on its way, and the name of the event.
pub(super) struct About<'a> {
    pub(super) outgoing: &'a Outgoing<'a>,
    pub(super) item: &'a Item<'a>,
    /// See [`Outgoing::event_id`].
    pub(super) id: &'a str,
}

impl About<'_> {
    pub(super) fn finding(&self) -> &Finding {
        self.item.finding
    }

    /// When the facts were collected.
    pub(super) fn time(&self) -> Option<jiff::Timestamp> {
        self.outgoing.report.time.as_deref()?.parse().ok()
    }

    /// The kind of message: `cis.open`, `cis.solved`, `cis.gone`, `cis.told`.
    pub(super) fn kind(&self) -> String {
        format!("cis.{}", self.item.state())
    }

    /// The severity as syslog counts: 3 error, 4 warning, 5 notice, 6 informational.
    pub(super) fn severity(&self) -> u8 {
        match self.weight() {
            Weight::Fails(_) => 4,
            Weight::FailsUnscored | Weight::Manual => 5,
            Weight::Unknown => 3,
            Weight::Passes | Weight::SetAside => 6,
        }
    }

    /// The severity from 0 to 10.
    pub(super) fn out_of_ten(&self) -> u8 {
        match self.weight() {
            Weight::Fails(Severity::Critical | Severity::High) => 8,
            Weight::Fails(_) => 7,
            Weight::Unknown => 5,
            Weight::FailsUnscored => 4,
            Weight::Manual => 3,
            Weight::Passes => 1,
            Weight::SetAside => 0,
        }
    }

    fn weight(&self) -> Weight {
        let finding = self.finding();
        match finding.verdict {
            _ if self.item.is_solved() || self.item.gone => Weight::Passes,
            _ if finding.waiver.is_some() || finding.kind == Kind::Skipped => Weight::SetAside,
            Verdict::Pass => Weight::Passes,
            Verdict::NotApplicable => Weight::SetAside,
            Verdict::Fail if !fails(finding) => Weight::SetAside,
            Verdict::Fail if !finding.scored => Weight::FailsUnscored,
            Verdict::Fail => Weight::Fails(finding.severity),
            Verdict::Manual => Weight::Manual,
            Verdict::Unknown => Weight::Unknown,
        }
    }

    /// `success`, `failure`, `unknown`.
    pub(super) fn outcome(&self) -> &'static str {
        match self.finding().verdict {
            _ if self.item.is_solved() => "success",
            _ if self.item.gone => "unknown",
            Verdict::Pass => "success",
            Verdict::Fail => "failure",
            Verdict::Manual | Verdict::Unknown | Verdict::NotApplicable => "unknown",
        }
    }

    /// What became of it since the last report.
    pub(super) fn change(&self) -> &'static str {
        self.item.change.map_or("", |change| change.kind().as_str())
    }

    /// The cluster's identity.
    pub(super) fn cluster(&self) -> &str {
        identity::cluster(self.finding()).unwrap_or("")
    }

    /// What was looked at and what was seen.
    pub(super) fn actual(&self) -> String {
        let seen = self.finding().evidence.iter().map(|evidence| format!("{}: {}", evidence.what, evidence.value));
        seen.collect::<Vec<_>>().join(" | ")
    }

    /// The first file to look at.
    pub(super) fn file(&self) -> &str {
        let path = |place: &'_ SourcePlace| matches!(place, SourcePlace::File { .. });
        match self.finding().locations.iter().map(|source| &source.place).find(|place| path(place)) {
            Some(SourcePlace::File { path, .. }) => path,
            _ => "",
        }
    }

    pub(super) fn remediation(&self) -> &str {
        self.finding().remediation.as_ref().map_or("", |remediation| &remediation.summary)
    }
}

/// How much a message weighs.
enum Weight {
    Fails(Severity),
    FailsUnscored,
    Manual,
    Unknown,
    Passes,
    SetAside,
}
