//! What YAML 1.2 allows and yaml.v2 does not.

use granit_parser::ScalarStyle;

use crate::raw::{Kind, Tree};
use crate::{Error, Span};

/// Kubernetes takes a text for JSON when it begins with a brace.
pub(crate) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// Refuses what yaml.v2 would.
pub(crate) fn check(text: &str, json: bool, tree: &Tree<'_>) -> Result<(), Error> {
    let read = text.get(..tree.end).unwrap_or(text);
    characters(read, json)?;
    if !json && read.contains('\t') {
        tabs(read, tree)?;
    }
    let mut brackets = 0;
    for raw in &tree.nodes {
        match &raw.kind {
            Kind::List { flow: true } | Kind::Map { flow: true } => brackets = brackets.max(raw.span.end),
            Kind::Scalar { text: value, style: ScalarStyle::Plain, .. } if raw.span.start < brackets => {
                bracketed(text, value, raw.span)?;
            }
            Kind::Scalar { style: ScalarStyle::DoubleQuoted, .. } if !json => escapes(text, raw.span)?,
            _ => {}
        }
    }
    Ok(())
}

/// Control characters, and the line breaks that YAML 1.2 gave up.
fn characters(text: &str, json: bool) -> Result<(), Error> {
    let odd = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r') || *byte == 0x7f || *byte >= 0x80;
    if !text.as_bytes().iter().any(odd) {
        return Ok(());
    }
    for (at, letter) in text.char_indices() {
        match letter {
            '\t' | '\n' | '\r' | ' '..='~' => {}
            '\0'..='\u{1f}' => return Err(control(text, at)),
            // JSON has these in strings.
            _ if json => {}
            '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => return Err(control(text, at)),
            '\u{85}' | '\u{2028}' | '\u{2029}' => {
                let message = format!("the line break U+{:04X}", u32::from(letter));
                return Err(Error::unsupported(locate(text, at), message));
            }
            _ => {}
        }
    }
    Ok(())
}

fn control(text: &str, at: usize) -> Error {
    Error::syntax(locate(text, at), "control characters are not allowed")
}

/// A tab cannot indent: outside scalars and flow collections none may stand at the start of a line, not even of a
/// blank one, nor after the indicators there.
fn tabs(text: &str, tree: &Tree<'_>) -> Result<(), Error> {
    let mut covers = tree.nodes.iter().filter(|raw| match raw.kind {
        Kind::Scalar { .. } => true,
        Kind::List { flow } | Kind::Map { flow } => flow,
        Kind::Alias { .. } => false,
    });
    let mut cover = covers.next();
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        if let Some(tab) = leading_tab(line) {
            let at = start + tab;
            while cover.is_some_and(|raw| raw.span.end <= at) {
                cover = covers.next();
            }
            if cover.is_none_or(|raw| raw.span.start > at) {
                return Err(Error::syntax(locate(text, at), "found character that cannot start any token"));
            }
        }
        start += line.len();
    }
    Ok(())
}

/// The first tab before anything but blanks and the indicators `-`, `?` and `:`.
fn leading_tab(line: &str) -> Option<usize> {
    let mut bytes = line.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\t' => return Some(at),
            b' ' => {}
            b'-' | b'?' | b':' if bytes.peek().is_some_and(|(_, next)| matches!(next, b' ' | b'\t')) => {}
            _ => return None,
        }
    }
    None
}

/// Between brackets, yaml.v2 ends a scalar without quotes at a question mark, and has it go on after a colon
/// unless a blank follows.
fn bracketed(text: &str, value: &str, at: Span) -> Result<(), Error> {
    let after = text.as_bytes().get(at.end..).unwrap_or_default();
    if value.contains('?') {
        return Err(Error::unsupported(at, "a question mark in a scalar without quotes between brackets"));
    }
    if value.starts_with(':') {
        return Err(Error::syntax(at, "did not find expected node content"));
    }
    if !value.is_empty() && matches!(after, [b':', next, ..] if !next.is_ascii_whitespace()) {
        return Err(Error::unsupported(at, "a colon without a blank after it between brackets"));
    }
    Ok(())
}

/// The escapes `\/` and surrogate pairs came with YAML 1.2.
fn escapes(text: &str, at: Span) -> Result<(), Error> {
    let mut rest = text.get(at.start..at.end).unwrap_or_default();
    let whole = rest.len();
    while let Some(back) = rest.find('\\') {
        let place = at.start + whole - rest.len() + back;
        match rest.as_bytes().get(back + 1..) {
            Some([b'/', ..]) => return Err(Error::syntax(locate(text, place), "found unknown escape character")),
            Some([b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..]) => {
                return Err(Error::syntax(locate(text, place), "found invalid Unicode character escape code"));
            }
            _ => {}
        }
        // What follows the backslash may be several bytes long, but only ASCII can be a backslash.
        rest = rest.get(back + 2..).or_else(|| rest.get(back + 1..)).unwrap_or_default();
    }
    Ok(())
}

fn locate(text: &str, at: usize) -> Span {
    let before = text.get(..at).unwrap_or(text);
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Span { line: number(line), column: number(column), start: at, end: at }
}
