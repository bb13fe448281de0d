//! A file that is not yet under its name, and what a crash leaves of one.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::kernel::{fresh_name, names, stat, sync_directory};
use super::place::look;
use super::{Root, WriteError};

/// A dot first, because the kubelet does not read such files; then what makes a leftover recognisable.
const PREFIX: &str = ".seaworthy-";
const SUFFIX: &str = ".tmp";

/// A temporary file. Dropped before it was renamed, it is removed: nothing half-written remains.
pub(super) struct Temporary<'a> {
    pub(super) directory: &'a OwnedFd,
    pub(super) name: String,
    pub(super) file: OwnedFd,
    pub(super) renamed: bool,
}

impl<'a> Temporary<'a> {
    /// Makes one that only its owner may read: whatever comes into it is not for others until it is complete.
    pub(super) fn make(directory: &'a OwnedFd) -> Result<Self, Errno> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        loop {
            let name = format!("{PREFIX}{}{SUFFIX}", fresh_name());
            match rustix::fs::openat(directory, &name, flags, Mode::RUSR | Mode::WUSR) {
                Ok(file) => return Ok(Temporary { directory, name, file, renamed: false }),
                // Left by a process of the same number.
                Err(Errno::EXIST) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.renamed {
            // If even that fails, its name tells recovery what it is.
            let _ = rustix::fs::unlinkat(self.directory, &self.name, AtFlags::empty());
        }
    }
}

impl Root {
    /// Removes what a crash has left of temporary files for `path`, and says how many there were. Only for the holder of the
    /// journal's lock: another repair's temporary file looks just the same.
    ///
    /// # Errors
    /// If the path has a link, or a leftover could not be removed.
    pub fn sweep(&self, path: &str) -> Result<usize, WriteError> {
        let place = match self.place(path) {
            Ok(place) => place,
            Err(WriteError::NoDirectory { .. }) => return Ok(0),
            Err(error) => return Err(error),
        };
        let mut removed = sweep_directory(&place.directory, path)?;
        if let Some(above) = place.parts.len().checked_sub(2) {
            removed += sweep_directory(&self.directory(place.parts.get(..above).unwrap_or_default())?, path)?;
        }
        Ok(removed)
    }
}

fn sweep_directory(directory: &OwnedFd, path: &str) -> Result<usize, WriteError> {
    let mut removed = 0;
    let problem = |error| WriteError::new(path, "cleared of leftovers", error);
    for name in names(directory).map_err(problem)? {
        let Ok(name) = String::from_utf8(name) else { continue };
        let ours = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
        if !ours.is_some_and(|middle| !middle.is_empty() && middle.bytes().all(|b| b.is_ascii_digit() || b == b'-')) {
            continue;
        }
        // Only what such a process could have made: a regular file.
        let regular = look(directory.as_fd(), &name, path).ok().and_then(|fd| stat(&fd).ok());
        if regular.is_some_and(|s| FileType::from_raw_mode(s.stx_mode.into()) == FileType::RegularFile) {
            match rustix::fs::unlinkat(directory, &name, AtFlags::empty()) {
                Ok(()) => removed += 1,
                Err(Errno::NOENT) => {}
                Err(error) => return Err(problem(error)),
            }
        }
    }
    if removed > 0 {
        sync_directory(directory).map_err(problem)?;
    }
    Ok(removed)
}
