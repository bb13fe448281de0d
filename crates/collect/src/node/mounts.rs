//! Mount tables, and which of the host's paths stands behind a container's.

use seaworthy_model::Mount;

/// File systems that hold nothing of the node's.
const PSEUDO: [&str; 22] = [
    "proc",
    "sysfs",
    "cgroup",
    "cgroup2",
    "devpts",
    "mqueue",
    "devtmpfs",
    "debugfs",
    "tracefs",
    "securityfs",
    "pstore",
    "bpf",
    "configfs",
    "fusectl",
    "hugetlbfs",
    "autofs",
    "rpc_pipefs",
    "binfmt_misc",
    "nsfs",
    "ramfs",
    "efivarfs",
    "fuse.lxcfs",
];

/// One line of `mountinfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    device: Vec<u8>,
    root: Vec<u8>,
    pub(crate) point: Vec<u8>,
    pub(crate) file_system: Vec<u8>,
}

/// A process's mounts, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Table(Vec<Entry>);

impl Table {
    /// Reads `mountinfo`. Lines that make no sense are left out.
    pub(crate) fn parse(text: &[u8]) -> Self {
        Table(text.split(|byte| *byte == b'\n').filter_map(entry).collect())
    }

    /// The mount that the path is on.
    pub(crate) fn covering(&self, path: &[u8]) -> Option<&Entry> {
        let mut best: Option<&Entry> = None;
        for entry in self.0.iter().filter(|entry| below(path, &entry.point).is_some()) {
            // Of two at one place the later hides the earlier.
            if best.is_none_or(|best| entry.point.len() >= best.point.len()) {
                best = Some(entry);
            }
        }
        best
    }

    /// The mount of the root.
    pub(crate) fn root(&self) -> Option<&Entry> {
        self.covering(b"/")
    }

    /// Whether both tables are of one mount namespace, with the same root.
    pub(crate) fn same_namespace(&self, other: &Table) -> bool {
        // The kernel numbers mounts once for all namespaces.
        self.root().zip(other.root()).is_some_and(|(a, b)| a == b)
    }

    /// The mounts whose source has a path on the host, whose own table `host` is.
    pub(crate) fn on_host(&self, host: &Table) -> Vec<Mount> {
        let mut found: Vec<Mount> = Vec::new();
        for entry in &self.0 {
            if PSEUDO.iter().any(|pseudo| pseudo.as_bytes() == entry.file_system) || entry.root.ends_with(b"//deleted")
            {
                continue;
            }
            if self.covering(&entry.point).is_none_or(|top| top.id != entry.id) {
                continue;
            }
            let Some(path) = host.path_of(entry) else { continue };
            if let (Ok(path), Ok(host_path)) = (String::from_utf8(entry.point.clone()), String::from_utf8(path)) {
                found.push(Mount { path, host_path });
            }
        }
        found
    }

    /// Where the host shows what `mount` of another namespace shows.
    fn path_of(&self, mount: &Entry) -> Option<Vec<u8>> {
        let mut candidates: Vec<(&Entry, &[u8])> = self
            .0
            .iter()
            .filter(|entry| entry.device == mount.device)
            .filter_map(|entry| Some((entry, below(&mount.root, &entry.root)?)))
            .collect();
        candidates.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.root.len()));
        candidates.into_iter().find_map(|(entry, rest)| {
            let path = append(&entry.point, rest);
            // Another mount on top would show something else there.
            self.covering(&path).is_some_and(|top| top.id == entry.id).then_some(path)
        })
    }
}

impl Entry {
    /// Whether the root of this mount is what `path` on `other` shows.
    pub(crate) fn is_at(&self, other: &Entry, path: &[u8]) -> bool {
        let rest = below(path, &other.point).unwrap_or_default();
        self.device == other.device && self.root == append(&other.root, rest)
    }
}

/// The host's path behind `path`, by the mounts of its view; with the mount's own path.
pub(crate) fn to_host<'m>(mounts: &'m [Mount], path: &[u8]) -> Option<(Vec<u8>, &'m Mount)> {
    let mount = mounts
        .iter()
        .filter(|mount| below(path, mount.path.as_bytes()).is_some())
        .max_by_key(|mount| mount.path.trim_end_matches('/').len())?;
    let rest = below(path, mount.path.as_bytes())?;
    Some((append(mount.host_path.as_bytes(), rest), mount))
}

/// Whether a mount table or control group shows a container runtime at work.
pub(crate) fn names_container(text: &[u8]) -> bool {
    const MARKS: [&[u8]; 6] = [b"kubepods", b"docker", b"containerd", b"crio", b"libpod", b"/kubelet/pods/"];
    MARKS.iter().any(|mark| crate::tree::find(text, mark).is_some())
}

/// What is left of `path` below `directory`: empty, or beginning with a slash.
fn below<'p>(path: &'p [u8], directory: &[u8]) -> Option<&'p [u8]> {
    let directory = directory.strip_suffix(b"/").unwrap_or(directory);
    let rest = path.strip_prefix(directory)?;
    if rest == b"/" {
        return Some(b"");
    }
    (rest.is_empty() || rest.starts_with(b"/")).then_some(rest)
}

fn append(directory: &[u8], rest: &[u8]) -> Vec<u8> {
    let mut path = directory.strip_suffix(b"/").unwrap_or(directory).to_vec();
    path.extend_from_slice(rest);
    if path.is_empty() {
        path.push(b'/');
    }
    path
}

fn entry(line: &[u8]) -> Option<Entry> {
    let mut fields = line.split(|byte| *byte == b' ');
    let id = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    let device = fields.nth(1)?.to_vec();
    let root = unescape(fields.next()?);
    let point = unescape(fields.next()?);
    // Optional fields end with a lone dash.
    let file_system = fields.skip_while(|field| *field != b"-").nth(1)?.to_vec();
    (root.starts_with(b"/") && point.starts_with(b"/")).then_some(Entry { id, device, root, point, file_system })
}

/// The kernel writes spaces and the like as a backslash and three octal digits.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|d| byte == b'\\' && d.iter().all(|d| (b'0'..=b'7').contains(d)));
        if let Some(digits) = digits {
            let value = digits.iter().fold(0u32, |sum, digit| sum * 8 + u32::from(digit - b'0'));
            plain.push(value.to_le_bytes()[0]);
            rest = &after[3..];
        } else {
            plain.push(byte);
            rest = after;
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &[u8] = b"1 0 8:1 / / rw - ext4 /dev/sda1 rw
2 1 8:1 /srv/node/etc /etc/kubernetes rw - ext4 /dev/sda1 rw
3 1 0:44 / /run rw - tmpfs tmpfs rw
4 1 0:99 / /mnt/a\\040b rw shared:2 - tmpfs tmpfs rw
5 1 8:2 / /data rw - ext4 /dev/sdb rw
6 5 8:3 / /data/hidden rw - ext4 /dev/sdc rw
7 5 8:2 /sub /other rw - ext4 /dev/sdb rw\n";

    fn hosts(line: &str) -> Vec<(String, String)> {
        let mounts = Table::parse(line.as_bytes()).on_host(&Table::parse(HOST));
        mounts.into_iter().map(|m| (m.path, m.host_path)).collect()
    }

    #[test]
    fn the_hosts_path_behind_a_mount_is_the_one_that_users_know() {
        let found = |path: &str, host: &str| vec![(path.to_owned(), host.to_owned())];
        assert_eq!(hosts("20 1 8:1 /srv/node/etc/pki /pki ro - ext4 x rw"), found("/pki", "/etc/kubernetes/pki"));
        assert_eq!(hosts("20 1 8:1 /var/lib/etcd /data rw - ext4 x rw"), found("/data", "/var/lib/etcd"));
        assert_eq!(hosts("20 1 0:99 /sub\\134 /x rw - tmpfs x rw"), found("/x", "/mnt/a b/sub\\"));
        assert_eq!(hosts("20 1 8:2 /hidden/x /x rw - ext4 x rw"), []);
        assert_eq!(hosts("20 1 8:2 /sub/x /x rw - ext4 x rw"), found("/x", "/other/x"));
        assert_eq!(hosts("20 1 0:5 / /proc rw - proc proc rw"), []);
        assert_eq!(hosts("20 1 8:1 /gone//deleted /x rw - ext4 x rw"), []);
        assert_eq!(hosts("20 1 9:9 / /x rw - ext4 x rw"), []);
    }

    #[test]
    fn the_longest_mount_wins() {
        let mounts = [("/", "/run/rootfs"), ("/etc/x", "/srv/x"), ("/etc/xy", "/srv/xy")];
        let mounts = mounts.map(|(path, host)| Mount { path: path.to_owned(), host_path: host.to_owned() });
        let host = |path: &str| to_host(&mounts, path.as_bytes()).map(|(path, _)| String::from_utf8(path).unwrap());
        assert_eq!(host("/etc/x/y").as_deref(), Some("/srv/x/y"));
        assert_eq!(host("/etc/x").as_deref(), Some("/srv/x"));
        assert_eq!(host("/etc/xz").as_deref(), Some("/run/rootfs/etc/xz"));
        assert_eq!(to_host(&[], b"/x"), None);
    }

    #[test]
    fn lines_that_make_no_sense_are_left_out() {
        let table =
            Table::parse(b"\n1\nx y z\n1 2 3 4 5 6\n9 1 8:1 / / rw - ext4 x rw\n1 2 3:4 rel /x rw - ext4 a b\n");
        assert_eq!(table.0.len(), 1);
        assert!(table.same_namespace(&Table::parse(b"9 1 8:1 / / rw - ext4 x rw")));
        assert!(!table.same_namespace(&Table::parse(b"8 1 8:1 / / rw - ext4 x rw")));
        assert!(!Table::default().same_namespace(&Table::default()));
    }
}
