//! The rules for Falco, held against the catalogue. Whether Falco reads them is what `.ci/receivers/falco-rules` shows.

use std::collections::BTreeSet;

use seaworthy_catalogue::{Check, Files, Fix, FixOperation};
use seaworthy_deploy::{falco_rules, left_out, watched};
use serde_json::Value;

fn entries() -> Vec<Value> {
    let catalogue = seaworthy_engine::embedded();
    let text = falco_rules(&catalogue, &catalogue.platforms[0]);
    let document = text.split_once("---\n").unwrap().1;
    let json = seaworthy_yaml::parse(document).unwrap().root.to_json();
    serde_json::from_str::<Value>(&json).unwrap().as_array().unwrap().clone()
}

fn words(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

fn with<'e>(entries: &'e [Value], key: &str) -> Vec<&'e Value> {
    entries.iter().filter(|entry| entry.get(key).is_some()).collect()
}

fn listed(entries: &[Value]) -> BTreeSet<String> {
    with(entries, "list").iter().flat_map(|list| words(&list["items"])).collect()
}

/// Paths in the catalogue, found another way than the writer finds them.
fn named() -> BTreeSet<String> {
    let catalogue = seaworthy_engine::embedded();
    let platform = &catalogue.platforms[0];
    let mut paths: BTreeSet<String> = platform.files.iter().flat_map(|set| set.paths.clone()).collect();
    paths.extend(platform.manifests.clone());
    paths.extend(platform.repair.iter().flat_map(|repair| repair.kubelet_arguments.clone()));
    for rule in &catalogue.rules {
        let Fix::Machine { operations, .. } = &rule.fix else { continue };
        paths.extend(operations.iter().filter_map(|operation| match operation {
            FixOperation::WriteFile(file) => Some(file.path.clone()),
            _ => None,
        }));
    }
    paths.insert("/var/lib/etcd".to_owned());
    paths
}

#[test]
fn what_the_catalogue_names_is_watched_and_nothing_else() {
    let entries = entries();
    assert_eq!(listed(&entries), named());
    assert!(listed(&entries).len() > 25, "{}", listed(&entries).len());
    for text in with(&entries, "rule").iter().map(|rule| rule["condition"].as_str().unwrap()) {
        assert!(!text.contains("(/"), "a path that is in no list: {text}");
    }
}

/// All that the platform names is watched, or left out by name with the reason.
#[test]
fn nothing_is_left_out_in_silence() {
    let catalogue = seaworthy_engine::embedded();
    let platform = &catalogue.platforms[0];
    let text = falco_rules(&catalogue, platform);
    let left = left_out(&catalogue, platform);
    let listed = listed(&entries());
    let below = |path: &str, directory: &str| {
        path == directory || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
    };
    let mut others: Vec<String> = platform.mounts.iter().map(|mount| mount.path.clone()).collect();
    others.extend(platform.pod_logs.clone());
    others.extend(platform.cluster_ca.clone());
    others.extend(platform.repair.iter().flat_map(|repair| repair.administrator.clone()));
    for path in others {
        let seen = listed.iter().any(|watched| below(watched, &path) || below(&path, watched));
        assert_ne!(seen, left.iter().any(|left| left.what == path), "{path}");
    }
    let head: String = text.split_once("---\n").unwrap().0.replace("\n# ", " ");
    for left in left {
        assert!(!left.reason.is_empty() && head.contains(&format!("{}: {}", left.what, left.reason)), "{left:?}");
    }
}

/// Every check of mode or owner in the newest benchmark is on a rule, or is about something that is left out.
#[test]
fn numbers_are_those_of_the_newest_benchmark() {
    let catalogue = seaworthy_engine::embedded();
    let benchmark = catalogue.benchmarks.last().unwrap();
    let entries = entries();
    let tags = |rule: &Value| -> BTreeSet<String> {
        words(&rule["tags"]).iter().filter_map(|tag| tag.strip_prefix("cis_").map(str::to_owned)).collect()
    };
    let rules = with(&entries, "rule");
    let all: BTreeSet<String> = rules.iter().flat_map(|rule| tags(rule)).collect();
    assert!(all.len() > 70, "{}", all.len());
    for number in &all {
        assert!(benchmark.items.iter().any(|item| item.id == *number), "{number}");
    }
    let left = left_out(&catalogue, &catalogue.platforms[0]);
    for item in &benchmark.items {
        let rule = catalogue.rule(&item.rule).unwrap();
        item.check.as_ref().unwrap_or(&rule.check).walk(&mut |check| {
            let (Check::FileMode { files, .. } | Check::FileOwner { files, .. }) = check else { return };
            let without = match files {
                Files::Named { component, setting, .. } => {
                    left.iter().any(|left| left.what == format!("{component}.{setting}"))
                }
                _ => false,
            };
            let on = rules
                .iter()
                .filter(|r| r["rule"].as_str().unwrap().contains("mode or owner") && tags(r).contains(&item.id));
            assert_eq!(on.count() == 0, without, "{} {}", item.id, item.rule);
        });
    }
    let tagged = |path: &str, number: &str| {
        let list =
            with(&entries, "list").into_iter().find(|list| words(&list["items"]).iter().any(|p| p == path)).unwrap();
        let name = format!("({})", list["list"].as_str().unwrap());
        rules.iter().any(|rule| rule["condition"].as_str().unwrap().contains(&name) && tags(rule).contains(number))
    };
    for (path, number) in [
        ("/etc/kubernetes/manifests", "1.1.1"),
        ("/etc/kubernetes/manifests", "1.2.15"),
        ("/etc/kubernetes/pki", "1.1.21"),
        ("/etc/kubernetes/pki", "4.1.7"),
        ("/var/lib/etcd", "1.1.11"),
        ("/var/lib/kubelet/config.yaml", "4.1.9"),
        ("/var/lib/kubelet/config.yaml", "4.2.1"),
        ("/var/lib/kubelet/kubeadm-flags.env", "4.2.1"),
        ("/etc/kubernetes/audit/policy.yaml", "3.2.2"),
    ] {
        assert!(tagged(path, number), "{path} {number}");
    }
    assert!(!tagged("/etc/kubernetes/pki", "4.2.1") && !tagged("/var/lib/etcd", "2.1"));
}

#[test]
fn rules_are_whole_and_stand_alone() {
    let entries = entries();
    let names: BTreeSet<&str> = ["list", "macro"]
        .iter()
        .flat_map(|key| with(&entries, key).into_iter().map(move |entry| entry[*key].as_str().unwrap()))
        .collect();
    let (rules, macros) = (with(&entries, "rule"), with(&entries, "macro"));
    let titles: BTreeSet<&str> = rules.iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    assert!(titles.len() == rules.len() && rules.len() > 20, "{titles:?}");
    for entry in rules.iter().chain(&macros) {
        let condition = entry["condition"].as_str().unwrap();
        assert_eq!(condition.matches('(').count(), condition.matches(')').count(), "{condition}");
        assert!(!condition.contains("evt.dir"), "{condition}");
        for word in
            condition.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|w| w.starts_with("seaworthy_"))
        {
            assert!(names.contains(word), "{word} is defined nowhere");
        }
    }
    for rule in rules {
        let output = rule["output"].as_str().unwrap();
        for field in ["%proc.name", "%user.name", "%container.id", "cis="] {
            assert!(output.contains(field), "{output}");
        }
        assert!(output.contains("%fs.path.name") && rule["source"] == "syscall", "{output}");
        assert!(!rule["desc"].as_str().unwrap().is_empty());
    }
}

/// What etcd and network plugins write all the time is watched for mode and owner only; everything else for both.
#[test]
fn state_is_watched_for_mode_and_owner_only() {
    let catalogue = seaworthy_engine::embedded();
    let all = watched(&catalogue, &catalogue.platforms[0]);
    let state: Vec<&str> = all.iter().filter(|w| w.state).flat_map(|w| &w.paths).map(String::as_str).collect();
    assert_eq!(state, ["/var/lib/cni/networks", "/var/lib/etcd"]);
    let entries = entries();
    for watched in all {
        let list = format!("(seaworthy_{})", watched.name.replace('-', "_"));
        let uses: Vec<&str> = with(&entries, "rule")
            .into_iter()
            .map(|rule| rule["condition"].as_str().unwrap())
            .filter(|condition| condition.contains(&list))
            .collect();
        assert_eq!(uses.iter().filter(|condition| condition.contains("seaworthy_access_changed")).count(), 1, "{list}");
        assert_eq!(uses.len(), if watched.state { 1 } else { 2 }, "{list}");
        // Processes' names are cut off after 15 characters.
        assert!(
            watched.writers.iter().all(|name| name.len() <= 15) && watched.writers.contains(&"seaworthy".to_owned())
        );
    }
}
