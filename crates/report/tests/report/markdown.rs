//! Markdown: that a reader of it sees our structure and nothing that a node's text made.

use std::sync::LazyLock;

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use seaworthy_model::{Report, SubjectKind};
use seaworthy_report::format::Context;
use seaworthy_report::{changes, identity, markdown};

use super::{hostile, sample};

fn render(report: &Report) -> String {
    markdown::render(report, &Context::default())
}

/// The document's structure, as words; texts are left out.
fn structure(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Start(tag) => words.push(match tag {
                Tag::Heading { level, .. } => format!("{level}"),
                Tag::CodeBlock(_) => "code block".into(),
                other => format!("{other:?}").split(['(', ' ']).next().unwrap_or_default().to_owned(),
            }),
            Event::Html(_) | Event::InlineHtml(_) => words.push("html".into()),
            Event::InlineMath(_) | Event::DisplayMath(_) => words.push("math".into()),
            Event::FootnoteReference(_) => words.push("footnote".into()),
            Event::Rule => words.push("rule".into()),
            _ => {}
        }
    }
    words
}

/// What no text from elsewhere may make.
const NEVER: [&str; 9] = ["Link", "Image", "html", "math", "footnote", "rule", "Emphasis", "Strong", "HtmlBlock"];

fn acting(text: &str) -> Vec<String> {
    structure(text).into_iter().filter(|word| NEVER.contains(&word.as_str())).collect()
}

#[test]
fn what_fails_comes_first_with_evidence_and_repair() {
    let text = render(&sample::report());
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what}"));
    assert!(at("## Fails (2)") < at("### 1.2.15 API server profiling endpoints are off"));
    assert!(at("### 1.2.15") < at("-    - --profiling=true\n+    - --profiling=false"));
    assert!(at("```diff") < at("## Needs a look"));
    assert!(at("## Needs a look") < at("## Set aside") && at("## Set aside") < at("## Passes"));
    assert!(at("Nodes that reported: 2 of 3") < at("did not report"));
    for finding in &sample::report().findings {
        assert!(text.contains(&finding.title), "{} is lost", finding.id);
        let fails = finding.status == seaworthy_model::Status::Fail;
        assert_eq!(text.contains(&identity::fingerprint(finding)), fails, "{}", finding.id);
    }
}

#[test]
fn it_says_what_changed() {
    let (before, after) = sample::two();
    let changes = changes::compare(&before, &after);
    let text = markdown::render(&after, &Context { changes: Some(&changes), ..Default::default() });
    for line in ["| newly failing | 4.2.1 |", "| solved | 1.1.1 |", "| gone | 4.2.9 |"] {
        assert!(text.contains(line), "no {line} in\n{text}");
    }
    assert!(!render(&after).contains("What changed"));
}

#[test]
fn an_item_on_many_nodes_is_one_and_the_document_stays_short_enough_for_a_comment() {
    let mut report = sample::report();
    let ours = report.findings.clone();
    for node in 2..400 {
        report.findings.extend(ours.iter().filter(|f| f.subject.kind == SubjectKind::Node).cloned().map(
            |mut finding| {
                finding.subject.name = format!("node{node}");
                finding.reason = format!("{} on {node} {}", finding.reason, "x".repeat(200));
                finding
            },
        ));
    }
    let text = render(&report);
    assert_eq!(text.matches("### 1.2.15 ").count(), 1);
    assert!(text.contains("It fails on 394 others too: node6, "), "{text}");
    assert!(text.len() < 65_536, "{}", text.len());
    assert!(text.ends_with("Other formats have the whole report.\n"));
    assert_eq!(acting(&text), [""; 0]);
}

/// The check sees what it is to see.
#[test]
fn the_check_can_fail() {
    for text in ["[a](b)", "![a](b)", "<b>", "<http://a.b>", "*a*", "<!-- a -->", "a\n\n---", "[^a]\n\n[^a]: b", "$a$"]
    {
        assert_ne!(acting(text), [""; 0], "{text}");
    }
    let text = render(&sample::report());
    for (from, to) in [("`false`", "[false](http://a)"), ("- Wanted", "# Wanted"), ("```diff", "")] {
        let damaged = text.replacen(from, to, 1);
        assert_ne!(structure(&damaged), structure(&text), "{from}");
    }
}

fn nasty() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "[a](http://a.b)",
        "![a](http://a.b/c.png)",
        "<b>",
        "</td>",
        "<!--",
        "<http://a.b>",
        "http://a.b",
        "www.a.b",
        "a@b.c",
        "@team",
        "#12",
        "`",
        "``",
        "```",
        "````\n",
        "~~~",
        "|",
        "\\|",
        "\\",
        "\n\n# a",
        "\n---\n",
        "\n===\n",
        "# ",
        "> ",
        "1. ",
        "+ ",
        "* ",
        "*a*",
        "__a__",
        "~~a~~",
        "$a$",
        "$$",
        "[^1]",
        "[a]: b",
        ":tada:",
        "&lt;",
        "&#91;",
        "    ",
        "\t",
        "\n",
        "\r",
        "\u{2028}",
        "\u{a0}",
        " ",
    ]);
    let nasty = nasty.prop_map(str::to_owned);
    prop::collection::vec(prop_oneof![6 => nasty, 1 => hostile::hostile_text()], 0..6).prop_map(|parts| parts.concat())
}

/// The structure, when every string begins with a letter.
static USUAL: LazyLock<Vec<String>> = LazyLock::new(|| structure(&render(&hostile::report_with("x"))));

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same blocks, cells and nothing else, whatever every string of the report begins with.
    #[test]
    fn no_text_makes_anything(prefix in nasty()) {
        let text = render(&hostile::report_with(&prefix));
        let character = text.chars().find(|c| hostile::acts(*c) && *c != '\n');
        prop_assert_eq!(character, None);
        prop_assert_eq!(acting(&text), Vec::<String>::new());
        prop_assert!(structure(&text) == *USUAL, "another structure");
    }
}
