//! Splunk's HTTP Event Collector: an event for each finding, as our JSON report has it. With `ack = true` a batch has arrived only when
//! the indexer says that it is on disk there; without, when the collector took it.

use std::time::{Duration, Instant};

use seaworthy_report::identity;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::outgoing::{Item, Outgoing};
use crate::secret::Secret;
use crate::settings::{self, Settings};
use crate::sink::{Batch, Delivered, Limits, Part, Sink, Trouble};
use crate::sinks::document;
use crate::wire::{Answer, Wire};

/// An event longer than this is cut by Splunk itself unless `TRUNCATE` of its source type says otherwise, in the middle of its JSON.
const EVENT_BYTES: usize = 10_000;
/// Splunk Cloud takes requests of 1 MB; the rest is for what is added to each event when it is sent.
const BATCH: Limits = Limits { count: 500, bytes: 800_000 };
const CHANNEL: &str = "x-splunk-request-channel";

/// An HTTP Event Collector.
pub struct Splunk {
    wire: Wire,
    path: String,
    /// `"index":"main",` and the like: added when an event is sent, so that a mended setting holds for what waits already.
    added: String,
    event_bytes: usize,
    channel: String,
    /// How long an acknowledgement is waited for; none is asked for without.
    ack: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Own {
    index: Option<String>,
    source: Option<String>,
    sourcetype: Option<String>,
    channel: Option<String>,
    #[serde(default)]
    ack: bool,
    ack_timeout: Option<String>,
    event_bytes: Option<usize>,
}

/// What a collector answers.
#[derive(Debug, Default, Deserialize)]
struct Said {
    code: Option<u32>,
    text: Option<String>,
    #[serde(rename = "ackId")]
    ack: Option<u64>,
    #[serde(rename = "invalid-event-number")]
    invalid: Option<usize>,
}

impl Splunk {
    /// From its settings: `token` is the collector's.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<Splunk, String> {
        let own: Own = settings.own()?;
        if settings.token.is_none() && settings.user.is_none() && !names_authorization(settings) {
            return Err("an HTTP Event Collector wants a token: give token-file or token-env".to_owned());
        }
        let wait = own.ack_timeout.as_deref().map(settings::seconds).transpose();
        let wait = wait.map_err(|error| format!("ack-timeout: {error}"))?;
        if wait.is_some() && !own.ack {
            return Err("ack-timeout has no meaning without ack = true".to_owned());
        }
        // The same for each run, so that a collector that never forgets channels has one of us.
        let channel = own.channel.unwrap_or_else(|| identity::uuid(&["channel", &settings.name]));
        let mut added = Map::new();
        added.extend(own.index.map(|index| ("index".to_owned(), Value::String(index))));
        added.insert("source".to_owned(), Value::String(own.source.unwrap_or_else(|| "seaworthy".to_owned())));
        let sourcetype = own.sourcetype.unwrap_or_else(|| "k8s:cis:audit".to_owned());
        added.insert("sourcetype".to_owned(), Value::String(sourcetype));
        let added = Value::Object(added).to_string();
        let mut headers = settings.authorized("Splunk");
        headers.push((CHANNEL.to_owned(), Secret::new(channel.clone())));
        let path = settings.address.path.trim_end_matches('/');
        Ok(Splunk {
            wire: Wire::new(&settings.address, &settings.trust, &headers, &settings.secrets())?,
            path: if path.is_empty() { "/services/collector/event".to_owned() } else { path.to_owned() },
            added: format!("{},", added.trim_start_matches('{').trim_end_matches('}')),
            event_bytes: own.event_bytes.unwrap_or(EVENT_BYTES).max(1000),
            channel,
            ack: own.ack.then(|| wait.unwrap_or(Duration::from_secs(30))),
        })
    }

    /// What an answer that is not a plain yes means for a batch of `count` events.
    fn judge(&self, answer: &Answer, count: usize) -> Result<Said, Trouble> {
        let said: Option<Said> = serde_json::from_str(&answer.body).ok();
        let why = self.wire.shown(answer);
        let Some(said) = said else {
            self.wire.judge(answer)?;
            return Err(Trouble::Blocked { why: format!("{why}: that is no HTTP Event Collector") });
        };
        match (answer.status, said.code) {
            (200..=299, Some(0)) => Ok(said),
            // Programs that speak as Splunk does leave the code away.
            (200..=299, None) if said.text.as_deref() == Some("Success") => Ok(said),
            (200..=299, _) => Err(Trouble::Blocked { why }),
            // Token, authorization, an index that the token may not use, channel, acknowledgement: somebody has to set it right.
            (_, Some(1..=4 | 7 | 10 | 11 | 14 | 16)) => Err(Trouble::Blocked { why }),
            (_, Some(8 | 9)) => Err(Trouble::Later { why, after: answer.after }),
            // One event is not accepted, and the answer does not say which: the half of them that has it will tell.
            (400, Some(6 | 12 | 13 | 15)) if count > 1 => Err(Trouble::TooLarge { why }),
            _ => match self.wire.judge(answer) {
                Err(trouble) => Err(trouble),
                Ok(()) => Err(Trouble::Blocked { why }),
            },
        }
    }

    /// Waits until the indexer has acknowledged a request.
    fn acknowledged(&self, id: u64, wait: Duration) -> Result<(), Trouble> {
        const COLLECTOR: &str = "/collector";
        let stem = self.path.find(COLLECTOR).map_or(self.path.as_str(), |at| &self.path[..at + COLLECTOR.len()]);
        let path = format!("{stem}/ack?channel={}", self.channel);
        let body = json!({ "acks": [id] }).to_string();
        let end = Instant::now() + wait;
        let mut pause = Duration::from_millis(200);
        loop {
            let answer = self.wire.send("POST", &path, &[("content-type", "application/json")], body.as_bytes())?;
            if answer.status != 200 {
                self.judge(&answer, 1)?;
            }
            let said: Value = serde_json::from_str(&answer.body).unwrap_or_default();
            match said["acks"][id.to_string()].as_bool() {
                Some(true) => return Ok(()),
                Some(false) => {}
                None => {
                    let why = format!("{}, which says nothing of the acknowledgement", self.wire.shown(&answer));
                    return Err(Trouble::Later { why, after: None });
                }
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let why = format!("it took the events and did not acknowledge them within {} ms", wait.as_millis());
                return Err(Trouble::Later { why, after: None });
            }
            std::thread::sleep(pause.min(left));
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    fn event(&self, outgoing: &Outgoing<'_>, item: &Item<'_>, id: &str) -> Value {
        let finding = item.finding;
        let report = outgoing.report;
        // Only a map with keys that are no text has no JSON form, and a finding has none.
        let mut event = match serde_json::to_value(finding) {
            Ok(Value::Object(object)) => object,
            _ => Map::new(),
        };
        let mut add = |key: &str, value: Value| event.insert(key.to_owned(), value);
        add("event_id", json!(id));
        add("fingerprint", json!(identity::fingerprint(finding)));
        add("scan_id", json!(report.scan_id));
        add("time", json!(report.time));
        add("benchmark", json!(identity::benchmark(finding)));
        add("cluster", json!(identity::cluster(finding)));
        add("node", json!(identity::node(finding)));
        add("kubernetes", json!(report.header.kubernetes));
        add("platform", json!(report.header.platform));
        add("state", json!(document::state(item)));
        add("change", json!(document::change(item)));
        event.retain(|_, value| !value.is_null());
        let event = match document::cleaned(Value::Object(event)) {
            Value::Object(event) => document::fit(event, self.event_bytes),
            _ => Map::new(),
        };
        let host = identity::node(finding).unwrap_or(&finding.subject.name);
        let mut whole = json!({ "event": event, "host": seaworthy_report::clean(host) });
        if let Some(time) = document::time(outgoing) {
            // Seconds with a fraction, as a number.
            whole["time"] = json!(time.as_millisecond() as f64 / 1000.0);
        }
        whole
    }
}

fn names_authorization(settings: &Settings) -> bool {
    settings.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
}

impl Sink for Splunk {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        for item in &outgoing.items {
            let id = outgoing.event_id(item);
            let body = self.event(outgoing, item, &id).to_string();
            out(Part { id, body })?;
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        BATCH
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let events: Vec<String> =
            batch.parts.iter().map(|part| format!("{{{}{}", self.added, part.body.trim_start_matches('{'))).collect();
        let headers = [("content-type", "application/json")];
        let answer = self.wire.send("POST", &self.path, &headers, events.join("\n").as_bytes())?;
        let shown = self.wire.shown(&answer);
        let count = batch.parts.len();
        if let Some(bad) = invalid(&answer, count) {
            // What stands before it may have been taken; it bears its id, so that a search can tell.
            let again = (0..count).filter(|place| *place != bad).map(|place| (place, shown.clone())).collect();
            return Ok(Delivered { answer: shown.clone(), refused: vec![(bad, shown)], again });
        }
        let said = self.judge(&answer, count)?;
        if let Some(wait) = self.ack {
            let Some(id) = said.ack else {
                let why = format!("{shown}, without an ackId: acknowledgement is off for this token, and ack is true");
                return Err(Trouble::Blocked { why });
            };
            self.acknowledged(id, wait)?;
        }
        Ok(Delivered { answer: shown, ..Delivered::default() })
    }
}

/// Which event the collector will never accept, if it says so.
fn invalid(answer: &Answer, count: usize) -> Option<usize> {
    let said: Said = serde_json::from_str(&answer.body).ok()?;
    let about_an_event = matches!(said.code, Some(5 | 6 | 12 | 13 | 15));
    said.invalid.filter(|place| answer.status == 400 && about_an_event && *place < count)
}
