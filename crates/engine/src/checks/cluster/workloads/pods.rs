//! Checks of every pod: 5.2.2 to 5.2.12, 5.6.2 and 5.6.3.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::Evidence;
use seaworthy_model::cluster::{PodSecurityContext, PodSpec, SecurityContext};

use super::owners::Owners;
use super::standards::{ALL, Level, Standard};
use crate::checks::cluster::{Asked, Seen, items, note, resource, show};

/// How many phrases about one pod are shown.
const PHRASES: usize = 4;
/// How many namespaces and templates are shown beside a finding.
const SHOWN: usize = 20;
/// The label by which a namespace sets its level.
pub(super) const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// Pods that violate a requirement of the Pod Security Standards: the rule's words say which.
pub(super) fn standards(asked: &Asked<'_, '_>) -> Seen {
    let wanted: Vec<&Standard> =
        asked.with.iter().filter_map(|word| ALL.iter().find(|standard| standard.word == word)).collect();
    let violations = |pod: &PodSpec| wanted.iter().flat_map(|standard| (standard.violations)(pod)).collect::<Vec<_>>();
    let mut seen = judge(asked, violations);
    let join = |words: Vec<&str>| words.join("; ");
    seen.offence = join(wanted.iter().map(|s| s.offence).collect());
    seen.expected = join(wanted.iter().map(|s| s.expected).collect());
    let level = wanted.iter().map(|s| s.level).min().unwrap_or(Level::Restricted);
    let concerned: BTreeSet<String> = seen.offenders.iter().filter_map(|r| r.namespace.clone()).collect();
    seen.shown.extend(admission(asked, &concerned, level));
    seen
}

/// Pods without any security context.
pub(super) fn security_context(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = judge(asked, |pod| {
        let own = pod.security_context.as_ref().is_some_and(pod_sets_something);
        let containers = pod.all_containers().any(|(_, c)| c.security_context.as_ref().is_some_and(sets_something));
        if own || containers {
            Vec::new()
        } else {
            vec!["nothing is set, neither on the pod nor on a container".to_owned()]
        }
    });
    seen.offence = "no security context is set by".to_owned();
    seen.expected = "a security context on the pod or its containers".to_owned();
    seen
}

/// Goes through all pods, and the templates that have none now.
fn judge(asked: &Asked<'_, '_>, violations: impl Fn(&PodSpec) -> Vec<String>) -> Seen {
    let mut seen = Seen::default();
    let (mut all, mut system) = (0_usize, Vec::new());
    for pod in items(&asked.cluster.pods) {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        let found = violations(&pod.spec);
        if asked.system_namespace(namespace) {
            if !found.is_empty() {
                system.push(pod.metadata.path());
            }
            continue;
        }
        all += 1;
        if !found.is_empty() {
            seen.offenders.push(resource("Pod", Some(namespace), &pod.metadata.name, phrases(&found)));
        }
    }
    if !system.is_empty() {
        let more = system.len().saturating_sub(SHOWN);
        system.truncate(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        seen.shown.push(note("pods of system namespaces, not judged", format!("{}{more}", system.join(", "))));
    }
    seen.shown.extend(templates(asked, &violations));
    seen.clean = format!("none of {all} pods does");
    if all == 0 {
        "there is no pod outside of the system namespaces".clone_into(&mut seen.clean);
    }
    seen
}

fn phrases(found: &[String]) -> String {
    let more = found.len().saturating_sub(PHRASES);
    let shown = found.iter().take(PHRASES).map(String::as_str).collect::<Vec<_>>().join("; ");
    if more > 0 { format!("{shown}; and {more} more") } else { shown }
}

/// Templates that would make such pods and have none at the moment. They are shown and do not count.
fn templates(asked: &Asked<'_, '_>, violations: &impl Fn(&PodSpec) -> Vec<String>) -> Vec<Evidence> {
    let owners = Owners::new(asked.cluster);
    let busy = owners.of_pods();
    let mut shown = Vec::new();
    for list in &asked.cluster.workloads {
        for workload in items(&list.list) {
            let namespace = workload.metadata.namespace.as_deref().unwrap_or_default();
            let owned = workload.metadata.controller().is_some();
            let running = busy.contains(&(list.kind.as_str(), namespace, workload.metadata.name.as_str()));
            if owned || running || asked.system_namespace(namespace) {
                continue;
            }
            let found = workload.pod().map(violations).unwrap_or_default();
            if !found.is_empty() && shown.len() < SHOWN {
                let value = format!("not counted, it has no pod now: {}", phrases(&found));
                shown.push(show(list.kind.resource(), Some(namespace), &workload.metadata.name, value));
            }
        }
    }
    shown
}

/// Whether admission would stop such pods today, namespace by namespace.
fn admission(asked: &Asked<'_, '_>, concerned: &BTreeSet<String>, level: Level) -> Vec<Evidence> {
    let labels: BTreeMap<&str, Option<&str>> = items(&asked.cluster.namespaces)
        .iter()
        .map(|n| (n.metadata.name.as_str(), n.metadata.label(ENFORCE)))
        .collect();
    let known = concerned.iter().filter_map(|name| labels.get(name.as_str()).map(|label| (name, *label)));
    known
        .take(SHOWN)
        .map(|(name, label)| {
            let word = label.map_or_else(|| "enforces no level".to_owned(), |label| format!("enforces {label}"));
            let effect = if Level::of(label) >= level {
                "new pods like these are refused"
            } else {
                "new pods like these are let in"
            };
            show("namespaces", None, name, format!("{word}: {effect}"))
        })
        .collect()
}

fn pod_sets_something(context: &PodSecurityContext) -> bool {
    *context != PodSecurityContext::default()
}

fn sets_something(context: &SecurityContext) -> bool {
    *context != SecurityContext::default()
}
