//! Numbers of a report as gauges. Written as Prometheus does, `seaworthy.checks` is `seaworthy_checks`: the same numbers have the same
//! names by every way.

use std::collections::BTreeSet;

use seaworthy_model::{Finding, Status, Verdict};
use seaworthy_report::changes::Kind;
use seaworthy_report::identity;
use serde_json::{Value, json};

use super::{Signal, Stored, nanoseconds, resource, scope};
use crate::outgoing::Outgoing;

/// A number and what it is of.
type Point<'a> = (u64, Vec<(&'a str, &'a str)>);

/// Cluster and node.
type Whose<'a> = (Option<&'a str>, Option<&'a str>);

/// The numbers of each node and of the cluster, and those of the report as a whole.
pub(super) fn parts(outgoing: &Outgoing<'_>) -> Vec<Stored> {
    let report = outgoing.report;
    let part = |cluster, node, content| Stored {
        signal: Signal::Metrics,
        resource: resource(outgoing, cluster, node),
        scope: scope(outgoing),
        content,
    };
    let mut groups: Vec<(Whose<'_>, Vec<&Finding>)> = Vec::new();
    for finding in &report.findings {
        let whose = (identity::cluster(finding), identity::node(finding));
        match groups.iter_mut().find(|(known, _)| *known == whose) {
            Some((_, list)) => list.push(finding),
            None => groups.push((whose, vec![finding])),
        }
    }
    let time = nanoseconds(outgoing);
    let mut parts: Vec<Stored> = groups
        .iter()
        .map(|((cluster, node), findings)| part(*cluster, *node, of_subject(findings, time.as_deref())))
        .collect();
    let node = match groups.iter().filter_map(|((_, node), _)| *node).collect::<Vec<_>>()[..] {
        [only] if report.expected == 1 => Some(only),
        _ => None,
    };
    // What is of the whole report names the only node, so that the reports of many nodes stay apart. A resource comes once in a request.
    let whole = part(identity::cluster_of(report), node, of_report(outgoing, time.as_deref()));
    match parts.iter_mut().find(|part| part.resource == whole.resource) {
        Some(same) => same.content.extend(whole.content),
        None => parts.push(whole),
    }
    parts
}

/// Zeros are sent too: an alert can tell none from not known.
fn of_subject(findings: &[&Finding], time: Option<&str>) -> Vec<Value> {
    let statuses = [(Status::Fail, "fail"), (Status::Warn, "warn"), (Status::Pass, "pass"), (Status::Info, "info")];
    let aside = |f: &Finding| f.waiver.is_some() || f.kind == seaworthy_model::Kind::Skipped;
    let (mut by_status, mut by_verdict, mut waived) = (Vec::new(), Vec::new(), Vec::new());
    let benchmarks: BTreeSet<&str> = findings.iter().map(|finding| identity::benchmark(finding)).collect();
    for benchmark in benchmarks {
        let own = || findings.iter().filter(|finding| identity::benchmark(finding) == benchmark);
        let count = |holds: &dyn Fn(&Finding) -> bool| own().filter(|finding| holds(finding)).count() as u64;
        let label = ("benchmark", benchmark);
        by_status
            .extend(statuses.map(|(status, word)| (count(&|f| f.status == status), vec![label, ("status", word)])));
        by_verdict.extend(Verdict::ALL.map(|verdict| {
            (count(&|f| f.verdict == verdict && !aside(f)), vec![label, ("verdict", verdict.as_str())])
        }));
        waived.push((count(&|f| f.waiver.is_some()), vec![label]));
    }
    vec![
        gauge("seaworthy.checks", "{check}", "Checks by status.", by_status, time),
        gauge("seaworthy.verdicts", "{check}", "Checks by verdict, without those set aside.", by_verdict, time),
        gauge("seaworthy.checks.waived", "{check}", "Checks that a waiver sets aside.", waived, time),
    ]
}

fn of_report(outgoing: &Outgoing<'_>, time: Option<&str>) -> Vec<Value> {
    let report = outgoing.report;
    let labels = vec![("benchmark", report.header.benchmark.id.as_str())];
    let one = |value: u64| vec![(value, labels.clone())];
    let mut list = vec![
        gauge("seaworthy.nodes.expected", "{node}", "Nodes that were to report.", one(report.expected.into()), time),
        gauge("seaworthy.nodes.received", "{node}", "Nodes that reported.", one(report.received.into()), time),
    ];
    let seconds = super::super::document::time(outgoing).and_then(|time| u64::try_from(time.as_second()).ok());
    if let Some(seconds) = seconds {
        list.push(gauge(
            "seaworthy.scan.timestamp",
            "s",
            "When the facts were collected, since 1970.",
            one(seconds),
            time,
        ));
    }
    if let Some(changes) = outgoing.changes {
        let points = Kind::ALL.iter().map(|kind| {
            let labels = [labels.clone(), vec![("kind", kind.as_str())]].concat();
            (changes.count(*kind) as u64, labels)
        });
        let what = "Findings by what became of them since the last report.";
        list.push(gauge("seaworthy.changes", "{finding}", what, points.collect(), time));
    }
    list
}

fn gauge(name: &str, unit: &str, description: &str, points: Vec<Point<'_>>, time: Option<&str>) -> Value {
    let points = points.into_iter().map(|(value, labels)| {
        let attributes: Vec<Value> = labels.iter().filter_map(|(key, value)| super::text(key, value)).collect();
        // A double, for `asInt` is text in JSON, and a collector (Rotel 0.0.1a15) drops that text and keeps a point without a value.
        // Counts are exact either way.
        let mut point = json!({ "asDouble": value as f64, "attributes": attributes });
        if let Some(time) = time {
            point["timeUnixNano"] = json!(time);
        }
        point
    });
    let points: Vec<Value> = points.collect();
    json!({ "name": name, "unit": unit, "description": description, "gauge": { "dataPoints": points } })
}
