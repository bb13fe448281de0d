//! The few calls of the kernel that reading takes, and what its errors mean.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, StatxFlags};
use rustix::io::Errno;

use super::Trouble;

/// `PID/NAME`, without an allocation: this is asked for every process of the node.
pub(super) fn in_proc<'a>(buffer: &'a mut [u8; 64], pid: u32, name: &str) -> &'a [u8] {
    use std::io::Write;
    let mut rest = &mut buffer[..];
    let whole = rest.len();
    // Names are our own and short; one that is cut does not exist.
    let _ = write!(rest, "{pid}/{name}");
    let left = rest.len();
    &buffer[..whole - left]
}

pub(super) fn entries(directory: &OwnedFd, mut each: impl FnMut(&[u8])) -> Result<(), Trouble> {
    let mut buffer = Vec::with_capacity(32 << 10);
    let mut found = rustix::fs::RawDir::new(directory, buffer.spare_capacity_mut());
    while let Some(entry) = found.next() {
        let entry = entry.map_err(trouble)?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            each(name);
        }
    }
    Ok(())
}

pub(super) fn read_link(directory: std::os::fd::BorrowedFd<'_>, name: &[u8]) -> Result<Vec<u8>, Trouble> {
    match rustix::fs::readlinkat(directory, name, Vec::new()) {
        Ok(target) => Ok(target.into_bytes()),
        Err(Errno::INVAL) => Err(no_link()),
        Err(error) => Err(trouble(error)),
    }
}

/// Reads to the end. `expected` is the size that the system tells, which for /proc is 0.
pub(super) fn read_all(file: &OwnedFd, limit: usize, expected: usize, into: &mut Vec<u8>) -> Result<(), Trouble> {
    into.clear();
    if expected > limit {
        return Err(Trouble::TooLarge(limit));
    }
    // The kernel writes these files anew with every call: one that takes all is the cheapest.
    into.reserve(if expected == 0 { 16 << 10 } else { expected + 1 });
    loop {
        if into.len() == into.capacity() {
            into.reserve(into.len());
        }
        match rustix::io::read(file, rustix::buffer::spare_capacity(into)) {
            Ok(0) => return Ok(()),
            Ok(_) if into.len() > limit => return Err(Trouble::TooLarge(limit)),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(trouble(error)),
        }
    }
}

pub(super) fn stat(fd: &OwnedFd) -> Result<rustix::fs::Statx, Trouble> {
    rustix::fs::statx(fd, "", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS).map_err(trouble)
}

pub(super) fn milliseconds(time: rustix::fs::StatxTimestamp) -> Option<i64> {
    time.tv_sec.checked_mul(1000)?.checked_add(i64::from(time.tv_nsec / 1_000_000))
}

/// Where `root` is in this process's own mount namespace; empty for `/`.
pub(super) fn prefix(root: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    let full = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let full = full.as_os_str().as_bytes();
    if full == b"/" { Vec::new() } else { full.to_vec() }
}

pub(super) fn no_link() -> Trouble {
    Trouble::Other("no link".to_owned())
}

pub(super) fn trouble(error: Errno) -> Trouble {
    match error {
        Errno::NOENT | Errno::NOTDIR | Errno::SRCH => Trouble::Absent,
        Errno::ACCESS | Errno::PERM => Trouble::Denied(words(error)),
        Errno::LOOP => Trouble::Loop,
        _ => Trouble::Other(words(error)),
    }
}

/// The system's words, without the number.
pub(super) fn words(error: Errno) -> String {
    let text = std::io::Error::from(error).to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
