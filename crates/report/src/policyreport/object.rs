//! What the two kinds of reports as API objects have in common.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use seaworthy_model::{Finding, Kind as Reason, Report, Status, SubjectKind, Verdict};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::changes::Changes;
use crate::{hostile, identity, words};

/// etcd takes 1.5 MB and the API server holds an object more than once: below this there is room.
const LARGEST: usize = 1_000_000;
/// How many results an object has at most: that many fit whatever the nodes say, see `LIMITS`.
const RESULTS: usize = 200;
/// How long texts may become, in characters: the first that makes the object fit.
const LIMITS: [usize; 4] = [4000, 1000, 250, 60];
/// A DNS subdomain's length.
const NAME: usize = 253;

/// Which kind of object.
pub(crate) struct Kind {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    /// Whether the object itself has a `source`.
    pub(crate) source: bool,
}

/// The objects as a document for `kubectl apply`.
pub(crate) fn list(objects: Vec<Value>) -> String {
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
    // All keys are strings, so it has a JSON form; texts are clean already.
    hostile::escape_json(format!("{list:#}\n"))
}

/// All objects, the nodes' in the order of the report.
pub(crate) fn make(kind: &Kind, report: &Report, changes: Option<&Changes<'_>>) -> Vec<Value> {
    let mut order: Vec<(SubjectKind, &str, &str)> = Vec::new();
    let mut subjects: BTreeMap<(SubjectKind, &str, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        // A cluster is one, whatever it is called.
        let name = identity::node(finding).unwrap_or_default();
        let key = (finding.subject.kind, name, identity::benchmark(finding));
        let findings = subjects.entry(key).or_default();
        if findings.is_empty() {
            order.push(key);
        }
        findings.push(finding);
    }
    let changed: BTreeMap<*const Finding, String> = changes
        .iter()
        .flat_map(|changes| &changes.list)
        .filter_map(|change| {
            let kinds: Vec<&str> = change.kinds.iter().map(|kind| kind.as_str()).collect();
            Some((std::ptr::from_ref(change.after?), kinds.join(", ")))
        })
        .collect();
    let mut objects = Vec::new();
    for key in order {
        for (index, findings) in subjects[&key].chunks(RESULTS).enumerate() {
            let object = |limit| object(kind, report, key, index, findings, &changed, limit);
            let fits = |object: &Value| object.to_string().len() <= LARGEST;
            let found = LIMITS.iter().map(|limit| object(*limit)).find(fits);
            objects.push(found.unwrap_or_else(|| object(LIMITS[LIMITS.len() - 1] / 4)));
        }
    }
    objects
}

fn object(
    kind: &Kind,
    report: &Report,
    (subject, node, benchmark): (SubjectKind, &str, &str),
    index: usize,
    findings: &[&Finding],
    changed: &BTreeMap<*const Finding, String>,
    limit: usize,
) -> Value {
    let mut summary = BTreeMap::from([("pass", 0), ("fail", 0), ("warn", 0), ("error", 0), ("skip", 0)]);
    findings.iter().for_each(|finding| *summary.entry(result(finding)).or_default() += 1);
    let results = findings.iter().map(|finding| {
        let changed = changed.get(&std::ptr::from_ref(*finding)).map(String::as_str);
        result_of(report, finding, changed, limit)
    });
    let mut object = json!({
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {
            "name": name(subject, node, benchmark, index),
            "labels": { "app.kubernetes.io/managed-by": "seaworthy" },
        },
        "summary": summary,
        "results": results.collect::<Vec<_>>(),
    });
    if subject == SubjectKind::Node {
        object["scope"] = json!({ "apiVersion": "v1", "kind": "Node", "name": hostile::cut(node, NAME) });
    }
    if kind.source {
        object["source"] = "seaworthy".into();
    }
    object
}

fn result_of(report: &Report, finding: &Finding, changed: Option<&str>, limit: usize) -> Value {
    let section = report.sections.iter().find(|section| section.id == finding.section);
    let category = format!("{} {}", finding.section, section.map_or("", |section| section.title.as_str()));
    let mut out = json!({
        "source": "seaworthy",
        "policy": hostile::cut(identity::benchmark(finding), limit),
        "rule": hostile::cut(&finding.id, limit),
        "category": hostile::cut(category.trim_end(), limit),
        "severity": finding.severity.as_str(),
        "scored": finding.scored,
        "result": result(finding),
        "message": hostile::cut(&finding.title, limit),
        "properties": properties(finding, changed, limit),
    });
    if let Some(time) = report.time.as_deref().and_then(|time| time.parse::<jiff::Timestamp>().ok()) {
        out["timestamp"] = json!({ "seconds": time.as_second(), "nanos": time.subsec_nanosecond().max(0) });
    }
    out
}

/// All values are strings, and none is empty.
fn properties(finding: &Finding, changed: Option<&str>, limit: usize) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |key: &str, text: &str| {
        if !text.is_empty() {
            out.insert(key.to_owned(), hostile::cut(text, limit).into());
        }
    };
    put("verdict", finding.verdict.as_str());
    put("reason", words::reason(finding));
    put("expected", &finding.expected);
    let seen: Vec<String> = finding
        .evidence
        .iter()
        .map(|evidence| {
            let (first, below) = words::evidence(evidence);
            [vec![first], below].concat().join("; ")
        })
        .collect();
    put("actual", &seen.join(" | "));
    put("resources", &finding.resources.iter().map(words::resource).collect::<Vec<_>>().join(" | "));
    if let Some(remediation) = finding.remediation.as_ref() {
        put("remediation", &remediation.summary);
    }
    if let Some(waiver) = finding.waiver.as_ref() {
        put("waiver", &format!("{}: {}", words::waived(waiver), waiver.reason));
    }
    put("changed", changed.unwrap_or_default());
    put("check", &finding.rule);
    put("level", &finding.level.to_string());
    put("label", words::label(finding));
    // Cut it would name another finding.
    out.insert("fingerprint".to_owned(), identity::fingerprint(finding).into());
    out
}

/// The word for a finding. The API has none for "a person must decide" but `warn`, and refuses any other.
fn result(finding: &Finding) -> &'static str {
    // Waived, skipped, not applicable.
    if finding.status == Status::Info || finding.kind == Reason::Skipped {
        return "skip";
    }
    match finding.verdict {
        Verdict::Pass => "pass",
        Verdict::Fail if finding.status == Status::Fail => "fail",
        Verdict::Fail | Verdict::Manual => "warn",
        Verdict::Unknown => "error",
        Verdict::NotApplicable => "skip",
    }
}

/// A DNS subdomain. Two subjects never get the same: what had to be changed or cut bears a digest of what it was.
fn name(subject: SubjectKind, node: &str, benchmark: &str, index: usize) -> String {
    let full = match subject {
        SubjectKind::Node => format!("seaworthy-{benchmark}-node-{node}"),
        SubjectKind::Cluster => format!("seaworthy-{benchmark}-cluster"),
    };
    let part = if index == 0 { String::new() } else { format!("-part{}", index + 1) };
    if is_subdomain(&full) && full.len() + part.len() <= NAME && !full.contains("-part") {
        return full + &part;
    }
    let digest = &HEXLOWER.encode(&Sha256::digest(full.as_bytes()))[..16];
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let words: String = full.chars().map(letter).take(NAME - digest.len() - part.len() - 1).collect();
    format!("{}-{digest}{part}", words.trim_end_matches('-'))
}

fn is_subdomain(name: &str) -> bool {
    let label = |label: &str| {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= NAME && name.split('.').all(label)
}
