//! Trees for tests: archives made by hand, and a tree that refuses what it is told to.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use seaworthy_catalogue::{Catalogue, TextFile};
use seaworthy_collect::{Archive, Links, Nature, Options, Seen, Tree, Trouble, collect, load_catalogue};
use seaworthy_model::{Facts, File, FileRecord, Node, Process, Tool, View};

pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let texts = load_catalogue(Path::new("../../catalogue")).unwrap();
    let wanted = |path: &str| path.starts_with("components/") || path.starts_with("platforms/");
    let texts: Vec<TextFile> =
        texts.iter().filter(|(path, _)| wanted(path)).map(|(path, text)| TextFile { path, text }).collect();
    seaworthy_catalogue::load(&texts).unwrap().catalogue
});

pub(crate) fn options() -> Options {
    Options { time: None, tool: Tool { name: "test".into(), version: "0".into() }, cluster_name: None }
}

pub(crate) fn facts(tree: &dyn Tree) -> Facts {
    collect(tree, &CATALOGUE, CATALOGUE.platform("kubeadm").unwrap(), &options())
}

pub(crate) fn node(tree: &dyn Tree) -> Node {
    facts(tree).node.unwrap()
}

pub(crate) fn archive_bytes(name: &str) -> Vec<u8> {
    std::fs::read(format!("../../fixtures/nodes/kubeadm-1.34-{name}.tar.gz")).unwrap()
}

/// An archive in the making.
pub(crate) struct Maker(tar::Builder<Vec<u8>>);

impl Maker {
    pub(crate) fn new() -> Self {
        Maker(tar::Builder::new(Vec::new()))
    }

    fn put(&mut self, path: &str, kind: tar::EntryType, mode: u32, content: &[u8]) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(content.len() as u64);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_path(path.trim_start_matches('/')).unwrap();
        header
    }

    pub(crate) fn file(&mut self, path: &str, content: impl AsRef<[u8]>) -> &mut Self {
        self.entry(path, 0o600, 0, content)
    }

    pub(crate) fn entry(&mut self, path: &str, mode: u32, time: u64, content: impl AsRef<[u8]>) -> &mut Self {
        let mut header = self.put(path, tar::EntryType::Regular, mode, content.as_ref());
        header.set_mtime(time);
        header.set_cksum();
        self.0.append(&header, content.as_ref()).unwrap();
        self
    }

    pub(crate) fn directory(&mut self, path: &str, mode: u32) -> &mut Self {
        let mut header = self.put(path, tar::EntryType::Directory, mode, b"");
        header.set_cksum();
        self.0.append(&header, &[][..]).unwrap();
        self
    }

    pub(crate) fn link(&mut self, path: &str, target: &str) -> &mut Self {
        let mut header = self.put(path, tar::EntryType::Symlink, 0o777, b"");
        header.set_link_name(target).unwrap();
        header.set_cksum();
        self.0.append(&header, &[][..]).unwrap();
        self
    }

    pub(crate) fn special(&mut self, path: &str, kind: tar::EntryType) -> &mut Self {
        let mut header = self.put(path, kind, 0o644, b"");
        header.set_link_name("etc/passwd").unwrap();
        header.set_cksum();
        self.0.append(&header, &[][..]).unwrap();
        self
    }

    /// A process of the host: `arguments` begin with the program's name.
    pub(crate) fn process(&mut self, pid: u32, exe: &str, arguments: &[&str], cgroup: &str) -> &mut Self {
        let comm = exe.rsplit('/').next().unwrap();
        let cmdline: String = arguments.iter().map(|argument| format!("{argument}\0")).collect();
        self.file(&format!("proc/{pid}/comm"), format!("{}\n", &comm[..comm.len().min(15)]));
        self.file(&format!("proc/{pid}/cmdline"), cmdline);
        self.file(&format!("proc/{pid}/status"), format!("Name:\t{comm}\nPPid:\t1\nUid:\t0\t0\t0\t0\n"));
        self.file(
            &format!("proc/{pid}/stat"),
            format!("{pid} ({comm}) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {pid} 0"),
        );
        self.file(&format!("proc/{pid}/cgroup"), format!("0::{cgroup}\n"));
        self.file(&format!("proc/{pid}/environ"), "");
        self.link(&format!("proc/{pid}/exe"), exe)
    }

    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        std::mem::replace(&mut self.0, tar::Builder::new(Vec::new())).into_inner().unwrap()
    }

    pub(crate) fn tree(&mut self) -> Archive {
        Archive::read(&self.bytes()).unwrap()
    }
}

/// A tree that says of itself what it is told, and refuses some paths. `/proc/PID/x` is refused as a path too.
pub(crate) struct Faulty {
    pub(crate) inner: Archive,
    pub(crate) nature: Nature,
    pub(crate) refused: BTreeMap<String, Trouble>,
}

impl Faulty {
    pub(crate) fn new(inner: Archive) -> Self {
        let nature = inner.nature().clone();
        Faulty { inner, nature, refused: BTreeMap::new() }
    }

    /// The same as a node that runs.
    pub(crate) fn live(mut self) -> Self {
        self.nature.live = true;
        self.nature.boot = Some(1_000_000_000);
        self
    }

    pub(crate) fn refuse(mut self, path: &str, trouble: Trouble) -> Self {
        self.refused.insert(path.to_owned(), trouble);
        self
    }

    pub(crate) fn deny(self, path: &str) -> Self {
        self.refuse(path, Trouble::Denied("Permission denied".into()))
    }

    fn check(&self, view: View, path: &[u8]) -> Result<(), Trouble> {
        let path = String::from_utf8_lossy(path).into_owned();
        let path = match view {
            View::Host => path,
            View::Process(pid) => format!("/proc/{pid}/root{}", if path == "/" { "" } else { &path }),
        };
        let refused = self.refused.iter().find(|(at, _)| path == **at || path.starts_with(&format!("{at}/")));
        refused.map_or(Ok(()), |(_, trouble)| Err(trouble.clone()))
    }
}

impl Tree for Faulty {
    fn nature(&self) -> &Nature {
        &self.nature
    }

    fn look(&self, view: View, path: &[u8], links: Links) -> Result<Seen, Trouble> {
        self.check(view, path)?;
        self.inner.look(view, path, links)
    }

    fn link(&self, view: View, path: &[u8]) -> Result<Vec<u8>, Trouble> {
        self.check(view, path)?;
        self.inner.link(view, path)
    }

    fn read(&self, seen: &Seen, limit: usize, into: &mut Vec<u8>) -> Result<(), Trouble> {
        self.check(View::Host, &[b"/read".as_slice(), &seen.target].concat())?;
        self.inner.read(seen, limit, into)
    }

    fn list(&self, seen: &Seen) -> Result<Vec<Vec<u8>>, Trouble> {
        self.check(View::Host, &[b"/list".as_slice(), &seen.target].concat())?;
        self.inner.list(seen)
    }
}

pub(crate) trait Find {
    fn record(&self, view: View, path: &str) -> &FileRecord;
    fn known(&self, view: View, path: &str) -> &File;
    fn process(&self, pid: u32) -> &Process;
}

impl Find for Node {
    fn record(&self, view: View, path: &str) -> &FileRecord {
        self.file(view, path).unwrap_or_else(|| panic!("{view:?} {path} was not looked at"))
    }

    fn known(&self, view: View, path: &str) -> &File {
        let record = self.record(view, path);
        record.fact.known().unwrap_or_else(|| panic!("{:?}", record.fact))
    }

    fn process(&self, pid: u32) -> &Process {
        self.processes.known().unwrap().iter().find(|process| process.pid == pid).unwrap()
    }
}

/// The text of a file that was kept.
pub(crate) fn text(file: &File) -> &str {
    &file.text.as_ref().unwrap().known().unwrap().text
}
