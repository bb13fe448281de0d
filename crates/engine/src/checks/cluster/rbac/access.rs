//! Who may do what, worked out once: rules × bindings × subjects, as the API server's own authorizer does it.
//!
//! An absent role, no subject or no binding is no access. Rules do not combine. `*` is a wildcard only as the whole word, and as `*/sub`
//! for a subresource of anything.

use std::collections::BTreeMap;

use seaworthy_catalogue::System;
use seaworthy_model::Cluster;
use seaworthy_model::cluster::{Binding, PolicyRule, Role, SubjectRef};

use super::own;
use crate::checks::cluster::items;

/// The prefix of the user name that a service account has.
const ACCOUNT: &str = "system:serviceaccount:";

/// Somebody whom a binding names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// A user.
    User(String),
    /// A group.
    Group(String),
    /// A service account: namespace and name.
    Account(String, String),
}

impl Who {
    /// The subject of a binding; a service account is one by whichever name it is called. `None` for one that cannot exist.
    fn of(subject: &SubjectRef, binding: &Binding) -> Option<Who> {
        match subject.kind.as_str() {
            "Group" => Some(Who::Group(subject.name.clone())),
            "User" => Some(match subject.name.strip_prefix(ACCOUNT).and_then(|rest| rest.split_once(':')) {
                Some((namespace, name)) => Who::Account(namespace.to_owned(), name.to_owned()),
                None => Who::User(subject.name.clone()),
            }),
            "ServiceAccount" => {
                let namespace = subject.namespace.as_ref().or(binding.metadata.namespace.as_ref())?;
                Some(Who::Account(namespace.clone(), subject.name.clone()))
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Who::User(name) => write!(f, "User {name}"),
            Who::Group(name) => write!(f, "Group {name}"),
            Who::Account(namespace, name) => write!(f, "ServiceAccount {namespace}/{name}"),
        }
    }
}

/// A binding that gives something to somebody.
#[derive(Debug)]
pub(crate) struct Bound<'a> {
    pub(crate) binding: &'a Binding,
    /// Its role; none if that does not exist, and the binding gives nothing then.
    pub(crate) role: Option<&'a Role>,
    /// Everybody whom it names.
    pub(crate) subjects: Vec<Who>,
    /// Those whom it should not name: all, unless it is the system's own.
    pub(crate) foreign: Vec<Who>,
}

impl Bound<'_> {
    /// Whether it holds for the whole cluster.
    pub(crate) fn cluster(&self) -> bool {
        self.binding.metadata.namespace.is_none()
    }

    /// `ClusterRoleBinding` or `RoleBinding`.
    pub(crate) fn kind(&self) -> &'static str {
        if self.cluster() { "ClusterRoleBinding" } else { "RoleBinding" }
    }

    /// Whether it is the system's own as it stands.
    pub(crate) fn own(&self) -> bool {
        self.foreign.is_empty()
    }

    /// `ClusterRole edit to User a, Group b`, naming those who should not be there.
    pub(crate) fn words(&self) -> String {
        let whom = if self.foreign.is_empty() { &self.subjects } else { &self.foreign };
        let whom: Vec<String> = whom.iter().map(ToString::to_string).collect();
        format!("{} {} to {}", self.binding.role_ref.kind, self.binding.role_ref.name, whom.join(", "))
    }

    /// Whether its role allows everything.
    pub(crate) fn everything(&self) -> bool {
        self.role.is_some_and(|role| role.rules.iter().any(everything))
    }

    /// Whether its role allows anything at all.
    pub(crate) fn anything(&self) -> bool {
        self.role.is_some_and(|role| role.rules.iter().any(|rule| !rule.verbs.is_empty()))
    }
}

/// Whether a rule has `*` among verbs, resources and groups at once.
pub(crate) fn everything(rule: &PolicyRule) -> bool {
    [&rule.verbs, &rule.resources, &rule.api_groups].iter().all(|words| words.iter().any(|word| word == "*"))
        && rule.resource_names.is_empty()
}

/// All bindings, in the order of kind, namespace and name.
#[derive(Debug)]
pub(crate) struct Access<'a> {
    pub(crate) bindings: Vec<Bound<'a>>,
    by_subject: BTreeMap<Who, Vec<usize>>,
}

impl<'a> Access<'a> {
    pub(crate) fn new(cluster: &'a Cluster, system: &System) -> Access<'a> {
        let cluster_roles: BTreeMap<&str, &Role> =
            items(&cluster.cluster_roles).iter().map(|role| (role.metadata.name.as_str(), role)).collect();
        let roles: BTreeMap<(&str, &str), &Role> = items(&cluster.roles)
            .iter()
            .map(|role| ((role.metadata.namespace.as_deref().unwrap_or_default(), role.metadata.name.as_str()), role))
            .collect();
        let role = |binding: &Binding| {
            let name = binding.role_ref.name.as_str();
            match (binding.role_ref.kind.as_str(), &binding.metadata.namespace) {
                ("ClusterRole", _) => cluster_roles.get(name).copied(),
                ("Role", Some(namespace)) => roles.get(&(namespace.as_str(), name)).copied(),
                _ => None,
            }
        };
        let known = own::Table::new(system);
        let all = items(&cluster.cluster_role_bindings).iter().chain(items(&cluster.role_bindings));
        let mut bindings: Vec<Bound<'a>> = all
            .map(|binding| {
                let subjects: Vec<Who> = binding.subjects.iter().filter_map(|s| Who::of(s, binding)).collect();
                let foreign = known.foreign(binding, &subjects);
                Bound { binding, role: role(binding), subjects, foreign }
            })
            .collect();
        bindings.sort_by_key(|b| (b.kind(), b.binding.metadata.path()));
        let mut by_subject: BTreeMap<Who, Vec<usize>> = BTreeMap::new();
        for (index, bound) in bindings.iter().enumerate() {
            for who in &bound.subjects {
                by_subject.entry(who.clone()).or_default().push(index);
            }
        }
        Access { bindings, by_subject }
    }

    /// The bindings that name somebody.
    pub(crate) fn of(&self, who: &Who) -> impl Iterator<Item = &Bound<'a>> {
        self.by_subject.get(who).into_iter().flatten().map(|index| &self.bindings[*index])
    }
}

/// What may be done to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    /// Any of these; `*` for any verb at all.
    pub(crate) verbs: Vec<String>,
    pub(crate) group: String,
    /// With its subresource: `nodes/proxy`.
    pub(crate) resource: String,
}

impl Ask {
    /// Reads `VERB,VERB RESOURCE[.GROUP][/SUB]`.
    pub(crate) fn parse(text: &str) -> Option<Ask> {
        let (verbs, object) = text.split_once(' ')?;
        let (object, subresource) = object.split_once('/').map_or((object, None), |(o, s)| (o, Some(s)));
        let (plural, group) = object.split_once('.').unwrap_or((object, ""));
        Some(Ask {
            verbs: verbs.split(',').map(str::to_owned).collect(),
            group: group.to_owned(),
            resource: subresource.map_or_else(|| plural.to_owned(), |sub| format!("{plural}/{sub}")),
        })
    }

    /// The verbs of these that a rule gives, and whether for objects of certain names only.
    pub(crate) fn given(&self, rule: &PolicyRule) -> Option<(Vec<String>, bool)> {
        let has = |words: &[String], word: &str| words.iter().any(|w| w == word);
        let group = has(&rule.api_groups, "*") || has(&rule.api_groups, &self.group);
        let sub = self.resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
        let resource = has(&rule.resources, "*")
            || has(&rule.resources, &self.resource)
            || sub.is_some_and(|sub| has(&rule.resources, &sub));
        if !group || !resource {
            return None;
        }
        let verbs: Vec<String> = match self.verbs.as_slice() {
            [any] if any == "*" => rule.verbs.clone(),
            verbs if has(&rule.verbs, "*") => verbs.to_vec(),
            verbs => verbs.iter().filter(|verb| has(&rule.verbs, verb)).cloned().collect(),
        };
        (!verbs.is_empty()).then_some((verbs, !rule.resource_names.is_empty()))
    }

    /// Whether the thing belongs to no namespace, so that a RoleBinding cannot give it.
    pub(crate) fn cluster_scoped(&self) -> bool {
        let plural = self.resource.split('/').next().unwrap_or_default();
        let binds = plural == "clusterroles" && self.verbs.iter().any(|verb| verb == "bind");
        // A RoleBinding may give `bind` on cluster roles: the API server asks for it in the namespace of the binding that is made.
        !binds && CLUSTER_SCOPED.contains(&plural)
    }
}

/// Resources of the rules that belong to no namespace.
const CLUSTER_SCOPED: [&str; 9] = [
    "certificatesigningrequests",
    "clusterroles",
    "groups",
    "mutatingwebhookconfigurations",
    "nodes",
    "persistentvolumes",
    "signers",
    "users",
    "validatingwebhookconfigurations",
];
