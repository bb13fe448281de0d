//! The cluster around a node that is to be repaired: who else is of the control plane and whether he is well, and what some changes would
//! stop. Read anew for each repair, and no part of the facts.

use std::collections::BTreeMap;

use seaworthy_model::Fact;
use seaworthy_model::cluster::{Condition, List, NodeObject, ObjectMeta};
use serde::{Deserialize, Serialize};

use super::all;
use super::api::Api;

/// What the API says of a cluster around a node. What could not be asked is the reason why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Surroundings {
    /// The nodes of the control plane, by name.
    pub members: Result<Vec<Member>, String>,
    /// How many nodes there are.
    pub nodes: Result<usize, String>,
    /// Services that set `spec.externalIPs`, as `NAMESPACE/NAME`.
    pub external_ips: Result<Vec<String>, String>,
    /// Pods with an image that is never pulled, or whose registry is `localhost`, as `NAMESPACE/NAME`. Static pods do not count: no admission is asked for them.
    pub local_images: Result<Vec<String>, String>,
}

/// A node of the control plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub node: String,
    /// Why it is not well, or cannot be told to be; `None` if it is.
    pub trouble: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Pod {
    metadata: ObjectMeta,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    node_name: String,
    containers: Option<Vec<Container>>,
    init_containers: Option<Vec<Container>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Container {
    image: String,
    image_pull_policy: String,
}

impl Container {
    /// Nobody pulls from `localhost` without a port: such an image was put onto the node by hand.
    fn is_local(&self) -> bool {
        self.image_pull_policy == "Never" || self.image.starts_with("localhost/")
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Status {
    conditions: Option<Vec<Condition>>,
}

#[derive(Debug, Clone, Deserialize)]
struct Service {
    metadata: ObjectMeta,
    #[serde(default)]
    spec: ServiceSpec,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ServiceSpec {
    #[serde(rename = "externalIPs")]
    external_ips: Option<Vec<String>>,
}

/// The label that kubeadm and others give to nodes of the control plane.
const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";
/// The components whose pods make a node one of the control plane, and that must be ready there.
const PODS: [&str; 2] = ["etcd", "kube-apiserver"];

/// Asks for the cluster around a node.
pub fn surroundings(api: &dyn Api) -> Surroundings {
    let nodes: List<NodeObject> = all(api, "api/v1/nodes");
    let pods: List<Pod> = all(api, "api/v1/pods");
    let services: List<Service> = all(api, "api/v1/services");
    let path = |meta: &ObjectMeta| meta.path();
    let local = |pod: &&Pod| {
        let containers = pod.spec.containers.iter().flatten().chain(pod.spec.init_containers.iter().flatten());
        let of_a_node = pod.metadata.owner_references.iter().any(|owner| owner.kind == "Node");
        !of_a_node && containers.into_iter().any(Container::is_local)
    };
    let pods = known(&pods);
    let nodes = known(&nodes);
    Surroundings {
        members: match (&nodes, &pods) {
            (Ok(nodes), Ok(pods)) => Ok(members(nodes, pods)),
            (Err(why), _) | (_, Err(why)) => Err(why.clone()),
        },
        nodes: nodes.map(<[_]>::len),
        external_ips: known(&services).map(|services| {
            let set = services.iter().filter(|service| service.spec.external_ips.iter().flatten().next().is_some());
            set.map(|service| path(&service.metadata)).collect()
        }),
        local_images: pods.map(|pods| pods.iter().filter(local).map(|pod| path(&pod.metadata)).collect()),
    }
}

/// A list that is known as a whole: one object that could not be read may be the one that counts.
fn known<T>(list: &List<T>) -> Result<&[T], String> {
    match list {
        Fact::Known { value, .. } => match value.broken.first() {
            None => Ok(&value.items),
            Some(broken) => Err(format!("{} could not be read: {}", broken.name, broken.error)),
        },
        other => Err(other.missing().map_or_else(String::new, |missing| missing.to_string())),
    }
}

fn members(nodes: &[NodeObject], pods: &[Pod]) -> Vec<Member> {
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for node in nodes {
        let name = node.metadata.name.as_str();
        if node.metadata.labels.contains_key(CONTROL_PLANE) {
            found.entry(name).or_default();
        }
    }
    let system = pods.iter().filter(|pod| pod.metadata.namespace.as_deref() == Some("kube-system"));
    let system: Vec<(&Pod, &str)> = system
        .filter_map(|pod| {
            let node = pod.spec.node_name.as_str();
            let component = pod.metadata.name.strip_suffix(node)?.strip_suffix('-')?;
            PODS.contains(&component).then_some((pod, component))
        })
        .collect();
    for (pod, component) in &system {
        let trouble = found.entry(&pod.spec.node_name).or_default();
        match condition(pod.status.conditions.as_deref().unwrap_or_default(), "Ready") {
            Some(("True", _)) => {}
            Some((status, reason)) => trouble.push(format!("its {component} is not ready ({status}{reason})")),
            None => trouble.push(format!("whether its {component} is ready is not said")),
        }
    }
    for (name, trouble) in &mut found {
        match nodes
            .iter()
            .find(|node| node.metadata.name == *name)
            .map(|node| condition(&node.status.conditions, "Ready"))
        {
            Some(Some(("True", _))) => {}
            Some(Some((status, reason))) => trouble.push(format!("the node is not ready ({status}{reason})")),
            Some(None) => trouble.push("whether the node is ready is not said".to_owned()),
            None => trouble.push("the API knows no such node".to_owned()),
        }
        if !system.iter().any(|(pod, component)| pod.spec.node_name == *name && *component == "kube-apiserver") {
            trouble.push("its API server is not seen".to_owned());
        }
    }
    let member = |(node, trouble): (&str, Vec<String>)| Member {
        node: node.to_owned(),
        trouble: (!trouble.is_empty()).then(|| trouble.join(", ")),
    };
    found.into_iter().map(member).collect()
}

fn condition<'c>(conditions: &'c [Condition], kind: &str) -> Option<(&'c str, String)> {
    let found = conditions.iter().find(|condition| condition.kind == kind)?;
    let reason = found.reason.as_ref().map_or_else(String::new, |reason| format!(", {reason}"));
    Some((&found.status, reason))
}
