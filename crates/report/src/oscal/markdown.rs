//! Text for OSCAL's markup fields, which readers render: evidence must stay text there.

use crate::document::line;

/// One line of text in which nothing is markup, neither a link nor an element nor one of OSCAL's insertions.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in line(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '{' | '}') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// One line of text as code: between more backticks than it holds in a row.
pub(super) fn code(text: &str) -> String {
    let text = line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_its_code_or_begins_a_link() {
        assert_eq!(code("a b"), "`a b`");
        assert_eq!(code("a`` ` <b>\n"), r"``` a`` ` <b>\n ```");
        assert_eq!(literal("[x](y) <b> {{ insert }} a_b\n"), r"\[x\](y) \<b\> \{\{ insert \}\} a_b\\n");
    }
}
