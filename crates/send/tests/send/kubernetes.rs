//! The cluster's own API, played by a receiver that keeps objects as an API server would.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use seaworthy_model::{Report, Verdict};
use seaworthy_send::deliver::{Outcome, Patience, Prepared, deliver, keep};
use seaworthy_send::outgoing::{Outgoing, When};
use seaworthy_send::sinks::kubernetes::ACCESS;
use serde_json::{Value, json};

use crate::receiver::{Receiver, Reply, Request};
use crate::sample::{HOSTILE, QUICK, finding, mixed, prepared, refused, report};

const POLICY: &str = "/apis/wgpolicyk8s.io/v1alpha2/clusterpolicyreports";
const OPEN: &str = "/apis/openreports.io/v1alpha1/clusterreports";
const EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/default/events";

type Objects = Arc<Mutex<BTreeMap<String, Value>>>;

/// An API server with these nodes and these kinds of objects.
struct Server {
    receiver: Receiver,
    objects: Objects,
    dir: tempfile::TempDir,
}

fn status(code: u16, message: &str) -> Reply {
    let body = json!({ "kind": "Status", "status": "Failure", "message": message, "code": code });
    Reply::Answer(code, vec![("content-type", "application/json".into())], body.to_string())
}

fn object(object: &Value) -> Reply {
    Reply::Answer(200, vec![("content-type", "application/json".into())], object.to_string())
}

impl Server {
    fn start(nodes: &'static [&'static str], kinds: &'static [&'static str]) -> Server {
        Server::with(nodes, kinds, |_| None)
    }

    /// `first` answers before the others do.
    fn with(
        nodes: &'static [&'static str],
        kinds: &'static [&'static str],
        first: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static,
    ) -> Server {
        let objects = Objects::default();
        let kept = Arc::clone(&objects);
        let receiver = Receiver::start(move |request| {
            if let Some(reply) = first(request) {
                return reply;
            }
            let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
            if let Some(node) = path.strip_prefix("/api/v1/nodes/") {
                let uid = format!("uid-of-{node}");
                return match nodes.contains(&node) {
                    true => object(&json!({ "metadata": { "name": node, "uid": uid } })),
                    false => status(404, "nodes not found"),
                };
            }
            let mut kept = kept.lock().unwrap();
            if path == EVENTS && request.method == "POST" {
                let body = request.json();
                let name = format!("{EVENTS}/{}", body["metadata"]["name"].as_str().unwrap());
                if kept.contains_key(&name) {
                    return status(409, "events already exists");
                }
                kept.insert(name, body.clone());
                return object(&body);
            }
            let (kind, name) = path.rsplit_once('/').unwrap();
            if !kinds.contains(&kind) || name.is_empty() {
                return status(404, "the server could not find the requested resource");
            }
            match request.method.as_str() {
                "PATCH" => {
                    assert_eq!(query, "fieldManager=seaworthy&force=true");
                    assert_eq!(request.header("content-type"), Some("application/apply-patch+yaml"));
                    let mut body = request.json();
                    body["metadata"]["uid"] = format!("uid-of-{name}").into();
                    kept.insert(path.to_owned(), body.clone());
                    object(&body)
                }
                "GET" => kept.get(path).map_or_else(|| status(404, "not found"), object),
                "DELETE" => {
                    assert_eq!(request.json()["preconditions"]["uid"], kept[path]["metadata"]["uid"]);
                    object(&kept.remove(path).unwrap())
                }
                method => panic!("{method} {path}"),
            }
        });
        Server { receiver, objects, dir: tempfile::tempdir().unwrap() }
    }

    fn sink(&self, lines: &str, state: Option<&Path>) -> Prepared {
        let path = self.dir.path().join("kubeconfig");
        let address = self.receiver.address;
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters: [{{name: a, cluster: {{server: 'http://{address}'}}}}]\n\
             contexts: [{{name: a, context: {{cluster: a, user: a}}}}]\nusers: [{{name: a, user: {{token: s3cret-t0ken}}}}]\n"
        );
        std::fs::write(&path, text).unwrap();
        prepared(&format!("url = \"kubernetes://\"\nkubeconfig-file = {path:?}\n{lines}"), state)
    }

    fn objects(&self, kind: &str) -> Vec<Value> {
        self.objects.lock().unwrap().iter().filter(|(path, _)| path.starts_with(kind)).map(|(_, o)| o.clone()).collect()
    }
}

fn send(sink: &Prepared, before: Option<&Report>, after: &Report) -> Outcome {
    let changes = before.map(|before| seaworthy_report::changes::compare(before, after));
    let outgoing = || Outgoing::choose(after, changes.as_ref(), When::All, None);
    if sink.spool.is_some() {
        keep(&[(sink, outgoing())]).unwrap();
        return deliver(&[(sink, None)], QUICK).remove(0);
    }
    deliver(&[(sink, Some(outgoing()))], QUICK).remove(0)
}

fn two(scan: &str, one: Verdict) -> Report {
    report(scan, vec![finding("node1", "1.2.1", one), finding("node2", "1.2.1", Verdict::Pass)])
}

#[test]
fn a_report_for_each_node_owned_by_it() {
    let server = Server::start(&["node1", "node2"], &[POLICY, OPEN]);
    let outcome = send(&server.sink("reports = \"both\"", None), None, &two("a", Verdict::Fail));
    assert!(outcome.is_complete(), "{outcome:?}");
    for kind in [POLICY, OPEN] {
        let list = server.objects(kind);
        assert_eq!(list.len(), 2, "{kind}");
        for (object, node) in list.iter().zip(["node1", "node2"]) {
            let owner = json!([{ "apiVersion": "v1", "kind": "Node", "name": node, "uid": format!("uid-of-{node}") }]);
            assert_eq!(object["metadata"]["ownerReferences"], owner);
            assert_eq!(object["metadata"]["labels"]["app.kubernetes.io/managed-by"], "seaworthy");
            assert_eq!(object["scope"]["name"], node);
        }
    }
    // A first report changes nothing.
    assert_eq!(server.objects(EVENTS).len(), 0);
}

#[test]
fn an_event_for_a_node_that_changed_once() {
    let server = Server::start(&["node1", "node2"], &[POLICY]);
    let sink = server.sink("", None);
    let (good, bad) = (two("a", Verdict::Pass), two("b", Verdict::Fail));
    for _ in 0..2 {
        let outcome = send(&sink, Some(&good), &bad);
        assert!(outcome.is_complete(), "{outcome:?}");
    }
    let events = server.objects(EVENTS);
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!((event["type"].as_str(), event["reason"].as_str()), (Some("Warning"), Some("CISFindingsChanged")));
    assert_eq!(event["note"], "1 newly-failing: 1.2.1");
    assert_eq!(
        event["regarding"],
        json!({ "apiVersion": "v1", "kind": "Node", "name": "node1", "uid": "uid-of-node1" })
    );
    assert_eq!(event["eventTime"], "2026-01-31T10:00:00.000000Z");

    assert!(send(&sink, Some(&bad), &two("c", Verdict::Pass)).is_complete());
    let events = server.objects(EVENTS);
    let solved = events.iter().find(|event| event["note"] == "1 solved: 1.2.1").unwrap();
    assert_eq!((events.len(), solved["type"].as_str()), (2, Some("Normal")));
    let quiet = server.sink("reports = \"none\"", None);
    assert!(send(&quiet, None, &bad).is_complete());
    assert_eq!(server.objects(EVENTS).len(), 2);
}

#[test]
fn reports_of_what_is_gone_are_deleted_if_they_are_ours() {
    let server = Server::start(&["node1", "node3"], &[POLICY]);
    let sink = server.sink("", None);
    let mut before = two("a", Verdict::Pass);
    before.findings.push(finding("node3", "1.2.1", Verdict::Pass));
    before.findings.push(finding("node4", "1.2.1", Verdict::Pass));
    let names = seaworthy_report::policyreport::objects(&before, None);
    let path = |n: usize| format!("{POLICY}/{}", names[n]["metadata"]["name"].as_str().unwrap());
    for (n, owner) in [(1, "seaworthy"), (2, "seaworthy"), (3, "somebody")] {
        let labels = json!({ "app.kubernetes.io/managed-by": owner });
        server
            .objects
            .lock()
            .unwrap()
            .insert(path(n), json!({ "metadata": { "labels": labels, "uid": format!("{n}") } }));
    }
    let after = report("b", vec![finding("node1", "1.2.1", Verdict::Pass)]);
    assert!(send(&sink, Some(&before), &after).is_complete());
    let kept: Vec<String> = server.objects.lock().unwrap().keys().cloned().collect();
    // node2 is gone. node3 is in the cluster still, and node4's is not ours.
    assert_eq!(kept, [path(0), path(2), path(3)]);
    assert_eq!(server.objects(EVENTS).len(), 0);

    // A node that was to report and did not is not gone.
    let mut silent = after.clone();
    silent.missing = vec![seaworthy_model::MissingSubject { name: "node2".into(), reason: "no answer".into() }];
    server
        .objects
        .lock()
        .unwrap()
        .insert(path(1), json!({ "metadata": { "labels": { "app.kubernetes.io/managed-by": "seaworthy" } } }));
    assert!(send(&sink, Some(&before), &silent).is_complete());
    assert!(server.objects.lock().unwrap().contains_key(&path(1)));
}

#[test]
fn another_benchmark_replaces_the_last_one() {
    let server = Server::start(&["node1"], &[POLICY]);
    let sink = server.sink("", None);
    let before = report("a", vec![finding("node1", "1.2.1", Verdict::Pass)]);
    assert!(send(&sink, None, &before).is_complete());
    let mut after = report("b", vec![finding("node1", "1.2.1", Verdict::Pass)]);
    after.findings[0].identity = "c1/node1/cis-1.12/1.2.1".into();
    assert!(send(&sink, Some(&before), &after).is_complete());
    let names: Vec<String> = server.objects.lock().unwrap().keys().filter(|k| k.starts_with(POLICY)).cloned().collect();
    assert_eq!(names, [format!("{POLICY}/seaworthy-cis-1.12-node-node1")]);
}

#[test]
fn a_definition_that_is_missing_is_named_and_holds_up_nothing_else() {
    let server = Server::start(&["node1", "node2"], &[OPEN]);
    let state = tempfile::tempdir().unwrap();
    let sink = server.sink("reports = \"both\"", Some(state.path()));
    let outcome = send(&sink, Some(&two("a", Verdict::Pass)), &two("b", Verdict::Fail));
    assert_eq!((outcome.sent, outcome.left), (3, 2), "{outcome:?}");
    let why = outcome.trouble.unwrap();
    assert!(why.contains("clusterpolicyreports.wgpolicyk8s.io") && why.contains("wg-policy-prototypes"), "{why}");
    assert_eq!((server.objects(OPEN).len(), server.objects(EVENTS).len()), (2, 1));
}

#[test]
fn a_right_that_is_missing_is_named_and_no_secret_is() {
    let server = Server::with(&["node1"], &[POLICY], |request| {
        assert_eq!(request.header("authorization"), Some("Bearer s3cret-t0ken"));
        (request.method == "PATCH").then(|| status(403, "clusterpolicyreports is forbidden: User \"x\" cannot patch"))
    });
    let state = tempfile::tempdir().unwrap();
    let outcome = send(&server.sink("", Some(state.path())), None, &mixed());
    assert_eq!((outcome.sent, outcome.left), (0, 1), "{outcome:?}");
    assert!(outcome.trouble.as_ref().unwrap().contains("cannot patch"), "{outcome:?}");
    assert!(!format!("{outcome:?}").contains("s3cret"));
    for entry in std::fs::read_dir(state.path().join("spool/a")).unwrap() {
        assert!(!std::fs::read_to_string(entry.unwrap().path()).unwrap().contains("s3cret"));
    }
}

#[test]
fn where_nodes_are_hidden_reports_have_no_owner() {
    let server =
        Server::with(&[], &[POLICY], |request| request.path.starts_with("/api/v1/nodes").then(|| status(403, "no")));
    assert!(send(&server.sink("", None), None, &mixed()).is_complete());
    let list = server.objects(POLICY);
    assert_eq!(list.len(), 1);
    assert!(list[0]["metadata"].get("ownerReferences").is_none());
}

#[test]
fn a_node_that_the_cluster_has_not_gets_no_report() {
    let server = Server::start(&["node1"], &[POLICY]);
    let mut strange = finding("node1", "1.2.1", Verdict::Pass);
    strange.subject.name = format!("../../secrets/{HOSTILE}");
    let report =
        report("a", vec![finding("node1", "1.2.1", Verdict::Pass), finding("node9", "1.2.1", Verdict::Pass), strange]);
    let outcome = send(&server.sink("", None), None, &report);
    assert_eq!((outcome.sent, outcome.refused), (1, 2), "{outcome:?}");
    assert!(
        outcome.reasons.iter().all(|why| why.contains("has no node") && !why.contains(char::is_control)),
        "{outcome:?}"
    );
    assert!(server.receiver.requests().iter().all(|request| !request.path.contains("secrets/")));
}

#[test]
fn a_server_that_goes_away_is_tried_again() {
    let server = Server::with(&["node1", "node2"], &[POLICY], |request| match request.number {
        1 => Some(status(503, "starting")),
        3 => Some(Reply::Hangup),
        _ => None,
    });
    let report = two("a", Verdict::Fail);
    // Each try makes a connection anew, which takes its time.
    let patience = Patience { total: std::time::Duration::from_secs(60), ..QUICK };
    let outgoing = Outgoing::choose(&report, None, When::All, None);
    let outcome = deliver(&[(&server.sink("", None), Some(outgoing))], patience).remove(0);
    assert!(outcome.is_complete() && outcome.sent == 2, "{outcome:?}");
    assert_eq!(server.objects(POLICY).len(), 2);
}

#[test]
fn it_asks_for_no_more_than_it_says() {
    let server = Server::start(&["node1", "node2"], &[POLICY, OPEN]);
    let sink = server.sink("reports = \"both\"", None);
    let before = report("a", vec![finding("node1", "1.2.1", Verdict::Pass), finding("node5", "1.2.1", Verdict::Pass)]);
    assert!(send(&sink, Some(&before), &two("b", Verdict::Fail)).is_complete());
    for request in server.receiver.requests() {
        let path = request.path.split('?').next().unwrap();
        let verb = match request.method.as_str() {
            "GET" => "get",
            "PATCH" => "patch",
            "POST" => "create",
            "DELETE" => "delete",
            other => other,
        };
        let allowed = ACCESS.iter().any(|rule| {
            let group = if rule.group.is_empty() { "/api/v1/".to_owned() } else { format!("/apis/{}/", rule.group) };
            path.starts_with(&group) && path.contains(rule.resource) && rule.verbs.contains(&verb)
        });
        assert!(allowed, "{verb} {path}");
    }
}

#[test]
fn mistakes_are_named() {
    for (lines, why) in [
        ("reports = \"sarif\"", "policyreport"),
        ("reports = \"none\"\nevents = false", "nothing"),
        ("ca-file = \"x\"", "kubeconfig"),
        ("index = \"x\"", "index"),
    ] {
        let error = refused(&format!("url = \"kubernetes://\"\n{lines}"));
        assert!(error.contains(why), "{lines}: {error}");
    }
    let sink = prepared("url = \"kubernetes://\"\nkubeconfig-file = \"/nosuch/file\"", None);
    let outcome = send(&sink, None, &mixed());
    assert!(outcome.trouble.unwrap().contains("/nosuch/file"));
}
