//! Secrets in the environment: 5.4.1.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::cluster::{ObjectMeta, PodSpec};

use super::apart;
use super::owners::{Key, Owners, key};
use crate::checks::cluster::{Asked, Seen, items, resource};
use crate::phrase::some;

/// How many variables of one object are named.
const NAMED: usize = 4;

/// What is known of one top owner.
#[derive(Default)]
struct Found<'a> {
    variables: BTreeSet<String>,
    /// Whether its own template, or the pod itself, has one.
    own: bool,
    /// An object below it that has.
    below: Option<Key<'a>>,
}

/// Pods and templates with a variable from a Secret. The top owner stands for its pods.
pub(super) fn in_environment(asked: &Asked<'_, '_>) -> Seen {
    let owners = Owners::new(asked.cluster);
    let mut found: BTreeMap<Key<'_>, Found<'_>> = BTreeMap::new();
    let (mut all, mut system) = (0_usize, BTreeSet::new());
    let pods = items(&asked.cluster.pods).iter().map(|pod| ("Pod", &pod.metadata, Some(&pod.spec)));
    let templates = asked
        .cluster
        .workloads
        .iter()
        .flat_map(|list| items(&list.list).iter().map(|w| (list.kind.as_str(), &w.metadata, w.pod())));
    let objects: Vec<(&str, &ObjectMeta, Option<&PodSpec>)> = pods.chain(templates).collect();
    for (kind, meta, spec) in objects {
        let own = key(kind, meta);
        let judged = !asked.system_namespace(own.1);
        all += usize::from(judged);
        let variables = spec.map(variables).unwrap_or_default();
        if variables.is_empty() {
            continue;
        }
        let top = owners.top_of(kind, meta);
        if !judged {
            system.insert(format!("{} {}/{}", top.0, top.1, top.2));
            continue;
        }
        let entry = found.entry(top).or_default();
        entry.variables.extend(variables);
        if top == own {
            entry.own = true;
        } else {
            entry.below = entry.below.min(Some(own)).or(Some(own));
        }
    }
    let mut seen = Seen {
        offence: "Secrets are put into the environment by".to_owned(),
        expected: "Secrets mounted as files".to_owned(),
        clean: format!(
            "none of {all} pods and templates outside of the system namespaces takes a variable from a Secret"
        ),
        ..Seen::default()
    };
    for ((kind, namespace, name), what) in found {
        let mut detail = some(what.variables.iter().map(String::as_str), NAMED, "; ");
        if let Some(below) = what.below.filter(|_| !what.own) {
            detail = format!("{detail} (in {} {}, not in its own template)", below.0, below.2);
        }
        seen.offenders.push(resource(kind, Some(namespace), name, detail));
    }
    seen.shown.extend(apart("of these take variables from Secrets", system.into_iter().collect()));
    seen
}

/// The variables of a pod that come from Secrets.
fn variables(pod: &PodSpec) -> Vec<String> {
    let mut found = Vec::new();
    for (list, container) in pod.all_containers() {
        for variable in &container.env {
            if let Some(key) = variable.value_from.as_ref().and_then(|from| from.secret_key_ref.as_ref()) {
                found.push(format!("{list} {}: {} from Secret {}", container.name, variable.name, key.name));
            }
        }
        for secret in container.env_from.iter().filter_map(|from| from.secret_ref.as_ref()) {
            found.push(format!("{list} {}: every key of Secret {}", container.name, secret.name));
        }
    }
    found
}
