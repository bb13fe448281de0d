//! Another value in the place of one.

use serde_json::Value as Json;

use super::EditError;
use super::operation::{Change, Splice};
use super::place::{self, Holder, Place, Step};
use super::source::Source;
use super::style::{self, Quotes, Style};

/// How the old value is written.
enum Old {
    /// On its key's or dash's line, or in brackets or quotes: from here to there.
    Inline(usize, usize),
    /// Nothing, after the key or dash.
    Absent,
    /// `|` or `>` at this place, with its indicators up to there.
    BlockScalar(usize, usize),
    /// A block list or map in lines of its own, from there.
    Lines(usize),
    /// A map whose first key stands behind a dash, from there.
    BehindDash(usize),
}

pub(super) fn replace(source: &Source<'_>, path: &[Step], value: &Json) -> Result<Change, EditError> {
    let place = place::find(source, path)?;
    let style = Style::of(source, &place);
    let old = old(source, &place)?;
    let lines = place.start..place.end;
    let quotes = style::quotes_at(source, place.node.span.start);
    let inline = |quotes| style.inline(value, place.in_flow() || source.json, quotes);
    if style::is_tall(value) && !place.in_flow() && place.holder != Holder::Document && is_soft(source, &old) {
        return Ok(Change { splices: tall(source, &place, &style, &old, value), lines });
    }
    let splices = match old {
        Old::Inline(from, to) => {
            let tall = place.in_flow() && style::is_tall(value) && source.begins_line(place.start);
            let text = if tall {
                style.tall(value, source.indent(place.start), source.newline, Quotes::Least)
            } else {
                inline(if value.is_string() { quotes } else { Quotes::Least })
            };
            let mut splices = vec![Splice::new(from..to, text)];
            // Comments between the old brackets go into lines of their own behind.
            if !place.in_flow() && source.has_comment(from..to) {
                let lead = format!("{}{}", source.newline, source.indent(place.start));
                let inner = source.comments.iter().filter(|comment| (from..to).contains(&comment.start));
                let kept: String = inner.map(|comment| format!("{lead}{}", source.slice(comment.clone()))).collect();
                splices.push(Splice::insert(source.line_end(to).0, kept));
            }
            splices
        }
        Old::Absent => {
            let colon = if place.in_flow() && source.slice(place.start..place.end).ends_with(':') || !place.in_flow() {
                " "
            } else {
                ": "
            };
            vec![Splice::insert(place.end, format!("{colon}{}", inline(Quotes::Least)))]
        }
        Old::BlockScalar(from, to) => {
            let content = source.line_end(to).1;
            let mut splices = vec![Splice::new(from..to, inline(Quotes::Least))];
            if content < place.end {
                splices.push(Splice::new(content..source.line_end(place.end).1, ""));
                drop_last_break(source, &mut splices, place.end);
            }
            splices
        }
        Old::Lines(from) if place.holder == Holder::Document => {
            let mut rest = without_lines(source, from, place.end);
            let (line, next) = source.line_end(place.end);
            rest.text.insert_str(0, &format!("{}{}", inline(Quotes::Least), source.slice(line..next)));
            vec![rest]
        }
        Old::BehindDash(from) => vec![behind_dash(source, &place, from, inline(Quotes::Least))],
        Old::Lines(from) => {
            let head = source.content_end(place.start..from);
            let mut splices = vec![Splice::insert(head, format!(" {}", inline(Quotes::Least)))];
            splices.push(without_lines(source, from, place.end));
            drop_last_break(source, &mut splices, place.end);
            splices
        }
    };
    Ok(Change { splices, lines })
}

/// Whether a list or map in lines of its own can take this value's place: brackets with something in them stay brackets.
fn is_soft(source: &Source<'_>, old: &Old) -> bool {
    match *old {
        Old::Inline(from, to) => {
            let text = source.slice(from..to);
            let scalar = !text.starts_with(['[', '{']);
            scalar || text.get(1..text.len() - 1).is_some_and(|inner| inner.trim_matches(' ').is_empty())
        }
        _ => true,
    }
}

/// A list or map in lines of its own.
fn tall(source: &Source<'_>, place: &Place<'_>, style: &Style, old: &Old, value: &Json) -> Vec<Splice> {
    let column = source.column(place.start);
    // Behind a dash the first line follows on the same line, so only maps are written so.
    let lines = match (place.holder, value) {
        (Holder::BlockList, Json::Object(_)) => {
            let gap = gap(source, place);
            let mut lines = style.item(value, column, gap);
            if let Some(first) = lines.first_mut() {
                first.replace_range(..column + 1 + gap.len(), "");
            }
            lines
        }
        (Holder::BlockList, _) => vec![style.inline(value, false, Quotes::Least)],
        _ => style.block(value, style.below(value, column)),
    };
    let newline = source.newline;
    let same_line = place.holder == Holder::BlockList;
    let text = lines.join(newline);
    match *old {
        Old::Inline(from, to) | Old::BlockScalar(from, to) => {
            let mut splices = Vec::new();
            let (line, content) = source.line_end(to);
            if same_line {
                splices.push(Splice::new(from..to, text));
            } else {
                let blank = source.content_end(place.start..from);
                splices.push(Splice::new(blank..to, ""));
                splices.push(Splice::insert(line, format!("{newline}{text}")));
            }
            if matches!(old, Old::BlockScalar(..)) && content < place.end {
                splices.push(Splice::new(content..source.line_end(place.end).1, ""));
                drop_last_break(source, &mut splices, place.end);
            }
            splices
        }
        Old::BehindDash(from) => vec![behind_dash(source, place, from, text)],
        Old::Absent if same_line => vec![Splice::insert(place.end, format!(" {text}"))],
        Old::Absent => vec![Splice::insert(source.line_end(place.end).0, format!("{newline}{text}"))],
        Old::Lines(from) => {
            let mut rest = without_lines(source, from, place.end);
            let breaks = if source.line_end(place.end).1 == source.line_end(place.end).0 && rest.text.is_empty() {
                ""
            } else {
                newline
            };
            if same_line {
                let head = source.content_end(place.start..from);
                return vec![Splice::insert(head, format!(" {text}")), rest];
            }
            rest.text.insert_str(0, &format!("{text}{breaks}"));
            vec![rest]
        }
    }
}

/// Another value for a map behind its dash; the map's comments follow it.
fn behind_dash(source: &Source<'_>, place: &Place<'_>, from: usize, mut text: String) -> Splice {
    let kept = without_lines(source, source.line_start(from), place.end);
    let (line, next) = source.line_end(place.end);
    text.push_str(if kept.text.is_empty() { source.slice(line..next) } else { source.newline });
    text.push_str(&kept.text);
    Splice::new(from..next, text)
}

/// The blanks between a dash and what follows.
pub(super) fn gap<'t>(source: &Source<'t>, place: &Place<'_>) -> &'t str {
    let rest = source.slice(place.value..source.line_end(place.value).0);
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    if blanks == 0 || blanks == rest.len() { " " } else { rest.get(..blanks).unwrap_or(" ") }
}

fn old(source: &Source<'_>, place: &Place<'_>) -> Result<Old, EditError> {
    let span = place.node.span;
    if let Some(bar) = block_header(source, place) {
        let rest = source.slice(bar..place.limit);
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        return Ok(Old::BlockScalar(bar, bar + length));
    }
    if span.start == span.end {
        return Ok(Old::Absent);
    }
    if place.node.as_list().is_none() && place.node.as_map().is_none() || place::is_flow(source, place) {
        return Ok(Old::Inline(span.start, span.end));
    }
    let first = match place.node.as_list() {
        Some(_) => place::dashes(source, place).first().copied(),
        None => Some(source.skip(place.value)),
    };
    let first = first.ok_or_else(|| EditError::form("an unusual list", span))?;
    let head = source.line_start(place.start);
    if source.line_start(first) == head && place.holder != Holder::Document {
        return Ok(Old::BehindDash(first));
    }
    Ok(Old::Lines(source.line_start(first)))
}

/// Where a block scalar's `|` or `>` is.
fn block_header(source: &Source<'_>, place: &Place<'_>) -> Option<usize> {
    if place.in_flow() {
        return None;
    }
    let mut at = source.skip(place.value);
    loop {
        match source.text.as_bytes().get(at).filter(|_| at < place.limit)? {
            b'|' | b'>' => return source.scalar_at(at).is_none().then_some(at),
            b'&' | b'!' => {
                let word = source.slice(at..place.limit).find(char::is_whitespace)?;
                at = source.skip(at + word);
            }
            _ => return None,
        }
    }
}

/// Takes away the lines from `from` to the one with `end`, except their comments, which stay where they are.
pub(super) fn without_lines(source: &Source<'_>, from: usize, end: usize) -> Splice {
    let to = source.line_end(end).1;
    let indent = source.indent(from);
    let mut kept = String::new();
    let mut line = from;
    while line < to {
        let next = source.line_end(line).1;
        let first = line + source.indent(line).len();
        let index = source.comments.partition_point(|comment| comment.start < line);
        if let Some(comment) = source.comments.get(index).filter(|comment| comment.start < next) {
            let lead = if comment.start == first { source.slice(line..first) } else { indent };
            kept.push_str(lead);
            kept.push_str(source.slice(comment.start..next));
        }
        line = next;
    }
    // A text that ended without a line break still does.
    if !source.slice(from..to).ends_with('\n') && kept.ends_with('\n') {
        kept.truncate(kept.len() - source.newline.len());
    }
    Splice::new(from..to, kept)
}

/// A text that ended without a line break still does when its last lines go.
pub(super) fn drop_last_break(source: &Source<'_>, splices: &mut [Splice], end: usize) {
    let (line, next) = source.line_end(end);
    if let Some(last) = splices.last_mut()
        && line == next
        && last.text.is_empty()
    {
        let before = source.slice(0..last.range.start);
        last.range.start = before.strip_suffix(source.newline).unwrap_or(before).len();
    }
}
