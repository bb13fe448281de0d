//! What runs: checks of pods, their templates, and the namespaces that they are in.

use super::Check;

/// The checks by name, sorted.
pub(super) const ALL: &[(&str, Check)] = &[];
