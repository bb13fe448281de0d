//! Settings that are worked out of others: what really holds where two flags and a file exclude one another.

mod admission;
mod anonymous;
mod authorization;
mod ciphers;
mod members;

use seaworthy_catalogue::Setting;
use seaworthy_model::{Candidate, Source};

use crate::settings::{Effective, Origin, Resolver, State};
use crate::why::Why;

type Derivation = fn(&Setting, &Resolver<'_, '_>) -> Effective;

/// The derivations by name: as in the catalogue's list, which a test holds equal to this one.
pub(crate) const ALL: [(&str, Derivation); 5] = [
    ("admission-plugins", admission::plugins),
    ("anonymous-requests", anonymous::requests),
    ("authorization-modes", authorization::modes),
    ("cipher-suites", ciphers::suites),
    ("etcd-members", members::count),
];

pub(crate) fn derive(name: &str, setting: &Setting, resolver: &Resolver<'_, '_>) -> Effective {
    match ALL.iter().find(|(known, _)| *known == name) {
        Some((_, derivation)) => derivation(setting, resolver),
        None => Effective::unknown(Why::error(format!("no derivation {name}")), resolver.instance.source("arguments")),
    }
}

/// A derived value that rests on `from`: its place, notes and doubts go along.
fn derived(state: State, source: Source, from: &[&Effective]) -> Effective {
    let mut effective = Effective::new(state, Origin::Derived, source);
    for part in from {
        effective.notes.extend(part.notes.iter().cloned());
        effective.candidates.extend(part.candidates.iter().cloned());
        effective.stale = effective.stale.take().or_else(|| part.stale.clone());
    }
    effective
}

/// A value that lost to the one that excludes it.
fn loser(effective: &Effective, why: &str) -> Option<Candidate> {
    effective.set().map(|value| Candidate {
        value: value.to_string(),
        source: effective.source.clone(),
        why: why.to_owned(),
    })
}
