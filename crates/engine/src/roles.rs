//! Which roles a node has. A role is here if a process, a manifest or a kubeconfig of it is; it is absent only if all of these were
//! looked for and none is there.

use seaworthy_catalogue::{Component, Role};
use seaworthy_model::{Fact, FileKind, View};

use crate::context::Context;

/// Whether a role is on the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Present,
    Absent,
    /// Nothing of it was seen, and not everything could be looked at.
    Unknown,
}

/// The roles of a node: each with its title, whether it is here, and by what that is known.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    states: Vec<(String, String, Presence, String)>,
}

impl Roles {
    pub(crate) fn find(context: &Context<'_>) -> Roles {
        let states = context.platform.roles.iter().map(|role| {
            let (presence, why) = state(context, role);
            (role.name.clone(), role.title.clone(), presence, why)
        });
        Roles { states: states.collect() }
    }

    /// Title, presence and reason of a role.
    pub(crate) fn of(&self, role: &str) -> Option<(&str, Presence, &str)> {
        self.states
            .iter()
            .find(|(name, ..)| name == role)
            .map(|(_, title, presence, why)| (title.as_str(), *presence, why.as_str()))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Presence, &str)> {
        self.states.iter().map(|(name, _, presence, why)| (name.as_str(), *presence, why.as_str()))
    }

    /// Why a component that the node should have is not judged.
    pub(crate) fn not_running(&self, context: &Context<'_>, component: &str) -> String {
        match context.manifests(component).first() {
            Some(written) => format!("{component} does not run, though {} is there", written.manifest.path),
            None => format!("{component} does not run on this node"),
        }
    }
}

fn state(context: &Context<'_>, role: &Role) -> (Presence, String) {
    let components = || role.components.iter().filter_map(|name| context.component(name));
    if let Some(component) = components().find(|c| context.instances(&c.name).is_some_and(|i| !i.judged.is_empty())) {
        return (Presence::Present, format!("{} runs", component.name));
    }
    for component in components() {
        if let Some(written) = context.manifests(&component.name).first() {
            let unseen = context.instances(&component.name).is_some_and(|i| i.unknown.is_some());
            let runs = if unseen {
                "whether it runs cannot be seen".to_owned()
            } else {
                format!("{} does not run", component.name)
            };
            return (Presence::Present, format!("{} is there, and {runs}", written.manifest.path));
        }
    }
    let mut doubt = None;
    for set in role.files.iter().filter_map(|name| context.platform.file_set(name)) {
        for path in &set.paths {
            match context.record(View::Host, path).map(|record| &record.fact) {
                Ok(Fact::Known { value, .. }) if value.kind != FileKind::Directory => {
                    return (Presence::Present, format!("{path} is there, and no {} runs", words(&role.components)));
                }
                Ok(fact) if fact.is_absent() || fact.known().is_some() => {}
                Ok(fact) => doubt = doubt.or(fact.missing().map(|m| m.to_string())),
                Err(why) => doubt = doubt.or(Some(why.text)),
            }
        }
    }
    doubt = doubt.or_else(|| unseen(context, components()));
    match doubt {
        Some(doubt) => (Presence::Unknown, format!("nothing of the {} was seen, but {doubt}", role.title)),
        None => (
            Presence::Absent,
            format!("this node has no {}: no process, manifest or kubeconfig of it is here", role.title),
        ),
    }
}

/// What could not be looked at and might have shown the role.
fn unseen<'c>(context: &Context<'_>, mut components: impl Iterator<Item = &'c Component>) -> Option<String> {
    if let Some(why) = components.find_map(|c| context.instances(&c.name).and_then(|i| i.unknown.clone())) {
        return Some(why.text);
    }
    let node = context.node()?;
    match &node.manifests {
        Fact::Known { value, .. } => {
            let broken = value.iter().find(|m| m.pod.known().is_none());
            broken.and_then(|m| m.pod.missing()).map(|m| m.to_string())
        }
        Fact::Absent { .. } => None,
        other => other.missing().map(|m| m.to_string()),
    }
}

fn words(components: &[String]) -> String {
    components.join(", ")
}
