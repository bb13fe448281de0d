//! The manifests of `deploy/`.

use std::path::PathBuf;
use std::time::Duration;

use seaworthy_deploy::{FALCO_RULES, Kind, LogFormat, NodeCount, Part, STATE, Schedule, falco_rules, shipped};
use serde_json::{Value, json};

fn files() -> Vec<(&'static str, String)> {
    let catalogue = seaworthy_engine::embedded();
    shipped(&catalogue, &catalogue.platforms[0])
}

/// The objects of a YAML text, read by a reader that has nothing to do with the writer.
fn objects(text: &str) -> Vec<Value> {
    let documents = text.split("---\n").skip(1);
    documents.map(|d| serde_json::from_str(&seaworthy_yaml::parse(d).unwrap().root.to_json()).unwrap()).collect()
}

fn all() -> Vec<(&'static str, Value)> {
    files().into_iter().flat_map(|(name, text)| objects(&text).into_iter().map(move |o| (name, o))).collect()
}

/// The pod specs of an object.
fn spec(object: &Value) -> Option<&Value> {
    ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"].iter().find_map(|at| object.pointer(at))
}

#[test]
fn what_is_in_the_folder_is_what_is_written() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    let files = files();
    for (name, text) in &files {
        let there = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert_eq!(&there, text, "{name}: cargo run -p seaworthy-deploy --example write_deploy");
    }
    let chart = std::fs::read_to_string(folder.join("../charts/seaworthy/files/privileges.yaml")).unwrap_or_default();
    let catalogue = seaworthy_engine::embedded();
    let written = seaworthy_deploy::chart(&catalogue, &catalogue.platforms[0]);
    assert_eq!(chart, written, "charts: cargo run -p seaworthy-deploy --example write_deploy");
    let rules = std::fs::read_to_string(folder.join(FALCO_RULES)).unwrap_or_default();
    assert_eq!(
        rules,
        falco_rules(&catalogue, &catalogue.platforms[0]),
        "cargo run -p seaworthy-deploy --example write_deploy"
    );
    assert_eq!(std::fs::read_dir(folder.join("falco")).unwrap().count(), 1, "nobody writes the others");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // Alerts and the dashboard are written by hand, and held to the metrics by the tests of the crate that writes these.
        if ["falco", "monitoring"].contains(&name.as_str()) {
            continue;
        }
        assert!(files.iter().any(|(known, _)| *known == name), "nobody writes {name}");
    }
}

#[test]
fn pods_have_no_more_than_they_say() {
    let mut pods = 0;
    for (name, object) in all() {
        let Some(spec) = spec(&object) else { continue };
        pods += 1;
        let api = spec.get("serviceAccountName").is_some();
        assert_eq!(spec["automountServiceAccountToken"], json!(api), "{name}");
        assert_eq!(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{name}");
        for forbidden in ["hostNetwork", "hostIPC", "initContainers"] {
            assert!(spec.get(forbidden).is_none(), "{name}: {forbidden}");
        }
        let container = &spec["containers"][0];
        let context = &container["securityContext"];
        assert_eq!(context["readOnlyRootFilesystem"], true, "{name}");
        assert_eq!(context["allowPrivilegeEscalation"], false, "{name}");
        assert_eq!(context["capabilities"]["drop"], json!(["ALL"]), "{name}");
        assert!(context.get("privileged").is_none(), "{name}");
        for part in ["/resources/requests/cpu", "/resources/requests/memory", "/resources/limits/memory"] {
            assert!(container.pointer(part).is_some(), "{name}: {part}");
        }
        let restricted = api || name == "restricted.yaml";
        assert_eq!(spec["securityContext"].get("runAsNonRoot").is_some(), restricted, "{name}");
        if restricted {
            assert!(spec.get("hostPID").is_none() && context["capabilities"].get("add").is_none(), "{name}");
        }
        for volume in spec["volumes"].as_array().into_iter().flatten() {
            if volume.get("configMap").is_some() || volume.get("secret").is_some() {
                continue;
            }
            assert!(!api, "{name} mounts a directory of the host and has a token");
            // What is kept for sending is the one thing that pods write, and theirs alone.
            if volume["hostPath"]["path"] == STATE {
                assert_eq!(volume["hostPath"]["type"], "DirectoryOrCreate", "{name}");
                continue;
            }
            // Any other type lets the runtime make it, or does not look whether it is there.
            let kind = volume["hostPath"]["type"].as_str().unwrap();
            assert!(["Directory", "File"].contains(&kind), "{name}: {kind}");
            let path = volume["hostPath"]["path"].as_str().unwrap();
            // Sockets below /run open the runtime, and are no files that read-only would keep from being written to.
            assert!(!["/", "/run", "/var", "/var/run", "/etc"].contains(&path), "{name}: {path}");
        }
        for mount in container["volumeMounts"].as_array().into_iter().flatten() {
            assert_eq!(mount.get("readOnly").is_some(), mount["mountPath"] != "/state", "{name}: {mount}");
            assert_ne!(mount["readOnly"], false, "{name}: {mount}");
        }
    }
    assert!(pods >= 10, "{pods}");
}

/// Only where host directories are mounted may a namespace be privileged, and no account lives there.
#[test]
fn namespaces_allow_what_their_pods_need() {
    for (name, object) in all() {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        let nodes = namespace.ends_with("-nodes");
        if let Some(spec) = spec(&object) {
            let volumes = spec["volumes"].as_array().cloned().unwrap_or_default();
            assert_eq!(volumes.iter().any(|volume| volume.get("hostPath").is_some()), nodes, "{name}: {object}");
            assert_ne!(spec.get("volumes"), Some(&Value::Null), "{name}");
        }
        if object["kind"] == "Namespace" {
            let own = object["metadata"]["name"].as_str().unwrap();
            let level = if own.ends_with("-nodes") { "privileged" } else { "restricted" };
            assert_eq!(object["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], level, "{name}");
        }
        if object["kind"] == "ServiceAccount" {
            assert!(!nodes || object["metadata"]["name"] == "default", "{name}");
            assert_eq!(object["automountServiceAccountToken"], false, "{name}");
        }
    }
}

#[test]
fn roles_have_no_wildcard_and_read_no_secret() {
    let mut rules = 0;
    for (name, object) in all() {
        for rule in object["rules"].as_array().into_iter().flatten() {
            rules += 1;
            for word in ["apiGroups", "resources", "verbs"].iter().flat_map(|key| rule[key].as_array().unwrap()) {
                assert!(
                    !["*", "configmaps", "secrets", "nodes/proxy", "nodes/configz"].contains(&word.as_str().unwrap()),
                    "{name}: {rule}"
                );
            }
            let lists = rule["verbs"] == json!(["list"]);
            assert!(lists || (name == "cluster-scan.yaml" && object["kind"] == "Role"), "{name}: {rule}");
        }
        // An object in the namespace default is a finding.
        assert_ne!(object["metadata"]["namespace"], "default", "{name}");
        for subject in object["subjects"].as_array().into_iter().flatten() {
            assert!(subject["kind"] == "ServiceAccount" && subject["name"] != "default", "{name}");
        }
    }
    assert!(rules > 10, "{rules}");
}

#[test]
fn every_privilege_has_its_reason_beside_it() {
    for (name, text) in files() {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let privilege = ["hostPID: true", "runAsUser: 0", "- SYS_PTRACE"].contains(&line.trim())
                || lines.get(number + 1).is_some_and(|next| next.trim().starts_with("mountPath: "));
            let above = number.checked_sub(1).map_or("", |above| lines[above].trim());
            assert!(!privilege || above.starts_with('#'), "{name}:{}: {line}", number + 1);
        }
    }
}

fn schedule(kind: Kind, hours: u64) -> Schedule {
    Schedule {
        kind,
        every: Duration::from_secs(hours * 3600),
        image: "registry.example/seaworthy:1".to_owned(),
        pull_policy: "Always".to_owned(),
        namespace: "audit".to_owned(),
        log: LogFormat::Ndjson,
        follows_mounts: true,
        kubernetes_version: Some("1.34".to_owned()),
        parts: vec![Part::Nodes, Part::ControlPlane, Part::Cluster],
        with: vec!["secrets".to_owned()],
        sending: None,
    }
}

#[test]
fn a_schedule_says_what_was_asked() {
    let catalogue = seaworthy_engine::embedded();
    let platform = &catalogue.platforms[0];
    let count = Some(NodeCount { all: 5, control_plane: 3 });
    let documents = schedule(Kind::CronJob, 24).documents(&catalogue, platform, count).unwrap();
    let find = |kind: &str, name: &str| {
        let of = |value: &&Value| value["kind"] == kind && value["metadata"]["name"] == name;
        documents.iter().map(|d| &d.value).find(of).unwrap_or_else(|| panic!("no {kind} {name}"))
    };
    for (name, pods) in [("node", 5), ("control-plane", 3)] {
        let job = find("CronJob", name);
        assert_eq!(job["spec"]["schedule"], "17 3 * * *");
        let spec = &job["spec"]["jobTemplate"]["spec"];
        assert_eq!((&spec["completions"], &spec["parallelism"]), (&json!(pods), &json!(pods)));
        let apart = &spec["template"]["spec"]["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
            [0];
        assert_eq!(apart["topologyKey"], "kubernetes.io/hostname");
        // It must be its own pods that it keeps away from.
        assert_eq!(apart["labelSelector"]["matchLabels"], spec["template"]["metadata"]["labels"]);
        let container = &spec["template"]["spec"]["containers"][0];
        assert_eq!(
            (&container["image"], &container["imagePullPolicy"]),
            (&json!("registry.example/seaworthy:1"), &json!("Always"))
        );
        let args: Vec<&str> = container["args"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(args.windows(2).any(|w| w == ["--format", "ndjson"]), "{args:?}");
        assert!(args.windows(2).any(|w| w == ["--kubernetes-version", "1.34"]), "{args:?}");
        assert!(args.contains(&"--linger"), "{args:?}");
        assert_eq!(job["metadata"]["namespace"], "audit-nodes");
    }
    let role = find("ClusterRole", "seaworthy-cluster");
    assert!(role["rules"][0]["resources"].as_array().unwrap().contains(&json!("secrets")), "{role}");
    // No cron expression says every two days; a DaemonSet can, but the part that asks the API cannot.
    assert!(schedule(Kind::CronJob, 48).documents(&catalogue, platform, count).is_err());
    let at = |kind: &str, name: &str| {
        documents.iter().position(|d| d.value["kind"] == kind && d.value["metadata"]["name"] == name)
    };
    // Kubernetes makes it itself in the moment after its namespace.
    assert!(at("ServiceAccount", "default") > at("CronJob", "cluster"));
    let only_nodes = Schedule { parts: vec![Part::Nodes], ..schedule(Kind::DaemonSet, 48) };
    let documents = only_nodes.documents(&catalogue, platform, None).unwrap();
    let set = documents.iter().find(|d| d.value["kind"] == "DaemonSet").unwrap();
    let args = &set.value["spec"]["template"]["spec"]["containers"][0]["args"];
    assert!(args.as_array().unwrap().contains(&json!("2d")), "{args}");
    let mounts = &set.value["spec"]["template"]["spec"]["containers"][0]["volumeMounts"];
    let follows = |mount: &Value| mount["mountPropagation"] == "HostToContainer";
    assert!(!mounts.as_array().unwrap().is_empty() && mounts.as_array().unwrap().iter().all(follows), "{mounts}");
}

/// A policy that lets nothing out would hold back what is to be sent.
#[test]
fn pods_that_send_may_go_out() {
    for (name, object) in all() {
        if object["kind"] != "NetworkPolicy" {
            continue;
        }
        let nodes = object["metadata"]["namespace"].as_str().unwrap().ends_with("-nodes");
        let sends = ["weekly-falco.yaml", "weekly-siem.yaml"].contains(&name);
        let closed = object["spec"]["policyTypes"].as_array().unwrap().contains(&json!("Egress"));
        assert_eq!(closed, nodes && !sends, "{name}: {object}");
    }
}
