//! What every kind of sink has in common: it makes parts out of a report, and hands batches of parts over.

use serde::{Deserialize, Serialize};

use crate::outgoing::Outgoing;

/// The smallest thing that a receiver accepts or refuses: an event, a finding, a whole report. Holds no secret: it is kept on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The event's stable name: see [`Outgoing::event_id`].
    pub id: String,
    /// What is sent, in the sink's own form.
    pub body: String,
}

/// Parts that are handed over together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// At least one.
    pub parts: Vec<Part>,
}

impl Batch {
    /// A name of the batch: that of its content, 32 hexadecimal digits.
    pub fn id(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut digest = Sha256::new();
        self.parts.iter().for_each(|part| digest.update(part.id.as_bytes()));
        data_encoding::HEXLOWER.encode(&digest.finalize()[..16])
    }

    /// All bodies, one after the other.
    pub fn joined(&self, between: &str) -> String {
        self.parts.iter().map(|part| part.body.as_str()).collect::<Vec<_>>().join(between)
    }
}

/// How large a batch may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// At most so many parts.
    pub count: usize,
    /// At most so many bytes of bodies, unless one part alone has more.
    pub bytes: usize,
}

impl Limits {
    /// One part each.
    pub const ONE: Limits = Limits { count: 1, bytes: usize::MAX };
}

/// What became of a batch that arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    /// What the receiver said, for `send --test`: its status and the beginning of its answer.
    pub answer: String,
    /// Parts, by their place in the batch, that the receiver will never accept, and why.
    pub refused: Vec<(usize, String)>,
    /// Parts, by their place, to be sent again later, and why.
    pub again: Vec<(usize, String)>,
}

/// Why a batch did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It may arrive later: the receiver is away, busy or broken. With how long it asks to be left alone.
    Later {
        /// What happened.
        why: String,
        /// `Retry-After`.
        after: Option<std::time::Duration>,
    },
    /// It cannot arrive before somebody changes something: a certificate, a token, an address. It is kept.
    Blocked {
        /// What happened.
        why: String,
    },
    /// It is too large: half of it may arrive.
    TooLarge {
        /// What the receiver said.
        why: String,
    },
    /// The receiver understood and will never accept it.
    Refused {
        /// What the receiver said.
        why: String,
    },
}

impl Trouble {
    /// What happened.
    pub fn why(&self) -> &str {
        match self {
            Trouble::Later { why, .. }
            | Trouble::Blocked { why }
            | Trouble::TooLarge { why }
            | Trouble::Refused { why } => why,
        }
    }
}

/// What stays in the spool when a receiver is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All.
    All,
    /// Only the newest report: an older state of the same numbers is of no use.
    Newest,
}

/// A sink: one receiver, in its own form.
pub trait Sink: Send + Sync {
    /// Makes the parts, in order, and gives each to `out`; returns early when `out` says that it takes no more.
    ///
    /// # Errors
    /// Those of `out`.
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String>;

    /// How large a batch may be.
    fn limits(&self) -> Limits;

    /// What stays in the spool.
    fn keep(&self) -> Keep {
        Keep::All
    }

    /// Hands a batch over and reads the answer.
    ///
    /// # Errors
    /// Why it did not arrive.
    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble>;
}
