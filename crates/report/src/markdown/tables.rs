//! What does not fail, in tables.

use seaworthy_model::{Finding, Report, Status};

use super::inert::inert;
use crate::identity;
use crate::several::{Same, same};

/// How many rows a block has: a table too long for the limit is cut between blocks.
const ROWS: usize = 25;

/// Heading and table; none if no finding has the word.
pub(super) fn blocks(report: &Report, status: Status, heading: &str) -> Vec<String> {
    let mut items: Vec<Vec<&Finding>> = Vec::new();
    let mut count = 0;
    for finding in report.findings.iter().filter(|finding| finding.status == status) {
        count += 1;
        let same = |item: &&mut Vec<&Finding>| {
            item[0].id == finding.id && identity::benchmark(item[0]) == identity::benchmark(finding)
        };
        match items.iter_mut().find(same) {
            Some(item) => item.push(finding),
            None => items.push(vec![finding]),
        }
    }
    if items.is_empty() {
        return Vec::new();
    }
    let rows: Vec<String> =
        items.iter().flat_map(|item| same(item).into_iter().map(|same| row(item[0], &same))).collect();
    let mut blocks = vec![format!("## {heading} ({count})")];
    let (head, line) = if status == Status::Pass {
        ("| Item | Title | On |", "| --- | --- | --- |")
    } else {
        ("| Item | Title | On | Why |", "| --- | --- | --- | --- |")
    };
    blocks.extend(rows.chunks(ROWS).map(|rows| format!("{head}\n{line}\n{}", rows.join("\n"))));
    blocks
}

fn row(finding: &Finding, same: &Same<'_>) -> String {
    let few: Vec<String> = same.names.iter().take(3).map(|name| inert(name)).collect();
    let on = match same.names.len() - few.len() {
        0 => few.join(", "),
        rest => format!("{} and {rest} more", few.join(", ")),
    };
    let mut row = format!("| {} | {} | {on} |", inert(&finding.id), inert(&finding.title));
    if let Some(why) = &same.why {
        row.push_str(&format!(" {} |", inert(&why.to_string())));
    }
    row
}
