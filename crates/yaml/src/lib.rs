//! YAML and JSON as Kubernetes' own parsers read them (sigs.k8s.io/yaml over Go's yaml.v2), with the place of
//! every value.
//!
//! Reading goes in three steps: `raw` turns parser events into a flat tree, `strict` refuses what YAML 1.2
//! allows and yaml.v2 does not, and `build` expands aliases and merges and gives every scalar its Go type.
//!
//! A text whose first character is `{` is taken for JSON, as Kubernetes does: there the JSON escapes that
//! yaml.v2 refuses (`\/` and surrogate pairs) are allowed.

mod base64;
mod build;
mod convert;
mod error;
#[doc(hidden)]
pub mod fuzz;
mod json;
mod map;
mod merge;
mod node;
mod number;
mod raw;
mod scalar;
mod strict;
mod timestamp;

pub use error::Error;
pub use map::{Entry, Map};
pub use node::{Node, Value};

/// How much of a hostile text is read before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in the text.
    pub bytes: usize,
    /// Lists and maps inside one another. More than [`Limits::MAX_DEPTH`] counts as that many.
    pub depth: usize,
    /// Values, keys included, with aliases expanded.
    pub nodes: usize,
}

impl Limits {
    /// Reading, dropping and printing a tree are recursive, so depth is bounded whatever the caller asks for.
    pub const MAX_DEPTH: usize = 250;
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 4 << 20, depth: 100, nodes: 200_000 }
    }
}

/// Where something stands in the text given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Span {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// A key that was set twice in one map. Lenient decoding takes the last, strict decoding refuses the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The key.
    pub key: String,
    /// The key that lost.
    pub first: Span,
    /// The key that won: set later, which for a list of merged maps means nearer its start.
    pub second: Span,
}

/// The first document of a text.
#[derive(Clone, Debug)]
pub struct Document {
    /// The whole value; null for an empty text.
    pub root: Node,
    /// Keys set twice, whatever set them: Go's strict decoding also refuses a key that `<<` and the map both set.
    pub duplicates: Vec<Duplicate>,
}

/// Reads the first document of `text` within the default [`Limits`].
///
/// # Errors
/// When Kubernetes' parser would refuse the text, or a limit is passed: see [`Error`].
pub fn parse(text: &str) -> Result<Document, Error> {
    parse_with(text, Limits::default())
}

/// Reads the first document of `text` within `limits`.
///
/// # Errors
/// When Kubernetes' parser would refuse the text, or a limit is passed: see [`Error`].
pub fn parse_with(text: &str, limits: Limits) -> Result<Document, Error> {
    if text.len() > limits.bytes {
        return Err(Error::TooLarge { bytes: text.len(), limit: limits.bytes });
    }
    let limits = Limits { depth: limits.depth.min(Limits::MAX_DEPTH), ..limits };
    let json = strict::is_json(text);
    let tree = raw::read(text, limits)?;
    strict::check(text, json, &tree)?;
    build::build(text, &tree, limits)
}
