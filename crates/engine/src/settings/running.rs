//! What a component runs by, as it says itself. The kubelet's `configz` is its whole configuration, flags merged in and defaults filled
//! in, so it decides; what its files say is what it would run by after a restart.

use seaworthy_catalogue::{Merge, Setting, SettingKind};
use seaworthy_model::Candidate;

use super::config::{self, Layer};
use super::{Effective, Origin, Resolver, State, default_for};
use crate::value::Value;
use crate::why::Why;
use crate::{through_api, witness};

impl Resolver<'_, '_> {
    /// What the process says that it runs by: `None` if it has no such thing or was not asked, `Err` why it is not known.
    fn running(&self) -> Option<Result<Layer, String>> {
        let kind = self.instance.component.config.as_ref()?.kind.as_deref();
        kind.filter(|kind| *kind == through_api::KUBELET)?;
        let told = self.context.configz.as_ref()?;
        // Of two kubelets nobody knows which answered.
        let only = self.context.instances(&self.instance.component.name).is_some_and(|i| i.judged.len() == 1);
        match told {
            Ok(parsed) => only.then(|| Ok(Layer { parsed: parsed.clone() })),
            Err(why) => Some(Err(why.clone())),
        }
    }

    /// The setting as it runs, where the process says so. `told` is what arguments and files come to.
    pub(super) fn as_it_runs(&self, setting: &Setting, mut told: Effective) -> Effective {
        let Some(field) = &setting.field else { return told };
        let running = match self.running() {
            None => return told,
            Some(Err(why)) => {
                if let Some(stale) = &mut told.stale {
                    *stale = format!("{stale} ({why})");
                }
                return told;
            }
            Some(Ok(running)) => running,
        };
        if setting.fills_in {
            if let Some(node) = running.at(field) {
                told.candidates.push(Candidate {
                    value: node.as_str().map_or_else(|| node.to_json(), str::to_owned),
                    source: running.source(node),
                    why: format!("{} says this also where nobody set it", self.instance.component.name),
                });
            }
            return told;
        }
        let mut effective = match &setting.gate {
            Some(gate) => self.running_gate(setting, &running, field, gate),
            None => self.running_value(setting, &running, field),
        };
        if setting.merge == Merge::Or && effective.state == State::Set(Value::Bool(false)) {
            // Such a flag is not merged into the configuration: it counts beside it.
            match self.arguments(setting) {
                Ok(Some(given)) if given.state != State::Set(Value::Bool(false)) => {
                    effective = Effective::new(given.state, given.origin, given.source);
                }
                Ok(_) => {}
                Err(why) => effective.state = State::Unknown(why),
            }
        }
        self.zero(setting, &mut effective);
        self.words(setting, &mut effective);
        self.compare_files(setting, &told, &mut effective);
        effective
    }

    fn running_value(&self, setting: &Setting, running: &Layer, field: &str) -> Effective {
        let component = &self.instance.component.name;
        if let Some(node) = running.at(field) {
            let state = config::value(setting, node, false).unwrap_or_else(|text| {
                State::Unknown(Why::error(format!("{field} in {} makes no sense: {text}", running.parsed.source)))
            });
            return Effective::new(state, Origin::Running, running.source(node));
        }
        let source = running.parsed.source.clone();
        // A null on the way, or no map where one is wanted, is not what a kubelet says.
        let broken =
            field.match_indices('.').any(|(at, _)| running.at(&field[..at]).is_some_and(|n| n.as_map().is_none()));
        let defaulted = setting.default.iter().any(|default| default.value.is_some());
        let state = match setting.kind {
            _ if broken => None,
            SettingKind::Bool if setting.zero_is_absent => Some(State::Set(Value::Bool(false))),
            SettingKind::Int if setting.zero_is_absent => Some(State::Set(Value::Int(0))),
            // What has a default is always there once defaults are filled in; what has none is left out where it is empty.
            SettingKind::Text | SettingKind::Path | SettingKind::Paths | SettingKind::List if !defaulted => {
                Some(State::Unset)
            }
            _ => None,
        };
        let state = state.unwrap_or_else(|| {
            State::Unknown(Why::error(format!("{component} does not show {field} among what it runs by ({source})")))
        });
        Effective::new(state, Origin::Running, source)
    }

    fn running_gate(&self, setting: &Setting, running: &Layer, field: &str, gate: &str) -> Effective {
        let source = running.parsed.source.clone();
        if running.at(field).is_some_and(|map| map.as_map().is_none()) {
            let why = Why::error(format!("{field} in {source} is no map of feature gates"));
            return Effective::unknown(why, source);
        }
        for key in [gate, "AllBeta"] {
            let path = format!("{field}.{key}");
            if running.at(&path).is_some() {
                return self.running_value(setting, running, &path);
            }
        }
        let version = self.context.version_of(&self.instance.component.name);
        let state = match default_for(&setting.default, version) {
            Ok(literal) => literal.and_then(|l| Value::from_literal(setting.kind, l)).map_or(State::Unset, State::Set),
            Err(()) => State::Unknown(Why::error("its default depends on the Kubernetes version, which is not known")),
        };
        let mut effective = Effective::new(state, Origin::Running, source);
        effective.notes.push(format!("no gate {gate} is set, so its default holds"));
        effective
    }

    /// What a restart would change.
    fn compare_files(&self, setting: &Setting, told: &Effective, effective: &mut Effective) {
        if matches!(told.state, State::Unknown(_)) || matches!(effective.state, State::Unknown(_)) {
            return;
        }
        if same(&told.state, &effective.state) {
            return;
        }
        let field = setting.field.as_deref().unwrap_or(&setting.name);
        let main = self.config().ok().and_then(|config| config.main.as_ref());
        let (value, source) = match (told.origin, main) {
            (Origin::Default, Some(main)) => {
                (format!("nothing about {field}, which means {}", told.shown()), main.parsed.source.clone())
            }
            _ => (format!("{field} is {}", told.shown()), told.source.clone()),
        };
        effective.notes.push(format!("{source} says {value}, which does not run yet"));
        effective.candidates.push(Candidate { value, source, why: witness::NOT_RUN_BY.to_owned() });
    }

    /// Where a component's file is what a ConfigMap was written into: what the ConfigMap says, if that is something else.
    pub(super) fn compare_config_map(&self, setting: &Setting, effective: &mut Effective) {
        let Some(field) = &setting.field else { return };
        let Some(map) = self.context.config_map(&self.instance.component.name) else { return };
        let layer = Layer { parsed: map };
        let Some(node) = layer.at(field) else { return };
        let Ok(state) = config::value(setting, node, false) else { return };
        if same(&state, &effective.state) {
            return;
        }
        let value = match &state {
            State::Set(value) => value.to_string(),
            State::Unset | State::Unknown(_) => "not set".to_owned(),
        };
        effective.candidates.push(Candidate {
            value,
            source: layer.source(node),
            why: "written in the ConfigMap; the file in the container counts".to_owned(),
        });
    }
}

/// Whether two states come to the same, however they were written.
fn same(a: &State, b: &State) -> bool {
    match (a, b) {
        (State::Set(Value::Duration(a, _)), State::Set(Value::Duration(b, _))) => a == b,
        (State::Set(value), State::Unset) | (State::Unset, State::Set(value)) => value.is_empty(),
        (a, b) => a == b,
    }
}
