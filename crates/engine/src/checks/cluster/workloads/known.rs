//! Programs that are known by what they leave: 5.3.1, 5.4.2 and 5.5.1.

use seaworthy_catalogue::{Enforces, NetworkPlugin, Tool};
use seaworthy_model::cluster::{Workload, WorkloadKind};
use seaworthy_model::{Evidence, Resource};

use super::pod_security::{PluginConfiguration, configuration};
use crate::checks::cluster::{Asked, Seen, items, note, resource, whole};
use crate::settings::State;

/// Whether a network plugin that enforces policies is there.
pub(super) fn network_plugins(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen {
        offence: "network policies are not enforced by".to_owned(),
        expected: "a network plugin that enforces network policies".to_owned(),
        ..Seen::default()
    };
    let sets = asked.cluster.workload(WorkloadKind::DaemonSet).map(items).unwrap_or_default();
    let mut found: Vec<(&NetworkPlugin, Resource)> = Vec::new();
    for plugin in &asked.judge.context.catalogue.known.network_plugins {
        for set in sets.iter().filter(|set| is(plugin, set, asked)) {
            found.push((plugin, daemon_set(set, &plugin.name)));
        }
    }
    let of = |wanted: Enforces| found.iter().filter(move |(plugin, _)| plugin.enforces == wanted);
    if let Some((plugin, set)) = of(Enforces::Yes).next() {
        seen.clean = format!(
            "{} enforces them (DaemonSet {}/{})",
            plugin.name,
            set.namespace.as_deref().unwrap_or_default(),
            set.name
        );
        return seen;
    }
    // That no other plugin is there is known only with every list.
    let certain =
        whole(&asked.cluster.custom_resources) && asked.cluster.workload(WorkloadKind::DaemonSet).is_some_and(whole);
    // A DaemonSet called like a plugin, without the rest of what it is known by, may be a build of it that the table does not know.
    let like = |set: &&Workload| {
        let known = &asked.judge.context.catalogue.known.network_plugins;
        known.iter().any(|plugin| plugin.daemon_set == set.metadata.name)
            && !found.iter().any(|(_, r)| r.name == set.metadata.name && r.namespace == set.metadata.namespace)
    };
    let likely: Vec<&Workload> = sets.iter().filter(like).collect();
    if of(Enforces::Ask).next().is_none() && of(Enforces::No).next().is_some() && certain && likely.is_empty() {
        seen.offenders = of(Enforces::No).map(|(_, set)| set.clone()).collect();
        return seen;
    }
    seen.manual = true;
    let named: Vec<&str> = of(Enforces::Ask).map(|(plugin, _)| plugin.name.as_str()).collect();
    (seen.listed, seen.clean) = if !named.is_empty() {
        let clean = format!("{} enforces network policies only if it is set to: is it?", named.join(", "));
        (of(Enforces::Ask).map(|(_, set)| set.clone()).collect(), clean)
    } else if !likely.is_empty() {
        let detail = "called like a known plugin, and otherwise not like it";
        let clean = "a DaemonSet is called like a known network plugin and is otherwise not like it: does it enforce network policies?";
        (likely.iter().map(|set| daemon_set(set, detail)).collect(), clean.to_owned())
    } else {
        let system = |set: &&Workload| asked.system_namespace(set.metadata.namespace.as_deref().unwrap_or_default());
        let clean =
            "no network plugin is known by its DaemonSet: does the one of this cluster enforce network policies?";
        let listed = sets.iter().filter(system).map(|set| daemon_set(set, "unknown plugin, or none")).collect();
        (listed, clean.to_owned())
    };
    seen
}

fn is(plugin: &NetworkPlugin, set: &Workload, asked: &Asked<'_, '_>) -> bool {
    let image = |image: &Option<String>| image.as_deref().is_some_and(|image| image.contains(&plugin.image));
    let crd = |name: &String| items(&asked.cluster.custom_resources).iter().any(|r| r.metadata.name == *name);
    set.metadata.name == plugin.daemon_set
        && set.metadata.namespace.as_ref().is_some_and(|namespace| plugin.namespaces.contains(namespace))
        && set.pod().is_some_and(|pod| pod.all_containers().any(|(_, c)| image(&c.image)))
        && plugin.custom_resource.as_ref().is_none_or(crd)
}

fn daemon_set(set: &Workload, detail: &str) -> Resource {
    resource("DaemonSet", set.metadata.namespace.as_deref(), &set.metadata.name, detail)
}

/// Tools that bring secrets from a store outside of the cluster.
pub(super) fn secret_stores(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen {
        manual: true,
        expected: "a decision on which secrets belong in a store outside of the cluster".to_owned(),
        ..Seen::default()
    };
    seen.listed = by_resource(asked, &asked.judge.context.catalogue.known.secret_stores);
    seen.clean = match seen.listed.as_slice() {
        [] => "no tool for secrets from outside of the cluster is known here: would one help?".to_owned(),
        found => format!("{} is there: are the secrets in it that belong there?", tools(found)),
    };
    seen
}

/// Engines that can decide on images.
pub(super) fn image_verifiers(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen {
        manual: true,
        expected: "images admitted by where they come from, or by whom they are signed".to_owned(),
        ..Seen::default()
    };
    let known = &asked.judge.context.catalogue.known.image_verifiers;
    seen.listed = by_resource(asked, known);
    for webhook in items(&asked.cluster.validating_webhooks) {
        let tool = known
            .iter()
            .find(|tool| tool.webhook.as_deref().is_some_and(|prefix| webhook.metadata.name.starts_with(prefix)));
        if let Some(tool) = tool {
            seen.listed.push(resource(
                "ValidatingWebhookConfiguration",
                None,
                &webhook.metadata.name,
                tool.name.as_str(),
            ));
        }
    }
    image_policy_webhook(asked, &mut seen);
    seen.clean = match seen.listed.as_slice() {
        [] => "nothing that decides on images is known here: what keeps foreign images out?".to_owned(),
        found => format!("{} can decide on images: do its policies cover every namespace?", tools(found)),
    };
    seen
}

/// The API server's own way of asking somebody about images, as far as its arguments are known.
fn image_policy_webhook(asked: &Asked<'_, '_>, seen: &mut Seen) {
    const PLUGIN: &str = "ImagePolicyWebhook";
    let what = format!("admission plugin {PLUGIN}");
    let Some(resolver) = asked.judge.resolvers("kube-apiserver").first() else { return };
    let plugins = resolver.effective("admission-plugins");
    if let State::Unknown(why) = &plugins.state {
        seen.shown.push(note(&what, format!("not known: {}", why.text)));
        return;
    }
    let on = plugins.list().unwrap_or_default().iter().any(|name| name == PLUGIN);
    seen.shown.push(Evidence { source: Some(plugins.source), ..note(&what, if on { "on" } else { "off" }) });
    if !on {
        return;
    }
    seen.listed.push(resource("Setting", None, "admission-plugins", PLUGIN));
    let default_allow = |found: &PluginConfiguration| {
        let policy = found.root().and_then(|root| root.get("imagePolicy"));
        policy.and_then(|policy| policy.get("defaultAllow")).and_then(seaworthy_yaml::Node::as_bool)
    };
    seen.shown.push(match configuration(resolver, PLUGIN) {
        Err(why) => note("ImagePolicyWebhook configuration", format!("not known: {}", why.text)),
        Ok(None) => note("ImagePolicyWebhook configuration", "none, so it has nobody to ask"),
        Ok(Some(found)) => match default_allow(&found) {
            Some(true) => found.show("ImagePolicyWebhook defaultAllow", "true: what is not answered is let in"),
            Some(false) => found.show("ImagePolicyWebhook defaultAllow", "false: what is not answered is refused"),
            None => found.show("ImagePolicyWebhook defaultAllow", "not set: what is not answered is refused"),
        },
    });
}

fn by_resource(asked: &Asked<'_, '_>, known: &[Tool]) -> Vec<Resource> {
    let crds = items(&asked.cluster.custom_resources);
    let there =
        |tool: &&Tool| tool.custom_resource.as_ref().is_some_and(|name| crds.iter().any(|r| r.metadata.name == *name));
    let name = |tool: &Tool| tool.custom_resource.clone().unwrap_or_default();
    known
        .iter()
        .filter(there)
        .map(|tool| resource("CustomResourceDefinition", None, &name(tool), tool.name.as_str()))
        .collect()
}

/// The tools that were found, each once.
fn tools(found: &[Resource]) -> String {
    let mut names: Vec<&str> = found.iter().map(|resource| resource.detail.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}
