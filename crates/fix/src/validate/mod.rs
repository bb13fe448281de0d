//! Whether a manifest or configuration is one that its component would start by: checked before it is written.

mod config;
mod kernel;
mod mounts;
mod pod;
mod typed;
mod words;

use seaworthy_engine::Settings;

pub use config::config;
pub(crate) use mounts::{Lost, list, lost, mounts, text};
pub(crate) use pod::shape;
pub use pod::{Context, pod};
pub(crate) use words::{Strange, Words, joined, names_file, strange, words};

use crate::plan::draft::Draft;

/// Something that would keep a component from starting, or that it would silently do without.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The file.
    pub path: String,
    /// The line, from 1; 0 if it is about the whole.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// What is wrong, and what to do.
    pub text: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.text),
            line => write!(f, "{}:{line}:{}: {}", self.path, self.column, self.text),
        }
    }
}

/// What is wrong with the manifests and configurations of a draft.
pub(crate) fn draft(draft: &Draft<'_>, settings: &Settings<'_, '_, '_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let node = draft.node;
    for component in &node.catalogue.components {
        let Some(stands) = settings.stands(&component.name) else { continue };
        if let Some(path) = stands.manifests.first().filter(|path| draft.file(path).is_some()) {
            let Ok(Some(text)) = draft.text(path) else { continue };
            let exists = |path: &str| draft.exists(path).unwrap_or(false);
            let cx = Context {
                component: Some(component),
                version: node.version(&component.name),
                running: &stands.arguments,
                exists: &exists,
            };
            problems.extend(pod(path, &text, &cx));
        }
        if let (Some(path), Some(description)) = (&stands.config_file, &component.config)
            && let Some(text) = draft.file(path).and_then(|file| file.content.as_ref())
        {
            problems.extend(config(path, text, description));
            if component.name == "kubelet" {
                problems.extend(kernel::problems(path, text, node.tree));
            }
        }
    }
    problems
}
