//! Who holds a right: one check for many rules, by the rights that their words name.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_catalogue::{AccessQuestion, AccessRight};

use super::resolve::{Access, Bound, Held, Known, Subject};
use super::{Aside, either, note, objects, rights};
use crate::checks::cluster::{Asked, Seen};

/// What a role gives of the rights that are asked about.
#[derive(Default)]
struct Hits {
    counted: Vec<String>,
    shown: Vec<String>,
    /// Whether it gives what counts by allowing everything.
    everything: bool,
}

pub(super) fn access(asked: &Asked<'_, '_>) -> Seen {
    let question = match AccessQuestion::parse(asked.with) {
        Ok(question) => question,
        Err(wrong) => {
            let doubt = format!("the rule's words cannot be read: {}: {}", wrong.message, wrong.help);
            return Seen { doubt: Some(doubt), ..Seen::default() };
        }
    };
    let access = asked.access();
    let needed = Needed::find(access, &question);
    let mut hits: BTreeMap<(usize, bool), Hits> = BTreeMap::new();
    let (mut seen, mut aside, mut own) = (Seen::default(), Aside::default(), BTreeSet::new());
    let (mut others, mut through) = (0_usize, BTreeSet::new());
    for (bound, role) in access.with_roles() {
        let held: Vec<&Held<'_>> = bound.subjects.iter().filter(|held| counts(held)).collect();
        others += usize::from(bound.subjects.iter().any(|held| !held.standing.own()));
        let key = (role, bound.cluster);
        let hits = hits.entry(key).or_insert_with(|| find(&access.roles[role], &question, !bound.cluster));
        if hits.counted.is_empty() && hits.shown.is_empty() {
            continue;
        }
        if held.len() < bound.subjects.len() && !hits.counted.is_empty() {
            own.insert(bound.binding.metadata.path());
        }
        let shown_only = hits.counted.is_empty() || question.cluster && !bound.cluster;
        for held in held {
            if shown_only {
                aside.add(bound, || format!("shown, not counted: {}", detail(bound, held, hits, None)));
            } else {
                let detail = detail(bound, held, hits, needed.as_ref());
                let offender = bound.named(detail);
                if hits.everything {
                    through.insert((offender.kind.clone(), offender.namespace.clone(), offender.name.clone()));
                }
                seen.offenders.push(offender);
            }
        }
    }
    let right = phrase(&question.counted);
    let count = objects(&seen.offenders);
    let part = match through.len() {
        0 => String::new(),
        some => format!(" ({some} of {count} through cluster-admin (5.1.1))"),
    };
    seen.offence = format!("the right to {right}{part} is given by");
    let kind = if question.cluster { "ClusterRoleBindings and RoleBindings" } else { "bindings" };
    seen.clean = format!("none of {others} {kind} beside the system's own gives the right to {right}");
    seen.expected = format!("no binding but the system's own gives the right to {right}");
    seen.shown = aside.done();
    if !own.is_empty() {
        let names: Vec<String> = own.iter().cloned().collect();
        seen.shown.push(note("the system's own bindings", format!("{} have it: {}", names.len(), rights::few(&names))));
    }
    seen
}

/// Whether a subject of a binding can be an offender. What the system gives to everybody, to nodes and to those that want to be one has
/// none of the rights that rules ask about: such a right was slipped into its role.
fn counts(held: &Held<'_>) -> bool {
    !held.standing.own() || held.subject.everybody() || held.subject.node()
}

fn find(known: &Known<'_>, question: &AccessQuestion, in_namespace: bool) -> Hits {
    let mut hits = Hits::default();
    for rule in &known.role.rules {
        for right in &question.counted {
            let Some(given) = rights::given(rule, right, in_namespace) else { continue };
            if question.unlimited && given.limited {
                push(&mut hits.shown, given.words);
            } else {
                hits.everything |= rights::everything(rule);
                push(&mut hits.counted, given.words);
            }
        }
        for right in &question.shown {
            if let Some(given) = rights::given(rule, right, in_namespace) {
                push(&mut hits.shown, given.words);
            }
        }
    }
    hits
}

fn push(words: &mut Vec<String>, word: String) {
    if !words.contains(&word) {
        words.push(word);
    }
}

/// Role, subject and rule.
fn detail(bound: &Bound<'_>, held: &Held<'_>, hits: &Hits, needed: Option<&Needed<'_>>) -> String {
    let rule = if hits.everything {
        "everything, through cluster-admin (5.1.1)".to_owned()
    } else if hits.counted.is_empty() {
        hits.shown.join("; ")
    } else {
        hits.counted.join("; ")
    };
    let mut detail = format!("{} gives {}: {rule}", bound.role_name(), held.subject);
    if let super::own::Standing::Other(Some(why)) = held.standing {
        detail = format!("{detail}; {why}");
    }
    if let Some(needed) = needed.filter(|_| !hits.everything) {
        detail = format!("{detail}; {}", needed.of(&held.subject));
    }
    detail
}

/// Who has the right without which the others have no effect.
struct Needed<'a> {
    phrase: String,
    /// Each holder with the rules that give it.
    holders: BTreeMap<Subject<'a>, Vec<String>>,
}

impl<'a> Needed<'a> {
    /// None if nothing is needed, or if it cannot be known who has it.
    fn find(access: &Access<'a>, question: &AccessQuestion) -> Option<Self> {
        if question.needed.is_empty() || !access.whole {
            return None;
        }
        let mut holders: BTreeMap<Subject<'a>, Vec<String>> = BTreeMap::new();
        let mut given: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (bound, role) in access.with_roles().filter(|(bound, _)| bound.cluster) {
            let words = given.entry(role).or_insert_with(|| {
                let rules = access.roles[role].role.rules.iter();
                let pairs = rules.flat_map(|rule| question.needed.iter().map(move |right| (rule, right)));
                pairs.filter_map(|(rule, right)| rights::given(rule, right, false)).map(|given| given.words).collect()
            });
            if words.is_empty() {
                continue;
            }
            for held in &bound.subjects {
                let list = holders.entry(held.subject).or_default();
                words.iter().for_each(|word| push(list, word.clone()));
            }
        }
        Some(Needed { phrase: phrase(&question.needed), holders })
    }

    fn of(&self, subject: &Subject<'_>) -> String {
        let account_group;
        let mut identities = vec![*subject];
        match subject {
            Subject::Account { namespace, .. } => {
                account_group = format!("system:serviceaccounts:{namespace}");
                identities.push(Subject::Group(&account_group));
                identities.push(Subject::Group("system:serviceaccounts"));
            }
            Subject::Group(name) if name.starts_with("system:serviceaccounts:") => {
                identities.push(Subject::Group("system:serviceaccounts"));
            }
            _ => {}
        }
        let nobody = matches!(subject, Subject::User("system:anonymous") | Subject::Group("system:unauthenticated"));
        identities.push(Subject::Group(if nobody { "system:unauthenticated" } else { "system:authenticated" }));
        // The map's keys live longer than what is looked for, which the compiler shortens here.
        let holders: &BTreeMap<Subject<'_>, Vec<String>> = &self.holders;
        let words = identities.iter().find_map(|identity| holders.get(identity));
        match words {
            Some(words) => format!("it may {} too: {}", self.phrase, words.join("; ")),
            None => format!("it may not {}, without which this has no effect", self.phrase),
        }
    }
}

/// Rights as words: `get, list or watch secrets`.
fn phrase(rights: &[AccessRight]) -> String {
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for right in rights {
        let verbs = if right.verbs.is_empty() { "use".to_owned() } else { either(&right.verbs) };
        match parts.last_mut() {
            Some((last, objects)) if *last == verbs => objects.push(right.object()),
            _ => parts.push((verbs, vec![right.object()])),
        }
    }
    let words: Vec<String> = parts.iter().map(|(verbs, objects)| format!("{verbs} {}", either(objects))).collect();
    either(&words)
}
