//! What was read of a cluster through its API.
//!
//! Objects are trimmed to what rules read, and keep the API's own field names: the same types read an answer of the API server, a
//! recorded one, and facts that were written before. Values of environment variables, data of Secrets and annotations have no field
//! here, so that they can never become a fact.

mod access;
mod admission;
mod meta;
mod network;
mod node;
mod pod;
mod workload;

use serde::{Deserialize, Serialize};

pub use access::{Binding, PolicyRule, Role, RoleRef, ServiceAccount, SubjectRef};
pub use admission::{
    AdmissionPolicy, AdmissionPolicyBinding, AdmissionPolicyBindingSpec, AdmissionPolicySpec, ClientConfig,
    MatchConstraints, OperationRule, ServiceRef, Webhook, WebhookConfiguration,
};
pub use meta::{Annotations, LabelExpression, LabelSelector, ObjectMeta, Owner, PartialObject, Present};
pub use network::{NetworkPolicy, NetworkPolicySpec, NetworkRule};
pub use node::{Condition, NodeInfo, NodeObject, NodeSpec, NodeStatus, Taint};
pub use pod::{
    Capabilities, EnvFrom, EnvSource, EnvVar, HostPath, KeyRef, NameRef, PodContainer, PodObject, PodOs, PodPort,
    PodSecurityContext, PodSpec, PodStatus, PodVolume, PodVolumeMount, Projected, ProjectedSource, SeccompProfile,
    SecurityContext, WindowsOptions,
};
pub use workload::{JobTemplate, PodTemplate, Workload, WorkloadKind, WorkloadSpec};

use crate::{ApiObject, Certificate, Fact, Grant, GrantKind, Missing, Source, SourcePlace, Text};

/// A list of the API: what could be read of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing<T> {
    /// The objects that could be read, in the order in which the API gave them.
    pub items: Vec<T>,
    /// The objects that are there and could not be read. A rule that needs them all does not pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<BrokenObject>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Listing { items: Vec::new(), broken: Vec::new() }
    }
}

/// An object of a list that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenObject {
    /// `namespace/name`, or as much of it as could be read; else its place in the list.
    pub name: String,
    /// What is wrong with it.
    pub error: String,
}

/// A list, or why there is none.
pub type List<T> = Fact<Listing<T>>;

/// What was read of a cluster through its API. A list that is not in a document was not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cluster {
    /// SHA-256 of the public key of the cluster's certificate authority, in hexadecimal: whether a node that was read is one of this cluster.
    pub authority: Fact<String>,
    /// Nodes.
    pub nodes: List<NodeObject>,
    /// Namespaces.
    pub namespaces: List<PartialObject>,
    /// Pods.
    pub pods: List<PodObject>,
    /// Deployments, DaemonSets, StatefulSets, ReplicaSets, ReplicationControllers, Jobs, CronJobs: in the order of [`WorkloadKind`].
    pub workloads: Vec<WorkloadList>,
    /// Service accounts.
    pub service_accounts: List<ServiceAccount>,
    /// Roles.
    pub roles: List<Role>,
    /// ClusterRoles.
    pub cluster_roles: List<Role>,
    /// RoleBindings.
    pub role_bindings: List<Binding>,
    /// ClusterRoleBindings.
    pub cluster_role_bindings: List<Binding>,
    /// NetworkPolicies.
    pub network_policies: List<NetworkPolicy>,
    /// Secrets that are service account tokens or bootstrap tokens: their metadata and type, never their data.
    pub token_secrets: List<TokenSecret>,
    /// Certificate signing requests.
    pub certificate_requests: List<CertificateRequest>,
    /// Custom resource definitions. Their names read `PLURAL.GROUP`.
    pub custom_resources: List<PartialObject>,
    /// Validating and mutating webhook configurations.
    pub validating_webhooks: List<WebhookConfiguration>,
    /// Mutating webhook configurations.
    pub mutating_webhooks: List<WebhookConfiguration>,
    /// Validating admission policies.
    pub admission_policies: List<AdmissionPolicy>,
    /// Bindings of validating admission policies.
    pub admission_policy_bindings: List<AdmissionPolicyBinding>,
    /// The objects of the namespace `default`, resource by resource, except events.
    pub default_namespace: Vec<DefaultList>,
    /// Whether `default_namespace` covers every resource that the server has. Known where its discovery could be read.
    pub discovery: Fact<bool>,
    /// The configuration that each kubelet runs by, as its `configz` says. Sorted by node.
    pub kubelets: Vec<KubeletConfig>,
    /// ConfigMaps of kubeadm and kube-proxy that rules read: one entry a key.
    pub config_maps: Vec<ConfigText>,
    /// The API server's own counters on encryption and audit.
    pub metrics: Fact<Metrics>,
}

impl Default for Cluster {
    fn default() -> Self {
        Cluster {
            authority: not_asked("get configmaps/kube-root-ca.crt in kube-system"),
            nodes: not_asked("list nodes"),
            namespaces: not_asked("list namespaces"),
            pods: not_asked("list pods"),
            workloads: WorkloadKind::ALL
                .iter()
                .map(|kind| WorkloadList { kind: *kind, list: not_asked(&format!("list {}", kind.resource())) })
                .collect(),
            service_accounts: not_asked("list serviceaccounts"),
            roles: not_asked("list roles.rbac.authorization.k8s.io"),
            cluster_roles: not_asked("list clusterroles.rbac.authorization.k8s.io"),
            role_bindings: not_asked("list rolebindings.rbac.authorization.k8s.io"),
            cluster_role_bindings: not_asked("list clusterrolebindings.rbac.authorization.k8s.io"),
            network_policies: not_asked("list networkpolicies.networking.k8s.io"),
            token_secrets: not_asked("list secrets"),
            certificate_requests: not_asked("list certificatesigningrequests.certificates.k8s.io"),
            custom_resources: not_asked("list customresourcedefinitions.apiextensions.k8s.io"),
            validating_webhooks: not_asked("list validatingwebhookconfigurations.admissionregistration.k8s.io"),
            mutating_webhooks: not_asked("list mutatingwebhookconfigurations.admissionregistration.k8s.io"),
            admission_policies: not_asked("list validatingadmissionpolicies.admissionregistration.k8s.io"),
            admission_policy_bindings: not_asked("list validatingadmissionpolicybindings.admissionregistration.k8s.io"),
            default_namespace: Vec::new(),
            discovery: not_asked("get /api, /apis"),
            kubelets: Vec::new(),
            config_maps: Vec::new(),
            metrics: not_asked("get /metrics"),
        }
    }
}

/// The fact for what these facts do not hold.
fn not_asked<T>(what: &str) -> Fact<T> {
    Fact::NotVisible {
        grant: Grant::new(GrantKind::Recording, what),
        source: Source::stated(format!("the answer to {what}")),
    }
}

impl Cluster {
    /// Why a list is not known in full: `None` if it is. `ask` is written as rules write it, `list pods` or
    /// `list roles.rbac.authorization.k8s.io`; a word that names no list is one that was not asked for.
    pub fn missing(&self, ask: &str) -> Option<Gap<'_>> {
        self.answer(ask).map_or(Some(Gap::NotAsked), |answer| answer.gap)
    }

    /// What came of asking for a list; `None` if it was not asked for.
    pub fn answer(&self, ask: &str) -> Option<Answer<'_>> {
        let resource = ask.strip_prefix("list ").unwrap_or(ask);
        if let Some(found) = self.workloads.iter().find(|w| w.kind.resource() == resource) {
            return Some(Answer::of(&found.list));
        }
        Some(match resource {
            "nodes" => Answer::of(&self.nodes),
            "namespaces" => Answer::of(&self.namespaces),
            "pods" => Answer::of(&self.pods),
            "serviceaccounts" => Answer::of(&self.service_accounts),
            "roles.rbac.authorization.k8s.io" => Answer::of(&self.roles),
            "clusterroles.rbac.authorization.k8s.io" => Answer::of(&self.cluster_roles),
            "rolebindings.rbac.authorization.k8s.io" => Answer::of(&self.role_bindings),
            "clusterrolebindings.rbac.authorization.k8s.io" => Answer::of(&self.cluster_role_bindings),
            "networkpolicies.networking.k8s.io" => Answer::of(&self.network_policies),
            "secrets" => Answer::of(&self.token_secrets),
            "certificatesigningrequests.certificates.k8s.io" => Answer::of(&self.certificate_requests),
            "customresourcedefinitions.apiextensions.k8s.io" => Answer::of(&self.custom_resources),
            "validatingwebhookconfigurations.admissionregistration.k8s.io" => Answer::of(&self.validating_webhooks),
            "mutatingwebhookconfigurations.admissionregistration.k8s.io" => Answer::of(&self.mutating_webhooks),
            "validatingadmissionpolicies.admissionregistration.k8s.io" => Answer::of(&self.admission_policies),
            "validatingadmissionpolicybindings.admissionregistration.k8s.io" => {
                Answer::of(&self.admission_policy_bindings)
            }
            // Of every other resource only what is in the namespace `default` was asked for.
            _ => {
                let found = self.default_namespace.iter().find(|list| list.resource == resource);
                return found.map(|found| Answer::of(&found.list));
            }
        })
    }

    /// What of this is about one node: its kubelet's configuration and its mirror pods, and what every node shares.
    #[must_use]
    pub fn for_node(&self, name: &str) -> Cluster {
        let of_system = |meta: &ObjectMeta| meta.namespace.as_deref() == Some("kube-system");
        let mine = |pod: &&PodObject| of_system(&pod.metadata) && pod.spec.node_name.as_deref() == Some(name);
        Cluster {
            authority: self.authority.clone(),
            pods: narrowed(&self.pods, |items| items.iter().filter(mine).cloned().collect()),
            workloads: (self.workloads.iter().filter(|w| w.kind == WorkloadKind::DaemonSet))
                .map(|w| WorkloadList {
                    kind: w.kind,
                    list: narrowed(&w.list, |items| items.iter().filter(|o| of_system(&o.metadata)).cloned().collect()),
                })
                .collect(),
            kubelets: self.kubelets.iter().filter(|kubelet| kubelet.node == name).cloned().collect(),
            config_maps: self.config_maps.clone(),
            metrics: self.metrics.clone(),
            ..Cluster::default()
        }
    }

    /// The list of one kind of workload.
    pub fn workload(&self, kind: WorkloadKind) -> Option<&List<Workload>> {
        self.workloads.iter().find(|w| w.kind == kind).map(|w| &w.list)
    }
}

/// A list with some of its objects; what is missing of it stays missing.
fn narrowed<T>(list: &List<T>, keep: impl FnOnce(&[T]) -> Vec<T>) -> List<T> {
    list.as_ref().map(|listing| Listing { items: keep(&listing.items), broken: listing.broken.clone() })
}

/// What came of asking for a list.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// What is missing of it, if anything is.
    pub gap: Option<Gap<'a>>,
    /// How many objects could be read.
    pub count: usize,
    /// Where it was asked for.
    pub source: &'a Source,
}

impl<'a> Answer<'a> {
    fn of<T>(list: &'a List<T>) -> Self {
        Answer {
            gap: Gap::of(list),
            count: list.known().map_or(0, |listing| listing.items.len()),
            source: list.source(),
        }
    }
}

/// Why a list is not known in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap<'a> {
    /// There is no list.
    Missing(Missing<'a>),
    /// Some of its objects could not be read.
    Broken(&'a [BrokenObject]),
    /// It was not asked for.
    NotAsked,
}

impl<'a> Gap<'a> {
    /// What is missing of a list, if anything is.
    pub fn of<T>(list: &'a List<T>) -> Option<Gap<'a>> {
        match list {
            Fact::Known { value, .. } if value.broken.is_empty() => None,
            Fact::Known { value, .. } => Some(Gap::Broken(&value.broken)),
            other => other.missing().map(Gap::Missing),
        }
    }
}

/// The objects of one kind of workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadList {
    /// The kind.
    pub kind: WorkloadKind,
    /// The objects.
    pub list: List<Workload>,
}

/// The objects of one resource in the namespace `default`: metadata only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultList {
    /// `configmaps`, `deployments.apps`.
    pub resource: String,
    /// `ConfigMap`.
    pub kind: String,
    /// The objects.
    pub list: List<PartialObject>,
}

/// A Secret that holds a token. Its data is never asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSecret {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// `kubernetes.io/service-account-token` or `bootstrap.kubernetes.io/token`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A certificate signing request, as far as it tells who asks for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateRequest {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// The signer that is asked.
    pub signer_name: String,
    /// Who asks.
    #[serde(default)]
    pub username: String,
    /// Whether somebody approved it.
    pub approved: bool,
    /// The public part of the certificate that was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
}

/// The configuration by which a kubelet runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KubeletConfig {
    /// The node's name.
    pub node: String,
    /// A KubeletConfiguration, as JSON.
    pub config: Fact<Text>,
}

/// One key of a ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigText {
    /// The ConfigMap's namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The key.
    pub key: String,
    /// The text under that key.
    pub text: Fact<Text>,
}

/// What the API server counts about encryption and audit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Metrics {
    /// How often a resource was written by which provider since the server started: resource, provider's prefix, count.
    pub written_by: Vec<(String, String, u64)>,
    /// How many requests were recorded at which audit level: level, count.
    pub audit_levels: Vec<(String, u64)>,
}

/// The source of a list or an object of the API.
pub fn api_source(resource: &str, namespace: Option<&str>, name: Option<&str>) -> Source {
    let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
    SourcePlace::Api(ApiObject {
        group: group.to_owned(),
        resource: resource.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.map(str::to_owned),
        uid: None,
    })
    .into()
}
