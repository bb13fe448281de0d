//! Files that flags and volumes name.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use seaworthy_fix::rescue::{Kind, Proposal};

use super::node::{CRT, GOOD, KEY, MANIFEST, Node, OTHER_KEY, after, edited, is, line};

#[test]
fn a_file_that_is_missing_is_told_with_the_line_of_its_flag() {
    let node = Node::new();
    node.remove("/etc/kubernetes/pki/sa.pub");
    let finding = node.finding();
    is(&finding, Kind::MissingFile, MANIFEST, line("sa.pub"), "/etc/kubernetes/pki/sa.pub, which does not exist");
    assert!(matches!(&finding.proposals[..], [Proposal::ByHand { what }] if what.contains("backup")), "{finding:#?}");
    let node = Node::changed("front-proxy-ca.crt", "front-proxy-cb.crt");
    let finding = node.finding();
    assert!(finding.evidence.iter().any(|text| text == "/etc/kubernetes/pki has front-proxy-ca.crt"), "{finding:#?}");
}

#[test]
fn a_file_that_is_not_mounted_is() {
    let broken =
        edited("--secure-port=6443", "--secure-port=6443\n    - --audit-policy-file=/etc/kubernetes/policy.yaml");
    let node = Node::with(&broken);
    node.put("/etc/kubernetes/policy.yaml", "kind: Policy\n");
    let finding = node.finding();
    is(&finding, Kind::NotMounted, MANIFEST, line("--secure-port") + 1, "is not mounted into the container");
    let text = after(&finding);
    assert!(
        text.contains("    - mountPath: /etc/kubernetes/policy.yaml\n      name: policy\n      readOnly: true\n"),
        "{text}"
    );
    assert!(text.contains("      path: /etc/kubernetes/policy.yaml\n      type: File\n"), "{text}");
    assert!(Node::with(text).put("/etc/kubernetes/policy.yaml", "kind: Policy\n").diagnose().findings.is_empty());
    // Neither there nor mounted.
    let finding = Node::with(&broken).finding();
    is(&finding, Kind::MissingFile, MANIFEST, line("--secure-port") + 1, "neither mounted into the container nor");
}

#[test]
fn a_log_that_is_written_gets_its_directory() {
    let broken =
        edited("--secure-port=6443", "--secure-port=6443\n    - --audit-log-path=/var/log/kubernetes/audit.log");
    let node = Node::with(&broken);
    std::fs::create_dir_all(node.path("/var/log/kubernetes")).unwrap();
    let finding = node.finding();
    is(&finding, Kind::NotMounted, MANIFEST, line("--secure-port") + 1, "needs /var/log/kubernetes");
    let text = after(&finding);
    assert!(text.contains("    - mountPath: /var/log/kubernetes\n      name: kubernetes\n"), "{text}");
    assert!(text.contains("      path: /var/log/kubernetes\n      type: DirectoryOrCreate\n"), "{text}");
}

#[test]
fn a_slip_of_a_mount_or_a_volume_is_one_finding_with_one_correction() {
    let pki = "path: /etc/kubernetes/pki\n";
    for (from, to, kind) in [
        ("mountPath: /etc/kubernetes/pki\n", "mountPath: /etc/kubernetes/pkii\n", Kind::NotMounted),
        (pki, "path: /etc/kubernetes/pik\n", Kind::MissingFile),
    ] {
        let text = match from == pki {
            true => GOOD.replace("      path: /etc/kubernetes/pki\n", &format!("      {to}")),
            false => edited(from, to),
        };
        let found = Node::with(&text).diagnose().findings;
        // The files in pki, and that in pki/etcd.
        assert_eq!(found.len(), 2, "{found:#?}");
        is(&found[0], kind, MANIFEST, line("--client-ca-file"), "/etc/kubernetes/pki/ca.crt");
        assert!(found[0].evidence.len() > 8, "{found:#?}");
        assert_eq!(after(&found[0]), GOOD);
    }
}

#[test]
fn a_volume_that_is_not_there_keeps_the_pod_from_starting() {
    let broken = GOOD.replace(
        "      path: /etc/ca-certificates\n      type: DirectoryOrCreate",
        "      path: /etc/ca-certificates\n      type: Directory",
    );
    let finding = Node::with(&broken).finding();
    is(&finding, Kind::MissingFile, MANIFEST, line("path: /etc/ca-certificates"), "the pod never starts");
    assert!(matches!(&finding.proposals[..], [Proposal::ByHand { what }] if what.starts_with("mkdir -p /etc/ca-cert")));
    let node = Node::with(&broken);
    node.put("/etc/ca-certificates", "a file");
    is(&node.finding(), Kind::MissingFile, MANIFEST, line("path: /etc/ca-certificates"), "which is no Directory");
}

#[test]
fn a_mount_of_no_volume_takes_the_one_that_was_meant() {
    let node = Node::changed("      name: k8s-certs\n      readOnly", "      name: k8s-cert\n      readOnly");
    let found = node.diagnose().findings;
    is(&found[0], Kind::NotMounted, MANIFEST, line("name: k8s-certs"), "the volume \"k8s-cert\", which there is not");
    assert_eq!(after(&found[0]), GOOD);
}

#[test]
fn a_file_that_the_container_s_user_may_not_read_is_found() {
    let text = edited("  securityContext:\n", "  securityContext:\n    runAsUser: 2000\n    runAsGroup: 2000\n");
    let node = Node::with(&text);
    let key = node.path("/etc/kubernetes/pki/sa.key");
    std::fs::set_permissions(key, Permissions::from_mode(0o600)).unwrap();
    let finding = node.finding();
    is(
        &finding,
        Kind::NotReadable,
        MANIFEST,
        line("sa.key"),
        "runs as user 2000, who may not read /etc/kubernetes/pki/sa.key",
    );
    assert!(matches!(&finding.proposals[..], [Proposal::ByHand { what }] if what.starts_with("chown 2000 ")));
    // Root may.
    node.put(MANIFEST, GOOD);
    assert!(node.diagnose().findings.is_empty());
}

#[test]
fn certificates_that_are_expired_or_of_another_key_are_found() {
    let node = Node::new();
    node.put("/etc/kubernetes/pki/apiserver.key", OTHER_KEY);
    let finding = node.finding();
    let cause = "apiserver.key is not the key of the certificate /etc/kubernetes/pki/apiserver.crt";
    is(&finding, Kind::Certificate, MANIFEST, line("--tls-cert-file"), cause);
    node.put("/etc/kubernetes/pki/apiserver.key", KEY).put("/etc/kubernetes/pki/apiserver.crt", "no certificate");
    is(&node.finding(), Kind::Certificate, MANIFEST, line("--tls-cert-file"), "holds no certificate");
    node.put("/etc/kubernetes/pki/apiserver.crt", CRT);
    for (now, cause) in
        [(5_000_000_000, "expired on 2126-11-01"), (1_700_000_000, "is the node's clock right (2023-11-14")]
    {
        let mut node = Node::new();
        node.now = now;
        let found = node.diagnose().findings;
        let own = found
            .iter()
            .find(|finding| finding.line == line("--tls-cert-file") && finding.file.as_deref() == Some(MANIFEST));
        assert!(own.unwrap().cause.contains(cause), "{found:#?}");
        assert!(!serde_json::to_string(&node.diagnose()).unwrap().contains("BEGIN"));
    }
}
