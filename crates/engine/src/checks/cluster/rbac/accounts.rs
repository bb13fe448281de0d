//! Checks of service accounts: 5.1.5 and 5.1.6.

use std::collections::BTreeMap;

use seaworthy_model::cluster::{PodObject, ServiceAccount};

use super::access::Who;
use super::binding_resource;
use crate::checks::cluster::{Asked, Seen, items, note, resource, whole};

const DEFAULT: &str = "default";

/// Default accounts that hand out a token or hold rights.
pub(super) fn default_accounts(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen {
        offence: "a default account is open through".to_owned(),
        expected: "automountServiceAccountToken: false on every default account, and no binding that names one"
            .to_owned(),
        ..Seen::default()
    };
    let mut all = 0_usize;
    for account in items(&asked.cluster.service_accounts).iter().filter(|a| a.metadata.name == DEFAULT) {
        let namespace = account.metadata.namespace.as_deref().unwrap_or_default();
        if asked.system_namespace(namespace) {
            continue;
        }
        all += 1;
        if account.automount_service_account_token != Some(false) {
            let word = if account.automount_service_account_token.is_some() {
                "is true"
            } else {
                "is not set, which means true"
            };
            let detail = format!("automountServiceAccountToken {word}");
            seen.offenders.push(resource("ServiceAccount", Some(namespace), DEFAULT, detail));
        }
    }
    for bound in &asked.access().bindings {
        let named = bound.subjects.iter().any(|who| matches!(who, Who::Account(_, name) if name == DEFAULT));
        if named {
            seen.offenders.push(binding_resource(bound, bound.words()));
        }
    }
    seen.clean = format!("{all} default accounts hand out no token, and no binding names one");
    seen
}

/// Pods with a token that is good for nothing, and those with one that is.
pub(super) fn token_mounts(asked: &Asked<'_, '_>) -> Seen {
    let cluster = asked.cluster;
    let mut seen = Seen {
        offence: "a token whose account holds no rights is mounted into".to_owned(),
        expected: "a token only in pods that use it".to_owned(),
        ..Seen::default()
    };
    let accounts: BTreeMap<(&str, &str), &ServiceAccount> = items(&cluster.service_accounts)
        .iter()
        .map(|a| ((a.metadata.namespace.as_deref().unwrap_or_default(), a.metadata.name.as_str()), a))
        .collect();
    let known_accounts = whole(&cluster.service_accounts);
    // Without one of these lists nobody knows that an account holds nothing.
    let known_rights = whole(&cluster.roles)
        && whole(&cluster.cluster_roles)
        && whole(&cluster.role_bindings)
        && whole(&cluster.cluster_role_bindings);
    let mut rights: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
    let (mut all, mut system) = (0_usize, 0_usize);
    for pod in items(&cluster.pods) {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        if asked.system_namespace(namespace) {
            system += 1;
            continue;
        }
        all += 1;
        let name = pod.spec.service_account_name.as_deref().unwrap_or(DEFAULT);
        let account = accounts.get(&(namespace, name)).copied();
        let Some(mounted) = mounted(pod, account, known_accounts) else { continue };
        if !mounted || !known_rights {
            continue;
        }
        let held =
            rights.entry((namespace.to_owned(), name.to_owned())).or_insert_with(|| held(asked, namespace, name));
        match held {
            None => {
                let detail = format!("token of ServiceAccount {name}, which holds no rights");
                seen.offenders.push(resource("Pod", Some(namespace), &pod.metadata.name, detail));
            }
            Some(role) => {
                let detail = format!("token of ServiceAccount {name}, which holds {role}");
                seen.listed.push(resource("Pod", Some(namespace), &pod.metadata.name, detail));
            }
        }
    }
    if system > 0 {
        seen.shown.push(note("pods of system namespaces", format!("{system}, not judged")));
    }
    if seen.listed.is_empty() {
        seen.clean = format!("none of {all} pods has a token mounted");
    } else {
        seen.manual = true;
        seen.clean = format!(
            "{} of {all} pods have a token whose account holds rights: do their programs use it?",
            seen.listed.len()
        );
    }
    seen
}

/// Whether a token is mounted: the pod's word, else the account's, else yes. `None` if the account is not known.
fn mounted(pod: &PodObject, account: Option<&ServiceAccount>, known: bool) -> Option<bool> {
    if projected(pod) {
        return Some(true);
    }
    if let Some(word) = pod.spec.automount_service_account_token {
        return Some(word);
    }
    match account {
        Some(account) => Some(account.automount_service_account_token.unwrap_or(true)),
        None => known.then_some(true),
    }
}

/// Whether a container mounts a volume with a token that the pod itself asked for.
fn projected(pod: &PodObject) -> bool {
    let tokens: Vec<&str> = (pod.spec.volumes.iter())
        .filter(|v| v.projected.as_ref().is_some_and(|p| p.sources.iter().any(|s| s.service_account_token.is_some())))
        .map(|volume| volume.name.as_str())
        .collect();
    let mut mounts = pod.spec.all_containers().flat_map(|(_, container)| &container.volume_mounts);
    mounts.any(|mount| tokens.contains(&mount.name.as_str()))
}

/// What an account may do beyond what every client may, by one example.
fn held(asked: &Asked<'_, '_>, namespace: &str, name: &str) -> Option<String> {
    let access = asked.access();
    let account = Who::Account(namespace.to_owned(), name.to_owned());
    let direct = access.of(&account).filter(|bound| bound.anything());
    let groups = [
        "system:authenticated".to_owned(),
        "system:serviceaccounts".to_owned(),
        format!("system:serviceaccounts:{namespace}"),
    ];
    let groups: Vec<Who> = groups.map(Who::Group).into();
    // What the system gives to everybody is not a right of this account.
    let through = groups.iter().flat_map(|group| access.of(group)).filter(|bound| bound.anything() && !bound.own());
    let bound = direct.chain(through).next()?;
    let role = &bound.binding.role_ref;
    Some(format!("{} {} by {} {}", role.kind, role.name, bound.kind(), bound.binding.metadata.path()))
}
