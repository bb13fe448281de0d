//! The tree with aliases and merges expanded and scalars typed, in the order in which yaml.v2 decodes.

use granit_parser::ScalarStyle;

use crate::convert;
use crate::map::Map;
use crate::merge::Builder;
use crate::raw::{Kind, Raw, Tree};
use crate::scalar::{self, Tag};
use crate::{Document, Duplicate, Error, Limits, Node, Span, Value};

/// Decodes the whole tree; a text without a value is null.
pub(crate) fn build(text: &str, tree: &Tree<'_>, limits: Limits) -> Result<Document, Error> {
    let mut decoder = Decoder {
        text,
        nodes: &tree.nodes,
        limits,
        aliases: Vec::new(),
        decoded: 0,
        by_alias: 0,
        duplicates: Vec::new(),
    };
    let root = if tree.nodes.is_empty() {
        Node { value: Value::Null, span: Span { line: 1, column: 1, start: 0, end: 0 }, raw: Some(String::new()) }
    } else {
        decoder.node(0, 0)?
    };
    Ok(Document { root, duplicates: decoder.duplicates })
}

pub(crate) struct Decoder<'t, 'a> {
    text: &'a str,
    pub(crate) nodes: &'t [Raw<'a>],
    limits: Limits,
    /// The targets of the aliases being expanded.
    aliases: Vec<usize>,
    decoded: usize,
    by_alias: usize,
    duplicates: Vec<Duplicate>,
}

impl<'t, 'a> Decoder<'t, 'a> {
    pub(crate) fn raw(&self, index: usize) -> Option<&'t Raw<'a>> {
        self.nodes.get(index)
    }

    /// The children of the collection at `index`.
    pub(crate) fn children(&self, index: usize) -> impl Iterator<Item = usize> + use<'t, 'a> {
        let nodes = self.nodes;
        let end = nodes.get(index).map_or(0, |raw| raw.next);
        let following = move |&at: &usize| nodes.get(at).map(|raw| raw.next).filter(|&next| next < end);
        std::iter::successors((index + 1 < end).then_some(index + 1), following)
    }

    pub(crate) fn node(&mut self, index: usize, depth: usize) -> Result<Node, Error> {
        let Some(raw) = self.raw(index) else { return Err(Error::syntax(Span::default(), "a value is missing")) };
        self.count(raw.span)?;
        let value = match &raw.kind {
            Kind::Scalar { text, style, tag } => {
                let value = typed(text, *style, *tag, raw.span)?;
                return Ok(Node { value, span: raw.span, raw: Some(text.to_string()) });
            }
            Kind::Alias { target } => {
                return self.through(*target, raw.span, |decoder| decoder.node(*target, depth));
            }
            Kind::List { .. } => {
                self.deeper(depth, raw.span)?;
                Value::List(self.children(index).map(|child| self.node(child, depth + 1)).collect::<Result<_, _>>()?)
            }
            Kind::Map { .. } => {
                let mut builder = Builder::default();
                self.fill(index, depth, &mut builder)?;
                Value::Map(Map { entries: builder.entries })
            }
        };
        Ok(Node { value, span: raw.span, raw: None })
    }

    /// The key at `index` as the text that JSON has for it.
    pub(crate) fn key(&mut self, index: usize, depth: usize) -> Result<(String, Span), Error> {
        let (value, span) = match self.raw(index) {
            // Nearly every key: it needs no node.
            Some(Raw { kind: Kind::Scalar { text, style, tag }, span, .. }) => {
                self.count(*span)?;
                (typed(text, *style, *tag, *span)?, *span)
            }
            _ => {
                let node = self.node(index, depth)?;
                (node.value, node.span)
            }
        };
        if matches!(value, Value::List(_) | Value::Map(_)) {
            return Err(Error::syntax(span, "invalid map key: a list or map"));
        }
        let kind = if value == Value::Null { "null" } else { "a number above the signed 64 bit range" };
        let key = convert::key(value);
        key.map(|key| (key, span)).ok_or_else(|| Error::unsupported(span, format!("unsupported map key: {kind}")))
    }

    /// Runs `decode` inside an alias to `target`.
    pub(crate) fn through<T>(
        &mut self,
        target: usize,
        at: Span,
        decode: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.aliases.contains(&target) {
            let name = self.text.get(at.start..at.end).unwrap_or_default().trim_start_matches('*');
            return Err(Error::syntax(at, format!("anchor '{name}' value contains itself")));
        }
        self.aliases.push(target);
        let result = decode(self);
        self.aliases.pop();
        result
    }

    pub(crate) fn deeper(&self, depth: usize, at: Span) -> Result<(), Error> {
        if depth >= self.limits.depth { Err(Error::too_deep(at, self.limits.depth)) } else { Ok(()) }
    }

    /// Counts one decoded value, against the limit and against yaml.v2's own measure of excessive aliasing.
    pub(crate) fn count(&mut self, at: Span) -> Result<(), Error> {
        self.decoded += 1;
        self.by_alias += usize::from(!self.aliases.is_empty());
        let excessive = self.by_alias > 100 && self.decoded > 1000 && self.by_alias * 100 > self.decoded * 99;
        if excessive || self.decoded > self.limits.nodes {
            return Err(Error::too_many(at, self.limits.nodes));
        }
        Ok(())
    }

    pub(crate) fn duplicate(&mut self, key: String, first: Span, second: Span) {
        // A map that several aliases name is decoded each time, but its keys were written once.
        let seen = self.duplicates.last().is_some_and(|last| last.first == first && last.second == second);
        if !seen {
            self.duplicates.push(Duplicate { key, first, second });
        }
    }

    pub(crate) fn is_merge(&self, index: usize) -> bool {
        self.raw(index).is_some_and(|raw| match &raw.kind {
            Kind::Scalar { text, style, tag } => {
                let untyped = *tag == Tag::Bare || *tag == Tag::Merge;
                text == "<<" && (untyped || *tag == Tag::None && *style == ScalarStyle::Plain)
            }
            _ => false,
        })
    }
}

fn typed(text: &str, style: ScalarStyle, tag: Tag, at: Span) -> Result<Value, Error> {
    scalar::value(text, style == ScalarStyle::Plain, tag).map_err(|message| Error::syntax(at, message))
}
