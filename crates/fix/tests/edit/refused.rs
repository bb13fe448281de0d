//! What is refused, with the place and the reason.

use seaworthy_fix::edit::{EditError, PodEdit, edit_pod};
use serde_json::json;

use crate::support::{api_server, give, mount, no_config, no_pod, set, take, unset, volume};

#[track_caller]
fn at(error: &EditError, line: u32, words: &str) {
    let text = error.to_string();
    assert!(error.line() == Some(line) && text.contains(words), "{error:?}: {text}");
}

#[test]
fn texts_that_cannot_be_read() {
    at(&no_config("a: 1\n b: [\n", give("a", json!(1))), 2, "correct it first");
    at(&no_config("a:\n\tb: 2\n", give("a", json!(1))), 2, "correct it first");
    at(&no_config("a: .inf\n", give("b", json!(1))), 1, "infinite");
    at(&no_config("a: 1\nb: 2\rc: 3\n", give("a", json!(1))), 2, "carriage return");
    at(&no_config("- a\n", give("a", json!(1))), 1, "not a map");
    at(&no_config("", give("a", json!(1))), 1, "not a map");
    at(&no_config("a:\n  b: 1\n", give("a.b.c", json!(1))), 2, "a.b is not a map");
    assert!(matches!(no_config("a: 1", give("", json!(1))), EditError::Request(_)));
}

#[test]
fn keys_that_are_set_twice() {
    at(&no_config("a: 1\nb: 2\na: 3\n", give("a", json!(1))), 3, "set twice");
    at(&no_config("a: {b: 1, b: 2}\n", take("a.b")), 1, "set twice");
    let pod = |rest: &str| format!("spec:\n  containers:\n  - name: c\n    args: []\n{rest}");
    at(&no_pod(&pod("    args:\n    - --v=1\n"), set("v", "2")), 5, "set twice");
    at(&no_pod(&pod("    name: c\n"), set("v", "2")), 5, "set twice");
    // Elsewhere they are not our business.
    assert!(edit_pod(&pod("    image: x\n    image: y\n"), &api_server(), &[set("v", "2")]).unwrap().changed);
}

#[test]
fn values_that_are_shared() {
    at(&no_config("a: &x 1\nb: *x\n", give("b", json!(2))), 2, "shared");
    at(&no_config("a: &x 1\nb: *x\n", give("a", json!(2))), 1, "other places");
    at(&no_config("a: &x {c: 1}\nb: *x\n", give("b.c", json!(2))), 2, "shared");
    at(&no_config("a: &x {c: 1}\nb: *x\n", take("a.c")), 1, "other places");
    at(&no_config("a: &x\n  c: 1\nb:\n  <<: *x\n", give("b.c", json!(2))), 4, "shared");
    at(&no_config("a: &x 1\nb: *x\n", take("a")), 1, "could not be read");
}

#[test]
fn forms_that_are_not_edited() {
    at(&no_config("? a\n: 1\n", give("a", json!(2))), 1, "rewrite it");
    // Without its last line break the text of `a` does not end with one; any line behind it would give it one.
    at(&no_config("a: |\n  x", give("b", json!(2))), 2, "given up");
    at(&no_config("a: !!str 1\n", give("a", json!(2))), 1, "given up");
    at(&no_config("x: {a: [1, 2 # two\n ]}\n", give("x.a", json!({"b": 1}))), 1, "comment");
}

#[test]
fn containers_that_are_not_the_component_s() {
    let pod = |container: &str| format!("spec:\n  containers:\n  - name: c\n{container}");
    let text = pod("    command:\n    - /bin/sh\n    - -ec\n    - exec kube-apiserver --v=1\n");
    at(&no_pod(&text, set("v", "2")), 5, "\"/bin/sh\"");
    at(&no_pod(&text, unset("v")), 5, "by hand");
    at(&no_pod(&pod("    args:\n    - 1\n"), unset("v")), 5, "not text");
    at(&no_pod(&pod("    args: x\n"), unset("v")), 4, "not a list");
    at(&no_pod("spec: 1\n", unset("v")), 1, "not a map");
    let two = pod("  - name: c\n");
    assert_eq!(no_pod(&two, unset("v")), EditError::Container { container: "c".into(), found: 2 });
    let none = PodEdit::RemoveArgument { container: "x".into(), flag: "v".into() };
    assert_eq!(no_pod(&two, none), EditError::Container { container: "x".into(), found: 0 });
}

#[test]
fn command_lines_that_would_be_read_otherwise() {
    let pod = |args: &str| format!("spec:\n  containers:\n  - name: c\n    args:\n{args}");
    for args in ["    - --v\n", "    - --v=1\n    - --\n    - x\n"] {
        let error = no_pod(&pod(args), set("profiling", "false"));
        assert_eq!(error, EditError::CommandLine { flag: "profiling".into() });
    }
    for flag in ["", "--v", "a b", "a=b"] {
        assert!(matches!(no_pod(&pod("    - --v=1\n"), set(flag, "x")), EditError::Request(_)));
    }
    assert!(matches!(no_pod(&pod("    - --v=1\n"), set("v", "a\nb")), EditError::Request(_)));
}

#[test]
fn volumes_and_mounts_that_are_others() {
    let text = "spec:\n  containers:\n  - name: c\n    volumeMounts:\n    - {name: a, mountPath: /a}\n  volumes:\n  - name: a\n    hostPath: {path: /a}\n";
    at(&no_pod(text, volume("a", "/b", "")), 7, "the volume \"a\"");
    at(&no_pod(text, volume("a", "/a", "File")), 7, "differs");
    at(&no_pod(text, mount("b", "/a/", false)), 5, "the mount at \"/a/\"");
    at(&no_pod(text, mount("a", "/a", true)), 5, "differs");
    at(&no_pod("spec:\n  containers: []\n  volumes: x\n", volume("a", "/a", "")), 3, "not a list");
}
