//! One repair, being carried out, put back or looked at.

use super::about::{About, Head};
use super::id::Id;
use super::state::{self, State};
use super::store::Store;
use super::{JournalError, record, sealed};
use crate::write::fail::point;
use crate::write::{Description, Nature, Restored, Root, Snapshot, WriteError, digest};

/// What is written for no other reason than to be removed.
const RESERVE: &str = "reserve";
/// Room for a few states, directories and blocks that are not full.
const SPARE: usize = 64 << 10;

/// One repair. To change its state, hold the journal's lock.
#[derive(Debug)]
pub struct Entry {
    store: Store,
    head: Head,
    before: Vec<Snapshot>,
    state: Option<State>,
}

/// A file that is not what a repair left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Below the node's root.
    pub path: String,
    /// What differs: existence, content, mode, owner; or why it could not be looked at.
    pub what: Vec<String>,
}

impl Entry {
    pub(super) fn new(store: Store, head: Head, before: Vec<Snapshot>, state: Option<State>) -> Self {
        Entry { store, head, before, state }
    }

    /// Its name, as `20261125T103500Z-17`: a time, and a number that counts up.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.head.id
    }

    /// Who, when and why.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.head.about
    }

    /// How far it got; none if that can no longer be read.
    #[must_use]
    pub fn current(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// What was there, in the order in which it was given.
    #[must_use]
    pub fn before(&self) -> &[Snapshot] {
        &self.before
    }

    /// What was there when it was verified.
    ///
    /// # Errors
    /// If it never was, or that part of the entry is damaged.
    pub fn after(&self) -> Result<Vec<Snapshot>, JournalError> {
        descriptions(&self.store)
            .and_then(|after| snapshots(&self.store, "after", &after))
            .map_err(|what| self.damaged(what))
    }

    /// The plan, as it was shown.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn plan(&self) -> Result<serde_json::Value, JournalError> {
        plan(&self.store, &self.head).map_err(|what| self.damaged(what))
    }

    fn damaged(&self, what: String) -> JournalError {
        JournalError::Damaged { id: self.head.id.clone(), what }
    }

    /// Goes on to another state; it is on the disk when this returns. For `Done` see [`Entry::done`].
    ///
    /// # Errors
    /// If that state cannot follow, or cannot be written; then the old one stays.
    pub fn state(&mut self, next: State) -> Result<(), JournalError> {
        if next == State::Done {
            return Err(self.cannot(&next));
        }
        self.go_on(next)
    }

    /// It is verified: keeps what is there now, and ends.
    ///
    /// # Errors
    /// If it cannot be written; then it is not done.
    pub fn done(&mut self, after: &[Snapshot]) -> Result<(), JournalError> {
        if !State::Done.may_follow(self.state.as_ref()) {
            return Err(self.cannot(&State::Done));
        }
        for (number, snapshot) in after.iter().enumerate() {
            let name = format!("after-{number}");
            // What an attempt before a crash has left.
            self.store.remove(&name)?;
            if let Some(bytes) = snapshot.bytes() {
                self.store.make(&name, bytes)?;
            }
        }
        let described: Vec<&Description> = after.iter().map(Snapshot::description).collect();
        self.store.remove("after")?;
        self.store.make("after", &sealed::seal(&described)?)?;
        self.store.sync()?;
        self.store.point("after-written")?;
        self.go_on(State::Done)
    }

    fn go_on(&mut self, next: State) -> Result<(), JournalError> {
        if !next.may_follow(self.state.as_ref()) {
            return Err(self.cannot(&next));
        }
        if !matches!(next, State::Changing | State::Waiting | State::Verifying) {
            // It is either not needed any longer, or needed now.
            self.release();
        }
        self.store.replace("state", &sealed::seal(&next)?)?;
        let name = next.point();
        self.state = Some(next);
        Ok(self.store.point(name)?)
    }

    /// Gives the reserved room back to the disk. If that does not work, there may still be room.
    fn release(&self) {
        let _ = self.store.remove(RESERVE).and_then(|()| self.store.sync());
    }

    fn cannot(&self, next: &State) -> JournalError {
        let from = self.state.as_ref().map_or("an unknown state", State::name);
        JournalError::State { id: self.head.id.clone(), from, to: next.name() }
    }

    /// Puts back everything exactly as it was; see [`restore_some`](Self::restore_some).
    ///
    /// # Errors
    /// All that could not be put back.
    pub fn restore(&self, root: &Root) -> Result<Vec<(String, Restored)>, JournalError> {
        let mut failed = Vec::new();
        let mut done = Vec::new();
        for (path, how) in self.restore_some(root, &|_| true) {
            match how {
                Ok(how) => done.push((path, how)),
                Err(error) => failed.push(error),
            }
        }
        if failed.is_empty() { Ok(done) } else { Err(JournalError::Restore { id: self.head.id.clone(), failed }) }
    }

    /// Puts back what is chosen exactly as it was, the last thing first, and removes leftovers of a crash. It can be run any number of
    /// times, also after a crash of itself. What cannot be put back stops nothing else.
    pub fn restore_some(
        &self,
        root: &Root,
        chosen: &dyn Fn(&Snapshot) -> bool,
    ) -> Vec<(String, Result<Restored, WriteError>)> {
        self.release();
        let chosen: Vec<&Snapshot> = self.before.iter().filter(|snapshot| chosen(snapshot)).collect();
        let mut done: Vec<(String, Result<Restored, WriteError>)> = Vec::new();
        let failed = |path: &str, what: Result<(), WriteError>| match what {
            Ok(()) => None,
            Err(error) => Some((path.to_owned(), Err(error))),
        };
        for snapshot in &chosen {
            let swept = root.sweep(snapshot.path()).map(|_| ());
            done.extend(failed(snapshot.path(), swept));
        }
        done.extend(failed("", passed("restore-swept")));
        for snapshot in chosen.iter().rev() {
            let how = root.restore(snapshot).and_then(|how| passed("restore-file").map(|()| how));
            done.push((snapshot.path().to_owned(), how));
        }
        // What was put back into a directory has changed its times.
        let directory = |snapshot: &&&Snapshot| matches!(snapshot.description().nature, Nature::Directory(_));
        for snapshot in chosen.iter().rev().filter(directory) {
            done.extend(failed(snapshot.path(), root.restore(snapshot).map(|_| ())));
        }
        done.extend(failed("", passed("restored")));
        done
    }

    /// Which files are not what this repair left, so that undoing it would lose somebody's work.
    ///
    /// # Errors
    /// If the repair was never done, or is damaged.
    pub fn changed_since(&self, root: &Root) -> Result<Vec<Difference>, JournalError> {
        let after = descriptions(&self.store).map_err(|what| self.damaged(what))?;
        let difference = |after: &Description| {
            let what = match root.snapshot(&after.path) {
                Ok(now) => after.differences(now.description()).into_iter().map(str::to_owned).collect(),
                Err(error) => vec![error.to_string()],
            };
            Difference { path: after.path.clone(), what }
        };
        Ok(after.iter().map(difference).filter(|difference| !difference.what.is_empty()).collect())
    }
}

/// Takes the room that going back takes. The disk can fill up while a component is waited for, and the old files can then be written
/// only if something else is removed first. It helps where the journal and the files are on one file system, as they mostly are.
pub(super) fn reserve(store: &Store, before: &[Snapshot]) -> Result<(), WriteError> {
    let files = before.iter().filter_map(Snapshot::bytes).map(<[u8]>::len).sum::<usize>();
    store.make(RESERVE, &vec![0; files.saturating_add(SPARE)])
}

fn passed(name: &'static str) -> Result<(), WriteError> {
    point(name).map_err(|error| WriteError::new("/", "restored", error))
}

/// An entry with all bytes from before, each as it was written. Its state need not be readable: what was there can be put back
/// without it.
pub(super) fn load(entries: &Store, id: &Id) -> Result<Entry, JournalError> {
    let id = id.to_string();
    let store = entries.below(&id)?;
    let damaged = |what| JournalError::Damaged { id: id.clone(), what };
    let head = record::head(&store, &id).map_err(damaged)?;
    let before = snapshots(&store, "before", &head.before).map_err(damaged)?;
    let state = state::read(&store).ok();
    Ok(Entry::new(store, head, before, state))
}

/// What was there when it was verified, without the bytes. In words what is wrong, if it cannot be read.
pub(super) fn descriptions(store: &Store) -> Result<Vec<Description>, String> {
    let bytes = store.read("after").map_err(|error| error.to_string())?;
    sealed::unseal(&bytes).map_err(|what| format!("after: {what}"))
}

/// Snapshots with their bytes, `kind` being what their files are called.
pub(super) fn snapshots(store: &Store, kind: &str, descriptions: &[Description]) -> Result<Vec<Snapshot>, String> {
    let assemble = |(number, description): (usize, &Description)| {
        let name = format!("{kind}-{number}");
        let bytes = match description.nature {
            Nature::File { .. } => store.read(&name).map_err(|error| error.to_string())?,
            Nature::Absent | Nature::Directory(_) => Vec::new(),
        };
        Snapshot::assemble(description.clone(), bytes).ok_or_else(|| format!("{name}: its checksum does not agree"))
    };
    descriptions.iter().enumerate().map(assemble).collect()
}

pub(super) fn plan(store: &Store, head: &Head) -> Result<serde_json::Value, String> {
    let bytes = store.read("plan").map_err(|error| error.to_string())?;
    if digest(&bytes) != head.plan {
        return Err("plan: its checksum does not agree".to_owned());
    }
    serde_json::from_slice(&bytes).map_err(|error| format!("plan: {error}"))
}
