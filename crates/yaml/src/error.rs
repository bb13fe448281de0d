//! Why a text could not be read.

use crate::Span;

/// Why a text could not be read. A text that Kubernetes' own parser refuses is refused here too.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not a YAML document (bad syntax, an unknown anchor, a value that its explicit tag does not
    /// allow, control characters as in UTF-16). Kubernetes refuses it as well: correct the file at the place named.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// The line, from 1.
        line: u32,
        /// The column in characters, from 1.
        column: u32,
        /// What is wrong there.
        message: String,
    },
    /// The text has more bytes than [`crate::Limits::bytes`]. Nothing was read; raise the limit if the file is
    /// meant to be this large.
    #[error("the text has {bytes} bytes, more than the {limit} allowed")]
    TooLarge {
        /// The size of the text.
        bytes: usize,
        /// The limit that was set.
        limit: usize,
    },
    /// Lists and maps are nested deeper than [`crate::Limits::depth`], with aliases expanded. Such a file is
    /// either hostile or made by a faulty tool.
    #[error("line {line}, column {column}: nested deeper than {limit} levels")]
    TooDeep {
        /// The line, from 1.
        line: u32,
        /// The column in characters, from 1.
        column: u32,
        /// The limit that was set.
        limit: usize,
    },
    /// There are more values than [`crate::Limits::nodes`] with aliases expanded, or nearly all of them come from
    /// aliases ("billion laughs"; Go calls it excessive aliasing). Write the values out instead of using aliases,
    /// or raise the limit if the file is meant to be this large.
    #[error("line {line}, column {column}: more than {limit} values, or nearly all of them made by aliases")]
    TooManyNodes {
        /// The line, from 1.
        line: u32,
        /// The column in characters, from 1.
        column: u32,
        /// The limit that was set.
        limit: usize,
    },
    /// Sound YAML that has no counterpart in JSON, so that Kubernetes cannot use it (a null key, a key above the
    /// signed 64 bit range), or one that this crate would read differently from Go (the YAML 1.1 line breaks
    /// U+0085, U+2028 and U+2029). Rewrite the place named.
    #[error("line {line}, column {column}: {message}")]
    Unsupported {
        /// The line, from 1.
        line: u32,
        /// The column in characters, from 1.
        column: u32,
        /// What is not supported there.
        message: String,
    },
}

impl Error {
    /// The line and column (both from 1) of the trouble, where one is known.
    pub fn place(&self) -> Option<(u32, u32)> {
        match self {
            Self::Syntax { line, column, .. }
            | Self::TooDeep { line, column, .. }
            | Self::TooManyNodes { line, column, .. }
            | Self::Unsupported { line, column, .. } => Some((*line, *column)),
            Self::TooLarge { .. } => None,
        }
    }

    pub(crate) fn syntax(at: Span, message: impl Into<String>) -> Self {
        Self::Syntax { line: at.line, column: at.column, message: message.into() }
    }

    pub(crate) fn unsupported(at: Span, message: impl Into<String>) -> Self {
        Self::Unsupported { line: at.line, column: at.column, message: message.into() }
    }

    pub(crate) fn too_deep(at: Span, limit: usize) -> Self {
        Self::TooDeep { line: at.line, column: at.column, limit }
    }

    pub(crate) fn too_many(at: Span, limit: usize) -> Self {
        Self::TooManyNodes { line: at.line, column: at.column, limit }
    }
}
