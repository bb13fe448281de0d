//! Replacing a file: complete and on the disk before it has the name.

use rustix::fs::{Gid, Mode, RenameFlags, Timestamps, Uid};
use rustix::io::Errno;

use super::attributes::Attributes;
use super::description::{Nature, Status, Time};
use super::fail::point;
use super::kernel::{stat, sync_directory, write_all};
use super::place::Place;
use super::stage::Stage;
use super::temporary::Temporary;
use super::{Root, Snapshot, WriteError};

/// What a file shall be.
#[derive(Clone, Copy)]
pub struct New<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its permissions.
    pub mode: u32,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Whose extended attributes it shall have, except for those that are about the old bytes. None: those that the node gives it.
    pub inherit: Option<&'a Snapshot>,
}

/// Where the temporary file lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// In the directory above, if that is on the same file system: for a directory whose every file somebody reads, as the kubelet
    /// does with the manifests. If it cannot be there, as `Inside`.
    Outside,
    /// In the file's own directory, under a name with a dot.
    Inside,
}

/// All that a temporary file gets before its rename.
pub(super) struct Whole<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) mode: u32,
    pub(super) owner: (u32, u32),
    pub(super) attributes: Attributes,
    pub(super) times: Option<(Time, Time)>,
}

impl<'a> Whole<'a> {
    pub(super) fn exactly(bytes: &'a [u8], status: &Status) -> Self {
        Whole {
            bytes,
            mode: status.mode,
            owner: (status.uid, status.gid),
            attributes: status.attributes.clone(),
            times: Some((status.accessed, status.modified)),
        }
    }
}

/// Why one stage did not do.
enum Refused {
    /// Another one may.
    Stage(WriteError),
    /// No other one would.
    File(WriteError),
}

impl Root {
    /// Puts a new file in the place of the one that was `expected`, or where nothing was.
    ///
    /// What is there is compared with `expected` immediately before the rename. After an error nothing was changed, except where only
    /// the directory could not be written to the disk.
    ///
    /// # Errors
    /// If anything stands in the way; see [`WriteError`].
    pub fn replace(
        &self,
        path: &str,
        new: &New<'_>,
        expected: &Snapshot,
        style: Style,
    ) -> Result<Snapshot, WriteError> {
        let place = self.place(path)?;
        place.still(expected)?;
        if matches!(expected.description.nature, Nature::Directory(_)) {
            return Err(WriteError::Kind { path: path.to_owned(), expected: "regular file" });
        }
        let inherited = new.inherit.and_then(Snapshot::status).map(|s| s.attributes.without_those_of_the_bytes());
        let whole = Whole {
            bytes: new.bytes,
            mode: new.mode,
            owner: (new.uid, new.gid),
            attributes: inherited.unwrap_or_default(),
            times: None,
        };
        self.put(&place, &whole, style, Some(expected))?;
        place.snapshot()
    }

    /// Tries every stage until one does.
    pub(super) fn put(
        &self,
        place: &Place<'_>,
        whole: &Whole<'_>,
        style: Style,
        expected: Option<&Snapshot>,
    ) -> Result<(), WriteError> {
        let mut last = None;
        for stage in self.stages(place, style) {
            match put_from(&stage, place, whole, expected) {
                Ok(()) => return Ok(()),
                Err(Refused::File(error)) => return Err(error),
                Err(Refused::Stage(error)) => last = Some(error),
            }
        }
        // There is always one stage.
        Err(last.unwrap_or_else(|| place.error("written", Errno::IO)))
    }
}

fn put_from(stage: &Stage, place: &Place<'_>, whole: &Whole<'_>, expected: Option<&Snapshot>) -> Result<(), Refused> {
    let file_error = |doing| move |error| Refused::File(place.error(doing, error));
    let directory = stage.directory(place);
    let mut temporary = Temporary::make(directory).map_err(|error| match (error, &stage.outside) {
        // The manifests can be a mount that is writable in a directory that is not.
        (Errno::ROFS | Errno::ACCESS | Errno::PERM, Some(_)) => Refused::Stage(place.error("written", error)),
        _ => Refused::File(place.error("written", error)),
    })?;
    point("temporary-created").map_err(file_error("written"))?;
    write_all(&temporary.file, whole.bytes).map_err(file_error("written"))?;
    point("temporary-filled").map_err(file_error("written"))?;
    dress(&temporary, place, whole)?;
    // A full disk can show itself only now.
    rustix::fs::fsync(&temporary.file).map_err(file_error("written to the disk"))?;
    point("temporary-written").map_err(file_error("written to the disk"))?;

    // From here to the rename there is nothing but the comparison. An exchange of both names would show even what came in between,
    // but it reaches a watcher as "created" and then "removed": the kubelet would stop the pod.
    point("before-rename").map_err(file_error("replaced"))?;
    let mut flags = RenameFlags::empty();
    if let Some(expected) = expected {
        place.still(expected).map_err(Refused::File)?;
        if matches!(expected.description.nature, Nature::Absent) {
            flags = RenameFlags::NOREPLACE;
        }
    }
    let rename = |flags| rustix::fs::renameat_with(directory, &temporary.name, &place.directory, place.name, flags);
    let renamed = match rename(flags) {
        // Not every file system knows that flag.
        Err(Errno::INVAL) if flags == RenameFlags::NOREPLACE => rename(RenameFlags::empty()),
        answer => answer,
    };
    match renamed {
        Ok(()) => temporary.renamed = true,
        Err(error @ Errno::XDEV) if stage.outside.is_some() => {
            return Err(Refused::Stage(place.error("replaced", error)));
        }
        Err(Errno::EXIST) => {
            let what = "existence".to_owned();
            return Err(Refused::File(WriteError::ChangedMeanwhile { path: place.path.to_owned(), what }));
        }
        Err(Errno::ISDIR) => {
            return Err(Refused::File(WriteError::Kind { path: place.path.to_owned(), expected: "regular file" }));
        }
        Err(error) => return Err(Refused::File(place.error("replaced", error))),
    }
    point("after-rename").map_err(file_error("written to the disk"))?;
    place.sync().map_err(Refused::File)?;
    if let Some(outside) = &stage.outside {
        sync_directory(outside).map_err(file_error("written to the disk"))?;
    }
    point("directory-synced").map_err(file_error("written to the disk"))
}

/// Everything but the bytes. The owner first: the kernel takes capabilities and the bits above the permissions away from a file that
/// changes hands.
fn dress(temporary: &Temporary<'_>, place: &Place<'_>, whole: &Whole<'_>) -> Result<(), Refused> {
    let file = &temporary.file;
    let problem = |doing| move |error| Refused::File(place.error(doing, error));
    let now = stat(file).map_err(problem("looked at"))?;
    if (now.stx_uid, now.stx_gid) != whole.owner {
        let (uid, gid) = whole.owner;
        rustix::fs::fchown(file, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))
            .map_err(problem("given its owner"))?;
    }
    whole.attributes.write(file, place.path).map_err(Refused::File)?;
    rustix::fs::fchmod(file, Mode::from_raw_mode(whole.mode)).map_err(problem("given its mode"))?;
    if let Some((accessed, modified)) = whole.times {
        let times = Timestamps { last_access: accessed.into(), last_modification: modified.into() };
        rustix::fs::futimens(file, &times).map_err(problem("given its times"))?;
    }
    Ok(())
}

impl Place<'_> {
    /// Whether what is here is what was expected.
    pub(super) fn still(&self, expected: &Snapshot) -> Result<(), WriteError> {
        let touched = expected.description.touched(&self.snapshot()?.description);
        if touched.is_empty() {
            return Ok(());
        }
        Err(WriteError::ChangedMeanwhile { path: self.path.to_owned(), what: touched.join(", ") })
    }
}
