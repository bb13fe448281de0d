//! Real nodes.

use std::path::Path;

use seaworthy_collect::{Archive, open};
use seaworthy_model::{Fact, FileKind, Place, View};

use crate::support::*;

fn recording(name: &str) -> Archive {
    Archive::read(&archive_bytes(name)).unwrap()
}

#[test]
fn a_control_plane_node_is_known_with_its_cluster() {
    let facts = facts(&recording("default"));
    let cluster = facts.cluster.unwrap().id;
    assert_eq!(
        cluster.known().map(String::as_str),
        Some("ab1bfaf041ebb0120a14c62c841e572754c1f3aaf7986318a1fce5356f7ac96a")
    );
    let node = facts.node.unwrap();
    assert_eq!(node.identity.certificate.known().map(String::as_str), Some("node1"));
    assert_eq!(node.os.known().map(|os| os.name.as_str()), Some("Debian GNU/Linux 12 (bookworm)"));
    assert!(!node.visibility.live && node.visibility.root && !node.visibility.container && !node.visibility.times);
    assert!(facts.notes.is_empty());
    let versions: Vec<_> = facts.versions.iter().map(|v| (v.component.as_deref(), v.text.as_str())).collect();
    let all = [Some("kube-apiserver"), Some("kube-controller-manager"), Some("kube-scheduler"), None];
    assert_eq!(versions, all.map(|who| (who, "v1.34.4")), "etcd's version is none of Kubernetes; the API says its own");
}

#[test]
fn every_process_of_a_control_plane_is_found_in_its_place() {
    let node = node(&recording("default"));
    let processes = node.processes.known().unwrap();
    let names: Vec<_> = processes.iter().map(|process| (process.pid, process.comm.as_str())).collect();
    let want = [
        (80, "kubelet"),
        (317, "etcd"),
        (344, "kube-controller"),
        (351, "kube-apiserver"),
        (406, "kube-scheduler"),
        (531, "kube-proxy"),
    ];
    assert_eq!(names, want);
    assert_eq!(node.process(80).place.known(), Some(&Place::Host));
    let uid = "219b84bcdd8ddb9be6cf7d74afbe204d".to_owned();
    assert_eq!(node.process(317).place.known(), Some(&Place::StaticPod { uid }));
    assert!(matches!(node.process(531).place.known(), Some(Place::Pod { uid, .. }) if uid.starts_with("28b4d1bc-")));
    assert_eq!(node.process(344).executable.known().unwrap(), "/usr/local/bin/kube-controller-manager");
    let arguments = node.process(351).arguments.known().unwrap();
    assert_eq!(arguments[0], "kube-apiserver");
    assert!(arguments.contains(&"--enable-bootstrap-token-auth=true".to_owned()), "{arguments:?}");
    assert!(processes.iter().all(|process| process.uid == Some(0) && process.start.is_none()));
}

#[test]
fn a_containers_mounts_lead_to_the_hosts_paths() {
    let node = node(&recording("default"));
    let mounts = &node.process(351).mounts;
    let host = |path: &str| mounts.iter().find(|mount| mount.path == path).map(|mount| mount.host_path.as_str());
    assert_eq!(host("/etc/kubernetes/pki"), Some("/etc/kubernetes/pki"));
    assert_eq!(host("/proc"), None);
    let view = View::Process(531);
    let config = node.record(view, "/var/lib/kube-proxy/config.conf");
    let pods = "/var/lib/kubelet/pods/28b4d1bc-f893-4e2a-b72b-a6849167d223/volumes/kubernetes.io~configmap/kube-proxy/config.conf";
    assert!(config.fact.source().to_string().contains(pods), "{}", config.fact.source());
    assert_eq!(node.known(view, "/var/lib/kube-proxy/config.conf").links.len(), 2);
    assert!(text(node.known(view, "/var/lib/kube-proxy/config.conf")).contains("kind: KubeProxyConfiguration"));
    assert!(node.process(80).mounts.is_empty(), "the host's processes need no map");
}

#[test]
fn what_a_configuration_document_names_is_looked_at() {
    let node = node(&recording("worker"));
    node.known(View::Process(196), "/var/lib/kube-proxy/kubeconfig.conf");
    // The kubelet's clientCAFile and staticPodPath.
    assert_eq!(node.known(View::Host, "/etc/kubernetes/pki/ca.crt").certificates.len(), 1);
    assert!(node.record(View::Host, "/etc/kubernetes/manifests").fact.is_absent());
    assert!(node.manifests.is_absent());
}

#[test]
fn kubeconfigs_show_certificates_and_no_keys() {
    let node = node(&recording("hardened"));
    let admin = node.known(View::Host, "/etc/kubernetes/admin.conf");
    let names: Vec<_> = admin.certificates.iter().map(|c| (c.common_name.as_deref().unwrap(), c.authority)).collect();
    assert_eq!(names, [("kubernetes", true), ("kubernetes-admin", false)]);
    assert_eq!(admin.certificates[1].organizations, ["kubeadm:cluster-admins"]);
    assert!(text(admin).contains("client-key-data: REDACTED\n"));
    assert_eq!(admin.digest.as_ref().unwrap().len(), 64);
    let encryption = text(node.known(View::Process(4594), "/etc/kubernetes/enc/enc.yaml"));
    assert!(
        encryption.contains("secret: REDACTED") && encryption.contains("kind: EncryptionConfiguration"),
        "{encryption}"
    );
}

#[test]
fn manifests_keep_the_line_of_every_argument() {
    let node = node(&recording("hardened"));
    let manifests = node.manifests.known().unwrap();
    assert_eq!(manifests.len(), 4);
    for manifest in manifests {
        let file = node.known(View::Host, &manifest.path);
        let lines: Vec<&str> = text(file).lines().collect();
        let pod = manifest.pod.known().unwrap();
        for argument in &pod.containers[0].arguments {
            let line = lines[argument.line as usize - 1];
            assert_eq!(line.trim().trim_start_matches("- "), argument.text, "{}:{}", manifest.path, argument.line);
        }
        assert!(!pod.containers[0].probes.is_empty() && !pod.volumes.is_empty());
        assert_eq!(pod.namespace.as_deref(), Some("kube-system"));
    }
}

#[test]
fn a_data_directory_is_listed_and_not_entered() {
    let node = node(&recording("default"));
    let data = node.known(View::Process(317), "/var/lib/etcd");
    assert_eq!(
        (data.kind, data.permissions.mode, data.permissions.ownership().as_str()),
        (FileKind::Directory, 0o700, "root:root")
    );
    assert!(data.entries.is_some());
    assert_eq!(node.below(View::Process(317), "/var/lib/etcd").count(), 0);
}

#[test]
fn files_below_pki_are_records_of_their_own() {
    let node = node(&recording("default"));
    let below: Vec<_> = node.below(View::Host, "/etc/kubernetes/pki").collect();
    assert_eq!(below.len(), 23);
    for record in below {
        let file = record.fact.known().unwrap();
        assert_eq!(file.certificates.is_empty(), !record.path.ends_with(".crt"), "{}", record.path);
        assert!(file.text.is_none());
    }
}

#[test]
fn an_archive_and_its_unpacked_copy_give_the_same_facts() {
    for name in ["default", "hardened", "worker"] {
        let directory = tempfile::tempdir().unwrap();
        let bytes = archive_bytes(name);
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
        archive.set_preserve_ownerships(true);
        archive.set_preserve_permissions(true);
        // Owners can be given by root only.
        if archive.unpack(directory.path()).is_err() {
            return;
        }
        let unpacked = open(directory.path()).unwrap();
        if !unpacked.nature().root {
            return;
        }
        assert_eq!(facts(&*unpacked), facts(&recording(name)), "{name}");
        assert!(std::fs::metadata(Path::new(directory.path()).join("etc")).is_ok());
    }
}

#[test]
fn the_same_recording_gives_the_same_facts_and_they_survive_json() {
    let first = facts(&recording("default"));
    assert_eq!(first, facts(&recording("default")));
    let text = serde_json::to_string(&first).unwrap();
    assert_eq!(serde_json::from_str::<seaworthy_model::Facts>(&text).unwrap(), first);
    let node = first.node.unwrap();
    let mut sorted = node.clone();
    sorted.sort();
    assert_eq!(sorted, node);
    assert!(matches!(node.processes, Fact::Known { .. }));
}
