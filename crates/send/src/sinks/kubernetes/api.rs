//! Requests to the API server, each sent once, and what its answers mean.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use seaworthy_collect::cluster::{Access, ConnectError, Server};
use serde_json::Value;

use crate::sink::Trouble;

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// At most so much of it is read.
const MOST: usize = 4 << 20;
/// At most so many characters of the server's words are repeated.
const SHOWN: usize = 300;

/// A cluster, and what is known of its nodes in this delivery.
pub(super) struct Cluster {
    server: Server,
    nodes: RefCell<BTreeMap<String, Node>>,
}

/// What the API says of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// It is there, with this uid.
    There(String),
    /// There is none of this name.
    Gone,
    /// We may not ask.
    Hidden,
}

/// An answer that is no refusal: its status, and its object.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Cluster {
    pub(super) fn connect(access: &Access) -> Result<Cluster, Trouble> {
        let server = Server::connect(access).map_err(|error| match error {
            // A token or a certificate that is being replaced at this moment.
            ConnectError::Client(why) => Trouble::Later { why: clean(&why), after: None },
            other => Trouble::Blocked { why: clean(&other.to_string()) },
        })?;
        Ok(Cluster { server, nodes: RefCell::default() })
    }

    /// The server's address.
    pub(super) fn name(&self) -> String {
        use seaworthy_collect::cluster::Api as _;
        clean(self.server.name())
    }

    /// Sends a request. Any answer of the statuses 200 to 299, 404 and 409 is given back; what the others mean is decided here.
    pub(super) fn ask(&self, method: &str, path: &str, media_type: &str, body: &Value) -> Result<Answer, Trouble> {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header(http::header::ACCEPT, "application/json")
            .header(http::header::CONTENT_TYPE, media_type)
            .body(kube::client::Body::from(bytes))
            .map_err(|error| Trouble::Refused { why: error.to_string() })?;
        let answer = async {
            let response = self.server.once().send(request).await.map_err(|error| away(&error))?;
            let status = response.status().as_u16();
            let after = response.headers().get(http::header::RETRY_AFTER);
            let after = after.and_then(|value| value.to_str().ok()?.parse().ok());
            let after = after.map(|seconds: u64| Duration::from_secs(seconds.min(86_400)));
            let body = Limited::new(response.into_body(), MOST).collect().await;
            let body = body.map_err(|error| Trouble::Later { why: clean(&error.to_string()), after: None })?;
            Ok((status, after, body.to_bytes()))
        };
        let answer = self.server.runtime().block_on(async { tokio::time::timeout(ANSWER, answer).await });
        let (status, after, body) = answer.unwrap_or_else(|_| {
            Err(Trouble::Later { why: format!("no answer within {} s", ANSWER.as_secs()), after: None })
        })?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let message = body["message"].as_str().unwrap_or_default();
        let why = clean(&format!("{method} {}: {status} {message}", path.split('?').next().unwrap_or(path)));
        match status {
            200..=299 | 404 | 409 => Ok(Answer { status, body }),
            // A right that somebody has to grant: what was to be sent is as good as before.
            401 | 403 => Err(Trouble::Blocked { why }),
            408 | 429 | 500..=599 => Err(Trouble::Later { why, after }),
            _ => Err(Trouble::Refused { why }),
        }
    }

    /// What the API says of a node, asked once.
    pub(super) fn node(&self, name: &str) -> Result<Node, Trouble> {
        if let Some(known) = self.nodes.borrow().get(name) {
            return Ok(known.clone());
        }
        let node = if is_name(name) {
            match self.ask("GET", &format!("/api/v1/nodes/{name}"), "application/json", &Value::Null) {
                Ok(Answer { status: 404, .. }) => Node::Gone,
                Ok(Answer { body, .. }) => match body["metadata"]["uid"].as_str() {
                    Some(uid) => Node::There(uid.to_owned()),
                    None => {
                        return Err(Trouble::Later {
                            why: "a node without a uid was answered".to_owned(),
                            after: None,
                        });
                    }
                },
                Err(Trouble::Blocked { .. }) => Node::Hidden,
                Err(trouble) => return Err(trouble),
            }
        } else {
            // A name that no Node can have, and that must not lead elsewhere in a path.
            Node::Gone
        };
        self.nodes.borrow_mut().insert(name.to_owned(), node.clone());
        Ok(node)
    }
}

fn away(error: &kube::Error) -> Trouble {
    let mut why = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let words = cause.to_string();
        if !why.contains(&words) {
            why.push_str(": ");
            why.push_str(&words);
        }
        next = cause.source();
    }
    // The client's word for any failure on the way, which says nothing to a reader.
    Trouble::Later { why: clean(why.strip_prefix("ServiceError: ").unwrap_or(&why)), after: None }
}

/// The server's words on one line, and not more of them than anybody reads.
pub(super) fn clean(text: &str) -> String {
    let short: String = text.chars().take(SHOWN).collect();
    seaworthy_report::clean(&seaworthy_collect::redacted(&short)).into_owned()
}

/// Whether a word is a name as the API makes them, and so can stand in a path.
pub(super) fn is_name(word: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    word.len() <= 253
        && word.bytes().all(inner)
        && word.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}
