//! A setting against what is wanted of it.

use seaworthy_catalogue::{Expect, Setting, SettingCheck, SettingKind};
use seaworthy_model::{Kind, Resource, Verdict};

use super::{Outcome, expect};
use crate::settings::{Effective, Origin, Resolver, State};
use crate::value::Value;
use crate::witness;

pub(super) fn judge(check: &SettingCheck, resolver: &Resolver<'_, '_>) -> Outcome {
    let effective = resolver.effective(&check.setting);
    let setting = resolver.instance.component.setting(&check.setting);
    let kind = setting.map_or(SettingKind::Text, |s| s.kind);
    let wanted = expect::wanted(&check.expect, kind);
    let mut outcome = match &effective.state {
        State::Unknown(why) => {
            let mut outcome = Outcome::unknown(why.clone());
            outcome.reason = format!("{} is not known: {}", check.setting, why.text);
            outcome
        }
        _ => {
            let holds = expect::holds(&check.expect, &effective);
            let verdict = if holds { Verdict::Pass } else { Verdict::Fail };
            let mut outcome = Outcome::tested(
                verdict,
                sentence(check, &name_of(&check.setting, setting, &effective, resolver), &effective, &wanted, holds),
            );
            if let (true, Some(stale)) = (holds, &effective.stale) {
                outcome.verdict = Verdict::Unknown;
                outcome.kind = Kind::Error;
                outcome.reason = format!("{} is {} in the file, but {stale}", check.setting, effective.shown());
            }
            outcome
        }
    }
    .expecting(format!("{} {}: {wanted}", check.component, check.setting));
    // Whoever has just edited the manifest wants to know why the verdict is still about the old value.
    let not_yet = [witness::NOT_RUNNING, witness::NOT_RUN_BY];
    if let Some(written) = effective.candidates.iter().find(|c| not_yet.contains(&c.why.as_str())) {
        outcome.reason =
            format!("{}; {} says {}, which does not run yet", outcome.reason, written.source, written.value);
    }
    outcome.show(&check.component, &check.setting, &effective);
    if outcome.verdict == Verdict::Fail {
        outcome.resources.push(Resource {
            kind: "Setting".to_owned(),
            namespace: None,
            name: format!("{}.{}", check.component, check.setting),
            detail: effective.shown(),
        });
    }
    outcome
}

/// How many entries of a list a reason shows.
const SHORT: usize = 6;

/// The value, where it was seen, what was wanted.
fn sentence(check: &SettingCheck, name: &str, effective: &Effective, wanted: &str, holds: bool) -> String {
    let value = match (&effective.state, &check.expect) {
        (State::Set(Value::List(list)), Expect::SubsetOf(allowed)) if !holds && !effective.is_unset() => {
            let odd: Vec<&str> = list.iter().filter(|e| !allowed.contains(e)).map(String::as_str).collect();
            return format!("{name} holds {} ({}); wanted {wanted}", odd.join(", "), effective.source);
        }
        // Of a long list only the entry that matters is shown; the evidence has them all.
        (State::Set(Value::List(list)), Expect::Contains(entry) | Expect::Lacks(entry)) if list.len() > SHORT => {
            let has = if list.contains(entry) { "holds" } else { "does not hold" };
            return format!("{name} {has} {entry} ({})", effective.source);
        }
        _ => effective.shown(),
    };
    let found = match (&effective.state, effective.origin) {
        (State::Unset, _) => format!("{name} is not set"),
        (_, Origin::Default) => format!("{name} is not set, which means {value} ({})", effective.source),
        _ => format!("{name} is {value} ({})", effective.source),
    };
    if holds { found } else { format!("{found}; wanted {wanted}") }
}

/// The name under which a reader knows the setting: its flag where it was given as one or there is nothing else, its field where the
/// component has a configuration file, our own name for what is worked out of several.
fn name_of(name: &str, setting: Option<&Setting>, effective: &Effective, resolver: &Resolver<'_, '_>) -> String {
    let Some(setting) = setting else { return name.to_owned() };
    let has_file = resolver.config().is_ok_and(|c| c.layers().next().is_some());
    let has_file = has_file || effective.origin == Origin::Running;
    let field = setting.field.as_ref().filter(|_| has_file || setting.flag.is_none());
    match (&setting.flag, field) {
        (Some(flag), _) if effective.origin == Origin::Argument => format!("--{flag}"),
        (_, Some(field)) => setting.gate.as_ref().map_or_else(|| field.clone(), |gate| format!("{field}.{gate}")),
        (Some(flag), None) => {
            setting.gate.as_ref().map_or_else(|| format!("--{flag}"), |gate| format!("--{flag} {gate}"))
        }
        (None, None) => name.to_owned(),
    }
}
