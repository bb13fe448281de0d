//! What is the system's own among the objects of the API.

use seaworthy_model::Version;
use serde::{Deserialize, Serialize};

/// Which objects of the API are the system's own, and so no offenders.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct System {
    /// Namespaces whose pods are the system's own.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// The label, as `key=value`, that Kubernetes' own roles and bindings bear. Anybody can set it, so it counts only together with
    /// what else is said here.
    #[serde(default)]
    pub bootstrap_label: String,
    /// The first release whose bindings are all in `bindings`.
    #[serde(default)]
    pub bindings_from: Option<Version>,
    /// The first release after those whose bindings are all in `bindings`.
    #[serde(default)]
    pub bindings_until: Option<Version>,
    /// How names begin that Kubernetes keeps for itself: `system:`. In a release of which not all bindings are known, one with such a
    /// name and the label is taken for the system's, if its role has the binding's name and its subjects are service accounts of the
    /// system's namespaces or bear that name too.
    #[serde(default)]
    pub bootstrap_prefix: String,
    /// The names that a `*` in `bindings` can stand for: those of the controllers.
    #[serde(default)]
    pub controllers: Vec<String>,
    /// The bindings that Kubernetes and the installer make. A binding that has the name of one of these and another role, or further
    /// subjects, is not the system's.
    #[serde(default)]
    pub bindings: Vec<SystemBinding>,
    /// The ClusterRoles that Kubernetes itself writes with a wildcard. They count as its own only with the label.
    #[serde(default)]
    pub wildcard_roles: Vec<String>,
}

impl System {
    /// The label's key and value; none if the platform has no such label.
    pub fn label(&self) -> Option<(&str, &str)> {
        self.bootstrap_label.split_once('=')
    }

    /// Whether `bindings` has all those of a release.
    pub fn knows(&self, version: Option<Version>) -> bool {
        version.map(Version::release).is_some_and(|version| {
            self.bindings_from.is_some_and(|from| version >= from)
                && self.bindings_until.is_some_and(|until| version < until)
        })
    }

    /// The entry for a binding of this namespace and name, with what the name's `*` stands for (empty if it has none).
    pub fn binding<'s>(&'s self, namespace: Option<&str>, name: &'s str) -> Option<(&'s SystemBinding, &'s str)> {
        self.bindings.iter().filter(|entry| entry.namespace.as_deref() == namespace).find_map(|entry| {
            let rest = match entry.name.strip_suffix('*') {
                Some(prefix) => name.strip_prefix(prefix).filter(|rest| self.controllers.iter().any(|c| c == rest))?,
                None => (entry.name == name).then_some("")?,
            };
            Some((entry, rest))
        })
    }
}

/// A binding of the system's own. A `*` at the end of the name stands for one of the controllers, which is the same in role and
/// subjects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SystemBinding {
    /// Its name.
    pub name: String,
    /// The namespace of a RoleBinding, which binds a Role; none for a ClusterRoleBinding, which binds a ClusterRole.
    #[serde(default)]
    pub namespace: Option<String>,
    /// The name of its role.
    pub role: String,
    /// Whom it names, in all releases together: `Group system:masters`, `User NAME`, `ServiceAccount NAMESPACE/NAME`.
    pub subjects: Vec<SystemSubject>,
    /// Whether it bears the label `bootstrap-label`. Without it, it is not the system's.
    #[serde(default)]
    pub labelled: bool,
}

/// A subject of a binding of the system's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SystemSubject {
    /// A user.
    User(String),
    /// A group.
    Group(String),
    /// A service account.
    Account {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

impl TryFrom<String> for SystemSubject {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let whole = |word: &str| !word.is_empty() && !word.contains(' ');
        let subject = match text.split_once(' ') {
            Some(("User", name)) if whole(name) => Some(SystemSubject::User(name.to_owned())),
            Some(("Group", name)) if whole(name) => Some(SystemSubject::Group(name.to_owned())),
            Some(("ServiceAccount", path)) => path
                .split_once('/')
                .filter(|(namespace, name)| whole(namespace) && whole(name))
                .map(|(namespace, name)| SystemSubject::Account {
                    namespace: namespace.to_owned(),
                    name: name.to_owned(),
                }),
            _ => None,
        };
        subject.ok_or_else(|| {
            format!("{text:?} is no subject: write \"User NAME\", \"Group NAME\" or \"ServiceAccount NAMESPACE/NAME\"")
        })
    }
}

impl From<SystemSubject> for String {
    fn from(subject: SystemSubject) -> String {
        subject.to_string()
    }
}

impl std::fmt::Display for SystemSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SystemSubject::User(name) => write!(f, "User {name}"),
            SystemSubject::Group(name) => write!(f, "Group {name}"),
            SystemSubject::Account { namespace, name } => write!(f, "ServiceAccount {namespace}/{name}"),
        }
    }
}
