//! Exit statuses, and why the program ends early.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0.
    Done,
    /// 1: `--fail-on` is met.
    FailOn,
    /// 2: wrong usage or input.
    Usage,
    /// 3: there is nothing to scan.
    Nothing,
    /// 4: a repair failed, and all was put back.
    RolledBack,
    /// 5: `--require-send`, and something could not be sent.
    NotSent,
    /// 6: a repair failed, and not all was put back.
    Stuck,
    /// 7: nodes of the cluster are missing in the report.
    NodesMissing,
    /// 8: something changed.
    Differs,
    /// 9: only root may do it.
    NotRoot,
    /// 10: there is no place for the journal.
    NoJournal,
    /// 11: what was to be repaired passes already.
    Passes,
    /// 12: no machine can repair it.
    NoFix,
    /// 13: somebody else manages it.
    Managed,
    /// 14: refused: it would break something, or its risk was not accepted.
    Refused,
    /// 15: another plan than the one that was asked for, or a file that was changed since.
    Changed,
    /// 16: another repair is running, or was interrupted.
    Busy,
    /// The status of `--exit-code`.
    Asked(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::FailOn => 1,
            Exit::Usage => 2,
            Exit::Nothing => 3,
            Exit::RolledBack => 4,
            Exit::NotSent => 5,
            Exit::Stuck => 6,
            Exit::NodesMissing => 7,
            Exit::Differs => 8,
            Exit::NotRoot => 9,
            Exit::NoJournal => 10,
            Exit::Passes => 11,
            Exit::NoFix => 12,
            Exit::Managed => 13,
            Exit::Refused => 14,
            Exit::Changed => 15,
            Exit::Busy => 16,
            Exit::Asked(n) => n,
        })
    }
}

/// Why the program ends early: what failed, on what, and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure { exit: Exit::Usage, message: message.into(), hint: None }
    }

    pub(crate) fn nothing(message: impl Into<String>) -> Self {
        Failure { exit: Exit::Nothing, message: message.into(), hint: None }
    }

    pub(crate) fn of(exit: Exit, message: impl Into<String>) -> Self {
        Failure { exit, message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
