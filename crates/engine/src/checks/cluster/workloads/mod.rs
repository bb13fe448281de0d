//! What runs: checks of pods, their templates, and the namespaces that they are in.

mod admission;
mod known;
mod namespaces;
mod owners;
mod pods;
mod secrets;
mod standards;

use super::Check;

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
