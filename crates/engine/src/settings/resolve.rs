//! Decides a setting for one process: arguments, environment, files, defaults, in the order that the component's description gives.

use std::cell::OnceCell;

use seaworthy_catalogue::{ArgumentStyle, Merge, Setting, SettingKind, WithConfig};
use seaworthy_model::{Candidate, Fact, Source};

use super::arguments::Occurrence;
use super::config::{self, Config, Layer, find};
use super::{Effective, Origin, State, default_for, gates};
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

/// A value that was given somewhere.
struct Given {
    state: State,
    source: Source,
    origin: Origin,
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
            Some(setting) => self.from_command_line(setting),
            None => Effective::unknown(Why::error(format!("no setting {name}")), self.instance.source("arguments")),
        }
    }

    /// What the command line and the environment alone say: how the configuration file itself is found.
    fn from_command_line(&self, setting: &Setting) -> Effective {
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
        let manifests = witness::manifests_of(self.context, self.instance.component);
        manifests.iter().any(|(_, c)| c.environment.iter().any(|v| Some(&v.name) == setting.environment.as_ref()))
    }

    fn plain(&self, setting: &Setting) -> Effective {
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
                    losers.push(lost(&given, "ignored, since there is a configuration file"));
                }
                self.from_files(setting, config).unwrap_or_else(|| self.default(setting, Some(config)))
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
        witness::compare(self.context, self.instance, setting, &mut weighed);
        weighed
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
        let in_files = |key: &str| {
            let config = config?;
            let field = format!("{}.{key}", setting.field.as_ref()?);
            self.from_layers(setting, config, &field)
        };
        let mut effective = in_files(gate)
            .or_else(|| by_flag(false))
            .or_else(|| in_files("AllBeta"))
            .unwrap_or_else(|| self.default(setting, config));
        if let Some(config) = config
            && effective.origin != Origin::Argument
        {
            effective.stale.clone_from(&config.stale);
        }
        effective
    }

    fn gate_flags(&self, setting: &Setting, gate: &str) -> Result<Option<(usize, bool, bool)>, Why> {
        let Some(flag) = &setting.flag else { return Ok(None) };
        let flags = self.instance.flags.as_ref().map_err(Clone::clone)?;
        let mine: Vec<&Occurrence> = flags.iter().filter(|o| &o.flag == flag).collect();
        gates::from_flags(gate, &mine).map_err(|text| {
            Why::error(format!("the argument --{flag} makes no sense to {}: {text}", self.instance.component.name))
        })
    }

    /// The place of an argument.
    fn argument(&self, index: usize) -> Source {
        let span = seaworthy_model::Span { line: u32::try_from(index).unwrap_or(u32::MAX), start: 0, end: 0 };
        self.instance.source("arguments").at(span)
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
            Some(Ok(config)) => self.from_files(setting, config),
            _ => None,
        };
        if let Some(argument) = argument {
            if setting.merge == Merge::Or && argument.state == State::Set(Value::Bool(false)) {
                // The flag cannot undo what the file says.
                return match (config, file) {
                    (Some(Err(why)), _) => Effective::unknown(why, source),
                    (_, Some(mut file)) => {
                        file.candidates.push(lost(&argument, "a flag that says false does not undo the file"));
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

    /// What the arguments say. A list is put together from all of its flags; of other settings the last flag counts.
    fn arguments(&self, setting: &Setting) -> Result<Option<Given>, Why> {
        let Some(flag) = &setting.flag else { return Ok(None) };
        let flags = self.instance.flags.as_ref().map_err(Clone::clone)?;
        let mine: Vec<&Occurrence> = flags.iter().filter(|o| &o.flag == flag).collect();
        let Some(last) = mine.last() else { return Ok(None) };
        let refused = |text: String| {
            State::Unknown(Why::error(format!(
                "the argument --{flag} makes no sense to {}: {text}",
                self.instance.component.name
            )))
        };
        let list = matches!(setting.kind, SettingKind::List | SettingKind::Paths);
        let append = list && self.instance.component.arguments == ArgumentStyle::Pflag;
        let counted: &[&Occurrence] = if append { &mine } else { &mine[mine.len() - 1..] };
        let mut state = State::Unset;
        for occurrence in counted {
            let text = match (&occurrence.value, setting.kind) {
                (Some(text), _) => text.as_str(),
                (None, SettingKind::Bool) => "true",
                (None, _) => {
                    state = refused("it has no value".to_owned());
                    break;
                }
            };
            state = match (Value::from_flag(setting.kind, text), state) {
                (Err(text), _) => refused(text),
                (Ok(Value::List(more)), State::Set(Value::List(mut so_far))) => {
                    so_far.extend(more);
                    State::Set(Value::List(so_far))
                }
                (Ok(value), _) => State::Set(value),
            };
            if matches!(state, State::Unknown(_)) {
                break;
            }
        }
        Ok(Some(Given { state, source: self.argument(last.index), origin: Origin::Argument }))
    }

    fn environment(&self, setting: &Setting) -> Result<Option<Given>, Why> {
        let Some(name) = &setting.environment else { return Ok(None) };
        let variables = match &self.instance.process.environment {
            Fact::Known { value, .. } => value,
            other => return Err(other.missing().map_or_else(Why::no_node, Why::missing)),
        };
        // An empty variable is no word of anybody's.
        let Some(variable) = variables.iter().find(|v| &v.name == name && !v.value.is_empty()) else { return Ok(None) };
        let state = match Value::from_flag(setting.kind, &variable.value) {
            Ok(value) => State::Set(value),
            Err(text) => State::Unknown(Why::error(format!("the variable {name} makes no sense: {text}"))),
        };
        Ok(Some(Given { state, source: self.instance.source("environment"), origin: Origin::Environment }))
    }

    /// What the files say: the strongest layer that has the field. `None` if none has.
    fn from_files(&self, setting: &Setting, config: &Config) -> Option<Effective> {
        self.from_layers(setting, config, setting.field.as_ref()?)
    }

    fn from_layers(&self, setting: &Setting, config: &Config, field: &str) -> Option<Effective> {
        let mut found: Option<Effective> = None;
        for layer in config.layers() {
            let Some(node) = layer.at(field) else { continue };
            let next = self.layer_value(setting, layer, node);
            if let Some(before) = found.take().filter(|before| before.state != State::Unset) {
                let mut next = next;
                next.candidates = before.candidates;
                next.candidates.push(Candidate {
                    value: match &before.state {
                        State::Set(value) => value.to_string(),
                        _ => "not known".to_owned(),
                    },
                    source: before.source,
                    why: "a later drop-in counts more".to_owned(),
                });
                found = Some(next);
            } else {
                found = Some(next);
            }
        }
        // A key without a value is no word: the default holds.
        found.filter(|f| f.state != State::Unset)
    }

    fn layer_value(&self, setting: &Setting, layer: &Layer, node: &seaworthy_yaml::Node) -> Effective {
        let state = config::value(setting, node).unwrap_or_else(|text| {
            State::Unknown(Why::error(format!(
                "{} makes no sense to {}: {text}",
                layer.source(node),
                self.instance.component.name
            )))
        });
        let state = match state {
            State::Set(value) if value.is_zero() && !setting.zero_in_file.is_empty() => {
                match default_for(&setting.zero_in_file, self.context.version_of(&self.instance.component.name)) {
                    Ok(literal) => {
                        let meant = literal.and_then(|l| Value::from_literal(setting.kind, l)).unwrap_or(value.clone());
                        let mut effective = Effective::new(State::Set(meant.clone()), Origin::File, layer.source(node));
                        if meant != value {
                            effective
                                .notes
                                .push(format!("{value} in the file means {meant} to {}", self.instance.component.name));
                        }
                        return effective;
                    }
                    Err(()) => State::Unknown(Why::error(
                        "what a zero means depends on the Kubernetes version, which is not known",
                    )),
                }
            }
            state => state,
        };
        Effective::new(state, Origin::File, layer.source(node))
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

    /// What a zero really means, wherever it was given.
    fn zero(&self, setting: &Setting, effective: &mut Effective) {
        let State::Set(value) = &effective.state else { return };
        if setting.zero.is_empty() || !value.is_zero() {
            return;
        }
        match default_for(&setting.zero, self.context.version_of(&self.instance.component.name)) {
            Ok(literal) => {
                if let Some(meant) = literal.and_then(|l| Value::from_literal(setting.kind, l))
                    && &meant != value
                {
                    effective
                        .notes
                        .push(format!("{value} means {meant} to {} of this version", self.instance.component.name));
                    effective.state = State::Set(meant);
                }
            }
            Err(()) => {
                effective.state = State::Unknown(Why::error(
                    "what a zero means depends on the Kubernetes version, which could not be found out: give --kubernetes-version",
                ));
            }
        }
    }

    /// Looks up the file that a path setting names, as the component sees it.
    pub(crate) fn named_file(
        &self,
        path: &str,
    ) -> Result<(seaworthy_model::View, &'a seaworthy_model::FileRecord), Why> {
        find(self.context, self.instance, path)
    }
}

fn lost(given: &Given, why: &str) -> Candidate {
    let value = match &given.state {
        State::Set(value) => value.to_string(),
        State::Unset => "not set".to_owned(),
        State::Unknown(why) => why.text.clone(),
    };
    Candidate { value, source: given.source.clone(), why: why.to_owned() }
}
