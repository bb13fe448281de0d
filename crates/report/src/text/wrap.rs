//! Wraps a rule page's own words. They are Markdown: paragraphs and list items are filled, code is left as it is.

/// The lines of `text`, none wider than `width` characters unless a single word or a line of code is.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut paragraph = String::new();
    let mut fenced = false;
    for line in text.lines() {
        let trimmed = line.trim();
        let fence = trimmed.starts_with("```");
        if fence || fenced || line.starts_with("    ") {
            fill(&mut lines, &mut paragraph, width);
            if fence {
                fenced = !fenced;
            } else {
                lines.push(format!("  {}", line.trim_end()));
            }
            continue;
        }
        if trimmed.is_empty() || begins_item(trimmed) {
            fill(&mut lines, &mut paragraph, width);
        }
        if !trimmed.is_empty() {
            paragraph.push_str(trimmed);
            paragraph.push(' ');
        }
    }
    fill(&mut lines, &mut paragraph, width);
    lines
}

/// Whether a line begins an item of a list, and so a line of its own.
fn begins_item(line: &str) -> bool {
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with("- ")
        || line.starts_with("* ")
        || (after_number.len() < line.len() && after_number.starts_with(". "))
}

/// Breaks the paragraph into lines and empties it. An item's further lines stand under its text.
fn fill(lines: &mut Vec<String>, paragraph: &mut String, width: usize) {
    let hang = if begins_item(paragraph) { paragraph.find(' ').map_or(0, |space| space + 1) } else { 0 };
    let mut line = String::new();
    let mut used = 0;
    for word in paragraph.split_whitespace() {
        let length = word.chars().count();
        if used > hang && used + 1 + length > width {
            lines.push(std::mem::take(&mut line));
            line = " ".repeat(hang);
            used = hang;
        } else if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
    }
    if used > 0 {
        lines.push(line);
    }
    paragraph.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_filled_and_code_is_not() {
        let text = "One two three\nfour five.\n\n- first item is long\n- second\n\n```sh\nchmod 600 /etc/kubernetes/x   y\n```\nEnd.\n";
        assert_eq!(
            wrap(text, 14),
            [
                "One two three",
                "four five.",
                "- first item",
                "  is long",
                "- second",
                "  chmod 600 /etc/kubernetes/x   y",
                "End."
            ]
        );
    }

    #[test]
    fn numbered_items_hang_and_a_long_word_stays_whole() {
        assert_eq!(
            wrap("10. aaaa bbbb cccc\nv1.34 is no item", 13),
            ["10. aaaa bbbb", "    cccc", "    v1.34 is", "    no item"]
        );
        assert_eq!(wrap("a /a/very/long/path b", 6), ["a", "/a/very/long/path", "b"]);
        assert!(wrap(" \n\n", 10).is_empty());
    }
}
