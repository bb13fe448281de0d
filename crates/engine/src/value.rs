//! Values of settings, read the way the components themselves read them: Go's booleans, numbers, durations and comma-separated lists.

use seaworthy_catalogue::{Literal, SettingKind};

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// On or off.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A duration in nanoseconds, and how it was written.
    Duration(i64, String),
    /// Any text.
    Text(String),
    /// A list.
    List(Vec<String>),
}

impl Value {
    /// A value of this kind from a flag or variable. The error says why the component would refuse it.
    pub(crate) fn from_flag(kind: SettingKind, text: &str) -> Result<Value, String> {
        Ok(match kind {
            SettingKind::Bool | SettingKind::Gate => {
                Value::Bool(parse_bool(text).ok_or_else(|| format!("{text:?} is no boolean"))?)
            }
            SettingKind::Int => Value::Int(parse_int(text).ok_or_else(|| format!("{text:?} is no whole number"))?),
            SettingKind::Duration => Value::Duration(
                parse_duration(text).ok_or_else(|| format!("{text:?} is no duration"))?,
                text.to_owned(),
            ),
            SettingKind::Text | SettingKind::Path | SettingKind::Address | SettingKind::AddressPort => {
                Value::Text(text.trim().to_owned())
            }
            SettingKind::List => Value::List(parse_csv(text).ok_or_else(|| format!("{text:?} has an odd quote"))?),
            SettingKind::Paths => Value::List(if text.trim().is_empty() { Vec::new() } else { vec![text.to_owned()] }),
        })
    }

    /// A value from the catalogue. `None` if it does not fit, which the catalogue's own checks exclude.
    pub(crate) fn from_literal(kind: SettingKind, literal: &Literal) -> Option<Value> {
        Some(match (literal, kind) {
            (Literal::Bool(b), _) => Value::Bool(*b),
            (Literal::Int(i), SettingKind::Duration) => Value::Duration(i.checked_mul(1_000_000_000)?, format!("{i}s")),
            (Literal::Int(i), _) => Value::Int(*i),
            (Literal::Text(t), SettingKind::Duration) => Value::Duration(parse_duration(t)?, t.clone()),
            (Literal::Text(t), _) => Value::Text(t.clone()),
            (Literal::List(l), _) => Value::List(l.clone()),
        })
    }

    /// Whether it counts as not set: an empty text or list.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Value::Text(t) => t.is_empty(),
            Value::List(l) => l.iter().all(String::is_empty),
            _ => false,
        }
    }

    /// Whether it is a zero.
    pub(crate) fn is_zero(&self) -> bool {
        matches!(self, Value::Int(0) | Value::Duration(0, _))
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Bool(b) => write!(f, "{b}"),
            Value::Int(i) => write!(f, "{i}"),
            Value::Duration(_, t) => f.write_str(t),
            Value::Text(t) if t.is_empty() => f.write_str("empty"),
            Value::Text(t) => f.write_str(t),
            Value::List(l) if self.is_empty() => {
                f.write_str(if l.is_empty() { "an empty list" } else { "a list of nothing" })
            }
            Value::List(l) => f.write_str(&l.join(",")),
        }
    }
}

/// Go's `strconv.ParseBool`.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Go's `strconv.ParseInt` with base 0: `0x1E`, `035` (octal), `0b1`, `1_000`.
pub(crate) fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    // Underscores may stand between digits only, or after the prefix.
    if body.ends_with('_') || body.contains("__") || (radix == 10 && body.starts_with('_')) {
        return None;
    }
    let plain: String = body.chars().filter(|c| *c != '_').collect();
    if plain.is_empty() || plain.starts_with(['+', '-']) {
        return None;
    }
    let number = i128::from_str_radix(&plain, radix).ok()?;
    i64::try_from(if negative { -number } else { number }).ok()
}

/// Go's `time.ParseDuration`, in nanoseconds.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { -1.0 } else { 1.0 }, rest),
        None => (1.0, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).filter(|end| *end > 0)?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let scale = match &rest[..unit] {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        total += number * scale;
        rest = &rest[unit..];
    }
    let total = sign * total;
    #[expect(clippy::cast_possible_truncation, reason = "checked against the range of Go's own durations")]
    (total.abs() < 9.2e18).then_some(total as i64)
}

/// Go's `encoding/csv` on one line, as pflag's string lists are read. An odd quote is refused by the component.
pub(crate) fn parse_csv(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let mut list = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        let mut field = String::new();
        if chars.peek() == Some(&'"') {
            chars.next();
            loop {
                match chars.next() {
                    None => return None,
                    Some('"') if chars.peek() == Some(&'"') => {
                        chars.next();
                        field.push('"');
                    }
                    Some('"') => break,
                    Some(c) => field.push(c),
                }
            }
            if !matches!(chars.peek(), None | Some(',')) {
                return None;
            }
        } else {
            while let Some(c) = chars.next_if(|c| *c != ',') {
                if c == '"' {
                    return None;
                }
                field.push(c);
            }
        }
        list.push(field);
        if chars.next().is_none() {
            return Some(list);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_go_s() {
        for (text, want) in
            [("0", Some(false)), ("f", Some(false)), ("T", Some(true)), ("yes", None), ("", None), ("tRUE", None)]
        {
            assert_eq!(parse_bool(text), want, "{text}");
        }
    }

    #[test]
    fn numbers_have_base_0() {
        for (text, want) in [
            ("30", Some(30)),
            ("035", Some(29)),
            ("0x1E", Some(30)),
            ("0o17", Some(15)),
            ("0b11", Some(3)),
            ("-1", Some(-1)),
            ("1_000", Some(1000)),
            ("_1", None),
            ("1__0", None),
            ("08", None),
            ("", None),
            ("0", Some(0)),
            ("99999999999999999999", None),
            ("3.0", None),
            ("--3", None),
        ] {
            assert_eq!(parse_int(text), want, "{text}");
        }
    }

    #[test]
    fn durations_are_go_s() {
        for (text, want) in [
            ("4h0m0s", Some(14_400_000_000_000)),
            ("0", Some(0)),
            ("0s", Some(0)),
            ("1.5h", Some(5_400_000_000_000)),
            ("300", None),
            ("", None),
            ("5x", None),
            ("-1s", Some(-1_000_000_000)),
        ] {
            assert_eq!(parse_duration(text), want, "{text}");
        }
    }

    #[test]
    fn lists_are_csv() {
        let list = |words: &[&str]| Some(words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        assert_eq!(parse_csv("Node,RBAC"), list(&["Node", "RBAC"]));
        assert_eq!(parse_csv("\"Node,RBAC\",X"), list(&["Node,RBAC", "X"]));
        assert_eq!(parse_csv("a,"), list(&["a", ""]));
        assert_eq!(parse_csv(""), list(&[]));
        assert_eq!(parse_csv("a\"b"), None);
        assert_eq!(parse_csv("\"a"), None);
    }
}
