//! The report as SARIF 2.1.0 (Errata 01), for code scanning and viewers of static analysis.
//!
//! A run is what was asked of one subject: cluster, node and benchmark, named by `automationDetails.id`. GitHub takes 20 runs of a file,
//! so a report of more subjects has one run for each cluster and benchmark instead, and each result says whom it is about. A result's
//! identity is the same in both forms; on GitHub the alerts begin anew when a cluster grows from the one form into the other, and in the
//! joint form a node that did not report has no alerts until it does again. Runs that grow over what GitHub takes are cut in pieces.
//!
//! In the profile for GitHub there are only failures that no waiver sets aside, each with a place. What is solved or gone is said by its
//! absence there, which is how GitHub closes an alert. Elsewhere a comparison gives every result its `baselineState`.

mod place;
mod result;
mod rule;

use std::collections::BTreeMap;

use seaworthy_model::{MissingSubject, Report, Subject, SubjectKind};
use serde_json::{Value, json};

use crate::changes::Changes;
use crate::document::{self, finish, line, without_nulls};
use crate::format::Context;
use crate::identity;
use crate::outcome::{self, Group, Outcome, Told};

/// Where SARIF's own description stands.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// How many runs GitHub takes of a file.
const RUNS: usize = 20;
/// How many results GitHub takes of a run.
const RESULTS: usize = 25_000;

/// For whom it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// All findings, as the standard has it.
    Full,
    /// Failures with a place each: what GitHub code scanning shows.
    GitHub,
}

/// The report as one SARIF log, ended by a newline.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    log(report, context.changes, Profile::Full)
}

/// What GitHub code scanning takes of it, ended by a newline.
pub fn render_github(report: &Report, context: &Context<'_>) -> String {
    log(report, context.changes, Profile::GitHub)
}

fn log(report: &Report, changes: Option<&Changes<'_>>, profile: Profile) -> String {
    let changes = changes.filter(|_| profile == Profile::Full);
    let runs: Vec<Value> =
        runs(report, changes, profile).iter().map(|run| run.json(report, changes, profile)).collect();
    finish(&without_nulls(json!({"$schema": SCHEMA, "version": "2.1.0", "runs": runs})))
}

/// A run to be: what is about one subject, or about all of them.
struct Run<'a> {
    /// Its name, that of the same question at any time.
    id: String,
    benchmark: &'a str,
    /// None in the joint form.
    subject: Option<&'a Subject>,
    told: Vec<Told<'a>>,
    /// Who was to report in it and did not.
    missing: Vec<&'a MissingSubject>,
    /// Whether anybody was looked at.
    looked: bool,
}

fn runs<'a>(report: &'a Report, changes: Option<&'a Changes<'a>>, profile: Profile) -> Vec<Run<'a>> {
    let groups = outcome::groups(outcome::all(report, changes));
    // GitHub takes a run without results for a node without faults, so a missing node has no run there.
    let alone: &[MissingSubject] = if profile == Profile::Full { &report.missing } else { &[] };
    let own = &report.header.benchmark.id;
    let mut runs: Vec<Run<'_>> = Vec::new();
    if groups.len() + alone.len() <= RUNS {
        runs.extend(groups.into_iter().map(|group| {
            let id = name(group.benchmark, group.cluster, Some(group.subject));
            let Group { benchmark, subject, told, .. } = group;
            Run { id, benchmark, subject: Some(subject), told, missing: Vec::new(), looked: true }
        }));
        runs.extend(alone.iter().map(|missing| {
            let id = format!("{}node/{}/", name(own, identity::cluster_of(report), None), word(&missing.name));
            Run { id, benchmark: own, subject: None, told: Vec::new(), missing: vec![missing], looked: false }
        }));
    } else {
        let mut joint: BTreeMap<String, Run<'_>> = BTreeMap::new();
        for Group { cluster, benchmark, told, .. } in groups {
            let id = name(benchmark, cluster, None);
            let run = joint.entry(id.clone()).or_insert_with(|| {
                let missing = if benchmark == own { report.missing.iter().collect() } else { Vec::new() };
                Run { id, benchmark, subject: None, told: Vec::new(), missing, looked: true }
            });
            run.told.extend(told);
        }
        runs.extend(joint.into_values());
    }
    for run in &mut runs {
        if profile == Profile::GitHub {
            run.told.retain(|told| Outcome::of(told.finding).fails() && told.finding.waiver.is_none());
        }
    }
    if runs.is_empty() {
        // A log needs no run, but a reader of an empty one could not tell that anything was asked.
        let id = name(own, identity::cluster_of(report), None);
        runs.push(Run { id, benchmark: own, subject: None, told: Vec::new(), missing: Vec::new(), looked: true });
    }
    runs.into_iter().flat_map(pieces).collect()
}

/// The run as it is, or in pieces that are no larger than GitHub takes.
fn pieces(mut run: Run<'_>) -> Vec<Run<'_>> {
    let mut pieces = Vec::new();
    let name = run.id.clone();
    while run.told.len() > RESULTS {
        let rest = run.told.split_off(RESULTS);
        let Run { benchmark, subject, looked, .. } = run;
        let id = format!("{name}{}/", pieces.len() + 2);
        let next = Run { id, benchmark, subject, told: rest, missing: Vec::new(), looked };
        pieces.push(std::mem::replace(&mut run, next));
    }
    pieces.push(run);
    pieces
}

/// `seaworthy/cis-1.12/<cluster>/node/<node>/`: readers take what is before the last slash for the category of results that replace each
/// other.
fn name(benchmark: &str, cluster: Option<&str>, subject: Option<&Subject>) -> String {
    let mut name = format!("seaworthy/{}/{}/", word(benchmark), word(cluster.unwrap_or("-")));
    match subject {
        Some(Subject { kind: SubjectKind::Node, name: node, .. }) => name += &format!("node/{}/", word(node)),
        Some(Subject { kind: SubjectKind::Cluster, .. }) => name += "cluster/",
        None => {}
    }
    name
}

/// One step of a name: a slash in it would be another step.
fn word(text: &str) -> String {
    line(text).replace('/', "_")
}

impl Run<'_> {
    fn json(&self, report: &Report, changes: Option<&Changes<'_>>, profile: Profile) -> Value {
        let rules = rule::Rules::of(self.benchmark, self.told.iter().map(|told| told.finding));
        let results: Vec<Value> = self.told.iter().map(|told| result::json(told, &rules, profile)).collect();
        let guid = |scan: &str| identity::uuid(&["sarif", scan, &self.id]);
        let title = document::benchmark(report, self.benchmark);
        let whom = self.subject.map_or_else(|| "all subjects of the report".to_owned(), whom);
        let bases = (profile == Profile::Full).then(place::bases);
        json!({
            "tool": {"driver": {
                "name": line(&report.tool.name),
                "version": line(&report.tool.version),
                "rules": rules.json(),
                "properties": {"benchmark": line(self.benchmark), "benchmarkTitle": title},
            }},
            "automationDetails": {
                "id": self.id,
                "guid": guid(&report.scan_id),
                "description": {"text": format!("{title} on {whom}.")},
            },
            "baselineGuid": changes.map(|changes| guid(&changes.before.scan_id)),
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": bases,
            "invocations": [self.invocation(report, &rules)],
            "results": self.looked.then_some(results),
            "properties": {
                "scanId": line(&report.scan_id),
                "platform": line(&report.header.platform),
                "kubernetes": report.header.kubernetes.as_deref().map(line),
                "catalogue": line(&report.header.catalogue),
            },
        })
    }

    /// How the scan went: what could not be looked at is said here too, for readers that show no result of kind `open`.
    fn invocation(&self, report: &Report, rules: &rule::Rules<'_>) -> Value {
        let missing = self.missing.iter().map(|missing| {
            let text = line(&format!("{} did not report: {}", missing.name, missing.reason));
            json!({"level": "error", "message": {"text": place::literal(&text)}})
        });
        let now = self.told.iter().filter(|told| !told.is_gone() && Outcome::of(told.finding) == Outcome::Error);
        let errors = now.map(|told| {
            let finding = told.finding;
            json!({
                "level": if finding.scored { "error" } else { "warning" },
                "message": {"text": result::message(finding)},
                "associatedRule": rules.reference(finding),
            })
        });
        let time = document::stated_time(report).map(|time| time.to_string());
        let node = self.subject.filter(|subject| subject.kind == SubjectKind::Node);
        json!({
            "executionSuccessful": self.missing.is_empty(),
            // Facts have one time, that of their collection.
            "startTimeUtc": time,
            "endTimeUtc": time,
            "machine": node.map(|node| line(&node.name)),
            "toolExecutionNotifications": missing.chain(errors).collect::<Vec<_>>(),
        })
    }
}

/// `node node1`, `cluster test`.
fn whom(subject: &Subject) -> String {
    let kind = if subject.kind == SubjectKind::Node { "node" } else { "cluster" };
    line(&format!("{kind} {}", subject.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_larger_than_github_takes_is_cut_and_loses_nothing() {
        let finding = json!({
            "id": "1.1", "rule": "r", "title": "t", "section": "1", "target": "node", "level": 1, "label": "manual",
            "scored": false, "severity": "low", "status": "PASS", "verdict": "pass", "kind": "tested", "reason": "",
            "expected": "", "evidence": [], "resources": [], "subject": {"kind": "node", "name": "n"}, "identity": "-/n/b/1.1",
        });
        let finding = serde_json::from_value(finding).unwrap();
        let told = vec![Told { finding: &finding, course: None, kinds: Vec::new() }; RESULTS + 1];
        let run = Run { id: "a/".into(), benchmark: "b", subject: None, told, missing: Vec::new(), looked: true };
        let pieces = pieces(run);
        let sizes: Vec<(&str, usize)> = pieces.iter().map(|run| (run.id.as_str(), run.told.len())).collect();
        assert_eq!(sizes, [("a/", RESULTS), ("a/2/", 1)]);
    }
}
