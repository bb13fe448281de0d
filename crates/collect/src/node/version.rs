//! Versions of Kubernetes, each with who says so.

use seaworthy_model::{Fact, KubernetesVersion, Manifest, Source, Version, View};

use super::files::Files;
use super::manifest;
use super::processes::Found;
use crate::Links;

/// The package database.
const PACKAGES: &str = "/var/lib/dpkg/status";
/// The most that is read of it.
const PACKAGES_LIMIT: usize = 8 << 20;

/// What manifests say; where they say nothing, the package of a component that runs on the host itself: the kubelet.
pub(crate) fn all(
    files: &mut Files<'_, '_>,
    manifests: &Fact<Vec<Manifest>>,
    found: &[Found<'_>],
) -> Vec<KubernetesVersion> {
    let mut versions = Vec::new();
    for file in manifests.known().into_iter().flatten() {
        let Some(pod) = file.pod.known() else { continue };
        for container in pod.containers.iter().filter(|container| !container.init) {
            let Some((version, text)) = of_image(&container.image) else { continue };
            for component in manifest::components(files.cx.catalogue, container) {
                let source = Source::host(file.path.clone());
                let component = Some(component.to_owned());
                versions.push(KubernetesVersion { component, version, text: text.to_owned(), source });
            }
        }
    }
    let hosts = || found.iter().flat_map(|found| &found.components).filter(|(c, fits)| *fits && c.places == ["host"]);
    if versions.is_empty() && hosts().next().is_some() && files.cx.hidden(PACKAGES.as_bytes()).is_none() {
        let mut text = Vec::new();
        let seen = files.cx.tree.look(View::Host, PACKAGES.as_bytes(), Links::Follow);
        if seen.and_then(|seen| files.cx.tree.read(&seen, PACKAGES_LIMIT, &mut text)).is_ok() {
            versions.extend(hosts().find_map(|(component, _)| of_packages(&text, &component.name)));
        }
    }
    versions
}

/// The version in an image's tag. Kubernetes has had only the first major version; etcd's images have others.
pub(crate) fn of_image(image: &str) -> Option<(Version, &str)> {
    let image = image.split('@').next()?;
    let (_, tag) = image.rsplit('/').next()?.split_once(':')?;
    Version::parse(tag).filter(|version| version.major == 1).map(|version| (version, tag))
}

/// The version of a package, by Debian's database.
pub(crate) fn of_packages(text: &[u8], package: &str) -> Option<KubernetesVersion> {
    let head = format!("Package: {package}\n");
    let head = head.as_bytes();
    let mut start = 0;
    while let Some(found) = crate::tree::find(&text[start..], head) {
        let begin = start + found;
        start = begin + head.len();
        if begin > 0 && text[begin - 1] != b'\n' {
            continue;
        }
        let mut fields = text[start..].split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
        let installed = fields.clone().any(|line| line.starts_with(b"Status: ") && line.ends_with(b" installed"));
        let version = fields.find_map(|line| line.strip_prefix(b"Version: "))?;
        let version = std::str::from_utf8(version).ok()?.trim();
        if installed {
            return Some(KubernetesVersion {
                component: Some(package.to_owned()),
                version: Version::parse(version.split_once(':').map_or(version, |(_, rest)| rest))?,
                text: version.to_owned(),
                source: Source::host(PACKAGES),
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_what_stands_after_the_last_name() {
        let version = |image| of_image(image).map(|(version, _)| version.to_string());
        assert_eq!(version("registry.k8s.io/kube-apiserver:v1.34.4").as_deref(), Some("1.34.4"));
        assert_eq!(version("host:5000/a/kube-apiserver:v1.30.2@sha256:00").as_deref(), Some("1.30.2"));
        assert_eq!(version("host:5000/kube-apiserver"), None);
        assert_eq!(version("registry.k8s.io/etcd:3.6.5-0"), None);
        assert_eq!(version(""), None);
    }

    #[test]
    fn only_an_installed_package_counts() {
        let text = b"Package: kubelet-x\nVersion: 9\n\nPackage: kubelet\nStatus: install ok installed\nVersion: 1.34.4-1.1\n\n";
        assert_eq!(of_packages(text, "kubelet").map(|v| v.version.to_string()).as_deref(), Some("1.34.4"));
        let text = b"Package: kubelet\nStatus: deinstall ok config-files\nVersion: 1.30.0\n\n";
        assert_eq!(of_packages(text, "kubelet"), None);
    }
}
