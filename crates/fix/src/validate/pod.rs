//! Static pod manifests: strictly a Pod, flags that the component has, files that are there and mounted.

use k8s_openapi::api::core::v1::Pod;
use seaworthy_catalogue::{Component, Occurrence, nearest, occurrences};
use seaworthy_model::Version;
use seaworthy_yaml::{Node as Yaml, Value};
use serde_json::Value as Json;

use super::Problem;
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
    let at = |line: u32, column: u32, text: String| Problem { path: path.to_owned(), line, column, text };
    let document = match seaworthy_yaml::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let text = format!("it does not parse, and the kubelet would stop the pod: {error}");
            return vec![at(
                error.place().map_or(0, |(line, _)| line),
                error.place().map_or(1, |(_, column)| column),
                text,
            )];
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
        if let Some(component) = cx.component {
            problems.extend(arguments(root, text, component, cx).into_iter().map(|(line, text)| at(line, 1, text)));
        }
    }
    problems
}

/// The first field that no Pod has, or whose value is of the wrong type.
fn typed(root: &Yaml) -> Option<(&Yaml, String)> {
    let given: Json = serde_json::from_str(&root.to_json()).ok()?;
    let pod: Pod = match serde_json::from_value(given.clone()) {
        Ok(pod) => pod,
        Err(error) => return Some((wrong_value(root).unwrap_or(root), format!("it is no Pod: {error}"))),
    };
    let taken = serde_json::to_value(pod).ok()?;
    unknown(root, &given, &taken).map(|(node, key)| {
        (node, format!("a Pod has no field {key} here, and the kubelet would leave it out or stop the pod"))
    })
}

/// The child whose removal makes the document a Pod again, as deep as it goes.
fn wrong_value(root: &Yaml) -> Option<&Yaml> {
    let mut path: Vec<String> = Vec::new();
    let mut node = root;
    'deeper: while let Some(map) = node.as_map() {
        for entry in map.iter() {
            let mut pruned: Json = serde_json::from_str(&root.to_json()).ok()?;
            let target = path.iter().try_fold(&mut pruned, |json, key| json.get_mut(key))?;
            target.as_object_mut()?.remove(&entry.key);
            if serde_json::from_value::<Pod>(pruned).is_ok() {
                path.push(entry.key.clone());
                node = &entry.value;
                continue 'deeper;
            }
        }
        break;
    }
    (!path.is_empty()).then_some(node)
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

/// Flags that the component does not have, and files that it would not find.
fn arguments(root: &Yaml, text: &str, component: &Component, cx: &Context<'_>) -> Vec<(u32, String)> {
    let containers = root.path("spec.containers").and_then(Yaml::as_list).unwrap_or_default();
    let runs = |node: &&Yaml| {
        let words = list(node, "command").chain(list(node, "args")).take(3);
        let is = |word: &str| component.programs.iter().any(|program| seaworthy_catalogue::base_name(word) == program);
        words.filter_map(Yaml::text).any(|word| is(&word))
    };
    let Some(container) = containers.iter().find(runs) else {
        return vec![(root.span.line, format!("no container of it runs {}", component.name))];
    };
    let nodes: Vec<&Yaml> = list(container, "command").chain(list(container, "args")).collect();
    let words: Vec<String> = nodes.iter().map(|n| n.text().map_or_else(String::new, |t| t.into_owned())).collect();
    let name = container.get("name").and_then(Yaml::text).unwrap_or_default();
    let seen = Seen::read(text, &name).ok();
    let running = occurrences(component, cx.running);
    let mut problems = Vec::new();
    for flag in occurrences(component, &words) {
        let line = nodes.get(flag.index).map_or(0, |node| node.span.line);
        if running.iter().any(|known| known.flag == flag.flag && known.value == flag.value) {
            continue;
        }
        if !component.has_flag(&flag.flag, cx.version) && !running.iter().any(|known| known.flag == flag.flag) {
            problems.push((line, no_such_flag(component, &flag, cx.version)));
            continue;
        }
        if let (Some(seen), Some(problem)) = (&seen, seen.as_ref().and_then(|seen| file(&flag, component, seen, cx))) {
            let _ = seen;
            problems.push((line, problem));
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
    let path = flag.value.as_deref().filter(|value| value.starts_with('/'))?;
    let known = component.settings.iter().find(|setting| setting.flag.as_ref() == Some(&flag.flag));
    let is_file = known.is_some_and(|setting| setting.kind == seaworthy_catalogue::SettingKind::Path)
        || ["-file", "-config", "-kubeconfig", "kubeconfig", "cafile"].iter().any(|end| flag.flag.ends_with(end));
    if !is_file && flag.flag != "audit-log-path" {
        return None;
    }
    // What it writes itself must have a directory that is mounted.
    let writes = matches!(flag.flag.as_str(), "audit-log-path" | "data-dir" | "wal-dir" | "cert-dir");
    let looked = if writes { path.rsplit_once('/').map_or(path, |(above, _)| above) } else { path };
    let Some(host) = seen.outside(looked) else {
        return Some(format!("--{} names {path}, and nothing of the host is mounted there", flag.flag));
    };
    (!(cx.exists)(&host)).then(|| format!("--{} names {path}, and there is no {host} on this node", flag.flag))
}

fn list<'y>(node: &'y Yaml, key: &str) -> impl Iterator<Item = &'y Yaml> + use<'y> {
    node.get(key).and_then(Yaml::as_list).unwrap_or_default().iter()
}
