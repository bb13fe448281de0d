//! Configuration documents, as kubeadm and people write them.

use serde_json::json;

use crate::support::{config, give, take};

const KUBELET: &str = "\
apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: true # not for long
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
clusterDNS:
- 10.96.0.10
crashLoopBackOff: {}
kind: KubeletConfiguration
memorySwap: {}
";

#[test]
fn values_are_set_in_place_and_maps_made_on_the_way() {
    config(
        KUBELET,
        &[
            give("authentication.anonymous.enabled", json!(false)),
            give("authentication.webhook.enabled", json!(true)),
            give("clusterDNS", json!(["10.96.0.10", "10.96.0.11"])),
            give("memorySwap.swapBehavior", json!("NoSwap")),
            give("readOnlyPort", json!(0)),
            give("tlsCipherSuites", json!(["A", "B"])),
        ],
        "\
apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false # not for long
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
  webhook:
    enabled: true
clusterDNS:
- 10.96.0.10
- 10.96.0.11
crashLoopBackOff: {}
kind: KubeletConfiguration
memorySwap:
  swapBehavior: NoSwap
readOnlyPort: 0
tlsCipherSuites:
- A
- B
",
    );
}

#[test]
fn a_key_goes_with_its_value_and_leaves_comments() {
    config(
        "# top\na: 1 # one\n# on b\nb: # map\n  # inside\n  c: # list\n  - x # item\n  # end of b\nd: 2\n",
        &[take("b")],
        "# top\na: 1 # one\n# on b\n# map\n  # inside\n# list\n# item\n  # end of b\nd: 2\n",
    );
    config("a: 1\nb: 2", &[take("b")], "a: 1");
    config("a: 1\nb: {c: 1, d: 2}\n", &[take("b.c"), take("x.y"), take("a")], "b: {d: 2}\n");
    config("a:\n  b:\n    c: 1\n", &[take("a.b.c")], "a:\n  b: {}\n");
    config("a: 1\n", &[take("a")], "{}\n");
    config(
        "{}\n",
        &[give("a.b", json!([1]))],
        "{\"a\": {\"b\": [1]}}
",
    );
    config("{}", &[give("a", json!("x"))], "{\"a\": \"x\"}");
}

#[test]
fn text_is_quoted_where_it_would_read_as_something_else() {
    for (value, written) in [
        (json!("no"), "'no'"),
        (json!("0644"), "'0644'"),
        (json!("1.10"), "'1.10'"),
        (json!(""), "''"),
        (json!(" x"), "' x'"),
        (json!("a: b"), "'a: b'"),
        (json!("a #b"), "'a #b'"),
        (json!("it's: x"), "'it''s: x'"),
        (json!("a\nb"), "\"a\\nb\""),
        (json!("0s"), "0s"),
        (json!("-"), "'-'"),
        (json!("- a"), "'- a'"),
        (json!("[x"), "'[x'"),
        (json!("*"), "'*'"),
        (json!("/a/b"), "/a/b"),
        (json!("\u{feff}x"), "\"\\ufeffx\""),
        (json!(1.5), "1.5"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(null), "null"),
        (json!([]), "[]"),
    ] {
        config("a: 1\n", &[give("b", value.clone())], &format!("a: 1\nb: {written}\n"));
        config("a: 1\nb: old # c\n", &[give("b", value)], &format!("a: 1\nb: {written} # c\n"));
    }
    config("a: 'x'\nb: \"y\"\n", &[give("a", json!("z")), give("b", json!("w"))], "a: 'z'\nb: \"w\"\n");
    config("a: 'x'\n", &[give("a", json!(5))], "a: 5\n");
    config("a: 1\n", &[give("on.y: z", json!(1))], "a: 1\n'on':\n  'y: z': 1\n");
}

#[test]
fn one_kind_of_value_takes_the_place_of_another() {
    for (before, value, after) in [
        ("a:\n", json!(1), "a: 1\n"),
        ("a: # c\nb: 1\n", json!(1), "a: 1 # c\nb: 1\n"),
        ("a: &x # c\n", json!("w"), "a: &x w # c\n"),
        ("a:\n  b: 1 # x\n  # y\nc: 2\n", json!(1), "a: 1\n  # x\n  # y\nc: 2\n"),
        ("a: 1 # c\nb: 1\n", json!({"k": [1, {"x": 1}]}), "a: # c\n  k:\n  - 1\n  - x: 1\nb: 1\n"),
        ("a: |\n  text\n\nb: 1\n", json!(["x"]), "a:\n- x\n\nb: 1\n"),
        ("a: |\n  text", json!(["x"]), "a:\n- x"),
        ("a: ~\n", json!({"b": {}}), "a:\n  b: {}\n"),
        ("a:\n- 1\nb: 2\n", json!({"c": 1}), "a:\n  c: 1\nb: 2\n"),
        ("a:\n- 1", json!({"c": 1}), "a:\n  c: 1"),
        ("a:\n- 1 # x\nb: 2\n", json!({"c": 1}), "a:\n  c: 1\n# x\nb: 2\n"),
        ("a: [1, 2]\n", json!({"c": 1}), "a: {c: 1}\n"),
        ("a: {b: }\n", json!({"b": 1}), "a: {b: 1 }\n"),
        ("a: {b}\n", json!({"b": 1}), "a: {b: 1}\n"),
        ("a: 'x\n  y' # c\n", json!("z"), "a: 'z' # c\n"),
    ] {
        config(before, &[give("a", value)], after);
    }
}

#[test]
fn of_a_list_only_the_items_that_differ_are_touched() {
    for (before, value, after) in [
        ("a:\n- 1 # one\n- 2 # two\n", json!([1, 3]), "a:\n- 1 # one\n- 3 # two\n"),
        ("a:\n- 1 # one\n- 2 # two\n", json!([2]), "a:\n# one\n- 2 # two\n"),
        ("a:\n# on one\n- 1\n- 2\n", json!([0, 1, 2]), "a:\n# on one\n- 0\n- 1\n- 2\n"),
        ("a: [1, 2, 3]\n", json!([0, 1, 2, 3]), "a: [0, 1, 2, 3]\n"),
        ("a: [1, 2, 3]\n", json!([1, 3]), "a: [1, 3]\n"),
        ("a: [1, 2, 3]\n", json!([1, 2]), "a: [1, 2]\n"),
        ("a: [1, 2, 3]\n", json!([]), "a: []\n"),
        ("a:\n- x: 1\n  w: 2\n- z\n", json!([{"x": 1, "w": 3}, "z"]), "a:\n- x: 1\n  w: 3\n- z\n"),
        ("a:\n-\n- z\n", json!(["b", "z"]), "a:\n- b\n- z\n"),
        ("a:\n  -\n  - z\n", json!([{"b": 1, "c": 2}, "z"]), "a:\n  - b: 1\n    c: 2\n  - z\n"),
    ] {
        config(before, &[give("a", value)], after);
    }
}

#[test]
fn json_is_set_and_removed() {
    let before = "{\n  \"a\": {},\n  \"b\": [\n    1,\n    2\n  ],\n  \"c\": 3\n}\n";
    config(
        before,
        &[give("a.x.y", json!("z")), give("b", json!([1])), take("c"), give("d", json!(true))],
        "{\n  \"a\": {\n    \"x\": {\n      \"y\": \"z\"\n    }\n  },\n  \"b\": [\n    1\n  ],\n  \"d\": true\n}\n",
    );
    config("{\"a\": 1, \"b\": 2}", &[take("a")], "{\"b\": 2}");
    config("{\"a\": 1, \"b\": 2}", &[take("b")], "{\"a\": 1}");
}

#[test]
fn styles_of_the_file_are_followed() {
    config(
        "a:\n    b: 1\nl:\n    - x\n",
        &[give("e.m", json!([1])), give("a.c.d", json!(2))],
        "a:\n    b: 1\n    c:\n        d: 2\nl:\n    - x\ne:\n    m:\n        - 1\n",
    );
    config("a: 1\r\nb:\r\n  c: 1\r\n", &[give("b.d.e", json!(1)), take("a")], "b:\r\n  c: 1\r\n  d:\r\n    e: 1\r\n");
    config("---\na: 1\n---\nb: 1\n", &[give("c", json!(1))], "---\na: 1\nc: 1\n---\nb: 1\n");
    config("a: 1\n\n# the end\n", &[give("c", json!(1))], "a: 1\nc: 1\n\n# the end\n");
    config(
        "\"q k\" : \"dq\\\n   more\"\nlast: |2\n   x\n",
        &[give("z", json!(1))],
        "\"q k\" : \"dq\\\n   more\"\nlast: |2\n   x\nz: 1\n",
    );
    config(
        "b: &b {x: 1}\na:\n  <<: *b\n  w: 1\n",
        &[give("a.w", json!(2)), give("a.z", json!(2))],
        "b: &b {x: 1}\na:\n  <<: *b\n  w: 2\n  z: 2\n",
    );
}
