//! What became of an item on one or more subjects: why, on whom, by what evidence, and what to do.

use std::fmt::Write;

use seaworthy_model::{Finding, Remediation, Status, SubjectKind};

use super::escape::{prose, text};
use super::guide;
use super::items::{Outcome, word};
use crate::words;

/// How many names are shown before the rest is folded.
const FEW: usize = 12;

/// `full` shows what to do and leaves the evidence open.
pub(super) fn write(outcome: &Outcome<'_>, full: bool, out: &mut String) {
    let numbers: Vec<String> = outcome.findings.iter().map(|(number, _)| number.to_string()).collect();
    let status = outcome.status;
    // Writing to a String does not fail, here and below.
    let _ = writeln!(
        out,
        "<div class=\"outcome\" data-status=\"{status}\" data-subjects=\"{}\">\n<p class=\"why\">{} {}{}</p>",
        numbers.join(" "),
        word(status),
        whom(outcome),
        outcome.why.as_ref().map(|why| format!(": {}", text(&why.to_string()))).unwrap_or_default(),
    );
    let Some((_, first)) = outcome.findings.first() else { return };
    if full {
        evidence(first, outcome.findings.len(), out);
        remedies(outcome, out);
    } else if !first.evidence.is_empty() || !first.resources.is_empty() || !first.expected.is_empty() {
        out.push_str("<details><summary>Evidence</summary>\n");
        evidence(first, outcome.findings.len(), out);
        out.push_str("</details>\n");
    }
    out.push_str("</div>\n");
}

fn whom(outcome: &Outcome<'_>) -> String {
    let names: Vec<String> = outcome
        .findings
        .iter()
        .map(|(_, f)| match f.subject.kind {
            SubjectKind::Node => text(&f.subject.name),
            SubjectKind::Cluster => format!("cluster {}", text(&f.subject.name)),
        })
        .collect();
    if names.len() <= FEW {
        return format!("on {}", names.join(", "));
    }
    format!("on {} and {} more: {}", names[..FEW].join(", "), names.len() - FEW, names[FEW..].join(", "))
}

/// What was wanted and what was seen. Of several that say the same, one is shown.
fn evidence(finding: &Finding, of: usize, out: &mut String) {
    if finding.evidence.is_empty() && finding.resources.is_empty() && finding.expected.is_empty() {
        return;
    }
    out.push_str("<dl class=\"seen\">\n");
    if !finding.expected.is_empty() {
        let _ = writeln!(out, "<dt>Wanted</dt><dd>{}</dd>", text(&finding.expected));
    }
    if of > 1 && !finding.evidence.is_empty() {
        let _ = writeln!(out, "<dt>Shown</dt><dd>{} of {of} that say the same</dd>", text(&finding.subject.name));
    }
    for evidence in &finding.evidence {
        let from = evidence
            .source
            .as_ref()
            .map(|source| format!(" <span class=\"quiet\">from {}</span>", text(&source.to_string())));
        let _ = write!(
            out,
            "<dt>Seen</dt><dd>{}: <code>{}</code>{}",
            text(&evidence.what),
            text(&evidence.value),
            from.unwrap_or_default()
        );
        let (_, below) = words::evidence(evidence);
        if !below.is_empty() {
            let below = below.iter().map(|line| format!("<li>{}</li>", text(line)));
            let _ = write!(out, "<ul>{}</ul>", below.collect::<String>());
        }
        out.push_str("</dd>\n");
    }
    if !finding.resources.is_empty() {
        let resources =
            finding.resources.iter().map(|resource| format!("<li>{}</li>", text(&words::resource(resource))));
        let _ = writeln!(out, "<dt>About</dt><dd><ul>{}</ul></dd>", resources.collect::<String>());
    }
    out.push_str("</dl>\n");
}

/// What to do, each once: the same thing on several nodes is said once.
fn remedies(outcome: &Outcome<'_>, out: &mut String) {
    if outcome.status == Status::Pass || outcome.status == Status::Info {
        return;
    }
    let mut told: Vec<(&Remediation, Vec<&str>)> = Vec::new();
    for (_, finding) in &outcome.findings {
        let Some(remediation) = &finding.remediation else { continue };
        match told.iter_mut().find(|(known, _)| *known == remediation) {
            Some((_, names)) => names.push(&finding.subject.name),
            None => told.push((remediation, vec![&finding.subject.name])),
        }
    }
    let several = told.len() > 1;
    for (index, (remediation, names)) in told.iter().enumerate() {
        let on = if several { format!(" (on {})", text(&names.join(", "))) } else { String::new() };
        let _ = writeln!(
            out,
            "<div class=\"remedy\">\n<p><strong>What to do{on}:</strong> {}</p>",
            prose(&remediation.summary)
        );
        out.push_str(&remedy(remediation));
        // Their guides are the rule's, and so all alike.
        if index == 0 && !remediation.guide.trim().is_empty() {
            let _ =
                writeln!(out, "<details><summary>More on it</summary>\n{}</details>", guide::html(&remediation.guide));
        }
        out.push_str("</div>\n");
    }
}

fn remedy(remediation: &Remediation) -> String {
    let mut rows = String::new();
    let mut row = |label: &str, value: String| {
        let _ = writeln!(rows, "<dt>{label}</dt><dd>{value}</dd>");
    };
    let code = |line: &str| format!("<code>{}</code>", text(line.trim()));
    let place = remediation.place.as_ref().map(|place| text(&place.to_string()));
    match (&remediation.current, place) {
        (Some(current), Some(place)) => {
            row("Now", format!("{} <span class=\"quiet\">in {place}</span>", code(current)))
        }
        (Some(current), None) => row("Now", code(current)),
        (None, Some(place)) => row("Place", place),
        (None, None) => {}
    }
    if let Some(wanted) = &remediation.wanted {
        row("Set", code(wanted));
    }
    if let Some(risk) = &remediation.risk {
        let risk = match (risk.as_str(), &remediation.breaks) {
            (_, Some(breaks)) => format!("may break: {breaks}"),
            ("none", None) => "none: nothing restarts".to_owned(),
            ("restarts-component", None) => "the component restarts".to_owned(),
            ("may-break", None) => "may break what relies on it".to_owned(),
            (other, None) => other.to_owned(),
        };
        row("Risk", text(&risk));
    }
    if let Some(no_fix) = &remediation.no_fix {
        row("By hand", text(no_fix));
    }
    if rows.is_empty() { rows } else { format!("<dl class=\"seen\">\n{rows}</dl>\n") }
}
