//! Text that does nothing in Markdown.

use crate::hostile::cut;

/// How many characters a piece of text has.
const PIECE: usize = 300;

/// The text, plain if nothing in it can act, else as a code span. For everywhere but the first place of a line; also in a table's cell.
///
/// Backslashes are of no help: GitHub makes links of addresses and mentions, and pictures of `:words:`, after they were taken away.
pub(super) fn inert(text: &str) -> String {
    let text = cut(text.trim(), PIECE);
    if is_plain(&text) { text.into_owned() } else { code(&text) }
}

/// The text as a code span, also in a table's cell.
pub(super) fn code(text: &str) -> String {
    // In a cell a bar ends the cell, code span or not, and renderers differ on how many backslashes keep it from that.
    let text = cut(text.trim(), PIECE).replace('|', r"\u{7c}");
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines in a fenced block of a language; each was cleaned by itself.
pub(super) fn fenced(language: &str, lines: &[String]) -> String {
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    let mut out = format!("{fence}{language}\n");
    for line in lines {
        out.push_str(line);
        out.push('\n');
    }
    out.push_str(&fence);
    out
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Whether the text is one that neither Markdown nor what GitHub does afterwards sees anything in: words, numbers, paths and the
/// punctuation of sentences.
fn is_plain(text: &str) -> bool {
    let first = text.chars().next().is_some_and(char::is_alphanumeric);
    let quiet = |c: char| c.is_alphanumeric() || " ,.;:()'/-%=+?…".contains(c);
    // `:word:` is a picture and `https:` begins a link, but a colon that ends a phrase does nothing.
    let colons = text.split(':').skip(1).all(|rest| rest.is_empty() || rest.starts_with(' '));
    let lower = text.to_lowercase();
    first && colons && text.chars().all(quiet) && !lower.contains("www.") && !lower.contains("gh-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_stay_and_what_acts_is_code() {
        for plain in [
            "profiling is true (arguments of kube-apiserver, process 812); wanted false",
            "waived until 2026-06-30: the log goes to a webhook",
            "/etc is not first",
            "Größe 日本語",
        ] {
            assert_eq!(inert(plain) == plain, !plain.starts_with('/'), "{plain}");
        }
        for acts in [
            "http://a",
            "a@b.c",
            "see www.example.com",
            "a_b_",
            "*a*",
            "[a](b)",
            "<b>",
            "&amp;",
            "#1",
            "- a",
            "x :tada: y",
            "GH-1",
            "$x$",
        ] {
            assert_eq!(inert(acts), format!("`{acts}`"));
        }
        assert_eq!(inert("a|b"), r"`a\u{7c}b`");
        assert_eq!(inert(" "), "(empty)");
    }

    #[test]
    fn a_span_and_a_fence_are_longer_than_what_they_hold() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("``"), "``` `` ```");
        assert_eq!(fenced("diff", &["+ ````".into()]), "`````diff\n+ ````\n`````");
    }
}
