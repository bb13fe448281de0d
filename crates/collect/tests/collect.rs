//! What a collector makes of recordings, of hostile trees and of what it may not read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may")]

#[path = "collect/archives.rs"]
mod archives;
#[path = "collect/catalogue.rs"]
mod catalogue;
#[path = "collect/cluster.rs"]
mod cluster;
#[path = "collect/cluster_lists.rs"]
mod cluster_lists;
#[path = "collect/cluster_properties.rs"]
mod cluster_properties;
#[path = "collect/cluster_secrets.rs"]
mod cluster_secrets;
#[path = "collect/cluster_server.rs"]
mod cluster_server;
#[path = "collect/corpus.rs"]
mod corpus;
#[path = "collect/files.rs"]
mod files;
#[path = "collect/limits.rs"]
mod limits;
#[path = "collect/links.rs"]
mod links;
#[path = "collect/overlay.rs"]
mod overlay;
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
