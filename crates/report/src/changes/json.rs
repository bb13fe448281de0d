//! Changes as JSON: one object, described by `docs/schema/changes-v1.json`.

use seaworthy_model::{Finding, Report, Verdict};
use serde::Serialize;

use super::{Change, Changes, Kind};
use crate::hostile;

#[derive(Serialize)]
struct V1<'a> {
    schema: u32,
    before: Side<'a>,
    after: Side<'a>,
    same: usize,
    counts: std::collections::BTreeMap<&'static str, usize>,
    changes: Vec<One<'a>>,
}

#[derive(Serialize)]
struct Side<'a> {
    scan_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    benchmark: &'a str,
}

#[derive(Serialize)]
struct One<'a> {
    identity: &'a str,
    id: &'a str,
    rule: &'a str,
    title: &'a str,
    subject: &'a str,
    kinds: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Told<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Told<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    status: String,
    verdict: Verdict,
    reason: &'a str,
    expected: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<&'a seaworthy_model::Applied>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    evidence: &'a [seaworthy_model::Evidence],
}

/// The changes as one JSON object on one line, ended by a newline.
pub fn render(changes: &Changes<'_>) -> String {
    let document = V1 {
        schema: 1,
        before: side(changes.before),
        after: side(changes.after),
        same: changes.same,
        counts: Kind::ALL.iter().map(|kind| (kind.as_str(), changes.count(*kind))).filter(|(_, n)| *n > 0).collect(),
        changes: changes.list.iter().map(one).collect(),
    };
    // Only a map with keys that are no strings has no JSON form, and there is none. Should that ever change, a reader sees it.
    let text = serde_json::to_string(&document).unwrap_or_else(|error| format!("these have no JSON form: {error}"));
    let mut text = hostile::escape_json(text);
    text.push('\n');
    text
}

fn side(report: &Report) -> Side<'_> {
    Side { scan_id: &report.scan_id, time: report.time.as_deref(), benchmark: &report.header.benchmark.id }
}

fn one<'a>(change: &Change<'a>) -> One<'a> {
    let finding = change.finding();
    One {
        identity: &finding.identity,
        id: &finding.id,
        rule: &finding.rule,
        title: &finding.title,
        subject: &finding.subject.name,
        kinds: change.kinds.iter().map(|kind| kind.as_str()).collect(),
        before: change.before.map(told),
        after: change.after.map(told),
    }
}

fn told(finding: &Finding) -> Told<'_> {
    Told {
        id: &finding.id,
        status: finding.status.to_string(),
        verdict: finding.verdict,
        reason: &finding.reason,
        expected: &finding.expected,
        waiver: finding.waiver.as_ref(),
        evidence: &finding.evidence,
    }
}
