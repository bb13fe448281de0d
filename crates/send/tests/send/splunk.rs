//! Splunk's HTTP Event Collector, by a stand-in that refuses what the documentation says it refuses.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use seaworthy_send::outgoing::When;
use seaworthy_send::spool::Spool;
use serde_json::{Value, json};

use crate::receiver::{Receiver, Reply, Request};
use crate::sample::{mixed, prepared, refused, send};
use crate::stand::{TOKEN, endless, flush, insist, on_disk, over, token};

fn say(status: u16, text: &str, code: u32) -> Reply {
    Reply::Answer(status, vec![], json!({ "text": text, "code": code }).to_string())
}

fn bad(text: &str, code: u32, place: usize) -> Reply {
    let body = json!({ "text": text, "code": code, "invalid-event-number": place });
    Reply::Answer(400, vec![], body.to_string())
}

/// The events of a request, or what a collector answers to it instead.
fn events(request: &Request) -> Result<Vec<Value>, Reply> {
    match request.header("authorization") {
        None => return Err(say(401, "Token is required", 2)),
        Some(value) if !value.starts_with("Splunk ") => return Err(say(401, "Invalid authorization", 3)),
        Some(value) if value != format!("Splunk {TOKEN}") => return Err(say(403, "Invalid token", 4)),
        Some(_) => {}
    }
    if request.method != "POST" || request.path != "/services/collector/event" {
        return Err(Reply::status(404));
    }
    if request.header("x-splunk-request-channel").is_none_or(|channel| !is_guid(channel)) {
        return Err(say(400, "Data channel is missing", 10));
    }
    let mut events = Vec::new();
    for (place, event) in serde_json::Deserializer::from_str(&request.body).into_iter::<Value>().enumerate() {
        let known = ["time", "host", "source", "sourcetype", "index", "event", "fields"];
        let object = match event.as_ref().map(Value::as_object) {
            Ok(Some(object)) if object.keys().all(|key| known.contains(&key.as_str())) => object,
            _ => return Err(bad("Invalid data format", 6, place)),
        };
        let texts = ["host", "source", "sourcetype", "index"];
        if texts.iter().any(|key| object.get(*key).is_some_and(|value| !value.is_string()))
            || object.get("time").is_some_and(|value| !value.is_number())
        {
            return Err(bad("Invalid data format", 6, place));
        }
        match object.get("event") {
            None => return Err(bad("Event field is required", 12, place)),
            Some(Value::String(text)) if text.is_empty() => return Err(bad("Event field cannot be blank", 13, place)),
            Some(_) => events.push(Value::Object(object.clone())),
        }
    }
    if events.is_empty() { Err(say(400, "No data", 5)) } else { Ok(events) }
}

fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn accept(request: &Request) -> Reply {
    match events(request) {
        Ok(_) => say(200, "Success", 0),
        Err(reply) => reply,
    }
}

fn ids<'a>(requests: impl IntoIterator<Item = &'a Request>) -> BTreeSet<String> {
    let text = |event: Value| event["event"]["event_id"].as_str().unwrap().to_owned();
    requests.into_iter().flat_map(|request| events(request).ok().unwrap()).map(text).collect()
}

/// A sink with a token; with a spool in the folder.
fn sink(receiver: &Receiver, folder: &tempfile::TempDir, lines: &str) -> seaworthy_send::deliver::Prepared {
    let secret = tempfile::tempdir_in(folder).unwrap().keep();
    let lines = format!("url = \"splunk+http://{}\"\n{}{lines}", receiver.address, token(&secret, "token-file"));
    prepared(&lines, Some(&folder.path().join("state")))
}

fn state(folder: &tempfile::TempDir) -> String {
    on_disk(&folder.path().join("state"))
}

#[test]
fn findings_are_events() {
    let receiver = Receiver::start(accept);
    let folder = tempfile::tempdir().unwrap();
    let outcome = send(&sink(&receiver, &folder, "index = \"cis\"\nsource = \"nightly\""), &mixed(), When::All);
    assert!(outcome.is_complete(), "{outcome:?}");
    let events = events(&receiver.requests()[0]).ok().unwrap();
    assert_eq!(events.len(), 5);
    let first = &events[0];
    assert_eq!(
        (&first["index"], &first["source"], &first["sourcetype"], &first["host"]),
        (&json!("cis"), &json!("nightly"), &json!("k8s:cis:audit"), &json!("node1"))
    );
    assert_eq!(first["time"].as_f64(), Some(1_769_853_600.0));
    let event = &first["event"];
    assert_eq!((&event["id"], &event["verdict"], &event["state"]), (&json!("1.2.1"), &json!("fail"), &json!("open")));
    assert_eq!(
        (&event["cluster"], &event["node"], &event["benchmark"]),
        (&json!("c1"), &json!("node1"), &json!("cis-2.0.1"))
    );
    let value = event["evidence"][0]["value"].as_str().unwrap();
    assert!(value.contains("forged") && !value.contains(char::is_control), "{value}");
    assert_eq!(ids(&receiver.requests()).len(), 5);
}

#[test]
fn an_event_that_is_invalid_is_refused_alone() {
    let receiver = Receiver::start(|request| match events(request) {
        Ok(events) => match events.iter().position(|event| event["event"]["id"] == "1.2.3") {
            Some(place) => bad("Error in handling indexed fields", 15, place),
            None => say(200, "Success", 0),
        },
        Err(reply) => reply,
    });
    let folder = tempfile::tempdir().unwrap();
    let outcome = insist(&sink(&receiver, &folder, ""), &mixed());
    assert_eq!((outcome.sent, outcome.refused, outcome.left, outcome.trouble), (4, 1, 0, None));
    assert!(outcome.reasons[0].contains("indexed fields"), "{:?}", outcome.reasons);
    let last = ids(receiver.requests().last());
    assert_eq!(last.len(), 4);
}

#[test]
fn an_invalid_event_that_is_not_named_is_found() {
    let receiver = Receiver::start(|request| match events(request) {
        Ok(events) if events.iter().any(|event| event["event"]["id"] == "1.2.4") => say(400, "Invalid data format", 6),
        Ok(_) => say(200, "Success", 0),
        Err(reply) => reply,
    });
    let folder = tempfile::tempdir().unwrap();
    let outcome = insist(&sink(&receiver, &folder, ""), &mixed());
    assert_eq!((outcome.sent, outcome.refused, outcome.left, outcome.trouble), (4, 1, 0, None));
}

#[test]
fn a_busy_collector_gets_the_same_events_later() {
    let (busy, asked) = (Mutex::new(true), AtomicUsize::new(0));
    let busy = std::sync::Arc::new(busy);
    let here = std::sync::Arc::clone(&busy);
    let receiver =
        Receiver::start(move |request| match (*here.lock().unwrap(), asked.fetch_add(1, Ordering::SeqCst)) {
            (false, _) => accept(request),
            // All the ways in which it can be away.
            (true, n) => match n % 4 {
                0 => say(503, "Server is busy", 9),
                1 => say(500, "Internal server error", 8),
                2 => Reply::Hangup,
                _ => Reply::Cut,
            },
        });
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(&receiver, &folder, "");
    let outcome = send(&sink, &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.refused, outcome.left), (0, 0, 5), "{outcome:?}");
    assert!(!state(&folder).contains(TOKEN) && !format!("{outcome:?}").contains(TOKEN));
    *busy.lock().unwrap() = false;
    let before = receiver.requests();
    let outcome = flush(&sink);
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    assert_eq!(ids(&before[..1]), ids(&receiver.requests()[before.len()..]));
}

#[test]
fn a_rest_that_is_asked_for_holds_for_the_next_run() {
    let receiver = Receiver::start(|_| {
        let body = json!({ "text": "Queue is at capacity", "code": 26 }).to_string();
        Reply::Answer(429, vec![("Retry-After", "3600".to_owned())], body)
    });
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(&receiver, &folder, "");
    assert_eq!(send(&sink, &mixed(), When::All).left, 5);
    assert!(Spool::open(sink.spool.as_ref().unwrap(), 1 << 20).unwrap().rest().is_some());
    assert_eq!(flush(&sink).left, 5);
    assert_eq!(receiver.requests().len(), 1);
}

#[test]
fn what_somebody_has_to_set_right_keeps_the_events() {
    for (status, text, code) in [
        (403, "Token disabled", 1),
        (401, "Invalid authorization", 3),
        (403, "Invalid token", 4),
        (400, "Incorrect index", 7),
        (400, "Data channel is missing", 10),
    ] {
        // It repeats the token, as a proxy in front of it may.
        let receiver = Receiver::start(move |_| say(status, &format!("{text}: {TOKEN}"), code));
        let folder = tempfile::tempdir().unwrap();
        let outcome = send(&sink(&receiver, &folder, ""), &mixed(), When::All);
        assert_eq!((outcome.left, outcome.refused, receiver.requests().len()), (5, 0, 1), "{text}: {outcome:?}");
        assert!(outcome.trouble.as_ref().unwrap().contains(text), "{outcome:?}");
        assert!(!format!("{outcome:?}{}", state(&folder)).contains(TOKEN), "{outcome:?}");
    }
}

#[test]
fn a_page_that_is_no_collectors_is_no_success() {
    let receiver = Receiver::start(|_| Reply::ok("<html>Welcome</html>"));
    let folder = tempfile::tempdir().unwrap();
    let outcome = send(&sink(&receiver, &folder, ""), &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.left), (0, 5));
    assert!(outcome.trouble.unwrap().contains("no HTTP Event Collector"));
}

/// A collector with acknowledgement, which says yes at the poll of this number, counted over all.
fn acknowledging(yes: usize) -> Receiver {
    let polls = AtomicUsize::new(0);
    Receiver::start(move |request| {
        let channel = request.header("x-splunk-request-channel").unwrap_or("").to_owned();
        if request.path == format!("/services/collector/ack?channel={channel}") {
            let known = request.json() == json!({ "acks": [7] });
            let arrived = known && polls.fetch_add(1, Ordering::SeqCst) >= yes;
            return Reply::ok(&json!({ "acks": { "7": arrived } }).to_string());
        }
        match events(request) {
            Ok(_) => Reply::ok(&json!({ "text": "Success", "code": 0, "ackId": 7 }).to_string()),
            Err(reply) => reply,
        }
    })
}

#[test]
fn a_batch_has_arrived_when_it_is_acknowledged() {
    let receiver = acknowledging(2);
    let folder = tempfile::tempdir().unwrap();
    let outcome = send(&sink(&receiver, &folder, "ack = true"), &mixed(), When::All);
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    assert_eq!(receiver.requests().len(), 4);
}

#[test]
fn a_batch_that_is_not_acknowledged_has_not_arrived() {
    let receiver = acknowledging(usize::MAX);
    let folder = tempfile::tempdir().unwrap();
    let outcome = send(&sink(&receiver, &folder, "ack = true\nack-timeout = \"1ms\""), &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.left), (0, 5), "{outcome:?}");
    assert!(outcome.trouble.unwrap().contains("did not acknowledge"));
}

#[test]
fn a_token_without_acknowledgement_is_a_mistake_to_be_told() {
    let receiver = Receiver::start(accept);
    let folder = tempfile::tempdir().unwrap();
    let outcome = send(&sink(&receiver, &folder, "ack = true"), &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.left), (0, 5), "{outcome:?}");
    assert!(outcome.trouble.unwrap().contains("without an ackId"));
}

#[test]
fn a_connection_that_is_cut_or_silent_loses_nothing() {
    for reply in [|| Reply::CutBody(10), || Reply::Silent] {
        let receiver = Receiver::with_head(move |request| (request.number < 2).then(reply), accept);
        let folder = tempfile::tempdir().unwrap();
        let outcome = insist(&sink(&receiver, &folder, "timeout = \"300ms\""), &mixed());
        assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
        assert_eq!(ids(&receiver.requests()).len(), 5);
    }
}

#[test]
fn a_long_event_is_cut_so_that_splunk_does_not() {
    let receiver = Receiver::start(accept);
    let folder = tempfile::tempdir().unwrap();
    let outcome = send(&sink(&receiver, &folder, ""), &endless(), When::All);
    assert!(outcome.is_complete(), "{outcome:?}");
    let event = &events(&receiver.requests()[0]).ok().unwrap()[0]["event"];
    assert!(event.to_string().len() <= 10_000);
    assert_eq!((&event["cut"], &event["id"]), (&json!(true), &json!("1.2.1")));
    assert!(event["evidence"][0]["value"].as_str().unwrap().ends_with("more characters)"));
}

#[test]
fn solved_and_gone_findings_are_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(accept);
    let parts = over(&sink(&receiver, &folder, ""));
    let told: Vec<(&str, &str)> = parts
        .iter()
        .map(|part| (part["event"]["id"].as_str().unwrap(), part["event"]["state"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("1.2.1", "solved"), ("1.2.3", "open"), ("1.2.2", "gone")]);
    assert_eq!(parts[0]["event"]["change"], json!({ "kinds": ["solved"], "verdict_before": "fail" }));
}

#[test]
fn mistakes_in_settings_are_named() {
    let url = "url = \"splunk+http://127.0.0.1:1\"\n";
    assert!(refused(url).contains("token-file"));
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{url}{}", token(folder.path(), "token-file"));
    assert!(refused(&format!("{url}idx = \"main\"")).contains("idx"));
    assert!(refused(&format!("{url}ack-timeout = \"5s\"")).contains("ack = true"));
    assert!(refused(&format!("{url}ack = true\nack-timeout = \"soon\"")).contains("30s"));
}
