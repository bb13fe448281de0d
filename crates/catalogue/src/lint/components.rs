//! Components.

use seaworthy_model::Version;

use super::suggestion;
use crate::load::{DERIVATIONS, Parsed};
use crate::parse::{RawComponent, RawDefault, RawSetting};
use crate::{ArgumentStyle, Component, ConfigFile, Default, Literal, Merge, Problem, Setting, SettingKind, WithConfig};

pub(super) fn resolve(name: &str, raw: &Parsed<'_, RawComponent>, problems: &mut Vec<Problem>) -> Component {
    let value = &raw.value;
    let mut word = Words { raw, problems };
    for place in &value.places {
        word.choose(place, &[("static-pod", ()), ("host", ()), ("daemon-set", ())], "place");
    }
    let arguments = word
        .choose(
            &value.argument_style,
            &[("pflag", ArgumentStyle::Pflag), ("go-flag", ArgumentStyle::GoFlag)],
            "argument style",
        )
        .unwrap_or(ArgumentStyle::Pflag);
    let config = value.config.as_ref().map(|config| {
        for setting in std::iter::once(&config.setting).chain(&config.drop_ins) {
            if !value.settings.contains_key(setting) {
                let help = suggestion(setting, value.settings.keys().map(String::as_str));
                word.problems.push(raw.problem(setting, format!("{name} has no setting {setting:?}"), help));
            }
        }
        ConfigFile {
            setting: config.setting.clone(),
            kind: config.kind.clone(),
            group: config.group.clone(),
            flags: word.choose(&config.flags, WITH_CONFIG, "word for flags").unwrap_or(WithConfig::Override),
            drop_ins: config.drop_ins.clone(),
        }
    });
    let settings: Vec<Setting> = value.settings.iter().map(|(name, raw)| setting(name, raw, &mut word)).collect();
    let mut switches = value.switches.clone();
    let mut flags = value.flags.clone();
    for setting in &settings {
        if let Some(flag) = &setting.flag {
            let list = if setting.kind == SettingKind::Bool { &mut switches } else { &mut flags };
            list.push(flag.clone());
        }
    }
    for list in [&mut switches, &mut flags] {
        list.sort();
        list.dedup();
    }
    let mut flag_versions = Vec::new();
    for (flag, versions) in &value.flag_versions {
        if !switches.contains(flag) && !flags.contains(flag) {
            let help = suggestion(flag, switches.iter().chain(&flags).map(String::as_str));
            problems.push(raw.problem(flag, format!("{name} has no flag {flag:?}"), help));
        }
        let mut version = |text: &Option<String>| parsed_version(text.as_deref(), raw, problems);
        flag_versions.push((flag.clone(), version(&versions.from), version(&versions.until)));
    }
    if let Some(both) = switches.iter().find(|s| flags.contains(s)) {
        problems.push(raw.problem(both, format!("{both:?} is both a switch and a flag with a value"), "name it once"));
    }
    Component {
        name: name.to_owned(),
        title: value.title.clone(),
        role: value.role.clone(),
        programs: value.programs.clone(),
        places: value.places.clone(),
        daemon_set: value.daemon_set.clone(),
        arguments,
        switches,
        flags,
        flag_versions,
        config,
        settings,
    }
}

const WITH_CONFIG: &[(&str, WithConfig)] = &[("override", WithConfig::Override), ("ignored", WithConfig::Ignored)];

const KINDS: &[(&str, SettingKind)] = &[
    ("bool", SettingKind::Bool),
    ("int", SettingKind::Int),
    ("duration", SettingKind::Duration),
    ("text", SettingKind::Text),
    ("list", SettingKind::List),
    ("gate", SettingKind::Gate),
    ("path", SettingKind::Path),
    ("paths", SettingKind::Paths),
    ("address", SettingKind::Address),
    ("address-port", SettingKind::AddressPort),
];

struct Words<'p, 'a> {
    raw: &'p Parsed<'a, RawComponent>,
    problems: &'p mut Vec<Problem>,
}

impl Words<'_, '_> {
    fn choose<T: Copy>(&mut self, word: &str, choices: &[(&str, T)], what: &str) -> Option<T> {
        let found = choices.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        if found.is_none() {
            let help = suggestion(word, choices.iter().map(|(name, _)| *name));
            self.problems.push(self.raw.problem(word, format!("{word:?} is no {what}"), help));
        }
        found
    }
}

fn setting(name: &str, raw: &RawSetting, word: &mut Words<'_, '_>) -> Setting {
    let kind = word.choose(&raw.kind, KINDS, "type of setting").unwrap_or(SettingKind::Text);
    if let Some(derive) = &raw.derive {
        word.choose(derive, &DERIVATIONS.map(|d| (d, ())), "derivation");
    }
    if (kind == SettingKind::Gate) != raw.gate.is_some() {
        let help = "a setting of type gate names its gate, and only such a setting does";
        word.problems.push(word.raw.problem(name, format!("{name:?} and its gate do not go together"), help));
    }
    let default = defaults(name, raw.default.as_ref(), kind, word);
    let default_without_config = defaults(name, raw.default_without_config_file.as_ref(), kind, word);
    let zero = defaults(name, raw.zero.as_ref(), kind, word);
    let zero_in_file = defaults(name, raw.zero_in_file.as_ref(), kind, word);
    Setting {
        name: name.to_owned(),
        kind,
        flag: raw.flag.clone(),
        field: raw.field.clone(),
        environment: raw.environment.clone(),
        default,
        default_without_config,
        with_config: raw.with_config.as_ref().and_then(|w| word.choose(w, WITH_CONFIG, "word for flags")),
        merge: match &raw.merge {
            None if kind == SettingKind::Gate => Merge::ByKey,
            None => Merge::Override,
            Some(merge) => word.choose(merge, &[("or", Merge::Or)], "way to merge").unwrap_or(Merge::Override),
        },
        zero,
        zero_in_file,
        zero_is_absent: raw.zero_is_absent,
        fills_in: raw.fills_in,
        words: raw.words.clone(),
        gate: raw.gate.clone(),
        derive: raw.derive.clone(),
        reads: raw.reads.clone(),
        reloads: raw.reloads,
        walk: raw.walk,
    }
}

fn defaults(name: &str, raw: Option<&toml::Value>, kind: SettingKind, word: &mut Words<'_, '_>) -> Vec<Default> {
    let defaults = by_version(name, raw, word.raw, word.problems);
    for default in &defaults {
        let fits = match (&default.value, kind) {
            (None, _) => true,
            (Some(Literal::Bool(_)), SettingKind::Bool | SettingKind::Gate) => true,
            (Some(Literal::Int(_)), SettingKind::Int) => true,
            (Some(Literal::List(_)), SettingKind::List | SettingKind::Paths) => true,
            (Some(Literal::Text(_)), kind) => !matches!(
                kind,
                SettingKind::Bool | SettingKind::Gate | SettingKind::Int | SettingKind::List | SettingKind::Paths
            ),
            _ => false,
        };
        if !fits {
            let message = format!("the default of {name:?} does not fit its type");
            word.problems.push(word.raw.problem(
                name,
                message,
                "durations and paths are texts, numbers and booleans are bare",
            ));
        }
    }
    defaults
}

fn parsed_version<T>(text: Option<&str>, raw: &Parsed<'_, T>, problems: &mut Vec<Problem>) -> Option<Version> {
    let text = text?;
    let version = Version::parse(text);
    if version.is_none() {
        problems.push(raw.problem(text, format!("{text:?} is no version"), "write it as \"1.36\""));
    }
    version
}

/// A value, or a list of values by version.
pub(crate) fn by_version<T>(
    name: &str,
    raw: Option<&toml::Value>,
    place: &Parsed<'_, T>,
    problems: &mut Vec<Problem>,
) -> Vec<Default> {
    let Some(raw) = raw else { return Vec::new() };
    let ranges = matches!(raw, toml::Value::Array(list) if !list.is_empty() && list.iter().all(toml::Value::is_table));
    let list = if ranges { raw.as_array().cloned().unwrap_or_default() } else { Vec::new() };
    let mut defaults = Vec::new();
    if !ranges {
        defaults.push(Default { from: None, until: None, value: literal(raw) });
    }
    for entry in list {
        match entry.try_into::<RawDefault>() {
            Ok(entry) => {
                let mut version = |text: &Option<String>| parsed_version(text.as_deref(), place, problems);
                let (from, until) = (version(&entry.from), version(&entry.until));
                defaults.push(Default { from, until, value: entry.value.as_ref().and_then(literal) });
            }
            Err(error) => problems.push(place.problem(
                name,
                error.message(),
                "a default is a value, or a list of { from, until, value }",
            )),
        }
    }
    defaults
}

/// A TOML value as a literal: booleans, whole numbers, texts, lists of texts.
pub(crate) fn literal(value: &toml::Value) -> Option<Literal> {
    Some(match value {
        toml::Value::Boolean(b) => Literal::Bool(*b),
        toml::Value::Integer(i) => Literal::Int(*i),
        toml::Value::String(s) => Literal::Text(s.clone()),
        toml::Value::Array(list) => {
            Literal::List(list.iter().map(|v| v.as_str().map(str::to_owned)).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}
