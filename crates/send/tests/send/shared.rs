//! What can go wrong with any sink: receivers that are away, busy, broken or elsewhere. Over Falcosidekick, an event a request, and the
//! webhook's batches.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use seaworthy_model::Verdict;
use seaworthy_send::deliver::{Patience, Prepared, deliver, keep};
use seaworthy_send::outgoing::{Outgoing, When};
use seaworthy_send::sink::{Batch, Delivered, Limits, Part, Sink, Trouble};

use crate::receiver::{Receiver, Reply, Request};
use crate::sample::{NOBODY, QUICK, finding, mixed, prepared, report, send, url_file};

/// Long enough for any machine; nothing here waits for it to pass.
const LONG: Patience = Patience { total: Duration::from_secs(60), pause: Duration::from_millis(10) };

fn falco(receiver: &Receiver, lines: &str, state: Option<&Path>) -> Prepared {
    prepared(&format!("url = \"falcosidekick+http://{}/\"\n{lines}", receiver.address), state)
}

/// Sends what waits in the spool.
fn drain(prepared: &Prepared, patience: Patience) -> seaworthy_send::deliver::Outcome {
    deliver(&[(prepared, None)], patience).remove(0)
}

fn spooled(prepared: &Prepared, report: &seaworthy_model::Report) {
    keep(&[(prepared, Outgoing::choose(report, None, When::All, None))]).unwrap();
}

fn ids(requests: &[Request]) -> Vec<String> {
    requests.iter().map(|request| request.json()["uuid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_refused_connection_loses_nothing_that_is_spooled() {
    let dir = tempfile::tempdir().unwrap();
    let lines = format!("url = \"falcosidekick+http://{NOBODY}/\"");
    let outcome = send(&prepared(&lines, Some(dir.path())), &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.left, outcome.lost, outcome.refused), (0, 5, 0, 0), "{outcome:?}");
    assert!(outcome.trouble.is_some());
    let outcome = send(&prepared(&lines, None), &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.left, outcome.lost), (0, 0, 5), "{outcome:?}");
}

#[test]
fn too_many_requests_waits_as_long_as_it_is_asked_to() {
    let busy = || {
        Receiver::start(|request| match request.number {
            0 => Reply::Answer(429, vec![("Retry-After", "1".to_owned())], String::new()),
            _ => Reply::ok(""),
        })
    };
    // Patience ends before the second is over, and many of our own pauses would fit into it.
    let (dir, receiver) = (tempfile::tempdir().unwrap(), busy());
    let sink = falco(&receiver, "", Some(dir.path()));
    spooled(&sink, &mixed());
    let outcome = drain(&sink, QUICK);
    assert_eq!((outcome.left, receiver.requests().len()), (5, 1), "{outcome:?}");
    // With more of it the second is waited for.
    let (dir, receiver) = (tempfile::tempdir().unwrap(), busy());
    let sink = falco(&receiver, "", Some(dir.path()));
    spooled(&sink, &mixed());
    let outcome = drain(&sink, LONG);
    assert!(outcome.is_complete() && receiver.requests().len() == 6, "{outcome:?}");
}

#[test]
fn an_hour_that_was_asked_for_counts_in_the_next_run_too() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|request| match request.number {
        0 => Reply::Answer(503, vec![("Retry-After", "3600".to_owned())], String::new()),
        _ => Reply::ok(""),
    });
    assert_eq!(send(&falco(&receiver, "", Some(dir.path())), &mixed(), When::All).left, 5);
    // Another process, with more to send.
    let sink = falco(&receiver, "", Some(dir.path()));
    let outcome = send(&sink, &report("scan-2", vec![finding("node1", "1.2.1", Verdict::Fail)]), When::All);
    assert_eq!((outcome.left, receiver.requests().len()), (6, 1), "{outcome:?}");
    assert!(outcome.trouble.unwrap().contains("left alone"));
    std::fs::write(sink.spool.as_ref().unwrap().join("not-before"), "1000").unwrap();
    let outcome = drain(&sink, QUICK);
    assert!(outcome.is_complete() && outcome.sent == 6, "{outcome:?}");
}

#[test]
fn a_fault_of_the_receiver_passes_and_the_ids_stay() {
    let dir = tempfile::tempdir().unwrap();
    let down = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let is_down = Arc::clone(&down);
    let receiver = Receiver::start(move |request| match is_down.load(std::sync::atomic::Ordering::SeqCst) {
        // The first two arrive, and then it breaks.
        true if request.number >= 2 => Reply::status(500),
        _ => Reply::ok(""),
    });
    let outcome = send(&falco(&receiver, "", Some(dir.path())), &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.left), (2, 3), "{outcome:?}");
    down.store(false, std::sync::atomic::Ordering::SeqCst);
    let outcome = drain(&falco(&receiver, "", Some(dir.path())), QUICK);
    assert!(outcome.is_complete() && outcome.sent == 3, "{outcome:?}");
    let all = ids(&receiver.requests());
    let mut taken = all[..2].to_vec();
    taken.extend_from_slice(&all[all.len() - 3..]);
    let wanted = Receiver::start(|_| Reply::ok(""));
    send(&falco(&wanted, "", None), &mixed(), When::All);
    assert_eq!(taken, ids(&wanted.requests()), "each once, in order, under the name it always has");
    assert!(all[2..all.len() - 3].iter().all(|id| *id == all[2]), "only the third was tried again");
}

#[test]
fn a_connection_that_is_cut_in_the_middle_of_a_body_is_tried_again() {
    let receiver = Receiver::with_head(|head| (head.number == 0).then_some(Reply::CutBody(10)), |_| Reply::ok(""));
    let outcome = send(&falco(&receiver, "", None), &mixed(), When::All);
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(receiver.requests().len(), 5);
}

#[test]
fn what_may_have_arrived_is_sent_again_under_the_same_id() {
    for broken in [|| Reply::Hangup, || Reply::Cut] {
        let receiver = Receiver::start(move |request| if request.number == 0 { broken() } else { Reply::ok("") });
        let outcome = send(&falco(&receiver, "", None), &mixed(), When::Failures);
        assert!(outcome.is_complete() && outcome.sent == 1, "{outcome:?}");
        let requests = receiver.requests();
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[0].body, requests[1].body);
    }
}

#[test]
fn a_receiver_that_never_answers_is_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|_| Reply::Silent);
    let outcome = send(&falco(&receiver, "timeout = \"200ms\"", Some(dir.path())), &mixed(), When::Failures);
    assert_eq!((outcome.sent, outcome.left), (0, 1), "{outcome:?}");
    assert!(outcome.trouble.unwrap().contains("timeout"));
}

#[test]
fn one_that_hangs_does_not_hold_up_another() {
    let arrived = Arc::new((Mutex::new(false), Condvar::new()));
    let (tell, wait) = (Arc::clone(&arrived), arrived);
    // The first answers only when the second has got something: in turn, neither would.
    let first = Receiver::start(move |_| {
        let (seen, bell) = &*wait;
        let result = bell.wait_timeout_while(seen.lock().unwrap(), Duration::from_secs(20), |seen| !*seen).unwrap();
        Reply::status(if result.1.timed_out() { 400 } else { 200 })
    });
    let second = Receiver::start(move |_| {
        *tell.0.lock().unwrap() = true;
        tell.1.notify_all();
        Reply::ok("")
    });
    let (a, b) = (falco(&first, "", None), falco(&second, "", None));
    let report = mixed();
    let outgoing = || Some(Outgoing::choose(&report, None, When::Failures, None));
    let outcomes = deliver(&[(&a, outgoing()), (&b, outgoing())], LONG);
    assert!(outcomes.iter().all(|outcome| outcome.is_complete() && outcome.sent == 1), "{outcomes:?}");
}

#[test]
fn a_redirect_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = Receiver::start(|_| Reply::ok(""));
    let to = format!("http://{}/login?session=abc", elsewhere.address);
    for status in [301, 302, 303, 307, 308] {
        let to = to.clone();
        let receiver = Receiver::start(move |_| Reply::Answer(status, vec![("Location", to.clone())], String::new()));
        let state = dir.path().join(status.to_string());
        let outcome = send(&falco(&receiver, "", Some(&state)), &mixed(), When::Failures);
        assert_eq!((outcome.left, receiver.requests().len()), (1, 1), "{status}: {outcome:?}");
        let why = outcome.trouble.unwrap();
        assert!(why.contains("/login") && !why.contains("session"), "{why}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_proxy_is_used_for_what_is_not_here() {
    let proxy = Receiver::with_head(|head| (head.method == "CONNECT").then(|| Reply::ok("")), |_| Reply::ok(""));
    let lines = format!(
        "url = \"falcosidekick+http://falco.example:2801/\"\ninsecure = true\nproxy = \"http://{}\"",
        proxy.address
    );
    let outcome = send(&prepared(&lines, None), &mixed(), When::All);
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    let requests = proxy.requests();
    assert!(requests.iter().all(|request| request.header("host").unwrap().starts_with("falco.example")));
    // The machine's own receivers need none.
    let receiver = Receiver::start(|_| Reply::ok(""));
    let lines = format!("proxy = \"http://{}\"", proxy.address);
    assert!(send(&falco(&receiver, &lines, None), &mixed(), When::All).is_complete());
    assert_eq!((receiver.requests().len(), proxy.requests().len()), (5, requests.len()));
}

#[test]
fn a_full_spool_gives_up_the_oldest_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|request| if request.number == 0 { Reply::status(500) } else { Reply::ok("") });
    let sink = falco(&receiver, "spool-bytes = 16000", Some(dir.path()));
    for scan in 0..9 {
        spooled(&sink, &report(&format!("scan-{scan}"), vec![finding("node1", "1.2.1", Verdict::Fail); 2]));
    }
    let none = Patience { total: Duration::ZERO, pause: Duration::from_millis(1) };
    let outcome = drain(&sink, none);
    assert_eq!(outcome.left + outcome.dropped.events, 18, "{outcome:?}");
    assert!(outcome.dropped.events > 0 && outcome.left > 0 && outcome.left_bytes <= 16_000, "{outcome:?}");
    let outcome = drain(&sink, QUICK);
    assert!(outcome.is_complete(), "what was dropped is told once: {outcome:?}");
    let last = receiver.requests().pop().unwrap().json();
    assert_eq!(last["output_fields"]["cis.scan"], "scan-8", "the newest stayed");
}

#[test]
fn a_damaged_file_is_set_aside_and_told_of() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|_| Reply::ok(""));
    let sink = falco(&receiver, "", Some(dir.path()));
    for scan in ["scan-1", "scan-2", "scan-3"] {
        spooled(&sink, &report(scan, vec![finding("node1", "1.2.1", Verdict::Fail)]));
    }
    let folder = sink.spool.clone().unwrap();
    let files = || -> Vec<String> {
        let names = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".json")).collect()
    };
    let mut names = files();
    names.sort();
    let whole = std::fs::read(folder.join(&names[1])).unwrap();
    std::fs::write(folder.join(&names[1]), &whole[..whole.len() / 2]).unwrap();
    let outcome = drain(&sink, QUICK);
    assert_eq!((outcome.sent, outcome.left, outcome.dropped.damaged), (2, 0, 1), "{outcome:?}");
    assert!(!outcome.is_complete());
    assert_eq!(files(), [format!("{}.damaged", names[1])]);
    assert!(drain(&sink, QUICK).is_complete(), "it is told once");
}

#[test]
fn a_spool_that_another_sends_from_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|_| Reply::ok(""));
    let sink = falco(&receiver, "", Some(dir.path()));
    spooled(&sink, &mixed());
    let held = seaworthy_send::spool::Spool::open(sink.spool.as_ref().unwrap(), 1 << 20).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            drop(held);
        });
        let outcome = drain(&sink, QUICK);
        assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    });
}

#[test]
fn a_crash_before_the_removal_repeats_a_batch_with_the_same_ids() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|_| Reply::ok(""));
    let sink = falco(&receiver, "", Some(dir.path()));
    spooled(&sink, &mixed());
    let folder = sink.spool.clone().unwrap();
    let copy: Vec<(std::path::PathBuf, Vec<u8>)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    assert_eq!(drain(&sink, QUICK).sent, 5);
    copy.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
    assert_eq!(drain(&sink, QUICK).sent, 5);
    let all = ids(&receiver.requests());
    assert_eq!(all[..5], all[5..]);
}

#[test]
fn what_is_too_large_is_halved_until_it_fits() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(|request| match request.json().as_array().unwrap().len() {
        0..=2 if !request.body.contains("\"1.2.4\"") => Reply::ok(""),
        _ => Reply::status(413),
    });
    let url = url_file(dir.path(), &format!("webhook+http://{}/", receiver.address));
    let sink = prepared(&format!("{url}\nform = \"cloudevents-batch\""), None);
    let outcome = send(&sink, &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.refused, outcome.lost), (4, 1, 0), "{outcome:?}");
    assert!(outcome.reasons[0].contains("413"), "{outcome:?}");
}

/// Takes a part the second time only, and one never.
struct Grudging(Mutex<Vec<String>>);

impl Sink for Grudging {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        outgoing.items.iter().try_for_each(|item| {
            let body = item.finding.id.clone();
            out(Part { id: outgoing.event_id(item), body })
        })
    }

    fn limits(&self) -> Limits {
        Limits { count: 10, bytes: 1000 }
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let mut seen = self.0.lock().unwrap();
        let mut delivered = Delivered { answer: "some".into(), ..Delivered::default() };
        for (place, part) in batch.parts.iter().enumerate() {
            let before = seen.iter().filter(|body| **body == part.body).count();
            match (part.body.as_str(), before) {
                ("1.2.2", _) => delivered.refused.push((place, "never".into())),
                ("1.2.3" | "1.2.4", 0) => delivered.again.push((place, "busy".into())),
                ("1.2.5", _) => delivered.again.push((place, "busy".into())),
                _ => {}
            }
            seen.push(part.body.clone());
        }
        Ok(delivered)
    }
}

#[test]
fn only_what_is_to_be_sent_again_is() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Prepared {
        sink: Box::new(Grudging(Mutex::default())),
        ..prepared("url = \"falcosidekick+http://127.0.0.1:1/\"", Some(dir.path()))
    };
    let outcome = send(&sink, &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.refused, outcome.left), (3, 1, 1), "{outcome:?}");
    assert_eq!((outcome.reasons.as_slice(), outcome.trouble.as_deref()), (&["never".to_owned()][..], Some("busy")));
    let mut spool = seaworthy_send::spool::Spool::open(sink.spool.as_ref().unwrap(), 1 << 20).unwrap();
    let left: Vec<String> = spool.first().unwrap().unwrap().parts.into_iter().map(|part| part.body).collect();
    assert_eq!(left, ["1.2.5"]);
}

#[test]
fn what_an_answer_means() {
    // Left in the spool, refused.
    for (status, left, refused, tries_once) in [
        (400, 0, 1, true),
        (401, 1, 0, true),
        (403, 1, 0, true),
        (404, 1, 0, true),
        (408, 1, 0, false),
        (502, 1, 0, false),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let receiver = Receiver::start(move |_| Reply::status(status));
        let outcome = send(&falco(&receiver, "", Some(dir.path())), &mixed(), When::Failures);
        assert_eq!((outcome.left, outcome.refused), (left, refused), "{status}: {outcome:?}");
        assert_eq!(receiver.requests().len() == 1, tries_once, "{status}");
    }
}

/// A receiver that refuses a whole call for one part of it: the others arrive, and where all are refused that ends soon.
#[test]
fn one_wrong_part_does_not_cost_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let batches = |receiver: &Receiver, name: &str| {
        let url = folder.path().join(name);
        std::fs::write(&url, format!("webhook+http://{}/", receiver.address)).unwrap();
        prepared(
            &format!("url-file = {url:?}\nform = \"cloudevents-batch\""),
            Some(&folder.path().join(format!("{name}-state"))),
        )
    };
    let all = report("scan-1", (0..200).map(|n| finding("node1", &format!("1.{n}"), Verdict::Fail)).collect());
    let picky = Receiver::start(|request| match request.body.contains("Title of 1.77\"") {
        true => Reply::status(422),
        false => Reply::status(200),
    });
    let outcome = send(&batches(&picky, "picky"), &all, When::All);
    assert_eq!((outcome.sent, outcome.refused, outcome.left), (199, 1, 0), "{outcome:?}");
    let closed = Receiver::start(|_| Reply::status(422));
    let outcome = send(&batches(&closed, "closed"), &all, When::All);
    assert_eq!((outcome.sent, outcome.refused, outcome.left), (0, 200, 0), "{outcome:?}");
    assert!(closed.requests().len() < 80, "{} requests", closed.requests().len());
}
