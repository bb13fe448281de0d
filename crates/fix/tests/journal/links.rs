//! Links are followed nowhere.

use std::os::unix::fs::symlink;

use seaworthy_fix::write::{Root, Style, WriteError};

use super::node::{MANIFEST, directory, new, node, put, tree};

#[test]
fn a_link_anywhere_on_the_way_is_refused_by_name() {
    let outside = node();
    for (place, link) in [
        (MANIFEST, "/etc/kubernetes/manifests/kube-apiserver.yaml"),
        (MANIFEST, "/etc/kubernetes/manifests"),
        (MANIFEST, "/etc/kubernetes"),
        (MANIFEST, "/etc"),
    ] {
        let node = node();
        let root = Root::open(node.path()).unwrap();
        let before = root.snapshot(place).unwrap();
        let at = node.path().join(&link[1..]);
        let aside = directory();
        std::fs::rename(&at, aside.path().join("moved")).unwrap();
        let target = outside.path().join(&link[1..]);
        symlink(&target, &at).unwrap();
        let (was, theirs) = (tree(aside.path()), tree(outside.path()));
        let refused = [
            root.snapshot(place).map(|_| ()).unwrap_err(),
            root.replace(place, &new(b"x", 0o600, None), &before, Style::Outside).map(|_| ()).unwrap_err(),
            root.set_mode(place, 0o777, &before).map(|_| ()).unwrap_err(),
            root.set_owner(place, 1, 1, &before).map(|_| ()).unwrap_err(),
            root.remove_file(place, &before).unwrap_err(),
            root.restore(&before).map(|_| ()).unwrap_err(),
        ];
        for error in refused {
            let named = matches!(&error, WriteError::Link { path, target: t } if path == link && *t == target.display().to_string());
            assert!(named, "{error}");
        }
        assert_eq!(tree(outside.path()), theirs);
        assert_eq!(tree(aside.path()), was);
    }
}

#[test]
fn what_is_no_file_is_not_opened() {
    let node = node();
    let root = Root::open(node.path()).unwrap();
    let pipe = node.path().join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    // Opened, it would wait for a writer for ever.
    assert!(matches!(root.snapshot("/pipe"), Err(WriteError::Kind { .. })));
    for path in ["", "/", "etc", "/etc/", "/etc/../etc/x", "/etc/.", "/x\0y"] {
        assert!(matches!(root.snapshot(path), Err(WriteError::Path { .. })), "{path:?}");
    }
    assert!(root.snapshot("/none/of/this").unwrap().status().is_none());
    assert!(matches!(root.snapshot("/etc/kubernetes/old.conf/x").map(|s| s.status().is_none()), Ok(true)));
}

#[test]
fn leftovers_are_removed_and_nothing_that_only_looks_like_one() {
    let node = node();
    let root = Root::open(node.path()).unwrap();
    for name in ["manifests/.seaworthy-12-0.tmp", ".seaworthy-7-33.tmp"] {
        put(node.path(), &format!("/etc/kubernetes/{name}"), b"half", 0o600);
    }
    for name in [".seaworthy-notes.tmp", ".seaworthy-.tmp", "seaworthy-1-1.tmp", ".seaworthy-1-1.tmp~"] {
        put(node.path(), &format!("/etc/kubernetes/manifests/{name}"), b"", 0o600);
    }
    symlink("/etc/passwd", node.path().join("etc/kubernetes/manifests/.seaworthy-1-1.tmp")).unwrap();
    let files = tree(node.path()).len();
    assert_eq!(root.sweep(MANIFEST).unwrap(), 2);
    assert_eq!(root.sweep(MANIFEST).unwrap(), 0);
    assert_eq!(tree(node.path()).len(), files - 2);
}
