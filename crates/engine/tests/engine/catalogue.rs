//! Walks the catalogue: every rule's cases give their verdicts, every list is held to its other end.

use std::collections::BTreeSet;

use seaworthy_catalogue::{CLUSTER_CHECKS, Check, DERIVATIONS, NATIVE_CHECKS};
use seaworthy_engine::cases;

use crate::support::loaded;

#[test]
fn every_case_gives_its_verdict() {
    let loaded = loaded();
    let mut wrong = Vec::new();
    for rule in &loaded.catalogue.rules {
        for case in &loaded.cases[&rule.name] {
            match cases::run(&loaded.catalogue, rule, case) {
                Err(error) => wrong.push(format!("{}: {:?}: {error}", rule.name, case.name)),
                Ok(finding) => {
                    let verdict = finding.verdict.as_str();
                    if verdict != case.verdict {
                        wrong.push(format!(
                            "{}: {:?} gives {verdict}, not {}: {}",
                            rule.name, case.name, case.verdict, finding.reason
                        ));
                    } else if let Some(reason) = case.reason.as_ref().filter(|r| !finding.reason.contains(r.as_str())) {
                        wrong
                            .push(format!("{}: {:?}: {reason:?} is not in {:?}", rule.name, case.name, finding.reason));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_shows_the_verdicts_that_its_check_can_give() {
    let loaded = loaded();
    let mut missing = Vec::new();
    for rule in &loaded.catalogue.rules {
        let shown: BTreeSet<&str> = loaded.cases[&rule.name].iter().map(|c| c.verdict.as_str()).collect();
        let mut wanted: BTreeSet<&str> = match &rule.check {
            Check::Api { name, .. } => api_verdicts(name),
            Check::Manual { .. } => BTreeSet::from(["manual", "unknown", "not-applicable"]),
            _ => BTreeSet::from(["pass", "fail", "unknown", "not-applicable"]),
        };
        rule.check.walk(&mut |check| {
            if matches!(check, Check::Manual { .. }) {
                wanted.insert("manual");
            }
        });
        let lacking: Vec<&&str> = wanted.difference(&shown).collect();
        if !lacking.is_empty() {
            missing.push(format!("{}: no case for {lacking:?}", rule.name));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The verdicts that a check of the API can give.
fn api_verdicts(name: &str) -> BTreeSet<&'static str> {
    match name {
        "access" | "cluster-admin-bindings" | "default-service-accounts" | "role-wildcards" => {
            BTreeSet::from(["pass", "fail", "unknown"])
        }
        "system-masters" | "token-mounts" => BTreeSet::from(["pass", "fail", "manual", "unknown"]),
        "bootstrap-tokens-for-users" | "client-certificates-for-users" | "service-account-tokens-for-users" => {
            BTreeSet::from(["manual", "unknown"])
        }
        _ => BTreeSet::from(["unknown"]),
    }
}

#[test]
fn the_engine_has_exactly_the_functions_that_the_catalogue_may_name() {
    let (natives, derivations, cluster) = seaworthy_engine::functions();
    assert_eq!(natives, NATIVE_CHECKS);
    assert_eq!(derivations, DERIVATIONS);
    assert_eq!(cluster, CLUSTER_CHECKS);
    // And each of them is used: a function that no rule names is dead.
    let catalogue = loaded().catalogue;
    let mut used = BTreeSet::new();
    for rule in &catalogue.rules {
        rule.check.walk(&mut |check| {
            if let Check::Native { name, .. } | Check::Api { name, .. } = check {
                used.insert(name.clone());
            }
        });
    }
    let derived = catalogue.components.iter().flat_map(|c| c.settings.iter().filter_map(|s| s.derive.clone()));
    used.extend(derived);
    for name in natives.iter().chain(&derivations).chain(&cluster) {
        assert!(used.contains(*name), "nothing uses {name}");
    }
}

#[test]
fn both_benchmarks_are_whole() {
    let catalogue = loaded().catalogue;
    for (id, level2) in [("cis-1.12", 14), ("cis-2.0.1", 15)] {
        let benchmark = catalogue.benchmark(id).unwrap();
        assert_eq!(benchmark.items.len(), 131, "{id}");
        let automated = benchmark.items.iter().filter(|i| i.label == seaworthy_model::Label::Automated).count();
        assert_eq!(automated, 64, "{id}");
        assert_eq!(benchmark.items.iter().filter(|i| i.level == 2).count(), level2, "{id}");
    }
    for rule in &catalogue.rules {
        let numbered = catalogue.benchmarks.iter().any(|b| b.items.iter().any(|i| i.rule == rule.name));
        assert!(numbered, "no benchmark has a number for {}", rule.name);
    }
}

#[test]
fn the_embedded_catalogue_is_the_one_of_the_tree() {
    assert_eq!(seaworthy_engine::embedded(), loaded().catalogue);
}

#[test]
fn every_rule_says_which_grants_it_needs() {
    let catalogue = loaded().catalogue;
    let platform = &catalogue.platforms[0];
    let names = |rule: &str| -> Vec<String> {
        let grants = seaworthy_engine::grants(catalogue.rule(rule).unwrap(), &catalogue, platform);
        grants.iter().map(|g| g.name.clone()).collect()
    };
    for rule in &catalogue.rules {
        assert!(!names(&rule.name).is_empty(), "{} needs nothing", rule.name);
    }
    assert_eq!(names("apiserver-profiling"), ["hostPID"]);
    assert_eq!(names("etcd-auto-tls"), ["/etc/kubernetes", "SYS_PTRACE", "hostPID"]);
    assert_eq!(names("kubelet-anonymous-auth"), ["/var/lib/kubelet", "hostPID"]);
    assert_eq!(names("cni-files-mode"), ["/etc/cni", "/var/lib/cni"]);
    assert_eq!(names("pods-privileged"), ["list namespaces", "list pods"]);
}
