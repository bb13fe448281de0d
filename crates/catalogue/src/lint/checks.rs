//! Checks and what they expect.

use super::{Names, suggestion};
use crate::error::line_of;
use crate::lint::components::literal;
use crate::load::{CLUSTER_CHECKS, NATIVE_CHECKS, POD_REQUIREMENTS};
use crate::parse::{RawApi, RawFileMode, RawFileOwner, RawFiles, RawManual, RawNative, RawSettingCheck};
use crate::{AccessQuestion, Check, Expect, Files, Literal, Problem, SettingCheck, SettingKind};

const WORDS: [&str; 8] = ["setting", "file-mode", "file-owner", "all", "any", "manual", "native", "api"];

const OPERATORS: [&str; 13] = [
    "equals",
    "one-of",
    "not-equals",
    "at-least",
    "at-most",
    "more-than",
    "set",
    "chosen",
    "contains",
    "lacks",
    "subset-of",
    "loopback",
    "none-prefixed",
];

/// Where a check is written.
pub(crate) struct Where<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) names: &'a Names<'a>,
}

impl Where<'_> {
    fn problem(&self, word: &str, message: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem::new(self.file, line_of(self.text, word), message, help)
    }

    /// Reads `{ WORD = {…} }`. `with` replaces arguments of the check: its own keys, and operators of its `expect`.
    pub(crate) fn check(
        &self,
        raw: &toml::Table,
        with: Option<&toml::Table>,
        problems: &mut Vec<Problem>,
    ) -> Option<Check> {
        let mut entries = raw.iter();
        let (Some((word, value)), None) = (entries.next(), entries.next()) else {
            problems.push(self.problem("check", "a check has exactly one word", suggestion("", WORDS.into_iter())));
            return None;
        };
        if !WORDS.contains(&word.as_str()) {
            problems.push(self.problem(word, format!("{word:?} is no check"), suggestion(word, WORDS.into_iter())));
            return None;
        }
        if let "all" | "any" = word.as_str() {
            return self.several(word, value, with, problems);
        }
        let Some(table) = value.as_table() else {
            problems.push(self.problem(word, format!("{word:?} needs a table"), format!("write [check.{word}]")));
            return None;
        };
        let table = match with.map(|with| merged(table, with)) {
            None => table.clone(),
            Some(Ok(table)) => table,
            Some(Err(key)) => {
                problems.push(self.problem(
                    &key,
                    format!("the check has no argument {key:?} that could differ"),
                    suggestion(&key, table.keys().map(|k| k.as_str())),
                ));
                return None;
            }
        };
        match word.as_str() {
            "setting" => {
                let raw: RawSettingCheck = self.read(word, table, problems)?;
                Some(Check::Setting(self.setting_check(&raw.component, &raw.setting, &raw.expect, problems)?))
            }
            "file-mode" => {
                let raw: RawFileMode = self.read(word, table, problems)?;
                let files = self.files(&raw.files, problems)?;
                Some(Check::FileMode { files, within: self.mode(&raw.within, problems)? })
            }
            "file-owner" => {
                let raw: RawFileOwner = self.read(word, table, problems)?;
                let files = self.files(&raw.files, problems)?;
                let (owner, group) = self.owner(&raw.owner, problems)?;
                Some(Check::FileOwner { files, owner, group })
            }
            "manual" => {
                let raw: RawManual = self.read(word, table, problems)?;
                let show = raw.show.iter().filter_map(|pair| self.pair(pair, problems)).collect();
                Some(Check::Manual { question: raw.question, show })
            }
            "native" => {
                let raw: RawNative = self.read(word, table, problems)?;
                if !NATIVE_CHECKS.contains(&raw.name.as_str()) {
                    let help = suggestion(&raw.name, NATIVE_CHECKS.into_iter());
                    problems.push(self.problem(&raw.name, format!("{:?} is no native check", raw.name), help));
                    return None;
                }
                self.component(&raw.component, problems)?;
                Some(Check::Native { name: raw.name, component: raw.component, with: raw.with })
            }
            _ => {
                let raw: RawApi = self.read(word, table, problems)?;
                if !CLUSTER_CHECKS.contains(&raw.judge.as_str()) {
                    let help = suggestion(&raw.judge, CLUSTER_CHECKS.into_iter());
                    problems.push(self.problem(&raw.judge, format!("{:?} is no cluster check", raw.judge), help));
                    return None;
                }
                for ask in &raw.asks {
                    if !ask
                        .strip_prefix("list ")
                        .is_some_and(|resource| !resource.is_empty() && !resource.contains(' '))
                    {
                        let help = "write it as list RESOURCE or list RESOURCE.GROUP".to_owned();
                        problems.push(self.problem(ask, format!("{ask:?} is no list of the API"), help));
                    }
                }
                if raw.judge == "pods" {
                    self.pod_requirements(&raw.with, problems)?;
                }
                if raw.judge == "access"
                    && let Err(wrong) = AccessQuestion::parse(&raw.with)
                {
                    problems.push(self.problem(&wrong.word, wrong.message, wrong.help));
                    return None;
                }
                Some(Check::Api { name: raw.judge, with: raw.with, asks: raw.asks })
            }
        }
    }

    /// Without a requirement that there is, every pod would pass.
    fn pod_requirements(&self, with: &[String], problems: &mut Vec<Problem>) -> Option<()> {
        let wrong = match with.iter().find(|word| !POD_REQUIREMENTS.contains(&word.as_str())) {
            None if !with.is_empty() => return Some(()),
            None => "",
            Some(word) => word,
        };
        let help = suggestion(wrong, POD_REQUIREMENTS.into_iter());
        let place = if wrong.is_empty() { "pods" } else { wrong };
        problems.push(self.problem(place, format!("`with` of pods names no requirement {wrong:?}"), help));
        None
    }

    fn several(
        &self,
        word: &str,
        value: &toml::Value,
        with: Option<&toml::Table>,
        problems: &mut Vec<Problem>,
    ) -> Option<Check> {
        let checks: Option<Vec<Check>> = value.as_array().filter(|list| list.len() > 1).and_then(|list| {
            list.iter().map(|v| v.as_table().and_then(|table| self.check(table, with, problems))).collect()
        });
        if checks.is_none() {
            problems.push(self.problem(
                word,
                format!("{word:?} needs two or more checks"),
                format!("write [[check.{word}]] for each, with its word: [check.{word}.setting]"),
            ));
        }
        let checks = checks?;
        Some(if word == "all" { Check::All(checks) } else { Check::Any(checks) })
    }

    fn read<T: serde::de::DeserializeOwned>(
        &self,
        word: &str,
        table: toml::Table,
        problems: &mut Vec<Problem>,
    ) -> Option<T> {
        match table.try_into() {
            Ok(value) => Some(value),
            Err(error) => {
                problems.push(self.problem(word, error.message(), format!("docs/ has the form of {word:?}")));
                None
            }
        }
    }

    pub(crate) fn component(&self, name: &str, problems: &mut Vec<Problem>) -> Option<()> {
        if let Err(help) = self.names.component(name) {
            problems.push(self.problem(name, format!("there is no component {name:?}"), help));
            return None;
        }
        Some(())
    }

    /// Looks a component's setting up.
    pub(crate) fn setting(&self, component: &str, setting: &str, problems: &mut Vec<Problem>) -> Option<SettingKind> {
        self.component(component, problems)?;
        let component = self.names.component(component).ok()?;
        let found = component.setting(setting);
        if found.is_none() {
            let help = suggestion(setting, component.settings.iter().map(|s| s.name.as_str()));
            problems.push(self.problem(setting, format!("{} has no setting {setting:?}", component.name), help));
        }
        found.map(|s| s.kind)
    }

    fn pair(&self, pair: &str, problems: &mut Vec<Problem>) -> Option<(String, String)> {
        let (component, setting) = pair.split_once('.').unwrap_or((pair, ""));
        self.setting(component, setting, problems)?;
        Some((component.to_owned(), setting.to_owned()))
    }

    pub(crate) fn setting_check(
        &self,
        component: &str,
        setting: &str,
        expect: &toml::Table,
        problems: &mut Vec<Problem>,
    ) -> Option<SettingCheck> {
        let kind = self.setting(component, setting, problems)?;
        let expect = self.expect(kind, expect, problems)?;
        Some(SettingCheck { component: component.to_owned(), setting: setting.to_owned(), expect })
    }

    fn expect(&self, kind: SettingKind, raw: &toml::Table, problems: &mut Vec<Problem>) -> Option<Expect> {
        let mut entries = raw.iter();
        let (Some((operator, value)), None) = (entries.next(), entries.next()) else {
            problems.push(self.problem(
                "expect",
                "exactly one thing is expected",
                suggestion("", OPERATORS.into_iter()),
            ));
            return None;
        };
        if !OPERATORS.contains(&operator.as_str()) {
            let help = suggestion(operator, OPERATORS.into_iter());
            problems.push(self.problem(operator, format!("{operator:?} is no operator"), help));
            return None;
        }
        let list = matches!(kind, SettingKind::List | SettingKind::Paths);
        let number = matches!(kind, SettingKind::Int | SettingKind::Duration);
        let address = matches!(kind, SettingKind::Address | SettingKind::AddressPort);
        let texts = || value.as_array().map(|l| l.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect());
        let expect = match (operator.as_str(), value) {
            ("equals", v) => literal(v).filter(|l| fits(l, kind)).map(Expect::Equals),
            ("one-of", _) if matches!(kind, SettingKind::Text) => texts().map(Expect::OneOf),
            ("not-equals", v) => literal(v).filter(|l| fits(l, kind)).map(Expect::NotEquals),
            ("at-least", toml::Value::Integer(n)) if number => Some(Expect::AtLeast(*n)),
            ("at-most", toml::Value::Integer(n)) if number => Some(Expect::AtMost(*n)),
            ("more-than", toml::Value::Integer(n)) if number => Some(Expect::MoreThan(*n)),
            ("set", toml::Value::Boolean(b)) => Some(Expect::Set(*b)),
            ("chosen", toml::Value::Boolean(b)) => Some(Expect::Chosen(*b)),
            ("contains", toml::Value::String(s)) if list => Some(Expect::Contains(s.clone())),
            ("lacks", toml::Value::String(s)) if list => Some(Expect::Lacks(s.clone())),
            ("none-prefixed", toml::Value::String(s)) if list => Some(Expect::NonePrefixed(s.clone())),
            ("subset-of", _) if list => texts().map(Expect::SubsetOf),
            ("loopback", toml::Value::Boolean(b)) if address => Some(Expect::Loopback(*b)),
            _ => None,
        };
        if expect.is_none() {
            let help = format!("the setting's type is {kind:?}; docs/ says which operators take what");
            problems.push(self.problem(operator, format!("{operator:?} does not take {value:?}"), help));
        }
        expect
    }

    fn files(&self, raw: &RawFiles, problems: &mut Vec<Problem>) -> Option<Files> {
        match raw {
            RawFiles { manifest_of: Some(component), component: None, setting: None, platform: None, .. } => {
                self.component(component, problems)?;
                Some(Files::ManifestOf(component.clone()))
            }
            RawFiles {
                component: Some(component), setting: Some(setting), platform: None, manifest_of: None, ..
            } => {
                let kind = self.setting(component, setting, problems)?;
                if !matches!(kind, SettingKind::Path | SettingKind::Paths) {
                    problems.push(self.problem(
                        setting,
                        format!("{setting:?} names no file"),
                        "choose a setting of type path",
                    ));
                    return None;
                }
                if let Some(set) = &raw.otherwise {
                    self.file_set(set, problems)?;
                }
                Some(Files::Named {
                    component: component.clone(),
                    setting: setting.clone(),
                    otherwise: raw.otherwise.clone(),
                })
            }
            RawFiles { platform: Some(set), manifest_of: None, component: None, setting: None, .. } => {
                self.file_set(set, problems)?;
                let (suffix, directories) = (raw.suffix.clone(), raw.directories.unwrap_or(false));
                Some(Files::Platform { set: set.clone(), suffix, directories })
            }
            _ => {
                let help = "write { manifest-of = … }, { component = …, setting = … } or { platform = … }";
                problems.push(self.problem("files", "these files are chosen in no way or in two", help));
                None
            }
        }
    }

    fn file_set(&self, set: &str, problems: &mut Vec<Problem>) -> Option<()> {
        let platforms = self.names.platforms;
        if platforms.iter().any(|p| p.file_set(set).is_some()) {
            return Some(());
        }
        let all: Vec<&str> = platforms.iter().flat_map(|p| p.files.iter().map(|f| f.name.as_str())).collect();
        problems.push(self.problem(
            set,
            format!("no platform has a file set {set:?}"),
            suggestion(set, all.into_iter()),
        ));
        None
    }

    pub(crate) fn mode(&self, text: &str, problems: &mut Vec<Problem>) -> Option<u32> {
        let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
        if mode.is_none() {
            problems.push(self.problem(text, format!("{text:?} is no mode"), "write it in octal: \"0600\""));
        }
        mode
    }

    pub(crate) fn owner(&self, text: &str, problems: &mut Vec<Problem>) -> Option<(String, String)> {
        let pair = text.split_once(':').filter(|(a, b)| !a.is_empty() && !b.is_empty());
        if pair.is_none() {
            problems.push(self.problem(text, format!("{text:?} is no owner"), "write \"root:root\""));
        }
        pair.map(|(owner, group)| (owner.to_owned(), group.to_owned()))
    }
}

fn fits(literal: &Literal, kind: SettingKind) -> bool {
    match literal {
        Literal::Bool(_) => matches!(kind, SettingKind::Bool | SettingKind::Gate),
        Literal::Int(_) => matches!(kind, SettingKind::Int | SettingKind::Duration),
        Literal::Text(_) => {
            matches!(kind, SettingKind::Text | SettingKind::Path | SettingKind::Address | SettingKind::AddressPort)
        }
        Literal::List(_) => matches!(kind, SettingKind::List | SettingKind::Paths),
    }
}

/// The table with arguments replaced; the name of an argument that it does not have is an error.
fn merged(table: &toml::Table, with: &toml::Table) -> Result<toml::Table, String> {
    let mut merged = table.clone();
    for (key, value) in with {
        if let Some(slot) = merged.get_mut(key) {
            *slot = value.clone();
        } else if let Some(toml::Value::Table(expect)) = merged.get_mut("expect")
            && let Some(slot) = expect.get_mut(key)
        {
            *slot = value.clone();
        } else {
            return Err(key.clone());
        }
    }
    Ok(merged)
}
