//! The schemas in `docs/schema/` say exactly what the types say. Held from four sides: the samples are valid; the samples use every
//! key, variant and alternative of the schema; a key that one of the two misses the other misses as well; and so for types and words.

use jsonschema::Validator;
use seaworthy_model::{Facts, REPORT_SCHEMA};
use seaworthy_report::json;
use serde_json::{Value, json};

use super::{facts, sample};

const REPORT: &str = include_str!("../../../../docs/schema/report-v1.json");
const FACTS: &str = include_str!("../../../../docs/schema/facts-v1.json");

/// A schema, valid documents for it, and the reader that it describes.
struct Case {
    schema: Value,
    samples: Vec<Value>,
    reads: fn(&Value) -> bool,
}

fn cases() -> [Case; 2] {
    let report = |totals| {
        serde_json::from_str(&json::render(&sample::report(), &json::Options { pretty: false, totals })).unwrap()
    };
    let facts = [facts::everything_known(), facts::nothing_known()];
    [
        Case {
            schema: serde_json::from_str(REPORT).unwrap(),
            samples: vec![report(true), report(false)],
            reads: |document| json::parse(&document.to_string()).is_ok(),
        },
        Case {
            schema: serde_json::from_str(FACTS).unwrap(),
            samples: facts.map(|facts| serde_json::to_value(facts).unwrap()).into(),
            reads: |document| serde_json::from_value::<Facts>(document.clone()).is_ok(),
        },
    ]
}

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::new(schema).unwrap()
}

/// The JSON pointers of all values, the document's own first.
fn pointers(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: String, out: &mut Vec<String>) {
        out.push(at.clone());
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| walk(value, format!("{at}/{}", escape(key)), out)),
            Value::Array(items) => (0..).zip(items).for_each(|(n, value)| walk(value, format!("{at}/{n}"), out)),
            _ => {}
        }
    }
    fn escape(key: &str) -> String {
        key.replace('~', "~0").replace('/', "~1")
    }
    let mut out = Vec::new();
    walk(value, String::new(), &mut out);
    out
}

/// The document without the key or item at a pointer.
fn without(document: &Value, pointer: &str) -> Value {
    let mut document = document.clone();
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(map) => drop(map.remove(&last.replace("~1", "/").replace("~0", "~")).unwrap()),
        Value::Array(items) => drop(items.remove(last.parse().unwrap())),
        other => panic!("{other} holds nothing"),
    }
    document
}

#[test]
fn the_schemas_are_schemas_and_the_samples_are_valid() {
    assert_eq!((REPORT_SCHEMA, seaworthy_model::FACTS_SCHEMA), (1, 1), "a new schema needs a file of its own");
    for Case { schema, samples, reads } in cases() {
        assert!(jsonschema::meta::is_valid(&schema));
        let validator = validator(&schema);
        for sample in samples {
            let errors: Vec<String> =
                validator.iter_errors(&sample).map(|e| format!("{}: {e}", e.instance_path())).collect();
            assert_eq!(errors, [""; 0]);
            assert!(reads(&sample));
        }
    }
}

#[test]
fn facts_survive_a_round_trip() {
    for facts in [facts::everything_known(), facts::nothing_known()] {
        let text = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<Facts>(&text).unwrap(), facts);
    }
}

/// Takes each key, word and alternative out of the schema: some sample must need it.
#[test]
fn the_samples_use_all_of_the_schema() {
    for Case { schema, samples, .. } in cases() {
        let mut tried = 0;
        for pointer in pointers(&schema) {
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            if !["/properties", "/enum", "/oneOf"].iter().any(|end| parent.ends_with(end)) {
                continue;
            }
            let smaller = validator(&without(&schema, &pointer));
            assert!(samples.iter().any(|sample| !smaller.is_valid(sample)), "no sample uses {pointer}");
            tried += 1;
        }
        assert!(tried > 90, "only {tried} parts were tried");
    }
}

/// Takes each key out of each sample: schema and reader agree on whether it may be missing.
#[test]
fn a_missing_key_is_refused_by_both_or_neither() {
    for Case { schema, samples, reads } in cases() {
        let validator = validator(&schema);
        let mut refused = 0;
        for sample in &samples {
            for pointer in pointers(sample).iter().skip(1) {
                let damaged = without(sample, pointer);
                let valid = validator.is_valid(&damaged);
                assert_eq!(valid, reads(&damaged), "without {pointer} the schema says {valid}");
                refused += usize::from(!valid);
            }
        }
        assert!(refused > 100, "only {refused} were refused");
    }
}

/// Gives each value another type, and each string another word.
#[test]
fn a_wrong_type_or_word_is_refused_by_both_or_neither() {
    for Case { schema, samples, reads } in cases() {
        let validator = validator(&schema);
        for sample in &samples {
            for pointer in pointers(sample) {
                let mut damaged = sample.clone();
                let place = damaged.pointer_mut(&pointer).unwrap();
                let word = place.is_string();
                // What the reader of an answer takes for an object's field, it takes in facts: it only looks whether it is there.
                let presence = pointer.starts_with("/api/")
                    && (*place == json!(true) || *place == json!(""))
                    && is_presence(&pointer);
                // A struct of which every field may be missing is read from an empty list too, as serde does.
                let lenient = pointer.starts_with("/api") && place.is_object();
                *place = match place {
                    Value::String(_) => json!(1.5),
                    Value::Array(_) => json!({}),
                    Value::Object(_) if lenient => json!("word"),
                    Value::Object(_) => json!([]),
                    _ => json!("word"),
                };
                assert!(!validator.is_valid(&damaged), "the schema takes another type at {pointer}");
                assert_eq!(reads(&damaged), presence, "the reader and another type at {pointer}");
                if word {
                    *damaged.pointer_mut(&pointer).unwrap() = json!("no such word");
                    let valid = validator.is_valid(&damaged);
                    assert_eq!(valid, reads(&damaged), "another word at {pointer}: the schema says {valid}");
                }
            }
        }
    }
}

/// Whether a field of an object is kept only as far as it is there.
fn is_presence(pointer: &str) -> bool {
    const FIELDS: [&str; 15] = [
        "runAsGroup",
        "fsGroup",
        "fsGroupChangePolicy",
        "supplementalGroups",
        "supplementalGroupsPolicy",
        "sysctls",
        "seLinuxOptions",
        "seLinuxChangePolicy",
        "appArmorProfile",
        "readOnlyRootFilesystem",
        "procMount",
        "serviceAccountToken",
        "url",
        "validations",
        "kubernetes.io~1config.mirror",
    ];
    let field = pointer.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('/');
    let last = field.rsplit('/').next().unwrap_or_default();
    FIELDS.contains(&last)
        || (field.contains("/ingress/") || field.contains("/egress/")) && matches!(last, "from" | "to" | "ports")
}

#[test]
fn an_extra_key_is_refused_everywhere() {
    for Case { schema, samples, .. } in cases() {
        let validator = validator(&schema);
        for sample in &samples {
            for pointer in pointers(sample) {
                // Labels have any name.
                if ["/labels", "/matchLabels"].iter().any(|end| pointer.ends_with(end)) {
                    continue;
                }
                let mut damaged = sample.clone();
                if let Value::Object(map) = damaged.pointer_mut(&pointer).unwrap() {
                    map.insert("extra".into(), json!("key"));
                    assert!(!validator.is_valid(&damaged), "the schema takes an extra key in {pointer}");
                }
            }
        }
    }
}

#[test]
fn every_object_in_a_schema_is_described() {
    for Case { schema, .. } in cases() {
        for pointer in pointers(&schema) {
            let value = schema.pointer(&pointer).unwrap();
            // An item's description is that of its list.
            if value.get("additionalProperties").is_some() && !pointer.ends_with("/items") {
                assert!(value["description"].is_string(), "{pointer} has no description");
            }
        }
    }
}
