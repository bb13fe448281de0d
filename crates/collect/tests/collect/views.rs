//! What a container sees, and what a collector in a container sees.

use seaworthy_model::{Fact, GrantKind, View};

use crate::support::*;

const POD: &str = "/kubepods/burstable/pod219b84bcdd8ddb9be6cf7d74afbe204d/x";
const HOST: &str = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";

/// A running node with an API server in a static pod, whose own root may not be entered.
fn node_with_apiserver(mountinfo: &str) -> Maker {
    let mut maker = Maker::new();
    maker
        .process(1, "/sbin/init", &["init"], "/init.scope")
        .file("proc/1/mountinfo", HOST)
        .process(
            50,
            "/bin/kube-apiserver",
            &["kube-apiserver", "--tls-cert-file=/pki/a.crt", "--audit-policy-file=/p/x.yaml"],
            POD,
        )
        .file("proc/50/mountinfo", mountinfo)
        .directory("srv/pki", 0o755)
        .entry("srv/pki/a.crt", 0o644, 0, "x")
        .directory("srv/policy", 0o755)
        .entry("srv/policy/real.yaml", 0o640, 0, "kind: Policy\n");
    maker
}

#[test]
fn a_container_that_may_not_be_entered_is_read_through_its_mounts() {
    let mounts = "70 0 0:50 / / rw - overlay overlay rw\n71 70 8:1 /srv/pki /pki ro - ext4 x rw\n72 70 8:1 /srv/policy /p ro - ext4 x rw\n";
    let mut maker = node_with_apiserver(mounts);
    maker.link("srv/policy/x.yaml", "/p/real.yaml");
    let tree = Faulty::new(maker.tree()).live().deny("/proc/50/root");
    let node = node(&tree);
    let view = View::Process(50);
    assert_eq!(node.known(view, "/pki/a.crt").permissions.mode, 0o644);
    assert!(node.record(view, "/pki/a.crt").fact.source().to_string().ends_with("(on the host /srv/pki/a.crt)"));
    // An absolute link leads on in the container, not on the host.
    let policy = node.known(view, "/p/x.yaml");
    assert_eq!((policy.permissions.mode, text(policy)), (0o640, "kind: Policy\n"));
}

#[test]
fn a_path_of_the_containers_own_file_system_is_not_visible_from_outside() {
    let mounts = "70 0 0:50 / / rw - overlay overlay rw\n71 70 8:1 /srv/pki /pki ro - ext4 x rw\n";
    let tree = Faulty::new(node_with_apiserver(mounts).tree()).live().deny("/proc/50/root");
    let node = node(&tree);
    let fact = &node.record(View::Process(50), "/p/x.yaml").fact;
    assert!(matches!(fact, Fact::NotVisible { grant, .. } if grant.name == "SYS_PTRACE"), "{fact:?}");
}

#[test]
fn what_a_container_sees_differently_is_told_as_it_sees_it() {
    let mut maker = node_with_apiserver("70 0 0:50 / / rw - overlay overlay rw\n");
    maker.entry("pki/a.crt", 0o600, 0, "host").entry("proc/50/root/pki/a.crt", 0o666, 0, "own");
    let node = node(&Faulty::new(maker.tree()).live());
    assert_eq!(node.known(View::Process(50), "/pki/a.crt").permissions.mode, 0o666);
    assert!(node.file(View::Host, "/pki/a.crt").is_none());
}

#[test]
fn a_manifest_tells_the_mounts_that_nothing_else_does() {
    let manifest = "kind: Pod\nmetadata: {name: kube-apiserver}\nspec:\n  containers:\n  - name: a\n    command: [kube-apiserver]\n    \
                    volumeMounts:\n    - {name: k, mountPath: /pki, subPath: pki, readOnly: true}\n    - {name: p, mountPath: /p/x.yaml}\n  \
                    volumes:\n  - {name: k, hostPath: {path: /srv/}}\n  - {name: p, hostPath: {path: /srv/policy/real.yaml}}\n";
    let mut maker = node_with_apiserver("");
    maker.directory("etc/kubernetes/manifests", 0o755).file("etc/kubernetes/manifests/a.yaml", manifest);
    let tree = Faulty::new(maker.tree()).live().deny("/proc/50/root").deny("/proc/50/mountinfo");
    let node = node(&tree);
    let view = View::Process(50);
    // Nothing says that it is no process of the host but its control group.
    assert_eq!(node.known(view, "/pki/a.crt").permissions.mode, 0o644);
    assert!(text(node.known(view, "/p/x.yaml")).contains("Policy"));
}

#[test]
fn a_service_with_mounts_of_its_own_has_its_own_view_and_the_hosts_manifests() {
    let mut maker = Maker::new();
    maker
        .process(1, "/sbin/init", &["init"], "/init.scope")
        .file("proc/1/mountinfo", HOST)
        .process(60, "/bin/kubelet", &["kubelet", "--pod-manifest-path=/m"], "/system.slice/kubelet.service")
        .file("proc/60/mountinfo", "80 0 8:1 / / rw - ext4 /dev/sda1 rw\n81 80 0:60 / /tmp rw - tmpfs tmpfs rw\n")
        .directory("m", 0o755)
        .file("m/a.yaml", "kind: Pod\nspec: {}\n");
    let node = node(&Faulty::new(maker.tree()).live().deny("/proc/60/root"));
    assert!(node.known(View::Process(60), "/m").entries.is_some());
    assert_eq!(node.manifests.known().unwrap()[0].path, "/m/a.yaml");
}

/// A collector in a pod: `own` is its mount table; `first` that of the first process that it sees.
fn pod(own: &str, first: &str) -> Maker {
    let mut maker = Maker::new();
    maker
        .process(1, "/pause", &["/pause"], "/")
        .file("proc/1/mountinfo", first)
        .file("proc/self/mountinfo", own)
        .file("proc/self/cgroup", "0::/\n")
        .directory("etc/kubernetes/manifests", 0o700)
        .file("etc/passwd", "root:x:0:0::/:\n")
        .file("etc/hostname", "pod\n");
    maker
}

const OWN: &str = "90 0 0:70 / / rw - overlay overlay rw,upperdir=/var/lib/containerd/x\n\
                   91 90 8:1 /var/lib/kubelet/pods/u/etc-hosts /etc/hosts rw - ext4 x rw\n\
                   92 90 8:1 /var/lib/containerd/h /etc/hostname rw - ext4 x rw\n";

#[test]
fn in_a_pod_only_what_is_mounted_is_the_hosts() {
    let own = format!("{OWN}93 90 8:1 /etc/kubernetes /etc/kubernetes ro - ext4 x rw\n");
    let node = node(&Faulty::new(pod(&own, HOST).tree()).live());
    assert!(node.visibility.container);
    assert_eq!(node.manifests.known().map(Vec::len), Some(0));
    assert!(node.record(View::Host, "/etc/kubernetes/admin.conf").fact.is_absent());
    let config = &node.record(View::Host, "/var/lib/kubelet/config.yaml").fact;
    assert!(
        matches!(config, Fact::NotVisible { grant, .. } if grant.kind == GrantKind::Mount && grant.name == "/var/lib/kubelet")
    );
    let cni = node.record(View::Host, "/etc/cni/net.d").fact.missing().unwrap().grant().unwrap().clone();
    assert_eq!(cni.name, "/etc/cni");
    assert!(node.identity.hostname.known().is_none(), "the host name of the pod is not the node's");
    assert_eq!(node.known(View::Host, "/etc/kubernetes/manifests").permissions.owner, None, "nor are its users");
    assert_eq!(node.processes.known().map(Vec::len), Some(0));
}

#[test]
fn a_pod_without_the_hosts_processes_says_so() {
    let node = node(&Faulty::new(pod(OWN, OWN).tree()).live());
    assert!(matches!(&node.processes, Fact::NotVisible { grant, .. } if grant.name == "hostPID"));
    assert!(matches!(&node.manifests, Fact::NotVisible { grant, .. } if grant.name == "/etc/kubernetes"));
}

#[test]
fn a_node_that_is_a_container_itself_is_a_node() {
    let mut maker = pod(OWN, OWN);
    maker.process(2, "/usr/bin/kubelet", &["kubelet"], "/system.slice/kubelet.service").file("proc/2/mountinfo", OWN);
    let node = node(&Faulty::new(maker.tree()).live());
    assert!(!node.visibility.container);
    assert_eq!(node.processes.known().map(Vec::len), Some(1));
    assert!(node.record(View::Host, "/etc/kubernetes/admin.conf").fact.is_absent());
}

#[test]
fn a_host_that_is_mounted_in_a_pod_is_the_host() {
    let own = format!("{OWN}93 90 8:1 / /host ro - ext4 x rw\n");
    let mut tree = Faulty::new(pod(&own, HOST).tree()).live();
    tree.nature.prefix = b"/host".to_vec();
    let node = node(&tree);
    assert!(!node.visibility.container);
    assert!(node.record(View::Host, "/var/lib/kubelet/config.yaml").fact.is_absent());
    assert_eq!(node.identity.hostname.known().map(String::as_str), Some("pod"));
}

#[test]
fn a_part_of_the_host_below_a_prefix_is_seen_and_the_rest_is_not() {
    let own = format!("{OWN}93 90 8:1 /etc/kubernetes /host/etc/kubernetes ro - ext4 x rw\n");
    let mut tree = Faulty::new(pod(&own, HOST).tree()).live();
    tree.nature.prefix = b"/host".to_vec();
    let node = node(&tree);
    assert!(node.visibility.container);
    assert_eq!(node.manifests.known().map(Vec::len), Some(0));
    assert!(matches!(node.record(View::Host, "/var/lib/kubelet/config.yaml").fact, Fact::NotVisible { .. }));
}
