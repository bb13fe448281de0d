//! Falcosidekick: its own rules for an event, as its `Check` has them.

use seaworthy_model::Verdict;
use seaworthy_send::outgoing::{Outgoing, When};
use serde_json::Value;

use crate::receiver::{Receiver, Reply};
use crate::sample::{finding, mixed, prepared, refused, report, send};

/// What Falcosidekick 2.34.1 refuses.
fn check(event: &Value) -> Result<(), String> {
    let priorities = ["emergency", "alert", "critical", "error", "warning", "notice", "informational", "info", "debug"];
    let text = |key: &str| event[key].as_str().unwrap_or("").to_owned();
    if !priorities.contains(&text("priority").to_lowercase().as_str()) {
        return Err(format!("priority {}", event["priority"]));
    }
    if text("rule").is_empty() || text("source").is_empty() {
        return Err("no rule or source".into());
    }
    if text("time").parse::<jiff::Timestamp>().is_err() {
        return Err(format!("time {}", event["time"]));
    }
    let fields = event["output_fields"].as_object().filter(|fields| !fields.is_empty()).ok_or("no fields")?;
    if let Some((key, value)) = fields.iter().find(|(_, value)| !value.is_string()) {
        return Err(format!("{key} is {value}"));
    }
    Ok(())
}

#[test]
fn an_event_for_each_finding() {
    let receiver = Receiver::start(|_| Reply::ok(""));
    let sink = prepared(&format!("url = \"falcosidekick+http://{}/\"", receiver.address), None);
    let outcome = send(&sink, &mixed(), When::All);
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(outcome.sent, 5);
    let requests = receiver.requests();
    let events: Vec<Value> = requests.iter().map(|request| request.json()).collect();
    events.iter().for_each(|event| check(event).unwrap());
    let priorities: Vec<&str> = events.iter().map(|event| event["priority"].as_str().unwrap()).collect();
    assert_eq!(priorities, ["Error", "Debug", "Notice", "Notice", "Debug"]);
    assert_eq!(events[0]["output_fields"]["k8s.node.name"], "node1");
    let output = events[0]["output"].as_str().unwrap();
    assert!(output.contains("1.2.1") && !output.contains(char::is_control), "{output}");
}

#[test]
fn a_failure_that_is_solved_is_told_as_solved() {
    let before =
        report("scan-1", vec![finding("node1", "1.2.1", Verdict::Fail), finding("node1", "1.2.2", Verdict::Pass)]);
    let after =
        report("scan-2", vec![finding("node1", "1.2.1", Verdict::Pass), finding("node1", "1.2.2", Verdict::Pass)]);
    let changes = seaworthy_report::changes::compare(&before, &after);
    let outgoing = Outgoing::choose(&after, Some(&changes), When::Changes, None);
    let sink = prepared("url = \"falcosidekick+http://127.0.0.1:1/\"", None);
    let mut events = Vec::new();
    sink.sink
        .parts(&outgoing, &mut |part| {
            events.push(serde_json::from_str::<Value>(&part.body).unwrap());
            Ok(())
        })
        .unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["output_fields"]["cis.state"], "solved");
    assert_eq!(events[0]["priority"], "Informational");
}

#[test]
fn a_key_of_another_sink_is_a_mistake() {
    let error = refused("url = \"falcosidekick+http://127.0.0.1:1/\"\nindex = \"main\"");
    assert!(error.contains("index"), "{error}");
}
