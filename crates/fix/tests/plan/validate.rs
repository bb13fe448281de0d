//! Whether a manifest is one that its component starts by: every slip with its line, and no text that makes it panic.

use proptest::prelude::*;
use seaworthy_fix::validate::{Context, Problem, config, pod};
use seaworthy_model::Version;

use super::node::{APISERVER, APISERVER_PID, CATALOGUE, KUBELET, plain};

/// What is wrong with the API server's manifest after a change.
fn problems(from: &str, to: &str) -> Vec<Problem> {
    let text = plain().text(APISERVER);
    assert!(text.contains(from), "{from:?}");
    check(&text.replacen(from, to, 1), &[])
}

fn check(text: &str, running: &[String]) -> Vec<Problem> {
    let exists = |path: &str| path.starts_with("/etc/kubernetes/pki");
    let component = CATALOGUE.component("kube-apiserver");
    pod(APISERVER, text, &Context { component, version: Version::parse("1.34.4"), running, exists: &exists })
}

/// The line of the recorded manifest that holds a text.
fn line(text: &str) -> u32 {
    u32::try_from(plain().text(APISERVER).lines().position(|line| line.contains(text)).unwrap() + 1).unwrap()
}

#[track_caller]
fn one(from: &str, to: &str, at: (u32, u32), says: &str) {
    let found = problems(from, to);
    let [problem] = &found[..] else { panic!("{found:#?}") };
    assert_eq!((problem.line, problem.column), at, "{problem}");
    assert!(problem.text.contains(says), "{problem}");
    assert!(problem.to_string().starts_with(&format!("{APISERVER}:{}:{}: ", at.0, at.1)), "{problem}");
}

#[test]
fn the_recorded_manifest_is_sound() {
    assert_eq!(check(&plain().text(APISERVER), &[]), []);
}

#[test]
fn a_word_that_is_no_flag_is_told_with_its_place() {
    let at = line("--secure-port");
    one("- --secure-port", "- nonsense\n    - --secure-port", (at, 7), "kube-apiserver takes no argument \"nonsense\"");
    one("- --secure-port=6443", "- ---secure-port=6443", (at, 7), "did you mean --secure-port=6443?");
    one("- --secure-port=6443", "- -secure-port=6443", (at, 7), "did you mean --secure-port=6443?");
    one("- --secure-port=6443", "- secure-port=6443", (at, 7), "did you mean --secure-port=6443?");
    assert_eq!(
        problems("- --secure-port=6443", "- --secure-port\n    - \"6443\""),
        [],
        "a value may be a word of its own"
    );
    assert_eq!(problems("- --secure-port", "- -v\n    - \"2\"\n    - --secure-port"), []);
}

#[test]
fn a_line_that_ran_into_the_one_above_is_told_with_its_own() {
    let at = line("--secure-port");
    one("    - --secure-port", "      - --secure-port", (at, 7), "read as a part of the argument above");
    one("    - --secure-port", "      --secure-port", (at, 7), "read as a part of the argument above");
}

#[test]
fn a_mount_of_no_volume_is_told() {
    let at = line("      name: k8s-certs");
    let found = problems("      name: k8s-certs", "      name: k8s-cert");
    assert!(found.iter().any(|p| p.line == at && p.text.contains("the volume \"k8s-cert\"")), "{found:#?}");
    // Of a pod that is none of ours too.
    let exists = |_: &str| true;
    let other = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  initContainers:\n  - name: a\n    volumeMounts:\n    - {name: v, mountPath: /v}\n  containers:\n  - name: b\n";
    let cx = Context { component: None, version: None, running: &[], exists: &exists };
    let found = pod("/a.yaml", other, &cx);
    assert_eq!(found.iter().map(|p| p.line).collect::<Vec<_>>(), [8], "{found:#?}");
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_its_own_line_in_lists_too() {
    one("hostNetwork: true", "hostNetwork: maybe", (line("hostNetwork"), 16), "it is no Pod");
    one("containerPort: 6443", "containerPort: many", (line("containerPort"), 22), "it is no Pod");
    one(
        "      failureThreshold: 3\n",
        "      failureThreshold: [3]\n",
        (line("failureThreshold: 3"), 25),
        "it is no Pod",
    );
    one("      readOnly: true\n", "      readOnly: 7\n", (line("readOnly"), 17), "it is no Pod");
    one("    imagePullPolicy:", "    imagePulPolicy:", (line("imagePullPolicy"), 21), "no field imagePulPolicy");
}

#[test]
fn flags_and_files_are_those_of_component_version_and_node() {
    let at = line("--secure-port");
    one(
        "- --secure-port",
        "- --profilling=false\n    - --secure-port",
        (at, 7),
        "has no flag --profilling, and would not start: did you mean --profiling?",
    );
    one("- --secure-port", "- --insecure-port=0\n    - --secure-port", (at, 7), "1.34.4 has no flag --insecure-port");
    let cert = line("--tls-cert-file");
    one(
        "--tls-cert-file=/etc/kubernetes/pki/apiserver.crt",
        "--tls-cert-file=/root/a.crt",
        (cert, 7),
        "nothing of the host is mounted there",
    );
    let ca = line("--client-ca-file");
    let gone = |path: &str| !path.ends_with("/ca.crt") && path.starts_with("/etc/kubernetes/pki");
    let component = CATALOGUE.component("kube-apiserver");
    let cx = Context { component, version: None, running: &[], exists: &gone };
    let found = pod(APISERVER, &plain().text(APISERVER), &cx);
    assert!(
        found.iter().any(|p| p.line == ca && p.text.contains("there is no /etc/kubernetes/pki/ca.crt on this node")),
        "{found:#?}"
    );
}

#[test]
fn what_runs_already_is_taken() {
    let words: Vec<String> =
        plain().text(&format!("/proc/{APISERVER_PID}/cmdline")).split_terminator('\0').map(str::to_owned).collect();
    let text = plain().text(APISERVER).replace("- --secure-port", "- --own-build=1\n    - --secure-port");
    assert_eq!(check(&text, &words).len(), 1);
    assert_eq!(check(&text, &[words, vec!["--own-build=1".to_owned()]].concat()), []);
}

#[test]
fn a_data_directory_that_is_mounted_itself_is_found() {
    let component = CATALOGUE.component("etcd");
    let exists = |path: &str| path.starts_with("/etc/kubernetes/pki") || path == "/var/lib/etcd";
    let cx = Context { component, version: None, running: &[], exists: &exists };
    assert_eq!(pod(super::node::ETCD, &plain().text(super::node::ETCD), &cx), []);
}

#[test]
fn a_configuration_is_its_kind_and_sets_nothing_twice() {
    let description = CATALOGUE.component("kubelet").unwrap().config.as_ref().unwrap();
    let text = plain().text(KUBELET);
    let found = |text: &str| config(KUBELET, text, description);
    assert_eq!(found(&text), []);
    let twice = found(&format!("{text}rotateCertificates: false\n"));
    assert!(twice.len() == 1 && twice[0].text.contains("is set twice"), "{twice:#?}");
    assert!(found(&text.replace("kind: Kubelet", "kind: Kubelt"))[0].text.contains("the kind is not"));
    assert!(found(&text.replace("kubelet.config.k8s.io/v1beta1", "v1"))[0].text.contains("the apiVersion is not"));
    assert!(found("a: [")[0].text.contains("does not parse"));
}

fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "apiVersion: v1\n",
        "kind: Pod\n",
        "spec:\n",
        "  containers:\n",
        "  - command:\n",
        "    - kube-apiserver\n",
        "    - --a=b\n",
        "      - --c\n",
        "    - |\n",
        "      x\n",
        "    - ---\n",
        "---\n",
        "    - --\n",
        "    -\n",
        "- &a [*a]\n",
        "<<: *a\n",
        "    - \"\\u0000\"\n",
        "    volumeMounts:\n",
        "    - {name: é, mountPath: 7}\n",
        "\t",
        "  volumes: {}\n",
        "{",
        "}",
        "~",
        "é\u{202e}",
        "\r\n",
        "  - name: null\n",
    ];
    let piece = prop_oneof![4 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,6}"];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in hostile()) {
        for problem in check(&text, &[]) {
            let lines = u32::try_from(text.split('\n').count()).unwrap();
            prop_assert!(problem.line <= lines, "{problem}");
        }
        let description = CATALOGUE.component("kubelet").unwrap().config.as_ref().unwrap();
        let _ = config(KUBELET, &text, description);
    }

    /// A manifest with one thing at a random place is either a sound Pod or told at a line that there is.
    #[test]
    fn no_slip_in_a_real_manifest_makes_it_panic(at in 0_usize..3000, what in "[ \t:\\-\\[{\"'#&*!|>%@`,é\n]{1,3}") {
        let mut text = plain().text(APISERVER);
        let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        text.insert_str(at, &what);
        let lines = u32::try_from(text.split('\n').count()).unwrap();
        for problem in check(&text, &[]) {
            prop_assert!(problem.line <= lines, "{problem}");
        }
    }
}
