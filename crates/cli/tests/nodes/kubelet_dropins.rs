//! The kubelet's drop-in directory.

use seaworthy_model::Verdict::{self, Fail, Pass, Unknown};

use crate::kubelet::{document, file};
use crate::node::{Node, hold, plain};

const DIR: &str = "/etc/kubernetes/kubelet.conf.d";

/// A kubelet whose file is closed and which reads the drop-in directory.
fn closed() -> Node {
    file("authentication: {anonymous: {enabled: false}}").directory(DIR).with("kubelet", &["--config-dir", DIR])
}

fn port(number: u32) -> String {
    document(&format!("readOnlyPort: {number}"))
}

/// Drop-ins by name, and the verdict on the read-only port.
fn ports(cases: &[(&[(&str, u32)], Verdict)]) {
    for (drop_ins, verdict) in cases {
        let node =
            drop_ins.iter().fold(closed(), |node, (name, number)| node.write(&format!("{DIR}/{name}"), port(*number)));
        hold(&format!("{drop_ins:?}"), &node, &[("4.2.4", *verdict)]);
    }
}

const OPEN: &str = "authentication: {anonymous: {enabled: true}}";

#[test]
fn s14_a_drop_in_counts_more_than_the_file() {
    hold("an empty directory", &closed(), &[("4.2.1", Pass), ("4.2.4", Pass)]);
    let node = closed().write(&format!("{DIR}/10.conf"), document(OPEN));
    hold("a drop-in", &node, &[("4.2.1", Fail), ("4.2.4", Pass)]);
    assert!(node.judge().mentions("4.2.1", "10.conf"));
    hold("a flag counts more", &node.with("kubelet", &["--anonymous-auth=false"]), &[("4.2.1", Pass)]);
}

#[test]
fn s32_what_stands_in_the_drop_in_only_counts() {
    let body = "authentication: {x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}}\nrotateCertificates: true\n\
                podPidsLimit: 100\nseccompDefault: true";
    let node = closed().write(&format!("{DIR}/40-nodeadm.conf"), document(body));
    hold("AL2023", &node, &[("4.2.1", Pass), ("4.2.3", Pass), ("4.2.10", Pass), ("4.2.13", Pass), ("4.2.14", Pass)]);
    hold("AL2023", &node, &[("4.1.7", Pass), ("4.1.8", Pass)]);
}

#[test]
fn drop_ins_without_the_flag_do_not_count() {
    let node = file("").write(&format!("{DIR}/10.conf"), port(10255));
    hold("no --config-dir", &node, &[("4.2.4", Pass)]);
}

#[test]
fn drop_ins_are_taken_in_the_order_of_their_path() {
    ports(&[
        (&[("10.conf", 10255)], Fail),
        (&[("10.conf", 0), ("20.conf", 10255)], Fail),
        (&[("10.conf", 10255), ("20.conf", 0)], Pass),
        // By name and not by number.
        (&[("9.conf", 10255), ("10.conf", 0)], Fail),
        (&[("a.conf", 10255), ("B.conf", 0)], Fail),
        // A dot stands before a digit.
        (&[(".hidden.conf", 10255)], Fail),
        (&[(".hidden.conf", 10255), ("10.conf", 0)], Pass),
        // Directories are walked where their name stands.
        (&[("10.d/99.conf", 10255), ("20.conf", 0)], Pass),
        (&[("10.conf", 0), ("20.d/00.conf", 10255)], Fail),
        (&[("a/b/c/d.conf", 10255)], Fail),
        (&[("a/z.conf", 0), ("a.conf", 10255)], Fail),
    ]);
}

#[test]
fn only_files_that_end_in_conf_count() {
    ports(&[
        (&[("10.yaml", 10255)], Pass),
        (&[("10.conf.bak", 10255)], Pass),
        (&[("10.conf~", 10255)], Pass),
        (&[("10.CONF", 10255)], Pass),
        (&[("conf", 10255)], Pass),
        (&[(".conf", 10255)], Fail),
    ]);
    let broken = closed().write(&format!("{DIR}/notes.txt"), "{{{").write(&format!("{DIR}/10.conf"), port(0));
    hold("what is not read may be broken", &broken, &[("4.2.4", Pass)]);
}

#[test]
fn without_a_file_drop_ins_are_merged_over_the_old_defaults() {
    let node = plain().without("kubelet", "--config").directory(DIR).with("kubelet", &["--config-dir", DIR]);
    hold("nothing in it", &node, &[("4.2.1", Fail), ("4.2.2", Fail), ("4.2.4", Fail)]);
    let node = node.write(&format!("{DIR}/10.conf"), port(0));
    hold("one value", &node, &[("4.2.1", Fail), ("4.2.2", Fail), ("4.2.4", Pass)]);
    let body = "authentication: {anonymous: {enabled: false}}\nauthorization: {mode: Webhook}";
    let node = node.write(&format!("{DIR}/20.conf"), document(body));
    hold("all values", &node, &[("4.2.1", Pass), ("4.2.2", Pass), ("4.2.4", Pass)]);
}

#[test]
fn the_directory_as_a_link_is_followed_with_a_slash_only() {
    let linked = |argument: &str| {
        file("").write("/srv/kubelet/10.conf", port(10255)).link(DIR, "/srv/kubelet").with("kubelet", &[argument])
    };
    hold("no slash", &linked(&format!("--config-dir={DIR}")), &[("4.2.4", Pass)]);
    hold("a slash", &linked(&format!("--config-dir={DIR}/")), &[("4.2.4", Fail)]);
    let above = file("").write("/srv/k/d/10.conf", port(10255)).link("/etc/k", "/srv/k");
    hold("a link above it", &above.with("kubelet", &["--config-dir=/etc/k/d"]), &[("4.2.4", Fail)]);
}

#[test]
fn a_drop_in_that_is_a_link_is_read_at_its_target() {
    let node = closed().write("/srv/10.yaml", port(10255)).link(&format!("{DIR}/10.conf"), "/srv/10.yaml");
    hold("a link to a file", &node, &[("4.2.4", Fail)]);
    let node = closed().link(&format!("{DIR}/10.conf"), "/srv/nowhere");
    hold("a link that dangles", &node, &[("4.2.1", Unknown), ("4.2.4", Unknown)]);
}

#[test]
fn null_takes_a_key_away_and_lists_are_replaced() {
    let strong = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    let weak = "TLS_RSA_WITH_AES_128_CBC_SHA";
    let with = |main: &str, drop_in: &str| {
        file(main).with("kubelet", &["--config-dir", DIR]).write(&format!("{DIR}/10.conf"), document(drop_in))
    };
    for (main, drop_in, id, verdict) in [
        (OPEN, "authentication: {anonymous: {enabled: null}}", "4.2.1", Pass),
        (OPEN, "authentication: {webhook: {enabled: true}}", "4.2.1", Fail),
        ("rotateCertificates: true", "rotateCertificates: null", "4.2.10", Fail),
        (&format!("tlsCipherSuites: [{strong}]"), &format!("tlsCipherSuites: [{weak}]"), "4.2.12", Fail),
        (&format!("tlsCipherSuites: [{weak}]"), &format!("tlsCipherSuites: [{strong}]"), "4.2.12", Pass),
        (&format!("tlsCipherSuites: [{strong}]"), "tlsCipherSuites: null", "4.2.12", Fail),
        ("seccompDefault: true", "seccompDefault: false", "4.2.14", Fail),
        ("featureGates: {MemoryQoS: true}", "featureGates: {RotateKubeletServerCertificate: false}", "4.2.11", Fail),
        ("featureGates: {RotateKubeletServerCertificate: false}", "featureGates: {MemoryQoS: true}", "4.2.11", Fail),
        ("streamingConnectionIdleTimeout: 4h", "streamingConnectionIdleTimeout: 0s", "4.2.5", Pass),
        // Keys match without regard to case.
        ("readOnlyPort: 0", "READONLYPORT: 10255", "4.2.4", Fail),
        ("readOnlyPort: 1", "readonlyport: 10255", "4.2.4", Fail),
        ("authorization: {mode: AlwaysAllow}", "authorization: {mode: ''}", "4.2.2", Pass),
        // Two equal keys stop the kubelet.
        ("readOnlyPort: 0", "readOnlyPort: 0\nreadOnlyPort: 0", "4.2.4", Unknown),
        ("readOnlyPort: 0", "readOnlyPort: '0'", "4.2.4", Unknown),
    ] {
        hold(&format!("{main} under {drop_in}"), &with(main, drop_in), &[(id, verdict)]);
    }
}

#[test]
fn a_drop_in_that_cannot_be_read_decides_nothing() {
    let good = format!("{DIR}/10.conf");
    for (case, text) in [
        ("broken", document("readOnlyPort: [")),
        ("of the wrong kind", port(0).replace("KubeletConfiguration", "KubeProxyConfiguration")),
        ("a list", "- 1\n".to_owned()),
        ("a text", "text\n".to_owned()),
    ] {
        let node = closed().write(&good, port(0)).write(&format!("{DIR}/20.conf"), text);
        hold(case, &node, &[("4.2.1", Unknown), ("4.2.4", Unknown), ("4.2.10", Unknown), ("4.2.14", Unknown)]);
        hold(case, &node.with("kubelet", &["--read-only-port=0"]), &[("4.2.4", Pass), ("4.2.1", Unknown)]);
    }
    let missing = file("").with("kubelet", &["--config-dir=/nowhere.d"]);
    hold("no such directory", &missing, &[("4.2.1", Unknown), ("4.2.4", Unknown)]);
    let no_directory = file("").write(DIR, port(0)).with("kubelet", &["--config-dir", DIR]);
    hold("a file in its place", &no_directory, &[("4.2.1", Unknown), ("4.2.4", Unknown)]);
}

/// The file of `--config` and one drop-in, as a kubelet 1.34.4 was asked.
fn asked(main: &str, drop_in: &str, id: &str, verdict: Verdict) {
    let node = file(main).with("kubelet", &["--config-dir", DIR]).write(&format!("{DIR}/10.conf"), document(drop_in));
    hold(&format!("{main} under {drop_in}"), &node, &[(id, verdict)]);
}

#[test]
fn null_takes_away_what_is_below_it() {
    let authority = "authentication: {x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}}";
    asked(authority, "authentication: null", "4.2.3", Fail);
    asked(authority, "authentication: {x509: null}", "4.2.3", Fail);
    asked(OPEN, "authentication: null", "4.2.1", Pass);
    asked(OPEN, "authentication: {anonymous: null}", "4.2.1", Pass);
    asked("featureGates: {RotateKubeletServerCertificate: false}", "featureGates: null", "4.2.11", Pass);
}

/// Drop-ins and file are merged as JSON first, whose keys are sorted and told apart by case; only then does Go match them without
/// regard to case, and the last one wins. A capital stands before a small letter, so the file's own key comes later.
#[test]
fn a_key_in_capitals_loses_to_the_right_one() {
    asked(OPEN, "Authentication: {Anonymous: {Enabled: off}}", "4.2.1", Fail);
    asked(OPEN, "AUTHENTICATION: {Anonymous: {Enabled: off}}", "4.2.1", Fail);
    asked("readOnlyPort: 10255", "ReadOnlyPort: 0", "4.2.4", Fail);
    asked("readOnlyPort: 10255", "ReadOnlyPort: null", "4.2.4", Fail);
    asked("rotateCertificates: true", "RotateCertificates: false", "4.2.10", Pass);
}

#[test]
fn a_drop_in_of_no_kind_stops_the_kubelet() {
    let node = closed().write(&format!("{DIR}/10.conf"), "readOnlyPort: 0\n");
    hold("no kind", &node, &[("4.2.1", Unknown), ("4.2.4", Unknown)]);
}
