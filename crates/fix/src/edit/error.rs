//! Why an edit was refused.

use seaworthy_yaml::Span;

/// Why an edit was refused. Nothing was changed: an edit that is not certain to be right is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text cannot be read, by us or by Kubernetes. Correct it at the place named, then edit again.
    #[error("the text cannot be read, correct it first: {0}")]
    Unreadable(#[from] seaworthy_yaml::Error),
    /// The text holds what JSON, and so Kubernetes, has not (an infinite number or NaN). Correct that first.
    #[error("line {line}, column {column}: Kubernetes cannot use an infinite number or NaN; correct it first")]
    NotFinite {
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// A carriage return stands alone, which only some programs take for the end of a line. Convert the file to
    /// Unix line endings first.
    #[error("line {line}: a carriage return without a line feed; convert the file to Unix line endings first")]
    LineEnding {
        /// The line, from 1.
        line: u32,
    },
    /// A value on the way to what should be edited has another type. Correct the file by hand, or edit another path.
    #[error("line {line}, column {column}: {what} is not {wanted}; correct it by hand")]
    WrongType {
        /// The value's path.
        what: String,
        /// What was wanted: `a map`, `a list`, `text`.
        wanted: &'static str,
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// A key stands twice, so that different programs may see different values. Remove one of the two first.
    #[error("line {line}, column {column}: {key:?} is set twice in one map; remove one of the two first")]
    Duplicate {
        /// The key.
        key: String,
        /// The line of the second, from 1.
        line: u32,
        /// The column of the second, from 1.
        column: u32,
    },
    /// The value comes through an alias or a merge, or aliases elsewhere name it: changing it would change more
    /// than was asked. Write the value out where it is used, then edit again.
    #[error(
        "line {line}, column {column}: the value is shared through an anchor, so that an edit would change more than \
         one place; write it out where it is used first"
    )]
    Shared {
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// The value is written in a form that is not edited, such as `? key`. Rewrite it by hand in the usual form.
    #[error("line {line}, column {column}: {what}, which is not edited; rewrite it in the usual form first")]
    Form {
        /// What stands there.
        what: &'static str,
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// The pod has no container of this name, or several. Check that this is the component's manifest.
    #[error("the pod has {found} containers named {container:?} where one is wanted; is this the right manifest?")]
    Container {
        /// The name.
        container: String,
        /// How many have it.
        found: usize,
    },
    /// The container starts another program, such as a shell that starts the component. Its arguments are not the
    /// component's; edit them by hand.
    #[error(
        "line {line}, column {column}: the container {container:?} starts {program:?} and not the component itself, \
         so its arguments have to be edited by hand"
    )]
    OtherProgram {
        /// The container.
        container: String,
        /// What it starts.
        program: String,
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// A volume of this name, or a mount at this path, is there already and is another. Choose another name or path,
    /// or remove the one that is there.
    #[error("line {line}, column {column}: {what} is there already and differs; choose another, or remove it first")]
    Taken {
        /// `the volume "audit"`, `the mount at "/var/log"`.
        what: String,
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// The component would read its command line otherwise than intended after this edit: the last word may be a flag
    /// that takes the next word as its value, or `--` ends the flags. Edit the arguments by hand.
    #[error("the component would not read --{flag} as intended after this edit; edit the arguments by hand")]
    CommandLine {
        /// The flag.
        flag: String,
    },
    /// What was asked for makes no sense: an empty path, a flag with blanks in it. A mistake of ours in a rule or plan.
    #[error("{0}")]
    Request(String),
    /// The flag to change does not stand in the file.
    #[error("--{flag} does not stand in this file; is it set elsewhere?")]
    NoFlag {
        /// The flag.
        flag: String,
    },
    /// A variable is written with quotes, backslashes or comments inside its value, which the shell and systemd read
    /// differently. Edit it by hand.
    #[error("line {line}: {what}; edit the variable by hand")]
    Variable {
        /// What stands there.
        what: &'static str,
        /// The line, from 1.
        line: u32,
    },
    /// The edited text did not pass our own check, so it was thrown away. The file is unusual, or this is a bug of
    /// ours; edit by hand, and report it if the file looks ordinary.
    #[error("line {line}: the edit was given up, because afterwards {reason}; edit by hand")]
    Gate {
        /// What is wrong with the result.
        reason: String,
        /// The line of the edit in the text as it was, from 1.
        line: u32,
    },
}

impl EditError {
    /// The line (from 1) of the trouble, where one is known.
    pub fn line(&self) -> Option<u32> {
        match self {
            Self::Unreadable(error) => error.place().map(|(line, _)| line),
            Self::NotFinite { line, .. }
            | Self::LineEnding { line }
            | Self::WrongType { line, .. }
            | Self::Duplicate { line, .. }
            | Self::Shared { line, .. }
            | Self::Form { line, .. }
            | Self::OtherProgram { line, .. }
            | Self::Taken { line, .. }
            | Self::Variable { line, .. }
            | Self::Gate { line, .. } => Some(*line),
            Self::Container { .. } | Self::CommandLine { .. } | Self::Request(_) | Self::NoFlag { .. } => None,
        }
    }

    pub(super) fn form(what: &'static str, at: Span) -> Self {
        Self::Form { what, line: at.line, column: at.column }
    }

    pub(super) fn shared(at: Span) -> Self {
        Self::Shared { line: at.line, column: at.column }
    }

    pub(super) fn wrong_type(what: impl Into<String>, wanted: &'static str, at: Span) -> Self {
        Self::WrongType { what: what.into(), wanted, line: at.line, column: at.column }
    }
}
