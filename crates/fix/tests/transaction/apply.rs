//! A repair that is done, and taken back.

use seaworthy_fix::journal::{JournalError, State};
use seaworthy_fix::transaction::{End, Refused};

use super::bench::{Bench, NOTE, about, change, done};

const CNI: &str = "/etc/cni/net.d/10-bridge.conflist";

#[test]
fn a_mode_is_changed_verified_remembered_and_taken_back_exactly() {
    let bench = Bench::new();
    let before = bench.everything();
    let plan = bench.plan(&["1.1.9"]);
    assert_eq!((bench.mode(CNI), plan.changes.len()), (0o644, 1), "{:?}", plan.left_out);
    let id = done(bench.apply(&plan));
    assert_eq!(bench.mode(CNI), 0o600);
    let report = bench.report();
    let finding = report.findings.iter().find(|finding| finding.id == "1.1.9").unwrap();
    assert_eq!(finding.verdict, seaworthy_model::Verdict::Pass);
    let records = bench.journal().entries().unwrap();
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!((record.id.as_str(), record.state.as_ref()), (id.as_str(), Some(&State::Done)));
    assert_eq!(record.about.as_ref().map(|about| about.who.as_str()), Some("somebody"));
    assert_eq!(record.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), [CNI]);
    let undone = done(bench.undo(&id));
    assert_eq!(bench.everything(), before);
    assert_eq!(bench.states(), ["undone", "done"]);
    // Taken back twice is nothing; the taking back can itself be taken back.
    let again = bench.undo(&id).unwrap_err().to_string();
    assert!(again.contains("is undone: there is nothing to take back"), "{again}");
    done(bench.undo(&undone));
    assert_eq!(bench.mode(CNI), 0o600);
}

#[test]
fn files_are_made_edited_and_taken_back_exactly() {
    let bench = Bench::new();
    let before = bench.everything();
    let mut directory = change(&bench, "/etc/kubernetes/new", "");
    directory.action = seaworthy_fix::plan::Action::MakeDirectory;
    (directory.wanted.content, directory.wanted.mode) = (None, Some(0o700));
    let made = change(&bench, "/etc/kubernetes/new/file.yaml", "a: 1\n");
    let edited = change(&bench, NOTE, "new\n");
    let id = done(bench.apply(&bench.plan_of(vec![directory, made, edited])));
    assert_eq!(bench.text(NOTE), "new\n");
    assert_eq!(
        (bench.text("/etc/kubernetes/new/file.yaml").as_str(), bench.mode("/etc/kubernetes/new")),
        ("a: 1\n", 0o700)
    );
    done(bench.undo(&id));
    assert_eq!(bench.everything(), before);
}

#[test]
fn what_was_changed_since_the_plan_stops_the_repair() {
    let bench = Bench::new();
    let plan = bench.plan_of(vec![change(&bench, NOTE, "new\n")]);
    std::fs::write(bench.path(NOTE), "somebody's\n").unwrap();
    let error = bench.apply(&plan).unwrap_err();
    assert!(matches!(&error, Refused::Changed { path } if path == NOTE), "{error}");
    assert!(error.to_string().contains("plan again"));
    // A file that came into being where none was, and one that is gone.
    let plan = bench.plan_of(vec![change(&bench, "/etc/kubernetes/late.yaml", "ours\n")]);
    std::fs::write(bench.path("/etc/kubernetes/late.yaml"), "theirs\n").unwrap();
    assert!(matches!(bench.apply(&plan).unwrap_err(), Refused::Changed { .. }));
    let plan = bench.plan_of(vec![change(&bench, NOTE, "new\n")]);
    std::fs::remove_file(bench.path(NOTE)).unwrap();
    assert!(matches!(bench.apply(&plan).unwrap_err(), Refused::Changed { .. }));
    assert!(bench.states().is_empty(), "nothing was begun");
}

#[test]
fn undo_is_refused_where_it_would_lose_somebodys_work() {
    let bench = Bench::new();
    let id = done(bench.apply(&bench.plan_of(vec![change(&bench, NOTE, "new\n")])));
    std::fs::write(bench.path(NOTE), "new\nand more\n").unwrap();
    let error = bench.undo(&id).unwrap_err().to_string();
    assert!(error.contains(NOTE) && error.contains("would lose that") && error.contains("+and more"), "{error}");
    assert_eq!(bench.text(NOTE), "new\nand more\n");
    assert!(matches!(bench.undo("20260101T000000Z-9"), Err(Refused::Journal(JournalError::Unknown { .. }))));
}

#[test]
fn two_repairs_at_once_are_refused() {
    let bench = Bench::new();
    let journal = bench.journal();
    let lock = journal.lock().unwrap();
    let plan = bench.plan(&["1.1.9"]);
    let error = bench.apply(&plan).unwrap_err();
    assert!(matches!(error, Refused::Journal(JournalError::Busy { .. })), "{error}");
    assert!(matches!(bench.recover().unwrap_err(), Refused::Journal(JournalError::Busy { .. })));
    assert_eq!(bench.mode(CNI), 0o644);
    drop(lock);
    done(bench.apply(&plan));
}

#[test]
fn after_a_crash_nothing_is_repaired_before_it_is_recovered() {
    let bench = Bench::new();
    let before = bench.everything();
    let plan = bench.plan(&["1.1.9"]);
    // What a crash after the first write leaves.
    let journal = bench.journal();
    let lock = journal.lock().unwrap();
    let snapshot = bench.root.snapshot(NOTE).unwrap();
    let written = serde_json::json!({ "written": { NOTE: sha("half\n") } });
    let mut entry = journal.begin(&lock, about("a crash"), &written, vec![snapshot]).unwrap();
    entry.state(State::Changing).unwrap();
    std::fs::write(bench.path(NOTE), "half\n").unwrap();
    let id = entry.id().to_owned();
    drop((entry, lock));
    let error = bench.apply(&plan).unwrap_err();
    assert!(matches!(&error, Refused::Journal(JournalError::Interrupted { id: found }) if *found == id), "{error}");
    assert!(error.to_string().contains("seaworthy fix --recover"), "{error}");
    let Some(End::RolledBack { id: back, why, .. }) = bench.recover().unwrap() else { panic!() };
    assert_eq!((back, why.as_str()), (id, "interrupted while it was changing"));
    assert_eq!(bench.everything(), before);
    assert_eq!(bench.recover().unwrap(), None, "there is nothing more to recover");
    done(bench.apply(&plan));
    assert_eq!(bench.states(), ["rolled-back", "done"]);
}

fn sha(text: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn without_a_journal_there_is_nothing_to_recover_or_to_take_back() {
    let bench = Bench::new();
    assert!(matches!(bench.recover().unwrap_err(), Refused::Journal(JournalError::Absent { .. })));
    assert!(matches!(bench.undo("20260101T000000Z-1").unwrap_err(), Refused::Journal(JournalError::Absent { .. })));
}
