//! Killed, or refused by the kernel, at every point: then recovered, and byte for byte what it was, or what it was to become.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::Errno;
use seaworthy_fix::journal::{Journal, State, interrupted};
use seaworthy_fix::write::fail::{self, Action, POINTS};
use seaworthy_fix::write::{Root, Style, WriteError};

use super::node::{MANIFEST, about, child, contents, mode, new, node, owner, recover, repair, told, tree};

/// What a child does, and how it dies.
fn run(what: &str, node: &Path, point: &str, passed: usize, action: &str) -> std::process::ExitStatus {
    child(
        "faults::does_it",
        &[
            ("SEAWORTHY_TEST_ROOT", node.to_str().unwrap()),
            ("SEAWORTHY_TEST_DOES", what),
            ("SEAWORTHY_TEST_POINT", point),
            ("SEAWORTHY_TEST_PASSED", &passed.to_string()),
            ("SEAWORTHY_TEST_ACTION", action),
        ],
    )
}

#[test]
#[ignore = "run by other tests, in a process of its own that is killed"]
fn does_it() {
    let node = told("SEAWORTHY_TEST_ROOT");
    if node.is_empty() {
        return;
    }
    let point = told("SEAWORTHY_TEST_POINT");
    if !point.is_empty() {
        let action = told("SEAWORTHY_TEST_ACTION").parse().unwrap();
        assert!(fail::arm_at(&point, told("SEAWORTHY_TEST_PASSED").parse().unwrap(), action));
    }
    match told("SEAWORTHY_TEST_DOES").as_str() {
        "repair" => drop(repair(Path::new(&node)).unwrap()),
        "recover" => recover(Path::new(&node)).unwrap(),
        "prune" => {
            let root = Root::open(Path::new(&node)).unwrap();
            let journal = Journal::open(&root, true, owner()).unwrap();
            journal.prune(&journal.lock().unwrap(), 1).unwrap();
        }
        other => panic!("{other}"),
    }
}

/// Recovers, and says whether the repair was done.
fn settled(at: &Path) -> bool {
    recover(at).unwrap();
    let root = Root::open(at).unwrap();
    assert_eq!(interrupted(&root, owner()).unwrap(), None);
    let records = Journal::open(&root, true, owner()).unwrap().entries().unwrap();
    assert!(records.iter().all(|record| record.damage.is_empty()), "{records:?}");
    records.last().is_some_and(|record| record.state == Some(State::Done))
}

/// Tries `action` every time that a point is passed, and returns how often it struck.
fn everywhere(action: &str, mut each: impl FnMut(&str, usize) -> bool) -> usize {
    let mut struck = 0;
    for point in POINTS {
        for passed in 0..20 {
            if !each(point, passed) {
                break;
            }
            struck += 1;
        }
    }
    println!("{action}: {struck} times");
    struck
}

#[test]
fn a_repair_that_is_killed_is_put_back_or_was_done() {
    let whole = node();
    repair(whole.path()).unwrap();
    let done = contents(whole.path());
    let struck = everywhere("kill", |point, passed| {
        let node = node();
        let was = tree(node.path());
        let status = run("repair", node.path(), point, passed, "kill");
        let killed = status.signal() == Some(9);
        assert!(killed || status.success(), "{point} {passed}: {status}");
        let journalled = contents(node.path());
        if settled(node.path()) {
            assert_eq!(contents(node.path()), done, "{point} {passed}");
            assert_eq!(journalled, done, "nothing was left to do: {point} {passed}");
        } else {
            assert_eq!(tree(node.path()), was, "{point} {passed}");
            // And the next one finds nothing in its way.
            repair(node.path()).unwrap();
            assert_eq!(contents(node.path()), done, "{point} {passed}");
        }
        killed
    });
    assert!(struck >= 25, "{struck}");
}

#[test]
fn a_recovery_that_is_killed_is_carried_on() {
    let struck = everywhere("kill", |point, passed| {
        let node = node();
        let was = tree(node.path());
        assert_eq!(run("repair", node.path(), "state-verifying", 0, "kill").signal(), Some(9));
        assert_ne!(contents(node.path()), was);
        let status = run("recover", node.path(), point, passed, "kill");
        let killed = status.signal() == Some(9);
        assert!(killed || status.success(), "{point} {passed}: {status}");
        assert!(!settled(node.path()));
        assert_eq!(tree(node.path()), was, "{point} {passed}");
        killed
    });
    assert!(struck >= 20, "{struck}");
}

#[test]
fn a_repair_that_the_kernel_refuses_leaves_nothing_half_written() {
    for error in [Errno::NOSPC, Errno::IO, Errno::ROFS, Errno::PERM] {
        let number = error.raw_os_error().to_string();
        everywhere(&number, |point, passed| {
            let node = node();
            let was = tree(node.path());
            let failed = !run("repair", node.path(), point, passed, &number).success();
            // Before any recovery, and without anything of the kind: a temporary file would be seen.
            let left: Vec<String> = tree(node.path()).into_keys().filter(|name| name.contains(".seaworthy-")).collect();
            assert!(left.is_empty(), "{point} {passed}: {left:?}");
            if !settled(node.path()) {
                assert_eq!(tree(node.path()), was, "{point} {passed}");
            }
            failed
        });
    }
}

#[test]
fn forgetting_that_is_killed_hides_nothing() {
    for point in ["prune-renamed", "prune-emptied"] {
        let node = node();
        for _ in 0..2 {
            repair(node.path()).unwrap();
            let root = Root::open(node.path()).unwrap();
            let journal = Journal::open(&root, true, owner()).unwrap();
            let id = journal.entries().unwrap().pop().unwrap().id;
            let mut entry = journal.entry(&id).unwrap();
            entry.restore(&root).unwrap();
            entry.state(State::Undone { by: "another".to_owned() }).unwrap();
        }
        assert_eq!(run("prune", node.path(), point, 0, "kill").signal(), Some(9));
        assert!(!settled(node.path()));
        let id = repair(node.path()).unwrap();
        assert_eq!(id, "20261125T103500Z-3");
        let names = std::fs::read_dir(node.path().join("var/lib/seaworthy/journal")).unwrap().count();
        assert_eq!(names, 2, "what was left of the first is gone");
    }
}

#[test]
fn an_editor_that_saves_at_the_last_moment_wins() {
    assert!(child("faults::is_overtaken", &[("SEAWORTHY_TEST_ROOT", "own")]).success());
}

#[test]
#[ignore = "run by another test, in a process of its own: it arms points"]
fn is_overtaken() {
    for style in [Style::Outside, Style::Inside] {
        for by_rename in [false, true] {
            let node = node();
            let root = Root::open(node.path()).unwrap();
            let before = root.snapshot(MANIFEST).unwrap();
            let file = node.path().join(&MANIFEST[1..]);
            let edit = move || {
                if by_rename {
                    std::fs::write(file.with_extension("swp"), "theirs\n").unwrap();
                    std::fs::rename(file.with_extension("swp"), &file).unwrap();
                } else {
                    std::fs::write(&file, "theirs\n").unwrap();
                }
            };
            fail::arm("before-rename", Action::Call(Box::new(edit)));
            let refused = root.replace(MANIFEST, &new(b"ours\n", 0o600, None), &before, style).unwrap_err();
            assert!(matches!(refused, WriteError::ChangedMeanwhile { .. }), "{refused}");
            assert_eq!(std::fs::read(node.path().join(&MANIFEST[1..])).unwrap(), b"theirs\n");
            assert!(!tree(node.path()).keys().any(|name| name.contains(".seaworthy-")));
        }
    }
    fail::disarm();
}

#[test]
fn every_point_is_passed() {
    assert!(child("faults::passes_all", &[("SEAWORTHY_TEST_ROOT", "own")]).success());
}

#[test]
#[ignore = "run by another test, in a process of its own: it arms points"]
fn passes_all() {
    // Those that a component's restart passes are not the journal's: the real node's script kills there.
    for point in POINTS.iter().filter(|point| !["component-taken", "stable"].contains(point)) {
        let node = node();
        let passed = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&passed);
        assert!(fail::arm(point, Action::Call(Box::new(move || seen.store(true, Ordering::Relaxed)))));
        let id = repair(node.path()).unwrap();
        let root = Root::open(node.path()).unwrap();
        let journal = Journal::open(&root, true, owner()).unwrap();
        let mut entry = journal.entry(&id).unwrap();
        entry.restore(&root).unwrap();
        entry.state(State::Undone { by: "another".to_owned() }).unwrap();
        let lock = journal.lock().unwrap();
        let before = vec![root.snapshot(MANIFEST).unwrap()];
        let mut entry = journal.begin(&lock, about(), &serde_json::Value::Null, before).unwrap();
        let (why, what) = (String::new(), String::new());
        entry.state(State::RollingBack { why: why.clone() }).unwrap();
        entry.state(State::RollBackFailed { why: why.clone(), what }).unwrap();
        mode(&node.path().join(&MANIFEST[1..]), 0o640);
        entry.restore(&root).unwrap();
        entry.state(State::RolledBack { why }).unwrap();
        let mut entry = journal.begin(&lock, about(), &serde_json::Value::Null, Vec::new()).unwrap();
        entry.done(&[]).unwrap();
        journal.prune(&lock, 0).unwrap();
        // Only root gives files away.
        assert!(passed.load(Ordering::Relaxed) || *point == "owner-set" && owner() != 0, "{point}");
    }
    fail::disarm();
}
