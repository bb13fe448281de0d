//! What one rule of a role allows, as the authorizer reads it.

use seaworthy_catalogue::AccessRight;
use seaworthy_model::cluster::PolicyRule;

use crate::phrase::some;

const ANY: &str = "*";

/// What a rule gives of a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// The rule's own words, as far as they matter: `get,list on secrets`.
    pub(super) words: String,
    /// Whether it is limited to named objects.
    pub(super) limited: bool,
}

fn has(words: &[String], word: &str) -> bool {
    words.iter().any(|w| w == word)
}

/// Whether a rule allows everything.
pub(super) fn everything(rule: &PolicyRule) -> bool {
    has(&rule.verbs, ANY) && has(&rule.resources, ANY) && has(&rule.api_groups, ANY)
}

/// Whether a rule has a wildcard among verbs, resources or API groups.
pub(super) fn wildcard(rule: &PolicyRule) -> Option<&'static str> {
    let lists = [("verbs", &rule.verbs), ("resources", &rule.resources), ("API groups", &rule.api_groups)];
    lists.into_iter().find_map(|(name, list)| has(list, ANY).then_some(name))
}

/// What a rule gives of a right. `in_namespace`: through a RoleBinding, which gives nothing that is the cluster's.
pub(super) fn given(rule: &PolicyRule, right: &AccessRight, in_namespace: bool) -> Option<Given> {
    let group = if has(&rule.api_groups, ANY) {
        ANY
    } else if has(&rule.api_groups, &right.group) {
        right.group.as_str()
    } else {
        return None;
    };
    let resource = resource(rule, right)?;
    let verbs = verbs(rule, right, in_namespace);
    if verbs.is_empty() {
        return None;
    }
    let group = if group.is_empty() || resource == ANY && group == ANY { String::new() } else { format!(".{group}") };
    let (base, sub) = match resource.split_once('/') {
        Some((base, sub)) => (base, format!("/{sub}")),
        None => (resource, String::new()),
    };
    let mut words = format!("{} on {base}{group}{sub}", verbs.join(","));
    // The empty name is the one that requests without a name have.
    let limited = !rule.resource_names.is_empty() && !has(&rule.resource_names, "");
    if limited {
        words = format!("{words} (only {})", few(&rule.resource_names));
    }
    Some(Given { words, limited })
}

/// The word of the rule that is the right's resource. `*/sub` is any resource's subresource; `*` within a longer word is nothing else.
fn resource<'r>(rule: &'r PolicyRule, right: &AccessRight) -> Option<&'r str> {
    rule.resources.iter().map(String::as_str).find(|word| {
        *word == ANY
            || match (&right.subresource, word.split_once('/')) {
                (None, None) => *word == right.resource,
                (Some(wanted), Some((resource, sub))) => {
                    sub == wanted.as_str() && (resource == ANY || resource == right.resource)
                }
                _ => false,
            }
    })
}

/// Those of the rule's verbs that give the right.
fn verbs<'r>(rule: &'r PolicyRule, right: &'r AccessRight, in_namespace: bool) -> Vec<&'r str> {
    let names = &rule.resource_names;
    // Who makes a new object, or deletes all, names none: a rule for names does not allow it. A subresource is made of a named object.
    let reaches = |verb: &str| {
        let nameless = right.subresource.is_none() && matches!(verb, "create" | "deletecollection");
        !(in_namespace && right.of_the_cluster(verb)) && (!nameless || names.is_empty() || has(names, ""))
    };
    if right.verbs.is_empty() {
        return rule.verbs.iter().map(String::as_str).filter(|verb| reaches(verb)).collect();
    }
    if has(&rule.verbs, ANY) {
        return if right.verbs.iter().any(|verb| reaches(verb)) { vec![ANY] } else { Vec::new() };
    }
    right.verbs.iter().map(String::as_str).filter(|verb| has(&rule.verbs, verb) && reaches(verb)).collect()
}

/// The first few of several names.
pub(super) fn few(names: &[String]) -> String {
    const FEW: usize = 3;
    some(names.iter(), FEW, ", ")
}
