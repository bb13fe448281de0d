//! `run --every`: scans again and again, for pods that stay. As the first process of a container the program gets no signal that it has
//! no handler for, so it has one.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::arguments::{Again, Run};
use crate::exit::{Exit, Failure};
use crate::{judged, output, sending};

/// Scans once, or again and again.
pub(crate) fn run(arguments: &Run) -> Result<Exit, Failure> {
    let Again { every, jitter, linger } = arguments.again;
    if every.is_none() && linger.is_none() {
        return judged::run(arguments);
    }
    let start = Instant::now();
    let waiting = Waiting::begin()?;
    let Some(every) = every else {
        let exit = judged::run(arguments);
        if let Err(failure) = &exit {
            output::complain(failure);
        }
        waiting.until(start + linger.unwrap_or_default());
        return exit.or_else(|failure| Ok(failure.exit));
    };
    // A word that names nothing never comes right: better said now than every week.
    judged::check(&arguments.judging)?;
    let mut next = start + jitter.map_or(Duration::ZERO, |most| offset(&node_name(), most));
    loop {
        if wait(&waiting, next, arguments) == Ended::Signal {
            return Ok(Exit::Done);
        }
        if let Err(failure) = judged::run(arguments) {
            output::complain(&failure);
        }
        next = following(next, every, Instant::now());
    }
}

/// How soon what could not be sent is tried again between two scans, and how rarely in the end.
const AGAIN: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(60 * 60));

/// Waits for the next scan. What waits in the spool is sent meanwhile: a receiver that was away for hours need not wait for a week.
fn wait(waiting: &Waiting, next: Instant, arguments: &Run) -> Ended {
    let mut pause = AGAIN.0;
    while sending::anything_waits(&arguments.sending) && Instant::now() + pause < next {
        if waiting.until(Instant::now() + pause) == Ended::Signal {
            return Ended::Signal;
        }
        if let Err(failure) = sending::again(&arguments.sending) {
            output::complain(&failure);
        }
        pause = (pause * 2).min(AGAIN.1);
    }
    waiting.until(next)
}

/// The next time after `now`, counted from the first: a scan that took longer than the pause leaves one out.
fn following(last: Instant, every: Duration, now: Instant) -> Instant {
    let mut next = last + every;
    while next <= now {
        next += every;
    }
    next
}

/// How much later than others this node begins: less than `most`, and the same after every start.
fn offset(node: &str, most: Duration) -> Duration {
    // FNV-1a, then mixed, since names often differ in their last letter only.
    let hash = node
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX).max(1);
    Duration::from_millis((mixed >> 16) % most)
}

/// The node's name, which the manifests put into the environment; else the machine's.
fn node_name() -> String {
    let machine = || std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    std::env::var("NODE_NAME").ok().filter(|name| !name.is_empty()).unwrap_or_else(machine)
}

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Time,
    Signal,
}

/// Waits that a signal ends.
struct Waiting {
    signals: Receiver<()>,
}

impl Waiting {
    fn begin() -> Result<Waiting, Failure> {
        let (send, signals) = channel();
        let mut caught = Signals::new([SIGTERM, SIGINT])
            .map_err(|error| Failure::usage(format!("signals cannot be waited for: {error}")))?;
        std::thread::spawn(move || caught.forever().for_each(|_| send.send(()).unwrap_or_default()));
        Ok(Waiting { signals })
    }

    fn until(&self, time: Instant) -> Ended {
        match self.signals.recv_timeout(time.saturating_duration_since(Instant::now())) {
            Err(RecvTimeoutError::Timeout) => Ended::Time,
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Ended::Signal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_that_takes_longer_than_the_pause_leaves_one_out() {
        let first = Instant::now();
        let minute = Duration::from_secs(60);
        assert_eq!(following(first, minute, first), first + minute);
        assert_eq!(following(first, minute, first + minute), first + 2 * minute);
        assert_eq!(following(first, minute, first + 200 * minute / 60), first + 4 * minute);
    }

    #[test]
    fn nodes_are_spread_and_each_keeps_its_time() {
        let most = Duration::from_secs(600);
        let offsets: Vec<Duration> = (0..1000).map(|n| offset(&format!("node{n}"), most)).collect();
        assert!(offsets.iter().all(|offset| *offset < most));
        assert_eq!(offset("node1", most), offsets[1]);
        let per_minute = (0..10).map(|m| offsets.iter().filter(|o| o.as_secs() / 60 == m).count());
        for count in per_minute {
            assert!((60..140).contains(&count), "{count} of 1000 in one minute of ten");
        }
        assert_eq!(offset("node1", Duration::ZERO), Duration::ZERO);
    }
}
