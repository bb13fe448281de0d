//! Who may do everything, and roles that allow more than they name.

use super::own::{Standing, labelled};
use super::{Aside, rights};
use crate::checks::cluster::{Asked, Seen, items, resource};

/// The role with which the system's own bindings give everything.
const CLUSTER_ADMIN: &str = "cluster-admin";

pub(super) fn cluster_admin_bindings(asked: &Asked<'_, '_>) -> Seen {
    let access = asked.access();
    let (mut seen, mut aside, mut bindings) = (Seen::default(), Aside::default(), 0_usize);
    for (bound, role) in access.with_roles() {
        bindings += 1;
        let known = &access.roles[role];
        let named = known.cluster && known.role.metadata.name == CLUSTER_ADMIN;
        if !named && known.everything.is_none() {
            continue;
        }
        let extent = match known.everything {
            Some(rule) if !rule.resource_names.is_empty() => {
                format!("everything on objects named {}", rights::few(&rule.resource_names))
            }
            _ if bound.cluster => "everything".to_owned(),
            _ => format!("everything in namespace {}", bound.binding.metadata.namespace.as_deref().unwrap_or_default()),
        };
        for held in &bound.subjects {
            let detail = format!("{} gives {} {extent}", bound.role_name(), held.subject);
            match held.standing {
                // Only with this role: another one of the system's own was changed if it gives everything.
                Standing::Own if named => aside.add(bound, || format!("the system's own: {detail}")),
                Standing::Other(Some(why)) => seen.offenders.push(bound.named(format!("{detail}; {why}"))),
                _ => seen.offenders.push(bound.named(detail)),
            }
        }
    }
    "the right to do everything is given by".clone_into(&mut seen.offence);
    seen.clean = format!("of {bindings} bindings only the system's own give the right to do everything");
    seen.expected = "no binding but the system's own to cluster-admin, or to a role that allows everything".to_owned();
    seen.shown = aside.done();
    seen
}

pub(super) fn role_wildcards(asked: &Asked<'_, '_>) -> Seen {
    let access = asked.access();
    let system = &asked.platform.system;
    let (mut seen, mut own) = (Seen::default(), 0_usize);
    for known in &access.roles {
        let meta = &known.role.metadata;
        let Some((rule, list)) = known.role.rules.iter().find_map(|rule| Some((rule, rights::wildcard(rule)?))) else {
            continue;
        };
        let listed = known.cluster && system.wildcard_roles.contains(&meta.name);
        // In a release that is not known it may have become one.
        let presumed = !access.knows && known.cluster && meta.name.starts_with(&system.bootstrap_prefix);
        if (listed || presumed && !system.bootstrap_prefix.is_empty()) && labelled(system, meta) {
            own += 1;
            continue;
        }
        let kind = if known.cluster { "ClusterRole" } else { "Role" };
        let namespace = if known.cluster { None } else { meta.namespace.as_deref() };
        let mut detail = format!("* among its {list}: {} on {}", rule.verbs.join(","), objects_of(rule));
        if listed {
            detail = format!("{detail}; it has the name of a role of the system's own, and lacks its label");
        } else if labelled(system, meta) {
            detail =
                format!("{detail}; it has the label of the system's own, whose role has no wildcard or is unknown");
        }
        seen.offenders.push(resource(kind, namespace, &meta.name, detail));
    }
    let roles = items(&asked.cluster.roles).len() + items(&asked.cluster.cluster_roles).len();
    "a wildcard stands in the place of what is allowed in".clone_into(&mut seen.offence);
    seen.clean = format!("none of {} roles beside the system's own has a wildcard", roles.saturating_sub(own));
    seen.expected = "no role but the system's own has * among its verbs, resources or API groups".to_owned();
    if own > 0 {
        seen.shown.push(super::note("the system's own roles", format!("{own} have a wildcard and do not count")));
    }
    seen
}

/// What a rule is about, in its own words.
fn objects_of(rule: &seaworthy_model::cluster::PolicyRule) -> String {
    if rule.resources.is_empty() {
        return rights::few(&rule.non_resource_urls);
    }
    let groups: Vec<String> =
        rule.api_groups.iter().map(|g| if g.is_empty() { "core".to_owned() } else { g.clone() }).collect();
    format!("{} of {}", rights::few(&rule.resources), rights::few(&groups))
}
