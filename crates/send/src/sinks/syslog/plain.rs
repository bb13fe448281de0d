//! Words for people, with what programs want to know in structured data.

use seaworthy_report::identity;

use super::field::{fitted, free, name};
use super::frame::{Frame, parameter};
use super::words::About;

/// A message. Its text is UTF-8, as the mark in front of it says.
pub(super) fn message(frame: &Frame, about: &About<'_>, most: usize) -> String {
    fitted(most, |limit| {
        let mut out = frame.header(about);
        structured(&mut out, frame, about, limit);
        out.push_str(" \u{feff}");
        out.push_str(&free(&text(about), limit.max(20)));
        out
    })
}

fn structured(out: &mut String, frame: &Frame, about: &About<'_>, limit: usize) {
    let finding = about.finding();
    let level = finding.level.to_string();
    let fingerprint = identity::fingerprint(finding);
    let known = |text: &str, limit: usize| if text.is_empty() { String::new() } else { name(text, limit) };
    out.push('[');
    out.push_str(&frame.sd_id);
    for (key, value) in [
        ("event", about.id),
        ("finding", &fingerprint),
        ("scan", &known(&about.outgoing.report.scan_id, 64)),
        ("id", &known(&finding.id, 24)),
        ("benchmark", &known(identity::benchmark(finding), 32)),
        ("state", about.item.state()),
        ("status", finding.status.as_str()),
        ("verdict", finding.verdict.as_str()),
        ("severity", finding.severity.as_str()),
        ("level", &level),
        ("change", about.change()),
        // From here on what may be left out: names of any length.
        ("rule", &free(&finding.rule, limit.min(128))),
        ("cluster", &free(about.cluster(), limit.min(128))),
        ("node", &free(identity::node(finding).unwrap_or(""), limit.min(256))),
        ("section", &free(&finding.section, limit.min(32))),
        ("file", &free(about.file(), limit.min(512))),
    ] {
        parameter(out, key, value);
    }
    out.push(']');
}

fn text(about: &About<'_>) -> String {
    let finding = about.finding();
    let word = match about.item.state() {
        "gone" => "GONE",
        "solved" => "SOLVED",
        _ => finding.status.as_str(),
    };
    let mut text = format!("{word} {} {} on {}", finding.id, finding.title, finding.subject.name);
    for (before, what) in [(": ", finding.reason.as_str()), ("; to do: ", about.remediation())] {
        if !what.is_empty() {
            text.push_str(before);
            text.push_str(what);
        }
    }
    text
}
