//! Files as a container sees them, units of systemd, and nodes that lack a role.

use seaworthy_model::Status;
use seaworthy_model::Verdict::{Fail, NotApplicable, Pass, Unknown};

use crate::node::{hold, plain, worker};

const SCHEDULER: &str = "/etc/kubernetes/scheduler.conf";

#[test]
fn a_file_is_judged_as_the_component_sees_it() {
    let inside = plain().inside("kube-scheduler", SCHEDULER);
    hold("both closed", &plain(), &[("1.1.15", Pass), ("1.1.16", Pass)]);
    hold("the container's is open", &plain().mode(&inside, 0o644), &[("1.1.15", Fail), ("1.1.16", Pass)]);
    hold("the container's is another's", &plain().owner(&inside, 1000, 0), &[("1.1.15", Pass), ("1.1.16", Fail)]);
    // The host's file is what the next container gets.
    hold("the host's is open", &plain().mode(SCHEDULER, 0o644), &[("1.1.15", Fail)]);
    // Without the container's view, the host's file at the same path is what is left.
    hold("the host's is all", &plain().remove(&inside).mode(SCHEDULER, 0o644), &[("1.1.15", Fail)]);
    let manager = "/etc/kubernetes/controller-manager.conf";
    let inside = plain().inside("kube-controller-manager", manager);
    hold("the other one", &plain().mode(&inside, 0o604), &[("1.1.15", Pass), ("1.1.17", Fail)]);
}

#[test]
fn units_of_systemd_count_wherever_they_are() {
    for path in [
        "/etc/systemd/system/kubelet.service",
        "/usr/lib/systemd/system/kubelet.service",
        "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
        "/etc/systemd/system/kubelet.service.d/20-ours.conf",
        "/run/systemd/system/kubelet.service.d/x.conf",
    ] {
        let with = |mode: u32| plain().write(path, "[Service]\n").mode(path, mode);
        hold(path, &with(0o600), &[("4.1.1", Pass), ("4.1.2", Pass)]);
        hold(path, &with(0o644), &[("4.1.1", Fail), ("4.1.2", Pass)]);
        hold(path, &with(0o600).owner(path, 0, 1000), &[("4.1.1", Pass), ("4.1.2", Fail)]);
    }
    let one_open = plain()
        .write("/etc/systemd/system/kubelet.service", "[Service]\n")
        .write("/usr/lib/systemd/system/kubelet.service.d/10.conf", "[Service]\n")
        .mode("/usr/lib/systemd/system/kubelet.service.d/10.conf", 0o640);
    hold("one of two", &one_open, &[("4.1.1", Fail)]);
}

#[test]
fn on_a_worker_the_control_plane_is_not_applicable_by_name() {
    let judged = worker().judge();
    let mut seen = 0;
    for finding in &judged.report.findings {
        let word = match finding.id.split('.').next() {
            Some("1") => "control plane",
            Some("3") if finding.id.starts_with("3.2") => "control plane",
            Some("2") => "etcd",
            _ => continue,
        };
        seen += 1;
        assert_eq!(finding.verdict, NotApplicable, "{}: {}", finding.id, finding.reason);
        assert_eq!(finding.status, Status::Info, "{}", finding.id);
        assert!(finding.reason.contains(word), "{}: {}", finding.id, finding.reason);
    }
    // Sections 1, 2 and 3.2 whole; 3.1 needs the API.
    assert_eq!(seen, 60 + 7 + 2, "a section is not all there");
    assert_eq!(judged.verdict("4.2.1"), Pass);
}

#[test]
fn s26_a_control_plane_that_is_down_is_not_a_worker() {
    let mut node = plain();
    for program in ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"] {
        node = node.kill(program);
    }
    hold("manifests are left", &node, &[("1.2.15", Unknown), ("1.3.2", Unknown), ("1.4.1", Unknown), ("2.1", Unknown)]);
    hold("manifests are left", &node, &[("1.1.1", Pass), ("1.1.13", Pass), ("1.1.21", Pass)]);
    let node = node.remove("/etc/kubernetes/manifests");
    hold("a kubeconfig is left", &node, &[("1.2.15", Unknown), ("1.4.1", Unknown), ("1.1.13", Pass)]);
    let node = node.remove(SCHEDULER).remove("/etc/kubernetes/controller-manager.conf");
    hold("nothing is left", &node, &[("1.2.15", NotApplicable), ("1.4.1", NotApplicable)]);
}

#[test]
fn s40_one_missing_component_breaks_no_other() {
    let node = plain().kill("kube-scheduler");
    hold("no scheduler", &node, &[("1.4.1", Unknown), ("1.4.2", Unknown), ("1.2.15", Fail), ("1.3.2", Fail)]);
    hold("no scheduler", &node, &[("4.2.1", Pass), ("2.1", Pass), ("1.1.5", Pass)]);
    let judged = node.judge();
    assert!(judged.finding("1.4.1").reason.contains("kube-scheduler"), "{}", judged.finding("1.4.1").reason);
}
