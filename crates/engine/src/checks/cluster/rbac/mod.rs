//! Who may do what: checks of roles, bindings, service accounts and the other ways to sign in.

use super::Check;

/// The checks by name, sorted.
pub(super) const ALL: &[(&str, Check)] = &[];
