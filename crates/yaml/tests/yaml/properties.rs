//! Whatever the text, nothing panics and every place is within it.

use proptest::prelude::*;
use seaworthy_yaml::{Node, Span, Value, fuzz::fuzz_target, parse};

const MANIFEST: &str = include_str!("../corpus/manifest.yaml");

fn check_span(text: &str, span: Span) {
    assert!(span.line >= 1 && span.column >= 1, "{span:?}");
    assert!(text.get(span.start..span.end).is_some(), "{span:?} of {text:?}");
    let before = text[..span.start].replace("\r\n", "\n").replace('\r', "\n");
    assert_eq!(span.line as usize, before.matches('\n').count() + 1, "{span:?} of {text:?}");
}

fn check(text: &str, node: &Node) {
    check_span(text, node.span);
    let written = &text[node.span.start..node.span.end];
    match &node.value {
        Value::List(list) => list.iter().for_each(|node| check(text, node)),
        Value::Map(map) => map.iter().for_each(|entry| {
            check_span(text, entry.key_span);
            check(text, &entry.value);
        }),
        _ => {
            let raw = node.raw.as_deref().unwrap_or("no raw text");
            let quoted = written.starts_with(['"', '\'', '|', '>']);
            // Of a block scalar the place is its content, whose first lines may be blank.
            let folded = written.contains(['\n', '\r']) || raw.contains('\n');
            assert!(quoted || folded || written == raw, "{written:?} is not {raw:?} in {text:?}");
        }
    }
}

fn check_text(text: &str) {
    fuzz_target(text.as_bytes());
    if let Ok(document) = parse(text) {
        check(text, &document.root);
        for duplicate in &document.duplicates {
            check_span(text, duplicate.first);
            check_span(text, duplicate.second);
        }
        let json = document.root.to_json();
        assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        check_text(&text);
    }

    #[test]
    fn any_bytes(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        fuzz_target(&data);
    }

    #[test]
    fn yaml_like_text(text in "([a-c0-9 ]|[-:?,\\[\\]{}#&*!|>'\"%@~<]|\n|\n  |: |- |\t|\r\n|é|\u{feff}|&a |\\*a |<<: |\\\\){0,60}") {
        check_text(&text);
    }

    #[test]
    fn mutated_manifest(cut in 0..2000_usize, length in 0..2000_usize, edits in proptest::collection::vec((any::<prop::sample::Index>(), "[-:?,{}#&*!|>'\"%@~< \n\ta\\[\\]\\\\]"), 0..6)) {
        let mut letters: Vec<char> = MANIFEST.chars().skip(cut % 400).take(length).collect();
        for (index, letter) in edits {
            let at = index.index(letters.len() + 1);
            letters.splice(at..at, letter.chars());
        }
        check_text(&letters.into_iter().collect::<String>());
    }

    #[test]
    fn quoted_text_comes_back(text in any::<String>()) {
        let json = serde_json::json!({ "v": text }).to_string();
        let document = parse(&json);
        let back = document.as_ref().ok().and_then(|document| document.root.get("v")?.as_str());
        prop_assert_eq!(back, Some(text.as_str()), "{:?}", document);
    }
}
