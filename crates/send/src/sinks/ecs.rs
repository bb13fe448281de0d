//! A finding as a document of the Elastic Common Schema 9.4, with the fields beside it that Elastic's pages on Kubernetes posture read
//! (`result`, `resource`, `rule.benchmark`, `rule.section`), and our own words below `seaworthy`.

use seaworthy_model::{Severity, Verdict};
use seaworthy_report::changes::fails;
use seaworthy_report::identity;
use serde_json::{Map, Value, json};

use crate::outgoing::{Item, Outgoing};
use crate::sinks::document;

/// Longer keywords are kept and cannot be searched.
const KEYWORD: usize = 900;
/// More than any document of ours has unless somebody wants to.
const MOST: usize = 64 << 10;

/// The document.
pub(super) fn document(outgoing: &Outgoing<'_>, item: &Item<'_>, id: &str) -> Value {
    let (finding, report) = (item.finding, outgoing.report);
    let benchmark = &report.header.benchmark;
    let version = version(identity::benchmark(finding));
    let state = document::state(item);
    let node = identity::node(finding);
    let title = if identity::benchmark(finding) == benchmark.id { &benchmark.title } else { "" };
    let what = if node.is_some() { "node" } else { "cluster" };
    let mut document = json!({
        "@timestamp": report.time,
        "ecs": { "version": "9.4.0" },
        "message": document::line(item),
        "tags": ["cis", "kubernetes", finding.target],
        "event": {
            "kind": "state",
            "category": ["configuration"],
            "type": [if item.gone { "deletion" } else { "info" }],
            "outcome": outcome(item),
            "action": "cis-check",
            "module": "seaworthy",
            "dataset": "seaworthy.findings",
            "severity": severity(finding.severity),
            "id": id,
            "created": report.time,
            "reason": document::short(&finding.reason, KEYWORD),
        },
        "rule": {
            "id": finding.rule,
            "name": document::short(&finding.title, KEYWORD),
            "ruleset": identity::benchmark(finding),
            "version": version,
            "category": finding.section,
            "section": section(outgoing, &finding.section),
            "tags": ["CIS", "Kubernetes", format!("CIS {}", finding.id)],
            "benchmark": {
                "id": identity::benchmark(finding),
                "name": title,
                "version": version,
                "posture_type": "kspm",
                "rule_number": finding.id,
            },
        },
        "host": { "name": node, "hostname": node },
        "orchestrator": {
            "type": "kubernetes",
            "cluster": { "id": identity::cluster(finding), "version": report.header.kubernetes },
            "resource": { "type": what, "name": finding.subject.name },
        },
        "resource": {
            "id": finding.subject.id.as_ref().unwrap_or(&finding.subject.name),
            "name": finding.subject.name,
            "type": "k8s_object",
            "sub_type": what,
        },
        "observer": {
            "vendor": "Seaworthy",
            "product": report.tool.name,
            "version": report.tool.version,
            "type": "scanner",
        },
        "result": {
            "evaluation": evaluation(item),
            "expected": { "value": finding.expected },
            "evidence": { "items": evidence(item) },
        },
        "seaworthy": {
            "status": finding.status.as_str(),
            "verdict": finding.verdict.as_str(),
            "state": state,
            "severity": finding.severity.as_str(),
            "scored": finding.scored,
            "level": finding.level,
            "target": finding.target,
            "platform": report.header.platform,
            "scan_id": report.scan_id,
            "fingerprint": identity::fingerprint(finding),
            "change": document::change(item),
            "waiver": finding.waiver,
            "remediation": finding.remediation.as_ref().map(|remediation| &remediation.summary),
            "resources": finding.resources.iter().map(resource).collect::<Vec<_>>(),
        },
    });
    without_nothing(&mut document);
    match document::cleaned(document) {
        Value::Object(document) => Value::Object(document::fit(document, MOST)),
        other => other,
    }
}

/// The same shape for every finding: an index has one type for a field.
fn evidence(item: &Item<'_>) -> Vec<Value> {
    let one = |evidence: &seaworthy_model::Evidence| {
        let source = evidence.source.as_ref().map(ToString::to_string);
        json!({ "what": evidence.what, "value": document::short(&evidence.value, 4096), "source": source })
    };
    item.finding.evidence.iter().map(one).collect()
}

fn resource(resource: &seaworthy_model::Resource) -> String {
    let namespace = resource.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
    let text = format!("{} {namespace}{}: {}", resource.kind, resource.name, resource.detail);
    document::short(&text, KEYWORD)
}

/// `1 Control Plane Components`: the title of the section, by its number.
fn section(outgoing: &Outgoing<'_>, id: &str) -> String {
    let section = outgoing.report.sections.iter().find(|section| section.id == id);
    section.map_or_else(|| id.to_owned(), |section| format!("{id} {}", section.title))
}

/// `2.0.1` of `cis-2.0.1`.
fn version(benchmark: &str) -> Option<&str> {
    let digit = benchmark.rsplit('-').next()?;
    digit.starts_with(|c: char| c.is_ascii_digit()).then_some(digit)
}

fn outcome(item: &Item<'_>) -> &'static str {
    match (item.gone, item.finding.verdict) {
        (false, Verdict::Pass) => "success",
        (false, Verdict::Fail) => "failure",
        _ => "unknown",
    }
}

/// Only what was decided: the pages know no third word. A waived failure is not shown as one.
fn evaluation(item: &Item<'_>) -> Option<&'static str> {
    match (item.gone, item.finding.verdict) {
        (false, Verdict::Pass) => Some("passed"),
        (false, Verdict::Fail) if fails(item.finding) => Some("failed"),
        _ => None,
    }
}

/// The numbers that Elastic's own rules have for these words.
fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Low => 21,
        Severity::Medium => 47,
        Severity::High => 73,
        Severity::Critical => 99,
    }
}

/// Takes away what is null, empty or an object without anything.
fn without_nothing(value: &mut Value) {
    let object = match value {
        Value::Object(object) => object,
        Value::Array(list) => return list.iter_mut().for_each(without_nothing),
        _ => return,
    };
    object.values_mut().for_each(without_nothing);
    let nothing = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    };
    *object = std::mem::take(object).into_iter().filter(|(_, value)| !nothing(value)).collect::<Map<_, _>>();
}
