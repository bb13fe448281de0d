//! The image's only layer: the program under its names, and nothing that it could not do without.

use std::io::{self, Read, Write};

use flate2::{Compression, GzBuilder};
use tar::{EntryType, Header};

/// Where the program is.
pub(crate) const PROGRAM: &str = "usr/local/bin/seaworthy";

/// Its other names: the program goes by the name that it is started under. Hard links, so that each can also be copied out by itself.
pub(crate) const NAMES: [&str; 2] = ["usr/local/bin/kube-bench", "usr/local/bin/kubectl-seaworthy"];

/// Directories and their modes. No `/etc/passwd`: only the node's own may tell the names of owners.
pub(crate) const DIRECTORIES: [(&str, u32); 4] =
    [("tmp/", 0o1777), ("usr/", 0o755), ("usr/local/", 0o755), ("usr/local/bin/", 0o755)];

/// The mode of the program.
pub(crate) const PROGRAM_MODE: u32 = 0o755;

/// The layer as a tar archive: fixed order, modes and owners (root); every time is `time`, in seconds since 1970.
pub(crate) fn tar(program: &[u8], time: u64) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::with_capacity(program.len() + 16 * 1024));
    for (path, mode) in DIRECTORIES {
        tar.append(&header(path, EntryType::Directory, mode, 0, time)?, io::empty())?;
    }
    tar.append(&header(PROGRAM, EntryType::Regular, PROGRAM_MODE, program.len(), time)?, program)?;
    for name in NAMES {
        let mut link = header(name, EntryType::Link, PROGRAM_MODE, 0, time)?;
        link.set_link_name(PROGRAM)?;
        link.set_cksum();
        tar.append(&link, io::empty())?;
    }
    tar.into_inner()
}

/// A header that says nothing about the machine that it was written on.
pub(crate) fn header(path: &str, kind: EntryType, mode: u32, size: usize, time: u64) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(path)?;
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(time);
    header.set_size(u64::try_from(size).map_err(io::Error::other)?);
    header.set_cksum();
    Ok(header)
}

/// Compresses without name, time and operating system in the header.
pub(crate) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut gzip = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    gzip.finish()
}

/// Decompresses, `limit` bytes at most.
pub(crate) fn gunzip(bytes: &[u8], limit: u64) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).take(limit + 1).read_to_end(&mut out)?;
    if out.len() as u64 > limit {
        return Err(io::Error::other(format!("it unpacks to more than {limit} bytes")));
    }
    Ok(out)
}
