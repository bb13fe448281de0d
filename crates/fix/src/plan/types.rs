//! A plan: what would be changed, what that does, and what is left out.

use serde::{Deserialize, Serialize};

/// What a repair would do. Deterministic: the same node and the same request give the same plan and the same hash.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The form of this document.
    pub schema: u32,
    /// The node's name.
    pub node: String,
    /// The platform by which it is repaired.
    pub platform: String,
    /// The benchmark.
    pub benchmark: String,
    /// The Kubernetes version, if it is known.
    pub kubernetes: Option<String>,
    /// What is repaired, in the order in which it was asked for.
    pub fixes: Vec<PlannedFix>,
    /// What was asked for and is not part of the plan, with the reason.
    pub left_out: Vec<LeftOut>,
    /// Changes of files and directories, in the order in which they are made.
    pub changes: Vec<Change>,
    /// What restarts, in order.
    pub restarts: Vec<Restart>,
    /// Findings that would be others after the change.
    pub preview: Vec<Difference>,
    /// What to do afterwards that this program does not do.
    pub afterwards: Vec<String>,
    /// The other nodes of the control plane, if the API was asked: they are repaired one after the other. Not part of the hash.
    pub control_plane: Vec<String>,
    /// Names this very plan: the first 16 digits of the SHA-256 of all the above.
    pub hash: String,
}

/// One finding that is repaired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedFix {
    /// The item of the benchmark.
    pub id: String,
    /// The rule.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// What is wrong now.
    pub reason: String,
    /// `none`, `restarts-component` or `may-break`, after what was tested.
    pub risk: Risk,
    /// For `may-break`: what may break, and when.
    pub breaks: Option<String>,
    /// What was tested on this node, and what came out.
    pub tested: Vec<String>,
    /// What is done, one line each.
    pub steps: Vec<String>,
}

/// What a fix does to the node, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing restarts.
    None,
    /// A component restarts.
    RestartsComponent,
    /// A component restarts, and something may stop working.
    MayBreak,
}

impl std::fmt::Display for Risk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Risk::None => "none",
            Risk::RestartsComponent => "restarts-component",
            Risk::MayBreak => "may-break",
        })
    }
}

/// An item that is not repaired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The item.
    pub id: String,
    /// The rule.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// Why, as a word.
    pub kind: Reason,
    /// Why, as a sentence.
    pub why: String,
}

/// Why an item is not repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It passes already.
    Passes,
    /// It is about something that is not on this node.
    NotApplicable,
    /// Whether it fails is not known, so neither is what to change.
    Unknown,
    /// Only a person can do it.
    NoFix,
    /// Somebody else manages the component.
    Managed,
    /// Its risk was not accepted.
    Risk,
    /// It would break something on this node, or cannot be done here.
    Refused,
}

/// One change of a file or directory.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// The path on the host, without links.
    pub path: String,
    /// What is done.
    pub action: Action,
    /// The mode afterwards, in octal: `0600`.
    pub mode: Option<String>,
    /// The owner afterwards: `root:root`.
    pub owner: Option<String>,
    /// SHA-256 of the content before, if there is one.
    pub before: Option<String>,
    /// SHA-256 of the content afterwards, unless it holds a key that is made when the plan is carried out.
    pub after: Option<String>,
    /// The difference, with keys masked.
    pub diff: String,
    /// Whether it holds keys.
    pub secret: bool,
    /// The component that starts anew for it.
    pub component: Option<String>,
    /// What is to be written, and as what.
    #[serde(skip)]
    pub wanted: Wanted,
}

/// What is done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The directory is made.
    MakeDirectory,
    /// The file is made.
    Create,
    /// Its content changes.
    Edit,
    /// Its mode or its owner changes.
    Attributes,
}

/// What a change comes to, for whoever carries it out.
#[derive(Clone, Default)]
pub struct Wanted {
    /// The content, if that changes. `@KEY@` in it stands for a key that is made when the plan is carried out.
    pub content: Option<String>,
    /// The mode.
    pub mode: Option<u32>,
    /// The owner's and the group's number.
    pub owner: Option<(u32, u32)>,
    /// Whether it lies in a directory of static pod manifests.
    pub manifest: bool,
    /// The component that starts anew for it.
    pub component: Option<String>,
}

/// Contents may hold keys.
impl std::fmt::Debug for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wanted").field("mode", &self.mode).field("owner", &self.owner).finish_non_exhaustive()
    }
}

/// A component that restarts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Restart {
    /// The component.
    pub component: String,
    /// What makes it restart.
    pub how: How,
    /// About how long it is away, in seconds.
    pub away: u32,
    /// What else happens meanwhile.
    pub note: Option<String>,
}

/// What makes a component restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Its manifest changes, and the kubelet makes the pod anew.
    Manifest,
    /// Its process is ended, and the kubelet starts the container again.
    Process,
    /// The kubelet is restarted.
    Kubelet,
}

/// A finding that would be another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The item.
    pub id: String,
    /// The verdict now.
    pub before: seaworthy_model::Verdict,
    /// The verdict then.
    pub after: seaworthy_model::Verdict,
    /// The reason then.
    pub reason: String,
}
