//! Where a fact was read.

use serde::{Deserialize, Serialize};

/// Where a fact was read, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The thing itself.
    #[serde(flatten)]
    pub place: Place,
    /// The part of it, for text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
}

impl Source {
    /// A file of the host.
    pub fn host(path: impl Into<String>) -> Self {
        Place::File { path: path.into(), host_path: None, pid: None }.into()
    }

    /// A file as the process `pid` sees it; `host_path` is the host's file behind it, where that is known.
    pub fn container(path: impl Into<String>, pid: u32, host_path: Option<String>) -> Self {
        Place::File { path: path.into(), host_path, pid: Some(pid) }.into()
    }

    /// A process. `part` says which part of it: `arguments`, `environment`, `executable`.
    pub fn process(pid: u32, name: impl Into<String>, part: impl Into<String>) -> Self {
        Place::Process { pid, name: name.into(), part: part.into(), start: None }.into()
    }

    /// A default that is built into the component, or a word that the user gave: `text` says which.
    pub fn stated(text: impl Into<String>) -> Self {
        Place::Stated { text: text.into() }.into()
    }

    /// The same place, narrowed to a part of its text.
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }
}

impl From<Place> for Source {
    fn from(place: Place) -> Self {
        Source { place, span: None }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Place::File { path, host_path, pid } => {
                write!(f, "{path}")?;
                if let Some(span) = self.span {
                    write!(f, ":{}", span.line)?;
                }
                match (host_path, pid) {
                    (Some(host), _) if host != path => write!(f, " (on the host {host})"),
                    (None, Some(pid)) => write!(f, " (as process {pid} sees it)"),
                    _ => Ok(()),
                }
            }
            Place::Process { pid, name, part, .. } => write!(f, "{part} of {name}, process {pid}"),
            Place::Api(object) => write!(f, "{object}"),
            Place::Stated { text } => write!(f, "{text}"),
        }
    }
}

/// The kinds of places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Place {
    /// A file or directory.
    File {
        /// Its path: the host's, or the container's if `pid` is set.
        path: String,
        /// For a container's path: the host's path behind it, where the mount table or the manifest tells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host_path: Option<String>,
        /// The process in whose mount namespace the path holds; the host's if not set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pid: Option<u32>,
    },
    /// A process.
    Process {
        /// Its id on the host.
        pid: u32,
        /// The program's name.
        name: String,
        /// Which part of it: `arguments`, `environment`, …
        part: String,
        /// When it started, in milliseconds since 1970, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start: Option<i64>,
    },
    /// An object of the Kubernetes API.
    Api(ApiObject),
    /// No place at all: a built-in default, or an option that the user gave.
    Stated {
        /// What it is, as a phrase.
        text: String,
    },
}

/// An object, or a list of objects, of the Kubernetes API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiObject {
    /// The API group; empty for the core group.
    pub group: String,
    /// The resource, in the plural: `pods`.
    pub resource: String,
    /// The namespace, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name; not set for a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The uid, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
}

impl std::fmt::Display for ApiObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.resource)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        if let Some(namespace) = &self.namespace {
            write!(f, " {namespace}/")?;
            return write!(f, "{}", self.name.as_deref().unwrap_or("*"));
        }
        self.name.as_ref().map_or(Ok(()), |name| write!(f, " {name}"))
    }
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The line, from 1; for a process's arguments the argument's index, from 0.
    pub line: u32,
    /// The first byte.
    pub start: u64,
    /// The byte after the last one.
    pub end: u64,
}
