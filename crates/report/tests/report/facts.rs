//! Two nodes and their clusters by hand: one of which everything is known, one of which nothing is. Between them they hold every key, every state of a
//! fact and every variant that the schema of facts knows.

use seaworthy_model::*;

use super::cluster;
use super::findings::every_source;

pub(super) fn known<T>(value: T) -> Fact<T> {
    Fact::Known { value, source: Source::host("/proc") }
}

/// The states of a fact that is not known.
pub(super) fn missing<T>(number: usize) -> Fact<T> {
    let source = every_source().swap_remove(number % 9);
    let kinds = [
        GrantKind::Mount,
        GrantKind::Capability,
        GrantKind::Namespace,
        GrantKind::User,
        GrantKind::Api,
        GrantKind::Recording,
    ];
    let grant = Grant::new(kinds[number % kinds.len()], "/etc");
    match number % 4 {
        0 => Fact::Absent { source },
        1 => Fact::NotVisible { grant, source },
        2 => Fact::Denied { error: "Permission denied".into(), grant, source },
        _ => Fact::Broken { error: "line 3 is no YAML".into(), source },
    }
}

pub(crate) fn everything_known() -> Facts {
    let version = |component: Option<&str>, text: &str| KubernetesVersion {
        component: component.map(Into::into),
        version: Version::parse(text).unwrap(),
        text: text.into(),
        source: Source::stated("--version"),
    };
    Facts {
        platform: Some("kubeadm".into()),
        schema: FACTS_SCHEMA,
        tool: Tool { name: "seaworthy".into(), version: "0.1.0".into() },
        time: Some("2026-01-31T10:00:00Z".into()),
        cluster: Some(ClusterIdentity { id: known("ab".repeat(32)), name: Some("test".into()) }),
        versions: vec![version(Some("kube-apiserver"), "v1.34.4"), version(None, "1.34")],
        node: Some(Node {
            identity: NodeIdentity { certificate: known("node1".into()), hostname: known("node1".into()) },
            os: known(Os { name: "Debian GNU/Linux 12 (bookworm)".into(), kernel: Some("6.1.0".into()) }),
            visibility: Visibility { live: true, root: true, container: false, times: true },
            processes: known(processes()),
            manifests: known(vec![
                Manifest { path: "/etc/kubernetes/manifests/a.yaml".into(), pod: known(pod()) },
                Manifest { path: "/etc/kubernetes/manifests/b.yaml".into(), pod: missing(3) },
            ]),
            files: files(),
        }),
        api: Some(Box::new(cluster::everything())),
        notes: vec!["the clock is off".into()],
    }
}

pub(crate) fn nothing_known() -> Facts {
    Facts {
        platform: Some("kubeadm".into()),
        schema: FACTS_SCHEMA,
        tool: Tool { name: "seaworthy".into(), version: "0.1.0".into() },
        time: None,
        cluster: Some(ClusterIdentity { id: missing(0), name: None }),
        versions: Vec::new(),
        node: Some(Node {
            identity: NodeIdentity { certificate: missing(1), hostname: missing(2) },
            os: missing(3),
            visibility: Visibility { live: false, root: false, container: true, times: false },
            processes: missing(4),
            manifests: missing(5),
            files: (0..12).map(|n| FileRecord { view: View::Host, path: format!("/{n}"), fact: missing(n) }).collect(),
        }),
        api: Some(Box::new(cluster::nothing())),
        notes: Vec::new(),
    }
}

fn processes() -> Vec<Process> {
    let places = [
        Place::Host,
        Place::Session,
        Place::StaticPod { uid: "0f".repeat(16) },
        Place::Pod { uid: "6f0b".into(), namespace: Some("kube-system".into()), name: Some("kube-proxy-x".into()) },
        Place::Pod { uid: "6f0c".into(), namespace: None, name: None },
        Place::Container { id: "c0ffee".into() },
    ];
    let variable = Variable { name: "ETCD_DATA_DIR".into(), value: "/var/lib/etcd".into() };
    let mut processes: Vec<Process> = (800..)
        .zip(places)
        .map(|(pid, place)| Process {
            pid,
            parent: Some(1),
            comm: "etcd".into(),
            executable: known("/usr/local/bin/etcd".into()),
            arguments: known(vec!["etcd".into(), "--data-dir=/var/lib/etcd".into()]),
            environment: known(vec![variable.clone()]),
            uid: Some(0),
            start: Some(1_769_850_000_000),
            place: known(place),
            mounts: vec![Mount { path: "/data".into(), host_path: "/var/lib/etcd".into() }],
        })
        .collect();
    processes.push(Process {
        pid: 900,
        parent: None,
        comm: "kubelet".into(),
        executable: missing(0),
        arguments: missing(1),
        environment: missing(2),
        uid: None,
        start: None,
        place: missing(3),
        mounts: Vec::new(),
    });
    processes
}

fn pod() -> Pod {
    let probe = Probe {
        kind: "liveness".into(),
        scheme: "HTTPS".into(),
        host: Some("127.0.0.1".into()),
        port: "6443".into(),
        path: "/livez".into(),
        failure_threshold: Some(8),
        period_seconds: Some(10),
    };
    Pod {
        name: "kube-apiserver".into(),
        namespace: Some("kube-system".into()),
        host_network: true,
        containers: vec![Container {
            name: "kube-apiserver".into(),
            init: false,
            image: "registry.k8s.io/kube-apiserver:v1.34.4".into(),
            arguments: vec![Argument { text: "--profiling=false".into(), line: 14 }],
            environment: vec![Variable { name: "GOGC".into(), value: "100".into() }],
            mounts: vec![VolumeMount {
                volume: "pki".into(),
                path: "/etc/kubernetes/pki".into(),
                sub_path: Some("etcd".into()),
                read_only: true,
            }],
            probes: vec![probe],
        }],
        volumes: vec![Volume { name: "pki".into(), host_path: "/etc/kubernetes/pki".into() }],
    }
}

pub(super) fn certificate() -> Certificate {
    Certificate {
        common_name: Some("kubernetes".into()),
        organizations: vec!["system:masters".into()],
        issuer: "CN=kubernetes".into(),
        not_before: 1_700_000_000,
        not_after: 2_000_000_000,
        authority: true,
        key: "EC".into(),
        public_key_sha256: "ab".repeat(32),
        sha256: "cd".repeat(32),
    }
}

fn files() -> Vec<FileRecord> {
    let file = |kind| File {
        kind,
        permissions: Permissions {
            mode: 0o600,
            uid: 0,
            gid: 0,
            owner: Some("root".into()),
            group: Some("root".into()),
        },
        size: 12,
        modified: Some(1_769_850_000_000),
        changed: Some(1_769_850_000_000),
        directory_modified: Some(1_769_850_000_000),
        inode: Some((2049, u64::MAX)),
        links: vec!["/etc/a -> /etc/b".into()],
        target: "/etc/b".into(),
        digest: Some("ef".repeat(32)),
        text: None,
        entries: None,
        certificates: Vec::new(),
    };
    let text = File {
        text: Some(known(Text { text: "a: REDACTED\n".into(), redactions: 1 })),
        certificates: vec![certificate()],
        ..file(FileKind::Regular)
    };
    let entries = Some(known(Directory { names: vec![".hidden".into(), "a.yaml".into()] }));
    [
        (View::Host, "/etc/a", File { text: Some(missing(1)), ..file(FileKind::Regular) }),
        (View::Host, "/etc/b", text),
        (View::Host, "/etc/c", File { entries, ..file(FileKind::Directory) }),
        (View::Process(812), "/etc/d", File { entries: Some(missing(2)), ..file(FileKind::Directory) }),
        (View::Process(812), "/run/e", file(FileKind::Other)),
    ]
    .map(|(view, path, file)| FileRecord { view, path: path.into(), fact: known(file) })
    .into()
}
