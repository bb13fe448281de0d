//! The sample's past, and the sample on many nodes: what formats say of changes and of clusters is tried on these. With them the checks
//! that hold for every document.

use std::collections::BTreeMap;

use seaworthy_model::*;
use seaworthy_report::{changes, format, identity};
use serde_json::Value;

use super::sample::{self, HOSTILE};

/// A day before the sample: 1.1.1 failed, 1.2.15 passed, 3.2.2 was not asked, 9.9.9 was. node3 reported, which did not answer since.
pub(crate) fn older() -> Report {
    let mut report = sample::report();
    report.time = Some("2026-01-30T10:00:00Z".into());
    report.scan_id = "beef".repeat(16);
    report.findings.retain(|finding| finding.id != "3.2.2");
    for finding in &mut report.findings {
        let verdict = match finding.id.as_str() {
            "1.1.1" => Verdict::Fail,
            "1.2.15" => Verdict::Pass,
            _ => continue,
        };
        finding.verdict = verdict;
        finding.status = Status::of(verdict, finding.scored, false);
    }
    let mut gone = report.findings[0].clone();
    gone.id = "9.9.9".into();
    gone.rule = "kube-apiserver/other".into();
    gone.identity = "cluster/node1/cis-1.12/9.9.9".into();
    let mut silent = gone.clone();
    silent.subject.name = report.missing[0].name.clone();
    silent.identity = "cluster/node3/cis-1.12/9.9.9".into();
    report.findings.extend([gone, silent]);
    report
}

/// Whose findings they are in tests.
pub(crate) fn aws() -> format::Aws {
    format::Aws {
        partition: "aws".into(),
        region: "eu-central-1".into(),
        account: "123456789012".into(),
        product: None,
    }
}

/// The sample's findings of its node on so many nodes, item by item.
pub(crate) fn nodes(count: usize) -> Report {
    let mut report = sample::report();
    report.missing.clear();
    let mut findings = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.subject.kind == SubjectKind::Node) {
        for number in 1..=count {
            let name = format!("node{number}");
            let mut finding = finding.clone();
            finding.identity = format!("cluster/{name}/cis-1.12/{}", finding.id);
            finding.subject = Subject { kind: SubjectKind::Node, id: Some(name.clone()), name };
            findings.push(finding);
        }
    }
    report.findings = findings;
    report
}

/// The report in a format.
pub(crate) fn rendered(name: &str, report: &Report, before: Option<&Report>) -> String {
    let changes = before.map(|before| changes::compare(before, report));
    let context = format::Context { changes: changes.as_ref(), aws: Some(aws()), ..Default::default() };
    let text = (format::find(name).unwrap().render)(report, &context);
    assert!(text.ends_with('\n'), "{name}");
    text
}

/// The same, read back: a document, or its lines as an array.
pub(crate) fn value(name: &str, report: &Report, before: Option<&Report>) -> Value {
    let text = rendered(name, report, before);
    if format::find(name).unwrap().media_type == "application/x-ndjson" {
        return text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect();
    }
    serde_json::from_str(&text).unwrap()
}

/// All fingerprints of a report, by item.
pub(crate) fn fingerprints(report: &Report) -> BTreeMap<String, String> {
    report.findings.iter().map(|finding| (finding.id.clone(), identity::fingerprint(finding))).collect()
}

/// A report of the same subjects on another day, with other evidence and reasons.
pub(crate) fn another_day() -> Report {
    let mut report = sample::report();
    report.time = Some("2027-05-05T00:00:00Z".into());
    report.scan_id = "1".repeat(64);
    for finding in &mut report.findings {
        finding.reason = "other words".into();
        finding.evidence.clear();
        finding.locations.clear();
    }
    report
}

/// Every string of a document, also the keys.
pub(crate) fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::Object(map) => {
            map.iter().flat_map(|(key, value)| std::iter::once(key.as_str()).chain(strings(value))).collect()
        }
        _ => Vec::new(),
    }
}

const NAMES: [&str; 5] = ["asff", "ocsf", "oscal", "sarif", "sarif-github"];

/// The strings as a reader has them hold no character that acts, nothing begins a line that we did not begin, and no key is missing a
/// value.
#[test]
fn evidence_is_only_text_for_whoever_reads_the_document() {
    for name in NAMES {
        let value = value(name, &sample::report(), Some(&older()));
        let strings = strings(&value);
        let escaped = strings.iter().filter(|text| text.contains(r"\u{202e}") || text.contains(r"\u\{202e\}")).count();
        assert!(escaped > 3, "{name}: the hostile text is not in it");
        for text in strings {
            let acting =
                text.chars().find(|c| (c.is_control() && *c != '\n') || "\u{202e}\u{2066}\u{e0041}".contains(*c));
            assert_eq!(acting, None, "{name}: {text:?}");
            // A rule page is of the catalogue and keeps its lines.
            let page = text.starts_with("Words of a rule page");
            assert!(page || !text.lines().any(|line| line.starts_with("[PASS]")), "{name}: {text:?}");
            assert!(!text.contains(HOSTILE), "{name}");
        }
        assert!(!rendered(name, &sample::report(), None).contains("null"), "{name}");
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for name in NAMES {
        assert_eq!(
            rendered(name, &sample::report(), Some(&older())),
            rendered(name, &sample::report(), Some(&older()))
        );
    }
}

/// A finding whose identity is another, because another benchmark asks now, is gone under the old one and new under its own.
#[test]
fn a_record_follows_its_identity() {
    let mut before = sample::report();
    for finding in &mut before.findings {
        finding.identity = finding.identity.replace("cis-1.12", "cis-1.11");
    }
    let events = value("ocsf", &sample::report(), Some(&before));
    let count = |activity: u64| events.as_array().unwrap().iter().filter(|e| e["activity_id"] == activity).count();
    let findings = before.findings.len();
    assert_eq!((count(1), count(2), count(3)), (findings, 0, findings));
}

/// Without findings there is still a document, and readers are not told that something passed.
#[test]
fn a_report_without_findings_is_a_document() {
    let mut report = sample::report();
    report.findings.clear();
    assert_eq!(rendered("asff", &report, None), "[]\n");
    assert_eq!((format::find("ocsf").unwrap().render)(&report, &format::Context::default()), "");
    assert_eq!(
        value("oscal", &report, None)["assessment-results"]["results"][0]["description"],
        "Nothing was assessed."
    );
    report.missing.clear();
    assert_eq!(value("sarif", &report, None)["runs"].as_array().unwrap().len(), 1);
}
