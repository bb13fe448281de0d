//! Feature gates: a map that is brought together key by key. `AllBeta` and `AllAlpha` stand for gates that are not named themselves.

use crate::value::parse_bool;
use seaworthy_catalogue::Occurrence;

/// What a list of `--feature-gates` says about a gate: the index of the argument, and the value. The last word counts; a gate's own
/// name counts more than `AllBeta`. The error says what the component would refuse.
pub(crate) fn from_flags(gate: &str, occurrences: &[&Occurrence]) -> Result<Option<(usize, bool, bool)>, String> {
    let mut own = None;
    let mut group = None;
    for occurrence in occurrences {
        let text = occurrence.value.as_deref().unwrap_or_default();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(format!("{pair:?} is no NAME=true or NAME=false"));
            };
            // Components of one process group may prefix the component that a gate belongs to.
            let name = name.trim();
            let name = name.strip_prefix("kube:").unwrap_or(name);
            let Some(on) = parse_bool(value.trim()) else { return Err(format!("{value:?} is no boolean")) };
            if name == gate {
                own = Some((occurrence.index, on, true));
            } else if name == "AllBeta" {
                group = Some((occurrence.index, on, false));
            }
        }
    }
    Ok(own.or(group))
}
