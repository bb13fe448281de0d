//! The API objects: what the published schemas take, what a name may be, and that an object stays small whatever a node says.

use std::collections::BTreeSet;

use proptest::prelude::*;
use seaworthy_model::*;
use seaworthy_report::{changes, format::Context, openreports, policyreport};
use serde_json::{Value, json};

use super::hostile::{acts, hostile_text, report_with};
use super::{fleet, sample};

const WORDS: [&str; 5] = ["pass", "fail", "warn", "error", "skip"];

/// What both kinds take, written down from their definitions; a field that they do not know would be dropped without a word. The
/// definitions themselves are asked by `.ci/formats`.
fn schema() -> jsonschema::Validator {
    let text = json!({ "type": "string" });
    let count = json!({ "type": "integer", "minimum": 0 });
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["apiVersion", "kind", "metadata", "summary", "results"],
        "properties": {
            "apiVersion": { "enum": ["wgpolicyk8s.io/v1alpha2", "openreports.io/v1alpha1"] },
            "kind": { "enum": ["ClusterPolicyReport", "ClusterReport"] },
            "metadata": {
                "type": "object",
                "additionalProperties": false,
                "properties": { "name": text, "labels": { "type": "object", "additionalProperties": text } },
            },
            "source": text,
            "scope": {
                "type": "object",
                "additionalProperties": false,
                "properties": { "apiVersion": text, "kind": text, "name": text },
            },
            "summary": {
                "type": "object",
                "additionalProperties": false,
                "properties": { "pass": count, "fail": count, "warn": count, "error": count, "skip": count },
            },
            "results": { "type": "array", "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["policy"],
                "properties": {
                    "source": text, "policy": text, "rule": text, "category": text, "message": text,
                    "severity": { "enum": ["critical", "high", "medium", "low", "info"] },
                    "scored": { "type": "boolean" },
                    "result": { "enum": WORDS },
                    "properties": { "type": "object", "additionalProperties": { "type": "string", "minLength": 1 } },
                    "timestamp": {
                        "type": "object",
                        "additionalProperties": false,
                        "required": ["seconds", "nanos"],
                        "properties": { "seconds": { "type": "integer" }, "nanos": count },
                    },
                },
            } },
        },
    });
    jsonschema::validator_for(&schema).unwrap()
}

fn both(report: &Report) -> Vec<Value> {
    [policyreport::objects(report, None), openreports::objects(report, None)].concat()
}

fn is_name(name: &str) -> bool {
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    name.len() <= 253
        && name.split('.').all(|label| {
            let bytes = label.as_bytes();
            edge(bytes.first())
                && edge(bytes.last())
                && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
        })
}

fn names(objects: &[Value]) -> Vec<&str> {
    objects.iter().map(|object| object["metadata"]["name"].as_str().unwrap()).collect()
}

#[test]
fn the_schema_takes_them_and_can_refuse() {
    let schema = schema();
    for object in both(&sample::report()).into_iter().chain(both(&fleet::report())) {
        assert!(schema.is_valid(&object), "{:?}", schema.validate(&object));
        for (pointer, value) in [
            ("/results/0/result", json!("info")),
            ("/results/0/properties/level", json!(1)),
            ("/results/0/timestamp", json!("2026-01-31T10:00:00Z")),
            ("/results/0/scored", json!("true")),
            ("/summary/fail", json!("1")),
        ] {
            let mut damaged = object.clone();
            *damaged.pointer_mut(pointer).unwrap() = value;
            assert!(!schema.is_valid(&damaged), "{pointer}");
        }
    }
}

#[test]
fn one_object_a_subject_with_all_its_results() {
    let report = fleet::report();
    for objects in [policyreport::objects(&report, None), openreports::objects(&report, None)] {
        let want = ["seaworthy-cis-1.12-node-node1", "seaworthy-cis-1.12-node-node2", "seaworthy-cis-1.12-cluster"];
        assert_eq!(names(&objects), want);
        let results: usize = objects.iter().map(|object| object["results"].as_array().unwrap().len()).sum();
        assert_eq!(results, report.findings.len());
        assert_eq!(objects[1]["scope"], json!({ "apiVersion": "v1", "kind": "Node", "name": "node2" }));
        assert_eq!(objects[2].get("scope"), None);
        for object in objects {
            for word in WORDS {
                let results = object["results"].as_array().unwrap();
                let count = results.iter().filter(|result| result["result"] == word).count();
                assert_eq!(object["summary"][word], count, "{word}");
            }
        }
    }
}

/// The table that all formats map verdicts by.
#[test]
fn each_verdict_has_its_word() {
    let base = sample::report().findings[0].clone();
    let of = |verdict, scored, waived: bool, kind| -> String {
        let waiver = Applied { reason: "r".into(), owner: "o".into(), expires: "2026-06-30".into() };
        let status = Status::of(verdict, scored, waived || kind == Kind::Skipped);
        let waiver = waived.then_some(waiver);
        let finding = Finding { verdict, scored, status, kind, waiver, ..base.clone() };
        let report = Report { findings: vec![finding], ..sample::report() };
        policyreport::objects(&report, None)[0]["results"][0]["result"].as_str().unwrap().to_owned()
    };
    for (verdict, scored, want) in [
        (Verdict::Pass, true, "pass"),
        (Verdict::Pass, false, "pass"),
        (Verdict::Fail, true, "fail"),
        (Verdict::Fail, false, "warn"),
        (Verdict::Manual, false, "warn"),
        (Verdict::Unknown, true, "error"),
        (Verdict::Unknown, false, "error"),
        (Verdict::NotApplicable, true, "skip"),
    ] {
        assert_eq!(of(verdict, scored, false, Kind::Tested), want, "{verdict} {scored}");
        assert_eq!(of(verdict, scored, true, Kind::Tested), "skip", "{verdict}, waived");
        assert_eq!(of(verdict, scored, false, Kind::Skipped), "skip", "{verdict}, skipped");
    }
}

#[test]
fn names_are_subdomains_and_differ() {
    let mut seen = BTreeSet::new();
    for node in
        ["node1", "Node1", "node_1", "node-1", "-", "", "a..b", "a/b", "a\nb", &"n".repeat(253), &"n".repeat(300)]
    {
        let mut report = sample::report();
        report.findings.truncate(1);
        report.findings[0].subject.name = node.into();
        let objects = policyreport::objects(&report, None);
        let name = names(&objects)[0].to_owned();
        assert!(is_name(&name), "{name}");
        assert_eq!(names(&openreports::objects(&report, None)), [&name]);
        assert!(seen.insert(name), "{node:?} has another's name");
    }
}

#[test]
fn an_object_stays_small_and_says_what_it_left_out() {
    let mut report = sample::report();
    report.findings.truncate(1);
    let finding = &mut report.findings[0];
    finding.evidence[0].value = "é\u{1b}".repeat(5_000);
    finding.evidence = vec![finding.evidence[0].clone(); 3];
    let many: Vec<Finding> =
        (0..401).map(|n| Finding { id: format!("1.1.{n}"), ..report.findings[0].clone() }).collect();
    report.findings = many;
    let objects = policyreport::objects(&report, None);
    assert_eq!(objects.len(), 3);
    assert_eq!(names(&objects).into_iter().collect::<BTreeSet<_>>().len(), 3);
    for object in &objects {
        assert!(object.to_string().len() <= 1_000_000);
        for result in object["results"].as_array().unwrap() {
            assert!(result["properties"]["actual"].as_str().unwrap().contains("more characters"));
            assert_eq!(result["properties"]["fingerprint"].as_str().unwrap().len(), 64);
        }
    }
}

#[test]
fn the_document_is_a_list_and_what_changed_is_a_property() {
    let (before, report) = (fleet::before(), fleet::report());
    let changes = changes::compare(&before, &report);
    let context = Context { changes: Some(&changes), ..Default::default() };
    for text in [policyreport::render(&report, &context), openreports::render(&report, &context)] {
        let list: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&list["apiVersion"], &list["kind"]), (&json!("v1"), &json!("List")));
        assert!(text.ends_with("}\n"));
        let results = list["items"][0]["results"].as_array().unwrap();
        let changed = |rule: &str| {
            let result = results.iter().find(|result| result["rule"] == rule).unwrap();
            result["properties"].get("changed").and_then(Value::as_str).map(str::to_owned)
        };
        assert_eq!(changed("1.2.15").unwrap(), "newly-failing");
        assert_eq!(changed("1.1.1").unwrap(), "solved");
        assert_eq!(changed("2.2").unwrap(), "verdict-changed");
        assert_eq!(changed("1.2.1"), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_text_stays_text(prefix in hostile_text()) {
        let schema = schema();
        let report = report_with(&prefix);
        for object in both(&report) {
            prop_assert!(schema.is_valid(&object));
            prop_assert!(is_name(object["metadata"]["name"].as_str().unwrap()));
            // Its strings, as kubectl shows them.
            let mut open = vec![&object];
            while let Some(value) = open.pop() {
                match value {
                    Value::String(text) => prop_assert_eq!(text.chars().find(|c| acts(*c)), None),
                    Value::Array(values) => open.extend(values),
                    Value::Object(map) => open.extend(map.values()),
                    _ => {}
                }
            }
        }
    }
}
