//! What runs: checks of pods, their templates, and the namespaces that they are in.

mod admission;
mod known;
mod namespaces;
mod owners;
mod pod_security;
mod pods;
mod secrets;
mod standards;

use seaworthy_model::Evidence;

use super::{Check, note};

/// The checks by name, sorted.
pub(super) const ALL: &[(&str, Check)] = &[
    ("cni-network-policies", known::network_plugins),
    ("default-namespace", namespaces::default_namespace),
    ("external-secret-storage", known::secret_stores),
    ("image-provenance", known::image_verifiers),
    ("namespace-boundaries", namespaces::boundaries),
    ("namespace-network-policies", namespaces::network_policies),
    ("pod-security-policy-mechanism", admission::mechanism),
    ("pods", pods::standards),
    ("pods-security-context", pods::security_context),
    ("secrets-in-environment", secrets::in_environment),
];

/// How many objects are named beside a finding.
const SHOWN: usize = 20;

/// `1 pod`, `2 pods`.
fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// The first few of several phrases, and how many more there are.
fn some<'a>(words: impl ExactSizeIterator<Item = &'a str>, few: usize, separator: &str) -> String {
    let more = words.len().saturating_sub(few);
    let shown = words.take(few).collect::<Vec<_>>().join(separator);
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// What is in the system's own namespaces and would offend elsewhere: how many, and which.
fn apart(what: &str, objects: Vec<String>) -> Option<Evidence> {
    let count = objects.len();
    let names = some(objects.iter().map(String::as_str), SHOWN, ", ");
    (count > 0).then(|| note("system namespaces, not judged", format!("{count} {what}: {names}")))
}
