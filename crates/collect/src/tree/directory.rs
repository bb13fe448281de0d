//! A directory: the node that runs, its file system mounted somewhere, or an unpacked recording.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::rc::Rc;

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use seaworthy_model::{FileKind, View};

use super::kernel::{entries, in_proc, milliseconds, no_link, prefix, read_all, read_link, stat, trouble};
use super::resolve::{Step, Steps, parent, resolve};
use super::{Handle, Inner, Links, Nature, OpenError, Seen, Tree, Trouble, pid};

/// The number that `statfs` gives for the kernel's own `/proc`.
const PROC: u64 = 0x9fa0;

type Descriptor = Rc<OwnedFd>;
type Changes = HashMap<(View, Vec<u8>), Option<i64>>;

/// A directory. `/` is the node that runs.
#[derive(Debug)]
pub struct Directory {
    root: Descriptor,
    proc: Option<OwnedFd>,
    nature: Nature,
    /// Whether the kernel has `openat2`.
    quick: Cell<bool>,
    /// Roots of processes.
    roots: RefCell<HashMap<u32, Result<Descriptor, Trouble>>>,
    /// When directories were last changed.
    changes: RefCell<Changes>,
}

impl Directory {
    /// Opens it.
    ///
    /// # Errors
    /// If it is no directory or may not be read.
    pub fn open(root: &Path) -> Result<Self, OpenError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = rustix::fs::open(root, flags, Mode::empty())
            .map_err(|error| OpenError::Unreadable { path: root.to_owned(), error: error.into() })?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let proc = rustix::fs::openat(&opened, "proc", flags, Mode::empty())
            .ok()
            .filter(|fd| rustix::fs::fstatfs(fd).is_ok_and(|s| s.f_type.cast_unsigned() == PROC));
        let live = proc.is_some();
        let clock = |id| {
            let time = rustix::time::clock_gettime(id);
            time.tv_sec * 1_000_000 + time.tv_nsec / 1000
        };
        let since = clock(rustix::time::ClockId::Boottime);
        let nature = Nature {
            live,
            root: rustix::process::geteuid().is_root(),
            prefix: if live { prefix(root) } else { Vec::new() },
            boot: live.then(|| (clock(rustix::time::ClockId::Realtime) - since) / 1000),
            ticks: if live { rustix::param::clock_ticks_per_second() } else { 100 },
        };
        Ok(Directory {
            root: Rc::new(opened),
            proc,
            nature,
            quick: Cell::new(true),
            roots: RefCell::default(),
            changes: RefCell::default(),
        })
    }

    /// The root of a view.
    fn root(&self, view: View) -> Result<Descriptor, Trouble> {
        let View::Process(pid) = view else { return Ok(Rc::clone(&self.root)) };
        if let Some(known) = self.roots.borrow().get(&pid) {
            return known.clone();
        }
        let found = match &self.proc {
            // The kernel's link leads into the process's own mount namespace, which no path of ours does.
            Some(proc) => {
                let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
                rustix::fs::openat(proc, format!("{pid}/root"), flags, Mode::empty()).map(Rc::new).map_err(trouble)
            }
            None => resolve(self, &self.root, format!("/proc/{pid}/root").as_bytes(), Links::Follow).map(|r| r.node),
        };
        self.roots.borrow_mut().insert(pid, found.clone());
        found
    }

    /// Opens `path` below `root` in one call, if the kernel can and there are no links on the way.
    fn open_quickly(&self, root: &OwnedFd, path: &[u8], flags: OFlags) -> Option<Result<OwnedFd, Trouble>> {
        if !self.quick.get() {
            return None;
        }
        let how = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS;
        match rustix::fs::openat2(root, path, flags | OFlags::CLOEXEC, Mode::empty(), how) {
            Ok(found) => Some(Ok(found)),
            Err(Errno::LOOP | Errno::AGAIN) => None,
            // Old kernels have no such call, and old container runtimes forbid it.
            Err(Errno::NOSYS | Errno::PERM | Errno::INVAL | Errno::TOOBIG) => {
                self.quick.set(false);
                None
            }
            Err(error) => Some(Err(trouble(error))),
        }
    }

    /// Opens what was seen before, to read it. Its path has no links.
    fn open_again(&self, root: &Descriptor, path: &[u8], flags: OFlags) -> Result<OwnedFd, Trouble> {
        let flags = flags | OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
        if let Some(found) = self.open_quickly(root, path, flags) {
            return found;
        }
        let Some((directory, name)) = parent(path) else { return Err(Trouble::Absent) };
        let directory = resolve(self, root, &directory, Links::Follow)?.node;
        rustix::fs::openat(&directory, name, flags | OFlags::CLOEXEC, Mode::empty()).map_err(trouble)
    }

    /// When the directory at `path` was last changed.
    fn change(&self, view: View, root: &Descriptor, path: Vec<u8>) -> Option<i64> {
        let key = (view, path);
        if let Some(known) = self.changes.borrow().get(&key) {
            return *known;
        }
        let found = self.open_quickly(root, &key.1, OFlags::PATH).and_then(Result::ok);
        let changed = found.and_then(|fd| stat(&fd).ok()).and_then(|s| milliseconds(s.stx_mtime));
        self.changes.borrow_mut().insert(key, changed);
        changed
    }
}

impl Steps for Directory {
    type Node = Descriptor;

    fn step(&self, directory: &Descriptor, name: &[u8]) -> Result<Step<Descriptor>, Trouble> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let found = rustix::fs::openat(directory, name, flags, Mode::empty()).map_err(trouble)?;
        let mode = stat(&found)?.stx_mode;
        if FileType::from_raw_mode(mode.into()) == FileType::Symlink {
            let target = rustix::fs::readlinkat(&found, "", Vec::new()).map_err(trouble)?;
            return Ok(Step::Link(target.into_bytes()));
        }
        Ok(Step::Node(Rc::new(found)))
    }
}

impl Tree for Directory {
    fn nature(&self) -> &Nature {
        &self.nature
    }

    fn look(&self, view: View, path: &[u8], links: Links) -> Result<Seen, Trouble> {
        let root = self.root(view)?;
        let mut followed = Vec::new();
        let mut target = super::normal(path);
        let mut directories = Vec::new();
        let found = match self.open_quickly(&root, path, OFlags::PATH) {
            Some(found) => Rc::new(found?),
            None => {
                let resolved = resolve(self, &root, path, links)?;
                (followed, target, directories) = (resolved.links, resolved.target, resolved.directories);
                resolved.node
            }
        };
        let status = stat(&found)?;
        let kind = match FileType::from_raw_mode(status.stx_mode.into()) {
            FileType::RegularFile => FileKind::Regular,
            FileType::Directory => FileKind::Directory,
            _ => FileKind::Other,
        };
        let directory_modified = if directories.is_empty() {
            parent(&target).and_then(|(directory, _)| self.change(view, &root, directory))
        } else {
            directories.iter().filter_map(|fd| stat(fd).ok().and_then(|s| milliseconds(s.stx_mtime))).max()
        };
        Ok(Seen {
            kind,
            mode: u32::from(status.stx_mode) & 0o7777,
            uid: status.stx_uid,
            gid: status.stx_gid,
            size: if kind == FileKind::Directory { 0 } else { status.stx_size },
            modified: milliseconds(status.stx_mtime),
            changed: milliseconds(status.stx_ctime),
            directory_modified,
            inode: Some((rustix::fs::makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino)),
            links: followed,
            target,
            handle: Handle(Inner::Descriptor { root, found }),
        })
    }

    fn link(&self, view: View, path: &[u8]) -> Result<Vec<u8>, Trouble> {
        let root = self.root(view)?;
        let (directory, name) = parent(path).ok_or_else(no_link)?;
        let directory = match self.open_quickly(&root, &directory, OFlags::PATH) {
            Some(found) => Rc::new(found?),
            None => resolve(self, &root, &directory, Links::Follow)?.node,
        };
        read_link(directory.as_fd(), &name)
    }

    fn read(&self, seen: &Seen, limit: usize, into: &mut Vec<u8>) -> Result<(), Trouble> {
        let Handle(Inner::Descriptor { root, .. }) = &seen.handle else { return Err(Trouble::Absent) };
        // What was seen was opened without touching it. Only a regular file is opened for reading: a pipe or device could act on it.
        if seen.kind != FileKind::Regular {
            return Err(Trouble::Other("no regular file".to_owned()));
        }
        let file = self.open_again(root, &seen.target, OFlags::empty())?;
        let status = stat(&file)?;
        let same = (rustix::fs::makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino);
        if Some(same) != seen.inode {
            return Err(Trouble::Other("it was replaced while it was read".to_owned()));
        }
        read_all(&file, limit, usize::try_from(status.stx_size).unwrap_or(usize::MAX), into)
    }

    fn list(&self, seen: &Seen) -> Result<Vec<Vec<u8>>, Trouble> {
        let Handle(Inner::Descriptor { found, .. }) = &seen.handle else { return Err(Trouble::Absent) };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let directory = rustix::fs::openat(found, ".", flags, Mode::empty()).map_err(trouble)?;
        let mut names = Vec::new();
        entries(&directory, |name| names.push(name.to_vec()))?;
        names.sort_unstable();
        Ok(names)
    }

    fn processes(&self) -> Result<Vec<u32>, Trouble> {
        let mut pids = Vec::new();
        if let Some(proc) = &self.proc {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let directory = rustix::fs::openat(proc, ".", flags, Mode::empty()).map_err(trouble)?;
            entries(&directory, |name| pids.extend(pid(name)))?;
        } else {
            let seen = self.look(View::Host, b"/proc", Links::Follow)?;
            pids.extend(self.list(&seen)?.iter().filter_map(|name| pid(name)));
        }
        pids.sort_unstable();
        Ok(pids)
    }

    fn process_file(&self, pid: u32, name: &str, limit: usize, into: &mut Vec<u8>) -> Result<(), Trouble> {
        let Some(proc) = &self.proc else {
            let seen = self.look(View::Host, format!("/proc/{pid}/{name}").as_bytes(), Links::Follow)?;
            return self.read(&seen, limit, into);
        };
        // Below the kernel's own /proc there are no hostile links, and one call opens the file.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = rustix::fs::openat(proc, in_proc(&mut [0; 64], pid, name), flags, Mode::empty()).map_err(trouble)?;
        read_all(&file, limit, 0, into)
    }

    fn process_link(&self, pid: u32, name: &str) -> Result<Vec<u8>, Trouble> {
        match &self.proc {
            Some(proc) => read_link(proc.as_fd(), in_proc(&mut [0; 64], pid, name)),
            None => self.link(View::Host, format!("/proc/{pid}/{name}").as_bytes()),
        }
    }
}
