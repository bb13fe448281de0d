//! One Event for each node on which something changed, for `kubectl describe node` and those who watch Events.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use seaworthy_report::changes::{Kind, fails};
use seaworthy_report::identity;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Work;
use super::api::{Cluster, Node, clean, is_name};
use crate::outgoing::{Item, Outgoing};
use crate::sink::Trouble;

/// Events about what has no namespace are in this one.
const EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/default/events";
/// The API server takes 1024 bytes.
const NOTE: usize = 1000;

/// The Events of a report, each with the name of what it tells.
pub(super) fn works(outgoing: &Outgoing<'_>) -> Vec<(String, Work)> {
    let mut nodes: BTreeMap<&str, Vec<&Item<'_>>> = BTreeMap::new();
    for item in outgoing.items.iter().filter(|item| !item.gone && weighs(item)) {
        if let Some(node) = identity::node(item.finding).filter(|node| is_name(node)) {
            nodes.entry(node).or_default().push(item);
        }
    }
    nodes.into_iter().map(|(node, items)| event(outgoing, node, &items)).collect()
}

/// Whether a change is one that somebody should look at: that the evidence reads differently is none.
fn weighs(item: &Item<'_>) -> bool {
    item.change.is_some_and(|change| {
        let kinds = change.kinds.iter().filter(|kind| !matches!(kind, Kind::EvidenceChanged | Kind::Renumbered));
        kinds.into_iter().any(|kind| *kind != Kind::Appeared || fails(item.finding))
    })
}

fn event(outgoing: &Outgoing<'_>, node: &str, items: &[&Item<'_>]) -> (String, Work) {
    let mut ids: Vec<String> = items.iter().map(|item| outgoing.event_id(item)).collect();
    ids.sort_unstable();
    let id = HEXLOWER.encode(&Sha256::digest(format!("event {node} {}", ids.join(" "))));
    let worse = items.iter().any(|item| {
        let worse = |kind: &Kind| matches!(kind, Kind::NewlyFailing | Kind::WaiverRanOut | Kind::WaiverRemoved);
        fails(item.finding) && item.change.is_some_and(|change| change.kinds.iter().any(worse))
    });
    let time = outgoing.report.time.as_deref().and_then(|time| time.parse::<jiff::Timestamp>().ok());
    let time = time.unwrap_or_else(jiff::Timestamp::now);
    // The name begins with the node's, as Events' names do; it is cut where the whole would be too long for one.
    let short: String = node.chars().take(200).collect();
    let name = format!("{}.{}", short.trim_end_matches(['.', '-']), &id[..32]);
    let object = json!({
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": { "name": name, "namespace": "default", "labels": { "app.kubernetes.io/managed-by": "seaworthy" } },
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string(),
        "reportingController": "seaworthy/scan",
        "reportingInstance": "seaworthy",
        "action": "Scan",
        "reason": "CISFindingsChanged",
        "type": if worse { "Warning" } else { "Normal" },
        "regarding": { "apiVersion": "v1", "kind": "Node", "name": node },
        "note": note(items),
    });
    (id, Work::Event { node: node.to_owned(), object })
}

/// `newly-failing: 1.2.15, 1.2.16; solved: 1.1.1`, the weightiest first.
fn note(items: &[&Item<'_>]) -> String {
    let mut kinds: BTreeMap<Kind, Vec<&str>> = BTreeMap::new();
    for item in items {
        if let Some(change) = item.change {
            kinds.entry(change.kind()).or_default().push(&item.finding.id);
        }
    }
    let list = kinds.iter().map(|(kind, ids)| format!("{} {}: {}", ids.len(), kind.as_str(), ids.join(", ")));
    let text = list.collect::<Vec<_>>().join("; ");
    let text = seaworthy_report::clean(&text);
    if text.len() <= NOTE {
        return text.into_owned();
    }
    let end = (0..=NOTE).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{} …", &text[..end])
}

/// Creates an Event. One of the same name tells the same, so it is there.
pub(super) fn create(cluster: &Cluster, node: &str, mut object: Value) -> Result<(), Trouble> {
    match cluster.node(node)? {
        Node::There(uid) => object["regarding"]["uid"] = uid.into(),
        Node::Hidden => {}
        Node::Gone => return Err(Trouble::Refused { why: clean(&format!("the cluster has no node {node}")) }),
    }
    let answer = cluster.ask("POST", &format!("{EVENTS}?fieldManager=seaworthy"), "application/json", &object)?;
    match answer.status {
        404 => Err(Trouble::Blocked { why: "the cluster has no events.k8s.io/v1, or no namespace default".to_owned() }),
        _ => Ok(()),
    }
}
