//! The same faults for every sink that speaks HTTP: whatever the receiver does, nothing is lost, and what comes twice is the same.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use seaworthy_model::{Report, Verdict};
use seaworthy_send::deliver::{Prepared, deliver, keep};
use seaworthy_send::outgoing::{Outgoing, When};

use crate::receiver::{Receiver, Reply, Request};
use crate::sample::{self, NOBODY, QUICK, finding, prepared};
use crate::stand::{TOKEN, insist, on_disk, token};
use crate::tls;

/// A kind of sink, the settings that it cannot do without, and what its receiver says when it takes a request.
struct Kind {
    name: &'static str,
    lines: fn(&Path) -> String,
    takes: fn(&Request) -> Reply,
    /// Whether each finding is told by its title; a summary names some only.
    each: bool,
}

fn none(_: &Path) -> String {
    String::new()
}

fn aws(folder: &Path) -> String {
    let file = folder.join("aws");
    std::fs::write(&file, TOKEN).unwrap();
    format!(
        "region = \"eu-central-1\"\naccount = \"123456789012\"\naccess-key-id-file = {file:?}\nsecret-access-key-file = {file:?}\n"
    )
}

const KINDS: [Kind; 9] = [
    Kind { name: "falcosidekick", lines: none, takes: |_| Reply::ok(""), each: true },
    Kind {
        name: "splunk",
        lines: |folder| token(folder, "token-file"),
        takes: |_| Reply::ok("{\"text\":\"Success\",\"code\":0}"),
        each: true,
    },
    Kind {
        name: "elastic",
        lines: none,
        takes: |request| {
            let items = vec!["{\"create\":{\"status\":201}}"; request.body.lines().count() / 2].join(",");
            Reply::ok(&format!("{{\"took\":1,\"errors\":false,\"items\":[{items}]}}"))
        },
        each: true,
    },
    Kind { name: "otlp", lines: |_| "signals = [\"logs\"]\n".into(), takes: |_| Reply::ok("{}"), each: true },
    Kind { name: "pushgateway", lines: none, takes: |_| Reply::ok(""), each: false },
    Kind {
        name: "securityhub",
        lines: aws,
        takes: |request| {
            let count = request.json()["Findings"].as_array().unwrap().len();
            Reply::ok(&format!("{{\"FailedCount\":0,\"SuccessCount\":{count},\"FailedFindings\":[]}}"))
        },
        each: true,
    },
    Kind { name: "webhook", lines: none, takes: |_| Reply::status(202), each: true },
    Kind { name: "slack", lines: none, takes: |_| Reply::ok("ok"), each: false },
    Kind { name: "teams", lines: none, takes: |_| Reply::status(202), each: false },
];

fn report() -> Report {
    let failing = (1..=7).map(|n| finding("node1", &format!("1.2.{n}"), Verdict::Fail));
    sample::report("scan-1", failing.collect())
}

fn sink(kind: &Kind, address: &str, folder: &Path, more: &str) -> Prepared {
    // A URL that is a key comes from a file.
    let url = folder.join("url");
    std::fs::write(&url, format!("{}+{address}", kind.name)).unwrap();
    let lines = format!("url-file = {url:?}\n{}{more}", (kind.lines)(folder));
    prepared(&lines, Some(&folder.join("state")))
}

/// Which findings the accepted requests tell of.
fn told(accepted: &[Request]) -> BTreeSet<String> {
    let all: String = accepted.iter().map(|request| request.body.as_str()).collect();
    (1..=7).map(|n| format!("Title of 1.2.{n}")).filter(|title| all.contains(title.as_str())).collect()
}

/// Sends while the receiver is faulty, as often as the fault lasts, then when it is well; every finding has arrived then, and no
/// request that was accepted was accepted twice.
fn holds(fault: &str, faulty: fn(&Request) -> Reply, head: fn(&Request) -> Option<Reply>, more: &str) {
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let well = Arc::new(AtomicBool::new(false));
        let (of_head, of_all, takes) = (Arc::clone(&well), Arc::clone(&well), kind.takes);
        let receiver = Receiver::with_head(
            move |request| if of_head.load(Ordering::SeqCst) { None } else { head(request) },
            move |request| if of_all.load(Ordering::SeqCst) { takes(request) } else { faulty(request) },
        );
        let sink = sink(&kind, &format!("http://{}", receiver.address), folder.path(), more);
        let report = report();
        keep(&[(&sink, Outgoing::choose(&report, None, When::All, None))]).unwrap();
        let mut parts = 0;
        for run in 0..3 {
            let outcome = deliver(&[(&sink, None)], QUICK).remove(0);
            let name = format!("{}, {fault}, run {run}", kind.name);
            assert_eq!((outcome.sent, outcome.refused, outcome.lost), (0, 0, 0), "{name}: {outcome:?}");
            assert!(outcome.left > 0 && outcome.trouble.is_some(), "{name}: {outcome:?}");
            assert!(!format!("{outcome:?}").contains(TOKEN), "{name}: {outcome:?}");
            parts = outcome.left;
        }
        assert!(!on_disk(&folder.path().join("state")).contains(TOKEN), "{}: a secret is in the spool", kind.name);
        let before = receiver.requests().len();
        well.store(true, Ordering::SeqCst);
        let outcome = insist(&sink, &report);
        assert!(outcome.is_complete(), "{}, after {fault}: {outcome:?}", kind.name);
        assert_eq!(outcome.sent, parts, "{}, after {fault}", kind.name);
        let accepted = receiver.requests().split_off(before);
        if kind.each {
            assert_eq!(told(&accepted).len(), 7, "{}, after {fault}", kind.name);
        }
        let bodies: BTreeSet<&str> = accepted.iter().map(|request| request.body.as_str()).collect();
        assert_eq!(bodies.len(), accepted.len(), "{}, after {fault}: something came twice", kind.name);
        assert_eq!(deliver(&[(&sink, None)], QUICK).remove(0).sent, 0, "{}", kind.name);
    }
}

#[test]
fn an_error_of_the_receiver() {
    holds("500", |_| Reply::status(500), |_| None, "");
}

#[test]
fn too_many_requests() {
    let busy = |_: &Request| Reply::Answer(429, vec![("Retry-After", "0".to_owned())], String::new());
    holds("429", busy, |_| None, "");
}

#[test]
fn a_connection_that_ends_in_the_middle_of_a_body() {
    holds("a cut body", |_| Reply::Hangup, |_| Some(Reply::CutBody(10)), "");
}

#[test]
fn a_connection_that_ends_before_or_in_the_answer() {
    holds("no answer", |_| Reply::Hangup, |_| None, "");
    holds("half an answer", |_| Reply::Cut, |_| None, "");
}

#[test]
fn a_receiver_that_says_nothing() {
    holds("silence", |_| Reply::Silent, |_| None, "timeout = \"100ms\"\n");
}

#[test]
fn a_receiver_that_refuses_us_for_a_while() {
    holds("403", |_| Reply::status(403), |_| None, "");
}

#[test]
fn nobody_listens_and_then_somebody_does() {
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let away = sink(&kind, &format!("http://{NOBODY}"), folder.path(), "");
        let report = report();
        keep(&[(&away, Outgoing::choose(&report, None, When::All, None))]).unwrap();
        let outcome = deliver(&[(&away, None)], QUICK).remove(0);
        assert_eq!((outcome.sent, outcome.lost), (0, 0), "{}: {outcome:?}", kind.name);
        let parts = outcome.left;
        let receiver = Receiver::start(kind.takes);
        let back = sink(&kind, &format!("http://{}", receiver.address), folder.path(), "");
        let outcome = deliver(&[(&back, None)], QUICK).remove(0);
        assert!(outcome.is_complete() && outcome.sent == parts, "{}: {outcome:?}", kind.name);
        if kind.each {
            assert_eq!(told(&receiver.requests()).len(), 7, "{}", kind.name);
        }
    }
}

/// Nothing is told to whoever answers in the place of the receiver.
#[test]
fn a_certificate_of_another_name() {
    let ours = tls::authority("ours");
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let server = tls::Server::start(tls::issued(&ours, "other.example"), None);
        let ca = format!("ca-file = {:?}\n", tls::pem(folder.path(), "ca.pem", &ours.pem()));
        let sink = sink(&kind, &format!("https://{}", server.address), folder.path(), &ca);
        let report = report();
        keep(&[(&sink, Outgoing::choose(&report, None, When::All, None))]).unwrap();
        let outcome = deliver(&[(&sink, None)], QUICK).remove(0);
        let name = kind.name;
        assert!(outcome.sent == 0 && outcome.lost == 0 && outcome.left > 0, "{name}: {outcome:?}");
        assert!(outcome.trouble.as_deref().is_some_and(|why| why.contains("TLS failed")), "{name}: {outcome:?}");
        assert_eq!(server.seen().1, 0, "{name}: a request was made");
    }
}
