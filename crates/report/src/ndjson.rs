//! The report as lines of JSON, for logs and whatever ships them: one line a finding, and one with the totals at the end.
//!
//! A line is a finding as the JSON report has it, with whose and which scan's it is in front. The last line has the kind `summary`,
//! which no finding has: where it is missing, the report is not whole.

use seaworthy_model::{Counts, Finding, MissingSubject, Report, RoleState, SubjectKind, Tool, WaiverNote};
use serde::Serialize;

use crate::hostile;
use crate::identity::{cluster, node};

/// How to print.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The last line with the counts over all findings.
    pub totals: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { totals: true }
    }
}

/// Whose line it is.
#[derive(Serialize)]
struct Whose<'a> {
    scan_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    benchmark: &'a str,
    /// The cluster's identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
    /// The node's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<&'a str>,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    whose: Whose<'a>,
    #[serde(flatten)]
    finding: &'a Finding,
}

#[derive(Serialize)]
struct Summary<'a> {
    kind: &'static str,
    #[serde(flatten)]
    whose: Whose<'a>,
    tool: &'a Tool,
    platform: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kubernetes: Option<&'a str>,
    expected: u32,
    received: u32,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    missing: &'a [MissingSubject],
    roles: &'a [RoleState],
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<&'a Counts>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    waivers: &'a [WaiverNote],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [String],
}

/// The report as lines, each one JSON object ended by a newline.
pub fn render(report: &Report, options: &Options) -> String {
    let mut text = String::new();
    // Writing into a String does not fail.
    let _ = lines(report, options, &mut |line| {
        text.push_str(line);
        Ok(())
    });
    text
}

/// Writes what [`render`] gives, line by line: a large report is never held as text.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, options: &Options, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    lines(report, options, &mut |line| out.write_all(line.as_bytes()))
}

/// One finding as its line, ended by a newline. It need not be one of the report's own: one that is gone is of an older report.
pub fn finding(report: &Report, finding: &Finding) -> String {
    line(&Line { whose: whose(report, cluster(finding), node(finding)), finding })
}

/// Hands out the lines, each ended by a newline.
fn lines(report: &Report, options: &Options, out: &mut dyn FnMut(&str) -> std::io::Result<()>) -> std::io::Result<()> {
    for one in &report.findings {
        out(&finding(report, one))?;
    }
    let mut nodes = report.subjects.iter().filter(|subject| subject.kind == SubjectKind::Node);
    let node = match (nodes.next(), nodes.next()) {
        (Some(only), None) => Some(only.name.as_str()),
        _ => None,
    };
    let summary = Summary {
        kind: "summary",
        whose: whose(report, report.findings.iter().find_map(cluster), node),
        tool: &report.tool,
        platform: &report.header.platform,
        kubernetes: report.header.kubernetes.as_deref(),
        expected: report.expected,
        received: report.received,
        missing: &report.missing,
        roles: &report.roles,
        totals: options.totals.then_some(&report.totals),
        waivers: &report.waivers,
        notes: &report.notes,
    };
    out(&line(&summary))
}

fn whose<'a>(report: &'a Report, cluster: Option<&'a str>, node: Option<&'a str>) -> Whose<'a> {
    Whose {
        scan_id: &report.scan_id,
        time: report.time.as_deref(),
        benchmark: &report.header.benchmark.id,
        cluster,
        node,
    }
}

fn line(line: &impl Serialize) -> String {
    // Only a map with keys that are no strings has no JSON form, and a report holds none. Should that ever change, a reader sees it.
    let json = serde_json::to_string(line).unwrap_or_else(|error| format!("this line has no JSON form: {error}"));
    let mut text = hostile::escape_json(json);
    text.push('\n');
    text
}
