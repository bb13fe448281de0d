//! Before the first change, and the way from there to the end.

use std::time::Instant;

use super::restart::Components;
use super::steps::Doing;
use super::{End, Refused, Site, Step, What, Work, back, restart, verify, wait};
use crate::health::{Answer, ask};
use crate::journal::{Entry, Journal, State};
use crate::plan::{How, Restart, Surroundings};
use crate::write::Snapshot;
use crate::write::fail::point;

/// Whether the rest of the control plane allows that these components restart.
///
/// # Errors
/// If another member is not well, or it cannot be told that all are.
pub fn guard(restarts: &[Restart], around: Option<&Surroundings>, node: &str) -> Result<(), Refused> {
    let counts = |restart: &&Restart| matches!(restart.component.as_str(), "kube-apiserver" | "etcd");
    let Some(restart) = restarts.iter().find(counts) else { return Ok(()) };
    let component = &restart.component;
    let members = match around.map(|around| &around.members) {
        Some(Ok(members)) => members,
        Some(Err(why)) => {
            return Err(Refused::Members(format!(
                "{component} is not restarted while the health of the control plane cannot be known: {why}"
            )));
        }
        None => {
            return Err(Refused::Members(format!(
                "{component} is not restarted while the health of the control plane cannot be known: there is no kubeconfig to ask \
                 with; give --kubeconfig FILE"
            )));
        }
    };
    match members.iter().find(|member| member.node != node && member.trouble.is_some()) {
        Some(member) => Err(Refused::Members(format!(
            "{component} is not restarted while {}, another node of the control plane, is not well: {}",
            member.node,
            member.trouble.as_deref().unwrap_or_default()
        ))),
        None if members.iter().any(|member| member.node == node) => Ok(()),
        None => Err(Refused::Members(format!(
            "{component} is not restarted: the API does not know {node} as a node of the control plane, so it is not the API of this one"
        ))),
    }
}

/// Carries work out. See [`End`] for how it can end.
///
/// # Errors
/// [`Refused`]: nothing was changed.
pub fn apply(work: Work, site: &Site<'_>) -> Result<End, Refused> {
    let started = Instant::now();
    let journal = Journal::open(site.root, true, site.owner)?;
    let lock = journal.lock()?;
    if let Some(record) = journal.unfinished(&lock)? {
        return Err(crate::journal::JournalError::Interrupted { id: record.id }.into());
    }
    let before = snapshots(&work.steps, site)?;
    let components =
        Components::with_manifests(&work.restarts, &work.manifests(), site).map_err(Refused::Unreadable)?;
    if !work.urgent {
        well(&work.restarts, &components, site)?;
    }
    let key = steps_key(&work).map_err(Refused::Unreadable)?;
    let mut plan = work.plan.clone();
    plan["written"] = written(&work.steps, key.as_deref(), &before);
    let mut entry = journal.begin(&lock, work.about.clone(), &plan, before.clone())?;
    let mut doing = Doing { site, key, before, made: Vec::new(), notes: Vec::new() };
    let end = match run(&work, site, &mut entry, &mut doing, &components) {
        Ok(notes) => End::Done { id: entry.id().to_owned(), seconds: started.elapsed().as_secs(), notes },
        Err(why) => {
            let made: Vec<&str> = doing.made.iter().map(Snapshot::path).collect();
            back::roll_back(&mut entry, &why, &made, &work.restarts, &components, site)
        }
    };
    if let (End::Done { id, .. }, Some(undone)) = (&end, &work.undoes) {
        let by = id.clone();
        // The repair itself is done; that the older one is not marked is a blemish of the history, and no harm.
        let _ = journal.entry(undone).and_then(|mut old| old.state(State::Undone { by }));
    }
    Ok(end)
}

/// All that can go wrong once the journal is written. The text says what did.
fn run(
    work: &Work,
    site: &Site<'_>,
    entry: &mut Entry,
    doing: &mut Doing<'_, '_>,
    before: &Components,
) -> Result<Vec<String>, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    entry.state(State::Changing).map_err(|error| text(&error))?;
    let of = |component: Option<&str>, late: bool| -> Vec<&Step> {
        work.steps.iter().filter(|step| step.component.as_deref() == component && step.late == late).collect()
    };
    doing.carry_out(&of(None, false))?;
    let mut notes = Vec::new();
    for restart in &work.restarts {
        stop_if_asked(site)?;
        // Read anew: one that restarted before may have taken this one along.
        let components = &Components::with_manifests(std::slice::from_ref(restart), &work.manifests(), site)?;
        (site.progress)(&format!("{}: about {} s away from now on", restart.component, restart.away));
        let steps = of(Some(&restart.component), false);
        doing.carry_out(&steps)?;
        restart::start(restart, components, site)?;
        wait::taken(restart, components, site)?;
        point("component-taken").map_err(|error| text(&error))?;
        notes.extend(wait::well(restart, site)?);
    }
    let late: Vec<&Step> = work.steps.iter().filter(|step| step.late).collect();
    doing.carry_out(&late)?;
    notes.append(&mut doing.notes);
    entry.state(State::Waiting).map_err(|error| text(&error))?;
    notes.extend(wait::stable(&work.restarts, site)?);
    notes.extend(wait::followers(&work.restarts, before, site)?);
    point("stable").map_err(|error| text(&error))?;
    entry.state(State::Verifying).map_err(|error| text(&error))?;
    notes.extend(verify::judged(work, site)?);
    let after: Result<Vec<Snapshot>, _> = work.steps.iter().map(|step| site.root.snapshot(&step.path)).collect();
    let after = after.map_err(|error| text(&error))?;
    doing.unchanged_since(&after)?;
    entry.done(&after).map_err(|error| text(&error))?;
    notes.sort();
    notes.dedup();
    Ok(notes)
}

pub(super) fn stop_if_asked(site: &Site<'_>) -> Result<(), String> {
    match (site.interrupted)() {
        Some(signal) => Err(format!("interrupted by {signal}")),
        None => Ok(()),
    }
}

/// What is there now; refused if it is not what the plan was made for.
fn snapshots(steps: &[Step], site: &Site<'_>) -> Result<Vec<Snapshot>, Refused> {
    let mut before = Vec::new();
    for step in steps {
        let snapshot = site.root.snapshot(&step.path)?;
        if let What::Change(change) = &step.what {
            let is = snapshot.bytes().map(crate::write::digest);
            if change.before.as_ref().is_some_and(|was| is.as_ref() != Some(was))
                || (change.before.is_none() && is.is_some())
            {
                return Err(Refused::Changed { path: step.path.clone() });
            }
        }
        before.push(snapshot);
    }
    Ok(before)
}

/// Whether what restarts, and the kubelet that has to restart it, is well.
fn well(restarts: &[Restart], components: &Components, site: &Site<'_>) -> Result<(), Refused> {
    if restarts.is_empty() {
        return Ok(());
    }
    let unwell = |what: &str, why: String| Refused::Unwell { what: what.to_owned(), why };
    if let Some((what, why)) = short_of_space(restarts, site)? {
        return Err(unwell(&what, why));
    }
    let healthz = components.healthz();
    match ask(&healthz, None) {
        Answer::Success(_) => {}
        Answer::CannotAsk(_) if components.kubelet().is_some() => {}
        Answer::CannotAsk(why) => return Err(unwell("the kubelet", why)),
        Answer::Failure(reply) => return Err(unwell("the kubelet", reply.reason())),
    }
    for restart in restarts.iter().filter(|restart| restart.how != How::Kubelet) {
        let component = &restart.component;
        let running =
            components.of(component).ok_or_else(|| unwell(component, "its process is not seen".to_owned()))?;
        runs_as_written(restart, running, site).map_err(|why| unwell(component, why))?;
        for probe in restart::probes(running, site).map_err(|why| unwell(component, why))? {
            if let Answer::Failure(reply) = ask(&probe, running.address) {
                return Err(unwell(component, format!("{}: {}", probe.title(), reply.reason())));
            }
        }
    }
    Ok(())
}

/// Whether the process runs by what its manifest says now: else nobody could tell when it runs by what the manifest says next.
fn runs_as_written(restart: &Restart, running: &restart::Running, site: &Site<'_>) -> Result<(), String> {
    if restart.how != How::Manifest {
        return Ok(());
    }
    let words = restart::words(running, site)?;
    let tree = (site.open)()?;
    if wait::same(&wait::arguments(tree.as_ref(), running.stands.pid), &words) {
        return Ok(());
    }
    Err("its process has other arguments than its manifest: it was not restarted since, or variables and a shell make them".to_owned())
}

/// Below this share of free bytes a kubelet by default removes images that no container uses, and evicts pods: what is restarted just
/// then may find its image gone.
const SPACE: u64 = 15;

/// Where pods and images are kept, if there is too little space to restart anything.
fn short_of_space(restarts: &[Restart], site: &Site<'_>) -> Result<Option<(String, String)>, Refused> {
    if !restarts.iter().any(|restart| restart.how != How::Kubelet) {
        return Ok(None);
    }
    let tree = (site.open)().map_err(Refused::Unreadable)?;
    for path in ["/var/lib/kubelet", "/var/lib/containerd", "/var/lib/containers"] {
        let Some(disk) = crate::rescue::disk(tree.as_ref(), path) else { continue };
        if disk.bytes > 0 && disk.bytes_left.saturating_mul(100) / disk.bytes < SPACE {
            let left = disk.bytes_left.saturating_mul(100) / disk.bytes;
            let why = format!(
                "{left} % are free; below {SPACE} % a kubelet removes images and evicts pods, also of what is restarted"
            );
            return Ok(Some((format!("the file system of {path}"), why)));
        }
    }
    Ok(None)
}

/// A new key, if the plan needs one.
fn steps_key(work: &Work) -> Result<Option<String>, String> {
    let needs = work.steps.iter().any(|step| match &step.what {
        What::Change(change) => change.wanted.content.as_ref().is_some_and(|text| text.contains(crate::plan::KEY)),
        What::Restore(_) | What::CopyOf(_) | What::Remove => false,
    });
    needs.then(super::steps::new_key).transpose()
}

/// The digest of every content that is going to be written, so that a recovery knows it from somebody else's.
fn written(steps: &[Step], key: Option<&str>, before: &[Snapshot]) -> serde_json::Value {
    let digests = steps.iter().map(|step| {
        let digest = match &step.what {
            What::Change(change) => change
                .wanted
                .content
                .as_ref()
                .map(|text| crate::write::digest(super::steps::with_key(text, key).as_bytes())),
            What::Restore(snapshot) => snapshot.bytes().map(crate::write::digest),
            What::CopyOf(from) => {
                let from = before.iter().find(|snapshot| snapshot.path() == from);
                from.and_then(Snapshot::bytes).map(crate::write::digest)
            }
            What::Remove => None,
        };
        (step.path.clone(), digest.into())
    });
    serde_json::Value::Object(digests.collect())
}
