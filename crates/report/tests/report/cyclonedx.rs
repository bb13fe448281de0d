//! The attestation: that its references hold together, and that only what the facts decided has a score. Whether the document is
//! CycloneDX is asked of the published schema, by `.ci/formats/cyclonedx`.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use seaworthy_model::{Kind, Report, Verdict};
use seaworthy_report::{changes, cyclonedx, format::Context};
use serde_json::{Value, json};

use super::hostile::{acts, hostile_text, report_with};
use super::{fleet, sample};

fn document(report: &Report) -> Value {
    serde_json::from_str(&cyclonedx::render(report, &Context::default())).unwrap()
}

/// What the document refers to that is not there, and what is there twice or is referred to by nothing.
fn problems(document: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut open = vec![("", document)];
    while let Some((key, value)) = open.pop() {
        match value {
            Value::String(text) if key == "bom-ref" => names.push(text.clone()),
            Value::String(text) => {
                let keys = "requirement claims counterClaims evidence mitigationStrategies assessor target parent";
                if keys.split(' ').any(|known| known == key) {
                    used.insert(text.clone());
                }
            }
            Value::Array(values) => open.extend(values.iter().map(|value| (key, value))),
            Value::Object(map) => open.extend(map.iter().map(|(key, value)| (key.as_str(), value))),
            _ => {}
        }
    }
    let known: BTreeSet<String> = names.iter().cloned().collect();
    let mut problems: Vec<String> = used.difference(&known).map(|name| format!("{name} is not there")).collect();
    // A section may be empty, and of a subject nothing may be known.
    let is_inner = |name: &&String| ["standard", "section", "subject"].iter().all(|outer| !name.starts_with(outer));
    problems.extend(known.difference(&used).filter(is_inner).map(|name| format!("{name} is not used")));
    if known.len() != names.len() {
        problems.push("a reference stands twice".into());
    }
    problems
}

#[test]
fn references_hold_together() {
    for report in [sample::report(), fleet::report()] {
        let document = document(&report);
        assert_eq!(problems(&document), [""; 0]);
        for (pointer, value) in [
            ("/declarations/claims/0/target", "subject-99"),
            ("/declarations/claims/0/bom-ref", "claim"),
            ("/declarations/attestations/0/map/0/requirement", "requirement-99"),
        ] {
            let mut damaged = document.clone();
            *damaged.pointer_mut(pointer).unwrap() = value.into();
            assert_ne!(problems(&damaged), [""; 0], "{pointer}");
        }
    }
    // Findings that agree in identity do not make one reference of two.
    let mut report = sample::report();
    report.findings.push(report.findings[0].clone());
    assert_eq!(problems(&document(&report)), [""; 0]);
}

#[test]
fn only_what_the_facts_decided_has_a_score() {
    let report = fleet::report();
    let document = document(&report);
    let mut identifiers = BTreeMap::new();
    for requirement in document["definitions"]["standards"][0]["requirements"].as_array().unwrap() {
        identifiers.insert(requirement["bom-ref"].as_str().unwrap(), requirement["identifier"].as_str().unwrap());
    }
    let attestations = document["declarations"]["attestations"].as_array().unwrap();
    let subjects = ["node1", "node2", "cluster"];
    assert_eq!(attestations.len(), subjects.len());
    for (subject, attestation) in subjects.iter().zip(attestations) {
        let findings: Vec<_> = report.findings.iter().filter(|f| f.subject.name == *subject).collect();
        let map = attestation["map"].as_array().unwrap();
        assert_eq!(map.len(), findings.len());
        for (finding, entry) in findings.iter().zip(map) {
            assert_eq!(identifiers[entry["requirement"].as_str().unwrap()], finding.id);
            let (score, claims, counter) = match finding.verdict {
                _ if finding.kind == Kind::Skipped => (None, false, false),
                Verdict::Pass => (Some(json!(1)), true, false),
                Verdict::Fail => (Some(json!(0)), false, true),
                _ => (None, !finding.evidence.is_empty(), false),
            };
            assert_eq!(entry["conformance"].get("score"), score.as_ref(), "{}", finding.id);
            assert_eq!((entry.get("claims").is_some(), entry.get("counterClaims").is_some()), (claims, counter));
            assert_eq!(entry["conformance"].get("mitigationStrategies").is_some(), finding.waiver.is_some());
            assert_ne!(entry["conformance"]["rationale"], "");
        }
    }
}

#[test]
fn what_changed_is_in_the_rationale() {
    let (before, report) = (fleet::before(), fleet::report());
    let changes = changes::compare(&before, &report);
    let text = cyclonedx::render(&report, &Context { changes: Some(&changes), ..Default::default() });
    for words in [
        "(since the last report: newly-failing)",
        "(since the last report: solved)",
        "not asked any more since the last report: 3.2.9",
    ] {
        assert!(text.contains(words), "{words}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_text_stays_text(prefix in hostile_text()) {
        let text = cyclonedx::render(&report_with(&prefix), &Context::default());
        prop_assert_eq!(text.chars().find(|c| acts(*c) && *c != '\n'), None);
        let document: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(problems(&document), Vec::<String>::new());
    }
}
