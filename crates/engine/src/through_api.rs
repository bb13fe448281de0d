//! What the Kubernetes API tells about this very node: the configuration that its kubelet runs by (`configz`), and the mirror pods of its
//! static pods. It counts only where node and API are known to be of one cluster: in two clusters nodes may bear one name.

use std::rc::Rc;

use seaworthy_catalogue::{Component, Occurrence, base_name, occurrences};
use seaworthy_model::cluster::{Metrics, PodObject, api_source};
use seaworthy_model::{Cluster, Fact, Facts, Kind, Node, Place, Process, Source, SourcePlace, Text};

use seaworthy_yaml::Node as Yaml;

use crate::context::Parsed;
use crate::instances::{Instance, Instances};
use crate::why::Why;
use crate::witness::Written;

/// The kind of the kubelet's configuration, which its `configz` has as well.
pub(crate) const KUBELET: &str = "KubeletConfiguration";

/// Node, its name in the cluster, and what the cluster's API answered.
#[derive(Clone, Copy)]
struct Pair<'a> {
    name: &'a str,
    api: &'a Cluster,
}

/// Why the API is no witness of the node, where both were read. `None` if it is one, or if only one of the two is there.
pub(crate) fn foreign(facts: &Facts) -> Option<String> {
    let (node, api) = (facts.node.as_ref()?, facts.api.as_deref()?);
    if node.identity.certificate.known().is_none() {
        return Some("the node's name is not known by its kubelet's certificate".to_owned());
    }
    // An identity that was taken over from the API proves nothing.
    let own = facts.cluster.as_ref().filter(|c| matches!(c.id.source().place, SourcePlace::File { .. }));
    match (own.and_then(|c| c.id.known()), api.authority.known()) {
        (Some(own), Some(told)) if own == told => None,
        (Some(_), Some(_)) => Some("the API that was asked belongs to another cluster".to_owned()),
        (None, _) => Some("the node's cluster is not known by a certificate authority on it".to_owned()),
        (_, None) => Some("the certificate authority of the API's cluster is not known".to_owned()),
    }
}

/// A note for the report where what the API tells of this node could not be used.
pub(crate) fn note(facts: &Facts) -> Option<String> {
    let foreign = foreign(facts)?;
    let api = facts.api.as_deref()?;
    let name = facts.node.as_ref()?.identity.name();
    let told = api.kubelets.iter().any(|k| k.node == name && k.config.known().is_some());
    told.then(|| format!("what the API tells of a node {name} was not used to judge this one: {foreign}"))
}

fn pair(facts: &Facts) -> Option<Pair<'_>> {
    let name = facts.node.as_ref()?.identity.certificate.known()?;
    if foreign(facts).is_some() {
        return None;
    }
    Some(Pair { name, api: facts.api.as_deref()? })
}

/// What the node's kubelet says that it runs by: `None` if nobody asked it, `Err` why it is not known.
pub(crate) fn configz(facts: &Facts) -> Option<Result<Rc<Parsed>, String>> {
    let Pair { name, api } = pair(facts)?;
    let mut mine = api.kubelets.iter().filter(|kubelet| kubelet.node == name);
    let config = match (mine.next(), mine.next()) {
        (Some(kubelet), None) => &kubelet.config,
        (Some(_), Some(_)) => return Some(Err(format!("the API knows two nodes {name}"))),
        (None, _) => return None,
    };
    Some(match config {
        Fact::Known { value, source } => parse(value, source).and_then(|parsed| {
            let head = |key: &str| parsed.document.root.get(key).and_then(Yaml::as_str).unwrap_or_default();
            if head("kind") != KUBELET || !head("apiVersion").starts_with("kubelet.config.k8s.io/") {
                return Err(format!("{source} is no {KUBELET}"));
            }
            match parsed.document.duplicates.first() {
                Some(twice) => Err(format!("{source} holds {:?} twice", twice.key)),
                None => Ok(parsed),
            }
        }),
        other => Err(other.missing().map_or_else(String::new, |missing| missing.to_string())),
    })
}

fn parse(text: &Text, source: &Source) -> Result<Rc<Parsed>, String> {
    let document = seaworthy_yaml::parse(&text.text).map_err(|error| format!("{source} makes no sense: {error}"))?;
    Ok(Rc::new(Parsed { document, text: text.text.clone(), source: source.clone() }))
}

/// The API server's own counters, if this cluster's were asked for.
pub(crate) fn metrics(facts: &Facts) -> Option<(&Metrics, &Source)> {
    match &pair(facts)?.api.metrics {
        Fact::Known { value, source } => Some((value, source)),
        _ => None,
    }
}

/// The configuration in the ConfigMap by which a DaemonSet of kube-system runs a component.
pub(crate) fn config_map(facts: &Facts, component: &Component) -> Option<Rc<Parsed>> {
    let (namespace, name) = component.daemon_set.as_deref()?.split_once('/')?;
    let api = pair(facts)?.api;
    let found = api.config_maps.iter().find(|c| c.namespace == namespace && c.name == name)?;
    match &found.text {
        Fact::Known { value, source } => parse(value, source).ok(),
        _ => None,
    }
}

/// A static pod's component as the API has it.
#[derive(Debug, Clone)]
pub(crate) struct Mirror {
    pub(crate) flags: Vec<Occurrence>,
    pub(crate) source: Source,
}

/// The mirror pod of a component on this node: `None` if the API tells of none, `Err` why the one that it tells of says nothing.
pub(crate) fn mirror(facts: &Facts, component: &Component) -> Option<Result<Mirror, String>> {
    if !component.places.iter().any(|place| place == "static-pod") {
        return None;
    }
    let Pair { name, api } = pair(facts)?;
    let listing = api.pods.known()?;
    // That the node owns it is what the API server demands of a mirror pod that a kubelet makes.
    let of_node = |pod: &&PodObject| {
        pod.metadata.annotations.mirror
            && pod.metadata.namespace.as_deref() == Some("kube-system")
            && pod.spec.node_name.as_deref() == Some(name)
            && pod.metadata.controller().is_some_and(|owner| owner.kind == "Node" && owner.name == name)
    };
    let is = |name: &str| component.programs.iter().any(|program| program == name);
    let containers = listing
        .items
        .iter()
        .filter(of_node)
        .flat_map(|pod| pod.spec.containers.iter().map(move |container| (pod, container)))
        .filter(|(_, c)| is(&c.name) || c.command.first().is_some_and(|word| is(base_name(word))));
    let mut containers = containers.fuse();
    let (pod, container) = containers.next()?;
    let source = api_source("pods", pod.metadata.namespace.as_deref(), Some(&pod.metadata.name));
    let refused = |what: &str| Some(Err(format!("{source} {what}")));
    if containers.next().is_some() {
        return refused(&format!("is not the only mirror pod of {} on this node", component.name));
    }
    if !listing.broken.is_empty() {
        return refused("may not be the only one: some pods could not be read");
    }
    if pod.status.phase.as_deref() != Some("Running") {
        return refused("does not run");
    }
    if !container.command.first().is_some_and(|word| is(base_name(word))) {
        return refused("does not name the program, so its image decides what runs");
    }
    let words: Vec<String> = container.command.iter().chain(&container.args).cloned().collect();
    if words.iter().any(|word| word.contains("$(")) {
        return refused("has arguments with variables, whose values the API does not show");
    }
    Some(Ok(Mirror { flags: occurrences(component, &words), source }))
}

/// Lets the API stand in for a process that cannot be seen, or whose arguments cannot be read.
pub(crate) fn stand_in<'a>(
    node: Option<&Node>,
    component: &'a Component,
    found: &mut Instances<'a>,
    manifests: &[Written<'a>],
    mirror: Option<&Result<Mirror, String>>,
    configz: Option<&Result<Rc<Parsed>, String>>,
) {
    let unseen = match (&found.unknown, found.judged.as_slice()) {
        (Some(why), []) => why.clone(),
        (None, [only]) if only.in_static_pod() => match &only.flags {
            Err(why) => why.clone(),
            Ok(_) => return,
        },
        _ => return,
    };
    if component.config.as_ref().and_then(|config| config.kind.as_deref()) == Some(KUBELET) {
        if let (Some(Ok(parsed)), Some(why)) = (configz, &found.unknown) {
            let note = format!("its process cannot be seen ({}): what it says itself is taken", why.text);
            found.judged.push(unseen_instance(component, why, Place::Host, Err(why.clone()), &parsed.source, note));
        }
        return;
    }
    let Some(mirror) = mirror.cloned() else { return };
    let decided = mirror.and_then(|mirror| agreed(node, mirror, manifests));
    match (decided, found.judged.first_mut(), &mut found.unknown) {
        (Ok(mirror), Some(instance), _) => {
            instance.notes.push(taken(&mirror.source, &unseen));
            instance.flags = Ok(mirror.flags);
            instance.arguments = Some(mirror.source);
        }
        (Ok(mirror), None, _) => {
            let note = taken(&mirror.source, &unseen);
            let place = Place::StaticPod { uid: String::new() };
            let instance = unseen_instance(component, &unseen, place, Ok(mirror.flags), &mirror.source, note);
            found.judged.push(instance);
        }
        (Err(why), Some(Instance { flags: Err(text), .. }), _) | (Err(why), None, Some(text)) => {
            text.text = format!("{}; {why}", text.text);
        }
        (Err(_), ..) => {}
    }
}

fn taken(mirror: &Source, unseen: &Why) -> String {
    format!(
        "its arguments could not be read ({}): those of {mirror}, which its manifest says too, are taken",
        unseen.text
    )
}

/// A kubelet that lost its rights goes on running static pods and cannot tell the API about them any more, so a mirror pod may be old.
/// It counts where the manifest, from which the kubelet runs the pod, says the same.
fn agreed(node: Option<&Node>, mirror: Mirror, manifests: &[Written<'_>]) -> Result<Mirror, String> {
    let source = &mirror.source;
    let all_read = match node.map(|node| &node.manifests) {
        Some(Fact::Known { value, .. }) => value.iter().all(|manifest| manifest.pod.known().is_some()),
        _ => false,
    };
    let pairs = |flags: &[Occurrence]| -> Vec<(String, Option<String>)> {
        flags.iter().map(|o| (o.flag.clone(), o.value.clone())).collect()
    };
    match manifests {
        [] if all_read => Err(format!("{source} shows its arguments, but its manifest was not found")),
        [_] | [] if !all_read => Err(format!(
            "{source} shows its arguments, but its manifest could not be read, and a mirror pod may be old"
        )),
        [written] if pairs(&written.flags) == pairs(&mirror.flags) => Ok(mirror),
        [written] => Err(format!("{source} and {} differ, and either may be what runs", written.manifest.path)),
        _ => Err(format!("{source} shows its arguments, but several manifests run it")),
    }
}

fn unseen_instance<'a>(
    component: &'a Component,
    unseen: &Why,
    place: Place,
    flags: Result<Vec<Occurrence>, Why>,
    source: &Source,
    note: String,
) -> Instance<'a> {
    let process = Process {
        pid: 0,
        parent: None,
        comm: component.name.clone(),
        executable: missing(unseen, source),
        arguments: missing(unseen, source),
        environment: missing(unseen, source),
        uid: None,
        start: None,
        place: Fact::Known { value: place, source: source.clone() },
        mounts: Vec::new(),
    };
    Instance {
        component,
        process: std::borrow::Cow::Owned(process),
        flags,
        notes: vec![note],
        arguments: Some(source.clone()),
        unseen: Some(unseen.clone()),
    }
}

fn missing<T>(why: &Why, source: &Source) -> Fact<T> {
    match (&why.grant, why.kind) {
        (Some(grant), Kind::NeedsGrant) => Fact::NotVisible { grant: grant.clone(), source: source.clone() },
        _ => Fact::Broken { error: why.text.clone(), source: source.clone() },
    }
}
