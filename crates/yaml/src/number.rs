//! Numbers as Go's strconv reads them, with yaml.v2's additions.

use std::borrow::Cow;

use crate::Value;
use crate::scalar::Tag;

/// A text that begins with a digit or a sign. Underscores count for nothing, wherever they stand.
pub(crate) fn read(text: &str) -> Option<(Tag, Value)> {
    let plain = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    integer(&plain)
        .map(|number| (Tag::Int, number))
        .or_else(|| float(&plain).map(|number| (Tag::Float, Value::Float(number))))
        .or_else(|| signed_binary(&plain).map(|number| (Tag::Int, Value::Int(number))))
}

/// ParseInt and then ParseUint, both with base 0.
fn integer(plain: &str) -> Option<Value> {
    let (negative, signed, digits) = match plain.as_bytes().first()? {
        b'-' => (true, true, plain.get(1..)?),
        b'+' => (false, true, plain.get(1..)?),
        _ => (false, false, plain),
    };
    let magnitude = magnitude(digits)?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Value::Int);
    }
    match i64::try_from(magnitude) {
        Ok(number) => Some(Value::Int(number)),
        // ParseUint takes no sign.
        Err(_) => (!signed).then_some(Value::Uint(magnitude)),
    }
}

fn magnitude(digits: &str) -> Option<u64> {
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // `from_str_radix` would take a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(digits, base).ok()
}

/// A float in yaml.v2's grammar: `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`. One too large for 64 bits is
/// none.
pub(crate) fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let sound = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    if !sound || exponent.is_some_and(|exponent| exponent.is_empty() || !digits(exponent)) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// yaml.v2 hands what follows `0b` to ParseInt, which takes another sign there.
fn signed_binary(plain: &str) -> Option<i64> {
    let digits = plain.strip_prefix("0b")?;
    matches!(digits.as_bytes(), [b'-' | b'+', b'0' | b'1', ..]).then(|| i64::from_str_radix(digits, 2).ok()).flatten()
}
