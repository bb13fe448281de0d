//! Checks of what the Kubernetes API answered: each a function with the name that rules use.
//!
//! A function says what it saw ([`Seen`]); what follows is decided here, once: an offender that is known fails; without one, a list
//! that could not be had in full makes it unknown; and only with all lists in full it passes, or is put before a person.

mod rbac;
mod workloads;

use seaworthy_catalogue::Platform;
use seaworthy_model::cluster::{Gap, List, api_source};
use seaworthy_model::{Cluster, Evidence, Fact, Grant, GrantKind, Kind, Missing, Resource, Verdict};

pub(crate) use rbac::Access;

use super::{Judge, Outcome};
use crate::phrase::some;

/// What a cluster check is judged with.
pub(crate) struct Asked<'c, 'a> {
    /// What the API answered.
    pub(crate) cluster: &'a Cluster,
    /// The platform, which says what is the system's own.
    pub(crate) platform: &'a Platform,
    /// For what the node tells besides.
    pub(crate) judge: &'c Judge<'c, 'a>,
    /// The rule's further words.
    pub(crate) with: &'c [String],
}

impl<'a> Asked<'_, 'a> {
    /// Whether a namespace is the system's own.
    pub(crate) fn system_namespace(&self, name: &str) -> bool {
        self.platform.system.namespaces.iter().any(|own| own == name)
    }
}

/// What a check saw. A function that lacks a list leaves out what it cannot know, and adds no offender on a guess.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// What offends.
    pub(crate) offenders: Vec<Resource>,
    /// What a person has to look at, where nothing offends.
    pub(crate) listed: Vec<Resource>,
    /// What is shown and does not count.
    pub(crate) shown: Vec<Evidence>,
    /// What the offenders do, as the beginning of a sentence that they end: `every right is given by`.
    pub(crate) offence: String,
    /// Why nothing offends, or the question for a person, as a sentence without its full stop.
    pub(crate) clean: String,
    /// Whether a person has to decide where nothing offends.
    pub(crate) manual: bool,
    /// What was wanted.
    pub(crate) expected: String,
    /// Something beside the lists that is not known and keeps it from passing.
    pub(crate) doubt: Option<String>,
}

pub(crate) type Check = fn(&Asked<'_, '_>) -> Seen;

/// The checks by name: as in the catalogue's list, which a test holds equal to this one.
pub(crate) fn all() -> impl Iterator<Item = &'static (&'static str, Check)> {
    rbac::ALL.iter().chain(workloads::ALL)
}

/// Decides a check by what the API answered.
pub(super) fn judge(name: &str, judge: &Judge<'_, '_>, asks: &[String], with: &[String]) -> Outcome {
    let Some(cluster) = judge.context.facts.api.as_deref() else { return Outcome::needs_api(asks) };
    let Some((_, check)) = all().find(|(known, _)| *known == name) else {
        return Outcome::unknown(crate::why::Why::error(format!("there is no cluster check {name}")));
    };
    let seen = check(&Asked { cluster, platform: judge.context.platform, judge, with });
    let gaps: Vec<(&str, Gap<'_>)> =
        asks.iter().filter_map(|ask| cluster.missing(ask).map(|gap| (ask.as_str(), gap))).collect();
    let mut outcome = conclude(seen, &gaps);
    let known =
        asks.iter().filter_map(|ask| cluster.answer(ask).filter(|answer| answer.gap.is_none()).map(|a| (ask, a)));
    outcome.evidence.extend(known.map(|(ask, answer)| Evidence {
        what: ask.clone(),
        value: format!("{} objects", answer.count),
        source: Some(answer.source.clone()),
        candidates: Vec::new(),
        notes: Vec::new(),
    }));
    outcome
}

fn conclude(mut seen: Seen, gaps: &[(&str, Gap<'_>)]) -> Outcome {
    for list in [&mut seen.offenders, &mut seen.listed] {
        list.sort();
        list.dedup();
    }
    let first_gap = gaps.first().map(|(ask, gap)| gap_words(ask, gap));
    let mut outcome = if !seen.offenders.is_empty() {
        let mut reason = format!("{} {}", seen.offence, names(&seen.offenders));
        if let Some(gap) = &first_gap {
            reason = format!("{reason}; there may be more, since {gap}");
        }
        Outcome { resources: seen.offenders, ..Outcome::tested(Verdict::Fail, reason) }
    } else if let Some(gap) = first_gap {
        let kind = if gaps.iter().any(|(_, gap)| grant(gap).is_some()) { Kind::NeedsGrant } else { Kind::Error };
        let mut outcome = Outcome::unknown(crate::why::Why::error(gap));
        outcome.kind = kind;
        outcome
    } else if let Some(doubt) = seen.doubt {
        Outcome::unknown(crate::why::Why::error(doubt))
    } else if seen.manual {
        Outcome { resources: seen.listed, ..Outcome::manual(&seen.clean) }
    } else {
        Outcome::tested(Verdict::Pass, seen.clean)
    };
    for (ask, gap) in gaps {
        outcome.evidence.push(Evidence {
            what: (*ask).to_owned(),
            value: gap_words(ask, gap),
            source: None,
            candidates: Vec::new(),
            notes: Vec::new(),
        });
    }
    outcome.evidence.extend(seen.shown);
    outcome.expected = seen.expected;
    outcome
}

fn grant(gap: &Gap<'_>) -> Option<Grant> {
    match gap {
        Gap::Missing(missing) => missing.grant().cloned(),
        Gap::Broken(_) | Gap::NotAsked => None,
    }
}

/// Why a list is not known in full, as a clause.
pub(crate) fn gap_words(ask: &str, gap: &Gap<'_>) -> String {
    let resource = ask.strip_prefix("list ").unwrap_or(ask);
    match gap {
        Gap::Missing(Missing::Denied { error, grant, .. }) => {
            format!("the API refused the list of {resource} ({error}): grant {}", grant.name)
        }
        Gap::Missing(Missing::NotVisible { grant, .. }) if grant.kind == GrantKind::Recording => {
            format!("these facts hold no list of {resource}: collect them again")
        }
        Gap::Missing(Missing::NotVisible { grant, .. }) => {
            format!("the list of {resource} could not be asked for: {grant}")
        }
        Gap::Missing(Missing::Absent { .. }) => format!("the API has no list of {resource}"),
        Gap::Missing(Missing::Broken { error, .. }) => format!("the list of {resource} could not be read: {error}"),
        Gap::Broken(objects) => {
            let first = objects.first().map(|o| format!("{}: {}", o.name, o.error)).unwrap_or_default();
            format!("{} of the {resource} could not be read ({first})", objects.len())
        }
        Gap::NotAsked => format!("these facts hold no list of {resource}: collect them again"),
    }
}

/// The first few of several objects, as a phrase: `ClusterRoleBinding a, RoleBinding shop/b and 3 more`.
pub(crate) fn names(resources: &[Resource]) -> String {
    const FEW: usize = 3;
    if let [one] = resources {
        let namespace = one.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
        let detail = if one.detail.is_empty() { String::new() } else { format!(" ({})", one.detail) };
        return format!("{} {namespace}{}{detail}", one.kind, one.name);
    }
    let mut words: Vec<String> = Vec::new();
    for resource in resources {
        let word = match &resource.namespace {
            Some(namespace) => format!("{} {namespace}/{}", resource.kind, resource.name),
            None => format!("{} {}", resource.kind, resource.name),
        };
        if words.last() != Some(&word) {
            words.push(word);
        }
    }
    some(words.iter(), FEW, ", ")
}

/// The objects of a list, as far as they could be read.
pub(crate) fn items<T>(list: &List<T>) -> &[T] {
    list.known().map_or(&[], |listing| listing.items.as_slice())
}

/// Whether a list is known in full.
pub(crate) fn whole<T>(list: &List<T>) -> bool {
    matches!(list, Fact::Known { value, .. } if value.broken.is_empty())
}

/// Evidence of one object: shown, and not counted.
pub(crate) fn show(resource: &str, namespace: Option<&str>, name: &str, value: impl Into<String>) -> Evidence {
    let place = api_source(resource, namespace, Some(name));
    Evidence {
        what: place.to_string(),
        value: value.into(),
        source: Some(place),
        candidates: Vec::new(),
        notes: Vec::new(),
    }
}

/// Evidence that is about no single object.
pub(crate) fn note(what: &str, value: impl Into<String>) -> Evidence {
    Evidence { what: what.to_owned(), value: value.into(), source: None, candidates: Vec::new(), notes: Vec::new() }
}

/// A resource of a finding.
pub(crate) fn resource(kind: &str, namespace: Option<&str>, name: &str, detail: impl Into<String>) -> Resource {
    Resource {
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
        detail: detail.into(),
    }
}
