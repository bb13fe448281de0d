//! Walks the catalogue: every rule's cases give their verdicts, every list is held to its other end.

use std::collections::BTreeSet;

use seaworthy_catalogue::{
    BREAKAGES, CLUSTER_CHECKS, Catalogue, Check, DERIVATIONS, Fix, FixOperation, Literal, NATIVE_CHECKS, Risk, Rule,
    SettingKind,
};
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
            Check::Api { name, .. } => cluster_verdicts(name),
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

/// The verdicts that a check of the cluster can give.
fn cluster_verdicts(name: &str) -> BTreeSet<&'static str> {
    match name {
        "bootstrap-tokens-for-users"
        | "client-certificates-for-users"
        | "external-secret-storage"
        | "image-provenance"
        | "namespace-boundaries"
        | "service-account-tokens-for-users" => BTreeSet::from(["manual", "unknown"]),
        "cni-network-policies" | "pod-security-policy-mechanism" | "system-masters" | "token-mounts" => {
            BTreeSet::from(["pass", "fail", "manual", "unknown"])
        }
        _ => BTreeSet::from(["pass", "fail", "unknown"]),
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

/// The rules of the sections that a node's repair is about, with the items that use them.
fn repaired(catalogue: &Catalogue) -> Vec<(String, &Rule)> {
    let mut found = Vec::new();
    for id in ["cis-1.12", "cis-2.0.1"] {
        let items = &catalogue.benchmark(id).unwrap().items;
        let of_a_node = |id: &str| ["1.", "2.", "3.2.", "4."].iter().any(|section| id.starts_with(section));
        let chosen = items.iter().filter(|item| of_a_node(&item.id));
        found.extend(chosen.map(|item| (format!("{id} {}", item.id), catalogue.rule(&item.rule).unwrap())));
    }
    assert_eq!(found.len(), 2 * 94, "1, 2, 3.2 and 4 of both");
    found
}

#[test]
fn every_item_of_a_node_has_a_machine_fix_or_a_reason_for_none() {
    let catalogue = loaded().catalogue;
    let mut machine = 0;
    for (item, rule) in repaired(&catalogue) {
        match &rule.fix {
            Fix::Machine { operations, risk, tests } => {
                machine += 1;
                assert!(!operations.is_empty(), "{item}: {} has a fix of nothing", rule.name);
                let breaks = matches!(risk, Risk::MayBreak(what) if !what.trim().is_empty());
                assert!(tests.is_empty() || breaks, "{item}: {} tests what it does not say may break", rule.name);
                for test in tests {
                    assert!(BREAKAGES.contains(&test.as_str()), "{item}: {} tests for {test:?}", rule.name);
                }
            }
            Fix::None { reason } => {
                // It stands behind "is not repaired: ".
                assert!(reason.split(' ').count() > 4, "{item}: {} has no reason: {reason:?}", rule.name);
                assert!(!reason.ends_with('.'), "{item}: {reason:?}");
            }
        }
    }
    assert!(machine > 2 * 60, "{machine}");
    let used: BTreeSet<&str> = repaired(&catalogue)
        .iter()
        .flat_map(|(_, rule)| match &rule.fix {
            Fix::Machine { tests, .. } => tests.iter().map(String::as_str).collect(),
            Fix::None { .. } => Vec::new(),
        })
        .collect();
    assert_eq!(used, BREAKAGES.into_iter().collect(), "each known breakage is one of a rule");
}

#[test]
fn every_fix_changes_settings_that_there_are_to_values_that_they_take() {
    let catalogue = loaded().catalogue;
    let known = |rule: &Rule, component: &str, setting: &str| {
        let component = catalogue.component(component).unwrap_or_else(|| panic!("{}: no {component}", rule.name));
        let found = component.setting(setting);
        let found = found.unwrap_or_else(|| panic!("{}: {} has no {setting}", rule.name, component.name));
        assert!(found.flag.is_some() || found.field.is_some(), "{}: {setting} cannot be written anywhere", rule.name);
        assert!(found.derive.is_none(), "{}: {setting} is derived from others, and none by itself", rule.name);
        found.clone()
    };
    for rule in &catalogue.rules {
        let Fix::Machine { operations, risk, .. } = &rule.fix else { continue };
        for operation in operations {
            match operation {
                FixOperation::Set { component, values, .. } => {
                    for (setting, value) in values {
                        let setting = known(rule, component, setting);
                        let fits = match value {
                            Literal::Bool(_) => matches!(setting.kind, SettingKind::Bool | SettingKind::Gate),
                            Literal::Int(_) => setting.kind == SettingKind::Int,
                            Literal::List(_) => setting.kind == SettingKind::List,
                            Literal::Text(_) => {
                                !matches!(setting.kind, SettingKind::Bool | SettingKind::Int | SettingKind::List)
                            }
                        };
                        assert!(fits, "{}: {value} is no {:?}", rule.name, setting.kind);
                        let taken = setting.words.is_empty() || setting.words.contains(&value.to_string());
                        assert!(taken, "{}: {value} is none of {:?}", rule.name, setting.words);
                    }
                }
                FixOperation::Unset { component, setting } | FixOperation::EncryptFirst { component, setting } => {
                    known(rule, component, setting);
                }
                FixOperation::AddToList { component, setting, .. }
                | FixOperation::RemoveFromList { component, setting, .. } => {
                    assert_eq!(known(rule, component, setting).kind, SettingKind::List, "{}: {setting}", rule.name);
                }
                FixOperation::WriteFile(file) => {
                    known(rule, &file.component, &file.setting);
                    assert!(file.path.starts_with("/etc/kubernetes/"), "{}: {}", rule.name, file.path);
                    assert_eq!(file.mode & 0o077, 0, "{}: others may read {}", rule.name, file.path);
                }
                FixOperation::Mode(mode) => assert!(*mode <= 0o7777, "{}", rule.name),
                FixOperation::Owner { owner, group } => {
                    assert!(!owner.is_empty() && !group.is_empty(), "{}", rule.name)
                }
            }
        }
        let attributes =
            |operation: &FixOperation| matches!(operation, FixOperation::Mode(_) | FixOperation::Owner { .. });
        if *risk == Risk::None {
            assert!(
                operations.iter().all(attributes),
                "{}: something restarts, and it is said that nothing does",
                rule.name
            );
        }
    }
}

#[test]
fn every_text_that_a_fix_writes_is_a_document_of_a_kind() {
    let catalogue = loaded().catalogue;
    let mut seen = 0;
    for rule in &catalogue.rules {
        let Fix::Machine { operations, .. } = &rule.fix else { continue };
        for operation in operations {
            let FixOperation::WriteFile(file) = operation else { continue };
            assert!(!file.text.is_empty(), "{}", rule.name);
            for text in &file.text {
                let Some(Literal::Text(text)) = &text.value else { panic!("{}: no text", rule.name) };
                let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
                let document =
                    seaworthy_yaml::parse(&text.replace("@KEY@", key)).unwrap_or_else(|e| panic!("{}: {e}", rule.name));
                assert!(document.duplicates.is_empty(), "{}: {:?}", rule.name, document.duplicates);
                for key in ["apiVersion", "kind"] {
                    let value = document.root.get(key).and_then(|node| node.as_str());
                    assert!(value.is_some_and(|value| !value.is_empty()), "{}: no {key}", rule.name);
                }
                for field in &file.merge {
                    assert!(document.root.get(field).is_some(), "{}: it has no {field} to merge", rule.name);
                }
                assert_eq!(file.secret, text.contains("@KEY@"), "{}: a key is a secret, and nothing else", rule.name);
                assert!(text.ends_with('\n'), "{}", rule.name);
                seen += 1;
            }
        }
    }
    assert!(seen >= 5, "{seen}");
}
