//! What each kind of operation makes of files, and what it says about that.

use seaworthy_fix::plan::{Action, How, Plan, Risk};

use super::node::{APISERVER, APISERVER_PID, ETCD, MANAGER, MANAGER_PID, plain};

/// The lines that a change takes away and adds.
pub(crate) fn lines(plan: &Plan, path: &str) -> Vec<String> {
    let change = plan.changes.iter().find(|change| change.path == path);
    let change = change.unwrap_or_else(|| panic!("{path} is not changed: {:?}", plan.left_out));
    let body = change.diff.lines().filter(|line| !line.starts_with("---") && !line.starts_with("+++"));
    body.filter(|line| line.starts_with(['+', '-'])).map(str::to_owned).collect()
}

pub(crate) fn restarts(plan: &Plan) -> Vec<(&str, How)> {
    plan.restarts.iter().map(|restart| (restart.component.as_str(), restart.how)).collect()
}

#[test]
fn set_adds_one_line_and_restarts_one_component() {
    let plan = plain().plan(&["1.2.15"]);
    let [fix] = &plan.fixes[..] else { panic!("{:?}", plan.left_out) };
    assert_eq!((fix.risk, fix.breaks.as_ref()), (Risk::RestartsComponent, None));
    assert_eq!(fix.steps, [format!("{APISERVER}: --profiling=false")]);
    assert_eq!(lines(&plan, APISERVER), ["+    - --profiling=false"]);
    assert_eq!(restarts(&plan), [("kube-apiserver", How::Manifest)]);
    // 30 s of grace, which the manifest does not say otherwise, and 10 s to come back.
    assert_eq!(plan.restarts[0].away, 40);
    let longer =
        plain().edit(APISERVER, "  hostNetwork: true\n", "  hostNetwork: true\n  terminationGracePeriodSeconds: 5\n");
    assert_eq!(longer.plan(&["1.2.15"]).restarts[0].away, 15);
    let [change] = &plan.changes[..] else { panic!() };
    assert_eq!((change.action, change.mode.as_ref(), change.owner.as_ref()), (Action::Edit, None, None));
    assert!(change.wanted.manifest && change.wanted.component.as_deref() == Some("kube-apiserver"));
    assert!(plan.preview.iter().any(|d| d.id == "1.2.15" && format!("{:?}", d.after) == "Pass"));
    assert_eq!(plan.preview.len(), 1, "{:?}", plan.preview);
    assert!(plan.afterwards.iter().any(|what| what.contains("kubeadm-config")), "{:?}", plan.afterwards);
}

#[test]
fn set_replaces_a_value_where_it_stands() {
    let node = plain().without(MANAGER, MANAGER_PID, "--bind-address=127.0.0.1", Some("--bind-address=0.0.0.0"));
    let plan = node.plan(&["1.3.7"]);
    assert_eq!(lines(&plan, MANAGER), ["-    - --bind-address=0.0.0.0", "+    - --bind-address=127.0.0.1"]);
}

#[test]
fn unset_takes_the_argument_away() {
    let file = "/etc/kubernetes/pki/tokens.csv";
    let node = plain().argument(Some(APISERVER), APISERVER_PID, &format!("--token-auth-file={file}"));
    let node = node.write(file, "t,u,1\n").write(&format!("/proc/{APISERVER_PID}/root{file}"), "t,u,1\n");
    let plan = node.plan(&["1.2.2"]);
    assert_eq!(lines(&plan, APISERVER), [format!("-    - --token-auth-file={file}")]);
    assert_eq!(plan.fixes[0].steps, [format!("{APISERVER}: without --token-auth-file")]);
    assert_eq!(plan.fixes[0].risk, Risk::MayBreak);
}

#[test]
fn three_fixes_of_one_list_are_one_line_with_all_of_them() {
    let plan = plain().plan(&["1.2.3", "1.2.9", "1.2.11"]);
    let lines = lines(&plan, APISERVER);
    let flag = "    - --enable-admission-plugins=NodeRestriction";
    assert!(lines.contains(&format!("-{flag}")), "{lines:#?}");
    let all = format!("+{flag},DenyServiceExternalIPs,EventRateLimit,AlwaysPullImages");
    assert!(lines.contains(&all), "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.contains("enable-admission-plugins")).count(), 2);
    assert_eq!(restarts(&plan), [("kube-apiserver", How::Manifest)]);
    // The plugin that needs a configuration gets one that the pod sees.
    assert!(
        lines.iter().any(|line| line.contains("admission-control-config-file=/etc/kubernetes/admission/config.yaml"))
    );
    assert!(lines.iter().any(|line| line.contains("mountPath: /etc/kubernetes/admission")));
}

#[test]
fn what_is_added_to_one_list_leaves_the_list_that_forbids_it() {
    let plan = plain()
        .argument(Some(APISERVER), APISERVER_PID, "--disable-admission-plugins=AlwaysPullImages,PodSecurity")
        .plan(&["1.2.11"]);
    let lines = lines(&plan, APISERVER);
    assert!(lines.contains(&"+    - --disable-admission-plugins=PodSecurity".to_owned()), "{lines:#?}");
    assert!(lines.iter().any(|line| line.ends_with("NodeRestriction,AlwaysPullImages")), "{lines:#?}");
}

#[test]
fn remove_from_list_leaves_the_rest_and_takes_an_empty_list_away() {
    let flag = "--disable-admission-plugins=ServiceAccount";
    let two = plain().argument(Some(APISERVER), APISERVER_PID, &format!("{flag},PodSecurity"));
    let plan = two.plan(&["1.2.12"]);
    let kept = "+    - --disable-admission-plugins=PodSecurity".to_owned();
    assert_eq!(lines(&plan, APISERVER), [format!("-    - {flag},PodSecurity"), kept]);
    let plan = plain().argument(Some(APISERVER), APISERVER_PID, flag).plan(&["1.2.12"]);
    assert_eq!(lines(&plan, APISERVER), [format!("-    - {flag}")]);
}

#[test]
fn a_mode_loses_bits_and_gains_none_and_nothing_restarts() {
    let plan = plain().attributes(ETCD, 0o644, (0, 0)).plan(&["1.1.7"]);
    let [change] = &plan.changes[..] else { panic!("{:?}", plan.left_out) };
    assert_eq!((change.action, change.mode.as_deref(), change.diff.as_str()), (Action::Attributes, Some("0600"), ""));
    assert!(plan.restarts.is_empty() && plan.fixes[0].risk == Risk::None);
    // Stricter than asked in one place, and looser in another: what is strict stays.
    let plan = plain().attributes(ETCD, 0o446, (0, 0)).plan(&["1.1.7"]);
    assert_eq!(plan.changes[0].mode.as_deref(), Some("0400"));
}

#[test]
fn an_owner_is_given_by_the_numbers_of_the_node() {
    let plan = plain().attributes(APISERVER, 0o644, (1000, 1000)).plan(&["1.1.1", "1.1.2"]);
    let [change] = &plan.changes[..] else { panic!("one file is one change: {:?}", plan.changes) };
    assert_eq!((change.mode.as_deref(), change.owner.as_deref()), (Some("0600"), Some("0:0")));
    assert_eq!(plan.fixes.len(), 2);
    // etcd is 102:105 in the recorded /etc/passwd and /etc/group.
    let plan = plain().plan(&["1.1.12"]);
    assert_eq!(plan.changes[0].owner.as_deref(), Some("102:105"));
    assert_eq!(plan.changes[0].action, Action::Attributes);
}

#[test]
fn an_audit_log_gets_its_directory_and_a_mount_to_write_to() {
    let plan = plain().plan(&["1.2.16"]);
    let made: Vec<_> = plan.changes.iter().map(|c| (c.path.as_str(), c.action, c.mode.as_deref())).collect();
    assert_eq!(
        made,
        [
            ("/var/log", Action::MakeDirectory, Some("0755")),
            ("/var/log/kubernetes", Action::MakeDirectory, Some("0755")),
            ("/var/log/kubernetes/audit", Action::MakeDirectory, Some("0700")),
            (APISERVER, Action::Edit, None),
        ]
    );
    let lines = lines(&plan, APISERVER);
    for wanted in [
        "+    - --audit-log-path=/var/log/kubernetes/audit/audit.log",
        "+    - mountPath: /var/log/kubernetes/audit",
        "+      path: /var/log/kubernetes/audit",
    ] {
        assert!(lines.iter().any(|line| line == wanted), "{wanted}: {lines:#?}");
    }
    assert!(!lines.iter().any(|line| line.contains("readOnly")), "the API server writes there: {lines:#?}");
    // Where the directory is there and mounted already, neither is made again.
    let there = plain().directory("/var/log/kubernetes/audit");
    let plan = there.plan(&["1.2.16"]);
    assert_eq!(plan.changes.len(), 1, "{:?}", plan.changes);
}

#[test]
fn a_feature_gate_is_merged_with_its_neighbours() {
    let gates = "--feature-gates=RotateKubeletServerCertificate=false,Other=true";
    let plan = plain().argument(Some(MANAGER), MANAGER_PID, gates).plan(&["1.3.6"]);
    let merged = "+    - --feature-gates=Other=true,RotateKubeletServerCertificate=true".to_owned();
    assert_eq!(lines(&plan, MANAGER), [format!("-    - {gates}"), merged]);
}

#[test]
fn several_components_restart_in_the_order_in_which_they_are_missed_least() {
    let plan = plain().plan(&["4.2.14", "1.2.15", "1.3.2", "1.4.1"]);
    let order = ["kube-scheduler", "kube-controller-manager", "kube-apiserver", "kubelet"];
    assert_eq!(restarts(&plan).iter().map(|(name, _)| *name).collect::<Vec<_>>(), order);
    let components: Vec<_> = plan.changes.iter().filter_map(|c| c.wanted.component.as_deref()).collect();
    assert_eq!(components, order, "files are written in the order of the restarts");
    let ids: Vec<_> = plan.fixes.iter().map(|fix| fix.id.as_str()).collect();
    assert_eq!(ids, ["1.2.15", "1.3.2", "1.4.1", "4.2.14"], "in the benchmark's order");
}

#[test]
fn fixes_of_one_file_are_one_change_and_one_restart() {
    let plan = plain().plan(&["1.2.15", "1.2.17", "1.2.18", "1.2.19"]);
    assert_eq!((plan.fixes.len(), plan.changes.len(), plan.restarts.len()), (4, 1, 1), "{:?}", plan.left_out);
    assert_eq!(lines(&plan, APISERVER).len(), 4);
}
