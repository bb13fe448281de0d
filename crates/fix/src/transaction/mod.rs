//! Carries a plan out as one transaction: kept, written, waited for, verified; or put back.
//!
//! Nothing is changed before the journal has what was there on the disk. From then on there are two ends: all is as planned and was
//! seen to be well, or all is as it was. A crash in between leaves an entry that is not final, and [`recover`] goes the second way.

mod back;
mod begin;
mod restart;
mod steps;
mod undo;
mod verify;
mod wait;

use std::collections::BTreeMap;
use std::time::Duration;

use seaworthy_catalogue::{Catalogue, Platform};
use seaworthy_collect::Tree;
use seaworthy_model::{Facts, Report};

pub use back::recover;
pub use begin::{apply, guard};
pub use undo::undo;

use crate::journal::About;
use crate::plan::{Change, How, Plan, Restart};
use crate::rescue::Move;
use crate::write::{Root, Snapshot};

/// What a transaction is carried out on, and how it talks to whoever called.
#[derive(Clone, Copy)]
pub struct Site<'s> {
    /// The node's file system, to be written.
    pub root: &'s Root,
    /// Whose the journal has to be: root's.
    pub owner: u32,
    /// Opens the node anew, to be read: what was seen before is never taken for what is.
    pub open: &'s dyn Fn() -> Result<Box<dyn Tree>, String>,
    /// By what it is judged.
    pub catalogue: &'s Catalogue,
    /// How it is laid out.
    pub platform: &'s Platform,
    /// How it is judged.
    pub options: &'s seaworthy_engine::Options,
    /// How facts are collected.
    pub collect: &'s seaworthy_collect::Options,
    /// What the kubelet says that it runs by, if there is a way to ask.
    pub running: &'s dyn Fn(&mut Facts),
    /// How long to wait.
    pub patience: Patience,
    /// The signal that asked for an end, if one did.
    pub interrupted: &'s dyn Fn() -> Option<&'static str>,
    /// Tells how it goes.
    pub progress: &'s dyn Fn(&str),
}

impl std::fmt::Debug for Site<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long all must go on well.
    pub stability: Duration,
    /// How long a component may take to come back, beyond what its startup probe allows.
    pub timeout: Duration,
}

/// What is to be done.
#[derive(Debug)]
pub struct Work {
    /// Changes, in order.
    pub(crate) steps: Vec<Step>,
    /// What restarts, in order.
    pub(crate) restarts: Vec<Restart>,
    /// Items that must pass afterwards.
    pub(crate) pass: Vec<String>,
    /// The report that the plan was made by; without one, verdicts are not compared.
    pub(crate) report: Option<Report>,
    /// The plan, as the journal keeps it.
    pub(crate) plan: serde_json::Value,
    /// Who, when and why.
    pub(crate) about: About,
    /// The component is gone already: that it is well before is not asked.
    pub(crate) urgent: bool,
    /// The repair that this takes back.
    pub(crate) undoes: Option<String>,
}

/// One change.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) path: String,
    /// The component that starts anew for it.
    pub(crate) component: Option<String>,
    /// Only when all components run by the rest: what a pod mounts goes away when no pod asks for it any more.
    pub(crate) late: bool,
    pub(crate) what: What,
}

/// What is done to a path.
#[derive(Debug)]
pub(crate) enum What {
    /// As a plan says. `before`: the digest that the plan was made for.
    Change(Box<Change>),
    /// Put back as an older repair found it.
    Restore(Box<Snapshot>),
    /// A copy of the file at another path, with its mode and owner.
    CopyOf(String),
    /// Taken away.
    Remove,
}

impl Work {
    /// The work of a plan. `report` is that by which it was made.
    pub fn of(plan: &Plan, report: &Report, about: About, urgent: bool) -> Work {
        let step = |change: &Change| Step {
            path: change.path.clone(),
            component: change.wanted.component.clone(),
            late: false,
            what: What::Change(Box::new(change.clone())),
        };
        Work {
            steps: plan.changes.iter().map(step).collect(),
            restarts: plan.restarts.clone(),
            pass: plan.fixes.iter().map(|fix| fix.id.clone()).collect(),
            report: Some(report.clone()),
            plan: serde_json::to_value(plan).unwrap_or_default(),
            about,
            urgent,
            undoes: None,
        }
    }
}

impl Work {
    /// The work of a rescue: changes of files first, then files that are moved out of the way.
    pub fn rescue(changes: &[Change], moves: &[Move], plan: serde_json::Value, about: About) -> Work {
        let step = |path: &str, component: Option<&String>, late, what| Step {
            path: path.to_owned(),
            component: component.cloned(),
            late,
            what,
        };
        let mut steps: Vec<Step> = changes
            .iter()
            .map(|change| {
                step(&change.path, change.wanted.component.as_ref(), false, What::Change(Box::new(change.clone())))
            })
            .collect();
        for Move { from, to } in moves {
            steps.push(step(to, None, true, What::CopyOf(from.clone())));
            steps.push(step(from, None, true, What::Remove));
        }
        let mut components: Vec<&String> = steps.iter().filter_map(|step| step.component.as_ref()).collect();
        components.sort_by_key(|component| crate::plan::order(component));
        components.dedup();
        let restart = |component: &&String| Restart {
            component: (*component).clone(),
            how: if component.as_str() == "kubelet" { How::Kubelet } else { How::Manifest },
            away: 60,
            note: None,
        };
        let restarts: Vec<Restart> = components.iter().map(restart).collect();
        let mut plan = plan;
        plan["restarts"] = serde_json::to_value(&restarts).unwrap_or_default();
        plan["changes"] = serde_json::to_value(changes).unwrap_or_default();
        Work { steps, restarts, pass: Vec::new(), report: None, plan, about, urgent: true, undoes: None }
    }

    /// The manifest that each component is started from, where the work writes it.
    pub(crate) fn manifests(&self) -> BTreeMap<String, String> {
        let of = |step: &Step| match (&step.what, &step.component) {
            (What::Change(change), Some(component)) if change.wanted.manifest => {
                Some((component.clone(), step.path.clone()))
            }
            _ => None,
        };
        self.steps.iter().filter_map(of).collect()
    }
}

/// How a transaction ended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum End {
    /// All is as planned, and was verified.
    Done {
        /// The repair's name in the history.
        id: String,
        /// How long it took, in seconds.
        seconds: u64,
        /// What the reader should know.
        notes: Vec<String>,
    },
    /// It failed, and all is as it was.
    RolledBack {
        /// The repair's name in the history.
        id: String,
        /// Why it failed.
        why: String,
        /// What the component said last.
        evidence: Vec<String>,
        /// What the reader should know.
        notes: Vec<String>,
    },
    /// It failed, and not all is as it was.
    Stuck {
        /// The repair's name in the history.
        id: String,
        /// Why it failed.
        why: String,
        /// What the component said last.
        evidence: Vec<String>,
        /// What could not be put back, or is not well, and what to do by hand.
        what: Vec<String>,
    },
}

/// Why nothing was begun. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The journal cannot be used, or another repair is at work or was interrupted.
    #[error(transparent)]
    Journal(#[from] crate::journal::JournalError),
    /// A file cannot be read as it would have to be written.
    #[error(transparent)]
    Write(#[from] crate::write::WriteError),
    /// A file is not as it was when the plan was made. Make the plan again.
    #[error("{path} was changed since the plan was made: plan again")]
    Changed {
        /// The file.
        path: String,
    },
    /// Something is not well already, so that nobody could tell whether the repair broke it.
    #[error("{what} is not well before the repair ({why}), so nothing is changed: see seaworthy rescue")]
    Unwell {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
    /// Another member of the control plane is not well, or cannot be told to be.
    #[error("{0}")]
    Members(String),
    /// A repair that cannot be taken back.
    #[error("{0}")]
    NotUndone(String),
    /// The node could not be read.
    #[error("{0}")]
    Unreadable(String),
}
