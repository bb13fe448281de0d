//! Through whose eyes a path is looked at: the host's own, a process's root, or what its mounts or its manifest tell.

use seaworthy_model::{Fact, File, FileKind, Grant, GrantKind, Manifest, Mount, Source, View};

use super::context::trace;
use super::files::Files;
use super::manifest;
use super::mounts::to_host;
use super::processes::Found;
use crate::tree::normal;
use crate::{Links, Seen, Trouble};

/// How a process that is not of the host's mount namespace can be followed.
pub(super) struct Eyes {
    /// Whether its own root can be entered.
    enter: bool,
    mounts: Vec<Mount>,
    components: Vec<String>,
}

impl Files<'_, '_> {
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

    /// Finds a path in its view, or says why it cannot be found.
    pub(crate) fn locate(&self, view: View, path: &[u8]) -> Result<(Seen, Source), Box<Fact<File>>> {
        let name = String::from_utf8_lossy(&normal(path)).into_owned();
        let View::Process(pid) = view else {
            let source = Source::host(name);
            if let Some(grant) = self.cx.hidden(path) {
                return Err(Box::new(Fact::NotVisible { grant, source }));
            }
            return match self.cx.tree.look(View::Host, path, Links::Follow) {
                Ok(seen) => Ok((seen, source)),
                Err(trouble) => Err(Box::new(self.cx.missing(&trouble, source))),
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
                Err(trouble) => return Err(Box::new(self.cx.missing(&trouble, source))),
            }
        }
        self.by_mounts(view, eyes, path, source)
    }

    /// Finds a container's path by the host's path behind it.
    fn by_mounts(
        &self,
        view: View,
        eyes: &Eyes,
        path: &[u8],
        source: Source,
    ) -> Result<(Seen, Source), Box<Fact<File>>> {
        let mut path = normal(path);
        for _ in 0..40 {
            let Some((_, mount)) = to_host(&eyes.mounts, &path) else { break };
            if let Some(grant) = self.cx.hidden(mount.host_path.as_bytes()) {
                return Err(Box::new(Fact::NotVisible { grant, source }));
            }
            // The way to the mounted directory goes by the host's links, the way from there by the container's.
            let start = match self.cx.tree.look(View::Host, mount.host_path.as_bytes(), Links::Follow) {
                Ok(start) => start,
                Err(Trouble::Absent | Trouble::Unrecorded | Trouble::Dangling { .. }) => break,
                Err(trouble) => return Err(Box::new(self.cx.missing(&trouble, source))),
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
                Err(trouble) => return Err(Box::new(self.cx.missing(&trouble, source))),
            }
        }
        if self.cx.nature.live {
            return Err(Box::new(Fact::NotVisible { grant: trace(), source }));
        }
        let parent = path.iter().rposition(|byte| *byte == b'/').map_or(b"/".as_slice(), |end| &path[..end.max(1)]);
        if eyes.enter && self.cx.tree.look(view, parent, Links::Follow).is_ok_and(|_| parent != b"/") {
            return Err(Box::new(Fact::Absent { source }));
        }
        let grant = Grant::new(GrantKind::Recording, "the recording does not hold all that the process sees");
        Err(Box::new(Fact::NotVisible { grant, source }))
    }
}
