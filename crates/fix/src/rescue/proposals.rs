//! Proposals as they are made of texts, and as changes for whoever carries them out.

use super::{Cx, Diagnosis, Move, Proposal};
use crate::edit::{masked_diff, unified_diff};
use crate::journal::{Journal, State};
use crate::plan::{Action, Change, Wanted};
use crate::write::{Snapshot, digest};

/// The difference, masked where there is something that looks like a key; and whether there is.
pub(super) fn difference(path: &str, before: &str, after: &str) -> (String, bool) {
    let secret = |text: &str| {
        text.contains("PRIVATE KEY")
            || text
                .lines()
                .any(|line| !line.contains("REDACTED") && crate::health::logs::safe(line).contains("REDACTED"))
    };
    // A container's environment is the place in a manifest where people keep passwords.
    let environment = |text: &str| text.lines().any(|line| line.trim().trim_start_matches("- ").starts_with("env:"));
    let secret = [before, after].iter().any(|text| secret(text) || environment(text));
    (if secret { masked_diff(path, before, after) } else { unified_diff(path, before, after) }, secret)
}

/// A correction of a text; `before` is `None` where there is no file.
pub(super) fn correction(path: &str, before: Option<&str>, after: String, edits: Vec<String>) -> Proposal {
    let (diff, secret) = difference(path, before.unwrap_or_default(), &after);
    let before = before.map(|text| digest(text.as_bytes()));
    Proposal::Correct { path: path.to_owned(), edits, diff, secret, after, before }
}

/// The last good version of a file that is another now.
pub(super) fn good(cx: &Cx<'_>, path: &str, now: Option<&str>) -> Option<Proposal> {
    let journal = cx.journal?;
    let good = journal.last_good(path)?;
    let after = String::from_utf8(good.bytes()?.to_vec()).ok()?;
    let status = good.status()?;
    if now == Some(after.as_str()) {
        return None;
    }
    let (diff, secret) = difference(path, now.unwrap_or_default(), &after);
    Some(Proposal::RestoreGood {
        path: path.to_owned(),
        entry: verified_by(journal, &good).unwrap_or_default(),
        diff,
        secret,
        after,
        mode: status.mode,
        owner: (status.uid, status.gid),
        before: now.map(|text| digest(text.as_bytes())),
    })
}

/// The newest repair that ended well and left the file so.
fn verified_by(journal: &Journal, good: &Snapshot) -> Option<String> {
    let newest_first = journal.entries().ok()?.into_iter().rev();
    let mut of_file = newest_first.filter(|record| record.files.iter().any(|file| file.path == good.path()));
    of_file.find_map(|record| {
        let entry = journal.entry(&record.id).ok()?;
        let same = |all: &[Snapshot]| all.iter().any(|one| one == good);
        let left = match record.state? {
            State::Done => same(&entry.after().ok()?),
            State::RolledBack { .. } | State::Undone { .. } => same(entry.before()),
            _ => false,
        };
        left.then_some(record.id)
    })
}

/// The files that the best proposal of each finding changes, each once. Moves are in [`moves`]: they come afterwards, so that a copy
/// that is read in a broken manifest's stead goes only when that is mended.
pub fn changes(diagnosis: &Diagnosis) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for finding in &diagnosis.findings {
        let Some(change) = finding.proposals.first().and_then(|best| change(best, finding.component.as_deref())) else {
            continue;
        };
        // Two findings about one file have one correction.
        if !changes.iter().any(|known| known.path == change.path) {
            changes.push(change);
        }
    }
    changes
}

fn change(proposal: &Proposal, component: Option<&str>) -> Option<Change> {
    let (path, diff, secret, after, before, attributes) = match proposal {
        Proposal::Correct { path, diff, secret, after, before, .. } => (path, diff, secret, after, before, None),
        Proposal::RestoreGood { path, diff, secret, after, before, mode, owner, .. } => {
            (path, diff, secret, after, before, Some((*mode, *owner)))
        }
        Proposal::MoveAway { .. } | Proposal::ByHand { .. } => return None,
    };
    let mode = attributes.map(|(mode, _)| mode);
    // A manifest that is made anew is for root alone, as kubeadm has it.
    let mode = mode.or(before.is_none().then_some(0o600));
    Some(Change {
        path: path.clone(),
        action: if before.is_some() { Action::Edit } else { Action::Create },
        mode: mode.map(|mode| format!("{mode:04o}")),
        owner: attributes.map(|(_, (uid, gid))| format!("{uid}:{gid}")),
        before: before.clone(),
        after: Some(digest(after.as_bytes())),
        diff: diff.clone(),
        secret: *secret,
        component: component.map(str::to_owned),
        wanted: Wanted {
            content: Some(after.clone()),
            mode,
            owner: attributes.map(|(_, owner)| owner),
            manifest: component != Some("kubelet"),
            component: component.map(str::to_owned),
        },
    })
}

/// The files that the best proposal of each finding moves away, each once.
pub fn moves(diagnosis: &Diagnosis) -> Vec<Move> {
    let mut moves: Vec<Move> = Vec::new();
    for finding in &diagnosis.findings {
        if let Some(Proposal::MoveAway { path, to }) = finding.proposals.first()
            && !moves.iter().any(|known| known.from == *path)
        {
            moves.push(Move { from: path.clone(), to: to.clone() });
        }
    }
    moves
}
