//! What judging one set of facts needs at hand: facts, catalogue, and what was worked out on the way.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use seaworthy_catalogue::{Catalogue, Component, Platform};
use seaworthy_model::{
    Fact, Facts, File, FileKind, FileRecord, Grant, GrantKind, Kind, Missing, Node, Source, Text, Version, View,
};
use seaworthy_yaml::Document;

use crate::checks::cluster::Access;
use crate::instances::{self, Instances};
use crate::settings::normalize;
use crate::through_api::{self, Mirror};
use crate::why::Why;
use crate::witness::{self, Written};

/// Documents that were asked for, by view and path.
type Documents = BTreeMap<(View, String), Result<Rc<Parsed>, Why>>;

/// Facts under judgement.
pub(crate) struct Context<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) platform: &'a Platform,
    /// Who may do what, worked out when it is first asked for.
    pub(crate) access: OnceCell<Access<'a>>,
    /// The version that the user gave.
    pub(crate) stated_version: Option<Version>,
    documents: RefCell<Documents>,
    instances: BTreeMap<String, Instances<'a>>,
    manifests: BTreeMap<String, Vec<Written<'a>>>,
    /// What the node's kubelet says that it runs by, if it was asked.
    pub(crate) configz: Option<Result<Rc<Parsed>, String>>,
    config_maps: BTreeMap<String, Rc<Parsed>>,
    mirrors: BTreeMap<String, Result<Mirror, String>>,
}

/// A document that was read and parsed.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) document: Document,
    pub(crate) text: String,
    pub(crate) source: Source,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        facts: &'a Facts,
        catalogue: &'a Catalogue,
        platform: &'a Platform,
        stated: Option<Version>,
    ) -> Self {
        let mut context = Context {
            facts,
            catalogue,
            platform,
            access: OnceCell::new(),
            stated_version: stated,
            documents: RefCell::default(),
            instances: BTreeMap::new(),
            manifests: BTreeMap::new(),
            configz: through_api::configz(facts),
            config_maps: BTreeMap::new(),
            mirrors: BTreeMap::new(),
        };
        for component in &catalogue.components {
            if let Some(mirror) = through_api::mirror(facts, component) {
                context.mirrors.insert(component.name.clone(), mirror);
            }
            let mut found = instances::find(component, facts.node.as_ref());
            let written = witness::find(facts.node.as_ref(), component);
            let mirror = context.mirrors.get(&component.name);
            let configz = context.configz.as_ref();
            through_api::stand_in(context.node(), component, &mut found, &written, mirror, configz);
            if let Some(map) = through_api::config_map(facts, component) {
                context.config_maps.insert(component.name.clone(), map);
            }
            context.instances.insert(component.name.clone(), found);
            context.manifests.insert(component.name.clone(), written);
        }
        context
    }

    pub(crate) fn node(&self) -> Option<&'a Node> {
        self.facts.node.as_ref()
    }

    pub(crate) fn component(&self, name: &str) -> Option<&'a Component> {
        self.catalogue.component(name)
    }

    pub(crate) fn instances(&self, component: &str) -> Option<&Instances<'a>> {
        self.instances.get(component)
    }

    /// The manifests that run a component.
    pub(crate) fn manifests(&self, component: &str) -> &[Written<'a>] {
        self.manifests.get(component).map(Vec::as_slice).unwrap_or_default()
    }

    /// The configuration in the ConfigMap that a component's DaemonSet is given.
    pub(crate) fn config_map(&self, component: &str) -> Option<Rc<Parsed>> {
        self.config_maps.get(component).cloned()
    }

    /// What the API shows of a component's static pod, where that says something.
    pub(crate) fn mirror(&self, component: &str) -> Option<&Mirror> {
        self.mirrors.get(component)?.as_ref().ok()
    }

    pub(crate) fn all_instances(&self) -> impl Iterator<Item = &Instances<'a>> {
        self.instances.values()
    }

    /// The record of a path, or why there is none.
    pub(crate) fn record(&self, view: View, path: &str) -> Result<&'a FileRecord, Why> {
        let node = self.node().ok_or_else(Why::no_node)?;
        let path = &normalize(path);
        node.file(view, path).ok_or_else(|| {
            let grant = Grant::new(GrantKind::Recording, format!("{path} was not looked at"));
            Why { kind: Kind::NeedsGrant, text: grant.to_string(), grant: Some(grant) }
        })
    }

    /// The file behind a path, or why it is not known.
    pub(crate) fn file(&self, view: View, path: &str) -> Result<&'a File, Why> {
        let record = self.record(view, path)?;
        match record.fact.missing() {
            None => record.fact.known().ok_or_else(Why::no_node),
            Some(missing) => Err(Why::missing(missing)),
        }
    }

    /// The text behind a path, or why it is not known.
    pub(crate) fn text(&self, view: View, path: &str) -> Result<(&'a Text, Source), Why> {
        let record = self.record(view, path)?;
        let source = record.fact.source().clone();
        let file = self.file(view, path)?;
        match &file.text {
            Some(Fact::Known { value, .. }) => Ok((value, source)),
            Some(other) => Err(other.missing().map_or_else(Why::no_node, Why::missing)),
            None if file.kind != FileKind::Regular => Err(Why::error(format!("{source} is no file"))),
            None => {
                let grant = Grant::new(GrantKind::Recording, format!("the content of {path} was not kept"));
                Err(Why { kind: Kind::NeedsGrant, text: grant.to_string(), grant: Some(grant) })
            }
        }
    }

    /// The document behind a path, parsed once.
    pub(crate) fn document(&self, view: View, path: &str) -> Result<Rc<Parsed>, Why> {
        if let Some(known) = self.documents.borrow().get(&(view, path.to_owned())) {
            return known.clone();
        }
        let parsed = self.text(view, path).and_then(|(text, source)| {
            let document = seaworthy_yaml::parse(&text.text)
                .map_err(|error| Why::error(format!("{source} is no YAML that the component could read: {error}")))?;
            Ok(Rc::new(Parsed { document, text: text.text.clone(), source }))
        });
        self.documents.borrow_mut().insert((view, path.to_owned()), parsed.clone());
        parsed
    }

    /// The version of a component: the user's word, its own, the API server's, anybody's.
    pub(crate) fn version_of(&self, component: &str) -> Option<Version> {
        let by =
            |name: &str| self.facts.versions.iter().find(|v| v.component.as_deref() == Some(name)).map(|v| v.version);
        self.stated_version
            .or_else(|| by(component))
            .or_else(|| self.facts.versions.iter().find(|v| v.component.is_none()).map(|v| v.version))
            .or_else(|| by("kube-apiserver"))
            .or_else(|| by("kubelet"))
            .or_else(|| self.facts.versions.first().map(|v| v.version))
    }
}

impl Why {
    pub(crate) fn no_node() -> Why {
        let grant = Grant::new(GrantKind::Recording, "these facts are about no node");
        Why { kind: Kind::NeedsGrant, text: grant.to_string(), grant: Some(grant) }
    }

    pub(crate) fn missing(missing: Missing<'_>) -> Why {
        let kind = if missing.grant().is_some() { Kind::NeedsGrant } else { Kind::Error };
        Why { kind, text: missing.to_string(), grant: missing.grant().cloned() }
    }
}
