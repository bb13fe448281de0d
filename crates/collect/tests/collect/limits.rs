//! Caps on what is read.

use seaworthy_model::{Fact, View};

use crate::support::*;

#[test]
fn a_directory_with_too_many_entries_says_so() {
    let mut maker = Maker::new();
    maker.directory("etc/kubernetes/pki", 0o755);
    for index in 0..5000 {
        maker.file(&format!("etc/kubernetes/pki/{index}.crt"), "");
    }
    let node = node(&maker.tree());
    let entries = node.known(View::Host, "/etc/kubernetes/pki").entries.as_ref().unwrap();
    assert!(matches!(entries, Fact::Broken { error, .. } if error.contains("4096")), "{entries:?}");
    // The authority's certificate is wanted for itself.
    let below: Vec<&str> = node.below(View::Host, "/etc/kubernetes/pki").map(|record| record.path.as_str()).collect();
    assert_eq!(below, ["/etc/kubernetes/pki/ca.crt"]);
}

#[test]
fn directories_that_are_too_deep_say_so() {
    let mut maker = Maker::new();
    let mut path = "etc/kubernetes/pki".to_owned();
    for _ in 0..20 {
        maker.directory(&path, 0o755);
        path += "/d";
    }
    let node = node(&maker.tree());
    let deep = "/etc/kubernetes/pki".to_owned() + &"/d".repeat(8);
    let entries = node.known(View::Host, &deep).entries.as_ref().unwrap();
    assert!(matches!(entries, Fact::Broken { .. }), "{entries:?}");
    assert!(node.file(View::Host, &(deep + "/d")).is_none());
}

#[test]
fn arguments_that_are_too_long_are_broken() {
    let mut maker = Maker::new();
    maker.process(20, "/usr/bin/etcd", &["etcd"], "/").file("proc/20/cmdline", vec![b'a'; (4 << 20) + 1]);
    let node = node(&maker.tree());
    assert!(matches!(node.process(20).arguments, Fact::Broken { .. }));
}
