//! OCSF: numbers and their words, which the schema does not hold together, and what a comparison says.

use std::collections::BTreeMap;

use seaworthy_report::{changes, ocsf};
use serde_json::Value;

use super::history::{another_day, fingerprints, nodes, older, value};
use super::sample;

fn event<'a>(events: &'a Value, item: &str) -> &'a Value {
    events.as_array().unwrap().iter().find(|event| event["compliance"]["control"] == item).unwrap()
}

#[test]
fn each_verdict_has_its_status_and_weight() {
    let events = value("ocsf", &sample::report(), None);
    assert_eq!(events.as_array().unwrap().len(), sample::report().findings.len());
    for (item, id, word, severity) in [
        ("1.1.1", 1, "Pass", 1),
        ("1.1.9", 99, "Error", 2),
        ("1.2.1", 3, "Fail", 2),  // of high severity, not scored
        ("1.2.15", 3, "Fail", 2), // of low severity, scored
        ("4.2.1", 3, "Fail", 3),
        ("1.2.16", 3, "Fail", 1), // waived
        ("2.1", 99, "Not Applicable", 1),
        ("3.2.2", 2, "Warning", 2),
        ("4.2.4", 0, "Unknown", 1),
    ] {
        let event = event(&events, item);
        let compliance = &event["compliance"];
        assert_eq!((&compliance["status_id"], &compliance["status"]), (&id.into(), &word.into()), "{item}");
        assert_eq!(event["severity_id"], severity, "{item}");
    }
}

#[test]
fn numbers_belong_to_their_words() {
    let compared = value("ocsf", &sample::report(), Some(&older()));
    for event in compared.as_array().unwrap() {
        let activity = event["activity_id"].as_u64().unwrap();
        assert_eq!(event["type_uid"], 200_300 + activity);
        assert_eq!(
            event["activity_name"],
            ["Unknown", "Create", "Update", "Close"][usize::try_from(activity).unwrap()]
        );
        let severity = usize::try_from(event["severity_id"].as_u64().unwrap()).unwrap();
        assert_eq!(event["severity"], ["Unknown", "Informational", "Low", "Medium", "High", "Critical"][severity]);
        // Milliseconds: seconds would be a day in January 1970.
        assert_eq!(event["time"], 1_769_853_600_000_u64);
        assert_eq!(event["metadata"]["version"], ocsf::VERSION);
    }
}

#[test]
fn a_comparison_says_what_became_of_each() {
    let events = value("ocsf", &sample::report(), Some(&older()));
    for (item, activity, status) in [
        ("1.1.1", 3, Some("Resolved")),
        ("1.2.15", 2, Some("New")),
        ("1.2.16", 2, Some("Suppressed")),
        ("3.2.2", 1, Some("New")),
        ("4.2.1", 2, None),
        ("9.9.9", 3, Some("Archived")),
    ] {
        let event = event(&events, item);
        assert_eq!((&event["activity_id"], event["status"].as_str()), (&activity.into(), status), "{item}");
    }
    // node3 did not report.
    assert_eq!(events.as_array().unwrap().len(), sample::report().findings.len() + 1);
    for event in value("ocsf", &sample::report(), None).as_array().unwrap() {
        assert_eq!(event["activity_id"], 1);
        assert!(matches!(event["status"].as_str(), None | Some("Suppressed")));
        assert!(event["finding_info"].get("created_time").is_none());
    }
}

#[test]
fn a_fingerprint_outlives_evidence_and_time_and_tells_nodes_apart() {
    let prints = |events: &Value| -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let events = events.as_array().unwrap().iter();
        events.map(|event| (text(&event["compliance"]["control"]), text(&event["finding_info"]["uid"]))).collect()
    };
    assert_eq!(prints(&value("ocsf", &sample::report(), None)), fingerprints(&sample::report()));
    assert_eq!(prints(&value("ocsf", &another_day(), None)), fingerprints(&sample::report()));
    let events = value("ocsf", &nodes(2), None);
    let (one, two) = (&events[0], &events[1]);
    assert_eq!((&one["resources"][0]["name"], &two["resources"][0]["name"]), (&"node1".into(), &"node2".into()));
    assert_ne!(one["finding_info"]["uid"], two["finding_info"]["uid"]);
    // Events are named too: two scans' differ.
    assert_ne!(events[0]["metadata"]["uid"], value("ocsf", &another_day(), None)[0]["metadata"]["uid"]);
}

#[test]
fn sinks_get_the_lines_as_values() {
    let (before, after) = (older(), sample::report());
    let compared = changes::compare(&before, &after);
    assert_eq!(Value::Array(ocsf::events(&after, Some(&compared))), value("ocsf", &after, Some(&before)));
}

#[test]
fn a_time_that_is_none_is_the_epoch() {
    let mut report = sample::report();
    for time in [None, Some("yesterday")] {
        report.time = time.map(Into::into);
        assert_eq!(value("ocsf", &report, None)[0]["time"], 0);
        assert_eq!(value("asff", &report, None)[0]["UpdatedAt"], "1970-01-01T00:00:00Z");
    }
}
