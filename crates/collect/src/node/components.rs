//! The files that a component's process names.

use seaworthy_catalogue::Component;
use seaworthy_model::{Place, View};
use seaworthy_yaml::Document;

use super::documents;
use super::files::{Files, Want};
use super::mounts;
use super::processes::Found;
use super::settings::{self, Named};
use crate::tree::normal;

/// Whether the process runs on the host itself, or may.
pub(crate) fn on_host(found: &Found<'_>) -> bool {
    matches!(found.process.place.known(), Some(Place::Host) | None)
}

/// Looks at every path that the process names. Of a kubelet on the host, the directories of static pods go into `manifests`.
pub(crate) fn read<'a>(files: &mut Files<'_, 'a>, found: &Found<'a>, manifests: &mut Vec<String>) {
    for (component, fits) in &found.components {
        let mut reader = Reader { files, found, component, fits: *fits, of_pods: Vec::new() };
        reader.all();
        if found.view == View::Host {
            manifests.append(&mut reader.of_pods);
        } else {
            // A service may have mounts of its own; the manifests are the host's all the same.
            let host = |path: &String| mounts::to_host(&found.process.mounts, &normal(path.as_bytes()));
            let host = reader.of_pods.iter().filter_map(|path| String::from_utf8(host(path)?.0).ok());
            manifests.extend(host);
        }
    }
}

/// What the kubelet's configuration file says of static pods, where no process tells.
pub(crate) fn directories_of_files(files: &mut Files<'_, '_>, manifests: &mut Vec<String>) {
    let (catalogue, platform) = (files.cx.catalogue, files.cx.platform);
    if !manifests.is_empty() {
        return;
    }
    for component in &catalogue.components {
        let Some(kind) = component.config.as_ref().and_then(|config| config.kind.as_deref()) else { continue };
        for set in platform.files.iter().filter(|set| set.reads.as_deref() == Some(kind)) {
            for path in &set.paths {
                let Some(document) = files.document(View::Host, path) else { continue };
                let named = settings::of_document(component, &document.root);
                let named = named.into_iter().filter(|(setting, _)| setting.name == STATIC_PODS);
                manifests.extend(named.map(|(_, value)| absolute(&value, path)));
            }
        }
    }
    if manifests.is_empty() {
        manifests.extend(platform.manifests.clone());
    }
}

/// The kubelet's setting that names the directory of static pods.
const STATIC_PODS: &str = "static-pod-path";

struct Reader<'r, 'c, 'a> {
    files: &'r mut Files<'c, 'a>,
    found: &'r Found<'a>,
    component: &'a Component,
    /// Whether the process runs where its component may. Others are strangers: content of files that they name is not read.
    fits: bool,
    of_pods: Vec<String>,
}

impl<'a> Reader<'_, '_, 'a> {
    fn all(&mut self) {
        let component = self.component;
        let process = &self.found.process;
        let arguments = process.arguments.known().map_or(&[][..], Vec::as_slice);
        let mut named = settings::of_arguments(component, arguments);
        named.extend(settings::of_environment(component, process.environment.known().map_or(&[][..], Vec::as_slice)));
        let defaults = settings::of_defaults(component).into_iter();
        let unnamed: Vec<Named<'_>> =
            defaults.filter(|(setting, _)| !named.iter().any(|(known, _)| known.name == setting.name)).collect();
        named.extend(unnamed);
        for (_, value) in &mut named {
            if !value.starts_with('/') {
                *value = self.in_working_directory(value);
            }
        }
        let mut documents: Vec<(String, std::rc::Rc<Document>)> = Vec::new();
        for (setting, value) in &named {
            let document = self.one(&(setting, value.clone()));
            let Some(config) = &component.config else { continue };
            if setting.name == config.setting {
                documents.extend(document.map(|document| (value.clone(), document)));
            } else if config.drop_ins.as_ref() == Some(&setting.name) {
                documents.extend(self.files.documents_below(self.found.view, value.as_bytes()));
            }
        }
        for (path, document) in documents {
            for (setting, value) in settings::of_document(component, &document.root) {
                self.one(&(setting, absolute(&value, &path)));
            }
        }
    }

    /// Looks at one path, and at what the document there names if it is a kubeconfig.
    fn one(&mut self, (setting, value): &Named<'a>) -> Option<std::rc::Rc<Document>> {
        if !value.starts_with('/') {
            return None;
        }
        let drop_ins = self.component.config.as_ref().and_then(|config| config.drop_ins.as_ref());
        let view = self.found.view;
        let want = Want {
            reads: setting.reads.as_deref().filter(|_| self.fits),
            certificates: self.fits && settings::holds_certificates(setting),
            list: true,
            walk: setting.walk && self.fits,
            suffix: (drop_ins == Some(&setting.name)).then_some(".conf"),
        };
        let document = self.files.want(view, value.as_bytes(), want);
        if setting.name == STATIC_PODS {
            self.of_pods.push(value.clone());
        }
        document
    }

    /// A relative path is read in the working directory, which only a running node tells.
    fn in_working_directory(&self, path: &str) -> String {
        match self.files.cx.tree.process_link(self.found.process.pid, "cwd") {
            Ok(directory) => format!("{}/{path}", String::from_utf8_lossy(&directory)),
            Err(_) => path.to_owned(),
        }
    }
}

/// A path in a document, which is relative to the document's directory.
pub(crate) fn absolute(value: &str, document: &str) -> String {
    if value.starts_with('/') {
        return value.to_owned();
    }
    let directory = document.rsplit_once('/').map_or("", |(directory, _)| directory);
    format!("{directory}/{value}")
}

/// Looks at the files that a kubeconfig names.
pub(crate) fn follow(files: &mut Files<'_, '_>, view: View, path: &str, document: &Document) {
    for (value, certificates) in documents::references(&document.root) {
        files.want(view, absolute(&value, path).as_bytes(), Want { certificates, ..Want::default() });
    }
}
