//! A recording in a tar archive, held in memory: modes and owners are the archive's, whoever reads it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use seaworthy_model::{FileKind, View};

use super::resolve::{Step, Steps, names, parent, resolve};
use super::{ARCHIVE_LIMIT, Handle, Inner, Links, Nature, OpenError, Seen, Tree, Trouble};

/// The most entries that a recording may have.
const MOST_ENTRIES: usize = 200_000;

/// A recording in a tar archive.
#[derive(Debug)]
pub struct Archive {
    nodes: Vec<Node>,
    nature: Nature,
}

#[derive(Debug)]
struct Node {
    content: Content,
    mode: u32,
    uid: u32,
    gid: u32,
    modified: Option<i64>,
    /// Whether the archive has an entry of its own for it.
    recorded: bool,
}

#[derive(Debug)]
enum Content {
    Directory(BTreeMap<Vec<u8>, usize>),
    File(Box<[u8]>),
    Link(Vec<u8>),
    Other,
}

impl Archive {
    /// Reads an archive, plain or compressed with gzip.
    ///
    /// # Errors
    /// If it is none, or is too large.
    pub fn read(bytes: &[u8]) -> Result<Self, OpenError> {
        let path = || PathBuf::from("the archive");
        if bytes.len() > ARCHIVE_LIMIT {
            return Err(OpenError::TooLarge { path: path(), limit: ARCHIVE_LIMIT });
        }
        let limit = ARCHIVE_LIMIT as u64;
        let mut archive = Archive {
            nodes: vec![Node::implied()],
            nature: Nature { live: false, root: true, prefix: Vec::new(), boot: None, ticks: 100 },
        };
        let (filled, left) = if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(limit);
            (archive.fill(&mut reader), reader.limit())
        } else {
            let mut reader = bytes.take(limit);
            (archive.fill(&mut reader), reader.limit())
        };
        match filled {
            _ if left == 0 => Err(OpenError::TooLarge { path: path(), limit: ARCHIVE_LIMIT }),
            Ok(()) if archive.nodes.len() == 1 && !archive.nodes[0].recorded => {
                Err(OpenError::NoArchive { path: path(), error: std::io::Error::other("it has no entries") })
            }
            Ok(()) => Ok(archive),
            Err(error) => Err(OpenError::NoArchive { path: path(), error }),
        }
    }

    fn fill(&mut self, reader: &mut dyn Read) -> std::io::Result<()> {
        let mut archive = tar::Archive::new(reader);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let name = entry.path_bytes().into_owned();
            // Nothing that an honest recorder writes; and what it would replace is not ours to guess.
            if names(&name).any(|name| name == b"..") {
                continue;
            }
            if self.nodes.len() > MOST_ENTRIES {
                return Err(std::io::Error::other("it has too many entries"));
            }
            let target = entry.link_name_bytes().map(std::borrow::Cow::into_owned);
            let kind = entry.header().entry_type();
            if kind.is_hard_link() {
                let seen = target.and_then(|target| resolve(self, &0, &target, Links::Follow).ok());
                if let Some(seen) = seen {
                    self.put(&name, seen.node);
                }
                continue;
            }
            let content = if kind.is_dir() {
                Content::Directory(BTreeMap::new())
            } else if kind.is_symlink() {
                Content::Link(target.unwrap_or_default())
            } else if kind.is_file() || kind.is_contiguous() {
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                Content::File(content.into())
            } else {
                Content::Other
            };
            let header = entry.header();
            let node = Node {
                content,
                mode: header.mode()? & 0o7777,
                uid: number(header.uid()?),
                gid: number(header.gid()?),
                // Recorders that keep no times write 0.
                modified: header.mtime().ok().filter(|t| *t > 0).and_then(|t| i64::try_from(t).ok()?.checked_mul(1000)),
                recorded: true,
            };
            self.add(&name, node);
        }
        Ok(())
    }

    /// Adds an entry; of two of the same name the later counts, and a directory keeps what it has.
    fn add(&mut self, path: &[u8], mut node: Node) {
        let old = if parent(path).is_none() { Some(0) } else { self.find(path) };
        if let (Some(old), Content::Directory(new)) = (old, &mut node.content) {
            if let Content::Directory(entries) = &mut self.nodes[old].content {
                *new = std::mem::take(entries);
            }
            self.nodes[old] = node;
            return;
        }
        if parent(path).is_some() {
            self.nodes.push(node);
            self.put(path, self.nodes.len() - 1);
        }
    }

    /// Puts a node at a path, and makes the directories above it that the archive left out.
    fn put(&mut self, path: &[u8], node: usize) {
        let Some((directory, last)) = parent(path) else { return };
        let mut here = 0;
        for name in names(&directory) {
            here = match &self.nodes[here].content {
                Content::Directory(entries) => match entries.get(name) {
                    Some(next) => *next,
                    None => {
                        let new = self.nodes.len();
                        self.nodes.push(Node::implied());
                        if let Content::Directory(entries) = &mut self.nodes[here].content {
                            entries.insert(name.to_vec(), new);
                        }
                        new
                    }
                },
                _ => return,
            };
        }
        if let Content::Directory(entries) = &mut self.nodes[here].content {
            entries.insert(last, node);
        }
    }

    /// The node at a path, no links followed.
    fn find(&self, path: &[u8]) -> Option<usize> {
        names(path).try_fold(0, |here, name| match &self.nodes[here].content {
            Content::Directory(entries) => entries.get(name).copied(),
            _ => None,
        })
    }

    fn root(&self, view: View) -> Result<usize, Trouble> {
        match view {
            View::Host => Ok(0),
            View::Process(pid) => Ok(resolve(self, &0, format!("/proc/{pid}/root").as_bytes(), Links::Follow)?.node),
        }
    }

    fn node(&self, seen: &Seen) -> Result<&Node, Trouble> {
        match seen.handle.0 {
            Inner::Node(index) => self.nodes.get(index).ok_or(Trouble::Absent),
            Inner::Descriptor { .. } | Inner::New(_) | Inner::Mounted(_) => Err(Trouble::Absent),
        }
    }
}

impl Node {
    fn implied() -> Self {
        Node { content: Content::Directory(BTreeMap::new()), mode: 0, uid: 0, gid: 0, modified: None, recorded: false }
    }
}

impl Steps for Archive {
    type Node = usize;

    fn step(&self, directory: &usize, name: &[u8]) -> Result<Step<usize>, Trouble> {
        let Content::Directory(entries) = &self.nodes[*directory].content else { return Err(Trouble::Absent) };
        let index = *entries.get(name).ok_or(Trouble::Absent)?;
        Ok(match &self.nodes[index].content {
            Content::Link(target) => Step::Link(target.clone()),
            _ => Step::Node(index),
        })
    }
}

impl Tree for Archive {
    fn nature(&self) -> &Nature {
        &self.nature
    }

    fn look(&self, view: View, path: &[u8], links: Links) -> Result<Seen, Trouble> {
        let found = resolve(self, &self.root(view)?, path, links)?;
        let node = &self.nodes[found.node];
        // Roots, and /proc, are asked for what is below them only.
        let bare = names(path).next().is_none() || names(path).eq([b"proc".as_slice()]);
        if !node.recorded && !bare {
            return Err(Trouble::Unrecorded);
        }
        let (kind, size) = match &node.content {
            Content::Directory(_) => (FileKind::Directory, 0),
            Content::File(content) => (FileKind::Regular, content.len() as u64),
            Content::Link(_) | Content::Other => (FileKind::Other, 0),
        };
        Ok(Seen {
            kind,
            mode: node.mode,
            uid: node.uid,
            gid: node.gid,
            size,
            modified: node.modified,
            changed: None,
            directory_modified: found.directories.iter().filter_map(|index| self.nodes[*index].modified).max(),
            inode: None,
            links: found.links,
            target: found.target,
            handle: Handle(Inner::Node(found.node)),
        })
    }

    fn link(&self, view: View, path: &[u8]) -> Result<Vec<u8>, Trouble> {
        let none = || Trouble::Other("no link".to_owned());
        let (directory, name) = parent(path).ok_or_else(none)?;
        let directory = resolve(self, &self.root(view)?, &directory, Links::Follow)?.node;
        match self.step(&directory, &name)? {
            Step::Link(target) => Ok(target),
            Step::Node(_) => Err(none()),
        }
    }

    fn read(&self, seen: &Seen, limit: usize, into: &mut Vec<u8>) -> Result<(), Trouble> {
        into.clear();
        match &self.node(seen)?.content {
            Content::File(content) if content.len() > limit => Err(Trouble::TooLarge(limit)),
            Content::File(content) => {
                into.extend_from_slice(content);
                Ok(())
            }
            _ => Err(Trouble::Other("no regular file".to_owned())),
        }
    }

    fn list(&self, seen: &Seen) -> Result<Vec<Vec<u8>>, Trouble> {
        match &self.node(seen)?.content {
            Content::Directory(entries) => Ok(entries.keys().cloned().collect()),
            _ => Err(Trouble::Absent),
        }
    }
}

/// Numbers beyond what the kernel has are nobody's.
fn number(id: u64) -> u32 {
    u32::try_from(id).unwrap_or(u32::MAX)
}
