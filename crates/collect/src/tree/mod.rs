//! Where a node is: a directory (`/` is the node that runs) or an archive. Everything is read through [`Tree`].

mod archive;
mod directory;
mod error;
mod kernel;
mod overlay;
mod resolve;

use std::path::Path;

use seaworthy_model::{FileKind, View};

pub use archive::Archive;
pub use directory::Directory;
pub use error::{OpenError, Trouble};
pub use overlay::{Changed, Overlay};

pub(crate) use resolve::normal;

/// The largest archive that is read, and the largest content of one.
pub(crate) const ARCHIVE_LIMIT: usize = 64 << 20;

/// Where a node is. Paths are absolute and are resolved inside the tree, links too: nothing outside is touched.
pub trait Tree {
    /// What kind of tree it is.
    fn nature(&self) -> &Nature;

    /// What `path` leads to in this view. For [`View::Process`] the tree's own `proc/PID/root` is the root.
    ///
    /// # Errors
    /// See [`Trouble`].
    fn look(&self, view: View, path: &[u8], links: Links) -> Result<Seen, Trouble>;

    /// Where the link at `path` leads, as it is written there.
    ///
    /// # Errors
    /// See [`Trouble`]; [`Trouble::Other`] if it is no link.
    fn link(&self, view: View, path: &[u8]) -> Result<Vec<u8>, Trouble>;

    /// Reads a regular file into `into`, which is emptied first.
    ///
    /// # Errors
    /// See [`Trouble`]; [`Trouble::TooLarge`] beyond `limit` bytes.
    fn read(&self, seen: &Seen, limit: usize, into: &mut Vec<u8>) -> Result<(), Trouble>;

    /// The names in a directory, sorted.
    ///
    /// # Errors
    /// See [`Trouble`].
    fn list(&self, seen: &Seen) -> Result<Vec<Vec<u8>>, Trouble>;

    /// The ids of all processes, sorted.
    ///
    /// # Errors
    /// See [`Trouble`].
    fn processes(&self) -> Result<Vec<u32>, Trouble> {
        let seen = self.look(View::Host, b"/proc", Links::Follow)?;
        let mut pids: Vec<u32> = self.list(&seen)?.iter().filter_map(|name| pid(name)).collect();
        pids.sort_unstable();
        Ok(pids)
    }

    /// Reads `/proc/PID/NAME`.
    ///
    /// # Errors
    /// See [`Trouble`].
    fn process_file(&self, pid: u32, name: &str, limit: usize, into: &mut Vec<u8>) -> Result<(), Trouble> {
        let seen = self.look(View::Host, format!("/proc/{pid}/{name}").as_bytes(), Links::Follow)?;
        self.read(&seen, limit, into)
    }

    /// Where the link `/proc/PID/NAME` leads.
    ///
    /// # Errors
    /// See [`Trouble`].
    fn process_link(&self, pid: u32, name: &str) -> Result<Vec<u8>, Trouble> {
        self.link(View::Host, format!("/proc/{pid}/{name}").as_bytes())
    }
}

/// The number that a name in `/proc` is, if it is a process's.
pub(crate) fn pid(name: &[u8]) -> Option<u32> {
    std::str::from_utf8(name).ok()?.parse().ok().filter(|pid| *pid > 0)
}

/// Where `what` first is in `text`.
pub(crate) use memchr::memmem::find;

/// What kind of tree it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nature {
    /// Whether it is a running node: its `proc` is the kernel's.
    pub live: bool,
    /// Whether the reader has root's rights in it.
    pub root: bool,
    /// Where the tree is in the reader's own mount namespace, if it is a running node's and not `/`.
    pub prefix: Vec<u8>,
    /// When it started, in milliseconds since 1970, for a running node.
    pub boot: Option<i64>,
    /// The kernel's ticks per second.
    pub ticks: u64,
}

/// What becomes of links that a path goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// They are followed, inside the tree.
    Follow,
    /// Absolute ones end the search with [`Trouble::Leads`]: the path is a container's one that was mapped to the host.
    StopAtAbsolute,
}

/// What a path led to.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What it is.
    pub kind: FileKind,
    /// The permission bits.
    pub mode: u32,
    /// The owner's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
    /// The size in bytes; 0 for directories.
    pub size: u64,
    /// When the content was changed, in milliseconds since 1970.
    pub modified: Option<i64>,
    /// When the inode was changed, in milliseconds since 1970.
    pub changed: Option<i64>,
    /// When the newest change was made to a directory that holds it, or holds a link on the way to it.
    pub directory_modified: Option<i64>,
    /// Device and inode.
    pub inode: Option<(u64, u64)>,
    /// The links that were followed: path and target.
    pub links: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where they led.
    pub target: Vec<u8>,
    /// How the tree that gave this finds it again.
    pub handle: Handle,
}

/// How a tree finds again what it has seen.
#[derive(Debug, Clone)]
pub struct Handle(pub(crate) Inner);

#[derive(Debug, Clone)]
pub(crate) enum Inner {
    Descriptor {
        root: std::rc::Rc<std::os::fd::OwnedFd>,
        found: std::rc::Rc<std::os::fd::OwnedFd>,
    },
    Node(usize),
    /// A file of an [`Overlay`], by its path on the host.
    New(Vec<u8>),
    /// What an [`Overlay`] shows at another place than where it is.
    Mounted(std::rc::Rc<Seen>),
}

/// Opens the directory or archive at `root`.
///
/// # Errors
/// If it is neither, or cannot be read.
pub fn open(root: &Path) -> Result<Box<dyn Tree>, OpenError> {
    let unreadable = |error| OpenError::Unreadable { path: root.to_owned(), error };
    if std::fs::metadata(root).map_err(unreadable)?.is_dir() {
        return Ok(Box::new(Directory::open(root)?));
    }
    let file = std::fs::File::open(root).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let limit = ARCHIVE_LIMIT as u64 + 1;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, limit), &mut bytes).map_err(unreadable)?;
    let archive = Archive::read(&bytes).map_err(|error| match error {
        OpenError::Unreadable { error, .. } => OpenError::Unreadable { path: root.to_owned(), error },
        OpenError::NoArchive { error, .. } => OpenError::NoArchive { path: root.to_owned(), error },
        OpenError::TooLarge { limit, .. } => OpenError::TooLarge { path: root.to_owned(), limit },
    })?;
    Ok(Box::new(archive))
}
