//! Maps in the order they were written.

use crate::{Node, Span};

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, as text whatever its type was.
    pub key: String,
    /// Where the key stands; of a key set twice, the one that won.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// A map in the order its keys were first written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    pub(crate) entries: Vec<Entry>,
}

impl Map {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value of `key` as Go's encoding/json finds a field: the exact key, or else the last that differs only
    /// by case. Kubernetes' own decoders do not fold; use this for files that plain encoding/json reads.
    pub fn get_ignore_case(&self, key: &str) -> Option<&Node> {
        self.get(key).or_else(|| {
            let found = self.entries.iter().rev().find(|entry| folds_to(&entry.key, key));
            found.map(|entry| &entry.value)
        })
    }

    /// The key and value of `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// All keys and values, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Go folds ASCII letters, and two letters beyond them that simple folding takes to `s` and `k`.
fn folds_to(left: &str, right: &str) -> bool {
    fn fold(letter: char) -> char {
        match letter {
            '\u{17F}' => 's',
            '\u{212A}' => 'k',
            letter => letter.to_ascii_lowercase(),
        }
    }
    left.chars().map(fold).eq(right.chars().map(fold))
}
