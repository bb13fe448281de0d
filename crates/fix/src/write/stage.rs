//! Where the temporary file lies from which another one is replaced.

use std::os::fd::OwnedFd;

use super::kernel::stat;
use super::place::Place;
use super::{Root, Style};

/// A directory for a temporary file.
pub(super) struct Stage {
    /// None: the directory of the file itself.
    pub(super) outside: Option<OwnedFd>,
}

impl Stage {
    pub(super) fn directory<'a>(&'a self, place: &'a Place<'_>) -> &'a OwnedFd {
        self.outside.as_ref().unwrap_or(&place.directory)
    }
}

impl Root {
    /// Where it may lie, best first. The last one is always the file's own directory, from which no rename can fail for being on
    /// another file system; the name begins with a dot, and the kubelet does not read such files.
    pub(super) fn stages(&self, place: &Place<'_>, style: Style) -> Vec<Stage> {
        let mut stages = Vec::new();
        if style == Style::Outside
            && let Some(outside) = self.outside(place)
        {
            stages.push(Stage { outside: Some(outside) });
        }
        stages.push(Stage { outside: None });
        stages
    }

    /// The directory above the file's, if a file that lies there can be trusted and renamed.
    fn outside(&self, place: &Place<'_>) -> Option<OwnedFd> {
        let above = place.parts.len().checked_sub(2)?;
        let outside = self.directory(place.parts.get(..above)?).ok()?;
        let (here, there) = (stat(&place.directory).ok()?, stat(&outside).ok()?);
        // A bind mount within one device looks the same here; there the rename itself says so.
        let one_device = (here.stx_dev_major, here.stx_dev_minor) == (there.stx_dev_major, there.stx_dev_minor);
        // Who may write there could exchange the file between its last byte and its rename.
        let ours = there.stx_mode & 0o022 == 0 && [0, rustix::process::geteuid().as_raw()].contains(&there.stx_uid);
        (one_device && ours).then_some(outside)
    }
}
