//! Putting back exactly what was there.

use rustix::fs::{AtFlags, Gid, Mode, Timestamps, Uid};

use super::description::{Nature, Status};
use super::fail::point;
use super::kernel::stat;
use super::place::Place;
use super::put::Whole;
use super::{Root, Snapshot, Style, WriteError};

/// What it took to put something back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restored {
    /// Nothing: it was as before.
    Unchanged,
    /// Mode, owner, extended attributes or times of what is there.
    Metadata,
    /// The file was replaced by the one from before.
    Replaced,
    /// It was gone, and was made again.
    Created,
    /// It had not been there before, and was removed.
    Removed,
}

impl Root {
    /// Makes `path` again what it was: bytes, mode, owner, extended attributes, times of access and modification. Parts that are as
    /// they were are not written. It overwrites whatever is there: who must not lose somebody's edit looks first.
    ///
    /// The time of the last change of the inode cannot be put back, nor other names of a file that was replaced.
    ///
    /// # Errors
    /// If anything stands in the way. Run again, it goes on where it was.
    pub fn restore(&self, before: &Snapshot) -> Result<Restored, WriteError> {
        let path = before.path();
        let place = match self.place(path) {
            Ok(place) => place,
            Err(WriteError::NoDirectory { .. }) if before.status().is_none() => return Ok(Restored::Unchanged),
            Err(error) => return Err(error),
        };
        let now = place.snapshot()?;
        let kind = |expected| Err(WriteError::Kind { path: path.to_owned(), expected });
        let done = match (&before.description.nature, &now.description.nature) {
            (Nature::Absent, Nature::Absent) => Restored::Unchanged,
            (Nature::Absent, Nature::File { .. }) => {
                place.remove(AtFlags::empty(), "file-removed")?;
                return Ok(Restored::Removed);
            }
            (Nature::Absent, Nature::Directory(_)) => {
                place.remove(AtFlags::REMOVEDIR, "directory-removed")?;
                return Ok(Restored::Removed);
            }
            (Nature::File { digest: was, status, .. }, Nature::File { digest: is, .. }) if was == is => {
                place.dress(status, &now)?
            }
            (Nature::File { status, .. }, Nature::File { .. } | Nature::Absent) => {
                self.put(&place, &Whole::exactly(&before.bytes, status), Style::Outside, None)?;
                if now.status().is_some() { Restored::Replaced } else { Restored::Created }
            }
            (Nature::Directory(status), Nature::Directory(_)) => place.dress(status, &now)?,
            (Nature::Directory(status), Nature::Absent) => {
                place.make_directory()?;
                place.dress(status, &place.snapshot()?)?;
                Restored::Created
            }
            (Nature::File { .. }, Nature::Directory(_)) => return kind("regular file"),
            (Nature::Directory(_), Nature::File { .. }) => return kind("directory"),
        };
        // Also if nothing was to do: what is seen need not be on the disk yet.
        self.sync(path)?;
        Ok(done)
    }
}

impl Place<'_> {
    /// Makes everything but the bytes what it was.
    fn dress(&self, was: &Status, now: &Snapshot) -> Result<Restored, WriteError> {
        let Some(is) = now.status() else { return Ok(Restored::Unchanged) };
        if same(was, is) {
            return Ok(Restored::Unchanged);
        }
        let file = self.open("opened")?;
        if (is.uid, is.gid) != (was.uid, was.gid) {
            rustix::fs::fchown(&file, Some(Uid::from_raw(was.uid)), Some(Gid::from_raw(was.gid)))
                .map_err(|error| self.error("given its owner", error))?;
        }
        // After the owner, which may have taken some away.
        was.attributes.write(&file, self.path)?;
        point("restore-attributes").map_err(|error| self.error("restored", error))?;
        let mode = u32::from(stat(&file).map_err(|error| self.error("looked at", error))?.stx_mode) & 0o7777;
        if mode != was.mode {
            rustix::fs::fchmod(&file, Mode::from_raw_mode(was.mode))
                .map_err(|error| self.error("given its mode", error))?;
        }
        if (is.accessed, is.modified) != (was.accessed, was.modified) {
            let times = Timestamps { last_access: was.accessed.into(), last_modification: was.modified.into() };
            rustix::fs::futimens(&file, &times).map_err(|error| self.error("given its times", error))?;
        }
        point("restore-times").map_err(|error| self.error("restored", error))?;
        Ok(Restored::Metadata)
    }
}

fn same(was: &Status, is: &Status) -> bool {
    let parts = |status: &Status| (status.mode, status.uid, status.gid, status.accessed, status.modified);
    parts(was) == parts(is) && was.attributes == is.attributes
}
