//! What a rule needs in order to be decided: the mounts, namespaces, capabilities and API grants. Whoever lacks one gets `unknown`.

use std::collections::BTreeSet;

use seaworthy_catalogue::{Catalogue, Check, Files, Platform, Rule, Setting};
use seaworthy_model::{Grant, GrantKind};

/// The grants that a rule needs on a platform, sorted. Of several ways to decide it the usual one.
pub fn grants(rule: &Rule, catalogue: &Catalogue, platform: &Platform) -> Vec<Grant> {
    let mut needed = Needed { catalogue, platform, grants: BTreeSet::new() };
    if let Some(applies) = &rule.applies {
        needed.setting(&applies.when.component, &applies.when.setting);
    }
    rule.check.walk(&mut |check| match check {
        Check::Setting(check) => needed.setting(&check.component, &check.setting),
        Check::FileMode { files, .. } | Check::FileOwner { files, .. } => needed.files(files),
        Check::Manual { show, .. } => show.iter().for_each(|(component, setting)| needed.setting(component, setting)),
        Check::Native { component, .. } => needed.native(component),
        Check::Api { asks, .. } => asks.iter().for_each(|ask| needed.add(GrantKind::Api, ask)),
        Check::All(_) | Check::Any(_) => {}
    });
    needed.grants.into_iter().collect()
}

struct Needed<'c> {
    catalogue: &'c Catalogue,
    platform: &'c Platform,
    grants: BTreeSet<Grant>,
}

impl Needed<'_> {
    fn add(&mut self, kind: GrantKind, name: &str) {
        self.grants.insert(Grant::new(kind, name));
    }

    fn process(&mut self) {
        self.add(GrantKind::Namespace, "hostPID");
    }

    fn setting(&mut self, component: &str, setting: &str) {
        self.process();
        let Some(component) = self.catalogue.component(component) else { return };
        let Some(setting) = component.setting(setting) else { return };
        let has_file = component.config.as_ref().is_some_and(|c| setting.field.is_some() || c.setting == setting.name);
        if setting.environment.is_some() {
            self.add(GrantKind::Capability, "SYS_PTRACE");
        }
        if has_file || setting.derive.is_some() {
            self.configuration(&component.name, setting);
        }
    }

    /// The files that a component's settings are read from: the host's for a service of the host, else those of its container.
    fn configuration(&mut self, component: &str, setting: &Setting) {
        let host = self.catalogue.component(component).is_some_and(|c| c.places.iter().all(|p| p == "host"));
        if host {
            self.set("kubelet-config");
        } else if setting.field.is_some() || setting.reads.is_some() || setting.derive.is_some() {
            self.mount(&self.platform.manifests.clone());
        }
    }

    fn native(&mut self, component: &str) {
        self.process();
        self.mount(&self.platform.manifests.clone());
        if component == "etcd" || component == "kube-apiserver" {
            self.set("pki");
        }
    }

    fn files(&mut self, files: &Files) {
        match files {
            Files::ManifestOf(_) => self.mount(&self.platform.manifests.clone()),
            Files::Platform { set, .. } => self.set(set),
            Files::Named { component, setting, otherwise } => {
                self.setting(component, setting);
                if let Some(set) = otherwise {
                    self.set(set);
                } else {
                    self.mount(&self.platform.manifests.clone());
                }
            }
        }
    }

    fn set(&mut self, name: &str) {
        let paths: Vec<String> = self.platform.file_set(name).map(|set| set.paths.clone()).unwrap_or_default();
        for path in paths {
            self.mount(&Some(path));
        }
    }

    /// The host's directory above a path that one mounts: `/etc/kubernetes`, `/var/lib/kubelet`.
    fn mount(&mut self, path: &Option<String>) {
        let Some(path) = path else { return };
        let names = if path.starts_with("/etc/") { 3 } else { 4 };
        let top: Vec<&str> = path.split('/').take(names).collect();
        self.add(GrantKind::Mount, &top.join("/"));
    }
}
