//! A whole cluster from outside: a collector pod on every node, each run once and taken away again. The only crate that creates or
//! deletes pods.
//!
//! Facts are taken by running the collector in the pod, never through logs, and are believed only if they are whole and say that they
//! are of the node that the pod ran on. Every node that gives none is named with the reason.

mod apply;
mod node;
mod nodes;
mod object;
mod pod;
mod rights;
mod sealed;
mod space;

use std::time::Duration;

use futures_util::StreamExt;
use seaworthy_collect::cluster::Server;
use seaworthy_model::cluster::NodeObject;
use seaworthy_model::{Facts, MissingSubject};

pub use apply::apply;
pub use pod::Collector;
pub use sealed::{SealError, seal, unseal};

use space::Space;

/// How a cluster is to be scanned.
#[derive(Debug, Clone)]
pub struct Options {
    /// What runs on the nodes.
    pub collector: Collector,
    /// A namespace that is there already. One is made, and removed again, if not given.
    pub namespace: Option<String>,
    /// How many nodes are read at once, at most.
    pub parallel: usize,
    /// How long one node may take.
    pub deadline: Duration,
    /// The identity of the cluster, as its API tells it: facts that claim another are refused.
    pub cluster: Option<String>,
    /// A few characters that no other scan has at the same time.
    pub tag: String,
}

/// How far a scan is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// What is being done beside nodes.
    Step(String),
    /// A node was read, or could not be.
    Node {
        /// Its name.
        name: String,
        /// Why it was not read; none if it was.
        missing: Option<String>,
        /// How many nodes are through.
        done: usize,
        /// How many there are.
        all: usize,
    },
}

/// What came of a scan.
#[derive(Debug)]
pub struct Scanned {
    /// The facts of the nodes that were read, by name.
    pub nodes: Vec<(String, Facts)>,
    /// The nodes that were not, by name.
    pub missing: Vec<MissingSubject>,
    /// What could not be removed, with the command that removes it.
    pub left: Vec<String>,
    /// Whether it was interrupted: nodes that had not been read by then are missing.
    pub interrupted: bool,
}

/// Why nothing could be scanned.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// A right is missing; the message names it.
    #[error("{0}")]
    Right(String),
    /// The API server gave no answer, or one that makes no sense.
    #[error("{0}")]
    Api(String),
}

/// Reads every node of `nodes`. What was made is removed again whatever happens, interrupts included.
///
/// # Errors
/// See [`FleetError`]: nothing was read, and nothing is left behind.
pub fn scan(
    server: &Server,
    nodes: &[NodeObject],
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Scanned, FleetError> {
    server.runtime().block_on(run(server, nodes, options, progress))
}

async fn run(
    server: &Server,
    nodes: &[NodeObject],
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Scanned, FleetError> {
    let client = server.client();
    rights::check(client, options.namespace.as_deref()).await?;
    let mut interrupt = std::pin::pin!(interrupted());
    let space = Space::open(client, options, progress).await?;
    let (able, unable) = nodes::split(nodes);
    let mut scanned = Scanned { nodes: Vec::new(), missing: Vec::new(), left: Vec::new(), interrupted: false };
    let all = nodes.len();
    let mut done = 0;
    for (name, reason) in unable {
        done += 1;
        progress(Progress::Node { name: name.clone(), missing: Some(reason.clone()), done, all });
        scanned.missing.push(MissingSubject { name, reason });
    }
    let mut waiting: Vec<&NodeObject> = able;
    waiting.reverse();
    let mut names: Vec<String> = waiting.iter().map(|node| node.metadata.name.clone()).collect();
    let mut reading = futures_util::stream::FuturesUnordered::new();
    loop {
        while reading.len() < options.parallel.max(1) {
            let Some(node) = waiting.pop() else { break };
            reading.push(node::read(&space, node, options));
        }
        tokio::select! {
            biased;
            signal = &mut interrupt => {
                scanned.interrupted = true;
                progress(Progress::Step(format!("{signal}: removing what was made")));
                break;
            }
            next = reading.next() => {
                let Some((name, result)) = next else { break };
                done += 1;
                names.retain(|waiting| *waiting != name);
                let missing = match result {
                    Ok(facts) => {
                        scanned.nodes.push((name.clone(), facts));
                        None
                    }
                    Err(reason) => {
                        scanned.missing.push(MissingSubject { name: name.clone(), reason: reason.clone() });
                        Some(reason)
                    }
                };
                progress(Progress::Node { name, missing, done, all });
            }
        }
    }
    drop(reading);
    for name in names {
        scanned.missing.push(MissingSubject { name, reason: "the scan was interrupted before it was read".to_owned() });
    }
    progress(Progress::Step("removing what was made".to_owned()));
    scanned.left = space.remove().await;
    scanned.nodes.sort_by(|a, b| a.0.cmp(&b.0));
    scanned.missing.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(scanned)
}

/// Ends when somebody wants the program to end; the word says how.
async fn interrupted() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let stream = |kind| signal(kind).ok();
    let (mut int, mut term, mut hup) =
        (stream(SignalKind::interrupt()), stream(SignalKind::terminate()), stream(SignalKind::hangup()));
    let wait = async |stream: &mut Option<tokio::signal::unix::Signal>| match stream {
        Some(stream) => {
            stream.recv().await;
        }
        None => std::future::pending().await,
    };
    tokio::select! {
        () = wait(&mut int) => "interrupted",
        () = wait(&mut term) => "told to end",
        () = wait(&mut hup) => "the terminal went away",
    }
}
