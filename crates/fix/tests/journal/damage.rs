//! A journal on a disk that has lost or changed something.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use seaworthy_fix::journal::{JournalError, Record, State};
use seaworthy_fix::write::Root;
use tempfile::TempDir;

use super::node::{MANIFEST, about, directory, mode, node, open, put};

/// Three repairs of one manifest.
fn three() -> (TempDir, Vec<Record>) {
    let node = node();
    let (root, journal) = open(node.path());
    let lock = journal.lock().unwrap();
    for bytes in ["one", "two", "three"] {
        let before = vec![root.snapshot(MANIFEST).unwrap(), root.snapshot("/etc/none").unwrap()];
        let mut entry = journal.begin(&lock, about(), &serde_json::json!({ "to": bytes }), before).unwrap();
        entry.state(State::Changing).unwrap();
        put(node.path(), MANIFEST, bytes.as_bytes(), 0o600);
        entry.done(&[root.snapshot(MANIFEST).unwrap()]).unwrap();
    }
    let records = journal.entries().unwrap();
    (node, records)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), &to).unwrap();
        }
    }
    mode(to, 0o700);
}

#[derive(Debug, Clone)]
enum Harm {
    Cut(usize),
    Flip(usize, u8),
    Overwritten(Vec<u8>),
    Appended(Vec<u8>),
    Removed,
    Directory,
    Pipe,
    Link,
}

fn harm() -> impl Strategy<Value = Harm> {
    let bytes = || prop::collection::vec(any::<u8>(), 1..80);
    prop_oneof![
        4 => any::<usize>().prop_map(Harm::Cut),
        4 => (any::<usize>(), 1..=255_u8).prop_map(|(at, bits)| Harm::Flip(at, bits)),
        1 => bytes().prop_map(Harm::Overwritten),
        1 => bytes().prop_map(Harm::Appended),
        1 => Just(Harm::Removed),
        1 => Just(Harm::Directory),
        1 => Just(Harm::Pipe),
        1 => Just(Harm::Link),
    ]
}

fn inflict(file: &Path, harm: &Harm) {
    let mut bytes = std::fs::read(file).unwrap();
    let length = bytes.len();
    std::fs::remove_file(file).unwrap();
    match harm {
        Harm::Cut(at) => bytes.truncate(at % length),
        Harm::Flip(at, bits) => bytes[at % length] ^= bits,
        Harm::Overwritten(other) => bytes.clone_from(other),
        Harm::Appended(other) => bytes.extend(other),
        Harm::Removed => return,
        Harm::Directory => return std::fs::create_dir(file).unwrap(),
        Harm::Pipe => {
            let kind = rustix::fs::FileType::Fifo;
            return rustix::fs::mknodat(rustix::fs::CWD, file, kind, rustix::fs::Mode::RWXU, 0).unwrap();
        }
        Harm::Link => return std::os::unix::fs::symlink("/etc/passwd", file).unwrap(),
    }
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn whatever_is_lost_is_said_and_hides_nothing_else() {
    let (template, records) = three();
    let good: Vec<Vec<u8>> =
        [&b"apiVersion: v1\nkind: Pod\n"[..], b"one", b"two", b"three"].map(<[u8]>::to_vec).to_vec();
    let mut files: Vec<PathBuf> = Vec::new();
    for record in &records {
        let at = Path::new("var/lib/seaworthy/journal").join(&record.id);
        files.extend(std::fs::read_dir(template.path().join(&at)).unwrap().map(|e| at.join(e.unwrap().file_name())));
    }
    files.sort();
    assert_eq!(files.len(), 18, "head, plan, state, before-0, after, after-0, of each");
    proptest!(super::node::cases(400), |(file in prop::sample::select(files), harm in harm())| {
        let node = directory();
        copy(template.path(), node.path());
        inflict(&node.path().join(&file), &harm);
        let (root, journal) = open(node.path());
        let harmed = file.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let now = journal.entries().unwrap();
        prop_assert_eq!(now.len(), records.len());
        for (record, was) in now.iter().zip(&records) {
            if record.id == harmed {
                prop_assert!(!record.damage.is_empty(), "{:?}", record);
            } else {
                prop_assert_eq!(record, was);
            }
        }
        match journal.entry(harmed) {
            // Only what was there before matters for putting it back.
            Ok(entry) => {
                let bytes = entry.before()[0].bytes().unwrap().to_vec();
                prop_assert!(good.contains(&bytes));
                prop_assert!(!file.ends_with("head") && !file.ends_with("before-0"));
                prop_assert_eq!(entry.current().is_none(), file.ends_with("state"));
                let _ = (entry.plan(), entry.after(), entry.changed_since(&root));
            }
            Err(error) => prop_assert!(matches!(error, JournalError::Damaged { .. }), "{}", error),
        }
        let last = journal.last_good(MANIFEST).unwrap().bytes().unwrap().to_vec();
        let newest = harmed == records[2].id;
        prop_assert!(last == b"three" || newest && last == b"two", "{:?}", last);
        let interrupted = journal.interrupted().unwrap();
        prop_assert_eq!(interrupted.is_some(), newest && file.ends_with("state"));
        let lock = journal.lock().unwrap();
        // It stops no repair, since it is not known to have been interrupted.
        journal.begin(&lock, about(), &serde_json::Value::Null, Vec::new()).unwrap();
    });
}

#[test]
fn names_that_are_none_of_ours_are_left_alone() {
    let (node, records) = three();
    let at = node.path().join("var/lib/seaworthy/journal");
    for name in ["notes", "20261125T103500Z-", "20261125T103500Z-01", "-1", "20261125T103500Z-99999999999999999999999"]
    {
        std::fs::create_dir(at.join(name)).unwrap();
    }
    std::fs::write(at.join(std::ffi::OsString::from("strange name")), "").unwrap();
    let (_, journal) = open(node.path());
    assert_eq!(journal.entries().unwrap(), records);
    assert!(journal.interrupted().unwrap().is_none());
    // A file under the name of an entry is a damaged entry.
    std::fs::write(at.join("20261125T103500Z-4"), "").unwrap();
    let now = journal.entries().unwrap();
    assert_eq!(now[..3], records);
    assert!(!now[3].damage.is_empty());
    // An entry that was renamed by hand is not another one.
    std::fs::rename(at.join(&records[0].id), at.join("20261125T103500Z-5")).unwrap();
    assert!(matches!(journal.entry("20261125T103500Z-5"), Err(JournalError::Damaged { .. })));
    assert!(Root::open(node.path()).is_ok());
}
