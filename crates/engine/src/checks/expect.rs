//! What is wanted of a value, and whether it holds.

use std::net::IpAddr;

use seaworthy_catalogue::{Expect, Literal, SettingKind};

use crate::settings::{Effective, Origin, State};
use crate::value::Value;

/// Whether the value is as wanted. Only for values that are known.
pub(super) fn holds(expect: &Expect, effective: &Effective) -> bool {
    let value = effective.set();
    match expect {
        Expect::Equals(literal) => value.is_some_and(|value| equals(value, literal)),
        Expect::OneOf(words) => matches!(value, Some(Value::Text(text)) if words.contains(text)),
        Expect::NotEquals(literal) => !value.is_some_and(|value| equals(value, literal)),
        Expect::AtLeast(n) => number(value).is_some_and(|v| v >= i128::from(*n) * scale(value)),
        Expect::AtMost(n) => number(value).is_some_and(|v| v <= i128::from(*n) * scale(value)),
        Expect::MoreThan(n) => number(value).is_some_and(|v| v > i128::from(*n) * scale(value)),
        Expect::Set(wanted) => value.is_some() == *wanted,
        Expect::Chosen(wanted) => (value.is_some() && effective.origin != Origin::Default) == *wanted,
        Expect::Contains(entry) => list(effective).contains(entry),
        Expect::Lacks(entry) => !list(effective).contains(entry),
        Expect::SubsetOf(allowed) => value.is_some() && list(effective).iter().all(|e| allowed.contains(e)),
        Expect::NonePrefixed(prefix) => list(effective).iter().all(|e| !e.trim().starts_with(prefix.as_str())),
        Expect::Loopback(wanted) => value.is_some_and(|value| loopback(value) == *wanted),
    }
}

fn equals(value: &Value, literal: &Literal) -> bool {
    match (value, literal) {
        (Value::Duration(nanoseconds, _), Literal::Int(seconds)) => {
            i128::from(*nanoseconds) == i128::from(*seconds) * 1_000_000_000
        }
        (Value::Bool(a), Literal::Bool(b)) => a == b,
        (Value::Int(a), Literal::Int(b)) => a == b,
        (Value::Text(a), Literal::Text(b)) => a == b,
        (Value::List(a), Literal::List(b)) => a == b,
        _ => false,
    }
}

fn number(value: Option<&Value>) -> Option<i128> {
    match value {
        Some(Value::Int(n) | Value::Duration(n, _)) => Some(i128::from(*n)),
        _ => None,
    }
}

/// Durations are wanted in seconds and known in nanoseconds.
fn scale(value: Option<&Value>) -> i128 {
    if matches!(value, Some(Value::Duration(..))) { 1_000_000_000 } else { 1 }
}

fn list(effective: &Effective) -> &[String] {
    match &effective.state {
        State::Set(Value::List(list)) => list,
        _ => &[],
    }
}

fn loopback(value: &Value) -> bool {
    let Value::Text(text) = value else { return false };
    let host = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None if text.parse::<IpAddr>().is_ok() => text,
        None => text.rsplit_once(':').map_or(text.as_str(), |(host, _)| host),
    };
    host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// What is wanted, as a phrase.
pub(super) fn wanted(expect: &Expect, kind: SettingKind) -> String {
    let seconds = if kind == SettingKind::Duration { " s" } else { "" };
    match expect {
        Expect::Equals(literal) => literal.to_string(),
        Expect::OneOf(words) => words.join(" or "),
        Expect::NotEquals(literal) => format!("anything but {literal}"),
        Expect::AtLeast(n) => format!("{n}{seconds} or more"),
        Expect::AtMost(n) => format!("{n}{seconds} or less"),
        Expect::MoreThan(n) => format!("more than {n}{seconds}"),
        Expect::Set(true) => "a value".to_owned(),
        Expect::Set(false) => "no value".to_owned(),
        Expect::Chosen(true) => "a value that somebody chose".to_owned(),
        Expect::Chosen(false) => "the default".to_owned(),
        Expect::Contains(entry) => format!("a list with {entry}"),
        Expect::Lacks(entry) => format!("a list without {entry}"),
        Expect::SubsetOf(allowed) if allowed.len() > 4 => format!("a choice out of {} strong ones", allowed.len()),
        Expect::SubsetOf(allowed) => format!("nothing but {}", allowed.join(", ")),
        Expect::NonePrefixed(prefix) => format!("nothing that begins with {prefix}"),
        Expect::Loopback(true) => "an address of this machine only, such as 127.0.0.1 or ::1".to_owned(),
        Expect::Loopback(false) => "an address that others reach".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        for (text, want) in [
            ("127.0.0.1", true),
            ("127.8.9.1:10249", true),
            ("::1", true),
            ("[::1]:10249", true),
            ("::ffff:127.0.0.1", true),
            ("0.0.0.0", false),
            ("::", false),
            ("[::]:10249", false),
            (":10249", false),
            ("127.0.0.1.example.org:80", false),
            ("localhost:10249", false),
            ("10.0.0.1", false),
        ] {
            assert_eq!(loopback(&Value::Text(text.to_owned())), want, "{text}");
        }
    }
}
