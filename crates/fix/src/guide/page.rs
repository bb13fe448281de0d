//! Rule pages within a guide. They are Markdown: taken over as it is where the guide is Markdown, and read as events elsewhere.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};
use seaworthy_catalogue::Rule;

use super::document::{Block, Kind, Section};

/// The rule's own words on how to fix it, with what to read on.
pub(super) fn how(rule: &Rule) -> Section {
    let mut page = rule.section("How to fix it").to_owned();
    let references = rule.section("References");
    if !references.is_empty() {
        page.push_str("\n\nMore on it:\n\n");
        page.push_str(references);
    }
    Section::new(Kind::Aside, "By hand, in general: the rule's own page", vec![Block::Page(page)])
}

/// A section of the rule's page, as one of the item's.
pub(super) fn aspect(rule: &Rule, heading: &str, title: &str) -> Option<Section> {
    let words = rule.section(heading);
    (!words.is_empty()).then(|| Section::new(Kind::Aspect, title, vec![Block::Page(words.to_owned())]))
}

/// The page with its characters made harmless. Catalogues can be given by `--catalogue`.
pub(super) fn cleaned(page: &str) -> String {
    let lines = page.lines().map(|line| seaworthy_report::clean(&line.replace('\t', "    ")).into_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// Events of the page. HTML in it is text, pictures are their words, and what is linked to is a web page or nothing.
pub(super) fn events(page: &str) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    let mut links = Vec::new();
    for event in TextMergeStream::new(Parser::new_ext(page, Options::empty())) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => events.push(Event::Text(html)),
            Event::Start(Tag::HtmlBlock) => events.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => events.push(Event::End(TagEnd::Paragraph)),
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                let kept = is_web(dest_url);
                links.push(kept);
                if kept {
                    events.push(event);
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop() == Some(true) {
                    events.push(event);
                }
            }
            other => events.push(other),
        }
    }
    bare_links(events)
}

fn is_web(url: &CowStr<'_>) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// Pages name web pages as bare text too, each as the whole of a list's entry: these become links.
fn bare_links(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut out = Vec::with_capacity(events.len());
    let mut depth = 0;
    for event in events {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => depth += 1,
            Event::End(TagEnd::Link | TagEnd::CodeBlock) => depth -= 1,
            Event::Text(words) if depth == 0 && is_web(words) && !words.contains(char::is_whitespace) => {
                let link = Tag::Link {
                    link_type: pulldown_cmark::LinkType::Autolink,
                    dest_url: words.clone(),
                    title: CowStr::from(""),
                    id: CowStr::from(""),
                };
                out.extend([Event::Start(link), event.clone(), Event::End(TagEnd::Link)]);
                continue;
            }
            _ => {}
        }
        out.push(event);
    }
    out
}

/// The page's Markdown, its headings below `level`.
pub(super) fn shifted(page: &str, level: usize) -> String {
    let page = cleaned(page);
    let mut headings: Vec<(usize, Range<usize>)> = Vec::new();
    for (event, range) in Parser::new_ext(&page, Options::empty()).into_offset_iter() {
        if let Event::Start(Tag::Heading { level, .. }) = event {
            headings.push((level as usize, range));
        }
    }
    let mut out = page.clone();
    for (own, range) in headings.into_iter().rev() {
        let words = page[range.clone()].trim_start_matches('#').lines().next().unwrap_or_default().trim().to_owned();
        out.replace_range(range, &format!("{} {words}\n", "#".repeat(below(own, level))));
    }
    out
}

/// The level of a page's heading within a section of this level: the pages' sections are of level 2.
pub(super) fn below(own: usize, level: usize) -> usize {
    (level + own.saturating_sub(2).max(1)).min(6)
}

/// The same as pulldown's own type.
pub(super) fn heading(level: usize) -> HeadingLevel {
    HeadingLevel::try_from(level.clamp(1, 6)).unwrap_or(HeadingLevel::H6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_move_below_their_section_and_code_stays() {
        let page = "Words.\n\n### Deeper\n\n```sh\n# a comment\n```\n\nTitle\n=====\n\nEnd.";
        let wanted = "Words.\n\n##### Deeper\n\n```sh\n# a comment\n```\n\n##### Title\n\nEnd.";
        assert_eq!(shifted(page, 4).replace("\n\n\n", "\n\n"), wanted);
    }

    #[test]
    fn nothing_of_a_page_is_html_or_loaded() {
        let page = "a <b onclick=x>b</b> ![alt](https://x/y.png) [c](javascript:alert(1)) [d](https://d)\n\n<script>x</script>";
        let events = events(page);
        assert!(!events.iter().any(|e| matches!(e, Event::Html(_) | Event::InlineHtml(_))), "{events:?}");
        let links = events.iter().filter(|e| matches!(e, Event::Start(Tag::Link { .. } | Tag::Image { .. })));
        assert_eq!(links.count(), 1, "{events:?}");
    }
}
