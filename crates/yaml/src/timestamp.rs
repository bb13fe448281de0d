//! Which texts an explicit `!!timestamp` takes. The value stays text, as Go has it in untyped data.

/// One of yaml.v2's four layouts: a date, alone, with `T`/`t`, a time and a zone, or with a space and a time.
pub(crate) fn is_valid(text: &str) -> bool {
    date(text).is_some_and(|rest| match rest.as_bytes().first() {
        None => true,
        Some(b'T' | b't') => rest.get(1..).and_then(time).is_some_and(zone),
        Some(b' ') => rest.get(1..).and_then(time).is_some_and(str::is_empty),
        Some(_) => false,
    })
}

fn date(text: &str) -> Option<&str> {
    let (year, rest) = text.split_once('-')?;
    let year: u32 = (year.len() == 4).then(|| digits(year)).flatten()?;
    let (month, rest) = number(rest, 12)?;
    let (day, rest) = number(rest.strip_prefix('-')?, 31)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (month >= 1 && (1..=last).contains(&day)).then_some(rest)
}

fn time(text: &str) -> Option<&str> {
    let (_, rest) = number(text, 23)?;
    let (_, rest) = number(rest.strip_prefix(':')?, 59)?;
    let (_, rest) = number(rest.strip_prefix(':')?, 59)?;
    // Go takes a fraction after the seconds whatever the layout says, with a dot or a comma.
    let Some(fraction) = rest.strip_prefix(['.', ',']) else { return Some(rest) };
    let after = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
    (after.len() < fraction.len()).then_some(after)
}

fn zone(text: &str) -> bool {
    let Some(offset) = text.strip_prefix(['+', '-']) else { return text == "Z" };
    let two = |part: &str, most| part.len() == 2 && digits(part).is_some_and(|number| number <= most);
    offset.split_once(':').is_some_and(|(hours, minutes)| two(hours, 24) && two(minutes, 60))
}

/// One or two digits.
fn number(text: &str, most: u32) -> Option<(u32, &str)> {
    let length = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(length)?;
    digits(number).filter(|number| *number <= most).map(|number| (number, rest))
}

fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}
