//! The kubelet's settings: in its file, in a drop-in, in the arguments of its service.

use seaworthy_fix::plan::{Action, How};

use super::node::{APISERVER, FLAGS, KUBELET, KUBELET_PID, Node, plain};
use super::operations::{lines, restarts};

const DROP_INS: &str = "/etc/kubernetes/kubelet.conf.d";

fn with_drop_in(text: &str) -> Node {
    let head = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
    plain().write(&format!("{DROP_INS}/50-ours.conf"), format!("{head}{text}")).argument(
        None,
        KUBELET_PID,
        &format!("--config-dir={DROP_INS}"),
    )
}

/// The kubelet with an argument out of kubeadm's file.
fn with_flag(flag: &str) -> Node {
    plain().edit(FLAGS, "ARGS=\"", &format!("ARGS=\"{flag} ")).argument(None, KUBELET_PID, flag)
}

#[test]
fn what_nobody_set_goes_into_the_main_file() {
    let plan = plain().plan(&["4.2.14"]);
    assert_eq!(lines(&plan, KUBELET), ["+seccompDefault: true"]);
    assert_eq!(restarts(&plan), [("kubelet", How::Kubelet)]);
    assert!(plan.afterwards.iter().any(|what| what.contains("kubelet-config")), "{:?}", plan.afterwards);
}

#[test]
fn what_the_main_file_says_is_changed_there() {
    let node =
        plain().edit(KUBELET, "  anonymous:\n    enabled: false\n", "  anonymous:\n    enabled: true # for now\n");
    let plan = node.plan(&["4.2.1"]);
    let changed = lines(&plan, KUBELET);
    assert_eq!(changed.len(), 2, "{changed:#?}");
    assert_eq!(changed[0], "-    enabled: true # for now");
    assert!(changed[1].starts_with("+    enabled: false"), "{changed:#?}");
}

#[test]
fn what_a_drop_in_decides_is_changed_in_the_drop_in() {
    let plan = with_drop_in("readOnlyPort: 10255\n").plan(&["4.2.4"]);
    let path = format!("{DROP_INS}/50-ours.conf");
    assert_eq!(lines(&plan, &path), ["-readOnlyPort: 10255", "+readOnlyPort: 0"]);
    assert_eq!(plan.changes.len(), 1);
}

#[test]
fn a_flag_out_of_a_known_file_moves_into_the_configuration() {
    let plan = with_flag("--read-only-port=10255").plan(&["4.2.4"]);
    let env = lines(&plan, FLAGS);
    assert!(env[0].contains("--read-only-port=10255") && !env[1].contains("--read-only-port"), "{env:#?}");
    assert!(env[1].contains("--pod-infra-container-image="), "the others stay: {env:#?}");
    assert_eq!(lines(&plan, KUBELET), ["+readOnlyPort: 0"]);
    assert_eq!(restarts(&plan), [("kubelet", How::Kubelet)]);
}

#[test]
fn a_flag_that_no_file_can_say_is_taken_away() {
    let plan = with_flag("--hostname-override=other").plan(&["4.2.7"]);
    let [change] = &plan.changes[..] else { panic!("{:?} {:?}", plan.changes, plan.left_out) };
    assert_eq!((change.path.as_str(), change.action), (FLAGS, Action::Edit));
    assert!(!change.wanted.content.as_deref().unwrap().contains("hostname-override"));
}

#[test]
fn a_flag_from_somewhere_unknown_is_refused_with_the_files_that_were_looked_at() {
    let node = plain().argument(None, KUBELET_PID, "--read-only-port=10255");
    node.refuses("4.2.4", "by none of /var/lib/kubelet/kubeadm-flags.env, /etc/default/kubelet");
}

#[test]
fn a_feature_gate_is_a_field_among_others() {
    let node = plain().edit(
        KUBELET,
        "kind: KubeletConfiguration\n",
        "kind: KubeletConfiguration\nfeatureGates:\n  Other: true\n  RotateKubeletServerCertificate: false\n",
    );
    let plan = node.plan(&["4.2.11"]);
    let gate = "RotateKubeletServerCertificate";
    assert_eq!(lines(&plan, KUBELET), [format!("-  {gate}: false"), format!("+  {gate}: true")]);
}

#[test]
fn a_kubelet_without_a_configuration_file_gets_no_new_arguments() {
    let cmdline = format!("/proc/{KUBELET_PID}/cmdline");
    let node = plain().edit(&cmdline, "--config=/var/lib/kubelet/config.yaml\0", "");
    node.refuses("4.2.14", "without a configuration file");
}

#[test]
fn two_fixes_of_one_file_keep_both() {
    let plan = plain().plan(&["4.2.13", "4.2.14"]);
    assert_eq!(plan.changes.len(), 1);
    let mut changed = lines(&plan, KUBELET);
    changed.sort();
    assert_eq!(changed, ["+podPidsLimit: 4096", "+seccompDefault: true"]);
}

#[test]
fn the_mode_of_its_configuration_is_changed_without_a_restart() {
    let plan = plain().attributes(KUBELET, 0o644, (0, 0)).plan(&["4.1.9"]);
    assert_eq!(plan.changes.len(), 1, "{:?}", plan.left_out);
    assert_eq!((plan.changes[0].path.as_str(), plan.changes[0].mode.as_deref()), (KUBELET, Some("0600")));
    assert!(plan.restarts.is_empty());
}

#[test]
fn a_flag_that_stands_elsewhere_too_is_not_taken_away_by_halves() {
    let node = with_flag("--read-only-port=10255").argument(None, KUBELET_PID, "--read-only-port=10255");
    node.refuses("4.2.4", "not only by those of /var/lib/kubelet/kubeadm-flags.env");
}

#[test]
fn a_configuration_behind_a_link_is_changed_where_it_lies_with_all_fixes() {
    let real = "/etc/kubelet/config.yaml";
    let node = plain().write(real, plain().text(KUBELET)).link(KUBELET, real);
    let plan = node.plan(&["4.2.13", "4.2.14"]);
    assert_eq!(plan.fixes.len(), 2, "{:?}", plan.left_out);
    let [change] = &plan.changes[..] else { panic!("{:?}", plan.changes) };
    assert_eq!((change.path.as_str(), change.wanted.component.as_deref()), (real, Some("kubelet")));
    let mut changed = lines(&plan, real);
    changed.sort();
    assert_eq!(changed, ["+podPidsLimit: 4096", "+seccompDefault: true"]);
}

#[test]
fn a_manifest_behind_a_link_is_changed_where_it_lies() {
    let real = "/etc/kubernetes/real.yaml";
    let node = plain().write(real, plain().text(APISERVER)).link(APISERVER, real);
    let plan = node.plan(&["1.2.15", "1.2.17", "1.2.16"]);
    assert_eq!(plan.fixes.len(), 3, "{:?}", plan.left_out);
    let manifests: Vec<_> = plan.changes.iter().filter(|change| change.wanted.manifest).collect();
    assert_eq!(manifests.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), [real]);
    let lines = lines(&plan, real);
    for flag in ["--profiling=false", "--audit-log-maxage=30", "--audit-log-path="] {
        assert!(lines.iter().any(|line| line.contains(flag)), "{flag}: {lines:#?}");
    }
}
