//! Edits of text: manifests, kubelet configuration, environment files. Pure: text in, text out.
//!
//! An edit keeps comments, order, indentation and line endings, and touches only the lines that it means to. It is
//! made of small operations on one value each (`operation`). Each is spliced into the text at the places that
//! `seaworthy-yaml` gives (`place`), in the style of what stands around it (`style`), and then has to pass the gate
//! (`gate`): the new text, parsed anew, must be the old one with just the intended change, or nothing is returned.
//!
//! The crate `yaml-edit` is the tests' second opinion and not what edits: it quotes every new argument, and has no
//! say in the form of a new volume, so that a manifest of kubeadm's would no longer look like one.
//!
//! Only the first document of a file is edited, as only that is read by the kubelet; what follows stays as it is.

mod arguments;
mod config;
mod diff;
mod environment;
mod error;
mod gate;
mod insert;
mod mask;
mod operation;
mod place;
mod pod;
mod remove;
mod replace;
mod source;
mod style;

pub use config::{ConfigEdit, edit_config};
pub use diff::unified_diff;
pub(crate) use environment::without_flag;
pub use environment::{remove_flag, set_flag};
pub use error::EditError;
pub use mask::masked_diff;
pub use pod::{PodEdit, edit_pod};

/// A text after its edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The text, byte for byte the old one where nothing had to change.
    pub text: String,
    /// Whether it differs from the old one.
    pub changed: bool,
}

impl Edited {
    fn new(before: &str, text: String) -> Self {
        Self { changed: text != before, text }
    }
}
