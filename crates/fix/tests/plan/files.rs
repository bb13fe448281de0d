//! Files that a repair writes or completes: admission, authentication, audit, encryption.

use seaworthy_fix::plan::{Action, How, Reason, Risk, render};

use super::node::{APISERVER, APISERVER_PID, Node, plain};
use super::operations::{lines, restarts};

const AUTHENTICATION: &str = "/etc/kubernetes/authentication.yaml";
const ENCRYPTION: &str = "/etc/kubernetes/encryption/config.yaml";
const SECRET: &str = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlYzE=";

fn encryption(providers: &str) -> String {
    format!(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources:\n  - secrets\n  providers:\n{providers}"
    )
}

fn behind_identity() -> String {
    encryption(&format!("  - identity: {{}}\n  - secretbox:\n      keys:\n      - name: k\n        secret: {SECRET}\n"))
}

/// A node whose API server is given a file by a flag.
fn given(flag: &str, path: &str, text: &str) -> Node {
    plain().mounted(path, text).argument(Some(APISERVER), APISERVER_PID, &format!("--{flag}={path}"))
}

#[test]
fn a_new_file_is_written_mounted_and_named() {
    let plan = plain().plan(&["1.2.1"]);
    let made: Vec<_> = plan.changes.iter().map(|c| (c.path.as_str(), c.action)).collect();
    assert_eq!(made, [(AUTHENTICATION, Action::Create), (APISERVER, Action::Edit)], "the file before the manifest");
    let written = lines(&plan, AUTHENTICATION);
    assert!(written.contains(&"+apiVersion: apiserver.config.k8s.io/v1".to_owned()), "{written:#?}");
    assert!(written.contains(&"+  - path: /livez".to_owned()), "{written:#?}");
    let change = &plan.changes[0];
    assert_eq!((change.mode.as_deref(), change.owner.as_deref()), (Some("0600"), Some("0:0")));
    let manifest = lines(&plan, APISERVER);
    for wanted in ["--authentication-config=/etc/kubernetes/authentication.yaml", "type: File", "readOnly: true"] {
        assert!(manifest.iter().any(|line| line.contains(wanted)), "{wanted}: {manifest:#?}");
    }
    assert_eq!(plan.fixes[0].risk, Risk::MayBreak);
}

#[test]
fn the_file_is_written_in_the_words_of_the_version() {
    let older = plain().version("1.33").plan(&["1.2.1"]);
    assert!(lines(&older, AUTHENTICATION).contains(&"+apiVersion: apiserver.config.k8s.io/v1beta1".to_owned()));
    let too_old = plain().version("1.31").left_out("1.2.1");
    assert_eq!(too_old.kind, Reason::Refused);
    assert!(too_old.why.contains("1.31") && too_old.why.contains("1.32 or newer"), "{}", too_old.why);
}

#[test]
fn anonymous_auth_goes_where_a_file_decides() {
    let node = plain().argument(Some(APISERVER), APISERVER_PID, "--anonymous-auth=true");
    let plan = node.plan(&["1.2.1"]);
    let manifest = lines(&plan, APISERVER);
    assert!(manifest.contains(&"-    - --anonymous-auth=true".to_owned()), "{manifest:#?}");
}

#[test]
fn an_authentication_configuration_that_is_there_is_completed() {
    let text = "# ours\napiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nanonymous:\n  enabled: true\njwt: [] # none yet\n";
    let path = "/etc/kubernetes/auth.yaml";
    let plan = given("authentication-config", path, text).plan(&["1.2.1"]);
    let [change] = &plan.changes[..] else { panic!("{:?} {:?}", plan.changes, plan.left_out) };
    assert_eq!((change.path.as_str(), change.action), (path, Action::Edit));
    let content = change.wanted.content.as_deref().unwrap();
    assert!(content.starts_with("# ours\n") && content.contains("jwt: [] # none yet\n"), "{content}");
    assert!(content.contains("path: /livez"), "{content}");
    assert_eq!(restarts(&plan), [("kube-apiserver", How::Process)]);
}

#[test]
fn a_file_of_somebody_else_is_not_replaced() {
    plain().write(AUTHENTICATION, "kind: Other\n").refuses("1.2.1", "not ours to replace");
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n";
    let node = given("audit-policy-file", "/etc/kubernetes/own.yaml", policy);
    node.refuses("3.2.2", "/etc/kubernetes/own.yaml already, which is somebody's work");
}

#[test]
fn one_file_for_two_fixes_is_written_once() {
    let plan = plain().plan(&["3.2.1", "3.2.2"]);
    assert_eq!(plan.fixes.len(), 2, "{:?}", plan.left_out);
    let written: Vec<_> = plan.changes.iter().filter(|change| change.path.ends_with("policy.yaml")).collect();
    assert_eq!(written.len(), 1);
    let flags = lines(&plan, APISERVER);
    assert_eq!(flags.iter().filter(|line| line.contains("--audit-policy-file")).count(), 1, "{flags:#?}");
}

#[test]
fn encryption_comes_in_two_plans_and_the_key_stays_behind_at_first() {
    plain().refuses("1.2.28", "encryption-provider-config is not set: repair that first");
    // Together with the first plan it is still the second one's work.
    let plan = plain().plan(&["1.2.27", "1.2.28"]);
    assert_eq!(plan.fixes.iter().map(|fix| fix.id.as_str()).collect::<Vec<_>>(), ["1.2.27"]);
    let change = plan.changes.iter().find(|change| change.path == ENCRYPTION).unwrap();
    assert!(change.secret && change.after.is_none(), "the key is made when the plan is carried out");
    let content = change.wanted.content.as_deref().unwrap();
    let (identity, key) = (content.find("identity").unwrap(), content.find("@KEY@").unwrap());
    assert!(identity < key, "{content}");
    let plan = given("encryption-provider-config", ENCRYPTION, &behind_identity()).plan(&["1.2.28"]);
    let [change] = &plan.changes[..] else { panic!("{:?}", plan.left_out) };
    let content = change.wanted.content.as_deref().unwrap();
    assert!(content.find("secretbox").unwrap() < content.find("identity").unwrap(), "{content}");
    assert!(content.contains(SECRET), "the key stays");
    assert!(plan.afterwards.iter().any(|what| what.contains("kubectl replace")), "{:?}", plan.afterwards);
    assert_eq!(restarts(&plan), [("kube-apiserver", How::Process)]);
    assert!(change.secret && !change.diff.contains(SECRET), "{}", change.diff);
    for text in [serde_json::to_string(&plan).unwrap(), render(&plan, false), format!("{plan:?}")] {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[test]
fn encrypting_needs_a_strong_provider_that_is_there() {
    let weak = encryption("  - identity: {}\n");
    given("encryption-provider-config", ENCRYPTION, &weak).refuses("1.2.28", "no provider that is strong enough");
    let other = behind_identity().replace("  - secrets\n", "  - configmaps\n");
    given("encryption-provider-config", ENCRYPTION, &other).refuses("1.2.28", "is about secrets");
}

#[test]
fn a_key_that_was_brought_from_another_api_server_is_used() {
    let node = plain().write(ENCRYPTION, behind_identity());
    let plan = node.plan(&["1.2.27"]);
    assert_eq!(plan.fixes.len(), 1, "{:?}", plan.left_out);
    assert!(plan.fixes[0].steps.iter().any(|step| step.contains("which is there already")), "{:?}", plan.fixes);
    assert!(!plan.changes.iter().any(|change| change.path == ENCRYPTION), "it is not written again");
    let first = encryption(&format!(
        "  - secretbox:\n      keys:\n      - name: k\n        secret: {SECRET}\n  - identity: {{}}\n"
    ));
    plain().write(ENCRYPTION, first).refuses("1.2.27", "not ours to replace");
}

#[test]
fn a_file_of_ours_that_is_there_is_mounted_and_read() {
    let path = "/etc/kubernetes/audit/policy.yaml";
    let first = plain().plan(&["3.2.1"]);
    let text = first.changes.iter().find(|change| change.path == path).unwrap().wanted.content.clone().unwrap();
    let plan = plain().write(path, text).plan(&["3.2.1", "3.2.2"]);
    assert_eq!(plan.fixes.len(), 2, "{:?}", plan.left_out);
    let [change] = &plan.changes[..] else { panic!("{:?}", plan.changes) };
    assert_eq!(change.path, APISERVER);
    assert!(lines(&plan, APISERVER).iter().any(|line| line.ends_with(&format!("mountPath: {path}"))));
}
