//! Who may do what, on a fresh cluster that kubeadm made, and on the same cluster with something changed.

use seaworthy_catalogue::{Case, Loaded, System};
use seaworthy_engine::{Options, cases, judge};
use seaworthy_model::{Facts, Finding, Report, Verdict};

use crate::refused::refused;
use crate::support::loaded;

/// The namespaces, roles, bindings and accounts of a cluster that `kubeadm init` 1.34.4 has just made, as the API answered.
const FRESH: &str = include_str!("../../../../fixtures/cluster/kubeadm-1.34-access.yaml");

/// The rules that roles, bindings and accounts decide.
const RULES: [&str; 16] = [
    "bootstrap-tokens-for-users",
    "client-certificates-for-users",
    "cluster-admin-bindings",
    "csr-approvers",
    "default-service-accounts",
    "node-proxy-users",
    "persistent-volume-creators",
    "pod-creators",
    "privilege-escalators",
    "role-wildcards",
    "secret-readers",
    "service-account-tokens-for-users",
    "system-masters",
    "token-creators",
    "token-mounts",
    "webhook-configurers",
];

/// The facts of a cluster with these objects.
fn facts(loaded: &Loaded, objects: &str) -> Facts {
    let rule = loaded.catalogue.rule("secret-readers").unwrap();
    let mut case: Case = toml::from_str("name = \"a cluster\"\nverdict = \"unknown\"\n").unwrap();
    case.objects = Some(objects.to_owned());
    cases::facts(&loaded.catalogue, rule, &case).unwrap()
}

fn report(loaded: &Loaded, objects: &str) -> Report {
    judge(&facts(loaded, objects), &loaded.catalogue, &Options::default()).unwrap()
}

fn finding<'r>(report: &'r Report, rule: &str) -> &'r Finding {
    report.findings.iter().find(|f| f.rule == rule).unwrap()
}

fn named(finding: &Finding) -> Vec<String> {
    let path = |r: &seaworthy_model::Resource| r.namespace.iter().cloned().chain([r.name.clone()]).collect::<Vec<_>>();
    finding.resources.iter().map(|r| format!("{} {}", r.kind, path(r).join("/"))).collect()
}

/// The fresh cluster with one text replaced, which must be there.
fn changed(from: &str, to: &str) -> String {
    assert!(FRESH.contains(from), "{from}");
    FRESH.replacen(from, to, 1)
}

#[test]
fn a_fresh_cluster_has_no_offender_but_its_default_account() {
    let loaded = loaded();
    let report = report(&loaded, FRESH);
    for rule in RULES {
        let finding = finding(&report, rule);
        let wanted = match rule {
            "default-service-accounts" => Verdict::Fail,
            "bootstrap-tokens-for-users" | "client-certificates-for-users" | "service-account-tokens-for-users" => {
                Verdict::Manual
            }
            "system-masters" => Verdict::Manual,
            _ => Verdict::Pass,
        };
        assert_eq!(finding.verdict, wanted, "{rule}: {}: {:?}", finding.reason, finding.resources);
    }
    assert_eq!(named(finding(&report, "default-service-accounts")), ["ServiceAccount default/default"]);
    assert!(finding(&report, "client-certificates-for-users").resources.is_empty());
}

/// All bindings of the fresh cluster with their subjects, as the platform's table writes them.
#[test]
fn every_binding_of_a_fresh_cluster_is_in_the_table_of_the_platform() {
    let loaded = loaded();
    let system = &loaded.catalogue.platforms[0].system;
    let facts = facts(&loaded, FRESH);
    let api = facts.api.unwrap();
    let mut seen = 0;
    for list in [&api.cluster_role_bindings, &api.role_bindings] {
        for binding in &list.known().unwrap().items {
            let meta = &binding.metadata;
            let (entry, star) = system.binding(meta.namespace.as_deref(), &meta.name).expect("it is in the table");
            assert_eq!(entry.role.replace('*', star), binding.role_ref.name);
            assert_eq!(
                entry.labelled,
                meta.label("kubernetes.io/bootstrapping") == Some("rbac-defaults"),
                "{}",
                meta.name
            );
            for subject in &binding.subjects {
                let namespace = subject.namespace.as_ref().map(|n| format!("{n}/")).unwrap_or_default();
                let text = format!("{} {namespace}{}", subject.kind, subject.name);
                let all: Vec<String> = entry.subjects.iter().map(|s| s.to_string().replace('*', star)).collect();
                assert!(all.contains(&text), "{}: {text} is not among {all:?}", meta.name);
            }
            seen += 1;
        }
    }
    assert!(seen > 60, "only {seen}");
}

#[test]
fn a_subject_added_to_a_binding_of_the_system_is_named() {
    let loaded = loaded();
    let masters = r#"{"kind": "Group", "name": "system:masters"}"#;
    let added = changed(masters, &format!(r#"{masters}, {{"kind": "User", "name": "jane"}}"#));
    let report = report(&loaded, &added);
    let finding = finding(&report, "cluster-admin-bindings");
    assert_eq!(finding.verdict, Verdict::Fail);
    assert_eq!(named(finding), ["ClusterRoleBinding cluster-admin"]);
    let detail = &finding.resources[0].detail;
    assert_eq!(
        detail,
        "ClusterRole cluster-admin gives User jane everything; it was added to a binding of the system's own"
    );
    // And she has all other rights too, through that binding.
    for rule in ["secret-readers", "pod-creators", "token-creators", "webhook-configurers", "node-proxy-users"] {
        let finding = report.findings.iter().find(|f| f.rule == rule).unwrap();
        assert_eq!(named(finding), ["ClusterRoleBinding cluster-admin"], "{rule}");
        assert!(finding.resources[0].detail.contains("User jane: everything, through cluster-admin (5.1.1)"), "{rule}");
        assert!(finding.reason.contains("through cluster-admin (5.1.1)"), "{rule}: {}", finding.reason);
    }
}

#[test]
fn whatever_is_taken_from_a_binding_of_the_system_makes_it_an_offender() {
    let loaded = loaded();
    let line =
        FRESH.lines().find(|l| l.contains("ClusterRoleBinding") && l.contains("\"kubeadm:cluster-admins\"")).unwrap();
    for (from, to) in [
        ("\"name\": \"kubeadm:cluster-admins\"}, ", "\"name\": \"kubeadm:cluster-admin\"}, "),
        ("\"Group\", \"name\": \"kubeadm:cluster-admins\"", "\"Group\", \"name\": \"kubeadm:cluster-adminz\""),
        ("\"Group\"", "\"User\""),
    ] {
        assert!(line.contains(from), "{from} in {line}");
        let objects = FRESH.replace(line, &line.replacen(from, to, 1));
        let report = report(&loaded, &objects);
        assert_eq!(finding(&report, "cluster-admin-bindings").verdict, Verdict::Fail, "{to}");
    }
}

#[test]
fn who_gets_a_binding_to_a_role_of_the_system_is_an_offender() {
    let loaded = loaded();
    let bind = |role: &str| {
        format!(
            "{FRESH}\n---\nkind: ClusterRoleBinding\nmetadata: {{name: extra}}\nroleRef: {{kind: ClusterRole, name: \"{role}\"}}\n\
             subjects: [{{kind: ServiceAccount, namespace: shop, name: web}}]\n"
        )
    };
    // What the authorizer of Kubernetes 1.34 lets the holder of each role do.
    for (role, wanted) in [
        ("view", &[][..]),
        ("edit", &["pod-creators", "privilege-escalators", "secret-readers", "token-creators"][..]),
        ("admin", &["pod-creators", "privilege-escalators", "secret-readers", "token-creators"][..]),
        ("system:node-proxier", &[][..]),
        ("system:kubelet-api-admin", &["node-proxy-users"][..]),
        ("system:controller:clusterrole-aggregation-controller", &["privilege-escalators"][..]),
        ("system:controller:namespace-controller", &["node-proxy-users", "secret-readers", "webhook-configurers"][..]),
        ("system:kube-controller-manager", &["node-proxy-users", "secret-readers", "token-creators"][..]),
    ] {
        let report = report(&loaded, &bind(role));
        let failed: Vec<&str> = RULES
            .into_iter()
            .filter(|rule| *rule != "default-service-accounts" && finding(&report, rule).verdict == Verdict::Fail)
            .collect();
        assert_eq!(failed, wanted, "{role}");
        for rule in failed {
            assert_eq!(named(finding(&report, rule)), ["ClusterRoleBinding extra"], "{role}: {rule}");
        }
    }
}

#[test]
fn what_is_shown_does_not_count_and_is_there() {
    let loaded = loaded();
    let objects = "kind: ClusterRole\nmetadata: {name: r}\nrules:\n\
        - {apiGroups: [\"\"], resources: [secrets], resourceNames: [database], verbs: [get]}\n\
        - {apiGroups: [apps], resources: [deployments], verbs: [create]}\n\
        - {apiGroups: [\"\"], resources: [serviceaccounts/token], verbs: [create]}\n---\n\
        kind: RoleBinding\nmetadata: {name: b, namespace: shop}\nroleRef: {kind: ClusterRole, name: r}\nsubjects: [{kind: User, name: jane}]\n";
    let report = report(&loaded, objects);
    for (rule, words) in [
        ("secret-readers", "get on secrets (only database)"),
        ("pod-creators", "create on deployments.apps"),
        ("token-creators", "create on serviceaccounts/token"),
    ] {
        let finding = finding(&report, rule);
        assert_eq!(finding.verdict, Verdict::Pass, "{rule}");
        let shown = finding.evidence.iter().find(|e| e.value.starts_with("shown, not counted")).expect(rule);
        assert!(shown.value.contains("User jane") && shown.value.contains(words), "{}", shown.value);
    }
}

#[test]
fn an_approver_is_told_whether_there_is_a_signer_for_it() {
    let loaded = loaded();
    let role = |name: &str, resource: &str, verb: &str| {
        format!(
            "kind: ClusterRole\nmetadata: {{name: {name}}}\nrules: [{{apiGroups: [certificates.k8s.io], resources: [{resource}], verbs: [{verb}]}}]\n---\n"
        )
    };
    let bind = |role: &str, subject: &str| {
        format!(
            "kind: ClusterRoleBinding\nmetadata: {{name: {role}}}\nroleRef: {{kind: ClusterRole, name: {role}}}\nsubjects: [{subject}]\n---\n"
        )
    };
    let approve = role("approve", "certificatesigningrequests/approval", "update")
        + &bind("approve", "{kind: ServiceAccount, namespace: shop, name: web}");
    let detail = |objects: &str| {
        let report = report(&loaded, objects.trim_end_matches("---\n"));
        finding(&report, "csr-approvers").resources[0].detail.clone()
    };
    assert!(
        detail(&approve).ends_with("it may not approve signers.certificates.k8s.io, without which this has no effect")
    );
    // The right can come from another binding, and from a group that the account is in.
    for subject in [
        "{kind: User, name: \"system:serviceaccount:shop:web\"}",
        "{kind: Group, name: \"system:serviceaccounts:shop\"}",
        "{kind: Group, name: \"system:authenticated\"}",
    ] {
        let both = format!("{approve}{}{}", role("sign", "signers", "approve"), bind("sign", subject));
        assert!(detail(&both).contains("it may approve signers.certificates.k8s.io too"), "{subject}");
    }
    let other = format!(
        "{approve}{}{}",
        role("sign", "signers", "approve"),
        bind("sign", "{kind: Group, name: \"system:serviceaccounts:other\"}")
    );
    assert!(detail(&other).contains("it may not approve"));
}

/// The page about access says who is no offender: all that the platform's table has, and nothing else.
#[test]
fn the_page_names_every_binding_of_the_systems_own() {
    const PAGE: &str = include_str!("../../../../docs/src/access.md");
    let loaded = loaded();
    let system = &loaded.catalogue.platforms[0].system;
    let rows: Vec<&str> = PAGE.lines().filter(|l| l.starts_with("| `") && l.matches('|').count() == 5).collect();
    assert_eq!(rows, table(system), "write the table of docs/src/access.md anew");
    for role in &system.wildcard_roles {
        assert!(PAGE.contains(&format!("`{role}`")), "{role}");
    }
    for controller in &system.controllers {
        assert!(PAGE.contains(&format!("`{controller}`")), "{controller}");
    }
    assert!(PAGE.contains(&format!("`{}`", system.bootstrap_label)));
}

fn table(system: &System) -> Vec<String> {
    let row = |entry: &seaworthy_catalogue::SystemBinding| {
        let path = entry.namespace.iter().chain([&entry.name]).cloned().collect::<Vec<_>>().join("/");
        let subjects: Vec<String> = entry.subjects.iter().map(|s| format!("`{s}`")).collect();
        let subjects = if subjects.is_empty() { "nobody".to_owned() } else { subjects.join(", ") };
        let label = if entry.labelled { "yes" } else { "no" };
        format!("| `{path}` | `{}` | {subjects} | {label} |", entry.role)
    };
    system.bindings.iter().map(row).collect()
}

#[test]
fn a_wrong_word_of_access_is_refused() {
    const SECRETS: &str = "rules/cluster/secret-readers.md";
    const RIGHT: &str = "get,list,watch secrets";
    for (word, message, help) in [
        ("get,lst,watch secrets", "\"lst\" is no verb", "\"list\""),
        ("get,* secrets", "names verbs beside *", "write * alone"),
        ("get,list,watch secret", "no resource \"secret\"", "\"secrets\""),
        ("create deployments", "no resource \"deployments\"", "\"deployments.apps\""),
        ("create deployment.apps", "no resource \"deployment.apps\"", "\"deployments.apps\""),
        ("get Secrets", "is no resource", "VERB,VERB RESOURCE"),
        ("get secrets/", "is no resource", "VERB,VERB RESOURCE"),
        ("get */*", "is no resource", "VERB,VERB RESOURCE"),
        ("secrets", "is no right", "VERB,VERB RESOURCE"),
        ("get  secrets", "is no right", "VERB,VERB RESOURCE"),
        ("show secrets", "is no right", "VERB,VERB RESOURCE"),
        ("show get secrets", "asks about no right", "write a right"),
    ] {
        refused(SECRETS, &format!("\"{RIGHT}\""), &format!("{word:?}"), message, help);
    }
    refused(SECRETS, "[\"unlimited\", ", "[\"get pods\", \"cluster\", ", "stands after", "write it first");
    // What other API groups have cannot be known here.
    let mut texts = crate::support::texts();
    let text = &mut texts.iter_mut().find(|(name, _)| name == SECRETS).unwrap().1;
    *text = text.replacen(RIGHT, "get applications.argoproj.io/status", 1);
    assert!(crate::support::load_texts(&texts).is_ok());
}

#[test]
fn a_wrong_subject_of_the_systems_own_is_refused() {
    const PLATFORM: &str = "platforms/kubeadm.toml";
    for wrong in ["group system:masters", "Group", "Group ", "system:masters", "ServiceAccount masters", "Group a b"] {
        refused(PLATFORM, "\"Group system:masters\"", &format!("{wrong:?}"), "is no subject", "");
    }
    refused(PLATFORM, "labelled = true }", "labeled = true }", "unknown field `labeled`", "");
}
