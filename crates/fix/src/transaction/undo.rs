//! A repair taken back: the same transaction the other way round.

use super::back::restarts_of;
use super::{End, Refused, Site, Step, What, Work, begin};
use crate::journal::{About, Journal, State, UNDOES};
use crate::write::Nature;

/// Takes a repair back, exactly.
///
/// # Errors
/// [`Refused`] if it was not done, a file was changed since, or taking it back would lose what was encrypted with its key.
pub fn undo(
    id: &str,
    about: About,
    guard: &dyn Fn(&[crate::plan::Restart]) -> Result<(), Refused>,
    site: &Site<'_>,
) -> Result<End, Refused> {
    let journal = Journal::open(site.root, false, site.owner)?;
    let entry = journal.entry(id)?;
    if entry.current() != Some(&State::Done) {
        let state = entry.current().map_or("of an unknown state", State::name);
        return Err(Refused::NotUndone(format!("repair {id} is {state}: there is nothing to take back")));
    }
    if let Some(by) = journal.undone_by(id)? {
        return Err(Refused::NotUndone(format!("repair {id} was taken back by {by}")));
    }
    let changed = entry.changed_since(site.root)?;
    let plan = entry.plan()?;
    let mine = |path: &str| {
        let changes = plan["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
        changes.iter().find(|change| change["path"] == path).cloned().unwrap_or_default()
    };
    if let Some(first) = changed.first() {
        let diff = difference(&entry, &first.path, site, mine(&first.path)["secret"] == true);
        let what = first.what.join(", ");
        return Err(Refused::NotUndone(format!(
            "{} was changed since the repair ({what}): taking it back would lose that\n{diff}",
            first.path
        )));
    }
    keeps_key(&journal, id, &plan)?;
    let restarts = restarts_of(&plan);
    guard(&restarts)?;
    let component = |path: &str| mine(path)["component"].as_str().map(str::to_owned);
    // The last change first, but what was made goes away only when no pod mounts it any more.
    let step = |snapshot: &crate::write::Snapshot| Step {
        path: snapshot.path().to_owned(),
        component: component(snapshot.path()),
        late: matches!(snapshot.description().nature, Nature::Absent),
        what: What::Restore(Box::new(snapshot.clone())),
    };
    let steps: Vec<Step> = entry.before().iter().rev().map(step).collect();
    let kept = serde_json::json!({ UNDOES: id, "restarts": plan["restarts"], "fixes": [], "changes": plan["changes"] });
    let work = Work {
        steps,
        restarts,
        pass: Vec::new(),
        report: None,
        plan: kept,
        about,
        urgent: false,
        undoes: Some(id.to_owned()),
    };
    begin::apply(work, site)
}

/// How a file differs from what the repair left.
fn difference(entry: &crate::journal::Entry, path: &str, site: &Site<'_>, secret: bool) -> String {
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let after = entry.after().unwrap_or_default();
    let was = after.iter().find(|snapshot| snapshot.path() == path).map(|s| text(s.bytes())).unwrap_or_default();
    let is = site.root.snapshot(path).map(|snapshot| text(snapshot.bytes())).unwrap_or_default();
    if secret { crate::edit::masked_diff(path, &was, &is) } else { crate::edit::unified_diff(path, &was, &is) }
}

/// A key that something may have been encrypted with is not thrown away.
fn keeps_key(journal: &Journal, id: &str, plan: &serde_json::Value) -> Result<(), Refused> {
    let secrets = |plan: &serde_json::Value, created: bool| -> Vec<String> {
        let changes = plan["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let counts =
            |change: &&serde_json::Value| change["secret"] == true && (!created || change["action"] == "create");
        changes.iter().filter(counts).filter_map(|change| Some(change["path"].as_str()?.to_owned())).collect()
    };
    let made = secrets(plan, true);
    if made.is_empty() {
        return Ok(());
    }
    for record in journal.entries()?.iter().rev().take_while(|record| record.id != id) {
        let later = journal.entry(&record.id).and_then(|entry| entry.plan()).unwrap_or_default();
        if let Some(path) = secrets(&later, false).into_iter().find(|path| made.contains(path)) {
            return Err(Refused::NotUndone(format!(
                "repair {} put the key in {path} to use: secrets may have been written with it, and without the key nobody could read \
                 them. Taking back ends here, with the key behind identity",
                record.id
            )));
        }
    }
    Ok(())
}
