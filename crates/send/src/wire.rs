//! HTTP, once for all sinks: TLS is verified, redirects are not followed, answers are read up to a limit, and what an answer means for
//! a batch is decided here unless a sink knows better.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use ureq::http::{HeaderName, HeaderValue, Request};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::address::Address;
use crate::secret::{Secret, redact};
use crate::sink::Trouble;

/// At most so much of an answer is read.
const ANSWER: u64 = 4 << 20;
/// At most so much of it is shown.
const SHOWN: usize = 300;

/// How a receiver is reached and trusted.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Authorities, in PEM, instead of those of the system.
    pub ca_file: Option<PathBuf>,
    /// Our certificate, in PEM, with `client_key_file`.
    pub client_certificate_file: Option<PathBuf>,
    /// Its key, in PEM.
    pub client_key_file: Option<PathBuf>,
    /// A proxy: `http://HOST:PORT`. Without it, that of HTTPS_PROXY or HTTP_PROXY unless NO_PROXY names the host.
    pub proxy: Option<Secret>,
    /// How long a request may take, from the connection to the end of the answer.
    pub timeout: Option<Duration>,
}

/// A way to one receiver.
pub struct Wire {
    agent: ureq::Agent,
    /// `https://HOST:PORT`.
    base: String,
    /// Headers of every request.
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What must not appear in any message.
    secrets: Vec<Secret>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// `200`.
    pub status: u16,
    /// How long the receiver asks to be left alone.
    pub after: Option<Duration>,
    /// Where a redirect points.
    pub location: Option<String>,
    /// The kind of error, as the services of AWS name it beside the body: `x-amzn-errortype`.
    pub kind: Option<String>,
    /// Its body, as text.
    pub body: String,
}

impl Wire {
    /// A way to the address, by `trust`, with these headers in each request.
    ///
    /// # Errors
    /// A sentence: a file that cannot be read or holds no certificate or key, a header that is none, a proxy that is none.
    pub fn new(
        address: &Address,
        trust: &Trust,
        headers: &[(String, Secret)],
        secrets: &[Secret],
    ) -> Result<Wire, String> {
        let mut tls =
            TlsConfig::builder().unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
        if address.transport == "https" {
            let roots = roots(trust)?.iter().map(|der| Certificate::from_der(der).to_owned()).collect::<Vec<_>>();
            tls = tls.root_certs(RootCerts::from(roots));
            tls = tls.client_cert(client_certificate(trust)?);
        }
        let proxy = match &trust.proxy {
            Some(proxy) => {
                Some(ureq::Proxy::new(proxy.reveal()).map_err(|_| "the proxy is no URL such as http://HOST:PORT")?)
            }
            None => ureq::Proxy::try_from_env(),
        };
        let timeout = trust.timeout.unwrap_or(Duration::from_secs(30));
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy.filter(|_| !address.is_loopback()))
            .timeout_global(Some(timeout))
            .timeout_connect(Some(timeout.min(Duration::from_secs(10))))
            .user_agent(concat!("seaworthy/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build())
            .build()
            .new_agent();
        let mut list = Vec::new();
        for (name, value) in headers {
            let wrong = || format!("{name:?} and its value are no header");
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
            let mut value = HeaderValue::from_str(value.reveal()).map_err(|_| wrong())?;
            value.set_sensitive(true);
            list.push((header, value));
        }
        Ok(Wire { agent, base: address.base(), headers: list, secrets: secrets.to_vec() })
    }

    /// The same way with another base, `https://HOST:PORT`: where a service's address is not in the sink's URL.
    pub fn to(mut self, base: String) -> Wire {
        self.base = base;
        self
    }

    /// `https://HOST:PORT`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request with a body. `path` begins with `/` and may hold a query; a header of `headers` stands beside those of all.
    ///
    /// # Errors
    /// [`Trouble::Later`] if nothing answered in time or the connection broke; [`Trouble::Blocked`] if the other side is not who it
    /// should be.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, Trouble> {
        let blocked = |why: String| Trouble::Blocked { why };
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request =
            request.body(body).map_err(|error| blocked(self.clean(&format!("no request can be made: {error}"))))?;
        let mut response = self.agent.run(request).map_err(|error| self.trouble(&error))?;
        let text = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (after, location) = (text("retry-after").and_then(|value| retry_after(&value)), text("location"));
        let kind = text("x-amzn-errortype");
        let status = response.status().as_u16();
        let body =
            response.body_mut().with_config().limit(ANSWER).read_to_vec().map_err(|error| self.trouble(&error))?;
        Ok(Answer { status, after, location, kind, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// What an answer means where the receiver has no words of its own: a status of 200 to 299 is a yes.
    ///
    /// # Errors
    /// What the status means: see the code.
    pub fn judge(&self, answer: &Answer) -> Result<(), Trouble> {
        let why = self.shown(answer);
        match answer.status {
            200..=299 => Ok(()),
            300..=399 => {
                let to = answer.location.as_deref().unwrap_or("nowhere");
                let to = self.clean(to.split(['?', '#']).next().unwrap_or(""));
                Err(Trouble::Blocked { why: format!("{why}; redirects are not followed, it points to {to}") })
            }
            413 => Err(Trouble::TooLarge { why }),
            // Too early, too slow, too many, or a fault of the receiver's own.
            408 | 425 | 429 | 500..=599 => Err(Trouble::Later { why, after: answer.after }),
            // A token or an address that somebody has to mend: what was to be sent is as good as before.
            401 | 403 | 404 | 405 | 407 => Err(Trouble::Blocked { why }),
            _ => Err(Trouble::Refused { why }),
        }
    }

    /// `200: the beginning of the answer`, without secrets and on one line.
    pub fn shown(&self, answer: &Answer) -> String {
        let body = self.clean(answer.body.trim());
        let mut text = format!("it answered {}", answer.status);
        if !body.is_empty() {
            let short: String = body.chars().take(SHOWN).collect();
            let more = if short.len() < body.len() { "…" } else { "" };
            text.push_str(&format!(": {short}{more}"));
        }
        text
    }

    /// A text from elsewhere, without secrets and on one line.
    pub fn clean(&self, text: &str) -> String {
        seaworthy_report::clean(&redact(text, &self.secrets)).into_owned()
    }

    fn trouble(&self, error: &ureq::Error) -> Trouble {
        let why = self.clean(&error.to_string());
        let certificate = |error: &std::io::Error| {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            inner.is_some_and(is_distrust)
        };
        match error {
            ureq::Error::Rustls(inner) if is_distrust(inner) => Trouble::Blocked { why: format!("TLS failed: {why}") },
            ureq::Error::Io(inner) if certificate(inner) => Trouble::Blocked { why: format!("TLS failed: {why}") },
            ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_) | ureq::Error::InvalidProxyUrl => {
                Trouble::Blocked { why }
            }
            ureq::Error::BodyExceedsLimit(_) => {
                Trouble::Later { why: format!("its answer is longer than {ANSWER} bytes"), after: None }
            }
            _ => Trouble::Later { why, after: None },
        }
    }
}

/// Whether it is the other side's certificate that is not accepted, or ours, rather than a connection that broke.
pub(crate) fn is_distrust(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::InvalidCertificate(_) | rustls::Error::AlertReceived(_) | rustls::Error::NoCertificatesPresented
    )
}

/// The authorities to trust: those of `ca_file`, else the system's.
///
/// # Errors
/// A sentence: the file cannot be read or holds no certificate, or the system has none.
pub fn roots(trust: &Trust) -> Result<Vec<CertificateDer<'static>>, String> {
    if let Some(path) = &trust.ca_file {
        let named = |error: &dyn std::fmt::Display| format!("ca-file {}: {error}", path.display());
        let pem = std::fs::read(path).map_err(|error| named(&error))?;
        let list: Vec<_> =
            CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|error| named(&error))?;
        return if list.is_empty() { Err(named(&"it holds no certificate in PEM")) } else { Ok(list) };
    }
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        return Err("this system has no certificate authorities; give ca-file, or set SSL_CERT_FILE".to_owned());
    }
    Ok(found.certs)
}

/// Certificate and key that we present, as ureq wants them.
fn client_certificate(trust: &Trust) -> Result<Option<ClientCert>, String> {
    let Some((chain, key)) = client_pem(trust)? else { return Ok(None) };
    let wrong = |what: &str, error: &dyn std::fmt::Display| format!("{what}: {error}");
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<_, _>>()
        .map_err(|error| wrong("client-certificate-file", &error))?;
    let chain: Vec<Certificate<'static>> = chain.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    let key = PrivateKey::from_pem(&key).map_err(|error| wrong("client-key-file", &error))?;
    Ok(Some(ClientCert::new_with_certs(&chain, key)))
}

/// A certificate chain and its key, as they stand in their files.
pub type Pem = (Vec<u8>, Vec<u8>);

/// The two files, read; none if neither is given.
///
/// # Errors
/// A sentence: only one is given, or one cannot be read.
pub fn client_pem(trust: &Trust) -> Result<Option<Pem>, String> {
    let read =
        |what: &str, path: &PathBuf| std::fs::read(path).map_err(|error| format!("{what} {}: {error}", path.display()));
    match (&trust.client_certificate_file, &trust.client_key_file) {
        (None, None) => Ok(None),
        (Some(chain), Some(key)) => Ok(Some((read("client-certificate-file", chain)?, read("client-key-file", key)?))),
        _ => Err("client-certificate-file and client-key-file belong together".to_owned()),
    }
}

/// `Retry-After`: seconds, or a date. Not in the past, and at most a day: nobody means more.
fn retry_after(value: &str) -> Option<Duration> {
    let value = value.trim();
    let most = Duration::from_secs(86_400);
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(most));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(SystemTime::from(date).duration_since(SystemTime::now()).unwrap_or_default().min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let day = Duration::from_secs(86_400);
        for (value, wanted) in [
            ("0", Some(Duration::ZERO)),
            (" 120 ", Some(Duration::from_secs(120))),
            ("999999999", Some(day)),
            // The past, whatever the clock says, and a date that no day of ours is near.
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(Duration::ZERO)),
            ("Fri, 01 Jan 2999 00:00:00 GMT", None),
            ("Tue, 01 Jan 2999 00:00:00 GMT", Some(day)),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(retry_after(value), wanted, "{value:?}");
        }
        let soon = jiff::Timestamp::now() + Duration::from_secs(3600);
        let text = soon.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let rest = retry_after(&text).unwrap();
        assert!(rest > Duration::from_secs(3000) && rest <= Duration::from_secs(3600), "{text}: {rest:?}");
    }
}
