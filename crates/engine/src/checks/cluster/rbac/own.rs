//! What is the system's own. The binding decides: its namespace, name, role, label and subjects together.

use seaworthy_catalogue::{System, SystemBinding, SystemSubject};
use seaworthy_model::cluster::{Binding, ObjectMeta};

use super::resolve::Subject;

/// Whether a binding names a subject by the system's own will.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It does.
    Own,
    /// It looks so, and nothing says that it is not, in a release whose bindings are not all known.
    Presumed,
    /// It does not. What the binding has of the system's own, if anything.
    Other(Option<&'static str>),
}

impl Standing {
    pub(super) fn own(self) -> bool {
        matches!(self, Standing::Own | Standing::Presumed)
    }
}

/// What a binding is.
pub(super) enum Found<'s> {
    /// This one of the system's; the text is what stands for `*`.
    Entry(&'s SystemBinding, &'s str),
    /// Perhaps one of the system's that the platform does not list.
    Perhaps,
    /// None of the system's.
    None(Option<&'static str>),
}

/// Tells what is the system's own.
pub(super) struct Judge<'s> {
    pub(super) system: &'s System,
    /// Whether all bindings of the cluster's release are known.
    pub(super) knows: bool,
}

impl<'s> Judge<'s> {
    /// What a binding is. `namespace` is that of a RoleBinding.
    pub(super) fn binding(&self, binding: &'s Binding, namespace: Option<&str>) -> Found<'s> {
        let meta = &binding.metadata;
        let labelled = labelled(self.system, meta);
        let kind = if namespace.is_some() { "Role" } else { "ClusterRole" };
        if let Some((entry, star)) = self.system.binding(namespace, &meta.name) {
            return if binding.role_ref.kind != kind || !fits(&entry.role, star, &binding.role_ref.name) {
                Found::None(Some("it has the name of a binding of the system's own, and gives another role"))
            } else if entry.labelled && !labelled {
                Found::None(Some("it has the name of a binding of the system's own, and lacks its label"))
            } else {
                Found::Entry(entry, star)
            };
        }
        let prefix = &self.system.bootstrap_prefix;
        let in_system = namespace.is_none_or(|namespace| self.system.namespaces.iter().any(|n| n == namespace));
        let looks_so = labelled && !prefix.is_empty() && meta.name.starts_with(prefix.as_str());
        if !looks_so {
            return Found::None(None);
        }
        let same = binding.role_ref.kind == kind && binding.role_ref.name == meta.name;
        if !self.knows && in_system && same {
            return Found::Perhaps;
        }
        Found::None(Some("it has name and label like the system's own, and Kubernetes has no such binding"))
    }

    /// Whether a binding names a subject by the system's own will.
    pub(super) fn subject(&self, found: &Found<'_>, binding: &Binding, subject: &Subject<'_>) -> Standing {
        match found {
            Found::Entry(entry, star) if entry.subjects.iter().any(|wanted| is(wanted, star, subject)) => Standing::Own,
            Found::Entry(..) => Standing::Other(Some("it was added to a binding of the system's own")),
            Found::Perhaps => {
                let fits = match subject {
                    Subject::User(name) | Subject::Group(name) => *name == binding.metadata.name,
                    Subject::Account { namespace, .. } => self.system.namespaces.iter().any(|n| n == namespace),
                };
                if fits { Standing::Presumed } else { Standing::Other(None) }
            }
            Found::None(why) => Standing::Other(*why),
        }
    }
}

/// Whether an object bears the label of Kubernetes' own.
pub(super) fn labelled(system: &System, meta: &ObjectMeta) -> bool {
    system.label().is_some_and(|(key, value)| meta.label(key) == Some(value))
}

/// Whether a text is the wanted one, with `star` in place of a `*` at its end.
fn fits(wanted: &str, star: &str, text: &str) -> bool {
    match wanted.strip_suffix('*').filter(|_| !star.is_empty()) {
        Some(prefix) => text.strip_prefix(prefix) == Some(star),
        None => wanted == text,
    }
}

fn is(wanted: &SystemSubject, star: &str, subject: &Subject<'_>) -> bool {
    match (wanted, subject) {
        (SystemSubject::User(wanted), Subject::User(name)) | (SystemSubject::Group(wanted), Subject::Group(name)) => {
            fits(wanted, star, name)
        }
        (SystemSubject::Account { namespace, name }, Subject::Account { namespace: in_namespace, name: of }) => {
            namespace == in_namespace && fits(name, star, of)
        }
        _ => false,
    }
}
