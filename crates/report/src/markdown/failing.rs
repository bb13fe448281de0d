//! What fails: an item a heading, below it each node with what was seen, and what to do.

use seaworthy_model::{Finding, Remediation, Report, Status};

use super::inert::{code, fenced, inert};
use crate::hostile::cut;
use crate::told::told;
use crate::{identity, words};

/// How many subjects of an item are shown in full.
const FEW: usize = 5;

/// How many lines of evidence a finding has here.
const LINES: usize = 8;

/// Heading and items; none if nothing fails.
pub(super) fn blocks(report: &Report) -> Vec<String> {
    let mut items: Vec<Vec<&Finding>> = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.status == Status::Fail) {
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
    // The worst first, the benchmark's order among equals.
    items.sort_by_key(|item| std::cmp::Reverse(item[0].severity));
    let mut blocks = vec![format!("## Fails ({})", report.totals.fail)];
    for item in items {
        let first = item[0];
        blocks.push(format!("### {} {}", inert(&first.id), inert(&first.title)));
        blocks.push(format!("Severity {}, level {}, {}.", first.severity.as_str(), first.level, words::label(first)));
        for finding in item.iter().take(FEW) {
            blocks.push(seen(finding));
            blocks.extend(finding.remediation.as_ref().and_then(repair));
        }
        if let Some(more) = item.get(FEW..).filter(|more| !more.is_empty()) {
            let names: Vec<String> = more.iter().take(50).map(|finding| inert(&finding.subject.name)).collect();
            let rest = match more.len() - names.len() {
                0 => String::new(),
                rest => format!(" and {rest} more"),
            };
            blocks.push(format!("It fails on {} others too: {}{rest}.", more.len(), names.join(", ")));
        }
    }
    blocks
}

fn seen(finding: &Finding) -> String {
    let mut lines = vec![format!("- On {}: {}", inert(&finding.subject.name), inert(words::reason(finding)))];
    if !finding.expected.is_empty() {
        lines.push(format!("- Wanted: {}", code(&finding.expected)));
    }
    let told = told(finding);
    lines.extend(told.iter().take(LINES).map(|line| format!("- Seen: {}", code(line))));
    if told.len() > LINES {
        lines.push(format!("- Seen: {} more lines", told.len() - LINES));
    }
    if let Some(fix) = &finding.remediation {
        lines.push(format!("- To do: {}", inert(&fix.summary)));
        lines.extend(fix.breaks.iter().map(|breaks| format!("- It may break: {}", inert(breaks))));
    }
    lines.push(format!("- Fingerprint: {}", code(&identity::fingerprint(finding))));
    lines.join("\n")
}

/// The line as it is and as it should be, or the command.
fn repair(fix: &Remediation) -> Option<String> {
    let lines = |sign: &str, text: &str| -> Vec<String> {
        text.lines().take(20).map(|line| format!("{sign}{}", cut(line, 300))).collect()
    };
    match (&fix.current, &fix.wanted) {
        (Some(current), Some(wanted)) => Some(fenced("diff", &[lines("-", current), lines("+", wanted)].concat())),
        (None, Some(wanted)) => Some(fenced("text", &lines("", wanted))),
        (_, None) => None,
    }
}
