//! The items of a run as SARIF rules, each once.

use std::collections::BTreeMap;

use seaworthy_model::{Finding, Severity};
use serde_json::{Value, json};

use super::place::literal;
use crate::document::{self, line};
use crate::words;

/// The rules of a run, in the order in which its results name them.
pub(super) struct Rules<'a> {
    benchmark: &'a str,
    list: Vec<&'a Finding>,
    index: BTreeMap<&'a str, usize>,
}

impl<'a> Rules<'a> {
    pub(super) fn of(benchmark: &'a str, findings: impl Iterator<Item = &'a Finding>) -> Self {
        let mut rules = Rules { benchmark, list: Vec::new(), index: BTreeMap::new() };
        for finding in findings {
            let place = *rules.index.entry(&finding.id).or_insert(rules.list.len());
            match rules.list.get_mut(place) {
                // Only findings that ask for something to be done say how.
                Some(known) if known.remediation.is_none() && finding.remediation.is_some() => *known = finding,
                Some(_) => {}
                None => rules.list.push(finding),
            }
        }
        rules
    }

    /// `CIS-1.2.15`.
    pub(super) fn id(&self, finding: &Finding) -> String {
        document::item(self.benchmark, &finding.id).to_ascii_uppercase()
    }

    pub(super) fn index(&self, finding: &Finding) -> Option<usize> {
        self.index.get(finding.id.as_str()).copied()
    }

    pub(super) fn reference(&self, finding: &Finding) -> Value {
        json!({"id": self.id(finding), "index": self.index(finding)})
    }

    pub(super) fn json(&self) -> Vec<Value> {
        self.list.iter().map(|finding| self.rule(finding)).collect()
    }

    fn rule(&self, finding: &Finding) -> Value {
        let title = line(&finding.title);
        let wanted =
            if finding.expected.is_empty() { String::new() } else { format!(" Wanted: {}.", finding.expected) };
        let full = format!("{}.{}", title.trim_end_matches('.'), line(&wanted));
        let guide = document::guide(finding);
        let level = if finding.scored { "error" } else { "warning" };
        // How GitHub orders failures: below 4.0 low, below 7.0 medium, below 9.0 high.
        let severity = match finding.severity {
            Severity::Low => "3.0",
            Severity::Medium => "5.5",
            Severity::High => "8.0",
            Severity::Critical => "9.5",
        };
        let level_tag = format!("level-{}", finding.level);
        json!({
            "id": self.id(finding),
            "name": line(&finding.rule),
            "shortDescription": {"text": literal(&format!("{}.", title.trim_end_matches('.')))},
            "fullDescription": {"text": literal(&full)},
            "help": {"text": literal(guide.as_deref().unwrap_or(&full)), "markdown": guide},
            "defaultConfiguration": {"level": level},
            "properties": {
                "tags": ["security", "kubernetes", line(self.benchmark), level_tag, words::label(finding)],
                "precision": "very-high",
                "security-severity": severity,
                "severity": finding.severity.as_str(),
                "section": line(&finding.section),
                "target": line(&finding.target),
                "scored": finding.scored,
            },
        })
    }
}
