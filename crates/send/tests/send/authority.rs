//! A TLS receiver with an authority of its own.

use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Certificates in a folder: ca.pem, server.pem, server.key, client.pem, client.key.
pub(crate) struct Files {
    dir: tempfile::TempDir,
}

impl Files {
    /// Those of an authority and of a server with this name.
    pub(crate) fn new(name: &str) -> Files {
        let dir = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        std::fs::write(dir.path().join("ca.pem"), ca.pem()).unwrap();
        for (file, name) in [("server", name), ("client", "seaworthy.example")] {
            let key = KeyPair::generate().unwrap();
            let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &ca).unwrap();
            std::fs::write(dir.path().join(format!("{file}.pem")), certificate.pem()).unwrap();
            std::fs::write(dir.path().join(format!("{file}.key")), key.serialize_pem()).unwrap();
        }
        Files { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The settings of our own certificate.
    pub(crate) fn client_lines(&self) -> String {
        format!(
            "client-certificate-file = {:?}\nclient-key-file = {:?}",
            self.path("client.pem"),
            self.path("client.key")
        )
    }

    fn chain(&self, name: &str) -> Vec<CertificateDer<'static>> {
        CertificateDer::pem_file_iter(self.path(name)).unwrap().map(Result::unwrap).collect()
    }
}

/// A receiver.
pub(crate) struct Server {
    pub(crate) port: u16,
    /// What it read of each connection, when that has ended.
    pub(crate) received: mpsc::Receiver<Vec<u8>>,
}

impl Server {
    /// Starts one; `wants` a certificate of its clients or not.
    pub(crate) fn start(files: &Files, wants: bool) -> Server {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
        let builder = if wants {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(files.chain("ca.pem"));
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::from_pem_file(files.path("server.key")).unwrap();
        let config = Arc::new(builder.with_single_cert(files.chain("server.pem"), key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (out, received) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = StreamOwned::new(connection, stream);
                let mut bytes = Vec::new();
                let _ = stream.read_to_end(&mut bytes);
                let _ = out.send(bytes);
            }
        });
        Server { port, received }
    }
}
