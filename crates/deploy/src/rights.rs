//! Rights of the API: from the words in which checks ask to rules of a role.

use serde::Serialize;
use serde_json::{Value, json};

/// A right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Right {
    /// The namespace, if it is of one only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The API group; empty for the core group.
    pub group: String,
    /// The resource, with a subresource behind a slash.
    pub resource: String,
    /// The verb.
    pub verb: String,
    /// The names of objects, if it is for these only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

impl Right {
    /// From a check's words: `list pods`, `list roles.rbac.authorization.k8s.io`; with a namespace: `list pods in default`.
    pub fn parse(ask: &str) -> Option<Right> {
        let (what, namespace) = match ask.split_once(" in ") {
            Some((what, namespace)) => (what, Some(namespace.to_owned())),
            None => (ask, None),
        };
        let (verb, resource) = what.split_once(' ')?;
        let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
        Some(Right {
            namespace,
            group: group.to_owned(),
            resource: resource.to_owned(),
            verb: verb.to_owned(),
            names: Vec::new(),
        })
    }

    /// The right to list Secrets is the right to read them all, and so it is with ConfigMaps, in which people keep what belongs into
    /// Secrets; that to `nodes/proxy` is the right to run programs in every pod.
    pub(crate) fn gives_too_much(&self) -> bool {
        const MUCH: [&str; 4] = ["configmaps", "secrets", "nodes/proxy", "nodes/configz"];
        self.group.is_empty() && MUCH.contains(&self.resource.as_str())
    }
}

/// Rules of a role with exactly these rights: resources of a group together, where verbs and names agree.
pub(crate) fn rules(rights: &[Right]) -> Vec<Value> {
    let mut sorted: Vec<&Right> = rights.iter().collect();
    sorted.sort_by(|a, b| (&a.group, &a.verb, &a.names, &a.resource).cmp(&(&b.group, &b.verb, &b.names, &b.resource)));
    sorted.dedup();
    let mut rules: Vec<(&Right, Vec<&str>)> = Vec::new();
    for right in sorted {
        match rules.last_mut() {
            Some((first, resources))
                if first.group == right.group && first.verb == right.verb && first.names == right.names =>
            {
                resources.push(&right.resource);
            }
            _ => rules.push((right, vec![&right.resource])),
        }
    }
    let rule = |(right, resources): (&Right, Vec<&str>)| {
        let mut rule = json!({"apiGroups": [right.group], "resources": resources, "verbs": [right.verb]});
        if !right.names.is_empty() {
            rule["resourceNames"] = json!(right.names);
        }
        rule
    };
    rules.into_iter().map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_rules() {
        let asks = ["list pods", "list roles.rbac.authorization.k8s.io", "list namespaces", "list pods"];
        let rights: Vec<Right> = asks.iter().filter_map(|ask| Right::parse(ask)).collect();
        assert_eq!(
            rules(&rights),
            [
                json!({"apiGroups": [""], "resources": ["namespaces", "pods"], "verbs": ["list"]}),
                json!({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["list"]}),
            ]
        );
        assert_eq!(Right::parse("list services in default").unwrap().namespace.as_deref(), Some("default"));
        assert_eq!(Right::parse("pods"), None);
    }
}
