//! Whatever a node says stays text, in every format.

use pulldown_cmark::{Event, Options, Parser, Tag};
use seaworthy_fix::guide::{self, Block, Document, Entry, Kind, Section, Span, Tone};
use seaworthy_model::{Candidate, Evidence, Resource, Source, Verdict};

use crate::guide_after;

/// What a file's name or an argument may be.
const EVIL: &str = "<script>alert(1)</script><img src=\"http://evil/x.png\"/> &amp; [l](javascript:x) ![p](http://evil) | a | `x` ``` \
                    \u{1b}[31mred\u{202e}rtl\u{0}\u{200b}\n# forged\n- forged\n```\n``` forged forged forged forged forged forged forged forged forged forged \
                    forged forged forged forged forged forged forged forged forged forged forged forged forged forged\n<b>&#60;\r\nEND";

fn evil() -> Document {
    guide_after(|report| {
        report.notes.push(EVIL.to_owned());
        for finding in &mut report.findings {
            finding.reason = EVIL.to_owned();
            if finding.id == "4.1.4" {
                finding.verdict = Verdict::Unknown;
            }
            if finding.verdict == Verdict::Pass {
                continue;
            }
            finding.evidence.push(Evidence {
                what: EVIL.to_owned(),
                value: EVIL.to_owned(),
                source: Some(Source::host(EVIL)),
                candidates: vec![Candidate {
                    value: EVIL.to_owned(),
                    source: Source::host(EVIL),
                    why: EVIL.to_owned(),
                }],
                notes: vec![EVIL.to_owned()],
            });
            let (kind, detail) = ("Pod".to_owned(), EVIL.to_owned());
            finding.resources.push(Resource { kind, namespace: Some(EVIL.to_owned()), name: EVIL.to_owned(), detail });
            if let Some(remediation) = &mut finding.remediation {
                remediation.current = Some(EVIL.to_owned());
                remediation.place = Some(Source::host(EVIL));
            }
        }
    })
}

fn harmless(text: &str) {
    let bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}' | '\u{202e}' | '\u{2028}');
    assert!(!text.contains(bad), "{:?}", text.lines().find(|line| line.contains(bad)));
    assert!(!text.lines().any(|line| ["forged", "# forged", "- forged"].iter().any(|forged| line.starts_with(forged))));
}

#[test]
fn in_text() {
    let text = guide::text(&evil());
    harmless(&text);
    assert!(text.contains(r"\u{1b}[31mred\u{202e}rtl"));
}

/// All words of the Markdown. Nothing in it is HTML, a picture, or a link to anything but a web page of a rule's.
fn read(markdown: &str) -> String {
    let mut words = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => panic!("HTML: {html}"),
            Event::Start(Tag::Image { dest_url, .. }) => panic!("a picture: {dest_url}"),
            Event::Start(Tag::Link { dest_url, .. }) => assert!(dest_url.starts_with("https://"), "{dest_url}"),
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            _ => {}
        }
    }
    words
}

#[test]
fn in_markdown() {
    let markdown = guide::markdown(&evil());
    harmless(&markdown);
    let words = read(&markdown);
    assert!(words.contains("<script>alert(1)</script><img src=\"http://evil/x.png\"/> &amp; [l](javascript:x)"));
    // All of it is there, behind the last backticks too: no fence ended early.
    assert!(words.contains(r"<b>&#60;\r\nEND"));
}

#[test]
fn in_html() {
    let html = guide::html(&evil());
    harmless(&html);
    crate::page::well_formed(&html);
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=&quot;http://evil/x.png&quot;/&gt; &amp;amp; [l](javascript:x)"));
}

/// What a plan or a report does not put there today, somebody may tomorrow: every kind of block by itself.
#[test]
fn in_every_block() {
    let words = || vec![Span::Text(EVIL.to_owned()), Span::Code(EVIL.to_owned())];
    let blocks = [
        Block::Text(words()),
        Block::Facts(vec![("Label", words())]),
        Block::Tags(vec![(Tone::Bad, EVIL.to_owned())]),
        Block::List(vec![Entry { words: words(), below: vec![words()] }]),
        Block::Compact(vec![words()]),
        Block::Table { head: vec!["Head"], rows: vec![vec![words()]] },
        Block::Code(EVIL.to_owned()),
        Block::Diff(EVIL.to_owned()),
    ];
    for block in blocks {
        let part = Section {
            anchor: None,
            title: vec![Span::Text(EVIL.to_owned())],
            kind: Kind::Item,
            blocks: vec![block.clone()],
            sections: Vec::new(),
        };
        let document = Document { title: EVIL.to_owned(), head: Vec::new(), parts: vec![part] };
        // A title, and then the block: what is in neither heading nor block has escaped.
        let markdown = guide::markdown(&document);
        let parsed: Vec<Event<'_>> = Parser::new_ext(&markdown, Options::ENABLE_TABLES).collect();
        let top = |wanted: fn(&Tag<'_>) -> bool| {
            parsed.iter().filter(|e| matches!(e, Event::Start(tag) if wanted(tag))).count()
        };
        assert_eq!(top(|tag| matches!(tag, Tag::Heading { .. })), 2, "{block:?}: {markdown}");
        assert_eq!(
            top(|tag| matches!(tag, Tag::CodeBlock(_))),
            usize::from(matches!(block, Block::Code(_) | Block::Diff(_))),
            "{markdown}"
        );
        // In both titles, and in the block up to its end.
        assert!(read(&markdown).matches("END").count() >= 3, "{markdown}");
        let page = guide::html(&document);
        for word in ["<script", "<img", "<b>"] {
            assert!(!page.contains(word), "{word} in {page}");
        }
        if !matches!(block, Block::Code(_) | Block::Diff(_)) {
            harmless(&markdown);
            harmless(&guide::text(&document));
        }
    }
}
