//! Small servers on the loopback, each answering in one way.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use seaworthy_fix::health::{Action, Answer, Header, Probe, ProbeKind, Reply, Scheme, ask, ask_all, kubelet_healthz};

const HERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));

fn probe(action: Action) -> Probe {
    Probe {
        container: "c".to_owned(),
        kind: ProbeKind::Liveness,
        action,
        host_network: true,
        period: Duration::from_secs(10),
        // Generous: only a server that never answers runs into it, and has one of its own.
        timeout: Duration::from_secs(30),
        failure_threshold: 3,
        success_threshold: 1,
        initial_delay: Duration::ZERO,
    }
}

fn get(port: u16, path: &str) -> Probe {
    let path = path.to_owned();
    probe(Action::HttpGet { scheme: Scheme::Http, host: None, port, path, headers: Vec::new() })
}

/// Serves every connection with `serve` until the test ends.
fn server(serve: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(serve));
    port
}

/// A port that refuses connections, and what keeps it from being anybody's: bound, and not listened at.
fn closed() -> (u16, tokio::net::TcpSocket) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    (socket.local_addr().unwrap().port(), socket)
}

/// Reads a request up to the empty line.
fn request(stream: &mut impl Read) -> String {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        text.push(byte[0]);
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A server that answers every request with these bytes.
fn says(answer: &'static str) -> (u16, Receiver<String>) {
    let (send, requests) = channel();
    let port = server(move |mut stream| {
        let _ = send.send(request(&mut stream));
        let _ = stream.write_all(answer.as_bytes());
    });
    (port, requests)
}

fn success(answer: Answer) -> Reply {
    match answer {
        Answer::Success(reply) => reply,
        other => panic!("{other:?}"),
    }
}

fn failure(answer: Answer) -> Reply {
    match answer {
        Answer::Failure(reply) => reply,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_asks_as_the_kubelet_does() {
    let (port, requests) = says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let reply = success(ask(&get(port, "/livez?verbose=1#x"), HERE));
    assert_eq!((reply.status, reply.body.as_str(), reply.error, reply.note), (Some(200), "ok", None, None));
    let mut lines: Vec<String> = requests.recv().unwrap().lines().map(str::to_owned).collect();
    assert_eq!(lines.remove(0), "GET /livez?verbose=1 HTTP/1.1");
    lines.sort();
    let host = format!("Host: 127.0.0.1:{port}");
    assert_eq!(lines, ["", "Accept: */*", "Connection: close", &host, "User-Agent: kube-probe/1.34"]);
}

#[test]
fn headers_of_the_manifest_take_the_place_of_the_kubelet_s() {
    let (port, requests) = says("HTTP/1.1 204 No Content\r\n\r\n");
    let header = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
    let headers = vec![header("Host", "me"), header("user-agent", "mine"), header("Accept", ""), header("X-A", "1")];
    let action = Action::HttpGet { scheme: Scheme::Http, host: None, port, path: "a b".to_owned(), headers };
    success(ask(&probe(action), HERE));
    let mut lines: Vec<String> = requests.recv().unwrap().lines().map(str::to_ascii_lowercase).collect();
    assert_eq!(lines.remove(0), "get /a%20b http/1.1");
    lines.sort();
    assert_eq!(lines, ["", "connection: close", "host: me", "user-agent: mine", "x-a: 1"]);
    let bad = vec![header("bad name", "top secret")];
    let action = Action::HttpGet { scheme: Scheme::Http, host: None, port, path: "/".to_owned(), headers: bad };
    let error = failure(ask(&probe(action), HERE)).reason();
    assert!(error.contains("bad name") && !error.contains("top secret"), "{error}");
}

#[test]
fn statuses_count_as_the_kubelet_counts_them() {
    for (answer, good) in [
        ("HTTP/1.1 200 OK\r\n\r\n", true),
        ("HTTP/1.0 200 OK\r\n\r\nold", true),
        ("HTTP/1.1 399 Odd\r\n\r\n", true),
        ("HTTP/1.1 304 Not Modified\r\n\r\n", true),
        ("HTTP/1.1 302 Found\r\n\r\n", true),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", false),
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 12\r\n\r\nUnauthorized", false),
        ("HTTP/1.1 500 Error\r\n\r\n", false),
    ] {
        let (port, _requests) = says(answer);
        let given = ask(&get(port, "/"), HERE);
        assert_eq!(matches!(given, Answer::Success(_)), good, "{answer}: {given:?}");
    }
    let (port, _requests) = says("HTTP/1.1 401 Unauthorized\r\nContent-Length: 14\r\n\r\nUnauthorized\u{1b}\n");
    let reply = failure(ask(&get(port, "/"), HERE));
    assert_eq!(reply.reason(), r"it answered 401 (Unauthorized\u{1b})");
}

#[test]
fn answers_that_are_none_are_failures() {
    for answer in ["", "garbage\r\n\r\n", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"] {
        let (port, _requests) = says(answer);
        let reply = failure(ask(&get(port, "/"), HERE));
        assert!(reply.error.is_some(), "{answer:?}: {reply:?}");
    }
    let (port, _bound) = closed();
    assert!(failure(ask(&get(port, "/"), HERE)).reason().contains("refused"));
}

#[test]
fn a_server_that_says_nothing_runs_into_the_timeout_and_holds_up_no_other() {
    let held = Arc::new(Mutex::new(Vec::new()));
    let port = server(move |stream| held.lock().unwrap().push(stream));
    let (good, _requests) = says("HTTP/1.1 200 OK\r\n\r\n");
    let silent = Probe { timeout: Duration::from_millis(200), ..get(port, "/") };
    let answers = ask_all(&[&silent, &get(good, "/"), &silent], HERE);
    let [first, second, third] = answers.try_into().unwrap();
    let reply = failure(first);
    assert!(reply.reason().contains("no answer within 200ms"), "{reply:?}");
    assert!(reply.took >= silent.timeout);
    success(second);
    failure(third);
}

#[test]
fn a_long_body_is_neither_read_nor_kept_to_its_end() {
    let port = server(|mut stream| {
        request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'a'; 4096]).is_ok() {}
    });
    assert_eq!(success(ask(&get(port, "/"), HERE)).body, "a".repeat(200));
}

#[test]
fn redirects_are_followed_on_the_same_host_only() {
    let port = server(|mut stream| {
        let request = request(&mut stream);
        let path = request.split(' ').nth(1).unwrap_or_default();
        let to = |location: &str| format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let answer = match path {
            "/a/b?q" => to("../x/c"),
            "/a/../x/c" => to("/bad"),
            "/away" => to("https://elsewhere.example/"),
            "/loop" => to("?again"),
            "/loop?again" => to("/loop"),
            "/nowhere" => to("ftp://127.0.0.1/"),
            _ => "HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n".to_owned(),
        };
        let _ = stream.write_all(answer.as_bytes());
    });
    assert_eq!(failure(ask(&get(port, "/a/b?q"), HERE)).status, Some(500), "the last answer counts");
    let reply = success(ask(&get(port, "/away"), HERE));
    assert!(reply.note.unwrap().contains("elsewhere.example"));
    assert!(failure(ask(&get(port, "/loop"), HERE)).reason().contains("10 redirects"));
    failure(ask(&get(port, "/nowhere"), HERE));
}

#[test]
fn any_certificate_will_do() {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../data/test-only.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../data/test-only.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let port = server(move |mut stream| {
        let mut connection = rustls::ServerConnection::new(config.clone()).unwrap();
        let mut tls = rustls::Stream::new(&mut connection, &mut stream);
        if request(&mut tls).starts_with("GET") {
            let _ = tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    for host in ["127.0.0.1", "localhost"] {
        let (path, headers) = ("/".to_owned(), Vec::new());
        let action = Action::HttpGet { scheme: Scheme::Https, host: Some(host.to_owned()), port, path, headers };
        assert_eq!(success(ask(&probe(action), None)).body, "ok");
    }
    // TLS to a server without it, and the other way round.
    let plain = server(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let (path, headers) = ("/".to_owned(), Vec::new());
    let action = Action::HttpGet { scheme: Scheme::Https, host: None, port: plain, path, headers };
    assert!(failure(ask(&probe(action), HERE)).reason().contains("TLS handshake"));
    failure(ask(&get(port, "/"), HERE));
}

#[test]
fn a_socket_is_only_opened() {
    let port = server(drop);
    success(ask(&probe(Action::TcpSocket { host: None, port }), HERE));
    let (port, _bound) = closed();
    assert!(failure(ask(&probe(Action::TcpSocket { host: None, port }), HERE)).reason().contains("refused"));
}

#[test]
fn what_cannot_be_asked_is_no_success() {
    let elsewhere = Probe { host_network: false, ..get(1, "/") };
    let actions = [Action::Exec { command: Vec::new() }, Action::Grpc { port: 1, service: None }];
    for probe in actions.map(probe).into_iter().chain([elsewhere]) {
        assert!(matches!(ask(&probe, HERE), Answer::CannotAsk(_)), "{probe:?}");
    }
    assert!(matches!(ask(&get(1, "/"), None), Answer::CannotAsk(_)));
    assert!(matches!(kubelet_healthz(HERE.unwrap(), 0), Answer::CannotAsk(why) if why.contains("switched off")));
}

#[test]
fn the_kubelet_s_own_health_is_asked() {
    let (port, requests) = says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    success(kubelet_healthz(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port));
    assert!(requests.recv().unwrap().starts_with("GET /healthz HTTP/1.1\r\n"));
}
