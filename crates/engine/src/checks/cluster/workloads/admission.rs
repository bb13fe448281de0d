//! What keeps dangerous pods out: 5.2.1.

use std::collections::BTreeMap;

use seaworthy_catalogue::Tool;
use seaworthy_model::cluster::{AdmissionPolicy, MatchConstraints, OperationRule, WebhookConfiguration};

use super::pods::ENFORCE;
use super::standards::Level;
use crate::checks::cluster::{Asked, Seen, items, note, resource, show, whole};

/// Namespaces with pods that enforce no level of pod security.
pub(super) fn mechanism(asked: &Asked<'_, '_>) -> Seen {
    let cluster = asked.cluster;
    let mut seen = Seen {
        offence: "no level of pod security is enforced in".to_owned(),
        expected: "baseline or restricted enforced in every namespace with pods".to_owned(),
        ..Seen::default()
    };
    let mut pods: BTreeMap<&str, usize> = BTreeMap::new();
    for pod in items(&cluster.pods) {
        *pods.entry(pod.metadata.namespace.as_deref().unwrap_or_default()).or_default() += 1;
    }
    let mut all = 0_usize;
    let mut open = Vec::new();
    for namespace in items(&cluster.namespaces).iter().filter(|n| !asked.system_namespace(&n.metadata.name)) {
        let Some(count) = pods.get(namespace.metadata.name.as_str()) else { continue };
        all += 1;
        let label = namespace.metadata.label(ENFORCE);
        if Level::of(label) == Level::Privileged {
            let word = label.map_or_else(|| "no enforce label".to_owned(), |label| format!("enforces {label}"));
            open.push(resource("Namespace", None, &namespace.metadata.name, format!("{word}, {count} pods")));
        }
    }
    let policies: Vec<&AdmissionPolicy> = denying(asked);
    let engines: Vec<&Tool> = engines(asked);
    seen.shown.extend(policies.iter().map(|p| {
        show(
            "validatingadmissionpolicies.admissionregistration.k8s.io",
            None,
            &p.metadata.name,
            "bound, denies, and is about pods",
        )
    }));
    seen.shown.extend(engines.iter().map(|e| note("policy engine", e.name.clone())));
    // Whether an engine or a policy is there is known only with all of these lists.
    let certain = whole(&cluster.custom_resources)
        && whole(&cluster.validating_webhooks)
        && whole(&cluster.admission_policies)
        && whole(&cluster.admission_policy_bindings);
    let helpers = policies.iter().map(|p| p.metadata.name.as_str()).chain(engines.iter().map(|e| e.name.as_str()));
    let helpers = helpers.collect::<Vec<_>>().join(", ");
    if open.is_empty() {
        seen.clean = match all {
            0 => "no namespace outside of the system's has pods".to_owned(),
            all => format!("all {all} namespaces with pods enforce baseline or restricted"),
        };
    } else if !helpers.is_empty() {
        seen.manual = true;
        seen.clean = format!(
            "{} namespaces with pods enforce no level, and {helpers} may stand in for it: does that forbid as much as baseline in each of them?",
            open.len()
        );
        seen.listed = open;
    } else if certain {
        seen.offenders = open;
    }
    seen
}

/// Policies on pods that are bound and refuse.
fn denying<'a>(asked: &Asked<'_, 'a>) -> Vec<&'a AdmissionPolicy> {
    let bound = |name: &str| {
        items(&asked.cluster.admission_policy_bindings).iter().any(|binding| {
            binding.spec.policy_name == name && binding.spec.validation_actions.iter().any(|action| action == "Deny")
        })
    };
    let all = items(&asked.cluster.admission_policies).iter();
    all.filter(|policy| {
        let spec = &policy.spec;
        spec.failure_policy.as_deref() != Some("Ignore")
            && !spec.validations.is_empty()
            && spec
                .match_constraints
                .as_ref()
                .is_some_and(|m: &MatchConstraints| m.resource_rules.iter().any(about_pods))
            && bound(&policy.metadata.name)
    })
    .collect()
}

/// Whether requests that make pods are meant.
fn about_pods(rule: &OperationRule) -> bool {
    let has = |list: &[String], words: &[&str]| list.iter().any(|word| words.contains(&word.as_str()));
    has(&rule.operations, &["CREATE", "*"])
        && has(&rule.api_groups, &["", "*"])
        && has(&rule.resources, &["pods", "*", "*/*", "pods/*"])
        && rule.resource_names.is_empty()
}

/// Engines whose custom resource is there, and whose webhook refuses pods where the engine does not answer.
fn engines<'c>(asked: &Asked<'c, '_>) -> Vec<&'c Tool> {
    let resource = |name: &str| items(&asked.cluster.custom_resources).iter().any(|r| r.metadata.name == name);
    let webhook = |prefix: &str| {
        items(&asked.cluster.validating_webhooks).iter().any(|w: &WebhookConfiguration| {
            w.metadata.name.starts_with(prefix)
                && w.webhooks
                    .iter()
                    .any(|hook| hook.failure_policy.as_deref() != Some("Ignore") && hook.rules.iter().any(about_pods))
        })
    };
    let known = &asked.judge.context.catalogue.known.policy_engines;
    known
        .iter()
        .filter(|tool| {
            tool.custom_resource.as_deref().is_some_and(resource) && tool.webhook.as_deref().is_some_and(webhook)
        })
        .collect()
}
