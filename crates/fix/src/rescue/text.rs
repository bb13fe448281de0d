//! A diagnosis as people read it who have no API server and no time.

use std::fmt::Write;

use super::{Diagnosis, Finding, Proposal};

/// The diagnosis as text. What comes from the node is cleaned of what would steer a terminal.
pub fn render(diagnosis: &Diagnosis, color: bool) -> String {
    let paint = |code: &str, text: &str| if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    let mut out = String::new();
    let Some(first) = diagnosis.findings.first() else {
        let _ = writeln!(out, "{}", paint("32", "Nothing wrong was found on this node's disk."));
        looked_at(diagnosis, &mut out);
        return out;
    };
    let place = first.place().map_or_else(String::new, |place| format!("{}: ", clean(&place)));
    let _ = writeln!(out, "{}", paint("1;31", &format!("{place}{}", clean(&first.cause))));
    for (index, finding) in diagnosis.findings.iter().enumerate() {
        if index > 0 {
            let place = finding.place().map_or_else(String::new, |place| format!("{}: ", clean(&place)));
            let also = paint("1", &format!("{place}{}", clean(&finding.cause)));
            let _ = writeln!(out, "\nalso: {also}");
        }
        one(finding, diagnosis.findings.get(..index).unwrap_or_default(), &paint, &mut out);
    }
    if diagnosis.findings.iter().any(|finding| finding.proposals.first().is_some_and(is_ours)) {
        let _ =
            writeln!(out, "\nTo carry out what is proposed first for each: {}", paint("1", "seaworthy rescue --apply"));
    }
    looked_at(diagnosis, &mut out);
    out
}

/// Whether this program can carry it out.
fn is_ours(proposal: &Proposal) -> bool {
    !matches!(proposal, Proposal::ByHand { .. })
}

fn one(finding: &Finding, before: &[Finding], paint: &impl Fn(&str, &str) -> String, out: &mut String) {
    if let Some(component) = &finding.component {
        let state = if finding.down { ", which does not run" } else { "" };
        let _ = writeln!(out, "  component: {}{state}", clean(component));
    }
    for evidence in &finding.evidence {
        let _ = writeln!(out, "  | {}", clean(evidence));
    }
    for (index, proposal) in finding.proposals.iter().enumerate() {
        let word = if index == 0 { "proposed:" } else { "or:" };
        // Findings about one file have one correction.
        let known = before.iter().find(|known| known.proposals.iter().any(|other| same(other, proposal)));
        let _ = match proposal {
            _ if known.is_some() && is_ours(proposal) => writeln!(out, "  {word} the same as above"),
            Proposal::RestoreGood { path, entry, diff, .. } => writeln!(
                out,
                "  {word} put back {} as repair {} left it, which was verified\n{}",
                clean(path),
                clean(entry),
                self::diff(diff, paint)
            ),
            Proposal::Correct { path, edits, diff, .. } => writeln!(
                out,
                "  {word} correct {}: {}\n{}",
                clean(path),
                edits.iter().map(|edit| clean(edit)).collect::<Vec<_>>().join("; "),
                self::diff(diff, paint)
            ),
            Proposal::MoveAway { path, to } => writeln!(out, "  {word} mv {} {}", quote(path), quote(to)),
            Proposal::ByHand { what } => writeln!(out, "  {word} {}", clean(what)),
        };
    }
}

fn same(one: &Proposal, other: &Proposal) -> bool {
    match (one, other) {
        (Proposal::Correct { path: a, after: x, .. }, Proposal::Correct { path: b, after: y, .. })
        | (Proposal::RestoreGood { path: a, after: x, .. }, Proposal::RestoreGood { path: b, after: y, .. }) => {
            a == b && x == y
        }
        _ => false,
    }
}

fn diff(diff: &str, paint: &impl Fn(&str, &str) -> String) -> String {
    let lines = diff.lines().map(|line| {
        let code = match line.as_bytes().first() {
            Some(b'+') => "32",
            Some(b'-') => "31",
            Some(b'@') => "36",
            _ => "0",
        };
        format!("    {}", if code == "0" { clean(line) } else { paint(code, &clean(line)) })
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn looked_at(diagnosis: &Diagnosis, out: &mut String) {
    let _ = writeln!(out, "\nLooked at:");
    for line in &diagnosis.looked_at {
        let _ = writeln!(out, "  {}", clean(line));
    }
    let _ = writeln!(out, "Where to look next:");
    for line in &diagnosis.next {
        let _ = writeln!(out, "  {}", clean(line));
    }
}

fn clean(text: &str) -> String {
    seaworthy_report::clean(text).into_owned()
}

/// A path as a shell takes it.
fn quote(path: &str) -> String {
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+:@~".contains(&byte));
    let path = clean(path);
    if plain { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
