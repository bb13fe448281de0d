//! A Kubernetes API server, by a kubeconfig or a pod's service account.

use std::cell::RefCell;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use super::api::{Api, Refusal, Request};
use crate::node::certificates;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// After so many requests in a row without an answer the rest is not tried: the server is gone.
const SILENCES: u32 = 2;
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(60);
/// How often a request is sent again if the server is busy and asks for it, and how long it is waited each time at most.
const AGAIN: u32 = 3;
const PAUSE: Duration = Duration::from_secs(2);
/// How long a kubelet may take to answer through the API server.
const KUBELET: Duration = Duration::from_secs(5);

/// How the API is reached.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// A kubeconfig; `KUBECONFIG`, `~/.kube/config` or the pod's service account if not given.
    pub kubeconfig: Option<PathBuf>,
    /// The context of that kubeconfig; its current one if not given.
    pub context: Option<String>,
}

/// Why the API cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no kubeconfig and no service account, or what there is cannot be read. Give `--kubeconfig`.
    #[error("{0}")]
    Config(String),
    /// The kubeconfig turns the verification of certificates off. Give it the server's certificate authority.
    #[error(
        "the kubeconfig says insecure-skip-tls-verify, and certificates are always verified here: give it certificate-authority-data instead"
    )]
    Insecure,
    /// The kubeconfig's server is reached without TLS, so that anybody on the way could answer in its place and read the credentials.
    #[error(
        "{0} is no https address, and servers are always verified here; only a proxy on this machine needs no certificate"
    )]
    Plain(String),
    /// The client could not be made: a certificate or key that makes no sense, or no way to wait for answers.
    #[error("{0}")]
    Client(String),
}

/// A connection to an API server, and what drives it.
pub struct Server {
    runtime: tokio::runtime::Runtime,
    client: Client,
    /// Sends a request once: the other waits for minutes where a server that stands behind the API server is gone.
    reader: Client,
    name: String,
    namespace: String,
    authority: Option<String>,
    /// How often in a row there was no answer at all, and what was said last.
    silence: RefCell<(u32, String)>,
}

impl Server {
    /// Prepares to ask. Nothing is sent yet.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub fn connect(access: &Access) -> Result<Server, ConnectError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ConnectError::Client(error.to_string()))?;
        let mut config = runtime.block_on(config(access))?;
        if config.accept_invalid_certs {
            return Err(ConnectError::Insecure);
        }
        if config.cluster_url.scheme_str() != Some("https") && !config.cluster_url.host().is_some_and(here) {
            return Err(ConnectError::Plain(config.cluster_url.to_string()));
        }
        config.connect_timeout = Some(CONNECT);
        let name = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let namespace = config.default_namespace.clone();
        let authority = config.root_cert.as_ref().and_then(|list| {
            let mut found = list.iter().filter_map(|der| certificates::of_der(der));
            found.find(|certificate| certificate.authority).map(|certificate| certificate.public_key_sha256)
        });
        let mut once = config.clone();
        once.default_retry = false;
        let (client, reader) = {
            let _inside = runtime.enter();
            let made = |config| Client::try_from(config).map_err(|error| ConnectError::Client(chain(&error)));
            (made(config)?, made(once)?)
        };
        Ok(Server { runtime, client, reader, name, namespace, authority, silence: RefCell::default() })
    }

    /// The client, for those who do more than read.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A client that sends each request once, for those who have a patience of their own.
    pub fn once(&self) -> &Client {
        &self.reader
    }

    /// What runs the client's work.
    pub fn runtime(&self) -> &tokio::runtime::Runtime {
        &self.runtime
    }

    /// The namespace of the kubeconfig's context or of the pod.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// SHA-256 of the public key of the authority by which the server is verified.
    pub(crate) fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    async fn answer(&self, request: &Request) -> Result<Vec<u8>, Unanswered> {
        let mut uri = format!("/{}", request.path);
        if !request.query.is_empty() {
            uri.push('?');
            uri.push_str(&request.query);
        }
        let mut times = 0;
        let response = loop {
            let asked = http::Request::get(&uri)
                .header(http::header::ACCEPT, request.accept())
                .body(kube::client::Body::empty())
                .map_err(|error| Refusal::Broken(chain(&error)))?;
            let response = self.reader.send(asked).await.map_err(|error| Unanswered::Silent(chain(&error)))?;
            match pause(&response) {
                Some(pause) if times < AGAIN && !request.of_kubelet() => tokio::time::sleep(pause).await,
                _ => break response,
            }
            times += 1;
        };
        let code = response.status();
        let body = Limited::new(response.into_body(), request.limit()).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Refusal::Broken(format!("the answer is larger than {} MiB", request.limit() >> 20))
            } else {
                Refusal::Broken(chain(&*error))
            }
        })?;
        let bytes = body.to_bytes();
        if code.is_success() {
            return Ok(bytes.into());
        }
        #[derive(serde::Deserialize)]
        struct Status {
            #[serde(default)]
            message: String,
        }
        let message = serde_json::from_slice::<Status>(&bytes).map(|status| status.message).unwrap_or_default();
        Err(super::refusal(code.as_u16(), &message).into())
    }
}

impl Api for Server {
    fn name(&self) -> &str {
        &self.name
    }

    fn get(&self, request: &Request) -> Result<Vec<u8>, Refusal> {
        if self.silence.borrow().0 >= SILENCES {
            return Err(Refusal::Broken(self.silence.borrow().1.clone()));
        }
        let kubelet = request.of_kubelet();
        let limit = if kubelet { KUBELET } else { ANSWER };
        let answer = self.runtime.block_on(async {
            let timeout = tokio::time::timeout(limit, self.answer(request)).await;
            timeout.unwrap_or_else(|_| Err(Unanswered::Silent(format!("no answer within {} s", limit.as_secs()))))
        });
        let mut silence = self.silence.borrow_mut();
        match answer {
            Ok(bytes) => {
                silence.0 = 0;
                Ok(bytes)
            }
            Err(Unanswered::Refused(refusal)) => {
                silence.0 = 0;
                Err(refusal)
            }
            Err(Unanswered::Silent(error)) => {
                // That one kubelet does not answer says nothing about the server.
                if !kubelet {
                    *silence = (silence.0 + 1, error.clone());
                }
                Err(Refusal::Broken(error))
            }
        }
    }

    fn recorded(&self) -> bool {
        false
    }
}

/// How long to wait before the same is asked again, if the server is busy and says to come back.
fn pause<B>(response: &http::Response<B>) -> Option<Duration> {
    let busy = matches!(response.status().as_u16(), 429 | 503);
    let after = response.headers().get(http::header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    busy.then(|| Duration::from_secs(after).min(PAUSE))
}

/// Whether a host is this machine, without asking anybody.
fn here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Why a request has no answer.
enum Unanswered {
    /// Nobody answered.
    Silent(String),
    /// The server did.
    Refused(Refusal),
}

impl From<Refusal> for Unanswered {
    fn from(refusal: Refusal) -> Self {
        Unanswered::Refused(refusal)
    }
}

async fn config(access: &Access) -> Result<Config, ConnectError> {
    let options = KubeConfigOptions { context: access.context.clone(), ..KubeConfigOptions::default() };
    if let Some(path) = &access.kubeconfig {
        let named =
            |error: &dyn std::error::Error| ConnectError::Config(format!("{}: {}", path.display(), chain(error)));
        let file = Kubeconfig::read_from(path).map_err(|error| named(&error))?;
        return Config::from_custom_kubeconfig(file, &options).await.map_err(|error| named(&error));
    }
    if access.context.is_some() {
        let found = Config::from_kubeconfig(&options).await;
        return found.map_err(|error| ConnectError::Config(chain(&error)));
    }
    Config::infer().await.map_err(|error| {
        ConnectError::Config(format!("neither a kubeconfig nor a pod's service account: {}", chain(&error)))
    })
}

/// An error and what caused it, in one line, without repetitions.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        next = cause.source();
    }
    // The client's word for any failure on the way, which says nothing to a reader.
    text.strip_prefix("ServiceError: ").map(str::to_owned).unwrap_or(text)
}
