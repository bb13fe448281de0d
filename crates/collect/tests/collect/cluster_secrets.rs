//! No request can return data, and none that an answer holds anyway becomes a fact.

use std::collections::BTreeSet;

use seaworthy_collect::cluster::{Form, Refusal, Request};
use seaworthy_model::Fact;
use serde_json::{Value, json};

use super::cluster::*;

/// What must not be in facts.
const MARKER: &str = "s3cr3t-marker";

/// Metadata of a namespaced object, with what `kubectl apply` leaves in it.
fn metadata(name: &str, namespace: Option<&str>) -> Value {
    let mut metadata = json!({
        "name": name,
        "uid": "u",
        "annotations": { "kubectl.kubernetes.io/last-applied-configuration": format!("{{\"data\":\"{MARKER}\"}}"), "note": MARKER },
        "managedFields": [{ "manager": MARKER }],
        "finalizers": [MARKER],
    });
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace);
    }
    metadata
}

fn pod_spec() -> Value {
    let container = json!({
        "name": "kube-apiserver",
        "image": "i",
        "command": ["run", MARKER],
        "args": [format!("--key={MARKER}")],
        "env": [
            { "name": "PLAIN", "value": MARKER },
            { "name": "SECRET", "value": MARKER, "valueFrom": { "secretKeyRef": { "name": "s", "key": "k" } } },
            { "name": "MAP", "valueFrom": { "configMapKeyRef": { "name": MARKER, "key": "k" } } },
        ],
        "envFrom": [{ "configMapRef": { "name": MARKER } }, { "secretRef": { "name": "s" } }],
        "lifecycle": { "postStart": { "exec": { "command": [MARKER] } } },
        "livenessProbe": { "httpGet": { "httpHeaders": [{ "name": "Authorization", "value": MARKER }] } },
    });
    json!({
        "containers": [container],
        "initContainers": [container],
        "ephemeralContainers": [container],
        "volumes": [{ "name": "v", "csi": { "volumeAttributes": { "password": MARKER } } }],
        "hostAliases": [{ "hostnames": [MARKER] }],
    })
}

fn list(kind: &str, items: &Value) -> Answer {
    bytes(&json!({ "kind": format!("{kind}List"), "metadata": {}, "items": items }))
}

/// A server with a secret in every place where one may be. Asked for metadata only it adds the objects' data, as no server does.
fn planted(request: &Request) -> Answer {
    let meta = || metadata("o", Some("default"));
    if request.form == Form::Metadata {
        let item = json!({
            "metadata": meta(),
            "data": { "key": MARKER },
            "stringData": { "key": MARKER },
            "spec": { "externalName": MARKER },
            "type": MARKER,
        });
        return list(
            "PartialObjectMetadata",
            &json!([item, { "metadata": MARKER }, { "metadata": { "name": "o", "labels": MARKER } }]),
        );
    }
    let of = |kind: &str, fields: Value| {
        let mut object = json!({ "metadata": meta() });
        for (key, value) in fields.as_object().unwrap() {
            object[key] = value.clone();
        }
        // Where the fields are of another type the error must not quote them.
        let fields: serde_json::Map<String, Value> =
            fields.as_object().unwrap().keys().map(|key| (key.clone(), json!(MARKER))).collect();
        let mut odd = Value::Object(fields);
        odd["metadata"] = json!({ "name": "odd", "namespace": "default" });
        list(kind, &json!([object, odd, MARKER, { "metadata": MARKER }]))
    };
    let rules = json!([{ "verbs": ["get"], "resources": ["pods"], "note": MARKER }]);
    match request.path.as_str() {
        "version" => bytes(&json!({ "gitVersion": "v1.34.4", "gitCommit": MARKER })),
        "api" | "apis" => bytes(&discovery(request.path == "api")),
        "metrics" => Ok(format!("apiserver_requests{{path=\"{MARKER}\"}} 1\napiserver_audit_level_total{{level=\"None\",x=\"{MARKER}\"}} 2\n").into_bytes()),
        "api/v1/nodes" => of("Node", json!({ "spec": { "providerID": MARKER }, "status": { "addresses": [{ "address": MARKER }] } })),
        "api/v1/nodes/o/proxy/configz" => bytes(&json!({ "kubeletconfig": {
            "readOnlyPort": 0,
            "staticPodURLHeader": { "Authorization": [MARKER] },
            "somePassword": MARKER,
        } })),
        "api/v1/pods" => of("Pod", json!({ "spec": pod_spec(), "status": { "message": MARKER } })),
        "api/v1/serviceaccounts" => of("ServiceAccount", json!({ "secrets": [{ "name": MARKER }] })),
        "apis/rbac.authorization.k8s.io/v1/roles" => of("Role", json!({ "rules": rules })),
        "apis/rbac.authorization.k8s.io/v1/clusterroles" => of("ClusterRole", json!({ "rules": rules })),
        path @ ("apis/rbac.authorization.k8s.io/v1/rolebindings" | "apis/rbac.authorization.k8s.io/v1/clusterrolebindings") => {
            let kind = if path.contains("cluster") { "ClusterRoleBinding" } else { "RoleBinding" };
            of(kind, json!({ "subjects": [], "roleRef": { "kind": "ClusterRole", "name": "r", "note": MARKER } }))
        }
        "apis/networking.k8s.io/v1/networkpolicies" => {
            of("NetworkPolicy", json!({ "spec": { "podSelector": {}, "ingress": [{ "from": [{ "ipBlock": { "cidr": MARKER } }] }] } }))
        }
        "apis/certificates.k8s.io/v1/certificatesigningrequests" => {
            let status = json!({ "certificate": MARKER, "conditions": [{ "type": "Approved", "message": MARKER }] });
            of("CertificateSigningRequest", json!({ "spec": { "signerName": "s", "request": MARKER, "extra": { "k": [MARKER] } }, "status": status }))
        }
        "apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
        | "apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations" => {
            let client = json!({ "url": format!("https://u:{MARKER}@h/"), "caBundle": MARKER });
            of("WebhookConfiguration", json!({ "webhooks": [{ "name": "w", "clientConfig": client, "matchConditions": [{ "expression": MARKER }] }] }))
        }
        "apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies" => {
            of("ValidatingAdmissionPolicy", json!({ "spec": { "validations": [{ "expression": MARKER, "message": MARKER }] } }))
        }
        "apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings" => {
            of("ValidatingAdmissionPolicyBinding", json!({ "spec": { "policyName": "p", "paramRef": { "name": MARKER } } }))
        }
        "apis/batch/v1/cronjobs" => {
            of("CronJob", json!({ "spec": { "jobTemplate": { "spec": { "template": { "metadata": meta(), "spec": pod_spec() } } } } }))
        }
        path if path.starts_with("apis/apps/v1/") || path == "apis/batch/v1/jobs" || path.ends_with("/replicationcontrollers") => {
            of("Workload", json!({ "spec": { "template": { "metadata": meta(), "spec": pod_spec() } } }))
        }
        path => match path.strip_prefix("api/v1/namespaces/kube-system/configmaps/") {
            Some(name) => {
                let hidden = format!(
                    "kind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - name: oidc-client-secret\n    value: {MARKER}\n  - name: v\n    value: \"4\"\ntoken: {MARKER}\nstaticPodURLHeader:\n  Authorization: [{MARKER}]\n"
                );
                let data = json!({
                    "ClusterConfiguration": hidden, "config.conf": hidden, "kubelet": hidden, "kubeconfig.conf": MARKER, "ca.crt": MARKER,
                });
                bytes(&json!({ "kind": "ConfigMap", "metadata": metadata(name, Some("kube-system")), "data": data, "binaryData": { "x": MARKER } }))
            }
            None => panic!("a request that no test knows: {request:?}"),
        },
    }
}

fn discovery(core: bool) -> Value {
    let resource = |name: &str| json!({ "resource": name, "responseKind": { "kind": "X" }, "scope": "Namespaced", "verbs": ["list"] });
    let (group, version, names) = if core {
        ("", "v1", vec!["pods", "secrets", "configmaps", "services", "podtemplates"])
    } else {
        ("example.com", "v1", vec!["secrets", "widgets"])
    };
    let resources: Vec<Value> = names.into_iter().map(resource).collect();
    json!({
        "kind": "APIGroupDiscoveryList",
        "items": [{ "metadata": { "name": group, "annotations": { "x": MARKER } }, "versions": [{ "version": version, "resources": resources }] }],
    })
}

#[test]
fn no_secret_of_an_answer_is_in_the_facts() {
    let fake = Fake::new(planted);
    let facts = fake.facts();
    let text = serde_json::to_string(&facts).unwrap();
    let found = text.find(MARKER).map(|at| &text[at.saturating_sub(300)..at]);
    assert_eq!(found, None, "the marker is behind this");
    // The objects are there all the same.
    let cluster = facts.api.unwrap();
    let pods = known(&cluster.pods);
    assert_eq!((pods.items.len(), pods.broken.len()), (1, 3));
    let container = &pods.items[0].spec.containers[0];
    assert!(container.command.is_empty() && container.args.is_empty(), "the pod mirrors nothing");
    assert_eq!(container.env.iter().map(|variable| variable.name.as_str()).collect::<Vec<_>>(), ["SECRET"]);
    assert_eq!(container.env_from.len(), 1);
    for workloads in &cluster.workloads {
        let pod = known(&workloads.list).items[0].pod().unwrap();
        assert!(pod.all_containers().all(|(_, container)| container.command.is_empty() && container.args.is_empty()));
        assert_eq!(pod.all_containers().count(), 3, "{:?}", workloads.kind);
    }
    assert_eq!(known(&cluster.token_secrets).items.len(), 2);
    assert!(known(&cluster.validating_webhooks).items[0].webhooks[0].client_config.url.is_some());
    let config = &cluster.kubelets[0].config.known().unwrap().text;
    assert!(config.contains("\"readOnlyPort\":0") && config.matches("REDACTED").count() == 2, "{config}");
    for map in &cluster.config_maps {
        let text = &map.text.known().unwrap().text;
        assert!(text.contains("value: \"4\"") && text.matches("REDACTED").count() == 3, "{text}");
    }
}

/// All that is ever asked for. A new request belongs in the book, in the manifests that grant it, and here.
#[test]
fn every_request_is_one_of_a_closed_set() {
    let fake = Fake::new(planted);
    fake.facts();
    let mut found = BTreeSet::new();
    for request in fake.asked.borrow().iter() {
        let form = request.form;
        assert!(found.insert(format!("{} {} {form:?}", request.path, request.query)), "{request:?} was asked twice");
        if request.path.split('/').any(|part| part == "secrets") {
            assert_eq!(form, Form::Metadata);
        }
    }
    let whole = |path: &str| format!("{path} limit=500 Whole");
    let alone = |path: &str| format!("{path} limit=500 Metadata");
    let mut expected: BTreeSet<String> = [
        "version  Whole",
        "metrics  Text",
        "api  Discovery",
        "apis  Discovery",
        "api/v1/nodes/o/proxy/configz  Whole",
        "api/v1/namespaces/kube-system/configmaps/kubeadm-config  Whole",
        "api/v1/namespaces/kube-system/configmaps/kube-proxy  Whole",
        "api/v1/namespaces/kube-system/configmaps/kubelet-config  Whole",
        "api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt  Whole",
        "api/v1/secrets limit=500&fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken Metadata",
        "api/v1/secrets limit=500&fieldSelector=type%3Dkubernetes.io%2Fservice-account-token Metadata",
    ]
    .map(str::to_owned)
    .into();
    for (group, plurals) in [
        ("api/v1", &["nodes", "pods", "serviceaccounts", "replicationcontrollers"][..]),
        ("apis/apps/v1", &["deployments", "daemonsets", "statefulsets", "replicasets"]),
        ("apis/batch/v1", &["jobs", "cronjobs"]),
        ("apis/rbac.authorization.k8s.io/v1", &["roles", "clusterroles", "rolebindings", "clusterrolebindings"]),
        ("apis/networking.k8s.io/v1", &["networkpolicies"]),
        ("apis/certificates.k8s.io/v1", &["certificatesigningrequests"]),
        (
            "apis/admissionregistration.k8s.io/v1",
            &[
                "validatingwebhookconfigurations",
                "mutatingwebhookconfigurations",
                "validatingadmissionpolicies",
                "validatingadmissionpolicybindings",
            ],
        ),
    ] {
        expected.extend(plurals.iter().map(|plural| whole(&format!("{group}/{plural}"))));
    }
    expected.extend(
        [
            "api/v1/namespaces",
            "apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            // What discovery names and was not read of all namespaces.
            "api/v1/namespaces/default/secrets",
            "api/v1/namespaces/default/configmaps",
            "api/v1/namespaces/default/services",
            "api/v1/namespaces/default/podtemplates",
            "apis/example.com/v1/namespaces/default/secrets",
            "apis/example.com/v1/namespaces/default/widgets",
        ]
        .map(alone),
    );
    assert_eq!(found, expected);
}

#[test]
fn whole_objects_in_place_of_metadata_are_refused() {
    let secret = json!({ "metadata": metadata("s", Some("default")), "data": { "key": MARKER }, "type": "Opaque" });
    let fake = Fake::new(|request| match request.form {
        Form::Metadata => list("Secret", &json!([secret])),
        _ => Err(Refusal::Absent),
    });
    let facts = fake.facts();
    assert!(!serde_json::to_string(&facts).unwrap().contains(MARKER));
    let cluster = facts.api.unwrap();
    for list in [&cluster.namespaces, &cluster.custom_resources] {
        assert!(error(list).contains("metadata only"), "{list:?}");
    }
    assert!(matches!(&cluster.token_secrets, Fact::Broken { error, .. } if error.contains("metadata only")));
    let own = cluster.default_namespace.iter().find(|list| list.resource == "secrets").unwrap();
    assert!(matches!(own.list, Fact::Broken { .. }));
}

#[test]
fn arguments_of_the_control_planes_mirror_pods_are_kept_without_secrets() {
    let container = |name: &str| {
        json!({
            "name": name,
            "command": ["kube-apiserver", "--profiling=false", "--oidc-client-secret"],
            "args": [MARKER, "--service-account-issuer=x", format!("--some-token={MARKER}")],
        })
    };
    let pod = |namespace: &str, annotation: &str, name: &str| {
        json!({
            "metadata": { "name": "p", "namespace": namespace, "annotations": { annotation: MARKER } },
            "spec": { "containers": [container(name)] },
        })
    };
    let mirror = "kubernetes.io/config.mirror";
    let fake = only("api/v1/pods", |_| {
        list(
            "Pod",
            &json!([
                pod("kube-system", mirror, "kube-apiserver"),
                pod("default", mirror, "kube-apiserver"),
                pod("kube-system", "kubernetes.io/config.source", "kube-apiserver"),
                pod("kube-system", mirror, "another"),
            ]),
        )
    });
    let facts = fake.facts();
    assert!(!serde_json::to_string(&facts).unwrap().contains(MARKER));
    let cluster = facts.api.unwrap();
    let containers: Vec<_> = known(&cluster.pods).items.iter().map(|pod| &pod.spec.containers[0]).collect();
    assert_eq!(containers[0].command, ["kube-apiserver", "--profiling=false", "--oidc-client-secret"]);
    assert_eq!(containers[0].args, ["REDACTED", "--service-account-issuer=x", "--some-token=REDACTED"]);
    for other in &containers[1..] {
        assert!(other.command.is_empty() && other.args.is_empty());
    }
}
