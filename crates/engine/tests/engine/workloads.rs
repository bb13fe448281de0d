//! What runs: pods against the answers of a real API server, and what a finding shows beside its offenders.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use seaworthy_catalogue::{Case, Loaded};
use seaworthy_engine::{Options, cases, judge};
use seaworthy_model::{Fact, Facts, Finding, Report, Verdict};
use serde::Deserialize;

use crate::refused::refused;
use crate::support::loaded;

/// Pods, and why the API server of Kubernetes 1.34.4 refused them in namespaces that enforce `baseline` and `restricted`.
const POD_SECURITY: &str = include_str!("../../../../fixtures/cluster/kubeadm-1.34-pod-security.jsonl");

/// The facts of a case that is written like one of a rule.
fn facts(loaded: &Loaded, keys: &str, objects: &str) -> Facts {
    let mut case: Case = toml::from_str(&format!("name = \"a cluster\"\nverdict = \"unknown\"\n{keys}")).unwrap();
    case.objects = Some(objects.to_owned());
    cases::facts(&loaded.catalogue, loaded.catalogue.rule("pods-privileged").unwrap(), &case).unwrap()
}

fn report(loaded: &Loaded, facts: &Facts, benchmark: &str) -> Report {
    let options = Options { benchmark: Some(benchmark.to_owned()), ..Options::default() };
    judge(facts, &loaded.catalogue, &options).unwrap()
}

fn finding(rule: &str, objects: &str) -> Finding {
    let loaded = loaded();
    let report = report(&loaded, &facts(&loaded, "", objects), "cis-2.0.1");
    report.findings.into_iter().find(|f| f.rule == rule).unwrap()
}

/// The value of the evidence whose name ends so.
fn shown<'f>(finding: &'f Finding, what: &str) -> &'f str {
    let found = finding.evidence.iter().find(|e| e.what.ends_with(what));
    &found.unwrap_or_else(|| panic!("no {what:?} among {:#?}", finding.evidence)).value
}

fn resources(finding: &Finding) -> Vec<(&str, Option<&str>, &str, &str)> {
    let parts = |r: &'_ seaworthy_model::Resource| (r.kind.clone(), r.namespace.clone(), r.name.clone());
    let all: Vec<_> = finding.resources.iter().map(parts).collect();
    let once: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!(all.len(), once.len(), "an object is named twice: {all:?}");
    assert!(finding.resources.is_sorted(), "{all:?}");
    let list = finding.resources.iter();
    list.map(|r| (r.kind.as_str(), r.namespace.as_deref(), r.name.as_str(), r.detail.as_str())).collect()
}

#[derive(Deserialize)]
struct Answered {
    spec: serde_json::Value,
    baseline: String,
    restricted: String,
}

/// Whether the API server's answer names one violation.
type Refused = fn(&Answered) -> bool;

#[test]
fn pods_are_judged_as_the_api_server_judges_them() {
    let loaded = loaded();
    let answers: Vec<Answered> = POD_SECURITY.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut objects = String::new();
    for (number, answer) in answers.iter().enumerate() {
        let pod = serde_json::json!({"kind": "Pod", "metadata": {"name": format!("p{number}"), "namespace": "shop"}, "spec": answer.spec});
        write!(objects, "{pod}\n---\n").unwrap();
    }
    let facts = facts(&loaded, "", &objects);
    let offenders = |benchmark: &str, rule: &str| -> BTreeMap<usize, String> {
        let report = report(&loaded, &facts, benchmark);
        let finding = report.findings.into_iter().find(|f| f.rule == rule).unwrap();
        let number = |name: &str| name[1..].parse().unwrap();
        finding.resources.into_iter().map(|r| (number(&r.name), r.detail)).collect()
    };
    // What the API server's answer says where a pod violates just this.
    let exact: [(&str, &str, Refused); 10] = [
        ("cis-1.12", "pods-privileged", |a| a.baseline.contains("privileged (")),
        ("cis-1.12", "pods-host-pid", |a| a.baseline.contains("hostPID=true")),
        ("cis-1.12", "pods-host-ipc", |a| a.baseline.contains("hostIPC=true")),
        ("cis-1.12", "pods-host-network", |a| a.baseline.contains("hostNetwork=true")),
        ("cis-1.12", "pods-privilege-escalation", |a| a.restricted.contains("allowPrivilegeEscalation != false")),
        ("cis-1.12", "pods-capabilities", |a| a.baseline.contains("non-default capabilities")),
        ("cis-2.0.1", "pods-capabilities", |a| a.restricted.contains("drop=[\"ALL\"]")),
        ("cis-1.12", "pods-host-process", |a| a.baseline.contains("hostProcess (")),
        ("cis-1.12", "pods-host-path", |a| a.baseline.contains("hostPath volumes")),
        ("cis-1.12", "pods-host-port", |a| a.baseline.contains("hostPort")),
    ];
    for (benchmark, rule, refused) in exact {
        let ours: BTreeSet<usize> = offenders(benchmark, rule).into_keys().collect();
        let theirs: BTreeSet<usize> = (0..answers.len()).filter(|i| refused(&answers[*i])).collect();
        assert!(theirs.len() > 2 && theirs.len() < answers.len(), "{rule}: {} of {}", theirs.len(), answers.len());
        let wrong: Vec<_> = ours.symmetric_difference(&theirs).map(|i| (i, &answers[*i].restricted)).collect();
        assert!(wrong.is_empty(), "{benchmark} {rule}: {wrong:#?}");
    }
    // `restricted` wants runAsNonRoot even beside a user that is not root: what offends here, it refuses, and the rest has a user.
    let roots = offenders("cis-1.12", "pods-root");
    for (number, answer) in answers.iter().enumerate() {
        let refused = answer.restricted.contains("runAsNonRoot != true") || answer.restricted.contains("runAsUser=0");
        assert!(refused || !roots.contains_key(&number), "{number}: {:?}", roots.get(&number));
        let pods_own = answer.restricted.contains("pod must not set securityContext.runAsNonRoot=false");
        let users = answer.spec.to_string().contains("\"runAsUser\":");
        assert!(!refused || users || pods_own || roots.contains_key(&number), "{number}: {}", answer.restricted);
    }
    // The profile that holds: a privileged container has none, and what the pod says means nothing where every container says its own.
    let filtered = offenders("cis-1.12", "pods-seccomp");
    for (number, answer) in answers.iter().enumerate() {
        let refused = answer.restricted.contains("seccompProfile (") || answer.baseline.contains("privileged (");
        assert!(refused || !filtered.contains_key(&number), "{number}: {:?}", filtered.get(&number));
        let pods_own = answer.restricted.contains("pod must not set securityContext.seccompProfile");
        assert!(!refused || pods_own || filtered.contains_key(&number), "{number}: {}", answer.restricted);
    }
    // The standards have no word for NET_RAW alone: whoever keeps it does not drop ALL, or adds it.
    for (number, detail) in offenders("cis-1.12", "pods-net-raw") {
        let answer = &answers[number].restricted;
        assert!(answer.contains("unrestricted capabilities"), "{number}: {detail}: {answer}");
    }
}

#[test]
fn the_namespace_says_whether_admission_would_refuse_such_pods() {
    let pods = "
---
kind: Pod
metadata: {name: a, namespace: shop}
spec: {containers: [{name: c, securityContext: {seccompProfile: {type: Unconfined}}}]}
---
kind: Pod
metadata: {name: b, namespace: shop}
spec: {containers: [{name: c}]}
";
    let of = |label: &str| {
        let namespace = format!("kind: Namespace\nmetadata: {{name: shop, labels: {{{label}}}}}\n");
        let finding = finding("pods-seccomp", &format!("{namespace}{pods}"));
        assert_eq!(finding.verdict, Verdict::Fail);
        shown(&finding, "namespaces shop").to_owned()
    };
    assert_eq!(of(""), "has no enforce label: new pods like these are let in");
    assert_eq!(
        of("pod-security.kubernetes.io/enforce: baseline"),
        "enforces baseline: new pods like 1 of these 2 are refused"
    );
    assert_eq!(
        of("pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.30"),
        "enforces restricted as of v1.30: new pods like these are refused"
    );
}

#[test]
fn templates_without_pods_and_pods_of_the_system_are_shown_apart() {
    let privileged = "spec: {containers: [{name: c, securityContext: {privileged: true}}]}";
    let template = |kind: &str, name: &str, owner: &str| {
        format!(
            "---\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop{owner}}}\nspec: {{template: {{{privileged}}}}}\n"
        )
    };
    let owned =
        |kind: &str, name: &str| format!(", ownerReferences: [{{kind: {kind}, name: {name}, controller: true}}]");
    let finding = finding(
        "pods-privileged",
        &[
            format!("kind: Pod\nmetadata: {{name: cni, namespace: kube-system}}\n{privileged}\n"),
            template("Deployment", "idle", ""),
            template("Deployment", "busy", ""),
            template("ReplicaSet", "busy-1", &owned("Deployment", "busy")),
            template("ReplicaSet", "busy-0", &owned("Deployment", "busy")),
            format!(
                "---\nkind: Pod\nmetadata: {{name: busy-1-x, namespace: shop{}}}\n{privileged}\n",
                owned("ReplicaSet", "busy-1")
            ),
        ]
        .concat(),
    );
    let named = resources(&finding);
    assert_eq!(named, [("Pod", Some("shop"), "busy-1-x", "container c: privileged: true")]);
    assert_eq!(shown(&finding, "system namespaces, not judged"), "1 of these would offend elsewhere: kube-system/cni");
    let idle = shown(&finding, "idle");
    assert_eq!(idle, "has no pod now and is not counted: container c: privileged: true");
    assert!(!finding.evidence.iter().any(|e| e.what.contains("busy-0") || e.what.ends_with("/busy")), "{finding:#?}");
}

#[test]
fn kubelets_that_give_a_profile_are_a_fact_beside_pods_that_name_none() {
    let objects = "
kind: KubeletConfiguration
metadata: {name: node1}
seccompDefault: true
---
kind: KubeletConfiguration
metadata: {name: node2}
";
    let finding = finding("pods-seccomp", objects);
    let value = shown(&finding, "kubelet seccompDefault");
    assert!(value.starts_with("on for 1 of 2 nodes (node1)"), "{value}");
}

#[test]
fn an_owner_whose_own_template_is_clean_says_where_the_secret_is() {
    let finding = finding(
        "secrets-in-environment",
        "
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: c}]}}}
---
kind: ReplicaSet
metadata: {name: web-1, namespace: shop, ownerReferences: [{kind: Deployment, name: web, controller: true}]}
spec: {template: {spec: {containers: [{name: c, envFrom: [{secretRef: {name: db}}]}]}}}
",
    );
    let detail = "container c: every key of Secret db (in ReplicaSet web-1, not in its own template)";
    assert_eq!(resources(&finding), [("Deployment", Some("shop"), "web", detail)]);
}

#[test]
fn names_are_kept_as_they_are() {
    let hostile = "a\u{1b}[31m\n<script>alert(1)</script>\"";
    let long = "x".repeat(400);
    let pod = |name: &str| {
        serde_json::json!({"kind": "Pod", "metadata": {"name": name, "namespace": "shop"},
            "spec": {"hostPID": true, "containers": [{"name": hostile}]}})
    };
    let finding = finding("pods-host-pid", &format!("{}\n---\n{}\n", pod(hostile), pod(&long)));
    let names: Vec<&str> = resources(&finding).iter().map(|(_, _, name, _)| *name).collect();
    assert_eq!(names, [hostile, &long]);
}

#[test]
fn namespaces_are_listed_with_what_is_in_them() {
    let finding = finding(
        "namespace-boundaries",
        "
kind: Namespace
metadata: {name: empty}
---
kind: StatefulSet
metadata: {name: db, namespace: shop}
---
kind: Pod
metadata: {name: db-0, namespace: shop, ownerReferences: [{kind: StatefulSet, name: db, controller: true}]}
---
kind: Pod
metadata: {name: db-1, namespace: shop, ownerReferences: [{kind: StatefulSet, name: db, controller: true}]}
---
kind: Pod
metadata: {name: alone, namespace: shop}
",
    );
    assert_eq!(
        resources(&finding),
        [
            ("Namespace", None, "default", "no pods"),
            ("Namespace", None, "empty", "no pods"),
            ("Namespace", None, "shop", "3 pods, of Pod alone, StatefulSet db"),
        ]
    );
}

#[test]
fn facts_without_a_list_of_the_default_namespace_say_nothing_about_it() {
    let loaded = loaded();
    let whole =
        facts(&loaded, "discovery = false\n", "kind: Service\nmetadata: {name: kubernetes, namespace: default}\n");
    let verdict = |facts: &Facts| {
        let report = report(&loaded, facts, "cis-2.0.1");
        report.findings.into_iter().find(|f| f.rule == "default-namespace").unwrap().verdict
    };
    assert_eq!(verdict(&whole), Verdict::Pass);
    for resource in ["secrets", "pods", "configmaps", "roles.rbac.authorization.k8s.io", "jobs.batch"] {
        let mut less = whole.clone();
        less.api.as_mut().unwrap().default_namespace.retain(|list| list.resource != resource);
        assert_eq!(verdict(&less), Verdict::Unknown, "{resource}");
    }
    let mut less = whole.clone();
    let api = less.api.as_mut().unwrap();
    api.discovery = Fact::Broken { error: "no JSON".to_owned(), source: seaworthy_model::Source::stated("the test") };
    assert_eq!(verdict(&less), Verdict::Unknown);
}

#[test]
fn a_requirement_of_pods_that_there_is_none_of_is_refused() {
    let path = "rules/cluster/pods-privileged.md";
    refused(
        path,
        "with = [\"privileged\"]",
        "with = [\"privilegd\"]",
        "no requirement \"privilegd\"",
        "\"privileged\"",
    );
    refused(path, "with = [\"privileged\"]", "with = []", "no requirement", "host-pid");
    refused("benchmarks/cis-2.0.1.toml", "\"drop-all\"", "\"drop-al\"", "no requirement \"drop-al\"", "\"drop-all\"");
}

#[test]
fn a_program_is_known_by_enough() {
    let path = "known.toml";
    refused(
        path,
        "namespaces = [\"kube-system\", \"calico-system\"]",
        "namespaces = []",
        "Calico is known in no namespace",
        "",
    );
    refused(path, "image = \"calico\"", "image = \"\"", "empty word", "image");
    refused(path, "webhook = \"kyverno-\"", "webhook = \"\"", "empty word", "webhook");
    refused(path, "custom-resource = \"clusterpolicies.kyverno.io\"\n", "", "one thing only", "custom-resource");
    refused(path, "\"ippools.crd.projectcalico.org\"", "\"ippools\"", "no name of a custom resource", "PLURAL.GROUP");
    refused(path, "enforces = \"yes\"", "enforces = \"maybe\"", "unknown variant", "");
}

/// Ten thousand pods in a thousand namespaces: no answer is a hash's order, and nothing is looked at once for each of the others.
#[test]
fn a_large_cluster_is_judged() {
    let loaded = loaded();
    let small = "kind: Pod
metadata: {name: p, namespace: ns, ownerReferences: [{kind: ReplicaSet, name: r, controller: true}]}
spec: {containers: [{name: c, envFrom: [{secretRef: {name: s}}]}]}
---
kind: ReplicaSet
metadata: {name: r, namespace: ns}
spec: {template: {spec: {containers: [{name: c}]}}}
";
    let mut facts = facts(&loaded, "", small);
    let api = facts.api.as_mut().unwrap();
    let mut grow = |count: usize, namespaces: usize| {
        let Fact::Known { value, .. } = &mut api.pods else { unreachable!() };
        let pod = value.items[0].clone();
        value.items = (0..count)
            .map(|i| {
                let mut pod = pod.clone();
                pod.metadata.name = format!("p{i}");
                pod.metadata.namespace = Some(format!("n{}", i % namespaces));
                pod.metadata.owner_references[0].name = format!("r{}", i / 2);
                pod
            })
            .collect();
        let Fact::Known { value, .. } = &mut api.namespaces else { unreachable!() };
        let namespace = value.items[0].clone();
        value.items = (0..namespaces)
            .map(|i| {
                let mut namespace = namespace.clone();
                namespace.metadata.name = format!("n{i}");
                namespace
            })
            .collect();
    };
    grow(10_000, 1000);
    let report = report(&loaded, &facts, "cis-2.0.1");
    let count = |rule: &str| report.findings.iter().find(|f| f.rule == rule).unwrap().resources.len();
    assert_eq!((count("pods-root"), count("pod-security-policy-mechanism")), (10_000, 1000));
    assert_eq!((count("namespace-network-policies"), count("secrets-in-environment")), (1000, 10_000));
}
