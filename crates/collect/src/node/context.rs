//! From where the node is looked at, and what follows from that for what cannot be read.

use seaworthy_catalogue::{Catalogue, Platform};
use seaworthy_model::{Fact, Grant, GrantKind, Source, View};

use super::mounts::{self, Table};
use super::proc::FILE_LIMIT;
use crate::tree::normal;
use crate::{Links, Nature, Tree, Trouble};

/// Mounts that a container runtime makes in every container: their content is the container's.
const RUNTIME_FILES: [&[u8]; 3] = [b"/etc/hostname", b"/etc/hosts", b"/etc/resolv.conf"];

pub(crate) struct Context<'a> {
    pub(crate) tree: &'a dyn Tree,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) platform: &'a Platform,
    pub(crate) nature: &'a Nature,
    /// Whether files and processes carry times.
    pub(crate) times: bool,
    /// When the node started, in milliseconds since 1970.
    pub(crate) boot: Option<i64>,
    /// Whether paths may be those of the collector's own container.
    pub(crate) container: bool,
    /// The collector's own mounts, in a container.
    own: Table,
    /// The mounts of the host's first process.
    pub(crate) first: Table,
    /// Whether the first process is of the collector's own container, if it is in one.
    alone: bool,
    /// The control groups of the host's first process.
    pub(crate) first_cgroup: Vec<u8>,
    /// The mount namespace of the host's first process, where that may be read.
    pub(crate) first_namespace: Option<Vec<u8>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(tree: &'a dyn Tree, catalogue: &'a Catalogue, platform: &'a Platform) -> Self {
        let nature = tree.nature();
        let mut buffer = Vec::new();
        let mut read = |pid: u32, name: &str| {
            tree.process_file(pid, name, FILE_LIMIT, &mut buffer).map_or_else(|_| Vec::new(), |()| buffer.clone())
        };
        let first = Table::parse(&read(1, "mountinfo"));
        let first_cgroup = read(1, "cgroup");
        let boot = nature.boot.or_else(|| recorded_boot(tree));
        let mut cx = Context {
            tree,
            catalogue,
            platform,
            nature,
            times: boot.is_some(),
            boot,
            container: false,
            own: Table::default(),
            first,
            alone: false,
            first_cgroup,
            first_namespace: tree.process_link(1, "ns/mnt").ok(),
        };
        cx.survey();
        cx
    }

    /// Whether this is a container, by the mounts of the collector and of the first process.
    fn survey(&mut self) {
        if !self.nature.live {
            return;
        }
        // Beside a first process that is in no container there is nothing to find out.
        let first_in_container = self.first.root().is_none_or(|root| root.file_system == b"overlay");
        let own = self.tree.link(View::Host, b"/proc/self/ns/mnt").ok();
        if self.nature.prefix.is_empty() && !first_in_container && own.is_some() && own == self.first_namespace {
            return;
        }
        let mut text = Vec::new();
        let read = |path: &str, into: &mut Vec<u8>| {
            let seen = self.tree.look(View::Host, path.as_bytes(), Links::Follow);
            seen.and_then(|seen| self.tree.read(&seen, FILE_LIMIT, into)).is_ok()
        };
        if !read("/proc/self/mountinfo", &mut text) {
            return;
        }
        let own = Table::parse(&text);
        let marked =
            mounts::names_container(&text) || (read("/proc/self/cgroup", &mut text) && mounts::names_container(&text));
        let root = if self.nature.prefix.is_empty() { b"/".to_vec() } else { self.nature.prefix.clone() };
        let Some(here) = own.covering(&root) else { return };
        let overlay = here.file_system == b"overlay" && marked;
        let same = self.first.root().is_some_and(|first| first.is_at(here, &root));
        let elsewhere = !same && self.first.root().is_some() && (self.nature.prefix.is_empty() || overlay);
        self.container = elsewhere || overlay;
        self.alone = overlay && (same || self.first.root().is_none_or(|root| root.file_system == b"overlay"));
        self.own = own;
    }

    /// Once it is known whether there are components among the processes. Gives whether the host's processes cannot be seen.
    pub(crate) fn settle(&mut self, components: bool) -> bool {
        if !self.alone {
            return false;
        }
        let mut name = Vec::new();
        let first = self.tree.process_file(1, "comm", 64, &mut name).map_or(b"".as_slice(), |()| name.trim_ascii_end());
        // A node that is a container itself, such as kind's: it has an init, or components run beside us.
        if components || first == b"systemd" || first == b"init" {
            self.container = false;
            return false;
        }
        true
    }

    pub(crate) fn no_host_processes<T>(&self) -> Fact<T> {
        Fact::NotVisible { grant: Grant::new(GrantKind::Namespace, "hostPID"), source: Source::host("/proc") }
    }

    /// What would show a path of the host that lies on the collector's own file system; `None` if the path is the host's.
    pub(crate) fn hidden(&self, path: &[u8]) -> Option<Grant> {
        if !self.container {
            return None;
        }
        let path = normal(path);
        if path.starts_with(b"/proc/") {
            return None;
        }
        let full =
            if self.nature.prefix.is_empty() { path.clone() } else { [&self.nature.prefix, path.as_slice()].concat() };
        let root: &[u8] = if self.nature.prefix.is_empty() { b"/" } else { &self.nature.prefix };
        let mount = self.own.covering(&full)?;
        let ours = self.own.covering(root).is_some_and(|root| root.id == mount.id);
        (ours || RUNTIME_FILES.contains(&mount.point.as_slice())).then(|| {
            let known = self.platform.mount_for(&String::from_utf8_lossy(&path)).map(|mount| mount.path.clone());
            let name = known.unwrap_or_else(|| String::from_utf8_lossy(&top(&path)).into_owned());
            Grant::new(GrantKind::Mount, name)
        })
    }

    /// What became of a file that could not be read.
    pub(crate) fn missing<T>(&self, trouble: &Trouble, source: Source) -> Fact<T> {
        match trouble {
            Trouble::Absent => Fact::Absent { source },
            Trouble::Denied(error) => Fact::Denied { error: error.clone(), grant: self.file_grant(), source },
            Trouble::Unrecorded => {
                let grant = Grant::new(GrantKind::Recording, format!("the recording does not hold {source}"));
                Fact::NotVisible { grant, source }
            }
            other => Fact::Broken { error: other.to_string(), source },
        }
    }

    /// What would allow to read any file.
    pub(crate) fn file_grant(&self) -> Grant {
        if self.nature.root {
            Grant::new(GrantKind::Capability, "DAC_READ_SEARCH")
        } else {
            Grant::new(GrantKind::User, "root")
        }
    }
}

/// What would allow to look into other processes.
pub(crate) fn trace() -> Grant {
    Grant::new(GrantKind::Capability, "SYS_PTRACE")
}

/// The directory to mount so that `path` is there, where the platform does not say: `/etc/ssl`, `/var/lib/private`.
fn top(path: &[u8]) -> Vec<u8> {
    const SHARED: [&[u8]; 5] = [b"/var/lib/", b"/var/log/", b"/usr/lib/", b"/usr/local/", b"/usr/share/"];
    let depth = if SHARED.iter().any(|shared| path.starts_with(shared)) { 3 } else { 2 };
    let names = path.split(|byte| *byte == b'/').skip(1).take(depth);
    names.fold(Vec::new(), |mut path, name| {
        path.push(b'/');
        path.extend_from_slice(name);
        path
    })
}

/// When a recorded node had started, in milliseconds since 1970, if the recording keeps times.
fn recorded_boot(tree: &dyn Tree) -> Option<i64> {
    let mut text = Vec::new();
    let seen = tree.look(View::Host, b"/proc/uptime", Links::Follow).ok()?;
    tree.read(&seen, FILE_LIMIT, &mut text).ok()?;
    seen.modified.filter(|time| *time > 0)?.checked_sub(super::proc::uptime(&text)?)
}
