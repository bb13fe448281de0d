//! What sinks that send findings as JSON have in common: what became of a finding in a word, text that no longer steers anything, and
//! documents that fit.

use jiff::Timestamp;
use seaworthy_model::Verdict;
use seaworthy_report::changes::fails;
use seaworthy_report::{clean, clean_lines};
use serde_json::{Map, Value, json};

use crate::outgoing::Item;

/// `open`, `solved`, `gone`, and `told` for what neither fails nor did.
pub(super) fn state(item: &Item<'_>) -> &'static str {
    match item {
        Item { gone: true, .. } => "gone",
        item if item.is_solved() => "solved",
        item if fails(item.finding) => "open",
        _ => "told",
    }
}

/// One line for people: what became of it, its number, its title, and why.
pub(super) fn line(item: &Item<'_>) -> String {
    let finding = item.finding;
    let word = match (state(item), finding.verdict) {
        ("gone", _) => "not asked any more",
        ("solved", _) => "solved",
        (_, Verdict::Pass) => "passes",
        (_, Verdict::Fail) if finding.waiver.is_some() => "waived",
        (_, Verdict::Fail) => "fails",
        (_, Verdict::Manual) => "to be judged by a person",
        (_, Verdict::Unknown) => "could not be decided",
        (_, Verdict::NotApplicable) => "does not apply",
    };
    let text = format!("{} {word} on {}: {} ({})", finding.id, finding.subject.name, finding.title, finding.reason);
    clean(&text).into_owned()
}

/// What became of it since the last report; none if nothing did or none is known.
pub(super) fn change(item: &Item<'_>) -> Option<Value> {
    let change = item.change?;
    let kinds: Vec<&str> = change.kinds.iter().map(|kind| kind.as_str()).collect();
    let before = change.before.map(|before| before.verdict.as_str());
    Some(json!({ "kinds": kinds, "verdict_before": before }))
}

/// When the facts were collected.
pub(super) fn time(outgoing: &crate::outgoing::Outgoing<'_>) -> Option<Timestamp> {
    outgoing.report.time.as_deref()?.parse().ok()
}

/// The value with all its text cleaned; a rule's own words, in `guide`, keep their lines.
pub(super) fn cleaned(value: Value) -> Value {
    under("", value)
}

fn under(key: &str, value: Value) -> Value {
    match value {
        Value::String(text) if key == "guide" => Value::String(clean_lines(&text)),
        Value::String(text) => Value::String(clean(&text).into_owned()),
        Value::Array(list) => Value::Array(list.into_iter().map(|value| under(key, value)).collect()),
        Value::Object(object) => {
            Value::Object(object.into_iter().map(|(key, value)| (key.clone(), under(&key, value))).collect())
        }
        other => other,
    }
}

/// The object in at most `most` bytes of JSON where that can be done: texts are cut with a mark and lists without one, first those that
/// are far too long, and `cut` says that something is missing.
pub(super) fn fit(object: Map<String, Value>, most: usize) -> Map<String, Value> {
    let fits = |object: &Map<String, Value>| serde_json::to_string(object).is_ok_and(|text| text.len() <= most);
    if fits(&object) {
        return object;
    }
    let mut cut = Map::new();
    for limit in [4096, 1024, 512, 256, 128, 64, 32, 16] {
        cut = object.iter().map(|(key, value)| (key.clone(), shorter(value, limit))).collect();
        cut.insert("cut".to_owned(), Value::Bool(true));
        if fits(&cut) {
            break;
        }
    }
    cut
}

/// At most so many characters, with a mark that says how many are missing.
pub(super) fn short(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} … ({} more characters)", &text[..end], text[end..].chars().count()),
    }
}

fn shorter(value: &Value, limit: usize) -> Value {
    match value {
        // Not if it is little longer than its mark. Names and identities, which have to stay whole, are that short.
        Value::String(text) if text.chars().count() > limit + 128 => Value::String(short(text, limit)),
        // What is in a list is longer than a character.
        Value::Array(list) => Value::Array(list.iter().take(limit / 8).map(|value| shorter(value, limit)).collect()),
        Value::Object(object) => {
            Value::Object(object.iter().map(|(key, value)| (key.clone(), shorter(value, limit))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_is_too_long_is_cut_with_a_mark() {
        let long = "é".repeat(5000);
        let list: Vec<Value> = (0..5000).map(|n| json!({ "name": format!("object-{n}") })).collect();
        let Value::Object(object) = json!({ "id": "1.2.1", "reason": long, "resources": list }) else { panic!() };
        let small = fit(object.clone(), 1 << 20);
        assert_eq!(small, object);
        for most in [9000, 2000, 800] {
            let cut = fit(object.clone(), most);
            assert!(serde_json::to_string(&cut).unwrap().len() <= most, "{most}");
            assert_eq!((&cut["id"], &cut["cut"]), (&json!("1.2.1"), &json!(true)));
            assert!(cut["reason"].as_str().unwrap().ends_with(" more characters)"), "{most}: {}", cut["reason"]);
        }
    }

    #[test]
    fn text_is_cleaned_and_a_guide_keeps_its_lines() {
        let value = cleaned(json!({ "reason": "a\nb\u{1b}", "list": ["\u{202e}"], "guide": "one\ntwo\u{0}" }));
        assert_eq!(value, json!({ "reason": "a\\nb\\u{1b}", "list": ["\\u{202e}"], "guide": "one\ntwo\\u{0}" }));
    }
}
