//! Reads a generated cluster and prints the most memory that this took, and how long: `cluster_memory [PODS]`. With the default of
//! 10,000 pods it has 1,000 namespaces, 5,000 bindings and 5,000 service accounts, 1,000 Deployments with their ReplicaSets and 100 nodes,
//! each with all that a real one has around it. Pages are made when they are asked for, as they come from a server.
//!
//! Fails if it took 60 MiB or more.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool for us, and no part of the binary"
)]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use seaworthy_collect::cluster::{Api, Form, Refusal, Request, add};
use serde_json::{Value, json};

/// The most memory that a scan may take, in KiB.
const MOST: u64 = 60 << 10;

struct Generated {
    pods: usize,
    /// What was sent, by resource: objects and bytes.
    sent: RefCell<BTreeMap<String, (usize, usize)>>,
    time: Cell<std::time::Duration>,
}

impl Generated {
    fn count(&self, resource: &str) -> usize {
        match resource {
            "pods" => self.pods,
            "namespaces" => self.pods / 10,
            "rolebindings" | "serviceaccounts" => self.pods / 2,
            "deployments" | "replicasets" => self.pods / 10,
            "nodes" => self.pods / 100,
            _ => 0,
        }
    }
}

/// Metadata with labels, annotations and the record of who wrote which field, which is most of a real object.
fn metadata(name: &str, namespace: Option<&str>, number: usize) -> Value {
    let written = json!({
        "f:metadata": { "f:annotations": { ".": {}, "f:checksum/config": {} }, "f:generateName": {}, "f:labels": { ".": {}, "f:app": {} } },
        "f:spec": { "f:containers": { "k:{\"name\":\"main\"}": { ".": {}, "f:env": { ".": {}, "k:{\"name\":\"A\"}": { "f:value": {} } } } } },
    });
    let mut metadata = json!({
        "name": name,
        "uid": format!("6f1c1d1e-0000-4000-8000-{number:012}"),
        "resourceVersion": number.to_string(),
        "creationTimestamp": "2026-01-31T10:00:00Z",
        "labels": {
            "app.kubernetes.io/name": format!("service-{}", number % 300),
            "app.kubernetes.io/instance": format!("service-{number}"),
            "app.kubernetes.io/managed-by": "Helm",
            "helm.sh/chart": "service-1.2.3",
            "pod-template-hash": format!("{:010x}", number * 7919),
        },
        "annotations": {
            "checksum/config": "0123456789abcdef".repeat(4),
            "kubectl.kubernetes.io/last-applied-configuration": "{\"apiVersion\":\"v1\"}".repeat(60),
        },
        "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("service-{number}-6d4b75cb6d"), "uid": "u", "controller": true, "blockOwnerDeletion": true }],
        "managedFields": vec![json!({ "manager": "kube-controller-manager", "operation": "Update", "time": "2026-01-31T10:00:00Z", "fieldsV1": written }); 4],
    });
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace);
    }
    metadata
}

fn pod_spec(number: usize) -> Value {
    let container = |name: &str| {
        let variables: Vec<Value> = (0..12)
            .map(|n| json!({ "name": format!("SETTING_{n}"), "value": format!("value of setting {n}") }))
            .collect();
        json!({
            "name": name,
            "image": format!("registry.example.com/team-{}/service-{}@sha256:{}", number % 40, number % 300, "ab".repeat(32)),
            "args": ["--config=/etc/service/config.yaml", "--listen=:8080"],
            "env": variables,
            "ports": [{ "name": "http", "containerPort": 8080, "protocol": "TCP" }, { "containerPort": 9090, "protocol": "TCP" }],
            "resources": { "requests": { "cpu": "100m", "memory": "128Mi" }, "limits": { "memory": "256Mi" } },
            "securityContext": { "allowPrivilegeEscalation": false, "runAsNonRoot": true, "capabilities": { "drop": ["ALL"] } },
            "volumeMounts": [
                { "name": "config", "mountPath": "/etc/service", "readOnly": true },
                { "name": "kube-api-access-x7k2p", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true },
            ],
            "livenessProbe": { "httpGet": { "path": "/healthz", "port": 8080, "scheme": "HTTP" }, "periodSeconds": 10 },
            "readinessProbe": { "httpGet": { "path": "/readyz", "port": 8080, "scheme": "HTTP" }, "periodSeconds": 10 },
        })
    };
    json!({
        "nodeName": format!("node-{}", number % 100),
        "serviceAccountName": format!("service-{}", number % 300),
        "securityContext": { "seccompProfile": { "type": "RuntimeDefault" }, "fsGroup": 1000 },
        "containers": [container("main"), container("proxy")],
        "initContainers": [container("init")],
        "volumes": [
            { "name": "config", "configMap": { "name": "config", "defaultMode": 420 } },
            { "name": "kube-api-access-x7k2p", "projected": { "sources": [
                { "serviceAccountToken": { "path": "token", "expirationSeconds": 3607 } },
                { "configMap": { "name": "kube-root-ca.crt" } },
                { "downwardAPI": { "items": [{ "path": "namespace", "fieldRef": { "fieldPath": "metadata.namespace" } }] } },
            ] } },
        ],
        "tolerations": vec![json!({ "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 }); 2],
    })
}

fn object(resource: &str, number: usize) -> Value {
    let namespace = format!("team-{}", number % 1000);
    let name = format!("{resource}-{number}-6d4b75cb6d-x7k2p");
    let here = || metadata(&name, Some(&namespace), number);
    match resource {
        "namespaces" | "nodes" => json!({ "metadata": metadata(&name, None, number) }),
        "pods" => json!({
            "metadata": here(),
            "spec": pod_spec(number),
            "status": { "phase": "Running", "conditions": vec![json!({ "type": "Ready", "status": "True", "lastTransitionTime": "2026-01-31T10:00:00Z" }); 5] },
        }),
        "rolebindings" => json!({
            "metadata": here(),
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": format!("service-{number}") },
            "subjects": [{ "kind": "ServiceAccount", "name": format!("service-{number}"), "namespace": namespace }],
        }),
        "deployments" | "replicasets" => {
            json!({ "metadata": here(), "spec": { "template": { "spec": pod_spec(number) } } })
        }
        _ => json!({ "metadata": here() }),
    }
}

impl Api for Generated {
    fn name(&self) -> &str {
        "a generated cluster"
    }

    fn get(&self, request: &Request) -> Result<Vec<u8>, Refusal> {
        let start = std::time::Instant::now();
        if !request.query.starts_with("limit=500") {
            return Err(Refusal::Absent);
        }
        let resource = request.path.rsplit('/').next().unwrap_or_default();
        let parameter = |key: &str| request.query.split('&').find_map(|pair| pair.strip_prefix(key));
        let from: usize = parameter("continue=").map_or(0, |token| token.parse().unwrap());
        let to = (from + 500).min(self.count(resource));
        let token = if to < self.count(resource) { to.to_string() } else { String::new() };
        let kind = if request.form == Form::Metadata { "PartialObjectMetadataList" } else { "List" };
        let mut page = format!("{{\"kind\":\"{kind}\",\"metadata\":{{\"continue\":\"{token}\"}},\"items\":[");
        for number in from..to {
            page.push_str(if number > from { "," } else { "" });
            page.push_str(&object(resource, number).to_string());
        }
        page.push_str("]}");
        page.shrink_to_fit();
        let mut sent = self.sent.borrow_mut();
        let of = sent.entry(resource.to_owned()).or_default();
        *of = (of.0 + to - from, of.1 + page.len());
        self.time.set(self.time.get() + start.elapsed());
        Ok(page.into_bytes())
    }

    fn recorded(&self) -> bool {
        false
    }
}

/// The most memory that was resident, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn main() -> std::process::ExitCode {
    let pods = std::env::args().nth(1).map_or(10_000, |count| count.parse().unwrap());
    let before = peak();
    let generated = Generated { pods, sent: RefCell::default(), time: Cell::default() };
    let tool = seaworthy_model::Tool { name: "cluster_memory".into(), version: "0".into() };
    let options = seaworthy_collect::Options { time: None, tool: tool.clone(), cluster_name: None };
    let mut facts = seaworthy_model::Facts {
        schema: seaworthy_model::FACTS_SCHEMA,
        tool,
        time: None,
        platform: None,
        cluster: None,
        versions: Vec::new(),
        node: None,
        api: None,
        notes: Vec::new(),
    };
    let start = std::time::Instant::now();
    add(&generated, None, &options, &mut facts);
    let took = start.elapsed() - generated.time.get();
    let after = peak();
    for (resource, (objects, bytes)) in generated.sent.borrow().iter().filter(|(_, (objects, _))| *objects > 0) {
        println!("{resource:16} {objects:6} objects of {} bytes", bytes / objects);
    }
    let read = facts.api.as_ref().and_then(|cluster| cluster.pods.known()).map_or(0, |pods| pods.items.len());
    println!("{read} pods read; {took:.2?} of our own; at most {after} KiB, {before} KiB before it began");
    if read == pods && after < MOST { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}
