//! Static pod manifests: strictly a Pod, flags that the component has, files that are there and mounted.

use k8s_openapi::api::core::v1::Pod;
use seaworthy_catalogue::{Component, Occurrence, nearest, occurrences};
use seaworthy_model::Version;
use seaworthy_yaml::{Document, Node as Yaml, Span, Value};
use serde_json::Value as Json;

use super::{Problem, Strange, joined, lost, names_file, strange, words};
use crate::plan::Seen;

/// What a manifest is compared with.
pub struct Context<'c> {
    /// The component that it runs, if it is one of ours.
    pub component: Option<&'c Component>,
    /// The component's version.
    pub version: Option<Version>,
    /// The arguments that it runs by now: what is among them it takes.
    pub running: &'c [String],
    /// Whether there is something at a path of the host.
    pub exists: &'c dyn Fn(&str) -> bool,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("running", &self.running).finish_non_exhaustive()
    }
}

/// What is wrong with a manifest.
pub fn pod(path: &str, text: &str, cx: &Context<'_>) -> Vec<Problem> {
    let document = match shape(path, text) {
        Ok(document) => document,
        Err(problems) => return problems,
    };
    let root = &document.root;
    let mut found: Vec<(Span, String)> = Vec::new();
    for mount in lost(root) {
        let (volume, path) = (&mount.volume, &mount.path);
        let text =
            format!("{path} is mounted from the volume {volume:?}, which there is not: the kubelet refuses the pod");
        found.push((mount.span, text));
    }
    if let Some(component) = cx.component {
        found.extend(arguments(root, text, component, cx));
    }
    let problem =
        |(span, text): (Span, String)| Problem { path: path.to_owned(), line: span.line, column: span.column, text };
    found.into_iter().map(problem).collect()
}

/// The document, if it is strictly a Pod; else what is wrong with it.
pub(crate) fn shape(path: &str, text: &str) -> Result<Document, Vec<Problem>> {
    let at = |line: u32, column: u32, text: String| Problem { path: path.to_owned(), line, column, text };
    let document = match seaworthy_yaml::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let text = format!("it does not parse, and the kubelet would stop the pod: {error}");
            let (line, column) = error.place().unwrap_or((0, 1));
            return Err(vec![at(line, column, text)]);
        }
    };
    let root = &document.root;
    let mut problems = Vec::new();
    for twice in &document.duplicates {
        let text = format!("{:?} is set twice; the first time in line {}", twice.key, twice.first.line);
        problems.push(at(twice.second.line, twice.second.column, text));
    }
    for (key, wanted) in [("kind", "Pod"), ("apiVersion", "v1")] {
        match root.get(key) {
            Some(node) if node.as_str() == Some(wanted) => {}
            Some(node) => problems.push(at(node.span.line, node.span.column, format!("{key} must be {wanted}"))),
            None => problems.push(at(root.span.line, 1, format!("{key} is missing: it must be {wanted}"))),
        }
    }
    if problems.is_empty() {
        problems.extend(typed(root).map(|(node, text)| at(node.span.line, node.span.column, text)));
    }
    if problems.is_empty() { Ok(document) } else { Err(problems) }
}

/// The first field that no Pod has, or whose value is of the wrong type.
fn typed(root: &Yaml) -> Option<(&Yaml, String)> {
    let given: Json = serde_json::from_str(&root.to_json()).ok()?;
    let pod: Pod = match serde_json::from_value(given.clone()) {
        Ok(pod) => pod,
        Err(error) => {
            return Some((super::typed::wrong(root, &given).unwrap_or(root), format!("it is no Pod: {error}")));
        }
    };
    let taken = serde_json::to_value(pod).ok()?;
    unknown(root, &given, &taken).map(|(node, key)| {
        (node, format!("a Pod has no field {key} here, and the kubelet would leave it out or stop the pod"))
    })
}

fn unknown<'y>(node: &'y Yaml, given: &Json, taken: &Json) -> Option<(&'y Yaml, String)> {
    match (&node.value, given, taken) {
        (Value::Map(map), Json::Object(given), Json::Object(taken)) => map.iter().find_map(|entry| {
            let value = given.get(&entry.key)?;
            match taken.get(&entry.key) {
                Some(other) => unknown(&entry.value, value, other),
                // What is empty is left out when a Pod is written down.
                None if is_empty(value) => None,
                None => Some((&entry.value, entry.key.clone())),
            }
        }),
        (Value::List(list), Json::Array(given), Json::Array(taken)) => {
            list.iter().zip(given.iter().zip(taken)).find_map(|(node, (given, taken))| unknown(node, given, taken))
        }
        _ => None,
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Object(map) => map.is_empty(),
        Json::Array(list) => list.is_empty(),
        Json::String(text) => text.is_empty(),
        Json::Bool(value) => !value,
        Json::Number(number) => number.as_i64() == Some(0),
    }
}

/// Words that the component would not take, flags that it does not have, and files that it would not find. What it runs by now it takes.
fn arguments(root: &Yaml, text: &str, component: &Component, cx: &Context<'_>) -> Vec<(Span, String)> {
    let Some(words) = words(root, component) else {
        return vec![(root.span, format!("no container of it runs {}", component.name))];
    };
    let runs = |word: &String| cx.running.contains(word);
    if let Some(span) = joined(text, &words)
        && !words.words.iter().all(runs)
    {
        let text =
            "this line is read as a part of the argument above: it is indented further than its list, or has no dash";
        return vec![(span, text.to_owned())];
    }
    let mut problems = Vec::new();
    if let Some(Strange { word, span, meant }) = strange(component, &words, cx.version).filter(|s| !runs(&s.word)) {
        let meant = meant.map_or_else(String::new, |meant| format!(": did you mean {meant}?"));
        problems.push((span, format!("{} takes no argument {word:?}, and would not start{meant}", component.name)));
    }
    let seen = Seen::read(text, &words.container).ok();
    let running = occurrences(component, cx.running);
    for flag in occurrences(component, &words.words) {
        let span = words.spans.get(flag.index).copied().unwrap_or_default();
        if running.iter().any(|known| known.flag == flag.flag && known.value == flag.value) {
            continue;
        }
        if !component.has_flag(&flag.flag, cx.version) && !running.iter().any(|known| known.flag == flag.flag) {
            problems.push((span, no_such_flag(component, &flag, cx.version)));
        } else if let Some(problem) = seen.as_ref().and_then(|seen| file(&flag, component, seen, cx)) {
            problems.push((span, problem));
        }
    }
    problems
}

fn no_such_flag(component: &Component, flag: &Occurrence, version: Option<Version>) -> String {
    let known = component.switches.iter().chain(&component.flags).map(String::as_str);
    let near = nearest(&flag.flag, known).filter(|near| component.has_flag(near, version));
    let near = near.map_or_else(String::new, |near| format!(": did you mean --{near}?"));
    let version = version.map_or_else(String::new, |version| format!(" {version}"));
    format!("{}{version} has no flag --{}, and would not start{near}", component.name, flag.flag)
}

/// Why the component would not find the file that a flag names.
fn file(flag: &Occurrence, component: &Component, seen: &Seen, cx: &Context<'_>) -> Option<String> {
    let path = flag.value.as_deref().filter(|value| value.starts_with('/') && names_file(component, &flag.flag))?;
    // What it writes itself must have a directory that is mounted, or be one.
    let writes = matches!(flag.flag.as_str(), "audit-log-path" | "data-dir" | "wal-dir" | "cert-dir");
    let above = path.rsplit_once('/').map_or(path, |(above, _)| above);
    let host = seen.outside(path).filter(|host| !writes || (cx.exists)(host));
    let Some(host) = host.or_else(|| seen.outside(above).filter(|_| writes)) else {
        return Some(format!("--{} names {path}, and nothing of the host is mounted there", flag.flag));
    };
    (!(cx.exists)(&host)).then(|| format!("--{} names {path}, and there is no {host} on this node", flag.flag))
}
