//! One repair at a time on a node.

use std::os::fd::OwnedFd;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::JournalError;
use super::store::Store;
use crate::write::{WriteError, read_all, write_all};

const NAME: &str = "lock";
/// Who only asks whether somebody holds it does so for an instant; that must not look as if somebody did.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);

/// The lock. The kernel lets go of it when the value is dropped or the process ends, however it ends. A program that is started
/// meanwhile does not inherit it.
#[derive(Debug)]
pub struct Lock {
    file: OwnedFd,
}

/// Closing the file would not be enough: a program that another thread is just about to start has a copy of it until then.
impl Drop for Lock {
    fn drop(&mut self) {
        // If it is not let go now, it is when the process ends.
        let _ = rustix::fs::flock(&self.file, FlockOperation::Unlock);
    }
}

fn problem(doing: &'static str) -> impl Fn(Errno) -> WriteError {
    move |error| WriteError::new(&format!("{}/{NAME}", super::HOME), doing, error)
}

impl Lock {
    pub(super) fn take(home: &Store) -> Result<Lock, JournalError> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let file = rustix::fs::openat(home.directory(), NAME, flags, mode).map_err(problem("opened"))?;
        for tried in 1.. {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) if tried < TRIES => sleep(PAUSE),
                Err(Errno::WOULDBLOCK) => return Err(busy(&file)),
                Err(error) => return Err(problem("locked")(error).into()),
            }
        }
        // Only for the message of another process: the lock is what counts, also on a full disk.
        let since = jiff::Timestamp::try_from(SystemTime::now()).map(|now| format!("{now:.0}")).unwrap_or_default();
        let pid = rustix::process::getpid().as_raw_nonzero();
        let _ = rustix::fs::ftruncate(&file, 0).and_then(|()| write_all(&file, format!("{pid} {since}\n").as_bytes()));
        Ok(Lock { file })
    }
}

fn busy(file: &OwnedFd) -> JournalError {
    let bytes = read_all(file, 0, 200).ok().flatten().unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_default();
    let (pid, since) = text.trim_end().split_once(' ').unwrap_or_default();
    // The time is shown, and somebody could have written anything.
    let since = since.parse::<jiff::Timestamp>().ok().map(|since| since.to_string());
    JournalError::Busy { pid: pid.parse().ok(), since }
}

/// Whether somebody repairs just now, this process included.
pub(super) fn held(home: &Store) -> Result<bool, JournalError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = match rustix::fs::openat(home.directory(), NAME, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(false),
        Err(error) => return Err(problem("opened")(error).into()),
    };
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(false),
        Err(Errno::WOULDBLOCK) => Ok(true),
        Err(error) => Err(problem("looked at")(error).into()),
    }
}
