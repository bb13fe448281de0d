use crate::write::WriteError;

/// Why the journal cannot be used, or a repair not be put back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// There is no journal, and none was to be made: nothing was ever repaired on this node.
    #[error("{path} does not exist: nothing was repaired on this node yet")]
    Absent {
        /// The directory.
        path: String,
    },
    /// This user may not read it. Run as root.
    #[error("{path} may be read by root only")]
    Denied {
        /// The directory.
        path: String,
    },
    /// A directory on the way to the journal is a link: whoever made it chooses where keys are written. Replace it by a directory.
    #[error("{path} is a link to {target}; the journal can hold keys and is not kept behind a link")]
    Link {
        /// The link.
        path: String,
        /// Where it leads.
        target: String,
    },
    /// Somebody other than root owns or may write a directory on the way. Give it to root and take the right away.
    #[error("{path} {why}; the journal can hold keys and is not kept there (`chown root {path}`, `chmod go-w {path}`)")]
    Unsafe {
        /// The directory.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// Another repair is at work. Wait until it is done.
    #[error("another repair is at work on this node{}", holder(*pid, since.as_deref()))]
    Busy {
        /// Its process, if it could be told.
        pid: Option<u32>,
        /// Since when.
        since: Option<String>,
    },
    /// A repair was interrupted, and nothing is repaired before what it changed is put back: `seaworthy fix --recover`.
    #[error("repair {id} was interrupted; `seaworthy fix --recover` puts back what it changed")]
    Interrupted {
        /// The repair.
        id: String,
    },
    /// No repair has this name. `seaworthy history` lists them.
    #[error("there is no repair {id}; `seaworthy history` lists them")]
    Unknown {
        /// As asked.
        id: String,
    },
    /// A file of the journal is missing or is not what was written. What it describes has to be looked at by hand.
    #[error("the journal's entry {id} is damaged: {what}")]
    Damaged {
        /// The entry.
        id: String,
        /// What is wrong.
        what: String,
    },
    /// A repair cannot go from one state to the other. This is a mistake of the caller.
    #[error("repair {id} cannot go from {from} to {to}")]
    State {
        /// The repair.
        id: String,
        /// Its state.
        from: &'static str,
        /// The one that was wanted.
        to: &'static str,
    },
    /// The time of a repair is not written as RFC 3339 says. This is a mistake of the caller.
    #[error("{time:?} is no time")]
    Time {
        /// As given.
        time: String,
    },
    /// Something cannot be written as JSON. This is a mistake of ours.
    #[error("the journal cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// Not everything could be put back. Everything else was; mend the causes and run it again.
    #[error("repair {id} was not put back completely: {}", list(failed))]
    Restore {
        /// The repair.
        id: String,
        /// What failed.
        failed: Vec<WriteError>,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

fn holder(pid: Option<u32>, since: Option<&str>) -> String {
    match (pid, since) {
        (Some(pid), Some(since)) => format!(": process {pid}, since {since}"),
        (Some(pid), None) => format!(": process {pid}"),
        _ => String::new(),
    }
}

fn list(failed: &[WriteError]) -> String {
    failed.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
