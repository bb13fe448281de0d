//! How many members an etcd is started with.

use seaworthy_catalogue::Setting;
use seaworthy_model::Source;

use super::derived;
use crate::settings::{Effective, Resolver, State};
use crate::value::Value;
use crate::why::Why;

pub(super) fn count(_: &Setting, resolver: &Resolver<'_, '_>) -> Effective {
    let cluster = resolver.effective("initial-cluster");
    for name in ["discovery", "discovery-srv"] {
        let discovery = resolver.effective(name);
        match &discovery.state {
            State::Unknown(why) => {
                return derived(State::Unknown(why.clone()), discovery.source.clone(), &[&discovery]);
            }
            _ if !discovery.is_unset() => {
                let why = Why::error(format!("its members are found through {name}, so their number is not known"));
                return derived(State::Unknown(why), discovery.source.clone(), &[&discovery]);
            }
            _ => {}
        }
    }
    if let State::Unknown(why) = &cluster.state {
        return derived(State::Unknown(why.clone()), cluster.source.clone(), &[&cluster]);
    }
    let Some(list) = cluster.list().filter(|_| !cluster.is_unset()) else {
        let mut effective =
            derived(State::Set(Value::Int(1)), Source::stated("etcd's default: a cluster of itself"), &[&cluster]);
        effective.notes.push("--initial-cluster is not set".to_owned());
        return effective;
    };
    let members = i64::try_from(list.iter().filter(|entry| !entry.trim().is_empty()).count()).unwrap_or(i64::MAX);
    let state = resolver.effective("initial-cluster-state");
    if members == 1 && state.text() == Some("existing") {
        let why = Why::error("it joined an existing cluster, so its arguments do not tell how many members there are");
        return derived(State::Unknown(why), cluster.source.clone(), &[&cluster, &state]);
    }
    let mut effective = derived(State::Set(Value::Int(members)), cluster.source.clone(), &[&cluster]);
    effective.notes.push(format!("--initial-cluster names {}", list.join(",")));
    effective
}
