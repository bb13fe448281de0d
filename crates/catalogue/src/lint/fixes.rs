//! Fixes: every rule has one, or says why not.

use super::{Names, checks::Where, components::by_version, components::literal, suggestion};
use crate::load::{BREAKAGES, Parsed, RuleText};
use crate::parse::RawFix;
use crate::{Check, Fix, FixOperation, Literal, Problem, Risk, SettingCheck, WriteFile};

/// In the order in which they are carried out.
const OPERATIONS: [&str; 8] =
    ["write-file", "unset", "set", "add-to-list", "remove-from-list", "encrypt-first", "mode", "owner"];

pub(super) fn resolve(
    raw: &Parsed<'_, RuleText>,
    check: Option<&Check>,
    names: &Names<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Fix> {
    let head = &raw.value.head;
    let table = match (&head.fix, &head.no_fix) {
        (None, Some(reason)) if !reason.trim().is_empty() => return Some(Fix::None { reason: reason.clone() }),
        (Some(table), None) => table,
        _ => {
            let help =
                "write [fix.set] or another operation with its risk, or no-fix = \"the reason\" above the tables";
            problems.push(Problem::new(raw.file, 1, "the rule has neither a fix nor a reason for none, or both", help));
            return None;
        }
    };
    let mut fixes: Vec<(&str, RawFix)> = Vec::new();
    for (word, value) in table {
        if !OPERATIONS.contains(&word.as_str()) {
            let help = suggestion(word, OPERATIONS.into_iter());
            problems.push(raw.problem(word, format!("{word:?} is no operation of a fix"), help));
            return None;
        }
        match value.clone().try_into() {
            Ok(fix) => fixes.push((word, fix)),
            Err(error) => {
                problems.push(raw.problem("fix", error.message(), "docs/ has the form of a fix"));
                return None;
            }
        }
    }
    fixes.sort_by_key(|(word, _)| OPERATIONS.iter().position(|known| known == word));
    let place = Where { file: raw.file, text: raw.text, names };
    let risk = risk(&fixes, raw, problems)?;
    let tests: Vec<String> = fixes.iter().flat_map(|(_, fix)| fix.tests.iter().cloned()).collect();
    for test in tests.iter().filter(|test| !BREAKAGES.contains(&test.as_str())) {
        let help = suggestion(test, BREAKAGES.into_iter());
        problems.push(raw.problem(test, format!("{test:?} is no breakage that is looked for"), help));
    }
    let operations: Vec<FixOperation> =
        fixes.iter().filter_map(|(word, fix)| operation(word, fix, check, &place, raw, problems)).collect();
    (operations.len() == fixes.len()).then_some(Fix::Machine { operations, risk, tests })
}

/// The risk of the whole stands in one of its operations.
fn risk(fixes: &[(&str, RawFix)], raw: &Parsed<'_, RuleText>, problems: &mut Vec<Problem>) -> Option<Risk> {
    let mut stated = fixes.iter().filter_map(|(_, fix)| fix.risk.as_deref().map(|risk| (risk, fix)));
    let (Some((word, fix)), None) = (stated.next(), stated.next()) else {
        let help = "risk = \"none\", \"restarts-component\", or \"may-break\" in one of the tables of the fix";
        problems.push(raw.problem("fix", "a fix states its risk once", help));
        return None;
    };
    match (word, &fix.breaks) {
        ("none", None) => Some(Risk::None),
        ("restarts-component", None) => Some(Risk::RestartsComponent),
        ("may-break", Some(what)) => Some(Risk::MayBreak(what.clone())),
        _ => {
            let help = "risk is \"none\", \"restarts-component\", or \"may-break\" with breaks = \"what, and when\"";
            problems.push(raw.problem("risk", format!("{word:?} is no risk, or breaks does not go with it"), help));
            None
        }
    }
}

fn operation(
    word: &str,
    fix: &RawFix,
    check: Option<&Check>,
    place: &Where<'_>,
    raw: &Parsed<'_, RuleText>,
    problems: &mut Vec<Problem>,
) -> Option<FixOperation> {
    // A check that could not be read has its own problem; what the fix is about follows from it.
    let first = check?;
    let first = first_setting(first);
    let component = fix.component.clone().or_else(|| first.map(|c| c.component.clone())).unwrap_or_default();
    let setting = fix.setting.clone().or_else(|| first.map(|c| c.setting.clone())).unwrap_or_default();
    let text = || fix.value.as_ref().and_then(|v| v.as_str()).map(str::to_owned);
    let known = |problems: &mut Vec<Problem>| place.setting(&component, &setting, problems);
    let found = match word {
        "set" => {
            let values = match (&fix.value, &fix.values) {
                (Some(value), None) => vec![(setting, literal(value)?)],
                (None, Some(values)) => {
                    values.iter().map(|(k, v)| Some((k.clone(), literal(v)?))).collect::<Option<Vec<_>>>()?
                }
                _ => Vec::new(),
            };
            for (setting, _) in &values {
                place.setting(&component, setting, problems)?;
            }
            let directory = match &fix.directory {
                Some(mode) => Some(place.mode(mode, problems)?),
                None => None,
            };
            (!values.is_empty()).then_some(FixOperation::Set { component, values, directory })
        }
        "unset" => known(problems).map(|_| FixOperation::Unset { component, setting }),
        "add-to-list" => {
            known(problems)?;
            text().map(|value| FixOperation::AddToList { component, setting, value })
        }
        "remove-from-list" => {
            known(problems)?;
            text().map(|value| FixOperation::RemoveFromList { component, setting, value })
        }
        "mode" => fix.mode.as_ref().and_then(|mode| place.mode(mode, problems)).map(FixOperation::Mode),
        "owner" => {
            let pair = fix.owner.as_ref().and_then(|owner| place.owner(owner, problems));
            pair.map(|(owner, group)| FixOperation::Owner { owner, group })
        }
        "write-file" => {
            known(problems)?;
            write_file(component, setting, fix, place, raw, problems).map(FixOperation::WriteFile)
        }
        "encrypt-first" => known(problems).map(|_| FixOperation::EncryptFirst { component, setting }),
        _ => return None,
    };
    if found.is_none() {
        problems.push(raw.problem(
            "fix",
            format!("the fix {word:?} lacks what it needs"),
            "docs/ has the form of a fix",
        ));
    }
    found
}

fn write_file(
    component: String,
    setting: String,
    fix: &RawFix,
    place: &Where<'_>,
    raw: &Parsed<'_, RuleText>,
    problems: &mut Vec<Problem>,
) -> Option<WriteFile> {
    let text = by_version("text", fix.text.as_ref(), raw, problems);
    if text.is_empty() || text.iter().any(|text| !matches!(text.value, Some(Literal::Text(_)))) {
        problems.push(raw.problem(
            "write-file",
            "a file that is written needs its text",
            "text = \"\"\"…\"\"\", or a list of { from, until, value }",
        ));
        return None;
    }
    Some(WriteFile {
        component,
        setting,
        path: fix.path.clone()?,
        content: fix.content.clone()?,
        text,
        mode: place.mode(fix.mode.as_deref().unwrap_or("0600"), problems)?,
        merge: fix.merge.clone(),
        secret: fix.secret,
    })
}

/// The first setting that a check asks about: what a fix is about unless it says otherwise.
fn first_setting(check: &Check) -> Option<&SettingCheck> {
    let mut first = None;
    check.walk(&mut |check| {
        if let (None, Check::Setting(setting)) = (first, check) {
            first = Some(setting);
        }
    });
    first
}
