//! Reports as objects: applied, owned by their Node, and deleted when what they are about is gone.

use std::collections::BTreeSet;

use seaworthy_model::{Report, SubjectKind};
use serde_json::{Value, json};

use super::api::{Answer, Cluster, Node};
use super::{OPEN, POLICY, Resource, Work};
use crate::outgoing::Outgoing;
use crate::sink::Trouble;

/// What Kubernetes itself recommends for such a label.
const OURS: (&str, &str) = ("app.kubernetes.io/managed-by", "seaworthy");

/// All that a report asks for: each object, then what the last report had and this one has not.
pub(super) fn works(resource: &Resource, outgoing: &Outgoing<'_>) -> Vec<Work> {
    let objects = (resource.objects)(outgoing.report, outgoing.changes);
    let path =
        |object: &Value| format!("{}/{}", resource.path, object["metadata"]["name"].as_str().unwrap_or_default());
    let now: BTreeSet<String> = objects.iter().map(path).collect();
    let mut works: Vec<Work> = Vec::new();
    for object in objects {
        works.push(Work::Apply { path: path(&object), node: node(&object), object });
    }
    let Some(changes) = outgoing.changes else { return works };
    let here = |report: &Report, kind: SubjectKind, name: &str| {
        report
            .subjects
            .iter()
            .any(|subject| subject.kind == kind && (kind == SubjectKind::Cluster || subject.name == name))
    };
    for object in (resource.objects)(changes.before, None) {
        let (path, node) = (path(&object), node(&object));
        if now.contains(&path) {
            continue;
        }
        let name = node.as_deref().unwrap_or_default();
        let kind = if node.is_some() { SubjectKind::Node } else { SubjectKind::Cluster };
        if here(outgoing.report, kind, name) {
            // Another benchmark, or fewer results: this one will not be written again.
            works.push(Work::Delete { path, without: None });
        } else if node.is_some() && !outgoing.report.missing.iter().any(|missing| missing.name == name) {
            works.push(Work::Delete { path, without: node });
        }
    }
    works
}

fn node(object: &Value) -> Option<String> {
    object["scope"]["name"].as_str().map(str::to_owned)
}

/// Applies an object. It is the sink's whatever others wrote into its fields.
pub(super) fn apply(cluster: &Cluster, path: &str, node: Option<&str>, mut object: Value) -> Result<(), Trouble> {
    if let Some(name) = node {
        match cluster.node(name)? {
            Node::There(uid) => {
                object["metadata"]["ownerReferences"] =
                    json!([{ "apiVersion": "v1", "kind": "Node", "name": name, "uid": uid }]);
                object["scope"]["uid"] = uid.into();
            }
            Node::Hidden => {}
            // It would stay for ever: nothing owns it.
            Node::Gone => return Err(refused(format!("the cluster has no node {name}"))),
        }
    }
    let query = format!("{path}?fieldManager=seaworthy&force=true");
    let answer = cluster.ask("PATCH", &query, "application/apply-patch+yaml", &object)?;
    match answer.status {
        404 => Err(undefined(path)),
        409 => Err(Trouble::Later { why: words(&answer), after: None }),
        _ => Ok(()),
    }
}

/// Deletes an object if it bears our label and, where a node is named, that one is gone.
pub(super) fn delete(cluster: &Cluster, path: &str, without: Option<&str>) -> Result<(), Trouble> {
    // Where we may not ask, its owner takes it along, if it has one; what is in doubt stays.
    if without.map_or(Ok(Node::Gone), |name| cluster.node(name))? != Node::Gone {
        return Ok(());
    }
    let there = cluster.ask("GET", path, "application/json", &Value::Null)?;
    let metadata = &there.body["metadata"];
    if there.status == 404 || metadata["labels"][OURS.0].as_str() != Some(OURS.1) {
        return Ok(());
    }
    let options = json!({ "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": { "uid": metadata["uid"] } });
    let answer = cluster.ask("DELETE", path, "application/json", &options)?;
    // 404 and 409: another was quicker.
    match answer.status {
        409 => Err(Trouble::Later { why: words(&answer), after: None }),
        _ => Ok(()),
    }
}

fn undefined(path: &str) -> Trouble {
    let resource = [&POLICY, &OPEN].into_iter().find(|resource| path.starts_with(resource.path));
    let (definition, from) = resource.map_or(("", ""), |resource| (resource.definition, resource.from));
    Trouble::Blocked {
        why: format!("the cluster has no CustomResourceDefinition {definition}: apply it from {from}, or set reports"),
    }
}

fn refused(why: String) -> Trouble {
    Trouble::Refused { why: super::api::clean(&why) }
}

fn words(answer: &Answer) -> String {
    super::api::clean(&format!("{} {}", answer.status, answer.body["message"].as_str().unwrap_or_default()))
}
