//! Parser events as a flat tree in source order: aliases are still aliases and scalars still text.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, StructureStyle};

use crate::scalar::Tag;
use crate::{Error, Limits, Span};

pub(crate) enum Kind<'a> {
    Scalar { text: Cow<'a, str>, style: ScalarStyle, tag: Tag },
    List { flow: bool },
    Map { flow: bool },
    Alias { target: usize },
}

pub(crate) struct Raw<'a> {
    pub(crate) kind: Kind<'a>,
    pub(crate) span: Span,
    /// The index after this value and everything in it; a child begins at its parent's index + 1.
    pub(crate) next: usize,
}

pub(crate) struct Tree<'a> {
    pub(crate) nodes: Vec<Raw<'a>>,
    /// Where the document ends: what follows is not looked at.
    pub(crate) end: usize,
}

/// Reads the events of the first document.
pub(crate) fn read(text: &str, limits: Limits) -> Result<Tree<'_>, Error> {
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: limits.depth + 1,
        block_nesting_limit: limits.depth + 1,
    };
    let mut reader = Reader { text, limits, nodes: Vec::new(), open: Vec::new(), last: 0, anchors: HashMap::new() };
    let mut end = text.len();
    let mut parser = Parser::new_from_str_with_options(text, options);
    while let Some(event) = parser.next() {
        let (event, at) = event.map_err(|error| reader.refusal(&error))?;
        if matches!(event, Event::DocumentEnd) {
            // Blank lines and comments up to whatever follows still belong to this document.
            end = match parser.next() {
                Some(Ok((Event::DocumentStart(..), at))) => offset(&at.start),
                Some(Err(error)) => offset(error.marker()),
                _ => text.len(),
            };
            break;
        }
        reader.take(event, at)?;
    }
    Ok(Tree { nodes: reader.nodes, end })
}

struct Reader<'a> {
    text: &'a str,
    limits: Limits,
    nodes: Vec<Raw<'a>>,
    open: Vec<usize>,
    /// Where the last value so far ends.
    last: usize,
    anchors: HashMap<usize, usize>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, event: Event<'a>, at: granit_parser::Span) -> Result<(), Error> {
        let span = self.span(&at);
        match event {
            Event::DocumentStart(_, Some(version)) if (version.major, version.minor) != (1, 1) => {
                Err(Error::syntax(span, "found incompatible YAML document"))
            }
            Event::Scalar(text, style, anchor, tag) => {
                // An absent value comes as "~": only the empty place in the text tells it from a written one.
                let text = if span.start == span.end && style == ScalarStyle::Plain { Cow::Borrowed("") } else { text };
                let tag = tag.as_deref().map_or(Tag::None, Tag::of);
                self.push(Kind::Scalar { text, style, tag }, span, anchor)
            }
            Event::SequenceStart(style, anchor, _) => {
                self.start(Kind::List { flow: style == StructureStyle::Flow }, span, anchor)
            }
            Event::MappingStart(style, anchor, _) => {
                self.start(Kind::Map { flow: style == StructureStyle::Flow }, span, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.finish(span);
                Ok(())
            }
            // yaml.v2 ends a name at the first other character, and so reads something else.
            Event::Anchor(_, name) if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') => {
                Err(Error::syntax(span, "did not find expected alphabetic or numeric character"))
            }
            Event::Alias(id) => match self.anchors.get(&id) {
                Some(&target) => self.push(Kind::Alias { target }, span, 0),
                None => Err(Error::syntax(span, "unknown anchor referenced")),
            },
            _ => Ok(()),
        }
    }

    fn push(&mut self, kind: Kind<'a>, span: Span, anchor: usize) -> Result<(), Error> {
        let index = self.nodes.len();
        if index >= self.limits.nodes {
            return Err(Error::too_many(span, self.limits.nodes));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, index);
        }
        self.last = span.end;
        self.nodes.push(Raw { kind, span, next: index + 1 });
        Ok(())
    }

    fn start(&mut self, kind: Kind<'a>, span: Span, anchor: usize) -> Result<(), Error> {
        if self.open.len() >= self.limits.depth {
            return Err(Error::too_deep(span, self.limits.depth));
        }
        self.open.push(self.nodes.len());
        self.push(kind, span, anchor)
    }

    /// A flow collection ends with its bracket, a block one with its last value: the parser notices the latter
    /// only at the next line with less indentation.
    fn finish(&mut self, span: Span) {
        let next = self.nodes.len();
        let Some(node) = self.open.pop().and_then(|index| self.nodes.get_mut(index)) else { return };
        node.next = next;
        if matches!(node.kind, Kind::List { flow: true } | Kind::Map { flow: true }) {
            self.last = span.end;
        }
        node.span.end = self.last.max(node.span.end);
    }

    fn span(&self, at: &granit_parser::Span) -> Span {
        let start = offset(&at.start).min(self.text.len());
        Span { end: offset(&at.end).clamp(start, self.text.len()), start, ..place(&at.start) }
    }

    fn refusal(&self, error: &ScanError) -> Error {
        let span = place(error.marker());
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => Error::too_deep(span, self.limits.depth),
            kind => Error::syntax(span, kind.to_string()),
        }
    }
}

fn offset(mark: &Marker) -> usize {
    mark.byte_offset().unwrap_or_default()
}

fn place(mark: &Marker) -> Span {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Span { line: number(mark.line().max(1)), column: number(mark.col() + 1), ..Span::default() }
}
