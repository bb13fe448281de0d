//! The probes that a manifest declares, with the defaults that the API server or kubelet would fill in.

use std::net::IpAddr;
use std::time::Duration;

use seaworthy_yaml::Node;

/// A probe of a container, or the kubelet's own health endpoint in the same form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The container whose probe it is.
    pub container: String,
    /// Which of its probes.
    pub kind: ProbeKind,
    /// What is asked.
    pub action: Action,
    /// Whether the pod's address is the node's (`hostNetwork`). If not, a probe without a host of its own cannot be asked from here.
    pub host_network: bool,
    /// How often the kubelet asks.
    pub period: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How many failures in a row make it fail.
    pub failure_threshold: u32,
    /// How many successes in a row make it succeed.
    pub success_threshold: u32,
    /// How long after the container's start the kubelet first asks.
    pub initial_delay: Duration,
}

/// The kinds of probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    /// Until it succeeds the others are not asked; if it fails the container is killed.
    Startup,
    /// While it fails the pod is not ready.
    Readiness,
    /// If it fails the container is killed.
    Liveness,
    /// No probe of a container: the kubelet's own `/healthz`.
    Healthz,
}

impl ProbeKind {
    /// `startup`, `readiness`, `liveness`, `healthz`.
    pub fn name(self) -> &'static str {
        match self {
            ProbeKind::Startup => "startup",
            ProbeKind::Readiness => "readiness",
            ProbeKind::Liveness => "liveness",
            ProbeKind::Healthz => "healthz",
        }
    }
}

/// What a probe asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A GET request.
    HttpGet {
        /// With TLS or without.
        scheme: Scheme,
        /// The host; the pod's address if not set.
        host: Option<String>,
        /// The port.
        port: u16,
        /// Path and query, as declared.
        path: String,
        /// Headers that the manifest adds.
        headers: Vec<Header>,
    },
    /// A connection that is opened and closed.
    TcpSocket {
        /// The host; the pod's address if not set.
        host: Option<String>,
        /// The port.
        port: u16,
    },
    /// A command in the container. Only the container runtime can run it.
    Exec {
        /// The command.
        command: Vec<String>,
    },
    /// A call of gRPC's health service.
    Grpc {
        /// The port.
        port: u16,
        /// The service that is asked about.
        service: Option<String>,
    },
    /// Nothing can be asked, such as an endpoint that is switched off.
    Nothing {
        /// Why.
        why: String,
    },
}

/// With TLS or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Without.
    Http,
    /// With; certificates are not verified.
    Https,
}

/// A header. Its value may be a credential and is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Header({}: …)", self.name)
    }
}

/// Why a manifest's probes cannot be told. The kubelet would refuse the manifest, too.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// A number is none, is negative or too large. Correct it in the manifest.
    #[error("line {line}: {probe}: {field} is no number from 0 to 2147483647")]
    Number {
        /// Container and kind.
        probe: String,
        /// The field.
        field: &'static str,
        /// Its line.
        line: u32,
    },
    /// A port is neither a number nor the name of one of the container's ports. Correct it, or name the port.
    #[error(
        "line {line}: {probe}: the port {port:?} is neither a number from 1 to 65535 nor a port that the container names"
    )]
    Port {
        /// Container and kind.
        probe: String,
        /// The port.
        port: String,
        /// Its line.
        line: u32,
    },
    /// The scheme is neither HTTP nor HTTPS. Correct it.
    #[error("line {line}: {probe}: the scheme {scheme:?} is neither HTTP nor HTTPS")]
    Scheme {
        /// Container and kind.
        probe: String,
        /// The scheme.
        scheme: String,
        /// Its line.
        line: u32,
    },
    /// It says nothing that could be asked. Add httpGet, tcpSocket, exec or grpc.
    #[error("line {line}: {probe}: none of httpGet, tcpSocket, exec and grpc")]
    NoAction {
        /// Container and kind.
        probe: String,
        /// Its line.
        line: u32,
    },
}

/// All probes of a Pod's containers, and of those init containers that go on running.
///
/// # Errors
/// See [`ProbeError`].
pub fn probes(pod: &Node) -> Result<Vec<Probe>, ProbeError> {
    let host_network = pod.path("spec.hostNetwork").and_then(Node::as_bool).unwrap_or(false);
    let list = |key: &str| pod.path(key).and_then(Node::as_list).unwrap_or_default().iter();
    let sidecar = |node: &&Node| text(node.get("restartPolicy")).as_deref() == Some("Always");
    let mut found = Vec::new();
    for container in list("spec.containers").chain(list("spec.initContainers").filter(sidecar)) {
        for kind in [ProbeKind::Startup, ProbeKind::Readiness, ProbeKind::Liveness] {
            let node = container.get(&format!("{}Probe", kind.name())).filter(|node| !node.is_null());
            if let Some(node) = node {
                found.push(probe(container, kind, node, host_network)?);
            }
        }
    }
    Ok(found)
}

fn probe(container: &Node, kind: ProbeKind, node: &Node, host_network: bool) -> Result<Probe, ProbeError> {
    let name = text(container.get("name")).unwrap_or_default();
    let probe = format!("{name}: {} probe", kind.name());
    // Zero means "not set" here, as everywhere in this API.
    let number = |field: &'static str, default: u32| match node.get(field) {
        None => Ok(default),
        Some(node) if node.is_null() => Ok(default),
        Some(node) => match node.as_int().and_then(|value| i32::try_from(value).ok()).map(u32::try_from) {
            Some(Ok(0)) => Ok(default),
            Some(Ok(value)) => Ok(value),
            _ => Err(ProbeError::Number { probe: probe.clone(), field, line: node.span.line }),
        },
    };
    let seconds = |field, default| number(field, default).map(|value| Duration::from_secs(value.into()));
    Ok(Probe {
        action: action(container, node, &probe)?,
        container: name,
        kind,
        host_network,
        period: seconds("periodSeconds", 10)?,
        timeout: seconds("timeoutSeconds", 1)?,
        failure_threshold: number("failureThreshold", 3)?,
        success_threshold: number("successThreshold", 1)?,
        initial_delay: seconds("initialDelaySeconds", 0)?,
    })
}

fn action(container: &Node, node: &Node, probe: &str) -> Result<Action, ProbeError> {
    let part = |key: &str| node.get(key).filter(|node| !node.is_null());
    let host = |node: &Node| text(node.get("host")).filter(|host| !host.is_empty());
    if let Some(get) = part("httpGet") {
        let scheme = match text(get.get("scheme")).as_deref() {
            None | Some("" | "HTTP") => Scheme::Http,
            Some("HTTPS") => Scheme::Https,
            Some(other) => {
                let line = get.span.line;
                return Err(ProbeError::Scheme { probe: probe.to_owned(), scheme: other.to_owned(), line });
            }
        };
        let headers = get.get("httpHeaders").and_then(Node::as_list).unwrap_or_default().iter();
        let headers = headers.map(|node| Header {
            name: text(node.get("name")).unwrap_or_default(),
            value: text(node.get("value")).unwrap_or_default(),
        });
        return Ok(Action::HttpGet {
            scheme,
            host: host(get),
            port: port(container, get, probe)?,
            path: text(get.get("path")).filter(|path| !path.is_empty()).unwrap_or_else(|| "/".to_owned()),
            headers: headers.collect(),
        });
    }
    if let Some(socket) = part("tcpSocket") {
        return Ok(Action::TcpSocket { host: host(socket), port: port(container, socket, probe)? });
    }
    if let Some(exec) = part("exec") {
        let words = exec.get("command").and_then(Node::as_list).unwrap_or_default();
        return Ok(Action::Exec { command: words.iter().filter_map(|word| text(Some(word))).collect() });
    }
    if let Some(grpc) = part("grpc") {
        let service = text(grpc.get("service")).filter(|service| !service.is_empty());
        return Ok(Action::Grpc { port: port(container, grpc, probe)?, service });
    }
    Err(ProbeError::NoAction { probe: probe.to_owned(), line: node.span.line })
}

/// A port: a number, or the name of one of the container's ports, or (as the kubelet has it) a text that is a number.
fn port(container: &Node, node: &Node, probe: &str) -> Result<u16, ProbeError> {
    let port = node.get("port");
    let valid = |value: i64| u16::try_from(value).ok().filter(|port| *port > 0);
    let found = match port.and_then(Node::as_str) {
        None => port.and_then(Node::as_int).and_then(valid),
        Some(name) => {
            let ports = container.get("ports").and_then(Node::as_list).unwrap_or_default();
            let named = ports.iter().find(|port| text(port.get("name")).as_deref() == Some(name));
            let named = named.map(|port| port.get("containerPort").and_then(Node::as_int));
            named.unwrap_or_else(|| name.parse().ok()).and_then(valid)
        }
    };
    found.ok_or_else(|| ProbeError::Port {
        probe: probe.to_owned(),
        port: text(port).unwrap_or_default(),
        line: port.unwrap_or(node).span.line,
    })
}

fn text(node: Option<&Node>) -> Option<String> {
    node.and_then(Node::text).map(|text| text.into_owned())
}

impl Probe {
    /// The kubelet's `/healthz` as its configuration has it. Port 0: it is switched off, and cannot be asked.
    #[must_use]
    pub fn kubelet_healthz(address: IpAddr, port: u16) -> Probe {
        let action = if port == 0 {
            Action::Nothing { why: "the kubelet's healthz endpoint is switched off (healthzPort is 0)".to_owned() }
        } else {
            // An address that stands for all of them is asked through the loopback, as a person would.
            let host = match address {
                IpAddr::V4(v4) if v4.is_unspecified() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
                IpAddr::V6(v6) if v6.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
                other => other,
            };
            let path = "/healthz".to_owned();
            Action::HttpGet { scheme: Scheme::Http, host: Some(host.to_string()), port, path, headers: Vec::new() }
        };
        Probe {
            container: "kubelet".to_owned(),
            kind: ProbeKind::Healthz,
            action,
            host_network: true,
            period: Duration::from_secs(10),
            timeout: Duration::from_secs(2),
            failure_threshold: 3,
            success_threshold: 1,
            initial_delay: Duration::ZERO,
        }
    }

    /// `kube-apiserver's liveness probe`.
    #[must_use]
    pub fn title(&self) -> String {
        match self.kind {
            ProbeKind::Healthz => format!("the {}'s healthz", self.container),
            kind => format!("{}'s {} probe", self.container, kind.name()),
        }
    }
}
