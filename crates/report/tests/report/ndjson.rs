//! Lines of JSON: a line a finding, and the totals at the end.

use seaworthy_report::{json, ndjson};
use serde_json::Value;

use super::sample;

fn lines(totals: bool) -> Vec<Value> {
    let text = ndjson::render(&sample::report(), &ndjson::Options { totals });
    assert!(text.ends_with("}\n"));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The finding in a line is the one of the JSON report, key by key, and says whose it is.
#[test]
fn a_line_is_a_finding_and_whose_it_is() {
    let whole: Value =
        serde_json::from_str(&json::render(&sample::report(), &json::Options { pretty: false, totals: true })).unwrap();
    let findings = whole["findings"].as_array().unwrap();
    let lines = lines(true);
    assert_eq!(lines.len(), findings.len() + 1);
    for (line, finding) in lines.iter().zip(findings) {
        let mut rest = line.as_object().unwrap().clone();
        for (key, value) in finding.as_object().unwrap() {
            assert_eq!(rest.remove(key).as_ref(), Some(value), "{key}");
        }
        assert_eq!(rest.remove("scan_id").unwrap(), whole["scan_id"]);
        assert_eq!(rest.remove("time").unwrap(), whole["time"]);
        assert_eq!(rest.remove("benchmark").unwrap(), whole["header"]["benchmark"]["id"]);
        let of_node = finding["subject"]["kind"] == "node";
        assert_eq!(rest.remove("node"), of_node.then(|| finding["subject"]["name"].clone()));
        let cluster = finding["identity"].as_str().unwrap().split('/').next().unwrap();
        assert_eq!(rest.remove("cluster"), (cluster != "-").then(|| cluster.into()));
        assert!(rest.is_empty(), "{rest:?}");
        assert_ne!(line["kind"], "summary");
    }
}

#[test]
fn the_last_line_has_the_totals() {
    let last = lines(true).pop().unwrap();
    assert_eq!(last["kind"], "summary");
    assert_eq!(last["totals"], serde_json::to_value(sample::report().totals).unwrap());
    assert_eq!((&last["expected"], &last["received"]), (&3.into(), &2.into()));
    let last = lines(false).pop().unwrap();
    assert_eq!((&last["kind"], last.get("totals")), (&"summary".into(), None));
}
