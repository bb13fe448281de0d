//! From the catalogue's grants to Kubernetes manifests: which privileges the chosen checks need ([`Privileges`]), the pod that has
//! exactly these ([`PodProfile`]), and the objects around it ([`Schedule`], [`shipped`]);
//! and from the files that it names to rules for Falco, which watches them ([`falco_rules`]).
//!
//! Pure: nothing here asks a node, a cluster or the clock. Every privilege is written with its reason, and what is not granted is named
//! with what it costs.

mod document;
mod falco;
mod objects;
mod pod;
mod privileges;
mod rights;
mod schedule;
mod sending;
mod shipped;
mod text;
mod watch;
mod yaml;

pub use document::{Document, to_yaml};
pub use falco::{FALCO_RULES, falco_rules};
pub use objects::{CLUSTER_NAMESPACE, Kind, NODE_NAMESPACE, Once, once};
pub use pod::{Mounted, PodProfile, Toleration};
pub use privileges::{Bought, EXTRA, Granted, Privileges, Reason, Request, Withheld};
pub use rights::Right;
pub use schedule::{Cadence, LogFormat, NodeCount, Part, Schedule, ScheduleError};
pub use sending::{STATE, Sending};
pub use shipped::{IMAGE, chart, shipped};
pub use text::{json, text};
pub use watch::{LeftOut, Watched, left_out, watched};
