//! What each kubelet runs by, as it says itself.

use seaworthy_model::cluster::{KubeletConfig, List, NodeObject, api_source};
use seaworthy_model::{Fact, Source, Text};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::api::{Api, Request, is_name};
use super::list::wrong;
use crate::redact;

/// After so many kubelets that may not be asked, and none that may, the others are not tried.
const DENIALS: usize = 3;

/// `configz` of every node. The server asks the kubelet, so a kubelet that does not answer takes long: see [`super::live`].
pub(crate) fn read(api: &dyn Api, nodes: &List<NodeObject>) -> Vec<KubeletConfig> {
    let mut configs: Vec<KubeletConfig> = Vec::new();
    for node in nodes.known().into_iter().flat_map(|list| &list.items) {
        let name = node.metadata.name.as_str();
        // One may be refused by its kubelet, or by a right to some of them; all are by the lack of it.
        let without = configs.len() >= DENIALS && configs.iter().all(|k| matches!(k.config, Fact::Denied { .. }));
        let config = match configs.last() {
            Some(KubeletConfig { config: Fact::Denied { error, grant, .. }, .. }) if without => {
                Fact::Denied { error: error.clone(), grant: grant.clone(), source: source(name) }
            }
            _ => config(api, name),
        };
        configs.push(KubeletConfig { node: name.to_owned(), config });
    }
    configs.sort_by(|a, b| a.node.cmp(&b.node));
    configs
}

fn source(node: &str) -> Source {
    api_source("nodes/configz", None, Some(node))
}

#[derive(Deserialize)]
struct Configz<'a> {
    #[serde(borrow)]
    kubeletconfig: &'a RawValue,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<IgnoredAny>,
}

fn config(api: &dyn Api, node: &str) -> Fact<Text> {
    let source = source(node);
    if !is_name(node) {
        return Fact::Broken { error: "the node's name is none".to_owned(), source };
    }
    let request = Request::one(format!("api/v1/nodes/{node}/proxy/configz"));
    let bytes = match api.get(&request) {
        Ok(bytes) => bytes,
        Err(refusal) => return refusal.fact("get nodes/configz (nodes/proxy before Kubernetes 1.36)", source),
    };
    let broken = |error: String| Fact::Broken { error, source: source.clone() };
    let configz: Configz<'_> = match serde_json::from_slice(&bytes) {
        Ok(configz) => configz,
        Err(error) => return broken(format!("the kubelet's answer makes no sense: {}", wrong(&error))),
    };
    let own = configz.kubeletconfig.get();
    let fields = own.trim_start().strip_prefix('{').filter(|fields| !fields.trim_start().starts_with('}'));
    let (Some(fields), Ok(said)) = (fields, serde_json::from_str::<Kind>(own)) else {
        return broken("the kubelet's answer holds no configuration".to_owned());
    };
    // The kubelet leaves its kind out, by which files of the same form are known.
    let mut text = String::from("{");
    if said.kind.is_none() {
        text.push_str("\"kind\":\"KubeletConfiguration\",\"apiVersion\":\"kubelet.config.k8s.io/v1beta1\",");
    }
    text.push_str(fields);
    match redact::document(&text) {
        Ok((text, _)) => Fact::Known { value: text, source },
        Err((error, _)) => broken(error),
    }
}
