//! Which privileges are worked out, and what is promised of each.

use seaworthy_catalogue::{Catalogue, Item};
use seaworthy_deploy::{PodProfile, Privileges, Reason, Request};
use seaworthy_engine::{Selection, chosen};
use serde_json::json;

fn of(catalogue: &Catalogue, checks: &[&str], with: &[&str], without: &[&str]) -> Privileges {
    let owned = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<String>>();
    let selection = Selection { checks: owned(checks), ..Selection::default() };
    let (_, items) = chosen(catalogue, Some("cis-1.12"), None, &selection).unwrap();
    let platform = &catalogue.platforms[0];
    Privileges::of(&Request { catalogue, platform, items: &items, with: &owned(with), without: &owned(without) })
}

fn names(privileges: &Privileges) -> Vec<&str> {
    privileges.granted.iter().map(|g| g.grant.name.as_str()).collect()
}

#[test]
fn checks_get_what_they_need_and_no_more() {
    let catalogue = seaworthy_engine::embedded();
    for (check, needed) in [
        // Arguments of a process, and nothing else.
        ("1.2.15", vec!["hostPID"]),
        // Its default differs between releases, which the manifests tell.
        ("1.2.17", vec!["/etc/kubernetes", "hostPID", "root"]),
        ("1.1.1", vec!["/etc/kubernetes", "root"]),
        // etcd reads its environment, too; and only root has the capability that it is given.
        ("2.1", vec!["SYS_PTRACE", "hostPID", "root"]),
        ("4.2.1", vec!["/var/lib/kubelet", "hostPID", "root"]),
        ("4.3.1", vec!["/var/lib/kubelet", "hostPID", "root"]),
        ("5.2.2", vec!["list namespaces", "list pods"]),
    ] {
        assert_eq!(names(&of(&catalogue, &[check], &[], &[])), needed, "{check}");
    }
}

#[test]
fn a_directory_that_is_not_everywhere_is_mounted_by_the_one_above() {
    let catalogue = seaworthy_engine::embedded();
    let privileges = of(&catalogue, &["1.1.9"], &[], &[]);
    assert_eq!(names(&privileges), ["/etc/cni", "/var/lib", "root"]);
    assert_eq!(privileges.granted[1].stands_for, ["/var/lib/cni"]);
    assert_eq!(names(&of(&catalogue, &["1.1.9"], &["/var/lib/cni"], &[])), ["/etc/cni", "/var/lib/cni", "root"]);
    // What lies below needs no mount of its own.
    assert_eq!(names(&of(&catalogue, &["1.1.9", "4.1.9"], &[], &[])), ["/etc/cni", "/var/lib", "hostPID", "root"]);
}

#[test]
fn what_nothing_safe_stands_in_for_is_withheld_and_said() {
    let catalogue = seaworthy_engine::embedded();
    let privileges = of(&catalogue, &["4.1.1", "4.1.5"], &[], &[]);
    let withheld = &privileges.withheld;
    assert_eq!((withheld.len(), withheld[0].grant.name.as_str()), (1, "/run/systemd/system"));
    assert_eq!(withheld[0].reason, Reason::NotEverywhere);
    assert_eq!(withheld[0].costs.iter().map(|b| b.id.as_str()).collect::<Vec<_>>(), ["4.1.1"]);
    let privileges = of(&catalogue, &["4.1.1"], &["/run/systemd/system"], &[]);
    assert!(privileges.withheld.is_empty() && names(&privileges).contains(&"/run/systemd/system"));
}

#[test]
fn the_right_to_read_secrets_is_given_to_those_only_who_ask() {
    let catalogue = seaworthy_engine::embedded();
    let privileges = of(&catalogue, &["3.1.3"], &[], &[]);
    assert!(!names(&privileges).contains(&"list secrets"));
    assert_eq!(
        (privileges.withheld[0].grant.name.as_str(), privileges.withheld[0].reason),
        ("list secrets", Reason::TooMuch)
    );
    assert!(names(&of(&catalogue, &["3.1.3"], &["secrets"], &[])).contains(&"list secrets"));
    let more = of(&catalogue, &["5.2.2"], &["nodes/configz"], &[]);
    assert_eq!(names(&more), ["get nodes/configz", "list namespaces", "list nodes", "list pods"]);
    // A role in the namespace that a check wants empty would be what it finds.
    let of_default = of(&catalogue, &["5.6.4"], &["configmaps"], &[]);
    assert!(names(&of_default).contains(&"list configmaps"), "{:?}", names(&of_default));
    assert!(of_default.rights().iter().all(|right| right.namespace.is_none()));
    assert!(!names(&of(&catalogue, &["5.6.4"], &[], &[])).contains(&"list configmaps"));
}

/// A promise holds by its own definition: whoever does not get it finds exactly the checks it buys among those that it costs.
#[test]
fn what_is_withheld_costs_what_it_was_said_to_buy() {
    let catalogue = seaworthy_engine::embedded();
    let (_, items): (_, Vec<&Item>) = chosen(&catalogue, None, None, &Selection::default()).unwrap();
    let platform = &catalogue.platforms[0];
    let of = |without: &[String]| {
        Privileges::of(&Request { catalogue: &catalogue, platform, items: &items, with: &[], without })
    };
    let all = of(&[]);
    let lost = |privileges: &Privileges| {
        let costs = privileges.withheld.iter().flat_map(|w| &w.costs);
        costs.map(|b| b.id.clone()).collect::<std::collections::BTreeSet<String>>()
    };
    assert!(all.granted.len() > 20, "{}", all.granted.len());
    for granted in &all.granted {
        let name = if granted.grant.name == "root" { "root" } else { &granted.grant.name };
        let less = of(&[name.to_owned()]);
        let bought: Vec<&str> = granted.buys.iter().map(|b| b.id.as_str()).collect();
        let now = lost(&less);
        // Another way may have been taken in its place.
        assert!(now.iter().all(|id| bought.contains(&id.as_str()) || lost(&all).contains(id)), "{name}: {now:?}");
    }
}

#[test]
fn every_benchmark_needs_the_same() {
    let catalogue = seaworthy_engine::embedded();
    let platform = &catalogue.platforms[0];
    let granted = |id: &str| {
        let (_, items) = chosen(&catalogue, Some(id), None, &Selection::default()).unwrap();
        let privileges =
            Privileges::of(&Request { catalogue: &catalogue, platform, items: &items, with: &[], without: &[] });
        privileges.granted.into_iter().map(|g| g.grant).collect::<Vec<_>>()
    };
    // The shipped manifests are those of the newest one and are run with any.
    let newest = granted(&catalogue.benchmarks.last().unwrap().id);
    for benchmark in &catalogue.benchmarks {
        assert_eq!(granted(&benchmark.id), newest, "{}", benchmark.id);
    }
}

#[test]
fn a_profile_is_a_spec_of_one_container_that_others_may_fill_in() {
    let catalogue = seaworthy_engine::embedded();
    let privileges = of(&catalogue, &["2.1", "1.1.1"], &[], &[]);
    let mut profile = PodProfile::node(&privileges, "i", "Never", vec!["collect".to_owned()]);
    profile.node_name = Some("node1".to_owned());
    let spec = profile.spec();
    assert_eq!(spec["nodeName"], "node1");
    assert_eq!(spec["hostPID"], true);
    assert_eq!(spec["containers"].as_array().unwrap().len(), 1);
    assert_eq!(spec["containers"][0]["args"], json!(["collect"]));
    assert_eq!(
        spec["containers"][0]["securityContext"]["capabilities"],
        json!({"drop": ["ALL"], "add": ["SYS_PTRACE"]})
    );
    assert_eq!(
        spec["volumes"],
        json!([{"name": "etc-kubernetes", "hostPath": {"path": "/etc/kubernetes", "type": "Directory"}}])
    );
    assert_eq!(spec["automountServiceAccountToken"], false);
}
