//! A report that says of itself that it is a test, for `send --test`.

use seaworthy_model::{
    BenchmarkChoice, Counts, Finding, Header, Kind, Label, REPORT_SCHEMA, Report, Severity, Status, Subject,
    SubjectKind, Tool, Verdict,
};

/// One failing finding about the node `seaworthy-test`, so that no filter on failures holds it back. `time` in RFC 3339.
pub fn report(tool: Tool, time: String) -> Report {
    let subject = Subject { kind: SubjectKind::Node, id: None, name: "seaworthy-test".to_owned() };
    let finding = Finding {
        id: "0.0".to_owned(),
        rule: "seaworthy-test".to_owned(),
        title: "Test event of Seaworthy: nothing was judged".to_owned(),
        section: "0".to_owned(),
        target: "node".to_owned(),
        level: 1,
        label: Label::Automated,
        scored: true,
        severity: Severity::Low,
        status: Status::Fail,
        verdict: Verdict::Fail,
        kind: Kind::Tested,
        reason: "this tests the way from Seaworthy to here".to_owned(),
        expected: "that you can read it".to_owned(),
        evidence: Vec::new(),
        locations: Vec::new(),
        resources: Vec::new(),
        remediation: None,
        waiver: None,
        subject: subject.clone(),
        identity: "-/seaworthy-test/test/0.0".to_owned(),
    };
    let mut totals = Counts::default();
    totals.add(&finding);
    let scan_id = data_encoding::HEXLOWER.encode(&<sha2::Sha256 as sha2::Digest>::digest(time.as_bytes()));
    Report {
        schema: REPORT_SCHEMA,
        tool,
        scan_id,
        time: Some(time),
        header: Header {
            benchmark: BenchmarkChoice {
                id: "test".to_owned(),
                title: "No benchmark: a test event".to_owned(),
                why: "send --test was asked for".to_owned(),
            },
            platform: "none".to_owned(),
            kubernetes: None,
            kubernetes_source: None,
            catalogue: String::new(),
        },
        subjects: vec![subject],
        expected: 1,
        received: 1,
        roles: Vec::new(),
        sections: Vec::new(),
        findings: vec![finding],
        totals,
        waivers: Vec::new(),
        missing: Vec::new(),
        also_seen: Vec::new(),
        notes: vec!["this is a test".to_owned()],
    }
}
