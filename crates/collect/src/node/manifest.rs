//! Static pod manifests.

use seaworthy_catalogue::Catalogue;
use seaworthy_model::{
    Argument, Container, Fact, FileKind, Grant, GrantKind, Manifest, Mount, Pod, Probe, Source, Span, Variable, View,
    Volume, VolumeMount,
};
use seaworthy_yaml::Node;

use super::files::{Files, Want};
use super::proc;
use crate::redact;

/// Reads the manifests in these directories of the host.
pub(crate) fn collect(files: &mut Files<'_, '_>, directories: &[String]) -> Fact<Vec<Manifest>> {
    let mut all: Option<Fact<Vec<Manifest>>> = None;
    let mut seen: Vec<&String> = Vec::new();
    for directory in directories {
        if seen.contains(&directory) {
            continue;
        }
        seen.push(directory);
        all = Some(match (all, of_directory(files, directory)) {
            (None, fact) => fact,
            (Some(Fact::Known { mut value, source }), Fact::Known { value: more, .. }) => {
                value.extend(more);
                value.sort_by(|a, b| a.path.cmp(&b.path));
                value.dedup_by(|a, b| a.path == b.path);
                Fact::Known { value, source }
            }
            // What cannot be read counts more than what is there, and that more than what is not.
            (Some(old @ Fact::Known { .. }), Fact::Absent { .. }) => old,
            (Some(Fact::Known { .. } | Fact::Absent { .. }), new) => new,
            (Some(old), _) => old,
        });
    }
    all.unwrap_or_else(|| Fact::NotVisible {
        grant: Grant::new(GrantKind::Recording, "nothing tells where static pods are"),
        source: Source::stated("the platform"),
    })
}

fn of_directory(files: &mut Files<'_, '_>, directory: &str) -> Fact<Vec<Manifest>> {
    files.want(View::Host, directory.as_bytes(), Want { list: true, ..Want::default() });
    let directory = String::from_utf8_lossy(&crate::tree::normal(directory.as_bytes())).into_owned();
    let Some(record) = files.record(View::Host, &directory) else {
        return Fact::Absent { source: Source::host(directory) };
    };
    let source = record.fact.source().clone();
    let names = match record.fact.clone() {
        Fact::Known { value, .. } if value.kind == FileKind::Regular => {
            let value = manifest(files, &directory).into_iter().collect();
            return Fact::Known { value, source };
        }
        Fact::Known { value, .. } => value.entries,
        other => return other.map(|_| Vec::new()),
    };
    match names {
        Some(Fact::Known { value, .. }) => {
            let names = value.names.iter().filter(|name| !name.starts_with('.'));
            let value = names.filter_map(|name| manifest(files, &format!("{directory}/{name}"))).collect();
            Fact::Known { value, source }
        }
        Some(other) => other.map(|_| Vec::new()),
        None => Fact::Broken { error: "no directory".to_owned(), source },
    }
}

/// A file of the directory; `None` if it is a directory or the like, which the kubelet passes over.
fn manifest(files: &mut Files<'_, '_>, path: &str) -> Option<Manifest> {
    let document = files.want(View::Host, path.as_bytes(), Want { reads: Some("Pod"), ..Want::default() });
    let record = files.record(View::Host, path)?;
    let source = record.fact.source().clone();
    let pod = match (&record.fact, document) {
        (Fact::Known { value, .. }, _) if value.kind != FileKind::Regular => return None,
        (Fact::Known { .. }, Some(document)) => {
            let names: Vec<&str> = files
                .cx
                .catalogue
                .components
                .iter()
                .flat_map(|component| &component.settings)
                .filter_map(|setting| setting.environment.as_deref())
                .collect();
            match pod(&document.root, &names) {
                Ok(value) => Fact::Known { value, source },
                Err((error, line)) => Fact::Broken { error, source: source.at(Span { line, start: 0, end: 0 }) },
            }
        }
        (Fact::Known { value, .. }, None) => match &value.text {
            Some(text) => text.clone().map(|_| Pod { ..empty() }),
            None => Fact::Broken { error: "no text".to_owned(), source },
        },
        (other, _) => other.clone().map(|_| empty()),
    };
    Some(Manifest { path: path.to_owned(), pod })
}

fn empty() -> Pod {
    Pod { name: String::new(), namespace: None, host_network: false, containers: Vec::new(), volumes: Vec::new() }
}

/// The pod of a document, with those environment variables that `names` has; or what is wrong with it, and in which line.
pub(crate) fn pod(root: &Node, names: &[&str]) -> Result<Pod, (String, u32)> {
    let wrong = |error: &str| (error.to_owned(), root.span.line);
    match root.get("kind").and_then(Node::as_str) {
        Some("Pod") => {}
        Some(kind) => return Err(wrong(&format!("the kind is {kind:?}, not Pod"))),
        None => return Err(wrong("it has no kind")),
    }
    let name = text(root.path("metadata.name"));
    let spec = root.get("spec").ok_or_else(|| wrong("it has no spec"))?;
    let containers = list(spec, "containers").iter().map(|node| (node, false));
    let containers = containers.chain(list(spec, "initContainers").iter().map(|node| (node, true)));
    let volumes = list(spec, "volumes").iter().filter_map(|node| {
        Some(Volume { name: text(node.get("name")), host_path: node.path("hostPath.path")?.text()?.into_owned() })
    });
    Ok(Pod {
        name,
        namespace: root.path("metadata.namespace").and_then(Node::text).map(|text| text.into_owned()),
        host_network: spec.get("hostNetwork").and_then(Node::as_bool).unwrap_or(false),
        containers: containers.map(|(node, init)| container(node, init, names)).collect(),
        volumes: volumes.collect(),
    })
}

fn container(node: &Node, init: bool, names: &[&str]) -> Container {
    let nodes: Vec<&Node> = list(node, "command").iter().chain(list(node, "args")).collect();
    let texts = nodes.iter().map(|node| text(Some(node))).collect();
    let arguments = redact::arguments(texts).into_iter().zip(&nodes);
    let environment = list(node, "env").iter().filter_map(|node| {
        let name = names.iter().find(|name| node.get("name").and_then(Node::as_str) == Some(name))?;
        Some(Variable { name: (*name).to_owned(), value: redact::value(&node.get("value")?.text()?) })
    });
    let mounts = list(node, "volumeMounts").iter().filter_map(|node| {
        Some(VolumeMount {
            volume: text(node.get("name")),
            path: node.get("mountPath")?.text()?.into_owned(),
            sub_path: node.get("subPath").map(|node| text(Some(node))).filter(|path| !path.is_empty()),
            read_only: node.get("readOnly").and_then(Node::as_bool).unwrap_or(false),
        })
    });
    Container {
        name: text(node.get("name")),
        init,
        image: text(node.get("image")),
        arguments: arguments.map(|(text, node)| Argument { text, line: node.span.line }).collect(),
        environment: environment.collect(),
        mounts: mounts.collect(),
        probes: ["startup", "liveness", "readiness"].iter().filter_map(|kind| probe(node, kind)).collect(),
    }
}

fn probe(container: &Node, kind: &str) -> Option<Probe> {
    let probe = container.get(&format!("{kind}Probe"))?;
    let get = probe.get("httpGet")?;
    let or = |key: &str, default: &str| {
        get.get(key).and_then(Node::text).map_or(default.to_owned(), |text| text.into_owned())
    };
    Some(Probe {
        kind: kind.to_owned(),
        scheme: or("scheme", "HTTP"),
        host: get.get("host").and_then(Node::text).map(|text| text.into_owned()).filter(|host| !host.is_empty()),
        port: or("port", ""),
        path: or("path", "/"),
        failure_threshold: probe.get("failureThreshold").and_then(Node::as_int),
        period_seconds: probe.get("periodSeconds").and_then(Node::as_int),
    })
}

fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_list).unwrap_or_default()
}

fn text(node: Option<&Node>) -> String {
    node.and_then(Node::text).map_or_else(String::new, |text| text.into_owned())
}

/// The components that a container runs, by its command.
pub(crate) fn components<'c>(catalogue: &'c Catalogue, container: &'c Container) -> impl Iterator<Item = &'c str> {
    let runs = |program: &String| {
        container.arguments.iter().take(2).any(|argument| proc::base(argument.text.as_bytes()) == program.as_bytes())
    };
    catalogue.components.iter().filter(move |c| c.programs.iter().any(runs)).map(|c| c.name.as_str())
}

/// What the one container that runs one of these components mounts of the host.
pub(crate) fn mounts(catalogue: &Catalogue, manifests: &[Manifest], names: &[String]) -> Vec<Mount> {
    let mut found = Vec::new();
    for pod in manifests.iter().filter_map(|manifest| manifest.pod.known()) {
        for container in &pod.containers {
            if components(catalogue, container).any(|name| names.iter().any(|wanted| wanted == name)) {
                found.push((pod, container));
            }
        }
    }
    let [(pod, container)] = found.as_slice() else { return Vec::new() };
    let of = |mount: &VolumeMount| {
        let volume = pod.volumes.iter().find(|volume| volume.name == mount.volume)?;
        let below = mount.sub_path.as_ref().map_or_else(String::new, |path| format!("/{path}"));
        let host_path = format!("{}{below}", volume.host_path.trim_end_matches('/'));
        Some(Mount { path: mount.path.clone(), host_path })
    };
    container.mounts.iter().filter_map(of).collect()
}
