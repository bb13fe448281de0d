//! Whole nodes, from what is on them to what is said about them: the recordings of real ones, the situations in which scanners go wrong,
//! and the program itself.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "nodes/scenarios/apiserver.rs"]
mod apiserver;
#[path = "nodes/scenarios/arguments.rs"]
mod arguments;
#[path = "nodes/command.rs"]
mod command;
#[path = "nodes/command_reports.rs"]
mod command_reports;
#[path = "nodes/deploying.rs"]
mod deploying;
#[path = "nodes/scenarios/encryption_audit.rs"]
mod encryption_audit;
#[path = "nodes/scenarios/etcd.rs"]
mod etcd;
#[path = "nodes/files.rs"]
mod files;
#[path = "nodes/fleet.rs"]
mod fleet;
#[path = "nodes/guide.rs"]
mod guide;
#[path = "nodes/kube_proxy.rs"]
mod kube_proxy;
#[path = "nodes/kubelet.rs"]
mod kubelet;
#[path = "nodes/kubelet_dropins.rs"]
mod kubelet_dropins;
#[path = "nodes/kubelet_gates.rs"]
mod kubelet_gates;
#[path = "nodes/no_program.rs"]
mod no_program;
#[path = "nodes/node.rs"]
mod node;
#[path = "nodes/places.rs"]
mod places;
#[path = "nodes/scenarios/processes.rs"]
mod processes;
#[path = "nodes/recordings.rs"]
mod recordings;
#[path = "nodes/scenarios/refused.rs"]
mod refused;
#[path = "nodes/repair.rs"]
mod repair;
#[path = "nodes/scenarios/secrets.rs"]
mod secrets;
#[path = "nodes/sending.rs"]
mod sending;
#[path = "nodes/scenarios/values.rs"]
mod values;
#[path = "nodes/scenarios/witnesses.rs"]
mod witnesses;
