//! What is known of programs in clusters.

use crate::Problem;
use crate::known::{Known, Tool};
use crate::load::Parsed;

pub(super) fn resolve(raw: &Parsed<'_, Known>, problems: &mut Vec<Problem>) -> Known {
    let known = &raw.value;
    let resources = known
        .network_plugins
        .iter()
        .filter_map(|plugin| plugin.custom_resource.as_ref())
        .chain(tools(known).filter_map(|tool| tool.custom_resource.as_ref()));
    for name in resources {
        if name.split('.').count() < 3 || name.contains(['/', ' ']) {
            let message = format!("{name:?} is no name of a custom resource");
            problems.push(raw.problem(
                name,
                message,
                "write it as PLURAL.GROUP, as kubectl get customresourcedefinitions does",
            ));
        }
    }
    for plugin in &known.network_plugins {
        if plugin.namespaces.is_empty() || plugin.namespaces.iter().any(String::is_empty) {
            let message = format!("{} is known in no namespace", plugin.name);
            problems.push(raw.problem(&plugin.name, message, "give the namespaces that it is installed in"));
        }
        if plugin.daemon_set.is_empty() || plugin.image.is_empty() {
            let message = format!("{} is known by an empty word, which every DaemonSet bears", plugin.name);
            problems.push(raw.problem(&plugin.name, message, "give daemon-set and image"));
        }
    }
    for tool in tools(known).filter(|tool| tool.webhook.as_deref() == Some("")) {
        let message = format!("{} is known by an empty word, which every webhook bears", tool.name);
        problems.push(raw.problem(&tool.name, message, "give the beginning of the webhook configuration's name"));
    }
    for tool in tools(known).filter(|tool| tool.custom_resource.is_none() && tool.webhook.is_none()) {
        let message = format!("nothing is said by which {} is known", tool.name);
        problems.push(raw.problem(&tool.name, message, "give custom-resource, webhook, or both"));
    }
    for engine in known.policy_engines.iter().filter(|e| e.custom_resource.is_none() || e.webhook.is_none()) {
        let message = format!("{} is known by one thing only, which can be a coincidence", engine.name);
        problems.push(raw.problem(&engine.name, message, "give custom-resource and webhook"));
    }
    known.clone()
}

fn tools(known: &Known) -> impl Iterator<Item = &Tool> {
    known.policy_engines.iter().chain(&known.secret_stores).chain(&known.image_verifiers)
}
