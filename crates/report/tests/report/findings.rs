//! The sample's findings: each verdict, status, kind, label, severity and form of source at least once.

use seaworthy_model::*;

use super::sample::HOSTILE;

const MANIFEST: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";

/// A finding; status and scoring follow from label and verdict as they do in the engine.
pub(crate) fn finding(
    id: &str,
    target: &str,
    rule: &str,
    title: &str,
    label: Label,
    verdict: Verdict,
    kind: Kind,
) -> Finding {
    let scored = label == Label::Automated;
    Finding {
        id: id.into(),
        rule: rule.into(),
        title: title.into(),
        section: id.rsplit_once('.').map_or(id, |(section, _)| section).into(),
        target: target.into(),
        level: 1,
        label,
        scored,
        severity: Severity::Medium,
        status: Status::of(verdict, scored, kind == Kind::Skipped),
        verdict,
        kind,
        reason: String::new(),
        expected: String::new(),
        evidence: Vec::new(),
        locations: Vec::new(),
        resources: Vec::new(),
        remediation: None,
        waiver: None,
        subject: subject(SubjectKind::Node),
        identity: format!("cluster/node1/cis-1.12/{id}"),
    }
}

/// Every form that a source has, each with every part that it can have.
pub(crate) fn every_source() -> Vec<Source> {
    let object = ApiObject {
        group: "apps".into(),
        resource: "deployments".into(),
        namespace: Some("kube-system".into()),
        name: Some("coredns".into()),
        uid: Some("6f0b".into()),
    };
    let list = ApiObject { group: String::new(), resource: "pods".into(), namespace: None, name: None, uid: None };
    let span = Span { line: 3, start: 40, end: 52 };
    let process = SourcePlace::Process {
        pid: 812,
        name: "kube-apiserver".into(),
        part: "environment".into(),
        start: Some(1_769_850_000_000),
    };
    vec![
        Source::host("/etc/kubernetes/admin.conf"),
        Source::container("/etc/cni/net.d", 812, None),
        Source::container("/etc/cni/net.d", 812, Some("/host/cni".into())).at(span),
        Source::process(812, "kube-apiserver", "arguments"),
        Source::from(process).at(span),
        SourcePlace::Api(list).into(),
        Source::from(SourcePlace::Api(object)).at(span),
        Source::stated("the kubelet's default"),
        Source::stated("--version").at(span),
    ]
}

pub(crate) fn all() -> Vec<Finding> {
    let mut all = vec![file_mode(), not_readable(), anonymous(), profiling(), waived(), absent_option()];
    for (id, title) in [("2.1", "etcd serves over TLS"), ("2.2", "etcd asks clients for certificates")] {
        let (verdict, kind) = (Verdict::NotApplicable, Kind::Role);
        let etcd = finding(id, "etcd", "etcd/etcd-tls", title, Label::Automated, verdict, kind);
        all.push(Finding { reason: "this node has no etcd".into(), ..etcd });
    }
    all.extend([audit_policy(), kubelet_hostile(), skipped()]);
    for (id, title) in [
        ("5.1.1", "cluster-admin is bound where it must be only"),
        ("5.1.2", "Few may read secrets"),
        ("5.1.3", "Roles hold no wildcards"),
    ] {
        let (verdict, kind) = (Verdict::Unknown, Kind::NeedsGrant);
        let policy = finding(id, "policies", "cluster/rbac", title, Label::Manual, verdict, kind);
        let reason = "it needs the Kubernetes API (list clusterroles)".into();
        all.push(Finding { reason, subject: subject(SubjectKind::Cluster), severity: Severity::Critical, ..policy });
    }
    all
}

fn file_mode() -> Finding {
    let (id, title) = ("1.1.1", "The API server's manifest is writable by root only");
    let pass =
        finding(id, "master", "kube-apiserver/manifest-mode", title, Label::Automated, Verdict::Pass, Kind::Tested);
    let evidence = Evidence {
        what: "mode".into(),
        value: "0600".into(),
        source: Some(Source::host(MANIFEST)),
        candidates: Vec::new(),
        notes: Vec::new(),
    };
    Finding {
        reason: format!("{MANIFEST} has mode 0600"),
        expected: "0600 or stricter".into(),
        evidence: vec![evidence],
        ..pass
    }
}

fn not_readable() -> Finding {
    let (id, title) = ("1.1.9", "CNI configuration is writable by root only");
    let (verdict, kind) = (Verdict::Unknown, Kind::Error);
    let unknown = finding(id, "master", "node/cni-mode", title, Label::Automated, verdict, kind);
    let remediation = Remediation {
        summary: "Let the collector read /etc/cni/net.d".into(),
        current: None,
        place: Some(Source::container("/etc/cni/net.d", 812, Some("/host/cni".into()))),
        wanted: None,
        guide: "Give the files mode `0600`:\n\n```sh\nchmod 600 /etc/cni/net.d/*\n```\n".into(),
        risk: None,
        breaks: Some("clients that still speak it".into()),
        no_fix: Some("what may not be read may not be changed".into()),
    };
    Finding { reason: "/etc/cni/net.d may not be read".into(), remediation: Some(remediation), ..unknown }
}

fn anonymous() -> Finding {
    let (id, title) = ("1.2.1", "The API server refuses anonymous requests");
    let rule = "kube-apiserver/apiserver-anonymous-auth";
    let unscored = finding(id, "master", rule, title, Label::Manual, Verdict::Fail, Kind::Unscored);
    let reason = "anonymous-auth is true by default; wanted false";
    Finding { reason: reason.into(), severity: Severity::High, expected: "false".into(), ..unscored }
}

fn profiling() -> Finding {
    let (id, title) = ("1.2.15", "API server profiling endpoints are off");
    let rule = "kube-apiserver/apiserver-profiling";
    let fail = finding(id, "master", rule, title, Label::Automated, Verdict::Fail, Kind::Tested);
    let line = Source::host(MANIFEST).at(Span { line: 24, start: 812, end: 830 });
    let evidence = Evidence {
        what: "profiling".into(),
        value: "true".into(),
        source: Some(Source::process(812, "kube-apiserver", "arguments").at(Span { line: 7, start: 0, end: 16 })),
        candidates: vec![Candidate {
            value: "false".into(),
            source: Source::container("/etc/kubernetes/api.yaml", 812, None),
            why: "the argument wins".into(),
        }],
        notes: vec!["the manifest says the same".into()],
    };
    let remediation = Remediation {
        summary: format!("Set --profiling=false in {MANIFEST}"),
        current: Some("    - --profiling=true".into()),
        place: Some(line.clone()),
        wanted: Some("    - --profiling=false".into()),
        guide: "Set `--profiling=false` in the manifest of the API server. The kubelet sees the changed file and\nstarts \
                the pod anew; until it is ready the API does not answer.\n\n- On a cluster with one control plane node, \
                choose a quiet time.\n- Keep the old manifest outside the directory.\n"
            .into(),
        risk: Some("restarts-component".into()),
        breaks: None,
        no_fix: None,
    };
    Finding {
        reason: "profiling is true (arguments of kube-apiserver, process 812); wanted false".into(),
        expected: "false".into(),
        severity: Severity::Low,
        evidence: vec![evidence],
        locations: vec![line, Source::process(812, "kube-apiserver", "arguments")],
        remediation: Some(remediation),
        ..fail
    }
}

fn waived() -> Finding {
    let (id, title) = ("1.2.16", "The API server writes an audit log");
    let rule = "kube-apiserver/apiserver-audit-log-path";
    let failed = finding(id, "master", rule, title, Label::Automated, Verdict::Fail, Kind::Tested);
    let waiver = Applied {
        reason: "the log goes to a webhook".into(),
        owner: "the node's keeper".into(),
        expires: "2026-06-30".into(),
    };
    let remediation = Remediation {
        summary: "Set --audit-log-path".into(),
        current: None,
        place: None,
        wanted: None,
        guide: "Set it.".into(),
        risk: Some("may-break".into()),
        breaks: None,
        no_fix: None,
    };
    Finding {
        status: Status::Info,
        reason: "audit-log-path is not set; wanted a path".into(),
        waiver: Some(waiver),
        remediation: Some(remediation),
        ..failed
    }
}

fn absent_option() -> Finding {
    let (id, title) = ("1.2.20", "Requests of the API server end in time");
    let rule = "kube-apiserver/apiserver-request-timeout";
    let (verdict, kind) = (Verdict::NotApplicable, Kind::Tested);
    let na = finding(id, "master", rule, title, Label::Manual, verdict, kind);
    Finding { reason: "the option is gone since Kubernetes 1.33".into(), level: 2, ..na }
}

fn audit_policy() -> Finding {
    let (id, title) = ("3.2.2", "The audit policy covers what matters");
    let rule = "kube-apiserver/audit-policy";
    let manual = finding(id, "controlplane", rule, title, Label::Manual, Verdict::Manual, Kind::Manual);
    let evidence = Evidence {
        what: "rules".into(),
        value: "4".into(),
        source: every_source().into_iter().nth(6),
        candidates: Vec::new(),
        notes: Vec::new(),
    };
    let resource = Resource {
        kind: "Deployment".into(),
        namespace: Some("kube-system".into()),
        name: "coredns".into(),
        detail: "no rule names it".into(),
    };
    let remediation = Remediation {
        summary: "Read the policy's 4 rules and compare them with the guide".into(),
        current: None,
        place: None,
        wanted: None,
        guide: "1. Log access to secrets at level Metadata.\n2. Log changes of pods and of everything that makes pods at level Request, so that what ran can be told later.".into(),
        risk: None,
        breaks: None,
        no_fix: Some("a person has to decide".into()),
    };
    Finding {
        reason: "4 rules to judge".into(),
        evidence: vec![evidence],
        locations: every_source(),
        resources: vec![resource],
        remediation: Some(remediation),
        level: 2,
        ..manual
    }
}

fn kubelet_hostile() -> Finding {
    let (id, title) = ("4.2.1", "The kubelet refuses anonymous requests");
    let rule = "kubelet/kubelet-anonymous-auth";
    let fail = finding(id, "node", rule, title, Label::Automated, Verdict::Fail, Kind::Tested);
    let evidence = Evidence {
        what: format!("anonymous-auth{HOSTILE}"),
        value: HOSTILE.into(),
        source: Some(Source::host(format!("/var/lib/kubelet/{HOSTILE}"))),
        candidates: vec![Candidate {
            value: HOSTILE.into(),
            source: Source::stated("the kubelet's default"),
            why: "a value is set".into(),
        }],
        notes: vec![HOSTILE.into()],
    };
    let remediation = Remediation {
        summary: format!("Set authentication.anonymous.enabled in /var/lib/kubelet/{HOSTILE}"),
        current: Some(HOSTILE.into()),
        place: Some(Source::host(format!("/var/lib/kubelet/{HOSTILE}"))),
        wanted: Some("    enabled: false".into()),
        guide: format!("Words of a rule page {HOSTILE}"),
        risk: Some("none".into()),
        breaks: None,
        no_fix: None,
    };
    let resource = Resource { kind: "Setting".into(), namespace: None, name: HOSTILE.into(), detail: HOSTILE.into() };
    Finding {
        reason: format!("anonymous-auth is {HOSTILE}; wanted false"),
        expected: "false".into(),
        evidence: vec![evidence],
        resources: vec![resource],
        remediation: Some(remediation),
        ..fail
    }
}

fn skipped() -> Finding {
    let (id, title) = ("4.2.4", "The kubelet's read-only port is closed");
    let rule = "kubelet/kubelet-read-only-port";
    let (verdict, kind) = (Verdict::Unknown, Kind::Skipped);
    let skipped = finding(id, "node", rule, title, Label::Automated, verdict, kind);
    Finding { reason: "left out with --skip 4.2.4".into(), ..skipped }
}

fn subject(kind: SubjectKind) -> Subject {
    let name = if kind == SubjectKind::Node { "node1" } else { "cluster" };
    Subject { kind, id: Some(name.to_owned()), name: name.to_owned() }
}
