//! Who may do what: checks of roles, bindings, service accounts and the other ways to sign in.

mod access;
mod accounts;
mod admins;
mod own;
mod resolve;
mod rights;
mod sign_in;

#[cfg(test)]
mod tests;

use seaworthy_model::Evidence;

use super::{Asked, Check, note, show};

pub(crate) use resolve::Access;

/// The checks by name, sorted.
pub(super) const ALL: &[(&str, Check)] = &[
    ("access", access::access),
    ("bootstrap-tokens-for-users", sign_in::bootstrap_tokens),
    ("client-certificates-for-users", sign_in::client_certificates),
    ("cluster-admin-bindings", admins::cluster_admin_bindings),
    ("default-service-accounts", accounts::default_service_accounts),
    ("role-wildcards", admins::role_wildcards),
    ("service-account-tokens-for-users", sign_in::service_account_tokens),
    ("system-masters", sign_in::system_masters),
    ("token-mounts", accounts::token_mounts),
];

impl<'a> Asked<'_, 'a> {
    /// Roles, bindings and subjects, resolved once for all checks.
    fn access(&self) -> &Access<'a> {
        let context = self.judge.context;
        context
            .access
            .get_or_init(|| Access::new(self.cluster, &context.platform.system, context.version_of("kube-apiserver")))
    }
}

/// How many objects are shown one by one.
const SHOWN: usize = 100;

/// What is shown and does not count, up to a limit: of a large cluster the rest is only counted.
#[derive(Default)]
struct Aside {
    evidence: Vec<Evidence>,
    more: usize,
}

impl Aside {
    fn add(&mut self, bound: &resolve::Bound<'_>, value: impl FnOnce() -> String) {
        if self.evidence.len() < SHOWN {
            let meta = &bound.binding.metadata;
            self.evidence.push(show(bound.resource(), meta.namespace.as_deref(), &meta.name, value()));
        } else {
            self.more += 1;
        }
    }

    fn done(mut self) -> Vec<Evidence> {
        if self.more > 0 {
            self.evidence.push(note("further bindings", format!("{} more that do not count", self.more)));
        }
        self.evidence
    }
}

/// `give` for several objects, `gives` for one.
fn verb(objects: usize, one: &'static str, several: &'static str) -> &'static str {
    if objects == 1 { one } else { several }
}

/// How many different objects offenders are: one may be named several times, once for each subject.
fn objects(resources: &[seaworthy_model::Resource]) -> usize {
    let names: std::collections::BTreeSet<_> = resources.iter().map(|r| (&r.kind, &r.namespace, &r.name)).collect();
    names.len()
}

/// Words as an alternative: `a, b or c`.
fn either(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}
