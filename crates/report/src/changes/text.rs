//! Changes as text for people: grouped by what became of the findings, the weightiest first.

use std::fmt::Write as _;

use seaworthy_model::{Finding, Report};

use super::{Change, Changes, Kind};
use crate::hostile::{clean, cut};
use crate::words;

/// The changes, each with what it was and what it is; a last line counts. Every line ends with a newline.
pub fn render(changes: &Changes<'_>) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(out, "Before: {}\nAfter:  {}", side(changes.before), side(changes.after));
    for kind in Kind::ALL {
        let list: Vec<&Change<'_>> = changes.list.iter().filter(|change| change.kind() == kind).collect();
        if list.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n== {} ({}) ==", heading(kind), list.len());
        for change in list {
            out.push_str(&one(change));
        }
    }
    let _ = writeln!(out, "\n{}", summary(changes));
    out
}

/// `3 changes: 1 newly failing, 2 solved; 128 as before`.
pub fn summary(changes: &Changes<'_>) -> String {
    if changes.list.is_empty() {
        return format!("nothing changed: {} findings as before", changes.same);
    }
    let counts: Vec<String> = Kind::ALL
        .iter()
        .map(|kind| (kind, changes.list.iter().filter(|change| change.kind() == *kind).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| format!("{count} {}", kind.as_str().replace('-', " ")))
        .collect();
    let changed = match changes.list.len() {
        1 => "1 change".to_owned(),
        n => format!("{n} changes"),
    };
    format!("{changed}: {}; {} as before", counts.join(", "), changes.same)
}

fn side(report: &Report) -> String {
    let names: Vec<&str> = report.subjects.iter().map(|subject| subject.name.as_str()).collect();
    let who = if names.len() > 4 { format!("{} nodes and clusters", names.len()) } else { names.join(", ") };
    let time = report.time.as_deref().map_or_else(String::new, |time| format!(" of {time}"));
    clean(&format!("{who}{time}, by {}", report.header.benchmark.id)).into_owned()
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::NewlyFailing => "Newly failing",
        Kind::WaiverRanOut => "Waiver ran out",
        Kind::WaiverRemoved => "Waiver taken away",
        Kind::Solved => "Solved",
        Kind::Waived => "Waived",
        Kind::VerdictChanged => "Other verdict",
        Kind::EvidenceChanged => "Same verdict, other evidence",
        Kind::Renumbered => "Renumbered",
        Kind::Appeared => "Not asked before",
        Kind::Gone => "Not asked any more",
    }
}

fn one(change: &Change<'_>) -> String {
    let finding = change.finding();
    let number = match change.before {
        Some(before) if before.id != finding.id => format!("{} (was {})", finding.id, before.id),
        _ => finding.id.clone(),
    };
    let word = match (change.before, change.after) {
        (Some(before), Some(after)) if before.status != after.status => {
            format!("{} -> {}", before.status, after.status)
        }
        _ => finding.status.to_string(),
    };
    let mut out = format!("[{word}] {} {} ({})\n", clean(&number), clean(&finding.title), clean(&finding.subject.name));
    let mut line = |label: &str, text: &str| {
        let _ = writeln!(out, "       {label} {}", cut(text, 400));
    };
    match (change.before, change.after) {
        (Some(before), Some(after)) => {
            let (was, is) = (told(before), told(after));
            if was == is {
                for (label, text) in differing(before, after) {
                    line(label, &text);
                }
            } else {
                line("was:", &was);
                line("now:", &is);
            }
        }
        (None, Some(after)) => line("now:", &told(after)),
        (Some(before), None) => line("was:", &told(before)),
        (None, None) => {}
    }
    out
}

fn told(finding: &Finding) -> String {
    format!("{}: {}", finding.verdict, words::why(finding))
}

/// The pieces of evidence that only one of the two has, where the reasons read the same.
fn differing(before: &Finding, after: &Finding) -> Vec<(&'static str, String)> {
    let lines = |finding: &Finding| -> Vec<String> {
        let evidence = finding.evidence.iter().map(|evidence| words::evidence(evidence).0);
        evidence.chain(finding.resources.iter().map(words::resource)).collect()
    };
    let (was, is) = (lines(before), lines(after));
    let only = |mine: &[String], others: &[String]| -> Vec<String> {
        mine.iter().filter(|line| !others.contains(line)).cloned().collect()
    };
    let gone = only(&was, &is).into_iter().map(|line| ("was:", line));
    gone.chain(only(&is, &was).into_iter().map(|line| ("now:", line))).collect()
}
