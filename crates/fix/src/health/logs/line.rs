//! Lines of container logs: as the Container Runtime Interface writes them, as Docker does, or anything.

use serde::Deserialize;

use super::mask::safe;

/// A line that a container wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, as the runtime wrote it; empty if it did not.
    pub time: String,
    /// The text, safe to show: without control characters and secrets.
    pub text: String,
}

/// A line or a part of one, before it is joined.
struct Part {
    time: String,
    stream: &'static str,
    text: String,
    last: bool,
}

#[derive(Deserialize)]
struct Docker {
    log: String,
    #[serde(default)]
    stream: String,
    #[serde(default)]
    time: String,
}

/// The last `limit` lines of `bytes`, and whether there are older ones. `whole`: `bytes` begin at the file's beginning.
pub(super) fn lines(bytes: &[u8], whole: bool, limit: usize) -> (Vec<Line>, bool) {
    // What begins in the middle of a line is not shown: without its beginning nobody knows what is secret in it.
    let bytes = match bytes.iter().position(|byte| *byte == b'\n') {
        _ if whole => bytes,
        Some(newline) => &bytes[newline + 1..],
        None => &[],
    };
    let mut open: Vec<Part> = Vec::new();
    let mut found: Vec<Line> = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let part = part(&String::from_utf8_lossy(line));
        let last = part.last;
        let joined = match open.iter().position(|old| old.stream == part.stream) {
            None => part,
            Some(place) => {
                let mut old = open.swap_remove(place);
                old.text.push_str(&part.text);
                old
            }
        };
        if last { found.push(finished(joined)) } else { open.push(joined) }
    }
    // A line that the program died in the middle of is often the one that tells why.
    found.extend(open.into_iter().map(finished));
    let older = found.len().saturating_sub(limit);
    found.drain(..older);
    (found, older > 0 || !whole)
}

fn finished(part: Part) -> Line {
    let text = part.text.strip_suffix('\r').unwrap_or(&part.text);
    Line { time: safe(&part.time), text: safe(text) }
}

fn part(line: &str) -> Part {
    cri(line).or_else(|| docker(line)).unwrap_or_else(|| Part {
        time: String::new(),
        stream: "",
        text: line.to_owned(),
        last: true,
    })
}

/// `2026-11-25T10:42:04.9Z stderr F text`. Further tags may follow the first, after a colon.
fn cri(line: &str) -> Option<Part> {
    let (time, rest) = line.split_once(' ')?;
    let (stream, rest) = rest.split_once(' ')?;
    // An empty line has no blank after its tag in some runtimes.
    let (tags, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let stream = stream_name(stream)?;
    let last = match tags.split(':').next()? {
        "F" => true,
        "P" => false,
        _ => return None,
    };
    let dated = time.len() < 64 && time.starts_with(|c: char| c.is_ascii_digit()) && time.contains('T');
    dated.then(|| Part { time: time.to_owned(), stream, text: text.to_owned(), last })
}

/// `{"log":"text\n","stream":"stderr","time":"…"}`. A line without its end goes on in the next one.
fn docker(line: &str) -> Option<Part> {
    if !line.starts_with('{') {
        return None;
    }
    let docker: Docker = serde_json::from_str(line).ok()?;
    let stream = stream_name(&docker.stream)?;
    let last = docker.log.ends_with('\n');
    let text = docker.log.strip_suffix('\n').unwrap_or(&docker.log).to_owned();
    let time = docker.time.chars().take(64).collect();
    Some(Part { time, stream, text, last })
}

fn stream_name(name: &str) -> Option<&'static str> {
    match name {
        "stdout" => Some("stdout"),
        "stderr" => Some("stderr"),
        _ => None,
    }
}
