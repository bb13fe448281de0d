//! Pod Security admission of the API server: whether it is on, what holds where a namespace has no label, and whom it lets through.

use std::collections::BTreeMap;
use std::rc::Rc;

use seaworthy_model::cluster::PartialObject;
use seaworthy_model::{Evidence, Fact, Verdict};
use seaworthy_yaml::Node as Yaml;

use super::standards::Level;
use crate::checks::cluster::{Asked, items, note};
use crate::checks::{Form, at, expect_form, named_path};
use crate::context::Parsed;
use crate::settings::{Resolver, State, changed_since};
use crate::why::Why;

/// The label by which a namespace sets its level.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
/// The label that pins the level to what it meant in a release.
const ENFORCE_VERSION: &str = "pod-security.kubernetes.io/enforce-version";
/// The plugin's name.
const PLUGIN: &str = "PodSecurity";
/// The setting that names the file with the configuration of plugins.
const CONFIG: &str = "admission-control-config-file";

const FILE: Form =
    Form { kind: "AdmissionConfiguration", group: "apiserver.config.k8s.io", versions: &["v1"], strict: true };

/// What is known of the API server's own admission.
pub(super) struct PodSecurity<'a> {
    labels: BTreeMap<&'a str, &'a PartialObject>,
    /// How the plugin is set, or why that is not known. A scan of the API alone sees no arguments: then it is as Kubernetes has it.
    settings: Result<Settings, Why>,
}

/// How the plugin is set.
#[derive(Default)]
struct Settings {
    /// Whether it is switched off.
    off: bool,
    /// The level of namespaces without a label.
    default: Level,
    /// Namespaces that are let through whatever their label says.
    namespaces: Vec<String>,
    /// Users who are let through.
    users: Vec<String>,
    /// Runtime classes whose pods are let through.
    runtime_classes: Vec<String>,
    /// What to show of it.
    shown: Vec<Evidence>,
}

/// The level that holds in a namespace.
pub(super) struct Enforced {
    /// The level; `None` if it is not known.
    pub(super) level: Option<Level>,
    /// Why it is that, as the end of a sentence about the namespace: `enforces baseline`.
    pub(super) words: String,
}

impl<'a> PodSecurity<'a> {
    pub(super) fn new(asked: &Asked<'_, 'a>) -> PodSecurity<'a> {
        let labels = items(&asked.cluster.namespaces).iter().map(|n| (n.metadata.name.as_str(), n)).collect();
        PodSecurity { labels, settings: settings(asked) }
    }

    /// The level of a namespace; `None` if the namespace is not among those that could be read.
    pub(super) fn of(&self, namespace: &str) -> Option<Enforced> {
        let metadata = &self.labels.get(namespace)?.metadata;
        let label = metadata.label(ENFORCE);
        let version = metadata.label(ENFORCE_VERSION).filter(|version| *version != "latest");
        let pinned = version.map(|version| format!(" as of {version}")).unwrap_or_default();
        let by_label = |label: &str| (Level::of(Some(label)), format!("enforces {label}{pinned}"));
        let (level, words) = match (&self.settings, label) {
            (Ok(settings), _) if settings.off => (
                Some(Level::Privileged),
                "enforces nothing, since the API server's plugin PodSecurity is off".to_owned(),
            ),
            (Ok(settings), _) if settings.namespaces.iter().any(|exempt| exempt == namespace) => {
                (Some(Level::Privileged), "is exempt from PodSecurity by the API server's configuration".to_owned())
            }
            (_, Some(label)) => {
                let (level, words) = by_label(label);
                (Some(level), words)
            }
            (Ok(settings), None) if settings.default == Level::Privileged => {
                (Some(Level::Privileged), "has no enforce label".to_owned())
            }
            (Ok(settings), None) => (
                Some(settings.default),
                format!("has no enforce label; the API server's default is {}", settings.default.as_str()),
            ),
            (Err(_), None) => (None, "has no enforce label, and the API server's default is not known".to_owned()),
        };
        Some(Enforced { level, words })
    }

    /// Why it is not known how the plugin is set.
    pub(super) fn doubt(&self) -> Option<&Why> {
        self.settings.as_ref().err()
    }

    /// Users and runtime classes that are let through everywhere, as a phrase.
    pub(super) fn exempt(&self) -> Option<String> {
        let settings = self.settings.as_ref().ok()?;
        let mut words = Vec::new();
        for (what, list) in [("users", &settings.users), ("runtime classes", &settings.runtime_classes)] {
            if !list.is_empty() {
                words.push(format!("the {what} {}", list.join(", ")));
            }
        }
        (!words.is_empty()).then(|| words.join(" and "))
    }

    /// What to show of the plugin's settings.
    pub(super) fn shown(&self) -> &[Evidence] {
        self.settings.as_ref().map_or(&[], |settings| settings.shown.as_slice())
    }
}

/// How the plugin is set on the API server of this node, if one runs here.
fn settings(asked: &Asked<'_, '_>) -> Result<Settings, Why> {
    let Some(resolver) = asked.judge.resolvers("kube-apiserver").first() else {
        return match asked.judge.context.node().map(|node| &node.processes) {
            // Whether an API server runs here, and by which arguments, could not be seen.
            Some(processes) if !matches!(processes, Fact::Known { .. }) && could_run_here(asked) => {
                Err(processes.missing().map_or_else(Why::no_node, Why::missing))
            }
            _ => Ok(Settings::default()),
        };
    };
    let plugins = resolver.effective("admission-plugins");
    if let State::Unknown(why) = &plugins.state {
        return Err(why.clone());
    }
    let on = plugins.list().unwrap_or_default().iter().any(|plugin| plugin == PLUGIN);
    if !on {
        let mut shown = note("admission plugin PodSecurity", "off");
        shown.source = Some(plugins.source);
        return Ok(Settings { off: true, shown: vec![shown], ..Settings::default() });
    }
    configuration(resolver, PLUGIN)?.map_or_else(|| Ok(Settings::default()), |found| read(&found))
}

fn could_run_here(asked: &Asked<'_, '_>) -> bool {
    asked.judge.role_absent("kube-apiserver").is_none_or(|outcome| outcome.verdict != Verdict::NotApplicable)
}

/// The configuration of one plugin, and the document that it stands in.
pub(super) struct PluginConfiguration {
    parsed: Rc<Parsed>,
    /// Where the plugin stands in the list; `None` if the document is the plugin's own.
    index: Option<usize>,
}

impl PluginConfiguration {
    /// The configuration itself.
    pub(super) fn root(&self) -> Option<&Yaml> {
        match self.index {
            None => Some(&self.parsed.document.root),
            Some(index) => self.parsed.document.root.get("plugins")?.as_list()?.get(index)?.get("configuration"),
        }
    }

    /// Evidence with the place of the configuration.
    pub(super) fn show(&self, what: &str, value: impl Into<String>) -> Evidence {
        Evidence { source: self.root().map(|root| at(&self.parsed, root)), ..note(what, value) }
    }
}

/// The configuration that the API server read for a plugin when it started; `None` if there is none.
pub(super) fn configuration(resolver: &Resolver<'_, '_>, plugin: &str) -> Result<Option<PluginConfiguration>, Why> {
    let Some(path) = named_path(resolver, CONFIG)? else { return Ok(None) };
    let parsed = document(resolver, &path)?;
    expect_form(&parsed, &FILE)?;
    let plugins = parsed.document.root.get("plugins").and_then(Yaml::as_list).unwrap_or_default();
    let named = |entry: &Yaml| entry.get("name").and_then(Yaml::as_str) == Some(plugin);
    let Some(index) = plugins.iter().position(named) else { return Ok(None) };
    let entry = &plugins[index];
    if entry.get("configuration").is_some_and(|own| !own.is_null()) {
        return Ok(Some(PluginConfiguration { parsed, index: Some(index) }));
    }
    let Some(own) = entry.get("path").and_then(Yaml::as_str).filter(|own| !own.is_empty()) else { return Ok(None) };
    // A path in the file starts where the file is.
    let own = match path.rsplit_once('/') {
        Some((folder, _)) if !own.starts_with('/') => format!("{folder}/{own}"),
        _ => own.to_owned(),
    };
    Ok(Some(PluginConfiguration { parsed: document(resolver, &own)?, index: None }))
}

fn document(resolver: &Resolver<'_, '_>, path: &str) -> Result<Rc<Parsed>, Why> {
    let (view, record) = resolver.named_file(path)?;
    let parsed = resolver.context.document(view, path)?;
    match changed_since(&resolver.instance.process, record) {
        Some(stale) => Err(Why::error(stale)),
        None => Ok(parsed),
    }
}

/// Reads a PodSecurityConfiguration.
fn read(found: &PluginConfiguration) -> Result<Settings, Why> {
    let broken = |what: &str| Why::error(format!("{} {what}, which the API server refuses", found.parsed.source));
    let root = found.root().ok_or_else(|| broken("has no configuration of PodSecurity"))?;
    if root.get("kind").and_then(Yaml::as_str) != Some("PodSecurityConfiguration") {
        return Err(broken("sets PodSecurity by something that is no PodSecurityConfiguration"));
    }
    let word = root.get("defaults").and_then(|defaults| defaults.get("enforce")).filter(|word| !word.is_null());
    let default = match word.map(|word| word.as_str().unwrap_or("?")) {
        None | Some("" | "privileged") => Level::Privileged,
        Some("baseline") => Level::Baseline,
        Some("restricted") => Level::Restricted,
        Some(_) => return Err(broken("has a default level that does not exist")),
    };
    let exempt = |key: &str| -> Result<Vec<String>, Why> {
        let list = root.get("exemptions").and_then(|e| e.get(key)).filter(|list| !list.is_null());
        let Some(list) = list else { return Ok(Vec::new()) };
        let list = list.as_list().ok_or_else(|| broken("has exemptions that are no list"))?;
        list.iter()
            .map(|name| name.as_str().map(str::to_owned).ok_or_else(|| broken("has an exemption that is no text")))
            .collect()
    };
    let mut settings = Settings {
        off: false,
        default,
        namespaces: exempt("namespaces")?,
        users: exempt("usernames")?,
        runtime_classes: exempt("runtimeClasses")?,
        shown: Vec::new(),
    };
    settings.shown.push(found.show("PodSecurity default level", default.as_str()));
    for (what, list) in [
        ("PodSecurity exempt namespaces", &settings.namespaces),
        ("PodSecurity exempt users", &settings.users),
        ("PodSecurity exempt runtime classes", &settings.runtime_classes),
    ] {
        if !list.is_empty() {
            settings.shown.push(found.show(what, list.join(", ")));
        }
    }
    Ok(settings)
}
