//! Sends results to where security teams look: Falcosidekick, SIEMs, metrics, chat, files.
//!
//! A [`Report`](seaworthy_model::Report) becomes an [`Outgoing`](outgoing::Outgoing) for each sink (all findings, failures, or changes
//! since the last report), the sink makes [parts](sink::Part) of it, parts become [batches](sink::Batch), and batches go into the
//! [spool](spool::Spool) on disk, then out, and are removed when they have arrived. What one sink does differently from others is in its
//! file under `sinks/`; TLS, proxies, retries, the spool and the keeping of secrets are here, once for all.
//!
//! Delivery is at least once: a crash between arrival and removal repeats a batch, with the same ids, so that a receiver can tell.

pub mod address;
mod batches;
pub mod deliver;
pub mod outgoing;
pub mod secret;
pub mod settings;
pub mod sink;
pub mod sinks;
pub mod spool;
pub mod state;
pub mod trial;
mod tries;
pub mod wire;
