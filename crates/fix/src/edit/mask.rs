//! The difference of files that hold keys, without the keys.

use std::ops::Range;

use seaworthy_yaml::{Node, Value};
use similar::{ChangeTag, TextDiff};

const MASK: &str = "********";

/// The difference as [`super::unified_diff`] has it, with every value and comment as `********`: only the names of
/// fields are shown. It says how many lines change, as two masked lines look alike. A text that cannot be read as
/// YAML shows nothing but the number of its lines.
pub fn masked_diff(path: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let (mut removed, mut added) = (0_usize, 0_usize);
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Delete => removed += 1,
            ChangeTag::Insert => added += 1,
            ChangeTag::Equal => {}
        }
    }
    if removed + added == 0 {
        return String::new();
    }
    let (old, new) = (masked(before), masked(after));
    let lines = |count: usize| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    let mut out = format!(
        "--- {path}\n+++ {path}\n# {} removed, {} added; values and comments are masked\n",
        lines(removed),
        lines(added)
    );
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        out.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            let (sign, line) = match change.tag() {
                ChangeTag::Delete => ('-', change.old_index().and_then(|index| old.get(index))),
                ChangeTag::Insert => ('+', change.new_index().and_then(|index| new.get(index))),
                ChangeTag::Equal => (' ', change.new_index().and_then(|index| new.get(index))),
            };
            out.push(sign);
            out.push_str(line.map_or(MASK, String::as_str));
            out.push('\n');
        }
    }
    out
}

/// The text's lines with everything masked that is no field's name, blank or punctuation.
fn masked(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(document) = seaworthy_yaml::parse(text) {
        collect(text, &document.root, &mut names);
        names.sort_unstable_by_key(|name| name.start);
        names.dedup();
    }
    let mut start = 0;
    let mut lines = Vec::new();
    for line in TextDiff::from_lines(text, "").iter_all_changes() {
        let line = line.value();
        let body = line.trim_end_matches(['\r', '\n']);
        lines.push(mask(body, start, &names));
        start += line.len();
    }
    lines
}

/// One line, which begins at `start`, with the names that stand in it.
fn mask(line: &str, start: usize, names: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut at = 0;
    let first = names.partition_point(|name| name.start < start);
    for name in names.get(first..).unwrap_or_default().iter().take_while(|name| name.end <= start + line.len()) {
        let (from, to) = (name.start - start, name.end - start);
        cover(line.get(at..from).unwrap_or_default(), &mut out);
        out.push_str(line.get(from..to).unwrap_or_default());
        at = to;
    }
    cover(line.get(at..).unwrap_or_default(), &mut out);
    out
}

/// Punctuation at both ends stays; what is between becomes one mask.
fn cover(text: &str, out: &mut String) {
    let light = |letter: char| letter.is_whitespace() || matches!(letter, '-' | ':' | ',' | '[' | ']' | '{' | '}');
    let inner = text.trim_start_matches(light);
    let lead = text.len() - inner.len();
    out.push_str(text.get(..lead).unwrap_or_default());
    let inner = inner.trim_end_matches(light);
    if !inner.is_empty() {
        out.push_str(MASK);
        out.push_str(text.get(lead + inner.len()..).unwrap_or_default());
    }
}

/// Names of fields. What looks like no field's name may be a value in the wrong place, and stays hidden.
fn collect(text: &str, node: &Node, names: &mut Vec<Range<usize>>) {
    match &node.value {
        Value::List(list) => list.iter().for_each(|item| collect(text, item, names)),
        Value::Map(map) => {
            for entry in map {
                let range = entry.key_span.start..entry.key_span.end;
                let written = text.get(range.clone()).unwrap_or_default().trim_matches('"');
                let sound = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
                if written.len() <= 24 && !written.is_empty() && written.chars().all(sound) {
                    names.push(range);
                }
                collect(text, &entry.value, names);
            }
        }
        _ => {}
    }
}
