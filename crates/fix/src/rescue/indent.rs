//! A slip in one line that keeps a manifest from being read: its indentation, a tab, a blank or a dash that is missing.
//!
//! What was meant is known only where it is the one way to read the file as this component's pod: every small change of the lines
//! around the fault is tried, and if two of them give different pods, none is proposed.

use std::collections::BTreeMap;

use seaworthy_catalogue::Component;

use super::faults::{Fault, faults};
use super::{Cx, Kind};

/// The text corrected, and what was done.
pub(super) fn mend(
    cx: &Cx<'_>,
    path: &str,
    text: &str,
    component: &Component,
    line: u32,
    kind: Kind,
) -> Option<(String, String)> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let at = usize::try_from(line).ok()?.saturating_sub(1).min(lines.len().saturating_sub(1));
    let mut tried = Vec::new();
    tabs(&lines, &mut tried);
    // Parsers notice a wrong line when they read the next one, or the end of what it began.
    for index in at.saturating_sub(3)..(at + 2).min(lines.len()) {
        single(&lines, index, kind, &mut tried);
    }
    // By the pod that comes out: which change leads to it does not matter, the first is the plainest.
    let mut clean: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut readable = clean.clone();
    for (after, what) in tried {
        let found = faults(cx, path, &after, Some(component));
        // One of the other program would be a pod, too.
        if found.iter().any(|fault| matches!(fault, Fault::Text(..) | Fault::Joined(_) | Fault::Program(_))) {
            continue;
        }
        let Ok(document) = seaworthy_yaml::parse(&after) else { continue };
        let kept = if found.is_empty() { &mut clean } else { &mut readable };
        kept.entry(document.root.to_json()).or_insert((after, what));
    }
    let kept = if clean.is_empty() { readable } else { clean };
    let mut kept = kept.into_values();
    kept.next().filter(|_| kept.next().is_none())
}

/// All tabs that indent become blanks, for each width that editors show them with.
fn tabs(lines: &[&str], tried: &mut Vec<(String, String)>) {
    let indented = |line: &&str| blanks(line).contains('\t');
    let count = lines.iter().filter(|line| indented(line)).count();
    if count == 0 {
        return;
    }
    for width in [2, 4, 8] {
        let whole: String = lines
            .iter()
            .map(|line| format!("{}{}", blanks(line).replace('\t', &" ".repeat(width)), body(line)))
            .collect();
        let first = lines.iter().position(indented).map_or(0, |index| index + 1);
        let what = if count == 1 { format!("line {first}: ") } else { format!("{count} lines from {first}: ") };
        tried.push((whole, format!("{what}blanks instead of tabs")));
    }
}

fn single(lines: &[&str], index: usize, kind: Kind, tried: &mut Vec<(String, String)>) {
    let Some(line) = lines.get(index).filter(|line| !line.trim().is_empty()) else { return };
    let mut with = |new: String, what: &str| {
        let mut whole = String::with_capacity(lines.iter().map(|line| line.len()).sum::<usize>() + new.len());
        for (other, old) in lines.iter().enumerate() {
            whole.push_str(if other == index { &new } else { old });
        }
        tried.push((whole, format!("line {}: {what}", index + 1)));
    };
    // Where its neighbours begin.
    let mut wanted: Vec<usize> = Vec::new();
    for near in lines.iter().skip(index.saturating_sub(4)).take(9).filter(|line| !line.trim().is_empty()) {
        let column = blanks(near).len();
        for column in [column.checked_sub(2), Some(column), Some(column + 2)].into_iter().flatten() {
            if !wanted.contains(&column) {
                wanted.push(column);
            }
        }
    }
    if body(line).starts_with("--") {
        for column in wanted.iter().filter(|column| **column != blanks(line).len()) {
            with(format!("{}- {}", " ".repeat(*column), body(line)), "a dash and a blank in front of the argument");
        }
    }
    for column in wanted.into_iter().filter(|column| *column != blanks(line).len() || blanks(line).contains('\t')) {
        with(format!("{}{}", " ".repeat(column), body(line)), &format!("indented by {column} blanks"));
    }
    if kind != Kind::DoesNotParse && !line.trim().starts_with('-') {
        return;
    }
    let (indent, rest) = (blanks(line), body(line));
    if rest.starts_with("--") {
        with(format!("{indent}- {rest}"), "a dash and a blank in front of the argument");
    }
    if let Some(entry) = rest.strip_prefix('-').filter(|entry| !entry.starts_with(' ')) {
        with(format!("{indent}- {entry}"), "a blank behind the dash");
    }
    if let Some((key, value)) = rest.split_once(':')
        && !value.starts_with([' ', '\r', '\n'])
        && key.trim_start_matches("- ").bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        with(format!("{indent}{key}: {value}"), "a blank behind the colon");
    }
    let content = rest.trim_end();
    let ending = rest.get(content.len()..).unwrap_or_default();
    let key = content.trim_start_matches("- ");
    if key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        with(format!("{indent}{content}:{ending}"), "a colon behind the key");
    }
    for quote in ['"', '\''] {
        if content.matches(quote).count() == 1 {
            with(format!("{indent}{content}{quote}{ending}"), "a quote at the end");
            with(format!("{indent}{}{ending}", content.replace(quote, "")), "no quote");
        }
    }
}

fn blanks(line: &str) -> &str {
    line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
}

fn body(line: &str) -> &str {
    line.trim_start_matches([' ', '\t'])
}
