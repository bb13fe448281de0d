//! Roles, bindings and subjects put together, once for all checks.

use std::collections::BTreeMap;

use seaworthy_catalogue::System;
use seaworthy_model::cluster::{Binding, PolicyRule, Role};
use seaworthy_model::{Cluster, Version};

use super::own::{self, Standing};
use super::rights;
use crate::checks::cluster::{items, whole};

/// Who has which role, and where.
pub(crate) struct Access<'a> {
    /// ClusterRoleBindings, then RoleBindings, in the order of the lists.
    pub(super) bindings: Vec<Bound<'a>>,
    /// The roles that could be read.
    pub(super) roles: Vec<Known<'a>>,
    /// Whether all four lists are known in full.
    pub(super) whole: bool,
    /// Whether the platform lists all the system's own of this cluster's release.
    pub(super) knows: bool,
}

/// A role.
pub(super) struct Known<'a> {
    pub(super) role: &'a Role,
    /// Whether it is a ClusterRole.
    pub(super) cluster: bool,
    /// The rule that allows everything, if it has one.
    pub(super) everything: Option<&'a PolicyRule>,
}

/// A binding with what it names.
pub(super) struct Bound<'a> {
    pub(super) binding: &'a Binding,
    /// Whether it is a ClusterRoleBinding.
    pub(super) cluster: bool,
    /// Its role's place in [`Access::roles`]; none if there is no such role, or it could not be read.
    pub(super) role: Option<usize>,
    /// Its subjects, as the authorizer reads them.
    pub(super) subjects: Vec<Held<'a>>,
}

/// A subject of a binding.
pub(super) struct Held<'a> {
    pub(super) subject: Subject<'a>,
    /// Whether this binding names it by the system's own will.
    pub(super) standing: Standing,
}

/// Whom the authorizer knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject<'a> {
    User(&'a str),
    Group(&'a str),
    Account { namespace: &'a str, name: &'a str },
}

impl<'a> Access<'a> {
    pub(super) fn new(cluster: &'a Cluster, system: &'a System, version: Option<Version>) -> Self {
        let mut roles = Vec::new();
        let mut places: BTreeMap<(Option<&str>, &str), usize> = BTreeMap::new();
        for (list, of_the_cluster) in [(&cluster.cluster_roles, true), (&cluster.roles, false)] {
            for role in items(list) {
                let namespace = if of_the_cluster { None } else { role.metadata.namespace.as_deref() };
                places.insert((namespace, &role.metadata.name), roles.len());
                let everything = role.rules.iter().find(|rule| rights::everything(rule));
                roles.push(Known { role, cluster: of_the_cluster, everything });
            }
        }
        let judge = own::Judge { system, knows: system.knows(version) };
        let mut bindings = Vec::new();
        for (list, of_the_cluster) in [(&cluster.cluster_role_bindings, true), (&cluster.role_bindings, false)] {
            bindings.extend(items(list).iter().map(|binding| {
                let namespace = if of_the_cluster { None } else { binding.metadata.namespace.as_deref() };
                let role_namespace = if binding.role_ref.kind == "Role" { namespace } else { None };
                // A ClusterRoleBinding to a Role is none.
                let possible = binding.role_ref.kind == "ClusterRole" || role_namespace.is_some();
                let role = places.get(&(role_namespace, binding.role_ref.name.as_str())).copied();
                let found = judge.binding(binding, namespace);
                let subjects = binding.subjects.iter().filter_map(|s| Subject::of(s, namespace));
                Bound {
                    binding,
                    cluster: of_the_cluster,
                    role: role.filter(|_| possible),
                    subjects: subjects
                        .map(|subject| Held { subject, standing: judge.subject(&found, binding, &subject) })
                        .collect(),
                }
            }));
        }
        let complete = whole(&cluster.cluster_roles)
            && whole(&cluster.roles)
            && whole(&cluster.cluster_role_bindings)
            && whole(&cluster.role_bindings);
        Access { bindings, roles, whole: complete, knows: judge.knows }
    }

    /// Bindings with a role that is there, and the subjects that they name beside the system's own.
    pub(super) fn with_roles(&self) -> impl Iterator<Item = (&Bound<'a>, usize)> {
        self.bindings.iter().filter_map(|bound| bound.role.map(|role| (bound, role)))
    }
}

impl<'a> Subject<'a> {
    /// The subject that the authorizer sees. None if it matches nobody.
    fn of(subject: &'a seaworthy_model::cluster::SubjectRef, namespace: Option<&'a str>) -> Option<Self> {
        match subject.kind.as_str() {
            "User" => Some(Subject::user(&subject.name)),
            "Group" => Some(Subject::Group(&subject.name)),
            "ServiceAccount" => {
                let namespace = subject.namespace.as_deref().filter(|n| !n.is_empty()).or(namespace)?;
                Some(Subject::Account { namespace, name: &subject.name })
            }
            _ => None,
        }
    }

    /// A user; one with the name of a service account is that account.
    fn user(name: &'a str) -> Self {
        let account = name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
        match account {
            Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains(':') => {
                Subject::Account { namespace, name }
            }
            _ => Subject::User(name),
        }
    }

    /// Whether it is everybody, or every account.
    pub(super) fn everybody(&self) -> bool {
        const GROUPS: [&str; 3] = ["system:authenticated", "system:unauthenticated", "system:serviceaccounts"];
        match self {
            Subject::Group(name) => GROUPS.contains(name),
            Subject::User(name) => *name == "system:anonymous",
            Subject::Account { .. } => false,
        }
    }

    /// Whether it is the nodes, or those that want to be one.
    pub(super) fn node(&self) -> bool {
        matches!(self, Subject::Group(name) if *name == "system:nodes" || name.starts_with("system:bootstrappers"))
    }
}

impl std::fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Subject::User(name) => write!(f, "User {name}"),
            Subject::Group(name) => write!(f, "Group {name}"),
            Subject::Account { namespace, name } => write!(f, "ServiceAccount {namespace}/{name}"),
        }
    }
}

impl Bound<'_> {
    pub(super) fn kind(&self) -> &'static str {
        if self.cluster { "ClusterRoleBinding" } else { "RoleBinding" }
    }

    /// The resource, as evidence names it.
    pub(super) fn resource(&self) -> &'static str {
        if self.cluster {
            "clusterrolebindings.rbac.authorization.k8s.io"
        } else {
            "rolebindings.rbac.authorization.k8s.io"
        }
    }

    /// The role that it gives, as `ClusterRole view`.
    pub(super) fn role_name(&self) -> String {
        format!("{} {}", self.binding.role_ref.kind, self.binding.role_ref.name)
    }

    /// Names the binding in a finding.
    pub(super) fn named(&self, detail: impl Into<String>) -> seaworthy_model::Resource {
        let meta = &self.binding.metadata;
        let namespace = if self.cluster { None } else { meta.namespace.as_deref() };
        crate::checks::cluster::resource(self.kind(), namespace, &meta.name, detail)
    }
}
