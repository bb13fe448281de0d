//! Disks that are full or read-only, and files that are immutable: real ones.

use std::path::Path;

use rustix::fs::IFlags;
use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, mount_remount, unmount};
use seaworthy_fix::journal::{Journal, JournalError, State};
use seaworthy_fix::write::{Root, Style, WriteError};

use super::node::{MANIFEST, about, directory, fill, is_root, new, node, open, owner, put, tree};

/// Unmounts, however the test ends.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = unmount(self.0, UnmountFlags::DETACH);
    }
}

fn memory<'a>(at: &'a Path, options: &std::ffi::CStr) -> Option<Mounted<'a>> {
    if !is_root() {
        println!("not root: no file system is mounted");
        return None;
    }
    match mount("tmpfs", at, "tmpfs", MountFlags::empty(), options) {
        Ok(()) => Some(Mounted(at)),
        Err(error) => {
            println!("no file system may be mounted here: {error}");
            None
        }
    }
}

#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let at = directory();
    let Some(_mounted) = memory(at.path(), c"size=512k,mode=755") else { return };
    fill(at.path());
    let (root, journal) = open(at.path());
    let before = root.snapshot(MANIFEST).unwrap();
    let was = tree(at.path());
    let large = vec![b'#'; 800 << 10];
    for style in [Style::Outside, Style::Inside] {
        let refused = root.replace(MANIFEST, &new(&large, 0o600, None), &before, style).unwrap_err();
        assert!(matches!(refused, WriteError::Full { .. }), "{refused}");
    }
    assert_eq!(tree(at.path()), was);
    let lock = journal.lock().unwrap();
    let plan = serde_json::json!({ "text": "x".repeat(800 << 10) });
    let refused = journal.begin(&lock, about(), &plan, vec![before.clone()]).unwrap_err();
    assert!(matches!(refused, JournalError::Write(WriteError::Full { .. })), "{refused}");
    assert!(journal.entries().unwrap().is_empty());
    // There is room again for one that is small.
    journal.begin(&lock, about(), &serde_json::json!({}), vec![before]).unwrap();
    assert_eq!(tree(at.path()), was);
}

/// While the component is waited for, something else fills the disk to the last byte.
#[test]
fn a_disk_that_fills_up_in_the_middle_does_not_stop_going_back() {
    let at = directory();
    let Some(_mounted) = memory(at.path(), c"size=1m,mode=755") else { return };
    fill(at.path());
    put(at.path(), MANIFEST, &vec![b'#'; 100 << 10], 0o600);
    let was = tree(at.path());
    let (root, journal) = open(at.path());
    let lock = journal.lock().unwrap();
    let before = root.snapshot(MANIFEST).unwrap();
    let plan = serde_json::Value::Null;
    let mut entry = journal.begin(&lock, about(), &plan, vec![before.clone()]).unwrap();
    entry.state(State::Changing).unwrap();
    root.replace(MANIFEST, &new(b"short", 0o600, None), &before, Style::Outside).unwrap();
    let mut other = std::fs::File::create(at.path().join("other")).unwrap();
    while std::io::Write::write(&mut other, &[0; 4096]).is_ok() {}
    assert!(matches!(entry.state(State::Waiting), Err(JournalError::Write(WriteError::Full { .. }))));
    entry.state(State::RollingBack { why: String::new() }).unwrap();
    entry.restore(&root).unwrap();
    entry.state(State::RolledBack { why: String::new() }).unwrap();
    std::fs::remove_file(at.path().join("other")).unwrap();
    assert_eq!(tree(at.path()), was);
}

#[test]
fn a_read_only_file_system_is_named() {
    let node = node();
    let root = Root::open(node.path()).unwrap();
    let before = root.snapshot(MANIFEST).unwrap();
    if let Err(error) = mount_bind(node.path(), node.path()) {
        println!("nothing may be mounted here: {error}");
        return;
    }
    let _mounted = Mounted(node.path());
    mount_remount(node.path(), MountFlags::BIND | MountFlags::RDONLY, "").unwrap();
    let root = Root::open(node.path()).unwrap();
    let refused = [
        root.replace(MANIFEST, &new(b"x", 0o600, None), &before, Style::Outside).map(|_| ()).unwrap_err(),
        root.set_mode(MANIFEST, 0o644, &before).map(|_| ()).unwrap_err(),
        root.set_owner(MANIFEST, 1, 1, &before).map(|_| ()).unwrap_err(),
        root.make_directory("/new", 0o755).map(|_| ()).unwrap_err(),
        root.remove_file(MANIFEST, &before).unwrap_err(),
    ];
    for error in refused {
        assert!(matches!(error, WriteError::ReadOnly { .. }), "{error}");
    }
    let refused = Journal::open(&root, true, owner()).unwrap_err();
    assert!(matches!(refused, JournalError::Write(WriteError::ReadOnly { .. })), "{refused}");
}

/// A mount of its own, on another device and on the same one: nothing can be renamed into it from outside.
#[test]
fn manifests_that_are_a_mount_are_written_from_a_dot_file_inside() {
    let node = node();
    let manifests = node.path().join("etc/kubernetes/manifests");
    let root = Root::open(node.path()).unwrap();
    {
        let Some(_mounted) = memory(&manifests, c"mode=755") else { return };
        std::fs::write(node.path().join(&MANIFEST[1..]), "there").unwrap();
        let before = root.snapshot(MANIFEST).unwrap();
        root.replace(MANIFEST, &new(b"other device", 0o600, None), &before, Style::Outside).unwrap();
        assert_eq!(std::fs::read_dir(&manifests).unwrap().count(), 1);
    }
    mount_bind(&manifests, &manifests).unwrap();
    let _mounted = Mounted(&manifests);
    let before = root.snapshot(MANIFEST).unwrap();
    root.replace(MANIFEST, &new(b"same device", 0o600, None), &before, Style::Outside).unwrap();
    assert_eq!(std::fs::read(node.path().join(&MANIFEST[1..])).unwrap(), b"same device");
    assert_eq!(std::fs::read_dir(&manifests).unwrap().count(), 1);
    root.restore(&before).unwrap();
    assert_eq!(std::fs::read(node.path().join(&MANIFEST[1..])).unwrap(), before.bytes().unwrap());
}

/// Puts the flags back, so that the directory can be removed.
struct Fixed(std::fs::File, IFlags);

impl Drop for Fixed {
    fn drop(&mut self) {
        let _ = rustix::fs::ioctl_setflags(&self.0, self.1);
    }
}

fn fix(path: &Path, flag: IFlags) -> Option<Fixed> {
    let file = std::fs::File::open(path).unwrap();
    let set = rustix::fs::ioctl_getflags(&file)
        .and_then(|flags| rustix::fs::ioctl_setflags(&file, flags | flag).map(|()| flags));
    match set {
        Ok(flags) => Some(Fixed(file, flags)),
        Err(error) => {
            println!("no file can be made immutable here: {error}");
            None
        }
    }
}

#[test]
fn an_immutable_file_or_directory_is_named() {
    // On a disk, since not every kernel has such files in memory.
    let node = tempfile::tempdir().unwrap();
    fill(node.path());
    let root = Root::open(node.path()).unwrap();
    let before = root.snapshot(MANIFEST).unwrap();
    let was = tree(node.path());
    for (path, flag) in
        [(MANIFEST, IFlags::IMMUTABLE), (MANIFEST, IFlags::APPEND), ("/etc/kubernetes/manifests", IFlags::IMMUTABLE)]
    {
        let Some(_fixed) = fix(&node.path().join(&path[1..]), flag) else { return };
        let mut refused = vec![
            root.replace(MANIFEST, &new(b"x", 0o600, None), &before, Style::Outside).map(|_| ()).unwrap_err(),
            root.replace(MANIFEST, &new(b"x", 0o600, None), &before, Style::Inside).map(|_| ()).unwrap_err(),
            root.remove_file(MANIFEST, &before).unwrap_err(),
        ];
        if path == MANIFEST {
            refused.push(root.set_mode(MANIFEST, 0o644, &before).map(|_| ()).unwrap_err());
        }
        for error in refused {
            assert!(matches!(&error, WriteError::Immutable { path: p } if p == path), "{error}");
        }
        assert_eq!(tree(node.path()), was);
    }
}
