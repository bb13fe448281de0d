//! Sends 10,000 findings of 200 nodes to receivers on the loopback, one kind of sink after the other, with a spool on disk, and says how
//! long each took and how much memory the program ever had:
//!
//!   cargo run --release -p seaworthy-send --example ten_thousand
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a measurement"
)]

use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Instant;

use seaworthy_model::*;
use seaworthy_send::deliver::{Patience, deliver, keep};
use seaworthy_send::outgoing::{Outgoing, When};
use seaworthy_send::settings::Config;
use seaworthy_send::sinks;

fn main() {
    let report = report();
    println!("{} findings of {} nodes", report.findings.len(), report.subjects.len());
    let http = serve(|mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some((path, body)) = request(&mut reader) {
            let answer = if path.contains("_bulk") { bulk(&body) } else { r#"{"text":"Success","code":0}"#.to_owned() };
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", answer.len());
            if stream.write_all((head + &answer).as_bytes()).is_err() {
                return;
            }
        }
    });
    let lines = serve(|mut stream| {
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    for url in [
        format!("falcosidekick+http://{http}/"),
        format!("splunk+http://{http}/"),
        format!("elastic+http://{http}/"),
        format!("otlp+http://{http}/"),
        format!("syslog+tcp://{lines}"),
    ] {
        let folder = std::env::temp_dir().join(format!("seaworthy-ten-thousand-{}", std::process::id()));
        let token = folder.join("token");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&token, "a-token").unwrap();
        let secret = if url.starts_with("splunk") { format!("token-file = {token:?}") } else { String::new() };
        let config = Config::parse(&format!("[sink.a]\nurl = {url:?}\n{secret}")).unwrap();
        let settings = config.settings("a", false).unwrap();
        let prepared = sinks::prepare(&settings, Some(&folder)).unwrap();
        let began = Instant::now();
        keep(&[(&prepared, Outgoing::choose(&report, None, When::All, None))]).unwrap();
        let kept = began.elapsed();
        let outcome = deliver(&[(&prepared, None)], Patience::default()).remove(0);
        let all = began.elapsed();
        println!(
            "{}: {} sent in {:.2} s, {:.2} s of it until all was on disk",
            prepared.shown,
            outcome.sent,
            all.as_secs_f64(),
            kept.as_secs_f64()
        );
        assert!(outcome.is_complete(), "{outcome:?}");
        let _ = std::fs::remove_dir_all(folder);
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown");
    println!("most memory, report and receivers included: {}", peak.trim_start_matches("VmHWM:").trim());
}

/// Starts a receiver, a thread a connection.
fn serve(each: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || each(stream));
        }
    });
    address
}

fn request(reader: &mut impl BufRead) -> Option<(String, String)> {
    let mut path = String::new();
    reader.read_line(&mut path).ok().filter(|read| *read > 0)?;
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
    Some((path, String::from_utf8_lossy(&body).into_owned()))
}

/// What Elasticsearch says of a bulk request that it took whole.
fn bulk(body: &str) -> String {
    let items = vec![r#"{"create":{"status":201}}"#; body.lines().count() / 2];
    format!(r#"{{"took":1,"errors":false,"items":[{}]}}"#, items.join(","))
}

fn report() -> Report {
    let findings: Vec<Finding> = (0..10_000).map(|n| finding(&format!("node{}", n / 50), n % 50)).collect();
    let mut totals = Counts::default();
    findings.iter().for_each(|finding| totals.add(finding));
    let mut subjects: Vec<Subject> = findings.iter().map(|finding| finding.subject.clone()).collect();
    subjects.dedup();
    Report {
        schema: REPORT_SCHEMA,
        tool: Tool { name: "seaworthy".into(), version: env!("CARGO_PKG_VERSION").into() },
        scan_id: "ten-thousand".into(),
        time: Some("2026-01-31T10:00:00Z".into()),
        header: Header {
            benchmark: BenchmarkChoice { id: "cis-2.0.1".into(), title: String::new(), why: String::new() },
            platform: "kubeadm".into(),
            kubernetes: None,
            kubernetes_source: None,
            catalogue: String::new(),
        },
        expected: 200,
        received: 200,
        subjects,
        findings,
        totals,
        roles: vec![],
        sections: vec![],
        waivers: vec![],
        missing: vec![],
        also_seen: vec![],
        notes: vec![],
    }
}

fn finding(node: &str, number: usize) -> Finding {
    let verdict = if number.is_multiple_of(3) { Verdict::Fail } else { Verdict::Pass };
    Finding {
        id: format!("1.2.{number}"),
        rule: format!("rule-{number}"),
        title: "API server profiling endpoints are off".into(),
        section: "1.2".into(),
        target: "master".into(),
        level: 1,
        label: Label::Automated,
        scored: true,
        severity: Severity::Medium,
        status: Status::of(verdict, true, false),
        verdict,
        kind: Kind::Tested,
        reason: "--profiling is not set, which means true (kube-apiserver's default in 1.34); wanted false".into(),
        expected: "false".into(),
        evidence: vec![Evidence {
            what: "profiling".into(),
            value: "true".into(),
            source: Some(Source::host("/etc/kubernetes/manifests/kube-apiserver.yaml")),
            candidates: vec![],
            notes: vec![],
        }],
        locations: vec![],
        resources: vec![],
        remediation: None,
        waiver: None,
        subject: Subject { kind: SubjectKind::Node, id: Some(node.into()), name: node.into() },
        identity: format!("cluster/{node}/cis-2.0.1/1.2.{number}"),
    }
}
