//! The ways in which people sign in: certificates, tokens, and the group that may do everything.

use std::collections::BTreeSet;

use seaworthy_model::cluster::PodObject;
use seaworthy_model::{Fact, FileKind, Resource, View};
use seaworthy_yaml::Node as Yaml;

use super::resolve::{Bound, Held, Subject};
use super::{note, verb};
use crate::checks::cluster::{Asked, Seen, items, resource};
use crate::roles::Presence;

/// The group that the API server asks no authorizer about.
const MASTERS: &str = "system:masters";
/// The signer of certificates with which one signs in to the API server.
const CLIENT_SIGNER: &str = "kubernetes.io/kube-apiserver-client";
const ACCOUNT_TOKEN: &str = "kubernetes.io/service-account-token";
const BOOTSTRAP_TOKEN: &str = "bootstrap.kubernetes.io/token";
/// The day on which a token from a Secret was last used: the API server writes it.
const LAST_USED: &str = "kubernetes.io/legacy-token-last-used";
const INVALID_SINCE: &str = "kubernetes.io/legacy-token-invalid-since";
const API_SERVER: &str = "kube-apiserver";
const BOOTSTRAP_SETTING: &str = "enable-bootstrap-token-auth";

/// Bindings with those of their subjects that a condition holds for, the system's own left out.
fn bindings<'r>(asked: &'r Asked<'_, '_>, wanted: fn(&Subject<'_>) -> bool) -> Vec<(Resource, &'r Held<'r>)> {
    let name = |bound: &Bound<'_>, held: &Held<'_>| {
        let mut detail = format!("{} for {}", bound.role_name(), held.subject);
        if let super::own::Standing::Other(Some(why)) = held.standing {
            detail = format!("{detail}; {why}");
        }
        bound.named(detail)
    };
    let all = asked.access().bindings.iter().flat_map(|bound| bound.subjects.iter().map(move |held| (bound, held)));
    all.filter(|(_, held)| !held.standing.own() && wanted(&held.subject))
        .map(|(bound, held)| (name(bound, held), held))
        .collect()
}

pub(super) fn system_masters(asked: &Asked<'_, '_>) -> Seen {
    let found = bindings(asked, |subject| *subject == Subject::Group(MASTERS));
    let mut seen = Seen { offenders: found.into_iter().map(|(resource, _)| resource).collect(), ..Seen::default() };
    seen.offence = format!("rights to the group {MASTERS} are given by");
    seen.expected = format!("no binding but the system's own names the group {MASTERS}, and no certificate has it");
    let certificates = Certificates::find(asked);
    seen.listed = certificates.masters;
    match certificates.unseen {
        None if seen.listed.is_empty() => {
            seen.clean = format!(
                "only the system's own binding names the group {MASTERS}, and no certificate in {} kubeconfigs of this node has it",
                certificates.seen
            );
        }
        unseen => {
            seen.manual = true;
            seen.clean = if seen.listed.is_empty() {
                format!(
                    "Decide whether anybody holds a certificate of the group {MASTERS}: only the system's own binding names it, but {}",
                    unseen.unwrap_or_default()
                )
            } else {
                format!(
                    "Decide whether the certificates of the group {MASTERS} on this node may stay there: only the system's own binding names it"
                )
            };
        }
    }
    seen
}

/// What the node tells about client certificates.
struct Certificates {
    /// The files with one of the group that may do everything.
    masters: Vec<Resource>,
    /// How many kubeconfigs were read.
    seen: usize,
    /// Why not all kubeconfigs are known.
    unseen: Option<String>,
}

impl Certificates {
    fn find(asked: &Asked<'_, '_>) -> Self {
        let context = asked.judge.context;
        let none = |why: &str| Certificates { masters: Vec::new(), seen: 0, unseen: Some(why.to_owned()) };
        let Some(node) = context.node() else { return none("no node's kubeconfigs were seen") };
        // Of other files only what the cluster's authority signed opens anything here: etcd has its own.
        let authority = asked.platform.cluster_ca.as_ref().and_then(|path| node.file(View::Host, path));
        let authority =
            authority.and_then(|r| r.fact.known()).and_then(|f| f.certificates.iter().find(|c| c.authority));
        let sets = asked.platform.files.iter().filter(|set| set.reads.as_deref() == Some("Kubeconfig"));
        let kubeconfigs: Vec<(&String, Option<Users>)> =
            sets.flat_map(|set| &set.paths).map(|path| (path, Users::find(asked, path))).collect();
        let signs_in: BTreeSet<&str> = kubeconfigs
            .iter()
            .flat_map(|(path, users)| {
                let named = users.iter().flat_map(|users| users.files.iter().map(String::as_str));
                named.chain([path.as_str()])
            })
            .collect();
        let mut found = none("");
        found.unseen = None;
        for record in node.files.iter().filter(|record| record.view == View::Host) {
            let Some(file) = record.fact.known() else { continue };
            let counts = |c: &&seaworthy_model::Certificate| {
                !c.authority
                    && c.organizations.iter().any(|o| o == MASTERS)
                    && (signs_in.contains(record.path.as_str()) || authority.is_none_or(|a| a.issuer == c.issuer))
            };
            for certificate in file.certificates.iter().filter(counts) {
                let name = certificate.common_name.as_deref().unwrap_or("nobody");
                let detail = format!("a client certificate of {name} with the organisation {MASTERS}");
                found.masters.push(resource("File", None, &record.path, detail));
            }
        }
        let role = asked.judge.roles.of("control-plane");
        if !matches!(role, Some((_, Presence::Present, _))) {
            found.unseen = Some("the kubeconfigs of no control plane node were seen".to_owned());
            return found;
        }
        for (path, users) in &kubeconfigs {
            match node.file(View::Host, path).map(|record| &record.fact) {
                Some(Fact::Absent { .. }) => {}
                Some(Fact::Known { value, .. }) if users.as_ref().is_some_and(|users| users.known(asked, value)) => {
                    found.seen += 1;
                }
                _ => {
                    found.unseen.get_or_insert_with(|| format!("the certificates in {path} were not seen"));
                }
            }
        }
        if found.seen == 0 {
            found.unseen.get_or_insert_with(|| "no kubeconfig of this node was seen".to_owned());
        }
        found
    }
}

/// Where the users of a kubeconfig have their certificates.
struct Users {
    /// How many carry one in the kubeconfig itself.
    inside: usize,
    /// The files that the others name.
    files: Vec<String>,
}

impl Users {
    /// None if the file is no kubeconfig that could be read.
    fn find(asked: &Asked<'_, '_>, path: &str) -> Option<Users> {
        let document = asked.judge.context.document(View::Host, path).ok()?;
        // What has no users is no kubeconfig: whose certificates it would be is not known.
        let users = document.document.root.get("users").and_then(Yaml::as_list).filter(|users| !users.is_empty())?;
        let mut found = Users { inside: 0, files: Vec::new() };
        for user in users {
            let word =
                |key: &str| user.path(&format!("user.{key}")).and_then(Yaml::as_str).filter(|text| !text.is_empty());
            // The data goes before the file.
            if word("client-certificate-data").is_some() {
                found.inside += 1;
            } else if let Some(named) = word("client-certificate") {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                let named = if named.starts_with('/') { named.to_owned() } else { format!("{folder}/{named}") };
                found.files.push(crate::settings::normalize(&named));
            }
        }
        Some(found)
    }

    /// Whether all their certificates were read.
    fn known(&self, asked: &Asked<'_, '_>, file: &seaworthy_model::File) -> bool {
        let read = |path: &String| asked.judge.context.file(View::Host, path).is_ok_and(|f| !f.certificates.is_empty());
        file.kind == FileKind::Regular
            && file.certificates.iter().filter(|c| !c.authority).count() >= self.inside
            && self.files.iter().all(read)
    }
}

pub(super) fn client_certificates(asked: &Asked<'_, '_>) -> Seen {
    let found = bindings(asked, |subject| matches!(subject, Subject::User(_) | Subject::Group(_)));
    let mut seen = Seen { manual: true, ..Seen::default() };
    let names: BTreeSet<&Subject<'_>> = found.iter().map(|(_, held)| &held.subject).collect();
    let mut requests = 0_usize;
    for request in items(&asked.cluster.certificate_requests).iter().filter(|r| r.signer_name == CLIENT_SIGNER) {
        requests += 1;
        let state = if request.approved { "approved" } else { "not approved" };
        let detail = format!("asked for by {}, {state}", request.username);
        seen.listed.push(resource("CertificateSigningRequest", None, &request.metadata.name, detail));
    }
    seen.clean = format!(
        "Decide whether people sign in with client certificates: bindings name {} users and groups, and there {} {requests} {} for such a certificate",
        names.len(),
        verb(requests, "is", "are"),
        verb(requests, "request", "requests"),
    );
    seen.expected = "people sign in through an identity provider".to_owned();
    seen.listed.extend(found.into_iter().map(|(resource, _)| resource));
    seen
}

pub(super) fn service_account_tokens(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen { manual: true, ..Seen::default() };
    for secret in items(&asked.cluster.token_secrets).iter().filter(|s| s.kind == ACCOUNT_TOKEN) {
        let meta = &secret.metadata;
        let used = meta.label(LAST_USED).map_or("never seen in use".to_owned(), |day| format!("last used on {day}"));
        let since = meta.label(INVALID_SINCE).map(|day| format!(", refused since {day}")).unwrap_or_default();
        let detail = format!("a token that does not expire, {used}{since}");
        seen.listed.push(resource("Secret", meta.namespace.as_deref(), &meta.name, detail));
    }
    let count = seen.listed.len();
    seen.clean = format!(
        "Decide whether people sign in with service account tokens: {count} {} one that does not expire",
        verb(count, "Secret holds", "Secrets hold")
    );
    seen.expected = "people sign in through an identity provider, and no Secret holds a token".to_owned();
    seen
}

pub(super) fn bootstrap_tokens(asked: &Asked<'_, '_>) -> Seen {
    let mut seen = Seen { manual: true, ..Seen::default() };
    for secret in items(&asked.cluster.token_secrets).iter().filter(|s| s.kind == BOOTSTRAP_TOKEN) {
        let meta = &secret.metadata;
        // Elsewhere such a Secret is no token.
        if meta.namespace.as_deref() != Some("kube-system") {
            continue;
        }
        let made = meta.creation_timestamp.as_ref().map(|at| format!(", made at {at}")).unwrap_or_default();
        let detail = format!("a bootstrap token{made}; when it expires is not read");
        seen.listed.push(resource("Secret", meta.namespace.as_deref(), &meta.name, detail));
    }
    let count = seen.listed.len();
    let found = bindings(asked, |subject| match subject {
        Subject::User(name) => name.starts_with("system:bootstrap:"),
        Subject::Group(name) => name.starts_with("system:bootstrappers"),
        Subject::Account { .. } => false,
    });
    let accepted = accepted(asked);
    let words = match &accepted {
        Some((true, _)) => "which the API server accepts",
        Some((false, _)) => "which the API server does not accept",
        None => "and whether the API server accepts them was not seen",
    };
    seen.clean = format!(
        "Decide whether people sign in with bootstrap tokens: there {} {count} {}, {words}",
        verb(count, "is", "are"),
        verb(count, "token", "tokens")
    );
    seen.expected = "no bootstrap token is left that no joining node needs".to_owned();
    if let Some((on, place)) = accepted {
        seen.shown.push(note(&format!("{API_SERVER} {BOOTSTRAP_SETTING}"), format!("{on} ({place})")));
    }
    seen.listed.extend(found.into_iter().map(|(resource, _)| resource));
    seen
}

/// Whether the API server accepts bootstrap tokens, and where that was seen: its process, else its mirror pods.
fn accepted(asked: &Asked<'_, '_>) -> Option<(bool, String)> {
    let mut seen: Option<(bool, String)> = None;
    let mut take = |on: bool, place: String| {
        // Of several servers one that accepts them is enough.
        if seen.as_ref().is_none_or(|(before, _)| on && !before) {
            seen = Some((on, place));
        }
    };
    for resolver in asked.judge.resolvers(API_SERVER) {
        let effective = resolver.effective(BOOTSTRAP_SETTING);
        if let Some(crate::value::Value::Bool(on)) = effective.set() {
            take(*on, effective.source.to_string());
        }
    }
    for pod in items(&asked.cluster.pods) {
        if let Some(on) = flag(pod) {
            take(on, format!("Pod {}", pod.metadata.path()));
        }
    }
    seen
}

/// What the mirror pod of an API server says: off if its arguments do not name the flag.
fn flag(pod: &PodObject) -> Option<bool> {
    if !pod.metadata.annotations.mirror || pod.metadata.namespace.as_deref() != Some("kube-system") {
        return None;
    }
    let container = pod.spec.containers.iter().find(|c| c.name == API_SERVER)?;
    let mut words = container.command.iter().chain(&container.args).peekable();
    words.peek()?;
    let mut values = words.filter_map(|word| {
        let word = word.strip_prefix("--")?;
        let (name, value) = word.split_once('=').unwrap_or((word, "true"));
        (name.replace('_', "-") == BOOTSTRAP_SETTING).then_some(value)
    });
    // Of several the last counts.
    match values.next_back() {
        None => Some(false),
        Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Some(true),
        Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Some(false),
        Some(_) => None,
    }
}
