//! What was found out, and what would help.

use serde::Serialize;

/// Why a component is gone, as far as the disk tells.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// The form of this document.
    pub schema: u32,
    /// The platform by which the node was read.
    pub platform: String,
    /// What is wrong, the most likely cause first.
    pub findings: Vec<Finding>,
    /// What was looked at, and what is to be said of it.
    pub looked_at: Vec<String>,
    /// Where to look next.
    pub next: Vec<String>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What kind of thing.
    pub kind: Kind,
    /// The component that it keeps from running, if it is one that is known.
    pub component: Option<String>,
    /// Whether that component has no process.
    pub down: bool,
    /// The file.
    pub file: Option<String>,
    /// The line, from 1; 0 if it is about the whole file.
    pub line: u32,
    /// The column, from 1; 0 where it is not known.
    pub column: u32,
    /// What is wrong, as a sentence.
    pub cause: String,
    /// What that rests on: the line of the file, the last lines of the log. Without secrets.
    pub evidence: Vec<String>,
    /// What would help, best first.
    pub proposals: Vec<Proposal>,
}

/// The kinds of findings, the most likely cause first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A repair of ours did not come to its end.
    Interrupted,
    /// A manifest, or a configuration, is not what its parser takes.
    DoesNotParse,
    /// There is a file, and nothing in it.
    Empty,
    /// It parses, and is no Pod that could start.
    NotAPod,
    /// There is no manifest, and there was one.
    NoManifest,
    /// Two manifests for one pod.
    Twice,
    /// A flag that the component does not have.
    UnknownFlag,
    /// Something that is named is not on the node.
    MissingFile,
    /// Something that is named is on the node, and the container does not see it.
    NotMounted,
    /// The component said itself why it ended.
    Refused,
    /// The kubelet does not run, or is stopped.
    Kubelet,
    /// The kubelet's configuration keeps it from running, or from reading manifests.
    KubeletConfig,
    /// A file system takes nothing any longer.
    Disk,
    /// A file that the container's user may not read.
    NotReadable,
    /// A certificate that is expired, or not of its key.
    Certificate,
    /// A file that the kubelet reads although it is no manifest.
    Stray,
    /// It could not be looked at.
    Unknown,
}

/// What would help.
#[derive(Clone, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Proposal {
    /// Put back the last version that was verified.
    RestoreGood {
        /// The file.
        path: String,
        /// The repair that verified it.
        entry: String,
        /// The difference, with keys masked.
        diff: String,
        /// Whether there are keys in it.
        secret: bool,
        /// What is written.
        #[serde(skip)]
        after: String,
        /// Its mode and its owner.
        #[serde(skip)]
        mode: u32,
        /// The owner's and the group's number.
        #[serde(skip)]
        owner: (u32, u32),
        /// SHA-256 of what is there now, if anything is.
        #[serde(skip)]
        before: Option<String>,
    },
    /// The smallest correction; it was tested that nothing is wrong with the file then.
    Correct {
        /// The file.
        path: String,
        /// What is edited, one line each.
        edits: Vec<String>,
        /// The difference, with keys masked.
        diff: String,
        /// Whether there are keys in it.
        secret: bool,
        /// What is written.
        #[serde(skip)]
        after: String,
        /// SHA-256 of what is there now, if anything is.
        #[serde(skip)]
        before: Option<String>,
    },
    /// Move a file out of the directory.
    MoveAway {
        /// The file.
        path: String,
        /// Where to.
        to: String,
    },
    /// What only a person can do.
    ByHand {
        /// What, with the commands.
        what: String,
    },
}

/// Contents may hold keys.
impl std::fmt::Debug for Proposal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RestoreGood { path, entry, .. } => write!(f, "RestoreGood {path} of {entry}"),
            Self::Correct { path, edits, .. } => write!(f, "Correct {path}: {edits:?}"),
            Self::MoveAway { path, to } => write!(f, "MoveAway {path} to {to}"),
            Self::ByHand { what } => write!(f, "ByHand {what}"),
        }
    }
}

/// A file that is moved out of the directory of manifests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The file.
    pub from: String,
    /// Where to; nothing is there.
    pub to: String,
}

impl Finding {
    pub(super) fn new(kind: Kind, component: Option<&str>, cause: impl Into<String>) -> Self {
        Finding {
            kind,
            component: component.map(str::to_owned),
            down: false,
            file: None,
            line: 0,
            column: 0,
            cause: cause.into(),
            evidence: Vec::new(),
            proposals: Vec::new(),
        }
    }

    pub(super) fn at(mut self, file: &str, line: u32, column: u32) -> Self {
        (self.file, self.line, self.column) = (Some(file.to_owned()), line, column);
        self
    }

    pub(super) fn by_hand(mut self, what: impl Into<String>) -> Self {
        self.proposals.push(Proposal::ByHand { what: what.into() });
        self
    }

    /// `FILE:LINE:COLUMN`, as far as that is known.
    pub fn place(&self) -> Option<String> {
        let file = self.file.as_ref()?;
        Some(match (self.line, self.column) {
            (0, _) => file.clone(),
            (line, 0) => format!("{file}:{line}"),
            (line, column) => format!("{file}:{line}:{column}"),
        })
    }
}
