//! Sinks and what they share, against receivers on the loopback that the tests start.
#![allow(clippy::unwrap_used)] // helpers of tests, which clippy takes for code of their own

#[path = "send/receiver.rs"]
mod receiver;
#[path = "send/sample.rs"]
mod sample;
#[path = "send/stand.rs"]
mod stand;

#[path = "send/elastic.rs"]
mod elastic;
#[path = "send/falcosidekick.rs"]
mod falcosidekick;
#[path = "send/otlp.rs"]
mod otlp;
#[path = "send/pushgateway.rs"]
mod pushgateway;
#[path = "send/splunk.rs"]
mod splunk;
