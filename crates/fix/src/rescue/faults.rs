//! What keeps one manifest from becoming a component that runs, by its text and the files that it names.

use seaworthy_catalogue::{Component, Occurrence, base_name, nearest, occurrences};
use seaworthy_model::{FileKind, Version};
use seaworthy_yaml::{Node as Yaml, Span};

use super::manifest::{Words, version, words};
use super::{Cx, Finding, Kind};
use crate::plan::Seen;
use crate::validate::{self, Lost, Problem, Strange, list, text as text_of};

/// Something that is wrong with a manifest.
pub(super) enum Fault {
    /// It does not parse, or is no Pod.
    Text(Problem, Kind),
    /// It is called as a component, and runs something else.
    Program(Span),
    /// A line that is indented further than its list, which YAML reads as more of the entry above. The line's place.
    Joined(Span),
    /// A word that is no flag, and no flag's value: none of these programs takes one.
    Word { word: String, span: Span, meant: Option<String> },
    /// A flag that there is not.
    Flag { found: Occurrence, span: Span, near: Option<String>, version: Option<Version> },
    /// A flag names a file that is not there.
    Missing { flag: String, path: String, host: Option<String>, span: Span },
    /// A flag names a file that is there, and not mounted. What has to be mounted, and whether to write there.
    NotMounted { flag: String, path: String, span: Span, writes: bool },
    /// A volume of the host that is not there, or is something else.
    Volume { path: String, kind: String, span: Span, is: Option<FileKind>, mounted_at: Option<String> },
    /// A mount of a volume that there is not.
    Mount { volume: String, path: String, span: Span },
}

/// All faults of a manifest; of one that is no Pod nothing else is known.
pub(super) fn faults(cx: &Cx<'_>, path: &str, text: &str, component: Option<&Component>) -> Vec<Fault> {
    let document = match validate::shape(path, text) {
        Ok(document) => document,
        Err(wrong) => {
            let parses = seaworthy_yaml::parse(text).is_ok();
            let kind = if parses { Kind::NotAPod } else { Kind::DoesNotParse };
            return wrong.into_iter().map(|problem| Fault::Text(problem, kind)).collect();
        }
    };
    let root = &document.root;
    let mut found = volumes(cx, root);
    let Some(component) = component else { return found };
    let Some(words) = words(root, component) else {
        // A shell that starts it is nothing to judge by.
        let containers = root.path("spec.containers").and_then(Yaml::as_list).unwrap_or_default();
        let written = |container: &Yaml, key: &str| container.get(key).map(Yaml::to_json).unwrap_or_default();
        let named = |container: &Yaml| {
            let words = written(container, "command") + &written(container, "args");
            component.programs.iter().any(|program| words.contains(program))
        };
        if !containers.iter().any(named) {
            found.push(Fault::Program(root.path("spec.containers").unwrap_or(root).span));
        }
        return found;
    };
    if let Some(line) = validate::joined(text, &words) {
        found.insert(0, Fault::Joined(line));
        return found;
    }
    // Behind another program that starts it stand flags that are not its own.
    let own = |word: &String| component.programs.iter().any(|program| program == base_name(word));
    if !words.words.iter().take(2).any(own) {
        return found;
    }
    let version = version(cx, component, &words);
    let strange = validate::strange(component, &words, version);
    found.extend(strange.map(|Strange { word, span, meant }| Fault::Word { word, span, meant }));
    let seen = Seen::read(text, &words.container).ok();
    for given in occurrences(component, &words.words) {
        let span = words.spans.get(given.index).copied().unwrap_or_default();
        if !component.has_flag(&given.flag, version) {
            let near = near(component, &given.flag, version, &words);
            found.push(Fault::Flag { found: given, span, near, version });
        } else if let Some(seen) = &seen {
            found.extend(file(cx, component, seen, &given, span));
        }
    }
    found
}

/// The flag that was meant.
fn near(component: &Component, flag: &str, version: Option<Version>, words: &Words) -> Option<String> {
    // One of another version is no typing mistake: `insecure-port` is not `secure-port`.
    if component.has_flag(flag, None) {
        return None;
    }
    let given: Vec<Occurrence> = occurrences(component, &words.words);
    let known = component.switches.iter().chain(&component.flags).map(String::as_str);
    let known = known.filter(|known| component.has_flag(known, version));
    // What stands there already was not meant a second time.
    let known = known.filter(|known| !given.iter().any(|given| given.flag == *known));
    nearest(flag, known).map(str::to_owned)
}

fn file(cx: &Cx<'_>, component: &Component, seen: &Seen, given: &Occurrence, span: Span) -> Option<Fault> {
    let path = given
        .value
        .as_deref()
        .filter(|value| value.starts_with('/') && validate::names_file(component, &given.flag))?;
    let flag = given.flag.clone();
    // What it makes itself only needs a directory that lasts; a data directory is one by itself.
    let writes = matches!(flag.as_str(), "audit-log-path" | "data-dir" | "wal-dir" | "cert-dir");
    let above = if writes { super::node::above(path) } else { path };
    let host = seen.outside(path).or_else(|| seen.outside(above));
    match host {
        None if cx.exists(above) => {
            let path = if flag == "audit-log-path" { above } else { path };
            Some(Fault::NotMounted { flag, path: path.to_owned(), span, writes })
        }
        None => Some(Fault::Missing { flag, path: path.to_owned(), host: None, span }),
        // The kubelet or the component makes it.
        Some(_) if writes => None,
        Some(host) if cx.exists(&host) => None,
        Some(host) => Some(Fault::Missing { flag, path: path.to_owned(), host: Some(host), span }),
    }
}

fn volumes(cx: &Cx<'_>, root: &Yaml) -> Vec<Fault> {
    let Some(spec) = root.get("spec") else { return Vec::new() };
    let mut found = Vec::new();
    for volume in list(spec, "volumes") {
        let Some(host) = volume.get("hostPath") else { continue };
        let (Some(path), kind) = (text_of(host, "path"), text_of(host, "type").unwrap_or_default()) else { continue };
        let wanted = match kind {
            "File" => FileKind::Regular,
            "Directory" => FileKind::Directory,
            "Socket" => FileKind::Other,
            _ => continue,
        };
        let is = cx.seen(path).map(|seen| seen.kind);
        if is == Some(wanted) || is.is_none() && cx.exists(path) {
            continue;
        }
        let name = text_of(volume, "name");
        let mount = validate::mounts(spec).find(|mount| text_of(mount, "name") == name);
        let mounted_at = mount.and_then(|mount| text_of(mount, "mountPath")).map(str::to_owned);
        let span = host.get("path").map_or(host.span, |node| node.span);
        found.push(Fault::Volume { path: path.to_owned(), kind: kind.to_owned(), span, is, mounted_at });
    }
    let lost = validate::lost(root).into_iter();
    found.extend(lost.map(|Lost { volume, path, span }| Fault::Mount { volume, path, span }));
    found
}

/// A fault as it is told.
pub(super) fn tell(cx: &Cx<'_>, path: &str, text: &str, component: Option<&Component>, fault: &Fault) -> Finding {
    let name = component.map_or("the pod", |component| component.name.as_str());
    let known = component.map(|component| component.name.as_str());
    let finding = |kind, span: &Span, cause: String| Finding::new(kind, known, cause).at(path, span.line, span.column);
    let mut told = match fault {
        Fault::Text(problem, kind) => {
            let word = problem.text.rsplit_once("stop the pod: ").map_or(problem.text.as_str(), |(_, word)| word);
            let cause = match kind {
                Kind::DoesNotParse => format!("the manifest does not parse, so that the kubelet runs no pod: {word}"),
                // The words of the parser repeat the value.
                _ if is_value(text, problem.line) => {
                    "the manifest is no pod as it was meant: a value in the environment is no text; put it in quotes"
                        .to_owned()
                }
                _ => format!("the manifest is no pod as it was meant: {}", problem.text),
            };
            Finding::new(*kind, known, cause).at(path, problem.line, problem.column)
        }
        Fault::Joined(span) => {
            let cause = "this line is read as a part of the argument above: it is indented further than its list, or has no dash";
            finding(Kind::NotAPod, span, cause.to_owned())
        }
        Fault::Program(span) => {
            let cause = format!("no container of it runs {name}, although the file is called so");
            finding(Kind::NotAPod, span, cause)
        }
        Fault::Word { word, span, meant } => {
            let meant = meant.as_ref().map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
            let word = crate::health::logs::safe(word);
            let cause = format!("{name} takes no argument such as {word:?}, which is no flag, and ends at once{meant}");
            finding(Kind::UnknownFlag, span, cause)
        }
        Fault::Flag { found, span, near, version } => {
            let version = version.map_or_else(String::new, |version| format!(" {version}"));
            let near = near.as_ref().map_or_else(String::new, |near| format!("; did you mean --{near}?"));
            let cause = format!("{name}{version} has no flag --{} and ends at once{near}", found.flag);
            let by_hand = match near.is_empty() {
                true => format!("take --{} out of the manifest", found.flag),
                false => format!("correct --{} in line {}, or take it out of the manifest", found.flag, span.line),
            };
            finding(Kind::UnknownFlag, span, cause).by_hand(by_hand)
        }
        Fault::Missing { flag, path: file, host, span } => {
            let cause = match host {
                Some(host) if host == file => format!("--{flag} names {file}, which does not exist on this node"),
                Some(host) => format!("--{flag} names {file}; that is {host} on this node, which does not exist"),
                None => {
                    format!("--{flag} names {file}, which is neither mounted into the container nor on this node")
                }
            };
            let by_hand = format!(
                "put the file there ({file}: from a backup, or another control plane node), or take --{flag} out of the manifest \
                 if {name} can do without it",
            );
            finding(Kind::MissingFile, span, cause).by_hand(by_hand)
        }
        Fault::NotMounted { flag, path: file, span, .. } => {
            let cause = format!("--{flag} needs {file}, which is on this node and is not mounted into the container");
            finding(Kind::NotMounted, span, cause)
        }
        Fault::Volume { path: file, kind, span, is, .. } => {
            let cause = match is {
                None => format!("a volume of type {kind} names {file}, which does not exist: the pod never starts"),
                Some(_) => format!("a volume names {file}, which is no {kind}: the pod never starts"),
            };
            let by_hand = match (kind.as_str(), is) {
                ("Directory", None) => format!("mkdir -p {file}   (or correct the path)"),
                _ => format!("put a {kind} at {file}, or correct the path"),
            };
            finding(Kind::MissingFile, span, cause).by_hand(by_hand)
        }
        Fault::Mount { volume, path: file, span } => {
            let cause = format!(
                "{file} is mounted from the volume {volume:?}, which there is not: the kubelet refuses the pod"
            );
            finding(Kind::NotMounted, span, cause)
        }
    };
    told.evidence.extend(super::node::quote(text, told.line));
    told.evidence.extend(near_miss(cx, fault));
    told
}

fn is_value(text: &str, line: u32) -> bool {
    let index = usize::try_from(line).ok().and_then(|line| line.checked_sub(1));
    index.and_then(|index| text.lines().nth(index)).is_some_and(super::node::is_value)
}

/// The directory of the file that a fault is about.
pub(super) fn directory(fault: &Fault) -> Option<&str> {
    match fault {
        Fault::NotMounted { path, .. } => Some(super::node::above(path)),
        Fault::Missing { path, host, .. } => Some(super::node::above(host.as_ref().unwrap_or(path))),
        _ => None,
    }
}

/// What is there instead of a file that is missing.
fn near_miss(cx: &Cx<'_>, fault: &Fault) -> Option<String> {
    let path = match fault {
        Fault::Missing { path, host, .. } => host.as_ref().unwrap_or(path),
        Fault::Volume { path, is: None, .. } => path,
        _ => return None,
    };
    let directory = super::node::above(path);
    let names = cx.names(directory).ok()?;
    let near = nearest(path.rsplit('/').next()?, names.iter().map(String::as_str))?;
    Some(format!("{directory} has {near}"))
}
