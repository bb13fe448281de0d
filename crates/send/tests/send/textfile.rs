//! The node exporter's textfile directory.

use std::os::unix::fs::PermissionsExt;

use seaworthy_send::deliver::{deliver, keep};
use seaworthy_send::outgoing::{Outgoing, When};

use crate::sample::{QUICK, mixed, prepared, refused, send};

#[test]
fn the_file_is_replaced_and_everybody_may_read_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("seaworthy.prom");
    std::fs::write(&path, "old 1\n").unwrap();
    let sink = prepared(&format!("url = \"textfile:{}\"", path.display()), None);
    assert!(send(&sink, &mixed(), When::Changes).is_complete());
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.ends_with('\n') && !text.contains("old 1"));
    let mut samples = text.lines().filter(|line| !line.starts_with('#')).peekable();
    assert!(samples.peek().is_some());
    for line in samples {
        // A name, labels and a value; a third word would be a time.
        let after = line.rsplit_once('}').map_or(line, |(_, after)| after);
        assert_eq!(after.split_whitespace().count(), if line.contains('}') { 1 } else { 2 }, "{line}");
    }
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o644);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn of_several_the_newest_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("collector");
    let sink = prepared(&format!("url = \"textfile:{}/a.prom\"", folder.display()), Some(dir.path()));
    let mut report = mixed();
    for scan in ["scan-1", "scan-2"] {
        report.scan_id = scan.into();
        keep(&[(&sink, Outgoing::choose(&report, None, When::All, None))]).unwrap();
    }
    let outcome = deliver(&[(&sink, None)], QUICK).remove(0);
    assert_eq!((outcome.sent, outcome.left), (0, 1), "{outcome:?}");
    std::fs::create_dir(&folder).unwrap();
    let outcome = deliver(&[(&sink, None)], QUICK).remove(0);
    assert!(outcome.is_complete() && outcome.sent == 1, "{outcome:?}");
}

#[test]
fn mistakes_are_named() {
    for (lines, why) in [
        ("url = \"textfile:metrics.txt\"", ".prom"),
        ("url = \"textfile:.prom\"", ".prom"),
        ("url = \"textfile:a.prom\"\nwhen = \"changes\"", "whole reports"),
        ("url = \"textfile:a.prom\"\nmode = \"0600\"", "mode"),
    ] {
        let error = refused(lines);
        assert!(error.contains(why), "{lines}: {error}");
    }
}
