//! The cluster that a case describes: every list is known in full and holds the case's objects, except for what the case takes away.

use std::collections::BTreeSet;

use seaworthy_catalogue::Case;
use seaworthy_model::cluster::{
    BrokenObject, CertificateRequest, DefaultList, List, Listing, PartialObject, TokenSecret, Workload, WorkloadKind,
    WorkloadList, api_source,
};
use seaworthy_model::{Cluster, Fact, Grant, GrantKind};
use serde::de::DeserializeOwned;

/// Types of Secrets that hold tokens.
const TOKENS: [&str; 2] = ["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"];

/// Every list that a rule can ask for.
pub const LISTS: [&str; 25] = [
    "list nodes",
    "list namespaces",
    "list pods",
    "list deployments.apps",
    "list daemonsets.apps",
    "list statefulsets.apps",
    "list replicasets.apps",
    "list replicationcontrollers",
    "list jobs.batch",
    "list cronjobs.batch",
    "list serviceaccounts",
    "list services",
    "list configmaps",
    "list secrets",
    "list roles.rbac.authorization.k8s.io",
    "list clusterroles.rbac.authorization.k8s.io",
    "list rolebindings.rbac.authorization.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io",
    "list networkpolicies.networking.k8s.io",
    "list certificatesigningrequests.certificates.k8s.io",
    "list customresourcedefinitions.apiextensions.k8s.io",
    "list validatingwebhookconfigurations.admissionregistration.k8s.io",
    "list mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "list validatingadmissionpolicies.admissionregistration.k8s.io",
    "list validatingadmissionpolicybindings.admissionregistration.k8s.io",
];

/// The cluster of a case; none if the case is about a node only.
pub(super) fn cluster(case: &Case) -> Result<Option<Box<Cluster>>, String> {
    let Some(text) = &case.objects else { return Ok(None) };
    let mut objects = Vec::new();
    for document in text.split("\n---\n") {
        let parsed = seaworthy_yaml::parse(document).map_err(|error| format!("an object: {error}"))?;
        let json: serde_json::Value =
            serde_json::from_str(&parsed.root.to_json()).map_err(|error| format!("an object: {error}"))?;
        if !json.is_null() {
            objects.push(json);
        }
    }
    add_namespaces(&mut objects);
    let mut cluster = Box::new(build(&objects)?);
    for ask in &case.refused {
        if !refuse(&mut cluster, ask) {
            return Err(format!("{ask:?} names no list"));
        }
    }
    for ask in &case.malformed {
        if !spoil(&mut cluster, ask) {
            return Err(format!("{ask:?} names no list"));
        }
    }
    Ok(Some(cluster))
}

fn word<'j>(json: &'j serde_json::Value, pointer: &str) -> &'j str {
    json.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default()
}

/// Every namespace that an object is in, and those that every cluster has.
fn add_namespaces(objects: &mut Vec<serde_json::Value>) {
    let mut names: BTreeSet<String> =
        ["default", "kube-system", "kube-public", "kube-node-lease"].map(str::to_owned).into();
    names.extend(objects.iter().map(|o| word(o, "/metadata/namespace").to_owned()).filter(|n| !n.is_empty()));
    for object in objects.iter().filter(|o| word(o, "/kind") == "Namespace") {
        names.remove(word(object, "/metadata/name"));
    }
    for name in names {
        objects.push(serde_json::json!({"kind": "Namespace", "metadata": {"name": name}}));
    }
}

fn list<T: DeserializeOwned>(objects: &[serde_json::Value], kind: &str, resource: &str) -> Result<List<T>, String> {
    let mut items = Vec::new();
    for object in objects.iter().filter(|o| word(o, "/kind") == kind) {
        let item = T::deserialize(object).map_err(|e| format!("{kind} {}: {e}", word(object, "/metadata/name")))?;
        items.push(item);
    }
    Ok(Fact::Known { value: Listing { items, broken: Vec::new() }, source: api_source(resource, None, None) })
}

fn build(objects: &[serde_json::Value]) -> Result<Cluster, String> {
    let rbac = |plural: &str| format!("{plural}.rbac.authorization.k8s.io");
    let admission = |plural: &str| format!("{plural}.admissionregistration.k8s.io");
    let workloads = WorkloadKind::ALL
        .iter()
        .map(|kind| {
            list::<Workload>(objects, kind.as_str(), kind.resource()).map(|list| WorkloadList { kind: *kind, list })
        })
        .collect::<Result<_, _>>()?;
    let mut token_secrets: List<TokenSecret> = list(
        &objects.iter().filter(|o| TOKENS.contains(&word(o, "/type"))).cloned().collect::<Vec<_>>(),
        "Secret",
        "secrets",
    )?;
    if let Fact::Known { value, .. } = &mut token_secrets {
        value.items.sort_by_key(|secret| secret.metadata.path());
    }
    let requests: Vec<serde_json::Value> =
        objects.iter().filter(|o| word(o, "/kind") == "CertificateSigningRequest").map(flat_request).collect();
    let certificate_requests: List<CertificateRequest> =
        list(&requests, "CertificateSigningRequest", "certificatesigningrequests.certificates.k8s.io")?;
    Ok(Cluster {
        nodes: list(objects, "Node", "nodes")?,
        namespaces: list(objects, "Namespace", "namespaces")?,
        pods: list(objects, "Pod", "pods")?,
        workloads,
        service_accounts: list(objects, "ServiceAccount", "serviceaccounts")?,
        roles: list(objects, "Role", &rbac("roles"))?,
        cluster_roles: list(objects, "ClusterRole", &rbac("clusterroles"))?,
        role_bindings: list(objects, "RoleBinding", &rbac("rolebindings"))?,
        cluster_role_bindings: list(objects, "ClusterRoleBinding", &rbac("clusterrolebindings"))?,
        network_policies: list(objects, "NetworkPolicy", "networkpolicies.networking.k8s.io")?,
        token_secrets,
        certificate_requests,
        custom_resources: list(objects, "CustomResourceDefinition", "customresourcedefinitions.apiextensions.k8s.io")?,
        validating_webhooks: list(
            objects,
            "ValidatingWebhookConfiguration",
            &admission("validatingwebhookconfigurations"),
        )?,
        mutating_webhooks: list(objects, "MutatingWebhookConfiguration", &admission("mutatingwebhookconfigurations"))?,
        admission_policies: list(objects, "ValidatingAdmissionPolicy", &admission("validatingadmissionpolicies"))?,
        admission_policy_bindings: list(
            objects,
            "ValidatingAdmissionPolicyBinding",
            &admission("validatingadmissionpolicybindings"),
        )?,
        default_namespace: default_namespace(objects)?,
        discovery: Fact::Known { value: true, source: api_source("apis", None, None) },
        ..Cluster::default()
    })
}

/// A request in the form that the collector keeps.
fn flat_request(json: &serde_json::Value) -> serde_json::Value {
    let conditions = json.pointer("/status/conditions").and_then(serde_json::Value::as_array);
    let approved = conditions.is_some_and(|list| list.iter().any(|c| word(c, "/type") == "Approved"));
    serde_json::json!({
        "kind": "CertificateSigningRequest",
        "metadata": json["metadata"],
        "signerName": word(json, "/spec/signerName"),
        "username": word(json, "/spec/username"),
        "approved": approved,
    })
}

/// Resources of which the objects in `default` are looked at, by kind.
const RESOURCES: [(&str, &str); 16] = [
    ("ConfigMap", "configmaps"),
    ("Endpoints", "endpoints"),
    ("EndpointSlice", "endpointslices.discovery.k8s.io"),
    ("Pod", "pods"),
    ("Secret", "secrets"),
    ("Service", "services"),
    ("ServiceAccount", "serviceaccounts"),
    ("NetworkPolicy", "networkpolicies.networking.k8s.io"),
    ("Role", "roles.rbac.authorization.k8s.io"),
    ("RoleBinding", "rolebindings.rbac.authorization.k8s.io"),
    ("Deployment", "deployments.apps"),
    ("DaemonSet", "daemonsets.apps"),
    ("StatefulSet", "statefulsets.apps"),
    ("ReplicaSet", "replicasets.apps"),
    ("Job", "jobs.batch"),
    ("CronJob", "cronjobs.batch"),
];

fn default_namespace(objects: &[serde_json::Value]) -> Result<Vec<DefaultList>, String> {
    let here: Vec<serde_json::Value> =
        objects.iter().filter(|o| word(o, "/metadata/namespace") == "default").cloned().collect();
    RESOURCES
        .iter()
        .map(|(kind, resource)| {
            let list = list::<PartialObject>(&here, kind, resource)?;
            Ok(DefaultList { resource: (*resource).to_owned(), kind: (*kind).to_owned(), list })
        })
        .collect()
}

/// Something done to a list, whatever it holds.
trait Change {
    fn to<T>(&self, list: &mut List<T>);
}

struct Refused(String);

impl Change for Refused {
    fn to<T>(&self, list: &mut List<T>) {
        *list = Fact::Denied {
            error: "403 Forbidden".to_owned(),
            grant: Grant::new(GrantKind::Api, self.0.clone()),
            source: list.source().clone(),
        };
    }
}

struct Spoilt;

impl Change for Spoilt {
    fn to<T>(&self, list: &mut List<T>) {
        if let Fact::Known { value, .. } = list {
            value.broken.push(BrokenObject { name: "odd".to_owned(), error: "it is no object".to_owned() });
        }
    }
}

/// Takes a list away as if the API had refused it. False if there is no such list.
pub fn refuse(cluster: &mut Cluster, ask: &str) -> bool {
    change(cluster, ask, &Refused(ask.to_owned()))
}

/// Makes one object of a list unreadable. False if there is no such list.
pub fn spoil(cluster: &mut Cluster, ask: &str) -> bool {
    change(cluster, ask, &Spoilt)
}

fn change(cluster: &mut Cluster, ask: &str, change: &impl Change) -> bool {
    let resource = ask.strip_prefix("list ").unwrap_or(ask);
    let mut found = false;
    for list in cluster.default_namespace.iter_mut().filter(|l| l.resource == resource) {
        change.to(&mut list.list);
        found = true;
    }
    for list in cluster.workloads.iter_mut().filter(|l| l.kind.resource() == resource) {
        change.to(&mut list.list);
        found = true;
    }
    match resource.split('.').next().unwrap_or_default() {
        "nodes" => change.to(&mut cluster.nodes),
        "namespaces" => change.to(&mut cluster.namespaces),
        "pods" => change.to(&mut cluster.pods),
        "serviceaccounts" => change.to(&mut cluster.service_accounts),
        "roles" => change.to(&mut cluster.roles),
        "clusterroles" => change.to(&mut cluster.cluster_roles),
        "rolebindings" => change.to(&mut cluster.role_bindings),
        "clusterrolebindings" => change.to(&mut cluster.cluster_role_bindings),
        "networkpolicies" => change.to(&mut cluster.network_policies),
        "secrets" => change.to(&mut cluster.token_secrets),
        "certificatesigningrequests" => change.to(&mut cluster.certificate_requests),
        "customresourcedefinitions" => change.to(&mut cluster.custom_resources),
        "validatingwebhookconfigurations" => change.to(&mut cluster.validating_webhooks),
        "mutatingwebhookconfigurations" => change.to(&mut cluster.mutating_webhooks),
        "validatingadmissionpolicies" => change.to(&mut cluster.admission_policies),
        "validatingadmissionpolicybindings" => change.to(&mut cluster.admission_policy_bindings),
        _ => return found,
    }
    true
}
