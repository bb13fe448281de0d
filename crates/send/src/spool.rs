//! What waits on disk for a receiver that is away: batches, in order, in a folder a sink. A batch is on disk before it is sent and is
//! removed when it has arrived, so that a crash repeats it and loses nothing. The folder is bounded: the oldest batches make room, and
//! how many events that cost is written down until somebody has been told.

use std::collections::VecDeque;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::sink::Batch;

/// The spool of one sink. While it stands no other process sends from it.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    most: u64,
    waiting: VecDeque<Entry>,
    bytes: u64,
    next: u64,
    _lock: std::fs::File,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    bytes: u64,
    parts: u64,
}

/// What was given up, until it has been told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Events that made room for newer ones.
    pub events: u64,
    /// Files that could not be read back, and stay beside as NAME.damaged.
    pub damaged: u64,
}

/// What a file holds.
#[derive(Serialize, Deserialize)]
struct Stored {
    schema: u32,
    batch: Batch,
}

/// Why a spool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Another process holds it: it is sending.
    #[error("another seaworthy is sending from {}", .0.display())]
    Busy(PathBuf),
    /// The folder cannot be made, read or written, or is not safe.
    #[error("{}: {why}", path.display())]
    Folder {
        /// Which file or folder.
        path: PathBuf,
        /// What is the matter.
        why: String,
    },
}

impl Spool {
    /// Opens the spool in `folder`, made if need be, for at most `most` bytes.
    ///
    /// # Errors
    /// [`SpoolError::Busy`] if another process has it open, [`SpoolError::Folder`] if it cannot be used.
    pub fn open(folder: &Path, most: u64) -> Result<Spool, SpoolError> {
        private(folder)?;
        let path = folder.join("lock");
        let lock = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|e| at(&path, &e))?;
        match rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(SpoolError::Busy(folder.to_owned())),
            Err(error) => return Err(at(&path, &error)),
        }
        let mut spool =
            Spool { folder: folder.to_owned(), most, waiting: VecDeque::new(), bytes: 0, next: 0, _lock: lock };
        spool.list()?;
        Ok(spool)
    }

    fn list(&mut self) -> Result<(), SpoolError> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(|error| at(&self.folder, &error))? {
            let name = entry.map_err(|error| at(&self.folder, &error))?.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.ends_with(".tmp") {
                // A crash came before its rename: what it held was never counted as kept.
                let _ = std::fs::remove_file(self.folder.join(name));
            } else if name.ends_with(".json") && number(name).is_some() {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        for name in names {
            self.next = self.next.max(number(&name).unwrap_or(0) + 1);
            match self.load(&name) {
                Ok((batch, bytes)) => {
                    let parts = batch.parts.len() as u64;
                    self.resume(Entry { name, bytes, parts })?;
                }
                Err(_) => self.set_aside(&name)?,
            }
        }
        Ok(())
    }

    /// Takes up what an earlier process left. Two files of one number are a batch and what is left of it: that process ended before it
    /// removed the whole, of which the rest had arrived.
    fn resume(&mut self, entry: Entry) -> Result<(), SpoolError> {
        if let Some(last) = self.waiting.back()
            && number(&last.name) == number(&entry.name)
        {
            let is_less = entry.parts < last.parts;
            let whole = if is_less { &last.name } else { &entry.name };
            let path = self.folder.join(whole);
            std::fs::remove_file(&path).map_err(|error| at(&path, &error))?;
            if !is_less {
                return Ok(());
            }
            self.bytes = self.bytes.saturating_sub(last.bytes);
            self.waiting.pop_back();
        }
        self.bytes += entry.bytes;
        self.waiting.push_back(entry);
        Ok(())
    }

    fn set_aside(&mut self, name: &str) -> Result<(), SpoolError> {
        let path = self.folder.join(name);
        match std::fs::rename(&path, self.folder.join(format!("{name}.damaged"))) {
            // Somebody else removed it: it is as lost as a damaged one.
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at(&path, &error)),
            _ => {}
        }
        let mut dropped = self.dropped();
        dropped.damaged += 1;
        self.note(&dropped)
    }

    fn load(&self, name: &str) -> Result<(Batch, u64), SpoolError> {
        let path = self.folder.join(name);
        let size = std::fs::symlink_metadata(&path).map_err(|error| at(&path, &error))?.len();
        if size > self.most.max(64 << 20) {
            return Err(at(&path, &format!("it has {size} bytes")));
        }
        let text = std::fs::read(&path).map_err(|error| at(&path, &error))?;
        let stored: Stored = serde_json::from_slice(&text).map_err(|error| at(&path, &error))?;
        if stored.schema != 1 || stored.batch.parts.is_empty() {
            return Err(at(&path, &"it is of another version"));
        }
        Ok((stored.batch, size))
    }

    /// Keeps a batch at the end. One that is kept already is not kept twice.
    ///
    /// # Errors
    /// [`SpoolError::Folder`]: it could not be written. Nothing was lost that was there before.
    pub fn push(&mut self, batch: &Batch) -> Result<(), SpoolError> {
        let id = batch.id();
        if self.waiting.iter().any(|entry| entry.name.ends_with(&format!("-{id}.json"))) {
            return Ok(());
        }
        let name = format!("{:012}-{id}.json", self.next);
        let bytes = self.write(&name, batch)?;
        self.next += 1;
        self.bytes += bytes;
        self.waiting.push_back(Entry { name, bytes, parts: batch.parts.len() as u64 });
        self.make_room()
    }

    /// The oldest give way until the rest fits; the newest stays, however large.
    fn make_room(&mut self) -> Result<(), SpoolError> {
        let mut events = 0;
        while self.bytes > self.most && self.waiting.len() > 1 {
            events += self.remove_first()?;
        }
        if events > 0 {
            let mut dropped = self.dropped();
            dropped.events += events;
            self.note(&dropped)?;
        }
        Ok(())
    }

    fn write(&self, name: &str, batch: &Batch) -> Result<u64, SpoolError> {
        let text = serde_json::to_vec(&Stored { schema: 1, batch: batch.clone() })
            .map_err(|error| at(&self.folder, &error))?;
        whole(&self.folder.join(name), &text).map_err(|error| at(&self.folder.join(name), &error))?;
        Ok(text.len() as u64)
    }

    /// The oldest batch. One that cannot be read back is set aside, and the next one is given.
    ///
    /// # Errors
    /// [`SpoolError::Folder`]: the folder cannot be written.
    pub fn first(&mut self) -> Result<Option<Batch>, SpoolError> {
        while let Some(entry) = self.waiting.front().cloned() {
            if let Ok((batch, _)) = self.load(&entry.name) {
                return Ok(Some(batch));
            }
            self.forget_first();
            self.set_aside(&entry.name)?;
        }
        Ok(None)
    }

    /// Removes the oldest batch: it has arrived, or never will. Gives how many parts it had.
    ///
    /// # Errors
    /// [`SpoolError::Folder`]: it could not be removed, and would be sent again.
    pub fn remove_first(&mut self) -> Result<u64, SpoolError> {
        let Some(entry) = self.waiting.front().cloned() else { return Ok(0) };
        let path = self.folder.join(&entry.name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at(&path, &error)),
            _ => {}
        }
        self.forget_first();
        Ok(entry.parts)
    }

    fn forget_first(&mut self) {
        if let Some(entry) = self.waiting.pop_front() {
            self.bytes = self.bytes.saturating_sub(entry.bytes);
        }
    }

    /// Puts what is left of the oldest batch in its place.
    ///
    /// # Errors
    /// [`SpoolError::Folder`]. What was there is there still, perhaps beside the new one, which the next to open it notices.
    pub fn replace_first(&mut self, batch: &Batch) -> Result<(), SpoolError> {
        let Some(entry) = self.waiting.front().cloned() else { return Ok(()) };
        let number = number(&entry.name).unwrap_or(0);
        let name = format!("{number:012}-{}.json", batch.id());
        if name == entry.name {
            return Ok(());
        }
        let bytes = self.write(&name, batch)?;
        self.remove_first()?;
        self.bytes += bytes;
        self.waiting.push_front(Entry { name, bytes, parts: batch.parts.len() as u64 });
        Ok(())
    }

    /// Removes everything but the newest batches, `last` of them: older states of the same numbers are of no use. They do not count as
    /// dropped.
    ///
    /// # Errors
    /// As [`Spool::remove_first`].
    pub fn keep_newest(&mut self, last: usize) -> Result<(), SpoolError> {
        while self.waiting.len() > last {
            self.remove_first()?;
        }
        Ok(())
    }

    /// How many batches wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many events wait, and their bytes on disk.
    pub fn events(&self) -> (u64, u64) {
        (self.waiting.iter().map(|entry| entry.parts).sum(), self.bytes)
    }

    /// What was given up since it was last told.
    pub fn dropped(&self) -> Dropped {
        let text = std::fs::read(self.folder.join("dropped")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    fn note(&self, dropped: &Dropped) -> Result<(), SpoolError> {
        let path = self.folder.join("dropped");
        let text = serde_json::to_vec(dropped).map_err(|error| at(&path, &error))?;
        whole(&path, &text).map_err(|error| at(&path, &error))
    }

    /// Somebody has been told what was dropped.
    pub fn told(&self) {
        // If it stays it is told once more, which harms nobody.
        let _ = std::fs::remove_file(self.folder.join("dropped"));
    }

    /// How long the receiver wants to be left alone still: what it asked for in an earlier run counts.
    pub fn rest(&self) -> Option<Duration> {
        let text = std::fs::read_to_string(self.folder.join("not-before")).ok()?;
        let until = UNIX_EPOCH + Duration::from_secs(text.trim().parse().ok()?);
        // A clock that was wrong must not silence a sink for years.
        let rest = until.duration_since(SystemTime::now()).ok()?;
        Some(rest.min(Duration::from_secs(86_400))).filter(|rest| !rest.is_zero())
    }

    /// The receiver wants to be left alone for so long; zero: not any more.
    pub fn leave_alone(&self, rest: Duration) {
        let path = self.folder.join("not-before");
        if rest.is_zero() {
            let _ = std::fs::remove_file(path);
            return;
        }
        let until = (SystemTime::now() + rest).duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() + 1;
        // Without the file the receiver is asked sooner than it likes, and says so again.
        let _ = whole(&path, until.to_string().as_bytes());
    }
}

/// The number in front of a name.
fn number(name: &str) -> Option<u64> {
    name.get(..12)?.parse().ok()
}

fn at(path: &Path, why: &dyn std::fmt::Display) -> SpoolError {
    SpoolError::Folder { path: path.to_owned(), why: why.to_string() }
}

/// Makes a folder that only we may read and write, and refuses one that others may change.
///
/// # Errors
/// [`SpoolError::Folder`].
pub fn private(folder: &Path) -> Result<(), SpoolError> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    let mut make = std::fs::DirBuilder::new();
    make.recursive(true).mode(0o700).create(folder).map_err(|error| at(folder, &error))?;
    let meta = std::fs::symlink_metadata(folder).map_err(|error| at(folder, &error))?;
    if !meta.is_dir() {
        return Err(at(folder, &"it is no folder"));
    }
    if meta.uid() != rustix::process::geteuid().as_raw() || meta.mode() & 0o022 != 0 {
        return Err(at(folder, &"it belongs to somebody else or may be written by others; results are not kept there"));
    }
    Ok(())
}

/// Writes a file whole or not at all, and has it on disk.
///
/// # Errors
/// Those of the file system.
pub fn whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let beside = path.with_extension("tmp");
    let write = || {
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
    };
    write().inspect_err(|_| {
        let _ = std::fs::remove_file(&beside);
    })
}
