//! The benchmark as a standard: sections and items, each a requirement.

use std::collections::BTreeSet;

use seaworthy_model::Report;
use serde_json::{Value, json};

use super::{References, item};
use crate::{hostile, identity, words};

/// One standard for each benchmark that a finding is of: an older finding may be of another than its neighbours.
pub(super) fn of(report: &Report, references: &References<'_>) -> Vec<Value> {
    let header = &report.header.benchmark;
    let mut benchmarks = vec![header.id.as_str()];
    for finding in &report.findings {
        let benchmark = identity::benchmark(finding);
        if !benchmarks.contains(&benchmark) {
            benchmarks.push(benchmark);
        }
    }
    let standard = |(index, benchmark): (usize, &str)| {
        let own = benchmark == header.id;
        let mut requirements = if own { sections(report, references) } else { Vec::new() };
        requirements.extend(items(report, references, benchmark, own));
        json!({
            "bom-ref": format!("standard-{index}"),
            "name": hostile::clean(if own { &header.title } else { benchmark }),
            "description": "Numbers are the publisher's; titles are our own words for what each item asks for.",
            "version": hostile::clean(benchmark),
            "requirements": requirements,
        })
    };
    (1..).zip(benchmarks).map(standard).collect()
}

fn sections(report: &Report, references: &References<'_>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for section in report.sections.iter().filter(|section| seen.insert(section.id.as_str())) {
        let mut requirement = json!({
            "bom-ref": references.sections[section.id.as_str()],
            "identifier": hostile::clean(&section.id),
            "title": hostile::clean(&section.title),
        });
        let above = section.id.rsplit_once('.').and_then(|(above, _)| references.sections.get(above));
        if let Some(above) = above {
            requirement["parent"] = above.as_str().into();
        }
        out.push(requirement);
    }
    out
}

fn items(report: &Report, references: &References<'_>, benchmark: &str, own: bool) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let findings = report.findings.iter().filter(|finding| identity::benchmark(finding) == benchmark);
    let mut out = Vec::new();
    for finding in findings.filter(|finding| seen.insert(&finding.id)) {
        let property = |name: &str, value: &str| json!({ "name": name, "value": hostile::clean(value) });
        let mut requirement = json!({
            "bom-ref": references.items[&item(finding)],
            "identifier": hostile::clean(&finding.id),
            "title": hostile::clean(&finding.title),
            "properties": [
                property("seaworthy:rule", &finding.rule),
                property("seaworthy:severity", finding.severity.as_str()),
                property("seaworthy:level", &finding.level.to_string()),
                property("seaworthy:label", words::label(finding)),
                property("seaworthy:scored", if finding.scored { "true" } else { "false" }),
            ],
        });
        if let Some(section) = references.sections.get(finding.section.as_str()).filter(|_| own) {
            requirement["parent"] = section.as_str().into();
        }
        out.push(requirement);
    }
    out
}
