//! The only ways for text to reach the page.

use crate::hostile;

/// A text on one line, for an element or an attribute within double quotation marks.
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in hostile::clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The same with what stands between backticks as code, as our own words about what to do have it.
pub(super) fn prose(words: &str) -> String {
    let mut out = String::new();
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, after)) = after.split_once('`') else { break };
        out.push_str(&text(before));
        out.push_str(&format!("<code>{}</code>", text(code)));
        rest = after;
    }
    out.push_str(&text(rest));
    out
}

/// Lines, each by itself: the breaks between them are ours.
pub(super) fn lines(words: &str) -> String {
    words.lines().map(|line| text(&line.replace('\t', "    "))).collect::<Vec<_>>().join("\n")
}
