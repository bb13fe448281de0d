//! Components that belong on this node and have no manifest.

use seaworthy_catalogue::Component;
use seaworthy_model::FileKind;

use super::manifest::{Manifest, components, is_copy, words};
use super::node::above;
use super::{Cx, Finding, Kind, Proposal, correct, proposals};

/// The largest number of directories beside that of the manifests that are searched for a copy.
const SEARCHED: usize = 200;

pub(super) fn find(cx: &Cx<'_>, directory: &str, all: &[Manifest<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for component in components(cx) {
        let here = |manifest: &&Manifest<'_>| manifest.component.is_some_and(|own| own.name == component.name);
        if all.iter().any(|manifest| here(&manifest)) {
            continue;
        }
        // Whoever starts it otherwise, as a unit of systemd, has no manifest for it.
        if cx.processes(component).unwrap_or_default().iter().any(|process| !process.pod) {
            continue;
        }
        let path = format!("{}/{}.yaml", directory.trim_end_matches('/'), component.name);
        let mut evidence = Vec::new();
        if cx.journal.is_some_and(|journal| journal.last_good(&path).is_some_and(|good| good.bytes().is_some())) {
            evidence.push(format!("a repair on this node has verified {path}"));
        }
        evidence.extend(traces(cx, component, all));
        if evidence.is_empty() {
            continue;
        }
        let cause = format!("{} has no manifest in {directory}, and it did run on this node", component.name);
        let mut finding = Finding::new(Kind::NoManifest, Some(&component.name), cause).at(&path, 0, 0);
        finding.evidence = evidence;
        finding.proposals.extend(proposals::good(cx, &path, None));
        if let Some((copy, text)) = copies(cx, directory, component).into_iter().next() {
            let edits = vec![format!("{copy} is put back, which holds a sound manifest of {}", component.name)];
            finding.proposals.push(proposals::correction(&path, None, text, edits));
        }
        finding.proposals.extend(made_anew(cx, component));
        findings.push(finding);
    }
    findings
}

/// What shows that a component belongs on this node.
fn traces(cx: &Cx<'_>, component: &Component, all: &[Manifest<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(role) = cx.platform.role(&component.role) {
        let sets = role.files.iter().filter_map(|name| cx.platform.file_set(name));
        found.extend(sets.flat_map(|set| &set.paths).find(|path| cx.exists(path)).map(|path| format!("{path} exists")));
    }
    // Its data lie where a mount is named for them.
    let data = format!("{}.data-dir", component.name);
    for mount in cx.platform.mounts.iter().filter(|mount| mount.named_by.contains(&data)) {
        let full = cx.names(&mount.path).is_ok_and(|names| !names.is_empty());
        if full && !elsewhere(cx, component, all) {
            found.push(format!("{} holds its data", mount.path));
        }
    }
    if let Some(logs) = &cx.platform.pod_logs
        && !elsewhere(cx, component, all)
    {
        let begins = format!("_{}-", component.name);
        let named = |name: &&String| name.contains(&begins) && cx.exists(&format!("{logs}/{name}/{}", component.name));
        let names = cx.names(logs).unwrap_or_default();
        found.extend(names.iter().find(named).map(|name| format!("{logs}/{name} holds its logs")));
    }
    found
}

/// Whether the API server asks an etcd of other machines, so that one that was here is history.
fn elsewhere(cx: &Cx<'_>, component: &Component, all: &[Manifest<'_>]) -> bool {
    let Some(server) = cx.catalogue.component("kube-apiserver").filter(|_| component.name == "etcd") else {
        return false;
    };
    let texts = all.iter().filter_map(|manifest| manifest.text.as_ref().ok());
    let words = texts.filter_map(|text| words(&seaworthy_yaml::parse(text).ok()?.root, server));
    let mut servers =
        words.flat_map(|words| words.words).filter_map(|word| word.strip_prefix("--etcd-servers=").map(str::to_owned));
    servers.next().is_some_and(|list| !["127.0.0.1", "localhost", "[::1]"].iter().any(|own| list.contains(own)))
}

/// Sound manifests of the component near the directory: moved there by hand, hidden, or kept by an upgrade. Newest first.
pub(super) fn copies(cx: &Cx<'_>, directory: &str, component: &Component) -> Vec<(String, String)> {
    let top = above(directory).to_owned();
    let mut todo = vec![(top, 0), (directory.to_owned(), 2)];
    let mut found: Vec<(Option<i64>, String, String)> = Vec::new();
    let mut searched = 0;
    while let Some((at, depth)) = todo.pop() {
        searched += 1;
        for name in cx.names(&at).unwrap_or_default() {
            let path = format!("{}/{name}", at.trim_end_matches('/'));
            let Some(seen) = cx.seen(&path) else { continue };
            if seen.kind == FileKind::Directory && depth < 2 && path != directory && searched < SEARCHED {
                todo.push((path, depth + 1));
            } else if seen.kind == FileKind::Regular && name.contains(component.name.as_str()) {
                // What the kubelet is meant to read there is no copy.
                let own = at == directory && !name.starts_with('.') && !is_copy(&name);
                let Some(text) = cx.text(&path).filter(|_| !own) else { continue };
                if correct::sound(cx, &path, &text, Some(component)) {
                    found.push((seen.modified, path, text));
                }
            }
        }
    }
    found.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    found.into_iter().map(|(_, path, text)| (path, text)).collect()
}

/// How a manifest is made anew.
pub(super) fn made_anew(cx: &Cx<'_>, component: &Component) -> Option<Proposal> {
    let what = match (cx.platform.name.as_str(), component.name.as_str()) {
        ("kubeadm", "etcd") => "kubeadm init phase etcd local --config FILE",
        ("kubeadm", "kube-apiserver") => "kubeadm init phase control-plane apiserver --config FILE",
        ("kubeadm", "kube-controller-manager") => "kubeadm init phase control-plane controller-manager --config FILE",
        ("kubeadm", "kube-scheduler") => "kubeadm init phase control-plane scheduler --config FILE",
        _ => {
            return Some(Proposal::ByHand {
                what: "take the manifest from a backup, or from another control plane node and adapt its addresses"
                    .to_owned(),
            });
        }
    };
    let what = format!(
        "{what}   (FILE: the ClusterConfiguration that the cluster was made with; without it kubeadm writes defaults), or take the \
         manifest from a backup"
    );
    Some(Proposal::ByHand { what })
}
