//! Where a value stands: its entry in the list or map around it, with key or dash, up to the next entry.

use std::ops::Range;

use seaworthy_yaml::{Map, Node, Value};

use super::EditError;
use super::source::Source;

/// A step from a list or map to one of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// Keys, and the index of a list's item.
pub(super) type Path = Vec<Step>;

/// What holds an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A list with dashes.
    BlockList,
    /// A map with a line for each key.
    BlockMap,
    /// Brackets or braces.
    Flow,
    /// Nothing: this is the whole document.
    Document,
}

/// A value with its entry.
#[derive(Clone)]
pub(super) struct Place<'d> {
    pub(super) node: &'d Node,
    pub(super) holder: Holder,
    /// Where the entry begins: at its dash or key.
    pub(super) start: usize,
    /// Behind the dash or colon.
    pub(super) value: usize,
    /// Behind the entry's last byte that is no blank and no comment.
    pub(super) end: usize,
    /// Where the next entry begins; of a block, at its line's start.
    pub(super) limit: usize,
}

impl Place<'_> {
    pub(super) fn in_flow(&self) -> bool {
        self.holder == Holder::Flow
    }
}

/// The place of the value at `path`.
pub(super) fn find<'d>(source: &'d Source<'_>, path: &[Step]) -> Result<Place<'d>, EditError> {
    let root = &source.document.root;
    let start = root.span.start;
    let end = source.content_end(start..source.end);
    let mut place = Place { node: root, holder: Holder::Document, start, value: start, end, limit: source.end };
    for step in path {
        place = child(source, &place, step)?;
    }
    Ok(place)
}

/// The place of an entry whose value is written there, and not brought in by an alias.
pub(super) fn child<'d>(source: &'d Source<'_>, parent: &Place<'d>, step: &Step) -> Result<Place<'d>, EditError> {
    let place = entry(source, parent, step)?;
    in_place(source, &place)?;
    Ok(place)
}

/// The place of an entry, whatever its value is.
pub(super) fn entry<'d>(source: &'d Source<'_>, parent: &Place<'d>, step: &Step) -> Result<Place<'d>, EditError> {
    let missing = || EditError::Request(format!("there is no {step:?} where an edit looked for it"));
    Ok(match (&parent.node.value, step) {
        (Value::List(list), Step::Index(index)) => {
            let node = list.get(*index).ok_or_else(missing)?;
            if is_flow(source, parent) {
                let slots = slots(source, parent)?;
                let slot = (slots.len() == list.len()).then(|| slots.get(*index).cloned()).flatten();
                let slot = slot.ok_or_else(|| EditError::form("an unusual list in brackets", parent.node.span))?;
                let value = slot.start;
                Place { node, holder: Holder::Flow, start: slot.start, value, end: slot.end, limit: slot.end }
            } else {
                let dashes = dashes(source, parent);
                let dash = (dashes.len() == list.len()).then(|| dashes.get(*index).copied()).flatten();
                let start = dash.ok_or_else(|| EditError::form("an unusual list", parent.node.span))?;
                let limit = dashes.get(index + 1).map_or(parent.limit, |&next| source.line_start(next));
                let end = source.content_end(start..limit);
                Place { node, holder: Holder::BlockList, start, value: start + 1, end, limit }
            }
        }
        (Value::Map(map), Step::Key(key)) => {
            let entry = map.entry(key).ok_or_else(missing)?;
            let (node, at) = (&entry.value, entry.key_span);
            if at.start < parent.value || at.end > parent.limit {
                return Err(EditError::shared(parent.node.span));
            }
            if source.document.duplicates.iter().any(|twice| twice.second == at) {
                return Err(EditError::Duplicate { key: key.clone(), line: at.line, column: at.column });
            }
            if is_flow(source, parent) {
                let slots = slots(source, parent)?;
                let slot = slots.iter().find(|slot| slot.start <= at.start && at.start < slot.end);
                let slot = slot.ok_or_else(|| EditError::form("an unusual map in braces", parent.node.span))?;
                let colon = source.skip(at.end);
                let has_colon = colon < slot.end && source.text.as_bytes().get(colon) == Some(&b':');
                let value = if has_colon { colon + 1 } else { at.end };
                Place { node, holder: Holder::Flow, start: slot.start, value, end: slot.end, limit: slot.end }
            } else {
                let rest = source.slice(at.end..parent.limit);
                let colon = at.end + rest.len() - rest.trim_start_matches([' ', '\t']).len();
                if source.text.as_bytes().get(colon) != Some(&b':') {
                    return Err(EditError::form("a key without a colon behind it", at));
                }
                let limit = next_key(source, parent, at.start);
                let end = source.content_end(at.start..limit);
                Place { node, holder: Holder::BlockMap, start: at.start, value: colon + 1, end, limit }
            }
        }
        (_, Step::Key(key)) => {
            return Err(EditError::wrong_type(format!("what holds {key:?}"), "a map", parent.node.span));
        }
        _ => return Err(EditError::wrong_type("a value", "a list", parent.node.span)),
    })
}

/// Refuses a value that an alias brings in.
fn in_place(source: &Source<'_>, place: &Place<'_>) -> Result<(), EditError> {
    let span = place.node.span;
    // An absent value stands before its colon, and a block scalar's absent content in the next line. A block scalar
    // goes on to the first letter behind it.
    let inside = if span.start == span.end {
        span.start >= place.start
    } else {
        let end = span.start + source.slice(span.start..span.end).trim_end_matches([' ', '\t']).len();
        span.start >= place.value && end <= place.limit.max(place.end)
    };
    if inside { Ok(()) } else { Err(EditError::shared(source.span(place.start))) }
}

/// Whether a list or map is written with brackets or braces.
pub(super) fn is_flow(source: &Source<'_>, place: &Place<'_>) -> bool {
    let start = place.node.span.start;
    match place.node.value {
        Value::Map(_) => source.text.as_bytes().get(start) == Some(&b'{'),
        // The first item's bracket may be where a block list's span begins.
        Value::List(_) => source.text.as_bytes().get(start) == Some(&b'[') && first_dash(source, place).is_none(),
        _ => false,
    }
}

/// The first dash that begins a line before the list's first value.
fn first_dash(source: &Source<'_>, place: &Place<'_>) -> Option<usize> {
    let mut at = source.skip(place.value);
    loop {
        let dash = is_dash(source.text, at) && source.begins_line(at);
        if dash && !source.is_inside(at) {
            return Some(at);
        }
        // Anchors and tags may stand before.
        if !matches!(source.text.as_bytes().get(at), Some(b'&' | b'!')) {
            return None;
        }
        let word = source.text.get(at..)?.find(char::is_whitespace)?;
        at = source.skip(at + word);
    }
}

fn is_dash(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    bytes.get(at) == Some(&b'-') && bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace)
}

/// The dashes of a block list.
pub(super) fn dashes(source: &Source<'_>, place: &Place<'_>) -> Vec<usize> {
    let Some(first) = first_dash(source, place) else { return Vec::new() };
    let column = source.column(first);
    lines_at(source, first..place.limit, column).filter(|&at| is_dash(source.text, at)).collect()
}

/// Where the next entry's line of a block map begins.
fn next_key(source: &Source<'_>, map: &Place<'_>, key: usize) -> usize {
    let column = source.column(key);
    let mut next = lines_at(source, key + 1..map.limit, column).filter(|&at| !is_dash(source.text, at));
    next.next().map_or(map.limit, |at| source.line_start(at))
}

/// What begins a line at this column, within `range`: no comment, and not inside a scalar or brackets.
fn lines_at<'s>(source: &'s Source<'_>, range: Range<usize>, column: usize) -> impl Iterator<Item = usize> + 's {
    let first = source.line_start(range.start);
    let lines = std::iter::successors(Some(first), |&line| {
        let next = source.line_end(line).1;
        (next > line && next < source.text.len()).then_some(next)
    });
    let end = range.end;
    lines
        .take_while(move |&line| line < end)
        .filter_map(move |line| {
            let at = line + source.indent(line).len();
            (at - line == column).then_some(at)
        })
        .filter(move |&at| {
            let byte = source.text.as_bytes().get(at);
            range.contains(&at)
                && byte.is_some_and(|byte| !byte.is_ascii_whitespace() && *byte != b'#')
                && !source.is_inside(at)
        })
}

/// The entries between brackets or braces, without the commas, blanks and comments around them.
pub(super) fn slots(source: &Source<'_>, place: &Place<'_>) -> Result<Vec<Range<usize>>, EditError> {
    let span = place.node.span;
    let end = span.end.saturating_sub(1);
    let mut slots = Vec::new();
    let (mut at, mut depth, mut start) = (span.start + 1, 0_usize, None);
    while at < end {
        let next = source.skip(at);
        if next != at {
            at = next;
            continue;
        }
        if let Some(scalar) = source.scalar_at(at) {
            start.get_or_insert(at);
            at = scalar.end;
            continue;
        }
        match source.text.as_bytes().get(at) {
            Some(b'[' | b'{') => depth += 1,
            Some(b']' | b'}') => {
                let out = || EditError::form("brackets that do not match", span);
                depth = depth.checked_sub(1).ok_or_else(out)?;
            }
            Some(b',') if depth == 0 => {
                if let Some(start) = start.take() {
                    slots.push(start..source.content_end(start..at));
                }
                at += 1;
                continue;
            }
            _ => {}
        }
        start.get_or_insert(at);
        at += 1;
    }
    if let Some(start) = start {
        slots.push(start..source.content_end(start..end));
    }
    Ok(slots)
}

/// The comma behind an entry between brackets, if it has one.
pub(super) fn comma_after(source: &Source<'_>, slot: &Range<usize>) -> Option<usize> {
    let at = source.skip(slot.end);
    (source.text.as_bytes().get(at) == Some(&b',')).then_some(at)
}

/// The column of a block map's keys.
pub(super) fn key_column(source: &Source<'_>, place: &Place<'_>, map: &Map) -> Option<usize> {
    let inside = |at: &usize| (place.value..place.limit).contains(at);
    map.iter().map(|entry| entry.key_span.start).find(inside).map(|at| source.column(at))
}
