//! Writes a value as text in a random style, by rules of its own: nothing of it is shared with the code under test.

use serde_json::{Map, Value as Json, json};

/// Random choices, read off bytes; zeros when they are used up.
pub(crate) struct Dice {
    bytes: Vec<u8>,
    at: usize,
}

impl Dice {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        usize::from(byte) % limit.max(1)
    }

    pub(crate) fn one_in(&mut self, odds: usize) -> bool {
        self.below(odds) == 1
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(crate) fn scalar(&mut self) -> Json {
        let texts = [
            "x",
            "no",
            "0s",
            "a: b",
            "it's",
            "say \"x\"",
            "a #b",
            "-",
            "1.10",
            "0644",
            "",
            " x ",
            "tab\tin",
            "ü",
            "/a/b",
            "*",
            "two\nlines\n",
            "~",
            "{",
            "a,b",
            "x]",
            "y?",
        ];
        match self.below(6) {
            0 => json!(self.below(300)),
            1 => json!(self.one_in(2)),
            2 => json!(self.below(9) as f64 + 0.5),
            _ => json!(self.pick(&texts)),
        }
    }

    pub(crate) fn value(&mut self, depth: usize) -> Json {
        match self.below(if depth == 0 { 2 } else { 5 }) {
            2 => Json::Array((0..self.below(4)).map(|_| self.value(depth.min(2) - 1)).collect()),
            3 | 4 => {
                let keys = ["a", "b", "enabled", "mode", "on", "k:x", "z z"];
                let entries = (0..self.below(5)).map(|_| ((*self.pick(&keys)).to_owned(), self.value(depth - 1)));
                Json::Object(entries.collect())
            }
            _ => self.scalar(),
        }
    }
}

/// A text with its value.
pub(crate) struct Written {
    pub(crate) text: String,
    /// The first and last line (exclusive) of each key of the root.
    pub(crate) lines: Vec<(String, usize, usize)>,
    pub(crate) json: bool,
}

struct Writer<'d> {
    dice: &'d mut Dice,
    out: String,
    step: usize,
    dash: usize,
    comments: usize,
    chatty: bool,
}

/// Writes a map as YAML or JSON.
pub(crate) fn write(map: &Map<String, Json>, dice: &mut Dice) -> Written {
    if dice.one_in(4) {
        let value = Json::Object(map.clone());
        let text =
            if dice.one_in(2) { value.to_string() } else { serde_json::to_string_pretty(&value).unwrap() + "\n" };
        let text = if dice.one_in(3) { text.replace("  ", "\t") } else { text };
        // Blanks in texts are not to become tabs.
        let text =
            if serde_json::from_str::<Json>(&text).is_ok_and(|read| read == value) { text } else { value.to_string() };
        return Written { text, lines: Vec::new(), json: true };
    }
    let step = if dice.one_in(2) { 4 } else { 2 };
    let dash = if dice.one_in(2) { step } else { 0 };
    let chatty = dice.one_in(2);
    let mut writer = Writer { dice, out: String::new(), step, dash, comments: 0, chatty };
    if writer.dice.one_in(3) {
        writer.out.push_str("# c0\n---\n");
    }
    let mut lines = Vec::new();
    for (key, value) in map {
        writer.between(0);
        let from = writer.out.matches('\n').count();
        writer.entry(key, value, 0);
        lines.push((key.clone(), from, writer.out.matches('\n').count()));
    }
    let mut text = std::mem::take(&mut writer.out);
    if writer.dice.one_in(4) {
        text.push_str("---\nother: 1 # c99999\n");
    } else if writer.dice.one_in(3) && !text.contains(['|', '>']) {
        text.pop();
    }
    if writer.dice.one_in(3) {
        text = text.replace('\n', "\r\n");
    }
    Written { text, lines, json: false }
}

impl Writer<'_> {
    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("# c{}", self.comments)
    }

    /// What may stand between two lines.
    fn between(&mut self, indent: usize) {
        if self.chatty && self.dice.one_in(5) {
            let comment = self.comment();
            self.out.push_str(&format!("{}{comment}\n", " ".repeat(indent)));
        }
        if self.chatty && self.dice.one_in(9) {
            self.out.push('\n');
        }
    }

    fn end(&mut self) {
        if self.chatty && self.dice.one_in(4) {
            let comment = self.comment();
            self.out.push_str(&format!("  {comment}"));
        }
        self.out.push('\n');
    }

    fn entry(&mut self, key: &str, value: &Json, indent: usize) {
        let key = self.scalar(&json!(key));
        self.out.push_str(&format!("{}{key}:", " ".repeat(indent)));
        self.value(value, indent, if value.is_array() { self.dash } else { self.step });
    }

    /// A value behind its key or dash.
    fn value(&mut self, value: &Json, indent: usize, more: usize) {
        let flow = self.dice.one_in(4);
        match value {
            Json::Array(list) if !list.is_empty() && !flow => {
                self.end();
                for item in list {
                    self.between(indent + more);
                    self.item(item, indent + more);
                }
            }
            Json::Object(map) if !map.is_empty() && !flow => {
                self.end();
                for (key, value) in map {
                    self.between(indent + more);
                    self.entry(key, value, indent + more);
                }
            }
            Json::String(text) if text.ends_with('\n') && self.dice.one_in(2) => {
                self.out.push_str(" |");
                self.end();
                for line in text.lines() {
                    self.out.push_str(&format!("{}{line}\n", " ".repeat(indent + self.step)));
                }
            }
            Json::Null if self.dice.one_in(2) => self.end(),
            Json::Array(list) if !list.is_empty() && self.dice.one_in(3) => self.tall(list, indent + self.step),
            other => {
                let anchor = if self.dice.one_in(9) { "&x " } else { "" };
                let text = self.flow(other);
                self.out.push_str(&format!(" {anchor}{text}"));
                self.end();
            }
        }
    }

    /// A list in brackets with a line for each item.
    fn tall(&mut self, list: &[Json], indent: usize) {
        self.out.push_str(" [");
        self.end();
        for (index, item) in list.iter().enumerate() {
            self.between(indent);
            let text = self.flow(item);
            let comma = if index + 1 < list.len() || self.dice.one_in(2) { "," } else { "" };
            self.out.push_str(&format!("{}{text}{comma}", " ".repeat(indent)));
            self.end();
        }
        self.out.push_str(&format!("{}]", " ".repeat(indent)));
        self.end();
    }

    fn item(&mut self, item: &Json, indent: usize) {
        let wide = if self.dice.one_in(5) { "  " } else { "" };
        self.out.push_str(&format!("{}-{wide}", " ".repeat(indent)));
        let indent = indent + wide.len();
        match item {
            Json::Object(map) if !map.is_empty() && self.dice.one_in(2) => {
                let mut first = true;
                for (key, value) in map {
                    if first {
                        let key = self.scalar(&json!(key));
                        self.out.push_str(&format!(" {key}:"));
                        self.value(value, indent + 2, if value.is_array() { self.dash } else { self.step });
                    } else {
                        self.between(indent + 2);
                        self.entry(key, value, indent + 2);
                    }
                    first = false;
                }
            }
            other => {
                let text = self.flow(other);
                self.out.push_str(&format!(" {text}"));
                self.end();
            }
        }
    }

    fn flow(&mut self, value: &Json) -> String {
        match value {
            Json::Array(list) => {
                let items: Vec<String> = list.iter().map(|item| self.flow(item)).collect();
                let comma = if !items.is_empty() && self.dice.one_in(4) { "," } else { "" };
                format!("[{}{comma}]", items.join(", "))
            }
            Json::Object(map) => {
                let entry =
                    |(key, value): (&String, &Json)| format!("{}: {}", self.scalar(&json!(key)), self.flow(value));
                format!("{{{}}}", map.iter().map(entry).collect::<Vec<_>>().join(", "))
            }
            other => self.scalar(other),
        }
    }

    fn scalar(&mut self, value: &Json) -> String {
        let Some(text) = value.as_str() else { return value.to_string() };
        let tame = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '/'));
        let words = ["no", "on", "y", "n"];
        match self.dice.below(3) {
            0 | 1 if tame && !words.contains(&text) => text.to_owned(),
            1 if !text.contains(['\n', '\t']) => format!("'{}'", text.replace('\'', "''")),
            _ => value.to_string(),
        }
    }
}
