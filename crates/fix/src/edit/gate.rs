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
    if endings(before.text).is_some_and(|ending| endings(after).is_some_and(|other| other != ending)) {
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
