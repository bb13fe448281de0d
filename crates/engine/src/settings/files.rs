//! What the configuration files say, and what a zero means.

use seaworthy_catalogue::{ArgumentStyle, Literal, Setting};
use seaworthy_model::Candidate;

use super::config::{self, Config, Layer};
use super::merge::merge;
use super::{Effective, Origin, Resolver, State, default_for};
use crate::value::Value;
use crate::why::Why;

impl Resolver<'_, '_> {
    /// What the files say: the strongest layer that has the field. `None` if none has.
    pub(super) fn in_files(&self, setting: &Setting, config: &Config) -> Option<Effective> {
        self.in_layers(setting, config, setting.field.as_ref()?)
    }

    /// The value of a field, which for feature gates is one of the map's keys.
    pub(super) fn in_layers(&self, setting: &Setting, config: &Config, field: &str) -> Option<Effective> {
        let merged = merge(setting, config, field, self.writes_default(setting, config));
        let (layer, node) = merged.winner?;
        let mut effective = self.layer_value(setting, layer, node);
        effective.candidates.extend(merged.losers.into_iter().map(|(layer, node)| Candidate {
            value: node.to_json(),
            source: layer.source(node),
            why: "another file, or another spelling of the key, counts more".to_owned(),
        }));
        // A key without a value is no word: the default holds.
        (effective.state != State::Unset).then_some(effective)
    }

    /// Whether the component writes the setting's default down before it merges drop-ins.
    fn writes_default(&self, setting: &Setting, config: &Config) -> bool {
        let legacy = config.main.is_none() && !setting.default_without_config.is_empty();
        let list = if legacy { &setting.default_without_config } else { &setting.default };
        let default = default_for(list, self.context.version_of(&self.instance.component.name)).ok().flatten();
        let zero = matches!(default, Some(Literal::Bool(false) | Literal::Int(0)));
        setting.gate.is_none() && default.is_some() && !(zero && setting.zero_is_absent)
    }

    fn layer_value(&self, setting: &Setting, layer: &Layer, node: &seaworthy_yaml::Node) -> Effective {
        let commas = self.instance.component.arguments == ArgumentStyle::GoFlag;
        let state = config::value(setting, node, commas).unwrap_or_else(|text| {
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

    /// What a zero really means, wherever it was given.
    pub(super) fn zero(&self, setting: &Setting, effective: &mut Effective) {
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
}
