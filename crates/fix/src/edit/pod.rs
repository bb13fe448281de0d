//! Edits of a static pod's manifest.

use seaworthy_catalogue::Component;
use seaworthy_yaml::{Node, Span};
use serde_json::json;

use super::arguments::{self, CommandLine};
use super::operation::{self, Operation};
use super::place::{Path, Step};
use super::remove::joined;
use super::source::Source;
use super::{EditError, Edited};

/// A change of a static pod's manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PodEdit {
    /// Gives a flag this value, as `--flag=value`, or as `--flag` alone without one. Of the places where `command`
    /// and `args` have the flag, in whatever form, the first is replaced and the others are removed. Where there is
    /// none, the flag comes behind the last word of the list that holds the flags. A flag that stands once and has
    /// this value stays as it is written.
    SetArgument {
        /// The container's name.
        container: String,
        /// The flag, without dashes.
        flag: String,
        /// Its value.
        value: Option<String>,
    },
    /// Takes a flag away wherever it stands in `command` and `args`; one that is not there is no error.
    RemoveArgument {
        /// The container's name.
        container: String,
        /// The flag, without dashes.
        flag: String,
    },
    /// Adds a `hostPath` volume. The same volume, if it is there, is no error; another of this name is.
    AddVolume {
        /// The volume's name.
        name: String,
        /// The path on the node.
        host_path: String,
        /// Its type, such as `File` or `DirectoryOrCreate`; empty for none.
        kind: String,
    },
    /// Mounts a volume into a container. The same mount, if it is there, is no error; another at this path is.
    /// Whether there is such a volume is not looked at.
    AddMount {
        /// The container's name.
        container: String,
        /// The volume's name.
        volume: String,
        /// The path in the container.
        path: String,
        /// Whether the container may only read there.
        read_only: bool,
    },
}

/// Edits a static pod's manifest, YAML or JSON; of several documents in one file the first, which is the one that the
/// kubelet reads. `component` says which words of a command line are which flag.
///
/// # Errors
/// When the text cannot be read, there is no such container or it starts another program, a key on the way is set
/// twice or shared through an anchor, or the edit would change more than was asked: see [`EditError`]. Then nothing
/// is edited.
pub fn edit_pod(text: &str, component: &Component, edits: &[PodEdit]) -> Result<Edited, EditError> {
    let mut after = text.to_owned();
    for edit in edits {
        let body = after.trim_start_matches('\u{feff}');
        let source = Source::read(body)?;
        // Numbers that JSON has not are refused before anything else.
        source.tree()?;
        let operations = plan(&source, component, edit)?;
        after = operation::run(&after, &operations)?;
    }
    Ok(Edited::new(text, after))
}

fn plan(source: &Source<'_>, component: &Component, edit: &PodEdit) -> Result<Vec<Operation>, EditError> {
    match edit {
        PodEdit::SetArgument { container, flag, value } => {
            let word = arguments::word(flag, value.as_deref())?;
            let (path, node) = find_container(source, container)?;
            let line = CommandLine::read(component, container, node)?;
            once(source, node, &["command", "args"])?;
            if line.has(flag, value.as_deref()) {
                return Ok(Vec::new());
            }
            line.change(&path, flag, Some(&word))
        }
        PodEdit::RemoveArgument { container, flag } => {
            arguments::word(flag, None)?;
            let (path, node) = find_container(source, container)?;
            let line = CommandLine::read(component, container, node)?;
            once(source, node, &["command", "args"])?;
            line.change(&path, flag, None)
        }
        PodEdit::AddVolume { name, host_path, kind } => {
            let (spec, path) = spec(source)?;
            once(source, spec, &["volumes"])?;
            for volume in items(spec, "volumes") {
                if volume.get("name").and_then(Node::as_str) != Some(name) {
                    continue;
                }
                let host = volume.get("hostPath");
                let text = |key: &str| host.and_then(|host| host.get(key)).and_then(Node::as_str).unwrap_or_default();
                if host.is_some() && text("path") == host_path && text("type") == kind {
                    return Ok(Vec::new());
                }
                return Err(taken(format!("the volume {name:?}"), volume.span));
            }
            let host =
                if kind.is_empty() { json!({ "path": host_path }) } else { json!({ "path": host_path, "type": kind }) };
            Ok(vec![arguments::add(spec, &path, "volumes", json!({ "hostPath": host, "name": name }))?])
        }
        PodEdit::AddMount { container, volume, path, read_only } => {
            let (at, node) = find_container(source, container)?;
            once(source, node, &["volumeMounts"])?;
            for mount in items(node, "volumeMounts") {
                let text = |key: &str| mount.get(key).and_then(Node::as_str);
                if text("mountPath").map(bare) != Some(bare(path)) {
                    continue;
                }
                let reads = mount.get("readOnly").and_then(Node::as_bool).unwrap_or_default();
                if text("name") == Some(volume) && reads == *read_only && mount.get("subPath").is_none() {
                    return Ok(Vec::new());
                }
                return Err(taken(format!("the mount at {path:?}"), mount.span));
            }
            let mut mount = json!({ "mountPath": path, "name": volume });
            if *read_only {
                mount["readOnly"] = json!(true);
            }
            Ok(vec![arguments::add(node, &at, "volumeMounts", mount)?])
        }
    }
}

/// A path without a slash at its end.
fn bare(path: &str) -> &str {
    if path.len() > 1 { path.trim_end_matches('/') } else { path }
}

fn taken(what: String, at: Span) -> EditError {
    EditError::Taken { what, line: at.line, column: at.column }
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_list).unwrap_or_default()
}

fn spec<'s>(source: &'s Source<'_>) -> Result<(&'s Node, Path), EditError> {
    let root = &source.document.root;
    let spec = root.get("spec").filter(|spec| spec.as_map().is_some());
    let spec = spec.ok_or_else(|| EditError::wrong_type("the pod's spec", "a map", root.span))?;
    once(source, root, &["spec"])?;
    Ok((spec, vec![Step::Key("spec".to_owned())]))
}

fn find_container<'s>(source: &'s Source<'_>, name: &str) -> Result<(Path, &'s Node), EditError> {
    let (spec, path) = spec(source)?;
    once(source, spec, &["containers"])?;
    let named = |(_, node): &(usize, &'s Node)| node.get("name").and_then(Node::as_str) == Some(name);
    let found: Vec<_> = items(spec, "containers").iter().enumerate().filter(named).collect();
    let [(index, node)] = found.as_slice() else {
        return Err(EditError::Container { container: name.to_owned(), found: found.len() });
    };
    once(source, node, &["name"])?;
    Ok((joined(&joined(&path, Step::Key("containers".to_owned())), Step::Index(*index)), node))
}

/// Refuses keys that are set twice: which of the two counts is for each program to say.
fn once(source: &Source<'_>, map: &Node, keys: &[&str]) -> Result<(), EditError> {
    for key in keys {
        let Some(entry) = map.as_map().and_then(|map| map.entry(key)) else { continue };
        let at = entry.key_span;
        if source.document.duplicates.iter().any(|twice| twice.second == at) {
            return Err(EditError::Duplicate { key: (*key).to_owned(), line: at.line, column: at.column });
        }
    }
    Ok(())
}
