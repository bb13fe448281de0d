//! Where settings stand now, for those who change them: what each is, what decided it, and in which file it would be written.

use seaworthy_catalogue::Catalogue;
use seaworthy_model::{Candidate, Fact, Facts, Place, Source, SourcePlace, View};

use crate::context::Context;
use crate::settings::{Origin, Resolver, State};
use crate::{JudgeError, Options, judge};

/// By what kind of source a setting is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// An argument.
    Argument,
    /// An environment variable.
    Environment,
    /// A configuration file, or a drop-in.
    File,
    /// Nobody set it.
    Default,
}

/// A setting of one process.
#[derive(Debug, Clone)]
pub struct Standing {
    /// As a report shows it.
    pub shown: String,
    /// Whether it has a value that is not empty; `None` if that is not known.
    pub set: Option<bool>,
    /// The entries, if it is a list.
    pub list: Option<Vec<String>>,
    /// By what it is decided.
    pub decided: Decided,
    /// Where.
    pub source: Source,
    /// What lost.
    pub candidates: Vec<Candidate>,
    /// Why it is not known, if it is not.
    pub unknown: Option<String>,
}

/// A process that is one of this node's components, and where what it runs by is written.
#[derive(Debug, Clone)]
pub struct Stands {
    /// The component.
    pub component: String,
    /// The process.
    pub pid: u32,
    /// Its arguments, program first.
    pub arguments: Vec<String>,
    /// When it started, in milliseconds since 1970.
    pub start: Option<i64>,
    /// Whether it runs in a static pod.
    pub static_pod: bool,
    /// The manifests that run the component. More than one: the kubelet reads them all.
    pub manifests: Vec<String>,
    /// The name of the container in the first of them.
    pub container: Option<String>,
    /// The component's own configuration file, as the process names it, and the views in which it is looked up.
    pub config_file: Option<String>,
    /// Where the process looks up paths: its own view first.
    pub views: Vec<View>,
}

/// All of this node's components, and a way to ask for their settings.
pub struct Settings<'s, 'c, 'a> {
    resolvers: &'s [(String, Vec<Resolver<'c, 'a>>)],
    context: &'c Context<'a>,
}

impl std::fmt::Debug for Settings<'_, '_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Settings")
    }
}

/// Works out where settings stand, and hands that to `f`.
///
/// # Errors
/// [`JudgeError`] for a platform that there is not.
pub fn settings<R>(
    facts: &Facts,
    catalogue: &Catalogue,
    options: &Options,
    f: impl FnOnce(&Settings<'_, '_, '_>) -> R,
) -> Result<R, JudgeError> {
    let platform = judge::platform(catalogue, options.platform.as_deref().or(facts.platform.as_deref()))?;
    let context = Context::new(facts, catalogue, platform, options.kubernetes_version);
    let resolvers: Vec<(String, Vec<Resolver<'_, '_>>)> = judge::resolvers(&context);
    Ok(f(&Settings { resolvers: &resolvers, context: &context }))
}

impl<'c, 'a> Settings<'_, 'c, 'a> {
    fn resolver(&self, component: &str) -> Option<&Resolver<'c, 'a>> {
        self.resolvers.iter().find(|(name, _)| name == component)?.1.first()
    }

    /// How many processes of the component there are.
    pub fn count(&self, component: &str) -> usize {
        self.resolvers.iter().find(|(name, _)| name == component).map_or(0, |(_, list)| list.len())
    }

    /// The component's process; the first, if there are several.
    pub fn stands(&self, component: &str) -> Option<Stands> {
        let resolver = self.resolver(component)?;
        let process = &resolver.instance.process;
        let manifests = self.context.manifests(component);
        let config_file = resolver.config().ok().and_then(|config| config.main.as_ref()).and_then(|main| {
            match &main.parsed.source.place {
                SourcePlace::File { path, .. } => Some(path.clone()),
                _ => None,
            }
        });
        Some(Stands {
            component: component.to_owned(),
            pid: process.pid,
            arguments: process.arguments.known().cloned().unwrap_or_default(),
            start: process.start,
            static_pod: matches!(&process.place, Fact::Known { value: Place::StaticPod { .. }, .. }),
            manifests: manifests.iter().map(|written| written.manifest.path.clone()).collect(),
            container: manifests.first().map(|written| written.container.name.clone()),
            config_file,
            views: resolver.instance.views(),
        })
    }

    /// What arguments, environment, files and defaults make of a setting: what the component would run by if it started now.
    pub fn standing(&self, component: &str, setting: &str) -> Option<Standing> {
        let resolver = self.resolver(component)?;
        let description = resolver.instance.component.setting(setting)?;
        let effective = match description.derive {
            Some(_) => resolver.effective(setting),
            None => resolver.told(description),
        };
        let unknown = match &effective.state {
            State::Unknown(why) => Some(why.text.clone()),
            _ => None,
        };
        Some(Standing {
            shown: effective.shown(),
            set: unknown.is_none().then(|| effective.set().is_some()),
            list: effective.list().map(<[String]>::to_vec),
            decided: match effective.origin {
                Origin::Argument => Decided::Argument,
                Origin::Environment => Decided::Environment,
                Origin::File | Origin::Running => Decided::File,
                Origin::Default | Origin::Derived => Decided::Default,
            },
            source: effective.source,
            candidates: effective.candidates,
            unknown,
        })
    }
}
