//! A repair that fails in the middle: either all is as it was, or it is said what is not.

use std::cell::Cell;
use std::os::unix::fs::{PermissionsExt, symlink};

use seaworthy_fix::transaction::{End, Refused};

use super::bench::{Bench, NOTE, change, owner};

const LATE: &str = "/etc/kubernetes/late/file.yaml";

/// Two changes in two directories: the node's note, and a new file.
fn bench() -> Bench {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("/etc/kubernetes/late")).unwrap();
    bench
}

/// Carries both out, and does something to the node before the second one.
fn disturbed(bench: &Bench, disturb: &dyn Fn() -> Option<&'static str>) -> Result<End, Refused> {
    let plan = bench.plan_of(vec![change(bench, NOTE, "new\n"), change(bench, LATE, "late\n")]);
    let steps = Cell::new(0);
    bench.apply_with(&plan, &|| {
        steps.set(steps.get() + 1);
        // The first step is done by then.
        (steps.get() == 2).then(|| assert_eq!(bench.text(NOTE), "new\n"))?;
        disturb()
    })
}

#[track_caller]
fn rolled_back(end: Result<End, Refused>, part: &str) {
    match end.unwrap() {
        End::RolledBack { why, .. } => assert!(why.contains(part), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn stuck(end: Result<End, Refused>, part: &str) {
    match end.unwrap() {
        End::Stuck { what, .. } => assert!(what.iter().any(|what| what.contains(part)), "{what:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_signal_in_the_middle_puts_back_what_was_there() {
    let bench = bench();
    let before = bench.everything();
    rolled_back(disturbed(&bench, &|| Some("SIGTERM")), "interrupted by SIGTERM");
    assert_eq!(bench.everything(), before);
    assert_eq!(bench.states(), ["rolled-back"]);
}

#[test]
fn a_signal_before_the_first_step_changes_nothing() {
    let bench = bench();
    let before = bench.everything();
    let plan = bench.plan_of(vec![change(&bench, NOTE, "new\n")]);
    rolled_back(bench.apply_with(&plan, &|| Some("SIGHUP")), "interrupted by SIGHUP");
    assert_eq!(bench.everything(), before);
}

#[test]
fn a_directory_that_came_in_the_way_is_no_reason_to_stop_halfway() {
    let bench = bench();
    let before = bench.everything();
    let end = disturbed(&bench, &|| {
        std::fs::create_dir(bench.path(LATE)).unwrap();
        None
    });
    rolled_back(end, LATE);
    assert_eq!(bench.everything(), before);
}

#[test]
fn a_directory_that_may_not_be_written_puts_the_rest_back() {
    if owner() == 0 {
        println!("root may write everywhere: not looked at");
        return;
    }
    let bench = bench();
    let before = bench.everything();
    let late = bench.path("/etc/kubernetes/late");
    let mode = |mode| std::fs::set_permissions(&late, std::fs::Permissions::from_mode(mode)).unwrap();
    let end = disturbed(&bench, &|| {
        mode(0o555);
        None
    });
    mode(0o755);
    rolled_back(end, "file.yaml");
    assert_eq!(bench.everything(), before);
}

#[test]
fn a_link_in_the_way_is_not_followed() {
    let bench = bench();
    let end = disturbed(&bench, &|| {
        symlink("/etc/passwd", bench.path(LATE)).unwrap();
        None
    });
    stuck(end, LATE);
    assert_eq!(bench.text(NOTE), "old\n", "the rest is put back");
    assert!(bench.path(LATE).is_symlink(), "the link is somebody's, and stays");
    // Before the first change it is refused as a whole.
    let plan = bench.plan_of(vec![change(&bench, NOTE, "new\n")]);
    std::fs::remove_file(bench.path(LATE)).unwrap();
    assert!(matches!(bench.recover().unwrap(), Some(End::RolledBack { .. })));
    std::fs::remove_file(bench.path(NOTE)).unwrap();
    symlink("/etc/passwd", bench.path(NOTE)).unwrap();
    let refused = bench.apply(&plan).unwrap_err();
    assert!(matches!(refused, Refused::Write(_)) && refused.to_string().contains("link"), "{refused}");
}

#[test]
fn somebody_elses_change_is_left_alone_and_told() {
    let bench = bench();
    let plan = bench.plan_of(vec![change(&bench, NOTE, "new\n"), change(&bench, LATE, "late\n")]);
    let steps = Cell::new(0);
    let end = bench.apply_with(&plan, &|| {
        steps.set(steps.get() + 1);
        if steps.get() == 2 {
            std::fs::write(bench.path(NOTE), "theirs\n").unwrap();
            return Some("SIGINT");
        }
        None
    });
    stuck(end, &format!("{NOTE} was changed by somebody else meanwhile, and is left as it is"));
    assert_eq!(bench.text(NOTE), "theirs\n");
    assert_eq!(bench.states(), ["roll-back-failed"]);
    // It is not forgotten, and goes on when the cause is mended.
    stuck(bench.recover().map(Option::unwrap), NOTE);
    std::fs::write(bench.path(NOTE), "new\n").unwrap();
    assert!(matches!(bench.recover().unwrap(), Some(End::RolledBack { .. })));
    assert_eq!(bench.text(NOTE), "old\n");
}

/// An editor that saves before the repair writes: nothing of the repair is in that file, so there is nothing to mend in it.
#[test]
fn somebody_who_was_faster_does_not_leave_a_repair_that_never_ends() {
    let bench = bench();
    let plan = bench.plan_of(vec![change(&bench, LATE, "late\n"), change(&bench, NOTE, "new\n")]);
    let steps = Cell::new(0);
    let end = bench.apply_with(&plan, &|| {
        steps.set(steps.get() + 1);
        if steps.get() == 2 {
            std::fs::write(bench.path(NOTE), "theirs\n").unwrap();
        }
        None
    });
    match end.unwrap() {
        End::RolledBack { why, notes, .. } => {
            assert!(why.contains("changed by somebody else"), "{why}");
            assert_eq!(notes, [format!("{NOTE} was changed by somebody else meanwhile, and is left as it is")]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(bench.text(NOTE), "theirs\n");
    assert!(!bench.path(LATE).exists());
    assert_eq!(bench.states(), ["rolled-back"]);
}

#[test]
fn a_change_while_it_was_verified_is_not_called_done() {
    let bench = bench();
    let before = bench.everything();
    // The plan says that an item passes afterwards that it does nothing for.
    let mut plan = bench.plan_of(vec![change(&bench, NOTE, "new\n")]);
    plan.fixes = bench.plan(&["1.1.9"]).fixes;
    rolled_back(bench.apply(&plan), "1.1.9 does not pass after the repair");
    assert_eq!(bench.everything(), before);
    // A repair that makes another finding worse is put back too.
    let mut worse = change(&bench, "/etc/kubernetes/scheduler.conf", &bench.text("/etc/kubernetes/scheduler.conf"));
    worse.wanted.mode = Some(0o666);
    let mut plan = bench.plan(&["1.1.9"]);
    plan.changes.push(worse);
    rolled_back(bench.apply(&plan), "1.1.15 got worse");
    assert_eq!(bench.everything(), before);
}
