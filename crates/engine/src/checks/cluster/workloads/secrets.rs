//! Secrets in the environment: 5.4.1.

use std::collections::BTreeMap;

use seaworthy_model::cluster::{ObjectMeta, PodSpec};

use super::owners::Owners;
use crate::checks::cluster::{Asked, Seen, items, note, resource};

/// How many variables of one object are named.
const NAMED: usize = 4;

/// Pods and templates with a variable from a Secret. The top owner stands for its pods.
pub(super) fn in_environment(asked: &Asked<'_, '_>) -> Seen {
    let owners = Owners::new(asked.cluster);
    let mut found: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
    let (mut all, mut system) = (0_usize, 0_usize);
    let mut look = |kind: &str, meta: &ObjectMeta, spec: Option<&PodSpec>| {
        let namespace = meta.namespace.as_deref().unwrap_or_default();
        let variables = spec.map(variables).unwrap_or_default();
        if asked.system_namespace(namespace) {
            system += usize::from(!variables.is_empty());
            return;
        }
        all += 1;
        if variables.is_empty() {
            return;
        }
        let (kind, name) = owners.top_of(kind, meta);
        let named = found.entry((kind, namespace.to_owned(), name)).or_default();
        for variable in variables {
            if !named.contains(&variable) {
                named.push(variable);
            }
        }
    };
    for pod in items(&asked.cluster.pods) {
        look("Pod", &pod.metadata, Some(&pod.spec));
    }
    for list in &asked.cluster.workloads {
        for workload in items(&list.list) {
            look(list.kind.as_str(), &workload.metadata, workload.pod());
        }
    }
    let mut seen = Seen {
        offence: "Secrets are put into the environment by".to_owned(),
        expected: "Secrets mounted as files".to_owned(),
        clean: format!("none of {all} pods and templates takes a variable from a Secret"),
        ..Seen::default()
    };
    for ((kind, namespace, name), variables) in found {
        let more = variables.len().saturating_sub(NAMED);
        let mut detail = variables.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
        if more > 0 {
            detail = format!("{detail}; and {more} more");
        }
        seen.offenders.push(resource(&kind, Some(&namespace), &name, detail));
    }
    if system > 0 {
        seen.shown.push(note("pods and templates of system namespaces that do", format!("{system}, not judged")));
    }
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
