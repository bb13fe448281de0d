//! What was changed: on disk before it is.
