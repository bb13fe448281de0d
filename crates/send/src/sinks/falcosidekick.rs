//! Falcosidekick, and through it the outputs that it knows: an event for each finding, in the form that Falco itself sends
//! (Falcosidekick 2.34.1 refuses an unknown priority, an empty rule, a time of zero and an event without fields).

use seaworthy_model::{Finding, Severity, Verdict};
use seaworthy_report::changes::fails;
use seaworthy_report::identity;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::outgoing::{Item, Outgoing};
use crate::settings::Settings;
use crate::sink::{Batch, Delivered, Limits, Part, Sink, Trouble};
use crate::wire::Wire;

/// The source that the events bear: Falco's own have `syscall` or a plugin's name there.
const SOURCE: &str = "k8s_cis";

/// A Falcosidekick.
pub struct Falcosidekick {
    wire: Wire,
    path: String,
}

/// It has no settings of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {}

impl Falcosidekick {
    /// From its settings; `token` is sent as a bearer token, for a proxy in front of it.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<Falcosidekick, String> {
        let Own {} = settings.own()?;
        let wire = Wire::new(&settings.address, &settings.trust, &settings.authorized("Bearer"), &settings.secrets())?;
        let path = if settings.address.path.is_empty() { "/".to_owned() } else { settings.address.path.clone() };
        Ok(Falcosidekick { wire, path })
    }
}

impl Sink for Falcosidekick {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        for item in &outgoing.items {
            let id = outgoing.event_id(item);
            let body = event(outgoing, item, &id).to_string();
            out(Part { id, body })?;
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        // It takes one event a request.
        Limits::ONE
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let headers = [("content-type", "application/json")];
        let answer = self.wire.send("POST", &self.path, &headers, batch.joined("").as_bytes())?;
        self.wire.judge(&answer)?;
        Ok(Delivered { answer: self.wire.shown(&answer), ..Delivered::default() })
    }
}

/// One event. All fields are text: Falcosidekick panics on numbers in some.
fn event(outgoing: &Outgoing<'_>, item: &Item<'_>, id: &str) -> Value {
    let finding = item.finding;
    let clean = |text: &str| seaworthy_report::clean(text).into_owned();
    let state = item.state();
    let node = identity::node(finding).unwrap_or("");
    let subject = &finding.subject.name;
    let mut fields = serde_json::Map::new();
    let mut add = |key: &str, value: &str| {
        if !value.is_empty() {
            fields.insert(key.to_owned(), Value::String(clean(value)));
        }
    };
    add("cis.id", &finding.id);
    add("cis.rule", &finding.rule);
    add("cis.title", &finding.title);
    add("cis.benchmark", identity::benchmark(finding));
    add("cis.section", &finding.section);
    add("cis.level", &finding.level.to_string());
    add("cis.status", finding.status.as_str());
    add("cis.verdict", finding.verdict.as_str());
    add("cis.state", state);
    add("cis.severity", finding.severity.as_str());
    add("cis.reason", &finding.reason);
    add("cis.expected", &finding.expected);
    add("cis.remediation", finding.remediation.as_ref().map_or("", |remediation| &remediation.summary));
    add("cis.scan", &outgoing.report.scan_id);
    add("cis.finding", &identity::fingerprint(finding));
    add("k8s.cluster.id", identity::cluster(finding).unwrap_or(""));
    add("k8s.node.name", node);
    if let Some(change) = item.change {
        add("cis.change", change.kind().as_str());
        add("cis.verdict_before", change.before.map_or("", |before| before.verdict.as_str()));
    }
    let priority = priority(item);
    let time = outgoing.report.time.as_deref().unwrap_or("1970-01-01T00:00:01Z");
    let output = format!("{time}: {priority} {} on {subject}: {} {}", words(item), finding.id, finding.title);
    json!({
        "uuid": identity::uuid(&["event", id]),
        "output": clean(&format!("{output} ({})", finding.reason)),
        "priority": priority,
        "rule": clean(&format!("CIS {} {}", finding.id, finding.title)),
        "time": time,
        "source": SOURCE,
        "hostname": clean(subject),
        "tags": ["cis", format!("cis_{}", finding.id), finding.target],
        "output_fields": fields,
    })
}

fn words(item: &Item<'_>) -> &'static str {
    match (item.state(), item.finding.verdict) {
        ("gone", _) => "not asked any more",
        ("solved", _) => "solved",
        (_, Verdict::Pass) => "passes",
        (_, Verdict::Fail) if item.finding.waiver.is_some() => "waived",
        (_, Verdict::Fail) => "fails",
        (_, Verdict::Manual) => "to be judged by a person",
        (_, Verdict::Unknown) => "could not be decided",
        (_, Verdict::NotApplicable) => "does not apply",
    }
}

/// Falco's words, by how bad it is: what fails is a warning at least.
fn priority(item: &Item<'_>) -> &'static str {
    let finding: &Finding = item.finding;
    match finding.verdict {
        _ if item.gone || item.is_solved() => "Informational",
        Verdict::Fail if !fails(finding) => "Informational",
        Verdict::Fail if !finding.scored => "Notice",
        Verdict::Fail => match finding.severity {
            Severity::Critical => "Critical",
            Severity::High => "Error",
            Severity::Medium | Severity::Low => "Warning",
        },
        Verdict::Manual | Verdict::Unknown => "Notice",
        Verdict::Pass | Verdict::NotApplicable => "Debug",
    }
}
