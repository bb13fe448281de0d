//! What Security Hub answers: an error for the call as a whole, or for each finding that it did not take.

use serde::Deserialize;

use crate::sink::{Batch, Delivered, Trouble};
use crate::wire::{Answer, Wire};

/// The answer to a call that was taken.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Imported {
    success_count: u64,
    failed_count: u64,
    #[serde(default)]
    failed_findings: Vec<Failed>,
}

/// A finding that was not.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    id: String,
    #[serde(default)]
    error_code: String,
    #[serde(default)]
    error_message: String,
}

/// A finding that was sent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    id: String,
}

/// What becomes of the batch.
///
/// # Errors
/// Why it did not arrive as a whole.
pub(super) fn judge(wire: &Wire, answer: &Answer, batch: &Batch) -> Result<Delivered, Trouble> {
    if !(200..=299).contains(&answer.status) {
        return Err(trouble(wire, answer));
    }
    let shown = wire.shown(answer);
    let Ok(imported) = serde_json::from_str::<Imported>(&answer.body) else {
        return Err(Trouble::Blocked { why: format!("{shown}, which is no answer of Security Hub's") });
    };
    let ids: Vec<String> = batch
        .parts
        .iter()
        .map(|part| serde_json::from_str::<Sent>(&part.body).map_or_else(|_| String::new(), |sent| sent.id))
        .collect();
    let mut delivered = Delivered {
        answer: format!("it took {} and refused {}", imported.success_count, imported.failed_count),
        ..Delivered::default()
    };
    for failed in &imported.failed_findings {
        let Some(place) = ids.iter().position(|id| *id == failed.id) else { continue };
        let why = wire.clean(&format!("{}: {}", failed.error_code, failed.error_message));
        let list = if is_passing(&failed.error_code) { &mut delivered.again } else { &mut delivered.refused };
        list.push((place, why));
    }
    let told = delivered.again.len() + delivered.refused.len();
    if (told as u64) < imported.failed_count {
        return Err(Trouble::Refused { why: format!("{shown}, and it does not say which it refused") });
    }
    Ok(delivered)
}

/// A call that was not taken. The words are AWS' common errors; several kinds share the status 400.
fn trouble(wire: &Wire, answer: &Answer) -> Trouble {
    let kind = answer.kind.as_deref().unwrap_or_default();
    let text = format!("{kind} {}", answer.body);
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let kind = if kind.is_empty() { String::new() } else { format!(" ({})", wire.clean(kind)) };
    let why = format!("{}{kind}", wire.shown(answer));
    if answer.status == 400 && is_passing(&text) {
        return Trouble::Later { why, after: answer.after };
    }
    // A key or a clock that somebody has to mend.
    let credentials =
        ["ExpiredToken", "InvalidClientTokenId", "IncompleteSignature", "RequestExpired", "UnrecognizedClient"];
    if answer.status == 400 && has(&credentials) {
        return Trouble::Blocked { why };
    }
    // `InvalidAccessException`: Security Hub, or the product's integration, is not switched on in this account and region.
    if answer.status == 400 && has(&["InvalidAccess", "AccessDenied", "OptInRequired"]) {
        return Trouble::Blocked { why };
    }
    match wire.judge(answer) {
        Err(Trouble::Refused { .. }) => Trouble::Refused { why },
        Err(Trouble::Blocked { .. }) => Trouble::Blocked { why },
        Err(Trouble::TooLarge { .. }) => Trouble::TooLarge { why },
        _ => Trouble::Later { why, after: answer.after },
    }
}

/// Whether it is an error that passes by itself.
fn is_passing(text: &str) -> bool {
    ["Throttl", "TooManyRequests", "LimitExceeded", "RequestLimit", "SlowDown", "Internal", "ServiceUnavailable"]
        .iter()
        .any(|word| text.contains(word))
}
