//! The client itself, against a listener of this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use seaworthy_collect::cluster::{Access, ConnectError, Server, ask};
use seaworthy_model::{Fact, GrantKind};

use crate::support::options;

/// A kubeconfig for a server at this address.
fn kubeconfig(directory: &Path, server: &str, more: &str) -> Access {
    let path = directory.join("config");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
         clusters:\n- name: c\n  cluster:\n    server: {server}\n{more}\
         users:\n- name: u\n  user:\n    token: t0k3n\n\
         contexts:\n- name: c\n  context:\n    cluster: c\n    user: u\n"
    );
    std::fs::write(&path, text).unwrap();
    Access { kubeconfig: Some(path), context: None }
}

/// Answers every connection by `answer`, which is told the request's head and may say nothing; gives the heads.
fn listen(answer: impl Fn(&str) -> Option<String> + Send + 'static) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    // It ends with the test's process.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream: TcpStream = stream.unwrap();
            let mut head = String::new();
            let mut reader = BufReader::new(&stream);
            while reader.read_line(&mut head).unwrap() > 2 {}
            kept.lock().unwrap().push(head.to_ascii_lowercase());
            if let Some(text) = answer(&head) {
                (&stream).write_all(text.as_bytes()).unwrap();
            }
        }
    });
    (address, heads)
}

fn http(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

fn refused(access: &Access) -> ConnectError {
    match Server::connect(access) {
        Ok(_) => panic!("it connected"),
        Err(error) => error,
    }
}

#[test]
fn a_kubeconfig_that_is_missing_or_makes_no_sense_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("nowhere");
    let error = refused(&Access { kubeconfig: Some(path.clone()), context: None }).to_string();
    assert!(error.contains(path.to_str().unwrap()), "{error}");
    let mut access = kubeconfig(directory.path(), "https://127.0.0.1:1", "");
    access.context = Some("other".into());
    let error = refused(&access).to_string();
    assert!(error.contains("other") && error.contains("config"), "{error}");
    std::fs::write(directory.path().join("config"), "clusters: 1\n").unwrap();
    access.context = None;
    assert!(refused(&access).to_string().contains("config"));
}

#[test]
fn a_server_is_always_verified() {
    let directory = tempfile::tempdir().unwrap();
    let access = kubeconfig(directory.path(), "https://127.0.0.1:1", "    insecure-skip-tls-verify: true\n");
    let error = refused(&access);
    assert!(matches!(error, ConnectError::Insecure), "{error}");
    assert!(error.to_string().contains("certificate-authority-data"), "{error}");
    for plain in ["http://192.0.2.1:8080", "http://api.example.com", "http://127.0.0.1.example.com"] {
        let error = refused(&kubeconfig(directory.path(), plain, ""));
        assert!(matches!(error, ConnectError::Plain(_)) && error.to_string().contains(plain), "{error}");
    }
    for near in ["http://127.0.0.1:8001", "http://localhost:8001", "http://[::1]:8001"] {
        assert!(Server::connect(&kubeconfig(directory.path(), near, "")).is_ok(), "{near}");
    }
}

#[test]
fn a_server_that_is_gone_is_not_asked_for_everything() {
    let (address, heads) = listen(|_| None);
    let directory = tempfile::tempdir().unwrap();
    let server = Server::connect(&kubeconfig(directory.path(), &address, "")).unwrap();
    let cluster = ask(&server, &options()).api.unwrap();
    assert!(matches!(cluster.pods, Fact::Broken { .. }) && matches!(cluster.metrics, Fact::Broken { .. }));
    assert!(cluster.kubelets.is_empty() && matches!(cluster.discovery, Fact::Broken { .. }));
    assert_eq!(heads.lock().unwrap().len(), 2, "two requests without an answer are enough");
}

#[test]
fn a_servers_refusal_is_told_in_its_words_and_every_request_reads() {
    let body = r#"{"kind":"Status","code":403,"message":"pods is forbidden: User \"u\" cannot list it\nsecond line"}"#;
    let (address, heads) = listen(move |head| {
        let absent = head.starts_with("GET /metrics");
        Some(if absent { http("404 Not Found", "404 page not found") } else { http("403 Forbidden", body) })
    });
    let directory = tempfile::tempdir().unwrap();
    let server = Server::connect(&kubeconfig(directory.path(), &address, "")).unwrap();
    let facts = ask(&server, &options());
    let cluster = facts.api.unwrap();
    let Fact::Denied { error, grant, .. } = &cluster.pods else { panic!("{:?}", cluster.pods) };
    assert_eq!(error, "403 pods is forbidden: User \"u\" cannot list it");
    assert_eq!((grant.kind, grant.name.as_str()), (GrantKind::Api, "list pods"));
    assert!(cluster.metrics.is_absent());
    assert!(facts.versions.is_empty());
    let heads = heads.lock().unwrap();
    assert!(heads.len() > 25, "{}", heads.len());
    for head in heads.iter() {
        assert!(head.starts_with("get /"), "{head}");
        let accept = head.lines().find(|line| line.starts_with("accept:")).unwrap();
        if head.lines().next().unwrap().contains("/secrets") {
            assert_eq!(accept, "accept: application/json;as=partialobjectmetadatalist;g=meta.k8s.io;v=v1");
        }
    }
    assert_eq!(heads.iter().filter(|head| head.lines().next().unwrap().contains("/secrets")).count(), 3);
}

#[test]
fn a_busy_server_is_asked_again_when_it_says_so_and_an_answer_that_failed_is_not() {
    let busy = Mutex::new(0);
    let (address, heads) = listen(move |head| {
        let mut busy = busy.lock().unwrap();
        Some(if head.starts_with("GET /api/v1/nodes?") && *busy < 2 {
            *busy += 1;
            http("429 Too Many Requests\r\nretry-after: 0", "{}")
        } else if head.starts_with("GET /api/v1/nodes?") {
            http("200 OK", r#"{"kind":"NodeList","items":[]}"#)
        } else if head.starts_with("GET /api/v1/pods?") {
            http("503 Service Unavailable\r\nretry-after: 0", "{}")
        } else {
            http("503 Service Unavailable", "{}")
        })
    });
    let directory = tempfile::tempdir().unwrap();
    let server = Server::connect(&kubeconfig(directory.path(), &address, "")).unwrap();
    let cluster = ask(&server, &options()).api.unwrap();
    assert!(cluster.nodes.known().is_some());
    for broken in [cluster.missing("list pods"), cluster.missing("list namespaces")] {
        let said = format!("{broken:?}");
        assert!(said.contains("\"503\""), "{said}");
    }
    let times = |path: &str| heads.lock().unwrap().iter().filter(|head| head.contains(path)).count();
    assert_eq!((times("/api/v1/nodes?"), times("/api/v1/pods?"), times("/api/v1/namespaces?")), (3, 4, 1));
}

#[test]
fn a_server_is_asked_page_by_page() {
    let (address, heads) = listen(|head| {
        let line = head.lines().next().unwrap();
        let pod = |name: &str| format!(r#"{{"metadata":{{"name":"{name}","namespace":"a"}}}}"#);
        Some(match line.split(' ').nth(1).unwrap() {
            "/api/v1/pods?limit=500" => http(
                "200 OK",
                &format!(r#"{{"kind":"PodList","metadata":{{"continue":"x=/+"}},"items":[{}]}}"#, pod("a")),
            ),
            "/api/v1/pods?limit=500&continue=x%3D%2F%2B" => {
                http("200 OK", &format!(r#"{{"kind":"PodList","metadata":{{}},"items":[{}]}}"#, pod("b")))
            }
            _ => http("503 Service Unavailable", "<html>"),
        })
    });
    let directory = tempfile::tempdir().unwrap();
    let server = Server::connect(&kubeconfig(directory.path(), &address, "")).unwrap();
    let cluster = ask(&server, &options()).api.unwrap();
    let names: Vec<_> = cluster.pods.known().unwrap().items.iter().map(|pod| pod.metadata.path()).collect();
    assert_eq!(names, ["a/a", "a/b"]);
    assert!(matches!(&cluster.nodes, Fact::Broken { error, .. } if error == "503"));
    assert!(heads.lock().unwrap().iter().all(|head| head.contains("authorization: bearer t0k3n")));
}
