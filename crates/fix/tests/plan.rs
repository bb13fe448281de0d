//! Plans for a recorded control plane node and for what was made of it: what changes, what restarts, what is refused and why.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may")]

#[path = "plan/node.rs"]
mod node;
#[path = "plan/xdump.rs"]
mod xdump;
