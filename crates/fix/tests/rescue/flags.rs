//! Flags that the component does not have, or refused.

use seaworthy_fix::rescue::{Kind, Proposal};

use super::node::{GOOD, MANIFEST, Node, after, edited, is, line};

#[test]
fn a_mistyped_flag_is_corrected_in_its_place() {
    let node = Node::changed("--allow-privileged=true", "--allow_priviledged=true");
    let finding = node.finding();
    is(&finding, Kind::UnknownFlag, MANIFEST, line("--allow-privileged"), "did you mean --allow-privileged?");
    assert_eq!(after(&finding), GOOD);
    let Some(Proposal::Correct { diff, edits, .. }) = finding.proposals.first() else { panic!() };
    assert_eq!(edits.len(), 1);
    assert!(diff.contains("+    - --allow-privileged=true\n"), "{diff}");
}

#[test]
fn a_flag_that_this_version_has_no_longer_goes_and_becomes_no_other() {
    let broken = edited("--secure-port=6443", "--secure-port=6443\n    - --insecure-port=0");
    let finding = Node::with(&broken).finding();
    is(&finding, Kind::UnknownFlag, MANIFEST, line("--secure-port") + 1, "1.34.4 has no flag --insecure-port");
    assert!(!finding.cause.contains("did you mean"), "{}", finding.cause);
    assert_eq!(after(&finding), GOOD);
}

#[test]
fn a_flag_that_may_be_a_misspelt_one_is_not_taken_away() {
    // Without it etcd would answer everybody.
    let etcd = "/etc/kubernetes/manifests/etcd.yaml";
    let node = Node::new();
    node.put(etcd, super::node::ETCD.replacen("--client-cert-auth", "--xclient-cert-auth", 1));
    assert_eq!(after(&node.finding()), super::node::ETCD);
    node.put(etcd, super::node::ETCD.replacen("--client-cert-auth", "--cleint-crt-auht", 1));
    let finding = node.finding();
    assert!(finding.cause.contains("did you mean --client-cert-auth?"), "{}", finding.cause);
    assert!(
        matches!(&finding.proposals[..], [Proposal::ByHand { what }] if what.contains("in line 17")),
        "{finding:#?}"
    );
}

#[test]
fn a_word_that_is_no_flag_is_found_and_becomes_one_where_that_is_plain() {
    for slip in ["---secure-port=6443", "-secure-port=6443", "secure-port=6443"] {
        let finding = Node::changed("--secure-port=6443", slip).finding();
        is(&finding, Kind::UnknownFlag, MANIFEST, line("--secure-port"), "did you mean --secure-port=6443?");
        assert_eq!(after(&finding), GOOD, "{slip}");
    }
    let finding = Node::changed("--secure-port=6443", "nonsense").finding();
    is(&finding, Kind::UnknownFlag, MANIFEST, line("--secure-port"), "takes no argument such as \"nonsense\"");
    assert!(finding.proposals.is_empty(), "{finding:#?}");
    for sound in ["-v=2", "--v\n    - \"2\"", "-v\n    - \"2\""] {
        let node = Node::with(&edited("--secure-port=6443", &format!("--secure-port=6443\n    - {sound}")));
        assert!(node.diagnose().findings.is_empty(), "{sound}");
    }
}

#[test]
fn what_another_program_takes_that_starts_the_component_is_not_judged() {
    let started = edited(
        "    - kube-apiserver\n",
        "    - /go-runner\n    - --log-file=/var/log/x\n    - /usr/bin/kube-apiserver\n",
    );
    assert!(Node::with(&started).diagnose().findings.is_empty());
}

#[test]
fn what_the_component_refused_stands_in_its_log() {
    // The catalogue knows the flag; this build of the component does not.
    let broken = edited("--secure-port=6443", "--secure-port=6443\n    - --goaway-chance=0.1");
    let node = Node::with(&broken);
    node.log(&["Usage:", "  kube-apiserver [flags]", "Error: unknown flag: --goaway-chance"]);
    let finding = node.finding();
    is(&finding, Kind::Refused, MANIFEST, line("--secure-port") + 1, "it has no flag --goaway-chance");
    assert!(finding.evidence.iter().any(|line| line == "Error: unknown flag: --goaway-chance"), "{finding:#?}");
    assert_eq!(after(&finding), GOOD);
}

#[test]
fn a_plugin_and_a_feature_gate_that_were_refused_leave_their_lists() {
    let broken = edited("NodeRestriction", "NodeRestriction,EventRateLimit");
    let node = Node::with(&broken);
    node.log(&[
        r#"E1125 10:42:04.903421       1 run.go:72] "command failed" err="failed to initialize admission: couldn't init admission plugin \"EventRateLimit\": expected config""#,
    ]);
    let finding = node.finding();
    is(&finding, Kind::Refused, MANIFEST, line("NodeRestriction"), "EventRateLimit does not start");
    assert_eq!(after(&finding), GOOD);

    let broken = edited("--secure-port=6443", "--secure-port=6443\n    - --feature-gates=NoSuch=true");
    let node = Node::with(&broken);
    node.log(&[r#"E1125 10:42:50.666503    9443 run.go:72] "command failed" err="unrecognized feature gate: NoSuch""#]);
    let finding = node.finding();
    is(&finding, Kind::Refused, MANIFEST, line("--secure-port") + 1, "");
    assert_eq!(after(&finding), GOOD);
}

#[test]
fn a_value_that_was_refused_is_told_with_its_line() {
    let node = Node::changed("--allow-privileged=true", "--allow-privileged=yes");
    node.log(&["Error: invalid argument \"yes\" for \"--allow-privileged\" flag: strconv.ParseBool: parsing \"yes\": invalid syntax"]);
    let finding = node.finding();
    is(&finding, Kind::Refused, MANIFEST, line("--allow-privileged"), "does not take the value of --allow-privileged");
    assert_eq!(after(&finding), GOOD);
}

#[test]
fn what_an_earlier_manifest_was_refused_for_is_no_news() {
    let node = Node::new();
    node.log(&["Error: unknown flag: --profilling"]);
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    let log = node.path("/var/log/pods/kube-system_kube-apiserver-n1_u/kube-apiserver/3.log");
    std::fs::File::options().append(true).open(log).unwrap().set_modified(old).unwrap();
    assert!(node.diagnose().findings.is_empty());
}

#[test]
fn an_api_server_that_waits_for_etcd_comes_behind_what_keeps_etcd_away() {
    let node = Node::new();
    node.put("/etc/kubernetes/manifests/etcd.yaml", super::node::ETCD.replace("--data-dir", "--data-dirr"));
    node.log(&[
        r#"W1125 10:42:04.903421       1 logging.go:55] [core] grpc: addrConn.createTransport failed to connect to {Addr: "127.0.0.1:2379"}. Err: connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:2379: connect: connection refused""#,
    ]);
    let found = node.diagnose().findings;
    let kinds: Vec<_> = found.iter().map(|finding| (finding.component.as_deref(), finding.kind)).collect();
    assert_eq!(kinds, [(Some("etcd"), Kind::UnknownFlag), (Some("kube-apiserver"), Kind::Refused)]);
    assert!(after(&found[0]).contains("--data-dir=/var/lib/etcd"));
}

#[test]
fn secrets_of_a_log_and_of_a_manifest_are_not_shown() {
    let environment = "    env:\n    - name: PASSWORD\n      value: hunter2\n    image:";
    let broken = edited("    image:", environment).replace("--tls-private-key-file", "--tls-private-key-flie");
    let node = Node::with(&broken);
    node.log(&["Error: unknown flag: --tls-private-key-flie --token=abcdef0123456789"]);
    let diagnosis = node.diagnose();
    let shown = serde_json::to_string(&diagnosis).unwrap() + &seaworthy_fix::rescue::render(&diagnosis, false);
    assert!(!shown.contains("hunter2") && !shown.contains("abcdef0123456789"), "{shown}");
    assert!(shown.contains(r#""do":"correct""#) && shown.contains(r#""kind":"unknown-flag""#), "{shown}");
    assert!(shown.contains("value: ********"), "the difference shows the lines around: {shown}");
    // The line itself is at fault: it parses as no pod, or does not parse.
    for slip in ["value: 4711", "value: 4711: x", "\tvalue: 4711"] {
        let broken = edited("    image:", &environment.replace("value: hunter2", slip));
        let diagnosis = Node::with(&broken).diagnose();
        assert_eq!(diagnosis.findings.len(), 1, "{slip}");
        let shown = serde_json::to_string(&diagnosis).unwrap() + &seaworthy_fix::rescue::render(&diagnosis, false);
        assert!(!shown.contains("4711"), "{shown}");
    }
}
