//! Which nodes a collector can run on.

use seaworthy_model::cluster::NodeObject;

/// The nodes to read, and those that cannot be, each with the reason. Both by name. Taints and cordons keep nobody out: a collector is
/// put on its node directly and tolerates what the node's taints say.
pub(crate) fn split(nodes: &[NodeObject]) -> (Vec<&NodeObject>, Vec<(String, String)>) {
    let mut able: Vec<&NodeObject> = Vec::new();
    let mut unable = Vec::new();
    for node in nodes {
        match obstacle(node) {
            Some(reason) => unable.push((node.metadata.name.clone(), reason)),
            None => able.push(node),
        }
    }
    able.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
    unable.sort();
    (able, unable)
}

fn obstacle(node: &NodeObject) -> Option<String> {
    let info = &node.status.node_info;
    if info.operating_system == "windows" {
        return Some("it runs Windows, which is not read".to_owned());
    }
    let ready = node.status.conditions.iter().find(|condition| condition.kind == "Ready")?;
    // A kubelet that is there and not ready (False) may still run a pod; one that is gone (Unknown) cannot.
    (ready.status == "Unknown").then(|| {
        let reason = ready.reason.as_deref().unwrap_or("no reason given");
        format!("its kubelet does not answer (Ready is Unknown: {reason})")
    })
}

#[cfg(test)]
mod tests {
    use seaworthy_model::cluster::{Condition, NodeSpec, NodeStatus, ObjectMeta, Taint};

    use super::*;

    fn node(name: &str, ready: &str, system: &str) -> NodeObject {
        let condition =
            Condition { kind: "Ready".into(), status: ready.into(), reason: Some("NodeStatusUnknown".into()) };
        let mut node = NodeObject {
            metadata: ObjectMeta { name: name.into(), ..ObjectMeta::default() },
            spec: NodeSpec::default(),
            status: NodeStatus { conditions: vec![condition], ..NodeStatus::default() },
        };
        node.status.node_info.operating_system = system.into();
        node
    }

    #[test]
    fn only_a_kubelet_that_is_gone_and_windows_keep_a_node_out() {
        let mut tainted = node("a", "True", "linux");
        tainted.spec.unschedulable = true;
        tainted.spec.taints = vec![Taint { key: "k".into(), value: None, effect: "NoExecute".into() }];
        let nodes = [node("d", "Unknown", "linux"), node("c", "True", "windows"), node("b", "False", "linux"), tainted];
        let (able, unable) = split(&nodes);
        assert_eq!(able.iter().map(|n| n.metadata.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(unable.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["c", "d"]);
        assert!(unable[1].1.contains("NodeStatusUnknown"), "{}", unable[1].1);
    }
}
