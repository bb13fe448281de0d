//! What a scalar's text means: the rules of yaml.v2's resolve.go.

use crate::{Value, base64, number, timestamp};

/// An explicit tag, as far as yaml.v2 tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    None,
    Str,
    Bool,
    Int,
    Float,
    Null,
    Timestamp,
    Binary,
    Merge,
    /// A lone `!`.
    Bare,
    /// Any other tag: the value is its text.
    Other,
}

impl Tag {
    pub(crate) fn of(tag: &granit_parser::Tag) -> Self {
        if tag.handle().is_empty() && tag.suffix() == "!" || tag.handle() == "!" && tag.suffix().is_empty() {
            return Self::Bare;
        }
        match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
            Some("str") => Self::Str,
            Some("bool") => Self::Bool,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("null") => Self::Null,
            Some("timestamp") => Self::Timestamp,
            Some("binary") => Self::Binary,
            Some("merge") => Self::Merge,
            _ => Self::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::None | Self::Str | Self::Bare | Self::Other => "!!str",
            Self::Bool => "!!bool",
            Self::Int => "!!int",
            Self::Float => "!!float",
            Self::Null => "!!null",
            Self::Timestamp => "!!timestamp",
            Self::Binary => "!!binary",
            Self::Merge => "!!merge",
        }
    }
}

/// The value of a scalar; `plain` when it has no quotes and is no block scalar. Fails with Go's message.
pub(crate) fn value(text: &str, plain: bool, tag: Tag) -> Result<Value, String> {
    match tag {
        Tag::None if plain => Ok(infer(text).1),
        Tag::None | Tag::Str | Tag::Merge | Tag::Bare | Tag::Other => Ok(Value::Text(text.to_owned())),
        Tag::Binary => base64::decode(text)
            .map(|bytes| Value::Text(String::from_utf8_lossy(&bytes).into_owned()))
            .ok_or_else(|| "!!binary value contains invalid base64 data".to_owned()),
        Tag::Timestamp if timestamp::is_valid(text) => Ok(Value::Text(text.to_owned())),
        Tag::Bool | Tag::Int | Tag::Float | Tag::Null | Tag::Timestamp => {
            let (found, value) = infer(text);
            match value {
                value if found == tag => Ok(value),
                Value::Int(number) if tag == Tag::Float => Ok(Value::Float(number as f64)),
                _ => Err(format!("cannot decode {} `{text}` as a {}", found.name(), tag.name())),
            }
        }
    }
}

/// The type that yaml.v2 finds for a text without quotes. The first byte decides what is tried at all.
fn infer(text: &str) -> (Tag, Value) {
    let found = match text.as_bytes().first() {
        None => Some((Tag::Null, Value::Null)),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => word(text),
        Some(b'.') => special(text).or_else(|| number::float(text)).map(|number| (Tag::Float, Value::Float(number))),
        Some(b'+' | b'-' | b'0'..=b'9') => match special(text) {
            Some(number) => Some((Tag::Float, Value::Float(number))),
            None => number::read(text),
        },
        Some(_) => None,
    };
    found.unwrap_or_else(|| (Tag::Str, Value::Text(text.to_owned())))
}

fn word(text: &str) -> Option<(Tag, Value)> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some((Tag::Bool, Value::Bool(true)))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some((Tag::Bool, Value::Bool(false)))
        }
        "~" | "null" | "Null" | "NULL" => Some((Tag::Null, Value::Null)),
        _ => None,
    }
}

fn special(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}
