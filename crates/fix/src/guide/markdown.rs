//! The guide as CommonMark, with tables as GitHub, GitLab and most wikis write them. Words of the node are escaped; its values stand in
//! code, between more backticks than they hold.

use std::fmt::Write;

use super::document::{Block, Document, Section, Span};
use super::page;

/// The guide as Markdown.
pub fn render(document: &Document) -> String {
    let mut out = format!("# {}\n", escaped(&document.title));
    blocks(&document.head, 1, &mut out);
    document.parts.iter().for_each(|part| section(part, 2, &mut out));
    out
}

fn section(of: &Section, level: usize, out: &mut String) {
    // Writing to a String does not fail, here and below.
    let _ = write!(out, "\n{} {}\n", "#".repeat(level.min(6)), spans(&of.title));
    blocks(&of.blocks, level, out);
    of.sections.iter().for_each(|inner| section(inner, level + 1, out));
}

fn blocks(blocks: &[Block], level: usize, out: &mut String) {
    for block in blocks {
        out.push('\n');
        match block {
            Block::Text(words) => {
                let _ = writeln!(out, "{}", at_start(spans(words)));
            }
            Block::Facts(facts) => {
                for (label, value) in facts {
                    let _ = writeln!(out, "- **{label}:** {}", spans(value));
                }
            }
            Block::Tags(tags) => {
                let tags: Vec<String> = tags.iter().map(|(_, tag)| escaped(tag)).collect();
                let _ = writeln!(out, "**{}**", tags.join(" · "));
            }
            Block::List(entries) => {
                for entry in entries {
                    let _ = writeln!(out, "- {}", at_start(spans(&entry.words)));
                    for below in &entry.below {
                        let _ = writeln!(out, "  - {}", at_start(spans(below)));
                    }
                }
            }
            Block::Compact(entries) => {
                for entry in entries {
                    let _ = writeln!(out, "- {}", at_start(spans(entry)));
                }
            }
            Block::Table { head, rows } => {
                let _ = writeln!(out, "| {} |\n|{}", head.join(" | "), " --- |".repeat(head.len()));
                for row in rows {
                    let cells: Vec<String> = row.iter().map(|words| cell(words)).collect();
                    let _ = writeln!(out, "| {} |", cells.join(" | "));
                }
            }
            Block::Code(code) => fenced("sh", code, out),
            Block::Diff(diff) => fenced("diff", diff, out),
            Block::Page(markdown) => {
                let _ = writeln!(out, "{}", page::shifted(markdown, level).trim_end());
            }
        }
    }
}

/// A block of code, its fence longer than any run of backticks in it.
fn fenced(language: &str, code: &str, out: &mut String) {
    let fence = "`".repeat((longest_run(code) + 1).max(3));
    let _ = writeln!(out, "{fence}{language}");
    for line in code.lines() {
        let _ = writeln!(out, "{}", seaworthy_report::clean(line));
    }
    let _ = writeln!(out, "{fence}");
}

fn spans(words: &[Span]) -> String {
    words
        .iter()
        .map(|span| match span {
            Span::Text(text) | Span::Item(text) => escaped(text),
            Span::Code(text) => in_code(text),
        })
        .collect()
}

/// The same in a table, which would end a cell at a bar within code too: there is no code in it.
fn cell(words: &[Span]) -> String {
    let text = |span: &Span| match span {
        Span::Text(text) | Span::Item(text) | Span::Code(text) => escaped(text),
    };
    words.iter().map(text).collect()
}

/// Code within a line. A value that is empty or blank cannot be code.
fn in_code(text: &str) -> String {
    let text = seaworthy_report::clean(text);
    if text.trim().is_empty() {
        return format!("\"{text}\"");
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    // A blank at both ends is taken away again; without it a backtick at an end would belong to the fence.
    let blank = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{ticks}{blank}{text}{blank}{ticks}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Words as themselves: whatever means something to Markdown, HTML or a table has a backslash in front.
fn escaped(text: &str) -> String {
    let text = seaworthy_report::clean(text);
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (index, &c) in chars.iter().enumerate() {
        let word = |index: Option<usize>| index.and_then(|i| chars.get(i)).is_some_and(|c| c.is_alphanumeric());
        let escape = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#' | '$' => true,
            // Within a word it means nothing, and paths and names are full of it.
            '_' => !(word(index.checked_sub(1)) && word(Some(index + 1))),
            _ => false,
        };
        if escape {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The same at the start of a line, where a few more characters mean something.
fn at_start(line: String) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let number = digits > 0
        && line[digits..].starts_with(['.', ')'])
        && !line[digits + 1..].starts_with(|c: char| c.is_alphanumeric());
    if line.starts_with(['+', '-', '=', ' ']) {
        format!("\\{line}").replacen("\\ ", "&#32;", 1)
    } else if number {
        format!("{}\\{}", &line[..digits], &line[digits..])
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_values() {
        assert_eq!(in_code("a`b``c"), "```a`b``c```");
        assert_eq!(in_code("`x"), "`` `x ``");
        assert_eq!(in_code(""), "\"\"");
        assert_eq!(escaped("<b>|*x*_y_ a_b [l](u) `c` \u{1b}[1m"), r"\<b\>\|\*x\*\_y\_ a_b \[l\](u) \`c\` \\u{1b}\[1m");
        assert_eq!(at_start("1. x".to_owned()), "1\\. x");
        assert_eq!(at_start("1.2.15 x".to_owned()), "1.2.15 x");
        assert_eq!(at_start("- x".to_owned()), "\\- x");
    }
}
