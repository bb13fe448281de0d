//! The kubelet, and the disks.

use seaworthy_fix::rescue::{Disk, Kind, Proposal, render};

use super::node::{MANIFEST, Node, is};

const CONFIG: &str = "/var/lib/kubelet/config.yaml";

#[test]
fn a_kubelet_that_does_not_run_or_is_stopped_is_found() {
    let node = Node::new();
    node.process(7, "kube-apiserver --secure-port=6443", 'S').process(8, "etcd", 'S');
    let finding = node.finding();
    assert_eq!((finding.kind, finding.component.as_deref(), finding.down), (Kind::Kubelet, Some("kubelet"), true));
    assert!(matches!(&finding.proposals[..], [Proposal::ByHand { what }] if what.contains("systemctl start kubelet")));
    node.process(9, "/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml", 'T');
    let finding = node.finding();
    assert!(finding.cause.contains("stopped (process 9, state T)"), "{}", finding.cause);
    assert!(matches!(&finding.proposals[..], [Proposal::ByHand { what }] if what == "kill -CONT 9"));
    node.process(9, "/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml", 'S');
    assert!(node.diagnose().findings.is_empty());
    // One that has ended and was not waited for is none.
    node.process(9, "/usr/bin/kubelet", 'Z');
    assert_eq!(node.finding().kind, Kind::Kubelet);
}

#[test]
fn what_does_not_run_comes_before_what_does() {
    let node = Node::new();
    node.process(9, "kubelet", 'S').process(8, "etcd --x", 'S');
    node.put("/etc/kubernetes/manifests/etcd.yaml", super::node::ETCD.replace("  hostNetwork", "   hostNetwork"));
    node.put(MANIFEST, super::node::edited("--allow-privileged", "--allow-priviledged"));
    let found = node.diagnose().findings;
    let order: Vec<_> = found.iter().map(|finding| (finding.component.as_deref().unwrap(), finding.down)).collect();
    assert_eq!(order, [("kube-apiserver", true), ("etcd", false)]);
    assert!(render(&node.diagnose(), true).contains("kube-apiserver, which does not run"));
}

#[test]
fn a_configuration_that_the_kubelet_does_not_take_is_told_with_its_line() {
    let node = Node::new();
    node.put(CONFIG, "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n staticPodPath: /x\n");
    let finding = node.finding();
    assert_eq!((finding.kind, finding.file.as_deref()), (Kind::KubeletConfig, Some(CONFIG)));
    assert!(finding.line > 0 && finding.cause.contains("does not parse"), "{finding:#?}");
    node.put(CONFIG, "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfig\n");
    is(&node.finding(), Kind::KubeletConfig, CONFIG, 1, "the kind is not KubeletConfiguration");
    node.put(CONFIG, "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n");
    is(&node.finding(), Kind::KubeletConfig, CONFIG, 0, "has no staticPodPath");
    node.remove(CONFIG);
    is(&node.finding(), Kind::KubeletConfig, CONFIG, 0, "does not exist");
}

#[test]
fn a_key_twice_stops_the_kubelet_in_a_drop_in_only() {
    let node = Node::new();
    let twice = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: 1\nmaxPods: 2\n";
    node.put(CONFIG, format!("{twice}staticPodPath: /etc/kubernetes/manifests\n"));
    assert!(node.diagnose().findings.is_empty());
    node.put("/etc/kubelet.d/10.conf", twice);
    node.process(9, "kubelet --config=/var/lib/kubelet/config.yaml --config-dir=/etc/kubelet.d", 'S');
    is(&node.finding(), Kind::KubeletConfig, "/etc/kubelet.d/10.conf", 4, "\"maxPods\" is set twice");
}

#[test]
fn the_manifests_are_where_the_kubelet_reads_them() {
    let node = Node::new();
    let config = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nstaticPodPath: /srv/pods\n";
    node.put(CONFIG, config).put("/srv/pods/etcd.yaml", "");
    let found = node.diagnose().findings;
    assert!(found.iter().any(|finding| finding.file.as_deref() == Some("/srv/pods/etcd.yaml")), "{found:#?}");
}

#[test]
fn a_disk_that_takes_nothing_is_found_once() {
    let fine = Disk { bytes_left: 1 << 30, bytes: 1 << 34, inodes_left: 1 << 20, inodes: 1 << 22, read_only: false };
    for (disk, cause) in [
        (Disk { bytes_left: 4096, ..fine }, "is full"),
        (Disk { inodes_left: 0, ..fine }, "has no inodes left"),
        (Disk { read_only: true, ..fine }, "is read-only"),
    ] {
        let mut node = Node::new();
        node.put("/var/lib/etcd/member/x", "");
        node.disk = Some(("/var", disk));
        let finding = node.finding();
        is(&finding, Kind::Disk, "/var/lib/etcd", 0, cause);
        assert!(matches!(&finding.proposals[..], [Proposal::ByHand { .. }]));
    }
    let mut node = Node::new();
    node.disk = Some(("/", Disk { inodes: 0, inodes_left: 0, ..fine }));
    assert!(node.diagnose().findings.is_empty(), "btrfs counts no inodes");
}

#[test]
fn the_disk_of_a_running_node_is_asked_and_a_copy_s_is_not() {
    let here = seaworthy_collect::open(std::path::Path::new("/")).unwrap();
    let disk = seaworthy_fix::rescue::disk(here.as_ref(), "/no/such/directory").unwrap();
    assert!(disk.bytes > 0);
    let copy = tempfile::tempdir().unwrap();
    let copy = seaworthy_collect::open(copy.path()).unwrap();
    assert_eq!(seaworthy_fix::rescue::disk(copy.as_ref(), "/"), None);
}
