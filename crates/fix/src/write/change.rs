//! What is changed in place: mode and owner; and what is made and removed.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Uid};
use rustix::io::Errno;

use super::description::Nature;
use super::fail::point;
use super::kernel::{SHOWN, stat};
use super::place::Place;
use super::{Root, Snapshot, WriteError};

impl Root {
    /// Sets the mode of a file or directory, and nothing else of it.
    ///
    /// # Errors
    /// If it is not what was expected any longer, or the kernel refuses.
    pub fn set_mode(&self, path: &str, mode: u32, expected: &Snapshot) -> Result<Snapshot, WriteError> {
        let place = self.place(path)?;
        let file = place.open_expected(expected)?;
        rustix::fs::fchmod(&file, Mode::from_raw_mode(mode)).map_err(|error| place.error("given its mode", error))?;
        place.settle(&file, "mode-set")
    }

    /// Sets owner and group of a file or directory. The mode stays, although the kernel would take the bits above the permissions.
    ///
    /// # Errors
    /// If it is not what was expected any longer, or the kernel refuses: only root gives files away.
    pub fn set_owner(&self, path: &str, uid: u32, gid: u32, expected: &Snapshot) -> Result<Snapshot, WriteError> {
        let place = self.place(path)?;
        let file = place.open_expected(expected)?;
        rustix::fs::fchown(&file, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))
            .map_err(|error| place.error("given its owner", error))?;
        let mode = expected.status().map_or(0, |status| status.mode);
        let now = stat(&file).map_err(|error| place.error("looked at", error))?;
        if u32::from(now.stx_mode) & 0o7777 != mode {
            rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))
                .map_err(|error| place.error("given its mode", error))?;
        }
        place.settle(&file, "owner-set")
    }

    /// Makes a directory in one that exists.
    ///
    /// # Errors
    /// If something of that name is there already, or the kernel refuses.
    pub fn make_directory(&self, path: &str, mode: u32) -> Result<Snapshot, WriteError> {
        let place = self.place(path)?;
        place.make_directory()?;
        let directory = place.open("made")?;
        // The mask of this process must not take part.
        rustix::fs::fchmod(&directory, Mode::from_raw_mode(mode))
            .map_err(|error| place.error("given its mode", error))?;
        place.sync()?;
        place.settle(&directory, "directory-made")
    }

    /// Makes a link that says `target`. One that says so already is left as it is.
    ///
    /// # Errors
    /// If something else of that name is there already, or the kernel refuses.
    pub fn make_link(&self, path: &str, target: &str) -> Result<(), WriteError> {
        let place = self.place(path)?;
        match rustix::fs::symlinkat(target, &place.directory, place.name) {
            Ok(()) => place.sync(),
            Err(error) => {
                let there = rustix::fs::readlinkat(&place.directory, place.name, Vec::new());
                let same = there.is_ok_and(|there| there.as_bytes() == target.as_bytes());
                if same { Ok(()) } else { Err(place.error("made", error)) }
            }
        }
    }

    /// Removes a file.
    ///
    /// # Errors
    /// If it is not what was expected any longer, or the kernel refuses.
    pub fn remove_file(&self, path: &str, expected: &Snapshot) -> Result<(), WriteError> {
        let place = self.place(path)?;
        if !matches!(expected.description.nature, Nature::File { .. }) {
            return Err(WriteError::Kind { path: path.to_owned(), expected: "regular file" });
        }
        place.still(expected)?;
        place.remove(AtFlags::empty(), "file-removed")
    }

    /// Removes a directory, if it is empty.
    ///
    /// # Errors
    /// If it is not, or is no directory, or the kernel refuses.
    pub fn remove_directory(&self, path: &str) -> Result<(), WriteError> {
        self.place(path)?.remove(AtFlags::REMOVEDIR, "directory-removed")
    }

    /// Writes to the disk what is at `path`, and that it is there.
    ///
    /// # Errors
    /// If it cannot be opened, or the disk fails.
    pub fn sync(&self, path: &str) -> Result<(), WriteError> {
        let place = match self.place(path) {
            Ok(place) => place,
            // Nothing is there, and that was synced where it was removed.
            Err(WriteError::NoDirectory { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        match place.open("opened") {
            Ok(file) => rustix::fs::fsync(file).map_err(|error| place.error("written to the disk", error))?,
            Err(WriteError::System { error: Errno::NOENT, .. }) => {}
            Err(error) => return Err(error),
        }
        place.sync()
    }
}

impl Place<'_> {
    /// Opens the file or directory here; it was seen to be one.
    pub(super) fn open(&self, doing: &'static str) -> Result<OwnedFd, WriteError> {
        rustix::fs::openat(&self.directory, self.name, SHOWN | OFlags::NOATIME, Mode::empty())
            .or_else(|error| match error {
                Errno::PERM => rustix::fs::openat(&self.directory, self.name, SHOWN, Mode::empty()),
                error => Err(error),
            })
            .map_err(|error| self.error(doing, error))
    }

    /// Opens what is expected here. What is opened is what was compared: a file put in its place meanwhile is not touched.
    fn open_expected(&self, expected: &Snapshot) -> Result<OwnedFd, WriteError> {
        let changed = |what: &str| WriteError::ChangedMeanwhile { path: self.path.to_owned(), what: what.to_owned() };
        let Some(status) = expected.status() else { return Err(changed("it did not exist")) };
        self.still(expected)?;
        let file = self.open("opened")?;
        let now = stat(&file).map_err(|error| self.error("looked at", error))?;
        if now.stx_ino != status.inode {
            return Err(changed("another file of that name"));
        }
        Ok(file)
    }

    pub(super) fn make_directory(&self) -> Result<(), WriteError> {
        rustix::fs::mkdirat(&self.directory, self.name, Mode::RWXU).map_err(|error| match error {
            Errno::EXIST => {
                WriteError::ChangedMeanwhile { path: self.path.to_owned(), what: "it exists already".to_owned() }
            }
            error => self.error("made", error),
        })
    }

    /// Removes it; that nothing is there is as well.
    pub(super) fn remove(&self, flags: AtFlags, name: &'static str) -> Result<(), WriteError> {
        match rustix::fs::unlinkat(&self.directory, self.name, flags) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(Errno::NOTDIR) => {
                return Err(WriteError::Kind { path: self.path.to_owned(), expected: "directory" });
            }
            Err(error) => return Err(self.error("removed", error)),
        }
        self.sync()?;
        point(name).map_err(|error| self.error("removed", error))
    }

    /// Writes a change in place to the disk, and says what is there now.
    fn settle(&self, file: &OwnedFd, name: &'static str) -> Result<Snapshot, WriteError> {
        rustix::fs::fsync(file).map_err(|error| self.error("written to the disk", error))?;
        point(name).map_err(|error| self.error("written to the disk", error))?;
        self.snapshot()
    }
}
