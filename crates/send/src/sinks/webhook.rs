//! A webhook: CloudEvents 1.0 in the structured mode, one request an event (`form = "cloudevents"`, the default) or many
//! (`"cloudevents-batch"`), or the report itself in our own JSON (`"json"`), whole: `when` says then whether it is sent, not what of it.
//!
//! With `hmac-file` or `hmac-env` every request is signed. `X-Seaworthy-Timestamp` holds the seconds since 1970 at which this very try
//! was made, `X-Seaworthy-Signature` (`hmac-header` names another) holds `sha256=` and, in lower-case hexadecimal, the HMAC-SHA256 of
//! the timestamp's digits, a full stop, and the body as it was sent, byte for byte. The key is the file's text as UTF-8, without blanks
//! and line ends around it. A receiver computes the same over what it got, compares in constant time, and refuses a timestamp that is
//! minutes old: a request that somebody recorded cannot be played again later. Within these minutes the event's id tells a repetition.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use seaworthy_report::{identity, json};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use super::url_path;
use crate::outgoing::{Item, Outgoing};
use crate::secret::{Reference, Secret};
use crate::settings::Settings;
use crate::sink::{Batch, Delivered, Limits, Part, Sink, Trouble};
use crate::wire::Wire;

/// The header of the signature, unless another is set.
const SIGNATURE: &str = "X-Seaworthy-Signature";
/// The header of the time that is signed with it.
const TIMESTAMP: &str = "X-Seaworthy-Timestamp";
/// The type of our events. What is in `data` changes only by additions; anything else would be a v2.
const TYPE: &str = "seaworthy.finding.v1";

/// A webhook.
pub struct Webhook {
    wire: Wire,
    path: String,
    form: Form,
    hmac: Option<Secret>,
    header: String,
}

/// What a request holds.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    #[default]
    Cloudevents,
    CloudeventsBatch,
    Json,
}

/// Its own settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Own {
    #[serde(default)]
    form: Form,
    hmac_file: Option<std::path::PathBuf>,
    hmac_env: Option<String>,
    hmac_header: Option<String>,
}

impl Webhook {
    /// From its settings; `token` is sent as a bearer token.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<Webhook, String> {
        let own: Own = settings.own()?;
        let hmac = Reference { file: own.hmac_file, env: own.hmac_env }.read("hmac")?;
        let header = match (own.hmac_header, &hmac) {
            (Some(_), None) => return Err("hmac-header is of no use without hmac-file or hmac-env".to_owned()),
            (Some(name), _) if name.parse::<ureq::http::HeaderName>().is_err() => {
                return Err(format!("hmac-header {name:?} is no name of a header"));
            }
            (name, _) => name.unwrap_or_else(|| SIGNATURE.to_owned()),
        };
        let mut secrets = settings.secrets();
        secrets.extend(hmac.clone());
        let wire = Wire::new(&settings.address, &settings.trust, &settings.authorized("Bearer"), &secrets)?;
        Ok(Webhook { wire, path: url_path(settings), form: own.form, hmac, header })
    }
}

impl Sink for Webhook {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        if self.form == Form::Json {
            if !outgoing.is_worth_a_message() {
                return Ok(());
            }
            let body = json::render(outgoing.report, &json::Options { pretty: false, totals: true });
            return out(Part { id: outgoing.report_id(), body });
        }
        for item in &outgoing.items {
            let id = outgoing.event_id(item);
            let body = event(outgoing, item, &id).to_string();
            out(Part { id, body })?;
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        match self.form {
            Form::Cloudevents | Form::Json => Limits::ONE,
            Form::CloudeventsBatch => Limits { count: 500, bytes: 1 << 20 },
        }
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let (media_type, body) = match self.form {
            Form::Cloudevents => ("application/cloudevents+json; charset=utf-8", batch.joined("")),
            Form::CloudeventsBatch => {
                ("application/cloudevents-batch+json; charset=utf-8", format!("[{}]", batch.joined(",")))
            }
            Form::Json => ("application/json", batch.joined("")),
        };
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().to_string();
        let signature = self.hmac.as_ref().map(|key| signature(key, &time, &body));
        let mut headers = vec![("content-type", media_type)];
        if let Some(signature) = &signature {
            headers.extend([(TIMESTAMP, time.as_str()), (self.header.as_str(), signature.as_str())]);
        }
        let answer = self.wire.send("POST", &self.path, &headers, body.as_bytes())?;
        self.wire.judge(&answer)?;
        Ok(Delivered { answer: self.wire.shown(&answer), ..Delivered::default() })
    }
}

/// `sha256=` and the HMAC in hexadecimal.
fn signature(key: &Secret, time: &str, body: &str) -> String {
    let hash = match Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()) {
        Ok(mut mac) => {
            [time, ".", body].iter().for_each(|text| mac.update(text.as_bytes()));
            mac.finalize().into_bytes()
        }
        // HMAC takes keys of any length.
        Err(_) => unreachable!("a key that HMAC does not take"),
    };
    format!("sha256={}", data_encoding::HEXLOWER.encode(&hash))
}

/// One event. `data` is the finding as the JSON report has it, with whose and which scan's it is and what became of it.
fn event(outgoing: &Outgoing<'_>, item: &Item<'_>, id: &str) -> Value {
    let (report, finding) = (outgoing.report, item.finding);
    let (cluster, node) = (identity::cluster(finding), identity::node(finding));
    // Only a map with keys that are no strings has no JSON form, and a finding holds none.
    let mut data = serde_json::to_value(finding).unwrap_or_default();
    data["scan_id"] = json!(report.scan_id);
    data["benchmark"] = json!(identity::benchmark(finding));
    data["fingerprint"] = json!(identity::fingerprint(finding));
    data["state"] = json!(item.state());
    if let Some(change) = item.change {
        data["change"] = json!(change.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
        data["verdict_before"] = json!(change.before.map(|before| before.verdict));
    }
    let mut event = json!({
        "specversion": "1.0",
        "id": id,
        "source": source(cluster, &finding.subject.name),
        "type": TYPE,
        "subject": finding.id,
        "datacontenttype": "application/json",
        "severity": finding.severity,
    });
    for (key, value) in [("time", report.time.as_deref()), ("clusterid", cluster), ("nodename", node)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            event[key] = json!(value);
        }
    }
    event["data"] = data;
    cleaned(event)
}

/// `urn:seaworthy:CLUSTER:SUBJECT`, a URI whatever the names hold.
fn source(cluster: Option<&str>, subject: &str) -> String {
    let encode = |text: &str| -> String {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
        text.bytes()
            .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    format!("urn:seaworthy:{}:{}", cluster.map_or_else(|| "-".to_owned(), encode), encode(subject))
}

/// All texts with their hostile characters written out: what is kept in databases and shown in consoles comes through here.
fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(seaworthy_report::clean_lines(&text)),
        Value::Array(list) => Value::Array(list.into_iter().map(cleaned).collect()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(key, value)| (key, cleaned(value))).collect()),
        other => other,
    }
}
