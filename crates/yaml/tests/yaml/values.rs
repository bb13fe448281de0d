//! Typing, keys, merges and tags beyond the recorded documents. Expected results come from sigs.k8s.io/yaml 1.6.0.

use seaworthy_yaml::{Error, Value, parse};

fn json(text: &str) -> String {
    match parse(text) {
        Ok(document) => document.root.to_json(),
        Err(error) => format!("{error}"),
    }
}

#[test]
fn scalars_have_their_go_types() {
    for (text, value) in [
        ("0755", Value::Int(493)),
        ("-0x1F", Value::Int(-31)),
        ("0b-1", Value::Int(-1)),
        ("0X1f", Value::Int(31)),
        ("-9223372036854775808", Value::Int(i64::MIN)),
        ("9223372036854775808", Value::Uint(1 << 63)),
        ("+9223372036854775808", Value::Float(9_223_372_036_854_775_808.0)),
        ("08", Value::Float(8.0)),
        ("1_0.5", Value::Float(10.5)),
        (".5", Value::Float(0.5)),
        (".5_0", Value::Text(".5_0".into())),
        ("1e400", Value::Text("1e400".into())),
        ("12:30:45", Value::Text("12:30:45".into())),
        ("2001-01-01", Value::Text("2001-01-01".into())),
        ("! 12", Value::Text("12".into())),
        ("!custom 12", Value::Text("12".into())),
        ("!!binary aGk=", Value::Text("hi".into())),
        ("!!timestamp 2001-1-2T3:4:5Z", Value::Text("2001-1-2T3:4:5Z".into())),
        ("", Value::Null),
        ("# nothing", Value::Null),
        ("---", Value::Null),
        ("\"~\"", Value::Text("~".into())),
        ("!!str", Value::Text(String::new())),
    ] {
        assert_eq!(parse(text).unwrap().root.value, value, "{text}");
    }
    for text in
        ["!!int x", "!!int yes", "!!float 12345678901234567890", "!!bool 1", "!!timestamp x", "!!binary a", "!!null x"]
    {
        assert!(matches!(parse(text), Err(Error::Syntax { .. })), "{text}");
    }
}

#[test]
fn keys_become_text_as_in_sigs_yaml() {
    assert_eq!(
        json("1: a\n1e6: b\n0.00001: c\n123456.7: d\n1e300: e\nyes: f\n0x10: g\n"),
        r#"{".inf":"e","1":"a","123456.7":"d","16":"g","1e+06":"b","1e-05":"c","true":"f"}"#
    );
    for text in ["~: 1", "18446744073709551615: 1"] {
        assert!(matches!(parse(text), Err(Error::Unsupported { line: 1, column: 1, .. })), "{text}");
    }
    assert!(matches!(parse("{[a]: 1}"), Err(Error::Syntax { .. })));
}

#[test]
fn numbers_are_written_as_go_writes_them() {
    assert_eq!(json("[4.0, 1e21, 1e-7, 0.000001, 1e20, -.5]"), "[4,1e+21,1e-7,0.000001,100000000000000000000,-0.5]");
    assert_eq!(json("'<a & \u{e9}>'"), "\"\\u003ca \\u0026 \u{e9}\\u003e\"");
}

#[test]
fn string_fields() {
    let document = parse("a: 1.10\nb: 0644\nc: no\nd: ~\ne: 'x'\nf: !!binary aGk=\ng: [1]").unwrap();
    let text = |key: &str| document.root.get(key).and_then(|node| node.text().map(String::from));
    let converted = |key: &str| document.root.get(key).and_then(|node| node.converted_text().map(String::from));
    for (key, raw, typed) in [
        ("a", Some("1.10"), Some("1.1")),
        ("b", Some("0644"), Some("420")),
        ("c", Some("no"), Some("false")),
        ("d", None, None),
        ("e", Some("x"), Some("x")),
        ("f", Some("hi"), Some("hi")),
        ("g", None, None),
    ] {
        assert_eq!(text(key).as_deref(), raw, "{key}");
        assert_eq!(converted(key).as_deref(), typed, "{key}");
    }
}

#[test]
fn duplicates_and_merges() {
    let document = parse("a: 1\nb: 2\na: 3\n").unwrap();
    assert_eq!(document.root.to_json(), r#"{"a":3,"b":2}"#);
    let [duplicate] = document.duplicates.as_slice() else { panic!("{:?}", document.duplicates) };
    assert_eq!((duplicate.key.as_str(), duplicate.first.line, duplicate.second.line), ("a", 1, 3));

    // yaml.v2 sets keys in order, so a merge overrides what stands before it.
    let document = parse("x: &x {a: 1}\nw: {a: 2, <<: *x}\nz: {<<: *x, a: 2}").unwrap();
    assert_eq!(document.root.to_json(), r#"{"w":{"a":1},"x":{"a":1},"z":{"a":2}}"#);
    assert_eq!(document.duplicates.len(), 2);

    assert_eq!(json("<<: [{a: 1}, {a: 2, b: 3}]"), r#"{"a":1,"b":3}"#);
    assert_eq!(json("'<<': {a: 1}"), r#"{"\u003c\u003c":{"a":1}}"#);
    assert!(parse("<<: 1").is_err());
    assert!(parse("<<: [1]").is_err());
    assert!(parse("a: &a [1]\n<<: *a").is_err());
}

#[test]
fn what_only_yaml_1_2_allows_is_refused() {
    for text in [
        "%YAML 1.2\n---\na: 1",
        "\ta: 1",
        "-\ta",
        "a:\n\t- b",
        "a: 'x'\n\t\nb: 1",
        "a: \"\\/\"",
        "a: \"\\ud83d\\ude00\"",
        "a: [x?y]",
        "a: {b:}",
        "a: &b.c 1",
        "a: @b",
        "a: \u{2028}b",
        "a: \u{1}",
        "a\0: b",
    ] {
        assert!(parse(text).is_err(), "{text:?}");
    }
    for text in ["a:\tb", "a: [b,\n\tc]", "a: |\n  x\n  \ty", "a: b\t# c", "%YAML 1.1\n---\na: 1", "a: \"\\\\/\""] {
        assert!(parse(text).is_ok(), "{text:?}");
    }
}

#[test]
fn json_texts() {
    let text = "{\n\t\"a\": \"\\/\\ud83d\\ude00\",\r\n\t\"b\":[1,2.5,-3e2,true,null]}\n";
    assert_eq!(json(text), "{\"a\":\"/\u{1f600}\",\"b\":[1,2.5,-300,true,null]}");
}

#[test]
fn first_document_only() {
    assert_eq!(json("a: 1\n---\n: : : [\n\0"), r#"{"a":1}"#);
    assert_eq!(json("a: 1\r\nb: |\r\n  x\r\n  y\r\n...\r\n"), r#"{"a":1,"b":"x\ny\n"}"#);
}

#[test]
fn lookups() {
    let document = parse("Kind: a\nkind: b\nanonymousAuth: {Enabled: yes}").unwrap();
    let map = document.root.as_map().unwrap();
    assert_eq!(map.get("kind").and_then(|node| node.as_str()), Some("b"));
    assert_eq!(map.get_ignore_case("KIND").and_then(|node| node.as_str()), Some("b"));
    assert_eq!(document.root.path_ignore_case("anonymousauth.enabled").and_then(|node| node.as_bool()), Some(true));
    assert!(document.root.path("anonymousAuth.enabled").is_none());
    assert_eq!((map.len(), map.is_empty(), map.iter().count()), (3, false, 3));
}
