//! Checks of how people sign in: 3.1.1 to 3.1.3, and the group that no binding can take rights from, 5.1.7.

use seaworthy_model::cluster::CertificateRequest;
use seaworthy_model::{Certificate, Fact, FileRecord, Resource, Source, View};

use super::access::{Bound, Who};
use super::{binding_resource, show_binding};
use crate::checks::cluster::{Asked, Seen, items, note, resource};
use crate::roles::Presence;

const MASTERS: &str = "system:masters";
/// The signer whose certificates the API server takes for users.
const CLIENT: &str = "kubernetes.io/kube-apiserver-client";

/// What hints at people with client certificates.
pub(super) fn certificates(asked: &Asked<'_, '_>) -> Seen {
    let person = |who: &&Who| matches!(who, Who::User(_) | Who::Group(_));
    let mut seen =
        Seen { manual: true, expected: "people who sign in another way, such as OIDC".to_owned(), ..Seen::default() };
    for bound in asked.access().bindings.iter().filter(|b| b.foreign.iter().any(|who| person(&who))) {
        seen.listed.push(binding_resource(bound, bound.words()));
    }
    for request in items(&asked.cluster.certificate_requests).iter().filter(|r| r.signer_name == CLIENT) {
        seen.listed.push(resource("CertificateSigningRequest", None, &request.metadata.name, request_words(request)));
    }
    seen.clean = match seen.listed.len() {
        0 => "no binding names a user or group beside the system's own, and no request for a client certificate is there: does anybody sign in with one?".to_owned(),
        n => format!("{n} bindings and requests name users or groups: do these people sign in with client certificates?"),
    };
    seen
}

fn request_words(request: &CertificateRequest) -> String {
    let state = if request.approved { "approved" } else { "not approved" };
    let whom = request.certificate.as_ref().and_then(|c| c.common_name.as_deref());
    let whom = whom.map(|name| format!(", issued to {name}")).unwrap_or_default();
    format!("asked for by {}, {state}{whom}", request.username)
}

/// Tokens of service accounts that lie in Secrets.
pub(super) fn account_tokens(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen {
        manual: true,
        expected: "tokens of service accounts in the hands of programs only".to_owned(),
        ..Seen::default()
    };
    for secret in items(&asked.cluster.token_secrets).iter().filter(|s| s.kind == "kubernetes.io/service-account-token")
    {
        let used = secret.metadata.label("kubernetes.io/legacy-token-last-used");
        let detail = used.map_or_else(|| "no record of its last use".to_owned(), |day| format!("last used {day}"));
        seen.listed.push(resource("Secret", secret.metadata.namespace.as_deref(), &secret.metadata.name, detail));
    }
    seen.clean = match seen.listed.len() {
        0 => "no Secret holds a service account's token: does anybody sign in with one that a pod has, or that was made on request?".to_owned(),
        n => format!("{n} Secrets hold tokens of service accounts: does anybody sign in with one?"),
    };
    seen
}

/// Bootstrap tokens, and whether they are accepted.
pub(super) fn bootstrap_tokens(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen {
        manual: true,
        expected: "bootstrap tokens for joining nodes only, and none that never ends".to_owned(),
        ..Seen::default()
    };
    let accepted = accepted(asked);
    for secret in items(&asked.cluster.token_secrets).iter().filter(|s| s.kind == "bootstrap.kubernetes.io/token") {
        if secret.metadata.namespace.as_deref() != Some("kube-system") {
            continue;
        }
        let made =
            secret.metadata.creation_timestamp.as_deref().map(|time| format!("made {time}, ")).unwrap_or_default();
        let detail = format!("{made}{}", accepted.0);
        seen.listed.push(resource("Secret", Some("kube-system"), &secret.metadata.name, detail));
    }
    let group = |who: &Who| matches!(who, Who::User(name) | Who::Group(name) if name.starts_with("system:bootstrap"));
    for bound in asked.access().bindings.iter().filter(|b| b.foreign.iter().any(group)) {
        seen.shown.push(show_binding(bound, bound.words()));
    }
    seen.shown.extend(accepted.1);
    seen.clean = match seen.listed.len() {
        0 => format!("there is no bootstrap token now ({}): does anybody sign in with one?", accepted.0),
        n => format!("{n} bootstrap tokens are there, {}: does anybody but joining nodes use one?", accepted.0),
    };
    seen
}

/// Whether the API server takes bootstrap tokens, by its process, else by its mirror pod.
fn accepted(asked: &Asked<'_, '_>) -> (String, Option<seaworthy_model::Evidence>) {
    const FLAG: &str = "enable-bootstrap-token-auth";
    let mut words: Option<(Vec<String>, Source)> = None;
    if let Some(Fact::Known { value, source }) =
        asked.judge.resolvers("kube-apiserver").first().map(|r| &r.instance.process.arguments)
    {
        words = Some((value.clone(), source.clone()));
    }
    let mirror = items(&asked.cluster.pods).iter().find(|pod| {
        pod.metadata.annotations.mirror
            && pod.metadata.namespace.as_deref() == Some("kube-system")
            && pod.spec.containers.iter().any(|c| c.name == "kube-apiserver")
    });
    if let (None, Some(pod)) = (&words, mirror) {
        let container = pod.spec.containers.iter().find(|c| c.name == "kube-apiserver");
        let all = container.map(|c| c.command.iter().chain(&c.args).cloned().collect::<Vec<_>>()).unwrap_or_default();
        if !all.is_empty() {
            words = Some((
                all,
                seaworthy_model::cluster::api_source("pods", Some("kube-system"), Some(&pod.metadata.name)),
            ));
        }
    }
    let Some((words, source)) = words else {
        return ("whether the API server accepts them is not known".to_owned(), None);
    };
    let value = words.iter().rev().find_map(|word| {
        let flag = word.trim_start_matches('-');
        let (name, value) = flag.split_once('=').unwrap_or((flag, "true"));
        (name.replace('_', "-") == FLAG).then(|| value.to_owned())
    });
    let on = value.as_deref().is_some_and(|value| matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True"));
    let mut evidence = note(&format!("kube-apiserver {FLAG}"), value.unwrap_or_else(|| "not set".to_owned()));
    evidence.source = Some(source);
    (if on { "accepted by the API server" } else { "not accepted by the API server" }.to_owned(), Some(evidence))
}

/// Uses of the group that no binding can take rights from.
pub(super) fn masters(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen {
        offence: "the group system:masters is named by".to_owned(),
        expected: "no use of the group system:masters".to_owned(),
        ..Seen::default()
    };
    let names = |bound: &&Bound<'_>| bound.foreign.iter().any(|who| matches!(who, Who::Group(name) if name == MASTERS));
    for bound in asked.access().bindings.iter().filter(names) {
        seen.offenders.push(binding_resource(bound, bound.words()));
    }
    match kubeconfigs(asked) {
        None => {
            seen.manual = true;
            seen.clean = "no binding beside the API server's own names it, but client certificates of the group need none and no list has them: who holds one?".to_owned();
        }
        Some(found) if found.is_empty() => {
            seen.clean = "no binding beside the API server's own names it, and no kubeconfig of the control plane node holds a certificate of the group".to_owned();
        }
        Some(found) => {
            seen.manual = true;
            seen.clean = format!(
                "{} holds a certificate of the group: is it kept for emergencies only?",
                crate::checks::cluster::names(&found)
            );
            seen.listed = found;
        }
    }
    seen
}

/// The node's kubeconfigs that hold a certificate of the group. `None` unless the node is one of the control plane and all could be seen.
fn kubeconfigs(asked: &Asked<'_, '_>) -> Option<Vec<Resource>> {
    let node = asked.judge.context.node()?;
    asked.judge.roles.of("control-plane").filter(|(_, presence, _)| *presence == Presence::Present)?;
    let mut found = Vec::new();
    let sets = asked.platform.files.iter().filter(|set| set.reads.as_deref() == Some("Kubeconfig"));
    for path in sets.flat_map(|set| &set.paths) {
        let record: &FileRecord = node.file(View::Host, path)?;
        let file = match &record.fact {
            Fact::Absent { .. } => continue,
            Fact::Known { value, .. } => value,
            _ => return None,
        };
        // A kubeconfig whose text could not be read may hold anything.
        match &file.text {
            Some(Fact::Known { .. }) => {}
            _ => return None,
        }
        let holds = |c: &Certificate| c.organizations.iter().any(|organization| organization == MASTERS);
        if file.certificates.iter().any(holds) {
            found.push(resource("File", None, path, "client certificate with the organisation system:masters"));
        }
    }
    Some(found)
}
