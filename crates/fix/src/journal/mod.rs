//! What was changed: on disk before it is.
//!
//! ```text
//! /var/lib/seaworthy/            0700; refused if a link leads there or others may write on the way
//!   lock                         who repairs just now
//!   journal/ID/                  one repair; it gets this name only when everything in it is on the disk
//!     head                       who, when, why, and what every file was, without the bytes
//!     plan                       as it was shown
//!     before-0, before-1 …       the bytes of every file before
//!     after, after-0, after-1 …  the same once it was verified
//!     state                      how far it got; replaced as a whole
//!     reserve                    room on the disk for going back, until it is needed or known not to be
//! ```
//!
//! Bytes are checked against digests in `head`, and `head` and `state` against one of their own. What does not agree is a damaged
//! entry: it is listed as one, and hides no other.

mod about;
mod entry;
mod error;
mod good;
mod home;
mod id;
mod lock;
mod record;
mod sealed;
mod state;
mod store;

use rustix::io::Errno;

pub use about::About;
pub use entry::{Difference, Entry};
pub use error::JournalError;
pub use lock::Lock;
pub use record::{FileRecord, Look, Record};
pub use state::State;

use crate::write::{Root, Snapshot, WriteError, digest};
use about::Head;
use id::Id;
use store::Store;

/// Where the journal lies below a node's root.
pub const HOME: &str = "/var/lib/seaworthy";

/// Where the plan of a repair names the one that it takes back.
pub const UNDOES: &str = "undoes";

/// The directory of the entries.
const ENTRIES: &str = "journal";
/// Begins the name of an entry that is not whole yet.
const NEW: &str = ".new-";
/// Begins the name of an entry that is being removed.
const OLD: &str = ".old-";

/// The journal of a node.
#[derive(Debug)]
pub struct Journal {
    /// `/var/lib/seaworthy`.
    home: Store,
    /// The entries in it.
    entries: Store,
}

/// The repair that was interrupted on this node, if there is one. For the start of every command: cheap, and `None` if there is no
/// journal or this user may not read it.
///
/// # Errors
/// If the journal cannot be trusted or read.
pub fn interrupted(root: &Root, owner: u32) -> Result<Option<Record>, JournalError> {
    match Journal::open(root, false, owner) {
        Ok(journal) => journal.interrupted(),
        // Behind a link there is no journal of ours: none is made there.
        Err(JournalError::Absent { .. } | JournalError::Denied { .. } | JournalError::Link { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Journal {
    /// Opens the journal below a node's root, or makes it. `owner` is whose it has to be: root, but for tests.
    ///
    /// # Errors
    /// If it does not exist and shall not be made, may not be read, or cannot be trusted: a link on the way, or a directory that
    /// belongs to or may be written by somebody else.
    pub fn open(root: &Root, create: bool, owner: u32) -> Result<Journal, JournalError> {
        let home = home::open(root, create, owner)?;
        let entries = match home.below(ENTRIES) {
            Err(WriteError::System { error: Errno::NOENT, .. }) if create => home.make_below(ENTRIES)?,
            Err(WriteError::System { error: Errno::NOENT, .. }) => {
                return Err(JournalError::Absent { path: format!("{HOME}/{ENTRIES}") });
            }
            Err(WriteError::Denied { path, .. }) => return Err(JournalError::Denied { path }),
            answer => answer?,
        };
        Ok(Journal { home, entries })
    }

    /// Takes the lock, without which nothing is repaired. It is held as long as the value lives, and no longer than the process.
    ///
    /// # Errors
    /// If somebody else holds it.
    pub fn lock(&self) -> Result<Lock, JournalError> {
        Lock::take(&self.home)
    }

    /// Begins a repair. When this returns, everything that is needed to put back what was there is on the disk.
    ///
    /// # Errors
    /// If another repair was interrupted and is not yet recovered, or it cannot be written. Then nothing remains of it.
    pub fn begin(
        &self,
        lock: &Lock,
        about: About,
        plan: &serde_json::Value,
        before: Vec<Snapshot>,
    ) -> Result<Entry, JournalError> {
        self.sweep(lock)?;
        if let Some(record) = self.unfinished(lock)? {
            return Err(JournalError::Interrupted { id: record.id });
        }
        let number = self.ids()?.last().map_or(0, |id| id.number).saturating_add(1);
        let id = Id::new(&about.time, number)?;
        let temporary = format!("{NEW}{id}");
        let made = self.write_entry(&temporary, id.to_string(), about, plan, before);
        if made.is_err() {
            // The error matters more than what is left; the next repair removes that.
            let _ = self.entries.remove_below(&temporary);
        }
        made
    }

    fn write_entry(
        &self,
        temporary: &str,
        id: String,
        about: About,
        plan: &serde_json::Value,
        before: Vec<Snapshot>,
    ) -> Result<Entry, JournalError> {
        let store = self.entries.make_below(temporary)?;
        store.point("journal-directory")?;
        for (number, snapshot) in before.iter().enumerate() {
            if let Some(bytes) = snapshot.bytes() {
                store.make(&format!("before-{number}"), bytes)?;
            }
        }
        entry::reserve(&store, &before)?;
        store.point("journal-before-written")?;
        let plan = sealed::json(plan)?;
        store.make("plan", &plan)?;
        let described = before.iter().map(|snapshot| snapshot.description().clone()).collect();
        let head = Head { format: about::FORMAT, id: id.clone(), about, plan: digest(&plan), before: described };
        store.make("head", &sealed::seal(&head)?)?;
        store.make("state", &sealed::seal(&State::Prepared)?)?;
        store.sync()?;
        store.point("journal-head-written")?;
        self.entries.point("journal-before-rename")?;
        self.entries.rename(temporary, &id)?;
        store.point("journal-prepared")?;
        Ok(Entry::new(self.entries.below(&id)?, head, before, Some(State::Prepared)))
    }

    /// All repairs, oldest first.
    ///
    /// # Errors
    /// If the directory cannot be read. A damaged entry is no error: its record says what is wrong with it.
    pub fn entries(&self) -> Result<Vec<Record>, JournalError> {
        let mut records: Vec<Record> = self.ids()?.iter().map(|id| record::read(&self.entries, id)).collect();
        let undone: Vec<(String, String)> = records.iter().filter_map(|record| self.undoes(record)).collect();
        for (old, by) in undone {
            let old = records.iter_mut().find(|record| record.id == old && record.state == Some(State::Done));
            if let Some(old) = old {
                old.state = Some(State::Undone { by });
            }
        }
        Ok(records)
    }

    /// Which repair has taken this one back. Its own state says so too, but for a crash between the two.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn undone_by(&self, id: &str) -> Result<Option<String>, JournalError> {
        let records = self.entries()?;
        Ok(records.into_iter().find(|record| record.id == id).and_then(|record| match record.state {
            Some(State::Undone { by }) => Some(by),
            _ => None,
        }))
    }

    /// What a repair that is done has taken back, and that repair itself.
    fn undoes(&self, record: &Record) -> Option<(String, String)> {
        if record.state != Some(State::Done) {
            return None;
        }
        let plan = self.entry(&record.id).and_then(|entry| entry.plan()).ok()?;
        Some((plan[UNDOES].as_str()?.to_owned(), record.id.clone()))
    }

    /// One repair, to be carried on, undone or looked at.
    ///
    /// # Errors
    /// If there is none of this name, or it is damaged. One whose state alone cannot be read is given, with no state.
    pub fn entry(&self, id: &str) -> Result<Entry, JournalError> {
        let known = self.ids()?.into_iter().find(|known| known.to_string() == id);
        let known = known.ok_or_else(|| JournalError::Unknown { id: id.to_owned() })?;
        entry::load(&self.entries, &known)
    }

    /// The repair that was interrupted, if there is one. A repair that somebody carries out just now is not.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn interrupted(&self) -> Result<Option<Record>, JournalError> {
        match self.newest_unfinished() {
            Ok(Some(_)) => {}
            Ok(None) | Err(JournalError::Denied { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
        if lock::held(&self.home)? {
            return Ok(None);
        }
        // Asked again: it can have come to its end between the two.
        Ok(self.newest_unfinished()?.map(|id| record::read(&self.entries, &id)))
    }

    /// The repair that did not come to its end, asked by the holder of the lock: whoever worked on it does so no longer.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn unfinished(&self, _lock: &Lock) -> Result<Option<Record>, JournalError> {
        let found = self.newest_unfinished()?.map(|id| record::read(&self.entries, &id));
        // One of which it cannot be told is shown, but it must not stop every later repair.
        Ok(found.filter(|record| record.state.is_some()))
    }

    /// Only the newest entry can be unfinished, since none begins after one that is. One whose state cannot be read is not known to
    /// have come to its end.
    fn newest_unfinished(&self) -> Result<Option<Id>, JournalError> {
        let Some(id) = self.ids()?.pop() else { return Ok(None) };
        let finished = match self.entries.below(&id.to_string()) {
            Ok(store) => state::read(&store).is_ok_and(|state| state.is_final()),
            Err(WriteError::Denied { path, .. }) => return Err(JournalError::Denied { path }),
            Err(_) => false,
        };
        Ok((!finished).then_some(id))
    }

    /// The names of the entries, oldest first: by their number, since a clock can be set back.
    fn ids(&self) -> Result<Vec<Id>, JournalError> {
        let mut ids: Vec<Id> = self.entries.names()?.iter().filter_map(|name| Id::parse(name)).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Removes what a crash has left of entries that were being made or removed.
    fn sweep(&self, _lock: &Lock) -> Result<(), JournalError> {
        for name in self.entries.names()? {
            if name.starts_with(NEW) || name.starts_with(OLD) {
                self.entries.remove_below(&name)?;
            }
        }
        Ok(())
    }
}
