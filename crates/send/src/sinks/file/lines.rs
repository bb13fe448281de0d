//! A file that lines are appended to, and the older ones beside it: NAME.1 is the last one that was full.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags};

use crate::sinks::place::folder_on_disk;

/// How much is written at once.
const MOST: u64 = 1 << 20;

/// Where lines go.
pub(super) struct Lines {
    path: PathBuf,
    /// At this size a file is full.
    rotate: Option<u64>,
    /// So many older ones are kept.
    count: u32,
    /// Of a file that is made.
    mode: u32,
}

impl Lines {
    pub(super) fn new(path: PathBuf, rotate: Option<u64>, count: u32, mode: u32) -> Lines {
        Lines { path, rotate, count, mode }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes are written at once: never more than a file has.
    pub(super) fn most(&self) -> usize {
        usize::try_from(self.rotate.unwrap_or(MOST).min(MOST)).unwrap_or(usize::MAX)
    }

    /// Appends lines: all of them, on disk, or none.
    pub(super) fn append(&self, bytes: &[u8]) -> std::io::Result<()> {
        loop {
            let file = self.open()?;
            let meta = file.metadata()?;
            if !meta.is_file() {
                // A device: neither can it be full of lines nor cut.
                return (&file).write_all(bytes);
            }
            rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
            // While we waited another process may have moved it away.
            if !self.is_it(&file) {
                continue;
            }
            let size = file.metadata()?.len();
            if self.rotate.is_some_and(|most| size > 0 && size.saturating_add(bytes.len() as u64) > most) {
                self.rotate()?;
                continue;
            }
            return write(&file, size, bytes).and_then(|()| folder_on_disk(&self.path));
        }
    }

    fn open(&self) -> std::io::Result<File> {
        let nofollow = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or(0);
        let mut options = OpenOptions::new();
        options.read(true).append(true).custom_flags(nofollow);
        let file = loop {
            match options.clone().create_new(true).mode(self.mode).open(&self.path) {
                Ok(file) => {
                    // Whatever the umask says: who may read it was decided.
                    file.set_permissions(std::fs::Permissions::from_mode(self.mode))?;
                    break file;
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => match options.open(&self.path) {
                    // Another process has just moved it away: then there is none, and it is made.
                    Err(error) if error.kind() == ErrorKind::NotFound && !self.path.is_symlink() => {}
                    other => break other?,
                },
                Err(error) => return Err(error),
            }
        };
        let kind = std::os::unix::fs::FileTypeExt::is_char_device(&file.metadata()?.file_type());
        if file.metadata()?.is_file() || kind {
            Ok(file)
        } else {
            Err(Error::new(ErrorKind::InvalidInput, "it is no file"))
        }
    }

    fn is_it(&self, file: &File) -> bool {
        match (std::fs::symlink_metadata(&self.path), file.metadata()) {
            (Ok(there), Ok(ours)) => (there.dev(), there.ino()) == (ours.dev(), ours.ino()),
            _ => false,
        }
    }

    /// Moves each file one number up; the last one is no more.
    fn rotate(&self) -> std::io::Result<()> {
        let numbered = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            if number > 0 {
                name.push(format!(".{number}"));
            }
            PathBuf::from(name)
        };
        if self.count == 0 {
            return std::fs::remove_file(&self.path);
        }
        for number in (0..self.count).rev() {
            match std::fs::rename(numbered(number), numbered(number + 1)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        folder_on_disk(&self.path)
    }
}

/// Writes in one piece. What was written of it is taken away if it was not all.
fn write(mut file: &File, size: u64, bytes: &[u8]) -> std::io::Result<()> {
    let mut last = [b'\n'];
    if size > 0 {
        file.read_exact_at(&mut last, size - 1)?;
    }
    let mut text = Vec::with_capacity(bytes.len() + 1);
    if last != *b"\n" {
        // A line that somebody left in the middle is not continued by ours.
        text.push(b'\n');
    }
    text.extend_from_slice(bytes);
    let written = match file.write(&text) {
        Ok(count) if count == text.len() => file.sync_all(),
        Ok(_) => Err(Error::from(ErrorKind::StorageFull)),
        Err(error) => Err(error),
    };
    written.inspect_err(|_| {
        let _ = file.set_len(size);
    })
}
