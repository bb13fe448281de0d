//! One node, read through a [`Tree`].

pub(crate) mod certificates;
pub(crate) mod cgroup;
mod components;
mod context;
mod documents;
mod files;
mod identity;
mod manifest;
pub(crate) mod mounts;
pub(crate) mod owners;
mod places;
pub(crate) mod proc;
mod processes;
mod settings;
pub(crate) mod version;
mod view;
mod walk;

pub(crate) use manifest::pod as manifest_pod;

use seaworthy_catalogue::{Catalogue, Platform};
use seaworthy_model::{FACTS_SCHEMA, Facts, Node, Tool, View, Visibility};

use crate::{Links, Tree};
use context::Context;
use files::{Files, Want};

/// What the binary knows and a collector does not.
#[derive(Debug, Clone)]
pub struct Options {
    /// The time, in RFC 3339 and UTC.
    pub time: Option<String>,
    /// The program that collects.
    pub tool: Tool,
    /// What the user calls the cluster.
    pub cluster_name: Option<String>,
}

/// The platform that a node is of: the first of the catalogue of which a file that shows it is there.
pub fn recognise<'c>(tree: &dyn Tree, catalogue: &'c Catalogue) -> Option<&'c Platform> {
    let there = |path: &String| tree.look(View::Host, path.as_bytes(), Links::Follow).is_ok();
    catalogue.platforms.iter().find(|platform| {
        let sets = platform.recognised_by.iter().filter_map(|name| platform.file_set(name));
        sets.flat_map(|set| &set.paths).any(there)
    })
}

/// Reads a node: all that the platform declares and that components' arguments name. It does not fail: what cannot be read is a fact.
pub fn collect(tree: &dyn Tree, catalogue: &Catalogue, platform: &Platform, options: &Options) -> Facts {
    let mut cx = Context::new(tree, catalogue, platform);
    let mut gathered = processes::gather(&cx);
    if cx.settle(!gathered.found.is_empty()) {
        gathered.hidden = Some(cx.no_host_processes());
    }
    let mut files = Files::new(&cx);
    files.know(&mut gathered.found);

    // What the host's own kubelet says comes first: it tells where the manifests are, and those what the others mount.
    let mut manifest_directories = Vec::new();
    for found in gathered.found.iter().filter(|found| components::on_host(found)) {
        components::read(&mut files, found, &mut manifest_directories);
    }
    for set in &platform.files {
        for path in &set.paths {
            let want =
                Want { reads: set.reads.as_deref(), certificates: set.certificates, walk: set.walk, ..Want::default() };
            files.want(View::Host, path.as_bytes(), want);
        }
    }
    if let Some(path) = &platform.cluster_ca {
        files.want(View::Host, path.as_bytes(), Want { certificates: true, ..Want::default() });
    }
    components::directories_of_files(&mut files, &mut manifest_directories);
    let manifests = manifest::collect(&mut files, &manifest_directories);
    files.learn(&manifests);
    for found in gathered.found.iter().filter(|found| !components::on_host(found)) {
        components::read(&mut files, found, &mut Vec::new());
    }

    let identity = identity::node(&mut files);
    let cluster = identity::cluster(&files, options.cluster_name.clone());
    let versions = version::all(&mut files, &manifests, &gathered.found);
    let os = identity::os(&mut files);
    let records = files.into_records();
    let mut node = Node {
        identity,
        os,
        visibility: Visibility { live: cx.nature.live, root: cx.nature.root, container: cx.container, times: cx.times },
        processes: gathered.fact(),
        manifests,
        files: records,
    };
    node.sort();
    let mut notes = Vec::new();
    if !cx.nature.root {
        notes.push("not root: files and processes that only root may read are unknown".to_owned());
    }
    let mut facts = Facts {
        schema: FACTS_SCHEMA,
        tool: options.tool.clone(),
        time: options.time.clone(),
        platform: Some(platform.name.clone()),
        cluster: Some(cluster),
        versions,
        node: Some(node),
        api: None,
        notes,
    };
    if !cx.nature.live {
        crate::cluster::add_recorded(tree, options, &mut facts);
    }
    facts
}
