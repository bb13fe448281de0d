//! Platforms.

use super::suggestion;
use crate::load::Parsed;
use crate::parse::RawPlatform;
use crate::{Component, FileSet, HostMount, Platform, Problem, Repair, Role};

pub(super) fn resolve(
    name: &str,
    raw: &Parsed<'_, RawPlatform>,
    components: &[Component],
    problems: &mut Vec<Problem>,
) -> Platform {
    let value = &raw.value;
    let sets = || value.files.keys().map(String::as_str);
    for set in value.recognised_by.iter().chain(value.roles.values().flat_map(|r| &r.files)) {
        if !value.files.contains_key(set) {
            problems.push(raw.problem(set, format!("there is no file set {set:?}"), suggestion(set, sets())));
        }
    }
    for component in value.roles.values().flat_map(|r| &r.components) {
        if !components.iter().any(|c| &c.name == component) {
            let help = suggestion(component, components.iter().map(|c| c.name.as_str()));
            problems.push(raw.problem(component, format!("there is no component {component:?}"), help));
        }
    }
    for component in components {
        if !value.roles.contains_key(&component.role) {
            let help = suggestion(&component.role, value.roles.keys().map(String::as_str));
            let message =
                format!("{} has the role {:?}, which this platform does not have", component.name, component.role);
            problems.push(raw.problem(&component.role, message, help));
        }
    }
    mounts(raw, components, problems);
    for component in value.repair.iter().flat_map(|repair| repair.upgrades.keys()) {
        if !components.iter().any(|c| &c.name == component) {
            let help = suggestion(component, components.iter().map(|c| c.name.as_str()));
            problems.push(raw.problem(component, format!("there is no component {component:?}"), help));
        }
    }
    let repaired = value.repair.iter().flat_map(|repair| repair.kubelet_arguments.iter().chain(&repair.administrator));
    let mounted = value.mounts.iter().flat_map(|m| std::iter::once(&m.path).chain(&m.instead));
    for path in value.files.values().flat_map(|f| &f.paths).chain(mounted).chain(repaired) {
        if !path.starts_with('/') || path.split('/').any(|part| part == "." || part == "..") || path.contains("//") {
            problems.push(raw.problem(
                path,
                format!("{path:?} is no absolute, plain path"),
                "write it from / on, without . and ..",
            ));
        }
    }
    Platform {
        name: name.to_owned(),
        title: value.title.clone(),
        recognised_by: value.recognised_by.clone(),
        manifests: value.manifests.clone(),
        pod_logs: value.pod_logs.clone(),
        cluster_ca: value.cluster_ca.clone(),
        managed_by: value.managed_by.clone(),
        repair: value.repair.as_ref().map(|repair| Repair {
            kubelet_unit: repair.kubelet_unit.clone(),
            kubelet_arguments: repair.kubelet_arguments.clone(),
            administrator: repair.administrator.clone(),
            upgrades: repair.upgrades.clone().into_iter().collect(),
        }),
        system: value.system.clone(),
        roles: value
            .roles
            .iter()
            .map(|(name, role)| Role {
                name: name.clone(),
                title: role.title.clone(),
                components: role.components.clone(),
                files: role.files.clone(),
            })
            .collect(),
        files: value
            .files
            .iter()
            .map(|(name, set)| FileSet {
                name: name.clone(),
                title: set.title.clone(),
                paths: set.paths.clone(),
                walk: set.walk,
                certificates: set.certificates,
                reads: set.reads.clone(),
            })
            .collect(),
        mounts: value
            .mounts
            .iter()
            .map(|mount| HostMount {
                path: mount.path.clone(),
                file: mount.file,
                everywhere: mount.everywhere.unwrap_or(true),
                instead: mount.instead.clone(),
                named_by: mount.named_by.clone(),
            })
            .collect(),
    }
}

fn mounts(raw: &Parsed<'_, RawPlatform>, components: &[Component], problems: &mut Vec<Problem>) {
    for mount in &raw.value.mounts {
        let above = |instead: &String| mount.path.strip_prefix(instead.as_str()).is_some_and(|r| r.starts_with('/'));
        if mount.instead.as_ref().is_some_and(|instead| !above(instead) || mount.everywhere != Some(false)) {
            problems.push(raw.problem(
                &mount.path,
                format!("{} cannot be mounted by what is to stand in for it", mount.path),
                "`instead` names a directory above, and goes with everywhere = false",
            ));
        }
        for name in &mount.named_by {
            let (component, setting) = name.split_once('.').map_or((name.as_str(), None), |(c, s)| (c, Some(s)));
            let Some(known) = components.iter().find(|c| c.name == component) else {
                let help = suggestion(component, components.iter().map(|c| c.name.as_str()));
                problems.push(raw.problem(name, format!("there is no component {component:?}"), help));
                continue;
            };
            if let Some(setting) = setting.filter(|setting| known.setting(setting).is_none()) {
                let help = suggestion(setting, known.settings.iter().map(|s| s.name.as_str()));
                problems.push(raw.problem(name, format!("{component} has no setting {setting:?}"), help));
            }
        }
    }
}
