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
use crate::phrase::some;

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

/// What is in the system's own namespaces and would offend elsewhere: how many, and which.
fn apart(what: &str, objects: Vec<String>) -> Option<Evidence> {
    let count = objects.len();
    let names = some(objects.iter(), SHOWN, ", ");
    (count > 0).then(|| note("system namespaces, not judged", format!("{count} {what}: {names}")))
}
