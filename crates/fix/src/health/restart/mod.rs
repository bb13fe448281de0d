//! Restarts of the kubelet: by systemd, by whatever else supervises it, or by a person.

mod error;
mod process;
mod systemd;

use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal};
use seaworthy_collect::{Links, Tree};
use seaworthy_model::View;

pub use error::RestartError;
pub use process::{Who, find, identify};
pub use systemd::{Systemd, UnitState};

/// How often the process list is looked at.
const TICK: Duration = Duration::from_millis(100);

/// How a kubelet is restarted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restart {
    /// Through systemd's D-Bus interface.
    Systemd {
        /// The unit: `kubelet.service`.
        unit: String,
    },
    /// It is told to end; what supervises it starts it again.
    Supervised,
    /// A person has to. The caller shows the command before it waits.
    ByHand {
        /// The command to run.
        command: String,
    },
}

/// How long to wait, and for what.
pub struct Wait<'a> {
    /// How systemd is reached.
    pub systemd: Systemd,
    /// How long everything may take together.
    pub timeout: Duration,
    /// Asked many times a second: whether to stop waiting, because of a signal.
    pub cancelled: &'a dyn Fn() -> bool,
}

/// Which of the three it is. `program` is the kubelet's name, `kubelet` its process if there is one, `unit` and `command` what to say
/// where they are needed.
///
/// A process that systemd started is a child of process 1. A child of another process has a supervisor, unless that is the shell of
/// somebody who started it in a terminal: nobody would start it again.
pub fn decide(tree: &dyn Tree, kubelet: Option<Who>, unit: &str, command: &str) -> Restart {
    let by_systemd = || Restart::Systemd { unit: unit.to_owned() };
    let by_hand = || Restart::ByHand { command: command.to_owned() };
    let parent = kubelet.and_then(|kubelet| process::parent(tree, kubelet.pid));
    match parent {
        Some(0) => by_hand(),
        Some(1) | None if systemd_runs(tree) => by_systemd(),
        Some(1) | None => by_hand(),
        Some(parent) => {
            let typed = kubelet.is_some_and(|kubelet| process::has_terminal(tree, kubelet.pid));
            if typed && process::is_shell(tree, parent) { by_hand() } else { Restart::Supervised }
        }
    }
}

/// Whether process 1 is systemd: its name, or the directory by which systemd's own `sd_booted` knows.
fn systemd_runs(tree: &dyn Tree) -> bool {
    process::comm(tree, 1).as_deref() == Some("systemd")
        || tree.look(View::Host, b"/run/systemd/system", Links::Follow).is_ok()
}

/// Restarts the kubelet and waits until there is another process of it: whether that is well is for a [`Watch`](super::Watch) to say.
/// `program` is its name; `old` its process, or `None` where none runs (it fails to start, again and again).
///
/// # Errors
/// See [`RestartError`].
pub fn restart_kubelet(
    tree: &dyn Tree,
    program: &str,
    old: Option<Who>,
    how: &Restart,
    wait: &Wait<'_>,
) -> Result<Who, RestartError> {
    let begin = Instant::now();
    let before = find(tree, program)?;
    // One that took the place of a process that ended meanwhile may have read what was there before: it is restarted instead.
    let old = match (old.filter(|old| process::lives(tree, *old)), before.as_slice()) {
        (None, [only]) => Some(*only),
        (old, _) => old,
    };
    match how {
        Restart::Systemd { unit } => {
            if let Some(old) = old {
                let main = wait.systemd.main_pid(unit, wait)?;
                if main != old.pid {
                    return Err(RestartError::NotManaged { unit: unit.clone(), main, pid: old.pid });
                }
            }
            let pid = wait.systemd.restart(unit, wait)?;
            identify(tree, pid).ok_or(RestartError::Vanished { pid })
        }
        Restart::Supervised => {
            if let Some(old) = old {
                end(tree, old)?;
            }
            let advice = "nothing started it again: start it by hand".to_owned();
            new_process(tree, program, &before, old, wait, begin, advice)
        }
        Restart::ByHand { command } => new_process(tree, program, &before, old, wait, begin, format!("run: {command}")),
    }
}

/// Sends SIGTERM to this process and no other: a number may belong to somebody else by now, which a descriptor of it rules out.
pub(crate) fn end(tree: &dyn Tree, who: Who) -> Result<(), RestartError> {
    let failed = |error: rustix::io::Errno| RestartError::Signal { pid: who.pid, error: error.into() };
    let number = i32::try_from(who.pid).ok().and_then(Pid::from_raw).ok_or(failed(rustix::io::Errno::SRCH))?;
    let handle = match rustix::process::pidfd_open(number, PidfdFlags::empty()) {
        Ok(handle) => Some(handle),
        Err(rustix::io::Errno::SRCH) => return Ok(()),
        // Kernels before 5.3, and old container runtimes that forbid the call.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => None,
        Err(error) => return Err(failed(error)),
    };
    if !process::lives(tree, who) {
        return Ok(());
    }
    let send = |signal| match &handle {
        Some(handle) => rustix::process::pidfd_send_signal(handle, signal),
        None => rustix::process::kill_process(number, signal),
    };
    match send(Signal::TERM) {
        // One that is stopped hears it only when it goes on; systemd does the same.
        Ok(()) => {
            let _ = send(Signal::CONT);
            Ok(())
        }
        Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// Waits for a process of the program that was not there before, while `old` is gone.
fn new_process(
    tree: &dyn Tree,
    program: &str,
    before: &[Who],
    old: Option<Who>,
    wait: &Wait<'_>,
    begin: Instant,
    advice: String,
) -> Result<Who, RestartError> {
    loop {
        let still = old.filter(|old| process::lives(tree, *old));
        if still.is_none()
            && let Some(new) = find(tree, program)?.into_iter().find(|who| !before.contains(who))
        {
            return Ok(new);
        }
        if (wait.cancelled)() {
            return Err(RestartError::Cancelled);
        }
        if begin.elapsed() >= wait.timeout {
            let seconds = wait.timeout.as_secs();
            return Err(match still {
                Some(who) => RestartError::StillRunning { pid: who.pid, seconds, advice },
                None => RestartError::NotBack { program: program.to_owned(), seconds, advice },
            });
        }
        std::thread::sleep(TICK);
    }
}
