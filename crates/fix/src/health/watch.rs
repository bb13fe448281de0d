//! When a component counts as well for good: a state machine over answers. It has no clock; times are given, as durations since any
//! fixed moment of a clock that does not jump.

use std::time::Duration;

use super::{Answer, Probe};

/// How soon a target that does not succeed is asked again, so that its first success is noticed at once.
const EAGER: Duration = Duration::from_millis(250);
/// How soon one that succeeds is asked again.
const STEADY: Duration = Duration::from_secs(1);
/// How soon one that cannot be asked is tried again.
const RARE: Duration = Duration::from_secs(10);
/// A silence longer than this (the kubelet's own default period), and than the target's timeout besides, is no continuity: the program
/// was stopped or the machine slept, and nobody knows what the component did meanwhile.
const GAP: Duration = Duration::from_secs(10);

/// Something that is asked again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What to call it: [`Probe::title`].
    pub name: String,
    /// How many successes in a row are wanted.
    pub threshold: u32,
    /// How long an answer may take.
    pub timeout: Duration,
}

impl From<&Probe> for Target {
    fn from(probe: &Probe) -> Self {
        Target { name: probe.title(), threshold: probe.failure_threshold, timeout: probe.timeout }
    }
}

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stability {
    /// Not all targets succeed.
    Waiting {
        /// The newest failure, if there was any.
        why: Option<String>,
    },
    /// All succeed, not yet for long enough.
    Well {
        /// Since when.
        since: Duration,
    },
    /// All have succeeded often enough and long enough. Final.
    Stable,
    /// That did not come true in time, or cannot. Final.
    Failed {
        /// Why.
        why: String,
    },
}

/// A failure after all had been well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// When.
    pub at: Duration,
    /// What failed, and how.
    pub why: String,
}

#[derive(Debug, Clone)]
struct State {
    target: Target,
    /// Whether it was ever really asked.
    asked: bool,
    /// Why it cannot be asked, if it said so.
    cannot: Option<String>,
    /// Successes in a row.
    run: u32,
    /// When they began.
    since: Duration,
    /// When the newest answer came.
    last: Option<Duration>,
    /// The newest failure.
    failure: Option<String>,
    /// The newest failure in which something was answered: a program that answers 401 is killed for it, and then the port is closed.
    said: Option<String>,
}

impl State {
    /// Whether it counts: what could never be asked does not, and what has not been tried yet does.
    fn counts(&self) -> bool {
        self.asked || self.cannot.is_none()
    }

    fn due(&self, start: Duration) -> Duration {
        let Some(last) = self.last else { return start };
        last.saturating_add(match (self.counts(), self.run) {
            (false, _) => RARE,
            (true, 0) => EAGER,
            (true, _) => STEADY,
        })
    }
}

/// Watches some targets until they are stable or the time is up.
///
/// The caller asks what [`Watch::due`] names, gives every answer to [`Watch::answered`], and sleeps until [`Watch::next_due`].
#[derive(Debug, Clone)]
pub struct Watch {
    states: Vec<State>,
    start: Duration,
    window: Duration,
    deadline: Duration,
    setbacks: Vec<Setback>,
    newest: Option<String>,
    end: Option<Stability>,
}

impl Watch {
    /// How long all must go on, unless the operator asks for less.
    pub const WINDOW: Duration = Duration::from_secs(60);

    /// A watch from `start` on. `deadline` is a moment, too, and includes the window.
    #[must_use]
    pub fn new(targets: Vec<Target>, window: Duration, start: Duration, deadline: Duration) -> Self {
        let state = |target: Target| State {
            target,
            asked: false,
            cannot: None,
            run: 0,
            since: start,
            last: None,
            failure: None,
            said: None,
        };
        let states = targets.into_iter().map(state).collect();
        Watch { states, start, window, deadline, setbacks: Vec::new(), newest: None, end: None }
    }

    /// The targets to ask now, by their place in the list given.
    #[must_use]
    pub fn due(&self, now: Duration) -> Vec<usize> {
        if self.end.is_some() {
            return Vec::new();
        }
        (0..self.states.len()).filter(|index| self.states[*index].due(self.start) <= now).collect()
    }

    /// When to come again: the next target is due, or the time is up. `None` if it is decided.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        if self.end.is_some() {
            return None;
        }
        let due = self.states.iter().map(|state| state.due(self.start)).min();
        Some(due.map_or(self.deadline, |due| due.min(self.deadline)))
    }

    /// Takes an answer, which came at `now`, of the target at `which`.
    pub fn answered(&mut self, which: usize, now: Duration, answer: &Answer) -> Stability {
        if self.end.is_some() {
            return self.stability(now);
        }
        let was_well = self.since().is_some();
        let Some(state) = self.states.get_mut(which) else { return self.stability(now) };
        let allowed = GAP.saturating_add(state.target.timeout);
        let gap = state.last.is_some_and(|last| now.saturating_sub(last) > allowed);
        state.last = Some(now);
        let failure = match answer {
            Answer::Success(_) => {
                if state.run == 0 || gap {
                    (state.run, state.since) = (0, now);
                }
                (state.asked, state.cannot) = (true, None);
                state.run = state.run.saturating_add(1);
                state.failure = None;
                None
            }
            Answer::Failure(reply) => {
                (state.asked, state.cannot) = (true, None);
                if reply.status.is_some() {
                    state.said = Some(reply.reason());
                }
                Some(reply.reason())
            }
            Answer::CannotAsk(why) if state.asked => Some(why.clone()),
            Answer::CannotAsk(why) => {
                state.cannot = Some(why.clone());
                None
            }
        };
        if let Some(why) = failure {
            let why = format!("{}: {why}", state.target.name);
            state.run = 0;
            state.failure = Some(why.clone());
            self.newest = Some(why.clone());
            if was_well {
                self.setbacks.push(Setback { at: now, why });
            }
        }
        self.stability(now)
    }

    /// How it stands at `now`.
    pub fn stability(&mut self, now: Duration) -> Stability {
        if let Some(end) = &self.end {
            return end.clone();
        }
        let stability = self.judge(now);
        if matches!(stability, Stability::Stable | Stability::Failed { .. }) {
            self.end = Some(stability.clone());
        }
        stability
    }

    /// The failures that came after all had been well.
    #[must_use]
    pub fn setbacks(&self) -> &[Setback] {
        &self.setbacks
    }

    /// The targets that could not be asked, and why: to be told, since nothing of them was verified.
    #[must_use]
    pub fn unasked(&self) -> Vec<(&str, &str)> {
        let unasked = self.states.iter().filter(|state| !state.asked);
        unasked.filter_map(|state| Some((state.target.name.as_str(), state.cannot.as_deref()?))).collect()
    }

    /// Since when all targets that count have succeeded.
    fn since(&self) -> Option<Duration> {
        let mut counting = self.states.iter().filter(|state| state.counts()).peekable();
        counting.peek()?;
        counting.try_fold(self.start, |since, state| (state.run > 0).then(|| since.max(state.since)))
    }

    fn judge(&self, now: Duration) -> Stability {
        if !self.states.iter().any(State::counts) {
            let reasons: Vec<String> = self.unasked().iter().map(|(name, why)| format!("{name}: {why}")).collect();
            let reasons = if reasons.is_empty() { "there is no probe".to_owned() } else { reasons.join("; ") };
            return Stability::Failed { why: format!("nothing can be asked: {reasons}") };
        }
        let since = self.since();
        if let Some(since) = since {
            // A success at the end of the window or after it is wanted of each: that time went by proves nothing.
            let enough = |state: &State| {
                let held = state.last.is_some_and(|last| last.saturating_sub(since) >= self.window);
                state.run >= state.target.threshold && held
            };
            if self.states.iter().filter(|state| state.counts()).all(enough) {
                return Stability::Stable;
            }
        }
        if now >= self.deadline {
            return Stability::Failed { why: self.late(since, now) };
        }
        match since {
            Some(since) => Stability::Well { since },
            None => Stability::Waiting { why: self.newest.clone() },
        }
    }

    fn late(&self, since: Option<Duration>, now: Duration) -> String {
        if let Some(since) = since {
            let held = now.saturating_sub(since).as_secs();
            let last = self.setbacks.last().map_or_else(String::new, |last| format!("; before that, {}", last.why));
            return format!("well for {held} s only when the time was up{last}");
        }
        let of = |state: &State| {
            let why = state.failure.clone();
            let why = why.unwrap_or_else(|| format!("{}: no answer yet", state.target.name));
            match state.said.as_ref().filter(|said| !why.ends_with(said.as_str())) {
                Some(said) => format!("{why} (before that, {said})"),
                None => why,
            }
        };
        let failing: Vec<String> = self.states.iter().filter(|s| s.counts() && s.run == 0).map(of).collect();
        failing.join("; ")
    }
}
