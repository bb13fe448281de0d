//! Reads a node: its files, its processes and the clock. The only crate that does, and it only reads: it starts no process and writes
//! nothing.
//!
//! [`open`] gives a [`Tree`], which is a node that runs, a copy of one, or a recording in an archive; [`collect`] makes
//! [`Facts`](seaworthy_model::Facts) of it. What cannot be read is a fact of its own, and secrets never become one.

mod catalogue;
pub mod cluster;
#[doc(hidden)]
pub mod fuzz;
mod node;
mod redact;
mod tree;

pub use catalogue::{LoadError, load_catalogue};
pub use node::{Options, collect, recognise};
pub use redact::value as redacted;
pub use tree::{Archive, Changed, Directory, Handle, Links, Nature, OpenError, Overlay, Seen, Tree, Trouble, open};
