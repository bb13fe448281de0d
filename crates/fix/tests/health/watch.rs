use std::time::Duration;

use proptest::prelude::*;
use seaworthy_fix::health::{Answer, Reply, Stability, Target, Watch};

fn ms(value: u64) -> Duration {
    Duration::from_millis(value)
}

fn s(value: u64) -> Duration {
    Duration::from_secs(value)
}

fn target(name: &str, threshold: u32) -> Target {
    Target { name: name.to_owned(), threshold, timeout: s(1) }
}

fn yes() -> Answer {
    Answer::Success(Reply { status: Some(200), ..Reply::default() })
}

fn no(status: u16) -> Answer {
    Answer::Failure(Reply { status: Some(status), ..Reply::default() })
}

fn cannot() -> Answer {
    Answer::CannotAsk("it is a command".to_owned())
}

/// Drives a watch as its caller does, every question answered at once by `answer`; the last word, and when it fell.
fn drive(watch: &mut Watch, mut now: Duration, answer: impl Fn(usize, Duration) -> Answer) -> (Stability, Duration) {
    while let Some(next) = watch.next_due() {
        now = now.max(next);
        for which in watch.due(now) {
            watch.answered(which, now, &answer(which, now));
        }
        watch.stability(now);
    }
    (watch.stability(now), now)
}

#[test]
fn what_stays_well_is_stable_after_the_window_and_not_before() {
    let mut watch = Watch::new(vec![target("a", 3), target("b", 24)], s(60), s(5), s(300));
    let up = s(5) + ms(40_100);
    let (end, at) = drive(&mut watch, s(5), |_, now| if now < up { no(500) } else { yes() });
    assert_eq!(end, Stability::Stable);
    // It came up at 45.1, was seen within 250 ms, and held for 60 s.
    assert!(at >= up + s(60) && at <= up + s(60) + ms(250) + s(1), "{at:?}");
    assert!(watch.setbacks().is_empty() && watch.unasked().is_empty());
}

#[test]
fn a_high_threshold_takes_longer_than_the_window() {
    let mut watch = Watch::new(vec![target("a", 90)], s(60), s(0), s(300));
    let (end, at) = drive(&mut watch, s(0), |_, _| yes());
    assert_eq!((end, at), (Stability::Stable, s(89)));
}

#[test]
fn without_a_window_the_threshold_alone_counts() {
    let mut watch = Watch::new(vec![target("a", 3)], s(0), s(0), s(300));
    assert_eq!(drive(&mut watch, s(0), |_, _| yes()), (Stability::Stable, s(2)));
}

#[test]
fn a_failure_after_being_well_begins_anew_and_is_told() {
    let mut watch = Watch::new(vec![target("liveness", 3)], s(60), s(0), s(300));
    let (end, at) = drive(&mut watch, s(0), |_, now| if now == s(30) { no(401) } else { yes() });
    assert_eq!((end, at), (Stability::Stable, s(30) + ms(250) + s(60)));
    let [setback] = watch.setbacks() else { panic!("{:?}", watch.setbacks()) };
    assert_eq!((setback.at, setback.why.as_str()), (s(30), "liveness: it answered 401"));
}

#[test]
fn an_api_server_that_answers_all_but_its_own_probe_fails() {
    let mut watch = Watch::new(vec![target("readiness", 3), target("healthz", 3)], s(60), s(0), s(180));
    assert_eq!(watch.answered(1, s(0), &yes()), Stability::Waiting { why: None });
    let (end, at) = drive(&mut watch, s(0), |which, _| if which == 0 { no(401) } else { yes() });
    assert_eq!((end, at), (Stability::Failed { why: "readiness: it answered 401".to_owned() }, s(180)));
    assert!(watch.setbacks().is_empty(), "it never was well");
    // What comes late changes nothing.
    assert!(matches!(watch.answered(0, s(181), &yes()), Stability::Failed { .. }));
}

/// The kubelet kills what answers 401 to its probe, and the last thing that is seen then is a closed port.
#[test]
fn what_was_answered_before_the_port_was_closed_is_told() {
    let closed = || Answer::Failure(Reply { error: Some("connection refused".to_owned()), ..Reply::default() });
    let mut watch = Watch::new(vec![target("api", 3)], s(60), s(0), s(120));
    let (end, _) = drive(&mut watch, s(0), |_, now| if now < s(100) { no(401) } else { closed() });
    let Stability::Failed { why } = end else { panic!("{end:?}") };
    assert!(why.contains("connection refused (before that, it answered 401)"), "{why}");
}

#[test]
fn well_too_late_is_not_stable() {
    let mut watch = Watch::new(vec![target("a", 1)], s(60), s(0), s(100));
    let (end, _) = drive(&mut watch, s(0), |_, now| if now < s(50) { no(500) } else { yes() });
    assert!(matches!(end, Stability::Failed { why } if why.contains("well for 50 s only")));
    let mut watch = Watch::new(vec![target("a", 1)], s(60), s(0), s(100));
    let Stability::Failed { why } = watch.stability(s(100)) else { panic!() };
    assert_eq!(why, "a: no answer yet");
}

#[test]
fn what_cannot_be_asked_neither_helps_nor_hinders() {
    let mut watch = Watch::new(vec![target("a", 1), target("exec", 3)], s(10), s(0), s(100));
    let (end, _) = drive(&mut watch, s(0), |which, _| if which == 1 { cannot() } else { yes() });
    assert_eq!((end, watch.unasked()), (Stability::Stable, vec![("exec", "it is a command")]));
    // Alone it proves nothing, and neither does no probe at all.
    let mut watch = Watch::new(vec![target("exec", 3)], s(0), s(0), s(100));
    assert_eq!(watch.stability(s(0)), Stability::Waiting { why: None });
    assert!(matches!(watch.answered(0, s(0), &cannot()), Stability::Failed { why } if why.contains("it is a command")));
    assert!(matches!(Watch::new(vec![], s(0), s(0), s(9)).stability(s(0)), Stability::Failed { .. }));
    // What was asked once must not get away with it later.
    let mut watch = Watch::new(vec![target("a", 1), target("b", 1)], s(10), s(0), s(30));
    let (end, _) = drive(&mut watch, s(0), |which, now| if which == 1 && now > s(3) { cannot() } else { yes() });
    assert!(matches!(end, Stability::Failed { .. }), "{end:?}");
}

#[test]
fn a_silence_is_no_stability() {
    let mut watch = Watch::new(vec![target("a", 1)], s(60), s(0), s(300));
    assert_eq!(watch.answered(0, s(0), &yes()), Stability::Well { since: s(0) });
    // The time alone proves nothing.
    assert_eq!(watch.stability(s(100)), Stability::Well { since: s(0) });
    // Nor does one answer after the machine slept.
    assert_eq!(watch.answered(0, s(100), &yes()), Stability::Well { since: s(100) });
    assert_eq!(watch.answered(7, s(101), &yes()), Stability::Well { since: s(100) }, "no such target");
    // A clock that went back is no failure.
    assert_eq!(watch.answered(0, s(99), &yes()), Stability::Well { since: s(100) });
}

fn answers() -> impl Strategy<Value = Vec<(u64, usize, u8)>> {
    prop::collection::vec((0..3000u64, 0..3usize, 0..8u8), 0..300)
}

proptest! {
    /// Whatever comes: "stable" has behind it, of every target that counts, enough successes in a row over the whole window.
    #[test]
    fn stable_is_always_earned(steps in answers(), threshold in 1..6u32, window in 0..20u64) {
        let targets = (0..3).map(|n| target(&n.to_string(), threshold)).collect();
        let mut watch = Watch::new(targets, s(window), s(0), s(100_000));
        let mut runs: [Vec<Duration>; 3] = Default::default();
        let mut asked = [false; 3];
        let mut tried = [false; 3];
        let mut now = s(0);
        for (step, which, kind) in steps {
            now += ms(step);
            tried[which] = true;
            let answer = match kind {
                0 => no(500),
                1 => cannot(),
                _ => yes(),
            };
            match answer {
                Answer::Success(_) => runs[which].push(now),
                _ => runs[which].clear(),
            }
            asked[which] |= !matches!(answer, Answer::CannotAsk(_));
            let end = watch.answered(which, now, &answer);
            prop_assert!(watch.next_due().is_none_or(|due| due <= now + s(10)));
            if end == Stability::Stable {
                for which in 0..3 {
                    prop_assert!(tried[which]);
                    let run = &runs[which];
                    prop_assert!(!asked[which] || run.len() >= threshold as usize);
                    let held = run.last().zip(run.first()).map_or(s(0), |(last, first)| *last - *first);
                    prop_assert!(!asked[which] || held >= s(window));
                }
                prop_assert!(asked.contains(&true));
                break;
            }
        }
    }

    /// Nobody is asked more than once a second once it succeeds, nor less often than every 250 ms before.
    #[test]
    fn questions_keep_their_pace(up in 0..40_000u64) {
        let mut watch = Watch::new(vec![target("a", 1)], s(10), s(0), s(100));
        let mut now = s(0);
        let mut last: Option<(Duration, bool)> = None;
        while let Some(next) = watch.next_due() {
            now = now.max(next);
            for which in watch.due(now) {
                let good = now >= ms(up);
                if let Some((before, well)) = last {
                    let pause = now - before;
                    let paced = if well { pause >= s(1) } else { pause <= ms(250) };
                    prop_assert!(paced);
                }
                last = Some((now, good));
                watch.answered(which, now, &if good { yes() } else { no(500) });
            }
            watch.stability(now);
        }
        prop_assert_eq!(watch.stability(now), Stability::Stable);
    }
}
