//! The gate that every operation has to pass, whoever made the splice: the new text, parsed anew, is the old one with
//! the intended change; nothing but the expected lines has changed; all comments are there; line endings are the same.

use std::ops::Range;

use serde_json::Value as Json;

use super::EditError;
use super::source::Source;

/// Checks the text `after` an operation that should lead to the value `wanted` and change no more than `lines`.
pub(super) fn check(before: &Source<'_>, lines: &Range<usize>, wanted: &Json, after: &str) -> Result<(), EditError> {
    let line = before.span(lines.start.min(before.text.len())).line;
    let refuse = |reason: String| Err(EditError::Gate { reason, line });
    let source = match Source::read(after) {
        Ok(source) => source,
        Err(error) => return refuse(format!("the text could not be read ({error})")),
    };
    let got = source.tree()?;
    if got != *wanted {
        return refuse("the text would not say what was intended, or other places would change with it".to_owned());
    }
    if before.json && !serde_json::from_str::<Json>(after).is_ok_and(|value| value == *wanted) {
        return refuse("the text would not be the intended JSON".to_owned());
    }
    if source.document.duplicates.len() > before.document.duplicates.len() {
        return refuse("a key would be set twice".to_owned());
    }
    if !only(before, lines, after) {
        return refuse("lines would change that have nothing to do with it".to_owned());
    }
    if comments(before) != comments(&source) {
        return refuse("a comment would be lost".to_owned());
    }
    if endings(before.text).is_some_and(|ending| after.contains('\n') && endings(after) != Some(ending)) {
        return refuse("the line endings would be mixed".to_owned());
    }
    Ok(())
}

fn comments<'t>(source: &Source<'t>) -> Vec<&'t str> {
    source.comments.iter().map(|comment| source.slice(comment.clone()).trim_end()).collect()
}

/// The only kind of line ending that there is; none where there are two kinds, or no line ends.
fn endings(text: &str) -> Option<bool> {
    let all = text.matches('\n').count();
    match text.matches("\r\n").count() {
        _ if all == 0 => None,
        0 => Some(false),
        returns => (returns == all).then_some(true),
    }
}

/// Whether only the lines that `part` of the text touches have changed; where it is empty, whether lines were only put in there.
fn only(before: &Source<'_>, part: &Range<usize>, after: &str) -> bool {
    let from = before.line_start(part.start);
    let to = if part.is_empty() && part.start == from { from } else { before.line_end(part.end).1 };
    let head = before.slice(0..from);
    let tail = before.slice(to..before.text.len());
    let kept = after.len() >= head.len() + tail.len() && after.starts_with(head) && after.ends_with(tail);
    // At the end of a text without a last line break one is put in or taken away.
    kept || tail.is_empty()
        && !before.text.ends_with('\n')
        && head.strip_suffix('\n').map(|head| head.strip_suffix('\r').unwrap_or(head)) == Some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "a: 1 # one\n# two\nb: 2\nc: 3\n";

    /// What the gate says of a text that should have changed the line of `b` only.
    fn reason(before: &str, after: &str) -> Option<String> {
        let source = Source::read(before).unwrap();
        let at = before.find('b').unwrap();
        let wanted = serde_json::json!({"a": 1, "b": 5, "c": 3});
        match check(&source, &(at..at + 4), &wanted, after) {
            Ok(()) => None,
            Err(EditError::Gate { reason, line: 3 }) => Some(reason),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_gate_lets_only_the_intended_change_through() {
        for (after, words) in [
            ("a: 1 # one\n# two\nb: 2\nc: 3\n", "not say what was intended"),
            ("a: 1 # one\n# two\nb: 5\nc: 4\n", "not say what was intended"),
            ("a: 1 # one\n# two\nb: 5\nc: 3\nd: 1\n", "not say what was intended"),
            ("a: 1 # one\n# two\nb: [\nc: 3\n", "could not be read"),
            ("a: 1 # one\n# two\nb: 4\nb: 5\nc: 3\n", "set twice"),
            ("a:  1 # one\n# two\nb: 5\nc: 3\n", "lines would change"),
            ("a: 1 # one\n# two\nb: 5\nc: 3", "lines would change"),
            ("a: 1 # one\n# two\nb: 5 # new\nc: 3\n", "comment"),
            ("a: 1 # one\n# two\nb: 5\r\nc: 3\n", "line endings"),
        ] {
            let got = reason(BEFORE, after);
            assert!(got.as_ref().is_some_and(|got| got.contains(words)), "{after:?}: {got:?}");
        }
        assert_eq!(reason(BEFORE, "a: 1 # one\n# two\nb: 5\nc: 3\n"), None);
        let json = "{\"a\": 1,\n\n\"b\": 2, \"c\": 3}";
        assert_eq!(reason(json, &json.replace('2', "5")), None);
        assert!(reason(json, "{\"a\": 1,\n\nb: 5, \"c\": 3}").unwrap().contains("JSON"));
    }
}
