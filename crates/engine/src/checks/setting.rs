//! A setting against what is wanted of it.

use seaworthy_catalogue::{Expect, SettingCheck, SettingKind};
use seaworthy_model::{Kind, Resource, Verdict};

use super::{Outcome, expect};
use crate::settings::{Effective, Origin, Resolver, State};
use crate::value::Value;

pub(super) fn judge(check: &SettingCheck, resolver: &Resolver<'_, '_>) -> Outcome {
    let effective = resolver.effective(&check.setting);
    let kind = resolver.instance.component.setting(&check.setting).map_or(SettingKind::Text, |s| s.kind);
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
            let mut outcome = Outcome::tested(verdict, sentence(check, &effective, &wanted, holds));
            if let (true, Some(stale)) = (holds, &effective.stale) {
                outcome.verdict = Verdict::Unknown;
                outcome.kind = Kind::Error;
                outcome.reason = format!("{} is {} in the file, but {stale}", check.setting, effective.shown());
            }
            outcome
        }
    }
    .expecting(format!("{} {}: {wanted}", check.component, check.setting));
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
fn sentence(check: &SettingCheck, effective: &Effective, wanted: &str, holds: bool) -> String {
    let value = match (&effective.state, &check.expect) {
        (State::Set(Value::List(list)), Expect::SubsetOf(allowed)) if !holds && !effective.is_unset() => {
            let odd: Vec<&str> = list.iter().filter(|e| !allowed.contains(e)).map(String::as_str).collect();
            return format!(
                "{} holds {} ({}); wanted nothing but strong ones",
                check.setting,
                odd.join(", "),
                effective.source
            );
        }
        // Of a long list only the entry that matters is shown; the evidence has them all.
        (State::Set(Value::List(list)), Expect::Contains(entry) | Expect::Lacks(entry)) if list.len() > SHORT => {
            let has = if list.contains(entry) { "holds" } else { "does not hold" };
            return format!("{} {has} {entry} ({})", check.setting, effective.source);
        }
        _ => effective.shown(),
    };
    let by_default = effective.origin == Origin::Default;
    let place = match &effective.state {
        State::Unset if by_default => String::new(),
        _ => format!(" ({})", effective.source),
    };
    let is = if effective.state == State::Unset { value } else { format!("is {value}") };
    let is = if is == "not set" { "is not set".to_owned() } else { is };
    if holds {
        format!("{} {is}{place}", check.setting)
    } else {
        format!("{} {is}{place}; wanted {wanted}", check.setting)
    }
}
