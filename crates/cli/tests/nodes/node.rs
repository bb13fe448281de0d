//! A node made of a recording: changed in memory, read as an archive, judged.

#[path = "node_judged.rs"]
mod judged;
#[path = "node_processes.rs"]
mod processes;

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, OnceLock};

use seaworthy_catalogue::Catalogue;
use seaworthy_collect::Archive;
use seaworthy_engine::Options;
use seaworthy_model::{Facts, Tool, Version};

pub(crate) use judged::{Judged, hold, hold_each};

/// The recordings, as the repository holds them.
pub(crate) const DEFAULT: &[u8] = include_bytes!("../../../../fixtures/nodes/kubeadm-1.34-default.tar.gz");
pub(crate) const HARDENED: &[u8] = include_bytes!("../../../../fixtures/nodes/kubeadm-1.34-hardened.tar.gz");
pub(crate) const WORKER: &[u8] = include_bytes!("../../../../fixtures/nodes/kubeadm-1.34-worker.tar.gz");

/// The time at which every node of these tests is looked at.
pub(crate) const TIME: &str = "2026-11-23T08:30:00Z";

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    File(Vec<u8>),
    Directory,
    Link(String),
}

#[derive(Debug, Clone)]
struct Entry {
    content: Content,
    mode: u32,
    uid: u64,
    gid: u64,
    modified: u64,
}

/// A recorded node that can be changed before it is read.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    entries: BTreeMap<String, Arc<Entry>>,
    version: Option<Version>,
    benchmark: Option<&'static str>,
}

/// The control plane node as `kubeadm init` leaves it.
pub(crate) fn plain() -> Node {
    static NODE: OnceLock<Node> = OnceLock::new();
    NODE.get_or_init(|| Node::parse(DEFAULT)).clone()
}

/// The hardened control plane node.
pub(crate) fn hardened() -> Node {
    static NODE: OnceLock<Node> = OnceLock::new();
    NODE.get_or_init(|| Node::parse(HARDENED)).clone()
}

/// The worker node.
pub(crate) fn worker() -> Node {
    static NODE: OnceLock<Node> = OnceLock::new();
    NODE.get_or_init(|| Node::parse(WORKER)).clone()
}

/// The catalogue that the program holds.
pub(crate) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(seaworthy_engine::embedded)
}

fn tool() -> Tool {
    Tool { name: "seaworthy".to_owned(), version: "0.0.0".to_owned() }
}

/// Reads an archive as `collect` does.
pub(crate) fn collect(archive: &[u8]) -> Facts {
    let tree = Archive::read(archive).expect("an archive");
    let options = seaworthy_collect::Options { time: Some(TIME.to_owned()), tool: tool(), cluster_name: None };
    seaworthy_collect::collect(&tree, catalogue(), &catalogue().platforms[0], &options)
}

impl Node {
    fn parse(bytes: &[u8]) -> Node {
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
        let mut entries = BTreeMap::new();
        for entry in archive.entries().expect("entries") {
            let mut entry = entry.expect("an entry");
            let path = String::from_utf8(entry.path_bytes().into_owned()).expect("a path");
            let path = path.trim_end_matches('/').to_owned();
            // What the API answered is no part of the node.
            if path.starts_with("cluster/") {
                continue;
            }
            let header = entry.header().clone();
            let kind = header.entry_type();
            let content = if kind.is_dir() {
                Content::Directory
            } else if kind.is_symlink() {
                let target = entry.link_name_bytes().expect("a target").into_owned();
                Content::Link(String::from_utf8(target).expect("a target"))
            } else {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).expect("content");
                Content::File(bytes)
            };
            let entry = Entry {
                content,
                mode: header.mode().expect("mode") & 0o7777,
                uid: header.uid().expect("uid"),
                gid: header.gid().expect("gid"),
                modified: header.mtime().expect("time"),
            };
            entries.insert(path, Arc::new(entry));
        }
        Node { entries, version: None, benchmark: None }
    }

    // Files. Paths are the host's, with or without a slash in front.

    fn key(path: &str) -> &str {
        path.trim_start_matches('/').trim_end_matches('/')
    }

    fn put(mut self, path: &str, content: Content, mode: u32) -> Node {
        let path = Node::key(path);
        let mut above = path;
        // A directory of the host is recorded as itself; of a container's own view only the files are.
        while let Some((parent, _)) = above.rsplit_once('/').filter(|_| !path.starts_with("proc/")) {
            let directory = Entry { content: Content::Directory, mode: 0o755, uid: 0, gid: 0, modified: 0 };
            self.entries.entry(parent.to_owned()).or_insert_with(|| Arc::new(directory));
            above = parent;
        }
        self.entries.insert(path.to_owned(), Arc::new(Entry { content, mode, uid: 0, gid: 0, modified: 0 }));
        self
    }

    /// Writes a file of root's with mode 0600, or with the mode and owner that the file at this place has.
    pub(crate) fn write(self, path: &str, text: impl AsRef<[u8]>) -> Node {
        let old = self.entries.get(Node::key(path)).cloned();
        let mut node = self.put(path, Content::File(text.as_ref().to_vec()), 0o600);
        if let Some(old) = old.filter(|old| matches!(old.content, Content::File(_))) {
            node = node.change(path, |entry| {
                (entry.mode, entry.uid, entry.gid, entry.modified) = (old.mode, old.uid, old.gid, old.modified);
            });
        }
        node
    }

    /// Makes a directory of root's with mode 0755.
    pub(crate) fn directory(self, path: &str) -> Node {
        self.remove(path).put(path, Content::Directory, 0o755)
    }

    /// Makes a symbolic link.
    pub(crate) fn link(self, path: &str, target: &str) -> Node {
        self.remove(path).put(path, Content::Link(target.to_owned()), 0o777)
    }

    /// Removes a path and all that is below it.
    pub(crate) fn remove(mut self, path: &str) -> Node {
        let path = Node::key(path);
        let below = format!("{path}/");
        self.entries.retain(|name, _| name != path && !name.starts_with(&below));
        self
    }

    fn change(mut self, path: &str, with: impl FnOnce(&mut Entry)) -> Node {
        let entry = self.entries.get_mut(Node::key(path)).unwrap_or_else(|| panic!("{path} is not on this node"));
        with(Arc::make_mut(entry));
        self
    }

    pub(crate) fn mode(self, path: &str, mode: u32) -> Node {
        self.change(path, |entry| entry.mode = mode)
    }

    pub(crate) fn owner(self, path: &str, uid: u64, gid: u64) -> Node {
        self.change(path, |entry| (entry.uid, entry.gid) = (uid, gid))
    }

    /// When the file was changed, in seconds since 1970.
    pub(crate) fn modified(self, path: &str, seconds: u64) -> Node {
        self.change(path, |entry| entry.modified = seconds)
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> String {
        match self.entries.get(Node::key(path)).map(|entry| &entry.content) {
            Some(Content::File(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            other => panic!("{path} is {other:?}"),
        }
    }

    /// Replaces a text in a file. It has to be there.
    pub(crate) fn edit(self, path: &str, from: &str, to: &str) -> Node {
        let text = self.text(path);
        assert!(text.contains(from), "{path} does not hold {from:?}");
        self.write(path, text.replace(from, to))
    }

    /// Adds a line for a user and a group of this number.
    pub(crate) fn account(self, name: &str, id: u64) -> Node {
        let users = format!("{}{name}:x:{id}:{id}::/:/bin/false\n", self.text("etc/passwd"));
        let groups = format!("{}{name}:x:{id}:\n", self.text("etc/group"));
        self.write("etc/passwd", users).write("etc/group", groups)
    }

    // Judging.

    /// The user's word for the Kubernetes version.
    pub(crate) fn version(mut self, version: &str) -> Node {
        self.version = Some(Version::parse(version).expect("a version"));
        self
    }

    pub(crate) fn benchmark(mut self, id: &'static str) -> Node {
        self.benchmark = Some(id);
        self
    }

    /// The node as a plain tar archive.
    pub(crate) fn archive(&self) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, entry) in &self.entries {
            let mut header = tar::Header::new_gnu();
            header.set_mode(entry.mode);
            header.set_uid(entry.uid);
            header.set_gid(entry.gid);
            header.set_mtime(entry.modified);
            header.set_size(0);
            match &entry.content {
                Content::Directory => {
                    header.set_entry_type(tar::EntryType::Directory);
                    builder.append_data(&mut header, format!("{path}/"), std::io::empty())
                }
                Content::Link(target) => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    builder.append_link(&mut header, path, target)
                }
                Content::File(bytes) => {
                    header.set_entry_type(tar::EntryType::Regular);
                    header.set_size(bytes.len() as u64);
                    builder.append_data(&mut header, path, bytes.as_slice())
                }
            }
            .expect("an entry");
        }
        builder.into_inner().expect("an archive")
    }

    pub(crate) fn facts(&self) -> Facts {
        collect(&self.archive())
    }

    pub(crate) fn judge(&self) -> Judged {
        self.judge_with(|_| {})
    }

    /// Judges facts that were changed on their way: what an archive cannot say, such as a file that may not be read.
    pub(crate) fn judge_with(&self, change: impl FnOnce(&mut Facts)) -> Judged {
        let mut facts = self.facts();
        change(&mut facts);
        let options = Options {
            benchmark: self.benchmark.map(str::to_owned),
            kubernetes_version: self.version,
            tool: Some(tool()),
            ..Options::default()
        };
        let report = seaworthy_engine::judge(&facts, catalogue(), &options).expect("a report");
        Judged { facts, report }
    }
}
