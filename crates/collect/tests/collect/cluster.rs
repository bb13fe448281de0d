//! An API that a test answers for, and the recorded cluster served by it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read;

use seaworthy_collect::cluster::{Api, Form, Refusal, Request, add};
use seaworthy_model::cluster::{List, Listing};
use seaworthy_model::{Cluster, FACTS_SCHEMA, Fact, Facts};
use serde_json::{Value, json};

use crate::support::*;

pub(crate) type Answer = Result<Vec<u8>, Refusal>;

/// An API that answers what it is told, and remembers what it was asked.
pub(crate) struct Fake<F> {
    answer: F,
    recorded: bool,
    pub(crate) asked: RefCell<Vec<Request>>,
}

impl<F: Fn(&Request) -> Answer> Fake<F> {
    pub(crate) fn new(answer: F) -> Self {
        Fake { answer, recorded: false, asked: RefCell::default() }
    }

    /// The same as if it were a recording.
    pub(crate) fn recorded(mut self) -> Self {
        self.recorded = true;
        self
    }

    /// All that is read of it.
    pub(crate) fn facts(&self) -> Facts {
        let mut facts = Facts {
            schema: FACTS_SCHEMA,
            tool: options().tool,
            time: None,
            platform: None,
            cluster: None,
            versions: Vec::new(),
            node: None,
            api: None,
            notes: Vec::new(),
        };
        add(self, None, &options(), &mut facts);
        facts
    }

    pub(crate) fn cluster(&self) -> Cluster {
        *self.facts().api.expect("facts of the API")
    }

    /// How often this path was asked for.
    pub(crate) fn times(&self, path: &str) -> usize {
        self.asked.borrow().iter().filter(|request| request.path == path).count()
    }
}

impl<F: Fn(&Request) -> Answer> Api for Fake<F> {
    fn name(&self) -> &str {
        "a test"
    }

    fn get(&self, request: &Request) -> Answer {
        self.asked.borrow_mut().push(request.clone());
        (self.answer)(request)
    }

    fn recorded(&self) -> bool {
        self.recorded
    }
}

pub(crate) fn bytes(value: &Value) -> Answer {
    Ok(value.to_string().into_bytes())
}

/// An API that has nothing but this.
pub(crate) fn only(path: &'static str, answer: impl Fn(&Request) -> Answer) -> Fake<impl Fn(&Request) -> Answer> {
    Fake::new(move |request| if request.path == path { answer(request) } else { Err(Refusal::Absent) })
}

pub(crate) fn parameter<'r>(request: &'r Request, key: &str) -> Option<&'r str> {
    request.query.split('&').find_map(|pair| pair.split_once('=').filter(|(name, _)| *name == key)).map(|(_, v)| v)
}

pub(crate) fn known<T>(list: &List<T>) -> &Listing<T> {
    match list {
        Fact::Known { value, .. } => value,
        other => panic!("{:?}", other.missing()),
    }
}

pub(crate) fn error<T>(fact: &Fact<T>) -> &str {
    match fact {
        Fact::Broken { error, .. } | Fact::Denied { error, .. } => error,
        other => panic!("{:?}", other.missing()),
    }
}

/// Recorded answers by path: as they are written, and what they say.
pub(crate) type Answers = BTreeMap<String, (String, Value)>;

/// The recorded answers of a node.
pub(crate) fn recorded_answers(name: &str) -> Answers {
    let bytes = archive_bytes(name);
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
    let mut answers = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        let inner = path.trim_start_matches("./").strip_prefix("cluster/").and_then(|p| p.strip_suffix(".json"));
        if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
            let inner = inner.to_owned();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let value = serde_json::from_str(&text).unwrap();
            answers.insert(inner, (text, value));
        }
    }
    assert!(answers.len() > 20, "the recording holds a cluster");
    answers
}

/// Recorded answers served as a server does: in pages of `size`, by selector, metadata alone where that is asked for.
pub(crate) fn served(answers: &Answers, size: usize) -> Fake<impl Fn(&Request) -> Answer> {
    Fake::new(move |request| {
        if request.form == Form::Discovery {
            return Err(Refusal::Unrecorded);
        }
        let mut path = request.path.clone();
        let mut one = None;
        if let Some(rest) = request.path.strip_prefix("api/v1/namespaces/") {
            let parts: Vec<&str> = rest.split('/').collect();
            path = format!("api/v1/{}", parts[1]);
            one = Some((parts[0].to_owned(), parts.get(2).map(|name| (*name).to_owned())));
        }
        let (text, answer) = answers.get(&path).ok_or(Refusal::Unrecorded)?;
        let Some(items) = answer["items"].as_array() else { return Ok(text.clone().into_bytes()) };
        let selector = parameter(request, "fieldSelector").map(|s| s.replace("type%3D", "").replace("%2F", "/"));
        let mut items: Vec<Value> = items
            .iter()
            .filter(|item| selector.as_ref().is_none_or(|kind| item["type"] == **kind))
            .filter(|item| one.as_ref().is_none_or(|(namespace, _)| item["metadata"]["namespace"] == **namespace))
            .cloned()
            .collect();
        if let Some((_, Some(name))) = &one {
            let mut found = items.into_iter().find(|item| item["metadata"]["name"] == **name).ok_or(Refusal::Absent)?;
            found["kind"] = json!(answer["kind"].as_str().unwrap().trim_end_matches("List"));
            return bytes(&found);
        }
        let mut kind = answer["kind"].clone();
        if request.form == Form::Metadata {
            kind = json!("PartialObjectMetadataList");
            for item in &mut items {
                *item = json!({ "kind": "PartialObjectMetadata", "metadata": item["metadata"] });
            }
        }
        let from: usize = parameter(request, "continue").map_or(0, |token| token.parse().unwrap());
        let mut metadata = json!({ "resourceVersion": "1" });
        if from + size < items.len() {
            metadata["continue"] = json!((from + size).to_string());
            metadata["remainingItemCount"] = json!(items.len() - from - size);
        }
        let page: Vec<Value> = items.into_iter().skip(from).take(size).collect();
        bytes(&json!({ "kind": kind, "apiVersion": "v1", "metadata": metadata, "items": page }))
    })
}

#[test]
fn a_recording_and_a_server_that_answers_the_same_in_pages_give_the_same_facts() {
    for name in ["default", "hardened"] {
        let of_recording = facts(&seaworthy_collect::Archive::read(&archive_bytes(name)).unwrap());
        let answers = recorded_answers(name);
        for size in [1, 7, 500] {
            let fake = served(&answers, size);
            let mut of_server = fake.facts();
            let recorded = of_recording.api.as_ref().unwrap();
            let live = of_server.api.as_mut().unwrap();
            // A recording of this form has no discovery in one answer.
            live.discovery = recorded.discovery.clone();
            assert!(live == recorded, "{name} in pages of {size}");
            // By this a node is told from one of the same name in another cluster.
            assert_eq!(recorded.authority.known(), of_recording.cluster.as_ref().unwrap().id.known());
            assert!(recorded.authority.known().is_some());
            assert_eq!(of_server.cluster.unwrap().id.known(), of_recording.cluster.as_ref().unwrap().id.known());
            let own = |facts: &Facts| facts.versions.iter().find(|v| v.component.is_none()).cloned();
            assert_eq!(of_server.versions.first(), own(&of_recording).as_ref());
            let roles = known(&recorded.cluster_roles).items.len();
            assert_eq!(fake.times("apis/rbac.authorization.k8s.io/v1/clusterroles"), roles.div_ceil(size));
        }
    }
}

#[test]
fn a_recorded_cluster_is_known_in_full() {
    let fake = recorded_answers("default");
    let cluster = served(&fake, 500).cluster();
    let pods = known(&cluster.pods);
    assert!(pods.items.len() >= 5 && pods.broken.is_empty());
    let server = pods.items.iter().find(|pod| pod.metadata.name.starts_with("kube-apiserver-")).unwrap();
    assert!(server.metadata.annotations.mirror);
    let words = &server.spec.containers[0].command;
    assert!(words.contains(&"--enable-bootstrap-token-auth=true".to_owned()), "{words:?}");
    assert_eq!(known(&cluster.token_secrets).items[0].kind, "bootstrap.kubernetes.io/token");
    let request = &known(&cluster.certificate_requests).items[0];
    assert!(request.approved && request.certificate.is_some(), "{request:?}");
    assert!(cluster.kubelets[0].config.known().unwrap().text.contains("\"kind\":\"KubeletConfiguration\""));
    for text in &cluster.config_maps {
        assert!(text.text.known().is_some(), "{}", text.name);
    }
    for list in &cluster.default_namespace {
        assert!(list.list.known().is_some(), "{}", list.resource);
    }
}
