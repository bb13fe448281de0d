//! OTLP in JSON, by a stand-in that knows the fields of the protocol's messages and refuses all others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use seaworthy_model::Verdict;
use seaworthy_send::deliver::Prepared;
use seaworthy_send::outgoing::When;
use serde_json::{Value, json};

use crate::receiver::{Receiver, Reply, Request};
use crate::sample::{finding, mixed, prepared, refused, report, send};
use crate::stand::{TOKEN, endless, flush, insist, on_disk, over, token};

/// A message's fields, or why the value is none.
fn message<'a>(value: &'a Value, known: &[&str]) -> Result<&'a serde_json::Map<String, Value>, String> {
    let object = value.as_object().ok_or_else(|| format!("{value} is no message"))?;
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("unknown field {key}")),
        None => Ok(object),
    }
}

fn list(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| format!("{value} is no list"))
}

/// 64 bits are text.
fn long(value: &Value) -> Result<u64, String> {
    value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| format!("{value} is no 64-bit number in text"))
}

fn any(value: &Value) -> Result<(), String> {
    let object = message(value, &["stringValue", "boolValue", "intValue", "arrayValue"])?;
    let [(kind, value)] = &object.iter().collect::<Vec<_>>()[..] else { return Err(format!("{value}: one of them")) };
    let right = match kind.as_str() {
        "stringValue" => value.is_string(),
        "boolValue" => value.is_boolean(),
        "intValue" => long(value).is_ok(),
        _ => list(&message(value, &["values"])?["values"])?.iter().try_for_each(any).is_ok(),
    };
    if right { Ok(()) } else { Err(format!("{kind} is {value}")) }
}

fn attributes(value: &Value) -> Result<BTreeMap<String, Value>, String> {
    let mut map = BTreeMap::new();
    for pair in list(value)? {
        let pair = message(pair, &["key", "value"])?;
        any(&pair["value"])?;
        let key = pair["key"].as_str().filter(|key| !key.is_empty()).ok_or("no key")?;
        if map.insert(key.to_owned(), pair["value"].clone()).is_some() {
            return Err(format!("{key} twice"));
        }
    }
    Ok(map)
}

/// What a request holds: each record or metric with its resource's attributes.
type Held = Vec<(BTreeMap<String, Value>, Value)>;

fn decode(request: &Request) -> Result<Held, String> {
    let (outer, inner, content) = match request.path.as_str() {
        "/v1/logs" => ("resourceLogs", "scopeLogs", "logRecords"),
        "/v1/metrics" => ("resourceMetrics", "scopeMetrics", "metrics"),
        path => return Err(format!("nothing at {path}")),
    };
    if request.header("content-type") != Some("application/json") || request.method != "POST" {
        return Err("no JSON".into());
    }
    let body: Value = serde_json::from_str(&request.body).map_err(|error| error.to_string())?;
    let mut all = Vec::new();
    let mut resources = BTreeSet::new();
    for group in list(&message(&body, &[outer])?[outer])? {
        let group = message(group, &["resource", inner])?;
        let resource = attributes(&message(&group["resource"], &["attributes"])?["attributes"])?;
        if !resources.insert(group["resource"].to_string()) {
            return Err("a resource twice".into());
        }
        for scope in list(&group[inner])? {
            let scope = message(scope, &["scope", content])?;
            message(&scope["scope"], &["name", "version"])?;
            let things = list(&scope[content])?;
            for thing in things {
                if content == "logRecords" {
                    record(thing)?
                } else {
                    metric(thing)?
                }
                all.push((resource.clone(), thing.clone()));
            }
        }
    }
    Ok(all)
}

fn record(value: &Value) -> Result<(), String> {
    let known =
        ["timeUnixNano", "observedTimeUnixNano", "severityNumber", "severityText", "eventName", "body", "attributes"];
    let record = message(value, &known)?;
    long(&record["timeUnixNano"])?;
    long(&record["observedTimeUnixNano"])?;
    record["severityNumber"]
        .as_u64()
        .filter(|n| (1..=24).contains(n))
        .ok_or("severityNumber is no number of 1 to 24")?;
    any(&record["body"])?;
    attributes(&record["attributes"]).map(|_| ())
}

fn metric(value: &Value) -> Result<(), String> {
    let metric = message(value, &["name", "description", "unit", "gauge"])?;
    let points = list(&message(&metric["gauge"], &["dataPoints"])?["dataPoints"])?;
    let mut series = BTreeSet::new();
    for point in points {
        let point = message(point, &["asDouble", "timeUnixNano", "attributes"])?;
        point["asDouble"].as_f64().ok_or("asDouble is no number")?;
        long(&point["timeUnixNano"])?;
        if !series.insert(format!("{:?}", attributes(&point["attributes"])?)) {
            return Err(format!("{}: a series twice", metric["name"]));
        }
    }
    if points.is_empty() { Err("no points".into()) } else { Ok(()) }
}

fn accept(request: &Request) -> Reply {
    match decode(request) {
        Ok(_) => Reply::ok("{\"partialSuccess\":{}}"),
        Err(why) => Reply::Answer(400, vec![], json!({ "code": 3, "message": why }).to_string()),
    }
}

fn sink(receiver: &Receiver, folder: &tempfile::TempDir, lines: &str) -> Prepared {
    let secret = tempfile::tempdir_in(folder).unwrap().keep();
    let lines = format!("url = \"otlp+http://{}\"\n{}{lines}", receiver.address, token(&secret, "token-file"));
    prepared(&lines, Some(&folder.path().join("state")))
}

fn of(requests: &[Request], path: &str) -> Held {
    requests.iter().filter(|request| request.path == path).flat_map(|request| decode(request).unwrap()).collect()
}

fn uids(held: &Held) -> BTreeSet<String> {
    let uid = |record: &Value| attributes(&record["attributes"]).unwrap()["log.record.uid"]["stringValue"].clone();
    held.iter().map(|(_, record)| uid(record).as_str().unwrap().to_owned()).collect()
}

#[test]
fn findings_are_log_records_and_counts_are_gauges() {
    for lines in ["", "gzip = true"] {
        let receiver = Receiver::start(accept);
        let folder = tempfile::tempdir().unwrap();
        let outcome = send(&sink(&receiver, &folder, lines), &mixed(), When::All);
        assert!(outcome.is_complete() && outcome.sent == 6, "{outcome:?}");
        let requests = receiver.requests();
        assert!(requests.iter().all(|request| request.header("authorization") == Some(&format!("Bearer {TOKEN}"))));
        let logs = of(&requests, "/v1/logs");
        let severities: Vec<u64> = logs.iter().map(|(_, record)| record["severityNumber"].as_u64().unwrap()).collect();
        assert_eq!(severities, [17, 9, 13, 13, 9]);
        assert_eq!(uids(&logs).len(), 5);
        let (resource, first) = &logs[0];
        assert_eq!(resource["k8s.node.name"], json!({ "stringValue": "node1" }));
        assert_eq!(resource["service.name"], json!({ "stringValue": "seaworthy" }));
        assert_eq!(first["timeUnixNano"], "1769853600000000000");
        let text = first["body"]["stringValue"].as_str().unwrap();
        assert!(text.contains("forged") && !text.contains(char::is_control), "{text}");
        let metrics = of(&requests, "/v1/metrics");
        let checks = &metrics.iter().find(|(_, metric)| metric["name"] == "seaworthy.checks").unwrap().1;
        let points: Vec<(String, f64)> = list(&checks["gauge"]["dataPoints"])
            .unwrap()
            .iter()
            .map(|point| (attributes(&point["attributes"]).unwrap(), point["asDouble"].as_f64().unwrap()))
            .map(|(labels, value)| (labels["status"]["stringValue"].as_str().unwrap().to_owned(), value))
            .collect();
        assert_eq!(points, [("fail".into(), 1.0), ("warn".into(), 2.0), ("pass".into(), 1.0), ("info".into(), 1.0)]);
    }
}

#[test]
fn each_node_is_a_resource_of_its_own() {
    let receiver = Receiver::start(accept);
    let folder = tempfile::tempdir().unwrap();
    let mut findings = Vec::new();
    for number in ["1.2.1", "1.2.2"] {
        findings.extend(["node1", "node2"].map(|node| finding(node, number, Verdict::Fail)));
    }
    assert!(send(&sink(&receiver, &folder, ""), &report("s", findings), When::All).is_complete());
    let nodes = |held: &Held| -> Vec<String> {
        let node =
            |map: &BTreeMap<String, Value>| map.get("k8s.node.name").map_or(json!("-"), |v| v["stringValue"].clone());
        held.iter().map(|(resource, _)| node(resource).as_str().unwrap().to_owned()).collect()
    };
    let requests = receiver.requests();
    assert_eq!(nodes(&of(&requests, "/v1/logs")), ["node1", "node1", "node2", "node2"]);
    // Three of each node, three of the report.
    let metrics = nodes(&of(&requests, "/v1/metrics"));
    assert_eq!(metrics, ["node1", "node1", "node1", "node2", "node2", "node2", "-", "-", "-"]);
}

#[test]
fn one_signal_alone() {
    for (lines, path, sent) in [("signals = [\"logs\"]", "/v1/logs", 5), ("signals = [\"metrics\"]", "/v1/metrics", 1)]
    {
        let receiver = Receiver::start(accept);
        let folder = tempfile::tempdir().unwrap();
        let outcome = send(&sink(&receiver, &folder, lines), &mixed(), When::All);
        assert!(outcome.is_complete() && outcome.sent == sent, "{outcome:?}");
        assert!(receiver.requests().iter().all(|request| request.path == path));
    }
}

#[test]
fn a_part_that_was_not_taken_is_told_and_not_sent_again() {
    // As text, which is right, and as a number, which some write.
    for rejected in [json!("2"), json!(2)] {
        let receiver = Receiver::start(move |request| match request.path.as_str() {
            "/v1/logs" => {
                let message = format!("too old for {TOKEN}");
                let partial = json!({ "rejectedLogRecords": rejected, "errorMessage": message });
                Reply::ok(&json!({ "partialSuccess": partial }).to_string())
            }
            _ => accept(request),
        });
        let folder = tempfile::tempdir().unwrap();
        let outcome = send(&sink(&receiver, &folder, ""), &mixed(), When::All);
        assert_eq!((outcome.sent, outcome.refused, outcome.left), (4, 2, 0), "{outcome:?}");
        assert!(outcome.reasons[0].contains("all but 2") && outcome.reasons[0].contains("too old"), "{outcome:?}");
        assert!(!format!("{outcome:?}").contains(TOKEN));
        assert_eq!(of(&receiver.requests(), "/v1/logs").len(), 5);
    }
}

#[test]
fn logs_that_arrived_are_not_sent_again_for_the_metrics() {
    let away = Arc::new(Mutex::new(true));
    let here = Arc::clone(&away);
    let receiver = Receiver::start(move |request| match request.path.as_str() {
        "/v1/metrics" if *here.lock().unwrap() => Reply::status(503),
        _ => accept(request),
    });
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(&receiver, &folder, "");
    let outcome = send(&sink, &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.left, outcome.refused), (5, 1, 0), "{outcome:?}");
    *away.lock().unwrap() = false;
    let outcome = flush(&sink);
    assert!(outcome.is_complete() && outcome.sent == 1, "{outcome:?}");
    assert_eq!(of(&receiver.requests(), "/v1/logs").len(), 5);
}

#[test]
fn metrics_that_are_refused_do_not_stop_the_logs_nor_logs_the_metrics() {
    for (path, sent, refused) in [("/v1/metrics", 5, 1), ("/v1/logs", 1, 5)] {
        let receiver = Receiver::start(move |request| match request.path == path {
            true => Reply::Answer(400, vec![], "{\"message\":\"not wanted\"}".into()),
            false => accept(request),
        });
        let folder = tempfile::tempdir().unwrap();
        let outcome = insist(&sink(&receiver, &folder, ""), &mixed());
        assert_eq!((outcome.sent, outcome.refused, outcome.left), (sent, refused, 0), "{outcome:?}");
    }
}

#[test]
fn a_collector_that_is_away_gets_the_same_records_later() {
    let away = Arc::new(Mutex::new(true));
    let here = Arc::clone(&away);
    let receiver = Receiver::start(move |request| match (*here.lock().unwrap(), request.number % 5) {
        (false, _) => accept(request),
        (true, 0) => Reply::status(503),
        (true, 1) => Reply::status(500),
        (true, 2) => Reply::Answer(429, vec![("Retry-After", "0".to_owned())], format!("slow down, {TOKEN}")),
        (true, 3) => Reply::Hangup,
        (true, _) => Reply::Cut,
    });
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(&receiver, &folder, "");
    let outcome = send(&sink, &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.refused, outcome.left), (0, 0, 6), "{outcome:?}");
    assert!(!format!("{outcome:?}{}", on_disk(&folder.path().join("state"))).contains(TOKEN), "{outcome:?}");
    *away.lock().unwrap() = false;
    let before = receiver.requests();
    let outcome = flush(&sink);
    assert!(outcome.is_complete() && outcome.sent == 6, "{outcome:?}");
    let first = uids(&of(&before[..1], "/v1/logs"));
    assert_eq!((first.len(), &first), (5, &uids(&of(&receiver.requests()[before.len()..], "/v1/logs"))));
}

#[test]
fn what_somebody_has_to_set_right_keeps_all() {
    for reply in [|| Reply::status(401), || Reply::status(404), || Reply::ok("<html>Welcome</html>")] {
        let receiver = Receiver::start(move |_| reply());
        let folder = tempfile::tempdir().unwrap();
        let outcome = send(&sink(&receiver, &folder, ""), &mixed(), When::All);
        assert_eq!((outcome.left, outcome.refused, receiver.requests().len()), (6, 0, 1), "{outcome:?}");
    }
}

#[test]
fn a_connection_that_is_cut_or_silent_loses_nothing() {
    for reply in [|| Reply::CutBody(10), || Reply::Silent] {
        let receiver = Receiver::with_head(move |request| (request.number < 2).then(reply), accept);
        let folder = tempfile::tempdir().unwrap();
        let outcome = insist(&sink(&receiver, &folder, "timeout = \"300ms\""), &mixed());
        assert!(outcome.is_complete() && outcome.sent == 6, "{outcome:?}");
        assert_eq!(uids(&of(&receiver.requests(), "/v1/logs")).len(), 5);
    }
}

#[test]
fn long_evidence_is_cut_with_a_mark() {
    let receiver = Receiver::start(accept);
    let folder = tempfile::tempdir().unwrap();
    assert!(send(&sink(&receiver, &folder, ""), &endless(), When::All).is_complete());
    let logs = of(&receiver.requests(), "/v1/logs");
    let evidence = &attributes(&logs[0].1["attributes"]).unwrap()["cis.evidence"]["arrayValue"]["values"][0];
    let text = evidence["stringValue"].as_str().unwrap();
    assert!(text.ends_with("more characters)") && text.len() < 64 << 10, "{}", text.len());
}

#[test]
fn solved_and_gone_findings_are_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(accept);
    let parts = over(&sink(&receiver, &folder, "signals = [\"logs\"]"));
    let told: Vec<(String, u64)> = parts
        .iter()
        .map(|part| &part["content"][0])
        .map(|record| (attributes(&record["attributes"]).unwrap(), record["severityNumber"].as_u64().unwrap()))
        .map(|(attributes, severity)| (attributes["cis.state"]["stringValue"].as_str().unwrap().to_owned(), severity))
        .collect();
    assert_eq!(told, [("solved".into(), 9), ("open".into(), 17), ("gone".into(), 9)]);
}

#[test]
fn mistakes_in_settings_are_named() {
    let url = "url = \"otlp+http://127.0.0.1:1\"\n";
    for (line, why) in
        [("signals = []", "at least one"), ("signals = [\"traces\"]", "traces"), ("index = \"a\"", "index")]
    {
        let error = refused(&format!("{url}{line}"));
        assert!(error.contains(why), "{line}: {error}");
    }
}
