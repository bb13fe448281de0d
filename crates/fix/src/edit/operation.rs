//! What an edit is made of: operations on one value each, on the tree and on the text.

use std::ops::Range;

use serde_json::Value as Json;

use super::place::{Path, Step};
use super::source::Source;
use super::{EditError, gate, insert, remove, replace};

/// A change of one value.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    /// Another value in its place.
    Replace { path: Path, value: Json },
    /// A new item of a list that has some; an index of the list's length appends.
    InsertItem { list: Path, index: usize, value: Json },
    /// A new key of a map that has some.
    InsertKey { map: Path, key: String, value: Json },
    /// A value less. The last one of its list or map leaves `[]` or `{}`.
    Remove { path: Path },
}

/// A change of the text: `range` becomes `text`.
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Splice {
    pub(super) fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }

    pub(super) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::new(at..at, text)
    }
}

/// How an operation changes the text, and what it may change there.
pub(super) struct Change {
    /// In order, without overlap.
    pub(super) splices: Vec<Splice>,
    /// The part of the text whose lines may change; an empty one: the place at which lines may be put in.
    pub(super) lines: Range<usize>,
}

/// Carries out one operation after the other, each checked before the next.
pub(super) fn run(text: &str, operations: &[Operation]) -> Result<String, EditError> {
    // A byte order mark would count as a column.
    let (mark, mut text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest.to_owned()),
        None => ("", text.to_owned()),
    };
    for operation in operations {
        text = step(&text, operation)?;
    }
    Ok(format!("{mark}{text}"))
}

fn step(text: &str, operation: &Operation) -> Result<String, EditError> {
    let source = Source::read(text)?;
    let change = match operation {
        Operation::Replace { path, value } => replace::replace(&source, path, value)?,
        Operation::InsertItem { list, index, value } => insert::item(&source, list, *index, value)?,
        Operation::InsertKey { map, key, value } => insert::key(&source, map, key, value)?,
        Operation::Remove { path } => remove::remove(&source, path)?,
    };
    let mut after = String::with_capacity(text.len());
    let mut from = 0;
    for splice in &change.splices {
        after.push_str(source.slice(from..splice.range.start));
        after.push_str(&splice.text);
        from = splice.range.end;
    }
    after.push_str(source.slice(from..text.len()));
    let mut wanted = source.tree()?;
    operation.apply(&mut wanted);
    gate::check(&source, &change.lines, &wanted, &after)?;
    Ok(after)
}

impl Operation {
    /// The same change on a plain value. What it cannot do it leaves undone, which the gate then notices.
    pub(super) fn apply(&self, tree: &mut Json) {
        match self {
            Self::Replace { path, value } => {
                if let Some(place) = at(tree, path) {
                    *place = value.clone();
                }
            }
            Self::InsertItem { list, index, value } => {
                if let Some(Json::Array(list)) = at(tree, list)
                    && *index <= list.len()
                {
                    list.insert(*index, value.clone());
                }
            }
            Self::InsertKey { map, key, value } => {
                if let Some(Json::Object(map)) = at(tree, map) {
                    map.insert(key.clone(), value.clone());
                }
            }
            Self::Remove { path } => {
                let Some((last, parent)) = path.split_last() else { return };
                match (at(tree, parent), last) {
                    (Some(Json::Object(map)), Step::Key(key)) => {
                        map.remove(key);
                    }
                    (Some(Json::Array(list)), Step::Index(index)) if *index < list.len() => {
                        list.remove(*index);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The value at `path`.
pub(super) fn at<'j>(tree: &'j mut Json, path: &[Step]) -> Option<&'j mut Json> {
    path.iter().try_fold(tree, |tree, step| match (tree, step) {
        (Json::Object(map), Step::Key(key)) => map.get_mut(key),
        (Json::Array(list), Step::Index(index)) => list.get_mut(*index),
        _ => None,
    })
}
