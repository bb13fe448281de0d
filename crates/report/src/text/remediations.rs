//! What to do, target by target.

use anstyle::AnsiColor;
use seaworthy_model::{Finding, Remediation, Report, Status};

use super::page::{INDENT, Page};
use super::wrap;
use crate::outline;

/// How wide the lines of a guide become, indent included, in characters.
const WIDTH: usize = 100;

/// `guides` adds the rule pages' own words, which `seaworthy explain` prints too.
pub(super) fn print(page: &mut Page, report: &Report, guides: bool) {
    for target in outline::targets(report) {
        let mut findings =
            report.findings.iter().filter(|finding| finding.target == target).filter_map(to_do).peekable();
        if findings.peek().is_none() {
            continue;
        }
        page.title(AnsiColor::Yellow, &format!("Remediations {target}"));
        for (finding, remediation) in findings {
            print_one(page, finding, remediation, guides);
        }
        if !guides {
            page.line(0, "More on each: seaworthy explain NUMBER");
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

fn print_one(page: &mut Page, finding: &Finding, remediation: &Remediation, guides: bool) {
    page.line(0, &format!("{} {}", finding.id, remediation.summary));
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
