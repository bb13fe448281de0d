//! A plan in the making: files as they would be.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_catalogue::Component;

use super::node::{Found, Node};
use super::{How, pod};
use crate::edit::{self, ConfigEdit, PodEdit};

/// A file or directory that changes.
#[derive(Clone)]
pub(crate) struct Draught {
    /// As it is; `None` if it is not there.
    pub(crate) before: Option<Found>,
    /// The content, if that changes.
    pub(crate) content: Option<String>,
    pub(crate) mode: Option<u32>,
    pub(crate) owner: Option<(u32, u32)>,
    pub(crate) directory: bool,
    pub(crate) secret: bool,
    pub(crate) manifest: bool,
    /// The component that starts anew for it.
    pub(crate) component: Option<String>,
}

/// Files as they would be, and what has to restart for it.
#[derive(Clone)]
pub(crate) struct Draft<'n> {
    pub(crate) node: Node<'n>,
    /// By their path on the host, without links.
    pub(crate) files: BTreeMap<String, Draught>,
    pub(crate) restarts: BTreeSet<(String, How)>,
    /// The arguments of components that are not started from a manifest, as they would be.
    pub(crate) arguments: BTreeMap<String, Vec<String>>,
    /// Lists that were changed, by component and setting.
    pub(crate) lists: BTreeMap<(String, String), Vec<String>>,
    /// Where components would see a directory or file of the host: component, host path, own path.
    pub(crate) mounts: Vec<(String, String, String)>,
    pub(crate) afterwards: Vec<String>,
    pub(crate) steps: Vec<String>,
}

impl<'n> Draft<'n> {
    pub(crate) fn new(node: Node<'n>) -> Self {
        Draft {
            node,
            files: BTreeMap::new(),
            restarts: BTreeSet::new(),
            arguments: BTreeMap::new(),
            lists: BTreeMap::new(),
            mounts: Vec::new(),
            afterwards: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// The path without links, whether or not something is there. By it a file is one file, whatever it was called.
    fn key(&self, path: &str) -> Result<String, String> {
        if self.files.contains_key(path) {
            return Ok(path.to_owned());
        }
        if let Some(found) = self.node.found(path)? {
            return Ok(found.path);
        }
        match path.rsplit_once('/').filter(|(above, _)| !above.is_empty()) {
            Some((above, name)) => Ok(format!("{}/{name}", self.key(above)?)),
            None => Ok(path.to_owned()),
        }
    }

    /// The file at a path as it would be, if this plan changes it.
    pub(crate) fn file(&self, path: &str) -> Option<&Draught> {
        self.files.get(&self.key(path).ok()?)
    }

    /// The same, to be changed further.
    pub(crate) fn file_mut(&mut self, path: &str) -> Option<&mut Draught> {
        let key = self.key(path).ok()?;
        self.files.get_mut(&key)
    }

    /// The file at a path, to be changed; made if it is not there.
    fn draught(&mut self, path: &str) -> Result<&mut Draught, String> {
        let key = self.key(path)?;
        let before = match self.files.contains_key(&key) {
            true => None,
            false => self.node.found(&key)?,
        };
        Ok(self.files.entry(key).or_insert(Draught {
            before,
            content: None,
            mode: None,
            owner: None,
            directory: false,
            secret: false,
            manifest: false,
            component: None,
        }))
    }

    /// The text at a path as it would be.
    pub(crate) fn text(&self, path: &str) -> Result<Option<String>, String> {
        if let Some(content) = self.file(path).and_then(|file| file.content.clone()) {
            return Ok(Some(content));
        }
        match self.node.found(path)? {
            None => Ok(None),
            Some(found) if found.directory => Err(format!("{path} is a directory")),
            Some(found) => found.text.map(Some).ok_or_else(|| format!("{path} is no text")),
        }
    }

    /// Whether there is or would be something at a path.
    pub(crate) fn exists(&self, path: &str) -> Result<bool, String> {
        Ok(self.files.contains_key(&self.key(path)?) || self.node.found(path)?.is_some())
    }

    /// Writes a text to a path.
    pub(crate) fn write(&mut self, path: &str, text: String, mode: Option<u32>) -> Result<&mut Draught, String> {
        let draught = self.draught(path)?;
        if let Some(target) = draught.before.as_ref().and_then(|before| before.link.as_ref()) {
            return Err(format!(
                "{path} is a link to {target}, and links are not followed out of place: edit that file by hand"
            ));
        }
        if draught.before.is_none() {
            draught.mode = mode;
            draught.owner = Some((0, 0));
        }
        draught.content = Some(text);
        Ok(draught)
    }

    /// Makes the directories on the way to a path that are not there.
    pub(crate) fn directories(&mut self, path: &str, mode: u32) -> Result<(), String> {
        let mut missing = Vec::new();
        let mut directory = path;
        while let Some((above, _)) = directory.rsplit_once('/').filter(|(above, _)| !above.is_empty()) {
            directory = above;
            if self.exists(directory)? {
                break;
            }
            missing.push(directory.to_owned());
        }
        for (index, directory) in missing.into_iter().enumerate().rev() {
            let draught = self.draught(&directory)?;
            // What is on the way may be for others too.
            let mode = if index == 0 { mode } else { 0o755 };
            (draught.directory, draught.mode, draught.owner) = (true, Some(mode), Some((0, 0)));
        }
        Ok(())
    }

    /// Gives files a mode or an owner.
    pub(crate) fn attributes(
        &mut self,
        path: &str,
        mode: Option<u32>,
        owner: Option<(u32, u32)>,
    ) -> Result<(), String> {
        let draught = self.draught(path)?;
        let Some(before) = &draught.before else { return Err(format!("{path} is not there")) };
        draught.directory = before.directory;
        if let Some(mode) = mode {
            draught.mode = Some(draught.mode.unwrap_or(before.mode) & mode);
        }
        draught.owner = owner.or(draught.owner);
        Ok(())
    }

    /// Edits the manifest of a component.
    pub(crate) fn manifest(&mut self, path: &str, component: &Component, edits: &[PodEdit]) -> Result<bool, String> {
        let text = self.text(path)?.ok_or_else(|| format!("{path} is gone"))?;
        let edited = edit::edit_pod(&text, component, edits).map_err(|error| format!("{path}: {error}"))?;
        if edited.changed {
            let draught = self.write(path, edited.text, None)?;
            (draught.manifest, draught.component) = (true, Some(component.name.clone()));
            self.restarts.insert((component.name.clone(), How::Manifest));
        }
        Ok(edited.changed)
    }

    /// Whether an earlier fix of this plan edits a file.
    pub(crate) fn edits(&self, path: &str) -> bool {
        self.file(path).is_some_and(|file| file.content.is_some())
    }

    /// Says that a component starts anew for a file.
    pub(crate) fn restart(&mut self, component: &str, how: How, path: &str) {
        self.restarts.insert((component.to_owned(), how));
        if let Some(file) = self.file_mut(path) {
            file.component = Some(component.to_owned());
        }
    }

    /// Edits a configuration file.
    pub(crate) fn config(&mut self, path: &str, edits: &[ConfigEdit]) -> Result<bool, String> {
        let text = self.text(path)?.ok_or_else(|| format!("{path} is gone"))?;
        let edited = edit::edit_config(&text, edits).map_err(|error| format!("{path}: {error}"))?;
        if edited.changed {
            self.write(path, edited.text, None)?;
        }
        Ok(edited.changed)
    }

    /// Lets the container see a file or directory of the host, and says where it sees it.
    pub(crate) fn visible(&mut self, at: &Place<'_>, path: &str, writable: bool) -> Result<String, String> {
        let text = self.text(at.manifest)?.ok_or_else(|| format!("{} is gone", at.manifest))?;
        let seen = pod::Seen::read(&text, at.container)?;
        if let Some(inside) = seen.inside(path, writable) {
            return Ok(inside);
        }
        // A directory that is ours alone is mounted whole; of one that holds more, the file only.
        let directory = path.rsplit_once('/').map_or("/", |(above, _)| above);
        let ours = writable || self.file(directory).is_some_and(|file| file.directory && file.before.is_none());
        let (host, kind) = if ours { (directory, "Directory") } else { (path, "File") };
        let name = seen.free_name(host);
        let edits = [
            PodEdit::AddVolume { name: name.clone(), host_path: host.to_owned(), kind: kind.to_owned() },
            PodEdit::AddMount {
                container: at.container.to_owned(),
                volume: name,
                path: host.to_owned(),
                read_only: !writable,
            },
        ];
        self.manifest(at.manifest, at.component, &edits)?;
        self.steps.push(format!("mount {host} into the pod, {}", if writable { "writable" } else { "read-only" }));
        self.mounts.push((at.component.name.clone(), host.to_owned(), host.to_owned()));
        Ok(path.to_owned())
    }
}

/// A component in a static pod.
pub(crate) struct Place<'p> {
    pub(crate) component: &'p Component,
    pub(crate) manifest: &'p str,
    pub(crate) container: &'p str,
}
