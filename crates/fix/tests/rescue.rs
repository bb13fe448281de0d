//! Why a component is gone: every kind of damage, each in a tree of its own, with the file, the line and the proposal.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may")]

#[path = "rescue/around.rs"]
mod around;
#[path = "rescue/files.rs"]
mod files;
#[path = "rescue/flags.rs"]
mod flags;
#[path = "rescue/hostile.rs"]
mod hostile;
#[path = "rescue/known.rs"]
mod known;
#[path = "rescue/node.rs"]
mod node;
#[path = "rescue/slips.rs"]
mod slips;
