//! What may be forgotten.

use proptest::prelude::*;
use seaworthy_fix::journal::State;

use super::node::{about, directory, mode, open, put};

const PATHS: [&str; 3] = ["/a", "/b", "/c"];

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Done,
    RolledBack,
    Undone,
    Left,
    Failed,
}

#[derive(Debug, Clone)]
struct Repair {
    paths: Vec<&'static str>,
    end: End,
    damaged: bool,
}

fn repair() -> impl Strategy<Value = Repair> {
    let end = prop_oneof![4 => Just(End::Done), 2 => Just(End::RolledBack), 1 => Just(End::Undone)];
    let paths = prop::sample::subsequence(PATHS.to_vec(), 0..=3);
    (paths, end, prop::bool::weighted(0.2)).prop_map(|(paths, end, damaged)| Repair { paths, end, damaged })
}

/// Only the last one can have been left.
fn repairs() -> impl Strategy<Value = Vec<Repair>> {
    let last = prop::option::of(prop_oneof![Just(End::Left), Just(End::Failed)]);
    (prop::collection::vec(repair(), 0..7), last).prop_map(|(mut repairs, last)| {
        repairs.extend(last.map(|end| Repair { paths: PATHS.to_vec(), end, damaged: false }));
        repairs
    })
}

proptest! {
    #![proptest_config(super::node::cases(150))]

    #[test]
    fn the_last_good_version_of_every_file_stays(repairs in repairs(), keep in 0_usize..5) {
        let node = directory();
        mode(node.path(), 0o755);
        let (root, journal) = open(node.path());
        let lock = journal.lock().unwrap();
        let mut ids = Vec::new();
        for (number, repair) in repairs.iter().enumerate() {
            let look = || repair.paths.iter().map(|path| root.snapshot(path).unwrap()).collect::<Vec<_>>();
            let mut entry = journal.begin(&lock, about(), &serde_json::Value::Null, look()).unwrap();
            entry.state(State::Changing).unwrap();
            for path in &repair.paths {
                put(node.path(), path, format!("{number}").as_bytes(), 0o600);
            }
            let text = String::new;
            match repair.end {
                End::Done => entry.done(&look()).unwrap(),
                End::Undone => {
                    entry.done(&look()).unwrap();
                    entry.state(State::Undone { by: text() }).unwrap();
                }
                End::RolledBack => entry.state(State::RolledBack { why: text() }).unwrap(),
                End::Failed => entry.state(State::RollBackFailed { why: text(), what: text() }).unwrap(),
                End::Left => {}
            }
            if repair.damaged {
                std::fs::write(node.path().join("var/lib/seaworthy/journal").join(entry.id()).join("head"), "").unwrap();
            }
            ids.push(entry.id().to_owned());
        }
        let good = || PATHS.map(|path| journal.last_good(path));
        let was = good();
        let forgotten = journal.prune(&lock, keep).unwrap();
        prop_assert_eq!(good(), was);
        let left: Vec<String> = journal.entries().unwrap().into_iter().map(|record| record.id).collect();
        prop_assert_eq!(left.len() + forgotten.len(), ids.len());
        for (age, (id, repair)) in ids.iter().zip(&repairs).rev().enumerate() {
            let must = age < keep || matches!(repair.end, End::Left | End::Failed);
            prop_assert!(!must || left.contains(id), "{} of age {}", id, age);
        }
        // No more than what is asked for, one for every path, and the one that was left.
        prop_assert!(left.len() <= keep + PATHS.len() + 1, "{:?}", left);
        prop_assert!(journal.prune(&lock, keep).unwrap().is_empty());
        let names = std::fs::read_dir(node.path().join("var/lib/seaworthy/journal")).unwrap().count();
        prop_assert_eq!(names, left.len());
    }
}
