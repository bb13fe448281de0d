//! Files that a container's user may not read, certificates that are no good any longer.

use rustls::InconsistentKeys;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use seaworthy_catalogue::{Occurrence, occurrences};
use seaworthy_collect::Seen;
use seaworthy_model::FileKind;
use seaworthy_yaml::{Node as Yaml, Span};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::manifest::{Manifest, Words, words};
use super::{Cx, Finding, Kind, Proposal};
use crate::plan::Seen as Mounts;

/// Flags whose value is a certificate, with the flag of its key.
const PAIRS: [(&str, &str); 8] = [
    ("tls-cert-file", "tls-private-key-file"),
    ("etcd-certfile", "etcd-keyfile"),
    ("kubelet-client-certificate", "kubelet-client-key"),
    ("proxy-client-cert-file", "proxy-client-key-file"),
    ("cluster-signing-cert-file", "cluster-signing-key-file"),
    ("cert-file", "key-file"),
    ("peer-cert-file", "peer-key-file"),
    ("client-ca-file", ""),
];

/// Findings about the files that a manifest's flags name.
pub(super) fn find(cx: &Cx<'_>, manifest: &Manifest<'_>) -> Vec<Finding> {
    let (Some(component), Ok(text)) = (manifest.component, &manifest.text) else { return Vec::new() };
    let Ok(document) = seaworthy_yaml::parse(text) else { return Vec::new() };
    let Some(words) = words(&document.root, component) else { return Vec::new() };
    let Ok(mounts) = Mounts::read(text, &words.container) else { return Vec::new() };
    let given = occurrences(component, &words.words);
    let mut found = Vec::new();
    let user = user(&document.root, &words.container);
    for given in &given {
        let Some((path, span)) = named(given, &words) else { continue };
        let Some(host) = mounts.outside(path) else { continue };
        let Some(seen) = cx.seen(&host).filter(|seen| seen.kind == FileKind::Regular) else { continue };
        if let Some((uid, groups)) = &user
            && !may_read(&seen, *uid, groups)
        {
            let mode = format!("{:04o}, owner {}:{}", seen.mode & 0o7777, seen.uid, seen.gid);
            let cause = format!(
                "--{} names {path}; {} runs as user {uid}, who may not read {host} (mode {mode})",
                given.flag, component.name
            );
            let mut finding = Finding::new(Kind::NotReadable, Some(&component.name), cause)
                .at(&manifest.path, span.line, span.column)
                .by_hand(format!("chown {uid} {host}   (or correct runAsUser in the manifest)"));
            finding.evidence.extend(super::node::quote(text, span.line));
            found.push(finding);
        }
    }
    for (certificate, key) in PAIRS {
        let value = |flag: &str| given.iter().find(|given| given.flag == flag);
        let Some((path, span)) = value(certificate).and_then(|given| named(given, &words)) else { continue };
        let Some(host) = mounts.outside(path) else { continue };
        let key = value(key).and_then(|given| mounts.outside(given.value.as_deref()?));
        let wrong = certificate_trouble(cx, &host, key.as_deref());
        found.extend(wrong.into_iter().map(|cause| {
            let cause = format!("--{certificate} names {path}: {cause}");
            let mut finding = Finding::new(Kind::Certificate, Some(&component.name), cause).at(
                &manifest.path,
                span.line,
                span.column,
            );
            finding.evidence.extend(super::node::quote(text, span.line));
            finding.proposals.push(renew(cx, &host));
            finding
        }));
    }
    found
}

fn named<'g>(given: &'g Occurrence, words: &Words) -> Option<(&'g str, Span)> {
    let path = given.value.as_deref().filter(|value| value.starts_with('/'))?;
    Some((path, words.spans.get(given.index).copied().unwrap_or_default()))
}

/// Who the container runs as, if the manifest says somebody other than root: root reads everything, unless the right is taken away.
fn user(root: &Yaml, container: &str) -> Option<(u32, Vec<u32>)> {
    let spec = root.get("spec")?;
    let containers = spec.get("containers").and_then(Yaml::as_list)?;
    let own = containers.iter().find(|node| node.get("name").and_then(Yaml::as_str) == Some(container))?;
    let contexts = [own.get("securityContext"), spec.get("securityContext")];
    let number = |key: &str| {
        let mut found = contexts.iter().flatten().filter_map(|context| context.get(key).and_then(Yaml::as_int));
        found.next().and_then(|number| u32::try_from(number).ok())
    };
    let list = spec.path("securityContext.supplementalGroups").and_then(Yaml::as_list).unwrap_or_default();
    let groups = list.iter().filter_map(Yaml::as_int).filter_map(|number| u32::try_from(number).ok());
    let groups = groups.chain([number("runAsGroup").unwrap_or(0)]).chain(number("fsGroup"));
    Some((number("runAsUser").filter(|uid| *uid != 0)?, groups.collect()))
}

fn may_read(seen: &Seen, uid: u32, groups: &[u32]) -> bool {
    let bit = match (seen.uid == uid, groups.contains(&seen.gid)) {
        (true, _) => 0o400,
        (_, true) => 0o040,
        _ => 0o004,
    };
    seen.mode & bit != 0
}

/// What is wrong with a certificate, and whether the key is its own.
pub(super) fn certificate_trouble(cx: &Cx<'_>, path: &str, key: Option<&str>) -> Vec<String> {
    let Ok(bytes) = cx.bytes(path) else { return Vec::new() };
    let mut found = Vec::new();
    let Ok(der) = CertificateDer::from_pem_slice(&bytes) else {
        return vec![format!("{path} holds no certificate that can be read")];
    };
    let Ok((_, certificate)) = X509Certificate::from_der(&der) else {
        return vec![format!("{path} holds no certificate that can be read")];
    };
    let (from, until) = (certificate.validity().not_before.timestamp(), certificate.validity().not_after.timestamp());
    let day = |second: i64| jiff::Timestamp::from_second(second).map_or_else(|_| second.to_string(), |t| t.to_string());
    if cx.now > until {
        found.push(format!("the certificate {path} expired on {}", day(until)));
    } else if cx.now < from {
        found.push(format!(
            "the certificate {path} is valid only from {}; is the node's clock right ({})?",
            day(from),
            day(cx.now)
        ));
    }
    let Some(key) = key else { return found };
    let Ok(bytes) = cx.bytes(key) else { return found };
    let provider = rustls::crypto::ring::default_provider();
    match PrivateKeyDer::from_pem_slice(&bytes) {
        Err(_) => found.push(format!("{key} holds no private key that can be read")),
        Ok(private) => {
            let pair = rustls::sign::CertifiedKey::from_der(vec![der.clone().into_owned()], private, &provider);
            if let Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) = pair {
                found.push(format!("{key} is not the key of the certificate {path}"));
            }
        }
    }
    found
}

fn renew(cx: &Cx<'_>, path: &str) -> Proposal {
    let what = match cx.platform.name.as_str() {
        "kubeadm" => {
            "kubeadm certs check-expiration; kubeadm certs renew all; then restart the control plane's pods".to_owned()
        }
        _ => format!("have {path} issued anew, with its key"),
    };
    Proposal::ByHand { what }
}
