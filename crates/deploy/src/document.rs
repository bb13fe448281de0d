//! A manifest: an object, and the comments that explain it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::yaml;

/// One object, with comments for its readers.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The object, as the API takes it.
    pub value: Value,
    /// What stands above it.
    pub head: String,
    /// Comments by JSON pointer: each stands above that key or entry.
    pub comments: BTreeMap<String, String>,
}

impl Document {
    /// An object with a comment above it.
    pub(crate) fn new(value: Value, head: impl Into<String>) -> Document {
        Document { value, head: head.into(), comments: BTreeMap::new() }
    }

    /// Adds comments whose pointers begin at `at`.
    pub(crate) fn explained(mut self, at: &str, comments: BTreeMap<String, String>) -> Document {
        self.comments.extend(comments.into_iter().map(|(pointer, text)| (format!("{at}{pointer}"), text)));
        self
    }
}

/// Several objects as one YAML file, with a comment above all of them.
pub fn to_yaml(head: &str, documents: &[Document]) -> String {
    let mut text = yaml::comment(head, 0);
    for document in documents {
        text.push_str("---\n");
        text.push_str(&yaml::comment(&document.head, 0));
        text.push_str(&yaml::emit(&document.value, &document.comments));
    }
    text
}
