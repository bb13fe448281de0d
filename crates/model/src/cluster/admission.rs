//! What checks objects before they are stored.

use serde::{Deserialize, Serialize};

use super::meta::{LabelSelector, ObjectMeta, Present, nullable};

/// A ValidatingWebhookConfiguration or MutatingWebhookConfiguration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WebhookConfiguration {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// Its webhooks.
    #[serde(default, deserialize_with = "nullable")]
    pub webhooks: Vec<Webhook>,
}

/// One webhook.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its name.
    pub name: String,
    /// For which requests it is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub rules: Vec<OperationRule>,
    /// `Fail` or `Ignore`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_policy: Option<String>,
    /// For which namespaces; all if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace_selector: Option<LabelSelector>,
    /// Who is asked.
    #[serde(default)]
    pub client_config: ClientConfig,
}

/// Whom a webhook asks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClientConfig {
    /// A service of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceRef>,
    /// A URL: that there is one. The URL may hold a token and is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Present>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServiceRef {
    /// Its namespace.
    #[serde(default)]
    pub namespace: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
}

/// Which requests are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationRule {
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT`, `*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub operations: Vec<String>,
    /// API groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub api_groups: Vec<String>,
    /// Resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub resources: Vec<String>,
    /// Only these objects; all if empty. Not for webhooks.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub resource_names: Vec<String>,
}

/// A ValidatingAdmissionPolicy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AdmissionPolicy {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// What it checks.
    #[serde(default)]
    pub spec: AdmissionPolicySpec,
}

/// What a ValidatingAdmissionPolicy checks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdmissionPolicySpec {
    /// For which requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_constraints: Option<MatchConstraints>,
    /// Its expressions: one for each that there is.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub validations: Vec<Present>,
    /// `Fail` or `Ignore`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_policy: Option<String>,
}

/// For which requests a policy holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchConstraints {
    /// Requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub resource_rules: Vec<OperationRule>,
    /// Namespaces; all if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace_selector: Option<LabelSelector>,
}

/// A ValidatingAdmissionPolicyBinding.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AdmissionPolicyBinding {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// What it binds.
    #[serde(default)]
    pub spec: AdmissionPolicyBindingSpec,
}

/// What a ValidatingAdmissionPolicyBinding binds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdmissionPolicyBindingSpec {
    /// The policy's name.
    #[serde(default)]
    pub policy_name: String,
    /// `Deny`, `Warn`, `Audit`.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "nullable")]
    pub validation_actions: Vec<String>,
    /// For which requests; all of the policy's if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_resources: Option<MatchConstraints>,
}
