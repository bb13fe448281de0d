//! The report as OCSF 1.8.0: a Compliance Finding (class 2003) for each finding, one JSON object a line, which is how pipelines and data
//! lakes take events.
//!
//! Compared with an older report an event says what became of the finding: created (New where something is left to do), updated, or
//! closed, with the status Resolved where it is solved and Archived where it is not asked any more. Without a comparison every event
//! creates its finding for whoever reads it, and claims no status; the reader knows by `finding_info.uid` whether it has it. A waiver is
//! the status Suppressed either way: the compliance status below it stays what it is.

use seaworthy_model::{Finding, Report, SubjectKind};
use serde_json::{Value, json};

use crate::changes::Changes;
use crate::document::{self, finish, line, without_nulls};
use crate::format::Context;
use crate::outcome::{self, Course, Outcome, Told, Weight};
use crate::{identity, words};

/// The version whose schema the events keep.
pub const VERSION: &str = "1.8.0";

/// A line for each finding, then one for each that is gone.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    events(report, context.changes).iter().map(finish).collect()
}

/// The events of a report: its findings in their order, then those that are gone. `changes` must be of this very report.
pub fn events(report: &Report, changes: Option<&Changes<'_>>) -> Vec<Value> {
    outcome::all(report, changes).iter().map(|told| event(report, told)).collect()
}

/// A number of an enumeration with the caption that belongs to it.
type Coded = (u8, &'static str);

/// The compliance status.
fn status(finding: &Finding) -> Coded {
    match Outcome::of(finding) {
        Outcome::Pass => (1, "Pass"),
        Outcome::Fail | Outcome::FailUnscored => (3, "Fail"),
        Outcome::Manual => (2, "Warning"),
        // 99 is "see the word beside it".
        Outcome::Error => (99, "Error"),
        Outcome::NotApplicable => (99, "Not Applicable"),
        Outcome::Skipped => (0, "Unknown"),
    }
}

fn severity(finding: &Finding) -> Coded {
    match Weight::of(finding) {
        Weight::Informational => (1, "Informational"),
        Weight::Low => (2, "Low"),
        Weight::Medium => (3, "Medium"),
        Weight::High => (4, "High"),
        Weight::Critical => (5, "Critical"),
    }
}

/// What the event does to the finding.
fn activity(told: &Told<'_>) -> Coded {
    match told.course {
        None | Some(Course::New) => (1, "Create"),
        Some(Course::Same | Course::Changed) => (2, "Update"),
        Some(Course::Solved | Course::Gone) => (3, "Close"),
    }
}

/// Where the finding stands in somebody's work on it; none where that is not for us to say.
fn workflow(told: &Told<'_>) -> Option<Coded> {
    match told.course {
        Some(Course::Solved) => Some((4, "Resolved")),
        Some(Course::Gone) => Some((5, "Archived")),
        _ if told.finding.waiver.is_some() => Some((3, "Suppressed")),
        Some(Course::New) if Outcome::of(told.finding).is_open() => Some((1, "New")),
        Some(Course::Changed) if told.kinds.contains(&crate::changes::Kind::NewlyFailing) => Some((1, "New")),
        _ => None,
    }
}

fn event(report: &Report, told: &Told<'_>) -> Value {
    let finding = told.finding;
    let time = document::time(report).as_millisecond();
    let benchmark = document::benchmark(report, identity::benchmark(finding));
    let title = line(&finding.title);
    let reason = line(words::reason(finding));
    let ((status_id, status), (severity_id, severity)) = (status(finding), severity(finding));
    let ((activity_id, activity), workflow) = (activity(told), workflow(told));
    let fingerprint = identity::fingerprint(finding);
    let happened = told.course.is_some_and(|course| course != Course::Same);
    let evidence = finding.evidence.iter().map(|evidence| {
        let name = line(&evidence.what);
        json!({"name": name, "data": document::evidence(std::slice::from_ref(evidence))})
    });
    let remedy = finding.remediation.as_ref().map(|remediation| document::remedy(remediation).join("\n"));
    without_nulls(json!({
        "activity_id": activity_id,
        "activity_name": activity,
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200_300 + u32::from(activity_id),
        "type_name": format!("Compliance Finding: {activity}"),
        "time": time,
        "message": format!("{}: {title}: {reason}", finding.status),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": workflow.map(|(id, _)| id),
        "status": workflow.map(|(_, word)| word),
        "metadata": {
            "version": VERSION,
            "product": {
                "name": line(&report.tool.name),
                "vendor_name": line(&report.tool.name),
                "version": line(&report.tool.version),
            },
            // The event's own name: another scan's event about the same finding has another.
            "uid": identity::uuid(&["event", &report.scan_id, &finding.identity, activity]),
            "correlation_uid": line(&report.scan_id),
        },
        "finding_info": {
            "uid": fingerprint,
            "uid_alt": identity::uuid(&["finding", &finding.identity]),
            "title": title,
            "desc": reason,
            "types": [benchmark],
            "created_time": (told.course == Some(Course::New)).then_some(time),
            "modified_time": happened.then_some(time),
        },
        "compliance": {
            "standards": [benchmark],
            "control": line(&finding.id),
            "category": line(&finding.section),
            "desc": title,
            "requirements": (!finding.expected.is_empty()).then(|| [line(&finding.expected)]),
            "status_id": status_id,
            "status": status,
            "status_code": finding.status.as_str(),
            "status_details": [reason],
            "checks": [{
                "uid": line(&finding.rule),
                "name": title,
                "standards": [benchmark],
                "status_id": status_id,
                "status": status,
                "severity_id": severity_id,
                "severity": severity,
            }],
        },
        "remediation": remedy.map(|desc| json!({"desc": desc})),
        "resources": resources(finding),
        "evidences": (!finding.evidence.is_empty()).then(|| evidence.collect::<Vec<_>>()),
        "unmapped": unmapped(report, told),
    }))
}

/// The node or cluster first, then the things that offend.
fn resources(finding: &Finding) -> Vec<Value> {
    let subject = &finding.subject;
    let cluster = identity::cluster(finding).map(line);
    let kind = if subject.kind == SubjectKind::Node { "Node" } else { "Cluster" };
    let labels = cluster.iter().map(|cluster| format!("cluster={cluster}")).collect::<Vec<_>>();
    let first = json!({
        "type": kind,
        "name": line(&subject.name),
        "uid": subject.id.as_deref().map(line),
        "hostname": (subject.kind == SubjectKind::Node).then(|| line(&subject.name)),
        "labels": (!labels.is_empty()).then_some(labels),
    });
    let things = finding.resources.iter().map(|resource| {
        json!({
            "type": line(&resource.kind),
            "name": line(&resource.name),
            "namespace": resource.namespace.as_deref().map(line),
            "data": {"detail": line(&resource.detail)},
        })
    });
    std::iter::once(first).chain(things).collect()
}

/// What the class has no place for.
fn unmapped(report: &Report, told: &Told<'_>) -> Value {
    let finding = told.finding;
    let waiver = finding.waiver.as_ref().map(|waiver| {
        json!({"reason": line(&waiver.reason), "owner": line(&waiver.owner), "expires": line(&waiver.expires)})
    });
    let changes: Vec<&str> = told.kinds.iter().map(|kind| kind.as_str()).collect();
    json!({
        "benchmark": line(identity::benchmark(finding)),
        "cluster": identity::cluster(finding).map(line),
        "node": identity::node(finding).map(line),
        "verdict": finding.verdict.as_str(),
        "reason_kind": finding.kind,
        "level": finding.level,
        "label": words::label(finding),
        "scored": finding.scored,
        "severity": finding.severity.as_str(),
        "target": line(&finding.target),
        "platform": line(&report.header.platform),
        "kubernetes": report.header.kubernetes.as_deref().map(line),
        "waiver": waiver,
        "changes": told.course.map(|_| changes),
    })
}
