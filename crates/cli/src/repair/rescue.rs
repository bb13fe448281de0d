//! `rescue`: why a component is gone, from the disk alone. Neither facts nor verdicts are needed for it, and no API.

use std::path::Path;

use seaworthy_fix::journal::{Journal, JournalError};
use seaworthy_fix::rescue::{self, Cx, Diagnosis};
use seaworthy_fix::transaction::Work;
use seaworthy_fix::write::Root;

use super::Site;
use super::carry_out::{about, carry_out};
use super::fix::color;
use crate::arguments::{PlanFormat, Rescue};
use crate::exit::{Exit, Failure};
use crate::{facts, output};

pub(crate) fn rescue(arguments: &Rescue) -> Result<Exit, Failure> {
    let node = &arguments.node;
    let root = node.root.as_deref().unwrap_or(Path::new("/"));
    let tree = seaworthy_collect::open(root).map_err(|error| Failure::usage(error.to_string()))?;
    let nature = tree.nature();
    if nature.live && !nature.root {
        return Err(Failure {
            exit: Exit::NotRoot,
            message: "rescue reads manifests, keys and logs, which only root may read; this is another user".to_owned(),
            hint: Some("sudo seaworthy rescue".to_owned()),
        });
    }
    let catalogue = facts::catalogue(node.catalogue.as_deref())?;
    let platform = match node.platform.as_deref() {
        Some(_) => facts::platform(&catalogue, node.platform.as_deref())?,
        None => seaworthy_collect::recognise(tree.as_ref(), &catalogue).ok_or_else(|| {
            Failure::nothing("there is no Kubernetes on this machine, as far as its disk tells")
                .hint("--root DIR looks at a node that is mounted at DIR; --platform NAME says how it is laid out")
        })?,
    };
    let journal = journal(root);
    let disk = |path: &str| rescue::disk(tree.as_ref(), path);
    let cx = Cx {
        tree: tree.as_ref(),
        catalogue: &catalogue,
        platform,
        journal: journal.as_ref(),
        version: node.kubernetes_version,
        now: jiff::Timestamp::now().as_second(),
        disk: &disk,
    };
    let diagnosis = rescue::diagnose(&cx);
    let text = match arguments.shown.format {
        PlanFormat::Json => {
            let json = serde_json::to_string_pretty(&diagnosis);
            json.map_err(|error| Failure::usage(error.to_string()))? + "\n"
        }
        PlanFormat::Text => rescue::render(&diagnosis, color(arguments.shown.color)),
    };
    // As JSON it is one object: what was found, and what became of it.
    if !(arguments.apply && arguments.shown.format == PlanFormat::Json) {
        output::to_stdout(text.as_bytes())?;
    }
    if arguments.apply { apply(&diagnosis, arguments) } else { Ok(Exit::Done) }
}

/// The journal of the node, if there is one that can be trusted. A diagnosis goes on without.
fn journal(root: &Path) -> Option<Journal> {
    let opened = Root::open(root).map_err(JournalError::from).and_then(|root| Journal::open(&root, false, 0));
    match opened {
        Ok(journal) => Some(journal),
        Err(JournalError::Absent { .. }) => None,
        // An archive has no journal that could be opened below it.
        Err(_) if !root.is_dir() => None,
        Err(error) => {
            output::warn(&format!("no version of a file is known to be good: {error}"));
            None
        }
    }
}

/// Carries out the best proposal of each finding, as one transaction.
fn apply(diagnosis: &Diagnosis, arguments: &Rescue) -> Result<Exit, Failure> {
    let (changes, moves) = (rescue::changes(diagnosis), rescue::moves(diagnosis));
    if diagnosis.findings.iter().any(|finding| finding.kind == rescue::Kind::Interrupted) {
        return Err(Failure::of(Exit::Busy, "a repair was interrupted on this node: put that back first")
            .hint("seaworthy fix --recover, and then look again"));
    }
    if changes.is_empty() && moves.is_empty() {
        return if diagnosis.findings.is_empty() {
            Ok(Exit::Done)
        } else {
            Err(Failure::of(Exit::NoFix, "what was found is for a person to mend: the commands are above"))
        };
    }
    let site = Site::bare(&arguments.node)?;
    let reason: Vec<String> = diagnosis.findings.iter().map(|finding| finding.cause.clone()).collect();
    let plan = serde_json::json!({ "rescue": diagnosis });
    let work = Work::rescue(&changes, &moves, plan, about(reason));
    let json = (arguments.shown.format == PlanFormat::Json).then(|| serde_json::json!({ "diagnosis": diagnosis }));
    carry_out(&site, work, &arguments.node, arguments.patience, json)
}
