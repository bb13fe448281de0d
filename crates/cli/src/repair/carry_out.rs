//! Carrying work out: who may, what it says on the way, how it ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use seaworthy_collect::Tree;
use seaworthy_collect::cluster;
use seaworthy_fix::journal::{About, JournalError};
use seaworthy_fix::transaction::{self, End, Refused, Work};
use seaworthy_fix::write::Root;
use seaworthy_model::Facts;

use super::Site;
use crate::arguments::{Patience, Repaired};
use crate::exit::{Exit, Failure};
use crate::{facts, output};

/// The signals that end a repair, by number.
const SIGNALS: [(i32, &str); 3] = [(1, "SIGHUP"), (2, "SIGINT"), (15, "SIGTERM")];

/// Where a node is written.
pub(crate) struct Desk {
    pub(crate) root: Root,
    path: PathBuf,
}

impl Desk {
    /// Opens the node for writing.
    pub(crate) fn open(arguments: &Repaired) -> Result<Desk, Failure> {
        let path = arguments.root.clone().unwrap_or_else(|| PathBuf::from("/"));
        if !rustix::process::geteuid().is_root() {
            return Err(Failure::of(Exit::NotRoot, "only root may change this node; nothing was touched")
                .hint("run the same command by sudo"));
        }
        // A copy of a node has no kubelet that would take the change, and a recording is evidence. Only the kernel's own /proc tells:
        // a recording has files there, too.
        let tree = seaworthy_collect::open(&path).map_err(|error| Failure::usage(error.to_string()))?;
        if !tree.nature().live {
            return Err(Failure::usage(format!(
                "{} is no running node's root, but a recording or a copy of one, which is not repaired: it has no /proc of a kernel",
                path.display()
            ))
            .hint("nothing was touched"));
        }
        let root = Root::open(&path).map_err(|error| Failure::usage(error.to_string()))?;
        Ok(Desk { root, path })
    }

    /// The same, refused where a repair was interrupted: what it left is no state to plan from.
    pub(crate) fn free(arguments: &Repaired) -> Result<Desk, Failure> {
        let desk = Desk::open(arguments)?;
        match seaworthy_fix::journal::interrupted(&desk.root, 0) {
            Ok(None) => Ok(desk),
            Ok(Some(record)) => Err(refused(JournalError::Interrupted { id: record.id }.into())),
            Err(error) => Err(refused(error.into())),
        }
    }
}

/// Who calls, when and why.
pub(crate) fn about(reason: Vec<String>) -> About {
    let user = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let who = user("SUDO_USER").or_else(|| user("USER")).unwrap_or_else(|| "root".to_owned());
    let command = std::env::args().take(64).map(|word| seaworthy_report::clean(&word).into_owned()).collect();
    About { command, who, reason, time: facts::now(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// Calls `f` with all that a transaction needs.
pub(crate) fn with_site<R>(
    site: &Site,
    desk: &Desk,
    arguments: &Repaired,
    patience: Patience,
    f: impl FnOnce(&transaction::Site<'_>) -> R,
) -> Result<R, Failure> {
    let heard = Arc::new(AtomicUsize::new(0));
    for (number, _) in SIGNALS {
        let usize = usize::try_from(number).unwrap_or_default();
        signal_hook::flag::register_usize(number, Arc::clone(&heard), usize)
            .map_err(|error| Failure::usage(format!("signals cannot be heard: {error}")))?;
    }
    let interrupted = || {
        let number = i32::try_from(heard.load(Ordering::Relaxed)).unwrap_or_default();
        SIGNALS.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
    };
    let open =
        || -> Result<Box<dyn Tree>, String> { seaworthy_collect::open(&desk.path).map_err(|error| error.to_string()) };
    let progress = |text: &str| output::raw_to_stderr(&format!("{}\n", seaworthy_report::clean(text)));
    let kubeconfig = site.kubeconfig(arguments, &desk.path);
    // The kubelet's own word is asked for where somebody may ask; without it the file and the time of the restart tell.
    let running = |facts: &mut Facts| {
        let server = kubeconfig.as_ref().and_then(|path| facts::server(Some(path), None).ok());
        if let Some(server) = server {
            cluster::ask_for_kubelet(&server, facts);
        }
    };
    arm();
    Ok(f(&transaction::Site {
        root: &desk.root,
        owner: 0,
        open: &open,
        catalogue: &site.catalogue,
        platform: &site.platform,
        options: &site.options,
        collect: &site.collect,
        running: &running,
        patience: transaction::Patience { stability: patience.stability, timeout: patience.timeout },
        interrupted: &interrupted,
        progress: &progress,
    }))
}

/// Carries work out, and says how it ended: in words, or as `json`, which gets the end as its field `result`.
pub(crate) fn carry_out(
    site: &Site,
    work: Work,
    arguments: &Repaired,
    patience: Patience,
    json: Option<serde_json::Value>,
) -> Result<Exit, Failure> {
    let desk = Desk::open(arguments)?;
    let end = with_site(site, &desk, arguments, patience, |inner| transaction::apply(work, inner))?.map_err(refused)?;
    let Some(mut json) = json else { return told(&end) };
    json["result"] = serde_json::to_value(&end).map_err(|error| Failure::usage(error.to_string()))?;
    output::to_stdout(format!("{json:#}\n").as_bytes())?;
    Ok(match end {
        End::Done { .. } => Exit::Done,
        End::RolledBack { .. } => Exit::RolledBack,
        End::Stuck { .. } => Exit::Stuck,
    })
}

/// Says how a transaction ended.
pub(crate) fn told(end: &End) -> Result<Exit, Failure> {
    let clean = |text: &str| seaworthy_report::clean(text).into_owned();
    let lines = |list: &[String]| list.iter().map(|line| format!("\n  {}", clean(line))).collect::<String>();
    match end {
        End::Done { id, seconds, notes } => {
            let text =
                format!("Done and verified in {seconds} s. To take it back: seaworthy undo {id}{}\n", lines(notes));
            output::to_stdout(text.as_bytes()).map(|()| Exit::Done)
        }
        End::RolledBack { why, evidence, notes, .. } => Err(Failure::of(
            Exit::RolledBack,
            format!("{}\n{}{}", clean(why), "all was put back as it was, and is well", lines(notes)),
        )
        .hint(if evidence.is_empty() {
            "see seaworthy history".to_owned()
        } else {
            format!("what was written last:{}", lines(evidence))
        })),
        End::Stuck { id, why, evidence, what } => Err(Failure::of(
            Exit::Stuck,
            format!("{}\nNOT all could be put back:{}", clean(why), lines(what)),
        )
        .hint(format!(
            "mend what is named above, then: seaworthy fix --recover (repair {id}); the files from before are in \
             /var/lib/seaworthy/journal/{id}{}",
            lines(evidence)
        ))),
    }
}

/// Why nothing was begun.
pub(crate) fn refused(refused: Refused) -> Failure {
    let exit = match &refused {
        Refused::Journal(JournalError::Busy { .. } | JournalError::Interrupted { .. }) => Exit::Busy,
        Refused::Journal(JournalError::Unknown { .. } | JournalError::Absent { .. }) => Exit::Usage,
        Refused::Journal(_) => Exit::NoJournal,
        Refused::Changed { .. } => Exit::Changed,
        Refused::Write(_) | Refused::Unwell { .. } | Refused::Members(_) | Refused::NotUndone(_) => Exit::Refused,
        _ => Exit::Usage,
    };
    Failure::of(exit, seaworthy_report::clean_lines(&refused.to_string())).hint("nothing was changed")
}

/// A test build dies, stops or fails where it is told to: SEAWORTHY_FAIL_POINT=NAME[:kill|:stop|:ERRNO].
#[cfg(feature = "fail-points")]
fn arm() {
    use seaworthy_fix::write::fail::{Action, arm};
    let Ok(word) = std::env::var("SEAWORTHY_FAIL_POINT") else { return };
    let (name, action) = word.split_once(':').unwrap_or((&word, "kill"));
    let action = match action.parse::<Action>() {
        Ok(action) => action,
        Err(why) => return output::warn(&why),
    };
    if !arm(name, action) {
        output::warn(&format!("there is no fail point {name:?}"));
    }
}

#[cfg(not(feature = "fail-points"))]
fn arm() {}

/// Tells at the start of any command that a repair was interrupted on this node. Whoever may not see that is told nothing.
pub(crate) fn warn_of_interruption() {
    let Ok(root) = Root::open(Path::new("/")) else { return };
    if let Ok(Some(record)) = seaworthy_fix::journal::interrupted(&root, 0) {
        output::warn(&format!(
            "repair {} was interrupted on this node: seaworthy fix --recover puts back what it changed",
            record.id
        ));
    }
}
