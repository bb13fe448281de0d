//! JSON values as YAML in block style, as people write manifests: a name first, comments above what they explain.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// How wide comments are.
const WIDTH: usize = 110;
/// The keys that stand before the others, in this order.
const FIRST: [&str; 17] = [
    "apiVersion",
    "kind",
    "name",
    "namespace",
    "image",
    "imagePullPolicy",
    "command",
    "args",
    "metadata",
    "apiGroups",
    "list",
    "macro",
    "rule",
    "desc",
    "condition",
    "fields",
    "exceptions",
];

/// A mapping or list as YAML. `comments` are by JSON pointer.
pub(crate) fn emit(value: &Value, comments: &BTreeMap<String, String>) -> String {
    let mut emitter = Emitter { comments, text: String::new() };
    match value {
        Value::Object(map) if !map.is_empty() => emitter.map(map, "", 0, false),
        Value::Array(list) if !list.is_empty() => emitter.list(list, "", 0),
        other => {
            let _ = writeln!(emitter.text, "{}", scalar(other));
        }
    }
    emitter.text
}

/// A text as comment lines; nothing for an empty one.
pub(crate) fn comment(text: &str, indent: usize) -> String {
    let mut out = String::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && indent + 3 + line.chars().count() + word.chars().count() > WIDTH {
                let _ = writeln!(out, "{:indent$}# {line}", "");
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        let _ = writeln!(out, "{}", format!("{:indent$}# {line}", "").trim_end());
    }
    out
}

struct Emitter<'c> {
    comments: &'c BTreeMap<String, String>,
    text: String,
}

impl Emitter<'_> {
    fn explain(&mut self, pointer: &str, indent: usize) {
        if let Some(text) = self.comments.get(pointer) {
            self.text.push_str(&comment(text, indent));
        }
    }

    /// `open`: the first line's indentation is already written, behind a dash.
    fn map(&mut self, map: &Map<String, Value>, pointer: &str, indent: usize, mut open: bool) {
        for (key, value) in sorted(map) {
            let below = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            if !std::mem::take(&mut open) {
                self.explain(&below, indent);
                let _ = write!(self.text, "{:indent$}", "");
            }
            let _ = write!(self.text, "{}:", plain_or_quoted(key));
            self.value(value, &below, indent, indent + 2);
        }
    }

    fn value(&mut self, value: &Value, pointer: &str, list_indent: usize, map_indent: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.text.push('\n');
                self.map(map, pointer, map_indent, false);
            }
            Value::Array(list) if list.iter().any(|entry| entry.is_object() || entry.is_array()) => {
                self.text.push('\n');
                self.list(list, pointer, list_indent);
            }
            Value::Array(list) if (0..list.len()).any(|i| self.comments.contains_key(&format!("{pointer}/{i}"))) => {
                self.text.push('\n');
                self.list(list, pointer, list_indent);
            }
            Value::Array(list) => {
                let words: Vec<String> = list.iter().map(scalar).collect();
                let flow = format!(" [{}]", words.join(", "));
                if flow.len() <= 100 {
                    let _ = writeln!(self.text, "{flow}");
                } else {
                    self.text.push('\n');
                    self.list(list, pointer, list_indent);
                }
            }
            Value::String(text) if fits_a_block(text) => {
                let _ = writeln!(self.text, " |");
                for line in text.lines() {
                    let _ = writeln!(self.text, "{}", format!("{:map_indent$}{line}", "").trim_end());
                }
            }
            other => {
                let _ = writeln!(self.text, " {}", scalar(other));
            }
        }
    }

    fn list(&mut self, list: &[Value], pointer: &str, indent: usize) {
        for (index, entry) in list.iter().enumerate() {
            let below = format!("{pointer}/{index}");
            self.explain(&below, indent);
            let _ = write!(self.text, "{:indent$}-", "");
            match entry {
                Value::Object(map) if !map.is_empty() => {
                    self.text.push(' ');
                    // A comment of the first key stands above the dash.
                    self.map(map, &below, indent + 2, true);
                }
                other => self.value(other, &below, indent + 2, indent + 2),
            }
        }
    }
}

fn sorted(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    let mut entries: Vec<(&String, &Value)> = map.iter().collect();
    entries.sort_by(|a, b| rank(a.0).cmp(&rank(b.0)).then_with(|| a.0.cmp(b.0)));
    entries
}

/// Whether a text of several lines reads the same from a block (`|`): a file inside an object, which people edit.
fn fits_a_block(text: &str) -> bool {
    let line = |line: &str| line.chars().all(|c| (' '..='~').contains(&c)) && !line.ends_with(' ');
    text.contains('\n')
        && text.ends_with('\n')
        && !text.ends_with("\n\n")
        && !text.starts_with([' ', '\n'])
        && text.lines().all(line)
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => plain_or_quoted(text),
        other => other.to_string(),
    }
}

/// A text without quotation marks where every YAML parser reads it as that text; else as JSON writes it, which YAML reads too.
fn plain_or_quoted(text: &str) -> String {
    let first = text.chars().next();
    let starts_well = first.is_some_and(|c| c.is_ascii_alphabetic() || c == '/');
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-_./:@=".contains(c);
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let reserved = words.contains(&text.to_ascii_lowercase().as_str());
    if starts_well && text.chars().all(harmless) && !text.ends_with(':') && !text.contains(":/ ") && !reserved {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// As JSON writes it, with everything beyond printable ASCII written out: YAML forbids more characters than JSON.
fn quoted(text: &str) -> String {
    let json = Value::String(text.to_owned()).to_string();
    json.chars().fold(String::new(), |mut out, c| {
        match u32::from(c) {
            0x20..=0x7e => out.push(c),
            code if code <= 0xffff => {
                let _ = write!(out, "\\u{code:04x}");
            }
            code => {
                let _ = write!(out, "\\U{code:08x}");
            }
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        let value = json!({
            "kind": "x", "metadata": {"name": "a", "labels": {"pod-security.kubernetes.io/enforce": "privileged"}},
            "odd": ["true", "1", "", "a: b", "- x", "~", "17 3 * * 0", "é\u{7f}\n\u{1f642}\u{85}\u{feff}", "no", "0x1", "a#b", "*"],
            "data": {"config.toml": "# a file\n[sink.a]\n\nurl = \"file:x\"\n", "b": " a\nb\n", "c": "a\n\n", "d": "a \nb\n"},
            "list": [{"name": "v", "deep": [[1, 2], []]}, "s", {}], "n": null, "f": 1.5, "t": true,
        });
        let comments = [("/list/0".to_owned(), "why".to_owned()), ("/odd/1".to_owned(), "two\nlines".to_owned())];
        let text = emit(&value, &comments.into());
        let parsed = seaworthy_yaml::parse(&text).unwrap();
        let read: Value = serde_json::from_str(&parsed.root.to_json()).unwrap();
        assert_eq!(read, value, "{text}");
        assert!(text.starts_with("kind: x\nmetadata:\n  name: a\n"), "{text}");
        assert!(text.contains("list:\n# why\n- name: v\n"), "{text}");
        assert!(text.contains("config.toml: |\n    # a file\n    [sink.a]\n\n    url = \"file:x\"\n"), "{text}");
        assert!(text.contains("# two\n# lines\n- \"1\"\n"), "{text}");
    }

    #[test]
    fn long_comments_are_wrapped() {
        let text = comment(&"word ".repeat(60), 4);
        assert!(text.lines().count() > 2 && text.lines().all(|l| l.starts_with("    # word") && l.len() <= WIDTH));
    }
}
