//! A repair as the history shows it: no bytes, no digests (which would tell a guessed secret), no values of attributes.

use serde::Serialize;

use super::about::{About, FORMAT, Head};
use super::id::Id;
use super::state::{self, State};
use super::store::Store;
use super::{entry, sealed};
use crate::write::{Description, Nature};

/// One repair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Its name.
    pub id: String,
    /// How far it got; none if that cannot be read.
    pub state: Option<State>,
    /// Who, when and why; none if that cannot be read.
    pub about: Option<About>,
    /// The files.
    pub files: Vec<FileRecord>,
    /// What is wrong with the entry itself. Whatever is shown beside it was readable.
    pub damage: Vec<String>,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileRecord {
    /// Below the node's root.
    pub path: String,
    /// What it was.
    pub before: Look,
    /// What it was when it was verified; none if that was not reached.
    pub after: Option<Look>,
    /// What differs: existence, content, mode, owner.
    pub changed: Vec<&'static str>,
}

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Look {
    /// Nothing was there.
    Absent,
    /// A file.
    File {
        /// Bytes.
        size: u64,
        /// As `chmod` takes it.
        mode: String,
        /// Owner.
        uid: u32,
        /// Group.
        gid: u32,
        /// How many names it had.
        links: u32,
    },
    /// A directory.
    Directory {
        /// As `chmod` takes it.
        mode: String,
        /// Owner.
        uid: u32,
        /// Group.
        gid: u32,
    },
}

impl From<&Description> for Look {
    fn from(description: &Description) -> Self {
        let mode = |mode: u32| format!("{mode:04o}");
        match &description.nature {
            Nature::Absent => Look::Absent,
            Nature::File { size, status, .. } => Look::File {
                size: *size,
                mode: mode(status.mode),
                uid: status.uid,
                gid: status.gid,
                links: status.links,
            },
            Nature::Directory(status) => Look::Directory { mode: mode(status.mode), uid: status.uid, gid: status.gid },
        }
    }
}

/// Reads whatever can be read of an entry.
pub(super) fn read(entries: &Store, id: &Id) -> Record {
    let mut record = Record { id: id.to_string(), state: None, about: None, files: Vec::new(), damage: Vec::new() };
    let store = match entries.below(&record.id) {
        Ok(store) => store,
        Err(error) => {
            record.damage.push(error.to_string());
            return record;
        }
    };
    match state::read(&store) {
        Ok(state) => record.state = Some(state),
        Err(what) => record.damage.push(what),
    }
    let head = match head(&store, &record.id) {
        Ok(head) => head,
        Err(what) => {
            record.damage.push(what);
            return record;
        }
    };
    let mut after = None;
    if matches!(record.state, Some(State::Done | State::Undone { .. })) {
        match entry::descriptions(&store) {
            Ok(found) => after = Some(found),
            Err(what) => record.damage.push(what),
        }
    }
    for (kind, descriptions) in [("before", Some(&head.before)), ("after", after.as_ref())] {
        let Some(descriptions) = descriptions else { continue };
        record.damage.extend(entry::snapshots(&store, kind, descriptions).err());
    }
    if let Err(what) = entry::plan(&store, &head) {
        record.damage.push(what);
    }
    record.files = head.before.iter().map(|before| file(before, after.as_deref())).collect();
    record.about = Some(head.about);
    record
}

fn file(before: &Description, after: Option<&[Description]>) -> FileRecord {
    let after = after.and_then(|after| after.iter().find(|after| after.path == before.path));
    FileRecord {
        path: before.path.clone(),
        before: before.into(),
        after: after.map(Look::from),
        changed: after.map(|after| before.differences(after)).unwrap_or_default(),
    }
}

/// In words what is wrong, if it cannot be read.
pub(super) fn head(store: &Store, id: &str) -> Result<Head, String> {
    let bytes = store.read("head").map_err(|error| error.to_string())?;
    let head: Head = sealed::unseal(&bytes).map_err(|what| format!("head: {what}"))?;
    match head.format {
        FORMAT if head.id == id => Ok(head),
        FORMAT => Err(format!("head: it is that of {}", head.id)),
        format => Err(format!("head: this version does not know format {format}")),
    }
}
