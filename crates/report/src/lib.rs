//! Reports: one module for each format, each a pure function from a [`Report`](seaworthy_model::Report) to text.
//!
//! Nothing here judges, counts anew or leaves a finding out: what a format cannot show in full it says in a word. Everything that comes
//! from a node or a cluster is taken for hostile text, see `hostile.rs`.

pub mod changes;
pub mod cyclonedx;
pub mod format;
mod hostile;
pub mod html;
pub mod identity;
pub mod json;
pub mod junit;
pub mod ndjson;
pub mod openreports;
mod outline;
pub mod policyreport;
pub mod prometheus;
mod several;
pub mod text;
mod words;

/// The same for a text of several lines: its own line breaks stay.
pub fn clean_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| hostile::clean(line).into_owned()).collect();
    lines.join("\n")
}

/// A text from elsewhere with its hostile characters written out, so that it can neither steer a terminal nor begin a line.
pub fn clean(text: &str) -> std::borrow::Cow<'_, str> {
    hostile::clean(text)
}
