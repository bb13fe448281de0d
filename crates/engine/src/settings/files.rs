//! What the configuration files say, and what a zero means.

use seaworthy_catalogue::Setting;
use seaworthy_model::Candidate;

use super::config::{self, Config, Layer};
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
