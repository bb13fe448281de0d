//! What a rule needs in order to be decided: the mounts, namespaces, capabilities and API grants. Whoever lacks one gets `unknown`.

use std::collections::BTreeSet;

use seaworthy_catalogue::{Applies, Catalogue, Check, Component, Files, Platform, Rule, Setting};
use seaworthy_model::{Grant, GrantKind};

/// Something that a check has to see, and what shows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// Any one of these is enough; the one that gives away least comes first. Never empty.
    pub any: Vec<Grant>,
    /// When the check is decided without it, as a phrase; `None`: never.
    pub unless: Option<&'static str>,
}

/// An argument counts more than what the grant would show.
const ARGUMENT: &str = "an argument of the process decides it";
/// The component names no such file.
const NO_FILE: &str = "the component names no such file";
/// The file of a platform's custom is looked at only where the component names none.
const NAMED: &str = "the component names its file, which is seen";
/// What belongs to root belongs to nobody else.
const ROOTS: &str = "it belongs to root";
/// One file that offends is enough to fail.
const OTHER_FILE: &str = "a file elsewhere fails it";
/// What offends is a failure, whatever else there may be.
const OFFENDER: &str = "what the other lists hold fails it";
/// Files that anybody may read.
const OPEN_FILE: &str = "the file may be read, or its directory entered, by everybody";
/// Defaults that differ between releases.
const VERSION: &str = "an argument decides it, or --kubernetes-version is given";

/// The grants that a rule needs on a platform, sorted. Of several ways to decide it the one that gives away least.
pub fn grants(rule: &Rule, catalogue: &Catalogue, platform: &Platform) -> Vec<Grant> {
    let needs = needs(&rule.check, rule.applies.as_ref(), catalogue, platform);
    let grants: BTreeSet<Grant> = needs.iter().filter_map(|need| need.any.first().cloned()).collect();
    grants.into_iter().filter(|grant| grant.kind != GrantKind::User).collect()
}

/// What a check, and the condition under which it applies, has to see on a platform. Sorted, each once.
pub fn needs(check: &Check, applies: Option<&Applies>, catalogue: &Catalogue, platform: &Platform) -> Vec<Need> {
    let mut needed = Needed { catalogue, platform, needs: BTreeSet::new() };
    if let Some(applies) = applies {
        needed.setting(&applies.when.component, &applies.when.setting);
    }
    check.walk(&mut |check| match check {
        Check::Setting(check) => needed.setting(&check.component, &check.setting),
        Check::FileMode { files, .. } => needed.files(files),
        Check::FileOwner { files, owner, group } => {
            needed.files(files);
            needed.names(owner, "/etc/passwd");
            needed.names(group, "/etc/group");
        }
        Check::Manual { show, .. } => show.iter().for_each(|(component, setting)| needed.setting(component, setting)),
        Check::Native { component, .. } => needed.native(component),
        Check::Api { asks, .. } => {
            let unless = (asks.len() > 1).then_some(OFFENDER);
            asks.iter().for_each(|ask| needed.add(vec![Grant::new(GrantKind::Api, ask)], unless));
        }
        Check::All(_) | Check::Any(_) => {}
    });
    needed.done()
}

/// Derivations that read files which settings name.
const READ_FILES: [&str; 2] = ["anonymous-requests", "authorization-modes"];

struct Needed<'c> {
    catalogue: &'c Catalogue,
    platform: &'c Platform,
    needs: BTreeSet<Need>,
}

fn trace() -> Grant {
    Grant::new(GrantKind::Capability, "SYS_PTRACE")
}

impl Needed<'_> {
    fn add(&mut self, any: Vec<Grant>, unless: Option<&'static str>) {
        if !any.is_empty() {
            self.needs.insert(Need { any, unless });
        }
    }

    /// Of the same thing needed twice, once always and once with an exception, the former says it all.
    fn done(self) -> Vec<Need> {
        let always: Vec<Vec<Grant>> =
            self.needs.iter().filter(|need| need.unless.is_none()).map(|need| need.any.clone()).collect();
        let mut seen: Vec<Vec<Grant>> = Vec::new();
        let mut needs: Vec<Need> = Vec::new();
        for need in self.needs {
            let said = need.unless.is_some() && (always.contains(&need.any) || seen.contains(&need.any));
            if !said {
                seen.push(need.any.clone());
                needs.push(need);
            }
        }
        needs
    }

    /// The node's own names of users or groups. Root is number 0 and needs none.
    fn names(&mut self, wanted: &str, file: &str) {
        if wanted != "root" {
            self.add(vec![Grant::new(GrantKind::Mount, self.mount_name(file))], Some(ROOTS));
        }
    }

    /// Which process it is, and its arguments.
    fn process(&mut self) {
        self.add(vec![Grant::new(GrantKind::Namespace, "hostPID")], None);
    }

    fn setting(&mut self, component: &str, setting: &str) {
        self.process();
        let Some(component) = self.catalogue.component(component) else { return };
        let Some(setting) = component.setting(setting) else { return };
        // What is worked out of other settings needs what those need.
        let derived = setting.derive.is_some();
        let of_environment = |setting: &Setting| setting.environment.is_some();
        if of_environment(setting) || (derived && component.settings.iter().any(of_environment)) {
            self.environment();
        }
        if setting.default.len() > 1
            && let Some(manifests) = self.platform.manifests.clone()
        {
            self.mount(&manifests, Some(VERSION));
        }
        self.configuration(component, setting);
    }

    /// What a process was given beside its arguments. Of the capabilities that a container is given only root has any.
    fn environment(&mut self) {
        self.add(vec![trace()], Some(ARGUMENT));
        self.add(vec![Grant::new(GrantKind::User, "root")], Some(ARGUMENT));
    }

    /// The files that a component's settings are read from.
    fn configuration(&mut self, component: &Component, setting: &Setting) {
        let config = component.config.as_ref();
        let in_file =
            config.is_some_and(|c| (setting.field.is_some() || setting.derive.is_some()) && c.setting != setting.name);
        if in_file && let Some(config) = config {
            // Where flags are ignored beside a file, or a file is always there, the file decides; else it may not exist.
            let unless = if self.usually_has_file(component) { ARGUMENT } else { NO_FILE };
            self.named(component, &config.setting, Some(unless));
        }
        // Files that are no configuration of the component's own, and that its settings name.
        if setting.derive.as_deref().is_some_and(|name| READ_FILES.contains(&name)) {
            self.named(component, &setting.name, Some(NO_FILE));
        }
    }

    fn native(&mut self, component: &str) {
        self.process();
        let Some(known) = self.catalogue.component(component) else { return };
        if known.settings.iter().any(|setting| setting.environment.is_some()) {
            self.environment();
        }
        self.named(known, "", Some(NO_FILE));
    }

    fn files(&mut self, files: &Files) {
        match files {
            Files::ManifestOf(_) => {
                if let Some(manifests) = self.platform.manifests.clone() {
                    self.mount(&manifests, None);
                }
            }
            Files::Platform { set, .. } => self.set(set, None),
            Files::Named { component, setting, otherwise } => {
                self.setting(component, setting);
                let Some(known) = self.catalogue.component(component) else { return };
                // What the setting names, or what is looked at in its place.
                self.named(known, setting, Some(NO_FILE));
                if let Some(set) = otherwise {
                    self.set(set, Some(NAMED));
                }
            }
        }
    }

    /// The file that a setting names: of the host for a service of the host; else also through the process's own eyes.
    fn named(&mut self, component: &Component, setting: &str, unless: Option<&'static str>) {
        let known = self.platform.mount_of(&component.name, setting).map(|mount| mount.path.clone());
        let manifests = || self.platform.manifests.as_ref().map(|path| self.mount_name(path));
        let Some(mount) = known.or_else(manifests) else { return };
        let mut any = vec![Grant::new(GrantKind::Mount, mount)];
        if component.places.iter().any(|place| place != "host") {
            any.push(trace());
        }
        self.add(any, unless);
        self.root();
    }

    fn set(&mut self, name: &str, unless: Option<&'static str>) {
        let Some(set) = self.platform.file_set(name) else { return };
        let mut mounts: Vec<String> = set.paths.iter().map(|path| self.mount_name(path)).collect();
        mounts.sort();
        mounts.dedup();
        let unless = unless.or((mounts.len() > 1).then_some(OTHER_FILE));
        for mount in mounts {
            self.add(vec![Grant::new(GrantKind::Mount, mount)], unless);
        }
        self.root();
    }

    fn mount(&mut self, path: &str, unless: Option<&'static str>) {
        self.add(vec![Grant::new(GrantKind::Mount, self.mount_name(path))], unless);
        self.root();
    }

    fn root(&mut self) {
        self.add(vec![Grant::new(GrantKind::User, "root")], Some(OPEN_FILE));
    }

    /// Whether the component has a configuration file on nearly every node: the platform knows its place, or it comes with the pod.
    fn usually_has_file(&self, component: &Component) -> bool {
        let kind = component.config.as_ref().and_then(|config| config.kind.as_deref());
        component.daemon_set.is_some()
            || kind.is_some_and(|kind| self.platform.files.iter().any(|set| set.reads.as_deref() == Some(kind)))
    }

    /// What to mount so that a path is seen. Where the platform does not say: `/etc/cni`, `/var/lib/cni`.
    fn mount_name(&self, path: &str) -> String {
        self.platform.mount_for(path).map_or_else(
            || {
                let names = if path.starts_with("/etc/") { 3 } else { 4 };
                path.split('/').take(names).collect::<Vec<_>>().join("/")
            },
            |mount| mount.path.clone(),
        )
    }
}
