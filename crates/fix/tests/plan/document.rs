//! The plan as a whole: the same for the same node, named by what it does, and without anything that is secret.

use std::collections::BTreeMap;

use seaworthy_catalogue::Component;
use seaworthy_fix::plan::{self, render};
use seaworthy_fix::validate::{Context, Problem, config, pod};
use seaworthy_model::Version;

use super::node::{APISERVER, CATALOGUE, KUBELET, all, asked, plain};

#[test]
fn the_same_node_gives_the_same_plan() {
    let items = ["1.2.15", "1.2.16", "1.2.27", "1.4.1", "4.2.14", "1.1.9"];
    let (one, two) = (plain().plan(&items), plain().plan(&items));
    assert_eq!(one.hash, two.hash);
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&two).unwrap());
    assert!(one.hash.len() == 16 && one.hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{}", one.hash);
}

#[test]
fn another_state_or_another_wish_is_another_plan() {
    let mut hashes = BTreeMap::new();
    let comment = plain().edit(APISERVER, "status: {}\n", "status: {} # ours\n");
    let other_kubelet = plain().edit(KUBELET, "verbosity: 0", "verbosity: 2");
    for (what, plan) in [
        ("as it is", plain().plan(&["1.2.15"])),
        ("a comment in the manifest", comment.plan(&["1.2.15"])),
        ("another item", plain().plan(&["1.4.1"])),
        ("two items", plain().plan(&["1.2.15", "1.4.1"])),
        ("another risk", plain().make(&plan::Asked { accept: plan::Risk::None, ..asked(&["1.2.15"]) }).unwrap()),
    ] {
        assert_eq!(hashes.insert(plan.hash, what), None, "{what}");
    }
    // What it does not touch does not count.
    assert!(hashes.contains_key(&other_kubelet.plan(&["1.2.15"]).hash));
}

#[test]
fn a_plan_as_json_holds_what_is_needed_and_no_content() {
    let plan = plain().plan(&["1.2.27", "1.2.16"]);
    let json = serde_json::to_value(&plan).unwrap();
    let text = json.to_string();
    assert!(!text.contains("\"wanted\"") && !text.contains("@KEY@") && !text.contains("\"content\""), "{text}");
    let secret = json["changes"].as_array().unwrap().iter().find(|change| change["secret"] == true).unwrap();
    assert_eq!(secret["path"], "/etc/kubernetes/encryption/config.yaml");
    assert_eq!(secret["after"], serde_json::Value::Null);
    assert!(!secret["diff"].as_str().unwrap().contains("secretbox"), "{secret}");
    let manifest = json["changes"].as_array().unwrap().iter().find(|change| change["path"] == APISERVER).unwrap();
    for (key, length) in [("before", 64), ("after", 64)] {
        assert_eq!(manifest[key].as_str().unwrap().len(), length, "{key}");
    }
    assert_eq!((json["schema"].as_u64(), json["node"].as_str()), (Some(1), Some("node1")));
    assert_eq!(json["fixes"][0]["risk"], "restarts-component");
    assert!(!format!("{plan:?}").contains("@KEY@") && !render(&plan, false).contains("@KEY@"));
}

#[test]
fn text_says_risk_restart_hash_and_what_is_left_out() {
    let plan = plain().plan(&["1.2.15", "1.2.20"]);
    let text = render(&plan, false);
    for word in [
        "1.2.15 API server profiling endpoints are off\n",
        "risk:   restarts-component\n",
        "    +    - --profiling=false\n",
        "kube-apiserver: the kubelet makes its pod anew, away for about 40 s",
        "  1.2.15: fail -> pass\n",
        "no machine fix: which time suits",
        &format!("Plan {}\n", plan.hash),
    ] {
        assert!(text.contains(word), "{word:?}: {text}");
    }
    assert!(!text.contains('\x1b') && render(&plan, true).contains("\x1b[32m"));
}

#[test]
fn what_a_node_calls_itself_steers_no_terminal() {
    let plan = plain().edit("/etc/hostname", "vm", "\x1b[2Jvm").waive("1.2.15").plan(&["1.2.15", "1.4.1"]);
    assert!(!render(&plan, false).contains('\x1b'));
}

/// Every fix alone, and all together: what comes out is a manifest that its component starts by.
#[test]
fn every_result_is_sound() {
    let node = plain();
    let items = all(&node);
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let whole = node.plan(&items);
    assert!(whole.fixes.len() > 20, "{}", whole.fixes.len());
    assert!(whole.preview.iter().all(|difference| !plan::worse(difference)), "{:?}", whole.preview);
    let mut plans = vec![whole.clone()];
    plans.extend(whole.fixes.iter().map(|fix| node.plan(&[&fix.id])));
    let mut seen = 0;
    for plan in &plans {
        for change in &plan.changes {
            let Some(text) = &change.wanted.content else { continue };
            let component = change.wanted.component.as_deref().and_then(|name| CATALOGUE.component(name));
            let there = |path: &str| path.starts_with("/etc/") || path.starts_with("/var/");
            let found = if change.wanted.manifest {
                sound(&change.path, text, component, &there)
            } else if change.path == KUBELET {
                config(&change.path, text, component.unwrap().config.as_ref().unwrap())
            } else {
                continue;
            };
            assert!(found.is_empty(), "{}: {found:#?}", change.path);
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

fn sound(path: &str, text: &str, component: Option<&Component>, exists: &dyn Fn(&str) -> bool) -> Vec<Problem> {
    assert!(component.is_some(), "{path} is a manifest of nobody");
    pod(path, text, &Context { component, version: Version::parse("1.34.4"), running: &[], exists })
}

#[test]
fn an_edit_by_hand_is_checked_in_the_same_way() {
    let node = plain();
    let text = node.text(APISERVER);
    let edited = |from: &str, to: &str| {
        let new = text.replacen(from, to, 1);
        assert_ne!(new, text);
        node.seen(|node| plan::edited(node, "kube-apiserver", plan::How::Manifest, APISERVER, new))
    };
    let plan = edited("    image: ", "    - --profiling=false\n    image: ").unwrap();
    assert!(plan.fixes.is_empty() && plan.changes.len() == 1 && plan.restarts.len() == 1);
    assert_eq!(plan.preview.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), ["1.2.15"]);
    let problems = edited("    image: ", "    - --profilling=false\n    image: ").unwrap_err();
    assert!(problems[0].text.contains("did you mean --profiling?"), "{problems:?}");
    assert_eq!(problems[0].line, 42);
    let problems = edited("  hostNetwork", "   hostNetwork").unwrap_err();
    assert!(problems[0].text.contains("does not parse"), "{problems:?}");
}
