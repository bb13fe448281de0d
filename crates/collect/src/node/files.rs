//! Paths as facts: each is looked at once, and its content is read once.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use seaworthy_model::{Certificate, Fact, File, FileKind, FileRecord, Permissions, Source, Span, Text, View};
use seaworthy_yaml::Document;

use super::components;
use super::context::Context;
use super::documents::{self, Content};
use super::owners::Names;
use super::view::Eyes;
use crate::tree::normal;
use crate::{Links, Seen};

/// The largest document.
pub(crate) const DOCUMENT_LIMIT: usize = 1 << 20;

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

/// A path that was looked at, and what was wanted of it.
pub(super) struct Kept {
    pub(super) record: FileRecord,
    document: Option<Rc<Document>>,
    texts: bool,
    certificates: bool,
    pub(super) list: bool,
    walk: bool,
}

/// What was looked at so far.
pub(crate) struct Files<'c, 'a> {
    pub(crate) cx: &'c Context<'a>,
    pub(super) kept: BTreeMap<(View, String), Kept>,
    pub(super) eyes: BTreeMap<u32, Eyes>,
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
            eyes: BTreeMap::new(),
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
    pub(crate) fn raw(&mut self, path: &str) -> Result<Vec<u8>, Box<Fact<String>>> {
        let source = Source::host(path);
        if let Some(grant) = self.cx.hidden(path.as_bytes()) {
            return Err(Box::new(Fact::NotVisible { grant, source }));
        }
        let seen = self.cx.tree.look(View::Host, path.as_bytes(), Links::Follow);
        let read = seen.and_then(|seen| self.cx.tree.read(&seen, DOCUMENT_LIMIT, &mut self.buffer));
        match read {
            Ok(()) => Ok(self.buffer.clone()),
            Err(trouble) => Err(Box::new(self.cx.missing(&trouble, source))),
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
            Err(fact) => *fact,
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

    /// The certificates of a path that was wanted before.
    pub(crate) fn certificates(&self, view: View, path: &str) -> &[Certificate] {
        self.record(view, path).and_then(|record| record.fact.known()).map_or(&[], |file| &file.certificates)
    }
}
