//! Where a scheduled scan sends its results, and what its pods need for that: arguments, a directory of the node that outlives them,
//! the configuration of sinks and their secrets.

use serde_json::{Value, json};

use crate::document::Document;
use crate::objects::labels;
use crate::pod::Mounted;

/// The host's directory that pods on nodes keep the last report and unsent results in.
pub const STATE: &str = "/var/lib/seaworthy-state";
/// Where pods see it.
const STATE_IN_POD: &str = "/state";
/// Where pods see the configuration of sinks, and their secrets.
const CONFIG_IN_POD: &str = "/seaworthy/config";
const SECRETS_IN_POD: &str = "/seaworthy/secrets";

/// Where results go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sending {
    /// Sinks: URLs without secrets, or names of the configuration.
    pub to: Vec<String>,
    /// Which findings: `all`, `failures`, `changes`; a pod that asks the API keeps no state, and sends failures for changes.
    pub when: Option<String>,
    /// Whether plain http beyond the pod is meant.
    pub insecure: bool,
    /// The name of a ConfigMap with `config.toml`, in each of the namespaces.
    pub config_map: Option<String>,
    /// The name of a Secret whose keys are the files that `config.toml` refers to, in each of the namespaces. It may be missing.
    pub secret: Option<String>,
}

impl Sending {
    /// The arguments of a pod. `keeps`: it has the host's directory.
    pub(crate) fn arguments(&self, keeps: bool) -> Vec<String> {
        let mut words = Vec::new();
        if keeps {
            words.extend(["--state-dir".to_owned(), STATE_IN_POD.to_owned()]);
        }
        if self.config_map.is_some() {
            words.extend(["--config".to_owned(), format!("{CONFIG_IN_POD}/config.toml")]);
        }
        for to in &self.to {
            words.extend(["--send".to_owned(), to.clone()]);
        }
        if let Some(when) = &self.when {
            let when = if !keeps && when == "changes" { "failures" } else { when };
            words.extend(["--send-when".to_owned(), when.to_owned()]);
        }
        if self.insecure {
            words.push("--insecure".to_owned());
        }
        words
    }

    /// The volumes and their mounts.
    pub(crate) fn volumes(&self, keeps: bool) -> (Vec<Value>, Vec<Value>) {
        let mut volumes = Vec::new();
        let mut mounts = Vec::new();
        if keeps {
            volumes.push(json!({"name": "state", "hostPath": {"path": STATE, "type": "DirectoryOrCreate"}}));
            mounts.push(json!({"name": "state", "mountPath": STATE_IN_POD}));
        }
        if let Some(name) = &self.config_map {
            volumes.push(json!({"name": "config", "configMap": {"name": name}}));
            mounts.push(json!({"name": "config", "mountPath": CONFIG_IN_POD, "readOnly": true}));
        }
        if let Some(name) = &self.secret {
            volumes.push(json!({"name": "secrets", "secret": {"secretName": name, "optional": true}}));
            mounts.push(json!({"name": "secrets", "mountPath": SECRETS_IN_POD, "readOnly": true}));
        }
        (volumes, mounts)
    }
}

/// Whether a mounted part of the host would hide what pods need for sending.
pub(crate) fn collides(mount: &Mounted) -> bool {
    ["/state", "/seaworthy"].iter().any(|mine| mount.path.starts_with(mine))
}

/// A ConfigMap with the configuration of sinks.
pub(crate) fn config_map(name: &str, namespace: &str, text: &str, head: &str) -> Document {
    let value = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(name)},
        "data": {"config.toml": text},
    });
    Document::new(value, head)
}
