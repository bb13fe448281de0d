//! What is shipped and what it promises, held against the catalogue that the program holds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test reads files, and fails by panicking"
)]

#[path = "deploy/falco.rs"]
mod falco;
#[path = "deploy/privileges.rs"]
mod privileges;
#[path = "deploy/shipped.rs"]
mod shipped;
