//! OpenTelemetry: a log record for each finding and a few gauges for each report, as OTLP in JSON over HTTP (protocol 1.11).

mod logs;
mod metrics;

use std::io::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::outgoing::Outgoing;
use crate::settings::Settings;
use crate::sink::{Batch, Delivered, Limits, Part, Sink, Trouble};
use crate::wire::{Answer, Wire};

/// Collectors take some megabytes; this is far below all of them.
const BATCH: Limits = Limits { count: 1000, bytes: 2 << 20 };

/// A collector, or a service that speaks as one.
pub struct Otlp {
    wire: Wire,
    /// What stands in front of `/v1/logs`.
    prefix: String,
    signals: Vec<Signal>,
    gzip: bool,
}

/// What is sent, each to a path of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Signal {
    Logs,
    Metrics,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Own {
    signals: Option<Vec<Signal>>,
    #[serde(default)]
    gzip: bool,
}

/// A part's body: what of its request is its own. Requests are put together when they are sent.
#[derive(Serialize, Deserialize)]
struct Stored {
    signal: Signal,
    /// Whom it is about. Parts about the same stand below one resource.
    resource: Value,
    scope: Value,
    /// Log records, or metrics.
    content: Vec<Value>,
}

impl Otlp {
    /// From its settings: `token` is sent as a bearer token; services with a key of their own want it in `header-files`.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<Otlp, String> {
        let own: Own = settings.own()?;
        let signals = own.signals.unwrap_or_else(|| vec![Signal::Logs, Signal::Metrics]);
        if signals.is_empty() {
            return Err("signals names at least one of logs and metrics".to_owned());
        }
        let wire = Wire::new(&settings.address, &settings.trust, &settings.authorized("Bearer"), &settings.secrets())?;
        let prefix = settings.address.path.trim_end_matches('/').to_owned();
        Ok(Otlp { wire, prefix, signals, gzip: own.gzip })
    }

    /// Sends the parts of one signal. `places` are theirs in the batch.
    fn send(&self, signal: Signal, parts: &[Stored], places: &[usize]) -> Result<Delivered, Trouble> {
        let body = request(signal, parts).to_string().into_bytes();
        let path = format!("{}/v1/{}", self.prefix, signal.word());
        let json = ("content-type", "application/json");
        let answer = if self.gzip {
            let packed = gzip(&body).map_err(|error| Trouble::Blocked { why: format!("gzip failed: {error}") })?;
            self.wire.send("POST", &path, &[json, ("content-encoding", "gzip")], &packed)?
        } else {
            self.wire.send("POST", &path, &[json], &body)?
        };
        // The specification has receivers that answer 500 left alone. Those that mean it answer 400; the others are broken for a while.
        self.wire.judge(&answer)?;
        self.read(signal, &answer, places)
    }

    /// Reads a yes: it may be a yes to a part only.
    fn read(&self, signal: Signal, answer: &Answer, places: &[usize]) -> Result<Delivered, Trouble> {
        let shown = self.wire.shown(answer);
        let said = match answer.body.trim() {
            "" => json!({}),
            body => serde_json::from_str(body).unwrap_or_default(),
        };
        if !said.is_object() {
            return Err(Trouble::Blocked { why: format!("{shown}: that is no receiver of OTLP in JSON") });
        }
        let partial = &said["partialSuccess"];
        let rejected = number(&partial[signal.rejected()]);
        let mut refused = Vec::new();
        if rejected > 0 {
            let message = partial["errorMessage"].as_str().unwrap_or("");
            let message: String = self.wire.clean(message).chars().take(300).collect();
            let why = format!("it took all but {rejected} and does not say which: {message}");
            // They may not be sent again, and which they are is not known: as many are counted.
            let count = usize::try_from(rejected).unwrap_or(usize::MAX);
            refused.extend(places.iter().take(count).map(|place| (*place, why.clone())));
        }
        Ok(Delivered { answer: shown, refused, ..Delivered::default() })
    }
}

impl Signal {
    fn word(self) -> &'static str {
        match self {
            Signal::Logs => "logs",
            Signal::Metrics => "metrics",
        }
    }

    /// The field that counts what was not taken.
    fn rejected(self) -> &'static str {
        match self {
            Signal::Logs => "rejectedLogRecords",
            Signal::Metrics => "rejectedDataPoints",
        }
    }
}

impl Sink for Otlp {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        let mut give = |id: String, stored: &Stored| {
            let body = serde_json::to_string(stored).map_err(|error| error.to_string())?;
            out(Part { id, body })
        };
        if self.signals.contains(&Signal::Logs) {
            for item in &outgoing.items {
                let id = outgoing.event_id(item);
                let stored = logs::part(outgoing, item, &id);
                give(id, &stored)?;
            }
        }
        if self.signals.contains(&Signal::Metrics) {
            for stored in metrics::parts(outgoing) {
                let id = seaworthy_report::identity::uuid(&[
                    "metrics",
                    &outgoing.report.scan_id,
                    &stored.resource.to_string(),
                ]);
                give(id, &stored)?;
            }
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        BATCH
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let mut all = Delivered::default();
        for signal in [Signal::Logs, Signal::Metrics] {
            let (mut parts, mut places) = (Vec::new(), Vec::new());
            for (place, part) in batch.parts.iter().enumerate() {
                match serde_json::from_str::<Stored>(&part.body) {
                    Ok(stored) if stored.signal == signal => {
                        parts.push(stored);
                        places.push(place);
                    }
                    Ok(_) => {}
                    Err(error) if signal == Signal::Logs => all.refused.push((place, format!("not ours: {error}"))),
                    Err(_) => {}
                }
            }
            if parts.is_empty() {
                continue;
            }
            match self.send(signal, &parts, &places) {
                Ok(delivered) => {
                    all.answer = delivered.answer;
                    all.refused.extend(delivered.refused);
                }
                Err(Trouble::Refused { why }) if places.len() < batch.parts.len() => {
                    all.refused.extend(places.iter().map(|place| (*place, why.clone())));
                    all.answer = why;
                }
                // The logs have arrived. What is left is metrics only, and the next try says what is the matter with them.
                Err(trouble) if signal == Signal::Metrics && places.len() < batch.parts.len() => {
                    all.again.extend(places.iter().map(|place| (*place, trouble.why().to_owned())));
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(all)
    }
}

/// A request: parts about the same resource one below the other, in their order.
fn request(signal: Signal, parts: &[Stored]) -> Value {
    let (outer, inner, content) = match signal {
        Signal::Logs => ("resourceLogs", "scopeLogs", "logRecords"),
        Signal::Metrics => ("resourceMetrics", "scopeMetrics", "metrics"),
    };
    let mut groups: Vec<(&Stored, Vec<&Value>)> = Vec::new();
    for part in parts {
        let known = groups.iter_mut().find(|(first, _)| first.resource == part.resource && first.scope == part.scope);
        match known {
            Some((_, list)) => list.extend(&part.content),
            None => groups.push((part, part.content.iter().collect())),
        }
    }
    let groups = groups.iter().map(|(first, list)| {
        let scope = json!({ "scope": first.scope, content: list });
        json!({ "resource": first.resource, inner: [scope] })
    });
    json!({ outer: groups.collect::<Vec<_>>() })
}

fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body)?;
    encoder.finish()
}

/// 64 bits, which JSON has as text; some write them as a number.
fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}

/// A pair of name and text, or none where there is no text.
fn text(key: &str, value: &str) -> Option<Value> {
    let value = seaworthy_report::clean(value);
    (!value.is_empty()).then(|| json!({ "key": key, "value": { "stringValue": value } }))
}

/// Whom a record or a number is about, by the names of OpenTelemetry's conventions.
fn resource(outgoing: &Outgoing<'_>, cluster: Option<&str>, node: Option<&str>) -> Value {
    let report = outgoing.report;
    let cluster = cluster.unwrap_or("");
    // By convention the uid is that of the namespace kube-system; ours may be another name of the cluster.
    let uid = cluster.len() == 36 && cluster.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    let node = node.unwrap_or("");
    let attributes = [
        text("service.name", &report.tool.name),
        text("service.version", &report.tool.version),
        text(if uid { "k8s.cluster.uid" } else { "k8s.cluster.id" }, cluster),
        text("k8s.node.name", node),
        text("host.name", node),
    ];
    json!({ "attributes": attributes.into_iter().flatten().collect::<Vec<_>>() })
}

/// What made it.
fn scope(outgoing: &Outgoing<'_>) -> Value {
    json!({ "name": "seaworthy", "version": outgoing.report.tool.version })
}

/// Nanoseconds since 1970, as text; none where the time is not known.
fn nanoseconds(outgoing: &Outgoing<'_>) -> Option<String> {
    let time = super::document::time(outgoing)?.as_nanosecond();
    (time > 0).then(|| time.to_string())
}
