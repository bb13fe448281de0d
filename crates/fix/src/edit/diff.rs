//! What an edit changes, for people.

use similar::TextDiff;

/// The difference as `diff -u` writes it, with three lines of context; empty where there is none.
pub fn unified_diff(path: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff().context_radius(3).header(path, path).to_string()
}
