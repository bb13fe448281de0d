//! Which admission plugins are on.

use seaworthy_catalogue::Setting;

use super::derived;
use crate::settings::{Effective, Resolver, State};
use crate::value::Value;
use crate::why::Why;

pub(super) fn plugins(setting: &Setting, resolver: &Resolver<'_, '_>) -> Effective {
    let exact = resolver.effective("admission-control");
    let enabled = resolver.effective("enable-admission-plugins");
    let disabled = resolver.effective("disable-admission-plugins");
    for part in [&exact, &enabled, &disabled] {
        if let State::Unknown(why) = &part.state {
            return derived(State::Unknown(why.clone()), part.source.clone(), &[part]);
        }
        let odd = |plugin: &&String| !plugin.bytes().all(|b| b.is_ascii_alphanumeric());
        if let Some(plugin) = part.list().unwrap_or_default().iter().find(odd) {
            let why = Why::error(format!("there is no admission plugin {plugin:?}, which the API server refuses"));
            return derived(State::Unknown(why), part.source.clone(), &[part]);
        }
    }
    // The old flag names all plugins that are on; the API server refuses it together with the other two.
    if let Some(list) = exact.list().filter(|_| !exact.is_unset()) {
        return derived(State::Set(Value::List(list.to_vec())), exact.source.clone(), &[&exact]);
    }
    let default = resolver.default(setting, None);
    let mut on: Vec<String> = default.list().unwrap_or_default().to_vec();
    let off = disabled.list().unwrap_or_default();
    on.retain(|plugin| !off.contains(plugin));
    for plugin in enabled.list().unwrap_or_default() {
        if !plugin.is_empty() && !on.contains(plugin) {
            on.push(plugin.clone());
        }
    }
    let source =
        if enabled.is_unset() && !disabled.is_unset() { disabled.source.clone() } else { enabled.source.clone() };
    let source = if enabled.is_unset() && disabled.is_unset() { default.source.clone() } else { source };
    let mut effective = derived(State::Set(Value::List(on)), source, &[&enabled, &disabled]);
    for (flag, part) in [("enable", &enabled), ("disable", &disabled)] {
        if let Some(value) = part.set() {
            effective.notes.push(format!("--{flag}-admission-plugins is {value}"));
        }
    }
    effective
}
