use rustix::io::Errno;

/// Why nothing was written. Every path is the one below the node's root.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A link is on the way. Name the file that the link leads to, or put a file in the link's place.
    #[error("{path} is a link to {target}, and links are not followed out of place; name the file that it leads to")]
    Link {
        /// The link.
        path: String,
        /// Where it leads.
        target: String,
    },
    /// The path is not absolute, names the root itself, or goes up with `..`. This is a mistake of the caller.
    #[error("{path:?} is no absolute path of a file below the root")]
    Path {
        /// As given.
        path: String,
    },
    /// A directory on the way does not exist, or is a file. Make it first.
    #[error("{path} is no directory")]
    NoDirectory {
        /// The directory.
        path: String,
    },
    /// It is neither a regular file nor a directory, or not the one of both that was expected. See what took its place.
    #[error("{path} is not a {expected}")]
    Kind {
        /// What was found.
        path: String,
        /// What was wanted.
        expected: &'static str,
    },
    /// The file is larger than anything that is repaired, and is not read. Look at what was written there.
    #[error("{path} is larger than {limit} bytes, which no file that is repaired here is")]
    TooLarge {
        /// The file.
        path: String,
        /// How much is read.
        limit: u64,
    },
    /// Somebody else changed it since it was read. Nothing was written: make the plan anew.
    #[error("{path} was changed by somebody else meanwhile ({what}); nothing was written; make the plan anew")]
    ChangedMeanwhile {
        /// The file.
        path: String,
        /// What differs.
        what: String,
    },
    /// The file, or its directory, was made immutable or append-only. If that was not meant to stop you: `chattr -i`, `chattr -a`.
    #[error("{path} is immutable or append-only; nothing was written; `chattr -ia` on it allows changes")]
    Immutable {
        /// The file or directory.
        path: String,
    },
    /// The file system is mounted read-only. Find out why (`dmesg` after an error of the disk), then remount it.
    #[error("{path} is on a read-only file system; nothing was written; see why, then remount it read-write")]
    ReadOnly {
        /// The file.
        path: String,
    },
    /// The disk or the quota is full. Nothing half-written was left: make room and try again.
    #[error("no space is left to write {path}; nothing was written; make room on its file system")]
    Full {
        /// The file.
        path: String,
    },
    /// The kernel forbids it to this user. Run as root, or see what a security module has logged.
    #[error("{path} may not be {doing} by this user")]
    Denied {
        /// The file.
        path: String,
        /// What was tried, as a participle.
        doing: &'static str,
    },
    /// The directory to be removed is not empty. Somebody put something there: move it first.
    #[error("{path} is not empty and was not removed")]
    NotEmpty {
        /// The directory.
        path: String,
    },
    /// An extended attribute could not be read or set. The file was not changed, except that some of its attributes may be.
    #[error("attribute {name} of {path} could not be {doing}: {error}")]
    Attribute {
        /// The file.
        path: String,
        /// The attribute.
        name: String,
        /// What was tried, as a participle.
        doing: &'static str,
        /// The kernel's answer.
        error: Errno,
    },
    /// Anything else that the kernel answers: the disk fails, or a limit is reached.
    #[error("{path} could not be {doing}: {error}")]
    System {
        /// The file.
        path: String,
        /// What was tried, as a participle.
        doing: &'static str,
        /// The kernel's answer.
        error: Errno,
    },
}

impl WriteError {
    /// The error for what the kernel answered.
    pub(crate) fn new(path: &str, doing: &'static str, error: Errno) -> Self {
        let path = path.to_owned();
        match error {
            Errno::ROFS => WriteError::ReadOnly { path },
            Errno::NOSPC | Errno::DQUOT => WriteError::Full { path },
            Errno::ACCESS | Errno::PERM => WriteError::Denied { path, doing },
            Errno::NOTDIR => WriteError::NoDirectory { path },
            Errno::NOTEMPTY => WriteError::NotEmpty { path },
            error => WriteError::System { path, doing, error },
        }
    }
}
