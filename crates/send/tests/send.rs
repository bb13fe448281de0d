//! Sinks and what they share, against receivers on the loopback that the tests start.
#![allow(clippy::unwrap_used)] // helpers of tests, which clippy takes for code of their own

#[path = "send/authority.rs"]
mod authority;
#[path = "send/elastic.rs"]
mod elastic;
#[path = "send/falcosidekick.rs"]
mod falcosidekick;
#[path = "send/faults.rs"]
mod faults;
#[path = "send/file.rs"]
mod file;
#[path = "send/hostile.rs"]
mod hostile;
#[path = "send/kubernetes.rs"]
mod kubernetes;
#[path = "send/otlp.rs"]
mod otlp;
#[path = "send/pushgateway.rs"]
mod pushgateway;
#[path = "send/receiver.rs"]
mod receiver;
#[path = "send/sample.rs"]
mod sample;
#[path = "send/securityhub.rs"]
mod securityhub;
#[path = "send/shared.rs"]
mod shared;
#[path = "send/slack.rs"]
mod slack;
#[path = "send/splunk.rs"]
mod splunk;
#[path = "send/spool.rs"]
mod spool;
#[path = "send/stand.rs"]
mod stand;
#[path = "send/strict.rs"]
mod strict;
#[path = "send/syslog.rs"]
mod syslog;
#[path = "send/teams.rs"]
mod teams;
#[path = "send/textfile.rs"]
mod textfile;
#[path = "send/tls.rs"]
mod tls;
#[path = "send/webhook.rs"]
mod webhook;
