//! Where the journal may be kept, and who may use it.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use seaworthy_fix::journal::{Journal, JournalError, interrupted};
use seaworthy_fix::write::Root;

use super::node::{child, directory, is_root, mode, node, open, owner, repair, told};

#[test]
fn it_is_for_its_owner_alone() {
    let node = node();
    repair(node.path()).unwrap();
    let home = node.path().join("var/lib/seaworthy");
    let mut waiting = vec![home.clone()];
    let mut seen = 0;
    while let Some(path) = waiting.pop() {
        let bits = path.metadata().unwrap().permissions().mode() & 0o7777;
        assert_eq!(bits, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        seen += 1;
    }
    assert!(seen > 10);
    // Somebody let others look: mended when it is next written to.
    mode(&home, 0o755);
    open(node.path());
    assert_eq!(home.metadata().unwrap().permissions().mode() & 0o7777, 0o700);
}

#[test]
fn a_way_that_is_not_roots_alone_is_refused() {
    for step in ["", "var", "var/lib", "var/lib/seaworthy"] {
        for bits in [0o777, 0o775, 0o1777] {
            let node = directory();
            std::fs::create_dir_all(node.path().join("var/lib/seaworthy/journal")).unwrap();
            mode(&node.path().join(step), bits);
            let root = Root::open(node.path()).unwrap();
            for create in [true, false] {
                let refused = Journal::open(&root, create, owner()).unwrap_err();
                let named = matches!(&refused, JournalError::Unsafe { path, .. } if *path == format!("/{step}"));
                assert!(named, "{refused}");
            }
        }
    }
}

#[test]
fn a_link_on_the_way_is_refused() {
    for step in ["var", "var/lib", "var/lib/seaworthy"] {
        let (node, other) = (directory(), directory());
        let at = node.path().join(step);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        symlink(other.path(), &at).unwrap();
        let root = Root::open(node.path()).unwrap();
        let refused = Journal::open(&root, true, owner()).unwrap_err();
        assert!(matches!(&refused, JournalError::Link { path, .. } if *path == format!("/{step}")), "{refused}");
        assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 0);
        assert_eq!(interrupted(&root, owner()).unwrap(), None);
    }
}

#[test]
fn a_directory_that_belongs_to_somebody_else_is_refused() {
    if !is_root() {
        println!("not root: no directory is given away");
        return;
    }
    for step in ["var", "var/lib", "var/lib/seaworthy"] {
        let node = directory();
        std::fs::create_dir_all(node.path().join("var/lib/seaworthy/journal")).unwrap();
        std::os::unix::fs::chown(node.path().join(step), Some(1234), None).unwrap();
        let root = Root::open(node.path()).unwrap();
        let refused = Journal::open(&root, true, 0).unwrap_err();
        assert!(matches!(&refused, JournalError::Unsafe { path, .. } if *path == format!("/{step}")), "{refused}");
    }
}

#[test]
fn no_journal_is_no_trouble() {
    let node = directory();
    mode(node.path(), 0o777);
    let root = Root::open(node.path()).unwrap();
    assert_eq!(interrupted(&root, owner()).unwrap(), None);
    assert!(matches!(Journal::open(&root, false, owner()), Err(JournalError::Absent { .. })));
    assert_eq!(std::fs::read_dir(node.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn one_repair_at_a_time() {
    let node = node();
    let (_, journal) = open(node.path());
    let lock = journal.lock().unwrap();
    // The same process, and another one.
    let own = journal.lock().unwrap_err();
    let pid = std::process::id();
    assert!(matches!(own, JournalError::Busy { pid: Some(p), since: Some(_) } if p == pid), "{own}");
    let told = [("SEAWORTHY_TEST_ROOT", node.path().to_str().unwrap()), ("SEAWORTHY_TEST_PID", &pid.to_string())];
    assert!(child("home::finds_it_busy", &told).success());
    drop(lock);
    journal.lock().unwrap();
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn finds_it_busy() {
    let node = told("SEAWORTHY_TEST_ROOT");
    if node.is_empty() {
        return;
    }
    let root = Root::open(Path::new(&node)).unwrap();
    let refused = Journal::open(&root, false, owner()).unwrap().lock().unwrap_err();
    let pid = told("SEAWORTHY_TEST_PID");
    assert!(refused.to_string().contains(&format!("process {pid}, since 2")), "{refused}");
}
