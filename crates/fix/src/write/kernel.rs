//! The few calls of the kernel that this takes.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, Mode, OFlags, Statx, StatxFlags};
use rustix::io::Errno;

/// The flags with which a file that was seen is opened: nothing that could wait, act on a device, or follow a link.
pub(crate) const SHOWN: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

pub(crate) fn stat(fd: impl AsFd) -> Result<Statx, Errno> {
    rustix::fs::statx(fd, "", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)
}

/// Opens to read, without leaving a trace in the time of the last access where the kernel lets us.
pub(super) fn open_to_read(directory: impl AsFd, name: &str) -> Result<OwnedFd, Errno> {
    match rustix::fs::openat(&directory, name, SHOWN | OFlags::NOATIME, Mode::empty()) {
        // Only the owner and root may ask for that.
        Err(Errno::PERM) => rustix::fs::openat(&directory, name, SHOWN, Mode::empty()),
        answer => answer,
    }
}

/// Reads to the end; `None` if that is more than `limit`.
pub(crate) fn read_all(file: &OwnedFd, expected: u64, limit: u64) -> Result<Option<Vec<u8>>, Errno> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(usize::MAX).min(limit) + 1);
    loop {
        if bytes.len() == bytes.capacity() {
            bytes.reserve(bytes.len().max(4096));
        }
        match rustix::io::read(file, rustix::buffer::spare_capacity(&mut bytes)) {
            Ok(0) => return Ok(Some(bytes)),
            Ok(_) if bytes.len() > limit => return Ok(None),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

pub(crate) fn write_all(file: &OwnedFd, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match rustix::io::write(file, bytes) {
            Ok(0) => return Err(Errno::IO),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What is in a directory, sorted.
pub(crate) fn names(directory: impl AsFd) -> Result<Vec<Vec<u8>>, Errno> {
    let directory = rustix::fs::openat(directory, ".", SHOWN | OFlags::DIRECTORY, Mode::empty())?;
    let mut buffer = Vec::with_capacity(32 << 10);
    let mut found = rustix::fs::RawDir::new(&directory, buffer.spare_capacity_mut());
    let mut names = Vec::new();
    while let Some(entry) = found.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(name.to_vec());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Writes to the disk what was renamed, made and removed in a directory.
pub(super) fn sync_directory(directory: impl AsFd) -> Result<(), Errno> {
    let directory = rustix::fs::openat(directory, ".", SHOWN | OFlags::DIRECTORY, Mode::empty())?;
    rustix::fs::fsync(directory)
}

/// A part of a name that no other process and no other call has. That it is free is seen when the file is made.
pub(super) fn fresh_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let pid = rustix::process::getpid().as_raw_nonzero();
    format!("{pid}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}
