//! Slack: its limits as its documentation has them, and texts that nobody can be notified by.

use seaworthy_model::{MissingSubject, Subject, SubjectKind, Verdict};
use seaworthy_report::changes::compare;
use seaworthy_send::outgoing::{Outgoing, When};
use serde_json::Value;

use crate::receiver::{Receiver, Reply};
use crate::sample::{HOSTILE, finding, mixed, parts, prepared, report, send, url_file};

/// What Slack refuses of an incoming webhook.
fn check(body: &str) -> Result<(), String> {
    let message: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let within = |what: &str, value: &Value, most: usize| match length(value) {
        0 => Err(format!("{what} is empty")),
        n if n > most => Err(format!("{what} has {n} characters")),
        _ => Ok(()),
    };
    let escaped = |text: &str| {
        let rest = ["&amp;", "&lt;", "&gt;"].iter().fold(text.to_owned(), |text, entity| text.replace(entity, ""));
        if rest.contains(['&', '<', '>']) { Err(format!("not escaped: {rest}")) } else { Ok(()) }
    };
    let markup = |text: &Value| {
        if text["type"] != "mrkdwn" || text["verbatim"] != true {
            return Err("no verbatim markup".to_owned());
        }
        escaped(text["text"].as_str().unwrap_or("<"))
    };
    within("text", &message["text"], 3000)?;
    escaped(message["text"].as_str().unwrap_or("<"))?;
    let blocks = message["blocks"].as_array().ok_or("no blocks")?;
    if blocks.is_empty() || blocks.len() > 50 || body.len() > 13_000 {
        return Err(format!("msg_blocks_too_long: {} blocks, {} bytes", blocks.len(), body.len()));
    }
    for block in blocks {
        match block["type"].as_str() {
            Some("header") => within("header", &block["text"]["text"], 150)?,
            Some("section") if block.get("fields").is_some() => {
                let fields = block["fields"].as_array().ok_or("no fields")?;
                if fields.is_empty() || fields.len() > 10 {
                    return Err("fields".into());
                }
                for field in fields {
                    within("field", &field["text"], 2000)?;
                    markup(field)?;
                }
            }
            Some("section") => {
                within("section", &block["text"]["text"], 3000)?;
                markup(&block["text"])?;
            }
            other => return Err(format!("block {other:?}")),
        }
    }
    Ok(())
}

fn sink(dir: &std::path::Path, address: &str) -> seaworthy_send::deliver::Prepared {
    prepared(&url_file(dir, &format!("slack+http://{address}/services/T0/B0/0123456789abcdef")), None)
}

#[test]
fn one_message_a_report() {
    let receiver = Receiver::start(|request| match check(&request.body) {
        Ok(()) => Reply::ok("ok"),
        Err(why) => Reply::Answer(400, vec![], why),
    });
    let dir = tempfile::tempdir().unwrap();
    let outcome = send(&sink(dir.path(), &receiver.address.to_string()), &mixed(), When::All);
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!((outcome.sent, outcome.answer.as_deref()), (1, Some("it answered 200: ok")));
    let body = &receiver.requests()[0].body;
    assert!(body.contains("1.2.1") && body.contains("1 PASS, 1 FAIL, 2 WARN, 1 INFO"), "{body}");
}

#[test]
fn nothing_is_said_when_nothing_happened() {
    let dir = tempfile::tempdir().unwrap();
    let sink = sink(dir.path(), "127.0.0.1:1");
    let clean = report("scan-1", vec![finding("node1", "1.2.1", Verdict::Pass)]);
    let same = report("scan-2", vec![finding("node1", "1.2.1", Verdict::Pass)]);
    let changes = compare(&clean, &same);
    assert!(parts(&sink, &Outgoing::choose(&clean, None, When::Failures, None)).is_empty());
    assert!(parts(&sink, &Outgoing::choose(&same, Some(&changes), When::Changes, None)).is_empty());
    assert_eq!(parts(&sink, &Outgoing::choose(&same, Some(&changes), When::All, None)).len(), 1);
    // A node that did not report is something that happened, once.
    let mut missing = same.clone();
    missing.missing.push(MissingSubject { name: "node2".into(), reason: "it timed out".into() });
    assert_eq!(parts(&sink, &Outgoing::choose(&missing, None, When::Failures, None)).len(), 1);
    let changes = compare(&clean, &missing);
    let told = parts(&sink, &Outgoing::choose(&missing, Some(&changes), When::Changes, None));
    assert!(told[0].body.contains("node2: it timed out"), "{told:?}");
    let changes = compare(&missing, &missing);
    assert!(parts(&sink, &Outgoing::choose(&missing, Some(&changes), When::Changes, None)).is_empty());
}

#[test]
fn what_changed_is_told_by_what_became_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let of = |scan, verdicts: [Verdict; 3]| {
        let findings = (1..).zip(verdicts).map(|(n, verdict)| finding("node1", &format!("1.2.{n}"), verdict));
        report(scan, findings.collect())
    };
    let before = of("scan-1", [Verdict::Pass, Verdict::Fail, Verdict::Fail]);
    let after = of("scan-2", [Verdict::Fail, Verdict::Pass, Verdict::Fail]);
    let changes = compare(&before, &after);
    let outgoing = Outgoing::choose(&after, Some(&changes), When::Failures, None);
    let told = parts(&sink(dir.path(), "127.0.0.1:1"), &outgoing);
    check(&told[0].body).unwrap();
    let message: Value = serde_json::from_str(&told[0].body).unwrap();
    let texts: Vec<&str> =
        message["blocks"].as_array().unwrap().iter().filter_map(|b| b["text"]["text"].as_str()).collect();
    assert_eq!(texts[0], "Seaworthy on node1: 1 newly failing");
    assert!(texts[1].starts_with("*Newly failing (1)*\n- 1.2.1 "), "{texts:?}");
    assert!(texts[2].starts_with("*Solved (1)*\n- 1.2.2 ") && texts[2].ends_with("fail, now pass"), "{texts:?}");
    assert!(texts[3].starts_with("*Failing (1)*\n- 1.2.3 "), "{texts:?}");
}

#[test]
fn the_title_says_whom_and_how_many() {
    let dir = tempfile::tempdir().unwrap();
    let mut report = report("scan-1", ["1.1", "1.2"].map(|id| finding("node1", id, Verdict::Fail)).into());
    report.findings[1].scored = false;
    let title = |report: &seaworthy_model::Report| {
        let told = parts(&sink(dir.path(), "127.0.0.1:1"), &Outgoing::choose(report, None, When::All, None));
        let message: Value = serde_json::from_str(&told[0].body).unwrap();
        message["text"].as_str().unwrap().to_owned()
    };
    assert_eq!(title(&report), "Seaworthy on node1: 2 failing, 1 of them scored");
    let cluster = Subject { kind: SubjectKind::Cluster, id: None, name: "c1".into() };
    report.subjects.push(cluster.clone());
    report.findings[1].scored = true;
    assert_eq!(title(&report), "Seaworthy on node1 and its cluster: 2 failing");
    report.subjects = vec![cluster];
    report.findings.clear();
    assert_eq!(title(&report), "Seaworthy on the cluster c1: 0 PASS, 2 FAIL, 0 WARN");
}

#[test]
fn long_and_hostile_messages_stay_within_the_limits() {
    let dir = tempfile::tempdir().unwrap();
    for evil in ["<!channel> & <@U1>", HOSTILE, "\\\"", "&&&&&&", "\u{1f6a2}", "e\u{301}"] {
        let mut findings: Vec<_> =
            (1..100).map(|n| finding(&evil.repeat(60), &format!("1.2.{n}"), Verdict::Fail)).collect();
        findings.iter_mut().for_each(|f| {
            f.title = evil.repeat(500);
            f.reason = evil.repeat(200);
        });
        let mut report = report("scan-1", findings);
        report.header.benchmark.title = evil.repeat(500);
        report.missing =
            (0..300).map(|n| MissingSubject { name: format!("node{n}"), reason: evil.repeat(200) }).collect();
        report.expected = 301;
        let told = parts(&sink(dir.path(), "127.0.0.1:1"), &Outgoing::choose(&report, None, When::All, None));
        assert_eq!(told.len(), 1);
        check(&told[0].body).unwrap_or_else(|why| panic!("{evil:?}: {why}"));
        assert!(told[0].body.contains("Failing (99)") && told[0].body.contains(" more"), "{}", told[0].body);
        assert!(!told[0].body.contains('\u{202e}'));
    }
}

#[test]
fn a_webhook_that_was_taken_back_keeps_the_message() {
    for (status, body, left) in [(404, "no_service", 1), (410, "channel_is_archived", 1), (400, "invalid_payload", 0)] {
        let receiver = Receiver::start(move |_| Reply::Answer(status, vec![], body.to_owned()));
        let dir = tempfile::tempdir().unwrap();
        let url = url_file(dir.path(), &format!("slack+http://{}/services/T0/B0/0123456789abcdef", receiver.address));
        let state = dir.path().join("state");
        let outcome = send(&prepared(&url, Some(&state)), &mixed(), When::All);
        assert_eq!((outcome.left, outcome.refused), (left, 1 - left), "{outcome:?}");
        assert!(!format!("{outcome:?}").contains("0123456789abcdef"));
    }
}
