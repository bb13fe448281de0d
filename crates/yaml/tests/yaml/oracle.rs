//! Go's yaml.v2 2.4.0 on 94 documents.

use seaworthy_yaml::{Node, Value, parse};
use serde_json::{Value as Json, json};

const ORACLE: &str = include_str!("../oracle/go-yaml-v2.json");

/// Documents on which this crate differs from yaml.v2, and why.
const DIFFERENT: [(&str, &str); 1] = [(
    "yes: 1\n1: 2\n1.5: 3\nnull: 4",
    "yaml.v2 has null keys, but sigs.k8s.io/yaml, which is what Kubernetes calls, refuses to make JSON of one",
)];

fn recorded(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(number) => json!(number),
        Value::Uint(number) => json!(number),
        // The recording tells whole floats from integers so.
        Value::Float(number) if number.is_nan() => json!("float(NaN)"),
        Value::Float(number) if number.is_infinite() => {
            json!(if *number > 0.0 { "float(+Inf)" } else { "float(-Inf)" })
        }
        Value::Float(number) if number.fract() == 0.0 => {
            // Small ones were recorded in full, large ones with an exponent.
            let text = format!("{number:e}");
            match text.split_once('e') {
                Some((mantissa, exponent)) if exponent.len() > 1 && exponent >= "18" => {
                    json!(format!("float({mantissa}e+{exponent})"))
                }
                _ => json!(format!("float({number})")),
            }
        }
        Value::Float(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::List(list) => list.iter().map(recorded).collect(),
        Value::Map(map) => map.iter().map(|entry| (entry.key.clone(), recorded(&entry.value))).collect(),
    }
}

#[test]
fn every_recorded_document_reads_as_in_go() {
    let cases: Vec<Json> = serde_json::from_str(ORACLE).unwrap();
    assert_eq!(cases.len(), 94);
    let mut different = Vec::new();
    for case in &cases {
        let text = case["doc"].as_str().unwrap();
        let ours = parse(text).map(|document| recorded(&document.root));
        let same = match case["go"].get("ok") {
            Some(go) => ours.as_ref().ok() == Some(go),
            None => ours.is_err(),
        };
        if !same {
            different.push(text);
            assert!(DIFFERENT.iter().any(|(known, _)| *known == text), "{text:?}\n go {}\nours {ours:?}", case["go"]);
        }
    }
    assert_eq!(different.len(), DIFFERENT.len(), "a known difference is gone: {different:?}");
}
