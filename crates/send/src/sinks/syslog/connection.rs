//! The way to a receiver: datagrams, or one connection a batch.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde::Deserialize;

use crate::address::Address;
use crate::sink::Trouble;
use crate::wire::{Trust, client_pem, is_distrust, roots};

/// How long a batch may take unless another time is set.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How many milliseconds the other machine may leave the last bytes unacknowledged. Shorter than [`CLOSE`], so that it is noticed within.
const ACKNOWLEDGE: u32 = 4_000;
/// How long is waited for the other side to close after all is written. Many do at once; one that does not has acknowledged by then.
const CLOSE: Duration = Duration::from_secs(5);
/// How long is waited after the other side has closed for word that it had closed too early: twice the way there and back, within this.
const LATE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));
/// How long is waited for word that nobody listens, which the other machine sends back at once or not at all.
const UNREACHABLE: Duration = Duration::from_millis(100);
/// After so many datagrams there is a pause of a millisecond: receivers have small buffers and say nothing of what did not fit.
const BURST: usize = 20;
/// At most so much is read of a receiver that talks.
const TALK: usize = 64 << 10;

/// How messages are told apart in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Framing {
    /// Each begins with its length.
    #[default]
    OctetCounting,
    /// Each ends with a newline; none holds one.
    Newline,
}

/// Where a receiver is and how it is reached.
pub(super) struct Connection {
    host: String,
    port: u16,
    udp: bool,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    framing: Framing,
    timeout: Duration,
}

impl Connection {
    /// # Errors
    /// A sentence: a file of certificates or keys that cannot be used, a host that no certificate can name.
    pub(super) fn new(address: &Address, trust: &Trust, framing: Framing) -> Result<Connection, String> {
        let own = trust.ca_file.is_some() || trust.client_certificate_file.is_some() || trust.client_key_file.is_some();
        let tls = match address.transport.as_str() {
            "tls" => {
                let name = ServerName::try_from(address.host.clone())
                    .map_err(|_| "the host is no name that a certificate could have".to_owned())?;
                Some((Arc::new(client(trust)?), name))
            }
            _ if own => {
                return Err("ca-file, client-certificate-file and client-key-file are for syslog+tls".to_owned());
            }
            _ => None,
        };
        let usual = match address.transport.as_str() {
            "udp" => 514,
            "tcp" => 601,
            _ => 6514,
        };
        Ok(Connection {
            host: address.host.clone(),
            port: address.port.unwrap_or(usual),
            udp: address.transport == "udp",
            tls,
            framing,
            timeout: trust.timeout.unwrap_or(TIMEOUT),
        })
    }

    /// Sends messages, and says what is known of them then.
    pub(super) fn send(&self, messages: &[&str]) -> Result<String, Trouble> {
        let addresses: Vec<SocketAddr> = (self.host.as_str(), self.port)
            .to_socket_addrs()
            .map_err(|error| later(format!("{} has no address: {error}", self.host)))?
            .collect();
        let mut last = later(format!("{} has no address", self.host));
        for address in addresses {
            // Only what nobody listens at is passed over: a message that may have arrived is not sent to the next address as well.
            let began = Instant::now();
            let stream =
                if self.udp { None } else { Some(TcpStream::connect_timeout(&address, self.timeout.min(CONNECT))) };
            let there_and_back = began.elapsed();
            match stream {
                None => match datagrams(address, messages) {
                    Err(trouble @ Trouble::Later { .. }) => last = trouble,
                    other => return other,
                },
                Some(Ok(stream)) => return self.stream(stream, messages, there_and_back),
                Some(Err(error)) => last = later(format!("{address} cannot be connected to: {error}")),
            }
        }
        Err(last)
    }

    fn stream(&self, stream: TcpStream, messages: &[&str], there_and_back: Duration) -> Result<String, Trouble> {
        let prepare = || {
            stream.set_nodelay(true)?;
            stream.set_write_timeout(Some(self.timeout))?;
            stream.set_read_timeout(Some(self.timeout.min(CONNECT)))?;
            stream.try_clone()
        };
        let socket = prepare().map_err(|error| trouble(&error))?;
        let end = Instant::now() + self.timeout;
        match &self.tls {
            None => {
                let mut stream = stream;
                self.write(&mut stream, messages, end)?;
                socket.shutdown(Shutdown::Write).map_err(|error| trouble(&error))?;
                closing(&mut stream, &socket, there_and_back)
            }
            Some((config, name)) => {
                let connection = ClientConnection::new(Arc::clone(config), name.clone())
                    .map_err(|error| Trouble::Blocked { why: format!("TLS failed: {error}") })?;
                let mut stream = StreamOwned::new(connection, stream);
                while stream.conn.is_handshaking() {
                    stream.conn.complete_io(&mut stream.sock).map_err(|error| trouble(&error))?;
                }
                self.encrypted(&mut stream, &socket, messages, end, there_and_back)
                    .map_err(|trouble| alert(&mut stream).unwrap_or(trouble))
            }
        }
    }

    fn encrypted(
        &self,
        stream: &mut Encrypted,
        socket: &TcpStream,
        messages: &[&str],
        end: Instant,
        there_and_back: Duration,
    ) -> Result<String, Trouble> {
        self.write(stream, messages, end)?;
        stream.conn.send_close_notify();
        stream.flush().map_err(|error| trouble(&error))?;
        socket.shutdown(Shutdown::Write).map_err(|error| trouble(&error))?;
        closing(stream, socket, there_and_back)
    }

    fn write(&self, out: &mut impl Write, messages: &[&str], end: Instant) -> Result<(), Trouble> {
        // In pieces of a few messages: few packets, and time is looked at between them.
        for messages in messages.chunks(16) {
            if Instant::now() > end {
                return Err(later(format!("it takes more than {} s for a batch", self.timeout.as_secs())));
            }
            let mut bytes = Vec::new();
            for message in messages {
                if self.framing == Framing::OctetCounting {
                    bytes.extend_from_slice(format!("{} ", message.len()).as_bytes());
                }
                bytes.extend_from_slice(message.as_bytes());
                if self.framing == Framing::Newline {
                    bytes.push(b'\n');
                }
            }
            out.write_all(&bytes).map_err(|error| trouble(&error))?;
        }
        out.flush().map_err(|error| trouble(&error))
    }
}

type Encrypted = StreamOwned<ClientConnection, TcpStream>;

/// What the other side said before it broke the connection: that it does not accept our certificate it says after we began to write.
fn alert(stream: &mut Encrypted) -> Option<Trouble> {
    stream.sock.set_read_timeout(Some(UNREACHABLE)).ok()?;
    while stream.conn.read_tls(&mut stream.sock).ok()? > 0 {
        if let Err(error) = stream.conn.process_new_packets() {
            return is_distrust(&error).then(|| Trouble::Blocked { why: format!("TLS failed: {error}") });
        }
    }
    None
}

/// Waits for the other side to close or to say that the connection broke. It has all that it acknowledged; more it does not tell.
fn closing(stream: &mut impl Read, socket: &TcpStream, there_and_back: Duration) -> Result<String, Trouble> {
    // Not before: a receiver that is busy may leave bytes for longer while there is more to write.
    rustix::net::sockopt::set_tcp_user_timeout(socket, ACKNOWLEDGE).map_err(|error| trouble(&error.into()))?;
    let end = Instant::now() + CLOSE;
    let mut read = 0;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || read > TALK {
            return Ok("its machine acknowledged all bytes; it keeps the connection open".to_owned());
        }
        socket.set_read_timeout(Some(left)).map_err(|error| trouble(&error))?;
        match stream.read(&mut [0; 4096]) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) && !acknowledgement(&error) => {}
            // Closed without TLS's own word for it, as many do.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(trouble(&error)),
        }
    }
    // One that had closed before our bytes came says so only now: its end of the stream was on the way already.
    std::thread::sleep((there_and_back * 2).clamp(LATE.0, LATE.1));
    match socket.take_error() {
        Ok(None) => Ok("it took all bytes and closed the connection".to_owned()),
        Ok(Some(error)) | Err(error) => Err(trouble(&error)),
    }
}

/// Whether it is the connection that timed out, and not our waiting.
fn acknowledgement(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::TIMEDOUT.raw_os_error())
}

fn datagrams(address: SocketAddr, messages: &[&str]) -> Result<String, Trouble> {
    let open = || {
        let any: SocketAddr = if address.is_ipv6() { ([0_u16; 8], 0).into() } else { ([0_u8; 4], 0).into() };
        let socket = UdpSocket::bind(any)?;
        socket.connect(address)?;
        socket.set_read_timeout(Some(UNREACHABLE))?;
        Ok(socket)
    };
    let socket: UdpSocket = open().map_err(|error: std::io::Error| trouble(&error))?;
    for (number, message) in messages.iter().enumerate() {
        if number % BURST == BURST - 1 {
            std::thread::sleep(Duration::from_millis(1));
        }
        socket.send(message.as_bytes()).map_err(|error| match error.raw_os_error() {
            Some(code) if code == rustix::io::Errno::MSGSIZE.raw_os_error() => Trouble::TooLarge {
                why: format!("{} bytes fit into no datagram here; set max-bytes lower", message.len()),
            },
            _ => trouble(&error),
        })?;
    }
    match socket.recv(&mut [0; 16]) {
        Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Err(trouble(&error)),
        _ => Ok("sent; over UDP nobody says whether it arrived".to_owned()),
    }
}

fn later(why: String) -> Trouble {
    Trouble::Later { why: seaworthy_report::clean(&why).into_owned(), after: None }
}

fn trouble(error: &std::io::Error) -> Trouble {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(inner) if is_distrust(inner) => Trouble::Blocked { why: format!("TLS failed: {inner}") },
        _ => later(format!("the connection broke: {error}")),
    }
}

fn client(trust: &Trust) -> Result<ClientConfig, String> {
    let mut store = RootCertStore::empty();
    let (taken, _) = store.add_parsable_certificates(roots(trust)?);
    if taken == 0 {
        return Err("none of the authorities' certificates can be used".to_owned());
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(store);
    let Some((chain, key)) = client_pem(trust)? else { return Ok(builder.with_no_client_auth()) };
    let chain = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("client-certificate-file: {error}"))?;
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|error| format!("client-key-file: {error}"))?;
    builder.with_client_auth_cert(chain, key).map_err(|error| format!("client-certificate-file: {error}"))
}
