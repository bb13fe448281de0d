//! Which processes are found, and what is told of them.

use seaworthy_collect::Trouble;
use seaworthy_model::{Fact, GrantKind, Place, View};

use crate::support::*;

const POD: &str = "/kubepods/burstable/pod219b84bcdd8ddb9be6cf7d74afbe204d/x";

fn pids(maker: &mut Maker) -> Vec<u32> {
    let node = node(&maker.tree());
    node.processes.known().map_or_else(Vec::new, |all| all.iter().map(|process| process.pid).collect())
}

#[test]
fn a_process_is_found_by_program_name_argument_or_command() {
    let mut maker = Maker::new();
    maker
        .process(10, "/usr/local/bin/kube-apiserver", &["apiserver"], "/")
        .process(11, "/usr/bin/python3", &["/opt/kube-apiserver", "x"], "/user.slice/session-1.scope")
        .process(12, "/usr/bin/hyperkube", &["hyperkube", "kube-scheduler"], "/")
        .process(13, "/usr/bin/kube-controller-manager", &["x"], "/")
        .process(14, "/bin/sh", &["sh", "-c", "kube-apiserver --x"], "/")
        .process(15, "/usr/bin/grep", &["grep", "x", "kubelet"], "/")
        .process(16, "/usr/bin/etcdctl", &["etcdctl"], "/")
        .process(17, "/usr/bin/etcd (deleted)", &["x"], POD);
    assert_eq!(pids(&mut maker), [10, 11, 12, 13, 17]);
}

#[test]
fn the_cut_command_name_is_enough() {
    let mut maker = Maker::new();
    maker.file("proc/5/comm", "kube-controller\n").file("proc/5/cmdline", "x\0").file("proc/6/comm", "kube-controll\n");
    maker.file("proc/6/cmdline", "x\0");
    assert_eq!(pids(&mut maker), [5]);
}

#[test]
fn a_namesake_is_told_with_its_program_and_place() {
    let mut maker = Maker::new();
    maker.process(11, "/usr/bin/python3", &["kube-apiserver", "--anonymous-auth=false"], "/user.slice/session-1.scope");
    let node = node(&maker.tree());
    let process = node.process(11);
    assert_eq!(process.executable.known().unwrap(), "/usr/bin/python3");
    assert_eq!(process.place.known(), Some(&Place::Session));
}

#[test]
fn a_stranger_is_told_and_the_content_of_its_files_is_not_read() {
    let mut maker = Maker::new();
    maker
        .process(
            11,
            "/tmp/kubelet",
            &["kubelet", "--config=/etc/secret.yaml"],
            "/user.slice/user-1000.slice/session-1.scope",
        )
        .process(12, "/usr/bin/kubelet", &["kubelet", "--config=/etc/kubelet.yaml"], "/system.slice/kubelet.service")
        .file("etc/secret.yaml", "kind: Any\nvalue: hidden\n")
        .file("etc/kubelet.yaml", "kind: KubeletConfiguration\n");
    let node = node(&maker.tree());
    assert!(node.known(View::Host, "/etc/secret.yaml").text.is_none());
    assert!(node.known(View::Host, "/etc/kubelet.yaml").text.is_some());
}

#[test]
fn a_removed_program_keeps_its_name() {
    let mut maker = Maker::new();
    maker.process(17, "/usr/bin/etcd (deleted)", &["etcd"], "/");
    assert_eq!(node(&maker.tree()).process(17).executable.known().unwrap(), "/usr/bin/etcd");
}

#[test]
fn a_process_that_ended_is_left_out_and_one_that_waits_has_no_arguments() {
    let mut maker = Maker::new();
    maker
        .process(1, "/sbin/init", &["init"], "/")
        .process(20, "/usr/bin/etcd", &["etcd"], "/")
        .file("proc/20/uptime", "");
    maker.file("proc/21/comm", "etcd\n").file("proc/21/cmdline", "").file("proc/21/status", "Name:\tetcd\n");
    maker.file("proc/21/stat", "21 (etcd) Z 1").file("proc/21/cgroup", "0::/\n");
    let tree = Faulty::new(maker.tree()).live();
    let node = node(&tree);
    assert!(node.process(21).arguments.is_absent() && node.process(21).executable.is_absent());
    for part in ["status", "stat", "cmdline", "comm"] {
        let mut maker = Maker::new();
        maker.process(1, "/sbin/init", &["init"], "/").process(20, "/usr/bin/etcd", &["etcd"], "/");
        let tree = Faulty::new(maker.tree()).live().refuse(&format!("/proc/20/{part}"), Trouble::Absent);
        assert_eq!(crate::support::node(&tree).processes.known().map(Vec::len), Some(0), "{part}");
    }
}

#[test]
fn environment_and_program_that_may_not_be_read_are_denied_with_the_capability() {
    let mut maker = Maker::new();
    maker.process(1, "/sbin/init", &["init"], "/").process(20, "/usr/bin/etcd", &["etcd"], "/");
    let tree = Faulty::new(maker.tree()).live().deny("/proc/20/environ").deny("/proc/20/exe");
    let node = node(&tree);
    let process = node.process(20);
    for missing in [process.environment.missing().unwrap().grant(), process.executable.missing().unwrap().grant()] {
        let grant = missing.unwrap();
        assert_eq!((grant.kind, grant.name.as_str()), (GrantKind::Capability, "SYS_PTRACE"));
    }
    assert_eq!(process.arguments.known().unwrap(), &["etcd"]);
}

#[test]
fn only_variables_that_settings_name_are_kept() {
    let mut maker = Maker::new();
    maker.process(20, "/usr/bin/etcd", &["etcd"], "/");
    maker.file(
        "proc/20/environ",
        "PATH=/bin\0ETCD_DISCOVERY=https://u:p@host\0AWS_SECRET_ACCESS_KEY=x\0ETCD_AUTO_TLS=true\0",
    );
    let node = node(&maker.tree());
    let environment = node.process(20).environment.known().unwrap();
    let found: Vec<_> = environment.iter().map(|v| (v.name.as_str(), v.value.as_str())).collect();
    assert_eq!(found, [("ETCD_AUTO_TLS", "true"), ("ETCD_DISCOVERY", "https://REDACTED@host")]);
}

#[test]
fn a_proc_that_hides_others_is_no_proof_of_absence() {
    let mut maker = Maker::new();
    maker.process(20, "/usr/bin/etcd", &["etcd"], "/");
    let hidden = node(&Faulty::new(maker.tree()).live());
    assert!(
        matches!(&hidden.processes, Fact::Denied { grant, .. } if grant.kind == GrantKind::User),
        "no first process"
    );
    let mut maker = Maker::new();
    maker.process(1, "/sbin/init", &["init"], "/").process(20, "/usr/bin/etcd", &["etcd"], "/");
    let denied = node(&Faulty::new(maker.tree()).live().deny("/proc/20"));
    assert!(matches!(denied.processes, Fact::Denied { .. }));
}

#[test]
fn a_copy_without_processes_does_not_say_that_none_ran() {
    let bare = node(&Maker::new().file("etc/passwd", "").tree());
    assert!(matches!(&bare.processes, Fact::NotVisible { grant, .. } if grant.kind == GrantKind::Recording));
}

#[test]
fn two_of_a_kind_are_both_told() {
    let mut maker = Maker::new();
    maker.process(20, "/usr/bin/etcd", &["etcd", "--data-dir=/a"], POD).process(
        21,
        "/usr/bin/etcd",
        &["etcd", "--data-dir", "/b"],
        "/",
    );
    assert_eq!(pids(&mut maker), [20, 21]);
}

#[test]
fn starts_come_from_the_recordings_own_clock() {
    let mut maker = Maker::new();
    maker.process(200, "/usr/bin/etcd", &["etcd"], "/").entry("proc/uptime", 0o444, 1_000, "100.00 1\n");
    maker.entry("etc/kubernetes/admin.conf", 0o600, 999, "kind: Config\n");
    let node = node(&maker.tree());
    assert!(node.visibility.times);
    assert_eq!(node.process(200).start, Some(900_000 + 2_000));
    assert_eq!(node.known(View::Host, "/etc/kubernetes/admin.conf").modified, Some(999_000));
    let mut maker = Maker::new();
    maker.process(200, "/usr/bin/etcd", &["etcd"], "/").entry(
        "etc/kubernetes/admin.conf",
        0o600,
        999,
        "kind: Config\n",
    );
    let without = crate::support::node(&maker.tree());
    assert!(!without.visibility.times && without.process(200).start.is_none());
    assert_eq!(without.known(View::Host, "/etc/kubernetes/admin.conf").modified, None);
}

#[test]
fn pods_get_their_names_from_the_log_directory() {
    let uid = "28b4d1bc-f893-4e2a-b72b-a6849167d223";
    let mut maker = Maker::new();
    maker.process(30, "/usr/bin/kube-proxy", &["kube-proxy"], &format!("/kubepods/besteffort/pod{uid}/x"));
    maker.directory(&format!("var/log/pods/kube-system_kube-proxy-x7_{uid}"), 0o755).directory("var/log/pods", 0o755);
    let node = node(&maker.tree());
    let want =
        Place::Pod { uid: uid.into(), namespace: Some("kube-system".into()), name: Some("kube-proxy-x7".into()) };
    assert_eq!(node.process(30).place.known(), Some(&want));
}
