//! From a report to receivers: batches are made, kept in the spool, sent, tried again, and in the end told of. Every sink has a thread
//! of its own: one that is slow or away does not hold up the others.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::batches::{Batches, each_batch};
use crate::outgoing::Outgoing;
use crate::sink::{Batch, Delivered, Keep, Limits, Part, Sink, Trouble};
use crate::spool::{Dropped, Spool, SpoolError};
pub use crate::tries::Patience;
use crate::tries::Tries;

/// A sink that is ready to be sent to.
pub struct Prepared {
    /// Its name in the configuration, or its URL without secrets.
    pub name: String,
    /// Where it points, without secrets.
    pub shown: String,
    /// The folder of its spool; none without a state directory.
    pub spool: Option<PathBuf>,
    /// How many bytes the spool may have.
    pub spool_bytes: u64,
    /// At most so many parts and bytes a batch, where less than the sink's own limits is wanted.
    pub limits: Option<Limits>,
    /// The sink itself.
    pub sink: Box<dyn Sink>,
}

impl Prepared {
    /// Whether its spool holds anything. One that cannot be looked into is taken to.
    pub fn anything_waits(&self) -> bool {
        let Some(folder) = &self.spool else { return false };
        match std::fs::read_dir(folder) {
            Ok(entries) => entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(".json")),
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        }
    }

    fn limits(&self) -> Limits {
        let own = self.sink.limits();
        let asked = self.limits.unwrap_or(own);
        Limits { count: own.count.min(asked.count).max(1), bytes: own.bytes.min(asked.bytes).max(1) }
    }
}

/// What became of one sink in this run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The sink's name.
    pub name: String,
    /// Events that arrived, older ones of the spool included.
    pub sent: u64,
    /// Events that the receiver will never accept.
    pub refused: u64,
    /// Why, of the first few.
    pub reasons: Vec<String>,
    /// Events that wait in the spool, and their bytes.
    pub left: u64,
    /// Their bytes on disk.
    pub left_bytes: u64,
    /// Events that are lost: there is no spool for them.
    pub lost: u64,
    /// What the spool gave up since it was last told.
    pub dropped: Dropped,
    /// Why it stopped.
    pub trouble: Option<String>,
    /// What the receiver said last.
    pub answer: Option<String>,
}

impl Outcome {
    /// Whether everything arrived.
    pub fn is_complete(&self) -> bool {
        self.refused == 0
            && self.left == 0
            && self.lost == 0
            && self.dropped == Dropped::default()
            && self.trouble.is_none()
    }

    fn refuse(&mut self, count: u64, why: &str) {
        self.refused += count;
        if self.reasons.len() < 3 && !self.reasons.iter().any(|reason| reason == why) {
            self.reasons.push(why.to_owned());
        }
    }
}

/// How much one file of the spool holds: enough that 10,000 events are a few dozen files, each on disk before anything is sent.
const STORED: Limits = Limits { count: 1000, bytes: 1 << 20 };

/// How often in a run a batch is halved that the receiver refuses: enough to find three parts among a thousand.
const HALVINGS: u32 = 32;

/// Puts what goes out into the spools. When this returns, a crash loses none of it. A sink without a spool is left for [`deliver`].
///
/// # Errors
/// The first spool that cannot be written, with the sink's name. The others hold theirs.
pub fn keep(sinks: &[(&Prepared, Outgoing<'_>)]) -> Result<(), String> {
    let mut wrong = Vec::new();
    for (prepared, outgoing) in sinks {
        if let Some(folder) = &prepared.spool
            && let Err(error) = keep_one(prepared, folder, outgoing)
        {
            wrong.push(format!("{}: {error}", prepared.name));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

fn keep_one(prepared: &Prepared, folder: &Path, outgoing: &Outgoing<'_>) -> Result<(), String> {
    let mut spool = patiently(folder, prepared.spool_bytes)?;
    let before = spool.len();
    each_batch(&*prepared.sink, STORED, outgoing, &mut |batch| spool.push(&batch).map_err(|error| error.to_string()))?;
    if prepared.sink.keep() == Keep::Newest && spool.len() > before {
        let new = spool.len() - before;
        spool.keep_newest(new).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Opens a spool that another process may be sending from: it is waited for, as it will not take long.
fn patiently(folder: &Path, most: u64) -> Result<Spool, String> {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        match Spool::open(folder, most) {
            Err(SpoolError::Busy(_)) if Instant::now() < end => std::thread::sleep(Duration::from_millis(200)),
            other => return other.map_err(|error| error.to_string()),
        }
    }
}

/// Sends to all sinks at once what is in their spools and, to those without one, what goes out now. In the order of `sinks`.
pub fn deliver(sinks: &[(&Prepared, Option<Outgoing<'_>>)], patience: Patience) -> Vec<Outcome> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = sinks
            .iter()
            .map(|(prepared, outgoing)| {
                let outgoing = outgoing.as_ref();
                (prepared, scope.spawn(move || one(prepared, outgoing, patience)))
            })
            .collect();
        threads
            .into_iter()
            .map(|(prepared, thread)| {
                thread.join().unwrap_or_else(|_| Outcome {
                    name: prepared.name.clone(),
                    trouble: Some("sending to it ended in a fault of this program".to_owned()),
                    ..Outcome::default()
                })
            })
            .collect()
    })
}

fn one(prepared: &Prepared, outgoing: Option<&Outgoing<'_>>, patience: Patience) -> Outcome {
    let mut outcome = Outcome { name: prepared.name.clone(), ..Outcome::default() };
    let mut tries = Tries::new(patience);
    match (&prepared.spool, outgoing) {
        (Some(folder), _) => match patiently(folder, prepared.spool_bytes) {
            Ok(mut spool) => {
                if let Err(error) = drain(prepared, &mut spool, &mut tries, &mut outcome) {
                    outcome.trouble = Some(error.to_string());
                }
                (outcome.left, outcome.left_bytes) = spool.events();
                outcome.dropped = spool.dropped();
                spool.told();
            }
            Err(why) => outcome.trouble = Some(why),
        },
        (None, Some(outgoing)) => {
            let result = each_batch(&*prepared.sink, STORED, outgoing, &mut |batch| {
                if outcome.trouble.is_some() {
                    outcome.lost += batch.parts.len() as u64;
                } else if let Some(left) = send(prepared, batch, &mut tries, &mut outcome) {
                    outcome.lost += left.parts.len() as u64;
                    outcome.trouble = Some(left.why);
                }
                Ok(())
            });
            if let Err(why) = result {
                outcome.trouble = Some(why);
            }
        }
        (None, None) => {}
    }
    outcome
}

/// Sends what is in the spool, oldest first, until it is empty, patience ends or something cannot arrive.
fn drain(prepared: &Prepared, spool: &mut Spool, tries: &mut Tries, outcome: &mut Outcome) -> Result<(), SpoolError> {
    if let Some(rest) = spool.rest()
        && !tries.wait(Some(rest))
    {
        outcome.trouble = Some(format!("it asked to be left alone for {} s more", rest.as_secs()));
        return Ok(());
    }
    spool.leave_alone(Duration::ZERO);
    while let Some(stored) = spool.first()? {
        let all = stored.parts.len();
        match send(prepared, stored, tries, outcome) {
            None => spool.remove_first().map(|_| ())?,
            Some(left) => {
                if left.parts.len() < all {
                    spool.replace_first(&Batch { parts: left.parts })?;
                }
                spool.leave_alone(left.rest.unwrap_or_default());
                outcome.trouble = Some(left.why);
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What of a batch did not arrive, and why.
struct Left {
    parts: Vec<Part>,
    why: String,
    rest: Option<Duration>,
}

/// Sends what is kept together, in requests as large as the receiver takes, until patience ends.
fn send(prepared: &Prepared, stored: Batch, tries: &mut Tries, outcome: &mut Outcome) -> Option<Left> {
    let mut queue: VecDeque<Batch> = VecDeque::new();
    let mut parts = Batches::new(prepared.limits());
    queue.extend(stored.parts.into_iter().filter_map(|part| parts.add(part)));
    queue.extend(parts.rest());
    while let Some(batch) = queue.pop_front() {
        let (left, why, rest) = match after(prepared.sink.deliver(&batch), &batch, outcome, &mut tries.halvings) {
            Next::Done => {
                tries.fresh();
                continue;
            }
            Next::Instead(batches) => {
                batches.into_iter().rev().for_each(|batch| queue.push_front(batch));
                continue;
            }
            Next::Again { left, why, rest } => {
                let left = left.unwrap_or(batch);
                if tries.wait(rest) {
                    queue.push_front(left);
                    continue;
                }
                (left, why, rest)
            }
            Next::Stop(why) => (batch, why, None),
        };
        let parts = left.parts.into_iter().chain(queue.into_iter().flat_map(|batch| batch.parts)).collect();
        return Some(Left { parts, why, rest });
    }
    None
}

/// What to do after a try.
enum Next {
    /// All that can arrive has.
    Done,
    /// These in its place.
    Instead(Vec<Batch>),
    /// Once more, all of it or what is left of it, after a rest.
    Again { left: Option<Batch>, why: String, rest: Option<Duration> },
    /// Not in this run.
    Stop(String),
}

fn after(result: Result<Delivered, Trouble>, batch: &Batch, outcome: &mut Outcome, halvings: &mut u32) -> Next {
    let all = batch.parts.len();
    match result {
        Ok(delivered) => {
            for (_, why) in &delivered.refused {
                outcome.refuse(1, why);
            }
            outcome.sent += (all - (delivered.refused.len() + delivered.again.len()).min(all)) as u64;
            outcome.answer = Some(delivered.answer);
            let Some((_, why)) = delivered.again.first() else { return Next::Done };
            let parts = delivered.again.iter().filter_map(|(place, _)| batch.parts.get(*place).cloned()).collect();
            Next::Again { left: Some(Batch { parts }), why: why.clone(), rest: None }
        }
        Err(Trouble::TooLarge { .. }) if all > 1 => halves(batch),
        // One part that is wrong must not cost the others; where all of them are, that is soon known.
        Err(Trouble::Refused { .. }) if all > 1 && *halvings < HALVINGS => {
            *halvings += 1;
            halves(batch)
        }
        Err(Trouble::TooLarge { why } | Trouble::Refused { why }) => {
            outcome.answer = Some(why.clone());
            outcome.refuse(all as u64, &why);
            Next::Done
        }
        Err(Trouble::Later { why, after }) => Next::Again { left: None, why, rest: after },
        Err(Trouble::Blocked { why }) => Next::Stop(why),
    }
}

fn halves(batch: &Batch) -> Next {
    let (first, second) = batch.parts.split_at(batch.parts.len() / 2);
    Next::Instead(vec![Batch { parts: first.to_vec() }, Batch { parts: second.to_vec() }])
}
