//! What each kubelet runs by, as it says itself.

use seaworthy_model::cluster::{KubeletConfig, List, NodeObject, api_source};
use seaworthy_model::{Fact, Text};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::api::{Api, Request, encode};
use crate::redact;

/// `configz` of every node. The server asks the kubelet, so a kubelet that does not answer takes long: see [`super::live`].
pub(crate) fn read(api: &dyn Api, nodes: &List<NodeObject>) -> Vec<KubeletConfig> {
    let mut configs: Vec<KubeletConfig> = Vec::new();
    for node in nodes.known().into_iter().flat_map(|list| &list.items) {
        let name = node.metadata.name.as_str();
        configs.push(KubeletConfig { node: name.to_owned(), config: config(api, name) });
        // Without the right to ask one kubelet there is none to ask the others.
        if let Some(KubeletConfig { config: denied @ Fact::Denied { .. }, .. }) = configs.last() {
            let denied = denied.clone();
            let all = nodes.known().into_iter().flat_map(|list| &list.items);
            return all.map(|n| KubeletConfig { node: n.metadata.name.clone(), config: denied.clone() }).collect();
        }
    }
    configs.sort_by(|a, b| a.node.cmp(&b.node));
    configs
}

#[derive(Deserialize)]
struct Configz<'a> {
    #[serde(borrow)]
    kubeletconfig: &'a RawValue,
}

fn config(api: &dyn Api, node: &str) -> Fact<Text> {
    let source = api_source("nodes/configz", None, Some(node));
    let request = Request::one(format!("api/v1/nodes/{}/proxy/configz", encode(node)));
    let bytes = match api.get(&request) {
        Ok(bytes) => bytes,
        Err(refusal) => return refusal.fact("get nodes/configz (nodes/proxy before Kubernetes 1.36)", source),
    };
    let broken = |error: String| Fact::Broken { error, source: source.clone() };
    let configz: Configz<'_> = match serde_json::from_slice(&bytes) {
        Ok(configz) => configz,
        Err(error) => return broken(format!("the kubelet's answer makes no sense: {error}")),
    };
    // The kubelet leaves its kind out, by which files of the same form are known.
    let fields = configz.kubeletconfig.get().trim_start().strip_prefix('{');
    let Some(fields) = fields else { return broken("the kubelet's answer holds no configuration".to_owned()) };
    let mut text = String::from("{\"kind\":\"KubeletConfiguration\",\"apiVersion\":\"kubelet.config.k8s.io/v1beta1\",");
    text.push_str(fields);
    match redact::document(&text) {
        Ok((text, _)) => Fact::Known { value: text, source },
        Err((error, _)) => broken(error),
    }
}
