//! One cluster, read through its API: a server ([`Server`]), or recorded answers.
//!
//! Objects are trimmed while they are parsed, so that memory follows what rules need, and no request can return the data of a Secret
//! ([`Request`] knows only its metadata). What cannot be had becomes a fact of its own; the rest stays.

mod api;
mod default_namespace;
mod kubelets;
mod list;
mod live;
mod recorded;
mod surroundings;
mod texts;
mod trim;

use data_encoding::BASE64;
use seaworthy_model::cluster::{
    Binding, CertificateRequest, Condition, List, NetworkPolicy, NodeObject, ObjectMeta, PodObject, Role,
    ServiceAccount, TokenSecret, Workload, WorkloadKind, WorkloadList, api_source,
};
use seaworthy_model::{Cluster, ClusterIdentity, FACTS_SCHEMA, Fact, Facts, KubernetesVersion, Source, Version};
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use api::{Api, Form, Refusal, Request};
pub use live::{Access, ConnectError, Server};
pub use surroundings::{Member, Surroundings, surroundings};

use crate::node::certificates;
use crate::{Options, Tree};
use recorded::Recorded;

/// Types of Secrets that hold tokens.
const TOKEN_TYPES: [&str; 2] = ["bootstrap.kubernetes.io/token", "kubernetes.io/service-account-token"];

/// Asks an API server for all that rules read, into facts without a node.
pub fn ask(server: &Server, options: &Options) -> Facts {
    let mut facts = Facts {
        schema: FACTS_SCHEMA,
        tool: options.tool.clone(),
        time: options.time.clone(),
        platform: None,
        cluster: None,
        versions: Vec::new(),
        node: None,
        api: None,
        notes: Vec::new(),
    };
    add(server, server.authority(), options, &mut facts);
    facts
}

/// Asks an API server for all that rules read, and adds it to a node's facts.
pub fn ask_for(server: &Server, options: &Options, facts: &mut Facts) {
    add(server, server.authority(), options, facts);
}

/// Asks what this node's kubelet runs by, and nothing else, and adds it to the node's facts.
pub fn ask_for_kubelet(server: &Server, facts: &mut Facts) {
    let name = facts.node.as_ref().map(|node| node.identity.name().to_owned()).unwrap_or_default();
    let mut nodes: List<NodeObject> = all(server, "api/v1/nodes");
    if let Fact::Known { value, .. } = &mut nodes {
        value.items.retain(|node| node.metadata.name == name);
    }
    let kubelets = kubelets::read(server, &nodes);
    let texts = texts::read(server);
    facts.api = Some(Box::new(Cluster { nodes, kubelets, authority: texts.authority, ..Cluster::default() }));
}

/// Adds the recorded answers of a tree to its facts, if it holds any.
pub(crate) fn add_recorded(tree: &dyn Tree, options: &Options, facts: &mut Facts) {
    if let Some(recorded) = Recorded::open(tree) {
        add(&recorded, None, options, facts);
    }
}

/// Adds what an API answers to facts. `authority` is that by which the server was verified.
pub fn add(api: &dyn Api, authority: Option<&str>, options: &Options, facts: &mut Facts) {
    let texts = texts::read(api);
    let mut cluster = Box::new(lists(api));
    cluster.config_maps = texts.config_maps;
    cluster.kubelets = kubelets::read(api, &cluster.nodes);
    cluster.metrics = texts::metrics(api);
    default_namespace::read(api, &mut cluster);
    cluster.authority = match (texts.authority, authority) {
        (Fact::Known { value, source }, _) => Fact::Known { value, source },
        (_, Some(key)) => Fact::Known {
            value: key.to_owned(),
            source: Source::stated("the authority that the API server is verified by"),
        },
        (other, None) => other,
    };
    let known = facts.cluster.as_ref().is_some_and(|c| c.id.known().is_some());
    if !known {
        facts.cluster = Some(ClusterIdentity { id: cluster.authority.clone(), name: options.cluster_name.clone() });
    }
    facts.versions.extend(version(api));
    // One word at the top where nothing at all came, instead of the same under every finding only.
    if let (Fact::Broken { error, .. }, Fact::Broken { .. }, Fact::Broken { .. }) =
        (&cluster.namespaces, &cluster.nodes, &cluster.pods)
    {
        let server = crate::redact::value(api.name());
        facts.notes.push(format!("the cluster's API at {server} does not answer, so nothing is known of it: {error}"));
    }
    facts.api = Some(cluster);
}

fn lists(api: &dyn Api) -> Cluster {
    // First of all: of pods those labels are kept that these select by.
    let network_policies = network_policies(api);
    let rbac = |plural: &str| format!("apis/rbac.authorization.k8s.io/v1/{plural}");
    let admission = |plural: &str| format!("apis/admissionregistration.k8s.io/v1/{plural}");
    Cluster {
        nodes: all(api, "api/v1/nodes"),
        namespaces: metadata(api, "api/v1/namespaces"),
        pods: pods(api, &network_policies),
        workloads: WorkloadKind::ALL
            .iter()
            .map(|kind| WorkloadList { kind: *kind, list: workloads(api, &path_of(*kind)) })
            .collect(),
        service_accounts: service_accounts(api),
        roles: roles(api, &rbac("roles")),
        cluster_roles: roles(api, &rbac("clusterroles")),
        role_bindings: bindings(api, &rbac("rolebindings")),
        cluster_role_bindings: bindings(api, &rbac("clusterrolebindings")),
        network_policies,
        token_secrets: token_secrets(api),
        certificate_requests: requests(api),
        custom_resources: metadata(api, "apis/apiextensions.k8s.io/v1/customresourcedefinitions"),
        validating_webhooks: all(api, &admission("validatingwebhookconfigurations")),
        mutating_webhooks: all(api, &admission("mutatingwebhookconfigurations")),
        admission_policies: all(api, &admission("validatingadmissionpolicies")),
        admission_policy_bindings: all(api, &admission("validatingadmissionpolicybindings")),
        ..Cluster::default()
    }
}

/// `deployments.apps` is at `apis/apps/v1/deployments`.
fn path_of(kind: WorkloadKind) -> String {
    match kind.resource().split_once('.') {
        Some((plural, group)) => format!("apis/{group}/v1/{plural}"),
        None => format!("api/v1/{}", kind.resource()),
    }
}

/// `apis/apps/v1/deployments` holds `deployments.apps`.
fn resource_of(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["apis", group, _, plural] => format!("{plural}.{group}"),
        other => other.last().copied().unwrap_or_default().to_owned(),
    }
}

fn all<T: DeserializeOwned>(api: &dyn Api, path: &str) -> List<T> {
    list::read(api, &Request::list(path, Form::Whole), &resource_of(path), Some::<T>)
}

fn metadata<T: DeserializeOwned>(api: &dyn Api, path: &str) -> List<T> {
    list::read(api, &Request::list(path, Form::Metadata), &resource_of(path), Some::<T>)
}

fn network_policies(api: &dyn Api) -> List<NetworkPolicy> {
    all(api, "apis/networking.k8s.io/v1/networkpolicies")
}

fn pods(api: &dyn Api, policies: &List<NetworkPolicy>) -> List<PodObject> {
    let selected = trim::selected(policies);
    list::read(api, &Request::list("api/v1/pods", Form::Whole), "pods", |mut pod: PodObject| {
        trim::pod(&mut pod, selected.as_ref());
        Some(pod)
    })
}

fn workloads(api: &dyn Api, path: &str) -> List<Workload> {
    list::read(api, &Request::list(path, Form::Whole), &resource_of(path), |mut workload: Workload| {
        trim::workload(&mut workload);
        Some(workload)
    })
}

fn service_accounts(api: &dyn Api) -> List<ServiceAccount> {
    let request = Request::list("api/v1/serviceaccounts", Form::Whole);
    list::read(api, &request, "serviceaccounts", |mut account: ServiceAccount| {
        trim::metadata(&mut account.metadata);
        account.metadata.labels.clear();
        account.metadata.owner_references = Vec::new();
        Some(account)
    })
}

fn roles(api: &dyn Api, path: &str) -> List<Role> {
    list::read(api, &Request::list(path, Form::Whole), &resource_of(path), |mut role: Role| {
        trim::role(&mut role);
        Some(role)
    })
}

fn bindings(api: &dyn Api, path: &str) -> List<Binding> {
    list::read(api, &Request::list(path, Form::Whole), &resource_of(path), |mut binding: Binding| {
        trim::binding(&mut binding);
        Some(binding)
    })
}

/// Secrets that hold tokens, by type: metadata only.
fn token_secrets(api: &dyn Api) -> List<TokenSecret> {
    // A recording is of whole objects without their data. A Secret whose type it left out may be one that holds a token.
    #[derive(Deserialize)]
    struct Typed {
        metadata: ObjectMeta,
        #[serde(rename = "type")]
        kind: String,
    }
    #[derive(Deserialize)]
    struct Untyped {
        metadata: ObjectMeta,
    }
    let all = Request::list("api/v1/secrets", Form::Metadata);
    if api.recorded() {
        return list::read(api, &all, "secrets", |secret: Typed| {
            let token = TOKEN_TYPES.contains(&secret.kind.as_str());
            token.then_some(TokenSecret { metadata: secret.metadata, kind: secret.kind })
        });
    }
    let mut lists = TOKEN_TYPES.iter().map(|kind| {
        list::read(api, &all.clone().only(&format!("type={kind}")), "secrets", |secret: Untyped| {
            Some(TokenSecret { metadata: secret.metadata, kind: (*kind).to_owned() })
        })
    });
    let (first, second) = (lists.next(), lists.next());
    match (first, second) {
        (Some(Fact::Known { mut value, source }), Some(Fact::Known { value: more, .. })) => {
            value.items.extend(more.items);
            value.broken.extend(more.broken);
            Fact::Known { value, source }
        }
        (Some(Fact::Known { .. }), Some(other)) | (Some(other), _) => other,
        (None, _) => Fact::Absent { source: api_source("secrets", None, None) },
    }
}

#[derive(Deserialize)]
struct RawRequest {
    metadata: ObjectMeta,
    spec: RawRequestSpec,
    #[serde(default)]
    status: RawRequestStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRequestSpec {
    signer_name: String,
    #[serde(default)]
    username: String,
}

#[derive(Deserialize, Default)]
struct RawRequestStatus {
    #[serde(default)]
    conditions: Vec<Condition>,
    certificate: Option<String>,
}

fn requests(api: &dyn Api) -> List<CertificateRequest> {
    let path = "apis/certificates.k8s.io/v1/certificatesigningrequests";
    list::read(api, &Request::list(path, Form::Whole), &resource_of(path), |raw: RawRequest| {
        let issued = raw.status.certificate.and_then(|text| BASE64.decode(text.as_bytes()).ok());
        Some(CertificateRequest {
            metadata: raw.metadata,
            signer_name: raw.spec.signer_name,
            username: raw.spec.username,
            approved: raw.status.conditions.iter().any(|c| c.kind == "Approved" && c.status != "False"),
            certificate: issued.and_then(|pem| certificates::read(&pem).0.into_iter().next()),
        })
    })
}

/// The server's version, with the server as its witness.
fn version(api: &dyn Api) -> Option<KubernetesVersion> {
    #[derive(Deserialize)]
    struct Said {
        #[serde(rename = "gitVersion")]
        git_version: String,
    }
    let said: Said = serde_json::from_slice(&api.get(&Request::one("version")).ok()?).ok()?;
    Some(KubernetesVersion {
        component: None,
        version: Version::parse(&said.git_version)?,
        text: said.git_version,
        source: Source::stated("the API server"),
    })
}

/// The most characters that are kept of a server's message.
const MESSAGE: usize = 500;

/// Asks an API server for its nodes and its version, and nothing else.
pub fn ask_nodes(server: &Server, options: &Options) -> Facts {
    Facts {
        schema: FACTS_SCHEMA,
        tool: options.tool.clone(),
        time: options.time.clone(),
        platform: None,
        cluster: None,
        versions: version(server).into_iter().collect(),
        node: None,
        api: Some(Box::new(Cluster { nodes: all(server, "api/v1/nodes"), ..Cluster::default() })),
        notes: Vec::new(),
    }
}

/// What follows from a status that is no success. `message` is the server's own word.
pub(crate) fn refusal(code: u16, message: &str) -> Refusal {
    let first: String = message.lines().next().unwrap_or_default().chars().take(MESSAGE).collect();
    let words = if first.is_empty() { format!("{code}") } else { format!("{code} {first}") };
    match code {
        401 | 403 => Refusal::Denied(words),
        404 => Refusal::Absent,
        410 => Refusal::Gone,
        _ => Refusal::Broken(words),
    }
}
