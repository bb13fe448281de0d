//! Static pods: arguments, volumes and mounts in every form in which people and programs write them.

use seaworthy_fix::edit::edit_pod;

use crate::support::{etcd, mount, pod, same, set, switch, unset, volume};

/// As kubeadm writes it: lists without indentation, keys sorted.
const KUBEADM: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: c
spec:
  containers:
  - command:
    - kube-apiserver
    - --secure-port=6443
    - --profiling=true
    image: registry.example/kube-apiserver:v1.34.4
    name: c
    volumeMounts:
    - mountPath: /etc/ssl/certs
      name: ca-certs
      readOnly: true
  hostNetwork: true
  volumes:
  - hostPath:
      path: /etc/ssl/certs
      type: DirectoryOrCreate
    name: ca-certs
status: {}
";

#[test]
fn kubeadm_s_own_form_is_the_form_of_what_is_new() {
    pod(
        KUBEADM,
        &[
            set("profiling", "false"),
            set("audit-log-path", "/var/log/audit.log"),
            volume("audit", "/var/log/audit.log", "FileOrCreate"),
            mount("audit", "/var/log/audit.log", false),
        ],
        "\
apiVersion: v1
kind: Pod
metadata:
  name: c
spec:
  containers:
  - command:
    - kube-apiserver
    - --secure-port=6443
    - --profiling=false
    - --audit-log-path=/var/log/audit.log
    image: registry.example/kube-apiserver:v1.34.4
    name: c
    volumeMounts:
    - mountPath: /etc/ssl/certs
      name: ca-certs
      readOnly: true
    - mountPath: /var/log/audit.log
      name: audit
  hostNetwork: true
  volumes:
  - hostPath:
      path: /etc/ssl/certs
      type: DirectoryOrCreate
    name: ca-certs
  - hostPath:
      path: /var/log/audit.log
      type: FileOrCreate
    name: audit
status: {}
",
    );
}

/// A pod whose container is `c` and has these lines.
fn block(container: &str) -> String {
    format!("kind: Pod\nspec:\n  containers:\n  - name: c\n{container}  hostNetwork: true\n")
}

#[track_caller]
fn blocks(before: &str, edits: &[seaworthy_fix::edit::PodEdit], after: &str) {
    pod(&block(before), edits, &block(after));
}

#[test]
fn every_occurrence_of_a_flag_becomes_one() {
    blocks(
        "    command: \n    - kube-apiserver\n    - --audit-log-path\n    - /a\n    - --profiling\n    args:\n    - --audit_log_path=/b\n    - --v=2\n    - --audit-log-path=/c\n",
        &[set("audit-log-path", "/new")],
        "    command: \n    - kube-apiserver\n    - --audit-log-path=/new\n    - --profiling\n    args:\n    - --v=2\n",
    );
    // A value in a word of its own that is right already stays as it is.
    blocks(
        "    command:\n    - kube-apiserver\n    - --audit-log-path\n    - /a\n",
        &[set("audit-log-path", "/a"), set("profiling", "false"), switch("anonymous-auth")],
        "    command:\n    - kube-apiserver\n    - --audit-log-path\n    - /a\n    - --profiling=false\n    - --anonymous-auth\n",
    );
    // A switch never takes the next word.
    blocks(
        "    command:\n    - kube-apiserver\n    - --profiling\n    - word\n",
        &[set("profiling", "false")],
        "    command:\n    - kube-apiserver\n    - --profiling=false\n    - word\n",
    );
}

#[test]
fn flags_are_appended_where_the_flags_are() {
    blocks(
        "    command:\n    - kube-apiserver\n    args:\n    - --v=2\n    image: x\n",
        &[set("secure-port", "1")],
        "    command:\n    - kube-apiserver\n    args:\n    - --v=2\n    - --secure-port=1\n    image: x\n",
    );
    blocks(
        "    command:\n    - kube-apiserver\n    args: []\n",
        &[set("secure-port", "1")],
        "    command:\n    - kube-apiserver\n    - --secure-port=1\n    args: []\n",
    );
    for args in ["", "    args: []\n", "    args:\n"] {
        blocks(args, &[set("secure-port", "1")], "    args:\n    - --secure-port=1\n");
    }
    blocks("    args: # none yet\n", &[set("v", "1")], "    args: # none yet\n    - --v=1\n");
}

#[test]
fn removal_takes_all_words_and_keeps_comments() {
    blocks(
        "    command:\n    - kube-apiserver\n    # above\n    - --profiling=true # behind\n    # below\n    - --v=2\n",
        &[unset("profiling")],
        "    command:\n    - kube-apiserver\n    # above\n    # behind\n    # below\n    - --v=2\n",
    );
    blocks("    args:\n    - --v\n    - '2'\n", &[unset("v")], "    args: []\n");
    blocks(
        "    args:\n    # why\n    - --v=2 # two\n    image: x\n",
        &[unset("v")],
        "    args: []\n    # why\n    # two\n    image: x\n",
    );
    blocks("    args: # head\n    - --v=2\n", &[unset("v")], "    args: [] # head\n");
}

#[test]
fn comments_stand_at_every_place() {
    blocks(
        "    # before\n    command: # head\n    # first\n    - kube-apiserver # program\n    # above\n    - --profiling=true   # behind\n\n    # last\n    # of all\n    image: x\n",
        &[set("profiling", "false"), set("v", "2")],
        "    # before\n    command: # head\n    # first\n    - kube-apiserver # program\n    # above\n    - --profiling=false   # behind\n    - --v=2\n\n    # last\n    # of all\n    image: x\n",
    );
}

#[test]
fn four_spaces_and_wide_dashes_stay() {
    pod(
        "---\nspec:\n    containers:\n        -   name: c\n            command:\n                -   kube-apiserver\n                -   --v=1\n",
        &[set("secure-port", "1"), volume("a", "/a", ""), mount("a", "/a", true)],
        "---\nspec:\n    containers:\n        -   name: c\n            command:\n                -   kube-apiserver\n                -   --v=1\n                -   --secure-port=1\n            volumeMounts:\n                - mountPath: /a\n                  name: a\n                  readOnly: true\n    volumes:\n        - hostPath:\n            path: /a\n          name: a\n"
            .replace("        - hostPath:\n            path: /a\n", "        - hostPath:\n              path: /a\n")
            .as_str(),
    );
}

#[test]
fn flow_lists_stay_flow_lists() {
    blocks(
        "    command: [kube-apiserver, \"--v=1\"] # all\n",
        &[set("v", "2"), set("secure-port", "1")],
        "    command: [kube-apiserver, \"--v=2\", \"--secure-port=1\"] # all\n",
    );
    blocks(
        "    command: [kube-apiserver, --v=1]\n",
        &[set("audit-log-path", "/a,b"), unset("v")],
        "    command: [kube-apiserver, '--audit-log-path=/a,b']\n",
    );
    blocks(
        "    command: [\n      kube-apiserver,\n      --v=1, # one\n    ]\n",
        &[set("secure-port", "1"), unset("v")],
        "    command: [\n      kube-apiserver,\n      # one\n      --secure-port=1,\n    ]\n",
    );
    blocks(
        "    command: [\n      kube-apiserver,\n      # above\n      --v=1 # one\n    ]\n",
        &[set("secure-port", "1")],
        "    command: [\n      kube-apiserver,\n      # above\n      --v=1, # one\n      --secure-port=1\n    ]\n",
    );
    blocks("    command: [kube-apiserver, --v=1,]\n", &[unset("v")], "    command: [kube-apiserver,]\n");
    blocks("    args: [--v=1]\n", &[unset("v")], "    args: []\n");
    pod(
        "spec: {containers: [{name: c, args: [--v=1]}]}",
        &[set("v", "2"), volume("a", "/a", "File"), mount("a", "/a", true)],
        "spec: {containers: [{name: c, args: [--v=2], volumeMounts: [{mountPath: /a, name: a, readOnly: true}]}], volumes: [{hostPath: {path: /a, type: File}, name: a}]}",
    );
    pod(
        "spec:\n  volumes:\n  - {name: b, hostPath: {path: /b}}\n  containers:\n  - {name: c, args: []}\n",
        &[volume("a", "/a", ""), set("v", "1")],
        "spec:\n  volumes:\n  - {name: b, hostPath: {path: /b}}\n  - hostPath:\n      path: /a\n    name: a\n  containers:\n  - {name: c, args: [--v=1]}\n",
    );
}

#[test]
fn json_stays_json() {
    let before = r#"{
    "kind": "Pod",
    "spec": {
        "containers": [
            {
                "name": "c",
                "command": [
                    "kube-apiserver",
                    "--v=1"
                ],
                "volumeMounts": []
            }
        ]
    }
}
"#;
    let after = r#"{
    "kind": "Pod",
    "spec": {
        "containers": [
            {
                "name": "c",
                "command": [
                    "kube-apiserver",
                    "--profiling=false"
                ],
                "volumeMounts": [
                    {
                        "mountPath": "/a",
                        "name": "a"
                    }
                ]
            }
        ],
        "volumes": [
            {
                "hostPath": {
                    "path": "/a"
                },
                "name": "a"
            }
        ]
    }
}
"#;
    let edits = [set("profiling", "false"), unset("v"), volume("a", "/a", ""), mount("a", "/a", false)];
    pod(before, &edits, after);
    // Tabs indent, too.
    pod(&before.replace("    ", "\t"), &edits, &after.replace("    ", "\t"));
    pod(&before.replace('\n', "\r\n"), &edits, &after.replace('\n', "\r\n"));
    pod(
        r#"{"spec":{"containers":[{"name":"c","args":["--v=1"]}]}}"#,
        &[set("secure-port", "1"), volume("a", "/a", "File")],
        r#"{"spec":{"containers":[{"name":"c","args":["--v=1","--secure-port=1"]}],"volumes":[{"hostPath":{"path":"/a","type":"File"},"name":"a"}]}}"#,
    );
    pod(
        r#"{"spec": {"containers": [{"name": "c", "args": ["--v=1"]}]}}"#,
        &[set("v", "a\t\"b\" ü\u{7f}")],
        "{\"spec\": {\"containers\": [{\"name\": \"c\", \"args\": [\"--v=a\\t\\\"b\\\" ü\\u007f\"]}]}}",
    );
}

#[test]
fn windows_line_endings_a_mark_and_no_last_line_break_stay() {
    let edits = [set("secure-port", "1"), volume("a", "/a", "File")];
    let after = edit_pod(KUBEADM, &crate::support::api_server(), &edits).unwrap().text;
    pod(&KUBEADM.replace('\n', "\r\n"), &edits, &after.replace('\n', "\r\n"));
    pod(&format!("\u{feff}{KUBEADM}"), &edits, &format!("\u{feff}{after}"));
    pod(
        "spec:\n  containers:\n  - name: c\n    args:\n    - --v=1",
        &[set("secure-port", "1")],
        "spec:\n  containers:\n  - name: c\n    args:\n    - --v=1\n    - --secure-port=1",
    );
    pod(
        "spec:\r\n  containers:\r\n  - name: c\r\n    args:\r\n    - --v=1\r\n    - --secure-port=1",
        &[unset("secure-port")],
        "spec:\r\n  containers:\r\n  - name: c\r\n    args:\r\n    - --v=1",
    );
}

#[test]
fn block_scalars_stay_and_are_replaced() {
    blocks(
        "    args:\n    - --v=1\n    - |\n      word\n       more\n\n\n    # after\n    image: x\n",
        &[set("secure-port", "1")],
        "    args:\n    - --v=1\n    - |\n      word\n       more\n    - --secure-port=1\n\n\n    # after\n    image: x\n",
    );
    blocks(
        "    args:\n    - --v=1\n    - |+\n      word\n\n\n    image: x\n",
        &[set("secure-port", "1")],
        "    args:\n    - --v=1\n    - |+\n      word\n\n\n    - --secure-port=1\n    image: x\n",
    );
    blocks(
        "    args:\n    - >- # why\n      --v=1\n    - --profiling\n",
        &[set("v", "2")],
        "    args:\n    - --v=2 # why\n    - --profiling\n",
    );
    blocks(
        "    args:\n    - --profiling\n    - |-\n      --v=1\n\n    # x\n",
        &[unset("v")],
        "    args:\n    - --profiling\n\n    # x\n",
    );
}

#[test]
fn quotes_and_tabs_stay_and_come_only_where_they_must() {
    blocks(
        "    args:\n    - \"--v=1\\tx\"\n    - '--secure-port=1'\n    - --audit-log-path=a\tb\n    - x\n      y\n",
        &[
            set("v", "2"),
            set("secure-port", "2"),
            set("data-dir", "a: b #c"),
            set("tls-cert-file", "it's"),
            set("audit-log-maxage", "-"),
        ],
        "    args:\n    - \"--v=2\"\n    - '--secure-port=2'\n    - --audit-log-path=a\tb\n    - x\n      y\n    - '--data-dir=a: b #c'\n    - --tls-cert-file=it's\n    - --audit-log-maxage=-\n",
    );
}

#[test]
fn only_the_first_document_is_edited() {
    let tail = "...\n# between\n---\nspec:\n  containers:\n  - name: c\n    args:\n    - --v=1 # not me\n";
    pod(
        &format!("# first\n---\nspec:\n  containers:\n  - name: c\n    args:\n    - --v=1\n{tail}"),
        &[set("v", "2"), volume("a", "/a", "")],
        &format!(
            "# first\n---\nspec:\n  containers:\n  - name: c\n    args:\n    - --v=2\n  volumes:\n  - hostPath:\n      path: /a\n    name: a\n{tail}"
        ),
    );
}

#[test]
fn anchors_that_nobody_uses_and_aliases_elsewhere_do_not_matter() {
    blocks(
        "    args: &args\n    - &v --v=1\n    - --profiling\n    env: &env\n    - {name: A, value: &x b}\n    extra: *env\n",
        &[set("v", "2"), set("secure-port", "1")],
        "    args: &args\n    - &v --v=2\n    - --profiling\n    - --secure-port=1\n    env: &env\n    - {name: A, value: &x b}\n    extra: *env\n",
    );
    blocks(
        "    image: &i --secure-port=1\n    args:\n    - *i\n    - --v=1\n    - *i\n",
        &[set("v", "2"), set("profiling", "1")],
        "    image: &i --secure-port=1\n    args:\n    - *i\n    - --v=2\n    - *i\n    - --profiling=1\n",
    );
}

#[test]
fn etcd_reads_one_dash_and_underscores_as_they_are() {
    let text = |arguments: &str| format!("spec:\n  containers:\n  - name: c\n    command:\n    - etcd\n{arguments}");
    let before = text("    - -data-dir\n    - /a\n    - --data_dir=/b\n");
    let after = edit_pod(&before, &etcd(), &[set("data-dir", "/c")]).unwrap();
    same(&after.text, &text("    - --data-dir=/c\n    - --data_dir=/b\n"));
}

#[test]
fn what_is_there_is_not_added_again() {
    pod(
        KUBEADM,
        &[volume("ca-certs", "/etc/ssl/certs", "DirectoryOrCreate"), mount("ca-certs", "/etc/ssl/certs/", true)],
        KUBEADM,
    );
    pod(KUBEADM, &[set("profiling", "true"), unset("v")], KUBEADM);
    pod(KUBEADM, &[], KUBEADM);
}

#[test]
fn ten_thousand_lines_are_one_edit_like_any_other() {
    let many: String = (0..10_000).map(|n| format!("    - --x{n}={n} # {n}\n")).collect();
    let text = |args: &str, end: &str| format!("spec:\n  containers:\n  - name: c\n    args:\n{many}{args}{end}");
    pod(
        &text("    - --v=1\n", ""),
        &[set("v", "2"), set("secure-port", "1"), volume("a", "/a", "")],
        &text("    - --v=2\n    - --secure-port=1\n", "  volumes:\n  - hostPath:\n      path: /a\n    name: a\n"),
    );
}
