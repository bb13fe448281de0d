//! The items: each once, with what became of it on whom. What fails comes first, then what needs a look, then all the rest in a table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use seaworthy_model::{Finding, Report, Status};

use super::escape::text;
use super::head::class;
use super::outcome;
use crate::words::{self, Why};
use crate::{identity, outline};

/// One item of the benchmark.
pub(super) struct Item<'a> {
    /// What links lead to.
    pub(super) anchor: String,
    /// Number and title of its section.
    pub(super) section: String,
    /// A finding of it, for what all have in common.
    pub(super) first: &'a Finding,
    /// What became of it: the worst word first, the most subjects first among equals.
    pub(super) outcomes: Vec<Outcome<'a>>,
}

/// Findings of an item that say the same.
pub(super) struct Outcome<'a> {
    pub(super) status: Status,
    /// None for a PASS.
    pub(super) why: Option<Why>,
    /// Each with its subject's number among all subjects that findings name.
    pub(super) findings: Vec<(usize, &'a Finding)>,
}

/// All items in the report's order.
pub(super) fn of(report: &Report) -> Vec<Item<'_>> {
    let numbers = subjects(report);
    let mut items = Vec::new();
    let mut anchors = BTreeSet::new();
    for part in outline::parts(report) {
        let heading = part.heading();
        let mut order: Vec<(&str, &str)> = Vec::new();
        let mut found: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
        for finding in &part.findings {
            let key = (identity::benchmark(finding), finding.id.as_str());
            let findings = found.entry(key).or_default();
            if findings.is_empty() {
                order.push(key);
            }
            findings.push(finding);
        }
        for key in order {
            let findings = &found[&key];
            items.push(Item {
                anchor: anchor(&findings[0].id, &mut anchors),
                section: heading.clone(),
                first: findings[0],
                outcomes: outcomes(findings, &numbers),
            });
        }
    }
    items
}

/// The subjects that findings name, numbered as they come.
pub(super) fn subjects(report: &Report) -> BTreeMap<&str, usize> {
    let mut numbers = BTreeMap::new();
    for finding in &report.findings {
        let next = numbers.len();
        numbers.entry(finding.subject.name.as_str()).or_insert(next);
    }
    numbers
}

/// `check-1.2.15`, or with a number behind it where that is taken.
fn anchor(id: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String = id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    let mut anchor = format!("check-{plain}");
    let mut number = 1;
    while !taken.insert(anchor.clone()) {
        number += 1;
        anchor = format!("check-{plain}-{number}");
    }
    anchor
}

fn outcomes<'a>(findings: &[&'a Finding], numbers: &BTreeMap<&str, usize>) -> Vec<Outcome<'a>> {
    let mut places = BTreeMap::new();
    let mut list: Vec<Outcome<'a>> = Vec::new();
    for finding in findings {
        let why = (finding.status != Status::Pass).then(|| words::why(finding));
        let key = (finding.status, why.as_ref().map(ToString::to_string));
        let place = *places.entry(key).or_insert_with(|| {
            list.push(Outcome { status: finding.status, why, findings: Vec::new() });
            list.len() - 1
        });
        list[place].findings.push((numbers[finding.subject.name.as_str()], finding));
    }
    list.sort_by_key(|one| (rank(one.status), std::cmp::Reverse(one.findings.len())));
    list
}

/// The worst first. An INFO is behind a PASS: it says the least.
pub(super) fn rank(status: Status) -> u8 {
    match status {
        Status::Fail => 0,
        Status::Warn => 1,
        Status::Pass => 2,
        Status::Info => 3,
    }
}

impl Item<'_> {
    /// The worst word.
    pub(super) fn status(&self) -> Status {
        self.outcomes.first().map_or(Status::Info, |outcome| outcome.status)
    }
}

pub(super) fn write(items: &[Item<'_>], out: &mut String) {
    let of = |statuses: &[Status]| -> Vec<&Item<'_>> {
        items.iter().filter(|item| statuses.contains(&item.status())).collect()
    };
    let (fail, warn, rest) = (of(&[Status::Fail]), of(&[Status::Warn]), of(&[Status::Pass, Status::Info]));
    part("fails", "What fails", "Nothing fails.", &fail, out);
    part("look", "What needs a look", "Nothing needs a look.", &warn, out);
    out.push_str("<section class=\"part\" aria-labelledby=\"rest\">\n<h2 id=\"rest\">Everything else</h2>\n");
    if rest.is_empty() {
        out.push_str("<p>There is nothing else.</p>\n</section>\n");
        return;
    }
    out.push_str(
        "<div class=\"wide\"><table class=\"rest\">\n<caption>Checks that hold, do not apply, or are waived or skipped</caption>\n\
         <thead><tr><th scope=\"col\">Check</th><th scope=\"col\">Status</th><th scope=\"col\">What was asked and seen</th>\
         </tr></thead>\n<tbody>\n",
    );
    for item in rest {
        let _ = writeln!(
            out,
            "<tr id=\"{}\"{}><th scope=\"row\">{}</th><td>{}</td><td><p>{}</p>",
            item.anchor,
            data(item),
            text(&item.first.id),
            word(item.status()),
            text(&item.first.title),
        );
        item.outcomes.iter().for_each(|outcome| outcome::write(outcome, false, out));
        out.push_str("</td></tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n</section>\n");
}

fn part(id: &str, heading: &str, none: &str, items: &[&Item<'_>], out: &mut String) {
    let _ = writeln!(out, "<section class=\"part\" aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>");
    if items.is_empty() {
        let _ = writeln!(out, "<p>{none}</p>");
    }
    out.push_str("<div class=\"items\">\n");
    for item in items {
        let (first, anchor) = (item.first, &item.anchor);
        let severity = first.severity.as_str();
        let _ = writeln!(
            out,
            "<article class=\"item\" id=\"{anchor}\"{}>\n<h3><a href=\"#{anchor}\">{}</a> {}</h3>\n<ul class=\"tags\">\
             <li>{}</li><li class=\"{severity}\">severity {severity}</li><li>{}</li><li>level {}</li><li>{}</li></ul>",
            data(item),
            text(&first.id),
            text(&first.title),
            word(item.status()),
            text(&item.section),
            first.level,
            words::label(first),
        );
        item.outcomes.iter().for_each(|outcome| outcome::write(outcome, true, out));
        out.push_str("</article>\n");
    }
    out.push_str("</div>\n</section>\n");
}

/// What the filters go by.
fn data(item: &Item<'_>) -> String {
    format!(
        " data-section=\"{}\" data-severity=\"{}\" data-rank=\"{}\"",
        text(&item.first.section),
        item.first.severity.as_str(),
        rank(item.status())
    )
}

/// The word with its colour.
pub(super) fn word(status: Status) -> String {
    format!("<span class=\"word {}\">{status}</span>", class(status))
}
