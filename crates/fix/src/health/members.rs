//! Which nodes are the control plane, and whether each is well: nothing restarts an API server or etcd while another one is not.

use seaworthy_model::Cluster;
use seaworthy_model::cluster::{Gap, NodeObject, PodObject};

/// A label of control plane nodes. The second is what it was called before 1.20.
const LABELS: [&str; 2] = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/// A node of the control plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The node's name.
    pub node: String,
    /// Its API server.
    pub api_server: Health,
    /// Its etcd.
    pub etcd: Health,
}

/// Whether something is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It is.
    Well,
    /// It is not, and why.
    Unhealthy(String),
    /// Nobody knows, and why. To be taken for unhealthy.
    Unknown(String),
    /// It is on no node of this cluster: an etcd that runs elsewhere.
    Elsewhere,
}

/// What a condition `Ready` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// `True`.
    Yes,
    /// `False`, with the reason.
    No(String),
    /// `Unknown`, or not there: with the reason.
    Unknown(String),
}

/// A node, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeState {
    /// Its name.
    pub name: String,
    /// Whether a label says that it is the control plane's.
    pub control_plane: bool,
    /// Whether it is ready.
    pub ready: Ready,
}

/// A static pod of `kube-system`, by the mirror that its kubelet made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodState {
    /// Its name: `kube-apiserver-NODE`.
    pub name: String,
    /// Its node.
    pub node: String,
    /// Whether it is ready.
    pub ready: Ready,
}

/// Why the members cannot be told. Then nothing may be restarted that they share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MembersError {
    /// A list of the API is missing or has objects that could not be read. Ask again with an API server that answers and a kubeconfig
    /// that may list nodes and pods.
    #[error("the members of the control plane are not known: {list}: {why}")]
    NotKnown {
        /// Which list.
        list: &'static str,
        /// Why.
        why: String,
    },
    /// No node has the label and no pod looks like an API server. On a cluster whose control plane somebody else runs there is nothing
    /// to wait for; elsewhere the label is missing.
    #[error("no node of this cluster is marked as control plane, and none runs kube-apiserver as a static pod")]
    None,
}

impl From<&NodeObject> for NodeState {
    fn from(node: &NodeObject) -> Self {
        let ready = node.status.conditions.iter().find(|condition| condition.kind == "Ready");
        let reason = |default: &str| {
            let reason = ready.and_then(|condition| condition.reason.clone());
            reason.unwrap_or_else(|| default.to_owned())
        };
        NodeState {
            name: node.metadata.name.clone(),
            control_plane: LABELS.iter().any(|label| node.metadata.labels.contains_key(*label)),
            ready: match ready.map(|condition| condition.status.as_str()) {
                Some("True") => Ready::Yes,
                Some("False") => Ready::No(reason("it says that it is not ready")),
                Some(_) => Ready::Unknown(reason("it has stopped reporting")),
                None => Ready::Unknown("it has no condition Ready".to_owned()),
            },
        }
    }
}

/// The members, from lists that are complete. Sorted by name.
///
/// # Errors
/// [`MembersError::None`].
pub fn members(nodes: &[NodeState], pods: &[PodState]) -> Result<Vec<Member>, MembersError> {
    let pod = |component: &str, node: &str| {
        let name = format!("{component}-{node}");
        pods.iter().find(move |pod| pod.name == name && pod.node == node)
    };
    let runs = |component: &str| nodes.iter().any(|node| pod(component, &node.name).is_some());
    let (servers, stores) = (runs("kube-apiserver"), runs("etcd"));
    let health = |component: &str, somewhere: bool, node: &NodeState| {
        let Some(pod) = pod(component, &node.name) else {
            return match (somewhere, component) {
                (true, _) => Health::Unhealthy(format!("there is no pod {component}-{}", node.name)),
                (false, "etcd") => Health::Elsewhere,
                (false, _) => Health::Unknown(format!("{component} runs as no pod of this cluster")),
            };
        };
        match (&node.ready, &pod.ready) {
            // A node that does not report does not report on its pods either.
            (Ready::Unknown(why), _) => Health::Unknown(format!("whether the node is ready is not known: {why}")),
            (Ready::No(why), _) => Health::Unhealthy(format!("the node is not ready: {why}")),
            (Ready::Yes, Ready::Unknown(why)) => {
                Health::Unknown(format!("whether the pod {} is ready is not known: {why}", pod.name))
            }
            (Ready::Yes, Ready::No(why)) => Health::Unhealthy(format!("the pod {} is not ready: {why}", pod.name)),
            (Ready::Yes, Ready::Yes) => Health::Well,
        }
    };
    let belongs = |node: &&NodeState| {
        node.control_plane || pod("kube-apiserver", &node.name).is_some() || pod("etcd", &node.name).is_some()
    };
    let member = |node: &NodeState| {
        // A node that only keeps etcd has no API server to be well or not.
        let only_store = !node.control_plane && pod("kube-apiserver", &node.name).is_none();
        Member {
            node: node.name.clone(),
            api_server: if only_store { Health::Elsewhere } else { health("kube-apiserver", servers, node) },
            etcd: health("etcd", stores, node),
        }
    };
    let mut found: Vec<Member> = nodes.iter().filter(belongs).map(member).collect();
    found.sort_by(|a, b| a.node.cmp(&b.node));
    if found.is_empty() { Err(MembersError::None) } else { Ok(found) }
}

/// The members, from what was read of the API. The facts keep no conditions of pods: a pod that is running is at best unknown, until
/// `ready` says more of it, and one that is not running is not ready.
///
/// # Errors
/// See [`MembersError`].
pub fn members_of(cluster: &Cluster, ready: impl Fn(&PodObject) -> Option<Ready>) -> Result<Vec<Member>, MembersError> {
    complete("nodes", Gap::of(&cluster.nodes))?;
    complete("pods", Gap::of(&cluster.pods))?;
    let nodes = cluster.nodes.known().map_or(&[][..], |listing| &listing.items);
    let pods = cluster.pods.known().map_or(&[][..], |listing| &listing.items);
    let nodes: Vec<NodeState> = nodes.iter().map(NodeState::from).collect();
    // Only a kubelet makes a mirror; any other pod may call itself as it likes.
    let mirrors = pods
        .iter()
        .filter(|pod| pod.metadata.namespace.as_deref() == Some("kube-system") && pod.metadata.annotations.mirror);
    let state = |pod: &PodObject| {
        let by_phase = match pod.status.phase.as_deref() {
            Some("Running") => Ready::Unknown("only its phase was read, which is Running".to_owned()),
            Some(phase) => Ready::No(format!("its phase is {phase}")),
            None => Ready::Unknown("it has no phase".to_owned()),
        };
        Some(PodState {
            name: pod.metadata.name.clone(),
            node: pod.spec.node_name.clone()?,
            ready: ready(pod).unwrap_or(by_phase),
        })
    };
    let pods: Vec<PodState> = mirrors.filter_map(state).collect();
    members(&nodes, &pods)
}

fn complete(list: &'static str, gap: Option<Gap<'_>>) -> Result<(), MembersError> {
    let why = match gap {
        None => return Ok(()),
        Some(Gap::Missing(missing)) => missing.to_string(),
        Some(Gap::Broken(broken)) => {
            let first = broken.first().map_or_else(String::new, |object| format!(", {} first", object.name));
            format!("{} of its objects could not be read{first}", broken.len())
        }
        Some(Gap::NotAsked) => "it was not asked for".to_owned(),
    };
    Err(MembersError::NotKnown { list, why })
}
