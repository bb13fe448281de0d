//! Settings of the kubelet: it is no pod, so they stand in its configuration, or in the arguments of its service.

use seaworthy_catalogue::{Literal, occurrences};
use seaworthy_engine::Decided;
use seaworthy_model::SourcePlace;

use super::How;
use super::draft::Draft;
use super::operations::{Target, host_path, in_config};
use crate::edit;

/// Gives a setting of the kubelet a value, or takes it away.
pub(crate) fn of_kubelet(target: &Target<'_>, draft: &mut Draft<'_>, value: Option<&Literal>) -> Result<(), String> {
    if target.standing.decided == Decided::Argument {
        out_of_arguments(target, draft, value)?;
    }
    let in_file = target.setting.field.is_some() && target.stands.config_file.is_some();
    if in_file && (value.is_some() || target.standing.decided == Decided::File) {
        let main = target.stands.config_file.clone().unwrap_or_default();
        let path = match target.standing.decided {
            Decided::File => match &target.standing.source.place {
                // Of the main file it is known already that the kubelet was told its path.
                SourcePlace::File { path, .. } if *path == main => main,
                place => {
                    host_path(place).ok_or_else(|| format!("{} is not a file of the host", target.standing.source))?
                }
            },
            _ => main,
        };
        in_config(target, draft, &path, value)?;
        draft.restart(&target.component.name, How::Kubelet, &path);
    } else if target.standing.decided == Decided::Default {
        return Err("the kubelet runs without a configuration file, and this program adds no arguments to its service"
            .to_owned());
    }
    draft.restarts.insert((target.component.name.clone(), How::Kubelet));
    Ok(())
}

/// Takes a flag out of the files that give the kubelet its arguments; where it cannot be set in a file instead, gives it the value there.
fn out_of_arguments(target: &Target<'_>, draft: &mut Draft<'_>, value: Option<&Literal>) -> Result<(), String> {
    let flag = target.flag()?.to_owned();
    let in_file = target.setting.field.is_some() && target.stands.config_file.is_some();
    let repair = draft.node.platform.repair.as_ref();
    let files: Vec<String> = repair.map(|repair| repair.kubelet_arguments.clone()).unwrap_or_default();
    let instead = value.filter(|_| !in_file);
    let mut taken = 0;
    for path in &files {
        let Some(text) = draft.text(path)? else { continue };
        let edited = match instead {
            Some(value) => edit::set_flag(&text, target.component, &flag, &value.to_string()),
            None => edit::remove_flag(&text, target.component, &flag),
        };
        let Some(edited) = edited.ok().filter(|edited| edited.changed) else { continue };
        let left = if instead.is_some() { 0 } else { times(&edited.text, &flag) };
        taken += times(&text, &flag).saturating_sub(left);
        draft.write(path, edited.text, None)?;
        draft.steps.push(match instead {
            Some(value) => format!("{path}: --{flag}={value}"),
            None => format!("{path}: without --{flag}"),
        });
        draft.restart(&target.component.name, How::Kubelet, path);
    }
    let name = &target.component.name;
    let words = draft.arguments.get(name).unwrap_or(&target.stands.arguments);
    let given = occurrences(target.component, words).into_iter().filter(|given| given.flag == flag).count();
    if taken < given.max(1) {
        let by = if taken == 0 { "by none" } else { "not only by those" };
        let files = files.join(", ");
        return Err(format!(
            "the kubelet is given --{flag} {by} of {files}: take it out where it is started, and restart it"
        ));
    }
    let mut words = edit::without_flag(words, target.component, &flag);
    words.extend(instead.map(|value| format!("--{flag}={value}")));
    draft.arguments.insert(name.clone(), words);
    Ok(())
}

/// How often a flag stands in a text, in either spelling.
fn times(text: &str, flag: &str) -> usize {
    text.replace('_', "-").matches(&format!("--{flag}")).count()
}
