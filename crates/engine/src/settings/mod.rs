//! Effective settings: what a setting is to the component itself, where that was seen, and what lost.

mod config;
mod files;
mod gates;
mod given;
mod merge;
mod resolve;
mod running;

use seaworthy_model::{Candidate, Source, Version};

use crate::value::Value;
use crate::why::Why;

pub(crate) use config::{changed_since, find, normalize};
pub(crate) use resolve::Resolver;

/// What a setting is.
#[derive(Debug, Clone)]
pub(crate) struct Effective {
    pub(crate) state: State,
    /// Where it was seen: an argument, a line of a file, the built-in default.
    pub(crate) source: Source,
    /// By what kind of source it was decided.
    pub(crate) origin: Origin,
    /// Values that were seen and lost.
    pub(crate) candidates: Vec<Candidate>,
    /// What the reader should know.
    pub(crate) notes: Vec<String>,
    /// Set where a file that decides was changed after the process had read it: what runs may differ.
    pub(crate) stale: Option<String>,
}

/// Whether a setting has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Set(Value),
    Unset,
    Unknown(Why),
}

/// By what kind of source a setting was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Argument,
    Environment,
    File,
    /// What the component says that it runs by.
    Running,
    Default,
    Derived,
}

impl Effective {
    pub(crate) fn new(state: State, origin: Origin, source: Source) -> Self {
        Effective { state, source, origin, candidates: Vec::new(), notes: Vec::new(), stale: None }
    }

    pub(crate) fn unknown(why: Why, source: Source) -> Self {
        Effective::new(State::Unknown(why), Origin::Default, source)
    }

    /// The value, if it is known and counts as set.
    pub(crate) fn set(&self) -> Option<&Value> {
        match &self.state {
            State::Set(value) if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    /// Whether it is known to be not set, or set to nothing.
    pub(crate) fn is_unset(&self) -> bool {
        match &self.state {
            State::Unset => true,
            State::Set(value) => value.is_empty(),
            State::Unknown(_) => false,
        }
    }

    /// The text of a path or word.
    pub(crate) fn text(&self) -> Option<&str> {
        match self.set() {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The entries of a list.
    pub(crate) fn list(&self) -> Option<&[String]> {
        match &self.state {
            State::Set(Value::List(list)) => Some(list),
            _ => None,
        }
    }

    /// The value as a report shows it.
    pub(crate) fn shown(&self) -> String {
        match &self.state {
            State::Set(value) => value.to_string(),
            State::Unset => "not set".to_owned(),
            State::Unknown(_) => "not known".to_owned(),
        }
    }
}

/// The default that holds for a version. `Err` if the version is not known and the defaults differ.
pub(crate) fn default_for(
    defaults: &[seaworthy_catalogue::Default],
    version: Option<Version>,
) -> Result<Option<&seaworthy_catalogue::Literal>, ()> {
    match version {
        Some(version) => {
            let version = version.release();
            let holds = |d: &&seaworthy_catalogue::Default| {
                d.from.is_none_or(|from| version >= from) && d.until.is_none_or(|until| version < until)
            };
            Ok(defaults.iter().find(holds).and_then(|d| d.value.as_ref()))
        }
        None => {
            let mut values = defaults.iter().map(|d| d.value.as_ref());
            let first = values.next().flatten();
            if values.all(|v| v == first) { Ok(first) } else { Err(()) }
        }
    }
}
