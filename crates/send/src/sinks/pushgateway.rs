//! A Prometheus Pushgateway: the metrics of a report replace those of the report before, in a group of their own for each node.

use data_encoding::BASE64URL_NOPAD;
use seaworthy_model::{Report, SubjectKind};
use seaworthy_report::format::Context;
use seaworthy_report::{identity, prometheus};
use serde::{Deserialize, Serialize};

use crate::outgoing::Outgoing;
use crate::settings::Settings;
use crate::sink::{Batch, Delivered, Keep, Limits, Part, Sink, Trouble};
use crate::wire::Wire;

/// A Pushgateway.
pub struct Pushgateway {
    wire: Wire,
    /// `PREFIX/metrics/job/JOB`
    path: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Own {
    job: Option<String>,
}

/// A part's body.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// Whose group it is.
    instance: String,
    metrics: String,
}

impl Pushgateway {
    /// From its settings; user and password, or a token as a bearer token, for what stands in front of it.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<Pushgateway, String> {
        let own: Own = settings.own()?;
        let job = own.job.unwrap_or_else(|| "seaworthy".to_owned());
        if job.is_empty() || job.contains(char::is_control) {
            return Err("job is a name".to_owned());
        }
        let wire = Wire::new(&settings.address, &settings.trust, &settings.authorized("Bearer"), &settings.secrets())?;
        let prefix = settings.address.path.trim_end_matches('/');
        Ok(Pushgateway { wire, path: format!("{prefix}/metrics{}", label("job", &job)) })
    }
}

impl Sink for Pushgateway {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        // Numbers are of the whole report, whichever findings are asked for.
        let context = Context { changes: outgoing.changes, ..Context::default() };
        let instance = instance(outgoing.report);
        let id = identity::uuid(&["metrics", &outgoing.report.scan_id, &instance]);
        let stored = Stored { instance, metrics: prometheus::render(outgoing.report, &context) };
        let body = serde_json::to_string(&stored).map_err(|error| error.to_string())?;
        out(Part { id, body })
    }

    fn limits(&self) -> Limits {
        Limits::ONE
    }

    fn keep(&self) -> Keep {
        Keep::Newest
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let body = batch.joined("");
        let stored: Stored =
            serde_json::from_str(&body).map_err(|error| Trouble::Refused { why: format!("not ours: {error}") })?;
        let path = format!("{}{}", self.path, label("instance", &stored.instance));
        let headers = [("content-type", "text/plain; version=0.0.4; charset=utf-8")];
        // PUT and not POST: a check that is no more takes its series with it.
        let answer = self.wire.send("PUT", &path, &headers, stored.metrics.as_bytes())?;
        self.wire.judge(&answer)?;
        Ok(Delivered { answer: self.wire.shown(&answer), ..Delivered::default() })
    }
}

/// The only node; of several, and of none, the cluster: nodes that leave it take their series with them.
fn instance(report: &Report) -> String {
    let mut nodes = report.subjects.iter().filter(|subject| subject.kind == SubjectKind::Node);
    match (nodes.next(), nodes.next(), report.expected) {
        (Some(node), None, 0 | 1) => node.name.clone(),
        _ => identity::cluster_of(report).unwrap_or("cluster").to_owned(),
    }
}

/// A label of the group as a piece of the path. What cannot stand there as it is stands there in base64, as the Pushgateway has it.
fn label(name: &str, value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    // A name of dots alone is a folder to what stands in between.
    if value.chars().all(plain) && value.contains(|c: char| c != '.') {
        return format!("/{name}/{value}");
    }
    let encoded = BASE64URL_NOPAD.encode(value.as_bytes());
    format!("/{name}@base64/{}", if encoded.is_empty() { "=" } else { &encoded })
}
