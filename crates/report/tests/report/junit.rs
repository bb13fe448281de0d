//! The JUnit form: what CI servers read from it, and that the strictest schema in use would take it.
#![allow(clippy::disallowed_types)] // xmllint is a program; only this test starts it

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus};
use seaworthy_model::{Kind, Report, Status, SubjectKind, Verdict};
use seaworthy_report::junit;

use super::sample;

/// Elements, the one that each stands in, and the attributes that each must and may have: what junit-10 takes, narrowed to what we
/// write. `junit.xsd` says the same for xmllint.
const ALLOWED: &[(&str, &str, &[&str], &[&str])] = &[
    ("testsuites", "", &[], &["name", "tests", "failures", "errors"]),
    ("testsuite", "testsuites", &["name", "id", "tests", "skipped", "failures", "errors"], &["timestamp", "hostname"]),
    ("properties", "testsuite", &[], &[]),
    ("property", "properties", &["name", "value"], &[]),
    ("testcase", "testsuite", &["name", "classname"], &[]),
    ("error", "testcase", &["message"], &["type"]),
    ("failure", "testcase", &["message"], &["type"]),
    ("skipped", "testcase", &["message"], &[]),
    ("system-out", "testcase", &[], &[]),
];

/// The tags of a document as they stand, without their angle brackets. Text and attributes hold none: both are escaped.
pub(crate) fn tags(document: &str) -> Vec<&str> {
    document.split('<').skip(1).map(|rest| rest.split_once('>').map_or(rest, |(tag, _)| tag)).collect()
}

/// What is wrong with the document's structure.
pub(crate) fn problems(document: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    for tag in tags(document).into_iter().filter(|tag| !tag.starts_with('?')) {
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                problems.push(format!("</{name}> closes nothing"));
            }
            continue;
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let name = tag.split(' ').next().unwrap_or(tag);
        // Of text cut at quotation marks every second piece is a value.
        let attributes: Vec<&str> = tag[name.len()..]
            .split('"')
            .step_by(2)
            .map(|a| a.trim().trim_end_matches('='))
            .filter(|a| !a.is_empty())
            .collect();
        match ALLOWED.iter().find(|(allowed, ..)| *allowed == name) {
            Some((_, parent, must, may)) => {
                if open.last().unwrap_or(&"") != parent {
                    problems.push(format!("<{name}> stands in {open:?}"));
                }
                let missing = must.iter().filter(|attribute| !attributes.contains(attribute));
                problems.extend(missing.map(|attribute| format!("<{name}> lacks {attribute}")));
                let extra = attributes.iter().filter(|attribute| !must.contains(attribute) && !may.contains(attribute));
                problems.extend(extra.map(|attribute| format!("<{name}> has {attribute}")));
            }
            None => problems.push(format!("<{name}> is no element of JUnit")),
        }
        if !empty {
            open.push(name);
        }
    }
    problems.extend(open.iter().map(|name| format!("<{name}> stays open")));
    problems
}

/// The document read back. The crate's own reader takes no time without a zone, which GitLab and Jenkins do.
fn read(mut report: Report) -> Document {
    report.time = None;
    Document::deserialize_from_str(&junit::render(&report)).unwrap()
}

fn cases(document: &Document) -> Vec<(&str, &TestCase)> {
    let of = |suite: &'_ quick_junit::TestSuite| suite.test_cases.len();
    assert!(document.test_suites.iter().all(|suite| of(suite) > 0), "Jenkins ignores a suite without cases");
    document
        .test_suites
        .iter()
        .flat_map(|suite| suite.test_cases.iter().map(|case| (suite.name.as_str(), case)))
        .collect()
}

#[test]
fn the_structure_is_what_the_strictest_reader_takes() {
    let document = junit::render(&sample::report());
    assert_eq!(problems(&document), [""; 0]);
    // And the check can fail. The first of these is what the crate that writes the XML does by itself.
    for (from, to) in [
        ("<testsuites name", "<testsuites skipped=\"3\" name"),
        (" classname=\"", " file=\""),
        ("<properties>", "<testcase name=\"a\" classname=\"b\"><properties>"),
        ("</testcase>", ""),
        ("<failure ", "<broken "),
    ] {
        let damaged = document.replacen(from, to, 1);
        assert_ne!(damaged, document, "{from}");
        assert_ne!(problems(&damaged), [""; 0], "{to}");
    }
}

#[test]
fn every_finding_is_a_case_with_its_outcome() {
    let report = sample::report();
    let document = read(report.clone());
    let cases = cases(&document);
    assert_eq!(cases.len(), report.findings.len());
    for (finding, (suite, case)) in report.findings.iter().zip(cases) {
        assert!(case.name.as_str().starts_with(&format!("{} ", finding.id)));
        assert!(suite.starts_with(&format!("{} ", finding.section)), "{suite}");
        let message = match (&case.status, finding.status) {
            (TestCaseStatus::Success { .. }, Status::Pass) => continue,
            (TestCaseStatus::NonSuccess { message, kind: NonSuccessKind::Failure, .. }, Status::Fail) => message,
            (TestCaseStatus::NonSuccess { message, kind: NonSuccessKind::Error, .. }, Status::Warn) => {
                assert_eq!((finding.verdict, finding.kind), (Verdict::Unknown, Kind::Error));
                assert_eq!(message.as_ref().unwrap().as_str(), finding.reason);
                continue;
            }
            (TestCaseStatus::Skipped { message, .. }, Status::Warn | Status::Info) => message,
            (got, status) => panic!("{} is {status} and became {got:?}", finding.id),
        };
        let message = message.as_ref().unwrap().as_str();
        if finding.status != Status::Fail {
            assert!(message.starts_with(&format!("{}: ", finding.verdict)), "{message}");
        }
        assert!(case.system_out.as_ref().unwrap().as_str().contains(&format!("rule: {}", finding.rule)));
    }
    assert_eq!((document.tests, document.failures), (report.findings.len(), report.totals.fail as usize));
    assert_eq!(document.test_suites.iter().map(|suite| suite.skipped).sum::<usize>(), 10);
    assert_eq!(document.errors, 1, "1.1.9 could not be read");
}

/// GitLab drops cases that agree in class and name, Jenkins merges them and discards suites that agree in name, id and time: of two
/// nodes, and of two clusters with nodes of one name, nothing may agree.
#[test]
fn cases_and_suites_differ_between_nodes_and_between_clusters() {
    let mut report = sample::report();
    let ours = report.findings.clone();
    for (cluster, node) in [("cluster", "node2"), ("other", "node1")] {
        report.findings.extend(ours.iter().cloned().map(|mut finding| {
            finding.identity = finding.identity.replacen("cluster", cluster, 1);
            if finding.subject.kind == SubjectKind::Node {
                finding.identity = finding.identity.replace("node1", node);
                finding.subject.name = node.into();
            } else {
                finding.subject.name = cluster.into();
                finding.id.push_str(node);
            }
            finding
        }));
    }
    let text = junit::render(&report);
    assert_eq!(problems(&text), [""; 0]);
    let document = read(report.clone());
    let cases = cases(&document);
    assert_eq!(cases.len(), report.findings.len());
    let names: BTreeSet<_> =
        cases.iter().map(|(_, case)| (case.classname.as_ref().unwrap().as_str(), case.name.as_str())).collect();
    assert_eq!(names.len(), cases.len());
    assert!(names.iter().any(|(class, _)| *class == "other.node1.API server"), "{names:?}");
    let ids: BTreeSet<&str> = text.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.len(), document.test_suites.len());
}

#[test]
fn a_time_that_is_none_is_left_out() {
    let mut report = sample::report();
    assert!(junit::render(&report).contains(" timestamp=\"2026-01-31T10:00:00\""));
    for time in [None, Some("yesterday"), Some("2026-01-31 10:00:00Z"), Some("2026-01-31T10:00:0é")] {
        report.time = time.map(Into::into);
        assert!(!junit::render(&report).contains("timestamp"), "{time:?}");
    }
}

#[test]
fn a_node_is_the_host_of_its_suites_and_a_cluster_is_none() {
    let document = junit::render(&sample::report());
    let suites: Vec<&str> = tags(&document).into_iter().filter(|tag| tag.starts_with("testsuite ")).collect();
    assert!(suites.len() > 3, "{suites:?}");
    for suite in suites {
        assert_eq!(suite.contains(" hostname=\"node1\""), suite.contains(" on node1\""), "{suite}");
        assert_eq!(!suite.contains(" hostname="), suite.contains(" on cluster\""), "{suite}");
    }
}

#[test]
fn a_report_without_findings_is_still_a_document() {
    let mut report = sample::report();
    report.findings.clear();
    assert_eq!(problems(&junit::render(&report)), [""; 0]);
}

#[test]
fn xmllint_takes_it() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/report/junit.xsd");
    let lint = |document: &str| -> Option<bool> {
        let arguments = ["--noout", "--nonet", "--schema", schema, "-"];
        let mut child =
            Command::new("xmllint").args(arguments).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        child.stdin.take().unwrap().write_all(document.as_bytes()).unwrap();
        Some(child.wait().unwrap().success())
    };
    let document = junit::render(&sample::report());
    let Some(valid) = lint(&document) else {
        println!("skipped: xmllint is not installed (libxml2-utils); the checks above hold the same rules");
        return;
    };
    assert!(valid);
    assert_eq!(lint(&document.replacen(" classname=", " file=", 1)), Some(false), "xmllint takes anything");
}
