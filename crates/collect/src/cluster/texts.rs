//! Single objects that rules read: ConfigMaps of kubeadm and kube-proxy, and the API server's counters.

use std::collections::BTreeMap;

use seaworthy_model::cluster::{ConfigText, List, Metrics, api_source};
use seaworthy_model::{Fact, Text};
use serde::Deserialize;

use super::api::{Api, Form, Refusal, Request};
use super::list::{self, wrong};
use crate::node::certificates;
use crate::redact;

/// ConfigMaps of kube-system that are read, and the keys that are kept. Each is asked for by its name.
const CONFIG_MAPS: [(&str, &str); 4] = [
    ("kubeadm-config", "ClusterConfiguration"),
    ("kube-proxy", "config.conf"),
    ("kubelet-config", "kubelet"),
    (AUTHORITY, "ca.crt"),
];
/// Where every cluster publishes its certificate authority.
const AUTHORITY: &str = "kube-root-ca.crt";

#[derive(Deserialize)]
struct ConfigMap {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: seaworthy_model::cluster::ObjectMeta,
    data: Option<BTreeMap<String, String>>,
}

/// What was read of ConfigMaps, and the cluster's identity.
pub(crate) struct Texts {
    pub(crate) config_maps: Vec<ConfigText>,
    /// SHA-256 of the public key of the cluster's certificate authority.
    pub(crate) authority: Fact<String>,
}

pub(crate) fn read(api: &dyn Api) -> Texts {
    let recorded = api.recorded().then(|| all(api));
    let mut texts = Texts {
        config_maps: Vec::new(),
        authority: Fact::Absent { source: api_source("configmaps", Some("kube-system"), Some(AUTHORITY)) },
    };
    for (name, key) in CONFIG_MAPS {
        let source = api_source("configmaps", Some("kube-system"), Some(name));
        let ask = format!("get configmaps/{name} in kube-system");
        let found = match &recorded {
            Some(maps) => of(maps, name),
            None => one(api, name),
        };
        let text = found.and_then(|mut data| data.remove(key).ok_or(Refusal::Absent));
        if name == AUTHORITY {
            texts.authority = match text {
                Err(refusal) => refusal.fact(&ask, source),
                Ok(text) => match certificates::read(text.as_bytes()).0.into_iter().find(|c| c.authority) {
                    Some(found) => Fact::Known { value: found.public_key_sha256, source },
                    None => Fact::Broken { error: "it holds no certificate authority".to_owned(), source },
                },
            };
            continue;
        }
        let text: Fact<Text> = match text {
            Err(refusal) => refusal.fact(&ask, source),
            Ok(text) => match redact::document(&text) {
                Ok((value, _)) => Fact::Known { value, source },
                Err((error, _)) => Fact::Broken { error, source },
            },
        };
        texts.config_maps.push(ConfigText {
            namespace: "kube-system".to_owned(),
            name: name.to_owned(),
            key: key.to_owned(),
            text,
        });
    }
    texts
}

fn one(api: &dyn Api, name: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let bytes = api.get(&Request::one(format!("api/v1/namespaces/kube-system/configmaps/{name}")))?;
    let map: ConfigMap = serde_json::from_slice(&bytes).map_err(|error| Refusal::Broken(wrong(&error)))?;
    if map.kind != "ConfigMap" {
        return Err(Refusal::Broken("the answer is no ConfigMap".to_owned()));
    }
    Ok(map.data.unwrap_or_default())
}

/// A recording holds the whole list.
fn all(api: &dyn Api) -> List<ConfigMap> {
    list::read(api, &Request::list("api/v1/configmaps", Form::Whole), "configmaps", |map: ConfigMap| {
        let wanted = CONFIG_MAPS.iter().any(|(name, _)| *name == map.metadata.name);
        (wanted && map.metadata.namespace.as_deref() == Some("kube-system")).then_some(map)
    })
}

/// One of a recording's.
fn of(maps: &List<ConfigMap>, name: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let listing = match maps {
        Fact::Known { value, .. } => value,
        Fact::Denied { error, .. } => return Err(Refusal::Denied(error.clone())),
        Fact::NotVisible { .. } => return Err(Refusal::Unrecorded),
        Fact::Absent { .. } => return Err(Refusal::Absent),
        Fact::Broken { error, .. } => return Err(Refusal::Broken(error.clone())),
    };
    if let Some(map) = listing.items.iter().find(|map| map.metadata.name == name) {
        return Ok(map.data.clone().unwrap_or_default());
    }
    // One that could not be read may be this one.
    match listing.broken.iter().find(|b| b.name == format!("kube-system/{name}") || !b.name.contains('/')) {
        Some(broken) => Err(Refusal::Broken(broken.error.clone())),
        None => Err(Refusal::Absent),
    }
}

/// The API server's counters on encryption and audit.
pub(crate) fn metrics(api: &dyn Api) -> Fact<Metrics> {
    let source = api_source("metrics", None, None);
    match api.get(&Request { path: "metrics".to_owned(), query: String::new(), form: Form::Text }) {
        Err(refusal) => refusal.fact("get /metrics", source),
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            if text.lines().any(|line| line.starts_with("apiserver_")) {
                Fact::Known { value: counters(&text), source }
            } else {
                Fact::Broken { error: "the answer holds no counters of an API server".to_owned(), source }
            }
        }
    }
}

/// The counters in the Prometheus text form that are kept.
pub(crate) fn counters(text: &str) -> Metrics {
    let mut metrics = Metrics::default();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, rest)) = line.split_once('{') else { continue };
        let Some((labels, value)) = rest.rsplit_once('}') else { continue };
        let label = |key: &str| label(labels, key).unwrap_or_default();
        // Counters are floats in this form, and whole numbers in fact.
        let Ok(count) = value.trim().split(' ').next().unwrap_or_default().parse::<f64>() else { continue };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a counter, clamped")]
        let count = if count.is_finite() && count >= 0.0 { count.min(9e15) as u64 } else { continue };
        match name {
            "apiserver_storage_transformation_operations_total"
                if label("transformation_type") == "to_storage" && label("status") == "OK" =>
            {
                metrics.written_by.push((label("resource"), label("transformer_prefix"), count));
            }
            "apiserver_audit_level_total" => metrics.audit_levels.push((label("level"), count)),
            _ => {}
        }
    }
    metrics.written_by.sort();
    metrics.audit_levels.sort();
    metrics
}

/// The value of a label; the backslash escapes of the form are undone.
fn label(labels: &str, key: &str) -> Option<String> {
    let mut rest = labels;
    loop {
        let (name, after) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        let mut end = None;
        while let Some((index, char)) = chars.next() {
            match char {
                '"' => {
                    end = Some(index);
                    break;
                }
                '\\' => match chars.next()?.1 {
                    'n' => value.push('\n'),
                    other => value.push(other),
                },
                other => value.push(other),
            }
        }
        if name.trim_start_matches([',', ' ']) == key {
            return Some(value);
        }
        rest = &after[end? + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_encryption_and_audit_are_kept() {
        let text = "# HELP x\n\
            apiserver_storage_transformation_operations_total{resource=\"secrets\",status=\"OK\",transformation_type=\"to_storage\",transformer_prefix=\"k8s:enc:aescbc:v1:key1:\"} 12\n\
            apiserver_storage_transformation_operations_total{resource=\"secrets\",status=\"OK\",transformation_type=\"from_storage\",transformer_prefix=\"\"} 3\n\
            apiserver_storage_transformation_operations_total{resource=\"secrets\",status=\"Internal\",transformation_type=\"to_storage\",transformer_prefix=\"\"} 4\n\
            apiserver_audit_level_total{level=\"Metadata\"} 7\n\
            up 1\nbroken{ 2\n";
        let metrics = counters(text);
        assert_eq!(metrics.written_by, [("secrets".into(), "k8s:enc:aescbc:v1:key1:".into(), 12)]);
        assert_eq!(metrics.audit_levels, [("Metadata".into(), 7)]);
    }

    #[test]
    fn labels_may_hold_quotes_and_commas() {
        assert_eq!(label(r#"a="x\"y,b=\"z",b="2""#, "b").as_deref(), Some("2"));
        assert_eq!(label("a=", "a"), None);
        assert_eq!(label("a=\"x\\", "a"), None);
    }
}
