//! A cluster by hand: one whose API answered everything, with every field that facts keep, and one of which nothing is known.

use std::collections::BTreeMap;

use seaworthy_model::cluster::*;
use seaworthy_model::{Cluster, Fact, Text};

use super::facts::{certificate, known, missing};

fn listed<T>(items: Vec<T>) -> List<T> {
    let broken = vec![BrokenObject { name: "default/odd".into(), error: "missing field `name`".into() }];
    known(Listing { items, broken })
}

fn meta(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: name.into(),
        namespace: Some("default".into()),
        labels: BTreeMap::from([("app".into(), "web".into())]),
        owner_references: vec![Owner { kind: "Node".into(), name: "node1".into(), controller: true }],
        annotations: Annotations { mirror: true },
        deletion_timestamp: Some("2026-01-31T10:00:00Z".into()),
        creation_timestamp: Some("2026-01-31T10:00:00Z".into()),
    }
}

fn selector() -> LabelSelector {
    LabelSelector {
        match_labels: BTreeMap::from([("app".into(), "web".into())]),
        match_expressions: vec![LabelExpression {
            key: "tier".into(),
            operator: "In".into(),
            values: vec!["front".into()],
        }],
    }
}

fn requests() -> OperationRule {
    OperationRule {
        operations: vec!["CREATE".into()],
        api_groups: vec![String::new()],
        resources: vec!["pods".into()],
        resource_names: vec!["a".into()],
    }
}

fn constraints() -> MatchConstraints {
    MatchConstraints { resource_rules: vec![requests()], namespace_selector: Some(selector()) }
}

fn webhooks() -> List<WebhookConfiguration> {
    listed(vec![WebhookConfiguration {
        metadata: meta("engine"),
        webhooks: vec![Webhook {
            name: "validate.example.com".into(),
            rules: vec![requests()],
            failure_policy: Some("Fail".into()),
            namespace_selector: Some(selector()),
            client_config: ClientConfig {
                service: Some(ServiceRef { namespace: "engine".into(), name: "webhook".into() }),
                url: Some(Present),
            },
        }],
    }])
}

fn seccomp() -> Option<SeccompProfile> {
    Some(SeccompProfile { kind: "RuntimeDefault".into() })
}

fn windows() -> Option<WindowsOptions> {
    Some(WindowsOptions { host_process: Some(false), run_as_user_name: Some("ContainerUser".into()) })
}

fn container() -> PodContainer {
    PodContainer {
        name: "kube-apiserver".into(),
        image: Some("registry.k8s.io/kube-apiserver:v1.34.4".into()),
        command: vec!["kube-apiserver".into()],
        args: vec!["--profiling=false".into()],
        env: vec![EnvVar {
            name: "PASSWORD".into(),
            value_from: Some(EnvSource { secret_key_ref: Some(KeyRef { name: "db".into(), key: "password".into() }) }),
        }],
        env_from: vec![EnvFrom { secret_ref: Some(NameRef { name: "db".into() }) }],
        security_context: Some(SecurityContext {
            privileged: Some(false),
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities { add: vec!["NET_ADMIN".into()], drop: vec!["ALL".into()] }),
            run_as_non_root: Some(true),
            run_as_user: Some(1000),
            seccomp_profile: seccomp(),
            windows_options: windows(),
            run_as_group: Some(Present),
            read_only_root_filesystem: Some(Present),
            proc_mount: Some(Present),
            se_linux_options: Some(Present),
            app_armor_profile: Some(Present),
        }),
        volume_mounts: vec![PodVolumeMount { name: "pki".into(), mount_path: "/etc/pki".into(), read_only: true }],
        ports: vec![PodPort { container_port: 6443, host_port: Some(6443), protocol: Some("TCP".into()) }],
    }
}

fn pod_spec() -> PodSpec {
    PodSpec {
        node_name: Some("node1".into()),
        service_account_name: Some("default".into()),
        automount_service_account_token: Some(false),
        host_network: true,
        host_pid: true,
        host_ipc: true,
        host_users: Some(false),
        os: Some(PodOs { name: "linux".into() }),
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(1000),
            seccomp_profile: seccomp(),
            windows_options: windows(),
            run_as_group: Some(Present),
            fs_group: Some(Present),
            fs_group_change_policy: Some(Present),
            supplemental_groups: Some(Present),
            supplemental_groups_policy: Some(Present),
            sysctls: Some(Present),
            se_linux_options: Some(Present),
            se_linux_change_policy: Some(Present),
            app_armor_profile: Some(Present),
        }),
        containers: vec![container()],
        init_containers: vec![PodContainer { name: "init".into(), ..PodContainer::default() }],
        ephemeral_containers: vec![PodContainer { name: "debug".into(), ..PodContainer::default() }],
        volumes: vec![PodVolume {
            name: "pki".into(),
            host_path: Some(HostPath { path: "/etc/kubernetes/pki".into() }),
            projected: Some(Projected { sources: vec![ProjectedSource { service_account_token: Some(Present) }] }),
        }],
    }
}

fn workload(kind: WorkloadKind) -> WorkloadList {
    let template = Some(PodTemplate { spec: PodSpec { containers: vec![container()], ..PodSpec::default() } });
    let job = WorkloadSpec { template: template.clone(), job_template: None };
    let spec = match kind {
        WorkloadKind::CronJob => {
            WorkloadSpec { template: None, job_template: Some(JobTemplate { spec: Box::new(job) }) }
        }
        _ => job,
    };
    WorkloadList { kind, list: listed(vec![Workload { metadata: meta("web"), spec }]) }
}

fn roles() -> List<Role> {
    let rule = PolicyRule {
        verbs: vec!["get".into()],
        api_groups: vec![String::new()],
        resources: vec!["pods/exec".into()],
        resource_names: vec!["a".into()],
        non_resource_urls: vec!["/metrics".into()],
    };
    listed(vec![Role { metadata: meta("reader"), rules: vec![rule] }])
}

fn bindings() -> List<Binding> {
    let subject = SubjectRef {
        kind: "ServiceAccount".into(),
        name: "default".into(),
        namespace: Some("default".into()),
        api_group: Some(String::new()),
    };
    let role_ref = RoleRef { kind: "Role".into(), name: "reader".into() };
    listed(vec![Binding { metadata: meta("readers"), subjects: vec![subject], role_ref }])
}

fn nodes() -> List<NodeObject> {
    listed(vec![NodeObject {
        metadata: meta("node1"),
        spec: NodeSpec {
            unschedulable: true,
            taints: vec![Taint { key: "a".into(), value: Some("b".into()), effect: "NoSchedule".into() }],
        },
        status: NodeStatus {
            node_info: NodeInfo {
                kubelet_version: "v1.34.4".into(),
                operating_system: "linux".into(),
                architecture: "amd64".into(),
            },
            conditions: vec![Condition { kind: "Ready".into(), status: "True".into(), reason: Some("Ready".into()) }],
        },
    }])
}

fn network_policies() -> List<NetworkPolicy> {
    let rule =
        |from: usize, to: usize| NetworkRule { from: vec![Present; from], to: vec![Present; to], ports: vec![Present] };
    let spec = NetworkPolicySpec {
        pod_selector: selector(),
        policy_types: vec!["Ingress".into(), "Egress".into()],
        ingress: vec![rule(2, 0)],
        egress: vec![rule(0, 1)],
    };
    listed(vec![NetworkPolicy { metadata: meta("deny"), spec }])
}

fn objects() -> List<PartialObject> {
    listed(vec![PartialObject { metadata: meta("a") }])
}

fn texts(text: impl Fn() -> Fact<Text>) -> (Vec<KubeletConfig>, Vec<ConfigText>) {
    let config = ConfigText {
        namespace: "kube-system".into(),
        name: "kubelet-config".into(),
        key: "kubelet".into(),
        text: text(),
    };
    (vec![KubeletConfig { node: "node1".into(), config: text() }], vec![config])
}

pub(super) fn everything() -> Cluster {
    let (kubelets, config_maps) = texts(|| known(Text { text: "{\"readOnlyPort\":0}".into(), redactions: 1 }));
    let policy = AdmissionPolicySpec {
        match_constraints: Some(constraints()),
        validations: vec![Present],
        failure_policy: Some("Fail".into()),
    };
    let bound = AdmissionPolicyBindingSpec {
        policy_name: "policy".into(),
        validation_actions: vec!["Deny".into()],
        match_resources: Some(constraints()),
    };
    let request = CertificateRequest {
        metadata: meta("csr"),
        signer_name: "kubernetes.io/kube-apiserver-client".into(),
        username: "jane".into(),
        approved: true,
        certificate: Some(certificate()),
    };
    Cluster {
        authority: known("ab".repeat(32)),
        nodes: nodes(),
        namespaces: objects(),
        pods: listed(vec![PodObject {
            metadata: meta("web"),
            spec: pod_spec(),
            status: PodStatus { phase: Some("Running".into()) },
        }]),
        workloads: WorkloadKind::ALL.map(workload).into(),
        service_accounts: listed(vec![ServiceAccount {
            metadata: meta("default"),
            automount_service_account_token: Some(false),
        }]),
        roles: roles(),
        cluster_roles: roles(),
        role_bindings: bindings(),
        cluster_role_bindings: bindings(),
        network_policies: network_policies(),
        token_secrets: listed(vec![TokenSecret {
            metadata: meta("token"),
            kind: "bootstrap.kubernetes.io/token".into(),
        }]),
        certificate_requests: listed(vec![request]),
        custom_resources: objects(),
        validating_webhooks: webhooks(),
        mutating_webhooks: webhooks(),
        admission_policies: listed(vec![AdmissionPolicy { metadata: meta("policy"), spec: policy }]),
        admission_policy_bindings: listed(vec![AdmissionPolicyBinding { metadata: meta("bound"), spec: bound }]),
        default_namespace: vec![DefaultList { resource: "services".into(), kind: "Service".into(), list: objects() }],
        discovery: known(true),
        kubelets,
        config_maps,
        metrics: known(Metrics {
            written_by: vec![("secrets".into(), "k8s:enc:aescbc:v1:key1:".into(), 12)],
            audit_levels: vec![("Metadata".into(), 7)],
        }),
    }
}

pub(super) fn nothing() -> Cluster {
    let (kubelets, config_maps) = texts(|| missing(3));
    let of = |kind| WorkloadList { kind, list: missing(2) };
    Cluster {
        authority: missing(3),
        nodes: missing(0),
        namespaces: missing(1),
        pods: missing(2),
        workloads: vec![of(WorkloadKind::Job)],
        service_accounts: missing(3),
        roles: missing(4),
        cluster_roles: missing(5),
        role_bindings: missing(6),
        cluster_role_bindings: missing(7),
        network_policies: missing(8),
        token_secrets: missing(9),
        certificate_requests: missing(10),
        custom_resources: missing(11),
        validating_webhooks: missing(12),
        mutating_webhooks: missing(13),
        admission_policies: missing(14),
        admission_policy_bindings: missing(15),
        default_namespace: vec![DefaultList { resource: "services".into(), kind: "Service".into(), list: missing(2) }],
        discovery: missing(16),
        kubelets,
        config_maps,
        metrics: missing(17),
    }
}
