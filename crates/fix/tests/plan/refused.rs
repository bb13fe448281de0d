//! What is not part of a plan, and why: each with a line that says what to do.

use seaworthy_catalogue::{Check, Expect, Fix, FixOperation, Literal, Risk as Stated, SettingCheck};
use seaworthy_fix::plan::{Asked, PlanError, Reason, Risk};

use super::node::{APISERVER, APISERVER_PID, ETCD, ETCD_PID, Node, asked, plain};
use super::operations::lines;

#[test]
fn what_passes_is_said_only_to_who_asked_for_it() {
    let left = plain().left_out("1.2.8");
    assert_eq!(left.kind, Reason::Passes);
    assert!(left.why.starts_with("it passes already: "), "{}", left.why);
    let whole = Asked { named: false, ..asked(&["1.2.8"]) };
    assert!(plain().make(&whole).unwrap().left_out.is_empty());
}

#[test]
fn what_no_program_can_repair_says_why() {
    let left = plain().left_out("1.2.20");
    assert_eq!((left.kind, left.why.as_str()), (Reason::NoFix, "which time suits the cluster is for a person to say"));
    // Also in a whole section: it is the reader's work.
    let whole = Asked { named: false, ..asked(&["1.2.20"]) };
    assert_eq!(plain().make(&whole).unwrap().left_out.len(), 1);
}

#[test]
fn what_is_not_here_or_not_known_is_left_alone() {
    assert_eq!(plain().left_out("2.5").kind, Reason::NotApplicable);
    let left = plain().left_out("5.1.1");
    assert_eq!(left.kind, Reason::Unknown);
    assert!(left.why.starts_with("whether it fails is not known: "), "{}", left.why);
}

#[test]
fn a_waiver_holds_until_it_ends() {
    let left = plain().waive("1.2.15").left_out("1.2.15");
    assert!(left.why.contains("2099-01-31") && left.why.contains("behind a proxy"), "{}", left.why);
}

#[test]
fn a_risk_is_taken_only_by_who_accepts_it() {
    let with = |item: &str, accept| plain().make(&Asked { accept, ..asked(&[item]) }).unwrap();
    let plan = with("1.2.15", Risk::None);
    assert_eq!((plan.fixes.len(), plan.left_out[0].kind), (0, Reason::Risk));
    assert!(plan.left_out[0].why.contains("--accept-risk restarts-component"), "{}", plan.left_out[0].why);
    let plan = with("1.2.30", Risk::RestartsComponent);
    let why = &plan.left_out[0].why;
    assert!(why.contains("old clients in pods") && why.contains("--accept-risk may-break"), "{why}");
    assert_eq!(with("1.2.15", Risk::RestartsComponent).fixes.len(), 1);
    assert_eq!(with("1.1.9", Risk::None).fixes.len(), 1);
}

#[test]
fn a_manifest_that_says_so_already_is_not_the_cause() {
    let node = plain().edit(APISERVER, "    image: ", "    - --profiling=false\n    image: ");
    node.refuses("1.2.15", "says so already, and kube-apiserver does not run by it");
}

#[test]
fn two_manifests_for_one_component_are_for_a_person_to_settle() {
    let copy = "/etc/kubernetes/manifests/kube-apiserver.yaml.bak";
    let node = plain().write(copy, plain().text(APISERVER));
    node.refuses("1.2.15", "2 manifests run kube-apiserver");
    node.refuses("1.2.15", copy);
}

#[test]
fn what_the_environment_decides_is_not_repaired_by_an_argument() {
    let environ = format!("/proc/{ETCD_PID}/environ");
    let node = plain()
        .without(ETCD, ETCD_PID, "--cert-file=/etc/kubernetes/pki/etcd/server.crt", None)
        .without(ETCD, ETCD_PID, "--key-file=/etc/kubernetes/pki/etcd/server.key", None)
        .edit(ETCD, "    image: ", "    env:\n    - name: ETCD_AUTO_TLS\n      value: \"true\"\n    image: ")
        .write(&environ, "ETCD_AUTO_TLS=true\0")
        // No rule of etcd that an argument could repair fails by a variable alone.
        .rule("etcd-auto-tls", |rule| {
            let values = vec![("auto-tls".to_owned(), Literal::Bool(false))];
            let operations = vec![FixOperation::Set { component: "etcd".to_owned(), values, directory: None }];
            rule.fix = Fix::Machine { operations, risk: Stated::RestartsComponent, tests: Vec::new() };
        });
    node.refuses("2.3", "ETCD_AUTO_TLS decides it");
}

#[test]
fn a_list_that_is_set_as_a_whole_is_what_later_fixes_add_to() {
    let modes = ("--authorization-mode=Node,RBAC", "--authorization-mode=AlwaysAllow");
    let node = plain().without(APISERVER, APISERVER_PID, modes.0, Some(modes.1));
    let plan = node.plan(&["1.2.6", "1.2.7", "1.2.8"]);
    let done: Vec<_> = plan.fixes.iter().map(|fix| fix.id.as_str()).collect();
    assert_eq!(done, ["1.2.6", "1.2.7", "1.2.8"], "{:?}", plan.left_out);
    assert_eq!(lines(&plan, APISERVER), [format!("-    - {}", modes.1), format!("+    - {}", modes.0)]);
}

#[test]
fn a_fix_that_does_not_go_with_the_others_is_left_out_with_its_reason() {
    // Two rules that want one flag to have different values.
    let wants = |node: Node, rule: &str, days: i64| {
        node.rule(rule, |rule| {
            let (component, setting) = ("kube-apiserver".to_owned(), "audit-log-maxage".to_owned());
            let values = vec![(setting.clone(), Literal::Int(days))];
            let set = FixOperation::Set { component: component.clone(), values, directory: None };
            let expect = Expect::Equals(Literal::Int(days));
            rule.check = Check::Setting(SettingCheck { component, setting, expect });
            rule.fix = Fix::Machine { operations: vec![set], risk: Stated::RestartsComponent, tests: Vec::new() };
        })
    };
    let node = wants(wants(plain(), "apiserver-audit-log-age", 30), "scheduler-profiling", 60);
    assert_eq!(node.plan(&["1.2.17"]).fixes.len(), 1, "alone it goes");
    let plan = node.plan(&["1.2.17", "1.4.1"]);
    assert_eq!(plan.fixes.iter().map(|fix| fix.id.as_str()).collect::<Vec<_>>(), ["1.4.1"]);
    let [left] = &plan.left_out[..] else { panic!("{:?}", plan.left_out) };
    assert_eq!((left.id.as_str(), left.kind), ("1.2.17", Reason::Refused));
    assert!(left.why.starts_with("together with the others: "), "{}", left.why);
    assert_eq!(lines(&plan, APISERVER), ["+    - --audit-log-maxage=60"]);
}

#[test]
fn what_somebody_else_manages_is_not_touched() {
    let node = plain().platform(|platform| platform.managed_by = Some("Amazon EKS".to_owned()));
    let error = node.make(&asked(&["1.2.15"])).unwrap_err();
    assert_eq!(error, PlanError::Managed("Amazon EKS".to_owned()));
    assert_eq!(error.to_string(), "Amazon EKS manages this component: nothing of it can be repaired on the node");
    let node = plain().platform(|platform| platform.repair = None);
    assert_eq!(node.make(&asked(&["1.2.15"])).unwrap_err(), PlanError::NoRepair("kubeadm".to_owned()));
}

#[test]
fn an_item_that_there_is_not_makes_an_empty_plan() {
    let plan = plain().plan(&["9.9.9"]);
    assert!(plan.fixes.is_empty() && plan.left_out.is_empty() && plan.changes.is_empty());
}
