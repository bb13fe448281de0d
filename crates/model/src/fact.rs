//! A fact: known, or the reason why it is not. "Could not read" is a value of its own and never looks like "is not there".

use serde::{Deserialize, Serialize};

use crate::Source;

/// One thing that was asked of a node or a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Fact<T> {
    /// It was read.
    Known {
        /// What it is.
        value: T,
        /// Where it was read.
        source: Source,
    },
    /// The place where it would be was really looked at, and it is not there.
    Absent {
        /// Where it was looked for.
        source: Source,
    },
    /// From where the collector stood it could not be seen at all.
    NotVisible {
        /// What would show it.
        grant: Grant,
        /// Where it would be.
        source: Source,
    },
    /// The system refused it.
    Denied {
        /// The system's own words.
        error: String,
        /// What would allow it.
        grant: Grant,
        /// Where it is.
        source: Source,
    },
    /// It is there and makes no sense, or is larger than the collector reads.
    Broken {
        /// What is wrong with it.
        error: String,
        /// Where it is; with a line where that is known.
        source: Source,
    },
}

impl<T> Fact<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Fact::Known { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Where the fact was read, or was looked for.
    pub fn source(&self) -> &Source {
        match self {
            Fact::Known { source, .. }
            | Fact::Absent { source }
            | Fact::NotVisible { source, .. }
            | Fact::Denied { source, .. }
            | Fact::Broken { source, .. } => source,
        }
    }

    /// Whether the thing was looked for where it would be, and is not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Fact::Absent { .. })
    }

    /// Why the value is not known: `None` if it is known.
    pub fn missing(&self) -> Option<Missing<'_>> {
        match self {
            Fact::Known { .. } => None,
            Fact::Absent { source } => Some(Missing::Absent { source }),
            Fact::NotVisible { grant, source } => Some(Missing::NotVisible { grant, source }),
            Fact::Denied { error, grant, source } => Some(Missing::Denied { error, grant, source }),
            Fact::Broken { error, source } => Some(Missing::Broken { error, source }),
        }
    }

    /// The same fact about the value where it stands, to be mapped without a copy of it.
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Fact::Known { value, source } => Fact::Known { value, source: source.clone() },
            Fact::Absent { source } => Fact::Absent { source: source.clone() },
            Fact::NotVisible { grant, source } => Fact::NotVisible { grant: grant.clone(), source: source.clone() },
            Fact::Denied { error, grant, source } => {
                Fact::Denied { error: error.clone(), grant: grant.clone(), source: source.clone() }
            }
            Fact::Broken { error, source } => Fact::Broken { error: error.clone(), source: source.clone() },
        }
    }

    /// The same fact about a part or another form of the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Fact::Known { value, source } => Fact::Known { value: f(value), source },
            Fact::Absent { source } => Fact::Absent { source },
            Fact::NotVisible { grant, source } => Fact::NotVisible { grant, source },
            Fact::Denied { error, grant, source } => Fact::Denied { error, grant, source },
            Fact::Broken { error, source } => Fact::Broken { error, source },
        }
    }
}

/// Why a value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing<'a> {
    /// See [`Fact::Absent`].
    Absent {
        /// Where it was looked for.
        source: &'a Source,
    },
    /// See [`Fact::NotVisible`].
    NotVisible {
        /// What would show it.
        grant: &'a Grant,
        /// Where it would be.
        source: &'a Source,
    },
    /// See [`Fact::Denied`].
    Denied {
        /// The system's own words.
        error: &'a str,
        /// What would allow it.
        grant: &'a Grant,
        /// Where it is.
        source: &'a Source,
    },
    /// See [`Fact::Broken`].
    Broken {
        /// What is wrong with it.
        error: &'a str,
        /// Where it is.
        source: &'a Source,
    },
}

impl Missing<'_> {
    /// What would make the fact readable, if a grant would.
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Missing::NotVisible { grant, .. } | Missing::Denied { grant, .. } => Some(grant),
            Missing::Absent { .. } | Missing::Broken { .. } => None,
        }
    }
}

impl std::fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Missing::Absent { source } => write!(f, "{source} does not exist"),
            Missing::NotVisible { grant, source } => write!(f, "{source} cannot be seen from here: {grant}"),
            Missing::Denied { error, grant, source } => write!(f, "{source} may not be read ({error}): {grant}"),
            Missing::Broken { error, source } => write!(f, "{source} is broken: {error}"),
        }
    }
}

/// What a collector lacks. Every check can say which of these it needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Grant {
    /// What kind of right it is.
    pub kind: GrantKind,
    /// Which one: a path to mount, a capability (`SYS_PTRACE`), a namespace (`hostPID`), a verb and resource (`list pods`).
    pub name: String,
}

impl Grant {
    /// A grant of this kind and name.
    pub fn new(kind: GrantKind, name: impl Into<String>) -> Self {
        Grant { kind, name: name.into() }
    }
}

impl std::fmt::Display for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            GrantKind::Mount => write!(f, "mount the host's {} read-only at the same path", self.name),
            GrantKind::Capability => write!(f, "it takes the capability {}", self.name),
            GrantKind::Namespace => write!(f, "it takes {}: true in the pod", self.name),
            GrantKind::User => write!(f, "run as {}", self.name),
            GrantKind::Api => write!(f, "it needs the Kubernetes API ({})", self.name),
            GrantKind::Recording => write!(f, "collect facts again: {}", self.name),
        }
    }
}

/// The kinds of [`Grant`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrantKind {
    /// A host path that is not mounted into the collector's container.
    Mount,
    /// A Linux capability.
    Capability,
    /// A namespace of the host, such as `hostPID`.
    Namespace,
    /// Another user, usually root.
    User,
    /// Access to the Kubernetes API.
    Api,
    /// The facts at hand were collected without it: an older collector, or a recording that left it out.
    Recording,
}
