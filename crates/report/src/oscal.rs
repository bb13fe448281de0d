//! The report as OSCAL assessment results, version 1.2.1: a result for each subject and benchmark, in it an observation for every finding
//! and an OSCAL finding for those that the facts decided or ought to have decided.
//!
//! What a person must decide, what does not apply and what was left out is an observation only: OSCAL's findings know no third state. A
//! waiver is an approved deviation, a risk beside the finding, which stays not satisfied. By a comparison observations and findings say in
//! the property `change` what became of them, and what is gone is an observation with `change` `gone`, collected when it was last seen.
//!
//! Identifiers are made from the identity of a finding or subject, so that the next report names the same things by the same UUIDs.

mod entry;
mod markdown;

use std::collections::BTreeSet;

use seaworthy_model::{Report, SubjectKind};
use serde_json::{Value, json};

use crate::document::{self, finish, line, without_nulls};
use crate::format::Context;
use crate::identity;
use crate::outcome::{self, Group};

/// The version of OSCAL that is written.
pub const VERSION: &str = "1.2.1";

/// The name space of our own properties.
const NAMESPACE: &str = "urn:seaworthy:oscal";

/// The assessment results as one JSON object, ended by a newline.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    let groups = outcome::groups(outcome::all(report, context.changes));
    let before = context.changes.map(|changes| document::time(changes.before).to_string());
    let scan = |what: &str| identity::uuid(&["oscal", what, &report.scan_id]);
    let plan = scan("plan");
    let header = &report.header.benchmark;
    let title = document::benchmark(report, &header.id);
    let mut results: Vec<Value> = groups.iter().map(|group| result(report, group, before.as_deref())).collect();
    if results.is_empty() {
        results.push(nothing(report));
    }
    let missing = report.missing.iter().map(|missing| format!("{} did not report: {}", missing.name, missing.reason));
    let missing: Vec<String> = missing.map(|text| markdown::literal(&text)).collect();
    let notes = report.notes.iter().map(|note| markdown::literal(note));
    let remarks: Vec<String> = missing.into_iter().chain(notes).collect();
    finish(&without_nulls(json!({"assessment-results": {
        "uuid": scan("assessment-results"),
        "metadata": {
            "title": format!("{title}: assessment by {}", line(&report.tool.name)),
            "last-modified": document::time(report).to_string(),
            // The document's own version: there is one of each scan.
            "version": token_or(&report.scan_id, "1"),
            "oscal-version": VERSION,
            "remarks": (!remarks.is_empty()).then(|| remarks.join("\n\n")),
        },
        "import-ap": {"href": format!("#{plan}")},
        "results": results,
        "back-matter": {"resources": [{
            "uuid": plan,
            "title": title,
            "description": format!(
                "What was assessed: the items of {title}, chosen because {}.",
                markdown::literal(&header.why),
            ),
        }]},
    }})))
}

/// What holds for a subject.
fn result(report: &Report, group: &Group<'_>, before: Option<&str>) -> Value {
    let whose = entry::Whose::of(report, group, before);
    let items: BTreeSet<String> =
        group.told.iter().map(|told| document::item(group.benchmark, &told.finding.id)).collect();
    let controls: Vec<Value> = items.iter().map(|item| json!({"control-id": item})).collect();
    let observations: Vec<Value> = group.told.iter().map(|told| entry::observation(&whose, told)).collect();
    let findings: Vec<Value> = group.told.iter().filter_map(|told| entry::finding(&whose, told)).collect();
    let risks: Vec<Value> = group.told.iter().filter_map(|told| entry::risk(&whose, told)).collect();
    let kind = if group.subject.kind == SubjectKind::Node { "node" } else { "cluster" };
    let subject = line(&format!("{kind} {}", group.subject.name));
    let inventory = entry::properties(&[
        ("kind", kind),
        ("name", &group.subject.name),
        ("id", group.subject.id.as_deref().unwrap_or_default()),
        ("cluster", group.cluster.unwrap_or_default()),
        ("platform", &report.header.platform),
        ("kubernetes", report.header.kubernetes.as_deref().unwrap_or_default()),
    ]);
    let title = document::benchmark(report, group.benchmark);
    json!({
        "uuid": identity::uuid(&["oscal", "result", &report.scan_id, &whose.subject]),
        "title": format!("{title} on {}", markdown::literal(&subject)),
        "description": format!("The items of {title} on {}.", markdown::literal(&subject)),
        "start": document::time(report).to_string(),
        "end": document::time(report).to_string(),
        "props": entry::properties(&[("benchmark", group.benchmark), ("scan", &report.scan_id)]),
        "local-definitions": {
            "components": [tool(report, &whose.tool)],
            "inventory-items": [{"uuid": whose.subject, "description": markdown::literal(&subject), "props": inventory}],
        },
        "reviewed-controls": {"control-selections": [{"include-controls": controls}]},
        "observations": observations,
        "risks": (!risks.is_empty()).then_some(risks),
        "findings": (!findings.is_empty()).then_some(findings),
    })
}

fn tool(report: &Report, uuid: &str) -> Value {
    json!({
        "uuid": uuid,
        "type": "software",
        "title": line(&report.tool.name),
        "description": "Judges nodes and clusters by the benchmark.",
        "props": entry::properties(&[("version", &report.tool.version), ("catalogue", &report.header.catalogue)]),
        "status": {"state": "operational"},
    })
}

/// The result of a report without findings: OSCAL wants one.
fn nothing(report: &Report) -> Value {
    json!({
        "uuid": identity::uuid(&["oscal", "result", &report.scan_id]),
        "title": document::benchmark(report, &report.header.benchmark.id),
        "description": "Nothing was assessed.",
        "start": document::time(report).to_string(),
        "reviewed-controls": {"control-selections": [{"description": "No item was assessed."}]},
    })
}

/// A text that OSCAL takes for a string, or another where nothing of it can be seen.
fn token_or(text: &str, otherwise: &str) -> String {
    let text = line(text);
    if text.trim().is_empty() { otherwise.to_owned() } else { text.trim().to_owned() }
}
