//! What the documents of other people's JSON formats are made with: text that is cleaned and cut, times, and names of items.

use jiff::Timestamp;
use seaworthy_model::{Evidence, Finding, Remediation, Report, Resource, SourcePlace};
use serde_json::Value;

use crate::{hostile, words};

/// One line of text with its hostile characters written out.
pub(crate) fn line(text: &str) -> String {
    hostile::clean(text).into_owned()
}

/// Several lines, each cleaned by itself: the newlines between them are ours.
pub(crate) fn lines<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) -> String {
    lines.into_iter().map(|line| hostile::clean(line.as_ref()).into_owned()).collect::<Vec<_>>().join("\n")
}

/// At most `limit` bytes of an already cleaned text, the last of them a mark if anything was left out. Limits that count characters or
/// UTF-16 units are kept as well: neither is ever more than the bytes.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    const MARK: &str = "…";
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(limit.saturating_sub(MARK.len()));
    format!("{}{MARK}", &text[..end])
}

/// Everything that a verdict rests on, a line each.
pub(crate) fn evidence(evidence: &[Evidence]) -> Vec<String> {
    let mut lines = Vec::new();
    for piece in evidence {
        let (first, below) = words::evidence(piece);
        lines.push(line(&first));
        lines.extend(below.iter().map(|text| format!("  {}", line(text))));
    }
    lines
}

/// The things that offend or have to be judged, a line each.
pub(crate) fn resources(resources: &[Resource]) -> Vec<String> {
    resources.iter().map(|resource| line(&words::resource(resource))).collect()
}

/// What to do: the instruction, then the line or command as it should be.
pub(crate) fn remedy(remediation: &Remediation) -> Vec<String> {
    let wanted = remediation.wanted.iter().map(|wanted| format!("set: {}", wanted.trim()));
    std::iter::once(remediation.summary.clone()).chain(wanted).map(|text| line(&text)).collect()
}

/// The rule page's own words, as they stand.
pub(crate) fn guide(finding: &Finding) -> Option<String> {
    let guide = lines(finding.remediation.as_ref()?.guide.lines());
    Some(guide.trim().to_owned()).filter(|guide| !guide.is_empty())
}

/// The item's number as an identifier that begins with a letter: `cis-1.2.15` of `1.2.15` in `cis-1.12`.
pub(crate) fn item(benchmark: &str, id: &str) -> String {
    let family = benchmark.split(['-', '.']).next().unwrap_or_default();
    let letters = family.starts_with(|c: char| c.is_ascii_alphabetic()) && family.chars().all(is_token);
    let id: String = id.chars().map(|c| if is_token(c) { c } else { '_' }).collect();
    format!("{}-{id}", if letters { family } else { "item" })
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')
}

/// The benchmark's name for people: its title where it is that of the report, else its id.
pub(crate) fn benchmark(report: &Report, id: &str) -> String {
    let header = &report.header.benchmark;
    line(if header.id == id && !header.title.is_empty() { &header.title } else { id })
}

/// When the report's facts were collected. Formats that cannot be written without a time get 1970-01-01T00:00:00Z of a report that has
/// none, which no reader takes for a day on which anything was looked at.
pub(crate) fn time(report: &Report) -> Timestamp {
    stated_time(report).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The same; none if the report has none.
pub(crate) fn stated_time(report: &Report) -> Option<Timestamp> {
    report.time.as_deref()?.parse().ok()
}

/// A file that a finding points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its path: the host's where that is known.
    pub(crate) path: String,
    /// Whether the path holds in a container only.
    pub(crate) in_container: bool,
    /// The line, from 1.
    pub(crate) line: Option<u32>,
}

/// The files that a finding points to, each once: what it says itself, what the repair would edit, what the evidence was read from.
pub(crate) fn places(finding: &Finding) -> Vec<Place> {
    let repaired = finding.remediation.iter().filter_map(|remediation| remediation.place.as_ref());
    let seen = finding.evidence.iter().filter_map(|evidence| evidence.source.as_ref());
    let mut places: Vec<Place> = Vec::new();
    for source in finding.locations.iter().chain(repaired).chain(seen) {
        let SourcePlace::File { path, host_path, pid } = &source.place else { continue };
        let place = Place {
            path: host_path.as_ref().unwrap_or(path).clone(),
            in_container: pid.is_some() && host_path.is_none(),
            line: source.span.map(|span| span.line).filter(|line| *line > 0),
        };
        // A file that is there with its line is not named again without.
        if !places.iter().any(|known| known.path == place.path && (place.line.is_none() || known.line == place.line)) {
            places.push(place);
        }
    }
    places
}

/// The value without members that are null, at any depth: an absent member and a null one differ for strict readers.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            map.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, v)| (key, without_nulls(v))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// The document on one line, ended by a newline.
pub(crate) fn finish(document: &Value) -> String {
    let mut text = hostile::escape_json(document.to_string());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_keeps_its_limit_and_its_characters() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abc…");
        assert_eq!(cut("äöüä", 7), "äö…");
        for limit in 3..12 {
            assert!(cut("äöü🙂äöü", limit).len() <= limit);
        }
    }

    #[test]
    fn an_item_is_a_token_whatever_the_benchmark_is_called() {
        assert_eq!(item("cis-1.12", "1.2.15"), "cis-1.2.15");
        assert_eq!(item("1.12", "1.2"), "item-1.2");
        assert_eq!(item("", "a b\n"), "item-a_b_");
        assert_eq!(item("é-1", "1"), "item-1");
    }
}
