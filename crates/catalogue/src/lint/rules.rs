//! Rules, and the cases beside them.

use std::collections::BTreeSet;

use seaworthy_model::{Severity, Verdict};

use super::{Names, checks, fixes, suggestion};
use crate::load::{Draft, Parsed, RuleText};
use crate::{Applies, Problem, Rule};

/// The headings that every page has, in this order.
pub(crate) const HEADINGS: [&str; 4] = ["What it checks", "Why it matters", "How to fix it", "References"];

pub(super) fn resolve(
    name: &str,
    raw: &Parsed<'_, RuleText>,
    names: &Names<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Rule> {
    let text = &raw.value;
    well_formed(name, raw, problems);
    let severity = match text.head.severity.as_str() {
        "low" => Severity::Low,
        "medium" => Severity::Medium,
        "high" => Severity::High,
        "critical" => Severity::Critical,
        other => {
            let help = suggestion(other, ["low", "medium", "high", "critical"].into_iter());
            problems.push(raw.problem(other, format!("{other:?} is no severity"), help));
            Severity::Low
        }
    };
    let place = checks::Where { file: raw.file, text: raw.text, names };
    let applies = text.head.applies.as_ref().and_then(|applies| {
        let when = place.setting_check(&applies.component, &applies.setting, &applies.expect, problems)?;
        Some(Applies { when, otherwise: applies.otherwise.clone() })
    });
    let check = place.check(&text.head.check, None, problems);
    let fix = fixes::resolve(raw, check.as_ref(), names, problems);
    Some(Rule {
        name: name.to_owned(),
        folder: text.folder.clone(),
        title: text.head.title.clone(),
        severity,
        applies,
        check: check?,
        fix: fix?,
        page: text.page.clone().into(),
    })
}

fn well_formed(name: &str, raw: &Parsed<'_, RuleText>, problems: &mut Vec<Problem>) {
    let text = &raw.value;
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        problems.push(Problem::new(
            raw.file,
            0,
            "a rule's name is its file's name",
            "use lower-case words with dashes",
        ));
    }
    let title = format!("# {}", text.head.title);
    if text.page.lines().next() != Some(title.as_str()) {
        problems.push(raw.problem(
            "title",
            "the page's first heading is not the title",
            format!("write {title:?} below the head"),
        ));
    }
    let headings: Vec<&str> = text.page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    if headings != HEADINGS {
        let message = format!("the page has the headings {headings:?}");
        problems.push(Problem::new(raw.file, 0, message, format!("it must have, in this order: {HEADINGS:?}")));
    }
}

pub(super) fn cases(draft: &Draft<'_>, problems: &mut Vec<Problem>) {
    for (name, rule) in &draft.rules {
        match draft.cases.get(name) {
            Some(cases) if !cases.value.cases.is_empty() => {
                let folder = format!("rules/{}/", rule.value.folder);
                if !cases.file.starts_with(&folder) {
                    problems.push(Problem::new(
                        cases.file,
                        0,
                        "the cases stand in another folder than their rule",
                        format!("move them to {folder}"),
                    ));
                }
            }
            _ => {
                let help =
                    format!("write {} with a [[case]] for each verdict", rule.file.replace(".md", ".cases.toml"));
                problems.push(Problem::new(rule.file, 0, format!("the rule {name} has no cases"), help));
            }
        }
    }
    for (name, parsed) in &draft.cases {
        if !draft.rules.contains_key(name) {
            problems.push(Problem::new(
                parsed.file,
                0,
                "there is no rule of this name",
                suggestion(name, draft.rules.keys().map(String::as_str)),
            ));
        }
        let mut seen = BTreeSet::new();
        for case in &parsed.value.cases {
            let words = Verdict::ALL.map(Verdict::as_str);
            if !words.contains(&case.verdict.as_str()) {
                let help = suggestion(&case.verdict, words.into_iter());
                problems.push(parsed.problem(&case.verdict, format!("{:?} is no verdict", case.verdict), help));
            }
            if !seen.insert(&case.name) {
                problems.push(parsed.problem(
                    &case.name,
                    format!("two cases are called {:?}", case.name),
                    "say how they differ",
                ));
            }
        }
    }
}
