//! One finding as a SARIF result.

use seaworthy_model::Finding;
use serde_json::{Value, json};

use super::rule::Rules;
use super::{Profile, place, whom};
use crate::document::{self, line};
use crate::outcome::{Course, Outcome, Told};
use crate::{identity, words};

/// Kind and level. A level other than `none` belongs to failures only.
fn kind(finding: &Finding) -> (&'static str, &'static str) {
    match Outcome::of(finding) {
        Outcome::Pass => ("pass", "none"),
        Outcome::Fail => ("fail", "error"),
        Outcome::FailUnscored => ("fail", "warning"),
        Outcome::Manual => ("review", "none"),
        Outcome::Error => ("open", "none"),
        Outcome::NotApplicable | Outcome::Skipped => ("notApplicable", "none"),
    }
}

/// What the reader sees: what was asked, what came of it, on whom.
pub(super) fn message(finding: &Finding) -> String {
    let text = format!("{}: {}", finding.title, words::reason(finding));
    place::literal(&format!("{} ({}).", line(&text).trim_end_matches('.'), whom(&finding.subject)))
}

/// The finding as a result.
pub(super) fn json(told: &Told<'_>, rules: &Rules<'_>, profile: Profile) -> Value {
    let finding = told.finding;
    let (kind, level) = kind(finding);
    let fingerprint = identity::fingerprint(finding);
    let mut fingerprints = json!({"seaworthyFinding/v1": fingerprint});
    if profile == Profile::GitHub {
        // GitHub tells alerts apart by this one only, and would take two nodes' same fault in the same file for one.
        fingerprints["primaryLocationLineHash"] = format!("{fingerprint}:1").into();
    }
    let baseline = told.course.map(|course| match course {
        Course::New => "new",
        Course::Same => "unchanged",
        Course::Changed | Course::Solved => "updated",
        Course::Gone => "absent",
    });
    let changes: Vec<&str> = told.kinds.iter().map(|kind| kind.as_str()).collect();
    json!({
        "ruleId": rules.id(finding),
        "ruleIndex": rules.index(finding),
        "kind": kind,
        "level": level,
        "message": {"text": message(finding)},
        "locations": place::locations(finding, profile),
        "partialFingerprints": fingerprints,
        "correlationGuid": identity::uuid(&["finding", &finding.identity]),
        "baselineState": baseline,
        // Either all results of a run say whether they are suppressed, or none does.
        "suppressions": suppressions(finding),
        "properties": {
            "status": finding.status.as_str(),
            "verdict": finding.verdict.as_str(),
            "reasonKind": finding.kind,
            "reason": line(words::reason(finding)),
            "expected": line(&finding.expected),
            "actual": document::evidence(&finding.evidence),
            "about": document::resources(&finding.resources),
            "remediation": finding.remediation.as_ref().map(document::remedy),
            "changes": told.course.map(|_| changes),
        },
    })
}

fn suppressions(finding: &Finding) -> Vec<Value> {
    let waiver = finding.waiver.iter().map(|waiver| {
        let properties = json!({"owner": line(&waiver.owner), "expires": line(&waiver.expires)});
        let text = line(&format!("{}: {}", words::waived(waiver), waiver.reason));
        json!({"kind": "external", "status": "accepted", "justification": text, "properties": properties})
    });
    waiver.collect()
}
