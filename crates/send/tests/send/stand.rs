//! What tests of several sinks need beside a report and a receiver: secrets in files, what lies on disk, findings that are over.

use std::path::Path;

use seaworthy_model::{Finding, Report, Verdict};
use seaworthy_report::changes::compare;
use seaworthy_send::deliver::{Outcome, Patience, Prepared, deliver, keep};
use seaworthy_send::outgoing::{Outgoing, When};
use serde_json::Value;

use crate::sample::{QUICK, finding, report};

/// A secret that may be found nowhere but in a request.
pub(crate) const TOKEN: &str = "t0k3n-of-a-test";

/// A file with [`TOKEN`], as a line of settings: `token-file = "…"`.
pub(crate) fn token(folder: &Path, key: &str) -> String {
    let path = folder.join("secret");
    std::fs::write(&path, format!("{TOKEN}\n")).unwrap();
    format!("{key} = {:?}\n", path.to_str().unwrap())
}

/// All that lies below a folder, as one text.
pub(crate) fn on_disk(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            text.push_str(&on_disk(&entry.path()));
        } else {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()));
        }
    }
    text
}

/// Sends all of a report, with more patience than any machine needs: for receivers that accept in the end.
pub(crate) fn insist(prepared: &Prepared, report: &Report) -> Outcome {
    let outgoing = || Outgoing::choose(report, None, When::All, None);
    keep(&[(prepared, outgoing())]).unwrap();
    let patience = Patience { total: std::time::Duration::from_secs(60), pause: std::time::Duration::from_millis(5) };
    deliver(&[(prepared, None)], patience).remove(0)
}

/// Sends what is in the spool.
pub(crate) fn flush(prepared: &Prepared) -> Outcome {
    deliver(&[(prepared, None)], QUICK).remove(0)
}

/// The parts of a report in which 1.2.1 is solved and 1.2.2, which failed, is gone; 1.2.3 fails anew.
pub(crate) fn over(prepared: &Prepared) -> Vec<Value> {
    let of = |scan: &str, list: &[(&str, Verdict)]| -> Report {
        let findings: Vec<Finding> = list.iter().map(|(id, verdict)| finding("node1", id, *verdict)).collect();
        report(scan, findings)
    };
    let before = of("scan-1", &[("1.2.1", Verdict::Fail), ("1.2.2", Verdict::Fail), ("1.2.3", Verdict::Pass)]);
    let after = of("scan-2", &[("1.2.1", Verdict::Pass), ("1.2.3", Verdict::Fail)]);
    let changes = compare(&before, &after);
    let outgoing = Outgoing::choose(&after, Some(&changes), When::Changes, None);
    let mut parts = Vec::new();
    prepared
        .sink
        .parts(&outgoing, &mut |part| {
            parts.push(serde_json::from_str(&part.body).unwrap());
            Ok(())
        })
        .unwrap();
    parts
}

/// A report with a finding whose evidence is longer than any receiver wants.
pub(crate) fn endless() -> Report {
    let mut long = finding("node1", "1.2.1", Verdict::Fail);
    long.evidence[0].value = "\u{e9}\u{1b}\"".repeat(40_000);
    long.resources = (0..5000)
        .map(|n| seaworthy_model::Resource {
            kind: "Pod".into(),
            namespace: Some("default".into()),
            name: format!("pod-{n}"),
            detail: "privileged".into(),
        })
        .collect();
    report("scan-1", vec![long])
}
