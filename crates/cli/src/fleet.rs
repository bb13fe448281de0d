//! `scan-cluster`: every node and the cluster, one report.

use std::ffi::OsString;
use std::io::IsTerminal;

use seaworthy_collect::cluster;
use seaworthy_fleet::{Collector, FleetError, Progress};
use seaworthy_model::Cluster;
use seaworthy_model::cluster::NodeObject;

use crate::arguments::ScanCluster;
use crate::exit::{Exit, Failure};
use crate::{facts, judged, output, reporting, sending};

/// As a plugin of kubectl the program scans the cluster unless another command is given.
pub(crate) fn as_plugin(mut words: Vec<OsString>) -> Vec<OsString> {
    let first = words.get(1).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let asks = ["--help", "-h", "--version", "-V"].contains(&first.as_str());
    if !asks && (first.is_empty() || first.starts_with('-')) {
        words.insert(1, "scan-cluster".into());
    }
    words
}

pub(crate) fn scan(arguments: &ScanCluster) -> Result<Exit, Failure> {
    if let Some(exit) = reporting::check(&arguments.output)? {
        return Ok(exit);
    }
    drop(sending::open(&arguments.sending)?);
    let catalogue = facts::catalogue(arguments.judging.catalogue.as_deref())?;
    let options = judged::options(&arguments.judging)?;
    // A mistake in the words is said before anything is made.
    judged::check(&arguments.judging)?;
    let fleet = &arguments.fleet;
    let server = facts::server(fleet.kubeconfig.as_deref(), fleet.context.as_deref())?;
    let mut screen = Screen::new();
    screen.step("reading the cluster's API");
    let whole = cluster::ask(&server, &facts::options(fleet.cluster_name.clone()));
    let api = whole.api.as_deref().ok_or_else(|| Failure::nothing("the API told nothing"))?;
    let nodes = nodes(api)?;
    let fleet_options = seaworthy_fleet::Options {
        collector: Collector {
            image: fleet.image.name.clone(),
            pull_policy: fleet.image.pull_policy.clone(),
            spec: spec(),
            arguments: vec!["--root".to_owned(), "/host".to_owned()],
        },
        namespace: fleet.namespace.clone(),
        parallel: usize::from(fleet.parallel),
        deadline: fleet.deadline,
        cluster: whole.cluster.as_ref().and_then(|c| c.id.known().cloned()),
        tag: tag(),
    };
    let scanned = seaworthy_fleet::scan(&server, nodes, &fleet_options, &mut |progress| screen.show(&progress));
    screen.end();
    let scanned = scanned.map_err(|error| match error {
        FleetError::Right(message) => Failure::usage(message),
        FleetError::Api(message) => Failure::nothing(format!("the cluster could not be scanned: {message}")),
    })?;
    for command in &scanned.left {
        output::warn(&format!("something that the scan made is still there; remove it with: {command}"));
    }
    let missing = !scanned.missing.is_empty();
    let report = seaworthy_engine::judge_cluster(whole, scanned.nodes, scanned.missing, &catalogue, &options)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let exit =
        reporting::finish(&report, &arguments.output, &arguments.sending, &arguments.judging, &catalogue, &options)?;
    if missing { Ok(Exit::NodesMissing) } else { Ok(exit) }
}

fn nodes(api: &Cluster) -> Result<&[NodeObject], Failure> {
    match api.nodes.known() {
        Some(list) if list.items.is_empty() => Err(Failure::nothing("the cluster has no nodes")),
        Some(list) => Ok(&list.items),
        None => {
            let why = api.nodes.missing().map(|missing| missing.to_string()).unwrap_or_default();
            Err(Failure::nothing(format!("the nodes of the cluster are not known: {why}")))
        }
    }
}

/// A collector sees the whole node, read-only, and may do nothing else. The root is mounted and not each directory: a mount of a
/// directory that a node lacks would make it there.
fn spec() -> serde_json::Value {
    serde_json::json!({
        "hostPID": true,
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "containers": [{
            "name": "collect",
            "securityContext": {
                "runAsUser": 0,
                "readOnlyRootFilesystem": true,
                "allowPrivilegeEscalation": false,
                "capabilities": {"drop": ["ALL"], "add": ["SYS_PTRACE", "DAC_READ_SEARCH"]},
                "seccompProfile": {"type": "RuntimeDefault"}
            },
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "128Mi"}},
            "volumeMounts": [{"name": "host", "mountPath": "/host", "readOnly": true}]
        }],
        "volumes": [{"name": "host", "hostPath": {"path": "/", "type": "Directory"}}]
    })
}

/// A few characters that two scans at the same time do not share.
fn tag() -> String {
    let now = jiff::Timestamp::now().as_nanosecond().unsigned_abs();
    let mixed = now.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u128::from(std::process::id());
    format!("{:06x}", (mixed >> 20) & 0xff_ffff)
}

/// What is shown while the scan goes on: one line that changes on a terminal, else a line for what is worth one.
struct Screen {
    terminal: bool,
    open: bool,
}

impl Screen {
    fn new() -> Screen {
        Screen { terminal: std::io::stderr().is_terminal(), open: false }
    }

    fn step(&mut self, text: &str) {
        self.write(text);
    }

    fn show(&mut self, progress: &Progress) {
        match progress {
            Progress::Step(text) => self.write(text),
            Progress::Node { name, missing: Some(reason), done, all } => {
                self.end();
                output::warn(&format!("{name} could not be read: {reason}"));
                self.write(&format!("{done} of {all} nodes"));
            }
            Progress::Node { name, missing: None, done, all } => self.write(&format!("{done} of {all} nodes: {name}")),
        }
    }

    fn write(&mut self, text: &str) {
        if self.terminal {
            // Back to the beginning of the line, and what was there away.
            output::raw_to_stderr(&format!("\r\x1b[K{text}"));
            self.open = true;
        } else {
            output::raw_to_stderr(&format!("{text}\n"));
        }
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.open) {
            output::raw_to_stderr("\r\x1b[K");
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_plugin_it_scans_the_cluster_unless_told_otherwise() {
        let plugin = |words: &[&str]| {
            let words = std::iter::once("kubectl-seaworthy").chain(words.iter().copied()).map(OsString::from).collect();
            as_plugin(words).into_iter().skip(1).map(|w| w.into_string().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(plugin(&[]), ["scan-cluster"]);
        assert_eq!(plugin(&["--parallel", "3"]), ["scan-cluster", "--parallel", "3"]);
        assert_eq!(plugin(&["explain", "1.2.15"]), ["explain", "1.2.15"]);
        assert_eq!(plugin(&["--help"]), ["--help"]);
    }
}
