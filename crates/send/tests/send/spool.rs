//! The spool by itself: order, bounds, and what a crash leaves.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use seaworthy_send::sink::{Batch, Part};
use seaworthy_send::spool::{Spool, SpoolError, private, whole};

/// More than any test here needs.
const AMPLE: u64 = 1 << 20;

/// A batch of so many parts, whose ids are of no other number.
fn batch(number: usize, parts: usize) -> Batch {
    let part = |n| Part { id: format!("{number}-{n}"), body: format!("{{\"n\":\"{number}-{n}\u{0}\n\"}}") };
    Batch { parts: (0..parts).map(part).collect() }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Takes everything out, in order.
fn rest(spool: &mut Spool) -> Vec<Batch> {
    let mut list = Vec::new();
    while let Some(batch) = spool.first().unwrap() {
        list.push(batch);
        spool.remove_first().unwrap();
    }
    list
}

#[derive(Debug, Clone)]
enum Act {
    Push(usize),
    Remove,
    /// So many parts of the first have arrived.
    Arrived(usize),
    /// The process ends, and another begins.
    Reopen,
    /// It ended after it had written what is left, and before it removed what was there.
    CrashInReplace,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (1_usize..4).prop_map(Act::Push),
        2 => Just(Act::Remove),
        2 => (1_usize..3).prop_map(Act::Arrived),
        1 => Just(Act::Reopen),
        1 => Just(Act::CrashInReplace),
    ];
    proptest::collection::vec(act, 1..16)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_it_is_a_queue(acts in acts()) {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("spool");
        let mut spool = Spool::open(&folder, AMPLE).unwrap();
        let mut model: VecDeque<Batch> = VecDeque::new();
        for (number, act) in acts.into_iter().enumerate() {
            match act {
                Act::Push(parts) => {
                    spool.push(&batch(number, parts)).unwrap();
                    // Once more is no second time.
                    spool.push(&batch(number, parts)).unwrap();
                    model.push_back(batch(number, parts));
                }
                Act::Remove => {
                    let parts = spool.remove_first().unwrap();
                    prop_assert_eq!(parts, model.pop_front().map_or(0, |batch| batch.parts.len() as u64));
                }
                Act::Arrived(count) => {
                    if let Some(first) = model.front_mut().filter(|first| first.parts.len() > count) {
                        first.parts.drain(..count);
                        spool.replace_first(first).unwrap();
                    }
                }
                Act::Reopen => {
                    drop(spool);
                    spool = Spool::open(&folder, AMPLE).unwrap();
                }
                Act::CrashInReplace => {
                    let Some(first) = model.front().filter(|first| first.parts.len() > 1).cloned() else { continue };
                    let old = names(&folder).into_iter().find(|name| name.contains(&first.id())).unwrap();
                    let bytes = std::fs::read(folder.join(&old)).unwrap();
                    let left = Batch { parts: first.parts[1..].to_vec() };
                    spool.replace_first(&left).unwrap();
                    std::fs::write(folder.join(&old), bytes).unwrap();
                    drop(spool);
                    spool = Spool::open(&folder, AMPLE).unwrap();
                    // Two files of one number: what is left counts, and the rest is not sent again.
                    model[0] = left;
                }
            }
            prop_assert_eq!(spool.len(), model.len());
            prop_assert_eq!(spool.first().unwrap(), model.front().cloned());
            let parts: usize = model.iter().map(|batch| batch.parts.len()).sum();
            prop_assert_eq!(spool.events().0, parts as u64);
        }
        drop(spool);
        let mut spool = Spool::open(&folder, AMPLE).unwrap();
        prop_assert_eq!(rest(&mut spool), Vec::from(model));
        prop_assert_eq!(spool.events(), (0, 0));
        prop_assert_eq!(names(&folder), ["lock"]);
    }

    #[test]
    fn it_has_never_more_than_it_may_and_every_event_is_accounted_for(sizes in proptest::collection::vec(1_usize..20, 1..12)) {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(dir.path().join("spool").as_path(), 2000).unwrap();
        for (number, size) in sizes.iter().enumerate() {
            spool.push(&batch(number, *size)).unwrap();
            prop_assert!(spool.events().1 <= 2000 || spool.len() == 1);
        }
        let all: usize = sizes.iter().sum();
        prop_assert_eq!(spool.events().0 + spool.dropped().events, all as u64);
        let newest = sizes.len() - 1;
        prop_assert_eq!(rest(&mut spool).pop(), Some(batch(newest, sizes[newest])));
    }
}

#[test]
fn only_one_has_it_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("spool");
    let first = Spool::open(&folder, AMPLE).unwrap();
    assert!(matches!(Spool::open(&folder, AMPLE), Err(SpoolError::Busy(_))));
    drop(first);
    Spool::open(&folder, AMPLE).unwrap();
}

#[test]
fn what_a_crash_left_unfinished_was_never_kept() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("spool");
    let mut spool = Spool::open(&folder, AMPLE).unwrap();
    spool.push(&batch(1, 2)).unwrap();
    drop(spool);
    std::fs::write(folder.join("000000000001-0123.tmp"), "{\"schema\":1,\"ba").unwrap();
    std::fs::write(folder.join("notes.txt"), "not ours").unwrap();
    let mut spool = Spool::open(&folder, AMPLE).unwrap();
    assert_eq!(spool.dropped().damaged, 0);
    assert!(!names(&folder).iter().any(|name| name.ends_with(".tmp")));
    // Numbers go on after those that are there: what is new stays behind what is old.
    spool.push(&batch(2, 1)).unwrap();
    assert_eq!(rest(&mut spool), [batch(1, 2), batch(2, 1)]);
    assert!(names(&folder).contains(&"notes.txt".to_owned()));
}

#[test]
fn a_file_that_somebody_removed_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("spool");
    let mut spool = Spool::open(&folder, AMPLE).unwrap();
    spool.push(&batch(1, 1)).unwrap();
    spool.push(&batch(2, 1)).unwrap();
    std::fs::remove_file(folder.join(names(&folder)[0].as_str())).unwrap();
    assert_eq!(spool.first().unwrap(), Some(batch(2, 1)));
    assert_eq!((spool.len(), spool.dropped().damaged), (1, 1));
}

#[test]
fn files_of_another_version_or_without_parts_are_set_aside_not_sent() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("spool");
    drop(Spool::open(&folder, AMPLE).unwrap());
    for (n, text) in [
        "",
        "[]",
        "{\"schema\":2,\"batch\":{\"parts\":[{\"id\":\"a\",\"body\":\"b\"}]}}",
        "{\"schema\":1,\"batch\":{\"parts\":[]}}",
    ]
    .iter()
    .enumerate()
    {
        std::fs::write(folder.join(format!("{n:012}-x.json")), text).unwrap();
    }
    let mut spool = Spool::open(&folder, AMPLE).unwrap();
    assert_eq!((spool.first().unwrap(), spool.dropped().damaged), (None, 4));
    spool.told();
    assert_eq!(spool.dropped().damaged, 0);
    assert_eq!(names(&folder).iter().filter(|name| name.ends_with(".damaged")).count(), 4);
}

#[test]
fn it_is_for_our_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("spool");
    let mut spool = Spool::open(&folder, AMPLE).unwrap();
    spool.push(&batch(1, 1)).unwrap();
    assert_eq!(mode(&folder), 0o700);
    let file = names(&folder).into_iter().find(|name| name.ends_with(".json")).unwrap();
    assert_eq!(mode(&folder.join(file)), 0o600);
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    assert!(private(&folder).is_err(), "others could put results of their own there");
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(dir.path(), &link).unwrap();
    assert!(private(&link).is_err(), "a link may point anywhere");
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    whole(&path, b"old").unwrap();
    // The name beside is taken by a folder: nothing can be written.
    std::fs::create_dir(dir.path().join("file.tmp")).unwrap();
    assert!(whole(&path, b"new").is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
}

#[test]
fn a_clock_that_was_wrong_silences_nobody_for_years() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(&dir.path().join("spool"), AMPLE).unwrap();
    assert_eq!(spool.rest(), None);
    spool.leave_alone(Duration::from_secs(100));
    assert!(spool.rest().is_some_and(|rest| rest <= Duration::from_secs(101)));
    let file = dir.path().join("spool/not-before");
    for (text, most) in [("99999999999", Some(Duration::from_secs(86_400))), ("1000", None), ("soon", None), ("", None)]
    {
        std::fs::write(&file, text).unwrap();
        assert_eq!(spool.rest(), most, "{text}");
    }
    spool.leave_alone(Duration::ZERO);
    assert!(!file.exists());
}
