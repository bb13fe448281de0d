//! Edits of a configuration document: a map of maps, such as a KubeletConfiguration.

use serde_json::{Map, Value as Json};

use super::operation::{self, Operation};
use super::place::{Path, Step};
use super::remove::joined;
use super::source::Source;
use super::{EditError, Edited};

/// A change of a configuration document.
#[derive(Debug, Clone, PartialEq)]
pub enum ConfigEdit {
    /// Gives the value at `path` this value, whatever it was. Maps that are missing on the way are made. What stands
    /// there already stays as it is written: of a map or list only the entries that differ are touched.
    Set {
        /// The keys from the document's root.
        path: Vec<String>,
        /// A scalar, a list or a map.
        value: Json,
    },
    /// Takes the key at `path` away; a key that is not there is no error. When it was its map's last, the map stays,
    /// as `{}`: it was written for a reason, and a program may tell an empty map from a missing one.
    Remove {
        /// The keys from the document's root.
        path: Vec<String>,
    },
}

/// Edits a configuration document, YAML or JSON; of several documents in one file the first.
///
/// # Errors
/// When the text cannot be read, a value on the way is no map, a key on the way is set twice or shared through an
/// anchor, or the edit would change more than was asked: see [`EditError`]. Then nothing is edited.
pub fn edit_config(text: &str, edits: &[ConfigEdit]) -> Result<Edited, EditError> {
    let mut after = text.to_owned();
    for edit in edits {
        let (ConfigEdit::Set { path, .. } | ConfigEdit::Remove { path }) = edit;
        let Some((last, parents)) = path.split_last() else {
            return Err(EditError::Request("an edit names no key".to_owned()));
        };
        let body = after.trim_start_matches('\u{feff}');
        let source = Source::read(body)?;
        let tree = source.tree()?;
        let (depth, near) = walk(&source, &tree, parents)?;
        let mut operations = Vec::new();
        match edit {
            ConfigEdit::Set { value, .. } => {
                let here = keys(parents.get(..depth).unwrap_or_default());
                let missing = parents.get(depth..).unwrap_or_default();
                let mut keys = missing.iter().chain([last]).rev();
                // What is missing becomes one value: a map in a map.
                let mut value = value.clone();
                let mut key = keys.next().unwrap_or(last);
                for outer in keys {
                    value = Json::Object(Map::from_iter([(key.clone(), value)]));
                    key = outer;
                }
                set(near, here, key, &value, &mut operations);
            }
            ConfigEdit::Remove { .. } => {
                let found = depth == parents.len() && near.get(last).is_some();
                if found {
                    operations.push(Operation::Remove { path: keys(path) });
                }
            }
        }
        after = operation::run(&after, &operations)?;
    }
    Ok(Edited::new(text, after))
}

fn keys(path: &[String]) -> Path {
    path.iter().cloned().map(Step::Key).collect()
}

/// How many of the maps on the way are there, and the last of them.
fn walk<'j>(source: &Source<'_>, tree: &'j Json, parents: &[String]) -> Result<(usize, &'j Json), EditError> {
    let mut node = &source.document.root;
    let mut near = tree;
    if !near.is_object() {
        return Err(EditError::wrong_type("the document", "a map", node.span));
    }
    for (depth, key) in parents.iter().enumerate() {
        let (Some(next), Some(child)) = (near.get(key), node.get(key)) else { return Ok((depth, near)) };
        if next.is_null() {
            return Ok((depth, near));
        }
        if !next.is_object() {
            let path = parents.get(..=depth).unwrap_or_default().join(".");
            return Err(EditError::wrong_type(path, "a map", child.span));
        }
        (near, node) = (next, child);
    }
    Ok((parents.len(), near))
}

/// Gives `key` of the map at `path` a value.
pub(super) fn set(map: &Json, mut path: Path, key: &str, value: &Json, out: &mut Vec<Operation>) {
    match map.get(key) {
        Some(old) => change(old, value, joined(&path, Step::Key(key.to_owned())), out),
        None if map.as_object().is_some_and(|map| map.is_empty()) => {
            let value = Json::Object(Map::from_iter([(key.to_owned(), value.clone())]));
            out.push(Operation::Replace { path: std::mem::take(&mut path), value });
        }
        None => out.push(Operation::InsertKey { map: path, key: key.to_owned(), value: value.clone() }),
    }
}

/// Turns `old` at `path` into `new` by as small operations as there are.
fn change(old: &Json, new: &Json, path: Path, out: &mut Vec<Operation>) {
    match (old, new) {
        _ if old == new => {}
        (Json::Object(old_map), Json::Object(new_map)) if !old_map.is_empty() && !new_map.is_empty() => {
            for (key, value) in new_map {
                set(old, path.clone(), key, value, out);
            }
            let gone = old_map.keys().filter(|key| !new_map.contains_key(*key));
            out.extend(gone.map(|key| Operation::Remove { path: joined(&path, Step::Key(key.clone())) }));
        }
        (Json::Array(old), Json::Array(new)) if !old.is_empty() && !new.is_empty() => items(old, new, &path, out),
        _ => out.push(Operation::Replace { path, value: new.clone() }),
    }
}

/// Items that are the same at both ends stay; those between are replaced, put in or taken away.
fn items(old: &[Json], new: &[Json], path: &[Step], out: &mut Vec<Operation>) {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(old, new)| old == new).count();
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    let common = old_end.min(new_end);
    for (index, value) in new.iter().enumerate().take(new_end).skip(head) {
        let path_to = joined(path, Step::Index(index));
        match old.get(index).filter(|_| index < common) {
            // Only a map with the same keys keeps its first, which stands behind the dash.
            Some(Json::Object(old)) if value.as_object().is_some_and(|new| new.keys().eq(old.keys())) => {
                change(&Json::Object(old.clone()), value, path_to, out);
            }
            Some(_) => out.push(Operation::Replace { path: path_to, value: value.clone() }),
            None => out.push(Operation::InsertItem { list: path.to_vec(), index, value: value.clone() }),
        }
    }
    out.extend((common..old_end).rev().map(|index| Operation::Remove { path: joined(path, Step::Index(index)) }));
}
