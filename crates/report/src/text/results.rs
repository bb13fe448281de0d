//! Every section, group and finding, and at the end what is no finding and deserves a word.

use seaworthy_model::{Finding, Report, Status, WaiverState};

use super::page::{INDENT, Page};
use crate::outline::{self, Part};
use crate::{several, words};

/// From how many findings on a reason that all of a group share is said once for the group.
const SHARED: usize = 3;

pub(super) fn print(page: &mut Page, report: &Report, evidence: bool) {
    page.blank();
    let mut said: Vec<&str> = Vec::new();
    for part in outline::parts(report) {
        if said.iter().any(|outer| outline::is_within(part.id, outer)) {
            continue;
        }
        if let Some(absent) = part.absent {
            page.status(Status::Info, &format!("{}: not applicable, {absent}", part.heading()));
            said.push(part.id);
            continue;
        }
        print_part(page, &part, evidence);
    }
    print_rest(page, report);
}

fn print_part(page: &mut Page, part: &Part<'_>, evidence: bool) {
    page.status(Status::Info, &part.heading());
    let shared = if evidence { None } else { shared_reason(&part.findings) };
    if let Some(text) = &shared {
        page.short_line(INDENT, text);
    }
    for item in part.findings.chunk_by(|a, b| a.id == b.id) {
        let groups = several::same(item);
        let (Some(worst), Some(finding)) = (groups.first(), item.first()) else { continue };
        page.status(worst.status, &format!("{} {}", finding.id, finding.title));
        match &worst.why {
            _ if shared.is_some() => {}
            // All say the same.
            why if groups.len() == 1 => {
                if let Some(why) = why {
                    page.short_line(INDENT, &why.to_string());
                }
            }
            _ => groups.iter().for_each(|same| page.short_line(INDENT, &same.line())),
        }
        for finding in item.iter().filter(|_| evidence) {
            if item.len() > 1 {
                page.line(INDENT, &format!("on {}: {}", finding.subject.name, finding.status));
            }
            print_evidence(page, finding);
        }
    }
}

/// The line for a group whose findings all have one and the same reason: 35 times "needs the Kubernetes API" hides what else there is.
fn shared_reason(findings: &[&Finding]) -> Option<String> {
    let (first, rest) = findings.split_first()?;
    if findings.len() < SHARED || findings.iter().any(|finding| finding.status == Status::Pass) {
        return None;
    }
    let why = words::why(first);
    let same = |other: &&Finding| other.status == first.status && words::why(other) == why;
    rest.iter().all(same).then(|| {
        let separator = if why.word.is_some() { "," } else { ":" };
        format!("all {} below{separator} {why}", findings.len())
    })
}

fn print_evidence(page: &mut Page, finding: &Finding) {
    let (label, severity) = (words::label(finding), finding.severity.as_str());
    page.line(INDENT, &format!("rule: {} (level {}, {label}, severity {severity})", finding.rule, finding.level));
    if !finding.expected.is_empty() {
        page.line(INDENT, &format!("wanted: {}", finding.expected));
    }
    for evidence in &finding.evidence {
        let (first, below) = words::evidence(evidence);
        page.line(INDENT, &format!("seen: {first}"));
        for line in below {
            page.line(INDENT + 2, &line);
        }
    }
    for resource in &finding.resources {
        page.line(INDENT, &format!("about: {}", words::resource(resource)));
    }
}

/// Waivers that do nothing, and processes that were seen and not judged. They are no findings and bear none of the four words, so that
/// whoever counts lines counts right.
fn print_rest(page: &mut Page, report: &Report) {
    let mut lines = Vec::new();
    for waiver in &report.waivers {
        match waiver.state {
            WaiverState::Used => {}
            WaiverState::Unused => lines.push(format!("unused waiver {}: {}", waiver.item, waiver.note)),
            WaiverState::Expired => lines.push(format!("expired waiver {}: {}", waiver.item, waiver.note)),
        }
    }
    for problem in &report.also_seen {
        lines.push(format!("also seen: {}, {} ({})", problem.what, problem.why, problem.source));
    }
    if !lines.is_empty() {
        page.blank();
    }
    for line in lines {
        page.line(0, &line);
    }
}
