//! Lengths of time as people write them.

use std::time::Duration;

/// `30s`, `5m`, `12h`, `7d`: a whole number and its unit.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let form = || "write it as 30s, 5m, 12h or 7d".to_owned();
    let unit = text.chars().last().ok_or_else(form)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(form()),
    };
    let number: u64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| form())?;
    match number.checked_mul(seconds) {
        Some(0) => Err("it must be more than nothing".to_owned()),
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Err("it is too long".to_owned()),
    }
}

/// A length of time as [`parse`] reads it, in the largest unit that fits.
pub(crate) fn words(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(24 * 60 * 60, 'd'), (60 * 60, 'h'), (60, 'm')];
    let fits = units.iter().find(|(length, _)| seconds >= *length && seconds.is_multiple_of(*length));
    fits.map_or_else(|| format!("{seconds}s"), |(length, unit)| format!("{}{unit}", seconds / length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        for (text, seconds) in [("90s", 90), ("2m", 120), ("12h", 43_200), ("7d", 604_800)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "5", "m", "-1m", "1.5h", "1m30s", "0s", "99999999999999999999s", "999999999999999999d", "5é"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
