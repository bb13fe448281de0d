//! Asks a probe as the kubelet asks it: from the node, without credentials, without verifying certificates.
//!
//! What differs: the kubelet offers HTTP/2 in its TLS handshake and Go's older cipher suites (CBC); we do not. A server that speaks
//! nothing else fails here, with the handshake's error in the answer.

mod http;
mod io;
mod tls;

use std::net::IpAddr;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use super::{Action, Probe};

/// How much of a body is kept.
const KEPT: usize = 200;

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The kubelet would call it a success.
    Success(Reply),
    /// The kubelet would call it a failure.
    Failure(Reply),
    /// It cannot be asked from here, and why. Never a success.
    CannotAsk(String),
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// The status, if one came.
    pub status: Option<u16>,
    /// The beginning of the body, safe to show.
    pub body: String,
    /// How long it took.
    pub took: Duration,
    /// What went wrong, if no proper answer came.
    pub error: Option<String>,
    /// What is odd about a success.
    pub note: Option<String>,
}

impl Reply {
    /// The reply in a phrase: `it answered 401 (Unauthorized)`, `connection refused`.
    #[must_use]
    pub fn reason(&self) -> String {
        match (&self.error, self.status) {
            (Some(error), Some(status)) => format!("it answered {status}, then {error}"),
            (Some(error), None) => error.clone(),
            (None, Some(status)) if self.body.is_empty() => format!("it answered {status}"),
            (None, Some(status)) => format!("it answered {status} ({})", self.body),
            (None, None) => "the connection was accepted".to_owned(),
        }
    }
}

/// What a conversation gave before the clock is looked at.
struct Outcome {
    success: bool,
    reply: Reply,
}

impl Outcome {
    fn failed(error: impl Into<String>) -> Self {
        Outcome { success: false, reply: Reply { error: Some(error.into()), ..Reply::default() } }
    }
}

/// Asks one probe. `node_ip` is the node's address, which pods on the host's network are asked by.
pub fn ask(probe: &Probe, node_ip: Option<IpAddr>) -> Answer {
    let cannot = || Answer::CannotAsk("no answer was put together".to_owned());
    ask_all(&[probe], node_ip).pop().unwrap_or_else(cannot)
}

/// Asks several probes at the same time: one that hangs must not keep the others from being asked. In the order given.
pub fn ask_all(probes: &[&Probe], node_ip: Option<IpAddr>) -> Vec<Answer> {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let why = format!("no sockets can be had: {error}");
            return probes.iter().map(|_| Answer::CannotAsk(why.clone())).collect();
        }
    };
    let answers = runtime.block_on(futures_util::future::join_all(probes.iter().map(|probe| one(probe, node_ip))));
    // A name that does not resolve may keep a thread for long; nobody waits for it.
    runtime.shutdown_background();
    answers
}

/// Asks the kubelet's `/healthz`. Port 0 means that it is switched off.
pub fn kubelet_healthz(address: IpAddr, port: u16) -> Answer {
    ask(&Probe::kubelet_healthz(address, port), None)
}

async fn one(probe: &Probe, node_ip: Option<IpAddr>) -> Answer {
    let host = match &probe.action {
        Action::Nothing { why } => return Answer::CannotAsk(why.clone()),
        Action::Exec { .. } => {
            return Answer::CannotAsk(
                "it is a command, which only the container runtime can run in the container".to_owned(),
            );
        }
        Action::Grpc { .. } => {
            return Answer::CannotAsk("it is a gRPC call, which this program does not speak".to_owned());
        }
        Action::HttpGet { host, .. } | Action::TcpSocket { host, .. } => match (host, node_ip) {
            (Some(host), _) => host.clone(),
            (None, _) if !probe.host_network => {
                return Answer::CannotAsk("it asks the pod's own address, which is not known here".to_owned());
            }
            (None, Some(address)) => address.to_string(),
            (None, None) => return Answer::CannotAsk("it asks the node's address, which is not known".to_owned()),
        },
    };
    let begin = Instant::now();
    let asked = tokio::time::timeout(probe.timeout, put(&probe.action, &host)).await;
    let Outcome { success, mut reply } = asked
        .unwrap_or_else(|_| Outcome::failed(format!("no answer within {:?}, which is its timeout", probe.timeout)));
    reply.took = begin.elapsed();
    if success { Answer::Success(reply) } else { Answer::Failure(reply) }
}

async fn put(action: &Action, host: &str) -> Outcome {
    match action {
        Action::HttpGet { scheme, port, path, headers, .. } => http::get(*scheme, host, *port, path, headers).await,
        Action::TcpSocket { port, .. } => match TcpStream::connect((host, *port)).await {
            Ok(_) => Outcome { success: true, reply: Reply::default() },
            Err(error) => Outcome::failed(error.to_string()),
        },
        Action::Exec { .. } | Action::Grpc { .. } | Action::Nothing { .. } => Outcome::failed("it cannot be asked"),
    }
}
