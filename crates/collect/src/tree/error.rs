//! Why something could not be read.

use std::path::PathBuf;

/// Why something could not be read. The caller knows the path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is nothing at the path.
    #[error("no such file or directory")]
    Absent,
    /// There is a link, and nothing where it leads.
    #[error("{link} leads to {target}, which does not exist")]
    Dangling {
        /// The last link that was followed.
        link: String,
        /// What it says.
        target: String,
    },
    /// The system refuses it.
    #[error("{0}")]
    Denied(String),
    /// Links lead in a circle, or there are too many.
    #[error("too many levels of symbolic links")]
    Loop,
    /// It is larger than may be read.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// It is in a recording only as the name of a directory.
    #[error("the recording does not hold it")]
    Unrecorded,
    /// [`Links::StopAtAbsolute`]: the path that is to be looked at instead.
    #[error("a link leads away")]
    Leads(Vec<u8>),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

/// Why a tree could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is not there, or may not be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The system's words.
        error: std::io::Error,
    },
    /// It is no archive.
    #[error("{}: neither a directory nor a tar archive (plain or gzip): {error}", path.display())]
    NoArchive {
        /// The path.
        path: PathBuf,
        /// What was wrong.
        error: std::io::Error,
    },
    /// It is larger than a recording may be.
    #[error("{}: larger than {limit} bytes", path.display())]
    TooLarge {
        /// The path.
        path: PathBuf,
        /// The limit.
        limit: usize,
    },
}
