//! A directory of the journal. Everything in it is made, replaced and removed by its name alone: its owner is the only one who may
//! write there, which was seen when the journal was opened.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use crate::write::fail::point;
use crate::write::{LARGEST, SHOWN, WriteError, names, read_all, stat, write_all};

/// The bytes of the largest file, and more than any head or plan.
const LIMIT: u64 = 2 * LARGEST;

#[derive(Debug)]
pub(super) struct Store {
    directory: OwnedFd,
    /// For messages.
    path: String,
}

impl Store {
    pub(super) fn new(directory: OwnedFd, path: String) -> Self {
        Store { directory, path }
    }

    fn error<'a>(&'a self, name: &'a str, doing: &'static str) -> impl Fn(Errno) -> WriteError + 'a {
        move |error| WriteError::new(&format!("{}/{name}", self.path), doing, error)
    }

    /// Passes a point at which tests fail.
    pub(super) fn point(&self, name: &'static str) -> Result<(), WriteError> {
        point(name).map_err(self.error("", "written"))
    }

    pub(super) fn names(&self) -> Result<Vec<String>, WriteError> {
        let found = names(self.directory.as_fd()).map_err(self.error("", "read"))?;
        // Names of ours are text; anything else was put there by hand and is none of ours.
        Ok(found.into_iter().filter_map(|name| String::from_utf8(name).ok()).collect())
    }

    pub(super) fn below(&self, name: &str) -> Result<Store, WriteError> {
        let flags = SHOWN | OFlags::DIRECTORY;
        let opened = rustix::fs::openat(&self.directory, name, flags, Mode::empty());
        Ok(Store { directory: opened.map_err(self.error(name, "opened"))?, path: format!("{}/{name}", self.path) })
    }

    /// Makes a directory for the owner alone.
    pub(super) fn make_below(&self, name: &str) -> Result<Store, WriteError> {
        rustix::fs::mkdirat(&self.directory, name, Mode::RWXU).map_err(self.error(name, "made"))?;
        let made = self.below(name)?;
        rustix::fs::fchmod(&made.directory, Mode::RWXU).map_err(self.error(name, "given its mode"))?;
        self.sync()?;
        Ok(made)
    }

    /// Makes a file for the owner alone, and writes it to the disk. That it has its name is not yet written.
    pub(super) fn make(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let file = rustix::fs::openat(&self.directory, name, flags, mode).map_err(self.error(name, "made"))?;
        rustix::fs::fchmod(&file, mode).map_err(self.error(name, "given its mode"))?;
        write_all(&file, bytes).map_err(self.error(name, "written"))?;
        rustix::fs::fsync(&file).map_err(self.error(name, "written to the disk"))
    }

    /// Replaces a file as a whole.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let temporary = format!(".{name}.new");
        self.remove(&temporary)?;
        let replaced = self.make(&temporary, bytes).and_then(|()| {
            self.point("state-written")?;
            rustix::fs::renameat(&self.directory, &temporary, &self.directory, name)
                .map_err(self.error(name, "replaced"))
        });
        if replaced.is_err() {
            let _ = self.remove(&temporary);
        }
        replaced?;
        self.sync()
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), WriteError> {
        match rustix::fs::unlinkat(&self.directory, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(self.error(name, "removed")(error)),
        }
    }

    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, WriteError> {
        let file = rustix::fs::openat(&self.directory, name, SHOWN, Mode::empty());
        let file = file.map_err(self.error(name, "read"))?;
        let size = stat(&file).map_err(self.error(name, "read"))?.stx_size;
        let bytes = read_all(&file, size, LIMIT).map_err(self.error(name, "read"))?;
        bytes.ok_or_else(|| WriteError::TooLarge { path: format!("{}/{name}", self.path), limit: LIMIT })
    }

    /// Gives a directory another name that is free, and writes that to the disk.
    pub(super) fn rename(&self, from: &str, to: &str) -> Result<(), WriteError> {
        let rename = |flags| rustix::fs::renameat_with(&self.directory, from, &self.directory, to, flags);
        match rename(RenameFlags::NOREPLACE) {
            // Not every file system knows that flag, and none replaces a directory that is not empty.
            Err(Errno::INVAL) => rename(RenameFlags::empty()),
            answer => answer,
        }
        .map_err(self.error(to, "made"))?;
        self.sync()
    }

    /// Removes a directory with its files.
    pub(super) fn remove_below(&self, name: &str) -> Result<(), WriteError> {
        let below = match self.below(name) {
            Ok(below) => below,
            Err(WriteError::System { error: Errno::NOENT, .. }) => return Ok(()),
            // Not one of ours, which are directories; but under a name that is.
            Err(WriteError::NoDirectory { .. }) => return self.remove(name),
            Err(error) => return Err(error),
        };
        for file in below.names()? {
            below.remove(&file)?;
        }
        below.point("prune-emptied")?;
        rustix::fs::unlinkat(&self.directory, name, AtFlags::REMOVEDIR).map_err(self.error(name, "removed"))?;
        self.sync()
    }

    /// Writes the names in it to the disk.
    pub(super) fn sync(&self) -> Result<(), WriteError> {
        rustix::fs::fsync(&self.directory).map_err(self.error("", "written to the disk"))
    }

    pub(super) fn directory(&self) -> &OwnedFd {
        &self.directory
    }
}
