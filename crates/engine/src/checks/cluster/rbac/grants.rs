//! Checks of what bindings give: 5.1.1 to 5.1.4, 5.1.8 to 5.1.13.

use seaworthy_model::cluster::PolicyRule;

use super::access::{Access, Ask, Bound, Who, everything};
use super::{binding_resource, own, show_binding};
use crate::checks::cluster::{Asked, Seen, items, resource};

/// How many things are shown that do not count; the rest is counted.
const SHOWN: usize = 20;

/// Bindings that give what the rule's words say. `cluster`: only ClusterRoleBindings count. `shown VERBS RESOURCE`: shown, not counted.
pub(super) fn access(asked: &Asked<'_, '_>) -> Seen {
    let access = asked.access();
    let cluster_only = asked.with.iter().any(|word| word == "cluster");
    let (shown, counted): (Vec<&String>, Vec<&String>) =
        asked.with.iter().filter(|word| *word != "cluster").partition(|word| word.starts_with("shown "));
    let asks: Vec<Ask> = counted.iter().filter_map(|word| Ask::parse(word)).collect();
    let beside: Vec<Ask> = shown.iter().filter_map(|word| Ask::parse(word.trim_start_matches("shown "))).collect();
    let mut seen = Seen {
        offence: format!("{} is given by", what(&counted)),
        expected: format!("nobody beside the system's own with {}", what(&counted)),
        ..Seen::default()
    };
    let (mut own, mut rest) = (0_usize, 0_usize);
    for bound in &access.bindings {
        let full = given(bound, &asks, false);
        let Some(words) = full else {
            let limited = given(bound, &asks, true).map(|words| format!("{words}, for certain names only"));
            let other = given(bound, &beside, false);
            if let Some(words) = limited.or(other).filter(|_| !bound.own()) {
                show(&mut seen, &mut rest, bound, &words);
            }
            continue;
        };
        if bound.own() {
            own += 1;
            continue;
        }
        if cluster_only && !bound.cluster() {
            show(&mut seen, &mut rest, bound, &format!("{words}, in its namespace only"));
            continue;
        }
        let through = if bound.everything() { "through cluster-admin (5.1.1): " } else { "" };
        let approve = approval(access, bound, &asks);
        seen.offenders.push(binding_resource(bound, format!("{through}{}: {words}{approve}", bound.words())));
    }
    if rest > SHOWN {
        seen.shown
            .push(crate::checks::cluster::note("further bindings", format!("{} more are not shown", rest - SHOWN)));
    }
    seen.clean = format!("no binding but {own} of the system's own gives {}", what(&counted));
    seen
}

fn show(seen: &mut Seen, count: &mut usize, bound: &Bound<'_>, words: &str) {
    *count += 1;
    if *count <= SHOWN {
        seen.shown.push(show_binding(bound, format!("not counted: {}: {words}", bound.words())));
    }
}

/// The words of a rule as people read them.
fn what(words: &[&String]) -> String {
    let list: Vec<String> = words
        .iter()
        .filter_map(|word| word.split_once(' '))
        .map(|(verbs, object)| {
            let verbs = if verbs == "*" { "anything".to_owned() } else { verbs.replace(',', ", ") };
            let (object, sub) = object.split_once('/').map_or((object, String::new()), |(o, s)| (o, format!("/{s}")));
            format!("{verbs} on {}{sub}", object.split('.').next().unwrap_or(object))
        })
        .collect();
    list.join(" or ")
}

/// What of the asks a binding's role gives. `limited`: only to objects of certain names.
fn given(bound: &Bound<'_>, asks: &[Ask], limited: bool) -> Option<String> {
    let role = bound.role?;
    if bound.subjects.is_empty() {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    for ask in asks.iter().filter(|ask| bound.cluster() || !ask.cluster_scoped()) {
        for (verbs, narrow) in role.rules.iter().filter_map(|rule| ask.given(rule)) {
            let word = format!("{} {}", verbs.join(","), ask.resource);
            if narrow == limited && !words.contains(&word) {
                words.push(word);
            }
        }
    }
    (!words.is_empty()).then(|| words.join(", "))
}

/// For the approval of certificate requests: whether the right to approve for a signer is there too, without which it has no effect.
fn approval(access: &Access<'_>, bound: &Bound<'_>, asks: &[Ask]) -> String {
    if !asks.iter().any(|ask| ask.resource == "certificatesigningrequests/approval") {
        return String::new();
    }
    let approve = Ask {
        verbs: vec!["approve".to_owned()],
        group: "certificates.k8s.io".to_owned(),
        resource: "signers".to_owned(),
    };
    let gives =
        |b: &Bound<'_>| b.cluster() && b.role.is_some_and(|r| r.rules.iter().any(|rule| approve.given(rule).is_some()));
    let can = |who: &Who| access.of(who).any(gives);
    if bound.foreign.iter().any(can) {
        "; may approve for a signer".to_owned()
    } else {
        "; no right to approve for any signer, so without effect by itself".to_owned()
    }
}

/// Bindings to a role that allows everything.
pub(super) fn cluster_admin(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen {
        offence: "every right is given by".to_owned(),
        expected: "nobody beside the system's own with cluster-admin".to_owned(),
        ..Seen::default()
    };
    let mut own = 0_usize;
    for bound in asked.access().bindings.iter().filter(|b| b.everything() && !b.subjects.is_empty()) {
        if bound.own() {
            own += 1;
            seen.shown.push(show_binding(bound, format!("not counted, the system's own: {}", bound.words())));
        } else {
            seen.offenders.push(binding_resource(bound, bound.words()));
        }
    }
    seen.clean = format!("no binding but {own} of the system's own gives every right");
    seen
}

/// Roles with a bare `*`.
pub(super) fn wildcards(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen {
        offence: "a bare * is in".to_owned(),
        expected: "verbs, resources and API groups by name".to_owned(),
        ..Seen::default()
    };
    let mut all = 0_usize;
    let roles = items(&asked.cluster.cluster_roles).iter().map(|role| ("ClusterRole", role));
    for (kind, role) in roles.chain(items(&asked.cluster.roles).iter().map(|role| ("Role", role))) {
        if own::role(&asked.platform.system, &role.metadata) {
            continue;
        }
        all += 1;
        let parts: Vec<&str> = role.rules.iter().filter_map(wild).collect();
        if let Some(first) = parts.first() {
            let detail = if role.rules.iter().any(everything) { "* in verbs, resources and apiGroups" } else { first };
            seen.offenders.push(resource(kind, role.metadata.namespace.as_deref(), &role.metadata.name, detail));
        }
    }
    seen.clean = format!("none of {all} roles beside the system's own has a wildcard");
    seen
}

/// Where a rule has a bare `*`.
fn wild(rule: &PolicyRule) -> Option<&'static str> {
    let bare = |words: &[String]| words.iter().any(|word| word == "*");
    match (bare(&rule.verbs), bare(&rule.resources), bare(&rule.api_groups)) {
        (true, true, _) => Some("* in verbs and resources"),
        (true, ..) => Some("* in verbs"),
        (_, true, _) => Some("* in resources"),
        (_, _, true) => Some("* in apiGroups"),
        _ => None,
    }
}
