//! Writing below a node's root, and the journal of it: on real file systems, with real kernels' refusals, and killed in the middle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may")]

#[path = "journal/damage.rs"]
mod damage;
#[path = "journal/disks.rs"]
mod disks;
#[path = "journal/faults.rs"]
#[cfg(feature = "fail-points")]
mod faults;
#[path = "journal/files.rs"]
mod files;
#[path = "journal/history.rs"]
mod history;
#[path = "journal/home.rs"]
mod home;
#[path = "journal/links.rs"]
mod links;
#[path = "journal/node.rs"]
mod node;
#[path = "journal/prune.rs"]
mod prune;
