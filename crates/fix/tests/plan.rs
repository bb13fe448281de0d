//! Plans for a recorded control plane node and for what was made of it: what changes, what restarts, what is refused and why.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may")]

#[path = "plan/breakages.rs"]
mod breakages;
#[path = "plan/document.rs"]
mod document;
#[path = "plan/files.rs"]
mod files;
#[path = "plan/kubelet.rs"]
mod kubelet;
#[path = "plan/node.rs"]
mod node;
#[path = "plan/operations.rs"]
mod operations;
#[path = "plan/refused.rs"]
mod refused;
#[path = "plan/validate.rs"]
mod validate;
