//! What is known of a file, apart from its bytes.

use rustix::fs::{StatxTimestamp, Timespec};
use serde::{Deserialize, Serialize};

use super::Attributes;

/// Everything about a file but its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Below the node's root.
    pub path: String,
    /// What is there.
    pub nature: Nature,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// Nothing.
    Absent,
    /// A regular file.
    File {
        /// SHA-256 of its bytes, as hexadecimal digits.
        digest: String,
        /// How many bytes.
        size: u64,
        /// The rest.
        status: Status,
    },
    /// A directory.
    Directory(Status),
}

/// What files and directories both have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Permissions, with the three bits above them.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Extended attributes.
    pub attributes: Attributes,
    /// Last access.
    pub accessed: Time,
    /// Last modification.
    pub modified: Time,
    /// The device, which is not the same after every start of the node.
    pub device: u64,
    /// The number on the device.
    pub inode: u64,
    /// How many names it has. A file that is replaced keeps the old bytes under its other names.
    pub links: u32,
}

/// A moment, as a file system keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Time(pub i64, pub u32);

impl From<StatxTimestamp> for Time {
    fn from(time: StatxTimestamp) -> Self {
        Time(time.tv_sec, time.tv_nsec)
    }
}

impl From<Time> for Timespec {
    fn from(Time(tv_sec, nanoseconds): Time) -> Self {
        Timespec { tv_sec, tv_nsec: nanoseconds.into() }
    }
}

impl Description {
    /// Mode, owner and the rest, if anything is there.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        match &self.nature {
            Nature::Absent => None,
            Nature::File { status, .. } | Nature::Directory(status) => Some(status),
        }
    }

    /// What a person would call different between the two: existence, content, mode, owner. Times, attributes and the place on the
    /// disk are not looked at.
    #[must_use]
    pub fn differences(&self, other: &Description) -> Vec<&'static str> {
        let kind = |nature: &Nature| match nature {
            Nature::Absent => 0,
            Nature::File { .. } => 1,
            Nature::Directory(_) => 2,
        };
        let mut found = Vec::new();
        if kind(&self.nature) != kind(&other.nature) {
            return vec!["existence"];
        }
        if let (Nature::File { digest: one, .. }, Nature::File { digest: two, .. }) = (&self.nature, &other.nature)
            && one != two
        {
            found.push("content");
        }
        if let (Some(one), Some(two)) = (self.status(), other.status()) {
            if one.mode != two.mode {
                found.push("mode");
            }
            if (one.uid, one.gid) != (two.uid, two.gid) {
                found.push("owner");
            }
        }
        found
    }

    /// What shows that somebody else was here between the two. Last access and the number of names show nothing of that kind.
    pub(super) fn touched(&self, other: &Description) -> Vec<&'static str> {
        let mut found = self.differences(other);
        if let (Some(one), Some(two)) = (self.status(), other.status()) {
            if (one.device, one.inode) != (two.device, two.inode) {
                found.push("another file of that name");
            }
            if one.attributes != two.attributes {
                found.push("extended attributes");
            }
            // A directory's own time changes with every file in it.
            if one.modified != two.modified && !matches!(self.nature, Nature::Directory(_)) {
                found.push("time of modification");
            }
        }
        found
    }
}
