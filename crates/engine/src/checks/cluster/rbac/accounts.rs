//! Service accounts: the default ones, and the pods that get a token.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::Resource;
use seaworthy_model::cluster::{PodObject, PodSpec};

use super::resolve::{Access, Bound, Subject};
use super::{note, objects};
use crate::checks::cluster::{Asked, Seen, items, resource, whole};

/// The account that every namespace has, and that pods run as which name none.
const DEFAULT: &str = "default";

pub(super) fn default_service_accounts(asked: &Asked<'_, '_>) -> Seen {
    let (mut seen, mut accounts) = (Seen::default(), 0_usize);
    for account in items(&asked.cluster.service_accounts) {
        let namespace = account.metadata.namespace.as_deref().unwrap_or_default();
        if account.metadata.name != DEFAULT || asked.system_namespace(namespace) {
            continue;
        }
        accounts += 1;
        if account.automount_service_account_token != Some(false) {
            let said = if account.automount_service_account_token.is_some() { "true" } else { "not set" };
            let detail = format!("automountServiceAccountToken is {said}, so that its pods get a token");
            seen.offenders.push(resource("ServiceAccount", Some(namespace), DEFAULT, detail));
        }
    }
    let mut bindings = 0_usize;
    for bound in &asked.access().bindings {
        bindings += 1;
        for held in bound.subjects.iter().filter(|h| matches!(h.subject, Subject::Account { name: DEFAULT, .. })) {
            seen.offenders.push(bound.named(format!("{} gives {} rights", bound.role_name(), held.subject)));
        }
    }
    let count = objects(&seen.offenders);
    seen.offence = match (accounts_among(&seen.offenders), count) {
        (0, _) => "rights are given to a default account by",
        (some, count) if some == count => "tokens for pods that name no account are given by",
        _ => "tokens for pods that name no account, or rights to a default account, are given by",
    }
    .to_owned();
    seen.clean = format!(
        "all {accounts} default accounts of user namespaces give pods no token, and none of {bindings} bindings names one"
    );
    seen.expected =
        "every default account with automountServiceAccountToken false, and no binding that names one".to_owned();
    seen
}

fn accounts_among(resources: &[Resource]) -> usize {
    resources.iter().filter(|r| r.kind == "ServiceAccount").count()
}

pub(super) fn token_mounts(asked: &Asked<'_, '_>) -> Seen {
    let cluster = asked.cluster;
    let access = asked.access();
    let rights = Rights::find(access);
    let words: BTreeMap<(&str, &str), Option<bool>> = items(&cluster.service_accounts)
        .iter()
        .map(|a| {
            let namespace = a.metadata.namespace.as_deref().unwrap_or_default();
            ((namespace, a.metadata.name.as_str()), a.automount_service_account_token)
        })
        .collect();
    let accounts_known = whole(&cluster.service_accounts);
    let (mut seen, mut pods, mut system) = (Seen::default(), 0_usize, 0_usize);
    for pod in items(&cluster.pods) {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        if asked.system_namespace(namespace) {
            system += 1;
            continue;
        }
        pods += 1;
        let name = pod.spec.service_account_name.as_deref().filter(|n| !n.is_empty()).unwrap_or(DEFAULT);
        let word = words.get(&(namespace, name)).copied();
        let Some(why) = mounted(pod, word, accounts_known) else { continue };
        let account = format!("ServiceAccount {namespace}/{name}");
        match rights.of(namespace, name) {
            Some(bound) => {
                let source = format!("{} {}", bound.kind(), bound.binding.metadata.path());
                let detail = format!("{why}; {account} has rights by {source}");
                seen.listed.push(resource("Pod", Some(namespace), &pod.metadata.name, detail));
            }
            // That it has none is known only if all bindings and roles are.
            None if access.whole => {
                let detail = format!("{why}; {account} may do no more than everybody who signs in");
                seen.offenders.push(resource("Pod", Some(namespace), &pod.metadata.name, detail));
            }
            None => {}
        }
    }
    seen.manual = !seen.listed.is_empty();
    "the token of an account without rights is mounted by".clone_into(&mut seen.offence);
    seen.clean = if seen.manual {
        let listed = seen.listed.len();
        format!("Decide whether {listed} of {pods} pods, which mount a token of an account with rights, use it")
    } else {
        format!("none of {pods} pods mounts a token")
    };
    seen.expected = "no pod mounts the token of an account that has no rights".to_owned();
    if system > 0 {
        let names = asked.platform.system.namespaces.join(", ");
        seen.shown.push(note("the system's own pods", format!("{system} pods of {names} are not judged")));
    }
    seen
}

/// Why a pod has a token, if it has one. `word` is what its account says, none if the account is not there.
fn mounted(pod: &PodObject, word: Option<Option<bool>>, accounts_known: bool) -> Option<&'static str> {
    // The API server gives static pods no token, and refuses those that ask for one.
    if pod.metadata.annotations.mirror {
        return None;
    }
    if projected(&pod.spec) {
        return Some("a token is mounted from a projected volume");
    }
    match (pod.spec.automount_service_account_token, word) {
        (Some(false), _) | (None, Some(Some(false))) => None,
        (Some(true), _) => Some("the pod says that a token is mounted"),
        (None, Some(Some(true))) => Some("its account says that a token is mounted"),
        (None, Some(None)) => Some("neither the pod nor its account says that no token is mounted"),
        (None, None) if accounts_known => Some("the pod does not say that no token is mounted"),
        (None, None) => None,
    }
}

/// Whether a container mounts a volume that holds a token.
fn projected(pod: &PodSpec) -> bool {
    let volumes: BTreeSet<&str> = pod
        .volumes
        .iter()
        .filter(|v| v.projected.as_ref().is_some_and(|p| p.sources.iter().any(|s| s.service_account_token.is_some())))
        .map(|v| v.name.as_str())
        .collect();
    !volumes.is_empty()
        && pod.all_containers().any(|(_, c)| c.volume_mounts.iter().any(|m| volumes.contains(m.name.as_str())))
}

/// Which accounts have rights beyond what everybody has who signs in: each with the first binding that gives some.
struct Rights<'r, 'a> {
    subjects: BTreeMap<Subject<'a>, &'r Bound<'a>>,
    /// By the namespace of whose accounts the group is.
    groups: BTreeMap<&'a str, &'r Bound<'a>>,
    everybody: Option<&'r Bound<'a>>,
}

impl<'r, 'a> Rights<'r, 'a> {
    fn find(access: &'r Access<'a>) -> Self {
        let gives = |bound: &Bound<'_>| bound.subjects.iter().any(|h| h.standing.own() && h.subject.everybody());
        let common: BTreeSet<usize> =
            access.with_roles().filter(|(bound, _)| bound.cluster && gives(bound)).map(|(_, role)| role).collect();
        let mut rights = Rights { subjects: BTreeMap::new(), groups: BTreeMap::new(), everybody: None };
        for (bound, role) in access.with_roles() {
            let allows = |r: &seaworthy_model::cluster::PolicyRule| {
                !r.verbs.is_empty() && (!r.resources.is_empty() || bound.cluster && !r.non_resource_urls.is_empty())
            };
            if common.contains(&role) || !access.roles[role].role.rules.iter().any(allows) {
                continue;
            }
            for held in &bound.subjects {
                match held.subject {
                    Subject::Group("system:authenticated" | "system:serviceaccounts") => {
                        rights.everybody.get_or_insert(bound);
                    }
                    Subject::Group(name) => {
                        if let Some(namespace) = name.strip_prefix("system:serviceaccounts:") {
                            rights.groups.entry(namespace).or_insert(bound);
                        }
                    }
                    subject => {
                        rights.subjects.entry(subject).or_insert(bound);
                    }
                }
            }
        }
        rights
    }

    fn of(&self, namespace: &str, name: &str) -> Option<&'r Bound<'a>> {
        let account = self.account(namespace, name);
        account.or_else(|| self.groups.get(namespace).copied()).or(self.everybody)
    }

    fn account(&self, namespace: &str, name: &str) -> Option<&'r Bound<'a>> {
        // The map's keys live longer than what is looked for, which the compiler shortens here.
        let subjects: &BTreeMap<Subject<'_>, &'r Bound<'a>> = &self.subjects;
        subjects.get(&Subject::Account { namespace, name }).copied()
    }
}
