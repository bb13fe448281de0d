//! What a finding says: its tags, and what is wrong here.

use seaworthy_model::{Evidence, Finding, Label, Resource, Severity, Verdict};

use super::document::{Block, Entry, Tone, code, paragraph, short, text};

/// The words for a verdict.
pub(super) fn verdict(finding: &Finding) -> (Tone, String) {
    let (tone, word) = match finding.verdict {
        Verdict::Pass => (Tone::Good, "passes"),
        Verdict::Fail => (Tone::Bad, "fails"),
        Verdict::Manual => (Tone::Care, "a person decides"),
        Verdict::Unknown => (Tone::Care, "not known"),
        Verdict::NotApplicable => (Tone::Plain, "does not apply"),
    };
    (tone, word.to_owned())
}

/// Verdict, severity, level, and whether it counts.
pub(super) fn tags(finding: &Finding) -> Vec<(Tone, String)> {
    let tone = match finding.severity {
        Severity::Critical | Severity::High => Tone::Bad,
        Severity::Medium => Tone::Care,
        Severity::Low => Tone::Plain,
    };
    let label = match finding.label {
        Label::Automated => "automated",
        Label::Manual => "manual",
    };
    vec![
        verdict(finding),
        (tone, format!("severity {}", finding.severity.as_str())),
        (Tone::Plain, format!("level {}", finding.level)),
        (Tone::Plain, format!("{}, {label}", if finding.scored { "scored" } else { "not scored" })),
    ]
}

/// The reason, and what it rests on.
pub(super) fn wrong(finding: &Finding) -> Vec<Block> {
    let mut blocks = vec![reason(finding)];
    let remediation = finding.remediation.as_ref();
    if let Some((current, place)) = remediation.and_then(|r| Some((r.current.as_ref()?, r.place.as_ref()?))) {
        let words = vec![text("The line now: "), code(current.trim()), text(" in "), code(place.to_string())];
        blocks.push(Block::Text(words));
    }
    blocks.extend(rests_on(finding));
    blocks
}

pub(super) fn reason(finding: &Finding) -> Block {
    let given = if finding.reason.is_empty() { "No reason was given." } else { &finding.reason };
    paragraph(capital(given))
}

/// Most reasons begin with a path or a flag; those that begin with a word get a capital letter.
pub(super) fn capital(words: &str) -> String {
    let first = words.split_whitespace().next().unwrap_or_default();
    let word = first.len() > 1 && first.bytes().all(|b| b.is_ascii_lowercase());
    match words.chars().next() {
        Some(c) if word => format!("{}{}", c.to_ascii_uppercase(), &words[1..]),
        _ => words.to_owned(),
    }
}

/// Evidence and what offends, each as a list.
pub(super) fn rests_on(finding: &Finding) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut seen: Vec<&Evidence> = Vec::new();
    for evidence in &finding.evidence {
        if !seen.contains(&evidence) {
            seen.push(evidence);
        }
    }
    if !seen.is_empty() {
        blocks.push(paragraph("What this rests on:"));
        blocks.push(Block::List(seen.into_iter().map(evidence).collect()));
    }
    // Settings and files are in the evidence already; objects of the API are not.
    let named = |r: &&Resource| !matches!(r.kind.as_str(), "Setting" | "File");
    let resources: Vec<Entry> = finding.resources.iter().filter(named).map(resource).collect();
    if !resources.is_empty() {
        blocks.push(paragraph("What it is about:"));
        blocks.push(Block::List(resources));
    }
    blocks
}

fn evidence(evidence: &Evidence) -> Entry {
    let value = if evidence.value.is_empty() { text("empty") } else { code(&evidence.value) };
    let mut words = vec![text(short(&format!("{}: ", evidence.what))), value];
    let from = evidence.source.as_ref().map(ToString::to_string);
    if let Some(from) = from.filter(|from| *from != evidence.what) {
        words.extend([text(", from "), text(short(&from))]);
    }
    let lost = evidence.candidates.iter().map(|lost| {
        let why = format!(", from {}: {}", lost.source, lost.why);
        vec![text("not used: "), code(&lost.value), text(short(&why))]
    });
    let notes = evidence.notes.iter().map(|note| vec![text(short(&format!("note: {note}")))]);
    Entry { words, below: lost.chain(notes).collect() }
}

fn resource(resource: &Resource) -> Entry {
    let namespace = resource.namespace.as_ref().map(|n| format!("{n}/")).unwrap_or_default();
    let mut words = vec![text(format!("{} ", resource.kind)), code(format!("{namespace}{}", resource.name))];
    if !resource.detail.is_empty() {
        words.push(text(short(&format!(": {}", resource.detail))));
    }
    Entry::of(words)
}
