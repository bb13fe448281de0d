//! The way to the journal, every step of which has to be root's.

use std::os::fd::OwnedFd;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use super::store::Store;
use super::{HOME, JournalError};
use crate::write::{Root, SHOWN, WriteError, look, stat};

/// Opens `/var/lib/seaworthy`, or makes it.
pub(super) fn open(root: &Root, create: bool, owner: u32) -> Result<Store, JournalError> {
    let mut path = String::new();
    let mut at = rustix::fs::openat(root.directory_itself(), ".", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| WriteError::new("/", "opened", error))?;
    let mut refused = trusted(&at, "/", owner);
    let steps: Vec<&str> = HOME.split('/').filter(|step| !step.is_empty()).collect();
    for (number, step) in steps.iter().enumerate() {
        path = format!("{path}/{step}");
        let last = number + 1 == steps.len();
        if create {
            // Nothing is made in a place that cannot be trusted.
            refused?;
            refused = Ok(());
        }
        at = match look(&at, step, &path) {
            Ok(found) => found,
            Err(WriteError::Link { path, target }) => return Err(JournalError::Link { path, target }),
            Err(WriteError::System { error: Errno::NOENT, .. }) if create => {
                make(&at, step, &path, if last { Mode::RWXU } else { Mode::from_raw_mode(0o755) })?
            }
            Err(WriteError::System { error: Errno::NOENT, .. }) => {
                return Err(JournalError::Absent { path: HOME.to_owned() });
            }
            Err(WriteError::Denied { path, .. }) => return Err(JournalError::Denied { path }),
            Err(error) => return Err(error.into()),
        };
        refused = refused.and_then(|()| trusted(&at, &path, owner));
    }
    // Only now: a recording that a user has unpacked is no danger as long as there is no journal in it.
    refused?;
    let home = match rustix::fs::openat(&at, ".", SHOWN | OFlags::DIRECTORY, Mode::empty()) {
        Ok(home) => home,
        Err(Errno::ACCESS | Errno::PERM) => return Err(JournalError::Denied { path }),
        Err(error) => return Err(WriteError::new(&path, "opened", error).into()),
    };
    let mode = stat(&home).map_err(|error| WriteError::new(&path, "looked at", error))?.stx_mode;
    if create && mode & 0o077 != 0 {
        // Nobody can have written there; that others may look is mended.
        rustix::fs::fchmod(&home, Mode::RWXU).map_err(|error| WriteError::new(&path, "given its mode", error))?;
    }
    Ok(Store::new(home, path))
}

fn make(directory: &OwnedFd, name: &str, path: &str, mode: Mode) -> Result<OwnedFd, JournalError> {
    let problem = |error| WriteError::new(path, "made", error);
    match rustix::fs::mkdirat(directory, name, Mode::RWXU) {
        // Made by another process between the two; what it is will be looked at.
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(problem(error).into()),
    }
    let made = rustix::fs::openat(directory, name, SHOWN | OFlags::DIRECTORY, Mode::empty()).map_err(problem)?;
    // The mask of this process must not take part.
    rustix::fs::fchmod(&made, mode).map_err(problem)?;
    let above = rustix::fs::openat(directory, ".", SHOWN | OFlags::DIRECTORY, Mode::empty()).map_err(problem)?;
    rustix::fs::fsync(above).map_err(problem)?;
    Ok(made)
}

/// Nobody but root may put another directory in the place of this one, or anything into it. A sticky bit is not enough: it lets
/// everybody make names that are not taken yet. An access control list that lets others write shows as the group's right.
fn trusted(directory: &OwnedFd, path: &str, owner: u32) -> Result<(), JournalError> {
    let status = stat(directory).map_err(|error| WriteError::new(path, "looked at", error))?;
    let refuse = |why: String| Err(JournalError::Unsafe { path: path.to_owned(), why });
    if FileType::from_raw_mode(status.stx_mode.into()) != FileType::Directory {
        return Err(WriteError::NoDirectory { path: path.to_owned() }.into());
    }
    if status.stx_uid != owner && status.stx_uid != 0 {
        return refuse(format!("belongs to user {}", status.stx_uid));
    }
    if status.stx_uid != owner && path == HOME {
        return refuse(format!("belongs to user {}, not to user {owner}", status.stx_uid));
    }
    if status.stx_mode & 0o022 != 0 {
        return refuse(format!("may be written by others (mode {:04o})", status.stx_mode & 0o7777));
    }
    Ok(())
}
