//! Transactions on a copy of a node in which nothing restarts: done, undone, refused, interrupted, failed in the middle.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may")]
#![allow(clippy::disallowed_methods, reason = "tests make and compare the copy of the node")]

#[path = "transaction/apply.rs"]
mod apply;
#[path = "transaction/bench.rs"]
mod bench;
#[path = "transaction/failures.rs"]
mod failures;
#[path = "transaction/guard.rs"]
mod guard;
#[path = "transaction/keys.rs"]
mod keys;
