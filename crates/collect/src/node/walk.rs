//! Directories, and what is below them.

use seaworthy_model::{Directory, Fact, File, FileKind, Source, View};

use super::files::{Files, Want};
use crate::Seen;
use crate::tree::normal;

/// The most entries below one directory that are looked at.
const MOST_ENTRIES: usize = 4096;
/// How deep directories are looked into.
const DEEPEST: usize = 8;

/// A walk below one directory.
struct Walk<'w> {
    view: View,
    want: Want<'w>,
    /// How many entries may still be looked at.
    left: usize,
}

impl Files<'_, '_> {
    /// Lists a directory, and looks at what is below if that is wanted.
    pub(super) fn enter(
        &mut self,
        file: &mut File,
        seen: &Seen,
        source: &Source,
        view: View,
        path: &[u8],
        want: Want<'_>,
    ) {
        let mut walk = Walk { view, want, left: MOST_ENTRIES };
        file.entries = Some(self.descend(&mut walk, seen, source, path, 1));
    }

    fn descend(
        &mut self,
        walk: &mut Walk<'_>,
        seen: &Seen,
        source: &Source,
        path: &[u8],
        depth: usize,
    ) -> Fact<Directory> {
        let names = match self.cx.tree.list(seen) {
            Ok(names) => names,
            Err(trouble) => return self.cx.missing(&trouble, source.clone()),
        };
        let broken = |error: String| Fact::Broken { error, source: source.clone() };
        if depth > DEEPEST {
            return broken(format!("more than {DEEPEST} directories in one another"));
        }
        if names.len() > walk.left {
            walk.left = 0;
            return broken(format!("more than {MOST_ENTRIES} entries"));
        }
        walk.left -= names.len();
        let directory =
            Directory { names: names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect() };
        if walk.want.walk {
            let path = path.strip_suffix(b"/").unwrap_or(path);
            for name in &names {
                let child = [path, b"/", name].concat();
                let read = walk.want.suffix.is_none_or(|suffix| name.ends_with(suffix.as_bytes()));
                let reads = walk.want.reads.filter(|_| read);
                self.want(walk.view, &child, Want { reads, certificates: walk.want.certificates, ..Want::default() });
                self.step_down(walk, seen, &child, depth);
            }
        }
        Fact::Known { value: directory, source: source.clone() }
    }

    /// Goes into a directory that a walk came upon. Links to directories are recorded, and not followed.
    fn step_down(&mut self, walk: &mut Walk<'_>, above: &Seen, child: &[u8], depth: usize) {
        let name = child.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let key = (walk.view, String::from_utf8_lossy(&normal(child)).into_owned());
        let record = self.kept.get(&key).and_then(|kept| kept.record.fact.known());
        if !record.is_some_and(|file| file.kind == FileKind::Directory && file.entries.is_none()) {
            return;
        }
        let Ok((seen, source)) = self.locate(walk.view, child) else { return };
        let own = [above.target.strip_suffix(b"/").unwrap_or(&above.target), b"/", name].concat();
        if seen.target != own {
            return;
        }
        let entries = self.descend(walk, &seen, &source, child, depth + 1);
        if let Some(kept) = self.kept.get_mut(&key) {
            if let Fact::Known { value, .. } = &mut kept.record.fact {
                value.entries = Some(entries);
            }
            kept.list = true;
        }
    }
}
