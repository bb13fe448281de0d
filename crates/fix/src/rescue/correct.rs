//! The smallest correction of a manifest: one step for each fault, and then nothing may be wrong with it any longer.

use seaworthy_catalogue::{Component, nearest, occurrences};
use seaworthy_yaml::{Node as Yaml, Span};
use serde_json::Value as Json;

use super::faults::{Fault, faults};
use super::manifest::words;
use super::node::above;
use super::refused::Wish;
use super::{Cx, Kind, indent};
use crate::edit::{PodEdit, edit_pod};
use crate::plan::Seen;
use crate::validate;

/// So many edits of one file are a repair; more are a guess.
const MOST: usize = 12;

/// A text that nothing is wrong with, and what was edited, one line each.
pub(super) struct Corrected {
    pub(super) text: String,
    pub(super) edits: Vec<String>,
    /// The line of a slip, which a parser often notices only in another line.
    pub(super) line: Option<u32>,
    /// Whether something that was asked for is no longer.
    pub(super) takes_away: bool,
}

/// Corrects a manifest; `None` if that is not certain, or something would still be wrong.
pub(super) fn correct(
    cx: &Cx<'_>,
    path: &str,
    text: &str,
    component: Option<&Component>,
    wishes: &[Wish],
) -> Option<Corrected> {
    let mut now = text.to_owned();
    let mut edits = Vec::new();
    let mut line = None;
    let mut wishes = wishes.to_vec();
    for _ in 0..MOST {
        let found = faults(cx, path, &now, component);
        let (next, what) = match found.first() {
            Some(fault @ (Fault::Text(..) | Fault::Joined(_))) => {
                let (at, kind) = match fault {
                    Fault::Text(problem, kind) => (problem.line, *kind),
                    Fault::Joined(span) => (span.line, Kind::NotAPod),
                    _ => return None,
                };
                let mended = indent::mend(cx, path, &now, component?, at, kind)?;
                let changed = now.lines().zip(mended.0.lines()).position(|(old, new)| old != new);
                line = line.or(changed.and_then(|index| u32::try_from(index + 1).ok()));
                mended
            }
            Some(fault) => step(&now, component?, fault)?,
            None => match wishes.pop() {
                Some(wish) => match grant(&now, component?, &wish) {
                    Some(step) => step,
                    None => continue,
                },
                None => break,
            },
        };
        now = next;
        edits.push(what);
    }
    (now != text && sound(cx, path, &now, component)).then(|| {
        let takes_away = edits.iter().any(|edit| edit.contains(" goes"));
        Corrected { text: now, edits, line, takes_away }
    })
}

/// Whether nothing is wrong with a manifest, also by what is asked of every edit before it is written.
pub(super) fn sound(cx: &Cx<'_>, path: &str, text: &str, component: Option<&Component>) -> bool {
    let exists = |path: &str| cx.exists(path);
    let context = validate::Context { component: None, version: None, running: &[], exists: &exists };
    faults(cx, path, text, component).is_empty() && validate::pod(path, text, &context).is_empty()
}

fn step(text: &str, component: &Component, fault: &Fault) -> Option<(String, String)> {
    match fault {
        Fault::Flag { found, span, near, .. } => {
            if let Some(near) = near.as_ref().filter(|near| is_slip(&found.flag, near)) {
                let renamed = rename(text, *span, &found.flag, near)?;
                return Some((renamed, format!("--{} becomes --{near}", found.flag)));
            }
            // Of one that was only misspelt the meaning would go with it: etcd without its client certificates would start, too.
            if near.is_some() {
                return None;
            }
            let after = without(text, component, &found.flag)?;
            Some((after, format!("--{} goes: {} does not have it", found.flag, component.name)))
        }
        Fault::Word { word, span, meant: Some(meant) } => {
            Some((splice(text, *span, word, meant)?, format!("{word} becomes {meant}")))
        }
        Fault::NotMounted { path, .. } if slip_of_mount(text, component, path).is_some() => {
            slip_of_mount(text, component, path)
        }
        Fault::NotMounted { path, writes, .. } => {
            let (after, name) = mount(text, component, path, *writes)?;
            Some((after, format!("{path} is mounted, as the volume {name}")))
        }
        // What is mounted at the place where it is on the host as well: the path was mistyped.
        Fault::Volume { path, span, mounted_at: Some(inside), is: None, .. } if is_slip(path, inside) => {
            let after = splice(text, *span, path, inside)?;
            Some((after, format!("the volume's path {path} becomes {inside}")))
        }
        Fault::Mount { volume, path, span } => {
            let document = seaworthy_yaml::parse(text).ok()?;
            let volumes = document.root.path("spec.volumes").and_then(Yaml::as_list).unwrap_or_default();
            let names: Vec<&str> = volumes.iter().filter_map(|volume| volume.get("name")?.as_str()).collect();
            let near = nearest(volume, names).filter(|near| is_slip(volume, near))?;
            let after = splice(text, *span, volume, near)?;
            Some((after, format!("the mount at {path} takes the volume {near}")))
        }
        // The volume leads elsewhere: the kubelet may even have made an empty directory there.
        Fault::Missing { path, host: Some(host), .. } if path != host => slip_of_volume(text, host),
        Fault::Word { .. }
        | Fault::Text(..)
        | Fault::Joined(_)
        | Fault::Program(_)
        | Fault::Missing { .. }
        | Fault::Volume { .. } => None,
    }
}

/// What the component said in its log, where its words name an entry of a list or a value of a few.
fn grant(text: &str, component: &Component, wish: &Wish) -> Option<(String, String)> {
    match wish {
        Wish::DropFlag(flag) => {
            Some((without(text, component, flag)?, format!("--{flag} goes: {} refused it", component.name)))
        }
        Wish::DropEntry { flag, entry } => {
            let found = given(text, component, flag)?;
            let value = found.value?;
            let is = |word: &&str| {
                let word = word.trim();
                word == entry || word.split_once('=').is_some_and(|(name, _)| name == entry)
            };
            if !value.split(',').any(|word| is(&word)) {
                return None;
            }
            let rest: Vec<&str> = value.split(',').filter(|word| !is(word)).collect();
            let after = if rest.is_empty() {
                without(text, component, flag)?
            } else {
                set(text, component, flag, &rest.join(","))?
            };
            Some((after, format!("{entry} goes from --{flag}: {} refused it", component.name)))
        }
        Wish::Value { flag } => {
            let value = given(text, component, flag)?.value?;
            let setting = component.settings.iter().find(|setting| setting.flag.as_ref() == Some(flag));
            let near = match component.switches.contains(flag) {
                // `yes`, `on`: words that people take for Go's.
                true => match value.to_lowercase().as_str() {
                    "yes" | "y" | "on" | "ture" | "tru" => "true",
                    "no" | "n" | "off" | "flase" | "fasle" => "false",
                    _ => return None,
                },
                false => nearest(&value, setting?.words.iter().map(String::as_str))?,
            };
            (near != value).then_some(())?;
            Some((set(text, component, flag, near)?, format!("--{flag} becomes {near}")))
        }
    }
}

fn given(text: &str, component: &Component, flag: &str) -> Option<seaworthy_catalogue::Occurrence> {
    let document = seaworthy_yaml::parse(text).ok()?;
    let words = words(&document.root, component)?;
    occurrences(component, &words.words).into_iter().find(|given| given.flag == flag)
}

fn edited(text: &str, component: &Component, edit: impl Fn(String) -> Vec<PodEdit>) -> Option<String> {
    let document = seaworthy_yaml::parse(text).ok()?;
    let container = words(&document.root, component)?.container;
    edit_pod(text, component, &edit(container)).ok().map(|edited| edited.text)
}

fn without(text: &str, component: &Component, flag: &str) -> Option<String> {
    edited(text, component, |container| vec![PodEdit::RemoveArgument { container, flag: flag.to_owned() }])
}

fn set(text: &str, component: &Component, flag: &str, value: &str) -> Option<String> {
    edited(text, component, |container| {
        vec![PodEdit::SetArgument { container, flag: flag.to_owned(), value: Some(value.to_owned()) }]
    })
}

fn list<'n>(node: &'n Yaml, path: &str) -> &'n [Yaml] {
    node.path(path).and_then(Yaml::as_list).unwrap_or_default()
}

/// A volume of a directory above `path`, which a slip mounts at another place than it has on the host.
fn slip_of_mount(text: &str, component: &Component, path: &str) -> Option<(String, String)> {
    let document = seaworthy_yaml::parse(text).ok()?;
    let container = words(&document.root, component)?.container;
    let containers = list(&document.root, "spec.containers").iter();
    let own = containers.filter(|node| node.get("name").and_then(Yaml::text).is_some_and(|name| name == container));
    let mounts = own.flat_map(|node| list(node, "volumeMounts"));
    mounts.into_iter().find_map(|mount| {
        let name = mount.get("name")?.as_str()?;
        let at = mount.get("mountPath")?;
        let volumes = list(&document.root, "spec.volumes").iter();
        let mut hosts = volumes.filter(|volume| volume.get("name").and_then(Yaml::as_str) == Some(name));
        let host = hosts.next()?.path("hostPath.path")?.as_str()?;
        let covers = path == host || path.strip_prefix(host).is_some_and(|rest| rest.starts_with('/'));
        let inside = at.as_str().filter(|inside| covers && is_slip(inside, host))?;
        Some((splice(text, at.span, inside, host)?, format!("the volume {name} is mounted at {host}, not at {inside}")))
    })
}

/// A volume of the host above `path`, whose path is a slip of the place where it is mounted.
fn slip_of_volume(text: &str, path: &str) -> Option<(String, String)> {
    let document = seaworthy_yaml::parse(text).ok()?;
    list(&document.root, "spec.volumes").iter().find_map(|volume| {
        let at = volume.path("hostPath.path")?;
        let host = at.as_str().filter(|host| path.strip_prefix(host).is_some_and(|rest| rest.starts_with('/')))?;
        let name = volume.get("name")?.as_str()?;
        let containers = list(&document.root, "spec.containers").iter();
        let mut mounts = containers.flat_map(|node| list(node, "volumeMounts"));
        let mount = mounts.find(|mount| mount.get("name").and_then(Yaml::as_str) == Some(name))?;
        let inside = mount.get("mountPath")?.as_str().filter(|inside| is_slip(host, inside))?;
        Some((splice(text, at.span, host, inside)?, format!("the volume's path {host} becomes {inside}")))
    })
}

/// Mounts what is on the host at the same place in the container.
fn mount(text: &str, component: &Component, path: &str, writes: bool) -> Option<(String, String)> {
    let document = seaworthy_yaml::parse(text).ok()?;
    let volumes = document.root.path("spec.volumes").and_then(Yaml::as_list).unwrap_or_default();
    // The narrowest volume that holds it and was not mounted, or its mount was lost.
    let mut known: Option<(String, String)> = None;
    let mut at = path;
    while known.is_none() && at != "/" {
        let of = |volume: &&Yaml| {
            volume.path("hostPath.path").and_then(Yaml::as_str).map(|path| path.trim_end_matches('/')) == Some(at)
        };
        let volume = volumes.iter().find(of);
        let name = volume.and_then(|volume| volume.get("name")?.as_str());
        known = name.map(|name| (name.to_owned(), at.to_owned()));
        at = above(at);
    }
    let seen = Seen::read(text, &words(&document.root, component)?.container).ok()?;
    let (name, at) = known.clone().unwrap_or_else(|| (seen.free_name(path), path.to_owned()));
    let kind = if writes { "DirectoryOrCreate" } else { "File" };
    let after = edited(text, component, |container| {
        let mut edits = Vec::new();
        if known.is_none() {
            let (name, kind) = (name.clone(), kind.to_owned());
            edits.push(PodEdit::AddVolume { name, host_path: path.to_owned(), kind });
        }
        edits.push(PodEdit::AddMount { container, volume: name.clone(), path: at.clone(), read_only: !writes });
        edits
    });
    after.map(|after| (after, name))
}

/// A flag's name in the word that it stands in, and nothing else of it.
fn rename(text: &str, span: Span, flag: &str, near: &str) -> Option<String> {
    let written = text.get(span.start..span.end)?;
    // As it is written: `_` is `-` to most components.
    let dashes = written.find('-')?;
    let body = written.get(dashes..)?.trim_start_matches('-');
    let body = body.get(..flag.len()).filter(|body| body.replace('_', "-") == flag.replace('_', "-"))?;
    splice(text, span, body, near)
}

/// Puts one scalar's text in the place of another, if the document then differs in just that.
fn splice(text: &str, span: Span, old: &str, new: &str) -> Option<String> {
    let written = text.get(span.start..span.end)?;
    if written.matches(old).count() == 0 {
        return None;
    }
    let put = written.replacen(old, new, 1);
    let after = format!("{}{put}{}", text.get(..span.start)?, text.get(span.end..)?);
    let value =
        |text: &str| -> Option<Json> { serde_json::from_str(&seaworthy_yaml::parse(text).ok()?.root.to_json()).ok() };
    (differences(&value(text)?, &value(&after)?) == 1).then_some(after)
}

/// How many scalars differ; many if the shapes do.
fn differences(one: &Json, other: &Json) -> usize {
    match (one, other) {
        (Json::Object(a), Json::Object(b)) if a.len() == b.len() => {
            a.iter().map(|(key, value)| b.get(key).map_or(100, |other| differences(value, other))).sum()
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).map(|(one, other)| differences(one, other)).sum()
        }
        (Json::Object(_) | Json::Array(_), _) | (_, Json::Object(_) | Json::Array(_)) => 100,
        _ => usize::from(one != other),
    }
}

/// Whether one word is the other but for a slip of the fingers: one letter that is changed, added, dropped or swapped with its
/// neighbour, two in a long word. [`nearest`] finds what to ask; this decides what to do without asking.
pub(super) fn is_slip(word: &str, meant: &str) -> bool {
    let most = if word.len() >= 12 { 2 } else { 1 };
    // `insecure-x` for `secure-x` and `no-x` for `x` would be the opposite.
    let denies = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|begin| ["in", "un", "no", "no-", "non", "non-", "dis"].contains(&begin))
    };
    let opposite = denies(word, meant) || denies(meant, word);
    !opposite && word.len().abs_diff(meant.len()) <= most && distance(word.as_bytes(), meant.as_bytes()) <= most
}

fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::is_slip;

    #[test]
    fn only_slips_of_the_fingers_are_corrected() {
        assert!(is_slip("profilling", "profiling"));
        assert!(is_slip("anonymous-atuh", "anonymous-auth"));
        assert!(is_slip("etcd-ca-file", "etcd-cafile"));
        assert!(is_slip("xkey-file", "key-file"));
        assert!(!is_slip("insecure-port", "secure-port"));
        assert!(!is_slip("auth-anonymous", "anonymous-auth"));
        assert!(!is_slip("audit-log-maxage", "audit-log-maxsize"));
        assert!(!is_slip("port", "root"));
    }
}
