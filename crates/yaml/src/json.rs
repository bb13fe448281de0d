//! Compact JSON as Go's encoding/json writes it.

use std::fmt::Write;

use crate::Value;

/// Appends `value` to `out`.
pub(crate) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        // Writing to a string cannot fail.
        Value::Int(number) => _ = write!(out, "{number}"),
        Value::Uint(number) => _ = write!(out, "{number}"),
        Value::Float(number) => float(*number, out),
        Value::Text(value) => text(value, out),
        Value::List(list) => {
            for (index, node) in list.iter().enumerate() {
                out.push(if index == 0 { '[' } else { ',' });
                write(&node.value, out);
            }
            out.push_str(if list.is_empty() { "[]" } else { "]" });
        }
        Value::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by(|left, right| left.key.cmp(&right.key));
            for (index, entry) in entries.iter().enumerate() {
                out.push(if index == 0 { '{' } else { ',' });
                text(&entry.key, out);
                out.push(':');
                write(&entry.value.value, out);
            }
            out.push_str(if entries.is_empty() { "{}" } else { "}" });
        }
    }
}

/// An exponent only for very small and very large numbers, as in JavaScript.
fn float(number: f64, out: &mut String) {
    let size = number.abs();
    if !number.is_finite() {
        out.push_str("null");
    } else if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let scientific = format!("{number:e}");
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let sign = if exponent.starts_with('-') { "" } else { "+" };
        _ = write!(out, "{mantissa}e{sign}{exponent}");
    } else {
        _ = write!(out, "{number}");
    }
}

fn text(value: &str, out: &mut String) {
    out.push('"');
    for letter in value.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}
