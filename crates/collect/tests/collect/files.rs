//! Files that arguments, documents and the platform name.

use seaworthy_model::{Fact, FileKind, GrantKind, View};

use crate::support::*;

fn kubelet(arguments: &[&str]) -> Maker {
    let mut maker = Maker::new();
    let all: Vec<&str> = std::iter::once("kubelet").chain(arguments.iter().copied()).collect();
    maker.process(20, "/usr/bin/kubelet", &all, "/system.slice/kubelet.service");
    maker
}

#[test]
fn a_path_is_found_in_every_form_of_a_flag_and_in_all_its_occurrences() {
    let mut maker = kubelet(&[
        "--config=/a",
        "--config",
        "/b",
        "--tls_cert_file=/c",
        "--kubeconfig=//d/./e/../f/",
        "--v",
        "2",
        "--config=",
        "--",
        "--config=/no",
    ]);
    let node = node(&maker.tree());
    for path in ["/a", "/b", "/c", "/d/f"] {
        assert!(node.record(View::Host, path).fact.is_absent(), "{path}");
    }
    assert!(node.file(View::Host, "/no").is_none(), "behind the end of the flags there is none");
}

#[test]
fn the_value_of_another_flag_is_no_flag() {
    let node = node(&kubelet(&["--node-labels", "--config", "/x"]).tree());
    assert!(node.file(View::Host, "/x").is_none());
}

#[test]
fn etcds_flags_have_one_dash_or_two_and_no_underscore() {
    let mut maker = Maker::new();
    maker.process(20, "/usr/bin/etcd", &["etcd", "-cert-file=/a", "--key-file", "/b", "--trusted_ca_file=/c"], "/");
    maker.file("proc/20/environ", "ETCD_TRUSTED_CA_FILE=/d\0");
    let node = node(&maker.tree());
    for (path, looked) in [("/a", true), ("/b", true), ("/c", false), ("/d", true)] {
        assert_eq!(node.file(View::Host, path).is_some(), looked, "{path}");
    }
}

#[test]
fn drop_ins_are_read_hidden_ones_and_deep_ones_too() {
    let mut maker = kubelet(&["--config=/k.yaml", "--config-dir=/k.d"]);
    maker
        .file("k.yaml", "authentication:\n  x509:\n    clientCAFile: pki/ca.crt\n")
        .directory("k.d", 0o755)
        .file("k.d/a.conf", "tlsCertFile: /from-drop-in.crt\n")
        .file("k.d/.b.conf", "TLSPrivateKeyFile: /from-hidden.key\n")
        .directory("k.d/deep", 0o755)
        .file("k.d/deep/c.conf", "staticPodPath: /pods\n")
        .file("k.d/note.txt", "token: x\n")
        .directory("pods", 0o755)
        .file("pods/a.yaml", "kind: Pod\nspec: {}\n");
    let node = node(&maker.tree());
    for path in ["/k.d/a.conf", "/k.d/.b.conf", "/k.d/deep/c.conf"] {
        assert!(node.known(View::Host, path).text.is_some(), "{path}");
    }
    assert!(node.known(View::Host, "/k.d/note.txt").text.is_none());
    assert_eq!(
        node.known(View::Host, "/k.d").entries.as_ref().unwrap().known().unwrap().names,
        [".b.conf", "a.conf", "deep", "note.txt"]
    );
    // Relative paths in a document are relative to it.
    for path in ["/pki/ca.crt", "/from-drop-in.crt", "/from-hidden.key"] {
        assert!(node.file(View::Host, path).is_some(), "{path}");
    }
    assert_eq!(node.manifests.known().unwrap().len(), 1);
}

#[test]
fn a_drop_in_directory_that_is_a_link_is_recorded_with_its_links() {
    let mut maker = kubelet(&["--config-dir=/k.d"]);
    maker.link("k.d", "/real").directory("real", 0o755).file("real/a.conf", "x: 1\n").link("real/more", "/other");
    maker.directory("other", 0o755).file("other/b.conf", "x: 1\n");
    let node = node(&maker.tree());
    assert_eq!(node.known(View::Host, "/k.d").links, ["/k.d -> /real"]);
    assert!(node.known(View::Host, "/k.d/a.conf").text.is_some());
    assert_eq!(node.known(View::Host, "/k.d/more").kind, FileKind::Directory);
    assert!(
        node.file(View::Host, "/k.d/more/b.conf").is_none(),
        "links to directories are not followed, as the kubelet does not"
    );
}

#[test]
fn a_dangling_link_is_broken_and_not_absent() {
    let mut maker = kubelet(&["--config=/k.yaml"]);
    maker.link("k.yaml", "/gone");
    let node = node(&maker.tree());
    assert!(matches!(&node.record(View::Host, "/k.yaml").fact, Fact::Broken { error, .. } if error.contains("/gone")));
}

#[test]
fn documents_that_make_no_sense_are_broken_with_their_line() {
    for (text, line) in [("a: 1\nb: [\n", 0), ("\u{0}", 0)] {
        let mut maker = kubelet(&["--config=/k.yaml"]);
        maker.file("k.yaml", text);
        let node = node(&maker.tree());
        let fact = node.known(View::Host, "/k.yaml").text.as_ref().unwrap();
        assert!(
            matches!(fact, Fact::Broken { source, .. } if source.span.is_some_and(|span| span.line > line)),
            "{fact:?}"
        );
    }
    let mut maker = kubelet(&["--config=/k.yaml"]);
    maker.file("k.yaml", [0xff, 0xfe, b'a']);
    assert!(matches!(node(&maker.tree()).known(View::Host, "/k.yaml").text, Some(Fact::Broken { .. })));
}

#[test]
fn what_may_not_be_read_is_denied_and_not_absent() {
    let mut maker = kubelet(&["--config=/k.yaml"]);
    maker.file("k.yaml", "a: 1\n").directory("etc/kubernetes/manifests", 0o700).file("etc/kubernetes/pki/ca.crt", "x");
    let tree = Faulty::new(maker.tree())
        .deny("/read/k.yaml")
        .deny("/list/etc/kubernetes/manifests")
        .deny("/etc/kubernetes/pki");
    let facts = facts(&tree);
    let node = facts.node.unwrap();
    let text = node.known(View::Host, "/k.yaml").text.as_ref().unwrap();
    assert!(matches!(text, Fact::Denied { grant, .. } if grant.name == "DAC_READ_SEARCH"));
    assert!(matches!(node.manifests, Fact::Denied { .. }));
    assert!(matches!(node.record(View::Host, "/etc/kubernetes/pki").fact, Fact::Denied { .. }));
    assert!(matches!(facts.cluster.unwrap().id, Fact::Denied { .. }));
}

#[test]
fn who_is_not_root_is_told_once_and_needs_another_user() {
    let mut tree = Faulty::new(kubelet(&["--config=/k.yaml"]).file("k.yaml", "a: 1\n").tree()).deny("/read/k.yaml");
    tree.nature.root = false;
    let facts = facts(&tree);
    assert_eq!(facts.notes.len(), 1);
    let node = facts.node.unwrap();
    let grant = node.known(View::Host, "/k.yaml").text.as_ref().unwrap().missing().unwrap().grant().unwrap().clone();
    assert_eq!((grant.kind, grant.name.as_str()), (GrantKind::User, "root"));
}

#[test]
fn manifests_are_every_file_that_is_not_hidden() {
    let mut maker = Maker::new();
    maker
        .file("proc/1/comm", "init\n")
        .directory("etc/kubernetes/manifests", 0o755)
        .file("etc/kubernetes/manifests/etcd.yaml.bak", "kind: Pod\nmetadata: {name: old}\nspec: {}\n")
        .file("etc/kubernetes/manifests/.hidden.yaml", "kind: Pod\n")
        .file("etc/kubernetes/manifests/broken.yaml", "kind: [")
        .file("etc/kubernetes/manifests/other.yaml", "kind: Service\n")
        .file("etc/kubernetes/manifests/big.yaml", vec![b' '; (1 << 20) + 1])
        .directory("etc/kubernetes/manifests/sub", 0o755);
    let node = node(&maker.tree());
    let manifests = node.manifests.known().unwrap();
    let states: Vec<_> =
        manifests.iter().map(|m| (m.path.rsplit('/').next().unwrap(), m.pod.known().is_some())).collect();
    assert_eq!(states, [("big.yaml", false), ("broken.yaml", false), ("etcd.yaml.bak", true), ("other.yaml", false)]);
    assert!(manifests.iter().all(|manifest| !manifest.pod.is_absent()));
}

#[test]
fn versions_come_from_packages_where_no_manifest_tells() {
    let mut maker = kubelet(&[]);
    maker.file("var/lib/dpkg/status", "Package: kubelet\nStatus: install ok installed\nVersion: 1.33.2-1.1\n\n");
    let versions = facts(&maker.tree()).versions;
    assert_eq!(versions.len(), 1);
    assert_eq!(
        (versions[0].component.as_deref(), versions[0].version.to_string().as_str()),
        (Some("kubelet"), "1.33.2")
    );
}

#[test]
fn a_certificate_that_cannot_be_read_leaves_a_word() {
    let mut maker = kubelet(&["--client-ca-file=/ca.crt", "--tls-private-key-file=/tls.key"]);
    maker.file("ca.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").file("tls.key", "x");
    let node = node(&maker.tree());
    let file = node.known(View::Host, "/ca.crt");
    assert!(file.certificates.is_empty() && matches!(file.text, Some(Fact::Broken { .. })));
    assert!(node.known(View::Host, "/tls.key").text.is_none());
}
