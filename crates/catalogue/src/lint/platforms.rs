//! Platforms.

use super::suggestion;
use crate::load::Parsed;
use crate::parse::RawPlatform;
use crate::{Component, FileSet, Platform, Problem, Role};

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
    for path in value.files.values().flat_map(|f| &f.paths) {
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
    }
}
