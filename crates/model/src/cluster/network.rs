//! Network policies.

use serde::{Deserialize, Serialize};

use super::meta::{LabelSelector, ObjectMeta, Present, nullable};

/// A NetworkPolicy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NetworkPolicy {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// What it says.
    #[serde(default)]
    pub spec: NetworkPolicySpec,
}

/// What a NetworkPolicy says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkPolicySpec {
    /// The pods that it isolates; all of the namespace if empty.
    #[serde(default)]
    pub pod_selector: LabelSelector,
    /// `Ingress`, `Egress`.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub policy_types: Vec<String>,
    /// What may come in.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub ingress: Vec<NetworkRule>,
    /// What may go out.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub egress: Vec<NetworkRule>,
}

/// One rule: of peers and ports only how many there are. None of both allows everything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NetworkRule {
    /// From whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub from: Vec<Present>,
    /// To whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub to: Vec<Present>,
    /// On which ports.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub ports: Vec<Present>,
}
