//! Flags in files of shell-style variables, such as kubeadm's `KUBELET_KUBEADM_ARGS="--a=b --c d"`.

use std::ops::Range;

use seaworthy_catalogue::{ArgumentStyle, Component, occurrences};

use super::arguments::{indexes, word};
use super::source::line_number;
use super::{EditError, Edited};

/// A variable, with the place of each of its words.
struct Variable {
    name: String,
    value: Range<usize>,
    words: Vec<Range<usize>>,
    /// Its value has quotes, backslashes or the like in it, or its end is unclear.
    odd: bool,
}

/// Takes a flag's words out of whatever variables have it. A file without the flag stays as it is.
///
/// # Errors
/// When a variable that seems to have the flag is written with quotes or backslashes inside its value:
/// [`EditError::Variable`].
pub fn remove_flag(text: &str, component: &Component, flag: &str) -> Result<Edited, EditError> {
    word(flag, None)?;
    edit(text, component, flag, None)
}

/// Gives a flag this value wherever it stands already, in the form in which it stands there.
///
/// # Errors
/// When it stands nowhere ([`EditError::NoFlag`]), the value would not be one word ([`EditError::Request`]), or a
/// variable that seems to have the flag is written with quotes or backslashes inside ([`EditError::Variable`]).
pub fn set_flag(text: &str, component: &Component, flag: &str, value: &str) -> Result<Edited, EditError> {
    word(flag, Some(value))?;
    if value.is_empty()
        || value.starts_with('-')
        || value.contains(|letter: char| letter.is_whitespace() || is_odd(letter))
    {
        let message = format!("the value {value:?} for --{flag} cannot be written without quotes in a variable");
        return Err(EditError::Request(message));
    }
    edit(text, component, flag, Some(value))
}

/// The words of a process without those of a flag.
pub(crate) fn without_flag(words: &[String], component: &Component, flag: &str) -> Vec<String> {
    let found: Vec<_> = occurrences(component, words).into_iter().filter(|found| found.flag == flag).collect();
    let gone: Vec<usize> = found.iter().flat_map(|found| indexes(words, found)).collect();
    let kept = words.iter().enumerate().filter(|(index, _)| !gone.contains(index));
    kept.map(|(_, word)| word.clone()).collect()
}

fn edit(text: &str, component: &Component, flag: &str, value: Option<&str>) -> Result<Edited, EditError> {
    let normal = if component.arguments == ArgumentStyle::GoFlag { flag.to_owned() } else { flag.replace('_', "-") };
    let mut splices: Vec<(Range<usize>, String)> = Vec::new();
    let mut wanted = Vec::new();
    for variable in variables(text) {
        let mut words = texts(text, &variable);
        let program = component.programs.first().unwrap_or(&component.name).clone();
        let line = std::iter::once(program).chain(words.iter().cloned()).collect::<Vec<_>>();
        let found: Vec<_> = occurrences(component, &line).into_iter().filter(|found| found.flag == normal).collect();
        let mine: Vec<usize> = found.iter().flat_map(|found| indexes(&line, found)).map(|index| index - 1).collect();
        let refuse = |what| Err(EditError::Variable { what, line: line_number(text, variable.value.start) });
        let seems = text.get(variable.value.clone()).is_some_and(|value| mentions(value, &normal));
        if variable.odd && (seems || !mine.is_empty()) {
            return refuse("the flag stands in a value with quotes, backslashes or a comment in it");
        }
        if words.iter().enumerate().any(|(index, word)| !mine.contains(&index) && hides(word, &normal)) {
            return refuse("the flag stands behind something else in one word");
        }
        for found in &found {
            let of = indexes(&line, found);
            let (Some(&first), Some(&last)) = (of.first(), of.last()) else { continue };
            let (first, last) = (first - 1, last - 1);
            let (Some(from), Some(to)) = (variable.words.get(first), variable.words.get(last)) else { continue };
            match value {
                Some(value) if first != last => {
                    splices.push((to.clone(), value.to_owned()));
                    if let Some(word) = words.get_mut(last) {
                        value.clone_into(word);
                    }
                }
                Some(value) => {
                    let written = text.get(from.clone()).unwrap_or_default();
                    let name = written.split('=').next().unwrap_or_default();
                    let new = format!("{name}={value}");
                    if let Some(word) = words.get_mut(first) {
                        word.clone_from(&new);
                    }
                    splices.push((from.clone(), new));
                }
                None => {}
            }
        }
        if value.is_none() {
            splices.extend(without(&variable.words, &mine));
            let mut index = 0;
            words.retain(|_| {
                index += 1;
                !mine.contains(&(index - 1))
            });
        }
        wanted.push((variable.name, words));
    }
    if value.is_some() && splices.is_empty() {
        return Err(EditError::NoFlag { flag: flag.to_owned() });
    }
    let mut after = text.to_owned();
    for (range, new) in splices.iter().rev() {
        after.replace_range(range.clone(), new);
    }
    check(text, &splices, &wanted, &after)?;
    Ok(Edited::new(text, after))
}

/// Takes words away, each with the blanks on one side of it.
fn without(words: &[Range<usize>], gone: &[usize]) -> Vec<(Range<usize>, String)> {
    let mut ranges: Vec<(Range<usize>, String)> = Vec::new();
    let mut kept = None;
    for (index, word) in words.iter().enumerate() {
        if !gone.contains(&index) {
            kept = Some(word.end);
            continue;
        }
        let begins = index.checked_sub(1).is_none_or(|before| !gone.contains(&before));
        if begins {
            ranges.push((word.clone(), String::new()));
        }
        let Some((range, _)) = ranges.last_mut() else { continue };
        match (words.get(index + 1), kept) {
            (Some(next), _) => range.end = next.start,
            (None, Some(before)) => *range = before..word.end,
            (None, None) => range.end = word.end,
        }
    }
    ranges
}

/// The gate: read anew, all variables have the words that they should have, and only the lines touched differ.
fn check(
    before: &str,
    splices: &[(Range<usize>, String)],
    wanted: &[(String, Vec<String>)],
    after: &str,
) -> Result<(), EditError> {
    let Some((first, _)) = splices.first() else { return Ok(()) };
    let line = line_number(before, first.start);
    let got: Vec<_> = variables(after).into_iter().map(|v| (v.name.clone(), texts(after, &v))).collect();
    if got != wanted {
        return Err(EditError::Gate { reason: "the variables would not say what was intended".to_owned(), line });
    }
    let touched =
        |line: &Range<usize>| splices.iter().any(|(range, _)| range.start <= line.end && line.start <= range.end);
    let untouched = lines(before).into_iter().filter(|line| !touched(line)).map(|line| before.get(line));
    let mut others = after.lines();
    for line_before in untouched {
        let found = line_before.is_some_and(|line| others.any(|other| other == line.trim_end_matches(['\r', '\n'])));
        if !found {
            let reason = "lines would change that have nothing to do with it".to_owned();
            return Err(EditError::Gate { reason, line });
        }
    }
    Ok(())
}

fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        lines.push(start..start + line.trim_end_matches(['\r', '\n']).len());
        start += line.len();
    }
    lines
}

fn texts(text: &str, variable: &Variable) -> Vec<String> {
    variable.words.iter().filter_map(|word| text.get(word.clone())).map(str::to_owned).collect()
}

/// Letters that the shell or systemd read as something else than themselves.
fn is_odd(letter: char) -> bool {
    matches!(letter, '"' | '\'' | '\\' | '$' | '`' | '#' | ';' | '&' | '|' | '<' | '>' | '(' | ')')
        || letter.is_control()
}

/// Whether a text has the flag somewhere, written with dashes or underscores.
fn mentions(text: &str, flag: &str) -> bool {
    text.replace('_', "-").contains(&format!("-{}", flag.replace('_', "-")))
}

/// Whether a word that is not the flag ends with it or has it in front of a value: `ARGS=--flag=x`.
fn hides(word: &str, flag: &str) -> bool {
    let word = word.replace('_', "-");
    let flag = format!("--{}", flag.replace('_', "-"));
    word.match_indices(&flag).any(|(at, _)| at > 0 && matches!(word.as_bytes().get(at + flag.len()), None | Some(b'=')))
}

/// The variables of a file: `NAME=value`, with or without `export`. A value in quotes may have several lines.
fn variables(text: &str) -> Vec<Variable> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let line = rest.split_inclusive('\n').next().unwrap_or(rest);
        let next = at + line.len();
        let line = line.trim_end_matches(['\r', '\n']);
        let Some((name, _)) = line.split_once('=').filter(|(name, _)| !name.trim_start().starts_with(['#', ';']))
        else {
            at = next;
            continue;
        };
        let start = at + name.len() + 1;
        let name = name.trim().trim_start_matches("export ").trim().to_owned();
        let value = text.get(start..at + line.len()).unwrap_or_default();
        let lead = start + value.len() - value.trim_start().len();
        let quote = value.trim_start().chars().next().filter(|letter| matches!(letter, '"' | '\''));
        let (inner, end, mut odd) = match quote {
            Some(quote) => match text.get(lead + 1..).and_then(|rest| rest.find(quote)) {
                Some(length) => {
                    let close = lead + 1 + length;
                    let rest = text.get(close + 1..).unwrap_or_default();
                    let tail = rest.split('\n').next().unwrap_or_default();
                    (lead + 1..close, close + 1 + tail.len(), !tail.trim().is_empty())
                }
                None => (lead + 1..at + line.len(), at + line.len(), true),
            },
            None => (lead..start + value.trim_end().len().max(lead - start), at + line.len(), false),
        };
        let content = text.get(inner.clone()).unwrap_or_default();
        odd |= content.contains(|letter: char| {
            is_odd(letter) && !matches!(letter, '\n' | '\r' | '\t' | '<' | '>' | '&' | ';' | '|')
        }) || quote.is_none() && content.contains(|letter: char| is_odd(letter) && !letter.is_control());
        let words = words(content, inner.start);
        found.push(Variable { name, value: inner, words, odd });
        at = end + usize::from(text.as_bytes().get(end) == Some(&b'\n'));
        at = at.max(next);
    }
    found
}

fn words(content: &str, offset: usize) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in content.char_indices() {
        match (letter.is_ascii_whitespace(), start) {
            (false, None) => start = Some(at),
            (true, Some(from)) => {
                words.push(offset + from..offset + at);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| offset + from..offset + content.len()));
    words
}
