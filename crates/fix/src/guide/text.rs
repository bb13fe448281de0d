//! The guide as text for a terminal, filled to 100 columns. Every text is cleaned where it is put on a line.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::document::{Block, Document, Kind, Section, Span};
use super::page;

/// How wide lines become, in characters.
const WIDTH: usize = 100;

/// The guide as text, UTF-8, each line ended by a newline.
pub fn render(document: &Document) -> String {
    let mut page = Page { out: String::new() };
    page.underlined(&document.title, '=');
    page.blocks(&document.head, 0);
    for part in &document.parts {
        page.section(part);
    }
    page.out
}

struct Page {
    out: String,
}

impl Page {
    fn section(&mut self, section: &Section) {
        let title = words(&section.title);
        let inner = match section.kind {
            Kind::Part => {
                self.out.push('\n');
                self.underlined(&title.to_uppercase(), '=');
                0
            }
            Kind::Group => {
                self.blank();
                self.underlined(&title, '-');
                0
            }
            Kind::Item => {
                self.blank();
                self.filled(&title, "", "    ");
                2
            }
            Kind::Aspect | Kind::Aside => {
                self.blank();
                self.filled(&format!("{title}:"), "  ", "  ");
                4
            }
        };
        self.blocks(&section.blocks, inner);
        section.sections.iter().for_each(|inner| self.section(inner));
    }

    fn underlined(&mut self, title: &str, with: char) {
        let title = seaworthy_report::clean(title);
        self.line("", &title);
        self.line("", &with.to_string().repeat(title.chars().count().min(WIDTH)));
    }

    fn blocks(&mut self, blocks: &[Block], indent: usize) {
        let pad = " ".repeat(indent);
        for block in blocks {
            match block {
                Block::Text(text) => {
                    self.gap(indent);
                    self.filled(&words(text), &pad, &pad);
                }
                Block::Facts(facts) => {
                    self.gap(indent);
                    let column = facts.iter().map(|(label, _)| label.len()).max().unwrap_or(0) + 2;
                    for (label, value) in facts {
                        let first = format!("{pad}{:column$}", format!("{label}:"));
                        self.filled(&words(value), &first, &" ".repeat(indent + column));
                    }
                }
                Block::Tags(tags) => {
                    let tags: Vec<&str> = tags.iter().map(|(_, tag)| tag.as_str()).collect();
                    self.filled(&tags.join(" · "), &pad, &pad);
                }
                Block::List(entries) => {
                    for entry in entries {
                        self.filled(&words(&entry.words), &format!("{pad}- "), &format!("{pad}  "));
                        for below in &entry.below {
                            self.filled(&words(below), &format!("{pad}  - "), &format!("{pad}    "));
                        }
                    }
                }
                Block::Compact(entries) => {
                    self.gap(indent);
                    entries.iter().for_each(|entry| self.filled(&words(entry), &pad, &format!("{pad}       ")));
                }
                Block::Table { head, rows } => self.table(head, rows, &pad),
                Block::Code(code) => code.lines().for_each(|line| self.line(&format!("{pad}  "), line)),
                Block::Diff(diff) => diff.lines().for_each(|line| self.line(&format!("{pad}  "), line)),
                Block::Page(page) => self.page(page, indent),
            }
        }
    }

    fn table(&mut self, head: &[&str], rows: &[Vec<Vec<Span>>], pad: &str) {
        self.blank();
        let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| words(cell)).collect()).collect();
        let head: Vec<String> = head.iter().map(|word| (*word).to_owned()).collect();
        let all = || std::iter::once(&head).chain(&cells);
        let widths: Vec<usize> = (0..head.len())
            .map(|n| all().filter_map(|row| row.get(n)).map(|c| c.chars().count()).max().unwrap_or(0))
            .collect();
        for (index, row) in all().enumerate() {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            self.line(pad, cells.collect::<Vec<_>>().join("  ").trim_end());
            if index == 0 {
                let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
                self.line(pad, &rule.join("  "));
            }
        }
    }

    /// A rule's page: paragraphs are filled, code stays as it is.
    fn page(&mut self, markdown: &str, indent: usize) {
        let markdown = page::cleaned(markdown);
        let mut paragraph = String::new();
        // Of each list the number of the next entry, if it has numbers.
        let mut lists: Vec<Option<u64>> = Vec::new();
        let mut marker = String::new();
        let mut code = false;
        let mut link = None;
        for event in page::events(&markdown) {
            let pad = indent + 2 * lists.len().saturating_sub(1);
            match event {
                Event::Text(text) if code => {
                    let pad = " ".repeat(indent + 2 * lists.len() + 2);
                    text.lines().for_each(|line| self.line(&pad, line));
                }
                Event::Text(text) => paragraph.push_str(&text),
                Event::Code(text) => paragraph.push_str(&format!("`{text}`")),
                Event::SoftBreak | Event::HardBreak => paragraph.push(' '),
                Event::Start(Tag::CodeBlock(_)) => code = true,
                Event::End(TagEnd::CodeBlock) => code = false,
                Event::Start(Tag::Link { dest_url, .. }) => link = Some((dest_url, paragraph.len())),
                Event::End(TagEnd::Link) => {
                    if let Some((url, _)) = link.take().filter(|(url, from)| paragraph.get(*from..) != Some(url)) {
                        paragraph.push_str(&format!(" ({url})"));
                    }
                }
                Event::Start(Tag::List(first)) => {
                    self.flush(&mut paragraph, &mut marker, pad);
                    lists.push(first);
                }
                Event::End(TagEnd::List(_)) => {
                    lists.pop();
                }
                Event::Start(Tag::Item) => {
                    marker = match lists.last_mut() {
                        Some(Some(number)) => {
                            *number += 1;
                            format!("{}. ", *number - 1)
                        }
                        _ => "- ".to_owned(),
                    };
                }
                Event::Start(Tag::Paragraph | Tag::Heading { .. }) if lists.is_empty() => self.gap(indent),
                Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item) => {
                    self.flush(&mut paragraph, &mut marker, pad);
                }
                _ => {}
            }
        }
        self.flush(&mut paragraph, &mut marker, indent);
    }

    fn flush(&mut self, paragraph: &mut String, marker: &mut String, indent: usize) {
        if !paragraph.is_empty() {
            let pad = " ".repeat(indent);
            let hang = " ".repeat(marker.chars().count());
            self.filled(paragraph, &format!("{pad}{marker}"), &format!("{pad}{hang}"));
            marker.clear();
            paragraph.clear();
        }
    }

    /// One paragraph, its lines no wider than [`WIDTH`] unless a single word is.
    fn filled(&mut self, text: &str, first: &str, further: &str) {
        let text = seaworthy_report::clean(text);
        let (mut line, mut pad, mut used) = (String::new(), first, first.chars().count());
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let length = word.chars().count();
            if !line.is_empty() && used + 1 + length > WIDTH {
                self.line(pad, &std::mem::take(&mut line));
                (pad, used) = (further, further.chars().count());
            }
            if !line.is_empty() {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
        }
        self.line(pad, &line);
    }

    /// The only way for text to reach the page.
    fn line(&mut self, pad: &str, text: &str) {
        let line = format!("{pad}{}", seaworthy_report::clean(text));
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// Paragraphs of running text stand apart; below the title of an item or an aspect they follow at once.
    fn gap(&mut self, indent: usize) {
        let title = self.out.trim_end_matches('\n').rsplit('\n').next().is_some_and(|line| line.ends_with(':'));
        if indent == 0 || !title {
            self.blank();
        }
    }

    fn blank(&mut self) {
        if !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }
}

fn words(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Text(text) | Span::Code(text) | Span::Item(text) => text.as_str(),
        })
        .collect()
}
