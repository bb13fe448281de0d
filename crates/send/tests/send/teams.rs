//! Teams: an adaptive card within the size that a Workflow takes, and texts that are no Markdown.

use seaworthy_model::{MissingSubject, Verdict};
use seaworthy_report::changes::compare;
use seaworthy_send::outgoing::{Outgoing, When};
use serde_json::Value;

use crate::receiver::{Receiver, Reply};
use crate::sample::{HOSTILE, finding, mixed, parts, prepared, report, send, url_file};

/// What a Workflow takes: a message with one card of known elements and 28 kB at most.
fn check(body: &str) -> Result<Value, String> {
    let message: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
    if body.encode_utf16().count() * 2 > 28 * 1024 || body.len() > 28 * 1024 {
        return Err(format!("{} bytes", body.len()));
    }
    let attachment = &message["attachments"][0];
    if message["type"] != "message" || attachment["contentType"] != "application/vnd.microsoft.card.adaptive" {
        return Err("no card".into());
    }
    let card = attachment["content"].clone();
    if card["type"] != "AdaptiveCard" || card["version"] != "1.4" {
        return Err("no AdaptiveCard 1.4".into());
    }
    for element in card["body"].as_array().ok_or("no body")? {
        match element["type"].as_str() {
            Some("TextBlock") if element["text"].as_str().is_some_and(|text| !text.is_empty()) => {}
            Some("FactSet") if element["facts"].as_array().is_some_and(|facts| !facts.is_empty()) => {}
            other => return Err(format!("element {other:?}")),
        }
    }
    Ok(card)
}

/// What a reader of Markdown sees of a text: escapes are taken away. An error where a character with a meaning stands bare.
fn unescaped(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(chars.next().filter(char::is_ascii_punctuation).ok_or("a backslash before no sign")?),
            '*' | '_' | '`' | '[' | ']' | '<' | '>' | '#' | '{' | '}' | '~' | '|' => {
                return Err(format!("{c} stands bare in {text}"));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

#[test]
fn one_card_a_report() {
    let receiver = Receiver::start(|request| match check(&request.body) {
        Ok(_) => Reply::status(202),
        Err(why) => Reply::Answer(400, vec![], why),
    });
    let dir = tempfile::tempdir().unwrap();
    let path = "/workflows/0123456789abcdef/triggers/manual/paths/invoke?api-version=1&sig=s1gnature-0123";
    let sink = prepared(&url_file(dir.path(), &format!("teams+http://{}{path}", receiver.address)), None);
    let outcome = send(&sink, &mixed(), When::All);
    assert!(outcome.is_complete(), "{outcome:?}");
    let requests = receiver.requests();
    assert_eq!(requests[0].path, path);
    let card = check(&requests[0].body).unwrap();
    for element in card["body"].as_array().unwrap() {
        if let Some(text) = element["text"].as_str() {
            text.lines().for_each(|line| {
                unescaped(line.strip_prefix("- ").unwrap_or(line)).unwrap();
            });
        }
    }
    assert!(!format!("{outcome:?} {}", sink.shown).contains("s1gnature"));
}

#[test]
fn markdown_and_dates_of_a_node_are_shown_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let sink = prepared(&url_file(dir.path(), "teams+https://t.example/x"), None);
    for evil in [
        "[click](https://evil.example)",
        "{{DATE(2026-01-31T10:00:00Z,SHORT)}}",
        "**fat** _slant_ `code`",
        "<at>all</at>",
        "| a | b |",
    ] {
        let mut report = report("scan-1", vec![finding("node1", "1.2.1", Verdict::Fail)]);
        report.findings[0].reason = evil.into();
        let told = parts(&sink, &Outgoing::choose(&report, None, When::All, None));
        let card = check(&told[0].body).unwrap();
        let text = card["body"][3]["text"].as_str().unwrap().to_owned();
        let shown = unescaped(text.strip_prefix("- ").unwrap()).unwrap();
        assert!(shown.ends_with(evil), "{shown}");
        assert!(!text.contains("https://") && !text.contains("{{"), "{text}");
    }
}

#[test]
fn long_messages_are_cut_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let sink = prepared(&url_file(dir.path(), "teams+https://t.example/x"), None);
    for evil in ["*[x](y)*", HOSTILE, "\\\"", "\u{1f6a2}"] {
        let mut findings: Vec<_> =
            (1..100).map(|n| finding(&evil.repeat(60), &format!("1.2.{n}"), Verdict::Fail)).collect();
        findings.iter_mut().for_each(|f| f.reason = evil.repeat(200));
        let mut report = report("scan-1", findings);
        report.header.benchmark.title = evil.repeat(500);
        report.missing =
            (0..300).map(|n| MissingSubject { name: format!("node{n}"), reason: evil.repeat(200) }).collect();
        let told = parts(&sink, &Outgoing::choose(&report, None, When::All, None));
        check(&told[0].body).unwrap_or_else(|why| panic!("{evil:?}: {why}"));
        assert!(told[0].body.contains("Failing (99)") && told[0].body.contains(" more"));
    }
}

#[test]
fn nothing_is_said_when_nothing_changed() {
    let dir = tempfile::tempdir().unwrap();
    let sink = prepared(&url_file(dir.path(), "teams+https://t.example/x"), None);
    let (before, after) = (mixed(), mixed());
    let changes = compare(&before, &after);
    assert!(parts(&sink, &Outgoing::choose(&after, Some(&changes), When::Changes, None)).is_empty());
    assert_eq!(parts(&sink, &Outgoing::choose(&after, Some(&changes), When::Failures, None)).len(), 1);
}
