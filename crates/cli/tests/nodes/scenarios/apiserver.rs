//! The API server: who may ask, who decides, which plugins and ciphers are on, and what its version changes.

use seaworthy_engine::{Options, Selection};
use seaworthy_model::Status;
use seaworthy_model::Verdict::{self, Fail, Manual, Pass, Unknown};

use crate::node::{Node, catalogue, hardened, hold, hold_each, plain, worker};

const API: &str = "kube-apiserver";
const AUTHORIZATION: &str = "/etc/kubernetes/authz.yaml";
const AUTHENTICATION: &str = "/etc/kubernetes/authn.yaml";

// Who decides.

fn authorized(body: &str) -> Node {
    plain().without(API, "--authorization-mode").with(API, &["--authorization-config", AUTHORIZATION]).show(
        API,
        AUTHORIZATION,
        format!("apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n{body}"),
    )
}

#[test]
fn s34_the_authorizers_of_a_file_are_the_modes() {
    for (case, body, wanted) in [
        ("Node and RBAC", "authorizers: [{type: Node, name: n}, {type: RBAC, name: r}]\n", [Pass, Pass, Pass]),
        (
            "a webhook in front",
            "authorizers: [{type: Webhook, name: w}, {type: Node}, {type: RBAC}]\n",
            [Pass, Pass, Pass],
        ),
        ("RBAC alone", "authorizers: [{type: RBAC, name: r}]\n", [Pass, Fail, Pass]),
        ("a webhook alone", "authorizers: [{type: Webhook, name: w}]\n", [Pass, Fail, Fail]),
        ("everybody", "authorizers: [{type: Node}, {type: RBAC}, {type: AlwaysAllow}]\n", [Fail, Pass, Pass]),
        ("none", "authorizers: []\n", [Unknown; 3]),
        ("nothing", "", [Unknown; 3]),
        ("no type", "authorizers: [{name: n}]\n", [Unknown; 3]),
        ("broken", "authorizers: [\n", [Unknown; 3]),
    ] {
        let [allow, node, rbac] = wanted;
        hold(case, &authorized(body), &[("1.2.6", allow), ("1.2.7", node), ("1.2.8", rbac)]);
    }
    let wanted = [("1.2.6", Unknown), ("1.2.7", Unknown), ("1.2.8", Unknown)];
    hold("another kind", &authorized("").show(API, AUTHORIZATION, "kind: Pod\napiVersion: v1\n"), &wanted);
    let node = plain().without(API, "--authorization-mode").with(API, &["--authorization-config=/nowhere"]);
    hold("no file", &node, &wanted);
}

#[test]
fn without_a_word_about_authorization_everything_is_allowed() {
    let wanted = [("1.2.6", Fail), ("1.2.7", Fail), ("1.2.8", Fail)];
    let none = plain().without(API, "--authorization-mode");
    hold("not set", &none, &wanted);
    hold("empty", &none.clone().with(API, &["--authorization-mode="]), &wanted);
    hold("empty, with a space", &none.with(API, &["--authorization-mode", ""]), &wanted);
}

// Who may ask.

fn authenticated(body: &str) -> Node {
    plain().with(API, &["--authentication-config", AUTHENTICATION]).show(
        API,
        AUTHENTICATION,
        format!("apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n{body}"),
    )
}

/// It may hold issuers: a new file in its place would lock their users out.
#[test]
fn a_file_that_is_named_already_is_to_be_changed_not_replaced() {
    let judged = authenticated("jwt: []\n").judge();
    let remediation = judged.finding("1.2.1").remediation.clone().expect("a remediation");
    assert!(remediation.summary.starts_with(&format!("Make {AUTHENTICATION}, which kube-apiserver reads, ")));
    assert!(remediation.summary.ends_with("; keep what else it holds"), "{}", remediation.summary);
    assert_eq!(remediation.wanted, None);
}

#[test]
fn the_anonymous_section_of_a_file_decides() {
    for (case, body, verdict) in [
        ("off", "anonymous: {enabled: false}\n", Pass),
        ("on", "anonymous: {enabled: true}\n", Fail),
        (
            "health only",
            "anonymous: {enabled: true, conditions: [{path: /livez}, {path: /readyz}, {path: /healthz}]}\n",
            Pass,
        ),
        ("one of them", "anonymous: {enabled: true, conditions: [{path: /livez}]}\n", Pass),
        ("one more", "anonymous: {enabled: true, conditions: [{path: /livez}, {path: /version}]}\n", Fail),
        ("all paths", "anonymous: {enabled: true, conditions: []}\n", Fail),
        // What is not said is false.
        ("nothing said", "anonymous: {conditions: [{path: /livez}]}\n", Pass),
        ("no word", "anonymous: {enabled: maybe}\n", Unknown),
        ("conditions are no list", "anonymous: {enabled: true, conditions: /livez}\n", Unknown),
        ("a condition without a path", "anonymous: {enabled: true, conditions: [{}]}\n", Unknown),
        ("broken", "anonymous: {\n", Unknown),
        // Without the section the flag decides, which is true here.
        ("no section", "jwt: []\n", Fail),
        ("an empty section", "anonymous:\n", Fail),
    ] {
        hold(case, &authenticated(body), &[("1.2.1", verdict)]);
    }
    let off = ["--anonymous-auth=false"];
    hold("no section, flag off", &authenticated("jwt: []\n").with(API, &off), &[("1.2.1", Pass)]);
    hold("no file", &plain().with(API, &["--authentication-config=/nowhere"]), &[("1.2.1", Unknown)]);
    let pod = "apiVersion: v1\nkind: Pod\nanonymous: {enabled: false}\n";
    hold("another kind", &authenticated("").show(API, AUTHENTICATION, pod), &[("1.2.1", Unknown)]);
}

// What is on.

#[test]
fn admission_plugins_are_those_that_really_run() {
    let none = plain().without(API, "--enable-admission-plugins");
    hold_each(
        &none,
        API,
        &[
            (&[], &[("1.2.10", Pass), ("1.2.12", Pass), ("1.2.13", Pass), ("1.2.14", Fail)]),
            // The old flag names all of them.
            (
                &["--admission-control=NamespaceLifecycle,ServiceAccount,NodeRestriction"],
                &[("1.2.10", Pass), ("1.2.12", Pass), ("1.2.13", Pass), ("1.2.14", Pass)],
            ),
            (&["--admission-control=NodeRestriction"], &[("1.2.12", Fail), ("1.2.13", Fail), ("1.2.14", Pass)]),
            (&["--admission-control=AlwaysAdmit"], &[("1.2.10", Fail), ("1.2.12", Fail), ("1.2.14", Fail)]),
            (&["--admission_control", "AlwaysPullImages"], &[("1.2.11", Pass), ("1.2.13", Fail)]),
            // A plugin that is turned on and off is on.
            (
                &["--enable-admission-plugins=DenyServiceExternalIPs,EventRateLimit,AlwaysPullImages"],
                &[("1.2.3", Pass), ("1.2.9", Pass), ("1.2.11", Pass), ("1.2.14", Fail)],
            ),
            (&["--enable-admission-plugins=XNodeRestriction"], &[("1.2.14", Fail)]),
        ],
    );
}

#[test]
fn s16_a_value_is_judged_and_not_its_presence() {
    hold_each(
        &plain(),
        API,
        &[
            (&["--service-account-lookup=false"], &[("1.2.21", Fail)]),
            (&["--service-account-lookup=0"], &[("1.2.21", Fail)]),
            (&["--service-account-lookup"], &[("1.2.21", Pass)]),
            (&["--service-account-extend-token-expiration=true"], &[("1.2.30", Fail)]),
            (&["--service-account-extend-token-expiration=f"], &[("1.2.30", Pass)]),
            (&["--audit-log-maxbackup=9"], &[("1.2.18", Fail)]),
            (&["--audit-log-maxsize=99"], &[("1.2.19", Fail)]),
            (&["--audit-log-maxbackup=10", "--audit-log-maxsize=100"], &[("1.2.18", Pass), ("1.2.19", Pass)]),
        ],
    );
    hold("half a pair", &plain().without(API, "--etcd-keyfile"), &[("1.2.23", Fail)]);
    hold("half a pair", &plain().without(API, "--tls-cert-file"), &[("1.2.24", Fail)]);
    hold("half a pair", &plain().without(API, "--kubelet-client-certificate"), &[("1.2.4", Fail)]);
    let gc = "--terminated-pod-gc-threshold";
    let manager = "kube-controller-manager";
    for (value, verdict) in [("10", Pass), ("0", Fail), ("-1", Fail), ("12500", Pass), ("ten", Unknown)] {
        hold(&format!("{gc} {value}"), &plain().with(manager, &[gc, value]), &[("1.3.1", verdict)]);
    }
    hold("nobody chose", &plain(), &[("1.3.1", Manual)]);
}

#[test]
fn keys_may_be_held_elsewhere() {
    let node = plain().without(API, "--service-account-key-file");
    hold("no key", &node, &[("1.2.22", Fail)]);
    let node = node.with(API, &["--service-account-signing-endpoint=/run/signer.sock"]);
    hold("a signer", &node, &[("1.2.22", Pass)]);
}

#[test]
fn a_minimum_of_tls_1_3_leaves_only_strong_suites() {
    let weak = "--tls-cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA";
    let strong = "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    for (case, more, verdict) in [
        ("not set", &[][..], Fail),
        ("1.3", &["--tls-min-version=VersionTLS13"], Pass),
        ("1.3 with weak suites", &["--tls-min-version", "VersionTLS13", weak], Pass),
        ("1.2", &["--tls-min-version=VersionTLS12"], Fail),
        ("1.2 with strong suites", &["--tls-min-version=VersionTLS12", strong], Pass),
        ("strong", &[strong], Pass),
        ("weak", &[weak], Fail),
        ("strong and weak", &[strong, weak], Fail),
        ("1.3, then 1.2", &["--tls-min-version=VersionTLS13", "--tls-min-version=VersionTLS12"], Fail),
    ] {
        hold(case, &plain().with(API, more), &[("1.2.29", verdict)]);
    }
}

// Versions.

#[test]
fn audit_logs_are_kept_by_default_from_1_36() {
    let ids = ["1.2.17", "1.2.18", "1.2.19"];
    for (version, verdict) in
        [("1.30", Fail), ("1.34.4", Fail), ("1.35.9", Fail), ("1.36", Pass), ("1.36.0-rc.1", Pass), ("1.40", Pass)]
    {
        let wanted: Vec<(&str, Verdict)> = ids.iter().map(|id| (*id, verdict)).collect();
        hold(version, &plain().version(version), &wanted);
    }
    let node = plain().version("1.36").with(API, &["--audit-log-maxsize=0", "--audit-log-maxage=7"]);
    hold("chosen", &node, &[("1.2.17", Fail), ("1.2.18", Pass), ("1.2.19", Fail)]);
}

/// The plain node with another tag on its images; with `None` they are named by their digest.
fn tagged(tag: Option<&str>) -> Node {
    let mut node = plain();
    for name in [API, "kube-controller-manager", "kube-scheduler"] {
        let tag = tag.map_or_else(|| format!("@sha256:{}", "0".repeat(64)), |tag| format!(":{tag}"));
        let path = format!("/etc/kubernetes/manifests/{name}.yaml");
        node = node.edit(&path, ":v1.34.4", &tag);
    }
    node
}

#[test]
fn s42_the_benchmark_is_that_of_the_version() {
    for (tag, benchmark, audit) in [
        ("v1.25.0", "cis-1.12", Fail),
        ("v1.33.11", "cis-1.12", Fail),
        ("v1.34.0", "cis-2.0.1", Fail),
        ("v1.35.4", "cis-2.0.1", Fail),
        ("v1.36.0", "cis-2.0.1", Pass),
        ("v1.99.0", "cis-2.0.1", Pass),
    ] {
        let judged = tagged(Some(tag)).judge();
        assert_eq!(judged.report.header.benchmark.id, benchmark, "{tag}");
        assert_eq!(judged.report.header.kubernetes.as_deref(), Some(tag));
        assert_eq!(judged.verdict("1.2.17"), audit, "{tag}: {}", judged.finding("1.2.17").reason);
    }
    let newer = tagged(Some("v1.99.0")).judge().report.header.benchmark.why;
    assert!(newer.contains("newer than every benchmark"), "{newer}");
    // The user's word counts more, for the version and for the benchmark.
    let judged = tagged(Some("v1.36.0")).version("1.33").judge();
    assert_eq!(judged.report.header.benchmark.id, "cis-1.12");
    assert_eq!(judged.verdict("1.2.17"), Fail);
    assert_eq!(tagged(Some("v1.36.0")).benchmark("cis-1.12").judge().report.header.benchmark.id, "cis-1.12");
}

#[test]
fn s42_a_version_that_is_not_known_is_not_guessed() {
    for node in [tagged(None), tagged(Some("latest"))] {
        let judged = node.judge();
        let header = &judged.report.header;
        assert_eq!((header.benchmark.id.as_str(), header.kubernetes.as_deref()), ("cis-2.0.1", None));
        assert!(header.benchmark.why.contains("could not be found out"), "{}", header.benchmark.why);
        for id in ["1.2.17", "1.2.18", "1.2.19"] {
            assert_eq!(judged.verdict(id), Unknown, "{id}: {}", judged.finding(id).reason);
            assert!(judged.finding(id).reason.contains("--kubernetes-version"), "{}", judged.finding(id).reason);
        }
        // What every version does alike is known all the same.
        for (id, verdict) in [("1.2.15", Fail), ("1.2.21", Pass), ("1.2.30", Fail), ("1.2.6", Pass)] {
            assert_eq!(judged.verdict(id), verdict, "{id}");
        }
        let set = node.with(API, &["--audit-log-maxage=30"]);
        hold("set", &set, &[("1.2.17", Pass), ("1.2.18", Unknown)]);
    }
}

// Words.

#[test]
fn s27_a_violation_that_is_not_scored_is_a_fail_all_the_same() {
    let judged = plain().judge();
    let anonymous = judged.finding("1.2.1");
    assert_eq!((anonymous.verdict, anonymous.status, anonymous.scored), (Fail, Status::Warn, false));
    let profiling = judged.finding("1.2.15");
    assert_eq!((profiling.verdict, profiling.status, profiling.scored), (Fail, Status::Fail, true));
    let fails = judged.report.findings.iter().filter(|f| f.verdict == Fail && !f.scored).count();
    assert!(fails >= 10, "{fails}");
}

#[test]
fn s26_a_mistyped_check_is_a_mistake_and_no_empty_success() {
    let facts = plain().facts();
    let judge = |selection| {
        let options = Options { selection, ..Options::default() };
        seaworthy_engine::judge(&facts, catalogue(), &options)
    };
    let list = |word: &str| vec![word.to_owned()];
    for selection in [
        Selection { checks: list("1.2.155"), ..Selection::default() },
        Selection { checks: list("apiserver-profilling"), ..Selection::default() },
        Selection { groups: list("1.9"), ..Selection::default() },
        Selection { targets: list("mater"), ..Selection::default() },
        Selection { skip: list("9"), ..Selection::default() },
    ] {
        assert!(judge(selection.clone()).is_err(), "{selection:?}");
    }
    let one = judge(Selection { checks: list("1.2.15"), ..Selection::default() }).expect("a report");
    assert_eq!(one.findings.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["1.2.15"]);
}

#[test]
fn the_classic_reads_by_itself() {
    hold("plain", &plain(), &[("1.2.15", Fail)]);
    hold("hardened", &hardened(), &[("1.2.15", Pass)]);
    let reason = plain().judge().finding("1.2.15").reason.clone();
    assert!(reason.contains("profiling is not set, which means true"), "{reason}");
    assert!(reason.contains("wanted false"), "{reason}");
    hold("worker", &worker(), &[("1.2.15", Verdict::NotApplicable)]);
}
