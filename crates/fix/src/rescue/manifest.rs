//! The files that the kubelet reads as manifests, and what they run.

use seaworthy_catalogue::{Component, base_name};
use seaworthy_collect::{Seen, Trouble};
use seaworthy_model::{FileKind, Version};
use seaworthy_yaml::{Document, Node as Yaml};

use super::Cx;
pub(super) use crate::validate::{Words, words};

/// A file in the directory of manifests that the kubelet reads.
pub(super) struct Manifest<'c> {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) seen: Option<Seen>,
    /// The text, or why there is none.
    pub(super) text: Result<String, String>,
    /// What it runs, or was meant to run.
    pub(super) component: Option<&'c Component>,
    /// Namespace and name of the pod, if it is one.
    pub(super) pod: Option<(String, String)>,
    /// Its name is one that editors and careful people give to copies.
    pub(super) copy: bool,
}

/// All of them, sorted by name. The kubelet takes every name that does not begin with a dot, and goes into no directory.
pub(super) fn all<'c>(cx: &Cx<'c>, directory: &str) -> Result<Vec<Manifest<'c>>, Trouble> {
    let names = cx.names(directory)?;
    let visible = names.into_iter().filter(|name| !name.starts_with('.'));
    Ok(visible.filter_map(|name| read(cx, &format!("{}/{name}", directory.trim_end_matches('/')), &name)).collect())
}

fn read<'c>(cx: &Cx<'c>, path: &str, name: &str) -> Option<Manifest<'c>> {
    let seen = cx.look(path);
    if seen.as_ref().is_ok_and(|seen| seen.kind == FileKind::Directory) {
        return None;
    }
    let text = match cx.bytes(path) {
        Err(error) => Err(format!("it cannot be read: {error}")),
        Ok(bytes) => String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
            format!("it is no text: a byte in line {line} belongs to no letter of UTF-8")
        }),
    };
    let document = text.as_ref().ok().and_then(|text| seaworthy_yaml::parse(text).ok());
    let component = component(cx, name, text.as_ref().map_or("", String::as_str), document.as_ref());
    let pod = document.as_ref().and_then(|document| pod_name(&document.root));
    Some(Manifest {
        path: path.to_owned(),
        name: name.to_owned(),
        seen: seen.ok(),
        copy: is_copy(name),
        text,
        component,
        pod,
    })
}

/// Components that may run as static pods.
pub(super) fn components<'c>(cx: &Cx<'c>) -> impl Iterator<Item = &'c Component> + use<'c> {
    // A node's kube-proxy belongs to a DaemonSet, which needs the API: it is nothing that the disk could bring back.
    cx.catalogue.components.iter().filter(|component| {
        component.places.iter().any(|place| place == "static-pod") && component.daemon_set.is_none()
    })
}

/// What a manifest runs; of one that cannot be read, what its text or its name says.
fn component<'c>(cx: &Cx<'c>, name: &str, text: &str, document: Option<&Document>) -> Option<&'c Component> {
    let runs = |component: &&'c Component| document.is_some_and(|found| words(&found.root, component).is_some());
    let is = |component: &Component, word: &str| component.programs.iter().any(|p| p == base_name(word));
    // The list's entry that names the program, whatever else is wrong with the file.
    let says = |component: &&'c Component| {
        text.lines().any(|line| is(component, line.trim().trim_start_matches("- ").trim_matches(['"', '\''])))
    };
    let called = |component: &&'c Component| {
        name.strip_prefix(component.name.as_str()).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    let mut found = components(cx);
    let found = found.by_ref().find(runs).or_else(|| components(cx).find(says));
    found.or_else(|| components(cx).find(called))
}

fn pod_name(root: &Yaml) -> Option<(String, String)> {
    let meta = root.get("metadata")?;
    let name = meta.get("name")?.as_str()?.to_owned();
    let namespace = meta.get("namespace").and_then(Yaml::as_str).filter(|name| !name.is_empty()).unwrap_or("default");
    (root.get("kind")?.as_str()? == "Pod").then(|| (namespace.to_owned(), name))
}

/// The component's version by its image's tag, unless it is given. etcd counts its own versions.
pub(super) fn version(cx: &Cx<'_>, component: &Component, words: &Words) -> Option<Version> {
    let image = words.image.as_deref()?;
    let image = image.split_once('@').map_or(image, |(image, _)| image);
    let tag = image.rsplit('/').next()?.split_once(':').and_then(|(_, tag)| Version::parse(tag));
    cx.version.filter(|_| component.role != "etcd").or(tag)
}

/// Names such as `kube-apiserver.yaml.bak`, `x.yaml~`, `kube-apiserver-old.yaml`, `x.yaml.2026-11-25`, `copy of x.yaml`.
pub(super) fn is_copy(name: &str) -> bool {
    let lower = name.to_lowercase();
    let Some(stem) = [".yaml", ".yml", ".json"].iter().find_map(|end| lower.strip_suffix(end)) else { return true };
    let mut parts = stem.split(['.', '-', '_', ' ', '(', ')']);
    let hint = |part: &str| {
        ["bak", "backup", "old", "orig", "original", "copy", "save", "saved", "tmp", "temp", "new", "good", "broken"]
            .contains(&part)
            || part.len() >= 6 && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    lower.starts_with('#') || parts.any(hint)
}

#[cfg(test)]
mod tests {
    use super::is_copy;

    #[test]
    fn copies_are_known_by_their_names() {
        for copy in [
            "kube-apiserver.yaml.bak",
            "kube-apiserver.yaml~",
            "kube-apiserver.yaml.swp",
            "kube-apiserver-old.yaml",
            "kube-apiserver.yaml.20261125",
            "kube-apiserver-20261125.yaml",
            "kube-apiserver (copy).yaml",
            "#kube-apiserver.yaml#",
            "kube-apiserver",
        ] {
            assert!(is_copy(copy), "{copy}");
        }
        for name in ["kube-apiserver.yaml", "etcd.yml", "kube-vip.json", "newrelic.yaml", "goldilocks.yaml"] {
            assert!(!is_copy(name), "{name}");
        }
    }
}
