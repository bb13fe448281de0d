//! Elasticsearch and OpenSearch: a document for each finding, by `_bulk`, in the fields of the Elastic Common Schema and those that
//! Elastic's own pages on Kubernetes posture read. A document's `_id` is the event's, so that what is sent twice is there once.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::outgoing::Outgoing;
use crate::settings::Settings;
use crate::sink::{Batch, Delivered, Limits, Part, Sink, Trouble};
use crate::sinks::ecs;
use crate::wire::{Answer, Wire};

/// A data stream: Elasticsearch has a template for `logs-*-*`, so that nothing has to be made first.
const INDEX: &str = "logs-seaworthy.findings-default";
/// The answer has a line for each document, and answers are read up to a limit.
const BATCH: Limits = Limits { count: 1000, bytes: 5 << 20 };
/// Of the answer only what is read.
const ANSWER: &str = "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason";

/// A cluster of Elasticsearch or OpenSearch.
pub struct Elastic {
    wire: Wire,
    /// `/INDEX/_bulk?…`
    path: String,
    operation: Operation,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Own {
    index: Option<String>,
    #[serde(default)]
    operation: Operation,
    pipeline: Option<String>,
}

/// What becomes of a document whose `_id` is there already: nothing, or it is replaced. Data streams know `create` only.
#[derive(Debug, Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Operation {
    #[default]
    Create,
    Index,
}

impl Elastic {
    /// From its settings: `token` is an API key, as its service shows it encoded; or user and password.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<Elastic, String> {
        let own: Own = settings.own()?;
        let path = settings.address.path.trim_end_matches('/');
        let (prefix, index) = match (own.index, path.rsplit_once('/')) {
            (Some(index), _) => (path, index),
            (None, Some((prefix, index))) => (prefix, index.to_owned()),
            (None, None) => (path, INDEX.to_owned()),
        };
        if !is_index(&index) {
            return Err("index is a name in lower case, with letters, digits, -, _, + and . only".to_owned());
        }
        let pipeline = match own.pipeline {
            Some(name) if !is_index(&name.to_ascii_lowercase()) => {
                return Err("pipeline is a name with letters, digits, -, _, + and . only".to_owned());
            }
            Some(name) => format!("pipeline={name}&"),
            None => String::new(),
        };
        let wire = Wire::new(&settings.address, &settings.trust, &settings.authorized("ApiKey"), &settings.secrets())?;
        Ok(Elastic { wire, path: format!("{prefix}/{index}/_bulk?{pipeline}{ANSWER}"), operation: own.operation })
    }

    /// Reads what became of each document.
    fn read(&self, answer: &Answer, count: usize) -> Result<Delivered, Trouble> {
        let shown = self.wire.shown(answer);
        let said: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let Some(errors) = said["errors"].as_bool() else {
            return Err(Trouble::Blocked { why: format!("{shown}: that is no answer to _bulk") });
        };
        let mut delivered = Delivered { answer: format!("it answered {}", answer.status), ..Delivered::default() };
        if !errors {
            return Ok(delivered);
        }
        let items = said["items"].as_array().filter(|items| items.len() == count);
        let Some(items) = items else {
            return Err(Trouble::Later { why: format!("{shown}: not an item for each document"), after: None });
        };
        let mut closed = 0;
        for (place, item) in items.iter().enumerate() {
            let result = item.as_object().and_then(|item| item.values().next()).unwrap_or(&Value::Null);
            let error = |key: &str| result["error"][key].as_str().unwrap_or("");
            let status = result["status"].as_u64().unwrap_or(0);
            let why = || {
                let why = self.wire.clean(&format!("{status} {}: {}", error("type"), error("reason")));
                why.chars().take(300).collect::<String>()
            };
            match status {
                200..=299 => {}
                // It arrived before: the answer to that was lost.
                409 if self.operation == Operation::Create => {}
                400 if error("reason").contains("op_type of create") => {
                    let why = format!("{}; it is a data stream: leave operation at create", why());
                    return Err(Trouble::Blocked { why });
                }
                // A right, or an index that is missing or closed for writing: the document is as good as before.
                401 | 403 | 404 => {
                    closed += 1;
                    delivered.again.push((place, why()));
                }
                // No status at all: nobody said that it is refused.
                0 | 408 | 409 | 429 | 500..=599 => delivered.again.push((place, why())),
                _ => delivered.refused.push((place, why())),
            }
        }
        match delivered.again.first() {
            Some((_, why)) if closed == count => Err(Trouble::Blocked { why: why.clone() }),
            Some((_, why)) if delivered.again.len() == count => {
                Err(Trouble::Later { why: why.clone(), after: answer.after })
            }
            _ => Ok(delivered),
        }
    }
}

impl Sink for Elastic {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        for item in &outgoing.items {
            let id = outgoing.event_id(item);
            let body = ecs::document(outgoing, item, &id).to_string();
            out(Part { id, body })?;
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        BATCH
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let mut body = String::new();
        for part in &batch.parts {
            let action = match self.operation {
                Operation::Create => json!({ "create": { "_id": part.id } }),
                Operation::Index => json!({ "index": { "_id": part.id } }),
            };
            body.push_str(&format!("{action}\n{}\n", part.body));
        }
        let headers = [("content-type", "application/x-ndjson"), ("accept", "application/json")];
        let answer = self.wire.send("POST", &self.path, &headers, body.as_bytes())?;
        self.wire.judge(&answer)?;
        self.read(&answer, batch.parts.len())
    }
}

/// Elasticsearch's rules for the name of an index, and no date arithmetic.
fn is_index(name: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '+' | '.');
    !name.is_empty() && name.len() <= 255 && name.chars().all(known) && !name.starts_with(['-', '_', '+', '.'])
}
