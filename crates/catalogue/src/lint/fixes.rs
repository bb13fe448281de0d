//! Fixes: every rule has one, or says why not.

use super::{Names, checks::Where, components::literal, suggestion};
use crate::load::{Parsed, RuleText};
use crate::parse::RawFix;
use crate::{Check, Fix, FixOperation, Problem, Risk, SettingCheck};

const OPERATIONS: [&str; 7] = ["set", "unset", "add-to-list", "remove-from-list", "mode", "owner", "write-file"];

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
    let mut entries = table.iter();
    let (Some((word, value)), None) = (entries.next(), entries.next()) else {
        problems.push(raw.problem("fix", "a fix has exactly one operation", suggestion("", OPERATIONS.into_iter())));
        return None;
    };
    let fix: RawFix = match value.clone().try_into() {
        Ok(fix) => fix,
        Err(error) => {
            problems.push(raw.problem("fix", error.message(), "docs/ has the form of a fix"));
            return None;
        }
    };
    let place = Where { file: raw.file, text: raw.text, names };
    let operation = operation(word, &fix, check, &place, raw, problems)?;
    let risk = match (fix.risk.as_str(), &fix.breaks) {
        ("none", None) => Risk::None,
        ("restarts-component", None) => Risk::RestartsComponent,
        ("may-break", Some(what)) => Risk::MayBreak(what.clone()),
        _ => {
            let help = "risk is \"none\", \"restarts-component\", or \"may-break\" with breaks = \"what, and when\"";
            problems.push(raw.problem(
                "risk",
                format!("{:?} is no risk, or breaks does not go with it", fix.risk),
                help,
            ));
            return None;
        }
    };
    Some(Fix::Machine { operation, risk })
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
            (!values.is_empty()).then_some(FixOperation::Set { component, values })
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
            match (&fix.path, &fix.content) {
                (Some(path), Some(content)) => {
                    Some(FixOperation::WriteFile { component, setting, path: path.clone(), content: content.clone() })
                }
                _ => None,
            }
        }
        other => {
            let help = suggestion(other, OPERATIONS.into_iter());
            problems.push(raw.problem(other, format!("{other:?} is no operation of a fix"), help));
            return None;
        }
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
