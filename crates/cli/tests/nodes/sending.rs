//! Several formats at once, what changed, and the way to a receiver: also when it is away, and when the program is killed.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "tests start the program itself")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::command::{Ran, program, ran, refused, run};

/// A receiver of events over HTTP. It takes the first `most` and then stays silent until it may go on.
struct Receiver {
    address: SocketAddr,
    most: Arc<AtomicUsize>,
    /// Events by id, each with how often it came.
    events: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Receiver {
    fn start(most: usize) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (most, events) = (Arc::new(AtomicUsize::new(most)), Arc::new(Mutex::new(BTreeMap::new())));
        let (limit, seen) = (Arc::clone(&most), Arc::clone(&events));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (limit, seen) = (Arc::clone(&limit), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream, &limit, &seen));
            }
        });
        Receiver { address, most, events }
    }

    fn url(&self) -> String {
        format!("falcosidekick+http://{}/", self.address)
    }

    fn count(&self) -> usize {
        self.events.lock().unwrap().len()
    }
}

fn serve(mut stream: TcpStream, most: &AtomicUsize, seen: &Mutex<BTreeMap<String, usize>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let event: Value = serde_json::from_slice(&body).ok()?;
        let mut events = seen.lock().unwrap();
        *events.entry(event["uuid"].as_str()?.to_owned()).or_default() += 1;
        if events.len() >= most.load(Ordering::SeqCst) {
            drop(events);
            // It took the event and never says so.
            let _ = stream.read(&mut [0]);
            return None;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()?;
    }
}

fn demo(words: &[&str]) -> Ran {
    ran(program().args(["run", "--demo", "--noresults", "--noremediations"]).args(words))
}

/// A report of the demo; `change` may change it.
fn report(folder: &Path, name: &str, change: impl Fn(&mut Value)) -> String {
    let mut report: Value = serde_json::from_str(&run("run --demo --json").out).unwrap();
    change(&mut report);
    let path = folder.join(name);
    std::fs::write(&path, report.to_string()).unwrap();
    path.display().to_string()
}

fn set(report: &mut Value, id: &str, status: &str, verdict: &str) {
    let findings = report["findings"].as_array_mut().unwrap();
    let finding = findings.iter_mut().find(|finding| finding["id"] == id).unwrap();
    finding["status"] = status.into();
    finding["verdict"] = verdict.into();
}

#[test]
fn every_format_is_written_to_its_file_beside_the_text() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name);
    let help = run("run --format help").out;
    let names: Vec<&str> = help.lines().filter(|l| !l.starts_with(' ')).map(|l| l.split(' ').next().unwrap()).collect();
    for wanted in [
        "sarif",
        "oscal",
        "ocsf",
        "asff",
        "xccdf",
        "arf",
        "junit",
        "csv",
        "markdown",
        "html",
        "prometheus",
        "policyreport",
        "openreports",
        "ndjson",
        "json",
        "text",
    ] {
        assert!(names.contains(&wanted), "{wanted} is not among {names:?}");
    }
    let words: Vec<String> = names.iter().map(|name| format!("--format={name}={}", file(name).display())).collect();
    let mut command = program();
    command.args(["run", "--demo", "--aws-account", "123456789012", "--aws-region", "eu-central-1"]).args(words);
    let ran = ran(&mut command);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    assert!(ran.out.contains("[FAIL] 1.2.15 "), "text is printed, too");
    for name in names {
        let text = std::fs::read_to_string(file(name)).unwrap();
        assert!(text.contains("1.2.15") && text.ends_with('\n'), "{name}");
    }
    refused(&run("run --demo --format asff"), &["asff", "--aws-account"]);
}

#[test]
fn a_file_that_cannot_be_written_holds_back_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(usize::MAX);
    let good = dir.path().join("good.json");
    let url = receiver.url();
    let ran = demo(&["--format", "sarif=/nosuch/x", "--format", &format!("json={}", good.display()), "--send", &url]);
    assert_eq!(ran.status, Some(2), "{}", ran.err);
    assert!(ran.err.contains("/nosuch/x could not be written"), "{}", ran.err);
    assert!(ran.out.contains("== Summary total =="), "{}", ran.out);
    assert!(good.exists());
    assert_eq!(receiver.count(), 131);
}

#[test]
fn diff_says_what_changed_and_ends_with_8() {
    let dir = tempfile::tempdir().unwrap();
    let old = report(dir.path(), "old.json", |report| set(report, "1.2.15", "PASS", "pass"));
    let new = report(dir.path(), "new.json", |_| ());
    let same = run(&format!("diff {new} {new}"));
    assert_eq!(same.status, Some(0), "{}", same.err);
    assert!(same.out.contains("nothing changed"), "{}", same.out);
    let changed = run(&format!("diff {old} {new}"));
    assert_eq!(changed.status, Some(8), "{}", changed.err);
    assert!(changed.out.contains("[PASS -> FAIL] 1.2.15 "), "{}", changed.out);
    let json = run(&format!("diff {old} {new} --format json"));
    let value: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(value["counts"], serde_json::json!({"newly-failing": 1}));
    let baseline = run(&format!("run --demo --baseline {old}"));
    assert_eq!(baseline.status, Some(8), "{}", baseline.err);
    assert!(baseline.out.contains("[PASS -> FAIL] 1.2.15 "), "{}", baseline.out);
    assert_eq!(run(&format!("run --demo --baseline {old} --fail-on fail")).status, Some(1));
    // What was not chosen is not gone.
    let one = run(&format!("run --demo --check 1.2.15 --baseline {old}"));
    assert!(one.out.contains("1 change: 1 newly failing; 0 as before"), "{}", one.out);
    refused(&run(&format!("diff {old} /nosuch/file")), &["/nosuch/file"]);
    refused(&run("diff - -"), &["standard input"]);
}

#[test]
fn two_sets_of_facts_are_judged_and_compared_across_benchmarks() {
    let dir = tempfile::tempdir().unwrap();
    let facts = dir.path().join("facts.json").display().to_string();
    assert_eq!(run(&format!("collect --demo --outputfile {facts}")).status, Some(0));
    let same = run(&format!("diff {facts} {facts}"));
    assert_eq!(same.status, Some(0), "{}", same.out);
    let older = dir.path().join("older.json").display().to_string();
    assert_eq!(run(&format!("evaluate {facts} --benchmark cis-1.12 --json --outputfile {older}")).status, Some(0));
    // The same node by a newer benchmark: rules are the same ones, whatever their numbers.
    let between = run(&format!("diff {older} {facts} --benchmark cis-2.0.1 --format json"));
    let value: Value = serde_json::from_str(&between.out).unwrap();
    let gone = value["changes"].as_array().unwrap().iter().filter(|change| change["kinds"][0] == "gone").count();
    assert!(gone < 10, "{gone} of 131 were not recognised");
}

#[test]
fn what_cannot_be_sent_waits_and_is_sent_later_once() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state").display().to_string();
    let receiver = Receiver::start(usize::MAX);
    // Nobody listens there, and nobody will: a port of 127.0.0.1 that was free a moment ago may be another test's by now.
    let gone: SocketAddr = "127.77.77.77:7".parse().unwrap();
    let config = dir.path().join("config.toml");
    let sink = |address: SocketAddr| {
        std::fs::write(&config, format!("[sink.falco]\nurl = \"falcosidekick+http://{address}/\"")).unwrap()
    };
    let config_word = config.display().to_string();
    let words = ["--send", "falco", "--config", &config_word, "--state-dir", &state, "--send-timeout", "1s"];
    sink(gone);
    let away = demo(&words);
    assert_eq!(away.status, Some(0), "{}", away.err);
    assert!(away.err.contains("falco: 0 sent, 131 wait in the spool"), "{}", away.err);
    let required = demo(&[&words[..], &["--require-send"]].concat());
    assert_eq!(required.status, Some(5), "{}", required.err);
    sink(receiver.address);
    let mut command = program();
    command.args(["send", "--send", "falco", "--config", &config_word, "--state-dir", &state]);
    let sent = ran(&mut command);
    assert_eq!(sent.status, Some(0), "{}", sent.err);
    // Both scans had other times, so they are two scans; each event came once.
    let events = receiver.events.lock().unwrap().clone();
    assert!(events.values().all(|count| *count == 1) && events.len() >= 131, "{}", events.len());
    assert_eq!(ran(&mut command).err, "falco: 0 sent\n");
}

#[test]
fn a_kill_in_the_middle_loses_nothing_and_doubles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state").display().to_string();
    let receiver = Receiver::start(40);
    let url = receiver.url();
    let mut child = program()
        .args(["run", "--demo", "--noresults", "--send", &url, "--state-dir", &state])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while receiver.count() < 40 {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    receiver.most.store(usize::MAX, Ordering::SeqCst);
    let again = ran(program().args(["send", "--send", &url, "--state-dir", &state]));
    assert_eq!(again.status, Some(0), "{}", again.err);
    let events = receiver.events.lock().unwrap().clone();
    // Those that were under way come again under the same id, which is what a receiver tells a repeat by.
    assert_eq!(events.len(), 131);
    // And it is the last report now: nothing has changed since.
    let facts_words = ["--send", &url, "--state-dir", &state, "--send-when", "changes"];
    let changes = demo(&facts_words);
    assert!(changes.err.contains(": 0 sent"), "{}", changes.err);
}

#[test]
fn changes_are_measured_by_the_last_report() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state").display().to_string();
    let receiver = Receiver::start(usize::MAX);
    let url = receiver.url();
    let send = |report: &str| {
        ran(program().args(["send", report, "--send", &url, "--state-dir", &state, "--send-when", "changes"]))
    };
    let first = report(dir.path(), "1.json", |_| ());
    let failing = run("run --demo --json").out.matches("\"verdict\":\"fail\"").count();
    let ran_first = send(&first);
    // Of a first report, what fails.
    assert!(ran_first.err.contains(&format!("{failing} sent")), "{failing}: {}", ran_first.err);
    let second = report(dir.path(), "2.json", |report| {
        report["scan_id"] = "another".into();
        set(report, "1.2.15", "PASS", "pass");
        set(report, "1.2.2", "FAIL", "fail");
    });
    assert!(send(&second).err.contains(": 2 sent"));
    assert!(send(&second).err.contains(": 0 sent"));
    let nowhere = demo(&["--send", &url, "--send-when", "changes"]);
    refused(&nowhere, &["--state-dir"]);
}

#[test]
fn arguments_hold_no_secret_and_mistakes_are_said_before_the_scan() {
    for (words, says) in [
        (&["--send", "slack+https://hooks.example/T0/B0/s3cret"][..], "itself a key"),
        (&["--send", "splunk+https://user:s3cret@splunk.example"], "holds a user"),
        (&["--send", "elastic+https://e.example/?key=s3cret"], "query"),
        (&["--send", "falcosidekick+http://falco.example"], "--insecure"),
        (&["--send", "nosuch+https://h.example"], "no such kind"),
        (&["--send", "nosuch"], "no sink"),
        (&["--send", "falco", "--config", "/nosuch/config.toml"], "/nosuch/config.toml"),
    ] {
        let ran = demo(words);
        refused(&ran, &[says]);
        assert!(!ran.err.contains("s3cret"), "{}", ran.err);
    }
}

#[test]
fn a_test_event_shows_the_answer() {
    let receiver = Receiver::start(usize::MAX);
    let ran = ran(program().args(["send", "--test", &receiver.url()]));
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(ran.out.contains("sent one test event") && ran.out.contains("200"), "{}", ran.out);
    let gone = run("send --test falcosidekick+http://127.0.0.1:9/");
    assert_eq!(gone.status, Some(5), "{}", gone.err);
    refused(&run("send"), &["--send"]);
    refused(&run("send --send falcosidekick+http://127.0.0.1:9/"), &["--state-dir"]);
}
