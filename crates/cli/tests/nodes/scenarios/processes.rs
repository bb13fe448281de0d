//! Which process is the node's component, which only looks like it, and what is said where one does not run.

use std::collections::BTreeMap;

use seaworthy_model::Verdict::{self, Fail, Pass, Unknown};
use seaworthy_model::{Fact, Grant, GrantKind, Source};

use crate::node::{Judged, Node, hardened, hold, plain};

const API: &str = "kube-apiserver";
const MANAGER: &str = "kube-controller-manager";
const SCHEDULER: &str = "kube-scheduler";
const ETCD: &str = "etcd";

const UID: &str = "28b4d1bc-f893-4e2a-b72b-a6849167d999";
const HASH: &str = "e35281b25628f46c6d60904a6a9dea1c";

fn container() -> String {
    "0862a2c8befe76f4fb4dade996133309f8b0e0bdc53a36f3f0830a8ddcf9c9d1".to_owned()
}

fn somebodys_pod() -> String {
    format!("/kubepods/besteffort/pod{UID}/{}", container())
}

fn seen(judged: &Judged, text: &str) -> bool {
    judged.report.also_seen.iter().any(|p| p.what.contains(text) || p.why.contains(text))
}

/// Replaces the arguments of a process by its number.
fn arguments(node: Node, pid: u32, list: &[&str]) -> Node {
    let text: String = list.iter().map(|argument| format!("{argument}\0")).collect();
    node.write(&format!("proc/{pid}/cmdline"), text)
}

#[test]
fn s08_a_command_line_that_names_the_component_is_not_it() {
    let tail = plain().start(
        9,
        Some("/usr/bin/tail"),
        "tail",
        &["tail", "-f", "kube-apiserver.log", "--profiling=false"],
        "/system.slice/x.service",
    );
    hold("tail", &tail, &[("1.2.15", Fail), ("1.2.1", Fail)]);
    // One that calls itself by the name, in both places that it may choose.
    let argv0 = ["kube-apiserver", "--profiling=false", "--anonymous-auth=false"];
    let python = plain().start(9, Some("/usr/bin/python3.11"), API, &argv0, "/system.slice/x.service");
    hold("python", &python, &[("1.2.15", Fail), ("1.2.1", Fail)]);
    let worse = hardened().start(9, Some("/usr/bin/python3.11"), API, &[API, "--profiling=true"], "/");
    hold("python that says worse", &worse, &[("1.2.15", Pass)]);
    let bare = hardened().start(9, Some("/opt/kube-apiserver-tools"), "tools", &["kube-apiserver"], "/");
    hold("a longer name", &bare, &[("1.2.15", Pass), ("1.2.25", Pass)]);
}

#[test]
fn s10_a_namesake_does_not_stand_in_for_a_component_that_does_not_run() {
    let airflow = ["/usr/bin/python3", "/usr/local/bin/airflow", "scheduler", "--profiling=false"];
    let node = plain().kill(SCHEDULER).start(9, Some("/usr/bin/python3.11"), "airflow", &airflow, "/");
    hold("airflow", &node, &[("1.4.1", Unknown), ("1.4.2", Unknown), ("1.2.15", Fail)]);
    let reason = node.judge().finding("1.4.1").reason.clone();
    assert!(reason.contains("kube-scheduler does not run"), "{reason}");
    let good = ["kube-scheduler", "--profiling=false", "--bind-address=127.0.0.1"];
    for (case, group) in [
        ("somebody's pod", somebodys_pod()),
        ("a user's session", "/user.slice/user-1000.slice/session-2.scope".to_owned()),
        ("another container", format!("/docker/{}", container())),
    ] {
        let node = plain().kill(SCHEDULER).start(9, Some("/bin/kube-scheduler"), SCHEDULER, &good, &group);
        let judged = node.judge();
        assert_eq!(judged.verdict("1.4.1"), Unknown, "{case}: {}", judged.finding("1.4.1").reason);
        assert_eq!(judged.verdict("1.4.2"), Unknown, "{case}");
        assert!(seen(&judged, "process 9"), "{case}: {:?}", judged.report.also_seen);
    }
}

#[test]
fn a_scheduler_in_somebody_s_pod_is_seen_and_not_judged() {
    let good = ["kube-scheduler", "--profiling=false"];
    let node = plain().start(9, Some("/usr/local/bin/kube-scheduler"), SCHEDULER, &good, &somebodys_pod());
    hold("better than the node's", &node, &[("1.4.1", Fail)]);
    let bad = ["kube-scheduler", "--profiling=true"];
    let node = hardened().start(9, Some("/usr/local/bin/kube-scheduler"), SCHEDULER, &bad, &somebodys_pod());
    let judged = node.judge();
    assert_eq!(judged.verdict("1.4.1"), Pass);
    assert!(seen(&judged, "somebody's pod"), "{:?}", judged.report.also_seen);
    // An etcd of somebody's own, on the same node.
    let other = ["etcd", "--auto-tls"];
    let node = plain().start(9, Some("/usr/local/bin/etcd"), ETCD, &other, &somebodys_pod());
    hold("etcd", &node, &[("2.1", Pass), ("2.2", Pass), ("2.3", Pass)]);
}

#[test]
fn a_shell_is_not_what_it_starts() {
    let line = "exec etcd \"--client-cert-auth=false\" --auto-tls=true";
    let cgroup = format!("/kubepods/burstable/pod219b84bcdd8ddb9be6cf7d74afbe204d/{}", container());
    let node = plain().start(9, Some("/bin/dash"), "sh", &["sh", "-c", line], &cgroup);
    hold("a shell with its child", &node, &[("2.2", Pass), ("2.3", Pass)]);
    let line = "kube-apiserver --profiling=true";
    let node = hardened().start(9, Some("/bin/dash"), "kube-apiserver", &["kube-apiserver", "-c", line], &cgroup);
    hold("a shell by the name", &node, &[("1.2.15", Pass)]);
    let node = plain().kill(ETCD).start(9, Some("/bin/dash"), "sh", &["sh", "-c", "etcd --auto-tls"], &cgroup);
    hold("a shell alone", &node, &[("2.2", Unknown), ("2.3", Unknown)]);
}

#[test]
fn of_two_etcd_the_worse_counts() {
    let good = plain().double(ETCD, 9000);
    hold("two alike", &good, &[("2.1", Pass), ("2.2", Pass), ("2.3", Pass), ("2.7", Pass)]);
    for pid in [9, 9000] {
        let node = arguments(plain().double(ETCD, pid), pid, &["etcd", "--auto-tls"]);
        hold("the other is open", &node, &[("2.1", Fail), ("2.2", Fail), ("2.3", Fail), ("2.7", Fail)]);
    }
    let unseen = good.remove("proc/9000/cmdline");
    hold("the other cannot be seen", &unseen, &[("2.1", Unknown), ("2.2", Unknown)]);
    // Each has its own environment.
    let node = arguments(plain().double(ETCD, 9000), 9000, &["etcd"])
        .write("proc/9000/environ", "ETCD_CLIENT_CERT_AUTH=true\0ETCD_AUTO_TLS=true\0");
    hold("by variables", &node, &[("2.1", Fail), ("2.2", Pass), ("2.3", Fail)]);
}

fn verdicts(node: &Node) -> BTreeMap<String, (Verdict, String)> {
    node.judge().report.findings.into_iter().map(|f| (f.id, (f.verdict, f.reason))).collect()
}

/// What else may depend on a component than its own section.
fn own(program: &str) -> &'static [&'static str] {
    match program {
        API => &["1.2.", "3.2."],
        MANAGER => &["1.3."],
        SCHEDULER => &["1.4."],
        ETCD => &["2.", "1.1.11", "1.1.12"],
        "kubelet" => &["4.1.", "4.2.", "1.1.9", "1.1.10"],
        _ => &["4.1.3", "4.1.4", "4.3."],
    }
}

#[test]
fn s40_a_missing_component_spoils_nothing_but_its_own_checks() {
    let before = verdicts(&plain());
    for program in [API, MANAGER, SCHEDULER, ETCD, "kubelet", "kube-proxy"] {
        let after = verdicts(&plain().kill(program));
        let mut changed = 0;
        for (id, (verdict, reason)) in &after {
            if before[id].0 == *verdict {
                continue;
            }
            changed += 1;
            assert!(own(program).iter().any(|p| id.starts_with(p)), "{program} is gone: {id} {verdict}: {reason}");
            // The kubelet's unit is no part of this: it is looked for by itself.
            assert_eq!(*verdict, Unknown, "{program} is gone: {id}: {reason}");
        }
        assert!(changed > 0, "{program}");
    }
}

#[test]
fn s26_without_a_scheduler_the_control_plane_is_judged_all_the_same() {
    let node = hardened().kill(SCHEDULER);
    hold(
        "hardened",
        &node,
        &[("1.2.15", Pass), ("1.3.2", Pass), ("1.2.1", Fail), ("1.1.5", Pass), ("1.1.15", Pass), ("1.4.1", Unknown)],
    );
    let bare = node.remove("/etc/kubernetes/manifests/kube-scheduler.yaml").remove("/etc/kubernetes/scheduler.conf");
    hold("without a trace of it", &bare, &[("1.4.1", Unknown), ("1.4.2", Unknown), ("1.2.15", Pass)]);
    // A manifest is enough for the role to be here.
    let mut stopped = plain();
    for program in [API, MANAGER, SCHEDULER, ETCD] {
        stopped = stopped.kill(program);
    }
    hold("all stopped", &stopped, &[("1.2.15", Unknown), ("1.3.2", Unknown), ("1.4.1", Unknown), ("2.1", Unknown)]);
}

#[test]
fn without_processes_nothing_about_them_is_said() {
    let judged = plain().remove("proc").judge();
    for finding in &judged.report.findings {
        let about = ["1.2.", "1.3.", "1.4.", "2.", "3.2.", "4.2.", "4.3."].iter().any(|p| finding.id.starts_with(p));
        if about {
            assert_eq!(finding.verdict, Unknown, "{}: {}", finding.id, finding.reason);
        }
    }
    assert_eq!(judged.verdict("1.1.1"), Pass);
}

#[test]
fn a_program_that_cannot_be_seen_is_known_by_its_two_names() {
    let node = hardened().lose(API, "exe");
    hold("no exe", &node, &[("1.2.15", Pass), ("1.2.1", Fail), ("1.2.25", Pass), ("3.2.1", Pass)]);
    assert!(node.judge().mentions("1.2.15", "known by its name and first argument only"));
    // A command name alone is not enough, nor a first argument alone.
    let pid = hardened().pid(API);
    let renamed = arguments(node.clone(), pid, &["/bin/other", "--profiling=false"]);
    hold("another first argument", &renamed, &[("1.2.15", Unknown)]);
    let renamed = node.write(&format!("proc/{pid}/comm"), "other\n");
    hold("another command name", &renamed, &[("1.2.15", Unknown)]);
    // The kernel cuts names; the long one is recognised.
    hold("a cut name", &hardened().lose(MANAGER, "exe"), &[("1.3.2", Pass)]);
}

#[test]
fn without_the_right_to_trace_arguments_still_decide() {
    let judged = hardened().judge_with(|facts| {
        let grant = || Grant::new(GrantKind::Capability, "SYS_PTRACE");
        let node = facts.node.as_mut().expect("a node");
        let Fact::Known { value, .. } = &mut node.processes else { panic!("no processes") };
        for process in value {
            let source = Source::host("/proc");
            let error = || "permission denied".to_owned();
            process.executable = Fact::Denied { error: error(), grant: grant(), source: source.clone() };
            process.environment = Fact::Denied { error: error(), grant: grant(), source };
        }
    });
    for (id, verdict) in [
        ("1.2.15", Pass),
        ("1.2.1", Fail),
        ("1.3.2", Pass),
        ("1.4.1", Pass),
        ("2.1", Pass),
        ("2.2", Pass),
        ("4.2.1", Pass),
    ] {
        assert_eq!(judged.verdict(id), verdict, "{id}: {}", judged.finding(id).reason);
    }
    assert!(judged.mentions("2.2", "known by its name and first argument only"));
}

#[test]
fn every_form_of_a_control_group_is_understood() {
    let id = container();
    let systemd = UID.replace('-', "_");
    for (case, path, verdict) in [
        ("cgroupfs", format!("/kubepods/burstable/pod{HASH}/{id}"), Pass),
        ("guaranteed", format!("/kubepods/pod{HASH}/{id}"), Pass),
        (
            "systemd",
            format!(
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{HASH}.slice/cri-containerd-{id}.scope"
            ),
            Pass,
        ),
        ("CRI-O", format!("/kubepods.slice/kubepods-pod{HASH}.slice/crio-{id}.scope"), Pass),
        ("kind", format!("/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod{HASH}.slice/{id}"), Pass),
        ("a unit of systemd", "/system.slice/kube-apiserver.service".to_owned(), Pass),
        ("somebody's pod", somebodys_pod(), Unknown),
        (
            "somebody's pod by systemd",
            format!("/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{systemd}.slice/crio-{id}.scope"),
            Unknown,
        ),
        ("a session", "/user.slice/user-0.slice/session-1.scope".to_owned(), Unknown),
        (
            "a pod's name below a session",
            format!("/user.slice/user-1000.slice/user@1000.service/kubepods/pod{HASH}/{id}"),
            Unknown,
        ),
        ("docker", format!("/docker/{id}"), Unknown),
        ("docker by systemd", format!("/system.slice/docker-{id}.scope"), Unknown),
    ] {
        hold(case, &hardened().group(API, &path), &[("1.2.15", verdict), ("1.2.25", verdict)]);
    }
    let file = hardened().proc(API, "cgroup");
    let first =
        format!("12:memory:/kubepods/burstable/pod{HASH}/{id}\n1:name=systemd:/kubepods/burstable/pod{HASH}/{id}\n");
    hold("version 1", &hardened().write(&file, first), &[("1.2.15", Pass)]);
}

#[test]
fn a_place_that_cannot_be_read_is_taken_if_only_one_fits() {
    let node = hardened().lose(API, "cgroup");
    hold("one", &node, &[("1.2.15", Pass), ("1.2.1", Fail)]);
    assert!(node.judge().mentions("1.2.15", "it is the only one of its name"));
    // Beside one that is known it does not count.
    let node = arguments(hardened().double(API, 9), 9, &[API, "--profiling=true"]).remove("proc/9/cgroup");
    let judged = node.judge();
    assert_eq!(judged.verdict("1.2.15"), Pass, "{}", judged.finding("1.2.15").reason);
    assert!(seen(&judged, "its place could not be read"), "{:?}", judged.report.also_seen);
    // Of two of which nothing is known the worse counts.
    let node = node.lose(API, "cgroup");
    hold("two", &node, &[("1.2.15", Fail)]);
    let judged = node.judge();
    assert!(judged.mentions("1.2.15", "it is one of 2 of its name, of which the worst counts"));
    assert!(!judged.mentions("1.2.15", "the only one"));
}
