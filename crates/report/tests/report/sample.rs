//! A report by hand: one node without etcd, under a small benchmark. It need not be one that the engine would give; it must hold
//! everything that a format has to show.

use seaworthy_model::*;

use super::findings;

/// What an attacker would put into an argument: a colour code, a forged line, reversed text, the end of a CDATA section, a tag.
pub(crate) const HOSTILE: &str =
    "\u{1b}[32m\n[PASS] 1.2.1 forged\r\u{202e}gpj\u{2066}\0]]><script>alert(1)</script>&\"'\u{9b}1m\u{e0041}";

pub(crate) fn report() -> Report {
    let findings = findings::all();
    let mut totals = Counts::default();
    findings.iter().for_each(|finding| totals.add(finding));
    Report {
        schema: REPORT_SCHEMA,
        tool: Tool { name: "seaworthy".into(), version: "0.1.0".into() },
        scan_id: "0f3c".repeat(16),
        time: Some("2026-01-31T10:00:00Z".into()),
        header: Header {
            benchmark: BenchmarkChoice {
                id: "cis-1.12".into(),
                title: "CIS Kubernetes Benchmark v1.12.0".into(),
                why: "it covers Kubernetes 1.32 to 1.34".into(),
            },
            platform: "kubeadm".into(),
            kubernetes: Some("1.34.4".into()),
            kubernetes_source: Some(Source::process(812, "kube-apiserver", "image")),
            catalogue: "ab12".repeat(16),
        },
        subjects: vec![
            Subject { kind: SubjectKind::Node, id: Some("node1".into()), name: "node1".into() },
            Subject { kind: SubjectKind::Cluster, id: None, name: format!("test{HOSTILE}") },
        ],
        expected: 3,
        received: 2,
        roles: vec![
            role("control-plane", true, "kube-apiserver runs in a static pod"),
            role("worker", true, "the kubelet runs as a system service"),
            role("etcd", false, "no process and no manifest of etcd; the API server asks https://10.0.0.9:2379"),
        ],
        sections: sections(&findings),
        findings,
        totals,
        waivers: vec![
            waiver("1.2.16", WaiverState::Used, "sets 1.2.16 aside until 2026-06-30"),
            waiver("9.9.9", WaiverState::Unused, "no check of cis-1.12 has this number"),
            waiver("kubelet/kubelet-anonymous-auth", WaiverState::Expired, "its last day was 2025-12-31"),
        ],
        missing: vec![MissingSubject { name: format!("node3{HOSTILE}"), reason: "its pod did not start".into() }],
        also_seen: vec![Problem {
            what: format!("process 4711 calls itself kube-apiserver{HOSTILE}"),
            why: "it runs in a session of a logged-in user and was not judged".into(),
            source: SourcePlace::Process {
                pid: 4711,
                name: "tail".into(),
                part: "arguments".into(),
                start: Some(1_769_850_000_000),
            }
            .into(),
        }],
        notes: vec!["not root: other users' processes could not be looked at".into()],
    }
}

/// The sample, and a report of the same node a month before it: one finding newly fails, one is solved, one is gone.
pub(crate) fn two() -> (Report, Report) {
    let (mut before, after) = (report(), report());
    before.time = Some("2025-12-31T10:00:00Z".into());
    for finding in &mut before.findings {
        match finding.id.as_str() {
            "1.1.1" => {
                (finding.verdict, finding.status, finding.reason) =
                    (Verdict::Fail, Status::Fail, "its mode was 0644".into())
            }
            "4.2.1" => {
                (finding.verdict, finding.status, finding.reason) = (Verdict::Pass, Status::Pass, "it was false".into())
            }
            _ => {}
        }
    }
    let gone = Finding { id: "4.2.9".into(), rule: "kubelet/gone".into(), ..before.findings[0].clone() };
    let gone = Finding { identity: gone.identity.replace("1.1.1", "4.2.9"), section: "4.2".into(), ..gone };
    before.findings.push(gone);
    (before, after)
}

fn role(role: &str, present: bool, why: &str) -> RoleState {
    RoleState { role: role.into(), present, certain: true, why: why.into() }
}

fn waiver(item: &str, state: WaiverState, note: &str) -> WaiverNote {
    WaiverNote { item: item.into(), state, note: note.into() }
}

fn sections(findings: &[Finding]) -> Vec<SectionSummary> {
    [
        ("1", "Control plane components", "master", None),
        ("1.1", "Control plane files", "master", None),
        ("1.2", "API server", "master", None),
        ("2", "etcd", "etcd", Some("this node has no etcd")),
        ("3", "Control plane configuration", "controlplane", None),
        ("3.2", "Logging", "controlplane", None),
        ("4", "Worker nodes", "node", None),
        ("4.2", "Kubelet", "node", None),
        ("5", "Policies", "policies", None),
        ("5.1", "RBAC and service accounts", "policies", None),
    ]
    .map(|(id, title, target, absent): (&str, &str, &str, Option<&str>)| {
        let mut counts = Counts::default();
        let within = |section: &str| section == id || section.starts_with(&format!("{id}."));
        findings.iter().filter(|finding| within(&finding.section)).for_each(|finding| counts.add(finding));
        let absent = absent.map(Into::into);
        SectionSummary { id: id.into(), title: title.into(), target: target.into(), counts, absent }
    })
    .into()
}
