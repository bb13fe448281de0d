//! SARIF: what the standard's schema does not hold, and what GitHub and others want beyond it.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::*;
use serde_json::Value;

use super::history::{another_day, fingerprints, nodes, older, value};
use super::sample;

fn runs(log: &Value) -> &[Value] {
    log["runs"].as_array().unwrap()
}

/// All results, by item and node.
fn results(log: &Value) -> Vec<&Value> {
    runs(log).iter().flat_map(|run| run["results"].as_array().into_iter().flatten()).collect()
}

fn result<'a>(log: &'a Value, rule: &str) -> &'a Value {
    results(log).into_iter().find(|result| result["ruleId"] == rule).unwrap()
}

#[test]
fn kind_and_level_say_the_verdict() {
    let log = value("sarif", &sample::report(), None);
    for (rule, kind, level) in [
        ("CIS-1.1.1", "pass", "none"),
        ("CIS-1.1.9", "open", "none"),
        ("CIS-1.2.1", "fail", "warning"),
        ("CIS-1.2.15", "fail", "error"),
        ("CIS-1.2.16", "fail", "error"),
        ("CIS-1.2.20", "notApplicable", "none"),
        ("CIS-2.1", "notApplicable", "none"),
        ("CIS-3.2.2", "review", "none"),
        ("CIS-4.2.4", "notApplicable", "none"),
        ("CIS-5.1.1", "open", "none"),
    ] {
        let result = result(&log, rule);
        assert_eq!((&result["kind"], &result["level"]), (&kind.into(), &level.into()), "{rule}");
    }
    // The validator in CI does not know this rule of the standard.
    for result in results(&log) {
        assert_eq!(result["kind"] == "fail", result["level"] != "none", "{result}");
    }
    assert_eq!(results(&log).len(), sample::report().findings.len());
}

#[test]
fn a_waiver_suppresses_and_every_result_says_whether_it_is() {
    let log = value("sarif", &sample::report(), None);
    for result in results(&log) {
        let suppressions = result["suppressions"].as_array().unwrap();
        assert_eq!(suppressions.len(), usize::from(result["ruleId"] == "CIS-1.2.16"));
    }
    let waiver = &result(&log, "CIS-1.2.16")["suppressions"][0];
    assert_eq!(waiver["justification"], "waived until 2026-06-30 by the node's keeper: the log goes to a webhook");
    assert_eq!(waiver["properties"]["expires"], "2026-06-30");
}

#[test]
fn places_are_the_nodes_files_and_lines() {
    let log = value("sarif", &sample::report(), None);
    let at = |rule: &str, n: usize| result(&log, rule)["locations"][n]["physicalLocation"].clone();
    let manifest = at("CIS-1.2.15", 0);
    assert_eq!(manifest["artifactLocation"]["uri"], "etc/kubernetes/manifests/kube-apiserver.yaml");
    assert_eq!(
        (&manifest["artifactLocation"]["uriBaseId"], &manifest["region"]["startLine"]),
        (&"NODE".into(), &24.into())
    );
    // Where the host's path behind a container's is known it is given, else it is said that the path holds in the container.
    assert_eq!(at("CIS-1.1.9", 0)["artifactLocation"]["uri"], "host/cni");
    assert_eq!(at("CIS-3.2.2", 1)["artifactLocation"]["uriBaseId"], "CONTAINER");
    let hostile = at("CIS-4.2.1", 0)["artifactLocation"]["uri"].as_str().unwrap().to_owned();
    assert!(hostile.starts_with("var/lib/kubelet/%1B%5B32m%0A%5BPASS%5D"), "{hostile}");
    let whose = &result(&log, "CIS-1.2.1")["locations"][0]["logicalLocations"][0];
    assert_eq!((&whose["name"], &whose["kind"]), (&"node1".into(), &"node".into()));
}

#[test]
fn what_could_not_be_looked_at_is_a_notification_too() {
    let log = value("sarif", &sample::report(), None);
    let notifications = &runs(&log)[0]["invocations"][0]["toolExecutionNotifications"];
    let about: Vec<&Value> = notifications.as_array().unwrap().iter().map(|n| &n["associatedRule"]["id"]).collect();
    assert_eq!(about, ["CIS-1.1.9"]);
    // A node that did not report has a run without results, which is not the same as one with none.
    let silent: Vec<&Value> = runs(&log).iter().filter(|run| run.get("results").is_none()).collect();
    assert_eq!(silent.len(), 1);
    assert_eq!(silent[0]["invocations"][0]["executionSuccessful"], false);
    assert!(
        silent[0]["automationDetails"]["id"].as_str().unwrap().starts_with("seaworthy/cis-1.12/cluster/node/node3")
    );
}

#[test]
fn a_comparison_gives_every_result_its_baseline() {
    let (before, after) = (older(), sample::report());
    let log = value("sarif", &after, Some(&before));
    for (rule, state, change) in [
        ("CIS-1.1.1", "updated", Some("solved")),
        ("CIS-1.2.15", "updated", Some("newly-failing")),
        ("CIS-3.2.2", "new", Some("appeared")),
        ("CIS-1.2.16", "unchanged", None),
        ("CIS-9.9.9", "absent", Some("gone")),
    ] {
        let result = result(&log, rule);
        assert_eq!(result["baselineState"], state, "{rule}");
        assert_eq!(result["properties"]["changes"][0].as_str(), change, "{rule}");
    }
    // One of the older report's findings is of a node that did not report: nothing is known of it.
    assert_eq!(results(&log).iter().filter(|result| result["baselineState"] == "absent").count(), 1);
    // The baseline is the older report's run of the same name.
    let old = value("sarif", &before, None);
    assert_eq!(runs(&log)[0]["baselineGuid"], runs(&old)[0]["automationDetails"]["guid"]);
    // And without one nothing is said.
    assert!(results(&old).iter().all(|result| result.get("baselineState").is_none()));
}

#[test]
fn a_fingerprint_outlives_evidence_and_time() {
    let prints = |report: &Report| -> BTreeMap<String, String> {
        let log = value("sarif", report, None);
        let print = |result: &Value| result["partialFingerprints"]["seaworthyFinding/v1"].as_str().unwrap().to_owned();
        results(&log)
            .into_iter()
            .map(|r| (r["ruleId"].as_str().unwrap().trim_start_matches("CIS-").to_owned(), print(r)))
            .collect()
    };
    assert_eq!(prints(&sample::report()), prints(&another_day()));
    assert_eq!(prints(&sample::report()), fingerprints(&sample::report()));
}

#[test]
fn each_node_has_a_run_up_to_what_github_takes_and_all_have_one_beyond() {
    for (count, want) in [(1, 1), (3, 3), (20, 20), (21, 1)] {
        let report = nodes(count);
        for profile in ["sarif", "sarif-github"] {
            let log = value(profile, &report, None);
            assert_eq!(runs(&log).len(), want, "{profile} {count}");
            let names: BTreeSet<&str> =
                runs(&log).iter().map(|run| run["automationDetails"]["id"].as_str().unwrap()).collect();
            assert_eq!(names.len(), want);
            let prints: BTreeSet<&str> = results(&log)
                .iter()
                .map(|result| result["partialFingerprints"]["seaworthyFinding/v1"].as_str().unwrap())
                .collect();
            assert_eq!(prints.len(), results(&log).len(), "two nodes' findings are one");
            for run in runs(&log) {
                let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
                for result in run["results"].as_array().unwrap() {
                    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                    assert_eq!(rules[index]["id"], result["ruleId"]);
                }
            }
        }
    }
}

#[test]
fn github_gets_failures_with_a_place_each() {
    let log = value("sarif-github", &sample::report(), Some(&older()));
    let rules: Vec<&str> = results(&log).iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    // No pass, no open question, and not the waived 1.2.16.
    assert_eq!(rules, ["CIS-1.2.1", "CIS-1.2.15", "CIS-4.2.1"]);
    for result in results(&log) {
        let place = &result["locations"][0]["physicalLocation"];
        assert!(!place["artifactLocation"]["uri"].as_str().unwrap().is_empty());
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let line = result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap();
        assert!(line.starts_with(result["partialFingerprints"]["seaworthyFinding/v1"].as_str().unwrap()));
        assert!(result.get("baselineState").is_none());
    }
    assert_eq!(
        results(&log)[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "seaworthy/node1/cis-1.2.1"
    );
    // A run for the silent node would close its alerts.
    assert_eq!(runs(&log).len(), 2);
    for run in runs(&log) {
        for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
            assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 20);
            assert!(rule["properties"]["security-severity"].as_str().unwrap().parse::<f32>().unwrap() > 0.0);
        }
    }
}

#[test]
fn evidence_makes_no_link() {
    let mut report = sample::report();
    report.findings[3].reason = "see [this](https://example.com/)".into();
    let log = value("sarif", &report, None);
    assert!(result(&log, "CIS-1.2.15")["message"]["text"].as_str().unwrap().contains("[this] (https://example.com/)"));
}
