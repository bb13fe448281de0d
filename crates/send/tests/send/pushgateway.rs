//! The Pushgateway, by a stand-in that reads the text format and refuses what is doubled or does not end.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use seaworthy_model::Verdict;
use seaworthy_send::deliver::Prepared;
use seaworthy_send::outgoing::When;

use crate::receiver::{Receiver, Reply, Request};
use crate::sample::{finding, mixed, prepared, refused, report, send};
use crate::stand::{TOKEN, flush, insist, on_disk, token};

/// Series and values, or why it is no such text.
fn series(request: &Request) -> Result<BTreeSet<String>, String> {
    if request.method != "PUT" || !request.header("content-type").is_some_and(|value| value.starts_with("text/plain")) {
        return Err("not put as text".into());
    }
    if !request.body.ends_with('\n') {
        return Err("text format parsing error: unexpected end of input stream".into());
    }
    let mut typed = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for line in request.body.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            typed.insert(rest.split(' ').next().unwrap_or("").to_owned());
        }
        if line.starts_with('#') {
            continue;
        }
        let (name, value) = line.rsplit_once(' ').ok_or_else(|| format!("{line:?} is no sample"))?;
        value.parse::<f64>().map_err(|_| format!("{value:?} is no value"))?;
        if !typed.contains(name.split('{').next().unwrap_or("")) || !seen.insert(name.to_owned()) {
            return Err(format!("{name}: twice, or without a type"));
        }
    }
    Ok(seen)
}

fn accept(request: &Request) -> Reply {
    match series(request) {
        Ok(_) => Reply::status(200),
        Err(why) => Reply::Answer(400, vec![], why),
    }
}

fn sink(receiver: &Receiver, folder: &tempfile::TempDir, lines: &str) -> Prepared {
    let secret = tempfile::tempdir_in(folder).unwrap().keep();
    let token = token(&secret, "password-file");
    let lines = format!("url = \"pushgateway+http://{}\"\nuser = \"push\"\n{token}{lines}", receiver.address);
    prepared(&lines, Some(&folder.path().join("state")))
}

#[test]
fn a_node_is_a_group() {
    let receiver = Receiver::start(accept);
    let folder = tempfile::tempdir().unwrap();
    let outcome = send(&sink(&receiver, &folder, ""), &mixed(), When::All);
    assert!(outcome.is_complete() && outcome.sent == 1, "{outcome:?}");
    let request = &receiver.requests()[0];
    assert_eq!(request.path, "/metrics/job/seaworthy/instance/node1");
    let all = series(request).unwrap();
    assert_eq!(all.iter().filter(|series| series.starts_with("seaworthy_check_status{")).count(), 5);
    assert!(all.iter().any(|series| series.contains("node=\"node1\"")));
}

#[test]
fn all_numbers_are_sent_whichever_findings_are_asked_for() {
    let receiver = Receiver::start(accept);
    let folder = tempfile::tempdir().unwrap();
    let passing = report("s", vec![finding("node1", "1.2.1", Verdict::Pass)]);
    assert!(send(&sink(&receiver, &folder, ""), &passing, When::Failures).is_complete());
    assert!(receiver.requests()[0].body.contains("verdict=\"pass\""));
}

#[test]
fn names_that_a_path_cannot_hold_are_encoded() {
    let path = |node: &str, lines: &str| {
        let receiver = Receiver::start(accept);
        let folder = tempfile::tempdir().unwrap();
        let report = report("s", vec![finding(node, "1.2.1", Verdict::Pass)]);
        assert!(send(&sink(&receiver, &folder, lines), &report, When::All).is_complete());
        receiver.requests()[0].path.clone()
    };
    assert_eq!(path("a/../b?c", ""), "/metrics/job/seaworthy/instance@base64/YS8uLi9iP2M");
    assert_eq!(path("..", ""), "/metrics/job/seaworthy/instance@base64/Li4");
    assert_eq!(path("", "job = \"CIS scan\""), "/metrics/job@base64/Q0lTIHNjYW4/instance@base64/=");
}

#[test]
fn several_nodes_are_one_group_of_their_cluster() {
    let receiver = Receiver::start(accept);
    let folder = tempfile::tempdir().unwrap();
    let both = ["node1", "node2"].map(|node| finding(node, "1.2.1", Verdict::Fail));
    assert!(send(&sink(&receiver, &folder, ""), &report("s", both.to_vec()), When::All).is_complete());
    let request = &receiver.requests()[0];
    assert_eq!(request.path, "/metrics/job/seaworthy/instance/c1");
    assert!(request.body.contains("node=\"node1\"") && request.body.contains("node=\"node2\""));
}

#[test]
fn only_the_newest_numbers_wait() {
    let away = Arc::new(Mutex::new(true));
    let here = Arc::clone(&away);
    let receiver = Receiver::start(move |request| match (*here.lock().unwrap(), request.number % 3) {
        (false, _) => accept(request),
        (true, 0) => Reply::Answer(500, vec![], format!("error for {TOKEN}")),
        (true, 1) => Reply::Hangup,
        (true, _) => Reply::status(429),
    });
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(&receiver, &folder, "");
    for (scan, verdict) in [("s1", Verdict::Fail), ("s2", Verdict::Unknown), ("s3", Verdict::Pass)] {
        let outcome = send(&sink, &report(scan, vec![finding("node1", "1.2.1", verdict)]), When::All);
        assert_eq!((outcome.sent, outcome.left, outcome.dropped.events), (0, 1, 0), "{outcome:?}");
        assert!(!format!("{outcome:?}{}", on_disk(&folder.path().join("state"))).contains(TOKEN), "{outcome:?}");
    }
    *away.lock().unwrap() = false;
    let before = receiver.requests().len();
    let outcome = flush(&sink);
    assert!(outcome.is_complete() && outcome.sent == 1, "{outcome:?}");
    let requests = receiver.requests();
    assert_eq!(requests.len(), before + 1);
    assert!(requests[before].body.contains("status=\"pass\",verdict=\"pass\"} 1"));
}

#[test]
fn numbers_that_do_not_fit_those_of_others_are_refused_once() {
    let why = "pushed metrics are invalid or inconsistent with existing metrics";
    let receiver = Receiver::start(move |_| Reply::Answer(400, vec![], why.to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let outcome = send(&sink(&receiver, &folder, ""), &mixed(), When::All);
    assert_eq!((outcome.refused, outcome.left, receiver.requests().len()), (1, 0, 1), "{outcome:?}");
    assert!(outcome.reasons[0].contains("inconsistent"));
}

#[test]
fn a_connection_that_is_cut_or_silent_loses_nothing() {
    for reply in [|| Reply::CutBody(10), || Reply::Silent] {
        let receiver = Receiver::with_head(move |request| (request.number < 2).then(reply), accept);
        let folder = tempfile::tempdir().unwrap();
        let outcome = insist(&sink(&receiver, &folder, "timeout = \"300ms\""), &mixed());
        assert!(outcome.is_complete() && outcome.sent == 1, "{outcome:?}");
    }
}

#[test]
fn mistakes_in_settings_are_named() {
    let url = "url = \"pushgateway+http://127.0.0.1:1\"\n";
    assert!(refused(&format!("{url}job = \"\"")).contains("job"));
    assert!(refused(&format!("{url}index = \"a\"")).contains("index"));
}
