//! Waits until components are back, well, and stay so.

use std::time::{Duration, Instant};

use super::Site;
use super::begin::stop_if_asked;
use super::restart::{Components, Running, log, probes, words};
use crate::health::restart as kubelets;
use crate::health::{Cause, Probe, Stability, Target, Watch, ask_all, refusal};
use crate::plan::{How, Restart};

/// How often the node is looked at.
const TICK: Duration = Duration::from_millis(200);
/// How often a log is read while a component does not come.
const LOOK: Duration = Duration::from_secs(2);

/// Waits for a new process that runs by what is written.
pub(super) fn taken(restart: &Restart, components: &Components, site: &Site<'_>) -> Result<(), String> {
    if restart.how == How::Kubelet {
        return Ok(());
    }
    let old = components.of(&restart.component).ok_or_else(|| format!("{} was not seen", restart.component))?;
    let wanted = words(old, site)?;
    let begin = Instant::now();
    let limit = site.patience.timeout + Duration::from_secs(restart.away.into());
    let mut looked = begin;
    loop {
        stop_if_asked(site)?;
        if runs_by(&restart.component, &wanted, old, site)? {
            (site.progress)(&format!(
                "{}: a new process runs, after {} s",
                restart.component,
                begin.elapsed().as_secs()
            ));
            return Ok(());
        }
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            refused(old, components, site)?;
        }
        if begin.elapsed() > limit {
            return Err(format!("the kubelet did not start {} anew within {} s", restart.component, limit.as_secs()));
        }
        std::thread::sleep(TICK);
    }
}

/// Whether a process of the component, other than the old one, has these arguments.
fn runs_by(component: &str, wanted: &[String], old: &Running, site: &Site<'_>) -> Result<bool, String> {
    let tree = (site.open)()?;
    let found = kubelets::find(tree.as_ref(), component).map_err(|error| error.to_string())?;
    let new = found.iter().filter(|who| Some(**who) != old.who);
    Ok(new.into_iter().any(|who| same(&arguments(tree.as_ref(), who.pid), wanted)))
}

/// Whether a process has the arguments of a manifest, which may leave the program to the image.
pub(super) fn same(arguments: &[String], words: &[String]) -> bool {
    arguments == words || arguments.get(1..) == Some(words)
}

pub(super) fn arguments(tree: &dyn seaworthy_collect::Tree, pid: u32) -> Vec<String> {
    let mut bytes = Vec::new();
    let _ = tree.process_file(pid, "cmdline", 1 << 20, &mut bytes);
    let words = bytes.strip_suffix(b"\0").unwrap_or(&bytes).split(|byte| *byte == 0);
    words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// Fails at once if the component itself says that it will never start like this.
fn refused(old: &Running, components: &Components, site: &Site<'_>) -> Result<(), String> {
    let tree = (site.open)()?;
    let Some(tail) = log(tree.as_ref(), site, &components.node, &old.stands) else { return Ok(()) };
    if Some(&tail.path) == old.log.as_ref() {
        return Ok(());
    }
    let Some(refusal) = refusal(&tail.lines) else { return Ok(()) };
    let for_ever = matches!(
        refusal.cause,
        Cause::UnknownFlag
            | Cause::BadValue
            | Cause::MissingFile
            | Cause::UnknownPlugin
            | Cause::PluginRefused
            | Cause::UnknownFeatureGate
            | Cause::KeyMismatch
    ) || (refusal.cause == Cause::Other && restarts_before(&tail.path) >= ENOUGH);
    if for_ever { Err(format!("{} does not start: {}", old.stands.component, refusal.message)) } else { Ok(()) }
}

/// After so many restarts with last words that nobody knows, one more is not waited for.
const ENOUGH: u32 = 2;

/// How often the container was started before the one that wrote this log: logs are numbered from 0 in each pod.
fn restarts_before(log: &str) -> u32 {
    let name = log.rsplit('/').next().and_then(|name| name.strip_suffix(".log"));
    name.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// How long a component may take until its probes succeed: what its startup probe allows, and our own patience.
fn allowed(probes: &[Probe], site: &Site<'_>) -> Duration {
    let of = |probe: &Probe| probe.initial_delay + probe.period * probe.failure_threshold;
    let startup = probes.iter().filter(|probe| probe.kind == crate::health::ProbeKind::Startup).map(of).max();
    startup.unwrap_or_default() + site.patience.timeout
}

/// Waits until all probes of a component succeed once.
pub(super) fn well(restart: &Restart, site: &Site<'_>) -> Result<Vec<String>, String> {
    let components = Components::read(std::slice::from_ref(restart), site)?;
    watch(std::slice::from_ref(restart), &components, Duration::ZERO, false, site)
}

/// Waits until those are back that lose their lease, and end, while the API server is away. They come with the kubelet's pauses between
/// restarts, which grow.
pub(super) fn followers(restarts: &[Restart], before: &Components, site: &Site<'_>) -> Result<Vec<String>, String> {
    let mut notes = Vec::new();
    let leader = restarts.iter().any(|restart| matches!(restart.component.as_str(), "kube-apiserver" | "etcd"));
    let names = ["kube-controller-manager", "kube-scheduler"];
    let followed = names.iter().filter(|name| leader && before.of(name).is_some_and(|running| running.who.is_some()));
    for name in followed {
        let restart = Restart { component: (*name).to_owned(), how: How::Process, away: 0, note: None };
        let begin = Instant::now();
        // The longest pause of a kubelet is five minutes.
        let limit = site.patience.timeout + Duration::from_secs(300);
        loop {
            stop_if_asked(site)?;
            let components = Components::read(std::slice::from_ref(&restart), site)?;
            if components.of(name).is_some_and(|running| running.who.is_some()) {
                notes.extend(watch(std::slice::from_ref(&restart), &components, Duration::ZERO, false, site)?);
                break;
            }
            if begin.elapsed() > limit {
                return Err(format!(
                    "{name} did not come back within {} s after the API server was away",
                    limit.as_secs()
                ));
            }
            std::thread::sleep(TICK);
        }
    }
    Ok(notes)
}

/// Waits until all that was restarted has been well for the whole window.
pub(super) fn stable(restarts: &[Restart], site: &Site<'_>) -> Result<Vec<String>, String> {
    if restarts.is_empty() {
        return Ok(Vec::new());
    }
    let components = Components::read(restarts, site)?;
    watch(restarts, &components, site.patience.stability, true, site)
}

/// Asks the probes of components, and the kubelet, until they are well for `window`.
pub(super) fn watch(
    restarts: &[Restart],
    components: &Components,
    window: Duration,
    kubelet: bool,
    site: &Site<'_>,
) -> Result<Vec<String>, String> {
    let (asked, address, allowed) = asked(restarts, components, kubelet, site)?;
    let begin = Instant::now();
    let targets = asked.iter().map(Target::from);
    // Only whether they answer at all is asked before the window begins.
    let targets =
        targets.map(|target| Target { threshold: if window.is_zero() { 1 } else { target.threshold }, ..target });
    let deadline = window * 2 + allowed;
    let mut watch = Watch::new(targets.collect(), window, Duration::ZERO, deadline);
    let mut said = Instant::now();
    loop {
        stop_if_asked(site)?;
        let due = watch.due(begin.elapsed());
        let chosen: Vec<&Probe> = due.iter().filter_map(|index| asked.get(*index)).collect();
        let answers = ask_all(&chosen, address);
        let now = begin.elapsed();
        for (index, answer) in due.iter().zip(&answers) {
            watch.answered(*index, now, answer);
        }
        match watch.stability(now) {
            Stability::Stable => break,
            Stability::Failed { why } => return Err(format!("not well in time: {why}")),
            Stability::Well { since } if said.elapsed() >= Duration::from_secs(15) => {
                let left = window.saturating_sub(now.saturating_sub(since)).as_secs();
                (site.progress)(&format!("all is well; {left} s more of it are waited for"));
                said = Instant::now();
            }
            Stability::Waiting { why: Some(why) } if said.elapsed() >= Duration::from_secs(5) => {
                (site.progress)(&format!("waiting: {why}"));
                said = Instant::now();
                for restart in restarts {
                    if let Some(running) = components.of(&restart.component) {
                        crashed(running, components, site)?;
                    }
                }
            }
            Stability::Well { .. } | Stability::Waiting { .. } => {}
        }
        let next = watch.next_due().unwrap_or_default().saturating_sub(begin.elapsed());
        std::thread::sleep(next.min(TICK));
    }
    Ok(watch.unasked().iter().map(|(name, why)| format!("{name} could not be asked: {why}")).collect())
}

type Asked = (Vec<Probe>, Option<std::net::IpAddr>, Duration);

fn asked(restarts: &[Restart], components: &Components, kubelet: bool, site: &Site<'_>) -> Result<Asked, String> {
    let mut asked = Vec::new();
    let mut address = None;
    for restart in restarts.iter().filter(|restart| restart.how != How::Kubelet) {
        let running = components.of(&restart.component).ok_or_else(|| format!("{} is not seen", restart.component))?;
        asked.extend(probes(running, site)?);
        address = address.or(running.address);
    }
    let allowed = allowed(&asked, site);
    if kubelet || restarts.iter().any(|restart| restart.how == How::Kubelet) {
        asked.push(components.healthz());
    }
    Ok((asked, address, allowed))
}

/// Fails at once if the process is gone and its log says that it will never start.
fn crashed(running: &Running, components: &Components, site: &Site<'_>) -> Result<(), String> {
    let tree = (site.open)()?;
    let lives = running.who.is_some_and(|who| kubelets::identify(tree.as_ref(), who.pid) == Some(who));
    if lives {
        return Ok(());
    }
    let unseen = Running { log: None, ..running.clone() };
    refused(&unseen, components, site)
}
