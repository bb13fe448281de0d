//! A GET request of a probe, with the kubelet's headers and its way with redirects.

use http::header::{ACCEPT, CONNECTION, HOST, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

use super::io::Io;
use super::{KEPT, Outcome, Reply, tls};
use crate::health::logs::safe;
use crate::health::{Header, Scheme};

/// What the kubelet calls itself. Servers log it, and some answer by it.
const AGENT: &str = "kube-probe/1.34";
/// The most that the kubelet reads of a body.
const BODY: usize = 10 << 10;
/// How many redirects the kubelet follows.
const REDIRECTS: usize = 10;

/// Where a request goes.
struct Address {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
}

pub(super) async fn get(scheme: Scheme, host: &str, port: u16, path: &str, headers: &[Header]) -> Outcome {
    let headers = match header_map(headers) {
        Ok(headers) => headers,
        Err(error) => return Outcome::failed(error),
    };
    let mut address = Address { scheme, host: host.to_owned(), port, path: encoded(path) };
    for _ in 0..REDIRECTS {
        let response = match send(&address, &headers).await {
            Ok(response) => response,
            Err(error) => return Outcome::failed(error),
        };
        let status = response.status();
        let location =
            response.headers().get(LOCATION).filter(|_| matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308));
        let Some(location) = location else {
            let note = status.is_redirection().then(|| format!("it answered {status}, which counts as a success"));
            return finish(response, note).await;
        };
        let Some(next) = address.follow(location) else {
            return Outcome::failed(format!("it answered {status} and leads to a place that is none"));
        };
        if !next.host.eq_ignore_ascii_case(&address.host) {
            let note = format!("it leads to {}, another host; the kubelet takes that for a success", safe(&next.host));
            return finish(response, Some(note)).await;
        }
        address = next;
    }
    Outcome::failed("stopped after 10 redirects")
}

/// The headers of the request, without the host.
fn header_map(extra: &[Header]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    for header in extra {
        // The value may be a credential and is not repeated.
        let invalid = || format!("the header {:?} cannot be sent", safe(&header.name));
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| invalid())?;
        let value = HeaderValue::from_str(&header.value).map_err(|_| invalid())?;
        if headers.get(&name).is_some_and(|old| old == AGENT || old == "*/*") {
            headers.remove(&name);
        }
        if !(value.is_empty() && (name == ACCEPT || name == USER_AGENT)) {
            headers.append(name, value);
        }
    }
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(headers)
}

async fn send(address: &Address, headers: &HeaderMap) -> Result<Response<Incoming>, String> {
    let mut request = Request::new(Empty::<Bytes>::new());
    *request.uri_mut() = address.path.parse::<Uri>().map_err(|error| format!("the path: {error}"))?;
    *request.headers_mut() = headers.clone();
    if !headers.contains_key(HOST) {
        let host = HeaderValue::from_str(&address.authority()).map_err(|_| "the host is none".to_owned())?;
        request.headers_mut().insert(HOST, host);
    }
    let socket = TcpStream::connect((address.host.as_str(), address.port)).await.map_err(|error| error.to_string())?;
    match address.scheme {
        Scheme::Http => talk(socket, request).await,
        Scheme::Https => {
            let config = tls::config().map_err(|error| format!("TLS: {error}"))?;
            let name = ServerName::try_from(address.host.clone()).map_err(|_| "the host is none".to_owned())?;
            let connector = tokio_rustls::TlsConnector::from(config);
            let socket = connector.connect(name, socket).await.map_err(|error| format!("TLS handshake: {error}"))?;
            talk(socket, request).await
        }
    }
}

async fn talk<S>(socket: S, request: Request<Empty<Bytes>>) -> Result<Response<Incoming>, String>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .title_case_headers(true)
        .handshake(Io(socket))
        .await
        .map_err(|error| words(&error))?;
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(|error| words(&error))
}

/// hyper's errors hide the system's word in their source.
fn words(error: &hyper::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => safe(&format!("{error}: {source}")),
        None => safe(&error.to_string()),
    }
}

async fn finish(response: Response<Incoming>, note: Option<String>) -> Outcome {
    let status = response.status();
    let mut body = response.into_body();
    let (mut kept, mut read, mut error) = (Vec::new(), 0, None);
    while read < BODY {
        match body.frame().await {
            None => break,
            Some(Ok(frame)) => {
                let data = frame.data_ref().map_or(&[][..], |data| data);
                read += data.len();
                kept.extend_from_slice(&data[..data.len().min(KEPT - kept.len())]);
            }
            Some(Err(broken)) => {
                error = Some(words(&broken));
                break;
            }
        }
    }
    let text = String::from_utf8_lossy(&kept);
    let success = error.is_none() && (200..400).contains(&status.as_u16());
    let note = note.filter(|_| success);
    let reply = Reply { status: Some(status.as_u16()), body: safe(text.trim()), error, note, ..Reply::default() };
    Outcome { success, reply }
}

/// Path and query as Go's URLs write them: what may not stand in one is escaped, a fragment is not sent.
fn encoded(path: &str) -> String {
    let path = path.split('#').next().unwrap_or_default();
    let mut out = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') {
        out.push('/');
    }
    for byte in path.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

impl Address {
    /// Host and port for the header: the port, too, where it is the scheme's own, since the kubelet always writes it.
    fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{host}:{}", self.port)
    }

    /// Where a `Location` leads from here.
    fn follow(&self, location: &HeaderValue) -> Option<Address> {
        let location = std::str::from_utf8(location.as_bytes()).ok()?;
        let location = location.split('#').next()?;
        let absolute = match location.strip_prefix("//") {
            Some(_) => Some(format!("{}:{location}", self.scheme.word())),
            None => location.contains("://").then(|| location.to_owned()),
        };
        if let Some(absolute) = absolute {
            let uri: Uri = absolute.parse().ok()?;
            let (scheme, default) = match uri.scheme_str()? {
                "http" => (Scheme::Http, 80),
                "https" => (Scheme::Https, 443),
                _ => return None,
            };
            let host = uri.host()?.trim_matches(['[', ']']).to_owned();
            let path = uri.path_and_query().map_or("/", |path| path.as_str());
            return Some(Address { scheme, host, port: uri.port_u16().unwrap_or(default), path: encoded(path) });
        }
        let bare = self.path.split('?').next().unwrap_or_default();
        let path = match location.chars().next() {
            Some('/') => location.to_owned(),
            Some('?') => format!("{bare}{location}"),
            None => self.path.clone(),
            Some(_) => format!("{}/{location}", bare.rsplit_once('/').map_or("", |(directory, _)| directory)),
        };
        Some(Address { scheme: self.scheme, host: self.host.clone(), port: self.port, path: encoded(&path) })
    }
}

impl Scheme {
    fn word(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}
