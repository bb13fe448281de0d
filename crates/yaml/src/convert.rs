//! Values as text: how sigs.k8s.io/yaml writes keys, and scalars that go into string fields.

use crate::Value;

/// A number or boolean as text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Uint(number) => Some(number.to_string()),
        Value::Float(number) => Some(general(*number)),
        Value::Null | Value::Text(_) | Value::List(_) | Value::Map(_) => None,
    }
}

/// The key a value becomes in JSON; nothing for the types that sigs.k8s.io/yaml refuses.
pub(crate) fn key(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        Value::Float(number) => Some(match general(number).as_str() {
            "+Inf" => ".inf".to_owned(),
            "-Inf" => "-.inf".to_owned(),
            "NaN" => ".nan".to_owned(),
            other => other.to_owned(),
        }),
        Value::Uint(_) => None,
        value => text(&value),
    }
}

/// `strconv.FormatFloat(number, 'g', -1, 32)`: sigs.k8s.io/yaml really narrows to 32 bits here.
fn general(number: f64) -> String {
    let number = number as f32;
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    // The shortest form turns to an exponent as if the precision were 6.
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
    } else {
        format!("{number}")
    }
}
