//! A node as it would be after changes: the tree beneath, with some files and some processes' arguments replaced. Nothing is written.

use std::collections::BTreeMap;
use std::rc::Rc;

use seaworthy_model::{FileKind, View};

use super::{Handle, Inner, Links, Nature, Seen, Tree, Trouble, normal};

/// How a file or directory would be.
#[derive(Debug, Clone, Default)]
pub struct Changed {
    /// Its content, if that changes or it is new. Of a directory: nothing.
    pub content: Option<Vec<u8>>,
    /// Its mode.
    pub mode: Option<u32>,
    /// Its owner and group.
    pub owner: Option<(u32, u32)>,
    /// It is a directory that is not there yet.
    pub directory: bool,
}

/// A directory or file of the host, and where it is to a process.
type Mount = (Vec<u8>, Vec<u8>);

/// A node as it would be. Files that are there already are known again by device and inode, in whatever view they are looked at; new ones
/// are seen by the host, and by the processes that [`Overlay::mount`] tells.
pub struct Overlay<'t> {
    base: &'t dyn Tree,
    /// By path on the host.
    files: BTreeMap<Vec<u8>, Changed>,
    /// Which of them a device and inode is.
    inodes: BTreeMap<(u64, u64), Vec<u8>>,
    /// Directories that are there already and get new entries.
    grown: Vec<Seen>,
    mounts: BTreeMap<u32, Vec<Mount>>,
    /// Command lines, each word ended by a zero byte.
    arguments: BTreeMap<u32, Vec<u8>>,
}

impl std::fmt::Debug for Overlay<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Overlay of {} files", self.files.len())
    }
}

impl<'t> Overlay<'t> {
    /// Nothing is changed yet.
    pub fn new(base: &'t dyn Tree) -> Self {
        Overlay {
            base,
            files: BTreeMap::new(),
            inodes: BTreeMap::new(),
            grown: Vec::new(),
            mounts: BTreeMap::new(),
            arguments: BTreeMap::new(),
        }
    }

    /// Changes the file at this path of the host, or makes it.
    pub fn change(&mut self, path: &str, changed: Changed) {
        let path = match self.base.look(View::Host, path.as_bytes(), Links::Follow) {
            Ok(seen) => {
                if let Some(inode) = seen.inode {
                    self.inodes.insert(inode, seen.target.clone());
                }
                seen.target
            }
            Err(_) => self.made(path),
        };
        self.files.insert(path, changed);
    }

    /// The path on the host of what is to be made: by the directory above it, if that is there.
    fn made(&mut self, path: &str) -> Vec<u8> {
        let path = normal(path.as_bytes());
        let (above, name) = parts(&path);
        let Ok(seen) = self.base.look(View::Host, above, Links::Follow) else { return path };
        let path = [seen.target.strip_suffix(b"/").unwrap_or(&seen.target), b"/", name].concat();
        self.grown.push(seen);
        path
    }

    /// Lets a process see a directory or file of the host at a path of its own.
    pub fn mount(&mut self, pid: u32, host: &str, path: &str) {
        self.mounts.entry(pid).or_default().push((normal(host.as_bytes()), normal(path.as_bytes())));
    }

    /// Gives a process other arguments.
    pub fn run(&mut self, pid: u32, arguments: &[String]) {
        let mut words = Vec::new();
        for argument in arguments {
            words.extend_from_slice(argument.as_bytes());
            words.push(0);
        }
        self.arguments.insert(pid, words);
    }

    /// Where on the host a path of a view is, by the mounts that were told.
    fn on_host(&self, view: View, path: &[u8]) -> Option<Vec<u8>> {
        let path = normal(path);
        let View::Process(pid) = view else { return Some(path) };
        self.mounts.get(&pid)?.iter().find_map(|(host, inside)| {
            let rest = path.strip_prefix(inside.as_slice())?;
            (rest.is_empty() || rest.starts_with(b"/")).then(|| [host.as_slice(), rest].concat())
        })
    }

    /// What is on the host behind a path that a process sees by a mount that was told.
    fn mounted_at(&self, view: View, path: &[u8], links: Links) -> Option<Seen> {
        if view == View::Host {
            return None;
        }
        let seen = self.base.look(View::Host, &self.on_host(view, path)?, links).ok()?;
        let handle = Handle(Inner::Mounted(Rc::new(seen.clone())));
        Some(Seen { target: normal(path), handle, ..seen })
    }

    /// The path on the host of a directory that gets new entries, if this is one.
    fn grown_at(&self, seen: &Seen) -> Option<&Vec<u8>> {
        let same = |grown: &&Seen| match (&grown.handle.0, &seen.handle.0) {
            (Inner::Node(one), Inner::Node(other)) => one == other,
            _ => grown.inode.is_some() && grown.inode == seen.inode,
        };
        self.grown.iter().find(same).map(|grown| &grown.target)
    }

    /// What is new at a path. It was there before the process looked: nothing about it is stale.
    fn new_at(&self, view: View, path: &[u8]) -> Option<Seen> {
        let host = self.on_host(view, path)?;
        let changed = self.files.get(&host)?;
        if changed.content.is_none() && !changed.directory {
            return None;
        }
        let (uid, gid) = changed.owner.unwrap_or((0, 0));
        Some(Seen {
            kind: if changed.directory { FileKind::Directory } else { FileKind::Regular },
            mode: changed.mode.unwrap_or(0o600),
            uid,
            gid,
            size: changed.content.as_ref().map_or(0, |content| content.len() as u64),
            modified: Some(0),
            changed: Some(0),
            directory_modified: Some(0),
            inode: None,
            links: Vec::new(),
            target: normal(path),
            handle: Handle(Inner::New(host)),
        })
    }
}

impl Tree for Overlay<'_> {
    fn nature(&self) -> &Nature {
        self.base.nature()
    }

    fn look(&self, view: View, path: &[u8], links: Links) -> Result<Seen, Trouble> {
        let mut seen = match self.base.look(view, path, links) {
            Ok(seen) => seen,
            Err(trouble) => match self.mounted_at(view, path, links) {
                Some(seen) => seen,
                None => return self.new_at(view, path).ok_or(trouble),
            },
        };
        // A recording has no inodes: there the same path is taken for the same file.
        let key = match seen.inode {
            Some(inode) => self.inodes.get(&inode),
            None => self.files.get_key_value(&seen.target).map(|(key, _)| key),
        };
        let Some((key, changed)) = key.and_then(|key| Some((key, self.files.get(key)?))) else { return Ok(seen) };
        seen.mode = changed.mode.unwrap_or(seen.mode);
        (seen.uid, seen.gid) = changed.owner.unwrap_or((seen.uid, seen.gid));
        if let Some(content) = &changed.content {
            seen.size = content.len() as u64;
            // What reads it starts anew with the change.
            (seen.modified, seen.changed, seen.directory_modified) = (Some(0), Some(0), Some(0));
            seen.handle = Handle(Inner::New(key.clone()));
        }
        Ok(seen)
    }

    fn link(&self, view: View, path: &[u8]) -> Result<Vec<u8>, Trouble> {
        self.base.link(view, path)
    }

    fn read(&self, seen: &Seen, limit: usize, into: &mut Vec<u8>) -> Result<(), Trouble> {
        let key = match &seen.handle {
            Handle(Inner::New(key)) => key,
            Handle(Inner::Mounted(behind)) => return self.base.read(behind, limit, into),
            _ => return self.base.read(seen, limit, into),
        };
        let content = self.files.get(key).and_then(|changed| changed.content.as_ref()).ok_or(Trouble::Absent)?;
        if content.len() > limit {
            return Err(Trouble::TooLarge(limit));
        }
        into.clear();
        into.extend_from_slice(content);
        Ok(())
    }

    fn list(&self, seen: &Seen) -> Result<Vec<Vec<u8>>, Trouble> {
        let (mut names, directory) = match &seen.handle {
            Handle(Inner::New(host)) => (Vec::new(), Some(host)),
            Handle(Inner::Mounted(behind)) => return self.list(behind),
            _ => (self.base.list(seen)?, self.grown_at(seen)),
        };
        if let Some(directory) = directory {
            let inside = self.files.keys().map(|path| parts(path)).filter(|(above, _)| above == directory);
            names.extend(inside.map(|(_, name)| name.to_vec()));
            names.sort_unstable();
            names.dedup();
        }
        Ok(names)
    }

    fn processes(&self) -> Result<Vec<u32>, Trouble> {
        self.base.processes()
    }

    fn process_file(&self, pid: u32, name: &str, limit: usize, into: &mut Vec<u8>) -> Result<(), Trouble> {
        match self.arguments.get(&pid).filter(|_| name == "cmdline") {
            Some(words) => {
                into.clear();
                into.extend_from_slice(words);
                Ok(())
            }
            None => self.base.process_file(pid, name, limit, into),
        }
    }

    fn process_link(&self, pid: u32, name: &str) -> Result<Vec<u8>, Trouble> {
        self.base.process_link(pid, name)
    }
}

/// The directory that a path is in, and its name there.
fn parts(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(0) | None => (b"/", path.strip_prefix(b"/").unwrap_or(path)),
        Some(at) => (&path[..at], &path[at + 1..]),
    }
}
