//! New text in the style of what stands around it.

use seaworthy_yaml::{Node, Value};
use serde_json::Value as Json;

use super::place::{self, Place, Step};
use super::source::Source;

/// How this file is written.
pub(super) struct Style {
    json: bool,
    /// Blanks by which a map in a map is indented.
    step: usize,
    /// Blanks by which a list in a map is indented; kubeadm writes none.
    dash: usize,
    /// One level of indentation between brackets.
    flow_step: String,
    /// Whether a blank follows commas and colons between brackets.
    spaced: bool,
}

/// What quotes a text is put into, if it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// None, where it then reads as the same text.
    Least,
    Single,
    Double,
}

impl Style {
    /// The style of the file, and before that of the value at `place`.
    pub(super) fn of(source: &Source<'_>, place: &Place<'_>) -> Self {
        let root = place::find(source, &[]).ok();
        let mut found = Found::default();
        found.look(source, place);
        if let Some(root) = root {
            found.look(source, &root);
        }
        let json = source.json;
        Self {
            json,
            step: found.step.unwrap_or(2),
            dash: found.dash.unwrap_or(0),
            flow_step: flow_step(source).unwrap_or("  ").to_owned(),
            spaced: !(json && is_dense(source.text)),
        }
    }

    /// What separates two entries on one line.
    pub(super) fn comma(&self) -> &'static str {
        if self.spaced { ", " } else { "," }
    }

    /// A scalar, or anything on one line.
    pub(super) fn inline(&self, value: &Json, flow: bool, quotes: Quotes) -> String {
        match value {
            Json::String(text) => self.text(text, flow, quotes),
            Json::Array(list) => {
                let items: Vec<String> = list.iter().map(|item| self.inline(item, true, quotes)).collect();
                format!("[{}]", items.join(self.comma()))
            }
            Json::Object(map) => {
                let entries: Vec<String> = map.iter().map(|(key, value)| self.pair(key, value, quotes)).collect();
                format!("{{{}}}", entries.join(self.comma()))
            }
            other => other.to_string(),
        }
    }

    /// A key with its value between braces.
    pub(super) fn pair(&self, key: &str, value: &Json, quotes: Quotes) -> String {
        format!("{}{}{}", self.key(key, true), self.colon(), self.inline(value, true, quotes))
    }

    fn colon(&self) -> &'static str {
        if self.spaced { ": " } else { ":" }
    }

    /// A value between brackets whose entries have lines of their own, as the file writes such.
    pub(super) fn tall(&self, value: &Json, indent: &str, newline: &str, quotes: Quotes) -> String {
        let inner = format!("{indent}{}", self.flow_step);
        let (open, entries, close): (_, Vec<String>, _) = match value {
            Json::Array(list) if !list.is_empty() && self.json => {
                ('[', list.iter().map(|item| self.tall(item, &inner, newline, quotes)).collect(), ']')
            }
            Json::Object(map) if !map.is_empty() && self.json => {
                ('{', map.iter().map(|(key, value)| self.tall_pair(key, value, &inner, newline, quotes)).collect(), '}')
            }
            other => return self.inline(other, true, quotes),
        };
        let lines: Vec<String> = entries.iter().map(|entry| format!("{newline}{inner}{entry}")).collect();
        format!("{open}{}{newline}{indent}{close}", lines.join(","))
    }

    pub(super) fn tall_pair(&self, key: &str, value: &Json, indent: &str, newline: &str, quotes: Quotes) -> String {
        format!("{}{}{}", self.key(key, true), self.colon(), self.tall(value, indent, newline, quotes))
    }

    /// The lines of a list or map without brackets.
    pub(super) fn block(&self, value: &Json, indent: usize) -> Vec<String> {
        match value {
            Json::Array(list) => list.iter().flat_map(|item| self.item(item, indent, " ")).collect(),
            Json::Object(map) => map.iter().flat_map(|(key, value)| self.entry(key, value, indent)).collect(),
            other => vec![format!("{}{}", " ".repeat(indent), self.inline(other, false, Quotes::Least))],
        }
    }

    /// The lines of a list's item, with its dash in column `indent` and `gap` behind it.
    pub(super) fn item(&self, value: &Json, indent: usize, gap: &str) -> Vec<String> {
        let dash = format!("{}-{gap}", " ".repeat(indent));
        match value {
            Json::Object(map) if !map.is_empty() => {
                let mut lines = self.block(value, dash.len());
                if let Some(first) = lines.first_mut() {
                    first.replace_range(..dash.len(), &dash);
                }
                lines
            }
            other => vec![format!("{dash}{}", self.inline(other, false, Quotes::Least))],
        }
    }

    /// The lines of a key and its value.
    pub(super) fn entry(&self, key: &str, value: &Json, indent: usize) -> Vec<String> {
        let key = format!("{}{}:", " ".repeat(indent), self.key(key, false));
        if is_tall(value) {
            std::iter::once(key).chain(self.block(value, self.below(value, indent))).collect()
        } else {
            vec![format!("{key} {}", self.inline(value, false, Quotes::Least))]
        }
    }

    /// The column of a list or map that is the value of a key in column `indent`.
    pub(super) fn below(&self, value: &Json, indent: usize) -> usize {
        indent + if value.is_array() { self.dash } else { self.step }
    }

    fn key(&self, key: &str, flow: bool) -> String {
        let plain = |text: &str| {
            let sample = if flow { format!("{{{text}: v}}") } else { format!("{text}: v") };
            reads(&sample, |root| root.as_map().is_some_and(|map| map.len() == 1 && map.get(key).is_some()))
        };
        if !self.json && is_tame(key) && plain(key) { key.to_owned() } else { self.quoted(key, Quotes::Least) }
    }

    fn text(&self, text: &str, flow: bool, quotes: Quotes) -> String {
        if !self.json && quotes == Quotes::Least && is_tame(text) {
            let is = |node: &Node| node.value == Value::Text(text.to_owned());
            let as_value = |root: &Node| root.get("k").is_some_and(is);
            let as_item = |root: &Node| root.as_list().is_some_and(|list| list.len() == 1 && list.iter().all(is));
            let plain = if flow {
                reads(&format!("{{k: {text}}}"), as_value) && reads(&format!("[{text}]"), as_item)
            } else {
                reads(&format!("k: {text}"), as_value) && reads(&format!("- {text}"), as_item)
            };
            if plain {
                return text.to_owned();
            }
        }
        self.quoted(text, quotes)
    }

    fn quoted(&self, text: &str, quotes: Quotes) -> String {
        let odd = |letter: char| !is_printable(letter);
        if self.json || quotes == Quotes::Double || text.contains(odd) { double(text) } else { single(text) }
    }
}

/// Whether a JSON text has no blanks behind its colons.
fn is_dense(text: &str) -> bool {
    let colons = || text.match_indices("\":").filter_map(|(at, _)| text.as_bytes().get(at + 2));
    colons().next().is_some() && colons().all(|next| !next.is_ascii_whitespace())
}

/// Whether a value takes several lines in block style.
pub(super) fn is_tall(value: &Json) -> bool {
    match value {
        Json::Array(list) => !list.is_empty(),
        Json::Object(map) => !map.is_empty(),
        _ => false,
    }
}

/// The quotes in which a value stands.
pub(super) fn quotes_at(source: &Source<'_>, at: usize) -> Quotes {
    match source.text.as_bytes().get(at) {
        Some(b'"') => Quotes::Double,
        Some(b'\'') => Quotes::Single,
        _ => Quotes::Least,
    }
}

fn reads(text: &str, check: impl Fn(&Node) -> bool) -> bool {
    seaworthy_yaml::parse(text).is_ok_and(|document| check(&document.root))
}

/// One line of printable letters without a blank at either end.
fn is_tame(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && text.chars().all(is_printable)
}

fn is_printable(letter: char) -> bool {
    !letter.is_control() && !matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// In double quotes, with escapes that JSON and YAML have in common.
fn double(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if is_printable(letter) => out.push(letter),
            letter => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
        }
    }
    out.push('"');
    out
}

/// The indentation of the first thing in braces that begins a line.
fn flow_step<'t>(source: &Source<'t>) -> Option<&'t str> {
    let root = place::find(source, &[]).ok()?;
    if !place::is_flow(source, &root) {
        return None;
    }
    let first = place::slots(source, &root).ok()?.first()?.start;
    let indent = source.indent(first);
    (source.begins_line(first) && !indent.is_empty()).then_some(indent)
}

#[derive(Default)]
struct Found {
    step: Option<usize>,
    dash: Option<usize>,
}

impl Found {
    /// Looks at a block map and what is in it until both are known.
    fn look(&mut self, source: &Source<'_>, place: &Place<'_>) {
        if self.step.is_some() && self.dash.is_some() || place::is_flow(source, place) {
            return;
        }
        let steps: Vec<Step> = match &place.node.value {
            Value::Map(map) => map.iter().map(|entry| Step::Key(entry.key.clone())).collect(),
            // The first items are like the others, and a long list is slow to look through.
            Value::List(list) => (0..list.len().min(4)).map(Step::Index).collect(),
            _ => return,
        };
        for step in steps {
            if self.step.is_some() && self.dash.is_some() {
                return;
            }
            let Ok(child) = place::child(source, place, &step) else { continue };
            if let Step::Key(_) = step
                && !place::is_flow(source, &child)
            {
                let key = source.column(child.start);
                match &child.node.value {
                    Value::Map(map) if self.step.is_none() => {
                        let column = place::key_column(source, &child, map);
                        self.step = column.and_then(|column| column.checked_sub(key)).filter(|&step| step > 0);
                    }
                    Value::List(_) if self.dash.is_none() => {
                        let dash = place::dashes(source, &child).first().map(|&dash| source.column(dash));
                        self.dash = dash.and_then(|column| column.checked_sub(key));
                    }
                    _ => {}
                }
            }
            self.look(source, &child);
        }
    }
}
