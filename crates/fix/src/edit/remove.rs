//! A value less.

use serde_json::{Value as Json, json};

use super::EditError;
use super::operation::{Change, Splice};
use super::place::{self, Path, Step};
use super::replace::{drop_last_break, replace, without_lines};
use super::source::Source;

pub(super) fn joined(path: &[Step], step: Step) -> Path {
    path.iter().cloned().chain([step]).collect()
}

pub(super) fn remove(source: &Source<'_>, path: &[Step]) -> Result<Change, EditError> {
    let Some((_, parent)) = path.split_last() else {
        return Err(EditError::Request("the whole document cannot be removed".to_owned()));
    };
    let holder = place::find(source, parent)?;
    let place = place::find(source, path)?;
    let size = holder.node.as_map().map(|map| map.len()).or(holder.node.as_list().map(<[_]>::len));
    if size == Some(1) {
        // A block list or map without entries would be null.
        let empty: Json = if holder.node.as_list().is_some() { json!([]) } else { json!({}) };
        return replace(source, parent, &empty);
    }
    if !place.in_flow() {
        if !source.begins_line(place.start) {
            return Err(EditError::form("a value that does not begin its line", place.node.span));
        }
        let mut splices = vec![without_lines(source, source.line_start(place.start), place.end)];
        drop_last_break(source, &mut splices, place.end);
        return Ok(Change { splices, lines: place.start..place.end });
    }
    let slots = place::slots(source, &holder)?;
    let found = slots.iter().position(|slot| slot.start == place.start);
    let index = found.ok_or_else(|| EditError::form("an unusual list in brackets", place.node.span))?;
    let slot = place.start..place.end;
    let before = index.checked_sub(1).and_then(|before| slots.get(before));
    let after = slots.get(index + 1);
    let comma = place::comma_after(source, &slot);
    let behind = comma.map_or(slot.end, |comma| comma + 1);
    let line = source.line_end(behind).0;
    let mut splices = Vec::new();
    let mut first = slot.start;
    let begins = source.begins_line(slot.start);
    if let (Some(_), Some(before), None, false) = (comma, before, after, begins)
        && let Some(comma) = place::comma_after(source, before)
        && !source.has_comment(comma..behind)
    {
        return Ok(Change { splices: vec![Splice::new(comma + 1..behind, "")], lines: before.end..behind });
    }
    // The last one goes with the comma before it, unless it has one of its own.
    if let (None, Some(before)) = (comma, before) {
        let Some(comma) = place::comma_after(source, before) else {
            return Err(EditError::form("a list without commas", holder.node.span));
        };
        first = before.end;
        let to_slot = comma + 1..slot.start;
        let alone = source.begins_line(slot.start) && source.content_end(behind..line) == behind;
        if !alone && !source.has_comment(to_slot) {
            splices.push(Splice::new(comma..slot.end, ""));
            return Ok(Change { splices, lines: first..slot.end });
        }
        splices.push(Splice::new(comma..comma + 1, ""));
    }
    if source.begins_line(slot.start) && source.content_end(behind..line) == behind {
        splices.push(without_lines(source, source.line_start(slot.start), behind));
    } else {
        match after {
            Some(after) if !source.has_comment(slot.start..after.start) => {
                splices.push(Splice::new(slot.start..after.start, ""));
            }
            _ => splices.push(Splice::new(slot.start..behind, "")),
        }
    }
    Ok(Change { splices, lines: first..behind })
}
