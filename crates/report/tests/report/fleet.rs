//! Two nodes of a cluster and the report before: what formats that put nodes together, or say what changed, have to show.

use seaworthy_model::*;

use super::sample;

/// The sample's findings on node1 and node2, which differ in three of them.
pub(crate) fn report() -> Report {
    let mut report = sample::report();
    let mut findings = Vec::new();
    for finding in report.findings {
        findings.push(finding.clone());
        if finding.subject.kind == SubjectKind::Node {
            findings.push(on_node2(finding));
        }
    }
    report.findings = findings;
    let second = Subject { kind: SubjectKind::Node, id: Some("node2".into()), name: "node2".into() };
    report.subjects.insert(1, second);
    count(&mut report);
    report
}

fn on_node2(mut finding: Finding) -> Finding {
    finding.subject.name = "node2".into();
    finding.subject.id = Some("node2".into());
    finding.identity = finding.identity.replace("/node1/", "/node2/");
    match finding.id.as_str() {
        "1.2.15" => pass(&mut finding, "profiling is false"),
        "1.2.1" => finding.reason = "anonymous-auth is true (arguments of kube-apiserver); wanted false".into(),
        "1.1.1" => fail(&mut finding, "the manifest has mode 0666"),
        _ => {}
    }
    finding
}

/// Of what is told above: 1.1.1 failed and is solved, 1.2.15 passed on node1, 1.2.16 had no waiver, 2.2 failed while there was an etcd,
/// 3.2.9 was asked too, 4.2.4 was not.
pub(crate) fn before() -> Report {
    let mut report = report();
    report.time = Some("2026-01-24T10:00:00Z".into());
    report.findings.retain(|finding| finding.id != "4.2.4");
    let mut gone = report.findings[0].clone();
    for finding in &mut report.findings {
        match finding.id.as_str() {
            "1.1.1" => fail(finding, "its mode is 0644; wanted 0600 or stricter"),
            "1.2.15" => pass(finding, "profiling is false"),
            "1.2.16" => fail(finding, "audit-log-path is not set; wanted a path"),
            "2.2" => fail(finding, "client-cert-auth is false; wanted true"),
            _ => {}
        }
    }
    (gone.id, gone.rule) = ("3.2.9".into(), "kube-apiserver/gone".into());
    gone.identity = gone.identity.replace("/1.1.1", "/3.2.9");
    report.findings.push(gone);
    count(&mut report);
    report
}

fn pass(finding: &mut Finding, reason: &str) {
    (finding.verdict, finding.status, finding.kind) = (Verdict::Pass, Status::Pass, Kind::Tested);
    finding.reason = reason.into();
    finding.remediation = None;
}

fn fail(finding: &mut Finding, reason: &str) {
    (finding.verdict, finding.status, finding.kind) = (Verdict::Fail, Status::Fail, Kind::Tested);
    finding.reason = reason.into();
    finding.waiver = None;
}

fn count(report: &mut Report) {
    report.totals = Counts::default();
    report.findings.iter().for_each(|finding| report.totals.add(finding));
    for section in &mut report.sections {
        section.counts = Counts::default();
        let within = |id: &str| id == section.id || id.starts_with(&format!("{}.", section.id));
        report.findings.iter().filter(|f| within(&f.section)).for_each(|finding| section.counts.add(finding));
    }
}
