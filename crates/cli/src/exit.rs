//! Exit statuses, and why the program ends early.

use std::process::ExitCode;

/// How the program ends. 4 to 6 and 8 are kept for: rolled back, a sink that was required, roll-back failed, differences.
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
    /// 7: nodes of the cluster are missing in the report.
    NodesMissing,
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
            Exit::NodesMissing => 7,
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

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
