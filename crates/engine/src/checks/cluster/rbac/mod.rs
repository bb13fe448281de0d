//! Who may do what: checks of roles, bindings, service accounts and the other ways to sign in.

mod access;
mod accounts;
mod grants;
mod own;
mod sign_in;

use seaworthy_model::{Evidence, Resource};

pub(crate) use access::Access;

use super::{Check, resource, show};
use access::Bound;

/// The checks by name, sorted.
pub(super) const ALL: &[(&str, Check)] = &[
    ("access", grants::access),
    ("bootstrap-tokens-for-users", sign_in::bootstrap_tokens),
    ("client-certificates-for-users", sign_in::certificates),
    ("cluster-admin-bindings", grants::cluster_admin),
    ("default-service-accounts", accounts::default_accounts),
    ("role-wildcards", grants::wildcards),
    ("service-account-tokens-for-users", sign_in::account_tokens),
    ("system-masters", sign_in::masters),
    ("token-mounts", accounts::token_mounts),
];

/// A binding as an offender.
fn binding_resource(bound: &Bound<'_>, detail: String) -> Resource {
    let meta = &bound.binding.metadata;
    resource(bound.kind(), meta.namespace.as_deref(), &meta.name, detail)
}

/// A binding as evidence.
fn show_binding(bound: &Bound<'_>, value: String) -> Evidence {
    let meta = &bound.binding.metadata;
    let plural = if bound.cluster() {
        "clusterrolebindings.rbac.authorization.k8s.io"
    } else {
        "rolebindings.rbac.authorization.k8s.io"
    };
    show(plural, meta.namespace.as_deref(), &meta.name, value)
}
