//! Which roles and bindings are the system's own. What can be forged does not count: a label or a name alone excuses nothing, and a
//! binding of the right name with another role or a further subject is not what the system made.

use std::collections::BTreeMap;

use seaworthy_catalogue::{System, SystemBinding};
use seaworthy_model::cluster::{Binding, ObjectMeta};

use super::access::Who;

/// What the platform says about its own.
pub(super) struct Table<'s> {
    system: &'s System,
    bindings: BTreeMap<&'s str, &'s SystemBinding>,
}

impl<'s> Table<'s> {
    pub(super) fn new(system: &'s System) -> Self {
        Table { system, bindings: system.bindings.iter().map(|b| (b.name.as_str(), b)).collect() }
    }

    /// The subjects that a binding should not have: all of them, unless it is the system's own.
    pub(super) fn foreign(&self, binding: &Binding, subjects: &[Who]) -> Vec<Who> {
        let path = binding.metadata.path();
        let bootstrap = bootstrap(self.system, &binding.metadata);
        if let Some(known) = self.bindings.get(path.as_str()) {
            if binding.role_ref.name != known.role || (known.labelled && !bootstrap) {
                return subjects.to_vec();
            }
            return subjects.iter().filter(|who| !known.subjects.contains(&who.to_string())).cloned().collect();
        }
        if !bootstrap || binding.role_ref.name != binding.metadata.name {
            return subjects.to_vec();
        }
        // One that this table does not know: a controller's, or of another version.
        let accounts = |who: &&Who| !matches!(who, Who::Account(namespace, _) if namespace == "kube-system");
        subjects.iter().filter(accounts).cloned().collect()
    }
}

/// Whether an object bears the bootstrap label and a bootstrap name, and is where such objects are.
fn bootstrap(system: &System, meta: &ObjectMeta) -> bool {
    let Some((key, value)) = system.bootstrap_label.split_once('=') else { return false };
    let place = meta.namespace.as_ref().is_none_or(|namespace| system.namespaces.contains(namespace));
    place && meta.label(key) == Some(value) && matches(&system.bootstrap_names, &meta.name)
}

/// Whether a role is the system's own.
pub(super) fn role(system: &System, meta: &ObjectMeta) -> bool {
    // Roles of the API server's own namespaces have plain names at times: `extension-apiserver-authentication-reader`.
    bootstrap(system, meta) || matches(&system.installer_roles, &meta.path())
}

/// Whether a name is one of a list whose words may end in `*`.
fn matches(list: &[String], name: &str) -> bool {
    list.iter().any(|word| match word.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => word == name,
    })
}
