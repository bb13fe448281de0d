//! Checks of namespaces: 5.3.2, 5.6.1 and 5.6.4.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::cluster::{Gap, NetworkPolicy, NetworkRule, PodObject};
use seaworthy_model::{Fact, GrantKind};

use super::owners::{Key, Owners};
use crate::checks::cluster::{Asked, Seen, gap_words, items, note, resource, show, whole};
use crate::phrase::{count, some};

/// What Kubernetes itself puts into `default`: resource and name. Nobody else can have an object of the same kind and name there.
const OWN: [(&str, &str); 5] = [
    ("configmaps", "kube-root-ca.crt"),
    ("endpoints", "kubernetes"),
    ("endpointslices.discovery.k8s.io", "kubernetes"),
    ("serviceaccounts", "default"),
    ("services", "kubernetes"),
];

/// What is no object that somebody put there.
const EVENTS: [&str; 2] = ["events", "events.events.k8s.io"];

/// Kinds that every scan looks at, also of a recording that does not say what kinds there are.
const CORE: [&str; 15] = [
    "configmaps",
    "cronjobs.batch",
    "daemonsets.apps",
    "deployments.apps",
    "jobs.batch",
    "networkpolicies.networking.k8s.io",
    "pods",
    "replicasets.apps",
    "replicationcontrollers",
    "rolebindings.rbac.authorization.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "secrets",
    "serviceaccounts",
    "services",
    "statefulsets.apps",
];

/// Namespaces without any network policy.
pub(super) fn network_policies(asked: &Asked<'_, '_>) -> Seen {
    let cluster = asked.cluster;
    let mut seen = Seen {
        offence: "there is no network policy in".to_owned(),
        expected: "a network policy in every namespace".to_owned(),
        ..Seen::default()
    };
    let policies = items(&cluster.network_policies);
    let have: BTreeSet<&str> = policies.iter().filter_map(|p| p.metadata.namespace.as_deref()).collect();
    let mut all = 0_usize;
    for namespace in items(&cluster.namespaces).iter().filter(|n| !asked.system_namespace(&n.metadata.name)) {
        all += 1;
        // A policy that could not be read may be this namespace's.
        if !have.contains(namespace.metadata.name.as_str()) && whole(&cluster.network_policies) {
            seen.offenders.push(resource("Namespace", None, &namespace.metadata.name, "no NetworkPolicy"));
        }
    }
    let mut pods: BTreeMap<&str, Vec<&PodObject>> = BTreeMap::new();
    for pod in items(&cluster.pods) {
        pods.entry(pod.metadata.namespace.as_deref().unwrap_or_default()).or_default().push(pod);
    }
    for policy in policies {
        let namespace = policy.metadata.namespace.as_deref().unwrap_or_default();
        let pods = pods.get(namespace).map(Vec::as_slice).unwrap_or_default();
        if let Some(why) = without_effect(policy, pods, whole(&cluster.pods)) {
            seen.shown.push(show("networkpolicies.networking.k8s.io", Some(namespace), &policy.metadata.name, why));
        }
    }
    let idle = seen.shown.len();
    seen.clean = format!("all {all} namespaces outside of the system's have a network policy");
    if idle > 0 {
        seen.clean = format!("{}; {idle} of {} policies have no effect", seen.clean, policies.len());
    }
    seen
}

/// Why a policy changes nothing.
fn without_effect(policy: &NetworkPolicy, pods: &[&PodObject], pods_known: bool) -> Option<&'static str> {
    let spec = &policy.spec;
    if pods_known && !pods.iter().any(|pod| spec.pod_selector.selects(&pod.metadata.labels)) {
        return Some("it selects no pod");
    }
    let everything =
        |rules: &[NetworkRule]| rules.iter().any(|r| r.from.is_empty() && r.to.is_empty() && r.ports.is_empty());
    let has = |word: &str| spec.policy_types.iter().any(|kind| kind == word);
    let ingress = has("Ingress") || spec.policy_types.is_empty();
    let egress = has("Egress");
    let open = (!ingress || everything(&spec.ingress)) && (!egress || everything(&spec.egress));
    open.then_some("it allows everything")
}

/// How many workloads of one namespace are named.
const NAMED: usize = 4;

/// Namespaces and what is in them, for a person to judge.
pub(super) fn boundaries(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen {
        manual: true,
        expected: "resources of different owners in namespaces of their own".to_owned(),
        ..Seen::default()
    };
    let owners = Owners::new(asked.cluster);
    let mut held: BTreeMap<&str, (usize, BTreeSet<Key<'_>>)> = BTreeMap::new();
    for pod in items(&asked.cluster.pods) {
        let entry = held.entry(pod.metadata.namespace.as_deref().unwrap_or_default()).or_default();
        entry.0 += 1;
        entry.1.insert(owners.top_of("Pod", &pod.metadata));
    }
    let mut used = 0_usize;
    for namespace in items(&asked.cluster.namespaces).iter().filter(|n| !asked.system_namespace(&n.metadata.name)) {
        let name = namespace.metadata.name.as_str();
        let detail = held.get(name).map_or_else(
            || "no pods".to_owned(),
            |(pods, tops)| {
                used += 1;
                let tops: Vec<String> = tops.iter().map(|(kind, _, name)| format!("{kind} {name}")).collect();
                format!("{}, of {}", count(*pods, "pod"), some(tops.iter(), NAMED, ", "))
            },
        );
        seen.listed.push(resource("Namespace", None, name, detail));
    }
    seen.clean = format!(
        "{} outside of the system's, {used} of them with pods: are resources of different owners apart?",
        count(seen.listed.len(), "namespace")
    );
    seen
}

/// Objects in `default` that Kubernetes itself does not put there.
pub(super) fn default_namespace(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen {
        offence: "the namespace default holds".to_owned(),
        expected: "nothing in default but what Kubernetes itself puts there".to_owned(),
        ..Seen::default()
    };
    let lists = &asked.cluster.default_namespace;
    let mut own = 0_usize;
    for list in lists {
        let resource_name = list.resource.as_str();
        if EVENTS.contains(&resource_name) {
            continue;
        }
        for object in items(&list.list) {
            if OWN.contains(&(resource_name, object.metadata.name.as_str())) {
                own += 1;
            } else {
                seen.offenders.push(resource(&list.kind, Some("default"), &object.metadata.name, resource_name));
            }
        }
        if let Some(gap) = Gap::of(&list.list) {
            seen.doubt = seen.doubt.or_else(|| Some(gap_words(resource_name, &gap)));
        }
    }
    // Facts that hold no list of one of these say nothing about what is in it.
    if let Some(lacking) = CORE.iter().find(|core| !lists.iter().any(|list| list.resource == **core)) {
        seen.doubt = seen.doubt.or_else(|| Some(gap_words(lacking, &Gap::NotAsked)));
    }
    seen.clean = format!(
        "default holds {own} objects that Kubernetes itself puts there, and nothing else of {} kinds",
        lists.len()
    );
    match &asked.cluster.discovery {
        Fact::Known { .. } => {}
        // A recording tells of the kinds that were recorded.
        Fact::NotVisible { grant, .. } if grant.kind == GrantKind::Recording => {
            let looked_at: Vec<&str> = lists.iter().map(|list| list.resource.as_str()).collect();
            seen.shown.push(note("kinds that were looked at", looked_at.join(", ")));
        }
        other => {
            let why = other.missing().map(|missing| missing.to_string()).unwrap_or_default();
            seen.doubt = seen.doubt.or_else(|| Some(format!("what kinds of objects there are is not known: {why}")));
        }
    }
    seen
}
