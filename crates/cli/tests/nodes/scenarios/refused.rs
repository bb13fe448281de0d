//! Files that the API server refuses. What it refuses does not run: nobody can tell by such a file what does, least of all where it is
//! read again while the server runs, and the old content goes on to hold.

use seaworthy_model::Verdict::{Fail, Pass, Unknown};

use crate::node::{Node, hardened, hold, plain};

const API: &str = "kube-apiserver";
const ENCRYPTION: &str = "/etc/kubernetes/enc/enc.yaml";
const POLICY: &str = "/etc/kubernetes/audit/policy.yaml";
const FILE: &str = "/etc/kubernetes/x.yaml";

fn audited(body: &str) -> Node {
    hardened().show(API, POLICY, format!("apiVersion: audit.k8s.io/v1\nkind: Policy\n{body}"))
}

fn encrypted(provider: &str) -> Node {
    let text = format!(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n\
         resources: [{{resources: [secrets], providers: [{provider}]}}]\n"
    );
    hardened().show(API, ENCRYPTION, text)
}

fn authenticated(body: &str) -> Node {
    let text = format!("apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n{body}");
    plain().with(API, &["--authentication-config", FILE]).show(API, FILE, text)
}

// ValidatePolicy refuses a level that there is not, wherever the rule stands.
#[test]
fn a_policy_with_a_level_that_there_is_not_is_unknown() {
    for body in [
        "rules: [{level: Metadatum}]\n",
        "rules: [{level: metadata}]\n",
        "rules: [{level: Metadata}, {level: Metadatum}]\n",
        "rules: [{level: Metadata}, {users: [a]}]\n",
    ] {
        hold(body, &audited(body), &[("3.2.1", Unknown), ("3.2.2", Unknown)]);
    }
}

// These do not decode into a policy; the API server ends with an error.
#[test]
fn a_policy_that_does_not_decode_is_unknown() {
    for body in [
        "rules: {level: Metadata}\n",
        "rules: [Metadata]\n",
        "omitStages: RequestReceived\nrules: [{level: Metadata}]\n",
    ] {
        hold(body, &audited(body), &[("3.2.1", Unknown), ("3.2.2", Unknown)]);
    }
}

// "loaded illegal policy with 0 rules".
#[test]
fn a_policy_without_rules_is_unknown() {
    hold("no rules", &audited("rules: []\n"), &[("3.2.1", Unknown), ("3.2.2", Unknown)]);
}

// The stages of the policy and of the rule are left out together.
#[test]
fn stages_that_policy_and_rule_leave_out_add_up() {
    let body = "omitStages: [RequestReceived]\nrules: [{level: Metadata, omitStages: [ResponseComplete]}]\n";
    hold("half by each", &audited(body), &[("3.2.2", Fail)]);
}

// v1beta1 of the audit policy is gone since 1.24; the others never were.
#[test]
fn a_version_that_the_api_server_does_not_know_is_unknown() {
    let old = hardened().edit(&hardened().inside(API, POLICY), "audit.k8s.io/v1", "audit.k8s.io/v1beta1");
    hold("audit v1beta1", &old, &[("3.2.1", Unknown), ("3.2.2", Unknown)]);
    let inside = hardened().inside(API, ENCRYPTION);
    let new = hardened().edit(&inside, "apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v7");
    hold("encryption v7", &new, &[("1.2.28", Unknown)]);
    let none = hardened().edit(&inside, "apiserver.config.k8s.io/v1", "apiserver.config.k8s.io");
    hold("encryption without a version", &none, &[("1.2.28", Unknown)]);
}

// Without keys a provider is refused.
#[test]
fn a_provider_without_keys_is_unknown() {
    for provider in ["{aescbc: {}}", "{aescbc: }", "{secretbox: {keys: []}}", "{kms: }"] {
        hold(provider, &encrypted(provider), &[("1.2.28", Unknown)]);
    }
}

// The API server reads this file strictly.
#[test]
fn a_key_that_stands_twice_is_unknown() {
    let text = hardened().text(ENCRYPTION) + "resources: [{resources: [secrets], providers: [{identity: {}}]}]\n";
    hold("weak last", &hardened().show(API, ENCRYPTION, &text), &[("1.2.28", Unknown)]);
    let strong = "resources: [{resources: [secrets], providers: [{aescbc: {keys: [{name: a, secret: eA==}]}}]}]\n";
    hold("strong last", &hardened().show(API, ENCRYPTION, text + strong), &[("1.2.28", Unknown)]);
}

// The API server keeps what it had before.
#[test]
fn an_anonymous_section_that_makes_no_sense_is_unknown() {
    for body in ["anonymous: [a]\n", "anonymous: off\n", "anonymous: {Enabled: true}\n"] {
        hold(body, &authenticated(body), &[("1.2.1", Unknown)]);
    }
}

// An authorizer that there is not must not pass for one that does not allow everything.
#[test]
fn an_authorizer_that_there_is_not_is_unknown() {
    let text = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n\
                authorizers: [{type: Node, name: n}, {type: RBAC, name: r}, {type: alwaysallow, name: a}]\n";
    let node = plain().without(API, "--authorization-mode").with(API, &["--authorization-config", FILE]);
    hold("alwaysallow", &node.show(API, FILE, text), &[("1.2.6", Unknown)]);
}

// The kernel does not mind such a path, and the file is there.
#[test]
fn a_path_may_be_written_in_more_than_one_way() {
    for path in ["/etc/kubernetes//enc/enc.yaml", "/etc/kubernetes/./enc/enc.yaml"] {
        let node = hardened().without(API, "--encryption-provider-config");
        hold(path, &node.with(API, &["--encryption-provider-config", path]), &[("1.2.28", Pass)]);
    }
}

#[test]
fn a_relative_path_is_unknown() {
    hold("relative", &hardened().with(API, &["--encryption-provider-config=enc.yaml"]), &[("1.2.28", Unknown)]);
}

#[test]
fn a_mark_or_another_line_end_changes_nothing() {
    let text = hardened().text(ENCRYPTION);
    hold("BOM", &hardened().show(API, ENCRYPTION, format!("\u{feff}{text}")), &[("1.2.28", Pass)]);
    hold("CRLF", &hardened().show(API, ENCRYPTION, text.replace('\n', "\r\n")), &[("1.2.28", Pass)]);
}

#[test]
fn a_link_inside_the_container_stays_inside() {
    let strong = hardened().text(ENCRYPTION);
    let weak = strong.replace("secretbox", "aesgcm");
    let linked = |inside: &str, outside: &str| {
        let node = hardened().link(&hardened().inside(API, ENCRYPTION), FILE);
        node.show(API, FILE, inside).write(FILE, outside)
    };
    hold("weak inside", &linked(&weak, &strong), &[("1.2.28", Fail)]);
    hold("weak outside", &linked(&strong, &weak), &[("1.2.28", Pass)]);
}

#[test]
fn yaml_1_1_words_are_booleans() {
    for (word, verdict) in [("on", Fail), ("yes", Fail), ("y", Fail), ("no", Pass), ("off", Pass)] {
        hold(word, &authenticated(&format!("anonymous: {{enabled: {word}}}\n")), &[("1.2.1", verdict)]);
    }
    hold("a text", &authenticated("anonymous: {enabled: 'false'}\n"), &[("1.2.1", Unknown)]);
}

// The scheduler has a file of its own.

#[test]
fn with_a_file_the_scheduler_s_flag_for_profiling_does_not_count() {
    let scheduler = "kube-scheduler";
    let head = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";
    let node = plain().with(scheduler, &["--config", FILE, "--profiling=false"]);
    for (case, text, verdict) in [
        ("off in the file", format!("{head}enableProfiling: false\n"), Pass),
        ("on in the file", format!("{head}enableProfiling: true\n"), Fail),
        ("nothing in the file", head.to_owned(), Fail),
        ("another kind", "apiVersion: v1\nkind: Pod\nenableProfiling: false\n".to_owned(), Unknown),
        ("broken", format!("{head}enableProfiling: ["), Unknown),
        ("no boolean", format!("{head}enableProfiling: maybe\n"), Unknown),
    ] {
        // Where it listens is still a matter of its flags.
        hold(case, &node.clone().show(scheduler, FILE, text), &[("1.4.1", verdict)]);
    }
    hold("no file", &node, &[("1.4.1", Unknown), ("1.4.2", Pass)]);
    let file = node.show(scheduler, FILE, head);
    hold("its address", &file.clone().without(scheduler, "--bind-address"), &[("1.4.2", Fail)]);
    hold("its address, set", &file, &[("1.4.2", Pass)]);
}
