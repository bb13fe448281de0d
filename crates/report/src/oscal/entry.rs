//! A finding of ours as OSCAL's observation, finding and risk.

use seaworthy_model::{Report, SubjectKind};
use serde_json::{Value, json};

use super::NAMESPACE;
use super::markdown::{code, literal};
use crate::document::{self, line};
use crate::identity;
use crate::outcome::{Group, Outcome, Told};
use crate::words;

/// What the entries of a result share.
pub(super) struct Whose<'a> {
    benchmark: &'a str,
    /// The UUID of the node or cluster.
    pub(super) subject: String,
    /// The UUID of the tool.
    pub(super) tool: String,
    time: String,
    /// When the older report was collected.
    before: Option<&'a str>,
}

impl<'a> Whose<'a> {
    pub(super) fn of(report: &'a Report, group: &Group<'a>, before: Option<&'a str>) -> Self {
        let Group { cluster, benchmark, subject, .. } = group;
        let kind = if subject.kind == SubjectKind::Node { "node" } else { "cluster" };
        // No UUID may stand twice in a document, so what two results define alike bears two.
        let within = ["subject", cluster.unwrap_or("-"), kind, &subject.name, benchmark];
        let subject = identity::uuid(&within);
        Whose {
            benchmark,
            tool: identity::uuid(&["tool", &report.tool.name, &report.tool.version, &subject]),
            subject,
            time: document::time(report).to_string(),
            before,
        }
    }
}

/// Properties of our own. One without a value that can be seen is left out, because OSCAL refuses it.
pub(super) fn properties(pairs: &[(&str, &str)]) -> Vec<Value> {
    let pairs = pairs.iter().map(|(name, value)| (name, line(value)));
    let pairs = pairs.map(|(name, value)| (name, value.trim().to_owned())).filter(|(_, value)| !value.is_empty());
    pairs.map(|(name, value)| json!({"name": name, "ns": NAMESPACE, "value": value})).collect()
}

fn uuid(what: &str, told: &Told<'_>) -> String {
    identity::uuid(&[what, &told.finding.identity])
}

/// What became of it, in one word; nothing without a comparison.
fn change(told: &Told<'_>) -> &'static str {
    match (told.course, told.kinds.first()) {
        (None, _) => "",
        (Some(_), Some(kind)) => kind.as_str(),
        (Some(_), None) => "same",
    }
}

/// What was seen.
pub(super) fn observation(whose: &Whose<'_>, told: &Told<'_>) -> Value {
    let finding = told.finding;
    let reason = literal(words::reason(finding));
    let mut evidence: Vec<Value> = Vec::new();
    for piece in &finding.evidence {
        let (first, below) = words::evidence(piece);
        let below: Vec<String> = below.iter().map(|text| code(text)).collect();
        let below = (!below.is_empty()).then(|| below.join("\n\n"));
        evidence.push(json!({"description": code(&first), "remarks": below}));
    }
    evidence.extend(finding.resources.iter().map(|resource| json!({"description": code(&words::resource(resource))})));
    let waiver =
        finding.waiver.as_ref().map(|waiver| literal(&format!("{}: {}", words::waived(waiver), waiver.reason)));
    // A person has to look at what is there; everything else was compared with what is wanted.
    let method = if Outcome::of(finding) == Outcome::Manual { "EXAMINE" } else { "TEST" };
    let collected = whose.before.filter(|_| told.is_gone()).unwrap_or(&whose.time);
    json!({
        "uuid": uuid("observation", told),
        "title": literal(&format!("{} {}", finding.id, finding.title)),
        "description": reason,
        "props": props(told),
        "methods": [method],
        "origins": [{"actors": [{"type": "tool", "actor-uuid": whose.tool}]}],
        "subjects": [{"subject-uuid": whose.subject, "type": "inventory-item"}],
        "relevant-evidence": (!evidence.is_empty()).then_some(evidence),
        "collected": collected,
        "remarks": waiver,
    })
}

fn props(told: &Told<'_>) -> Vec<Value> {
    let finding = told.finding;
    let level = finding.level.to_string();
    properties(&[
        ("item", &finding.id),
        ("rule", &finding.rule),
        ("section", &finding.section),
        ("status", finding.status.as_str()),
        ("verdict", finding.verdict.as_str()),
        ("severity", finding.severity.as_str()),
        ("level", &level),
        ("label", words::label(finding)),
        ("scored", if finding.scored { "true" } else { "false" }),
        ("fingerprint", &identity::fingerprint(finding)),
        ("change", change(told)),
    ])
}

/// What follows from it; none where nothing was to be decided by facts, or is not asked any more.
pub(super) fn finding(whose: &Whose<'_>, told: &Told<'_>) -> Option<Value> {
    let finding = told.finding;
    let (state, reason) = match Outcome::of(finding) {
        _ if told.is_gone() => return None,
        Outcome::Pass => ("satisfied", "pass"),
        Outcome::Fail | Outcome::FailUnscored => ("not-satisfied", "fail"),
        Outcome::Error => ("not-satisfied", "other"),
        Outcome::Manual | Outcome::NotApplicable | Outcome::Skipped => return None,
    };
    let remedy = finding.remediation.as_ref().map(|remediation| {
        let wanted = remediation.wanted.as_ref().map(|wanted| format!("\n\n{}", code(wanted.trim())));
        format!("{}{}", literal(&remediation.summary), wanted.unwrap_or_default())
    });
    let risks = finding.waiver.as_ref().map(|_| json!([{"risk-uuid": uuid("risk", told)}]));
    Some(json!({
        "uuid": uuid("finding", told),
        "title": literal(&format!("{} {}", finding.id, finding.title)),
        "description": literal(words::reason(finding)),
        "props": props(told),
        "target": {
            "type": "objective-id",
            "target-id": document::item(whose.benchmark, &finding.id),
            "status": {"state": state, "reason": reason},
        },
        "related-observations": [{"observation-uuid": uuid("observation", told)}],
        "related-risks": risks,
        "remarks": remedy,
    }))
}

/// The deviation that a waiver approves.
pub(super) fn risk(whose: &Whose<'_>, told: &Told<'_>) -> Option<Value> {
    let applied = told.finding.waiver.as_ref()?;
    // The finding names it, and so must be there.
    finding(whose, told)?;
    // The last day is part of it. What is no date gives no deadline, but stays in the words.
    let date = applied.expires.parse::<jiff::civil::Date>().ok();
    Some(json!({
        "uuid": uuid("risk", told),
        "title": literal(&format!("Waiver for {} {}", told.finding.id, told.finding.title)),
        "description": literal(&words::waived(applied)),
        "statement": literal(&applied.reason),
        "props": properties(&[("owner", &applied.owner), ("expires", &applied.expires)]),
        "status": "deviation-approved",
        "deadline": date.map(|date| format!("{date}T23:59:59Z")),
        "related-observations": [{"observation-uuid": uuid("observation", told)}],
    }))
}
