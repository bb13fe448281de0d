//! What becomes of lists that are refused, break, change or do not end.

use std::cell::Cell;

use seaworthy_collect::cluster::{Form, Refusal};
use seaworthy_model::cluster::Gap;
use seaworthy_model::{Fact, GrantKind};
use serde_json::{Value, json};

use super::cluster::*;

const PODS: &str = "api/v1/pods";

fn pod(name: &str) -> Value {
    json!({ "metadata": { "name": name, "namespace": "a" }, "spec": { "containers": [{ "name": "c" }] } })
}

fn page(items: &[Value], token: Option<&str>) -> Answer {
    let metadata = token.map_or(json!({}), |token| json!({ "continue": token }));
    bytes(&json!({ "kind": "PodList", "metadata": metadata, "items": items }))
}

#[test]
fn a_list_is_known_only_after_its_last_page() {
    for (last, says) in [
        (Err(Refusal::Broken("503 overloaded".into())), "503 overloaded"),
        (Ok(b"{\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"z\"}}".to_vec()), "the answer is no list"),
        (Ok(Vec::new()), "the answer is no list"),
        (Ok(b"<html><body>Sign in</body></html>".to_vec()), "the answer is no list"),
        (bytes(&json!({ "kind": "PodList", "metadata": {} })), "no items"),
        (bytes(&json!({ "kind": "PodList", "metadata": {}, "items": {} })), "the answer is no list"),
        (bytes(&json!({ "kind": "PodList", "metadata": {}, "items": "x" })), "the answer is no list"),
        (bytes(&json!({ "kind": "Pod", "metadata": { "name": "a" }, "spec": {} })), "no list but \"Pod\""),
        (bytes(&json!({ "kind": "Status", "items": [] })), "no list but \"Status\""),
        (bytes(&json!([])), "the answer is no list"),
        (
            bytes(&json!({ "kind": "PodList", "metadata": { "remainingItemCount": 3 }, "items": [] })),
            "how the list goes",
        ),
    ] {
        // As the only page, and as the one that ends a list.
        for first in [true, false] {
            let fake = only(PODS, |request| {
                let whole = !first && parameter(request, "continue").is_none();
                if whole { page(&[pod("a")], Some("next")) } else { last.clone() }
            });
            let cluster = fake.cluster();
            assert!(error(&cluster.pods).contains(says), "{} instead of {says}", error(&cluster.pods));
            assert!(matches!(cluster.pods, Fact::Broken { .. }) && cluster.missing("list pods").is_some());
        }
    }
    let fake = only(PODS, |request| match parameter(request, "continue") {
        None => page(&[pod("a")], Some("a+b/=")),
        Some(token) => {
            assert_eq!(token, "a%2Bb%2F%3D");
            page(&[pod("b")], Some(""))
        }
    });
    assert_eq!(known(&fake.cluster().pods).items.len(), 2);
    assert_eq!(fake.times(PODS), 2);
    for request in fake.asked.borrow().iter().filter(|request| request.path == PODS) {
        assert_eq!(parameter(request, "limit"), Some("500"));
        assert_eq!(parameter(request, "resourceVersion"), None);
    }
}

#[test]
fn a_list_whose_continuation_ran_out_is_begun_again_and_not_for_ever() {
    let gone = Cell::new(0);
    let fake = only(PODS, |request| match parameter(request, "continue") {
        None => page(&[pod("a")], Some("next")),
        Some(_) if gone.replace(gone.get() + 1) < 2 => Err(Refusal::Gone),
        Some(_) => page(&[pod("b")], None),
    });
    let cluster = fake.cluster();
    let names: Vec<_> = known(&cluster.pods).items.iter().map(|pod| pod.metadata.path()).collect();
    assert_eq!(names, ["a/a", "a/b"], "nothing of the runs that were given up");
    assert_eq!(fake.times(PODS), 6);

    let fake = only(PODS, |request| match parameter(request, "continue") {
        None => page(&[pod("a")], Some("next")),
        Some(_) => Err(Refusal::Gone),
    });
    assert!(error(&fake.cluster().pods).contains("changed too fast"));
    assert!(fake.times(PODS) <= 10);
}

#[test]
fn a_refused_list_names_verb_and_resource_and_leaves_the_others_right() {
    let roles = "apis/rbac.authorization.k8s.io/v1/roles";
    let fake = Fake::new(|request| match request.path.as_str() {
        PODS => page(&[pod("a")], None),
        path if path == roles || path.ends_with("/secrets") => Err(Refusal::Denied("403 forbidden".into())),
        "apis/apps/v1/deployments" => Err(Refusal::Broken("500 etcd is away".into())),
        _ => Err(Refusal::Absent),
    });
    let cluster = fake.cluster();
    assert_eq!(known(&cluster.pods).items.len(), 1);
    let Fact::Denied { error: words, grant, .. } = &cluster.roles else { panic!("{:?}", cluster.roles) };
    assert_eq!(
        (words.as_str(), grant.kind, grant.name.as_str()),
        ("403 forbidden", GrantKind::Api, "list roles.rbac.authorization.k8s.io")
    );
    let Fact::Denied { grant, .. } = &cluster.token_secrets else { panic!("{:?}", cluster.token_secrets) };
    assert_eq!(grant.name, "list secrets");
    assert!(cluster.cluster_roles.is_absent());
    // A list that is not there is a gap like any other: only a rule can say what follows.
    assert!(matches!(
        cluster.missing("list clusterroles.rbac.authorization.k8s.io"),
        Some(Gap::Missing(seaworthy_model::Missing::Absent { .. }))
    ));
    let deployments = &cluster.workload(seaworthy_model::cluster::WorkloadKind::Deployment).unwrap();
    assert_eq!(error(deployments), "500 etcd is away");
}

#[test]
fn one_malformed_object_does_not_lose_its_list_and_is_named() {
    let nameless = json!({ "metadata": { "namespace": "a" }, "spec": {} });
    let odd = json!({ "metadata": { "name": "odd", "namespace": "a" }, "spec": { "containers": "MARKER" } });
    let fake = only(PODS, |request| match parameter(request, "continue") {
        None => page(&[pod("a"), odd.clone()], Some("next")),
        Some(_) => page(&[nameless.clone(), json!("MARKER"), json!(null), pod("b")], None),
    });
    let cluster = fake.cluster();
    let pods = known(&cluster.pods);
    assert_eq!(pods.items.len(), 2);
    let names: Vec<_> = pods.broken.iter().map(|broken| broken.name.as_str()).collect();
    assert_eq!(names, ["a/odd", "object 3", "object 4", "object 5"], "the place is that in the whole list");
    assert!(pods.broken[0].error.starts_with("invalid type: string, expected"), "{}", pods.broken[0].error);
    assert!(pods.broken[1].error.contains("missing field `name`"), "{}", pods.broken[1].error);
    assert!(pods.broken.iter().all(|broken| !broken.error.contains("MARKER")));
    assert!(matches!(cluster.missing("list pods"), Some(Gap::Broken(broken)) if broken.len() == 4));
    // What is said of the namespace is as incomplete.
    let own = cluster.default_namespace.iter().find(|list| list.resource == "pods").unwrap();
    assert_eq!(known(&own.list).broken.len(), 4);
}

#[test]
fn many_malformed_objects_are_counted_and_not_kept() {
    let odd: Vec<Value> = vec![json!(1); 250];
    let fake = only(PODS, |_| page(&odd, None));
    let cluster = fake.cluster();
    let broken = &known(&cluster.pods).broken;
    assert_eq!(broken.len(), 100);
    assert!(broken[99].name.ends_with(" and 150 more"), "{}", broken[99].name);
}

#[test]
fn a_list_that_does_not_end_ends() {
    // The same page again and again, as from a server that does not know `continue`.
    let fake = only(PODS, |_| page(&[pod("a")], Some("next")));
    assert!(error(&fake.cluster().pods).contains("same page"));
    assert_eq!(fake.times(PODS), 2);
    let number = Cell::new(0);
    let fake = only(PODS, |_| {
        number.set(number.get() + 1);
        page(&[], Some(&number.get().to_string()))
    });
    assert!(error(&fake.cluster().pods).contains("does not end"));
    assert!(fake.times(PODS) <= 10_000);
}

#[test]
fn a_server_without_pages_gives_the_whole_list() {
    let all: Vec<Value> = (0..1200).map(|n| pod(&format!("p{n}"))).collect();
    let fake = only(PODS, |_| page(&all, None));
    assert_eq!(known(&fake.cluster().pods).items.len(), 1200);
}

#[test]
fn a_recording_of_a_first_page_is_no_list() {
    let fake = only(PODS, |_| page(&[pod("a")], Some("next"))).recorded();
    assert!(error(&fake.cluster().pods).contains("first page"));
    assert_eq!(fake.times(PODS), 1);
}

#[test]
fn a_recorded_secret_without_its_type_may_be_a_token() {
    let secret = |kind: Option<&str>| {
        let mut secret = json!({ "metadata": { "name": "s", "namespace": "a" } });
        if let Some(kind) = kind {
            secret["type"] = json!(kind);
        }
        bytes(&json!({ "kind": "SecretList", "items": [secret] }))
    };
    let read = |kind| only("api/v1/secrets", move |_| secret(kind)).recorded().cluster();
    let untyped = read(None);
    assert_eq!(known(&untyped.token_secrets).broken[0].name, "a/s");
    assert!(known(&read(Some("Opaque")).token_secrets).items.is_empty());
    assert_eq!(known(&read(Some("kubernetes.io/service-account-token")).token_secrets).items.len(), 1);
}

fn discovery(resources: &Value) -> Value {
    let group = |name: &str, version: &str, resources: &Value| json!({ "metadata": { "name": name }, "versions": [{ "version": version, "resources": resources, "freshness": "Current" }] });
    let core = json!([
        { "resource": "pods", "responseKind": { "kind": "Pod" }, "scope": "Namespaced", "verbs": ["get", "list"] },
        { "resource": "events", "responseKind": { "kind": "Event" }, "scope": "Namespaced", "verbs": ["list"] },
        { "resource": "nodes", "responseKind": { "kind": "Node" }, "scope": "Cluster", "verbs": ["list"] },
        { "resource": "bindings", "responseKind": null, "scope": "Namespaced", "verbs": null },
        { "resource": "endpoints", "responseKind": { "kind": "Endpoints" }, "scope": "Namespaced", "verbs": ["list"] },
        { "resource": "secrets", "responseKind": { "kind": "Secret" }, "scope": "Namespaced", "verbs": ["list"] },
    ]);
    json!({
        "api": { "kind": "APIGroupDiscoveryList", "items": [group("", "v1", &core)] },
        "apis": { "kind": "APIGroupDiscoveryList", "items": [group("example.com", "v1beta1", resources)] },
    })
}

fn discovered(answers: Value) -> Fake<impl Fn(&seaworthy_collect::cluster::Request) -> Answer> {
    Fake::new(move |request| match request.path.as_str() {
        root @ ("api" | "apis") => {
            assert_eq!(request.form, Form::Discovery);
            bytes(&answers[root])
        }
        "api/v1/namespaces/default/endpoints" => bytes(&json!({
            "kind": "PartialObjectMetadataList",
            "items": [{ "metadata": { "name": "kubernetes", "namespace": "default" } }],
        })),
        _ => Err(Refusal::Absent),
    })
}

#[test]
fn every_resource_that_a_server_has_is_looked_at_in_the_namespace_default() {
    let widgets = json!([{ "resource": "widgets", "responseKind": { "kind": "Widget" }, "scope": "Namespaced", "verbs": ["list"] }]);
    let fake = discovered(discovery(&widgets));
    let cluster = fake.cluster();
    assert_eq!(cluster.discovery.known(), Some(&true));
    let of = |name: &str| cluster.default_namespace.iter().find(|list| list.resource == name);
    assert_eq!(known(&of("endpoints").unwrap().list).items.len(), 1);
    assert!(of("widgets.example.com").is_some_and(|list| list.kind == "Widget" && list.list.is_absent()));
    assert!(of("secrets").is_some() && of("events").is_none() && of("nodes").is_none() && of("bindings").is_none());
    assert_eq!(fake.times("apis/example.com/v1beta1/namespaces/default/widgets"), 1);
    for request in fake.asked.borrow().iter().filter(|request| request.path.contains("/namespaces/default/")) {
        assert_eq!(request.form, Form::Metadata, "{}", request.path);
    }
    let mut names: Vec<_> = cluster.default_namespace.iter().map(|list| &list.resource).collect();
    let sorted = names.clone();
    names.sort();
    names.dedup();
    assert_eq!(names, sorted, "each once, and sorted");
}

#[test]
fn discovery_that_leaves_things_out_or_names_paths_is_not_believed() {
    let good = discovery(&json!([]));
    let mut cases: Vec<(Value, &str)> = Vec::new();
    for (pointer, value, says) in [
        ("/api/items", json!([]), "leaves out"),
        ("/apis/items", json!([]), "leaves out"),
        ("/api/items/0/versions/0/resources/0/resource", json!("podz"), "leaves out"),
        ("/api/items/0/versions/0/resources/0/verbs", json!([]), "leaves out"),
        ("/api/kind", json!("APIVersions"), "in one answer"),
        ("/apis/items/0/versions/0/freshness", json!("Stale"), "does not answer"),
    ] {
        let mut answers = good.clone();
        *answers.pointer_mut(pointer).unwrap() = value;
        cases.push((answers, says));
    }
    for path in ["../../../api/v1/nodes/n/proxy/run", "a?b", "a%2f..", "", "x/y"] {
        let evil = json!([{ "resource": path, "scope": "Namespaced", "verbs": ["list"] }]);
        cases.push((discovery(&evil), "nobody can ask for"));
    }
    let many: Vec<Value> =
        (0..3000).map(|n| json!({ "resource": format!("r{n}"), "scope": "Namespaced", "verbs": ["list"] })).collect();
    cases.push((discovery(&json!(many)), "nobody can ask for"));
    for (answers, says) in cases {
        let fake = discovered(answers);
        let cluster = fake.cluster();
        assert!(error(&cluster.discovery).contains(says), "{} instead of {says}", error(&cluster.discovery));
        // What every server has is looked at all the same.
        assert!(cluster.default_namespace.iter().any(|list| list.resource == "configmaps"));
        assert!(fake.asked.borrow().iter().all(|request| !request.path.contains("..") && !request.path.contains('?')));
    }
}

#[test]
fn one_kubelet_that_refuses_says_nothing_about_the_others() {
    let nodes = |names: &[&str]| {
        let items: Vec<Value> = names.iter().map(|name| json!({ "metadata": { "name": name } })).collect();
        bytes(&json!({ "kind": "NodeList", "items": items }))
    };
    let fake = Fake::new(|request| match request.path.as_str() {
        "api/v1/nodes" => nodes(&["b", "a", "..", "c"]),
        "api/v1/nodes/b/proxy/configz" => Err(Refusal::Denied("403 of this node".into())),
        "api/v1/nodes/a/proxy/configz" => Err(Refusal::Broken("503 no route".into())),
        "api/v1/nodes/c/proxy/configz" => bytes(&json!({ "kubeletconfig": { "readOnlyPort": 10255 } })),
        path => {
            assert!(!path.contains("/proxy/"), "{path}");
            Err(Refusal::Absent)
        }
    });
    let kubelets = fake.cluster().kubelets;
    let names: Vec<_> = kubelets.iter().map(|kubelet| kubelet.node.as_str()).collect();
    assert_eq!(names, ["..", "a", "b", "c"]);
    assert!(error(&kubelets[0].config).contains("name"));
    assert_eq!(error(&kubelets[1].config), "503 no route");
    assert!(matches!(kubelets[2].config, Fact::Denied { .. }));
    assert!(kubelets[3].config.known().unwrap().text.contains("10255"));

    // Without the right to ask any, a large cluster is not asked node by node.
    let fake = Fake::new(|request| match request.path.as_str() {
        "api/v1/nodes" => nodes(&["a", "b", "c", "d", "e", "f"]),
        _ => Err(Refusal::Denied("403".into())),
    });
    let kubelets = fake.cluster().kubelets;
    assert_eq!(kubelets.len(), 6);
    assert!(kubelets.iter().all(|kubelet| matches!(kubelet.config, Fact::Denied { .. })));
    assert!(kubelets[5].config.source().to_string().contains('f'), "{}", kubelets[5].config.source());
    let asked = fake.asked.borrow().iter().filter(|request| request.path.ends_with("/configz")).count();
    assert_eq!(asked, 3);
}

#[test]
fn a_kubelets_answer_is_its_configuration_or_nothing() {
    let read = |answer: Value| {
        let fake = Fake::new(move |request| match request.path.as_str() {
            "api/v1/nodes" => bytes(&json!({ "kind": "NodeList", "items": [{ "metadata": { "name": "n" } }] })),
            "api/v1/nodes/n/proxy/configz" => bytes(&answer),
            _ => Err(Refusal::Absent),
        });
        fake.cluster().kubelets.remove(0).config
    };
    for none in [json!({}), json!([]), json!("x"), json!({ "kubeletconfig": {} }), json!({ "kubeletconfig": [1] })] {
        let config = read(none.clone());
        assert!(matches!(config, Fact::Broken { .. }), "{none}: {config:?}");
    }
    let own = json!({ "kubeletconfig": { "kind": "KubeletConfiguration", "readOnlyPort": 1 } });
    assert_eq!(read(own).known().unwrap().text.matches("\"kind\"").count(), 1);
}

#[test]
fn counters_that_are_none_are_no_counters() {
    for text in ["", "<html>", "up 1\n", "{\"kind\":\"Status\"}"] {
        let fake = only("metrics", move |_| Ok(text.as_bytes().to_vec()));
        assert!(error(&fake.cluster().metrics).contains("no counters"), "{text}");
    }
    let text = "apiserver_audit_level_total{level=\"Metadata\"} 7\n";
    let cluster = only("metrics", move |_| Ok(text.as_bytes().to_vec())).cluster();
    assert_eq!(cluster.metrics.known().unwrap().audit_levels, [("Metadata".to_owned(), 7)]);
}

/// What is dropped for the sake of memory is dropped only where nothing is lost: what checks ask for stays.
#[test]
fn of_a_pod_stays_what_checks_read() {
    let pod = json!({
        "metadata": {
            "name": "p", "namespace": "a", "creationTimestamp": "2026-01-31T10:00:00Z", "labels": { "app": "web", "tier": "front", "hash": "x" },
            "ownerReferences": [{ "kind": "Other", "name": "o" }, { "kind": "ReplicaSet", "name": "r", "controller": true }],
        },
        "spec": {
            "containers": [{
                "name": "c", "image": "i",
                "ports": [{ "containerPort": 1 }, { "containerPort": 2, "hostPort": 2 }],
                "volumeMounts": [
                    { "name": "config", "mountPath": "/c" }, { "name": "token", "mountPath": "/t" }, { "name": "node", "mountPath": "/n" },
                ],
            }],
            "initContainers": [{ "name": "i", "volumeMounts": [{ "name": "token", "mountPath": "/t" }, { "name": "node", "mountPath": "/m" }] }],
            "volumes": [
                { "name": "config", "configMap": { "name": "c" } },
                { "name": "node", "hostPath": { "path": "/etc" } },
                { "name": "token", "projected": { "sources": [{ "configMap": {} }, { "serviceAccountToken": {} }] } },
                { "name": "none", "projected": { "sources": [{ "configMap": {} }] } },
            ],
        },
    });
    let policy = json!({
        "metadata": { "name": "n", "namespace": "a" },
        "spec": { "podSelector": {
            "matchLabels": { "app": "web" }, "matchExpressions": [{ "key": "tier", "operator": "Exists" }],
        } },
    });
    let read = |policies: Answer| {
        let fake = Fake::new(|request| match request.path.as_str() {
            PODS => page(std::slice::from_ref(&pod), None),
            "apis/networking.k8s.io/v1/networkpolicies" => policies.clone(),
            _ => Err(Refusal::Absent),
        });
        fake.cluster()
    };
    let cluster = read(bytes(&json!({ "kind": "NetworkPolicyList", "items": [policy] })));
    let kept = &known(&cluster.pods).items[0];
    assert!(known(&cluster.network_policies).items[0].spec.pod_selector.selects(&kept.metadata.labels));
    assert_eq!(kept.metadata.labels.keys().collect::<Vec<_>>(), ["app", "tier"]);
    assert_eq!(kept.metadata.controller().map(|owner| owner.name.as_str()), Some("r"));
    let (first, second) = (&kept.spec.containers[0], &kept.spec.init_containers[0]);
    assert_eq!(first.ports.iter().filter_map(|port| port.host_port).collect::<Vec<_>>(), [2]);
    let mounts =
        |c: &seaworthy_model::cluster::PodContainer| c.volume_mounts.iter().map(|m| m.name.clone()).collect::<Vec<_>>();
    assert_eq!((mounts(first), mounts(second)), (vec!["token".to_owned(), "node".to_owned()], vec!["node".to_owned()]));
    assert_eq!(kept.spec.volumes.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["node", "token"]);
    // Where it is not known which labels matter, all may.
    for unknown in [Err(Refusal::Denied("403".into())), bytes(&json!({ "kind": "NetworkPolicyList", "items": [1] }))] {
        assert_eq!(known(&read(unknown).pods).items[0].metadata.labels.len(), 3);
    }
}

#[test]
fn a_server_that_does_not_answer_is_said_once_at_the_top() {
    let silent = Fake::new(|_| Err(Refusal::Broken("connection refused".into())));
    let facts = silent.facts();
    assert_eq!(facts.notes.len(), 1, "{:?}", facts.notes);
    assert!(facts.notes[0].contains("does not answer") && facts.notes[0].contains("connection refused"));
    let refusing = Fake::new(|_| Err(Refusal::Denied("403".into())));
    assert_eq!(refusing.facts().notes, Vec::<String>::new());
}
