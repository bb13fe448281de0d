//! A new item of a list, a new key of a map.

use std::ops::Range;

use serde_json::Value as Json;

use super::EditError;
use super::operation::{Change, Splice};
use super::place::{self, Place, Step};
use super::replace;
use super::source::Source;
use super::style::{self, Quotes, Style};

/// A new item in front of the one with this index, or at the end.
pub(super) fn item(source: &Source<'_>, path: &[Step], index: usize, value: &Json) -> Result<Change, EditError> {
    let list = place::find(source, path)?;
    let style = Style::of(source, &list);
    if place::is_flow(source, &list) {
        let slots = place::slots(source, &list)?;
        let neighbour = slots.get(index.saturating_sub(1));
        let quotes = neighbour.map_or(Quotes::Least, |slot| style::quotes_at(source, slot.start));
        return between(source, &slots, index, &list, |tall| match tall {
            Some(indent) => style.tall(value, indent, source.newline, quotes),
            None => style.inline(value, true, quotes),
        });
    }
    let dashes = place::dashes(source, &list);
    let unusual = || EditError::form("an unusual list", list.node.span);
    let Some(&first) = dashes.first() else { return Err(unusual()) };
    let neighbour = place::entry(source, &list, &Step::Index(index.saturating_sub(1)))?;
    let lines = style.item(value, source.column(first), replace::gap(source, &neighbour));
    Ok(match index {
        0 => before_line(source, source.line_start(first), &lines),
        _ => after_line(source, &neighbour, &lines),
    })
}

/// A new key at the end of a map.
pub(super) fn key(source: &Source<'_>, path: &[Step], key: &str, value: &Json) -> Result<Change, EditError> {
    let place = place::find(source, path)?;
    let Some(map) = place.node.as_map() else {
        return Err(EditError::wrong_type(format!("what should hold {key:?}"), "a map", place.node.span));
    };
    let style = Style::of(source, &place);
    if place::is_flow(source, &place) {
        let slots = place::slots(source, &place)?;
        return between(source, &slots, slots.len(), &place, |tall| match tall {
            Some(indent) => style.tall_pair(key, value, indent, source.newline, Quotes::Least),
            None => style.pair(key, value, Quotes::Least),
        });
    }
    let column = place::key_column(source, &place, map).ok_or_else(|| EditError::shared(place.node.span))?;
    Ok(after_line(source, &place, &style.entry(key, value, column)))
}

/// Lines behind the one on which an entry ends.
fn after_line(source: &Source<'_>, place: &Place<'_>, lines: &[String]) -> Change {
    let newline = source.newline;
    let text = lines.join(newline);
    let at = source.kept_breaks(place.end, place.limit).unwrap_or_else(|| source.line_end(place.end).1);
    let splice = if at == 0 || source.slice(0..at).ends_with('\n') {
        Splice::insert(at, format!("{text}{newline}"))
    } else {
        Splice::insert(at, format!("{newline}{text}"))
    };
    Change { splices: vec![splice], lines: at..at }
}

fn before_line(source: &Source<'_>, at: usize, lines: &[String]) -> Change {
    let text = format!("{}{}", lines.join(source.newline), source.newline);
    Change { splices: vec![Splice::insert(at, text)], lines: at..at }
}

/// A new entry between brackets: on a line of its own where its neighbour has one.
fn between(
    source: &Source<'_>,
    slots: &[Range<usize>],
    index: usize,
    place: &Place<'_>,
    write: impl Fn(Option<&str>) -> String,
) -> Result<Change, EditError> {
    let newline = source.newline;
    let style = Style::of(source, place);
    let near = slots.get(index.saturating_sub(1)).filter(|_| index <= slots.len());
    let near = near.ok_or_else(|| EditError::form("an unusual list in brackets", place.node.span))?;
    let indent = source.begins_line(near.start).then(|| source.indent(near.start));
    let entry = write(indent);
    if index == 0 {
        let text = match indent {
            Some(indent) => format!("{entry},{newline}{indent}"),
            None => format!("{entry}{}", style.comma()),
        };
        return Ok(Change { splices: vec![Splice::insert(near.start, text)], lines: near.clone() });
    }
    let comma = place::comma_after(source, near);
    let behind = comma.map_or(near.end, |comma| comma + 1);
    // A comment on the neighbour's line stays there.
    let line = source.line_end(behind).0;
    let rest_is_blank = source.content_end(behind..line) == behind;
    let mut splices = Vec::new();
    match (indent, comma) {
        (Some(indent), _) => {
            let at = if rest_is_blank { line } else { behind };
            let tail = if comma.is_some() { "," } else { "" };
            if comma.is_none() {
                splices.push(Splice::insert(near.end, ","));
            }
            splices.push(Splice::insert(at, format!("{newline}{indent}{entry}{tail}")));
        }
        (None, Some(_)) => {
            let blank = style.comma().trim_start_matches(',');
            splices.push(Splice::insert(behind, format!("{blank}{entry},")));
        }
        (None, None) => splices.push(Splice::insert(near.end, format!("{}{entry}", style.comma()))),
    }
    Ok(Change { splices, lines: near.start..behind })
}
