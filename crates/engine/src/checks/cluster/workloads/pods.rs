//! Checks of every pod: 5.2.2 to 5.2.12, 5.6.2 and 5.6.3.

use std::collections::BTreeMap;

use seaworthy_model::Evidence;
use seaworthy_model::cluster::{PodSecurityContext, PodSpec, SecurityContext, WindowsOptions};

use super::owners::{Owners, key};
use super::pod_security::PodSecurity;
use super::standards::{ALL, Level, Standard, Violation};
use super::{SHOWN, apart};
use crate::checks::cluster::{Asked, Seen, items, note, resource, show};
use crate::phrase::some;

/// How many phrases about one pod are shown.
const PHRASES: usize = 4;

/// By namespace, the levels that refuse its offending pods.
type Refusing<'a> = BTreeMap<&'a str, Vec<Level>>;

/// Pods that violate a requirement of the Pod Security Standards: the rule's words say which.
pub(super) fn standards(asked: &Asked<'_, '_>) -> Seen {
    let wanted: Vec<&Standard> =
        asked.with.iter().filter_map(|word| ALL.iter().find(|standard| standard.word == word)).collect();
    let violations = |pod: &PodSpec| wanted.iter().flat_map(|standard| (standard.violations)(pod)).collect::<Vec<_>>();
    let (mut seen, refusing) = judge(asked, violations);
    let join = |words: Vec<&str>| words.join("; ");
    seen.offence = join(wanted.iter().map(|s| s.offence).collect());
    seen.expected = join(wanted.iter().map(|s| s.expected).collect());
    if wanted.is_empty() || wanted.len() != asked.with.len() {
        seen.doubt = Some("the rule asks for something of pods that there is no way to judge".to_owned());
    }
    let pod_security = PodSecurity::new(asked);
    seen.shown.extend(admission(&pod_security, &refusing));
    seen.shown.extend(pod_security.shown().iter().cloned());
    if asked.with.iter().any(|word| word == "seccomp") {
        seen.shown.extend(kubelets(asked));
    }
    seen
}

/// Pods without any security context.
pub(super) fn security_context(asked: &Asked<'_, '_>) -> Seen {
    let (mut seen, _) = judge(asked, |pod| {
        let own = pod.security_context.as_ref().is_some_and(pod_sets_something);
        let containers = pod.all_containers().any(|(_, c)| c.security_context.as_ref().is_some_and(sets_something));
        if own || containers {
            return Vec::new();
        }
        let what = "nothing is set, neither on the pod nor on a container".to_owned();
        vec![Violation { what, level: Level::Restricted }]
    });
    seen.offence = "no security context is set by".to_owned();
    seen.expected = "a security context on the pod or its containers".to_owned();
    seen
}

/// Goes through all pods, and the templates that have none now.
fn judge<'a>(asked: &Asked<'_, 'a>, violations: impl Fn(&PodSpec) -> Vec<Violation>) -> (Seen, Refusing<'a>) {
    let mut seen = Seen::default();
    let mut refusing: Refusing<'a> = BTreeMap::new();
    let (mut all, mut system) = (0_usize, Vec::new());
    for pod in items(&asked.cluster.pods) {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        let found = violations(&pod.spec);
        let judged = !asked.system_namespace(namespace);
        all += usize::from(judged);
        if found.is_empty() {
            continue;
        }
        if !judged {
            system.push(pod.metadata.path());
            continue;
        }
        seen.offenders.push(resource("Pod", Some(namespace), &pod.metadata.name, phrases(&found)));
        let lowest = found.iter().map(|violation| violation.level).min().unwrap_or(Level::Restricted);
        refusing.entry(namespace).or_default().push(lowest);
    }
    seen.clean = match all {
        0 => "there is no pod outside of the system namespaces".to_owned(),
        all => format!("none of {all} pods outside of the system namespaces offends"),
    };
    seen.shown.extend(templates(asked, &violations));
    seen.shown.extend(apart("of these would offend elsewhere", system));
    (seen, refusing)
}

fn phrases(found: &[Violation]) -> String {
    some(found.iter().map(|violation| violation.what.as_str()), PHRASES, "; ")
}

/// Templates that would make such pods and have none at the moment. They are shown and do not count.
fn templates(asked: &Asked<'_, '_>, violations: &impl Fn(&PodSpec) -> Vec<Violation>) -> Vec<Evidence> {
    // Without all pods it is not known which have none.
    if !crate::checks::cluster::whole(&asked.cluster.pods) {
        return Vec::new();
    }
    let owners = Owners::new(asked.cluster);
    let busy = owners.of_pods();
    let mut shown = Vec::new();
    let mut more = 0_usize;
    for list in &asked.cluster.workloads {
        for workload in items(&list.list) {
            let own = key(list.kind.as_str(), &workload.metadata);
            // Old ReplicaSets and finished Jobs are their owner's.
            let owned = owners.top_of(list.kind.as_str(), &workload.metadata) != own;
            if owned || busy.contains(&own) || asked.system_namespace(own.1) {
                continue;
            }
            let found = workload.pod().map(violations).unwrap_or_default();
            if found.is_empty() {
                continue;
            }
            if shown.len() == SHOWN {
                more += 1;
                continue;
            }
            let value = format!("has no pod now and is not counted: {}", phrases(&found));
            shown.push(show(list.kind.resource(), Some(own.1), own.2, value));
        }
    }
    if more > 0 {
        shown.push(note("templates without pods, not counted", format!("{more} more offend")));
    }
    shown
}

/// Whether admission would stop such pods today, namespace by namespace.
fn admission(pod_security: &PodSecurity<'_>, refusing: &Refusing<'_>) -> Vec<Evidence> {
    let mut shown = Vec::new();
    let mut more = 0_usize;
    for (namespace, levels) in refusing {
        let Some(enforced) = pod_security.of(namespace) else { continue };
        if shown.len() == SHOWN {
            more += 1;
            continue;
        }
        let refused = enforced.level.map(|enforced| levels.iter().filter(|level| enforced >= **level).count());
        let effect = match refused {
            None => "whether new pods like these are refused is not known".to_owned(),
            Some(0) => "new pods like these are let in".to_owned(),
            Some(refused) if refused == levels.len() => "new pods like these are refused".to_owned(),
            Some(refused) => format!("new pods like {refused} of these {} are refused", levels.len()),
        };
        shown.push(show("namespaces", None, namespace, format!("{}: {effect}", enforced.words)));
    }
    if more > 0 {
        shown.push(note("namespaces with such pods", format!("{more} more")));
    }
    shown
}

/// Kubelets that give pods without a word of their own the profile of the runtime. The pod does not show it, so it counts all the same.
fn kubelets(asked: &Asked<'_, '_>) -> Option<Evidence> {
    let mut on = Vec::new();
    let mut known = 0_usize;
    for kubelet in &asked.cluster.kubelets {
        let Some(document) = kubelet.config.known().and_then(|text| seaworthy_yaml::parse(&text.text).ok()) else {
            continue;
        };
        known += 1;
        if document.root.get("seccompDefault").and_then(seaworthy_yaml::Node::as_bool) == Some(true) {
            on.push(kubelet.node.as_str());
        }
    }
    let value = match on.as_slice() {
        [] => format!("off on every node that was asked ({known}): pods that name no profile run without one"),
        on => format!(
            "on for {} of {known} nodes ({}), where pods that name no profile run under the runtime's",
            on.len(),
            some(on.iter().copied(), SHOWN, ", ")
        ),
    };
    (known > 0).then(|| note("kubelet seccompDefault", value))
}

fn pod_sets_something(context: &PodSecurityContext) -> bool {
    let mut context = context.clone();
    context.windows_options = context.windows_options.filter(|options| *options != WindowsOptions::default());
    context != PodSecurityContext::default()
}

fn sets_something(context: &SecurityContext) -> bool {
    let mut context = context.clone();
    context.windows_options = context.windows_options.filter(|options| *options != WindowsOptions::default());
    context.capabilities = context.capabilities.filter(|c| !c.add.is_empty() || !c.drop.is_empty());
    context != SecurityContext::default()
}
