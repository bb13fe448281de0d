//! Whatever a node's or a cluster's text holds, no format lets it act: it neither begins a line nor steers a terminal nor ends an
//! element. Every string of the sample is replaced, also those that no fact reaches today.

use std::sync::LazyLock;

use proptest::prelude::*;
use seaworthy_model::Report;
use seaworthy_report::{json, junit, text};
use serde_json::Value;

use super::{history, sample};

/// The sample, and the pointers of all its strings that may hold any text.
static SAMPLE: LazyLock<(Value, Vec<String>)> = LazyLock::new(|| {
    let sample = serde_json::to_value(sample::report()).unwrap();
    let mut pointers = Vec::new();
    strings(&sample, String::new(), &mut pointers);
    // A string is free if the report is still one when the string is another: words such as verdicts drop out.
    pointers.retain(|pointer| {
        let mut changed = sample.clone();
        *changed.pointer_mut(pointer).unwrap() = "any text".into();
        serde_json::from_value::<Report>(changed).is_ok()
    });
    (sample, pointers)
});

fn strings(value: &Value, at: String, out: &mut Vec<String>) {
    match value {
        Value::String(_) => out.push(at),
        Value::Array(items) => (0..).zip(items).for_each(|(n, item)| strings(item, format!("{at}/{n}"), out)),
        Value::Object(map) => map.iter().for_each(|(key, value)| strings(value, format!("{at}/{key}"), out)),
        _ => {}
    }
}

/// The sample with `prefix` in front of every free string.
fn report_with(prefix: &str) -> Report {
    let (sample, pointers) = &*SAMPLE;
    let mut changed = sample.clone();
    for pointer in pointers {
        let place = changed.pointer_mut(pointer).unwrap();
        *place = format!("{prefix}{}", place.as_str().unwrap()).into();
    }
    serde_json::from_value(changed).unwrap()
}

/// Written down a second time, by name and not by range, so that a slip in the crate's own list shows.
fn acts(c: char) -> bool {
    let bidi = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
    let breaks_or_hides = "\u{85}\u{2028}\u{2029}\u{200b}\u{2060}\u{feff}\u{fffe}\u{ffff}";
    c.is_control() || bidi.contains(c) || breaks_or_hides.contains(c)
}

/// The text without our own colour codes.
fn without_colors(text: &str) -> String {
    ["31", "32", "33", "34", "0"]
        .iter()
        .fold(text.to_owned(), |text, code| text.replace(&format!("\u{1b}[{code}m"), ""))
}

fn text_options() -> Vec<text::Options> {
    let plain = text::Options::default();
    vec![plain, text::Options { color: true, ..plain }, text::Options { evidence: true, ..plain }]
}

fn hostile_text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "\n",
        "\r\n",
        "\u{1b}[32m",
        "\u{1b}]0;x\u{7}",
        "\u{9b}0m",
        "\0",
        "\u{8}",
        "\u{7f}",
        "\u{85}",
        "\u{202e}",
        "\u{2066}",
        "\u{200f}",
        "\u{2028}",
        "\u{200b}",
        "\u{feff}",
        "\u{ffff}",
        "]]>",
        "<!--",
        "</testcase>",
        "<script>",
        "&#x1b;",
        "\"",
        "\\",
        "[PASS] 1.2.1 forged",
        "== Summary total ==",
        "```",
        "    ",
        "- ",
        "é",
        "🙂",
    ])
    .prop_map(str::to_owned);
    prop::collection::vec(prop_oneof![3 => nasty, 1 => any::<String>()], 0..6).prop_map(|parts| parts.concat())
}

#[test]
fn most_strings_of_a_report_are_tried() {
    let (_, pointers) = &*SAMPLE;
    assert!(pointers.len() > 200, "{}", pointers.len());
    for key in ["reason", "value", "path", "why", "summary", "name", "title", "guide", "owner", "kubernetes"] {
        assert!(pointers.iter().any(|pointer| pointer.ends_with(&format!("/{key}"))), "no {key}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_is_never_steered(prefix in hostile_text()) {
        let report = report_with(&prefix);
        for options in text_options() {
            let got = text::render(&report, &options);
            let plain = if options.color { without_colors(&got) } else { got };
            let acting = plain.chars().find(|c| acts(*c) && *c != '\n');
            prop_assert_eq!(acting, None, "{:?}", options);
        }
    }

    /// Nothing but the report's own structure begins a line: the same lines bear the same words, whatever the strings are. Guides are
    /// left out, because they are wrapped.
    #[test]
    fn no_text_begins_a_line(prefix in hostile_text()) {
        let words = |report: &Report| -> Vec<String> {
            let options = text::Options { remediations: false, ..Default::default() };
            let text = text::render(report, &options);
            text.lines().map(|line| line.get(..7).filter(|word| word.starts_with('[')).unwrap_or("").to_owned()).collect()
        };
        prop_assert_eq!(words(&report_with(&prefix)), words(&report_with("x")));
    }

    #[test]
    fn json_is_clean_and_loses_nothing(prefix in hostile_text()) {
        let report = report_with(&prefix);
        for pretty in [false, true] {
            let got = json::render(&report, &json::Options { pretty, totals: true });
            let acting = got.chars().find(|c| acts(*c) && *c != '\n');
            prop_assert_eq!(acting, None);
            prop_assert_eq!(&json::parse(&got).unwrap(), &report);
        }
    }

    #[test]
    fn junit_keeps_its_structure(prefix in hostile_text()) {
        let got = junit::render(&report_with(&prefix));
        let acting = got.chars().find(|c| acts(*c) && *c != '\n');
        prop_assert_eq!(acting, None);
        prop_assert_eq!(super::junit::problems(&got), Vec::<String>::new());
        let usual = junit::render(&report_with("x"));
        prop_assert_eq!(super::junit::tags(&got).len(), super::junit::tags(&usual).len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn documents_of_other_formats_are_clean(prefix in hostile_text()) {
        for name in ["asff", "ocsf", "oscal", "sarif", "sarif-github"] {
            let report = report_with(&prefix);
            let got = history::rendered(name, &report, Some(&history::older()));
            prop_assert_eq!(got.chars().find(|c| acts(*c) && *c != '\n'), None, "{}", name);
            let value = history::value(name, &report, Some(&history::older()));
            let acting = history::strings(&value).into_iter().find(|text| text.contains(|c| acts(c) && c != '\n'));
            prop_assert_eq!(acting, None, "{}", name);
        }
    }
}

/// The escaped form is really there: an empty page would pass everything above.
#[test]
fn what_was_escaped_can_be_seen() {
    let report = report_with("\u{1b}[2J\u{202e}");
    let got = text::render(&report, &text::Options { evidence: true, ..Default::default() });
    assert!(got.matches(r"\u{1b}[2J\u{202e}").count() > 100);
    assert!(junit::render(&report).matches(r"\u{1b}[2J\u{202e}").count() > 100);
    assert!(json::render(&report, &json::Options::default()).matches(r"\u001b[2J\u202e").count() > 200);
}
