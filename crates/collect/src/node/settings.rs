//! Which paths a component's arguments, environment and documents name. All of them: which one counts is for the engine to say.

use seaworthy_catalogue::{Component, Literal, Setting, SettingKind, occurrences};
use seaworthy_model::Variable;
use seaworthy_yaml::Node;

/// A setting, and a path that something names for it.
pub(crate) type Named<'s> = (&'s Setting, String);

/// The settings that are paths.
pub(crate) fn paths(component: &Component) -> impl Iterator<Item = &Setting> {
    component.settings.iter().filter(|setting| matches!(setting.kind, SettingKind::Path | SettingKind::Paths))
}

/// The paths that arguments name, in order.
pub(crate) fn of_arguments<'s>(component: &'s Component, arguments: &[String]) -> Vec<Named<'s>> {
    let mut found = Vec::new();
    for occurrence in occurrences(component, arguments) {
        let setting = paths(component).find(|setting| setting.flag.as_ref() == Some(&occurrence.flag));
        if let (Some(setting), Some(value)) = (setting, &occurrence.value) {
            add(&mut found, setting, value);
        }
    }
    found
}

/// The paths that environment variables name.
pub(crate) fn of_environment<'s>(component: &'s Component, variables: &[Variable]) -> Vec<Named<'s>> {
    let mut found = Vec::new();
    for setting in paths(component) {
        let named = |variable: &&Variable| Some(variable.name.as_str()) == setting.environment.as_deref();
        if let Some(variable) = variables.iter().find(named) {
            add(&mut found, setting, &variable.value);
        }
    }
    found
}

/// The paths that a component takes where nothing names one.
pub(crate) fn of_defaults(component: &Component) -> Vec<Named<'_>> {
    let mut found = Vec::new();
    for setting in paths(component) {
        for default in setting.default.iter().chain(&setting.default_without_config) {
            match &default.value {
                Some(Literal::Text(path)) => add(&mut found, setting, path),
                Some(Literal::List(list)) => list.iter().for_each(|path| add(&mut found, setting, path)),
                _ => {}
            }
        }
    }
    found
}

/// The paths that a configuration document names. Keys are taken whatever their case: one kind of document reads them so.
pub(crate) fn of_document<'s>(component: &'s Component, root: &Node) -> Vec<Named<'s>> {
    let mut found = Vec::new();
    for setting in paths(component) {
        let Some(node) = setting.field.as_ref().and_then(|field| root.path_ignore_case(field)) else { continue };
        if let Some(list) = node.as_list() {
            list.iter().filter_map(Node::as_str).for_each(|path| add(&mut found, setting, path));
        } else if let Some(path) = node.as_str() {
            add(&mut found, setting, path);
        }
    }
    found
}

fn add<'s>(found: &mut Vec<Named<'s>>, setting: &'s Setting, value: &str) {
    let mut one = |value: &str| {
        // A lone dash is the standard output.
        if !value.is_empty() && value != "-" && !value.contains('\0') {
            found.push((setting, value.to_owned()));
        }
    };
    if setting.kind == SettingKind::Paths && value.contains(',') {
        value.split(',').for_each(&mut one);
    }
    one(value);
}

/// Whether a setting's file holds certificates, by the words of its name; a key's file is never read.
pub(crate) fn holds_certificates(setting: &Setting) -> bool {
    setting.name.split('-').any(|word| matches!(word, "ca" | "cafile" | "cert" | "certfile" | "certificate"))
}
