//! The way back: what was there is put back exactly, and waited for until it is well.

use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::restart::{Components, log, restart_kubelet, words};
use super::{End, Refused, Site, wait};
use crate::health::restart::{self as kubelets, Who};
use crate::journal::{Entry, Journal, State};
use crate::plan::{How, Restart};
use crate::write::{Restored, Snapshot, WriteError};

/// How many of a component's last lines are shown.
const LINES: usize = 12;

/// Puts back what a repair changed, in the process that began it: `made` are the paths that it came to. Signals are not heard any more: half a way back is no place to stop.
pub(super) fn roll_back(
    entry: &mut Entry,
    why: &str,
    made: &[&str],
    restarts: &[Restart],
    components: &Components,
    site: &Site<'_>,
) -> End {
    (site.progress)(&format!("failed: {why}"));
    // The log of a pod that does not start goes away with the pod.
    let evidence = evidence(restarts, components, site);
    (site.progress)("putting back what was there");
    let deaf = Site { interrupted: &|| None, ..*site };
    // One that did not run before, as in a rescue, is not waited for.
    let ran = |restart: &&Restart| {
        restart.how == How::Kubelet || components.of(&restart.component).is_some_and(|running| running.who.is_some())
    };
    let restarts: Vec<Restart> = restarts.iter().filter(ran).cloned().collect();
    let (notes, trouble) = put_back(entry, why, &|path| made.contains(&path), &restarts, &deaf);
    let id = entry.id().to_owned();
    if trouble.is_empty() {
        return match entry.state(State::RolledBack { why: why.to_owned() }) {
            Ok(()) => End::RolledBack { id, why: why.to_owned(), evidence, notes },
            Err(error) => End::Stuck { id, why: why.to_owned(), evidence, what: vec![error.to_string()] },
        };
    }
    let failed = State::RollBackFailed { why: why.to_owned(), what: trouble.join("; ") };
    let _ = entry.state(failed);
    End::Stuck { id, why: why.to_owned(), evidence, what: trouble }
}

/// Puts back what an interrupted repair left, if there is one.
///
/// # Errors
/// [`Refused`] if the journal cannot be used, or another repair is at work.
pub fn recover(site: &Site<'_>) -> Result<Option<End>, Refused> {
    let journal = Journal::open(site.root, false, site.owner)?;
    let lock = journal.lock()?;
    let Some(record) = journal.unfinished(&lock)? else { return Ok(None) };
    let mut entry = journal.entry(&record.id)?;
    let plan = entry.plan().unwrap_or_default();
    // Before a rescue nothing was well: its components are not waited for.
    let restarts = if plan["rescue"].is_object() { Vec::new() } else { restarts_of(&plan) };
    let why = match entry.current() {
        Some(State::RollBackFailed { why, .. } | State::RollingBack { why }) => why.clone(),
        state => format!("interrupted while it was {}", state.map_or("at an unknown state", State::name)),
    };
    (site.progress)(&format!("repair {} ({why}): putting back what was there", record.id));
    let deaf = Site { interrupted: &|| None, ..*site };
    // What it came to is not known any more: whatever somebody changed is told, and has to be looked at.
    let (notes, trouble) = put_back(&mut entry, &why, &|_| true, &restarts, &deaf);
    let id = record.id;
    if trouble.is_empty() {
        entry.state(State::RolledBack { why: why.clone() })?;
        return Ok(Some(End::RolledBack { id, why, evidence: Vec::new(), notes }));
    }
    entry.state(State::RollBackFailed { why: why.clone(), what: trouble.join("; ") })?;
    Ok(Some(End::Stuck { id, why, evidence: Vec::new(), what: trouble }))
}

/// What restarts, as a plan in the journal says.
pub(super) fn restarts_of(plan: &Json) -> Vec<Restart> {
    let list = plan["restarts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of = |json: &Json| {
        let how = match json["how"].as_str()? {
            "manifest" => How::Manifest,
            "process" => How::Process,
            "kubelet" => How::Kubelet,
            _ => return None,
        };
        let away = json["away"].as_u64().and_then(|away| u32::try_from(away).ok()).unwrap_or(40);
        Some(Restart { component: json["component"].as_str()?.to_owned(), how, away, note: None })
    };
    list.iter().filter_map(of).collect()
}

/// What existed first, then the components, then what the repair had made: while a kubelet may still start a pod that mounts it, the
/// container runtime would make a directory anew. Gives notes, and what went wrong. That somebody else changed a file is wrong where
/// `mine` says so.
fn put_back(
    entry: &mut Entry,
    why: &str,
    mine: &dyn Fn(&str) -> bool,
    restarts: &[Restart],
    site: &Site<'_>,
) -> (Vec<String>, Vec<String>) {
    let plan = entry.plan().unwrap_or_default();
    let mut notes = Vec::new();
    if let Err(error) = entry.state(State::RollingBack { why: why.to_owned() }) {
        // The way back is gone all the same; only a crash on it would begin it anew.
        notes.push(error.to_string());
    }
    let mut back = Back { entry, mine, written: &plan["written"], site, changed: false, notes, trouble: Vec::new() };
    // A file that starts a component goes at once, though the repair made it.
    let made = |snapshot: &Snapshot| snapshot.status().is_none() && !starts(&plan, snapshot.path());
    back.files(&|snapshot| !made(snapshot));
    if back.changed && back.trouble.is_empty() {
        (site.progress)("what was changed is as it was; waiting until the components are well again");
    }
    match components_back(restarts, back.changed, site) {
        Ok(()) => back.files(&made),
        // Whatever still mounts it would only make it anew; the recovery that is needed now takes it away.
        Err(what) => back.trouble.push(what),
    }
    (back.notes, back.trouble)
}

/// Whether a component starts by the file at a path, as the plan says.
fn starts(plan: &Json, path: &str) -> bool {
    let changes = plan["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    changes.iter().any(|change| change["path"] == path && change["component"].is_string())
}

/// Files on their way back.
struct Back<'b, 's> {
    entry: &'b Entry,
    mine: &'b dyn Fn(&str) -> bool,
    /// The digests of what the repair wrote.
    written: &'b Json,
    site: &'b Site<'s>,
    changed: bool,
    notes: Vec<String>,
    trouble: Vec<String>,
}

impl Back<'_, '_> {
    fn files(&mut self, chosen: &dyn Fn(&Snapshot) -> bool) {
        let chosen: Vec<&Snapshot> = self.entry.before().iter().filter(|snapshot| chosen(snapshot)).collect();
        let (foreign, ours): (Vec<&Snapshot>, Vec<&Snapshot>) =
            chosen.into_iter().partition(|snapshot| self.is_foreign(snapshot));
        for snapshot in foreign {
            let path = snapshot.path();
            let what = format!("{path} was changed by somebody else meanwhile, and is left as it is");
            if (self.mine)(path) { self.trouble.push(what) } else { self.notes.push(what) }
        }
        let is_ours = |snapshot: &Snapshot| ours.iter().any(|known| known.path() == snapshot.path());
        for (_, how) in self.entry.restore_some(self.site.root, &is_ours) {
            match how {
                Ok(Restored::Unchanged) => {}
                Ok(_) => self.changed = true,
                Err(WriteError::NotEmpty { path, .. }) => {
                    self.notes.push(format!("{path} is kept: something was written into it"));
                }
                Err(error) => self.trouble.push(error.to_string()),
            }
        }
    }

    /// Whether the content of a file is neither as it was nor what the repair wrote. What cannot be read is no reason not to try.
    fn is_foreign(&self, before: &Snapshot) -> bool {
        let now = self.site.root.snapshot(before.path()).ok();
        let Some(is) = now.as_ref().and_then(Snapshot::bytes).map(crate::write::digest) else { return false };
        let was = before.bytes().map(crate::write::digest);
        Some(&is) != was.as_ref() && Some(is.as_str()) != self.written[before.path()].as_str()
    }
}

/// Waits until the components run by what is on the disk, and are well.
fn components_back(restarts: &[Restart], changed: bool, site: &Site<'_>) -> Result<(), String> {
    if restarts.is_empty() {
        return Ok(());
    }
    let tree = (site.open)()?;
    let kubelet = kubelets::find(tree.as_ref(), "kubelet").map_err(|error| error.to_string())?;
    // At the start of the node: the kubelet reads all of it when it comes.
    if kubelet.is_empty() && !restarts.iter().any(|restart| restart.how == How::Kubelet) {
        return Ok(());
    }
    if changed && !kubelet.is_empty() && restarts.iter().any(|restart| restart.how == How::Kubelet) {
        restart_kubelet(site, site.patience.timeout, &|| false)?;
    }
    if kubelet.is_empty() {
        return Ok(());
    }
    for restart in restarts.iter().filter(|restart| restart.how != How::Kubelet) {
        let ended = match restart.how {
            How::Process if changed => end_processes(&restart.component, site)?,
            _ => Vec::new(),
        };
        runs_as_written(restart, &ended, site)?;
    }
    let components = Components::read(restarts, site)?;
    // Whether the kubelet answers counts only where it was restarted: one that somebody stopped is not ours to wait for.
    let window = Duration::from_secs(5);
    wait::watch(restarts, &components, window, false, site).map(|_| ())
}

/// Tells the component's processes to end. Which they were: they still run for a while.
fn end_processes(component: &str, site: &Site<'_>) -> Result<Vec<Who>, String> {
    let tree = (site.open)()?;
    let found = kubelets::find(tree.as_ref(), component).map_err(|error| error.to_string())?;
    for who in &found {
        kubelets::end(tree.as_ref(), *who).map_err(|error| error.to_string())?;
    }
    Ok(found)
}

/// Waits until a process of the component, other than those that were told to end, runs by what its manifest says.
fn runs_as_written(restart: &Restart, ended: &[Who], site: &Site<'_>) -> Result<(), String> {
    let begin = Instant::now();
    let limit = site.patience.timeout + Duration::from_secs(restart.away.into()) + Duration::from_secs(60);
    loop {
        let tree = (site.open)()?;
        let components = Components::read(std::slice::from_ref(restart), site)?;
        if let Some(running) = components.of(&restart.component) {
            let wanted = words(running, site)?;
            let found = kubelets::find(tree.as_ref(), &restart.component).map_err(|error| error.to_string())?;
            let new = found.iter().filter(|who| !ended.contains(who));
            if new.into_iter().any(|who| wait::same(&wait::arguments(tree.as_ref(), who.pid), &wanted)) {
                return Ok(());
            }
        }
        if begin.elapsed() > limit {
            return Err(format!(
                "{} does not run again after {} s: see seaworthy rescue, and the kubelet's log",
                restart.component,
                limit.as_secs()
            ));
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// The last lines of the components that restart.
fn evidence(restarts: &[Restart], components: &Components, site: &Site<'_>) -> Vec<String> {
    let Ok(tree) = (site.open)() else { return Vec::new() };
    let mut lines = Vec::new();
    for restart in restarts {
        let Some(running) = components.of(&restart.component) else { continue };
        let Some(tail) = log(tree.as_ref(), site, &components.node, &running.stands) else { continue };
        lines.push(format!("{}:", tail.path));
        let skip = tail.lines.len().saturating_sub(LINES);
        lines.extend(tail.lines.iter().skip(skip).map(|line| format!("  {}", line.text)));
    }
    lines
}
