//! A finding as a log record.

use seaworthy_model::Verdict;
use seaworthy_report::changes::fails;
use seaworthy_report::identity;
use serde_json::{Value, json};

use super::{Signal, Stored, nanoseconds, resource, scope, text};
use crate::outgoing::{Item, Outgoing};
use crate::sinks::document;

/// At most so many characters of one text, and so many texts of evidence.
const LONGEST: usize = 4096;
const EVIDENCE: usize = 32;

/// The record, and whom it is about.
pub(super) fn part(outgoing: &Outgoing<'_>, item: &Item<'_>, id: &str) -> Stored {
    let (cluster, node) = (identity::cluster(item.finding), identity::node(item.finding));
    Stored {
        signal: Signal::Logs,
        resource: resource(outgoing, cluster, node),
        scope: scope(outgoing),
        content: vec![record(outgoing, item, id)],
    }
}

fn record(outgoing: &Outgoing<'_>, item: &Item<'_>, id: &str) -> Value {
    let (number, word) = severity(item);
    let mut record = json!({
        "severityNumber": number,
        "severityText": word,
        "eventName": "cis.check.result",
        "body": { "stringValue": document::short(&document::line(item), LONGEST) },
        "attributes": attributes(outgoing, item, id),
    });
    if let Some(time) = nanoseconds(outgoing) {
        record["timeUnixNano"] = json!(time);
        record["observedTimeUnixNano"] = json!(time);
    }
    record
}

fn attributes(outgoing: &Outgoing<'_>, item: &Item<'_>, id: &str) -> Vec<Value> {
    let finding = item.finding;
    let long = |key: &str, value: &str| text(key, &document::short(value, LONGEST));
    let mut list = vec![
        text("log.record.uid", id),
        text("cis.id", &finding.id),
        text("cis.rule", &finding.rule),
        text("cis.title", &finding.title),
        text("cis.benchmark", identity::benchmark(finding)),
        text("cis.section", &finding.section),
        Some(json!({ "key": "cis.level", "value": { "intValue": finding.level.to_string() } })),
        Some(json!({ "key": "cis.scored", "value": { "boolValue": finding.scored } })),
        text("cis.status", finding.status.as_str()),
        text("cis.verdict", finding.verdict.as_str()),
        text("cis.state", document::state(item)),
        text("cis.severity", finding.severity.as_str()),
        long("cis.reason", &finding.reason),
        long("cis.expected", &finding.expected),
        long("cis.remediation", finding.remediation.as_ref().map_or("", |remediation| &remediation.summary)),
        text("cis.scan", &outgoing.report.scan_id),
        text("cis.finding", &identity::fingerprint(finding)),
    ];
    if let Some(change) = item.change {
        list.push(text("cis.change", change.kind().as_str()));
        list.push(text("cis.verdict_before", change.before.map_or("", |before| before.verdict.as_str())));
    }
    let mut list: Vec<Value> = list.into_iter().flatten().collect();
    let evidence: Vec<Value> = finding
        .evidence
        .iter()
        .take(EVIDENCE)
        .map(|evidence| {
            let line = format!("{}: {}", evidence.what, evidence.value);
            json!({ "stringValue": seaworthy_report::clean(&document::short(&line, LONGEST)) })
        })
        .collect();
    if !evidence.is_empty() {
        // So that nobody takes a list that was cut for the whole.
        let missing = finding.evidence.len() - evidence.len();
        list.push(json!({ "key": "cis.evidence", "value": { "arrayValue": { "values": evidence } } }));
        if missing > 0 {
            list.push(json!({ "key": "cis.evidence_left_out", "value": { "intValue": missing.to_string() } }));
        }
    }
    list
}

/// INFO, WARN or ERROR, as a number and a word.
fn severity(item: &Item<'_>) -> (u8, &'static str) {
    let finding = item.finding;
    match finding.verdict {
        _ if item.gone || item.is_solved() => (9, "INFO"),
        Verdict::Fail if fails(finding) && finding.scored => (17, "ERROR"),
        Verdict::Fail if fails(finding) => (13, "WARN"),
        Verdict::Manual | Verdict::Unknown if finding.status != seaworthy_model::Status::Info => (13, "WARN"),
        _ => (9, "INFO"),
    }
}
