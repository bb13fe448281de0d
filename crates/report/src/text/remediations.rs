//! What to do, target by target.

use anstyle::AnsiColor;
use seaworthy_model::{Finding, Remediation, Report, Status, SubjectKind};

use super::page::{INDENT, Page};
use super::wrap;
use crate::outline;

/// How wide the lines of a guide become, indent included, in characters.
const WIDTH: usize = 100;

/// `guides` adds the rule pages' own words, which `seaworthy explain` prints too.
pub(super) fn print(page: &mut Page, report: &Report, guides: bool) {
    for target in outline::targets(report) {
        let findings: Vec<_> =
            report.findings.iter().filter(|finding| finding.target == target).filter_map(to_do).collect();
        if findings.is_empty() {
            continue;
        }
        page.title(AnsiColor::Yellow, &format!("Remediations {target}"));
        let several = report.subjects.iter().filter(|subject| subject.kind == SubjectKind::Node).count() > 1;
        for item in findings.chunk_by(|a, b| a.0.id == b.0.id) {
            for (index, (finding, remediation)) in item.iter().enumerate() {
                // The same thing to do on several nodes is said once.
                if item[..index].iter().any(|(_, other)| other == remediation) {
                    continue;
                }
                let same = item.iter().filter(|(_, other)| other == remediation);
                let names: Vec<&str> = same.map(|(f, _)| f.subject.name.as_str()).collect();
                let node = finding.subject.kind == SubjectKind::Node;
                print_one(page, finding, remediation, guides, (several && node).then_some(names.as_slice()));
            }
        }
        if !guides {
            page.line(0, "More on each: seaworthy explain NUMBER");
            if findings.iter().any(|(_, remediation)| remediation.risk.is_some()) {
                page.line(
                    0,
                    "Repairs by this program, as root on the node: seaworthy fix --check NUMBER (a plan first)",
                );
            }
        }
    }
}

/// The remediation, if there is anything to do.
fn to_do(finding: &Finding) -> Option<(&Finding, &Remediation)> {
    match finding.status {
        Status::Pass | Status::Info => None,
        Status::Fail | Status::Warn => finding.remediation.as_ref().map(|remediation| (finding, remediation)),
    }
}

fn print_one(page: &mut Page, finding: &Finding, remediation: &Remediation, guides: bool, on: Option<&[&str]>) {
    let on = on.map(|names| format!(" (on {})", names.join(", "))).unwrap_or_default();
    page.line(0, &format!("{}{on} {}", finding.id, remediation.summary));
    let mut entry = |label: &str, value: &str| page.line(INDENT, &format!("{label:9}{value}"));
    match (&remediation.current, &remediation.place) {
        (Some(current), Some(place)) => entry("now:", &format!("{} (in {place})", current.trim())),
        (Some(current), None) => entry("now:", current.trim()),
        (None, Some(place)) => entry("place:", &place.to_string()),
        (None, None) => {}
    }
    if let Some(wanted) = &remediation.wanted {
        entry("wanted:", wanted.trim());
    }
    if let Some(risk) = &remediation.risk {
        let what = remediation
            .breaks
            .as_ref()
            .map_or_else(|| describe_risk(risk).to_owned(), |what| format!("may break: {what}"));
        entry("risk:", &what);
    }
    if let Some(no_fix) = &remediation.no_fix {
        entry("by hand:", no_fix);
    }
    let guide = if guides { remediation.guide.as_str() } else { "" };
    for line in wrap::wrap(guide, WIDTH - INDENT) {
        page.line(INDENT, &line);
    }
}

/// The catalogue's word for a risk, as a phrase. A word that this build does not know is shown as it is.
fn describe_risk(risk: &str) -> &str {
    match risk {
        "none" => "none, nothing restarts",
        "restarts-component" => "restarts the component",
        "may-break" => "may break what relies on it now",
        other => other,
    }
}
