//! Writing below a node's root: whole or not at all, and never through a link.
//!
//! A path is looked up below the root one component at a time, as the kernel does for `openat2`, and a link anywhere on the way is
//! refused: whoever may place a link in a directory of the node could otherwise choose which file is written as root. What is here
//! knows files, not repairs: it keeps no record ([`crate::journal`] does) and asks no component whether it is well.

mod attributes;
mod change;
mod description;
mod error;
pub mod fail;
mod kernel;
mod place;
mod put;
mod restore;
mod snapshot;
mod stage;
mod temporary;

use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, ResolveFlags};

pub use attributes::Attributes;
pub use description::{Description, Nature, Status, Time};
pub use error::WriteError;
pub(crate) use kernel::{SHOWN, names, read_all, stat, write_all};
pub(crate) use place::look;
pub use put::{New, Style};
pub use restore::Restored;
pub(crate) use snapshot::digest;
pub use snapshot::{LARGEST, Snapshot};

/// The file system of a node: `/`, or the directory at which a running node's is mounted. Cloning it opens nothing anew.
#[derive(Debug, Clone)]
pub struct Root {
    fd: Arc<OwnedFd>,
    /// Whether the kernel has `openat2`, and lets us ask it.
    quick: bool,
}

impl Root {
    /// Opens it.
    ///
    /// # Errors
    /// If it is no directory or may not be opened.
    pub fn open(path: &Path) -> Result<Root, WriteError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|error| WriteError::new(&path.display().to_string(), "opened", error))?;
        let how = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS;
        // Kernels before 5.6 have no such call, and old container runtimes forbid it.
        let quick = rustix::fs::openat2(&fd, ".", flags, Mode::empty(), how).is_ok();
        Ok(Root { fd: Arc::new(fd), quick })
    }

    /// The directory itself.
    pub(crate) fn directory_itself(&self) -> &OwnedFd {
        &self.fd
    }
}
