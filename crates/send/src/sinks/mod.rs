//! The sinks, one file each.

mod chat;
mod document;
mod ecs;
pub mod elastic;
pub mod falcosidekick;
pub mod otlp;
pub mod pushgateway;
pub mod securityhub;
pub mod slack;
pub mod splunk;
pub mod teams;
pub mod webhook;

use crate::deliver::Prepared;
use crate::settings::Settings;
use crate::sink::{Limits, Sink};

/// Makes a sink of its settings. `state` is the state directory, where the spool is.
///
/// # Errors
/// A sentence: a setting that is missing, wrong or of another kind of sink.
pub fn prepare(settings: &Settings, state: Option<&std::path::Path>) -> Result<Prepared, String> {
    let sink: Box<dyn Sink> = match settings.address.kind.as_str() {
        "elastic" => Box::new(elastic::Elastic::new(settings)?),
        "falcosidekick" => Box::new(falcosidekick::Falcosidekick::new(settings)?),
        "otlp" => Box::new(otlp::Otlp::new(settings)?),
        "pushgateway" => Box::new(pushgateway::Pushgateway::new(settings)?),
        "securityhub" => Box::new(securityhub::SecurityHub::new(settings)?),
        "slack" => Box::new(slack::Slack::new(settings)?),
        "splunk" => Box::new(splunk::Splunk::new(settings)?),
        "teams" => Box::new(teams::Teams::new(settings)?),
        "webhook" => Box::new(webhook::Webhook::new(settings)?),
        kind => return Err(format!("there is no sink {kind}")),
    };
    let limits = (settings.batch_count.is_some() || settings.batch_bytes.is_some()).then(|| Limits {
        count: settings.batch_count.unwrap_or(usize::MAX),
        bytes: settings.batch_bytes.unwrap_or(usize::MAX),
    });
    Ok(Prepared {
        name: settings.name.clone(),
        shown: settings.address.shown(),
        spool: state.map(|state| state.join("spool").join(folder(&settings.name))),
        spool_bytes: settings.spool_bytes,
        limits,
        sink,
    })
}

/// What of the sink's URL stands behind the host, query included; `/` if nothing does.
fn url_path(settings: &Settings) -> String {
    let path = if settings.address.path.is_empty() { "/" } else { &settings.address.path };
    settings.address.query.as_ref().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}

/// A folder's name for a sink: its own where it is one, else a digest of its URL.
fn folder(name: &str) -> String {
    use sha2::{Digest, Sha256};
    let plain =
        name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) && !name.starts_with('.');
    if plain && name.len() <= 64 && !name.is_empty() {
        return name.to_owned();
    }
    format!("url-{}", &data_encoding::HEXLOWER.encode(&Sha256::digest(name.as_bytes()))[..24])
}
