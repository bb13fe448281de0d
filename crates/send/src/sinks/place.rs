//! Files that others read: replaced whole, never through a link that somebody has put there.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::sink::Trouble;

/// Replaces a file: a reader sees the old one or the new one, whole. What is beside it for a moment begins with a dot and ends with
/// `.tmp`, is made anew, and no link is followed to it.
///
/// # Errors
/// Those of the file system. The old file is as it was.
pub(super) fn replace(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
    if std::fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_symlink()) {
        return Err(Error::new(ErrorKind::InvalidInput, "it is there and is no file"));
    }
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    // What an earlier process of this number left.
    let _ = std::fs::remove_file(&beside);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.set_permissions(std::fs::Permissions::from_mode(mode))?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        folder_on_disk(path)
    };
    write().inspect_err(|_| {
        let _ = std::fs::remove_file(&beside);
    })
}

/// Has the folder of a path on disk, so that a new name in it outlives a crash.
pub(super) fn folder_on_disk(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// What an error of the file system means: what may pass is tried again, what somebody has to mend is told.
pub(super) fn trouble(path: &Path, error: &Error) -> Trouble {
    let why = seaworthy_report::clean(&format!("{}: {}", path.display(), told(error))).into_owned();
    let passes = matches!(
        error.kind(),
        ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::Interrupted
            | ErrorKind::WouldBlock
            | ErrorKind::ResourceBusy
    );
    if passes || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) {
        Trouble::Later { why, after: None }
    } else {
        Trouble::Blocked { why }
    }
}

fn told(error: &Error) -> String {
    if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
        return "it is a symbolic link, and none is followed: name the file that it points to".to_owned();
    }
    error.to_string()
}
