//! How arguments are written, and what the component makes of them.

use seaworthy_model::Verdict::{Fail, Pass, Unknown};

use crate::node::{hold, hold_each, plain};

const API: &str = "kube-apiserver";
const MANAGER: &str = "kube-controller-manager";

#[test]
fn s05_a_value_behind_a_space_is_read() {
    let node = plain().without(API, "--authorization-mode").without(API, "--enable-admission-plugins");
    hold_each(
        &node,
        API,
        &[
            (&["--authorization-mode", "AlwaysAllow"], &[("1.2.6", Fail), ("1.2.7", Fail), ("1.2.8", Fail)]),
            (&["--authorization-mode", "Node,RBAC"], &[("1.2.6", Pass), ("1.2.7", Pass), ("1.2.8", Pass)]),
            (&["--enable-admission-plugins", "AlwaysAdmit"], &[("1.2.10", Fail), ("1.2.14", Fail)]),
            (&["--enable-admission-plugins", "NodeRestriction"], &[("1.2.10", Pass), ("1.2.14", Pass)]),
            (&["--disable-admission-plugins", "ServiceAccount"], &[("1.2.12", Fail), ("1.2.13", Pass)]),
            (&["--disable-admission-plugins", "NamespaceLifecycle"], &[("1.2.12", Pass), ("1.2.13", Fail)]),
            (&["--token-auth-file", "/etc/tokens.csv"], &[("1.2.2", Fail)]),
            (&["--audit-log-maxage", "30"], &[("1.2.17", Pass)]),
            (&["--audit-log-path", "/var/log/audit.log"], &[("1.2.16", Pass)]),
        ],
    );
}

#[test]
fn s06_of_a_repeated_flag_the_last_one_counts() {
    hold_each(
        &plain(),
        API,
        &[
            (&["--anonymous-auth=false", "--anonymous-auth=true"], &[("1.2.1", Fail)]),
            (&["--anonymous-auth=true", "--anonymous-auth=false"], &[("1.2.1", Pass)]),
            (&["--profiling=true", "--profiling=false"], &[("1.2.15", Pass)]),
            (&["--profiling=false", "--profiling"], &[("1.2.15", Fail)]),
            (&["--audit-log-maxage=30", "--audit-log-maxage", "1"], &[("1.2.17", Fail)]),
            (&["--audit-log-path=/a", "--audit-log-path="], &[("1.2.16", Fail)]),
            (&["--token-auth-file=/a", "--token_auth_file="], &[("1.2.2", Pass)]),
        ],
    );
}

#[test]
fn repeated_lists_add_up() {
    hold_each(
        &plain(),
        API,
        &[
            (&["--authorization-mode=AlwaysAllow"], &[("1.2.6", Fail), ("1.2.7", Pass), ("1.2.8", Pass)]),
            (&["--enable-admission-plugins=AlwaysPullImages"], &[("1.2.11", Pass), ("1.2.14", Pass)]),
            (&["--enable-admission-plugins=AlwaysAdmit", "--enable-admission-plugins=X"], &[("1.2.10", Fail)]),
            (
                &["--disable-admission-plugins=ServiceAccount", "--disable-admission-plugins=Priority"],
                &[("1.2.12", Fail)],
            ),
            (
                &[
                    "--tls-cipher-suites=TLS_AES_128_GCM_SHA256",
                    "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                ],
                &[("1.2.29", Fail)],
            ),
        ],
    );
}

#[test]
fn s17_an_empty_value_is_no_value() {
    hold_each(
        &plain(),
        API,
        &[
            (&["--audit-log-path="], &[("1.2.16", Fail)]),
            (&["--audit-log-path", ""], &[("1.2.16", Fail)]),
            (&["--client-ca-file="], &[("1.2.25", Fail)]),
            (&["--client-ca-file= "], &[("1.2.25", Fail)]),
            (&["--etcd-cafile="], &[("1.2.26", Fail)]),
            (&["--tls-private-key-file="], &[("1.2.24", Fail)]),
            (&["--kubelet-client-key="], &[("1.2.4", Fail)]),
            (&["--kubelet-certificate-authority="], &[("1.2.5", Fail)]),
            (&["--encryption-provider-config="], &[("1.2.27", Fail), ("1.2.28", Fail)]),
            (&["--audit-policy-file="], &[("3.2.1", Fail), ("3.2.2", Fail)]),
            (&["--tls-cipher-suites="], &[("1.2.29", Fail)]),
            (&["--token-auth-file="], &[("1.2.2", Pass)]),
        ],
    );
    let node = plain().without(API, "--service-account-key-file").with(API, &["--service-account-key-file="]);
    hold("an empty key file alone", &node, &[("1.2.22", Fail)]);
}

#[test]
fn s20_a_zero_is_false() {
    hold_each(
        &plain(),
        MANAGER,
        &[
            (&["--use-service-account-credentials=0"], &[("1.3.3", Fail)]),
            (&["--use-service-account-credentials=F"], &[("1.3.3", Fail)]),
            (&["--use-service-account-credentials=1"], &[("1.3.3", Pass)]),
            (&["--use-service-account-credentials"], &[("1.3.3", Pass)]),
            (&["--use-service-account-credentials=no"], &[("1.3.3", Unknown)]),
        ],
    );
    hold("not set", &plain().without(MANAGER, "--use-service-account-credentials"), &[("1.3.3", Fail)]);
}

#[test]
fn s21_the_default_address_is_every_address() {
    hold("controller manager", &plain().without(MANAGER, "--bind-address"), &[("1.3.7", Fail), ("1.4.2", Pass)]);
    hold("scheduler", &plain().without("kube-scheduler", "--bind-address"), &[("1.3.7", Pass), ("1.4.2", Fail)]);
    for (program, id) in [(MANAGER, "1.3.7"), ("kube-scheduler", "1.4.2")] {
        for (address, verdict) in
            [("::1", Pass), ("0.0.0.0", Fail), ("::", Fail), ("10.77.0.1", Fail), ("127.0.0.1", Pass)]
        {
            let node = plain().with(program, &["--bind-address", address]);
            hold(&format!("{program} on {address}"), &node, &[(id, verdict)]);
        }
    }
}

#[test]
fn underscores_are_dashes() {
    hold_each(
        &plain(),
        API,
        &[
            (&["--anonymous_auth=false"], &[("1.2.1", Pass)]),
            (&["--audit_log-maxage", "0x1e"], &[("1.2.17", Pass)]),
            (&["--disable_admission_plugins=ServiceAccount"], &[("1.2.12", Fail)]),
            (&["--token_auth_file", "/etc/tokens"], &[("1.2.2", Fail)]),
            (&["--profiling=false", "--Profiling=true"], &[("1.2.15", Pass)]),
        ],
    );
}

#[test]
fn what_looks_like_a_flag_may_be_a_value() {
    hold_each(
        &plain(),
        API,
        &[
            (&["--audit-log-path", "--profiling=false"], &[("1.2.15", Fail), ("1.2.16", Pass)]),
            (&["--external-hostname", "--anonymous-auth=false"], &[("1.2.1", Fail)]),
            (&["--external-hostname=--anonymous-auth=false"], &[("1.2.1", Fail)]),
            (&["--v", "2", "--profiling=false"], &[("1.2.15", Pass)]),
            (&["-v", "2", "--profiling=false"], &[("1.2.15", Pass)]),
            (&["-v=2", "--profiling=false"], &[("1.2.15", Pass)]),
            (&["-v", "--profiling=false"], &[("1.2.15", Fail)]),
            // Flags that the catalogue does not know.
            (&["--some-new-flag", "value", "--profiling=false"], &[("1.2.15", Pass)]),
            (&["--some-new-flag=value", "--profiling=false"], &[("1.2.15", Pass)]),
            (&["--some-new-switch", "--profiling=false"], &[("1.2.15", Pass)]),
            // No flags of the API server.
            (&["--", "--profiling=false"], &[("1.2.15", Fail)]),
            (&["-profiling=false"], &[("1.2.15", Fail)]),
            (&[" --profiling=false"], &[("1.2.15", Fail)]),
            (&["---profiling=false"], &[("1.2.15", Fail)]),
            (&["profiling=false"], &[("1.2.15", Fail)]),
            (&["\"--profiling=false\""], &[("1.2.15", Fail)]),
            (&["--profiling=true # --profiling=false"], &[("1.2.15", Unknown)]),
            (&["--contention-profiling=false"], &[("1.2.15", Fail)]),
        ],
    );
}

#[test]
fn s39_a_word_in_an_argument_hides_no_process() {
    let node = plain().with(API, &["--audit-log-path=/var/log/grep -v grep.log", "--profiling=false"]);
    hold("grep", &node, &[("1.2.15", Pass), ("1.2.16", Pass), ("1.2.6", Pass), ("1.2.25", Pass)]);
}

#[test]
fn a_component_without_arguments_runs_by_its_defaults() {
    hold(
        "API server",
        &plain().only(API, &[]),
        &[
            ("1.2.1", Fail),
            ("1.2.2", Pass),
            ("1.2.4", Fail),
            ("1.2.6", Fail),
            ("1.2.7", Fail),
            ("1.2.12", Pass),
            ("1.2.14", Fail),
            ("1.2.15", Fail),
            ("1.2.21", Pass),
            ("1.2.22", Fail),
            ("1.2.23", Fail),
            ("1.2.24", Fail),
            ("1.2.25", Fail),
            ("1.2.26", Fail),
            ("1.2.30", Fail),
        ],
    );
    hold(
        "controller manager",
        &plain().only(MANAGER, &[]),
        &[("1.3.2", Fail), ("1.3.3", Fail), ("1.3.4", Fail), ("1.3.5", Fail), ("1.3.6", Pass), ("1.3.7", Fail)],
    );
    hold("scheduler", &plain().only("kube-scheduler", &[]), &[("1.4.1", Fail), ("1.4.2", Fail)]);
}

#[test]
fn arguments_that_cannot_be_seen_decide_nothing() {
    let judged = plain().lose(API, "cmdline").judge();
    for finding in judged.report.findings.iter().filter(|f| f.id.starts_with("1.2.") || f.id.starts_with("3.2.")) {
        assert_eq!(finding.verdict, Unknown, "{}: {}", finding.id, finding.reason);
    }
}
