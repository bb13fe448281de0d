//! Extended attributes: labels of security modules, access control lists, capabilities, and what users set.

use std::collections::BTreeMap;
use std::fmt;
use std::os::fd::OwnedFd;

use rustix::fs::XattrFlags;
use rustix::io::Errno;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::WriteError;

/// The kernel's own limit for a list of names, and for a value.
const LONGEST: usize = 64 << 10;

/// A checksum over the other attributes that the kernel keeps by itself and lets nobody set.
const KEPT_BY_KERNEL: &[&[u8]] = &[b"security.evm"];

/// What is true of the old bytes only: a hash of them, and rights given to them. The kernel drops the latter at every write, too.
const OF_THE_BYTES: &[&[u8]] = &[b"security.ima", b"security.capability"];

/// Labels that a file always has where the node has such a module: they are replaced, never removed.
const LABELS: &[&[u8]] = &[b"security.selinux", b"security.SMACK64"];

/// The extended attributes of a file. Printed, only their names are shown: a value can be anything.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Attributes(pub(super) BTreeMap<Vec<u8>, Vec<u8>>);

impl Attributes {
    /// Reads all that this user may list.
    pub(super) fn read(file: &OwnedFd, path: &str) -> Result<Self, WriteError> {
        let problem = |name: &[u8], error| WriteError::Attribute {
            path: path.to_owned(),
            name: String::from_utf8_lossy(name).into_owned(),
            doing: "read",
            error,
        };
        let mut listed = Vec::with_capacity(LONGEST);
        match rustix::fs::flistxattr(file, rustix::buffer::spare_capacity(&mut listed)) {
            Ok(_) => {}
            // The file system knows none.
            Err(Errno::OPNOTSUPP) => return Ok(Attributes::default()),
            Err(error) => return Err(problem(b"(list)", error)),
        }
        let mut found = BTreeMap::new();
        for name in listed.split(|byte| *byte == 0).filter(|name| !name.is_empty() && !KEPT_BY_KERNEL.contains(name)) {
            let mut value = Vec::with_capacity(LONGEST);
            match rustix::fs::fgetxattr(file, name, rustix::buffer::spare_capacity(&mut value)) {
                Ok(_) => drop(found.insert(name.to_vec(), value.as_slice().to_vec())),
                // Removed since it was listed.
                Err(Errno::NODATA) => {}
                Err(error) => return Err(problem(name, error)),
            }
        }
        Ok(Attributes(found))
    }

    /// Those that a file with other bytes may have, too.
    pub(super) fn without_those_of_the_bytes(&self) -> Self {
        let mut left = self.clone();
        left.0.retain(|name, _| !OF_THE_BYTES.contains(&name.as_slice()));
        left
    }

    /// Makes a file's attributes these. True if any was set or removed.
    pub(super) fn write(&self, file: &OwnedFd, path: &str) -> Result<bool, WriteError> {
        let present = Attributes::read(file, path)?;
        let problem = |name: &[u8], doing, error| match WriteError::new(path, doing, error) {
            error @ (WriteError::Full { .. } | WriteError::ReadOnly { .. }) => error,
            _ => WriteError::Attribute {
                path: path.to_owned(),
                name: String::from_utf8_lossy(name).into_owned(),
                doing,
                error,
            },
        };
        let mut changed = false;
        for name in present.0.keys().filter(|name| !self.0.contains_key(*name) && !LABELS.contains(&name.as_slice())) {
            match rustix::fs::fremovexattr(file, name.as_slice()) {
                Ok(()) => changed = true,
                Err(Errno::NODATA) => {}
                Err(error) => return Err(problem(name, "removed", error)),
            }
        }
        for (name, value) in self.0.iter().filter(|(name, value)| present.0.get(*name) != Some(value)) {
            rustix::fs::fsetxattr(file, name.as_slice(), value, XattrFlags::empty())
                .map_err(|error| problem(name, "set", error))?;
            changed = true;
        }
        Ok(changed)
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys().map(|name| String::from_utf8_lossy(name))).finish()
    }
}

/// Names and values as hexadecimal digits: either can be any bytes.
impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (hex(name), hex(value))))
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = BTreeMap::<String, String>::deserialize(deserializer)?;
        let bytes = |text: &str| from_hex(text).ok_or_else(|| D::Error::custom("no hexadecimal digits"));
        pairs.iter().map(|(name, value)| Ok((bytes(name)?, bytes(value)?))).collect::<Result<_, _>>().map(Attributes)
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // A String takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().iter().map(|digit| char::from(*digit).to_digit(16)).collect::<Option<Vec<_>>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).ok()).collect()
}
