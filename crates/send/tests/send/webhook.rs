//! The webhook: CloudEvents by their specification, and a signature that is computed here anew.

use seaworthy_model::Verdict;
use seaworthy_report::changes::compare;
use seaworthy_send::outgoing::{Outgoing, When};
use serde_json::Value;

use crate::receiver::{Receiver, Reply, Request};
use crate::sample::{finding, hmac, mixed, parts, prepared, refused, report, send, url_file};

/// What CloudEvents 1.0 asks of an event in JSON.
fn check(event: &Value) -> Result<(), String> {
    let context = ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data"];
    let text = |key: &str| event[key].as_str().filter(|text| !text.is_empty()).ok_or_else(|| format!("no {key}"));
    if text("specversion")? != "1.0" {
        return Err("not 1.0".into());
    }
    text("id")?;
    text("type")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    if !text("source")?.chars().all(plain) {
        return Err(format!("source {} is no URI", event["source"]));
    }
    if text("time")?.parse::<jiff::Timestamp>().is_err() {
        return Err("no time".into());
    }
    for (key, value) in event.as_object().ok_or("no object")? {
        if context.contains(&key.as_str()) {
            continue;
        }
        let named = key.len() <= 20 && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if !named || value.is_object() || value.is_array() || value.is_null() {
            return Err(format!("extension {key} is {value}"));
        }
        if value.as_str().is_some_and(|text| text.chars().any(char::is_control)) {
            return Err(format!("extension {key} holds a control character"));
        }
    }
    Ok(())
}

#[test]
fn the_check_itself_refuses() {
    let good = serde_json::json!({"specversion": "1.0", "id": "1", "source": "urn:a", "type": "t", "time": "2026-01-31T10:00:00Z"});
    check(&good).unwrap();
    for (key, value) in [
        ("specversion", "0.3"),
        ("id", ""),
        ("source", "a b"),
        ("type", ""),
        ("time", "now"),
        ("Upper", "x"),
        ("under_score", "x"),
        ("ext", "a\u{1b}"),
    ] {
        let mut bad = good.clone();
        bad[key] = value.into();
        assert!(check(&bad).is_err(), "{key} = {value:?}");
    }
}

#[test]
fn an_event_a_request() {
    let receiver = Receiver::start(|_| Reply::status(204));
    let dir = tempfile::tempdir().unwrap();
    let sink = prepared(&url_file(dir.path(), &format!("webhook+http://{}/hook?key=k3y", receiver.address)), None);
    let outcome = send(&sink, &mixed(), When::All);
    assert!(outcome.is_complete(), "{outcome:?}");
    let requests = receiver.requests();
    assert_eq!(requests.len(), 5);
    for request in &requests {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/hook?key=k3y"));
        assert_eq!(request.header("content-type"), Some("application/cloudevents+json; charset=utf-8"));
        assert_eq!(request.header("x-seaworthy-signature"), None);
        check(&request.json()).unwrap();
    }
    let first = requests[0].json();
    assert_eq!(first["source"], "urn:seaworthy:c1:node1");
    assert_eq!((&first["subject"], &first["nodename"]), (&"1.2.1".into(), &"node1".into()));
    assert_eq!(first["data"]["state"], "open");
    assert!(!requests[0].body.contains(char::is_control) && !requests[0].body.contains('\u{202e}'));
    assert!(!requests[0].body.contains("\\u0000"), "PostgreSQL refuses it");
}

#[test]
fn a_batch_is_an_array_of_events() {
    let receiver = Receiver::start(|_| Reply::ok(""));
    let dir = tempfile::tempdir().unwrap();
    let url = url_file(dir.path(), &format!("webhook+http://{}/", receiver.address));
    let sink = prepared(&format!("{url}\nform = \"cloudevents-batch\"\nbatch-count = 2"), None);
    assert_eq!(send(&sink, &mixed(), When::All).sent, 5);
    let requests = receiver.requests();
    let sizes: Vec<usize> = requests.iter().map(|request| request.json().as_array().unwrap().len()).collect();
    assert_eq!(sizes, [2, 2, 1]);
    for request in &requests {
        assert_eq!(request.header("content-type"), Some("application/cloudevents-batch+json; charset=utf-8"));
        request.json().as_array().unwrap().iter().for_each(|event| check(event).unwrap());
    }
}

#[test]
fn our_own_json_is_the_report_and_when_says_whether() {
    let receiver = Receiver::start(|_| Reply::ok(""));
    let dir = tempfile::tempdir().unwrap();
    let url = url_file(dir.path(), &format!("webhook+http://{}/", receiver.address));
    let sink = prepared(&format!("{url}\nform = \"json\""), None);
    assert_eq!(send(&sink, &mixed(), When::Failures).sent, 1);
    let requests = receiver.requests();
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
    assert_eq!(seaworthy_report::json::parse(&requests[0].body).unwrap(), mixed());
    let clean = report("scan-2", vec![finding("node1", "1.2.1", Verdict::Pass)]);
    assert_eq!(send(&sink, &clean, When::Failures).sent, 0);
}

#[test]
fn what_is_signed_is_the_time_and_the_body() {
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    // RFC 4231, case 2: what verifies here is right itself.
    assert_eq!(
        hex(&hmac(b"Jefe", b"what do ya want for nothing?")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    let receiver = Receiver::start(|_| Reply::ok(""));
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("key"), "s3cret-key\n").unwrap();
    let url = url_file(dir.path(), &format!("webhook+http://{}/", receiver.address));
    let lines = format!("{url}\nhmac-file = {:?}", dir.path().join("key"));
    let state = dir.path().join("state");
    let sink = prepared(&lines, Some(&state));
    assert!(send(&sink, &mixed(), When::All).is_complete());
    let verify = |request: &Request, header: &str| {
        let time = request.header("x-seaworthy-timestamp").unwrap();
        assert!(time.parse::<u64>().unwrap() > 1_700_000_000);
        let want = format!("sha256={}", hex(&hmac(b"s3cret-key", format!("{time}.{}", request.body).as_bytes())));
        assert_eq!(request.header(header), Some(want.as_str()));
    };
    let requests = receiver.requests();
    assert_eq!(requests.len(), 5);
    requests.iter().for_each(|request| verify(request, "x-seaworthy-signature"));
    let named = prepared(&format!("{lines}\nhmac-header = \"X-Hub-Signature-256\""), None);
    assert!(send(&named, &mixed(), When::Failures).is_complete());
    verify(receiver.requests().last().unwrap(), "x-hub-signature-256");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let url = url_file(dir.path(), "webhook+https://h.example/hook");
    for (line, why) in [
        ("hmac-header = \"X-A\"", "hmac-header"),
        ("form = \"xml\"", "xml"),
        ("hmac-env = \"SEAWORTHY_TEST_NOT_SET\"", "SEAWORTHY_TEST_NOT_SET"),
        ("hmac = \"key\"", "hmac"),
    ] {
        let error = refused(&format!("{url}\n{line}"));
        assert!(error.contains(why), "{line}: {error}");
    }
}

#[test]
fn no_secret_is_in_an_outcome_or_on_disk() {
    // It repeats whatever it was sent, as bad gateways do.
    let receiver =
        Receiver::start(|request| Reply::Answer(500, vec![], format!("no: {} {:?}", request.path, request.headers)));
    let dir = tempfile::tempdir().unwrap();
    let secrets = ["hook-0123456789", "query-0123456789", "hmac-0123456789", "token-0123456789", "header-0123456789"];
    let file = |name: &str, text: &str| {
        std::fs::write(dir.path().join(name), text).unwrap();
        dir.path().join(name)
    };
    let url = format!("webhook+http://{}/h/{}?q={}", receiver.address, secrets[0], secrets[1]);
    let lines = format!(
        "{}\nhmac-file = {:?}\ntoken-file = {:?}\nheader-files = {{ X-Own = {:?} }}",
        url_file(dir.path(), &url),
        file("hmac", secrets[2]),
        file("token", secrets[3]),
        file("header", secrets[4]),
    );
    let state = dir.path().join("state");
    let sink = prepared(&lines, Some(&state));
    let outcome = send(&sink, &mixed(), When::Failures);
    assert_eq!(outcome.left, 1, "{outcome:?}");
    assert!(outcome.trouble.as_ref().unwrap().contains("500"));
    let request = &receiver.requests()[0];
    assert_eq!(request.header("authorization"), Some("Bearer token-0123456789"));
    assert_eq!(request.header("x-own"), Some("header-0123456789"));
    let mut seen = format!("{outcome:?} {} {}", sink.name, sink.shown);
    let mut files = 0;
    for entry in std::fs::read_dir(sink.spool.as_ref().unwrap()).unwrap() {
        seen.push_str(&String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()));
        files += 1;
    }
    assert!(files >= 2, "the spool holds the lock and a batch");
    secrets.iter().for_each(|secret| assert!(!seen.contains(secret), "{secret} in {seen}"));
}

#[test]
fn a_change_has_one_id_whoever_notices_it() {
    let before = report("scan-1", vec![finding("node1", "1.2.1", Verdict::Fail)]);
    let after = report("scan-2", vec![finding("node1", "1.2.1", Verdict::Pass)]);
    let again = report("scan-3", vec![finding("node1", "1.2.1", Verdict::Pass)]);
    let dir = tempfile::tempdir().unwrap();
    let sink = prepared(&url_file(dir.path(), "webhook+https://h.example/hook"), None);
    let of = |after| {
        let changes = compare(&before, after);
        parts(&sink, &Outgoing::choose(after, Some(&changes), When::Changes, None))
    };
    let (one, two) = (of(&after), of(&again));
    assert_eq!((one.len(), two.len()), (1, 1));
    let event: Value = serde_json::from_str(&one[0].body).unwrap();
    assert_eq!(event["id"], one[0].id.as_str());
    assert_eq!(one[0].id, two[0].id);
    assert_eq!(event["data"]["state"], "solved");
    assert_eq!(event["data"]["verdict_before"], "fail");
}
