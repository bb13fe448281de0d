//! The report as metrics, in Prometheus' text format 0.0.4: for the node exporter's textfile collector and the Pushgateway.
//!
//! A finding is a series that is 1, and its labels say which and what became of it. Shares are left to PromQL. Titles, reasons and
//! evidence are in no label: labels are what a time series is known by, and must stay few and the same. No sample has a time of its own,
//! because neither of the two readers takes one.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use seaworthy_model::{Finding, Report, Status, SubjectKind, Verdict, WaiverState};

use crate::changes::Kind;
use crate::format::Context;
use crate::{hostile, identity};

/// How long a label's value can become, in characters: names of nodes have up to 253.
const LONGEST: usize = 256;

/// One metric and its series. They stand together, as the format wants it.
struct Family {
    name: &'static str,
    help: &'static str,
    samples: Vec<String>,
    /// A series twice makes the whole document invalid. Names that differ only in what cleaning writes out could make one.
    seen: BTreeSet<String>,
}

/// A label's name and value; none is written where there is no value.
type Label<'a> = (&'static str, Option<&'a str>);

/// The metrics of the report, and of what changed where the context says it. Ends with a newline.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    let mut families = vec![checks(report)];
    families.extend(counts(report));
    families.extend(scan(report));
    families.push(waivers(report));
    families.extend(context.changes.map(|changes| {
        let mut family = Family::new("seaworthy_changes", "Findings by what became of them since the last report.");
        for kind in Kind::ALL {
            let labels = [of_report(report), vec![("kind", Some(kind.as_str()))]].concat();
            family.add(&labels, changes.count(kind) as u64);
        }
        family
    }));
    families.iter().map(Family::text).collect()
}

fn checks(report: &Report) -> Family {
    let mut family = Family::new(
        "seaworthy_check_status",
        "1 for what became of a check: its status pass, fail, warn or info, and the verdict that it follows from.",
    );
    for finding in &report.findings {
        let status = status(finding.status);
        let mut labels = whose(finding);
        labels.extend([
            ("check", Some(finding.id.as_str())),
            ("section", Some(&finding.section)),
            ("severity", Some(finding.severity.as_str())),
            ("status", Some(status)),
            ("verdict", Some(finding.verdict.as_str())),
        ]);
        family.add(&labels, 1);
    }
    family
}

/// How many findings each subject has, by status and by verdict. Zeros are written: an alert can tell none from not known.
fn counts(report: &Report) -> [Family; 3] {
    let mut by_status = Family::new("seaworthy_checks", "Checks by status.");
    let mut by_verdict =
        Family::new("seaworthy_verdicts", "Checks by verdict, without those that are waived or skipped.");
    let mut waived = Family::new("seaworthy_checks_waived", "Checks that a waiver sets aside.");
    let mut groups: Vec<(Vec<Label<'_>>, Vec<&Finding>)> = Vec::new();
    for finding in &report.findings {
        let labels = whose(finding);
        // Findings of a subject mostly stand one after the other, or take turns with few others.
        match groups.iter_mut().find(|(known, _)| *known == labels) {
            Some((_, findings)) => findings.push(finding),
            None => groups.push((labels, vec![finding])),
        }
    }
    for (whose, findings) in &groups {
        let count = |holds: &dyn Fn(&Finding) -> bool| findings.iter().filter(|f| holds(f)).count() as u64;
        for word in [Status::Fail, Status::Warn, Status::Pass, Status::Info] {
            let labels = [whose.as_slice(), &[("status", Some(status(word)))]].concat();
            by_status.add(&labels, count(&|finding| finding.status == word));
        }
        for verdict in Verdict::ALL {
            // What is not applicable is INFO without being set aside.
            let counts = |finding: &Finding| {
                finding.verdict == verdict && finding.waiver.is_none() && finding.kind != seaworthy_model::Kind::Skipped
            };
            let labels = [whose.as_slice(), &[("verdict", Some(verdict.as_str()))]].concat();
            by_verdict.add(&labels, count(&counts));
        }
        waived.add(whose, count(&|finding| finding.waiver.is_some()));
    }
    [by_status, by_verdict, waived]
}

fn scan(report: &Report) -> Vec<Family> {
    let header = &report.header;
    let of_report = of_report(report);
    let mut families = Vec::new();
    if let Some(seconds) = report.time.as_deref().and_then(seconds) {
        let mut family = Family::new("seaworthy_scan_timestamp_seconds", "When the facts were collected, since 1970.");
        family.add(&of_report, seconds);
        families.push(family);
    }
    let mut expected = Family::new("seaworthy_nodes_expected", "Nodes that were to report.");
    expected.add(&of_report, report.expected.into());
    let mut received = Family::new("seaworthy_nodes_received", "Nodes that reported.");
    received.add(&of_report, report.received.into());
    families.extend([expected, received]);
    let mut missing = Family::new("seaworthy_node_missing", "1 for a node that was to report and did not.");
    for subject in &report.missing {
        missing.add(&[of_report.as_slice(), &[("node", Some(&subject.name))]].concat(), 1);
    }
    families.push(missing);
    let mut info = Family::new("seaworthy_scan_info", "1; its labels say by what the scan was made.");
    let by = [
        ("kubernetes", header.kubernetes.as_deref()),
        ("platform", Some(header.platform.as_str())),
        ("version", Some(report.tool.version.as_str())),
    ];
    info.add(&[of_report.as_slice(), &by].concat(), 1);
    families.push(info);
    families
}

fn waivers(report: &Report) -> Family {
    let mut family = Family::new("seaworthy_waivers", "Waivers by state: used, unused (it matches nothing), expired.");
    for (word, state) in
        [("used", WaiverState::Used), ("unused", WaiverState::Unused), ("expired", WaiverState::Expired)]
    {
        let count = report.waivers.iter().filter(|waiver| waiver.state == state).count() as u64;
        family.add(&[of_report(report), vec![("state", Some(word))]].concat(), count);
    }
    family
}

/// What a finding's identity consists of, without the check.
fn whose(finding: &Finding) -> Vec<Label<'_>> {
    let node = (finding.subject.kind == SubjectKind::Node).then_some(finding.subject.name.as_str());
    vec![("benchmark", Some(identity::benchmark(finding))), ("cluster", identity::cluster(finding)), ("node", node)]
}

/// What the whole report is about. A report of one node bears its name, so that many of them can stand beside each other.
fn of_report(report: &Report) -> Vec<Label<'_>> {
    let mut nodes = report.subjects.iter().filter(|subject| subject.kind == SubjectKind::Node);
    let node = match (nodes.next(), nodes.next()) {
        (Some(only), None) if report.expected == 1 => Some(only.name.as_str()),
        _ => None,
    };
    let benchmark = Some(report.header.benchmark.id.as_str());
    vec![("benchmark", benchmark), ("cluster", identity::cluster_of(report)), ("node", node)]
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Warn => "warn",
        Status::Info => "info",
    }
}

/// Seconds since 1970; none if it is no RFC 3339 time, or one before.
fn seconds(time: &str) -> Option<u64> {
    let time: jiff::Timestamp = time.parse().ok()?;
    time.as_second().try_into().ok()
}

impl Family {
    fn new(name: &'static str, help: &'static str) -> Self {
        Family { name, help, samples: Vec::new(), seen: BTreeSet::new() }
    }

    fn add(&mut self, labels: &[Label<'_>], value: u64) {
        let written: Vec<String> = labels
            .iter()
            .filter_map(|(name, text)| Some((name, (*text)?)))
            // A label without a value is the same as no label.
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| format!("{name}=\"{}\"", escaped(text)))
            .collect();
        let series = if written.is_empty() { String::new() } else { format!("{{{}}}", written.join(",")) };
        if self.seen.insert(series.clone()) {
            self.samples.push(format!("{}{series} {value}\n", self.name));
        }
    }

    /// Head and samples. A metric without samples is named all the same: that it is known tells a reader that there is nothing.
    fn text(&self) -> String {
        let mut text = format!("# HELP {name} {}\n# TYPE {name} gauge\n", self.help, name = self.name);
        self.samples.iter().for_each(|sample| {
            // Writing to a String does not fail.
            let _ = text.write_str(sample);
        });
        text
    }
}

/// A label's value: no hostile character, and none that ends it.
fn escaped(text: &str) -> String {
    hostile::cut(text, LONGEST).replace('\\', "\\\\").replace('"', "\\\"")
}
