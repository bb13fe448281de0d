//! The guide as one HTML page that needs nothing else: no script, no font, no picture. It is well-formed XML too, so that a test can
//! parse it strictly. Every text is cleaned and escaped in [`escaped`]; a policy in the page itself forbids all but its own style.

use std::fmt::Write;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::document::{Block, Document, Entry, Kind, Section, Span, Tone, anchor};
use super::page;
use seaworthy_report::html::text as escaped;

const STYLE: &str = include_str!("style.css");

/// The guide as an HTML page.
pub fn render(document: &Document) -> String {
    let title = escaped(&document.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n"
    );
    blocks(&document.head, 1, &mut out);
    out.push_str("</header>\n");
    contents(&document.parts, &mut out);
    out.push_str("<main>\n");
    document.parts.iter().for_each(|part| section(part, 2, &mut out));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// Parts, groups and items, each a link. Items that a table lists already are left to it.
fn contents(parts: &[Section], out: &mut String) {
    fn list(sections: &[Section], items: bool, out: &mut String) {
        let linked =
            sections.iter().filter(|section| section.anchor.is_some() && (items || section.kind != Kind::Item));
        let linked: Vec<&Section> = linked.collect();
        if linked.is_empty() {
            return;
        }
        out.push_str("<ul>\n");
        for section in linked {
            let id = section.anchor.as_deref().unwrap_or_default();
            let _ = write!(out, "<li><a href=\"#{}\">{}</a>", escaped(id), spans(&section.title));
            let table = section.blocks.iter().any(|block| matches!(block, Block::Table { .. }));
            list(&section.sections, items && !table, out);
            out.push_str("</li>\n");
        }
        out.push_str("</ul>\n");
    }
    out.push_str("<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Contents</h2>\n");
    list(parts, true, out);
    out.push_str("</nav>\n");
}

fn section(of: &Section, level: usize, out: &mut String) {
    let class = match of.kind {
        Kind::Part => "part",
        Kind::Group => "group",
        Kind::Item => "item",
        Kind::Aspect => "aspect",
        Kind::Aside => "aside",
    };
    let element = match of.kind {
        Kind::Item => "article",
        // It has no heading of its own in the outline.
        Kind::Aside => "div",
        Kind::Part | Kind::Group | Kind::Aspect => "section",
    };
    let id = of.anchor.as_ref().map_or_else(String::new, |id| format!(" id=\"{}\"", escaped(id)));
    // Writing to a String does not fail, here and below.
    let _ = writeln!(out, "<{element} class=\"{class}\"{id}>");
    if of.kind == Kind::Aside {
        let _ = writeln!(out, "<details open=\"open\"><summary>{}</summary>", spans(&of.title));
    } else {
        let _ = writeln!(out, "<h{n}>{}</h{n}>", spans(&of.title), n = level.min(6));
    }
    blocks(&of.blocks, level, out);
    of.sections.iter().for_each(|inner| section(inner, level + 1, out));
    if of.kind == Kind::Aside {
        out.push_str("</details>\n");
    }
    let _ = writeln!(out, "</{element}>");
}

fn blocks(blocks: &[Block], level: usize, out: &mut String) {
    for block in blocks {
        let _ = match block {
            Block::Text(words) => writeln!(out, "<p>{}</p>", spans(words)),
            Block::Facts(facts) => {
                let rows = facts.iter().map(|(label, value)| format!("<dt>{label}</dt><dd>{}</dd>\n", spans(value)));
                writeln!(out, "<dl>\n{}</dl>", rows.collect::<String>())
            }
            Block::Tags(tags) => {
                let tags =
                    tags.iter().map(|(tone, tag)| format!("<li class=\"{}\">{}</li>", class(*tone), escaped(tag)));
                writeln!(out, "<ul class=\"tags\">{}</ul>", tags.collect::<String>())
            }
            Block::List(entries) => writeln!(out, "<ul>\n{}</ul>", entries.iter().map(entry).collect::<String>()),
            Block::Compact(entries) => {
                let entries = entries.iter().map(|words| format!("<li>{}</li>\n", spans(words)));
                writeln!(out, "<ul class=\"compact\">\n{}</ul>", entries.collect::<String>())
            }
            Block::Table { head, rows } => {
                let head = head.iter().map(|word| format!("<th scope=\"col\">{}</th>", escaped(word)));
                let _ = write!(
                    out,
                    "<div class=\"wide\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n",
                    head.collect::<String>()
                );
                for row in rows {
                    let cells = row.iter().map(|cell| format!("<td>{}</td>", spans(cell)));
                    let _ = writeln!(out, "<tr>{}</tr>", cells.collect::<String>());
                }
                writeln!(out, "</tbody>\n</table></div>")
            }
            Block::Code(code) => {
                let lines: Vec<_> = code.lines().map(escaped).collect();
                writeln!(out, "<pre><code>{}</code></pre>", lines.join("\n"))
            }
            Block::Diff(diff) => writeln!(out, "<pre class=\"diff\"><code>{}</code></pre>", difference(diff)),
            Block::Page(markdown) => writeln!(out, "<div class=\"page\">\n{}</div>", of_page(markdown, level)),
        };
    }
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "plain",
        Tone::Good => "good",
        Tone::Care => "care",
        Tone::Bad => "bad",
    }
}

fn entry(entry: &Entry) -> String {
    let below: String = entry.below.iter().map(|words| format!("<li>{}</li>", spans(words))).collect();
    let below = if below.is_empty() { below } else { format!("<ul>{below}</ul>") };
    format!("<li>{}{below}</li>\n", spans(&entry.words))
}

/// Lines keep their marks, so that colour is not all that tells them apart.
fn difference(diff: &str) -> String {
    let line = |(index, line): (usize, &str)| {
        let text = escaped(line);
        match line.as_bytes().first() {
            // The two lines that name the file.
            _ if index < 2 => format!("<span class=\"file\">{text}</span>"),
            Some(b'+') => format!("<ins>{text}</ins>"),
            Some(b'-') => format!("<del>{text}</del>"),
            Some(b'@') => format!("<span class=\"hunk\">{text}</span>"),
            _ => text,
        }
    };
    diff.lines().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn spans(words: &[Span]) -> String {
    let span = |span: &Span| match span {
        Span::Text(text) => escaped(text),
        Span::Code(text) => format!("<code>{}</code>", escaped(text)),
        Span::Item(id) => format!("<a href=\"#{}\">{}</a>", escaped(&anchor(id)), escaped(id)),
    };
    words.iter().map(span).collect()
}

/// A rule's page. Headings go below those of the section that it stands in.
fn of_page(markdown: &str, level: usize) -> String {
    let markdown = page::cleaned(markdown);
    let events = page::events(&markdown).into_iter().map(|event| match event {
        Event::Start(Tag::Heading { level: own, .. }) => Event::Start(Tag::Heading {
            level: page::heading(page::below(own as usize, level)),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        }),
        Event::End(TagEnd::Heading(own)) => {
            Event::End(TagEnd::Heading(page::heading(page::below(own as usize, level))))
        }
        // Print shows where a link goes, unless its words say that already.
        Event::Start(Tag::Link { link_type, dest_url, .. }) => {
            let class = if link_type == pulldown_cmark::LinkType::Autolink { " class=\"bare\"" } else { "" };
            let start = format!("<a{class} href=\"{}\">", escaped(&dest_url));
            Event::InlineHtml(start.into())
        }
        other => other,
    });
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, events);
    out
}
