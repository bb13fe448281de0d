//! Versions of files that are known to be good, and what may be forgotten.

use std::collections::BTreeSet;

use super::id::Id;
use super::state::State;
use super::{Entry, Journal, JournalError, Lock, OLD, entry, state};
use crate::write::Snapshot;

impl Journal {
    /// The newest version of a file that was verified: what a repair left that was done, or what was put back by one that was rolled
    /// back or undone. That nothing was there can be the good version.
    #[must_use]
    pub fn last_good(&self, path: &str) -> Option<Snapshot> {
        let ids = self.ids().ok()?;
        let mut newest_first = ids.iter().rev().filter_map(|id| self.good(id));
        newest_first.find_map(|good| good.into_iter().find(|snapshot| snapshot.path() == path))
    }

    /// What an entry knows to be good, if it ended well and is whole.
    fn good(&self, id: &Id) -> Option<Vec<Snapshot>> {
        let loaded: Entry = entry::load(&self.entries, id).ok()?;
        match loaded.current()? {
            State::Done => loaded.after().ok(),
            // An undo is a repair of its own, whose last step is this; what it put back is what was there before.
            State::RolledBack { .. } | State::Undone { .. } => Some(loaded.before().to_vec()),
            _ => None,
        }
    }

    /// Forgets the oldest repairs, and says which: all but the newest `keep`, those that did not come to their end, and for every
    /// file the newest one from which a good version can still be restored.
    ///
    /// # Errors
    /// If something cannot be removed. What was to be forgotten before it is.
    pub fn prune(&self, lock: &Lock, keep: usize) -> Result<Vec<String>, JournalError> {
        self.sweep(lock)?;
        let ids = self.ids()?;
        let mut covered = BTreeSet::new();
        let mut forgotten = Vec::new();
        for (age, id) in ids.iter().rev().enumerate() {
            let good = self.good(id).unwrap_or_default();
            // Not a short circuit: every file has to be entered.
            let newest = good.into_iter().filter(|snapshot| covered.insert(snapshot.path().to_owned())).count() > 0;
            let unfinished = match self.entries.below(&id.to_string()).map(|store| state::read(&store)) {
                Ok(Ok(state)) => !state.is_final(),
                // It is not known. Only the newest can be unfinished.
                Ok(Err(_)) | Err(_) => age == 0,
            };
            if age >= keep && !newest && !unfinished {
                forgotten.push(id);
            }
        }
        // The oldest first, so that a crash leaves a history without gaps.
        let mut names = Vec::new();
        for id in forgotten.into_iter().rev() {
            let name = id.to_string();
            let old = format!("{OLD}{name}");
            self.entries.rename(&name, &old)?;
            self.entries.point("prune-renamed")?;
            self.entries.remove_below(&old)?;
            names.push(name);
        }
        Ok(names)
    }
}
