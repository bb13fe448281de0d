//! TLS: whom a sink trusts, and who it says it is itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use seaworthy_send::outgoing::When;

use crate::sample::{mixed, prepared, send};

/// An authority of this test's own; each has a name of its own, by which a certificate's issuer is looked for.
pub(crate) fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for a name, and its key.
pub(crate) fn issued(by: &CertifiedIssuer<'static, KeyPair>, name: &str) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    (CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, by).unwrap(), key)
}

/// A server that answers 200, and counts connections and requests.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<(usize, usize)>>,
}

impl Server {
    /// With this certificate; who connects needs one of `clients`, where it is given.
    pub(crate) fn start(
        (cert, key): (rcgen::Certificate, KeyPair),
        clients: Option<&CertifiedIssuer<'static, KeyPair>>,
    ) -> Server {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(issuer) => {
                let mut roots = rustls::RootCertStore::empty();
                roots.add(issuer.der().clone()).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
                builder.with_client_cert_verifier(verifier)
            }
        };
        let chain: Vec<CertificateDer<'static>> = vec![cert.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = Arc::new(builder.with_single_cert(chain, key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Mutex::new((0, 0))));
        let counts = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counts.lock().unwrap().0 += 1;
                let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut reader = BufReader::new(rustls::StreamOwned::new(connection, stream));
                while let Some(length) = head(&mut reader) {
                    if reader.read_exact(&mut vec![0; length]).is_err() {
                        break;
                    }
                    counts.lock().unwrap().1 += 1;
                    let _ = reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
                }
            }
        });
        Server { address, seen }
    }

    /// Connections and requests so far.
    pub(crate) fn seen(&self) -> (usize, usize) {
        *self.seen.lock().unwrap()
    }
}

/// Reads a request's head; how long its body is.
fn head(reader: &mut impl BufRead) -> Option<usize> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            return Some(length);
        }
    }
}

fn outcome(dir: &Path, server: &Server, lines: &str) -> seaworthy_send::deliver::Outcome {
    let url = format!("url = \"falcosidekick+https://{}/\"\n{lines}", server.address);
    send(&prepared(&url, Some(&dir.join("state"))), &mixed(), When::Failures)
}

pub(crate) fn pem(dir: &Path, name: &str, text: &str) -> String {
    std::fs::write(dir.join(name), text).unwrap();
    dir.join(name).display().to_string()
}

#[test]
fn who_is_vouched_for_is_trusted() {
    let (dir, ours) = (tempfile::tempdir().unwrap(), authority("ours"));
    let server = Server::start(issued(&ours, "127.0.0.1"), None);
    let lines = format!("ca-file = {:?}", pem(dir.path(), "ca.pem", &ours.pem()));
    let outcome = outcome(dir.path(), &server, &lines);
    assert!(outcome.is_complete() && outcome.sent == 1, "{outcome:?}");
    assert_eq!(server.seen(), (1, 1));
}

#[test]
fn a_wrong_name_and_an_unknown_authority_are_not() {
    let (ours, other) = (authority("ours"), authority("other"));
    for (issuer, name, why) in [(&ours, "falco.example", "name"), (&other, "127.0.0.1", "UnknownIssuer")] {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(issued(issuer, name), None);
        let lines = format!("ca-file = {:?}", pem(dir.path(), "ca.pem", &ours.pem()));
        let outcome = outcome(dir.path(), &server, &lines);
        assert_eq!((outcome.sent, outcome.left), (0, 1), "{outcome:?}");
        let trouble = outcome.trouble.unwrap();
        assert!(trouble.starts_with("TLS failed") && trouble.contains(why), "{trouble}");
        // Nobody mends a certificate within seconds, so it is not tried again.
        assert_eq!(server.seen(), (1, 0));
    }
}

#[test]
fn a_client_certificate_is_shown_where_one_is_asked_for() {
    let (dir, ours) = (tempfile::tempdir().unwrap(), authority("ours"));
    let server = Server::start(issued(&ours, "127.0.0.1"), Some(&ours));
    let trust = format!("ca-file = {:?}", pem(dir.path(), "ca.pem", &ours.pem()));
    let without = outcome(dir.path(), &server, &trust);
    assert_eq!((without.sent, without.left), (0, 1), "{without:?}");
    assert_eq!(server.seen().1, 0);
    let (cert, key) = issued(&ours, "client");
    let lines = format!(
        "{trust}\nclient-certificate-file = {:?}\nclient-key-file = {:?}",
        pem(dir.path(), "client.pem", &cert.pem()),
        pem(dir.path(), "client.key", &key.serialize_pem()),
    );
    let with = outcome(dir.path(), &server, &lines);
    assert!(with.is_complete() && with.sent >= 1, "{with:?}");
    assert!(!format!("{with:?} {without:?}").contains("PRIVATE"));
}
