//! Takes secrets out of everything that leaves the collector. Lines stay where they were.

mod lexical;
mod names;
mod shell;

use seaworthy_model::Text;
use seaworthy_yaml::{Document, Node, Value};

/// What stands in a secret's place.
const MARK: &str = "REDACTED";

/// A document's text without its secrets, and the document as it was read; or what is wrong with it, and in which line (0 if none is
/// known). A text that cannot be understood is withheld: nobody knows where its secrets are.
pub(crate) fn document(text: &str) -> Result<(Text, Document), (String, u32)> {
    let document = seaworthy_yaml::parse(text).map_err(|error| {
        let line = error.place().map_or(0, |(line, _)| line);
        (value(&error.to_string()), line)
    })?;
    let mut spans = Vec::new();
    collect(text, &document.root, Context::default(), &mut spans);
    let mut redactions = 0;
    let first = first_document(text, document.root.span.end);
    let mut plain = replace(&text[..first], spans, &mut redactions);
    // Kubernetes reads the first document only, and so do we; of others only the lines are kept.
    for line in text[first..].split_inclusive('\n') {
        if !line.trim().is_empty() {
            plain.push_str("# ");
            plain.push_str(MARK);
            redactions += 1;
        }
        if line.ends_with('\n') {
            plain.push('\n');
        }
    }
    let plain = lexical::redact(&plain, true, &mut redactions);
    Ok((Text { text: plain, redactions }, document))
}

/// A single value, or a line of text, without passwords in addresses, tokens and keys: what tells a secret by its own form. One that only
/// the name before it tells stays.
pub fn value(text: &str) -> String {
    lexical::redact(text, false, &mut 0)
}

/// Arguments without the values of flags that carry passwords or tokens.
pub(crate) fn arguments(arguments: Vec<String>) -> Vec<String> {
    let mut secret = false;
    arguments
        .into_iter()
        .map(|argument| {
            // A flag takes the next word whatever it looks like.
            if std::mem::take(&mut secret) {
                return if argument.is_empty() { argument } else { MARK.to_owned() };
            }
            match argument.strip_prefix('-').map(|flag| (flag, flag.split_once('='))) {
                Some((_, Some((name, text)))) if names::secret_flag(name) => {
                    return if names::switch(text) { argument } else { format!("-{name}={MARK}") };
                }
                Some((flag, None)) => secret = names::secret_flag(flag),
                _ => {}
            }
            // A whole command line in one argument, for a shell.
            let spans = shell::secrets(&argument);
            if spans.is_empty() {
                return value(&argument);
            }
            value(&replace(&argument, spans, &mut 0))
        })
        .collect()
}

/// Where in the document a node is.
#[derive(Clone, Copy, Default)]
struct Context {
    /// It is the value of a key that names a secret.
    secret: bool,
    /// It is below the command that a kubeconfig runs for credentials.
    exec: bool,
    /// It is below a map of headers, any of which may be a credential.
    headers: bool,
}

/// The places of all secret values.
fn collect(text: &str, node: &Node, cx: Context, spans: &mut Vec<(usize, usize)>) {
    match &node.value {
        Value::Map(map) => {
            let named = map.get("name").and_then(Node::as_str).is_some_and(names::secret_variable);
            for entry in map {
                let of_pair = entry.key == "value" && (named || (cx.exec && map.get("name").is_some()));
                let headers = cx.headers || names::secret_headers(&entry.key);
                let secret = of_pair || headers || names::secret_key(&entry.key);
                let exec = (cx.exec && entry.key != "cluster") || entry.key == "exec";
                collect(text, &entry.value, Context { secret, exec, headers }, spans);
            }
        }
        Value::List(list) => {
            let mut secret = false;
            for node in list {
                let flag = node.as_str().unwrap_or_default();
                let after = std::mem::take(&mut secret);
                secret = !after && flag.starts_with('-') && !flag.contains('=') && names::secret_flag(flag);
                collect(text, node, Context { secret: cx.secret || after, ..cx }, spans);
            }
        }
        Value::Null | Value::Bool(_) => {}
        Value::Text(value) if value.is_empty() => {}
        Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Text(_) => {
            let (start, end) = (node.span.start, node.span.end);
            if cx.secret && end > start {
                spans.push((start, end));
            } else if let Some(line) = text.get(start..end) {
                spans.extend(shell::secrets(line).into_iter().map(|(a, b)| (start + a, start + b)));
            }
        }
    }
}

/// Where the first document's own text ends: at the next line that begins another one.
fn first_document(text: &str, after: usize) -> usize {
    let mut start = text.floor_char_boundary(after);
    // The rest of the line that the root ends in is the document's.
    while let Some(end) = text[start..].find('\n') {
        start += end + 1;
        if text[start..].starts_with("---") || text[start..].starts_with("...") {
            return start;
        }
    }
    text.len()
}

/// The text with these places replaced, line by line.
fn replace(text: &str, mut spans: Vec<(usize, usize)>, redactions: &mut u32) -> String {
    spans.sort_unstable();
    spans.dedup();
    let mut plain = String::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in spans {
        let (start, end) = (text.floor_char_boundary(start), text.ceil_char_boundary(end));
        // Places that lie in one another come from aliases.
        let start = start.max(done);
        if start >= end {
            continue;
        }
        plain.push_str(&text[done..start]);
        let secret = &text[start..end];
        if secret.starts_with('"') && !secret.contains('\n') {
            plain.push('"');
            plain.push_str(MARK);
            plain.push('"');
        } else {
            for line in secret.split_inclusive('\n') {
                plain.push_str(&line[..line.len() - line.trim_start().len()]);
                if !line.trim().is_empty() {
                    plain.push_str(MARK);
                    plain.push_str(&line[line.trim_end().len()..]);
                }
            }
        }
        *redactions += 1;
        done = end;
    }
    plain.push_str(&text[done..]);
    plain
}

#[cfg(test)]
mod tests;
