//! A component's configuration: its file and its drop-ins, brought together the way the component does it.

use std::rc::Rc;

use seaworthy_catalogue::{ConfigFile, Setting, SettingKind};
use seaworthy_model::{Fact, File, FileRecord, Process, Source, Span, View};
use seaworthy_yaml::{Node as Yaml, Value as YamlValue};

use super::State;
use crate::context::{Context, Parsed};
use crate::instances::Instance;
use crate::value::{Value, parse_duration};
use crate::why::Why;

/// A component's configuration files, weakest first.
#[derive(Debug)]
pub(crate) struct Config {
    /// The file of `--config` is there (`Some`), or the component has none.
    pub(crate) main: Option<Layer>,
    /// Drop-ins in the order in which they are applied.
    pub(crate) drop_ins: Vec<Layer>,
    /// What the reader should know.
    pub(crate) notes: Vec<String>,
    /// Set where a file was changed after the process had read it.
    pub(crate) stale: Option<String>,
}

/// One file of a configuration.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) parsed: Rc<Parsed>,
}

impl Layer {
    /// What stands at a place of the document.
    pub(crate) fn at(&self, field: &str) -> Option<&Yaml> {
        self.parsed.document.root.path(field)
    }

    pub(crate) fn source(&self, node: &Yaml) -> Source {
        let span = Span { line: node.span.line, start: node.span.start as u64, end: node.span.end as u64 };
        self.parsed.source.clone().at(span)
    }
}

impl Config {
    /// A component without any configuration file.
    pub(crate) fn none() -> Config {
        Config { main: None, drop_ins: Vec::new(), notes: Vec::new(), stale: None }
    }

    /// All files, weakest first.
    pub(crate) fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.main.iter().chain(&self.drop_ins)
    }

    /// Reads the file that `path` names.
    pub(crate) fn read(
        context: &Context<'_>,
        instance: &Instance<'_>,
        config: &ConfigFile,
        path: &str,
        reloads: bool,
    ) -> Result<Config, Why> {
        let (view, record) = find(context, instance, path)?;
        let parsed = context.document(view, path)?;
        kind(&parsed, config)?;
        let stale = if reloads { None } else { changed_since(&instance.process, record) };
        let mut notes = Vec::new();
        for duplicate in &parsed.document.duplicates {
            notes.push(format!("{} sets {:?} twice; the last one counts", parsed.source, duplicate.key));
        }
        Ok(Config { main: Some(Layer { parsed }), drop_ins: Vec::new(), notes, stale })
    }

    /// Adds the drop-ins of the directory that `directory` names. `raw` is the argument as written: a link is followed only if it
    /// ends in `/`.
    pub(crate) fn add_drop_ins(
        &mut self,
        context: &Context<'_>,
        instance: &Instance<'_>,
        config: &ConfigFile,
        directory: &str,
        raw: &str,
    ) -> Result<(), Why> {
        let (view, record) = find(context, instance, directory)?;
        let file = context.file(view, directory)?;
        if !file.links.is_empty() && !raw.ends_with('/') && file.links[0].starts_with(&format!("{directory} -> ")) {
            self.notes.push(format!(
                "{directory} is a link, and without a slash at its end the component does not follow it"
            ));
            return Ok(());
        }
        looked_at(context, view, directory, file)?;
        let node = context.node().ok_or_else(Why::no_node)?;
        let mut files: Vec<&FileRecord> = node.below(view, directory).collect();
        files.sort_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
        self.stale = self.stale.take().or_else(|| changed_since(&instance.process, record));
        for record in files {
            let below = record.fact.known().filter(|f| f.kind == seaworthy_model::FileKind::Directory);
            if let Some(below) = below {
                looked_at(context, view, &record.path, below)?;
                continue;
            }
            let name = record.path.rsplit('/').next().unwrap_or_default();
            if !name.ends_with(".conf") {
                continue;
            }
            let parsed = context.document(view, &record.path)?;
            kind(&parsed, config)?;
            if let Some(duplicate) = parsed.document.duplicates.first() {
                return Err(Why::error(format!(
                    "{} sets {:?} twice, which stops the component when it starts",
                    parsed.source, duplicate.key
                )));
            }
            self.stale = self.stale.take().or_else(|| changed_since(&instance.process, record));
            self.drop_ins.push(Layer { parsed });
        }
        Ok(())
    }
}

/// Refuses a directory that was not listed, or of which an entry that would be read was not looked at.
fn looked_at(context: &Context<'_>, view: View, path: &str, file: &File) -> Result<(), Why> {
    match &file.entries {
        Some(Fact::Known { value, .. }) => {
            for name in &value.names {
                // What was not looked at may be a directory with drop-ins inside, whatever its name.
                context.record(view, &format!("{path}/{name}"))?;
            }
            Ok(())
        }
        Some(other) => Err(other.missing().map_or_else(Why::no_node, Why::missing)),
        None => Err(Why::error(format!("{path} is no directory, or was not listed"))),
    }
}

/// The first of the component's views in which the path was looked at.
pub(crate) fn find<'a>(
    context: &Context<'a>,
    instance: &Instance<'_>,
    path: &str,
) -> Result<(View, &'a FileRecord), Why> {
    if !path.starts_with('/') {
        return Err(Why::error(format!(
            "{path:?} is relative to the working directory of {}, which is not known",
            instance.component.name
        )));
    }
    let mut first = instance.unseen.as_ref().map(|why| Why {
        text: format!("{path} cannot be looked at as {} sees it: {}", instance.component.name, why.text),
        ..why.clone()
    });
    for view in instance.views() {
        match context.record(view, path) {
            Ok(record) => return Ok((view, record)),
            Err(why) => first = first.or(Some(why)),
        }
    }
    Err(first.unwrap_or_else(Why::no_node))
}

/// A path without `.`, empty parts and a slash at its end, as facts hold it. `..` stays: what it means depends on links.
pub(crate) fn normalize(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    format!("/{}", parts.join("/"))
}

/// A tick of the kernel, in milliseconds.
const TICK: i64 = 10;

/// Whether the file may have been changed after the process had started, and how that is known.
pub(crate) fn changed_since(process: &Process, record: &FileRecord) -> Option<String> {
    // The kernel counts a process's start in ticks, so it may be up to one tick early.
    let start = process.start? + TICK;
    let file: &File = record.fact.known()?;
    let content = file.modified.is_some_and(|at| at > start);
    // A file that was put in place by a rename keeps its old time of modification; the rename shows in the inode's own time and in
    // the directory's. A change of mode or owner shows in the inode's time alone.
    let renamed = file.changed.is_some_and(|at| at > start) && file.directory_modified.is_some_and(|at| at > start);
    (content || renamed).then(|| {
        format!(
            "{} was changed after process {} had started, so what runs may differ from the file: restart it, or grant configz",
            record.path, process.pid
        )
    })
}

fn kind(parsed: &Parsed, config: &ConfigFile) -> Result<(), Why> {
    let root = &parsed.document.root;
    if root.as_map().is_none() {
        return Err(Why::error(format!("{} holds no settings", parsed.source)));
    }
    let Some(wanted) = &config.kind else { return Ok(()) };
    let loose = |key: &str| root.path_ignore_case(key).and_then(Yaml::as_str);
    match loose("kind") {
        Some(kind) if kind == wanted => {}
        Some(kind) => return Err(Why::error(format!("{} is a {kind}, not a {wanted}", parsed.source))),
        None => return Err(Why::error(format!("{} does not say that it is a {wanted}", parsed.source))),
    }
    let version = loose("apiVersion").unwrap_or_default();
    match (version.split_once('/'), &config.group) {
        (_, None) => Ok(()),
        (Some((group, _)), Some(wanted)) if group == wanted => Ok(()),
        (_, Some(wanted)) => Err(Why::error(format!("{} is of version {version:?}, not of {wanted}", parsed.source))),
    }
}

/// A setting's value out of a document. `Unset` for null and, as Kubernetes' defaulting takes it, an empty text.
/// `commas`: whether a text with commas is a list, as in etcd's file.
pub(crate) fn value(setting: &Setting, node: &Yaml, commas: bool) -> Result<State, String> {
    let bad = |what: &str| Err(format!("{what} is wanted, and {} stands there", node.to_json()));
    Ok(match (&node.value, setting.kind) {
        // Kubernetes' durations do not take a null.
        (YamlValue::Null, SettingKind::Duration) => return bad("a duration"),
        (YamlValue::Null, _) => State::Unset,
        (YamlValue::Bool(b), SettingKind::Bool | SettingKind::Gate) => State::Set(Value::Bool(*b)),
        (_, SettingKind::Bool | SettingKind::Gate) => return bad("a boolean"),
        (YamlValue::Int(i), SettingKind::Int) => State::Set(Value::Int(*i)),
        (_, SettingKind::Int) => return bad("a whole number"),
        (YamlValue::Text(t), SettingKind::Duration) => match parse_duration(t) {
            Some(nanoseconds) => State::Set(Value::Duration(nanoseconds, t.clone())),
            None => return bad("a duration"),
        },
        (_, SettingKind::Duration) => return bad("a duration"),
        (YamlValue::Text(t), SettingKind::List | SettingKind::Paths) if commas => {
            State::Set(Value::List(t.split(',').map(|e| e.trim().to_owned()).filter(|e| !e.is_empty()).collect()))
        }
        (YamlValue::List(list), SettingKind::List | SettingKind::Paths) => {
            let texts: Option<Vec<String>> = list.iter().map(|n| n.as_str().map(str::to_owned)).collect();
            match texts {
                Some(texts) => State::Set(Value::List(texts)),
                None => return bad("a list of texts"),
            }
        }
        (_, SettingKind::List | SettingKind::Paths) => return bad("a list"),
        (YamlValue::Text(t), _) if t.is_empty() => State::Unset,
        (YamlValue::Text(t), _) => State::Set(Value::Text(t.clone())),
        (_, _) => return bad("a text"),
    })
}
