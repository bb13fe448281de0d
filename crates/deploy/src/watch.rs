//! Which files of a node a platform and its rules name, who may write them, and which checks rest on them: what Falco is to watch.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_catalogue::{Catalogue, Check, Component, FileSet, Files, Fix, FixOperation, Item, Platform, Rule};
use seaworthy_model::Severity;

/// Below it programs keep state, by the Filesystem Hierarchy Standard: its directories are written to all the time.
const STATE: &str = "/var/lib/";
/// What installs Kubernetes' packages; by the names that processes have.
const PACKAGE_MANAGERS: [&str; 5] = ["dpkg", "dnf", "rpm", "yum", "zypper"];
/// Our own program, which repairs these files.
const OURS: &str = "seaworthy";

/// Files that belong together, and what rests on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// A word for it, of letters, digits and `-`.
    pub name: String,
    /// What it is, as a phrase.
    pub title: String,
    /// Absolute paths: files, or directories with all that is below.
    pub paths: Vec<String>,
    /// Whether its program writes there all the time, so that a write means nothing.
    pub state: bool,
    /// Processes of the host that write there as their work.
    pub writers: Vec<String>,
    /// Numbers of the newest benchmark that ask for mode or owner, in its order.
    pub access: Vec<String>,
    /// Numbers of the newest benchmark that ask for what is written there, in its order.
    pub content: Vec<String>,
    /// How bad a failure of the worst of these checks is.
    pub severity: Severity,
}

/// Something that the catalogue names and nothing watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The path, or `COMPONENT.SETTING` where there is none that the catalogue knows.
    pub what: String,
    /// Why.
    pub reason: &'static str,
}

/// All that is to be watched, in the order of the platform.
pub fn watched(catalogue: &Catalogue, platform: &Platform) -> Vec<Watched> {
    let mut finder = Finder { catalogue, platform, found: Vec::new(), left_out: BTreeMap::new() };
    finder.find();
    finder.found
}

/// What the catalogue names and is not watched, each with its reason.
pub fn left_out(catalogue: &Catalogue, platform: &Platform) -> Vec<LeftOut> {
    let mut finder = Finder { catalogue, platform, found: Vec::new(), left_out: BTreeMap::new() };
    finder.find();
    if let Some(logs) = &platform.pod_logs {
        let reason = "Every container writes there all the time, and no check asks for its mode or owner.";
        finder.left_out.insert(logs.clone(), reason);
    }
    for mount in &platform.mounts {
        let inside = |path: &String| mount.covers(path);
        if !finder.found.iter().any(|watched| watched.paths.iter().any(inside)) {
            finder
                .left_out
                .insert(mount.path.clone(), "A collector looks there for names or ways; no check asks for it.");
        }
    }
    finder.left_out.into_iter().map(|(what, reason)| LeftOut { what, reason }).collect()
}

struct Finder<'c> {
    catalogue: &'c Catalogue,
    platform: &'c Platform,
    found: Vec<Watched>,
    left_out: BTreeMap<String, &'static str>,
}

impl Finder<'_> {
    fn find(&mut self) {
        if let Some(manifests) = &self.platform.manifests {
            self.add("manifests", "static pod manifests", vec![manifests.clone()], true, &[]);
        }
        for set in &self.platform.files {
            let writers = self.writers(set);
            self.add(&set.name, &set.title, set.paths.clone(), set.walk, &writers);
        }
        if let Some(repair) = &self.platform.repair {
            let packages = PACKAGE_MANAGERS.map(str::to_owned);
            self.add(
                "kubelet-arguments",
                "the kubelet's arguments",
                repair.kubelet_arguments.clone(),
                false,
                &packages,
            );
        }
        for mount in &self.platform.mounts {
            // A mount that several settings name stands for files that lie anywhere below it.
            if let [one] = mount.named_by.as_slice()
                && let Some((component, setting)) = one.split_once('.')
            {
                let title = format!("the {setting} of {component}");
                self.add(&format!("{component}-{setting}"), &title, vec![mount.path.clone()], !mount.file, &[]);
            }
        }
        let repaired = self.written_by_repairs();
        self.add("repairs", "files that repairs write", repaired.into_keys().collect(), false, &[]);
        self.numbers();
    }

    /// Adds paths; directories of state apart from the others, since only their mode and owner are watched.
    fn add(&mut self, name: &str, title: &str, paths: Vec<String>, directories: bool, writers: &[String]) {
        let is_state = |path: &String| directories && path.starts_with(STATE);
        let (state, others): (Vec<String>, Vec<String>) = paths.into_iter().partition(is_state);
        let both = !state.is_empty() && !others.is_empty();
        for (paths, state) in [(others, false), (state, true)] {
            if paths.is_empty() {
                continue;
            }
            let (name, title) = if both && state {
                (format!("{name}-state"), format!("the state of {title}"))
            } else {
                (name.to_owned(), title.to_owned())
            };
            let mut all = vec![self.platform.name.clone(), OURS.to_owned()];
            all.extend(writers.iter().cloned());
            let (access, content) = (Vec::new(), Vec::new());
            self.found.push(Watched {
                name,
                title,
                paths,
                state,
                writers: all,
                access,
                content,
                severity: Severity::Low,
            });
        }
    }

    /// A component that runs on the host itself renews its own kubeconfig and certificates; packages bring its unit.
    fn writers(&self, set: &FileSet) -> Vec<String> {
        let owner = self.catalogue.components.iter().find(|c| on_host(c) && of(c, set));
        match owner {
            Some(c) if set.certificates || set.reads.as_deref() == Some("Kubeconfig") => c.programs.clone(),
            Some(_) if set.walk => PACKAGE_MANAGERS.map(str::to_owned).into(),
            _ => Vec::new(),
        }
    }

    /// Paths that repairs write, each with the component and setting that name it.
    fn written_by_repairs(&self) -> BTreeMap<String, (String, String)> {
        let mut paths = BTreeMap::new();
        for rule in &self.catalogue.rules {
            for operation in operations(rule) {
                if let FixOperation::WriteFile(file) = operation {
                    paths.insert(file.path.clone(), (file.component.clone(), file.setting.clone()));
                }
            }
        }
        paths
    }

    fn numbers(&mut self) {
        let Some(benchmark) = self.catalogue.benchmarks.last() else { return };
        let repaired: BTreeSet<(String, String)> = self.written_by_repairs().into_values().collect();
        for item in &benchmark.items {
            let Some(rule) = self.catalogue.rule(&item.rule) else { continue };
            let mut access: BTreeSet<usize> = BTreeSet::new();
            let mut content: BTreeSet<usize> = BTreeSet::new();
            item.check.as_ref().unwrap_or(&rule.check).walk(&mut |check| match check {
                Check::FileMode { files, .. } | Check::FileOwner { files, .. } => access.extend(self.places_of(files)),
                Check::Setting(setting) => content.extend(self.sources_of(&setting.component, false)),
                Check::Native { component, .. } => content.extend(self.sources_of(component, true)),
                Check::All(_) | Check::Any(_) | Check::Manual { .. } | Check::Api { .. } => {}
            });
            let asks_for_files = item.check.as_ref().unwrap_or(&rule.check);
            asks_for_files.walk(&mut |check| {
                if let Check::FileMode { files, .. } | Check::FileOwner { files, .. } = check
                    && let Files::Named { component, setting, .. } = files
                    && self.places_of(files).is_empty()
                {
                    let reason = "A volume of a pod: its path differs from pod to pod, and the kubelet writes it.";
                    self.left_out.insert(format!("{component}.{setting}"), reason);
                }
            });
            if operations(rule).iter().any(|operation| named_by(operation).is_some_and(|name| repaired.contains(&name)))
            {
                content.extend(self.called("repairs"));
            }
            note(&mut self.found, item, rule, &access, &content);
        }
    }

    fn called(&self, name: &str) -> Vec<usize> {
        let state = format!("{name}-state");
        (0..self.found.len()).filter(|i| self.found[*i].name == name || self.found[*i].name == state).collect()
    }

    /// Where files of a check are, as far as the catalogue knows.
    fn places_of(&self, files: &Files) -> Vec<usize> {
        match files {
            Files::ManifestOf(_) => self.called("manifests"),
            Files::Platform { set, .. } | Files::Named { otherwise: Some(set), .. } => self.called(set),
            Files::Named { component, setting, otherwise: None } => {
                let config = self.catalogue.component(component).and_then(|c| c.config.as_ref());
                let kind = config.filter(|config| config.setting == *setting).and_then(|config| config.kind.as_ref());
                if let Some(set) =
                    kind.and_then(|kind| self.platform.files.iter().find(|set| set.reads.as_ref() == Some(kind)))
                {
                    return self.called(&set.name);
                }
                // The cluster's authority is what a platform gives its components to know clients by.
                let authority = self.platform.cluster_ca.as_deref().filter(|_| setting == "client-ca-file");
                if let Some(path) = authority {
                    return (0..self.found.len()).filter(|i| covers(&self.found[*i].paths, path)).collect();
                }
                self.called(&format!("{component}-{setting}"))
            }
        }
    }

    /// What decides a component's settings: its manifest, or files of its own on the host. A DaemonSet is in the API, and in no file.
    fn sources_of(&self, component: &str, certificates: bool) -> Vec<usize> {
        let Some(component) = self.catalogue.component(component) else { return Vec::new() };
        if component.places.first().is_some_and(|place| place == "static-pod") {
            return self.called("manifests");
        }
        if !on_host(component) {
            return Vec::new();
        }
        let mine = |set: &&FileSet| {
            of(component, set) && set.reads.as_deref() != Some("Kubeconfig") && (certificates || !set.certificates)
        };
        let sets = self.platform.files.iter().filter(mine);
        let names: Vec<String> =
            sets.map(|set| set.name.clone()).chain([format!("{}-arguments", component.name)]).collect();
        names.iter().flat_map(|name| self.called(name)).collect()
    }
}

fn on_host(component: &Component) -> bool {
    component.places.first().is_some_and(|place| place == "host")
}

/// Whether a file set is this component's, which its name begins with.
fn of(component: &Component, set: &FileSet) -> bool {
    set.name.strip_prefix(&component.name).is_some_and(|rest| rest.starts_with('-'))
}

/// Whether one of the paths is `path`, or a directory above it.
pub(crate) fn covers(paths: &[String], path: &str) -> bool {
    paths.iter().any(|p| path.strip_prefix(p.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn operations(rule: &Rule) -> &[FixOperation] {
    match &rule.fix {
        Fix::Machine { operations, .. } => operations,
        Fix::None { .. } => &[],
    }
}

/// The setting whose file an operation writes.
fn named_by(operation: &FixOperation) -> Option<(String, String)> {
    match operation {
        FixOperation::WriteFile(file) => Some((file.component.clone(), file.setting.clone())),
        FixOperation::EncryptFirst { component, setting } => Some((component.clone(), setting.clone())),
        _ => None,
    }
}

fn note(found: &mut [Watched], item: &Item, rule: &Rule, access: &BTreeSet<usize>, content: &BTreeSet<usize>) {
    for (index, watched) in found.iter_mut().enumerate() {
        // What a program writes there all the time is not what a setting says.
        let content = content.contains(&index) && !watched.state;
        if access.contains(&index) {
            watched.access.push(item.id.clone());
        }
        if content {
            watched.content.push(item.id.clone());
        }
        if access.contains(&index) || content {
            watched.severity = watched.severity.max(rule.severity);
        }
    }
}
