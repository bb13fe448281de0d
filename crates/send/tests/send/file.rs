//! Files: lines that are whole, files that are full, links that are not followed, disks without room.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use seaworthy_model::{Report, Verdict};
use seaworthy_send::deliver::{Prepared, deliver, keep};
use seaworthy_send::outgoing::{Outgoing, When};
use serde_json::Value;

use crate::sample::{QUICK, finding, mixed, prepared, refused, report, send};

fn to(path: &Path, lines: &str, state: Option<&Path>) -> Prepared {
    prepared(&format!("url = \"file:{}\"\n{lines}", path.display()), state)
}

fn values(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn many(scan: &str) -> Report {
    report(scan, (1..=200).map(|n| finding("node1", &format!("1.2.{n}"), Verdict::Fail)).collect())
}

#[test]
fn lines_are_appended() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.ndjson");
    let sink = to(&path, "", Some(dir.path()));
    assert_eq!(send(&sink, &mixed(), When::All).sent, 5);
    assert_eq!(send(&sink, &mixed(), When::Failures).sent, 1);
    let list = values(&path);
    assert_eq!(list.len(), 6);
    let states: Vec<&str> = list.iter().map(|line| line["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["open", "told", "told", "told", "told", "open"]);
    assert_eq!((list[0]["event"].as_str().unwrap().len(), &list[0]["event"]), (64, &list[5]["event"]));
    // The line is the report's own.
    assert_eq!(list[0]["identity"], "c1/node1/cis-2.0.1/1.2.1");
    assert_eq!(list[0]["evidence"][0]["value"], crate::sample::HOSTILE);
    assert_eq!(mode(&path), 0o640);
    let private = dir.path().join("private");
    send(&to(&private, "mode = \"0600\"", None), &mixed(), When::All);
    assert_eq!(mode(&private), 0o600);
}

#[test]
fn what_is_solved_or_gone_is_told_as_such() {
    let before = report("a", vec![finding("node1", "1.2.1", Verdict::Fail), finding("node1", "1.2.2", Verdict::Fail)]);
    let after = report("b", vec![finding("node1", "1.2.1", Verdict::Pass)]);
    let changes = seaworthy_report::changes::compare(&before, &after);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    let outgoing = Outgoing::choose(&after, Some(&changes), When::Changes, None);
    assert!(deliver(&[(&to(&path, "", None), Some(outgoing))], QUICK)[0].is_complete());
    let told: Vec<_> = values(&path).iter().map(|line| (line["state"].clone(), line["change"].clone())).collect();
    assert_eq!(told, [("solved".into(), "solved".into()), ("gone".into(), "gone".into())]);
}

#[test]
fn a_line_that_was_left_in_the_middle_is_not_continued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    std::fs::write(&path, "{\"half\":").unwrap();
    assert_eq!(send(&to(&path, "", None), &mixed(), When::All).sent, 5);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 6);
    assert!(text.lines().skip(1).all(|line| serde_json::from_str::<Value>(line).is_ok()));
}

#[test]
fn files_that_are_full_are_moved() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    let sink = to(&path, "rotate-bytes = 65536\nrotate-count = 2", Some(dir.path()));
    for n in 0..4 {
        assert!(send(&sink, &many(&format!("scan-{n}")), When::All).is_complete());
    }
    let mut sizes = Vec::new();
    let mut last = String::from("scan-9");
    for file in [path.clone(), dir.path().join("out.1"), dir.path().join("out.2")] {
        sizes.push(std::fs::metadata(&file).unwrap().len());
        let list = values(&file);
        // The newest are in the file itself, and within a file they are in order.
        let scans: Vec<String> = list.iter().map(|line| line["scan_id"].as_str().unwrap().to_owned()).collect();
        assert!(scans.is_sorted() && scans.last().unwrap() <= &last, "{scans:?}");
        last = scans[0].clone();
    }
    assert!(sizes.iter().all(|size| *size <= 65_536), "{sizes:?}");
    assert!(!dir.path().join("out.3").exists());
    let none = dir.path().join("none");
    let sink = to(&none, "rotate-bytes = 65536\nrotate-count = 0", None);
    (0..3).for_each(|n| drop(send(&sink, &many(&format!("{n}")), When::All)));
    assert!(none.exists() && !dir.path().join("none.1").exists());
}

#[test]
fn several_processes_lose_and_mix_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    std::thread::scope(|scope| {
        for n in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let sink = to(path, "rotate-bytes = 65536\nrotate-count = 100\nbatch-count = 10", None);
                let outcome = send(&sink, &many(&format!("scan-{n}")), When::All);
                assert!(outcome.is_complete(), "{outcome:?}");
            });
        }
    });
    let mut events = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let list = values(&entry.unwrap().path());
        events.extend(list.iter().map(|line| line["event"].as_str().unwrap().to_owned()));
    }
    assert_eq!(events.len(), 800);
}

#[test]
fn a_report_in_a_format_replaces_the_last_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    std::fs::write(&path, "old").unwrap();
    let before = std::fs::File::open(&path).unwrap();
    assert!(send(&to(&path, "format = \"json\"", Some(dir.path())), &mixed(), When::Changes).is_complete());
    let report: Report = seaworthy_report::json::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(report, mixed());
    assert_eq!(mode(&path), 0o640);
    // Who has the old one open reads the old one.
    assert_eq!(std::io::read_to_string(before).unwrap(), "old");
    let names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.iter().filter(|name| name.to_string_lossy().contains("report")).count(), 1, "{names:?}");
}

#[test]
fn of_whole_reports_the_newest_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("later");
    let sink = to(&folder.join("report.json"), "format = \"json\"", Some(dir.path()));
    for scan in ["scan-1", "scan-2"] {
        let report = many(scan);
        keep(&[(&sink, Outgoing::choose(&report, None, When::All, None))]).unwrap();
    }
    let outcome = deliver(&[(&sink, None)], QUICK).remove(0);
    assert_eq!((outcome.sent, outcome.left), (0, 1), "{outcome:?}");
    std::fs::create_dir(&folder).unwrap();
    assert!(deliver(&[(&sink, None)], QUICK)[0].is_complete());
    assert!(std::fs::read_to_string(folder.join("report.json")).unwrap().contains("scan-2"));
}

#[test]
fn no_link_is_followed() {
    let dir = tempfile::tempdir().unwrap();
    let (target, link) = (dir.path().join("shadow"), dir.path().join("out"));
    std::fs::write(&target, "root:x").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let outcome = send(&to(&link, "", None), &mixed(), When::All);
    assert_eq!(outcome.lost, 5);
    assert!(outcome.trouble.unwrap().contains("symbolic link"));
    // Where nothing is yet, nothing is made either.
    std::fs::remove_file(&target).unwrap();
    send(&to(&link, "", None), &mixed(), When::All);
    assert!(!target.exists());
    // A file that is replaced takes the link's place.
    std::fs::write(&target, "root:x").unwrap();
    assert!(send(&to(&link, "format = \"json\"", None), &mixed(), When::All).is_complete());
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "root:x");
    assert!(!std::fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn a_disk_without_room_keeps_all_in_the_spool() {
    let dir = tempfile::tempdir().unwrap();
    let sink = to(Path::new("/dev/full"), "", Some(dir.path()));
    let outcome = send(&sink, &mixed(), When::All);
    assert_eq!((outcome.sent, outcome.left), (0, 5), "{outcome:?}");
    assert!(outcome.trouble.unwrap().contains("No space left"));
}

#[test]
fn what_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    for (path, why) in [(dir.path().to_owned(), "directory"), (dir.path().join("none/out"), "No such file")] {
        let outcome = send(&to(&path, "", None), &mixed(), When::All);
        assert!(outcome.trouble.as_ref().unwrap().contains(why), "{outcome:?}");
    }
    let outcome = send(&to(dir.path(), "format = \"json\"", None), &mixed(), When::All);
    assert!(outcome.trouble.unwrap().contains("no file"));
}

#[test]
fn mistakes_are_named() {
    for (lines, why) in [
        ("format = \"xml\"", "no format \"xml\""),
        ("rotate-bytes = 10", "at least"),
        ("rotate-count = 10", "rotate-bytes"),
        ("format = \"json\"\nrotate-bytes = 100000", "rotate-bytes"),
        ("format = \"json\"\nwhen = \"changes\"", "whole reports"),
        ("mode = \"0666\"", "mode"),
        ("mode = \"rw\"", "mode"),
        ("mode = \"0755\"", "mode"),
        ("index = \"x\"", "index"),
    ] {
        let error = refused(&format!("url = \"file:x\"\n{lines}"));
        assert!(error.contains(why), "{lines}: {error}");
    }
    for lines in ["mode = \"0600\"", "rotate-bytes = 100000"] {
        refused(&format!("url = \"file:-\"\n{lines}"));
    }
}
