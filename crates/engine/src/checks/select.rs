//! Which files a check looks at.

use seaworthy_model::{Fact, File, FileKind, FileRecord, Verdict, View};

use super::{Judge, Outcome};
use crate::settings::{Resolver, State, find};
use crate::why::Why;

/// A path to judge, and what is known of it.
pub(super) struct Target<'a> {
    pub(super) path: String,
    pub(super) record: Result<&'a FileRecord, Why>,
    /// Whether its absence says nothing.
    pub(super) optional: bool,
}

/// What a selection of files came to.
pub(super) enum Selected<'a> {
    Targets(Vec<Target<'a>>),
    Done(Box<Outcome>),
}

fn done<'a>(outcome: Outcome) -> Selected<'a> {
    Selected::Done(Box::new(outcome))
}

fn not_applicable<'a>(reason: String) -> Selected<'a> {
    done(Outcome::tested(Verdict::NotApplicable, reason))
}

pub(super) fn manifests<'a>(judge: &Judge<'_, 'a>, component: &str) -> Selected<'a> {
    if let Some(absent) = judge.role_absent(component) {
        return done(absent);
    }
    let Some(node) = judge.context.node() else { return done(Outcome::unknown(Why::no_node())) };
    let all = match &node.manifests {
        Fact::Known { value, .. } => value.as_slice(),
        Fact::Absent { .. } => &[],
        other => return done(Outcome::unknown(other.missing().map_or_else(Why::no_node, Why::missing))),
    };
    let mut targets: Vec<Target<'a>> = judge
        .context
        .manifests(component)
        .iter()
        .map(|written| written.manifest.path.clone())
        // A manifest that cannot be read as a pod may still be the component's, if its name says so.
        .chain(all.iter().filter(|m| m.pod.known().is_none() && m.path.contains(component)).map(|m| m.path.clone()))
        .map(|path| Target { record: judge.context.record(View::Host, &path), path, optional: false })
        .collect();
    targets.dedup_by(|a, b| a.path == b.path);
    if !targets.is_empty() {
        return Selected::Targets(targets);
    }
    let broken = all.iter().find(|m| m.pod.known().is_none());
    let resolvers = judge.resolvers(component);
    if resolvers.is_empty() {
        return done(judge.not_running(component));
    }
    if resolvers.iter().any(|r| !matches!(r.instance.process.place.known(), Some(seaworthy_model::Place::Host))) {
        let which = broken.map_or_else(String::new, |m| format!("; {} could not be read as one", m.path));
        return done(Outcome::unknown(Why::error(format!(
            "{component} runs in a pod whose manifest was not found{which}"
        ))));
    }
    not_applicable(format!("{component} is not run from a static pod manifest here"))
}

pub(super) fn named<'a>(
    judge: &Judge<'_, 'a>,
    component: &str,
    setting: &str,
    otherwise: Option<&str>,
    resolver: Option<&Resolver<'_, '_>>,
) -> Selected<'a> {
    if let Some(absent) = judge.role_absent(component) {
        return done(absent);
    }
    let Some(resolver) = resolver.filter(|r| r.instance.component.name == component) else {
        // A process that cannot be seen may have been given another file.
        let unseen = judge.context.instances(component).is_some_and(|i| i.unknown.is_some());
        return match otherwise.filter(|_| !unseen) {
            Some(set) => platform(judge, set, None, false),
            None => done(judge.not_running(component)),
        };
    };
    let effective = resolver.effective(setting);
    if let State::Unknown(why) = &effective.state {
        return done(Outcome::unknown(why.clone()));
    }
    let Some(path) = effective.text() else {
        return match otherwise {
            Some(set) => platform(judge, set, None, false),
            None => not_applicable(format!("{component} has no {setting}")),
        };
    };
    let record = find(judge.context, resolver.instance, path).map(|(_, record)| record);
    let mut targets = vec![Target { path: path.to_owned(), record, optional: false }];
    targets.extend(on_the_host(judge, &targets));
    Selected::Targets(targets)
}

/// The host's own file at the path behind a container's one, where it is another: a file that was replaced by a rename while it is
/// mounted by itself is seen in its old form inside.
fn on_the_host<'a>(judge: &Judge<'_, 'a>, targets: &[Target<'a>]) -> Option<Target<'a>> {
    let inside = targets.first()?.record.as_ref().ok()?;
    let seaworthy_model::SourcePlace::File { host_path: Some(host), pid: Some(_), .. } = &inside.fact.source().place
    else {
        return None;
    };
    let outside = judge.context.record(View::Host, host).ok()?;
    let (a, b) = (inside.fact.known()?, outside.fact.known()?);
    let same = a.inode.is_some() && a.inode == b.inode;
    (!same && a.permissions != b.permissions).then(|| Target {
        path: host.clone(),
        record: Ok(outside),
        optional: true,
    })
}

pub(super) fn platform<'a>(judge: &Judge<'_, 'a>, set: &str, suffix: Option<&str>, directories: bool) -> Selected<'a> {
    let context = judge.context;
    let Some(set) = context.platform.file_set(set) else {
        return done(Outcome::unknown(Why::error(format!("this platform says nothing about {set}"))));
    };
    let mut targets: Vec<Target<'a>> = Vec::new();
    for path in &set.paths {
        let record = context.record(View::Host, path);
        let directory = record.as_ref().ok().and_then(|r| r.fact.known()).filter(|f| f.kind == FileKind::Directory);
        let Some(directory) = directory else {
            targets.push(Target { path: path.clone(), record, optional: true });
            continue;
        };
        if directories {
            targets.push(Target { path: path.clone(), record: record.clone(), optional: true });
        }
        below(judge, path, directory, suffix, directories, &mut targets);
    }
    // Two paths can lead to one file, as where /lib is a link to /usr/lib.
    let mut seen: Vec<String> = Vec::new();
    targets.retain(|target| {
        let Some(file) = target.record.as_ref().ok().and_then(|r| r.fact.known()) else { return true };
        let fresh = !seen.contains(&file.target);
        seen.push(file.target.clone());
        fresh
    });
    if targets.is_empty() {
        let kind = suffix.map_or_else(|| "file".to_owned(), |s| format!("file that ends in {s}"));
        return not_applicable(format!("there is no {kind} in {}", set.paths.join(", ")));
    }
    Selected::Targets(targets)
}

fn below<'a>(
    judge: &Judge<'_, 'a>,
    path: &str,
    directory: &File,
    suffix: Option<&str>,
    directories: bool,
    targets: &mut Vec<Target<'a>>,
) {
    let listed = |file: &File| match &file.entries {
        Some(Fact::Known { .. }) => None,
        Some(other) => other.missing().map(Why::missing),
        None => Some(Why::error("the directory was not listed")),
    };
    if let Some(why) = listed(directory) {
        let why = Why { text: format!("{path}: {}", why.text), ..why };
        targets.push(Target { path: path.to_owned(), record: Err(why), optional: false });
    }
    let Some(node) = judge.context.node() else { return };
    for record in node.below(View::Host, path) {
        let kind = record.fact.known().map(|f| f.kind);
        if kind == Some(FileKind::Directory) {
            if directories {
                targets.push(Target { path: record.path.clone(), record: Ok(record), optional: false });
            }
            if let Some(file) = record.fact.known() {
                if let Some(why) = listed(file) {
                    let why = Why { text: format!("{}: {}", record.path, why.text), ..why };
                    targets.push(Target { path: record.path.clone(), record: Err(why), optional: false });
                }
                unrecorded(judge, &record.path, file, targets);
            }
            continue;
        }
        // What could not be read may be a directory with files inside, whatever its name.
        let wanted = suffix.is_none_or(|suffix| record.path.ends_with(suffix)) || kind.is_none();
        if wanted {
            targets.push(Target { path: record.path.clone(), record: Ok(record), optional: false });
        }
    }
    unrecorded(judge, path, directory, targets);
}

/// Entries that a directory has and that were not looked at.
fn unrecorded<'a>(judge: &Judge<'_, 'a>, path: &str, directory: &File, targets: &mut Vec<Target<'a>>) {
    let names = match &directory.entries {
        Some(Fact::Known { value, .. }) => value.names.as_slice(),
        _ => &[],
    };
    for name in names {
        let child = format!("{}/{name}", path.trim_end_matches('/'));
        let record = judge.context.record(View::Host, &child);
        if record.is_err() {
            targets.push(Target { path: child, record, optional: false });
        }
    }
}
