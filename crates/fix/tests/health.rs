//! Health: what the kubelet would find, when that is enough, and restarts.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "health/ask.rs"]
mod ask;
#[path = "health/logs.rs"]
mod logs;
#[path = "health/probes.rs"]
mod probes;
#[path = "health/refusal.rs"]
mod refusal;
#[path = "health/restart.rs"]
mod restart;
#[path = "health/standin.rs"]
mod standin;
#[path = "health/watch.rs"]
mod watch;
