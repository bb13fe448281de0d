//! The files for monitoring in `deploy/monitoring`: every metric, label and label's value that they name is one that we write. Whether
//! Prometheus takes the rules is asked of its own tool, by `.ci/formats/monitoring`.
#![allow(clippy::disallowed_methods)] // files of the repository are read, which the crate itself never does

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::{Severity, Verdict};
use seaworthy_report::{changes, format::Context, prometheus};

use super::{fleet, prometheus::read};

const FILES: [&str; 3] = ["alerts.yaml", "alerts.test.yaml", "grafana-dashboard.json"];

fn file(name: &str) -> String {
    let path = format!("{}/../../deploy/monitoring/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Each metric with its labels: of a report of several nodes and of one of a single node, which bears its name.
fn written() -> BTreeMap<String, BTreeSet<String>> {
    let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut single = fleet::report();
    (single.expected, single.received) = (1, 1);
    single.subjects.truncate(1);
    let before = fleet::before();
    for report in [fleet::report(), single] {
        let changes = changes::compare(&before, &report);
        let text = prometheus::render(&report, &Context { changes: Some(&changes), ..Default::default() });
        for (name, samples) in read(&text) {
            written.entry(name).or_default().extend(samples.into_iter().flat_map(|(labels, _)| labels.into_keys()));
        }
    }
    written
}

/// Metrics that a text names, each with the labels and values that stand in braces behind it.
fn named(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut out = Vec::new();
    for (at, _) in text.match_indices("seaworthy_") {
        let name: String = text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let rest = &text[at + name.len()..];
        let mut labels = Vec::new();
        if let Some(inner) = rest.strip_prefix('{').and_then(|rest| rest.split('}').next()) {
            for part in inner.replace('\\', "").split(',') {
                let (label, value) = part.split_once('=').unwrap_or_else(|| panic!("{name}: {part}"));
                let label = label.trim_end_matches('!').trim().to_owned();
                labels.push((label, value.trim_start_matches('~').trim_matches('"').to_owned()));
            }
        }
        out.push((name, labels));
    }
    out
}

/// What a label can be, where that is a closed list.
fn values(metric: &str, label: &str) -> Option<Vec<&'static str>> {
    Some(match (metric, label) {
        (_, "status") => vec!["pass", "fail", "warn", "info"],
        (_, "verdict") => Verdict::ALL.map(Verdict::as_str).to_vec(),
        (_, "severity") => {
            [Severity::Low, Severity::Medium, Severity::High, Severity::Critical].map(Severity::as_str).to_vec()
        }
        ("seaworthy_changes", "kind") => changes::Kind::ALL.map(changes::Kind::as_str).to_vec(),
        ("seaworthy_waivers", "state") => vec!["used", "unused", "expired"],
        _ => return None,
    })
}

fn problems(text: &str) -> Vec<String> {
    let written = written();
    let mut problems = Vec::new();
    for (metric, labels) in named(text) {
        let Some(known) = written.get(&metric) else {
            problems.push(format!("{metric} is not written"));
            continue;
        };
        for (label, value) in labels {
            if !known.contains(&label) && !["job", "instance"].contains(&label.as_str()) {
                problems.push(format!("{metric} has no {label}"));
            }
            // `a|b` is either; what a dashboard's variable stands for is not known here.
            let allowed = values(&metric, &label);
            for word in value.split('|').filter(|word| !word.contains('$')) {
                if allowed.as_ref().is_some_and(|allowed| !allowed.contains(&word)) {
                    problems.push(format!("{metric} is never {label}={word}"));
                }
            }
        }
    }
    problems
}

#[test]
fn what_the_files_name_is_written() {
    for name in FILES {
        let text = file(name);
        assert!(named(&text).len() > 5, "{name}");
        assert_eq!(problems(&text), [""; 0], "{name}");
    }
    // And the check can fail.
    for wrong in ["seaworthy_nothing > 0", "seaworthy_checks{title=\"a\"}", "seaworthy_checks{status=~\"fail|failed\"}"]
    {
        assert_ne!(problems(wrong), [""; 0], "{wrong}");
    }
}

/// A metric that neither an alert nor a panel uses would be one that nobody was told of.
#[test]
fn every_metric_is_used() {
    let used: BTreeSet<String> = FILES.iter().flat_map(|name| named(&file(name))).map(|(metric, _)| metric).collect();
    for metric in written().keys() {
        assert!(used.contains(metric), "{metric}");
    }
}

#[test]
fn every_alert_has_a_test() {
    let (alerts, tests) = (file("alerts.yaml"), file("alerts.test.yaml"));
    let names: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(names.len() > 5);
    for name in names {
        assert!(tests.contains(&format!("alertname: {name}\n")), "{name}");
    }
}
