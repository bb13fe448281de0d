//! Sinks and what they share, against receivers on the loopback that the tests start.
#![allow(clippy::unwrap_used)] // helpers of tests, which clippy takes for code of their own

#[path = "send/authority.rs"]
mod authority;
#[path = "send/receiver.rs"]
mod receiver;
#[path = "send/sample.rs"]
mod sample;
#[path = "send/strict.rs"]
mod strict;

#[path = "send/falcosidekick.rs"]
mod falcosidekick;
#[path = "send/file.rs"]
mod file;
#[path = "send/kubernetes.rs"]
mod kubernetes;
#[path = "send/syslog.rs"]
mod syslog;
#[path = "send/textfile.rs"]
mod textfile;
