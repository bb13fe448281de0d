//! Files that a repair writes, and settings that point to them.

use seaworthy_catalogue::{Literal, WriteFile};
use seaworthy_model::Version;
use serde_json::Value as Json;

use super::draft::Draft;
use super::operations::{At, Target, set};
use super::{How, pod};
use crate::edit::ConfigEdit;

/// What stands for a key that is made when the plan is carried out.
pub(crate) const KEY: &str = "@KEY@";

pub(crate) fn write(file: &WriteFile, at: &At<'_, '_, '_, '_>, draft: &mut Draft<'_>) -> Result<(), String> {
    let target = Target::find(at, draft, &file.component, &file.setting)?;
    let text = of_version(file, draft.node.version(&file.component))?;
    if target.standing.set == Some(true) && !draft.steps.iter().any(|step| step.contains(&file.path)) {
        return into_existing(file, &target, &text, draft);
    }
    match draft.text(&file.path)? {
        None => {
            draft.directories(&file.path, 0o700)?;
            let written = draft.write(&file.path, text, Some(file.mode))?;
            written.secret = file.secret;
            draft.steps.push(format!("write {}: {}", file.path, file.content));
        }
        Some(there) if there == text => {}
        // On the second API server of a cluster: the first one's file, with its key.
        Some(there) if file.secret && holds_key_behind_identity(&there) => {
            draft.steps.push(format!("use {}, which is there already", file.path));
        }
        Some(_) => {
            return Err(format!("{} is there already, and what it holds is not ours to replace", file.path));
        }
    }
    if target.standing.set == Some(true) {
        return Ok(());
    }
    set(&target, draft, Some(&Literal::Text(file.path.clone())), None)
}

/// The text for a version.
fn of_version(file: &WriteFile, version: Option<Version>) -> Result<String, String> {
    let release = version.map(Version::release);
    let fits = |text: &&seaworthy_catalogue::Default| match release {
        Some(release) => text.from.is_none_or(|from| release >= from) && text.until.is_none_or(|until| release < until),
        None => text.from.is_none() && text.until.is_none(),
    };
    let found = file.text.iter().find(fits).and_then(|text| text.value.as_ref());
    let Some(Literal::Text(text)) = found else {
        let from = file.text.iter().filter_map(|text| text.from).min();
        let since = from.map_or_else(String::new, |from| format!(": it takes {from} or newer"));
        let version = version.map_or_else(|| "an unknown version".to_owned(), |version| version.to_string());
        return Err(format!("{} of {version} knows no {}{since}", file.component, file.setting));
    };
    Ok(text.trim_start_matches('\n').to_owned())
}

/// Sets parts of the text in the file that the setting names already.
fn into_existing(file: &WriteFile, target: &Target<'_>, text: &str, draft: &mut Draft<'_>) -> Result<(), String> {
    let named = &target.standing.shown;
    if file.merge.is_empty() {
        return Err(format!(
            "{} names {named} already, which is somebody's work: make it {} by hand",
            file.setting, file.content
        ));
    }
    let host = outside(target, draft, named)?;
    let ours = seaworthy_yaml::parse(text).map_err(|error| error.to_string())?;
    let mut edits = Vec::new();
    for field in &file.merge {
        let Some(node) = ours.root.get(field) else { continue };
        let value: Json = serde_json::from_str(&node.to_json()).map_err(|error| error.to_string())?;
        edits.push(ConfigEdit::Set { path: vec![field.clone()], value });
    }
    if draft.config(&host, &edits)? {
        draft.steps.push(format!("{host}: {}", file.merge.join(", ")));
        draft.restart(&target.component.name, How::Process, &host);
    }
    Ok(())
}

/// Where on the host a path is that a component in a static pod names.
fn outside(target: &Target<'_>, draft: &Draft<'_>, path: &str) -> Result<String, String> {
    if !target.stands.static_pod {
        return Ok(path.to_owned());
    }
    let place = target.place()?;
    let text = draft.text(place.manifest)?.unwrap_or_default();
    let seen = pod::Seen::read(&text, place.container)?;
    seen.outside(path).ok_or_else(|| format!("{path} is no file of the host: nothing is mounted there"))
}

pub(crate) fn encrypt_first(
    component: &str,
    setting: &str,
    at: &At<'_, '_, '_, '_>,
    draft: &mut Draft<'_>,
) -> Result<(), String> {
    let target = Target::find(at, draft, component, setting)?;
    if target.standing.set != Some(true) {
        return Err(format!(
            "{setting} is not set: repair that first, on every API server, and then this; with the key first behind identity nothing \
             becomes unreadable in between"
        ));
    }
    let host = outside(&target, draft, &target.standing.shown.clone())?;
    if draft.edits(&host) {
        return Err(format!("{host} is changed by another fix of this plan: repair that first, and then this"));
    }
    let text = draft.text(&host)?.ok_or_else(|| format!("there is no {host}"))?;
    let document = seaworthy_yaml::parse(&text).map_err(|error| format!("{host}: {error}"))?;
    let resources = document.root.get("resources").ok_or_else(|| format!("{host} has no resources"))?;
    let mut resources: Json = serde_json::from_str(&resources.to_json()).map_err(|error| error.to_string())?;
    let groups = resources.as_array_mut().ok_or_else(|| format!("the resources of {host} are no list"))?;
    let holds_secrets = |group: &Json| {
        let names = group["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
        names.iter().any(|name| matches!(name.as_str(), Some("secrets" | "*." | "*.*")))
    };
    let group = groups.iter_mut().find(|group| holds_secrets(group));
    let providers = group.and_then(|group| group["providers"].as_array_mut());
    let providers = providers.ok_or_else(|| format!("no group of {host} is about secrets"))?;
    let strong = |provider: &Json| ["secretbox", "aescbc", "kms"].iter().any(|name| provider.get(name).is_some());
    let index = providers.iter().position(strong).ok_or_else(|| {
        format!(
            "{host} has no provider that is strong enough: add one with a key behind the others, on every API server"
        )
    })?;
    let chosen = providers.remove(index);
    providers.insert(0, chosen);
    draft.config(&host, &[ConfigEdit::Set { path: vec!["resources".to_owned()], value: resources }])?;
    if let Some(file) = draft.file_mut(&host) {
        file.secret = true;
    }
    draft.restart(component, How::Process, &host);
    draft.steps.push(format!("{host}: the provider that encrypts comes first"));
    draft.afterwards.push(
        "Secrets that were written before stay as they are until they are written anew: \
         kubectl get secrets --all-namespaces -o json | kubectl replace -f -"
            .to_owned(),
    );
    Ok(())
}

/// Whether a text is an EncryptionConfiguration that has a key and does not write with it yet.
fn holds_key_behind_identity(text: &str) -> bool {
    let Ok(document) = seaworthy_yaml::parse(text) else { return false };
    let root = &document.root;
    let resources = root.get("resources").and_then(|list| list.as_list()).unwrap_or_default();
    let of = |group: &seaworthy_yaml::Node| {
        let providers = group.get("providers").and_then(|list| list.as_list()).unwrap_or_default();
        let identity = providers.first().is_some_and(|first| first.get("identity").is_some());
        identity && providers.iter().any(|provider| provider.get("identity").is_none())
    };
    root.get("kind").and_then(|kind| kind.as_str()) == Some("EncryptionConfiguration") && resources.iter().any(of)
}
