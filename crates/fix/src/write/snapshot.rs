//! A file as it is at one moment: enough to put it back exactly.

use std::fmt;
use std::os::fd::OwnedFd;

use rustix::fs::{FileType, Statx};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::attributes::{Attributes, hex};
use super::description::{Description, Nature, Status, Time};
use super::kernel::{open_to_read, read_all, stat};
use super::place::{Place, look};
use super::{Root, WriteError};

/// The largest file that is read: a hundred times the largest that any repair is about.
pub const LARGEST: u64 = 16 << 20;

/// A file, a directory or nothing, at one moment. Never printed with its bytes: they can be a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub(super) description: Description,
    pub(super) bytes: Vec<u8>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Snapshot").field(&self.description).finish()
    }
}

impl Snapshot {
    /// Puts together what was kept apart; `None` if the bytes are not those that were described.
    pub(crate) fn assemble(description: Description, bytes: Vec<u8>) -> Option<Self> {
        let whole = match &description.nature {
            Nature::File { digest: expected, .. } => digest(&bytes) == *expected,
            Nature::Absent | Nature::Directory(_) => bytes.is_empty(),
        };
        whole.then_some(Snapshot { description, bytes })
    }

    /// The path below the node's root.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.description.path
    }

    /// All but the bytes.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The bytes of a file.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        matches!(self.description.nature, Nature::File { .. }).then_some(self.bytes.as_slice())
    }

    /// Mode, owner and the rest, if anything is there.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        self.description.status()
    }
}

impl Root {
    /// What is at `path` now. That nothing is there is an answer, too.
    ///
    /// # Errors
    /// If it is a link or below one, no regular file or directory, too large, or may not be read.
    pub fn snapshot(&self, path: &str) -> Result<Snapshot, WriteError> {
        match self.place(path) {
            Ok(place) => place.snapshot(),
            Err(WriteError::NoDirectory { .. }) => Ok(absent(path)),
            Err(error) => Err(error),
        }
    }
}

fn absent(path: &str) -> Snapshot {
    Snapshot { description: Description { path: path.to_owned(), nature: Nature::Absent }, bytes: Vec::new() }
}

impl Place<'_> {
    pub(super) fn snapshot(&self) -> Result<Snapshot, WriteError> {
        // Once more if it changed under our eyes, then somebody else is at work.
        for _ in 0..3 {
            if let Some(taken) = self.take()? {
                return Ok(taken);
            }
        }
        Err(WriteError::ChangedMeanwhile { path: self.path.to_owned(), what: "while it was read".to_owned() })
    }

    /// Looks, then opens what was looked at: opening a pipe or a device could act on it.
    fn take(&self) -> Result<Option<Snapshot>, WriteError> {
        let problem = |error| self.error("read", error);
        let seen = match look(&self.directory, self.name, self.path) {
            Ok(seen) => seen,
            Err(WriteError::System { error: Errno::NOENT, .. }) => return Ok(Some(absent(self.path))),
            Err(error) => return Err(error),
        };
        let before = stat(&seen).map_err(problem)?;
        let kind = FileType::from_raw_mode(before.stx_mode.into());
        if !matches!(kind, FileType::RegularFile | FileType::Directory) {
            return Err(WriteError::Kind { path: self.path.to_owned(), expected: "regular file or directory" });
        }
        let file = match open_to_read(&self.directory, self.name) {
            Ok(file) => file,
            Err(Errno::NOENT | Errno::LOOP) => return Ok(None),
            Err(error) => return Err(problem(error)),
        };
        if mark(&stat(&file).map_err(problem)?) != mark(&before) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        if kind == FileType::RegularFile {
            let too_large = || WriteError::TooLarge { path: self.path.to_owned(), limit: LARGEST };
            bytes = read_all(&file, before.stx_size, LARGEST).map_err(problem)?.ok_or_else(too_large)?;
        }
        let status = status(&file, &before, self.path)?;
        if mark(&stat(&file).map_err(problem)?) != mark(&before) {
            return Ok(None);
        }
        let nature = if kind == FileType::RegularFile {
            Nature::File { digest: digest(&bytes), size: bytes.len() as u64, status }
        } else {
            Nature::Directory(status)
        };
        Ok(Some(Snapshot { description: Description { path: self.path.to_owned(), nature }, bytes }))
    }
}

/// What changes with every change of a file.
fn mark(status: &Statx) -> (u32, u32, u64, u64, Time, Time) {
    let device = (status.stx_dev_major, status.stx_dev_minor);
    (device.0, device.1, status.stx_ino, status.stx_size, status.stx_mtime.into(), status.stx_ctime.into())
}

fn status(file: &OwnedFd, seen: &Statx, path: &str) -> Result<Status, WriteError> {
    Ok(Status {
        mode: u32::from(seen.stx_mode) & 0o7777,
        uid: seen.stx_uid,
        gid: seen.stx_gid,
        attributes: Attributes::read(file, path)?,
        accessed: seen.stx_atime.into(),
        modified: seen.stx_mtime.into(),
        device: rustix::fs::makedev(seen.stx_dev_major, seen.stx_dev_minor),
        inode: seen.stx_ino,
        links: seen.stx_nlink,
    })
}

/// SHA-256 as hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
