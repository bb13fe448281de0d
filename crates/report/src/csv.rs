//! The report as CSV, for spreadsheets and for scripts that read nothing better: RFC 4180, in UTF-8, a header row, a row a finding.
//!
//! A cell is hostile in two ways. A spreadsheet takes what begins with `=`, `+`, `-` or `@` for a formula, also behind blanks, in the
//! wide forms that some input methods write, and behind a `;` where that is what its locale separates cells by. Such a cell has an
//! apostrophe in front, and so has one that begins with an apostrophe itself: whoever takes one away from where a cell, or a part of it
//! between `;`, begins has the text as it was. Control characters, tabs and line breaks among them, are written out: no cell has two
//! lines.
//!
//! The columns `change` and `before` say what became of the finding since the last report, and which verdict it had. A finding that is
//! gone has a row, in which `status`, `verdict` and `kind` are empty: nothing was judged. A node that was to report and did not has a row
//! of the kind `missing`.

use std::collections::BTreeMap;

use seaworthy_model::{Finding, Kind, MissingSubject, Report, Source, SourcePlace, SubjectKind};

use crate::changes::Change;
use crate::format::Context;
use crate::hostile::{clean, cut};
use crate::told::told;
use crate::{identity, words};

/// How many characters a cell has: spreadsheets hold 32,767.
const CELL: usize = 30_000;

/// The names of the columns. New ones come last.
pub const COLUMNS: [&str; 33] = [
    "fingerprint",
    "identity",
    "cluster",
    "node",
    "subject",
    "benchmark",
    "id",
    "rule",
    "section",
    "target",
    "title",
    "level",
    "label",
    "scored",
    "severity",
    "status",
    "verdict",
    "kind",
    "reason",
    "expected",
    "actual",
    "file",
    "line",
    "remediation",
    "wanted",
    "risk",
    "waiver_reason",
    "waiver_owner",
    "waiver_expires",
    "change",
    "before",
    "time",
    "scan_id",
];

/// The report in rows, each ended by CR and LF.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    let list = context.changes.map(|changes| changes.list.as_slice()).unwrap_or_default();
    let changed: BTreeMap<*const Finding, &Change<'_>> =
        list.iter().filter_map(|change| Some((std::ptr::from_ref(change.after?), change))).collect();
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let rows = std::iter::once(COLUMNS.map(str::to_owned))
        .chain(report.findings.iter().map(|f| row(report, f, changed.get(&std::ptr::from_ref(f)).copied())))
        .chain(
            list.iter()
                .filter(|change| change.after.is_none())
                .map(|change| row(report, change.finding(), Some(change))),
        );
    for row in rows.chain(report.missing.iter().map(|missing| absent(report, missing))) {
        if let Err(error) = writer.write_record(row) {
            return broken(&error);
        }
    }
    match writer.into_inner() {
        Ok(bytes) => String::from_utf8(bytes).unwrap_or_else(|error| broken(&error)),
        Err(error) => broken(&error.error()),
    }
}

/// Writing into memory does not fail. Should it ever, no reader may take the answer for a report.
fn broken(error: &dyn std::fmt::Display) -> String {
    format!("this report has no CSV form: {error}\n")
}

fn row(report: &Report, finding: &Finding, change: Option<&Change<'_>>) -> [String; COLUMNS.len()] {
    let judged = change.is_none_or(|change| change.after.is_some());
    let only = |word: &str| if judged { word.to_owned() } else { String::new() };
    let (file, line) = place(finding).unwrap_or_default();
    let fix = finding.remediation.as_ref();
    let waiver = finding.waiver.as_ref();
    let kinds: Vec<&str> = change.iter().flat_map(|change| &change.kinds).map(|kind| kind.as_str()).collect();
    let before = change.and_then(|change| change.before).map(|before| before.verdict.as_str());
    [
        identity::fingerprint(finding),
        finding.identity.clone(),
        identity::cluster(finding).unwrap_or("").into(),
        identity::node(finding).unwrap_or("").into(),
        match finding.subject.kind {
            SubjectKind::Node => "node".into(),
            SubjectKind::Cluster => "cluster".into(),
        },
        identity::benchmark(finding).into(),
        finding.id.clone(),
        finding.rule.clone(),
        finding.section.clone(),
        finding.target.clone(),
        finding.title.clone(),
        finding.level.to_string(),
        words::label(finding).into(),
        finding.scored.to_string(),
        finding.severity.as_str().into(),
        only(finding.status.as_str()),
        only(finding.verdict.as_str()),
        only(kind(finding.kind)),
        only(words::reason(finding)),
        finding.expected.clone(),
        told(finding).iter().map(|line| line.trim()).collect::<Vec<_>>().join(" | "),
        file,
        line,
        fix.map(|fix| fix.summary.clone()).unwrap_or_default(),
        fix.and_then(|fix| fix.wanted.as_ref()).map(|wanted| wanted.trim().to_owned()).unwrap_or_default(),
        fix.and_then(|fix| fix.risk.clone()).unwrap_or_default(),
        waiver.map(|waiver| waiver.reason.clone()).unwrap_or_default(),
        waiver.map(|waiver| waiver.owner.clone()).unwrap_or_default(),
        waiver.map(|waiver| waiver.expires.clone()).unwrap_or_default(),
        kinds.join(" "),
        before.unwrap_or("").into(),
        report.time.clone().unwrap_or_default(),
        report.scan_id.clone(),
    ]
    .map(|text| cell(&text))
}

/// The row of a node of which nothing is known.
fn absent(report: &Report, missing: &MissingSubject) -> [String; COLUMNS.len()] {
    COLUMNS.map(|column| match column {
        "node" => cell(&missing.name),
        "subject" => "node".to_owned(),
        "benchmark" => cell(&report.header.benchmark.id),
        "kind" => "missing".to_owned(),
        "reason" => cell(&missing.reason),
        "time" => cell(report.time.as_deref().unwrap_or("")),
        "scan_id" => cell(&report.scan_id),
        _ => String::new(),
    })
}

/// The first file to look at, as the host knows it where that is known, and the line in it.
fn place(finding: &Finding) -> Option<(String, String)> {
    let sources =
        finding.locations.iter().chain(finding.evidence.iter().filter_map(|evidence| evidence.source.as_ref()));
    sources.into_iter().find_map(|Source { place, span }| match place {
        SourcePlace::File { path, host_path, .. } => {
            let line = span.map(|span| span.line.to_string()).unwrap_or_default();
            Some((host_path.as_ref().unwrap_or(path).clone(), line))
        }
        _ => None,
    })
}

/// The word of the JSON report.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Tested => "tested",
        Kind::Unscored => "unscored",
        Kind::Manual => "manual",
        Kind::Role => "role",
        Kind::NeedsGrant => "needs-grant",
        Kind::Error => "error",
        Kind::Skipped => "skipped",
    }
}

/// The text on one line that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let text = if text.len() > CELL { cut(text, CELL) } else { clean(text) };
    let parts: Vec<String> = text.split(';').map(inert).collect();
    parts.join(";")
}

fn inert(part: &str) -> String {
    let first = part.chars().find(|c| !c.is_whitespace());
    // The minus sign of mathematics is one to spreadsheets too.
    let acts = first.is_some_and(|c| "=+-@＝＋－＠﹢﹣﹦﹫−".contains(c));
    if acts || part.starts_with('\'') { format!("'{part}") } else { part.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn what_would_be_a_formula_is_text() {
        for (text, want) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("\u{3000}\u{ff1d}1", "'\u{3000}\u{ff1d}1"),
            ("\t=1", r"\t=1"),
            ("\r=1", r"\r=1"),
            ("\u{2212}1", "'\u{2212}1"),
            ("a;=1", "a;'=1"),
            ("'=1", "''=1"),
            ("", ""),
            ("a=1, -2", "a=1, -2"),
            ("0600", "0600"),
        ] {
            assert_eq!(cell(text), want, "{text:?}");
        }
    }
}
