//! What keeps dangerous pods out: 5.2.1.

use std::collections::BTreeMap;

use seaworthy_model::cluster::{LabelSelector, MatchConstraints, OperationRule, PartialObject};

use super::SHOWN;
use super::pod_security::PodSecurity;
use super::standards::Level;
use crate::checks::cluster::{Asked, Seen, items, note, resource, show, whole};
use crate::phrase::{count, some};

const POLICIES: &str = "validatingadmissionpolicies.admissionregistration.k8s.io";

/// Something beside the label that may refuse pods.
struct Helper<'a> {
    name: &'a str,
    /// The namespaces that it is about: each of these selectors must select them.
    selectors: Vec<Option<&'a LabelSelector>>,
}

impl Helper<'_> {
    fn is_about(&self, namespace: &PartialObject) -> bool {
        self.selectors.iter().flatten().all(|selector| {
            let mut labels = namespace.metadata.labels.clone();
            // The API server puts this one on every namespace; a trimmed or recorded object may lack it.
            labels.insert("kubernetes.io/metadata.name".to_owned(), namespace.metadata.name.clone());
            selector.selects(&labels)
        })
    }
}

/// Namespaces with pods that enforce no level of pod security.
pub(super) fn mechanism(asked: &Asked<'_, '_>) -> Seen {
    let cluster = asked.cluster;
    let mut seen = Seen {
        offence: "no level of pod security is enforced in".to_owned(),
        expected: "baseline or restricted enforced in every namespace with pods".to_owned(),
        ..Seen::default()
    };
    let pod_security = PodSecurity::new(asked);
    seen.shown.extend(pod_security.shown().iter().cloned());
    let mut pods: BTreeMap<&str, usize> = BTreeMap::new();
    for pod in items(&cluster.pods) {
        *pods.entry(pod.metadata.namespace.as_deref().unwrap_or_default()).or_default() += 1;
    }
    let mut helpers = policies(asked, &mut seen);
    helpers.extend(engines(asked, &mut seen));
    // Whether an engine or a policy is there is known only with all of these lists.
    let certain = whole(&cluster.custom_resources)
        && whole(&cluster.validating_webhooks)
        && whole(&cluster.admission_policies)
        && whole(&cluster.admission_policy_bindings);
    let mut enforced = 0_usize;
    let mut standing_in: Vec<&str> = Vec::new();
    for namespace in items(&cluster.namespaces).iter().filter(|n| !asked.system_namespace(&n.metadata.name)) {
        let name = namespace.metadata.name.as_str();
        let Some(pods_here) = pods.get(name) else { continue };
        let Some(holds) = pod_security.of(name) else { continue };
        if holds.level.is_some_and(|level| level >= Level::Baseline) {
            enforced += 1;
            continue;
        }
        let found = resource("Namespace", None, name, format!("{}; {}", holds.words, count(*pods_here, "pod")));
        let about: Vec<&str> = helpers.iter().filter(|h| h.is_about(namespace)).map(|h| h.name).collect();
        if !about.is_empty() {
            standing_in.extend(about);
            seen.listed.push(found);
        } else if certain && holds.level.is_some() {
            seen.offenders.push(found);
        }
    }
    standing_in.sort_unstable();
    standing_in.dedup();
    if !seen.listed.is_empty() {
        seen.manual = true;
        let helpers = standing_in.join(", ");
        seen.clean = format!(
            "no level is enforced in {} with pods, and {helpers} may stand in for it: does that forbid as much as baseline in each of them?",
            count(seen.listed.len(), "namespace"),
        );
        if !seen.offenders.is_empty() {
            let names = some(seen.listed.iter().map(|r| r.name.as_str()), SHOWN, ", ");
            seen.shown.push(note("namespaces for which something else may stand in", format!("{names}: {helpers}")));
        }
    } else if let Some(exempt) = pod_security.exempt().filter(|_| enforced > 0) {
        seen.manual = true;
        seen.clean = format!(
            "all {enforced} namespaces with pods enforce baseline or restricted, but the API server lets {exempt} past it: who can make use of that?"
        );
    } else if enforced == 0 {
        "no namespace outside of the system namespaces has pods".clone_into(&mut seen.clean);
    } else {
        seen.clean = format!("all {enforced} namespaces with pods enforce baseline or restricted");
    }
    seen.doubt = pod_security.doubt().filter(|_| !pods.keys().all(|ns| asked.system_namespace(ns))).map(|why| {
        format!(
            "how the API server's plugin PodSecurity is set is not known, and it may let pods past a label: {}",
            why.text
        )
    });
    seen
}

/// ValidatingAdmissionPolicies on pods that are bound and refuse, one for each binding.
fn policies<'a>(asked: &Asked<'_, 'a>, seen: &mut Seen) -> Vec<Helper<'a>> {
    let mut bindings: BTreeMap<&str, Vec<Option<&MatchConstraints>>> = BTreeMap::new();
    for binding in items(&asked.cluster.admission_policy_bindings) {
        let narrowed = binding.spec.match_resources.as_ref();
        let about = narrowed.is_none_or(|m| m.resource_rules.is_empty() || m.resource_rules.iter().any(about_pods));
        if about && binding.spec.validation_actions.iter().any(|action| action == "Deny") {
            bindings.entry(binding.spec.policy_name.as_str()).or_default().push(narrowed);
        }
    }
    let mut helpers = Vec::new();
    for policy in items(&asked.cluster.admission_policies) {
        let spec = &policy.spec;
        let name = policy.metadata.name.as_str();
        let Some(constraints) = spec.match_constraints.as_ref() else { continue };
        let refuses = spec.failure_policy.as_deref() != Some("Ignore") && !spec.validations.is_empty();
        let Some(bound) = bindings.get(name) else { continue };
        if !refuses || !constraints.resource_rules.iter().any(about_pods) {
            continue;
        }
        seen.shown.push(show(POLICIES, None, name, "bound, denies, and is about pods"));
        helpers.extend(bound.iter().map(|narrowed| Helper {
            name,
            selectors: vec![
                constraints.namespace_selector.as_ref(),
                narrowed.and_then(|m| m.namespace_selector.as_ref()),
            ],
        }));
    }
    helpers
}

/// Whether requests that make pods are meant.
fn about_pods(rule: &OperationRule) -> bool {
    let has = |list: &[String], words: &[&str]| list.iter().any(|word| words.contains(&word.as_str()));
    has(&rule.operations, &["CREATE", "*"])
        && has(&rule.api_groups, &["", "*"])
        && has(&rule.resources, &["pods", "*", "*/*", "pods/*"])
        && rule.resource_names.is_empty()
}

/// Engines whose custom resource is there and whose webhook is asked about pods, one for each webhook.
fn engines<'c>(asked: &Asked<'c, '_>, seen: &mut Seen) -> Vec<Helper<'c>> {
    let mut helpers = Vec::new();
    for engine in &asked.judge.context.catalogue.known.policy_engines {
        let (Some(resource), Some(prefix)) = (&engine.custom_resource, &engine.webhook) else { continue };
        if !items(&asked.cluster.custom_resources).iter().any(|r| r.metadata.name == *resource) {
            continue;
        }
        for configuration in
            items(&asked.cluster.validating_webhooks).iter().filter(|w| w.metadata.name.starts_with(prefix.as_str()))
        {
            for hook in configuration.webhooks.iter().filter(|hook| hook.rules.iter().any(about_pods)) {
                let open = hook.failure_policy.as_deref() == Some("Ignore");
                let value =
                    if open { "asked about pods; what it does not answer is let in" } else { "asked about pods" };
                let what = "validatingwebhookconfigurations.admissionregistration.k8s.io";
                seen.shown.push(show(what, None, &configuration.metadata.name, format!("{}: {value}", engine.name)));
                helpers.push(Helper { name: &engine.name, selectors: vec![hook.namespace_selector.as_ref()] });
            }
        }
    }
    helpers
}
