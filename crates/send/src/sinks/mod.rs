//! The sinks, one file each.

mod chat;
mod document;
mod ecs;
pub mod elastic;
pub mod falcosidekick;
pub mod file;
pub mod kubernetes;
pub mod otlp;
mod place;
pub mod pushgateway;
pub mod securityhub;
mod slack;
pub mod splunk;
pub mod syslog;
mod teams;
pub mod textfile;
pub mod webhook;

use crate::deliver::Prepared;
use crate::outgoing::Outgoing;
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
        "file" => Box::new(file::File::new(settings)?),
        "kubernetes" => Box::new(kubernetes::Kubernetes::new(settings)?),
        "otlp" => Box::new(otlp::Otlp::new(settings)?),
        "pushgateway" => Box::new(pushgateway::Pushgateway::new(settings)?),
        "securityhub" => Box::new(securityhub::SecurityHub::new(settings)?),
        "slack" => Box::new(slack::channel(settings)?),
        "splunk" => Box::new(splunk::Splunk::new(settings)?),
        "syslog" => Box::new(syslog::Syslog::new(settings)?),
        "teams" => Box::new(teams::channel(settings)?),
        "textfile" => Box::new(textfile::Textfile::new(settings)?),
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

/// Refuses what only sinks over HTTP know.
fn without_http(settings: &Settings) -> Result<(), String> {
    let given = [
        ("a token", settings.token.is_some()),
        ("user and password", settings.user.is_some()),
        ("headers", !settings.headers.is_empty()),
        ("proxy", settings.trust.proxy.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((what, _)) => Err(format!("a {} sink takes no {}", settings.address.kind, what.trim_start_matches("a "))),
        None => Ok(()),
    }
}

/// Refuses what chooses findings, for sinks that hold whole reports.
fn of_whole_reports(settings: &Settings) -> Result<(), String> {
    if settings.when.is_some() || settings.least.is_some() {
        return Err("when and min-severity choose findings, and this sink is given whole reports".to_owned());
    }
    Ok(())
}

/// A name for a whole report in a form, in 64 hexadecimal digits: the same for the same report.
fn report_id(form: &str, outgoing: &Outgoing<'_>) -> String {
    use sha2::{Digest, Sha256};
    let before = outgoing.changes.map_or("", |changes| &changes.before.scan_id);
    data_encoding::HEXLOWER.encode(&Sha256::digest([form, "\0", &outgoing.report.scan_id, "\0", before].concat()))
}
