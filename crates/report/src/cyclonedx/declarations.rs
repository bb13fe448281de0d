//! What is declared of each requirement, on each subject.

use std::collections::BTreeMap;

use seaworthy_model::{Finding, Kind, Report, Status, SubjectKind, Verdict};
use serde_json::{Map, Value, json};

use super::{References, item, time};
use crate::changes::Changes;
use crate::{hostile, identity, words};

pub(super) fn of(report: &Report, changes: Option<&Changes<'_>>, references: &References<'_>) -> Value {
    let mut all =
        Parts { report, references, changes, claims: Vec::new(), evidence: Vec::new(), names: BTreeMap::new() };
    let attestations: Vec<Value> = (1..).zip(&references.subjects).map(|(index, _)| all.attestation(index)).collect();
    let targets = (1..).zip(&references.subjects).map(|(index, (subject, _))| {
        let kind = if subject.kind == SubjectKind::Node { "device" } else { "platform" };
        json!({ "type": kind, "bom-ref": format!("subject-{index}"), "name": hostile::clean(&subject.name) })
    });
    let targets: Vec<Value> = targets.collect();
    json!({
        "assessors": [{
            "bom-ref": "assessor",
            "thirdParty": false,
            "organization": { "name": hostile::clean(&report.tool.name) },
        }],
        "attestations": attestations,
        "claims": all.claims,
        "evidence": all.evidence,
        "targets": { "components": targets },
    })
}

struct Parts<'a> {
    report: &'a Report,
    references: &'a References<'a>,
    changes: Option<&'a Changes<'a>>,
    claims: Vec<Value>,
    evidence: Vec<Value>,
    /// How often each name was given.
    names: BTreeMap<String, u32>,
}

impl Parts<'_> {
    /// All that is declared of one subject.
    fn attestation(&mut self, subject: usize) -> Value {
        let (of, findings) = &self.references.subjects[subject - 1];
        let map: Vec<Value> = findings.iter().map(|finding| self.requirement(subject, finding)).collect();
        let what = if of.kind == SubjectKind::Node { "node" } else { "cluster" };
        let mut summary = format!("{} on {what} {}", self.report.header.benchmark.title, of.name);
        let gone = self.changes.iter().flat_map(|changes| changes.gone());
        let gone: Vec<&str> =
            gone.filter(|f| f.subject.kind == of.kind && f.subject.name == of.name).map(|f| f.id.as_str()).collect();
        if !gone.is_empty() {
            summary.push_str(&format!("; not asked any more since the last report: {}", gone.join(", ")));
        }
        json!({ "summary": hostile::clean(&summary), "assessor": "assessor", "map": map })
    }

    fn requirement(&mut self, subject: usize, finding: &Finding) -> Value {
        let mut out = Map::new();
        out.insert("requirement".into(), self.references.items[&item(finding)].as_str().into());
        let mut conformance = json!({ "rationale": hostile::clean(&self.rationale(finding)) });
        let claim = |parts: &mut Self| json!([parts.claim(subject, finding)]);
        match finding.verdict {
            // What was left out was not judged, whatever it would have been.
            _ if finding.kind == Kind::Skipped => {}
            Verdict::Pass => {
                out.insert("claims".into(), claim(self));
                conformance["score"] = 1.into();
            }
            Verdict::Fail => {
                out.insert("counterClaims".into(), claim(self));
                conformance["score"] = 0.into();
            }
            Verdict::Manual | Verdict::Unknown if !finding.evidence.is_empty() || finding.waiver.is_some() => {
                out.insert("claims".into(), claim(self));
            }
            Verdict::Manual | Verdict::Unknown | Verdict::NotApplicable => {}
        }
        if finding.waiver.is_some()
            && let Some(claim) = self.claims.last().filter(|_| out.len() > 1)
        {
            conformance["mitigationStrategies"] = claim["mitigationStrategies"].clone();
        }
        out.insert("conformance".into(), conformance);
        Value::Object(out)
    }

    /// The verdict in words, and what became of it since the last report.
    fn rationale(&self, finding: &Finding) -> String {
        let word = match finding.status {
            Status::Pass | Status::Fail => finding.status.as_str().to_lowercase(),
            Status::Warn | Status::Info => String::new(),
        };
        let why = words::why(finding);
        let mut text = if word.is_empty() { why.to_string() } else { format!("{word}: {why}") };
        if let Some(change) = self.changes.and_then(|changes| changes.of(finding)) {
            let kinds: Vec<&str> = change.kinds.iter().map(|kind| kind.as_str()).collect();
            text.push_str(&format!(" (since the last report: {})", kinds.join(", ")));
        }
        text
    }

    /// Adds a claim with its evidence, and gives the claim's reference.
    fn claim(&mut self, subject: usize, finding: &Finding) -> String {
        let name = self.name(finding);
        let reference = format!("claim-{name}");
        let seen: Vec<(String, String, Vec<String>)> = finding
            .evidence
            .iter()
            .map(|e| (e.what.clone(), words::evidence(e).0, words::evidence(e).1))
            .chain(finding.resources.iter().map(|r| (r.name.clone(), words::resource(r), Vec::new())))
            .collect();
        let mut references = Vec::new();
        for (index, (what, first, below)) in (1..).zip(seen) {
            let reference = format!("evidence-{name}-{index}");
            let content: Vec<String> =
                [vec![first], below].concat().iter().map(|line| hostile::clean(line).into()).collect();
            let mut evidence = json!({
                "bom-ref": reference,
                "description": hostile::clean(&what),
                "data": [{
                    "name": hostile::clean(&what),
                    "contents": { "attachment": { "contentType": "text/plain", "content": content.join("\n") } },
                }],
            });
            if let Some(time) = time(self.report) {
                evidence["created"] = time.into();
            }
            self.evidence.push(evidence);
            references.push(reference);
        }
        let predicate = match finding.verdict {
            Verdict::Pass => "It holds",
            Verdict::Fail => "It does not hold",
            Verdict::Manual => "A person must decide",
            Verdict::Unknown | Verdict::NotApplicable => "It could not be found out",
        };
        let mut claim = json!({
            "bom-ref": reference,
            "target": format!("subject-{subject}"),
            "predicate": format!("{predicate}: {}", hostile::clean(&finding.title)),
            "reasoning": hostile::clean(words::reason(finding)),
        });
        if !references.is_empty() {
            claim["evidence"] = json!(references);
        }
        if let Some(waiver) = &finding.waiver {
            let text = format!("{}: {}", words::waived(waiver), waiver.reason);
            let reference = format!("waiver-{name}");
            self.evidence.push(json!({ "bom-ref": reference, "description": hostile::clean(&text) }));
            claim["mitigationStrategies"] = json!([reference]);
        }
        self.claims.push(claim);
        reference
    }

    /// What the references of a finding end with: the same from scan to scan. Should two findings be one by identity, they are counted.
    fn name(&mut self, finding: &Finding) -> String {
        let fingerprint = identity::fingerprint(finding);
        let count = self.names.entry(fingerprint.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { fingerprint } else { format!("{fingerprint}-again{count}") }
    }
}
