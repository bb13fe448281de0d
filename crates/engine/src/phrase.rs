//! Phrases about several things.

/// `1 pod`, `2 pods`.
pub(crate) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// The first few of several phrases, and how many more there are: `a, b and 3 more`.
pub(crate) fn some(words: impl ExactSizeIterator<Item = impl AsRef<str>>, few: usize, separator: &str) -> String {
    let more = words.len().saturating_sub(few);
    let mut shown = String::new();
    for (at, word) in words.take(few).enumerate() {
        if at > 0 {
            shown.push_str(separator);
        }
        shown.push_str(word.as_ref());
    }
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
