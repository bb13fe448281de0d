//! Paths, resolved step by step inside a tree: the kernel would follow an absolute link out of it.

use super::{Links, Trouble};

/// As many links as the kernel follows.
const MOST_LINKS: usize = 40;
/// More steps than any path that the kernel takes has.
const MOST_STEPS: usize = 4096;

/// What lies one name below a directory.
pub(super) enum Step<N> {
    /// A file or directory.
    Node(N),
    /// A link, with what it says.
    Link(Vec<u8>),
}

/// How a tree goes one step.
pub(super) trait Steps {
    /// A place in the tree.
    type Node: Clone;
    /// What `name` is in `directory`.
    fn step(&self, directory: &Self::Node, name: &[u8]) -> Result<Step<Self::Node>, Trouble>;
}

/// What a path led to.
pub(super) struct Resolved<N> {
    pub(super) node: N,
    pub(super) target: Vec<u8>,
    pub(super) links: Vec<(Vec<u8>, Vec<u8>)>,
    /// The directories that hold the links, and the one that holds the target.
    pub(super) directories: Vec<N>,
}

/// Follows `path` from `root`, which nothing leads out of.
pub(super) fn resolve<S: Steps>(
    steps: &S,
    root: &S::Node,
    path: &[u8],
    links: Links,
) -> Result<Resolved<S::Node>, Trouble> {
    // Names still to go, the next one last; each with whether a link put it there.
    let mut ahead: Vec<(Vec<u8>, bool)> = names(path).rev().map(|name| (name.to_vec(), false)).collect();
    let mut behind: Vec<(Vec<u8>, S::Node)> = Vec::new();
    let mut followed: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut directories = Vec::new();
    let mut taken = 0;
    while let Some((name, by_link)) = ahead.pop() {
        taken += 1;
        if taken > MOST_STEPS || ahead.len() > MOST_STEPS {
            return Err(Trouble::Loop);
        }
        if name == b".." {
            behind.pop();
            continue;
        }
        let here = behind.last().map_or(root, |(_, node)| node).clone();
        match steps.step(&here, &name) {
            Ok(Step::Node(node)) => behind.push((name, node)),
            Ok(Step::Link(target)) => {
                if followed.len() == MOST_LINKS || target.is_empty() {
                    return Err(Trouble::Loop);
                }
                if target.starts_with(b"/") && links == Links::StopAtAbsolute {
                    let rest = ahead.iter().rev().map(|(name, _)| name.as_slice());
                    return Err(Trouble::Leads(join(names(&target).chain(rest))));
                }
                let place = join(behind.iter().map(|(name, _)| name.as_slice()).chain([name.as_slice()]));
                if target.starts_with(b"/") {
                    behind.clear();
                }
                ahead.extend(names(&target).rev().map(|name| (name.to_vec(), true)));
                directories.push(here);
                followed.push((place, target));
            }
            Err(Trouble::Absent) if by_link => {
                let (link, target) = followed.last().cloned().unwrap_or_default();
                return Err(Trouble::Dangling { link: lossy(&link), target: lossy(&target) });
            }
            Err(trouble) => return Err(trouble),
        }
    }
    let target = join(behind.iter().map(|(name, _)| name.as_slice()));
    let node = behind.pop().map_or_else(|| root.clone(), |(_, node)| node);
    directories.push(behind.pop().map_or_else(|| root.clone(), |(_, node)| node));
    Ok(Resolved { node, target, links: followed, directories })
}

/// The names of a path, without empty ones and `.`.
pub(super) fn names(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".")
}

/// The path of these names.
pub(super) fn join<'a>(names: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut path = Vec::new();
    for name in names {
        path.push(b'/');
        path.extend_from_slice(name);
    }
    if path.is_empty() {
        path.push(b'/');
    }
    path
}

/// The path without `.`, `..`, doubled and trailing slashes, by its text alone.
pub(crate) fn normal(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    for name in names(path) {
        if name == b".." {
            kept.pop();
        } else {
            kept.push(name);
        }
    }
    join(kept.into_iter())
}

/// The directory and the last name of a path; `None` for the root.
pub(super) fn parent(path: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut all: Vec<&[u8]> = names(path).collect();
    let last = all.pop()?;
    Some((join(all.into_iter()), last.to_vec()))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
