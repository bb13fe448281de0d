//! The kubelet: flag against file against default, and what a file says that it cannot read like that.

use seaworthy_model::Verdict::{self, Fail, Pass, Unknown};

use crate::node::{Node, hold, plain, worker};

pub(crate) const CONFIG: &str = "/var/lib/kubelet/config.yaml";

/// A kubelet whose file of `--config` holds these lines and no others.
pub(crate) fn file(body: &str) -> Node {
    plain().write(CONFIG, document(body))
}

/// A KubeletConfiguration with these lines.
pub(crate) fn document(body: &str) -> String {
    format!("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n{body}\n")
}

/// Each file alone gives a check its verdict.
fn files(id: &str, cases: &[(&str, Verdict)]) {
    for (body, verdict) in cases {
        hold(body, &file(body), &[(id, *verdict)]);
    }
}

/// Each file with each list of arguments behind kubeadm's gives a check its verdict.
fn flags(id: &str, cases: &[(&str, &[&str], Verdict)]) {
    for (body, arguments, verdict) in cases {
        hold(&format!("{body} and {arguments:?}"), &file(body).with("kubelet", arguments), &[(id, *verdict)]);
    }
}

const OPEN: &str = "authentication: {anonymous: {enabled: true}}";
const CLOSED: &str = "authentication: {anonymous: {enabled: false}}";

#[test]
fn s31_what_the_file_leaves_out_has_the_file_s_default() {
    let node = file("");
    hold("a file that says nothing", &node, &[("4.2.1", Pass), ("4.2.2", Pass), ("4.2.3", Fail), ("4.2.4", Pass)]);
    hold("a file that says nothing", &node, &[("4.2.5", Pass), ("4.2.6", Pass), ("4.2.7", Pass), ("4.2.8", Pass)]);
    hold("a file that says nothing", &node, &[("4.2.9", Fail), ("4.2.10", Fail), ("4.2.11", Pass), ("4.2.12", Fail)]);
    hold("a file that says nothing", &node, &[("4.2.13", Fail), ("4.2.14", Fail)]);
}

#[test]
fn without_a_file_the_old_flag_defaults_hold() {
    let node = plain().without("kubelet", "--config");
    hold("no --config", &node, &[("4.2.1", Fail), ("4.2.2", Fail), ("4.2.3", Fail), ("4.2.4", Fail), ("4.2.10", Fail)]);
    hold("no --config", &node, &[("4.2.5", Pass), ("4.2.6", Pass), ("4.2.13", Fail), ("4.2.14", Fail)]);
    let safe = ["--anonymous-auth=false", "--authorization-mode=Webhook", "--read-only-port=0", "--seccomp-default"];
    hold(
        "safe flags",
        &node.with("kubelet", &safe),
        &[("4.2.1", Pass), ("4.2.2", Pass), ("4.2.4", Pass), ("4.2.14", Pass)],
    );
    let empty = plain().without("kubelet", "--config").with("kubelet", &["--config="]);
    hold("an empty --config is none", &empty, &[("4.2.1", Fail), ("4.2.2", Fail), ("4.2.4", Fail)]);
}

#[test]
fn a_flag_counts_more_than_the_file() {
    flags(
        "4.2.1",
        &[
            (OPEN, &[], Fail),
            (CLOSED, &[], Pass),
            (OPEN, &["--anonymous-auth=false"], Pass),
            (CLOSED, &["--anonymous-auth=true"], Fail),
            (CLOSED, &["--anonymous-auth"], Fail),
            (CLOSED, &["--anonymous_auth=true"], Fail),
            (OPEN, &["--anonymous-auth=0"], Pass),
            (OPEN, &["--anonymous-auth=f"], Pass),
            (CLOSED, &["--anonymous-auth=T"], Fail),
            // S6: of a repeated flag the last one counts.
            (CLOSED, &["--anonymous-auth=false", "--anonymous-auth=true"], Fail),
            (CLOSED, &["--anonymous-auth=true", "--anonymous-auth=false"], Pass),
            // Go knows neither word.
            (CLOSED, &["--anonymous-auth=no"], Unknown),
            (CLOSED, &["--anonymous-auth=off"], Unknown),
        ],
    );
    flags(
        "4.2.2",
        &[
            ("authorization: {mode: Webhook}", &["--authorization-mode=AlwaysAllow"], Fail),
            ("authorization: {mode: Webhook}", &["--authorization-mode", "AlwaysAllow"], Fail),
            ("authorization: {mode: AlwaysAllow}", &["--authorization-mode", "Webhook"], Pass),
            ("authorization: {mode: AlwaysAllow}", &[], Fail),
            ("authorization: {mode: ''}", &[], Pass),
            ("authorization: {mode: null}", &[], Pass),
        ],
    );
}

#[test]
fn the_words_of_yaml_1_1_are_booleans_in_the_file() {
    for (word, verdict) in [
        ("false", Pass),
        ("False", Pass),
        ("FALSE", Pass),
        ("n", Pass),
        ("N", Pass),
        ("no", Pass),
        ("off", Pass),
        ("OFF", Pass),
        ("", Pass),
        ("null", Pass),
        ("~", Pass),
        ("true", Fail),
        ("y", Fail),
        ("Y", Fail),
        ("yes", Fail),
        ("on", Fail),
        ("On", Fail),
        // Texts and numbers are no booleans, and stop the kubelet.
        ("nO", Unknown),
        ("'false'", Unknown),
        ("\"no\"", Unknown),
        ("0", Unknown),
        ("f", Unknown),
        ("[]", Unknown),
    ] {
        files("4.2.1", &[(&format!("authentication:\n  anonymous:\n    enabled: {word}"), verdict)]);
    }
}

#[test]
fn the_authority_of_clients() {
    let named = "authentication: {x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}}";
    flags(
        "4.2.3",
        &[
            (named, &[], Pass),
            ("authentication: {x509: {clientCAFile: ''}}", &[], Fail),
            ("authentication: {x509: null}", &[], Fail),
            ("", &["--client-ca-file=/etc/kubernetes/pki/ca.crt"], Pass),
            ("", &["--client-ca-file", "/etc/kubernetes/pki/ca.crt"], Pass),
            // S17: the flag is there, and its empty value takes the file's away.
            (named, &["--client-ca-file="], Fail),
            ("", &["--client-ca-file="], Fail),
        ],
    );
}

#[test]
fn ports_and_limits_are_go_s_numbers() {
    flags(
        "4.2.4",
        &[
            ("readOnlyPort: 0", &[], Pass),
            ("readOnlyPort: 10255", &[], Fail),
            ("readOnlyPort: 10255", &["--read-only-port=0"], Pass),
            ("readOnlyPort: 10255", &["--read-only-port=0x0"], Pass),
            ("readOnlyPort: 0", &["--read-only-port", "10255"], Fail),
            ("readOnlyPort: 0", &["--read-only-port=0x280F"], Fail),
            ("readOnlyPort: '0'", &[], Unknown),
            ("readOnlyPort: 0", &["--read-only-port=none"], Unknown),
            ("readOnlyPort: null", &[], Pass),
        ],
    );
    // S16: a limit that is none.
    flags(
        "4.2.13",
        &[
            ("podPidsLimit: -1", &[], Fail),
            ("podPidsLimit: 0", &[], Fail),
            ("podPidsLimit: 4096", &[], Pass),
            ("podPidsLimit: 0x1000", &[], Pass),
            ("podPidsLimit: '4096'", &[], Unknown),
            ("podPidsLimit: 4096", &["--pod-max-pids=-1"], Fail),
            ("podPidsLimit: -1", &["--pod-max-pids=0x1000"], Pass),
            ("podPidsLimit: -1", &["--pod-max-pids=010"], Pass),
            ("podPidsLimit: 4096", &["--pod-max-pids=09"], Unknown),
            ("podPidsLimit: 4096", &["--pod-max-pids=many"], Unknown),
        ],
    );
}

#[test]
fn a_zero_ends_idle_connections_only_by_flag() {
    flags(
        "4.2.5",
        &[
            ("streamingConnectionIdleTimeout: 0s", &[], Pass),
            ("streamingConnectionIdleTimeout: 1h30m", &[], Pass),
            ("streamingConnectionIdleTimeout: 4 hours", &[], Unknown),
            ("streamingConnectionIdleTimeout: 5", &[], Unknown),
            ("streamingConnectionIdleTimeout: 4h", &["--streaming-connection-idle-timeout=0"], Fail),
            ("streamingConnectionIdleTimeout: 4h", &["--streaming-connection-idle-timeout=0s"], Fail),
            ("streamingConnectionIdleTimeout: 4h", &["--streaming-connection-idle-timeout", "0h0m"], Fail),
            ("streamingConnectionIdleTimeout: 0s", &["--streaming-connection-idle-timeout=1ms"], Pass),
            ("streamingConnectionIdleTimeout: 4h", &["--streaming-connection-idle-timeout=10"], Unknown),
        ],
    );
}

#[test]
fn s18_no_limit_of_events_depends_on_the_version() {
    let zero = || file("eventRecordQPS: 0");
    hold("1.34, as the node says", &zero(), &[("4.2.8", Pass)]);
    for (version, verdict) in [("1.32", Pass), ("1.36", Pass), ("1.37", Fail), ("1.38", Fail)] {
        hold(version, &zero().version(version), &[("4.2.8", verdict)]);
        hold(version, &file("").with("kubelet", &["--event-qps=0"]).version(version), &[("4.2.8", verdict)]);
        hold(version, &file("eventRecordQPS: 5").version(version), &[("4.2.8", Pass)]);
        hold(version, &zero().with("kubelet", &["--event-qps=0x5"]).version(version), &[("4.2.8", Pass)]);
    }
    // The worker's version cannot be found out.
    let worker = || worker().write(CONFIG, document("eventRecordQPS: 0"));
    hold("unknown version", &worker(), &[("4.2.8", Unknown)]);
    hold("told version", &worker().version("1.37"), &[("4.2.8", Fail)]);
    hold("another value needs no version", &worker().with("kubelet", &["--event-qps=50"]), &[("4.2.8", Pass)]);
}

#[test]
fn chains_and_the_host_s_name() {
    flags(
        "4.2.6",
        &[
            ("makeIPTablesUtilChains: false", &[], Fail),
            ("makeIPTablesUtilChains: off", &[], Fail),
            ("makeIPTablesUtilChains: false", &["--make-iptables-util-chains"], Pass),
            ("makeIPTablesUtilChains: true", &["--make-iptables-util-chains=F"], Fail),
            ("makeIPTablesUtilChains: true", &["--make-iptables-util-chains=maybe"], Unknown),
        ],
    );
    flags(
        "4.2.7",
        &[
            ("", &["--hostname-override=other"], Fail),
            ("", &["--hostname-override", "other"], Fail),
            ("", &["--hostname_override=other"], Fail),
            ("", &["--hostname-override=other", "--hostname-override="], Pass),
            // No field of the file: the kubelet does not know this one.
            ("hostnameOverride: other", &[], Pass),
        ],
    );
    // kube-proxy's flag of the same name is not the kubelet's.
    hold("the worker", &worker(), &[("4.2.7", Pass)]);
}

#[test]
fn a_serving_certificate_is_two_files_or_a_request() {
    let both = "tlsCertFile: /a.crt\ntlsPrivateKeyFile: /a.key";
    flags(
        "4.2.9",
        &[
            (both, &[], Pass),
            ("tlsCertFile: /a.crt", &[], Fail),
            ("tlsPrivateKeyFile: /a.key", &[], Fail),
            ("tlsCertFile: /a.crt", &["--tls-private-key-file=/a.key"], Pass),
            (both, &["--tls-cert-file="], Fail),
            ("serverTLSBootstrap: true", &[], Pass),
            ("serverTLSBootstrap: yes", &[], Pass),
            ("serverTLSBootstrap: true", &["--rotate-server-certificates=false"], Fail),
            ("serverTLSBootstrap: false", &["--rotate-server-certificates"], Pass),
        ],
    );
    flags(
        "4.2.10",
        &[
            ("rotateCertificates: true", &[], Pass),
            ("rotateCertificates: false", &[], Fail),
            ("rotateCertificates: true", &["--rotate-certificates=false"], Fail),
            ("rotateCertificates: false", &["--rotate-certificates"], Pass),
        ],
    );
}

#[test]
fn s16_seccomp_is_on_if_flag_or_file_says_so() {
    flags(
        "4.2.14",
        &[
            ("seccompDefault: true", &[], Pass),
            ("seccompDefault: false", &[], Fail),
            ("seccompDefault: true", &["--seccomp-default=false"], Pass),
            ("seccompDefault: false", &["--seccomp-default=true"], Pass),
            ("", &["--seccomp-default=false"], Fail),
            ("", &["--seccomp-default"], Pass),
            ("", &["--seccomp-default=true", "--seccomp-default=false"], Fail),
            ("", &["--seccomp-default=on"], Unknown),
        ],
    );
}

#[test]
fn another_program_of_that_name_sets_no_verdict() {
    // S8: somebody's command line that mentions the kubelet.
    let node = file(OPEN).start(2, Some("/usr/bin/tail"), "tail", &["tail", "kubelet", "--anonymous-auth=false"], "/");
    hold("tail", &node, &[("4.2.1", Fail)]);
}
