//! Texts that fit: what is free in length is cut until a message is no longer than its receiver takes, names are never cut.

/// How long free texts may become, in characters: the first of these that makes the message fit.
const LIMITS: [usize; 9] = [4000, 2000, 1000, 500, 250, 120, 60, 20, 0];

/// The message that `of` makes with the largest limit for its free texts that keeps it within `most` bytes. With the limit 0, free texts
/// are left out, and what is left is made to be shorter than any `most` that may be set.
pub(super) fn fitted(most: usize, of: impl Fn(usize) -> String) -> String {
    let mut message = String::new();
    for limit in LIMITS {
        message = of(limit);
        if message.len() <= most {
            break;
        }
    }
    message
}

/// At most `limit` characters of the text on one line, with `…` for the rest, and without blanks around it.
pub(super) fn free(text: &str, limit: usize) -> String {
    let text = seaworthy_report::clean(text);
    let text = text.trim();
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) if limit == 0 => String::new(),
        Some(_) => {
            let kept: String = text.chars().take(limit - 1).collect();
            format!("{}…", kept.trim_end())
        }
    }
}

/// A name for a header field: printable ASCII without blanks, anything else written as `_`, at most `limit` characters; `-` for nothing.
pub(super) fn name(text: &str, limit: usize) -> String {
    let text: String = text.chars().take(limit).map(|c| if c.is_ascii_graphic() { c } else { '_' }).collect();
    if text.is_empty() { "-".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_names_stay_names() {
        assert_eq!(free("  a\nb ", 10), r"a\nb");
        assert_eq!(free("abcdef", 4), "abc…");
        assert_eq!(free("abcd", 4), "abcd");
        assert_eq!(free("a", 0), "");
        assert_eq!(name("Größe 1", 10), "Gr__e_1");
        assert_eq!(name("", 10), "-");
        assert_eq!(name("abcdef", 3), "abc");
        assert_eq!(fitted(10, |limit| "x".repeat(limit.min(30) + 3)), "xxx");
    }
}
