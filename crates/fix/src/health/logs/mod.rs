//! The last lines that a container wrote, from the kubelet's log directory: they outlive the API server.

mod line;
mod mask;

use std::os::unix::ffi::OsStringExt as _;

use rustix::fs::{Mode, OFlags, SeekFrom};
use seaworthy_collect::{Links, Seen, Tree, Trouble};
use seaworthy_model::{FileKind, View};

pub use line::Line;
pub(crate) use mask::safe;

/// How much of the end of a log is looked at.
const TAIL: usize = 64 << 10;
/// The largest log that is read where its end cannot be read alone (a copy of a node, a recording). The kubelet rotates at 10 MiB.
const WHOLE: usize = 64 << 20;

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// The file, on the host.
    pub path: String,
    /// Its last lines, oldest first; safe to show.
    pub lines: Vec<Line>,
    /// Whether there are older lines.
    pub more: bool,
}

/// Why there is no log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// No log of such a container is there: it never started, or the directory is another. `crictl ps -a` tells whether it ever ran.
    #[error("{directory} has no log of the container {container} of {namespace}/{pod}")]
    Absent {
        /// The log directory.
        directory: String,
        /// The pod's namespace.
        namespace: String,
        /// The pod's name.
        pod: String,
        /// The container.
        container: String,
    },
    /// It is there and cannot be read. The message says why.
    #[error("{path}: {error}")]
    Unreadable {
        /// The path.
        path: String,
        /// Why.
        error: Trouble,
    },
}

/// The last `lines` lines of the newest log of a container, from the last 64 KiB of it. For [`refusal`](super::refusal) ask for all
/// (`usize::MAX`): etcd prints its usage after the line that matters.
///
/// `pod` is the name with the node's name: `kube-apiserver-node-1`. `pod_logs` is usually `/var/log/pods`. Of several pods of the name
/// (a static pod gets a new uid with each change) the one that wrote last is taken, of its logs the one with the highest number that
/// is not empty.
///
/// # Errors
/// See [`LogError`].
pub fn tail(
    tree: &dyn Tree,
    pod_logs: &str,
    namespace: &str,
    pod: &str,
    container: &str,
    lines: usize,
) -> Result<Tail, LogError> {
    let absent = || LogError::Absent {
        directory: pod_logs.to_owned(),
        namespace: namespace.to_owned(),
        pod: pod.to_owned(),
        container: container.to_owned(),
    };
    let prefix = format!("{namespace}_{pod}_");
    let mut newest: Option<(Option<i64>, String, Seen)> = None;
    for name in list(tree, pod_logs)?.ok_or_else(absent)? {
        if !name.starts_with(&prefix) {
            continue;
        }
        // One pod's directory that vanishes meanwhile must not hide another's log.
        let Some((path, seen)) = of_pod(tree, &format!("{pod_logs}/{name}/{container}"))? else { continue };
        if newest.as_ref().is_none_or(|(modified, ..)| seen.modified > *modified) {
            newest = Some((seen.modified, path, seen));
        }
    }
    let (_, path, seen) = newest.ok_or_else(absent)?;
    let (bytes, whole) = end(tree, &seen).map_err(|error| LogError::Unreadable { path: path.clone(), error })?;
    let (found, more) = line::lines(&bytes, whole, lines);
    Ok(Tail { path, lines: found, more })
}

/// The names in a directory; `None` if there is no such directory.
fn list(tree: &dyn Tree, path: &str) -> Result<Option<Vec<String>>, LogError> {
    let names = tree.look(View::Host, path.as_bytes(), Links::Follow).and_then(|seen| tree.list(&seen));
    match names {
        Ok(names) => Ok(Some(names.into_iter().filter_map(|name| String::from_utf8(name).ok()).collect())),
        Err(Trouble::Absent | Trouble::Dangling { .. }) => Ok(None),
        Err(error) => Err(LogError::Unreadable { path: path.to_owned(), error }),
    }
}

/// The log of a container's directory with the highest number that holds anything, else with the highest.
fn of_pod(tree: &dyn Tree, directory: &str) -> Result<Option<(String, Seen)>, LogError> {
    let number = |name: &String| name.strip_suffix(".log")?.parse::<u64>().ok();
    let mut numbers: Vec<u64> = list(tree, directory)?.unwrap_or_default().iter().filter_map(number).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    let mut empty = None;
    for number in numbers {
        let path = format!("{directory}/{number}.log");
        let Ok(seen) = tree.look(View::Host, path.as_bytes(), Links::Follow) else { continue };
        if seen.kind != FileKind::Regular {
            continue;
        }
        // A container that was started a moment ago has written nothing: what matters is in the log of the one before.
        if seen.size > 0 {
            return Ok(Some((path, seen)));
        }
        empty.get_or_insert((path, seen));
    }
    Ok(empty)
}

/// The end of a file, and whether that is all of it.
fn end(tree: &dyn Tree, seen: &Seen) -> Result<(Vec<u8>, bool), Trouble> {
    if tree.nature().live
        && let Some(found) = end_of_live(tree, seen)
    {
        return Ok(found);
    }
    let mut bytes = Vec::new();
    tree.read(seen, WHOLE, &mut bytes)?;
    let whole = bytes.len() <= TAIL;
    if !whole {
        bytes.drain(..bytes.len() - TAIL);
    }
    Ok((bytes, whole))
}

/// The end of a running node's file, without the rest; `None` if it is not the file that was seen.
fn end_of_live(tree: &dyn Tree, seen: &Seen) -> Option<(Vec<u8>, bool)> {
    let mut path = tree.nature().prefix.clone();
    path.extend_from_slice(&seen.target);
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::open(std::ffi::OsString::from_vec(path), flags, Mode::empty()).ok()?;
    let status = rustix::fs::fstat(&file).ok()?;
    if Some((status.st_dev, status.st_ino)) != seen.inode {
        return None;
    }
    let size = u64::try_from(status.st_size).ok()?;
    let start = size.saturating_sub(TAIL as u64);
    rustix::fs::seek(&file, SeekFrom::Start(start)).ok()?;
    let mut bytes = Vec::new();
    // It grows while it is read; what was there at first is enough.
    std::io::Read::read_to_end(&mut std::io::Read::take(std::fs::File::from(file), TAIL as u64), &mut bytes).ok()?;
    Some((bytes, start == 0))
}
