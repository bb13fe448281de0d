//! Files are replaced whole and put back exactly.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::XattrFlags;
use seaworthy_fix::write::{Nature, Restored, Root, Style, WriteError};

use super::node::{MANIFEST, attribute, directory, is_root, mode, new, node, put, tree};

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_replaced_file_is_what_was_asked_for_and_leaves_nothing_beside_it() {
    for style in [Style::Outside, Style::Inside] {
        let node = node();
        let root = Root::open(node.path()).unwrap();
        let before = root.snapshot(MANIFEST).unwrap();
        let after = root.replace(MANIFEST, &new(b"new\n", 0o4711, Some(&before)), &before, style).unwrap();
        assert_eq!(after.bytes(), Some(b"new\n".as_slice()));
        let (was, is) = (before.status().unwrap(), after.status().unwrap());
        assert_eq!((is.mode, is.uid, is.gid), (0o4711, was.uid, was.gid));
        assert_eq!(is.attributes, was.attributes);
        assert_ne!(is.inode, was.inode);
        assert_eq!(names(&node.path().join("etc/kubernetes/manifests")), ["kube-apiserver.yaml"]);
        assert_eq!(names(&node.path().join("etc/kubernetes")), ["empty", "manifests", "old.conf", "other.conf", "pki"]);
    }
}

#[test]
fn everything_is_put_back_and_only_what_differs_is_written() {
    let node = node();
    let root = Root::open(node.path()).unwrap();
    let (was, before) = (tree(node.path()), root.snapshot(MANIFEST).unwrap());
    let file = node.path().join(&MANIFEST[1..]);
    assert_eq!(root.restore(&before).unwrap(), Restored::Unchanged);

    mode(&file, 0o777);
    if attribute(node.path(), MANIFEST, "user.note", b"other") {
        rustix::fs::lsetxattr(&file, "user.second", b"", XattrFlags::empty()).unwrap();
    }
    assert_eq!(root.restore(&before).unwrap(), Restored::Metadata);
    assert_eq!(tree(node.path()), was);
    assert_eq!(root.snapshot(MANIFEST).unwrap(), before, "it is the same file still");

    root.replace(MANIFEST, &new(b"other", 0o640, None), &before, Style::Outside).unwrap();
    assert_eq!(root.restore(&before).unwrap(), Restored::Replaced);
    assert_eq!(tree(node.path()), was);

    std::fs::remove_file(&file).unwrap();
    assert_eq!(root.restore(&before).unwrap(), Restored::Created);
    assert_eq!(tree(node.path()), was);
    assert_eq!(root.restore(&before).unwrap(), Restored::Unchanged);
}

#[test]
fn bits_above_the_permissions_and_owners_come_back() {
    let node = node();
    let root = Root::open(node.path()).unwrap();
    let path = "/etc/kubernetes/other.conf";
    let (was, before) = (tree(node.path()), root.snapshot(path).unwrap());
    assert_eq!(before.status().unwrap().mode, 0o4755);
    let mut expected = before.clone();
    if is_root() {
        expected = root.set_owner(path, 4711, 4712, &before).unwrap();
        assert_eq!(expected.status().unwrap().mode, 0o4755, "only the owner was asked for");
    } else {
        println!("not root: owners are not changed");
    }
    root.set_mode(path, 0o600, &expected).unwrap();
    assert_eq!(root.restore(&before).unwrap(), Restored::Metadata);
    assert_eq!(tree(node.path()), was);
}

#[test]
fn all_kinds_of_attributes_come_back() {
    if !is_root() {
        println!("not root: only attributes of users are looked at");
        return;
    }
    // Not in memory: more kinds of attributes.
    let node = tempfile::tempdir().unwrap();
    put(node.path(), "/tool", b"x", 0o750);
    // Version 2, cap_net_bind_service.
    let capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // Version 2: owner rwx, user 7 r, group r-x, mask r-x, others none.
    let list: Vec<u8> = [(1, 7, u32::MAX), (2, 4, 7), (4, 5, u32::MAX), (16, 5, u32::MAX), (32, 0, u32::MAX)]
        .into_iter()
        .flat_map(|(tag, rights, id): (u16, u16, u32)| {
            [tag.to_le_bytes().to_vec(), rights.to_le_bytes().to_vec(), id.to_le_bytes().to_vec()].concat()
        })
        .collect();
    let list = [2_u32.to_le_bytes().to_vec(), list].concat();
    let mut known = 0;
    for (name, value) in [
        ("security.capability", capability.as_slice()),
        ("system.posix_acl_access", list.as_slice()),
        ("trusted.note", b"t"),
        ("user.note", b"u"),
    ] {
        match rustix::fs::lsetxattr(node.path().join("tool"), name, value, XattrFlags::empty()) {
            Ok(()) => known += 1,
            Err(error) => println!("{name} is not known here: {error}"),
        }
    }
    let root = Root::open(node.path()).unwrap();
    let before = root.snapshot("/tool").unwrap();
    let shown = format!("{:?}", before.status().unwrap().attributes);
    assert_eq!(shown.matches('"').count(), known * 2, "{shown}");
    let changed = root.set_owner("/tool", 5, 5, &before).unwrap();
    let changed = root.replace("/tool", &new(b"y", 0o600, None), &changed, Style::Inside).unwrap();
    assert_eq!(format!("{:?}", changed.status().unwrap().attributes), "{}");
    root.restore(&before).unwrap();
    let again = root.snapshot("/tool").unwrap();
    let parts = |s: &seaworthy_fix::write::Snapshot| {
        let status = s.status().unwrap().clone();
        (status.mode, status.uid, status.gid, status.attributes, status.accessed, status.modified)
    };
    assert_eq!(parts(&again), parts(&before));
}

#[test]
fn what_somebody_else_changed_is_not_overwritten() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 4] = [
        ("content", |file| std::fs::write(file, "edited\n").unwrap()),
        ("mode", |file| mode(file, 0o640)),
        ("another file of that name", |file| {
            std::fs::rename(file, file.with_extension("bak")).unwrap();
            std::fs::copy(file.with_extension("bak"), file).unwrap();
            std::fs::remove_file(file.with_extension("bak")).unwrap();
        }),
        ("existence", |file| std::fs::remove_file(file).unwrap()),
    ];
    for (what, change) in changes {
        let node = node();
        let root = Root::open(node.path()).unwrap();
        let before = root.snapshot(MANIFEST).unwrap();
        change(&node.path().join(&MANIFEST[1..]));
        let was = tree(node.path());
        let refused = [
            root.replace(MANIFEST, &new(b"new", 0o600, None), &before, Style::Outside).unwrap_err(),
            root.set_mode(MANIFEST, 0o644, &before).unwrap_err(),
            root.set_owner(MANIFEST, 0, 0, &before).unwrap_err(),
            root.remove_file(MANIFEST, &before).unwrap_err(),
        ];
        for error in refused {
            assert!(matches!(&error, WriteError::ChangedMeanwhile { what: w, .. } if w.contains(what)), "{error}");
        }
        assert_eq!(tree(node.path()), was);
    }
    // A file that appears where none was.
    let node = node();
    let root = Root::open(node.path()).unwrap();
    let before = root.snapshot("/etc/new").unwrap();
    assert_eq!(before.description().nature, Nature::Absent);
    put(node.path(), "/etc/new", b"theirs", 0o600);
    let refused = root.replace("/etc/new", &new(b"ours", 0o600, None), &before, Style::Inside).unwrap_err();
    assert!(matches!(refused, WriteError::ChangedMeanwhile { .. }), "{refused}");
}

#[test]
fn the_temporary_file_lies_outside_only_where_nobody_else_may_write() {
    let node = node();
    let outside = node.path().join("etc/kubernetes");
    mode(&outside, 0o777);
    let root = Root::open(node.path()).unwrap();
    let before = root.snapshot(MANIFEST).unwrap();
    let time = |at: &Path| at.metadata().map(|m| (m.mtime(), m.mtime_nsec())).unwrap();
    let was = time(&outside);
    root.replace(MANIFEST, &new(b"new", 0o600, None), &before, Style::Outside).unwrap();
    assert_eq!(time(&outside), was, "nothing was made in it");
}

#[test]
fn directories_are_made_and_removed_but_never_with_what_is_in_them() {
    let node = directory();
    let root = Root::open(node.path()).unwrap();
    let before = root.snapshot("/made").unwrap();
    let made = root.make_directory("/made", 0o1770).unwrap();
    assert_eq!(made.status().unwrap().mode, 0o1770);
    assert!(matches!(root.make_directory("/made", 0o700), Err(WriteError::ChangedMeanwhile { .. })));
    put(node.path(), "/made/file", b"", 0o600);
    assert!(matches!(root.remove_directory("/made"), Err(WriteError::NotEmpty { .. })));
    assert!(matches!(root.restore(&before), Err(WriteError::NotEmpty { .. })));
    std::fs::remove_file(node.path().join("made/file")).unwrap();
    assert_eq!(root.restore(&before).unwrap(), Restored::Removed);
    assert_eq!(root.restore(&made).unwrap(), Restored::Created);
    assert_eq!(node.path().join("made").metadata().unwrap().permissions().mode() & 0o7777, 0o1770);
}

#[test]
fn other_names_of_a_file_are_counted_and_keep_the_old_bytes() {
    let node = node();
    let file = node.path().join(&MANIFEST[1..]);
    std::fs::hard_link(&file, node.path().join("second")).unwrap();
    let root = Root::open(node.path()).unwrap();
    let before = root.snapshot(MANIFEST).unwrap();
    assert_eq!(before.status().unwrap().links, 2);
    root.replace(MANIFEST, &new(b"new", 0o600, None), &before, Style::Outside).unwrap();
    assert_eq!(std::fs::read(node.path().join("second")).unwrap(), before.bytes().unwrap());
}

#[test]
fn a_snapshot_never_shows_bytes_or_values() {
    let node = directory();
    put(node.path(), "/secret", b"0123456789", 0o600);
    attribute(node.path(), "/secret", "user.note", b"hidden");
    let root = Root::open(node.path()).unwrap();
    let shown = format!("{:?}", root.snapshot("/secret").unwrap());
    assert!(!shown.contains("hidden") && !shown.contains("48, 49") && !shown.contains("0123"), "{shown}");
}
