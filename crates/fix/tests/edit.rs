//! Edits of text: exact results on hostile files, and the same properties on random ones.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "edit/configs.rs"]
mod configs;
#[path = "edit/diffs.rs"]
mod diffs;
#[path = "edit/environment.rs"]
mod environment;
#[path = "edit/pods.rs"]
mod pods;
#[path = "edit/properties.rs"]
mod properties;
#[path = "edit/refused.rs"]
mod refused;
#[path = "edit/support.rs"]
mod support;
#[path = "edit/writer.rs"]
mod writer;
