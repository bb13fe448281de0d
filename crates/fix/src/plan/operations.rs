//! From an operation of a rule's fix to changes of files.

use seaworthy_catalogue::{Component, FixOperation, Literal, Setting, SettingKind, occurrences};
use seaworthy_engine::{Decided, Settings, Standing, Stands};
use seaworthy_model::{Finding, SourcePlace};
use serde_json::Value as Json;

use super::draft::{Draft, Place};
use super::{How, kubelet, pod, write_file};
use crate::edit::{ConfigEdit, PodEdit};

/// What an operation is carried out on.
pub(crate) struct At<'a, 's, 'c, 'f> {
    pub(crate) settings: &'a Settings<'s, 'c, 'f>,
    pub(crate) finding: &'a Finding,
}

/// Where a setting is now, and what it belongs to.
pub(crate) struct Target<'d> {
    pub(crate) component: &'d Component,
    pub(crate) setting: &'d Setting,
    pub(crate) stands: Stands,
    pub(crate) standing: Standing,
}

impl<'d> Target<'d> {
    pub(crate) fn find(
        at: &At<'_, '_, '_, '_>,
        draft: &Draft<'d>,
        component: &str,
        setting: &str,
    ) -> Result<Self, String> {
        let description =
            draft.node.catalogue.component(component).ok_or_else(|| format!("no component {component}"))?;
        let known = description.setting(setting).ok_or_else(|| format!("{component} has no setting {setting}"))?;
        let none = || format!("no process of {component} is seen on this node");
        let stands = at.settings.stands(component).ok_or_else(none)?;
        let standing = at.settings.standing(component, setting).ok_or_else(none)?;
        match &standing.unknown {
            Some(why) => Err(format!("what {setting} of {component} is cannot be told: {why}")),
            None => Ok(Target { component: description, setting: known, stands, standing }),
        }
    }

    /// The one manifest of a static pod, and its container.
    pub(crate) fn place(&self) -> Result<Place<'_>, String> {
        let name = &self.component.name;
        match (self.stands.manifests.as_slice(), &self.stands.container) {
            ([manifest], Some(container)) => Ok(Place { component: self.component, manifest, container }),
            ([], _) | (_, None) => Err(format!("no manifest on this node runs {name}")),
            (several, _) => Err(format!(
                "{} manifests run {name}, which is for a person to settle: {}",
                several.len(),
                several.join(", ")
            )),
        }
    }

    pub(crate) fn flag(&self) -> Result<&str, String> {
        let (name, setting) = (&self.component.name, &self.setting.name);
        self.setting.flag.as_deref().ok_or_else(|| format!("{setting} of {name} has no flag"))
    }
}

/// Carries an operation out on a draft.
pub(crate) fn carry_out(
    operation: &FixOperation,
    at: &At<'_, '_, '_, '_>,
    draft: &mut Draft<'_>,
) -> Result<(), String> {
    match operation {
        FixOperation::Set { component, values, directory } => {
            for (setting, value) in values {
                let target = Target::find(at, draft, component, setting)?;
                set(&target, draft, Some(value), *directory)?;
                if let Literal::List(list) = value {
                    draft.lists.insert((component.clone(), setting.clone()), list.clone());
                }
            }
            Ok(())
        }
        FixOperation::Unset { component, setting } => {
            let target = Target::find(at, draft, component, setting)?;
            let given = matches!(target.standing.decided, Decided::Argument | Decided::File | Decided::Environment);
            if given { set(&target, draft, None, None) } else { Ok(()) }
        }
        FixOperation::AddToList { component, setting, value } => {
            change_list(at, draft, component, setting, &|list| {
                if !list.contains(value) {
                    list.push(value.clone());
                }
            })?;
            // A plugin that is switched on and off at once keeps the API server from starting.
            if setting == "enable-admission-plugins" {
                remove(at, draft, component, "disable-admission-plugins", value)?;
            }
            Ok(())
        }
        FixOperation::RemoveFromList { component, setting, value } => remove(at, draft, component, setting, value),
        FixOperation::Mode(mode) => on_files(at.finding, draft, Some(*mode), None),
        FixOperation::Owner { owner, group } => {
            let numbers = draft.node.numbers(owner, group)?;
            on_files(at.finding, draft, None, Some(numbers))?;
            draft.steps.push(format!("the owner becomes {owner}:{group}"));
            Ok(())
        }
        FixOperation::WriteFile(file) => write_file::write(file, at, draft),
        FixOperation::EncryptFirst { component, setting } => write_file::encrypt_first(component, setting, at, draft),
    }
}

fn remove(
    at: &At<'_, '_, '_, '_>,
    draft: &mut Draft<'_>,
    component: &str,
    setting: &str,
    value: &str,
) -> Result<(), String> {
    let now = at.settings.standing(component, setting).and_then(|standing| standing.list).unwrap_or_default();
    let now = draft.lists.get(&(component.to_owned(), setting.to_owned())).unwrap_or(&now);
    if !now.iter().any(|entry| entry == value) {
        return Ok(());
    }
    change_list(at, draft, component, setting, &|list| list.retain(|entry| entry != value))
}

/// Changes a list: what stands there now, or what an earlier fix of this plan made of it.
fn change_list(
    at: &At<'_, '_, '_, '_>,
    draft: &mut Draft<'_>,
    component: &str,
    setting: &str,
    change: &dyn Fn(&mut Vec<String>),
) -> Result<(), String> {
    let target = Target::find(at, draft, component, setting)?;
    let key = (component.to_owned(), setting.to_owned());
    let mut list = match draft.lists.get(&key) {
        Some(list) => list.clone(),
        None => target.standing.list.clone().unwrap_or_default(),
    };
    change(&mut list);
    let value = (!list.is_empty()).then(|| Literal::List(list.clone()));
    set(&target, draft, value.as_ref(), None)?;
    draft.lists.insert(key, list);
    Ok(())
}

/// Gives a setting a value, or takes it away, in the place that decides it.
pub(crate) fn set(
    target: &Target<'_>,
    draft: &mut Draft<'_>,
    value: Option<&Literal>,
    directory: Option<u32>,
) -> Result<(), String> {
    if target.standing.decided == Decided::Environment {
        let name = target.setting.environment.as_deref().unwrap_or("a variable of its environment");
        return Err(format!("{name} decides it ({}): take it out with seaworthy edit", target.standing.source));
    }
    if target.stands.static_pod {
        if target.standing.decided == Decided::File {
            return in_mounted_config(target, draft, value);
        }
        return in_manifest(target, draft, value, directory);
    }
    if target.component.name == "kubelet" {
        return kubelet::of_kubelet(target, draft, value);
    }
    Err(format!(
        "{} runs as a service of the host here, and how that is started is not known: change it by hand",
        target.component.name
    ))
}

fn in_manifest(
    target: &Target<'_>,
    draft: &mut Draft<'_>,
    value: Option<&Literal>,
    directory: Option<u32>,
) -> Result<(), String> {
    let place = target.place()?;
    let flag = target.flag()?.to_owned();
    let container = place.container.to_owned();
    let mut text = value.map(ToString::to_string);
    if let Some(gate) = &target.setting.gate {
        text = Some(with_gate(&gates(target, draft)?, gate, text.as_deref()));
    } else if let (Some(path), SettingKind::Path) = (&text, target.setting.kind) {
        let host = path.clone();
        if let Some(mode) = directory {
            draft.directories(&host, mode)?;
        } else if !draft.exists(&host)? {
            return Err(format!("there is no {host} on this node"));
        }
        text = Some(draft.visible(&place, &host, directory.is_some())?);
    }
    let edit = match &text {
        Some(value) => PodEdit::SetArgument { container, flag: flag.clone(), value: Some(value.clone()) },
        None => PodEdit::RemoveArgument { container, flag: flag.clone() },
    };
    let manifest = place.manifest.to_owned();
    let already = draft.edits(&manifest);
    if !draft.manifest(&manifest, target.component, &[edit])? && !already {
        return Err(format!(
            "{manifest} says so already, and {} does not run by it: see why the kubelet does not restart it (seaworthy rescue)",
            target.component.name
        ));
    }
    draft.steps.push(match text {
        Some(value) => format!("{manifest}: --{flag}={value}"),
        None => format!("{manifest}: without --{flag}"),
    });
    Ok(())
}

/// The feature gates that stand in the manifest, as they would be now.
fn gates(target: &Target<'_>, draft: &Draft<'_>) -> Result<Vec<String>, String> {
    let place = target.place()?;
    let text = draft.text(place.manifest)?.unwrap_or_default();
    let words = pod::Seen::read(&text, place.container)?.words;
    let flag = target.flag()?;
    let values = occurrences(target.component, &words).into_iter().filter(|o| o.flag == flag).filter_map(|o| o.value);
    Ok(values.flat_map(|value| value.split(',').map(str::to_owned).collect::<Vec<_>>()).collect())
}

/// Gates with one of them set or left out.
fn with_gate(gates: &[String], gate: &str, value: Option<&str>) -> String {
    let is = |entry: &str| entry.split('=').next() == Some(gate);
    let mut gates: Vec<String> = gates.iter().filter(|entry| !is(entry) && !entry.is_empty()).cloned().collect();
    gates.extend(value.map(|value| format!("{gate}={value}")));
    gates.join(",")
}

/// A configuration file that the container mounts from the host: the process is ended so that it reads it anew.
fn in_mounted_config(target: &Target<'_>, draft: &mut Draft<'_>, value: Option<&Literal>) -> Result<(), String> {
    let path = host_path(&target.standing.source.place)
        .ok_or_else(|| format!("the file that decides it is not one of the host: {}", target.standing.source))?;
    in_config(target, draft, &path, value)?;
    draft.restart(&target.component.name, How::Process, &path);
    Ok(())
}

/// The path on the host of the file behind a source.
pub(crate) fn host_path(place: &SourcePlace) -> Option<String> {
    match place {
        SourcePlace::File { host_path: Some(path), .. } => Some(path.clone()),
        SourcePlace::File { path, pid: None, .. } => Some(path.clone()),
        _ => None,
    }
}

pub(crate) fn in_config(
    target: &Target<'_>,
    draft: &mut Draft<'_>,
    path: &str,
    value: Option<&Literal>,
) -> Result<(), String> {
    let field = target.setting.field.as_ref().ok_or_else(|| {
        format!("{} of {} cannot be set in a configuration file", target.setting.name, target.component.name)
    })?;
    let keys: Vec<String> = field.split('.').map(str::to_owned).chain(target.setting.gate.iter().cloned()).collect();
    let edit = match value {
        Some(value) => ConfigEdit::Set { path: keys.clone(), value: json(value) },
        None => ConfigEdit::Remove { path: keys.clone() },
    };
    let already = draft.edits(path);
    if !draft.config(path, &[edit])? && !already {
        return Err(format!("{path} says so already: restart {}", target.component.name));
    }
    let keys = keys.join(".");
    draft
        .steps
        .push(value.map_or_else(|| format!("{path}: without {keys}"), |value| format!("{path}: {keys}: {value}")));
    Ok(())
}

/// Files that a check found fault with: their mode or owner.
fn on_files(
    finding: &Finding,
    draft: &mut Draft<'_>,
    mode: Option<u32>,
    owner: Option<(u32, u32)>,
) -> Result<(), String> {
    let mut paths: Vec<String> = Vec::new();
    for resource in &finding.resources {
        let evidence = finding.evidence.iter().find(|evidence| evidence.what == resource.name);
        let source = evidence.and_then(|evidence| evidence.source.as_ref());
        let path = match source {
            Some(source) => host_path(&source.place)
                .ok_or_else(|| format!("{} is not a file of the host: {source}", resource.name))?,
            None => resource.name.clone(),
        };
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err("the check names no file".to_owned());
    }
    for path in paths {
        draft.attributes(&path, mode, owner)?;
        if let Some(mode) = mode {
            draft.steps.push(format!("{path}: no permission beyond {mode:04o}"));
        }
    }
    Ok(())
}

fn json(value: &Literal) -> Json {
    match value {
        Literal::Bool(value) => Json::from(*value),
        Literal::Int(value) => Json::from(*value),
        Literal::Text(value) => Json::from(value.as_str()),
        Literal::List(list) => Json::from(list.clone()),
    }
}
