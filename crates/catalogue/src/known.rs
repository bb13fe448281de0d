//! Programs that are known by what they leave in a cluster.

use serde::{Deserialize, Serialize};

/// What is known of programs that run in clusters: `known.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Known {
    /// Network plugins.
    #[serde(default)]
    pub network_plugins: Vec<NetworkPlugin>,
    /// Engines whose policies keep pods out.
    #[serde(default)]
    pub policy_engines: Vec<Tool>,
    /// Tools that bring secrets from outside of the cluster.
    #[serde(default)]
    pub secret_stores: Vec<Tool>,
    /// Engines that can decide on images by where they come from or who signed them.
    #[serde(default)]
    pub image_verifiers: Vec<Tool>,
}

/// A network plugin, known by its DaemonSet and image, and its custom resource if it has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NetworkPlugin {
    /// The name to show.
    pub name: String,
    /// The DaemonSet's name.
    pub daemon_set: String,
    /// The namespaces that it is installed in. In any other a DaemonSet of this name is somebody else's.
    pub namespaces: Vec<String>,
    /// A part of the image of one of its containers.
    pub image: String,
    /// A custom resource that it brings, as `PLURAL.GROUP`.
    #[serde(default)]
    pub custom_resource: Option<String>,
    /// Whether it enforces NetworkPolicies.
    pub enforces: Enforces,
}

/// Whether a network plugin enforces NetworkPolicies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enforces {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on how it is set.
    Ask,
}

/// A tool, known by a custom resource, a webhook configuration, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tool {
    /// The name to show.
    pub name: String,
    /// A custom resource that it brings, as `PLURAL.GROUP`.
    #[serde(default)]
    pub custom_resource: Option<String>,
    /// How the name of its validating webhook configuration begins.
    #[serde(default)]
    pub webhook: Option<String>,
}
