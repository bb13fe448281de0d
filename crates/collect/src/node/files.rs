//! Paths as facts: each is looked at once, and its content is read once.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use seaworthy_model::{
    Certificate, Directory, Fact, File, FileKind, FileRecord, Grant, GrantKind, Manifest, Mount, Permissions, Source,
    Span, Text, View,
};
use seaworthy_yaml::Document;

use super::components;
use super::context::{Context, trace};
use super::documents::{self, Content};
use super::manifest;
use super::mounts::to_host;
use super::owners::Names;
use super::processes::Found;
use crate::tree::normal;
use crate::{Links, Seen, Trouble};

/// The largest document.
pub(crate) const DOCUMENT_LIMIT: usize = 1 << 20;
/// The most entries below one directory that are looked at.
const MOST_ENTRIES: usize = 4096;
/// How deep directories are looked into.
const DEEPEST: usize = 8;

/// What is wanted of a path, besides mode and owner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Want<'w> {
    /// The text, redacted, of a document of this kind.
    pub(crate) reads: Option<&'w str>,
    /// The public part of certificates.
    pub(crate) certificates: bool,
    /// The names in it, if it is a directory.
    pub(crate) list: bool,
    /// All that is below, if it is a directory.
    pub(crate) walk: bool,
    /// Below a directory only files whose names end so are read.
    pub(crate) suffix: Option<&'static str>,
}

/// How a process that is not of the host's mount namespace can be followed.
struct Eyes {
    /// Whether its own root can be entered.
    enter: bool,
    mounts: Vec<Mount>,
    components: Vec<String>,
}

struct Kept {
    record: FileRecord,
    document: Option<Rc<Document>>,
    texts: bool,
    certificates: bool,
    list: bool,
    walk: bool,
}

/// What was looked at so far.
pub(crate) struct Files<'c, 'a> {
    pub(crate) cx: &'c Context<'a>,
    kept: BTreeMap<(View, String), Kept>,
    eyes: HashMap<u32, Eyes>,
    /// Content by device, inode and kind of document: components share files.
    contents: HashMap<(u64, u64, String), Rc<Content>>,
    users: Names,
    groups: Names,
    buffer: Vec<u8>,
}

impl<'c, 'a> Files<'c, 'a> {
    pub(crate) fn new(cx: &'c Context<'a>) -> Self {
        let mut files = Files {
            cx,
            kept: BTreeMap::new(),
            eyes: HashMap::new(),
            contents: HashMap::new(),
            users: Names::default(),
            groups: Names::default(),
            buffer: Vec::new(),
        };
        files.users = Names::parse(&files.raw("/etc/passwd").unwrap_or_default());
        files.groups = Names::parse(&files.raw("/etc/group").unwrap_or_default());
        files
    }

    /// The content of a file of the host that is no fact of its own.
    pub(crate) fn raw(&mut self, path: &str) -> Result<Vec<u8>, Fact<String>> {
        let source = Source::host(path);
        if let Some(grant) = self.cx.hidden(path.as_bytes()) {
            return Err(Fact::NotVisible { grant, source });
        }
        let seen = self.cx.tree.look(View::Host, path.as_bytes(), Links::Follow);
        let read = seen.and_then(|seen| self.cx.tree.read(&seen, DOCUMENT_LIMIT, &mut self.buffer));
        match read {
            Ok(()) => Ok(self.buffer.clone()),
            Err(trouble) => Err(self.cx.missing(&trouble, source)),
        }
    }

    /// Takes note of processes with a mount namespace of their own.
    pub(crate) fn know(&mut self, found: &mut [Found<'_>]) {
        for Found { process, components, view, .. } in found {
            if *view != View::Host {
                let enter = self.cx.tree.look(*view, b"/", Links::Follow).is_ok();
                let components = components.iter().map(|(component, _)| component.name.clone()).collect();
                self.eyes.insert(process.pid, Eyes { enter, mounts: process.mounts.clone(), components });
            }
        }
    }

    /// For processes whose own mounts cannot be read: what the manifest of their component mounts, if there is one of it only.
    pub(crate) fn learn(&mut self, manifests: &Fact<Vec<Manifest>>) {
        for eyes in self.eyes.values_mut() {
            if eyes.mounts.is_empty() {
                let known = manifests.known().map_or(&[][..], Vec::as_slice);
                eyes.mounts = manifest::mounts(self.cx.catalogue, known, &eyes.components);
            }
        }
    }

    /// Looks at a path. Gives the document there, if one is wanted and makes sense.
    pub(crate) fn want(&mut self, view: View, path: &[u8], want: Want<'_>) -> Option<Rc<Document>> {
        let name = String::from_utf8_lossy(&normal(path)).into_owned();
        let key = (view, name);
        let mut want = want;
        if let Some(kept) = self.kept.get(&key) {
            let enough = (kept.texts || want.reads.is_none())
                && (kept.certificates || !want.certificates)
                && (kept.list || !want.list)
                && (kept.walk || !want.walk);
            if enough || kept.record.fact.known().is_none() {
                return kept.document.clone();
            }
            want.certificates |= kept.certificates;
            want.list |= kept.list;
        }
        let old = self.kept.remove(&key).filter(|old| old.texts && want.reads.is_none());
        let mut document = None;
        let fact = match self.locate(view, path) {
            Ok((seen, source)) => {
                let mut file = self.file(&seen, &key.1);
                match seen.kind {
                    FileKind::Regular => document = self.fill(&mut file, &seen, &source, &key.1, want),
                    FileKind::Directory if want.walk || want.list => {
                        self.enter(&mut file, &seen, &source, view, path, want)
                    }
                    _ => {}
                }
                if let Some(Kept { record: FileRecord { fact: Fact::Known { value, .. }, .. }, document: of, .. }) = old
                {
                    (file.text, file.digest, document) = (value.text, value.digest, of);
                    file.certificates =
                        if value.certificates.is_empty() { file.certificates } else { value.certificates };
                }
                Fact::Known { value: file, source }
            }
            Err(fact) => fact,
        };
        let texts = want.reads.is_some() || document.is_some();
        let kept = Kept {
            record: FileRecord { view, path: key.1.clone(), fact },
            document: document.clone(),
            texts,
            certificates: want.certificates,
            list: want.list || want.walk,
            walk: want.walk,
        };
        let path = key.1.clone();
        self.kept.insert(key, kept);
        if let (Some("Kubeconfig"), Some(document)) = (want.reads, &document) {
            components::follow(self, view, &path, document);
        }
        document
    }

    /// The record of a path that was wanted before.
    pub(crate) fn record(&self, view: View, path: &str) -> Option<&FileRecord> {
        self.kept.get(&(view, path.to_owned())).map(|kept| &kept.record)
    }

    /// The document of a path that was wanted before.
    pub(crate) fn document(&self, view: View, path: &str) -> Option<Rc<Document>> {
        self.kept.get(&(view, path.to_owned()))?.document.clone()
    }

    /// The documents below a directory that was wanted before, each with its path.
    pub(crate) fn documents_below(&self, view: View, directory: &[u8]) -> Vec<(String, Rc<Document>)> {
        let prefix = format!("{}/", String::from_utf8_lossy(&normal(directory)).trim_end_matches('/'));
        self.kept
            .range((view, prefix.clone())..)
            .take_while(|((of, path), _)| *of == view && path.starts_with(&prefix))
            .filter_map(|((_, path), kept)| Some((path.clone(), kept.document.clone()?)))
            .collect()
    }

    pub(crate) fn into_records(self) -> Vec<FileRecord> {
        self.kept.into_values().map(|kept| kept.record).collect()
    }

    /// Finds a path in its view, or says why it cannot be found.
    pub(crate) fn locate(&self, view: View, path: &[u8]) -> Result<(Seen, Source), Fact<File>> {
        let name = String::from_utf8_lossy(&normal(path)).into_owned();
        let View::Process(pid) = view else {
            let source = Source::host(name);
            if let Some(grant) = self.cx.hidden(path) {
                return Err(Fact::NotVisible { grant, source });
            }
            return match self.cx.tree.look(View::Host, path, Links::Follow) {
                Ok(seen) => Ok((seen, source)),
                Err(trouble) => Err(self.cx.missing(&trouble, source)),
            };
        };
        let none = Eyes { enter: false, mounts: Vec::new(), components: Vec::new() };
        let eyes = self.eyes.get(&pid).unwrap_or(&none);
        let host = to_host(&eyes.mounts, &normal(path)).map(|(path, _)| String::from_utf8_lossy(&path).into_owned());
        let source = Source::container(name, pid, host);
        if eyes.enter {
            match self.cx.tree.look(view, path, Links::Follow) {
                Ok(seen) => return Ok((seen, source)),
                // A recording holds a part of what the process sees.
                Err(Trouble::Absent | Trouble::Dangling { .. } | Trouble::Unrecorded) if !self.cx.nature.live => {}
                Err(trouble) => return Err(self.cx.missing(&trouble, source)),
            }
        }
        self.by_mounts(view, eyes, path, source)
    }

    /// Finds a container's path by the host's path behind it.
    fn by_mounts(&self, view: View, eyes: &Eyes, path: &[u8], source: Source) -> Result<(Seen, Source), Fact<File>> {
        let mut path = normal(path);
        for _ in 0..40 {
            let Some((_, mount)) = to_host(&eyes.mounts, &path) else { break };
            if let Some(grant) = self.cx.hidden(mount.host_path.as_bytes()) {
                return Err(Fact::NotVisible { grant, source });
            }
            // The way to the mounted directory goes by the host's links, the way from there by the container's.
            let start = match self.cx.tree.look(View::Host, mount.host_path.as_bytes(), Links::Follow) {
                Ok(start) => start,
                Err(Trouble::Absent | Trouble::Unrecorded | Trouble::Dangling { .. }) => break,
                Err(trouble) => return Err(self.cx.missing(&trouble, source)),
            };
            // A container's own file system, mounted where the collector does not see it, looks like an empty directory.
            let empty = || self.cx.tree.list(&start).is_ok_and(|names| names.is_empty());
            if mount.path == "/" && start.kind == FileKind::Directory && empty() {
                break;
            }
            let from = [Mount { host_path: String::from_utf8_lossy(&start.target).into_owned(), ..mount.clone() }];
            let Some((host, _)) = to_host(&from, &path) else { break };
            match self.cx.tree.look(View::Host, &host, Links::StopAtAbsolute) {
                Ok(seen) => return Ok((seen, source)),
                Err(Trouble::Leads(away)) => path = away,
                Err(trouble) => return Err(self.cx.missing(&trouble, source)),
            }
        }
        if self.cx.nature.live {
            return Err(Fact::NotVisible { grant: trace(), source });
        }
        let parent = path.iter().rposition(|byte| *byte == b'/').map_or(b"/".as_slice(), |end| &path[..end.max(1)]);
        if eyes.enter && self.cx.tree.look(view, parent, Links::Follow).is_ok_and(|_| parent != b"/") {
            return Err(Fact::Absent { source });
        }
        let grant = Grant::new(GrantKind::Recording, "the recording does not hold all that the process sees");
        Err(Fact::NotVisible { grant, source })
    }

    fn file(&self, seen: &Seen, path: &str) -> File {
        let times = |time: Option<i64>| time.filter(|time| self.cx.times && (self.cx.nature.live || *time > 0));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        File {
            kind: seen.kind,
            permissions: Permissions {
                mode: seen.mode,
                uid: seen.uid,
                gid: seen.gid,
                owner: self.users.get(seen.uid),
                group: self.groups.get(seen.gid),
            },
            size: seen.size,
            modified: times(seen.modified),
            changed: times(seen.changed).filter(|_| self.cx.nature.live),
            directory_modified: times(seen.directory_modified),
            // A copy has other inodes, and two of its files may be one on the node.
            inode: seen.inode.filter(|_| self.cx.nature.live),
            links: seen.links.iter().map(|(path, target)| format!("{} -> {}", text(path), text(target))).collect(),
            target: if seen.links.is_empty() { path.to_owned() } else { text(&seen.target) },
            digest: None,
            text: None,
            entries: None,
            certificates: Vec::new(),
        }
    }

    /// Reads what is wanted of a file's content.
    fn fill(
        &mut self,
        file: &mut File,
        seen: &Seen,
        source: &Source,
        path: &str,
        want: Want<'_>,
    ) -> Option<Rc<Document>> {
        // A key's file has nothing that is wanted.
        let certificates = want.certificates && !path.ends_with(".key");
        if want.reads.is_none() && !certificates {
            return None;
        }
        let kind = want.reads.unwrap_or_default().to_owned();
        let key = seen.inode.map(|(device, inode)| (device, inode, kind.clone()));
        let content = key.as_ref().and_then(|key| self.contents.get(key).cloned());
        let content = match content {
            Some(content) => content,
            None => {
                let content = match self.cx.tree.read(seen, DOCUMENT_LIMIT, &mut self.buffer) {
                    Ok(()) => documents::content(want.reads, &self.buffer),
                    Err(trouble) => Content::unread(trouble),
                };
                let content = Rc::new(content);
                if let Some(key) = key {
                    self.contents.insert(key, Rc::clone(&content));
                }
                content
            }
        };
        file.digest.clone_from(&content.digest);
        file.certificates.clone_from(&content.certificates);
        file.text = self.text(&content, source);
        content.document.clone()
    }

    fn text(&self, content: &Content, source: &Source) -> Option<Fact<Text>> {
        if let Some(trouble) = &content.unread {
            return Some(self.cx.missing(trouble, source.clone()));
        }
        Some(match content.text.as_ref()? {
            Ok(text) => Fact::Known { value: text.clone(), source: source.clone() },
            Err((error, line)) => {
                let source = match line {
                    0 => source.clone(),
                    line => source.clone().at(Span { line: *line, start: 0, end: 0 }),
                };
                Fact::Broken { error: error.clone(), source }
            }
        })
    }

    /// Lists a directory, and looks at what is below if that is wanted.
    fn enter(&mut self, file: &mut File, seen: &Seen, source: &Source, view: View, path: &[u8], want: Want<'_>) {
        let mut left = MOST_ENTRIES;
        file.entries = Some(self.descend(seen, source, view, path, want, 1, &mut left));
    }

    #[expect(clippy::too_many_arguments, reason = "one step of a walk, called from two places")]
    fn descend(
        &mut self,
        seen: &Seen,
        source: &Source,
        view: View,
        path: &[u8],
        want: Want<'_>,
        depth: usize,
        left: &mut usize,
    ) -> Fact<Directory> {
        let names = match self.cx.tree.list(seen) {
            Ok(names) => names,
            Err(trouble) => return self.cx.missing(&trouble, source.clone()),
        };
        let broken = |error: String| Fact::Broken { error, source: source.clone() };
        if depth > DEEPEST {
            return broken(format!("more than {DEEPEST} directories in one another"));
        }
        if names.len() > *left {
            *left = 0;
            return broken(format!("more than {MOST_ENTRIES} entries"));
        }
        *left -= names.len();
        let directory =
            Directory { names: names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect() };
        if want.walk {
            let path = path.strip_suffix(b"/").unwrap_or(path);
            for name in &names {
                let child = [path, b"/", name].concat();
                let read = want.suffix.is_none_or(|suffix| name.ends_with(suffix.as_bytes()));
                let of_child =
                    Want { reads: want.reads.filter(|_| read), certificates: want.certificates, ..Want::default() };
                self.want(view, &child, of_child);
                self.step_down(seen, view, &child, want, depth, left);
            }
        }
        Fact::Known { value: directory, source: source.clone() }
    }

    /// Goes into a directory that a walk came upon. Links to directories are recorded, and not followed.
    fn step_down(&mut self, above: &Seen, view: View, child: &[u8], want: Want<'_>, depth: usize, left: &mut usize) {
        let name = child.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let key = (view, String::from_utf8_lossy(&normal(child)).into_owned());
        let directory = self
            .kept
            .get(&key)
            .and_then(|kept| kept.record.fact.known())
            .is_some_and(|file| file.kind == FileKind::Directory && file.entries.is_none());
        if !directory {
            return;
        }
        let Ok((seen, source)) = self.locate(view, child) else { return };
        let own = [above.target.strip_suffix(b"/").unwrap_or(&above.target), b"/", name].concat();
        if seen.target != own {
            return;
        }
        let entries = self.descend(&seen, &source, view, child, want, depth + 1, left);
        if let Some(kept) = self.kept.get_mut(&key) {
            if let Fact::Known { value, .. } = &mut kept.record.fact {
                value.entries = Some(entries);
            }
            kept.list = true;
        }
    }

    /// The certificates of a path that was wanted before.
    pub(crate) fn certificates(&self, view: View, path: &str) -> &[Certificate] {
        self.record(view, path).and_then(|record| record.fact.known()).map_or(&[], |file| &file.certificates)
    }
}
