//! Parts into batches: as many together as a file of the spool holds, or a receiver takes.

use crate::outgoing::Outgoing;
use crate::sink::{Batch, Limits, Part, Sink};

/// Puts parts together into batches of up to `limits` and hands each out.
pub(crate) fn each_batch(
    sink: &dyn Sink,
    limits: Limits,
    outgoing: &Outgoing<'_>,
    out: &mut dyn FnMut(Batch) -> Result<(), String>,
) -> Result<(), String> {
    let mut batches = Batches::new(limits);
    sink.parts(outgoing, &mut |part| batches.add(part).map_or(Ok(()), &mut *out))?;
    batches.rest().map_or(Ok(()), out)
}

/// Parts on their way into batches.
pub(crate) struct Batches {
    limits: Limits,
    parts: Vec<Part>,
    bytes: usize,
}

impl Batches {
    pub(crate) fn new(limits: Limits) -> Batches {
        Batches { limits, parts: Vec::new(), bytes: 0 }
    }

    /// Takes a part; gives the batch that is full without it.
    pub(crate) fn add(&mut self, part: Part) -> Option<Batch> {
        let size = part.body.len();
        let full = self.parts.len() >= self.limits.count || self.bytes.saturating_add(size) > self.limits.bytes;
        let batch = if full { self.rest() } else { None };
        self.bytes = self.bytes.saturating_add(size);
        self.parts.push(part);
        batch
    }

    /// What is in no batch yet.
    pub(crate) fn rest(&mut self) -> Option<Batch> {
        self.bytes = 0;
        let parts = std::mem::take(&mut self.parts);
        (!parts.is_empty()).then_some(Batch { parts })
    }
}
