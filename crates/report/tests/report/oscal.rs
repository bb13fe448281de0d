//! OSCAL: states, references that must lead somewhere, and the forms of values that its schema wants.

use std::collections::BTreeSet;

use seaworthy_model::Report;
use serde_json::Value;

use super::history::{another_day, nodes, older, value};
use super::sample;

fn results(document: &Value) -> &[Value] {
    document["assessment-results"]["results"].as_array().unwrap()
}

/// Observations, findings or risks of all results.
fn entries<'a>(document: &'a Value, key: &str) -> Vec<&'a Value> {
    results(document).iter().flat_map(|result| result[key].as_array().into_iter().flatten()).collect()
}

fn prop<'a>(entry: &'a Value, name: &str) -> Option<&'a str> {
    entry["props"].as_array().unwrap().iter().find(|prop| prop["name"] == name)?["value"].as_str()
}

fn of<'a>(entries: &[&'a Value], item: &str) -> Option<&'a Value> {
    entries.iter().find(|entry| prop(entry, "item") == Some(item)).copied()
}

#[test]
fn each_verdict_has_its_state() {
    let document = value("oscal", &sample::report(), None);
    let (observations, findings) = (entries(&document, "observations"), entries(&document, "findings"));
    assert_eq!(observations.len(), sample::report().findings.len(), "every finding is observed");
    for (item, state) in [
        ("1.1.1", Some(("satisfied", "pass"))),
        ("1.1.9", Some(("not-satisfied", "other"))),
        ("1.2.1", Some(("not-satisfied", "fail"))),
        ("1.2.15", Some(("not-satisfied", "fail"))),
        ("1.2.16", Some(("not-satisfied", "fail"))),
        ("1.2.20", None),
        ("2.1", None),
        ("3.2.2", None),
        ("4.2.4", None),
        ("5.1.1", Some(("not-satisfied", "other"))),
    ] {
        let got = of(&findings, item).map(|finding| &finding["target"]["status"]);
        assert_eq!(got.map(|s| (s["state"].as_str().unwrap(), s["reason"].as_str().unwrap())), state, "{item}");
    }
    assert_eq!(of(&findings, "1.2.15").unwrap()["target"]["target-id"], "cis-1.2.15");
    assert_eq!(of(&observations, "3.2.2").unwrap()["methods"][0], "EXAMINE");
}

/// All UUIDs by which things are defined.
fn defined<'a>(value: &'a Value, uuids: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| defined(item, uuids)),
        Value::Object(map) => {
            uuids.extend(map.get("uuid").and_then(Value::as_str));
            map.values().for_each(|value| defined(value, uuids));
        }
        _ => {}
    }
}

/// What is named by UUID is there, and no two things bear one UUID.
fn references(document: &Value) {
    let top = &document["assessment-results"];
    let plan = top["import-ap"]["href"].as_str().unwrap().trim_start_matches('#');
    assert_eq!(top["back-matter"]["resources"][0]["uuid"], plan);
    let mut uuids = Vec::new();
    defined(document, &mut uuids);
    assert!(uuids.len() > 10);
    let mut seen = BTreeSet::new();
    uuids.iter().for_each(|uuid| assert!(seen.insert(*uuid), "{uuid} twice"));
    for result in results(document) {
        let uuids = |key: &str| -> BTreeSet<&str> {
            let entries = result[key].as_array().into_iter().flatten();
            entries.map(|entry| entry["uuid"].as_str().unwrap()).collect()
        };
        let (observations, risks) = (uuids("observations"), uuids("risks"));
        let local = &result["local-definitions"];
        for observation in result["observations"].as_array().unwrap() {
            assert_eq!(observation["subjects"][0]["subject-uuid"], local["inventory-items"][0]["uuid"]);
            assert_eq!(observation["origins"][0]["actors"][0]["actor-uuid"], local["components"][0]["uuid"]);
        }
        let controls = result["reviewed-controls"]["control-selections"][0]["include-controls"].as_array().unwrap();
        for finding in result["findings"].as_array().into_iter().flatten() {
            assert!(observations.contains(finding["related-observations"][0]["observation-uuid"].as_str().unwrap()));
            if let Some(risk) = finding["related-risks"][0]["risk-uuid"].as_str() {
                assert!(risks.contains(risk));
            }
            assert!(controls.iter().any(|control| control["control-id"] == finding["target"]["target-id"]));
        }
    }
}

#[test]
fn references_lead_somewhere() {
    references(&value("oscal", &sample::report(), None));
    references(&value("oscal", &sample::report(), Some(&older())));
    // One node by two benchmarks.
    let mut other = sample::report();
    other.findings.iter_mut().for_each(|f| f.identity = f.identity.replace("cis-1.12", "cis-1.11"));
    references(&value("oscal", &sample::report(), Some(&other)));
    let several = value("oscal", &nodes(3), None);
    references(&several);
    assert_eq!(results(&several).len(), 3);
    assert_eq!(results(&several)[2]["title"], "CIS Kubernetes Benchmark v1.12.0 on node node3");
}

#[test]
fn values_have_the_forms_that_the_schema_wants() {
    let document = value("oscal", &sample::report(), Some(&older()));
    let mut props = 0;
    let mut walk = vec![&document];
    while let Some(value) = walk.pop() {
        match value {
            Value::Array(items) => walk.extend(items),
            Value::Object(map) => {
                for prop in map.get("props").and_then(Value::as_array).into_iter().flatten() {
                    let text = prop["value"].as_str().unwrap();
                    assert!(!text.is_empty() && text.trim() == text && !text.contains('\n'), "{text:?}");
                    assert_eq!(prop["ns"], "urn:seaworthy:oscal");
                    props += 1;
                }
                walk.extend(map.values());
            }
            _ => {}
        }
    }
    assert!(props > 100);
    assert_eq!(document["assessment-results"]["metadata"]["oscal-version"], "1.2.1");
}

#[test]
fn a_waiver_is_an_approved_deviation() {
    let document = value("oscal", &sample::report(), None);
    let risks = entries(&document, "risks");
    assert_eq!(risks.len(), 1);
    assert_eq!(
        (&risks[0]["status"], &risks[0]["deadline"]),
        (&"deviation-approved".into(), &"2026-06-30T23:59:59Z".into())
    );
    assert_eq!(prop(risks[0], "owner"), Some("the node's keeper"));
    let findings = entries(&document, "findings");
    let waived = of(&findings, "1.2.16").unwrap();
    assert_eq!(waived["related-risks"][0]["risk-uuid"], risks[0]["uuid"]);
    // A last day that is no date gives no deadline, and the document stays one.
    let mut report = sample::report();
    report.findings.iter_mut().filter_map(|f| f.waiver.as_mut()).for_each(|waiver| waiver.expires = "soon".into());
    assert!(entries(&value("oscal", &report, None), "risks")[0].get("deadline").is_none());
}

#[test]
fn a_comparison_says_what_became_of_each() {
    let document = value("oscal", &sample::report(), Some(&older()));
    let (observations, findings) = (entries(&document, "observations"), entries(&document, "findings"));
    for (item, change) in
        [("1.1.1", "solved"), ("1.2.15", "newly-failing"), ("3.2.2", "appeared"), ("4.2.1", "same"), ("9.9.9", "gone")]
    {
        assert_eq!(prop(of(&observations, item).unwrap(), "change"), Some(change), "{item}");
    }
    let gone = of(&observations, "9.9.9").unwrap();
    assert_eq!(gone["collected"], "2026-01-30T10:00:00Z");
    assert!(of(&findings, "9.9.9").is_none());
    let alone = value("oscal", &sample::report(), None);
    assert!(entries(&alone, "observations").iter().all(|observation| prop(observation, "change").is_none()));
}

#[test]
fn uuids_outlive_evidence_and_time() {
    let uuids = |report: &Report| -> Vec<String> {
        let document = value("oscal", report, None);
        let all = ["observations", "findings", "risks"].map(|key| entries(&document, key));
        all.iter().flatten().map(|entry| entry["uuid"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(uuids(&sample::report()), uuids(&another_day()));
    let document = |report: &Report| value("oscal", report, None)["assessment-results"]["uuid"].clone();
    assert_ne!(document(&sample::report()), document(&another_day()), "another scan is another document");
}

#[test]
fn evidence_is_no_markup() {
    let document = value("oscal", &sample::report(), None);
    let observations = entries(&document, "observations");
    let hostile = of(&observations, "4.2.1").unwrap();
    assert!(!hostile["description"].as_str().unwrap().contains("<script>"));
    assert!(hostile["description"].as_str().unwrap().contains(r"\<script\>"));
    assert!(hostile["relevant-evidence"][0]["description"].as_str().unwrap().starts_with('`'));
}
