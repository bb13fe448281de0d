//! What was changed, when, why and by whom; and back again.

use seaworthy_fix::journal::{JournalError, State, interrupted};
use seaworthy_fix::write::{Root, Style};

use super::node::{MANIFEST, TOUCHED, about, contents, new, node, open, owner, put, recover, repair, tree};

#[test]
fn a_repair_is_recorded_without_bytes() {
    let node = node();
    let id = repair(node.path()).unwrap();
    assert_eq!(id, "20261125T103500Z-1");
    let (_, journal) = open(node.path());
    let records = journal.entries().unwrap();
    let [record] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!((record.state.as_ref(), record.about.as_ref()), (Some(&State::Done), Some(&about())));
    assert!(record.damage.is_empty(), "{:?}", record.damage);
    let changed: Vec<_> = record.files.iter().map(|file| (file.path.as_str(), file.changed.join(" "))).collect();
    assert_eq!(changed.iter().map(|(path, _)| *path).collect::<Vec<_>>(), TOUCHED);
    assert_eq!(changed[0].1, "mode");
    assert_eq!(changed[1].1, "existence");
    assert_eq!(changed[3].1, "content mode");
    let json = serde_json::to_string(&record).unwrap();
    assert!(json.contains(r#""state":{"name":"done"}"#), "{json}");
    assert!(!json.contains("digest") && !json.contains("attributes"), "{json}");
    let entry = journal.entry(&id).unwrap();
    assert!(!format!("{entry:?}").contains("bytes"));
    assert_eq!(entry.plan().unwrap(), serde_json::json!({ "hash": "0" }));
    assert!(matches!(journal.entry("../../etc"), Err(JournalError::Unknown { .. })));
}

#[test]
fn undone_it_is_what_it_was_and_later_edits_are_seen_first() {
    let node = node();
    let was = tree(node.path());
    let id = repair(node.path()).unwrap();
    let (root, journal) = open(node.path());
    let mut entry = journal.entry(&id).unwrap();
    assert!(entry.changed_since(&root).unwrap().is_empty());
    assert_eq!(interrupted(&root, owner()).unwrap(), None);

    let after = root.snapshot(MANIFEST).unwrap();
    root.replace(MANIFEST, &new(b"edited", 0o600, None), &after, Style::Outside).unwrap();
    let changed = entry.changed_since(&root).unwrap();
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].path.as_str(), changed[0].what.join(" ")), (MANIFEST, "content mode".to_owned()));
    let shown = entry.after().unwrap();
    assert_eq!(shown[3].bytes(), after.bytes());

    let restored = entry.restore(&root).unwrap();
    assert_eq!(restored.len(), TOUCHED.len());
    assert_eq!(tree(node.path()), was);
    entry.restore(&root).unwrap();
    assert_eq!(tree(node.path()), was);
    entry.state(State::Undone { by: "20261125T103501Z-2".to_owned() }).unwrap();
    assert!(matches!(entry.state(State::Changing), Err(JournalError::State { .. })));
}

/// A crash between the end of taking back and the mark on what was taken back.
#[test]
fn what_was_taken_back_is_known_without_its_own_mark() {
    let node = node();
    let id = repair(node.path()).unwrap();
    let (root, journal) = open(node.path());
    assert_eq!(journal.undone_by(&id).unwrap(), None);
    let lock = journal.lock().unwrap();
    let plan = serde_json::json!({ "undoes": id });
    let before = vec![root.snapshot(MANIFEST).unwrap()];
    let mut undo = journal.begin(&lock, about(), &plan, before).unwrap();
    assert_eq!(journal.undone_by(&id).unwrap(), None, "it is not done yet");
    undo.done(&[]).unwrap();
    assert_eq!(journal.entry(&id).unwrap().current(), Some(&State::Done));
    let by = Some(undo.id().to_owned());
    assert_eq!(journal.undone_by(&id).unwrap(), by);
    assert_eq!(journal.entries().unwrap()[0].state, by.map(|by| State::Undone { by }));
}

#[test]
fn times_of_directories_that_a_repair_names_come_back() {
    let node = node();
    let (root, journal) = open(node.path());
    let lock = journal.lock().unwrap();
    // Put back the last one first: the file changes the directory after it had its time.
    let paths = [MANIFEST, "/etc/kubernetes/manifests"];
    let before: Vec<_> = paths.iter().map(|path| root.snapshot(path).unwrap()).collect();
    let entry = journal.begin(&lock, about(), &serde_json::Value::Null, before.clone()).unwrap();
    root.replace(MANIFEST, &new(b"x", 0o600, None), &before[0], Style::Inside).unwrap();
    entry.restore(&root).unwrap();
    let now = root.snapshot(paths[1]).unwrap();
    assert_eq!(now.status().unwrap().modified, before[1].status().unwrap().modified);
}

#[test]
fn nothing_begins_before_what_was_interrupted_is_recovered() {
    let node = node();
    let (root, journal) = open(node.path());
    let was = tree(node.path());
    {
        let lock = journal.lock().unwrap();
        let before = vec![root.snapshot(MANIFEST).unwrap()];
        let mut entry = journal.begin(&lock, about(), &serde_json::Value::Null, before.clone()).unwrap();
        entry.state(State::Changing).unwrap();
        assert_eq!(journal.interrupted().unwrap(), None, "it is at work");
        root.replace(MANIFEST, &new(b"x", 0o600, None), &before[0], Style::Outside).unwrap();
    }
    let found = interrupted(&root, owner()).unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.state), ("20261125T103500Z-1", Some(State::Changing)));
    {
        let lock = journal.lock().unwrap();
        let refused = journal.begin(&lock, about(), &serde_json::Value::Null, Vec::new()).unwrap_err();
        assert!(matches!(refused, JournalError::Interrupted { .. }), "{refused}");
        assert!(journal.prune(&lock, 0).unwrap().is_empty());
    }
    recover(node.path()).unwrap();
    assert_eq!(tree(node.path()), was);
    assert_eq!(interrupted(&root, owner()).unwrap(), None);
    let good = journal.last_good(MANIFEST).unwrap();
    assert_eq!(good.bytes(), root.snapshot(MANIFEST).unwrap().bytes());
}

#[test]
fn a_roll_back_that_failed_is_not_the_end() {
    let node = node();
    let (root, journal) = open(node.path());
    let lock = journal.lock().unwrap();
    let before = vec![root.snapshot("/etc/kubernetes/none").unwrap(), root.snapshot(MANIFEST).unwrap()];
    let mut entry = journal.begin(&lock, about(), &serde_json::Value::Null, before).unwrap();
    // A directory with something in it stands where nothing was: that cannot be put back, the manifest can.
    put(node.path(), "/etc/kubernetes/none/file", b"", 0o600);
    put(node.path(), MANIFEST, b"broken", 0o600);
    let failed = entry.restore(&root).unwrap_err();
    assert!(matches!(&failed, JournalError::Restore { failed, .. } if failed.len() == 1), "{failed}");
    assert_ne!(std::fs::read(node.path().join(&MANIFEST[1..])).unwrap(), b"broken");
    let why = "it did not start".to_owned();
    entry.state(State::RollBackFailed { why: why.clone(), what: failed.to_string() }).unwrap();
    drop(lock);
    assert!(interrupted(&root, owner()).unwrap().is_some());
    std::fs::remove_file(node.path().join("etc/kubernetes/none/file")).unwrap();
    entry.restore(&root).unwrap();
    entry.state(State::RolledBack { why }).unwrap();
    assert_eq!(interrupted(&root, owner()).unwrap(), None);
}

#[test]
fn a_clock_that_was_set_back_does_not_change_the_order() {
    let node = node();
    let (root, journal) = open(node.path());
    let lock = journal.lock().unwrap();
    for (time, bytes) in [("2026-11-25T10:35:00+02:00", "one"), ("1999-01-01T00:00:00Z", "two")] {
        let mut entry = journal
            .begin(
                &lock,
                seaworthy_fix::journal::About { time: time.to_owned(), ..about() },
                &serde_json::Value::Null,
                vec![],
            )
            .unwrap();
        put(node.path(), MANIFEST, bytes.as_bytes(), 0o600);
        entry.done(&[root.snapshot(MANIFEST).unwrap()]).unwrap();
    }
    let ids: Vec<_> = journal.entries().unwrap().into_iter().map(|record| record.id).collect();
    assert_eq!(ids, ["20261125T083500Z-1", "19990101T000000Z-2"]);
    assert_eq!(journal.last_good(MANIFEST).unwrap().bytes(), Some(b"two".as_slice()));
    assert!(journal.last_good("/etc/none").is_none());
}

#[test]
fn two_repairs_of_one_node_end_the_same() {
    let (one, two) = (node(), node());
    repair(one.path()).unwrap();
    repair(two.path()).unwrap();
    assert_eq!(contents(one.path()), contents(two.path()));
    assert_ne!(contents(one.path()), contents(node().path()));
    assert!(Root::open(&one.path().join("none")).is_err());
}
