//! Reports to send, and settings to send them by.

use seaworthy_model::*;
use seaworthy_send::deliver::{Outcome, Patience, Prepared, deliver, keep};
use seaworthy_send::outgoing::{Outgoing, When};
use seaworthy_send::settings::Config;
use seaworthy_send::sinks;

/// What an attacker would put into evidence: a colour code, a forged line, reversed text, quotation marks, a field's end.
pub(crate) const HOSTILE: &str = "\u{1b}[32m\n<108>1 forged\r\u{202e}gpj \"]|=\\ \u{0}end";

/// A finding of 1.2.15 or another number on a node.
pub(crate) fn finding(node: &str, id: &str, verdict: Verdict) -> Finding {
    let location =
        Source::host("/etc/kubernetes/manifests/kube-apiserver.yaml").at(Span { line: 24, start: 812, end: 830 });
    Finding {
        id: id.into(),
        rule: format!("rule-{id}"),
        title: format!("Title of {id}"),
        section: id.rsplit_once('.').map_or(id, |(section, _)| section).into(),
        target: "master".into(),
        level: 1,
        label: Label::Automated,
        scored: true,
        severity: Severity::High,
        status: Status::of(verdict, true, false),
        verdict,
        kind: Kind::Tested,
        reason: format!("the value is {verdict}"),
        expected: "false".into(),
        evidence: vec![Evidence {
            what: "profiling".into(),
            value: "true".into(),
            source: Some(location.clone()),
            candidates: vec![],
            notes: vec![],
        }],
        locations: vec![location],
        resources: vec![],
        remediation: None,
        waiver: None,
        subject: Subject { kind: SubjectKind::Node, id: Some(node.into()), name: node.into() },
        identity: format!("c1/{node}/cis-2.0.1/{id}"),
    }
}

/// A report that holds these findings; its scan has the name `scan`.
pub(crate) fn report(scan: &str, findings: Vec<Finding>) -> Report {
    let mut totals = Counts::default();
    findings.iter().for_each(|finding| totals.add(finding));
    let mut subjects: Vec<Subject> = findings.iter().map(|finding| finding.subject.clone()).collect();
    subjects.dedup();
    let nodes = u32::try_from(subjects.len()).unwrap();
    Report {
        schema: REPORT_SCHEMA,
        tool: Tool { name: "seaworthy".into(), version: "0.1.0".into() },
        scan_id: scan.into(),
        time: Some("2026-01-31T10:00:00Z".into()),
        header: Header {
            benchmark: BenchmarkChoice {
                id: "cis-2.0.1".into(),
                title: "CIS Kubernetes Benchmark 2.0.1".into(),
                why: "it covers Kubernetes 1.34".into(),
            },
            platform: "kubeadm".into(),
            kubernetes: Some("v1.34.4".into()),
            kubernetes_source: None,
            catalogue: "ab12".repeat(16),
        },
        subjects,
        expected: nodes,
        received: nodes,
        roles: vec![],
        sections: vec![],
        findings,
        totals,
        waivers: vec![],
        missing: vec![],
        also_seen: vec![],
        notes: vec![],
    }
}

/// One finding of each verdict on node1, the failing one with hostile evidence.
pub(crate) fn mixed() -> Report {
    let verdicts = [Verdict::Fail, Verdict::Pass, Verdict::Unknown, Verdict::Manual, Verdict::NotApplicable];
    let mut findings: Vec<Finding> =
        (1..).zip(verdicts).map(|(n, verdict)| finding("node1", &format!("1.2.{n}"), verdict)).collect();
    findings[0].reason = format!("the value is {HOSTILE}");
    findings[0].evidence[0].value = HOSTILE.into();
    report("scan-1", findings)
}

/// A sink of these lines of TOML; `url` is one of them.
pub(crate) fn prepared(lines: &str, state: Option<&std::path::Path>) -> Prepared {
    let config = Config::parse(&format!("[sink.a]\n{lines}")).unwrap();
    sinks::prepare(&config.settings("a", false).unwrap(), state).unwrap()
}

/// The error of a sink of these lines of TOML.
pub(crate) fn refused(lines: &str) -> String {
    let config = Config::parse(&format!("[sink.a]\n{lines}")).unwrap();
    match config.settings("a", false).and_then(|settings| sinks::prepare(&settings, None)) {
        Ok(_) => panic!("{lines}: accepted"),
        Err(error) => error,
    }
}

/// An address at which nobody listens, and nobody will: all receivers of these tests are at 127.0.0.1, where a port that was free a moment
/// ago may be another test's by now.
pub(crate) const NOBODY: &str = "127.77.77.77:7";

/// Short pauses, and not many.
pub(crate) const QUICK: Patience =
    Patience { total: std::time::Duration::from_millis(400), pause: std::time::Duration::from_millis(10) };

/// Sends what `when` says of a report; with the spool, if the sink has one.
pub(crate) fn send(prepared: &Prepared, report: &Report, when: When) -> Outcome {
    let outgoing = || Outgoing::choose(report, None, when, None);
    if prepared.spool.is_some() {
        keep(&[(prepared, outgoing())]).unwrap();
        return deliver(&[(prepared, None)], QUICK).remove(0);
    }
    deliver(&[(prepared, Some(outgoing()))], QUICK).remove(0)
}

/// The line of a sink whose URL is a key: it is kept in a file.
pub(crate) fn url_file(dir: &std::path::Path, url: &str) -> String {
    let path = dir.join("url");
    std::fs::write(&path, url).unwrap();
    format!("url-file = {path:?}")
}

/// What a sink makes of what goes out.
pub(crate) fn parts(prepared: &Prepared, outgoing: &Outgoing<'_>) -> Vec<seaworthy_send::sink::Part> {
    let mut parts = Vec::new();
    let mut take = |part| {
        parts.push(part);
        Ok(())
    };
    prepared.sink.parts(outgoing, &mut take).unwrap();
    parts
}

/// HMAC-SHA256 as RFC 2104 has it, for keys of up to 64 bytes: what verifies our signatures is not what makes them.
pub(crate) fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |byte: u8| block.iter().map(|b| b ^ byte).collect::<Vec<u8>>();
    let inner = Sha256::digest([pad(0x36), text.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}
