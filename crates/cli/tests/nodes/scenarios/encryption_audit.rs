//! The files that the API server names: how secrets are encrypted, and what is logged.

use seaworthy_model::Verdict::{self, Fail, Pass, Unknown};

use crate::node::{Node, hardened, hold, plain};

const API: &str = "kube-apiserver";
const ENCRYPTION: &str = "/etc/kubernetes/enc/enc.yaml";
const POLICY: &str = "/etc/kubernetes/audit/policy.yaml";

fn head(kind: &str, group: &str) -> String {
    format!("apiVersion: {group}\nkind: {kind}\n")
}

/// The hardened node with this text behind the head of its encryption configuration.
fn encrypted(body: &str) -> Node {
    let text = head("EncryptionConfiguration", "apiserver.config.k8s.io/v1") + body;
    hardened().show(API, ENCRYPTION, text)
}

/// The hardened node with this text behind the head of its audit policy.
fn audited(body: &str) -> Node {
    hardened().show(API, POLICY, head("Policy", "audit.k8s.io/v1") + body)
}

const KEYS: &str = "{keys: [{name: k, secret: c2VjcmV0}]}";

#[test]
fn s24_the_first_provider_of_the_group_that_holds_secrets_writes() {
    let cases: &[(&str, String, Verdict)] = &[
        ("strong first", format!("- resources: [secrets]\n  providers: [aescbc: {KEYS}, identity: {{}}]\n"), Pass),
        ("identity first", format!("- resources: [secrets]\n  providers: [identity: {{}}, aescbc: {KEYS}]\n"), Fail),
        (
            "identity, and a later group that encrypts something else",
            format!(
                "- resources: [secrets]\n  providers: [identity: {{}}]\n- resources: [events]\n  providers: [aescbc: {KEYS}]\n"
            ),
            Fail,
        ),
        (
            "identity, and a later group that holds secrets again",
            format!(
                "- resources: [secrets]\n  providers: [identity: {{}}]\n- resources: [secrets]\n  providers: [aescbc: {KEYS}]\n"
            ),
            Fail,
        ),
        (
            "a strong one, and a later group with identity",
            format!(
                "- resources: [secrets]\n  providers: [secretbox: {KEYS}]\n- resources: ['*.*']\n  providers: [identity: {{}}]\n"
            ),
            Pass,
        ),
        (
            "a comment that names a provider",
            "- resources: [secrets]\n  providers:\n  # aescbc was removed\n  - identity: {}\n".to_owned(),
            Fail,
        ),
        (
            "a strong one behind a comment that names identity",
            format!("- resources: [secrets]\n  providers:\n  # identity: {{}}\n  - secretbox: {KEYS}\n"),
            Pass,
        ),
        ("other resources only", format!("- resources: [configmaps]\n  providers: [aescbc: {KEYS}]\n"), Fail),
        (
            "secrets of another group",
            format!("- resources: [secrets.example.com]\n  providers: [aescbc: {KEYS}]\n"),
            Fail,
        ),
        ("every resource", format!("- resources: ['*.*']\n  providers: [aescbc: {KEYS}]\n"), Pass),
        ("the core group", format!("- resources: ['*.']\n  providers: [secretbox: {KEYS}]\n"), Pass),
        ("another group whole", format!("- resources: ['*.apps']\n  providers: [secretbox: {KEYS}]\n"), Fail),
        ("a wildcard without encryption", "- resources: ['*.*']\n  providers: [identity: {}]\n".to_owned(), Fail),
        (
            "kms",
            "- resources: [secrets]\n  providers: [kms: {apiVersion: v2, name: a, endpoint: unix:///a}]\n".to_owned(),
            Pass,
        ),
        ("aesgcm", format!("- resources: [secrets]\n  providers: [aesgcm: {KEYS}]\n"), Fail),
        ("an unknown provider", "- resources: [secrets]\n  providers: [rot13: {}]\n".to_owned(), Unknown),
    ];
    for (case, groups, verdict) in cases {
        hold(case, &encrypted(&format!("resources:\n{groups}")), &[("1.2.27", Pass), ("1.2.28", *verdict)]);
    }
}

#[test]
fn an_encryption_configuration_that_makes_no_sense_is_unknown() {
    let good = "resources: [{resources: [secrets], providers: [{aescbc: {}}]}]\n";
    for (case, node) in [
        ("no resources", encrypted("resources: []\n")),
        ("nothing", encrypted("")),
        ("no providers", encrypted("resources: [{resources: [secrets]}]\n")),
        ("providers are no list", encrypted("resources: [{resources: [secrets], providers: aescbc}]\n")),
        ("a provider is no map", encrypted("resources: [{resources: [secrets], providers: [aescbc]}]\n")),
        ("two in one", encrypted("resources: [{resources: [secrets], providers: [{aescbc: {}, identity: {}}]}]\n")),
        ("resources are numbers", encrypted("resources: [{resources: [1], providers: [{aescbc: {}}]}]\n")),
        ("broken", encrypted("resources: [{\n")),
        ("an empty file", hardened().show(API, ENCRYPTION, "")),
        ("binary", hardened().show(API, ENCRYPTION, [0xff, 0xfe, 0x00])),
        ("wrong kind", hardened().show(API, ENCRYPTION, head("Pod", "apiserver.config.k8s.io/v1") + good)),
        ("wrong group", hardened().show(API, ENCRYPTION, head("EncryptionConfiguration", "v1") + good)),
        ("no kind", hardened().show(API, ENCRYPTION, good)),
    ] {
        hold(case, &node, &[("1.2.27", Pass), ("1.2.28", Unknown)]);
    }
}

#[test]
fn a_file_that_is_named_and_not_there_is_unknown() {
    for (path, ids) in [(ENCRYPTION, &["1.2.28"][..]), (POLICY, &["3.2.1", "3.2.2"])] {
        let inside = hardened().inside(API, path);
        let node = hardened().remove(&inside).remove(path);
        for id in ids {
            hold(&format!("{path} is gone"), &node, &[(id, Unknown)]);
        }
    }
    let node = plain().with(API, &["--encryption-provider-config=/nowhere.yaml", "--audit-policy-file=/none.yaml"]);
    hold("never was", &node, &[("1.2.27", Pass), ("1.2.28", Unknown), ("3.2.1", Unknown), ("3.2.2", Unknown)]);
    hold("not named", &plain(), &[("1.2.27", Fail), ("1.2.28", Fail), ("3.2.1", Fail), ("3.2.2", Fail)]);
}

#[test]
fn what_the_container_sees_counts_and_not_the_host_s_file_of_that_name() {
    let weak = head("EncryptionConfiguration", "apiserver.config.k8s.io/v1")
        + "resources: [{resources: [secrets], providers: [{identity: {}}]}]\n";
    let strong = hardened().text(ENCRYPTION);
    let node = hardened().write(ENCRYPTION, &weak);
    hold("weak on the host only", &node, &[("1.2.28", Pass)]);
    let node = hardened().show(API, ENCRYPTION, &weak).write(ENCRYPTION, &strong);
    hold("weak in the container", &node, &[("1.2.28", Fail)]);
    let node = hardened().show(API, POLICY, head("Policy", "audit.k8s.io/v1") + "rules: [{level: None}]\n");
    hold("a policy in the container", &node, &[("3.2.1", Fail), ("3.2.2", Fail)]);
}

/// The rules that log what the benchmark asks for; by themselves they pass.
const COVER: &str = "\
- {level: Metadata, resources: [{group: '', resources: [secrets, configmaps, serviceaccounts/token]}]}
- {level: Metadata, resources: [{group: authentication.k8s.io, resources: [tokenreviews]}]}
- {level: Request, resources: [{group: '', resources: [pods, 'pods/*', services/proxy]}]}
- {level: Request, resources: [{group: apps}, {group: certificates.k8s.io}]}
";

#[test]
fn audit_rules_are_asked_in_order() {
    let cases: &[(&str, String, Verdict)] = &[
        ("all at Metadata", "- level: Metadata\n".to_owned(), Pass),
        ("all at Request", "- level: Request\n".to_owned(), Fail),
        ("all at RequestResponse", "- level: RequestResponse\n".to_owned(), Fail),
        ("what matters", COVER.to_owned(), Pass),
        ("None first", format!("- level: None\n{COVER}"), Fail),
        ("None last", format!("{COVER}- level: None\n"), Pass),
        (
            "None for secrets first",
            format!("- {{level: None, resources: [{{group: '', resources: [secrets]}}]}}\n{COVER}"),
            Fail,
        ),
        ("None for one user first", format!("- {{level: None, users: ['system:kube-proxy']}}\n{COVER}"), Pass),
        ("None for everybody first", format!("- {{level: None, userGroups: ['system:authenticated']}}\n{COVER}"), Fail),
        ("None for reads first", format!("- {{level: None, verbs: [get, list, watch]}}\n{COVER}"), Fail),
        ("None for health first", format!("- {{level: None, nonResourceURLs: ['/healthz*']}}\n{COVER}"), Pass),
        ("one user only", "- {level: Metadata, users: [admin]}\n".to_owned(), Fail),
        ("one namespace only", "- {level: Metadata, namespaces: [kube-system]}\n".to_owned(), Fail),
        (
            "writes only",
            "- {level: Metadata, verbs: [create, update, patch, delete, deletecollection]}\n".to_owned(),
            Fail,
        ),
        ("a verb that is no wildcard", "- {level: Metadata, verbs: ['*']}\n".to_owned(), Fail),
        ("pods say nothing of exec", COVER.replace("'pods/*'", "pods/log"), Fail),
        ("apps only at None", COVER.replace("{group: apps}", "{group: extensions}"), Fail),
        ("secrets at Request", COVER.replace("secrets, ", "") + "- level: Request\n", Fail),
        ("stages that are never logged", "- {level: Metadata, omitStages: [RequestReceived]}\n".to_owned(), Pass),
        (
            "every stage left out",
            "- {level: Metadata, omitStages: [RequestReceived, ResponseStarted, ResponseComplete, Panic]}\n".to_owned(),
            Fail,
        ),
        ("every subresource", COVER.replace("'pods/*'", "'*/exec', '*/portforward', '*/proxy'"), Pass),
        (
            "named objects only",
            "- {level: Metadata, resources: [{group: '', resources: [secrets], resourceNames: [a]}]}\n".to_owned(),
            Fail,
        ),
    ];
    for (case, rules, verdict) in cases {
        hold(case, &audited(&format!("rules:\n{rules}")), &[("3.2.1", Pass), ("3.2.2", *verdict)]);
    }
    let omit = "omitStages: [RequestReceived]\nrules:\n- level: Metadata\n";
    hold("stages of the whole policy", &audited(omit), &[("3.2.1", Pass), ("3.2.2", Pass)]);
    let omit = "omitStages: [RequestReceived, ResponseStarted, ResponseComplete, Panic]\nrules:\n- level: Metadata\n";
    hold("no stage left", &audited(omit), &[("3.2.2", Fail)]);
}

#[test]
fn a_policy_that_logs_nothing_is_none() {
    for (case, body) in
        [("None", "rules: [{level: None}]\n"), ("None twice", "rules: [{level: None, users: [a]}, {level: None}]\n")]
    {
        hold(case, &audited(body), &[("3.2.1", Fail), ("3.2.2", Fail)]);
    }
}

#[test]
fn a_policy_that_makes_no_sense_is_unknown() {
    let both = [("3.2.1", Unknown), ("3.2.2", Unknown)];
    for (case, node) in [
        ("broken", audited("rules: [{\n")),
        ("empty", hardened().show(API, POLICY, "")),
        ("comments only", hardened().show(API, POLICY, "# nothing\n")),
        ("wrong kind", hardened().show(API, POLICY, head("Pod", "v1") + "rules: [{level: Metadata}]\n")),
        ("wrong group", hardened().show(API, POLICY, head("Policy", "policy/v1") + "rules: [{level: Metadata}]\n")),
        ("no kind", hardened().show(API, POLICY, "rules: [{level: Metadata}]\n")),
        ("binary", hardened().show(API, POLICY, [0xff, 0x00])),
    ] {
        hold(case, &node, &both);
    }
    hold("no such level, for secrets", &audited("rules: [{level: Metadatum}]\n"), &[("3.2.2", Unknown)]);
    hold("verbs are no list", &audited("rules: [{level: Metadata, verbs: get}]\n"), &[("3.2.2", Unknown)]);
}
