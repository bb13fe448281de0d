//! The report as a CycloneDX 1.6 attestation: the benchmark is a standard with its requirements, and for each of them is declared what
//! supports it (a claim), what contradicts it (a counter-claim) and what that rests on.
//!
//! A requirement is scored 1 or 0 only where the facts decided: what a person must decide or what could not be found out has no score,
//! and says why. What a waiver sets aside keeps its counter-claim and names the waiver as the mitigation.

mod declarations;
mod standard;

use std::collections::BTreeMap;

use seaworthy_model::{Finding, Report, Subject};
use serde_json::{Value, json};

use crate::format::Context;
use crate::{hostile, identity};

/// The document, valid by the published schema in its strict form. Ends with a newline.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    let references = References::of(report);
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", identity::uuid(&["scan", &report.scan_id])),
        "version": 1,
        "metadata": {
            "tools": {
                "components": [{
                    "type": "application",
                    "name": hostile::clean(&report.tool.name),
                    "version": hostile::clean(&report.tool.version),
                }],
            },
            "properties": properties(report),
        },
        "declarations": declarations::of(report, context.changes, &references),
        "definitions": { "standards": standard::of(report, &references) },
    });
    if let Some(time) = time(report) {
        document["metadata"]["timestamp"] = time.into();
    }
    hostile::escape_json(format!("{document:#}\n"))
}

/// The time, if it is one: the schema refuses any other text.
fn time(report: &Report) -> Option<String> {
    let time: jiff::Timestamp = report.time.as_deref()?.parse().ok()?;
    Some(time.to_string())
}

/// What the document has no field for.
fn properties(report: &Report) -> Vec<Value> {
    let header = &report.header;
    let mut out = Vec::new();
    let mut put = |name: &str, text: &str| {
        out.push(json!({ "name": format!("seaworthy:{name}"), "value": hostile::clean(text) }));
    };
    put("scan", &report.scan_id);
    put("catalogue", &header.catalogue);
    put("platform", &header.platform);
    header.kubernetes.iter().for_each(|version| put("kubernetes", version));
    put("benchmark:why", &header.benchmark.why);
    put("nodes:expected", &report.expected.to_string());
    put("nodes:received", &report.received.to_string());
    report.missing.iter().for_each(|missing| put("missing", &format!("{}: {}", missing.name, missing.reason)));
    report.waivers.iter().for_each(|waiver| put("waiver", &format!("{}: {}", waiver.item, waiver.note)));
    report.notes.iter().for_each(|note| put("note", note));
    out
}

/// References within the document: every one is used once. They are made of numbers of our own where a text could be anything.
struct References<'a> {
    /// Section and group, by number.
    sections: BTreeMap<&'a str, String>,
    /// Benchmark and item.
    items: BTreeMap<(&'a str, &'a str), String>,
    /// Subjects in the order in which findings name them, and their findings.
    subjects: Vec<(&'a Subject, Vec<&'a Finding>)>,
}

impl<'a> References<'a> {
    fn of(report: &'a Report) -> Self {
        let mut references = References { sections: BTreeMap::new(), items: BTreeMap::new(), subjects: Vec::new() };
        for (index, section) in (1..).zip(&report.sections) {
            references.sections.entry(&section.id).or_insert_with(|| format!("section-{index}"));
        }
        let mut known = BTreeMap::new();
        for finding in &report.findings {
            let next = references.items.len() + 1;
            references.items.entry(item(finding)).or_insert_with(|| format!("requirement-{next}"));
            let index = *known.entry((finding.subject.kind, finding.subject.name.as_str())).or_insert_with(|| {
                references.subjects.push((&finding.subject, Vec::new()));
                references.subjects.len() - 1
            });
            references.subjects[index].1.push(finding);
        }
        references
    }
}

/// By what findings are about the same requirement.
fn item(finding: &Finding) -> (&str, &str) {
    (identity::benchmark(finding), &finding.id)
}
