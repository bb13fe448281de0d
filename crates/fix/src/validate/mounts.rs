//! Mounts of a manifest's containers.

use seaworthy_yaml::{Node as Yaml, Span};

/// A mount of a volume that the pod does not have: the kubelet refuses the pod.
pub(crate) struct Lost {
    /// The name of the volume that there is not.
    pub(crate) volume: String,
    /// Where it would be in the container.
    pub(crate) path: String,
    pub(crate) span: Span,
}

/// All mounts of volumes that there are not.
pub(crate) fn lost(root: &Yaml) -> Vec<Lost> {
    let Some(spec) = root.get("spec") else { return Vec::new() };
    let volumes: Vec<&str> = list(spec, "volumes").filter_map(|volume| text(volume, "name")).collect();
    let lost = mounts(spec).filter_map(|mount| {
        let (volume, path) = (text(mount, "name")?, text(mount, "mountPath")?);
        let span = mount.get("name").map_or(mount.span, |node| node.span);
        let known = volumes.contains(&volume);
        (!known).then(|| Lost { volume: volume.to_owned(), path: path.to_owned(), span })
    });
    lost.collect()
}

/// The mounts of all containers.
pub(crate) fn mounts(spec: &Yaml) -> impl Iterator<Item = &Yaml> {
    let containers = ["initContainers", "containers"].into_iter().flat_map(|key| list(spec, key));
    containers.flat_map(|container| list(container, "volumeMounts"))
}

pub(crate) fn list<'y>(node: &'y Yaml, key: &str) -> impl Iterator<Item = &'y Yaml> + use<'y> {
    node.get(key).and_then(Yaml::as_list).unwrap_or_default().iter()
}

pub(crate) fn text<'y>(node: &'y Yaml, key: &str) -> Option<&'y str> {
    node.get(key).and_then(Yaml::as_str)
}
