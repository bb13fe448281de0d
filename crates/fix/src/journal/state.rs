//! How far a repair got.

use serde::{Deserialize, Serialize};

use super::sealed;
use super::store::Store;

/// How far a repair got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum State {
    /// The journal is on the disk; nothing was changed.
    Prepared,
    /// Files are being changed.
    Changing,
    /// All files are changed; the component is waited for.
    Waiting,
    /// The component is well; the checks are judged again.
    Verifying,
    /// Verified. The files after it are kept, too.
    Done,
    /// What was there is being put back.
    RollingBack {
        /// Why.
        why: String,
    },
    /// What was there is back, and well.
    RolledBack {
        /// Why it was put back.
        why: String,
    },
    /// Putting back failed, too. Not a final state: the node needs help, and every command says so until it is recovered.
    RollBackFailed {
        /// Why it was to be put back.
        why: String,
        /// What failed.
        what: String,
    },
    /// It was done, and a later repair has undone it.
    Undone {
        /// The later repair.
        by: String,
    },
}

impl State {
    /// Whether nothing is left to be done.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, State::Done | State::RolledBack { .. } | State::Undone { .. })
    }

    /// One word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            State::Prepared => "prepared",
            State::Changing => "changing",
            State::Waiting => "waiting",
            State::Verifying => "verifying",
            State::Done => "done",
            State::RollingBack { .. } => "rolling-back",
            State::RolledBack { .. } => "rolled-back",
            State::RollBackFailed { .. } => "roll-back-failed",
            State::Undone { .. } => "undone",
        }
    }

    /// The point that is passed when this state is on the disk.
    pub(super) fn point(&self) -> &'static str {
        match self {
            State::Prepared => "journal-prepared",
            State::Changing => "state-changing",
            State::Waiting => "state-waiting",
            State::Verifying => "state-verifying",
            State::Done => "state-done",
            State::RollingBack { .. } => "state-rolling-back",
            State::RolledBack { .. } => "state-rolled-back",
            State::RollBackFailed { .. } => "state-roll-back-failed",
            State::Undone { .. } => "state-undone",
        }
    }

    /// What ended stays so, but for what was done and is undone. A state that cannot be read may become any.
    pub(super) fn may_follow(&self, from: Option<&State>) -> bool {
        match (from, self) {
            (None, _) => true,
            (Some(State::Done), next) => matches!(next, State::Undone { .. }),
            (Some(from), _) if from.is_final() => false,
            (Some(_), next) => !matches!(next, State::Undone { .. } | State::Prepared),
        }
    }
}

/// In words what is wrong, if it cannot be read.
pub(super) fn read(store: &Store) -> Result<State, String> {
    let bytes = store.read("state").map_err(|error| error.to_string())?;
    sealed::unseal(&bytes).map_err(|what| format!("state: {what}"))
}
