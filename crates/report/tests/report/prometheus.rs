//! The metrics: that they can be read, that no series stands twice, and that they say what the report says.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use seaworthy_model::{Report, Status, Verdict};
use seaworthy_report::{changes, format::Context, prometheus};

use super::hostile::{acts, hostile_text, report_with};
use super::{fleet, sample};

type Labels = BTreeMap<String, String>;

/// Metrics by name, each with its series. Read by the format's rules, strictly: what is not allowed panics.
pub(crate) fn read(text: &str) -> BTreeMap<String, Vec<(Labels, f64)>> {
    let mut families: BTreeMap<String, Vec<(Labels, f64)>> = BTreeMap::new();
    let mut lines = text.strip_suffix('\n').unwrap().split('\n').peekable();
    while let Some(line) = lines.next() {
        let (name, help) = line.strip_prefix("# HELP ").unwrap().split_once(' ').unwrap();
        assert!(!help.is_empty());
        assert_eq!(lines.next().unwrap(), format!("# TYPE {name} gauge"));
        let mut samples: Vec<(Labels, f64)> = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            let (labels, value) = sample_of(line.strip_prefix(name).unwrap());
            assert!(samples.iter().all(|(known, _)| *known != labels), "twice: {line}");
            samples.push((labels, value));
        }
        assert!(families.insert(name.to_owned(), samples).is_none(), "{name} stands apart");
    }
    families
}

fn sample_of(line: &str) -> (Labels, f64) {
    let mut labels = Labels::new();
    let Some(mut rest) = line.strip_prefix('{') else { return (labels, line.trim_start().parse().unwrap()) };
    loop {
        let (name, after) = rest.split_once("=\"").unwrap();
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
        let (mut value, mut chars) = (String::new(), after.chars());
        loop {
            match chars.next().unwrap() {
                '"' => break,
                '\\' => value.push(match chars.next().unwrap() {
                    'n' => '\n',
                    c @ ('\\' | '"') => c,
                    c => panic!("\\{c}"),
                }),
                c => value.push(c),
            }
        }
        assert!(labels.insert(name.to_owned(), value).is_none(), "{name} twice");
        rest = chars.as_str();
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return (labels, rest.strip_prefix("} ").unwrap().parse().unwrap()),
        }
    }
}

fn metrics(report: &Report) -> BTreeMap<String, Vec<(Labels, f64)>> {
    read(&prometheus::render(report, &Context::default()))
}

fn sum(series: &[(Labels, f64)], label: &str, value: &str) -> f64 {
    series.iter().filter(|(labels, _)| labels.get(label).is_some_and(|v| v == value)).map(|(_, value)| value).sum()
}

#[test]
fn each_finding_is_a_series_with_its_identity() {
    let report = sample::report();
    let metrics = metrics(&report);
    let checks = &metrics["seaworthy_check_status"];
    assert_eq!(checks.len(), report.findings.len());
    for (finding, (labels, value)) in report.findings.iter().zip(checks) {
        assert_eq!(*value, 1.0);
        let node = labels.get("node").map_or("node1", String::as_str);
        let parts = [&labels["cluster"], node, &labels["benchmark"], &labels["check"]];
        assert_eq!(parts.join("/"), finding.identity);
        assert_eq!(labels["status"], finding.status.as_str().to_lowercase());
        assert_eq!(labels["verdict"], finding.verdict.as_str());
    }
}

#[test]
fn the_counts_are_those_of_the_report() {
    for report in [sample::report(), fleet::report()] {
        let metrics = metrics(&report);
        let (checks, verdicts) = (&metrics["seaworthy_checks"], &metrics["seaworthy_verdicts"]);
        let totals = report.totals;
        for (word, count) in
            [("pass", totals.pass), ("fail", totals.fail), ("warn", totals.warn), ("info", totals.info)]
        {
            assert_eq!(sum(checks, "status", word), f64::from(count), "{word}");
        }
        for (word, count) in [("unknown", totals.unknown), ("manual", totals.manual), ("fail", totals.failed)] {
            assert_eq!(sum(verdicts, "verdict", word), f64::from(count), "{word}");
        }
        let set_aside =
            report.findings.iter().filter(|f| f.status == Status::Info && f.verdict != Verdict::NotApplicable);
        let all: f64 = verdicts.iter().map(|(_, value)| value).sum();
        assert_eq!(all + set_aside.count() as f64, f64::from(totals.total()));
        let only = |name: &str| metrics[name].iter().map(|(_, value)| *value).collect::<Vec<_>>();
        assert_eq!(only("seaworthy_nodes_expected"), [3.0]);
        assert_eq!(only("seaworthy_nodes_received"), [2.0]);
        assert_eq!(only("seaworthy_node_missing"), [1.0]);
        assert_eq!(only("seaworthy_scan_timestamp_seconds"), [1_769_853_600.0]);
        assert_eq!(only("seaworthy_waivers"), [1.0, 1.0, 1.0]);
    }
}

#[test]
fn what_changed_is_counted_where_it_is_known() {
    let (before, report) = (fleet::before(), fleet::report());
    let changes = changes::compare(&before, &report);
    let text = prometheus::render(&report, &Context { changes: Some(&changes), ..Default::default() });
    let families = read(&text);
    let series = &families["seaworthy_changes"];
    assert_eq!(sum(series, "kind", "newly-failing"), 1.0);
    assert_eq!(sum(series, "kind", "solved"), 1.0);
    assert_eq!(sum(series, "kind", "verdict-changed"), 2.0);
    assert_eq!(sum(series, "kind", "gone"), 1.0);
    assert_eq!(series.len(), changes::Kind::ALL.len());
    assert!(!metrics(&report).contains_key("seaworthy_changes"));
}

/// Labels are what a series is known by: what can be any text, or differs from scan to scan, is in none.
#[test]
fn labels_are_few_and_stay_the_same() {
    let mut later = sample::report();
    later.scan_id = "1111".repeat(16);
    later.time = Some("2026-02-07T10:00:00Z".into());
    for finding in &mut later.findings {
        finding.reason.push_str(", another");
        finding.evidence.clear();
        finding.title.push_str(", another");
    }
    let series = |report: &Report| -> BTreeSet<String> {
        let text = prometheus::render(report, &Context::default());
        text.lines().filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
    };
    assert_eq!(series(&sample::report()), series(&later));
}

#[test]
fn a_time_that_is_none_gives_no_timestamp() {
    for time in [None, Some("yesterday"), Some("1969-01-01T00:00:00Z")] {
        let mut report = sample::report();
        report.time = time.map(Into::into);
        assert!(!metrics(&report).contains_key("seaworthy_scan_timestamp_seconds"), "{time:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_labels_stay_labels(prefix in hostile_text()) {
        let text = prometheus::render(&report_with(&format!("x{prefix}")), &Context::default());
        prop_assert_eq!(text.chars().find(|c| acts(*c) && *c != '\n'), None);
        let count = |text: &str| read(text).values().map(Vec::len).sum::<usize>();
        let usual = prometheus::render(&report_with("x"), &Context::default());
        prop_assert_eq!(count(&text), count(&usual));
    }
}
