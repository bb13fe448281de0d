//! Maps, and what `<<` brings into them.

use std::collections::HashMap;

use crate::build::Decoder;
use crate::map::Entry;
use crate::raw::Kind;
use crate::{Error, Node, Span};

/// From this many keys on they are looked up by hash: below, comparing is quicker, above, it would be quadratic.
const HASHED: usize = 16;

#[derive(Default)]
pub(crate) struct Builder {
    pub(crate) entries: Vec<Entry>,
    index: HashMap<String, usize>,
}

impl Builder {
    /// Sets a key; gives the entry that this replaces.
    fn set(&mut self, key: String, key_span: Span, value: Node) -> Option<Entry> {
        let found = if self.entries.len() < HASHED {
            self.entries.iter().position(|entry| entry.key == key)
        } else {
            if self.index.is_empty() {
                self.index = self.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
            }
            self.index.get(&key).copied()
        };
        if let Some(entry) = found.and_then(|at| self.entries.get_mut(at)) {
            return Some(std::mem::replace(entry, Entry { key, key_span, value }));
        }
        if self.entries.len() >= HASHED {
            self.index.insert(key.clone(), self.entries.len());
        }
        self.entries.push(Entry { key, key_span, value });
        None
    }
}

impl Decoder<'_, '_> {
    /// Decodes the map at `index` into `builder`, which a merge has others decode into as well. Everything is set
    /// in the order in which it stands, so that a merge overrides the keys before it: so does yaml.v2.
    pub(crate) fn fill(&mut self, index: usize, depth: usize, builder: &mut Builder) -> Result<(), Error> {
        if let Some(raw) = self.raw(index) {
            self.deeper(depth, raw.span)?;
        }
        let mut children = self.children(index);
        while let (Some(key), Some(value)) = (children.next(), children.next()) {
            if self.is_merge(key) {
                self.merge(value, depth, builder)?;
                continue;
            }
            let (key, key_span) = self.key(key, depth + 1)?;
            let node = self.node(value, depth + 1)?;
            if let Some(lost) = builder.set(key, key_span, node) {
                self.duplicate(lost.key, lost.key_span, key_span);
            }
        }
        Ok(())
    }

    fn merge(&mut self, index: usize, depth: usize, builder: &mut Builder) -> Result<(), Error> {
        let Some(raw) = self.raw(index) else { return Ok(()) };
        if !matches!(raw.kind, Kind::List { .. }) {
            return self.merge_one(index, depth, builder);
        }
        // The first map of a list takes precedence, so it is set last.
        let mut maps: Vec<usize> = self.children(index).collect();
        while let Some(map) = maps.pop() {
            self.merge_one(map, depth, builder)?;
        }
        Ok(())
    }

    fn merge_one(&mut self, index: usize, depth: usize, builder: &mut Builder) -> Result<(), Error> {
        let Some(raw) = self.raw(index) else { return Ok(()) };
        self.count(raw.span)?;
        match raw.kind {
            Kind::Map { .. } => self.fill(index, depth + 1, builder),
            Kind::Alias { target } if self.raw(target).is_some_and(|raw| matches!(raw.kind, Kind::Map { .. })) => self
                .through(target, raw.span, |decoder| {
                    decoder.count(raw.span)?;
                    decoder.fill(target, depth + 1, builder)
                }),
            _ => Err(Error::syntax(raw.span, "map merge requires map or sequence of maps as the value")),
        }
    }
}
