//! What a collector makes of recordings, of hostile trees and of what it may not read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may")]

#[path = "collect/archives.rs"]
mod archives;
#[path = "collect/catalogue.rs"]
mod catalogue;
#[path = "collect/corpus.rs"]
mod corpus;
#[path = "collect/files.rs"]
mod files;
#[path = "collect/limits.rs"]
mod limits;
#[path = "collect/links.rs"]
mod links;
#[path = "collect/processes.rs"]
mod processes;
#[path = "collect/recordings.rs"]
mod recordings;
#[path = "collect/secrets.rs"]
mod secrets;
#[path = "collect/support.rs"]
mod support;
#[path = "collect/views.rs"]
mod views;
