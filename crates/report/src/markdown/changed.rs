//! What changed since the last report.

use seaworthy_model::Finding;

use super::inert::inert;
use crate::changes::{Change, Changes, Kind, text};
use crate::words;

/// How many rows a block has: a table too long for the limit is cut between blocks.
const ROWS: usize = 25;

/// Heading, summary and table.
pub(super) fn blocks(changes: &Changes<'_>) -> Vec<String> {
    let since = changes.before.time.as_deref().map(|time| format!(" since {}", inert(time)));
    let mut blocks = vec![format!("## What changed{}", since.unwrap_or_default()), text::summary(changes)];
    // The weightiest first, as the text has it.
    let of_kind = |kind: Kind| changes.list.iter().filter(move |change| change.kind() == kind);
    let rows: Vec<String> = Kind::ALL.into_iter().flat_map(of_kind).map(row).collect();
    let head = "| Change | Item | Title | On | Before | Now |\n| --- | --- | --- | --- | --- | --- |";
    blocks.extend(rows.chunks(ROWS).map(|rows| format!("{head}\n{}", rows.join("\n"))));
    blocks
}

fn row(change: &Change<'_>) -> String {
    let finding = change.finding();
    let kinds: Vec<String> = change.kinds.iter().map(|kind| kind.as_str().replace('-', " ")).collect();
    let number = match change.before {
        Some(before) if before.id != finding.id => format!("{}, was {}", inert(&finding.id), inert(&before.id)),
        _ => inert(&finding.id),
    };
    let told = |finding: Option<&Finding>| {
        finding
            .map_or_else(|| "not asked".to_owned(), |f| format!("{}: {}", f.status, inert(&words::why(f).to_string())))
    };
    let (title, on) = (inert(&finding.title), inert(&finding.subject.name));
    format!("| {} | {number} | {title} | {on} | {} | {} |", kinds.join(", "), told(change.before), told(change.after))
}
