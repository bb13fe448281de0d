//! Where a path leads below the root, without a link on the way.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, StatxAttributes};
use rustix::io::Errno;

use super::kernel::{stat, sync_directory};
use super::{Root, WriteError};

const PATH: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A name in a directory that is open: whatever is renamed above it meanwhile, it stays the same directory.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) directory: OwnedFd,
    pub(super) name: &'a str,
    /// For messages.
    pub(super) path: &'a str,
    /// The components of the path.
    pub(super) parts: Vec<&'a str>,
}

/// Opens what a name stands for, to look at it: no access, no effect.
pub(crate) fn look(directory: impl AsFd, name: &str, path: &str) -> Result<OwnedFd, WriteError> {
    let new = |error| WriteError::new(path, "looked at", error);
    let found = rustix::fs::openat(directory, name, PATH, Mode::empty()).map_err(new)?;
    if FileType::from_raw_mode(stat(&found).map_err(new)?.stx_mode.into()) == FileType::Symlink {
        let target = rustix::fs::readlinkat(&found, "", Vec::new()).map_err(new)?;
        return Err(WriteError::Link { path: path.to_owned(), target: target.to_string_lossy().into_owned() });
    }
    Ok(found)
}

impl Root {
    /// The directory and the name of `path`.
    pub(super) fn place<'a>(&self, path: &'a str) -> Result<Place<'a>, WriteError> {
        let wrong = || WriteError::Path { path: path.to_owned() };
        if !path.starts_with('/') || path.ends_with('/') || path.contains('\0') {
            return Err(wrong());
        }
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        // What `..` means depends on links and renames; nobody who plans a repair has a use for it.
        if parts.contains(&"..") || path.ends_with("/.") {
            return Err(wrong());
        }
        let (name, above) = parts.split_last().ok_or_else(wrong)?;
        Ok(Place { directory: self.directory(above)?, name, path, parts })
    }

    /// Opens the directory that `parts` lead to.
    pub(super) fn directory(&self, parts: &[&str]) -> Result<OwnedFd, WriteError> {
        let flags = PATH | OFlags::DIRECTORY;
        if self.quick {
            let path = if parts.is_empty() { ".".to_owned() } else { parts.join("/") };
            let how = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS;
            // Whatever is in the way: the walk below says what it is, and where.
            if let Ok(found) = rustix::fs::openat2(&*self.fd, path, flags, Mode::empty(), how) {
                return Ok(found);
            }
        }
        let mut path = String::new();
        let opened = rustix::fs::openat(&*self.fd, ".", flags, Mode::empty());
        let mut at = opened.map_err(|error| WriteError::new("/", "opened", error))?;
        for part in parts {
            path.push('/');
            path.push_str(part);
            at = look(&at, part, &path).map_err(|error| match error {
                WriteError::System { path, error: Errno::NOENT, .. } => WriteError::NoDirectory { path },
                error => error,
            })?;
            let mode = stat(&at).map_err(|error| WriteError::new(&path, "looked at", error))?.stx_mode;
            if FileType::from_raw_mode(mode.into()) != FileType::Directory {
                return Err(WriteError::NoDirectory { path });
            }
        }
        Ok(at)
    }
}

impl Place<'_> {
    /// What the kernel's answer means here. EPERM has two causes, and only one of them is a matter of rights.
    pub(super) fn error(&self, doing: &'static str, error: Errno) -> WriteError {
        if error == Errno::PERM {
            let fixed = |fd: &OwnedFd| {
                let fixed = StatxAttributes::IMMUTABLE | StatxAttributes::APPEND;
                stat(fd).is_ok_and(|status| status.stx_attributes.intersects(fixed))
            };
            if look(&self.directory, self.name, self.path).is_ok_and(|fd| fixed(&fd)) {
                return WriteError::Immutable { path: self.path.to_owned() };
            }
            if fixed(&self.directory) {
                let directory = self.path.rsplit_once('/').map_or("/", |(directory, _)| directory);
                return WriteError::Immutable { path: directory.to_owned() };
            }
        }
        WriteError::new(self.path, doing, error)
    }

    /// Writes to the disk what was renamed, made and removed here.
    pub(super) fn sync(&self) -> Result<(), WriteError> {
        sync_directory(&self.directory).map_err(|error| self.error("written to the disk", error))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// An old kernel is made of a new one by not asking it.
    #[test]
    fn the_walk_answers_as_the_kernel_does() {
        let node = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(node.path().join("a/b")).unwrap();
        std::fs::write(node.path().join("a/file"), "x").unwrap();
        symlink("/a", node.path().join("link")).unwrap();
        symlink("b", node.path().join("a/inner")).unwrap();
        let new = Root::open(node.path()).unwrap();
        let old = Root { quick: false, ..new.clone() };
        for path in ["/a/b/x", "/link/b/x", "/a/inner/x", "/a/file/x", "/none/x", "/a/../a/x", "/", "a", "/a//b/./x"] {
            let answer = |root: &Root| root.place(path).map(|_| ()).map_err(|error| error.to_string());
            assert_eq!(answer(&new), answer(&old), "{path}");
        }
        let refused = old.place("/a/inner/x").unwrap_err();
        assert!(matches!(refused, WriteError::Link { path, target } if path == "/a/inner" && target == "b"));
    }
}
