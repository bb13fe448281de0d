//! Which node and which cluster it is, and its operating system.

use seaworthy_model::{Certificate, ClusterIdentity, Fact, NodeIdentity, Os, Source, View};

use super::files::Files;

/// How a kubelet's certificate names its node.
const NODE: &str = "system:node:";

/// The node's names.
pub(crate) fn node(files: &mut Files<'_, '_>) -> NodeIdentity {
    let mut hostname = hostname(files, "/etc/hostname");
    if hostname.known().is_none() && files.cx.nature.live && !files.cx.container && files.cx.nature.prefix.is_empty() {
        hostname = self::hostname(files, "/proc/sys/kernel/hostname");
    }
    NodeIdentity { certificate: certificate(files), hostname }
}

fn hostname(files: &mut Files<'_, '_>, path: &str) -> Fact<String> {
    match files.raw(path) {
        Ok(text) => {
            let text = String::from_utf8_lossy(&text);
            let name = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
            let source = Source::host(path);
            match name {
                Some(name) => Fact::Known { value: name.to_owned(), source },
                None => Fact::Broken { error: "it is empty".to_owned(), source },
            }
        }
        Err(fact) => *fact,
    }
}

fn certificate(files: &Files<'_, '_>) -> Fact<String> {
    let name = |certificate: &Certificate| certificate.common_name.as_deref()?.strip_prefix(NODE).map(str::to_owned);
    let mut missing = None;
    for path in ["kubelet-client-certificate", "kubelet-kubeconfig"].iter().flat_map(|set| paths(files, set)) {
        if let Some(value) = files.certificates(View::Host, path).iter().find_map(name) {
            return Fact::Known { value, source: Source::host(path) };
        }
        missing = missing.or_else(|| Some(why_not(files, path)));
    }
    missing.unwrap_or_else(|| Fact::Absent { source: Source::host("the kubelet's client certificate") })
}

/// The cluster, by the public key of its certificate authority.
pub(crate) fn cluster(files: &Files<'_, '_>, name: Option<String>) -> ClusterIdentity {
    let mut missing = None;
    let authority = files.cx.platform.cluster_ca.iter().map(String::as_str);
    for path in authority.chain(paths(files, "kubelet-kubeconfig")) {
        let key = files.certificates(View::Host, path).iter().find(|certificate| certificate.authority);
        if let Some(key) = key {
            let id = Fact::Known { value: key.public_key_sha256.clone(), source: Source::host(path) };
            return ClusterIdentity { id, name };
        }
        missing = missing.or_else(|| Some(why_not(files, path)));
    }
    let id = missing.unwrap_or_else(|| Fact::Absent { source: Source::host("the cluster's certificate authority") });
    ClusterIdentity { id, name }
}

fn paths<'f>(files: &Files<'_, 'f>, set: &str) -> impl Iterator<Item = &'f str> {
    files.cx.platform.file_set(set).into_iter().flat_map(|set| &set.paths).map(String::as_str)
}

fn why_not(files: &Files<'_, '_>, path: &str) -> Fact<String> {
    let none = || Fact::Broken { error: "it holds no such certificate".to_owned(), source: Source::host(path) };
    match files.record(View::Host, path).map(|record| record.fact.clone()) {
        Some(Fact::Known { value, .. }) => match value.text {
            Some(text @ (Fact::Denied { .. } | Fact::Broken { .. })) => text.map(|_| String::new()),
            _ => none(),
        },
        Some(other) => other.map(|_| String::new()),
        None => none(),
    }
}

/// The operating system.
pub(crate) fn os(files: &mut Files<'_, '_>) -> Fact<Os> {
    let kernel =
        files.raw("/proc/sys/kernel/osrelease").ok().map(|text| String::from_utf8_lossy(&text).trim().to_owned());
    let kernel = kernel.filter(|text| !text.is_empty());
    let first = files.raw("/etc/os-release").map(|text| (text, "/etc/os-release"));
    let text = first.or_else(|why| match files.raw("/usr/lib/os-release") {
        Ok(text) => Ok((text, "/usr/lib/os-release")),
        Err(_) => Err(why),
    });
    match text {
        Ok((text, path)) => {
            let text = String::from_utf8_lossy(&text);
            let name = os_field(&text, "PRETTY_NAME").or_else(|| os_field(&text, "NAME"));
            let source = Source::host(path);
            match name {
                Some(name) => Fact::Known { value: Os { name, kernel }, source },
                None => Fact::Broken { error: "it names no system".to_owned(), source },
            }
        }
        Err(fact) => fact.map(|name| Os { name, kernel }),
    }
}

fn os_field(text: &str, name: &str) -> Option<String> {
    let value = text.lines().rev().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?.trim();
    let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let value = quoted.map_or_else(|| value.to_owned(), |value| value.replace("\\\"", "\"").replace("\\$", "$"));
    (!value.is_empty()).then_some(value)
}
