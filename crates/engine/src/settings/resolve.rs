//! Decides a setting for one process: arguments, environment, files, defaults, in the order that the component's description gives.

use std::cell::OnceCell;

use seaworthy_catalogue::{Merge, Setting, WithConfig};
use seaworthy_model::{Candidate, Source};

use super::config::{self, Config, find};
use super::given::Given;
use super::{Effective, Origin, State, default_for};
use crate::context::Context;
use crate::instances::Instance;
use crate::value::Value;
use crate::why::Why;
use crate::{derive, witness};

/// Decides the settings of one process. Its configuration is read once.
pub(crate) struct Resolver<'c, 'a> {
    pub(crate) context: &'c Context<'a>,
    pub(crate) instance: &'c Instance<'a>,
    config: OnceCell<Result<Config, Why>>,
}

impl<'c, 'a> Resolver<'c, 'a> {
    pub(crate) fn new(context: &'c Context<'a>, instance: &'c Instance<'a>) -> Self {
        Resolver { context, instance, config: OnceCell::new() }
    }

    /// The effective value of the setting of this name.
    pub(crate) fn effective(&self, name: &str) -> Effective {
        let Some(setting) = self.instance.component.setting(name) else {
            let why = Why::error(format!("{} has no setting {name}", self.instance.component.name));
            return Effective::unknown(why, self.instance.source("arguments"));
        };
        let mut effective = match &setting.derive {
            Some(derivation) => derive::derive(derivation, setting, self),
            None => self.plain(setting),
        };
        effective.notes.extend(self.instance.notes.iter().cloned());
        effective
    }

    /// Why the process cannot be asked about files: its configuration, read once.
    pub(crate) fn config(&self) -> Result<&Config, Why> {
        self.config.get_or_init(|| self.read_config()).as_ref().map_err(Clone::clone)
    }

    fn read_config(&self) -> Result<Config, Why> {
        let Some(description) = &self.instance.component.config else { return Ok(Config::none()) };
        let main = self.effective_by_name(&description.setting);
        let mut config = match &main.state {
            State::Unknown(why) => return Err(why.clone()),
            _ => match main.text() {
                Some(path) => {
                    let reloads = self.instance.component.setting(&description.setting).is_some_and(|s| s.reloads);
                    Config::read(self.context, self.instance, description, path, reloads)?
                }
                None => Config::none(),
            },
        };
        if let Some(drop_ins) = &description.drop_ins {
            let directory = self.effective_by_name(drop_ins);
            match &directory.state {
                State::Unknown(why) => return Err(why.clone()),
                _ => {
                    if let Some(path) = directory.text() {
                        let plain = config::normalize(path);
                        config.add_drop_ins(self.context, self.instance, description, &plain, path)?;
                    }
                }
            }
        }
        Ok(config)
    }

    fn effective_by_name(&self, name: &str) -> Effective {
        match self.instance.component.setting(name) {
            Some(setting) => self.on_command_line(setting),
            None => Effective::unknown(Why::error(format!("no setting {name}")), self.instance.source("arguments")),
        }
    }

    /// What the command line and the environment alone say: how the configuration file itself is found.
    fn on_command_line(&self, setting: &Setting) -> Effective {
        let given = self.arguments(setting).and_then(|given| match given {
            Some(given) => Ok(Some(given)),
            None => self.environment(setting),
        });
        match given {
            Ok(Some(given)) => Effective::new(given.state, given.origin, given.source),
            Ok(None) => Effective::new(State::Unset, Origin::Default, self.instance.source("arguments")),
            // The environment could name a configuration file that overrides every argument. Whoever cannot see it takes the
            // arguments at their word; what no argument decides stays unknown, because the environment is asked again then.
            // A manifest that sets the variable is a witness against that.
            Err(why) if why.grant.is_some() && self.instance.flags.is_ok() && !self.manifest_sets(setting) => {
                let mut effective = Effective::new(State::Unset, Origin::Default, self.instance.source("arguments"));
                effective.notes.push(why.text);
                effective
            }
            Err(why) => Effective::unknown(why, self.instance.source("arguments")),
        }
    }

    fn manifest_sets(&self, setting: &Setting) -> bool {
        let manifests = self.context.manifests(&self.instance.component.name);
        manifests.iter().any(|w| w.container.environment.iter().any(|v| Some(&v.name) == setting.environment.as_ref()))
    }

    fn plain(&self, setting: &Setting) -> Effective {
        let mut effective = self.as_it_runs(setting, self.told(setting));
        self.compare_config_map(setting, &mut effective);
        effective
    }

    /// What arguments, environment, files and defaults come to.
    pub(crate) fn told(&self, setting: &Setting) -> Effective {
        if let Some(gate) = &setting.gate {
            let mut effective = self.gate(setting, gate);
            witness::compare(self.context, self.instance, setting, &mut effective);
            return effective;
        }
        let description = self.instance.component.config.as_ref();
        let with_config = setting.with_config.or(description.map(|d| d.flags)).unwrap_or(WithConfig::Override);
        let names_config =
            description.is_some_and(|d| d.setting == setting.name || d.drop_ins.as_ref() == Some(&setting.name));
        let in_file = setting.field.is_some() && !names_config;
        let file_counts = in_file || (with_config == WithConfig::Ignored && !names_config);
        let config = if file_counts { Some(self.config()) } else { None };
        let arguments = self.arguments(setting);
        let mut losers = Vec::new();
        let mut weighed = match (config.clone(), with_config) {
            (Some(Ok(config)), WithConfig::Ignored) if config.main.is_some() => {
                // Flags and variables lose to the file, whatever they say.
                for given in [arguments, self.environment(setting)].into_iter().flatten().flatten() {
                    losers.push(given.lost("ignored, since there is a configuration file"));
                }
                self.in_files(setting, config).unwrap_or_else(|| self.default(setting, Some(config)))
            }
            (Some(Err(why)), WithConfig::Ignored) => Effective::unknown(why, self.instance.source("arguments")),
            (config, _) => self.by_flags_first(setting, arguments, config, &mut losers),
        };
        if let Some(Ok(config)) = config {
            if weighed.origin == Origin::File || (weighed.origin == Origin::Default && in_file) {
                weighed.stale = weighed.stale.take().or_else(|| config.stale.clone());
            }
            weighed.notes.extend(config.notes.iter().cloned());
        }
        weighed.candidates.extend(losers);
        self.zero(setting, &mut weighed);
        self.words(setting, &mut weighed);
        witness::compare(self.context, self.instance, setting, &mut weighed);
        weighed
    }

    /// A word that the component does not take is refused: it runs by something else, then.
    pub(super) fn words(&self, setting: &Setting, effective: &mut Effective) {
        if let State::Set(Value::Text(text)) = &effective.state
            && !setting.words.is_empty()
            && !setting.words.contains(text)
        {
            let words = setting.words.join(" or ");
            let why = format!("{} does not take {text:?}, but {words}", self.instance.component.name);
            effective.state = State::Unknown(Why::error(why));
        }
    }

    /// A feature gate: a gate's own name counts more than `AllBeta`, wherever it stands; then flags count more than files.
    fn gate(&self, setting: &Setting, gate: &str) -> Effective {
        let source = self.instance.source("arguments");
        let flags = match self.gate_flags(setting, gate) {
            Ok(flags) => flags,
            Err(why) => return Effective::unknown(why, source),
        };
        let by_flag = |own: bool| {
            let (index, on, _) = flags.filter(|(_, _, is_own)| *is_own == own)?;
            let state = State::Set(Value::Bool(on));
            Some(Effective::new(state, Origin::Argument, self.argument(index)))
        };
        if let Some(effective) = by_flag(true) {
            return effective;
        }
        let config = match setting.field.as_ref().map(|_| self.config()) {
            Some(Err(why)) => return Effective::unknown(why, source),
            Some(Ok(config)) => Some(config),
            None => None,
        };
        let written = |key: &str| {
            let config = config?;
            let field = format!("{}.{key}", setting.field.as_ref()?);
            self.in_layers(setting, config, &field)
        };
        let mut effective = written(gate)
            .or_else(|| by_flag(false))
            .or_else(|| written("AllBeta"))
            .unwrap_or_else(|| self.default(setting, config));
        if let Some(config) = config
            && effective.origin != Origin::Argument
        {
            effective.stale.clone_from(&config.stale);
        }
        effective
    }

    fn by_flags_first(
        &self,
        setting: &Setting,
        arguments: Result<Option<Given>, Why>,
        config: Option<Result<&Config, Why>>,
        losers: &mut Vec<Candidate>,
    ) -> Effective {
        let source = self.instance.source("arguments");
        let argument = match arguments {
            Ok(argument) => argument,
            Err(why) => return Effective::unknown(why, source),
        };
        let file = match &config {
            Some(Ok(config)) => self.in_files(setting, config),
            _ => None,
        };
        if let Some(argument) = argument {
            if setting.merge == Merge::Or && argument.state == State::Set(Value::Bool(false)) {
                // The flag cannot undo what the file says.
                return match (config, file) {
                    (Some(Err(why)), _) => Effective::unknown(why, source),
                    (_, Some(mut file)) => {
                        file.candidates.push(argument.lost("a flag that says false does not undo the file"));
                        file
                    }
                    (_, None) => Effective::new(argument.state, argument.origin, argument.source),
                };
            }
            if let Some(file) = file {
                losers.push(Candidate {
                    value: file.shown(),
                    source: file.source.clone(),
                    why: "an argument counts more than the file".to_owned(),
                });
            }
            return Effective::new(argument.state, argument.origin, argument.source);
        }
        match self.environment(setting) {
            Ok(Some(given)) => return Effective::new(given.state, given.origin, given.source),
            Ok(None) => {}
            Err(why) => return Effective::unknown(why, self.instance.source("environment")),
        }
        match config {
            Some(Err(why)) => Effective::unknown(why, source),
            Some(Ok(config)) => file.unwrap_or_else(|| self.default(setting, Some(config))),
            None => self.default(setting, None),
        }
    }

    /// The built-in default.
    pub(crate) fn default(&self, setting: &Setting, config: Option<&Config>) -> Effective {
        let without_file = self.instance.component.config.is_some() && config.is_none_or(|c| c.main.is_none());
        let list = if without_file && !setting.default_without_config.is_empty() {
            &setting.default_without_config
        } else {
            &setting.default
        };
        let version = self.context.version_of(&self.instance.component.name);
        let said = match (without_file && !setting.default_without_config.is_empty(), version) {
            (true, _) => format!("{}'s default without a configuration file", self.instance.component.name),
            (false, Some(version)) => format!("{}'s default in {}", self.instance.component.name, version.release()),
            (false, None) => format!("{}'s default", self.instance.component.name),
        };
        let state = match default_for(list, version) {
            Ok(literal) => literal.and_then(|l| Value::from_literal(setting.kind, l)).map_or(State::Unset, State::Set),
            Err(()) => State::Unknown(Why::error(
                "it is not set, and its default depends on the Kubernetes version, which could not be found out: give --kubernetes-version",
            )),
        };
        Effective::new(state, Origin::Default, Source::stated(said))
    }

    /// Looks up the file that a path setting names, as the component sees it.
    pub(crate) fn named_file(
        &self,
        path: &str,
    ) -> Result<(seaworthy_model::View, &'a seaworthy_model::FileRecord), Why> {
        find(self.context, self.instance, path)
    }
}
