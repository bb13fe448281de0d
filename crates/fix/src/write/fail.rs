//! Points at which a test build can be made to die or to fail, in the order in which a repair passes them.
//!
//! Without the feature `fail-points` a point is nothing at all. The binary arms one from its environment; nothing here reads it.

#[cfg(not(feature = "fail-points"))]
use rustix::io::Errno;

/// All points: first the journal's, then a file's, then those of the states and of going back.
pub const POINTS: &[&str] = &[
    "journal-directory",
    "journal-before-written",
    "journal-head-written",
    "journal-before-rename",
    "journal-prepared",
    "state-written",
    "state-changing",
    "directory-made",
    "temporary-created",
    "temporary-filled",
    "temporary-written",
    "before-rename",
    "after-rename",
    "directory-synced",
    "mode-set",
    "owner-set",
    "file-removed",
    "directory-removed",
    "component-taken",
    "state-waiting",
    "stable",
    "state-verifying",
    "after-written",
    "state-done",
    "state-rolling-back",
    "restore-swept",
    "restore-attributes",
    "restore-times",
    "restore-file",
    "restored",
    "state-rolled-back",
    "state-roll-back-failed",
    "state-undone",
    "prune-renamed",
    "prune-emptied",
];

/// Passes the point `name`.
///
/// # Errors
/// The error with which it was armed.
#[cfg(not(feature = "fail-points"))]
#[inline]
pub fn point(name: &'static str) -> Result<(), Errno> {
    let _ = name;
    Ok(())
}

#[cfg(feature = "fail-points")]
pub use armed::{Action, arm, arm_at, disarm, point};

#[cfg(feature = "fail-points")]
mod armed {
    use std::fmt;
    use std::str::FromStr;
    use std::sync::{Mutex, PoisonError};

    use rustix::io::Errno;
    use rustix::process::Signal;

    /// What happens at a point.
    pub enum Action {
        /// The process dies as by SIGKILL: nothing is cleaned up.
        Kill,
        /// The process stops as by SIGSTOP, and goes on when it is told to.
        Stop,
        /// The step fails with this error of the kernel.
        Error(Errno),
        /// This runs, and the step goes on.
        Call(Box<dyn FnMut() + Send>),
    }

    impl fmt::Debug for Action {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Action::Kill => f.write_str("Kill"),
                Action::Stop => f.write_str("Stop"),
                Action::Error(error) => f.debug_tuple("Error").field(error).finish(),
                Action::Call(_) => f.write_str("Call"),
            }
        }
    }

    /// `kill`, `stop`, or the number of an error.
    impl FromStr for Action {
        type Err = String;

        fn from_str(text: &str) -> Result<Self, String> {
            match text {
                "kill" => Ok(Action::Kill),
                "stop" => Ok(Action::Stop),
                number => match number.parse() {
                    Ok(number @ 1..=4095) => Ok(Action::Error(Errno::from_raw_os_error(number))),
                    _ => Err(format!("{text:?} is neither kill, stop nor the number of an error")),
                },
            }
        }
    }

    #[derive(Debug)]
    struct Armed {
        name: String,
        /// How many times it is passed unharmed.
        left: usize,
        action: Action,
    }

    static ARMED: Mutex<Option<Armed>> = Mutex::new(None);

    /// Arms the point `name`, for the first time that it is passed. False if there is no such point.
    pub fn arm(name: &str, action: Action) -> bool {
        arm_at(name, 0, action)
    }

    /// Arms the point `name` for the time after it was passed `passed` times. False if there is no such point.
    pub fn arm_at(name: &str, passed: usize, action: Action) -> bool {
        let known = super::POINTS.contains(&name);
        if known {
            let armed = Armed { name: name.to_owned(), left: passed, action };
            *ARMED.lock().unwrap_or_else(PoisonError::into_inner) = Some(armed);
        }
        known
    }

    /// No point is armed any longer.
    pub fn disarm() {
        *ARMED.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Passes the point `name`.
    ///
    /// # Errors
    /// The error with which it was armed.
    pub fn point(name: &'static str) -> Result<(), Errno> {
        debug_assert!(super::POINTS.contains(&name), "{name} is not in the list of points");
        let mut guard = ARMED.lock().unwrap_or_else(PoisonError::into_inner);
        match guard.as_mut() {
            Some(armed) if armed.name == name => {
                if armed.left > 0 {
                    armed.left -= 1;
                    return Ok(());
                }
            }
            _ => return Ok(()),
        }
        // It strikes once. Taken out, so that what is called may pass points itself.
        let armed = guard.take();
        drop(guard);
        let signal = |signal| rustix::process::kill_process(rustix::process::getpid(), signal);
        match armed.map(|armed| armed.action) {
            Some(Action::Kill) => {
                signal(Signal::KILL)?;
                // The signal is on its way, and nothing may happen before it is here.
                loop {
                    std::thread::park();
                }
            }
            Some(Action::Stop) => signal(Signal::STOP),
            Some(Action::Error(error)) => Err(error),
            Some(Action::Call(mut call)) => {
                call();
                Ok(())
            }
            None => Ok(()),
        }
    }
}
