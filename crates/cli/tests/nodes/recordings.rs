//! The three recorded nodes: the verdict of every check, written down by reading the recordings, and where and why kube-bench says
//! something else.

#[path = "recordings_verdicts.rs"]
mod verdicts;

use std::collections::BTreeMap;

use seaworthy_engine::Options;
use seaworthy_model::{Finding, Report, Status, Verdict};

use crate::node::{catalogue, collect};
use verdicts::{Difference, HARD, PLAIN, Recording, WORKING};

fn ids(list: &str) -> impl Iterator<Item = &str> {
    list.split_ascii_whitespace()
}

fn judge(recording: &Recording, benchmark: Option<&str>) -> Report {
    let options = Options { benchmark: benchmark.map(str::to_owned), ..Options::default() };
    seaworthy_engine::judge(&collect(recording.archive), catalogue(), &options).expect("a report")
}

/// Every check has the verdict that is written down, under the benchmark that fits and under the older one.
fn holds(recording: &Recording) {
    let mut wanted = BTreeMap::new();
    for (verdict, list) in recording.verdicts {
        for id in ids(list) {
            assert!(wanted.insert(id, *verdict).is_none(), "{}: {id} is written down twice", recording.name);
        }
    }
    assert_eq!(wanted.len(), 131, "{}", recording.name);
    for (benchmark, chosen) in [(None, "cis-2.0.1"), (Some("cis-1.12"), "cis-1.12")] {
        let report = judge(recording, benchmark);
        assert_eq!(report.header.benchmark.id, chosen, "{}", recording.name);
        assert_eq!(report.findings.len(), 131, "{}", recording.name);
        let wrong: Vec<String> = report
            .findings
            .iter()
            .filter(|f| wanted.get(f.id.as_str()) != Some(&f.verdict))
            .map(|f| format!("{} is {}, wanted {:?}: {}", f.id, f.verdict, wanted.get(f.id.as_str()), f.reason))
            .collect();
        assert!(wrong.is_empty(), "{} by {chosen}:\n{}", recording.name, wrong.join("\n"));
    }
}

/// Where our word is not kube-bench's, the difference is in the list; and every entry of the list is one.
fn explains_every_difference(recording: &Recording) {
    let report = judge(recording, Some("cis-1.12"));
    let theirs: BTreeMap<&str, (&str, &str)> = recording
        .kube_bench
        .lines()
        .map(|line| {
            let words: Vec<&str> = ids(line).collect();
            (words[0], (words[1], words[2]))
        })
        .collect();
    assert_eq!(theirs.len(), 131);
    let mut listed: BTreeMap<&str, &Difference> = BTreeMap::new();
    for difference in recording.differences {
        assert!(difference.because.len() > 30, "{}", difference.checks);
        for id in ids(difference.checks) {
            assert!(listed.insert(id, difference).is_none(), "{}: {id} is listed twice", recording.name);
        }
    }
    for finding in &report.findings {
        let id = finding.id.as_str();
        let (word, scored) = theirs[id];
        // The publisher calls 4.3.1 manual; kube-bench scores it all the same.
        assert_eq!(finding.scored, scored == "scored" && id != "4.3.1", "{}: {id}'s label", recording.name);
        match listed.remove(id) {
            None => assert_eq!(finding.status.as_str(), word, "{}: {}", recording.name, line(finding)),
            Some(known) => {
                assert_ne!(finding.status.as_str(), word, "{}: {} is no difference", recording.name, line(finding));
                assert_eq!(
                    (finding.status, word),
                    (known.ours, known.theirs.as_str()),
                    "{}: {}",
                    recording.name,
                    line(finding)
                );
            }
        }
    }
    assert!(listed.is_empty(), "{}: {:?} are no checks", recording.name, listed.keys());
}

fn line(finding: &Finding) -> String {
    format!("{} {} ({})", finding.id, finding.verdict, finding.reason)
}

#[test]
fn the_node_as_kubeadm_leaves_it_has_its_verdicts() {
    holds(&PLAIN);
}

#[test]
fn the_hardened_node_has_its_verdicts() {
    holds(&HARD);
}

#[test]
fn the_worker_has_its_verdicts() {
    holds(&WORKING);
}

#[test]
fn every_difference_from_kube_bench_has_its_reason() {
    for recording in [&PLAIN, &HARD, &WORKING] {
        explains_every_difference(recording);
    }
}

#[test]
fn the_header_says_by_what_and_why() {
    let report = judge(&PLAIN, None);
    assert_eq!(report.header.kubernetes.as_deref(), Some("v1.34.4"));
    assert!(report.header.benchmark.why.contains("1.34"), "{}", report.header.benchmark.why);
    // The worker's files tell no version: the header says so.
    let report = judge(&WORKING, None);
    assert_eq!(report.header.kubernetes, None);
    assert!(report.header.benchmark.why.contains("could not be found out"), "{}", report.header.benchmark.why);
}

#[test]
fn what_was_not_asked_is_unknown_and_says_that_it_needs_the_api() {
    for finding in judge(&WORKING, None).findings.iter().filter(|f| f.verdict == Verdict::Unknown) {
        assert!(finding.reason.contains("needs the Kubernetes API"), "{}", line(finding));
        assert_eq!(finding.status, Status::Warn);
    }
}

/// A reader has to find the place: the reason names a setting that nobody set, or the value of what offends, and where it was seen.
fn names_what_it_saw(finding: &Finding) -> bool {
    let reason = finding.reason.as_str();
    let value = |text: &str| !text.is_empty() && reason.contains(text);
    let place = || finding.locations.iter().any(|source| reason.contains(&source.to_string()));
    let unset = reason.contains(" is not set");
    let offender = finding.resources.iter().any(|r| value(&r.detail) && (value(&r.name) || place()));
    // Of a long list only the entry that matters is shown.
    let entry = reason.contains(" does not hold ") && place();
    unset || offender || entry
}

#[test]
fn every_fail_says_why_and_what_to_do() {
    for recording in [&PLAIN, &HARD, &WORKING] {
        for finding in judge(recording, None).findings.iter().filter(|f| f.verdict == Verdict::Fail) {
            assert!(names_what_it_saw(finding), "{}: {:?} {:?}", line(finding), finding.resources, finding.locations);
            assert!(finding.expected.len() > 8, "{}", line(finding));
            assert!(!finding.evidence.is_empty(), "{}", line(finding));
            // A file that no setting names is nowhere.
            assert!(!finding.resources.is_empty() || finding.reason.contains(" is not set"), "{}", line(finding));
            let remediation = finding.remediation.as_ref().unwrap_or_else(|| panic!("{}", line(finding)));
            assert!(remediation.summary.len() > 20, "{}: {}", line(finding), remediation.summary);
        }
    }
}

/// An argument for a file that its pod does not see keeps the API server from starting.
#[test]
fn a_remedy_that_names_a_file_says_to_write_and_mount_it_first() {
    let report = judge(&PLAIN, None);
    for (id, path) in [
        ("1.2.1", "/etc/kubernetes/authentication.yaml"),
        ("1.2.27", "/etc/kubernetes/encryption/config.yaml"),
        ("3.2.1", "/etc/kubernetes/audit/policy.yaml"),
    ] {
        let finding = report.findings.iter().find(|f| f.id == id).expect(id);
        let summary = &finding.remediation.as_ref().expect(id).summary;
        assert!(summary.starts_with(&format!("Write {path}, ")), "{id}: {summary}");
        assert!(
            summary.contains("mount it into the pod, or kube-apiserver does not start. In /etc/"),
            "{id}: {summary}"
        );
    }
}
