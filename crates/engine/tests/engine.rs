//! The engine against the catalogue, and against nodes of every kind.

#[path = "engine/book.rs"]
mod book;
#[path = "engine/catalogue.rs"]
mod catalogue;
#[path = "engine/never_pass.rs"]
mod never_pass;
#[path = "engine/support.rs"]
mod support;
