//! Why something is not known.

use seaworthy_model::{Grant, Kind};

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Why {
    /// Whether a grant would help.
    pub(crate) kind: Kind,
    /// The reason, as a sentence without its full stop.
    pub(crate) text: String,
    /// The grant.
    pub(crate) grant: Option<Grant>,
}

impl Why {
    /// Something is broken, gone or cannot be relied on.
    pub(crate) fn error(text: impl Into<String>) -> Why {
        Why { kind: Kind::Error, text: text.into(), grant: None }
    }
}
