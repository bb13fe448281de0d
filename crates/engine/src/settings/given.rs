//! What somebody gave: arguments and environment variables.

use seaworthy_catalogue::{ArgumentStyle, Setting, SettingKind};
use seaworthy_model::{Candidate, Fact, Source};

use super::{Origin, Resolver, State, gates};
use crate::value::Value;
use crate::why::Why;
use seaworthy_catalogue::Occurrence;

/// A value that was given somewhere.
pub(super) struct Given {
    pub(super) state: State,
    pub(super) source: Source,
    pub(super) origin: Origin,
}

impl Given {
    /// The value as one that did not count.
    pub(super) fn lost(&self, why: &str) -> Candidate {
        let value = match &self.state {
            State::Set(value) => value.to_string(),
            State::Unset => "not set".to_owned(),
            State::Unknown(why) => why.text.clone(),
        };
        Candidate { value, source: self.source.clone(), why: why.to_owned() }
    }
}

impl Resolver<'_, '_> {
    /// What the arguments say. A list is put together from all of its flags; of other settings the last flag counts.
    pub(super) fn arguments(&self, setting: &Setting) -> Result<Option<Given>, Why> {
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

    pub(super) fn environment(&self, setting: &Setting) -> Result<Option<Given>, Why> {
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

    /// What the flags say about a feature gate: the argument, the value, and whether it is the gate's own name.
    pub(super) fn gate_flags(&self, setting: &Setting, gate: &str) -> Result<Option<(usize, bool, bool)>, Why> {
        let Some(flag) = &setting.flag else { return Ok(None) };
        let flags = self.instance.flags.as_ref().map_err(Clone::clone)?;
        let mine: Vec<&Occurrence> = flags.iter().filter(|o| &o.flag == flag).collect();
        gates::from_flags(gate, &mine).map_err(|text| {
            Why::error(format!("the argument --{flag} makes no sense to {}: {text}", self.instance.component.name))
        })
    }

    /// The place of an argument.
    pub(super) fn argument(&self, index: usize) -> Source {
        let span = seaworthy_model::Span { line: u32::try_from(index).unwrap_or(u32::MAX), start: 0, end: 0 };
        self.instance.source("arguments").at(span)
    }
}
