//! The engine against the catalogue, and against nodes of which facts are missing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "engine/access.rs"]
mod access;
#[path = "engine/book.rs"]
mod book;
#[path = "engine/catalogue.rs"]
mod catalogue;
#[path = "engine/fuzz.rs"]
mod fuzz;
#[path = "engine/never_pass.rs"]
mod never_pass;
#[path = "engine/refused.rs"]
mod refused;
#[path = "engine/support.rs"]
mod support;
#[path = "engine/witnesses.rs"]
mod witnesses;
#[path = "engine/workloads.rs"]
mod workloads;
