//! Syslog: messages that parse back to exactly what went in, over UDP, TCP and TLS, and connections that break.

use std::io::Read;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc;

use proptest::prelude::*;
use seaworthy_model::{Report, Severity, Verdict};
use seaworthy_send::deliver::{Prepared, deliver};
use seaworthy_send::outgoing::{Outgoing, When};

use crate::authority::{Files, Server};
use crate::sample::{HOSTILE, NOBODY, QUICK, finding, mixed, prepared, refused, report, send};
use crate::strict::{Parsed, cef, counted, parse};

/// A test that waits for what does not come fails instead of standing still.
const SOON: std::time::Duration = std::time::Duration::from_secs(120);

fn bodies(sink: &Prepared, outgoing: &Outgoing<'_>) -> Vec<String> {
    let mut list = Vec::new();
    sink.sink
        .parts(outgoing, &mut |part| {
            list.push(part.body);
            Ok(())
        })
        .unwrap();
    list
}

fn of(lines: &str, report: &Report) -> Vec<String> {
    let sink = prepared(&format!("url = \"syslog+tcp://127.0.0.1:1\"\n{lines}"), None);
    bodies(&sink, &Outgoing::choose(report, None, When::All, None))
}

fn value<'a>(list: &'a [(String, String)], key: &str) -> &'a str {
    let mut found = list.iter().filter(|(name, _)| name == key);
    let value = found.next().map_or("", |(_, value)| value.as_str());
    assert!(found.next().is_none(), "{key} is there twice: {list:?}");
    value
}

#[test]
fn a_message_for_each_finding() {
    let messages: Vec<Parsed> = of("", &mixed()).iter().map(|message| parse(message).unwrap()).collect();
    let told: Vec<_> = messages.iter().map(|m| (m.priority, m.kind.as_str())).collect();
    // log audit (13): warning, informational, error, notice, informational.
    assert_eq!(told, [(108, "cis.open"), (110, "cis.told"), (107, "cis.told"), (109, "cis.told"), (110, "cis.told")]);
    let first = &messages[0];
    assert_eq!((first.time.as_str(), first.host.as_str()), ("2026-01-31T10:00:00Z", "node1"));
    assert_eq!((first.app.as_str(), first.process.as_str()), ("seaworthy", "-"));
    assert_eq!(first.data.as_ref().unwrap().0, "seaworthy@32473");
    for (key, want) in
        [("id", "1.2.1"), ("state", "open"), ("verdict", "fail"), ("benchmark", "cis-2.0.1"), ("cluster", "c1")]
    {
        assert_eq!(first.get(key), want);
    }
    assert!(
        first.text.starts_with("\u{feff}FAIL 1.2.1 Title of 1.2.1 on node1: the value is \\u{1b}[32m\\n<108>1 forged")
    );
    assert!(!first.text.contains(char::is_control), "{}", first.text);
}

#[test]
fn cef_and_leef_say_the_same() {
    let message = parse(&of("payload = \"cef\"", &mixed())[0]).unwrap();
    assert_eq!(message.data, None);
    let (header, list) = cef(&message.text).unwrap();
    assert_eq!(
        header[..6],
        ["CEF:0", "Seaworthy", "seaworthy", env!("CARGO_PKG_VERSION"), "rule-1.2.1", "CIS 1.2.1 Title of 1.2.1"]
    );
    assert_eq!(header[6], "8");
    assert_eq!(
        (value(&list, "dvchost"), value(&list, "outcome"), value(&list, "cs1")),
        ("node1", "failure", "cis-2.0.1")
    );
    assert_eq!(value(&list, "reason"), format!("the value is {}", seaworthy_report::clean(HOSTILE)));
    assert_eq!(value(&list, "rt"), "1769853600000");
    let spaced = of("payload = \"cef\"\ncef-space = true", &mixed()).remove(0);
    assert!(spaced.contains("|8| externalId="), "{spaced}");

    let message = parse(&of("payload = \"leef\"", &mixed())[0]).unwrap();
    let (header, rest) = message.text.split_once("|^|").unwrap();
    assert_eq!(header, format!("LEEF:2.0|Seaworthy|seaworthy|{}|rule-1.2.1", env!("CARGO_PKG_VERSION")));
    let list: Vec<_> = rest.split('^').map(|field| field.split_once('=').unwrap()).collect();
    let get = |key: &str| list.iter().find(|(name, _)| *name == key).unwrap().1;
    assert_eq!((get("cat"), get("sev"), get("devTime")), ("cis.open", "8", "2026-01-31T10:00:00.000+0000"));
    assert_eq!(get("reason"), format!("the value is {}", seaworthy_report::clean(HOSTILE)));
}

#[test]
fn what_is_solved_or_gone_is_told_as_such() {
    let before =
        report("scan-1", vec![finding("node1", "1.2.1", Verdict::Fail), finding("node2", "1.2.2", Verdict::Fail)]);
    let after = report("scan-2", vec![finding("node1", "1.2.1", Verdict::Pass)]);
    let changes = seaworthy_report::changes::compare(&before, &after);
    let outgoing = Outgoing::choose(&after, Some(&changes), When::Changes, None);
    let sink = prepared("url = \"syslog+udp://127.0.0.1:1\"", None);
    let list: Vec<Parsed> = bodies(&sink, &outgoing).iter().map(|message| parse(message).unwrap()).collect();
    assert_eq!((list[0].priority, list[0].kind.as_str(), list[0].get("change")), (110, "cis.solved", "solved"));
    assert_eq!((list[1].priority, list[1].kind.as_str(), list[1].get("change")), (110, "cis.gone", "gone"));
    assert!(list[0].text.contains("SOLVED 1.2.1") && list[1].text.contains("GONE 1.2.2"));
    for payload in ["cef", "leef"] {
        let sink = prepared(&format!("url = \"syslog+udp://127.0.0.1:1\"\npayload = \"{payload}\""), None);
        let list = bodies(&sink, &outgoing);
        assert!(list[0].contains("cat=cis.solved") && list[1].contains("cat=cis.gone"), "{list:?}");
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        Just(HOSTILE.to_owned()),
        Just("\n<108>1 - - - - - - forged".to_owned()),
        Just(" msg=forged act=x| ^ \\".to_owned()),
        Just("\"] [other@1 a=\"b\"]".to_owned()),
        Just("\\".to_owned()),
        Just("ä\u{202e}".repeat(3000)),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|list| list.concat())
}

fn attacked() -> impl Strategy<Value = Report> {
    (prop::collection::vec(hostile(), 9), 0..5_usize, 0..4_usize).prop_map(|(texts, verdict, severity)| {
        let [id, rule, title, reason, expected, name, identity, what, section] = texts.try_into().unwrap();
        let mut one = finding("node1", "1.2.1", Verdict::ALL[verdict]);
        one.severity = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical][severity];
        (one.id, one.rule, one.title, one.reason, one.expected, one.section) =
            (id, rule, title, reason, expected, section);
        (one.subject.name, one.identity) = (name, format!("{identity}/n/{identity}/x"));
        one.evidence[0].value = what;
        report("scan-1", vec![one])
    })
}

proptest! {
    /// Whatever a node says: one line, no longer than allowed, with the fields that we put there and no others.
    #[test]
    fn fuzz_no_message_is_forged(report in attacked(), most in 1024..9000_usize) {
        let plain = of(&format!("max-bytes = {most}"), &report).remove(0);
        let only = &report.findings[0];
        prop_assert!(plain.len() <= most && !plain.contains(char::is_control), "{plain:?}");
        let parsed = parse(&plain).map_err(TestCaseError::fail)?;
        let keys: Vec<&str> = parsed.data.as_ref().unwrap().1.iter().map(|(key, _)| key.as_str()).collect();
        let known = ["event", "finding", "scan", "id", "benchmark", "state", "status", "verdict", "severity", "level", "rule", "cluster", "node", "section", "file"];
        prop_assert!(keys.iter().all(|key| known.contains(key)), "{keys:?}");
        prop_assert_eq!(parsed.get("finding"), seaworthy_report::identity::fingerprint(only));
        prop_assert_eq!(parsed.get("verdict"), only.verdict.as_str());
        prop_assert_eq!(parsed.get("event").len(), 64);

        let text = of(&format!("max-bytes = {most}\npayload = \"cef\""), &report).remove(0);
        prop_assert!(text.len() <= most && !text.contains(char::is_control), "{} {text:?}", text.len());
        let (header, list) = cef(&parse(&text).map_err(TestCaseError::fail)?.text).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&header[1], "Seaworthy");
        prop_assert_eq!(value(&list, "externalId").len(), 36);
        prop_assert_eq!(value(&list, "flexString2"), seaworthy_report::identity::fingerprint(only));
        let free = |text: &str| seaworthy_report::clean(text).trim().to_owned();
        // Whole where there was room, else its beginning.
        let reason = value(&list, "reason");
        prop_assert!(free(&only.reason).starts_with(reason.trim_end_matches('…').trim_end()), "{reason:?}");
        prop_assert!(list.iter().all(|(key, _)| key.len() <= 16 && !key.contains("forged")), "{list:?}");

        let text = of(&format!("max-bytes = {most}\npayload = \"leef\""), &report).remove(0);
        prop_assert!(text.len() <= most && !text.contains(char::is_control), "{} {text:?}", text.len());
        let text = parse(&text).map_err(TestCaseError::fail)?.text;
        let header: Vec<&str> = text.splitn(7, '|').collect();
        prop_assert_eq!((header[0], header[1], header[5]), ("LEEF:2.0", "Seaworthy", "^"));
        let fields: Vec<_> = header[6].split('^').map(|field| field.split_once('=').unwrap()).collect();
        let known = ["event", "cat", "sev", "devTime", "devTimeFormat", "finding", "item", "status", "verdict", "severity", "level", "identHostName", "resource", "policy", "cluster", "section", "title", "reason", "expected", "actual", "remediation", "filePath"];
        prop_assert!(fields.iter().all(|(key, _)| known.contains(key)), "{fields:?}");
        prop_assert!(fields.windows(2).all(|pair| pair[0].0 != pair[1].0), "{fields:?}");
    }
}

#[test]
fn datagrams_hold_one_message_each() {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sink = prepared(&format!("url = \"syslog+udp://{}\"", receiver.local_addr().unwrap()), None);
    let mut large = mixed();
    large.findings[0].reason = "x".repeat(10_000);
    let outcome = send(&sink, &large, When::All);
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    let mut ids = Vec::new();
    for _ in 0..5 {
        let mut bytes = vec![0; 70_000];
        let length = receiver.recv(&mut bytes).unwrap();
        assert!(length <= 2048);
        ids.push(parse(std::str::from_utf8(&bytes[..length]).unwrap()).unwrap().get("id").to_owned());
    }
    assert_eq!(ids, ["1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5"]);
}

#[test]
fn that_nobody_listens_is_noticed() {
    for transport in ["udp", "tcp"] {
        let state = tempfile::tempdir().unwrap();
        let sink = prepared(&format!("url = \"syslog+{transport}://{NOBODY}\""), Some(state.path()));
        let outcome = send(&sink, &mixed(), When::All);
        assert_eq!((outcome.sent, outcome.left), (0, 5), "{transport}: {outcome:?}");
        assert!(outcome.trouble.unwrap().contains("refused"));
    }
}

/// A TCP receiver that does `with` to its first connection and reads the others to their end.
fn stream(with: impl FnOnce(TcpStream) + Send + 'static) -> (std::net::SocketAddr, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (out, seen) = mpsc::channel();
    std::thread::spawn(move || {
        with(listener.accept().unwrap().0);
        for mut stream in listener.incoming().flatten() {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            let _ = out.send(bytes);
        }
    });
    (address, seen)
}

#[test]
fn a_stream_tells_messages_apart() {
    let (address, seen) = stream(drop);
    let state = tempfile::tempdir().unwrap();
    let sink = prepared(&format!("url = \"syslog+tcp://{address}\""), Some(state.path()));
    let outcome = send(&sink, &mixed(), When::All);
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    let (list, rest) = counted(&seen.recv_timeout(SOON).unwrap());
    assert_eq!((list.len(), rest.len()), (5, 0));
    list.iter().for_each(|message| drop(parse(message).unwrap()));

    let (address, seen) = stream(drop);
    let sink = prepared(&format!("url = \"syslog+tcp://{address}\"\nframing = \"newline\""), Some(state.path()));
    assert!(send(&sink, &mixed(), When::All).is_complete());
    let bytes = String::from_utf8(seen.recv_timeout(SOON).unwrap()).unwrap();
    assert_eq!(bytes.lines().filter(|line| parse(line).is_ok()).count(), 5);
    assert!(bytes.ends_with('\n'));
}

#[test]
fn a_connection_that_is_cut_costs_nothing() {
    // Reads a few bytes and closes: what was not read makes the system say that the connection was reset.
    let (address, seen) = stream(|mut stream| {
        stream.read_exact(&mut [0; 10]).unwrap();
    });
    let state = tempfile::tempdir().unwrap();
    let sink = prepared(&format!("url = \"syslog+tcp://{address}\""), Some(state.path()));
    let ids: Vec<String> = {
        let (report, mut ids) = (mixed(), Vec::new());
        let outgoing = Outgoing::choose(&report, None, When::All, None);
        sink.sink
            .parts(&outgoing, &mut |part| {
                ids.push(part.id);
                Ok(())
            })
            .unwrap();
        ids
    };
    let patience = seaworthy_send::deliver::Patience { total: std::time::Duration::ZERO, ..QUICK };
    seaworthy_send::deliver::keep(&[(&sink, Outgoing::choose(&mixed(), None, When::All, None))]).unwrap();
    let outcome = deliver(&[(&sink, None)], patience).remove(0);
    assert_eq!((outcome.sent, outcome.left), (0, 5), "{outcome:?}");
    assert!(outcome.trouble.is_some());
    let outcome = deliver(&[(&sink, None)], patience).remove(0);
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    let (list, _) = counted(&seen.recv_timeout(SOON).unwrap());
    let again: Vec<String> = list.iter().map(|message| parse(message).unwrap().get("event").to_owned()).collect();
    assert_eq!(again, ids);
}

#[test]
fn tls_is_verified_both_ways() {
    let files = Files::new("localhost");
    for (client, wrong) in [(false, false), (true, false), (false, true)] {
        let server = Server::start(&files, client || wrong);
        let ours = if client { files.client_lines() } else { String::new() };
        let lines =
            format!("url = \"syslog+tls://localhost:{}\"\nca-file = {:?}\n{ours}", server.port, files.path("ca.pem"));
        let state = tempfile::tempdir().unwrap();
        let sink = prepared(&lines, Some(state.path()));
        let outcome = send(&sink, &mixed(), When::All);
        if wrong {
            // It wants a certificate and we have none.
            assert_eq!((outcome.sent, outcome.left), (0, 5), "{outcome:?}");
            assert!(outcome.trouble.as_ref().unwrap().contains("TLS failed"), "{outcome:?}");
            continue;
        }
        assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
        let (list, rest) = counted(&server.received.recv_timeout(SOON).unwrap());
        assert_eq!((list.len(), rest.len()), (5, 0));
    }
}

#[test]
fn a_server_of_another_name_or_authority_gets_nothing() {
    let (files, others) = (Files::new("other.example"), Files::new("localhost"));
    for (served, ca) in [(&files, &files), (&others, &files)] {
        let server = Server::start(served, false);
        let state = tempfile::tempdir().unwrap();
        let lines = format!("url = \"syslog+tls://localhost:{}\"\nca-file = {:?}", server.port, ca.path("ca.pem"));
        let outcome = send(&prepared(&lines, Some(state.path())), &mixed(), When::All);
        assert_eq!((outcome.sent, outcome.left), (0, 5), "{outcome:?}");
        assert!(outcome.trouble.as_ref().unwrap().contains("TLS failed"), "{outcome:?}");
        assert!(server.received.recv_timeout(SOON).map_or(true, |bytes| bytes.is_empty()));
    }
}

#[test]
fn mistakes_are_named() {
    let tcp = "url = \"syslog+tcp://127.0.0.1:1\"";
    for (lines, why) in [
        (format!("{tcp}\nfacility = 24"), "facility"),
        (format!("{tcp}\nmax-bytes = 100"), "max-bytes"),
        (format!("{tcp}\nsd-id = \"seaworthy\""), "sd-id"),
        (format!("{tcp}\napp-name = \"a b\""), "app-name"),
        (format!("{tcp}\npayload = \"xml\""), "plain"),
        (format!("{tcp}\nframing = \"none\""), "octet-counting"),
        (format!("{tcp}\nindex = \"x\""), "index"),
        (format!("{tcp}\ncef-space = true"), "cef-space"),
        (format!("{tcp}\nca-file = \"x\""), "ca-file"),
        (format!("{tcp}\nproxy = \"http://p\""), "proxy"),
        (format!("{tcp}\nheaders = {{ a = \"b\" }}"), "headers"),
        ("url = \"syslog+tcp://127.0.0.1:1/x\"".into(), "ends with the port"),
        ("url = \"syslog+udp://127.0.0.1:1\"\nframing = \"newline\"".into(), "framing"),
        ("url = \"syslog+udp://127.0.0.1:1\"\nmax-bytes = 70000".into(), "65507"),
        ("url = \"syslog+tls://127.0.0.1:1\"\nca-file = \"/nosuch/file\"".into(), "ca-file"),
    ] {
        let error = refused(&lines);
        assert!(error.contains(why), "{lines}: {error}");
    }
}

#[test]
fn what_a_receiver_never_reads_has_not_arrived() {
    let (address, _seen) = stream(std::mem::forget);
    let state = tempfile::tempdir().unwrap();
    let sink = prepared(&format!("url = \"syslog+tcp://{address}\"\ntimeout = \"1s\""), Some(state.path()));
    let large = |n: u32| {
        let mut one = finding("node1", &format!("1.2.{n}"), Verdict::Fail);
        one.reason = "x".repeat(7000);
        one
    };
    let patience = seaworthy_send::deliver::Patience { total: std::time::Duration::ZERO, ..QUICK };
    let report = report("scan-1", (0..1000).map(large).collect());
    seaworthy_send::deliver::keep(&[(&sink, Outgoing::choose(&report, None, When::All, None))]).unwrap();
    let outcome = deliver(&[(&sink, None)], patience).remove(0);
    assert_eq!((outcome.sent, outcome.left), (0, 1000), "{outcome:?}");
}

#[test]
fn a_receiver_that_reads_and_keeps_the_connection_has_all() {
    let (out, seen) = mpsc::channel();
    let (address, _) = stream(move |mut stream| {
        let mut bytes = vec![0; 1 << 20];
        let mut length = 0;
        while counted(&bytes[..length]).0.len() < 5 {
            length += stream.read(&mut bytes[length..]).unwrap();
        }
        out.send(length).unwrap();
        std::mem::forget(stream);
    });
    let outcome = send(&prepared(&format!("url = \"syslog+tcp://{address}\""), None), &mixed(), When::All);
    assert!(outcome.is_complete() && outcome.sent == 5, "{outcome:?}");
    assert!(seen.recv_timeout(SOON).unwrap() > 0);
}
