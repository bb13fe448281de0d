//! The report as GitHub flavoured Markdown, for a ticket or a comment on a pull request: what fails first, with what it rests on and how
//! to repair it, then the rest in tables.
//!
//! Text from elsewhere is hostile to Markdown in its own ways: it makes links, images, mentions, HTML, headings and table cells, and it
//! ends a fence. It stands plain only if it is made of what cannot act anywhere, else in a code span or a fence that is longer than any
//! run of backticks in it, see `markdown/inert.rs`. No HTML is written.
//!
//! A comment on GitHub holds 65,536 characters. Blocks beyond that are left out from the end, where the least urgent stand, and the last
//! line says how many.
//!
//! A finding that fails bears its fingerprint, the same as in every other format, so that a ticket can be found again.

mod changed;
mod failing;
mod inert;
mod tables;

use seaworthy_model::{Report, Status, WaiverState};

use crate::format::Context;
use inert::{code, inert};

/// How many bytes are written, with room for the last line and what wraps around it.
const LIMIT: usize = 60_000;

/// The report, ended by a newline.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    let mut blocks = vec![heading(report), summary(report)];
    blocks.extend(aside(report));
    if let Some(changes) = context.changes {
        blocks.extend(changed::blocks(changes));
    }
    blocks.extend(failing::blocks(report));
    for (status, heading) in [
        (Status::Warn, "Needs a look: manual, unknown or not scored"),
        (Status::Info, "Set aside or not applicable"),
        (Status::Pass, "Passes"),
    ] {
        blocks.extend(tables::blocks(report, status, heading));
    }
    fit(blocks)
}

/// As many blocks from the front as fit, an empty line between two.
fn fit(blocks: Vec<String>) -> String {
    let mut out = String::new();
    let all = blocks.len();
    for (n, block) in blocks.into_iter().enumerate() {
        if out.len() + block.len() > LIMIT {
            let left = all - n;
            out.push_str(&format!(
                "\nLeft out here: {left} more blocks, because a comment holds no more. Other formats have the whole report.\n"
            ));
            break;
        }
        if n > 0 {
            out.push('\n');
        }
        out.push_str(block.trim_end());
        out.push('\n');
    }
    out
}

fn heading(report: &Report) -> String {
    let totals = &report.totals;
    let names: Vec<&str> = report.subjects.iter().map(|subject| subject.name.as_str()).collect();
    let whom = match names.as_slice() {
        [only] => inert(only),
        [first, second] => format!("{} and {}", inert(first), inert(second)),
        _ => format!("{} nodes and clusters", names.len()),
    };
    format!("# {}: {} FAIL, {} WARN on {whom}", inert(&report.header.benchmark.title), totals.fail, totals.warn)
}

/// By what, when and how much.
fn summary(report: &Report) -> String {
    let totals = &report.totals;
    let header = &report.header;
    let kubernetes = header.kubernetes.as_deref().unwrap_or("unknown");
    let mut out = String::from("| FAIL | WARN | PASS | INFO | All |\n| ---: | ---: | ---: | ---: | ---: |\n");
    let all = totals.total();
    out.push_str(&format!("| {} | {} | {} | {} | {all} |\n\n", totals.fail, totals.warn, totals.pass, totals.info));
    let mut line = |what: &str, text: &str| out.push_str(&format!("- {what}: {}\n", inert(text)));
    line("Benchmark", &header.benchmark.id);
    line("Platform", &header.platform);
    line("Kubernetes", kubernetes);
    if let Some(time) = &report.time {
        line("Time", time);
    }
    line("Nodes that reported", &format!("{} of {}", report.received, report.expected));
    line("By", &format!("{} {}", report.tool.name, report.tool.version));
    // As plain text GitHub would look for a commit of that name.
    out.push_str(&format!("- Scan: {}\n", code(&report.scan_id)));
    out
}

/// What the reader should know beside the findings.
fn aside(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for missing in &report.missing {
        lines.push(format!("- Node {} did not report: {}", inert(&missing.name), inert(&missing.reason)));
    }
    for waiver in report.waivers.iter().filter(|waiver| waiver.state != WaiverState::Used) {
        lines.push(format!("- Waiver of {}: {}", inert(&waiver.item), inert(&waiver.note)));
    }
    for seen in &report.also_seen {
        lines.push(format!("- Not judged: {}: {}", inert(&seen.what), inert(&seen.why)));
    }
    // Plain text may not begin a line: `1. a` would be a list.
    lines.extend(report.notes.iter().map(|note| format!("- Note: {}", inert(note))));
    if lines.is_empty() {
        return Vec::new();
    }
    vec!["## To know first".to_owned(), lines.join("\n")]
}
