//! What a check came to.

use seaworthy_model::{Evidence, Grant, GrantKind, Kind, Resource, Verdict};

use crate::settings::{Effective, State};
use crate::why::Why;

/// What a check came to. Unknown until something is known.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) kind: Kind,
    pub(crate) reason: String,
    pub(crate) expected: String,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) resources: Vec<Resource>,
}

impl Outcome {
    fn new(verdict: Verdict, kind: Kind, reason: impl Into<String>) -> Self {
        Outcome {
            verdict,
            kind,
            reason: reason.into(),
            expected: String::new(),
            evidence: Vec::new(),
            resources: Vec::new(),
        }
    }

    pub(crate) fn tested(verdict: Verdict, reason: impl Into<String>) -> Self {
        Outcome::new(verdict, Kind::Tested, reason)
    }

    pub(crate) fn unknown(why: Why) -> Self {
        Outcome::new(Verdict::Unknown, why.kind, why.text)
    }

    pub(crate) fn manual(question: &str) -> Self {
        Outcome::new(Verdict::Manual, Kind::Manual, question)
    }

    pub(crate) fn role_absent(why: &str) -> Self {
        Outcome::new(Verdict::NotApplicable, Kind::Role, why)
    }

    pub(crate) fn needs_api(asks: &[String]) -> Self {
        let mut outcome = Outcome::new(
            Verdict::Unknown,
            Kind::NeedsGrant,
            "it needs the Kubernetes API, which a scan of a node does not ask",
        );
        for ask in asks {
            let grant = Grant::new(GrantKind::Api, ask);
            outcome.evidence.push(Evidence {
                what: ask.clone(),
                value: grant.to_string(),
                source: None,
                candidates: Vec::new(),
                notes: Vec::new(),
            });
        }
        outcome
    }

    pub(crate) fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// Adds a setting's value as evidence.
    pub(crate) fn show(&mut self, component: &str, setting: &str, effective: &Effective) {
        let value = match &effective.state {
            State::Unknown(why) => why.text.clone(),
            _ => effective.shown(),
        };
        let mut notes = effective.notes.clone();
        notes.dedup();
        self.evidence.push(Evidence {
            what: format!("{component} {setting}"),
            value,
            source: Some(effective.source.clone()),
            candidates: effective.candidates.clone(),
            notes,
        });
    }

    /// The worst of several: what holds for all. Not applicable only if none applies.
    pub(crate) fn worst(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
        let mut outcomes = outcomes.into_iter();
        let Some(mut worst) = outcomes.next() else {
            return Outcome::unknown(Why::error("there was nothing to look at"));
        };
        for next in outcomes {
            let takes_over = worst.verdict != next.verdict && worst.verdict.worse(next.verdict) == next.verdict;
            let same = worst.verdict == next.verdict;
            let (mut first, second) = if takes_over { (next, worst) } else { (worst, next) };
            let offends = |verdict| matches!(verdict, Verdict::Fail | Verdict::Manual);
            if same && second.reason != first.reason && !second.reason.is_empty() {
                first.reason = format!("{}; {}", first.reason, second.reason);
            }
            if !second.expected.is_empty() && !first.expected.contains(&second.expected) {
                let joiner = if first.expected.is_empty() { "" } else { " and " };
                first.expected = format!("{}{joiner}{}", first.expected, second.expected);
            }
            first.evidence.extend(second.evidence);
            if offends(second.verdict) {
                first.resources.extend(second.resources);
            }
            worst = first;
        }
        worst
    }

    /// The best of several: one that holds is enough. What is not known could be the one.
    pub(crate) fn best(outcomes: Vec<Outcome>) -> Outcome {
        let wanted: Vec<&str> = outcomes.iter().map(|o| o.expected.as_str()).filter(|e| !e.is_empty()).collect();
        let expected = wanted.join(" or ");
        let has = |verdict| outcomes.iter().position(|o: &Outcome| o.verdict == verdict);
        let choice = has(Verdict::Pass).or(has(Verdict::Unknown)).or(has(Verdict::Manual));
        let mut outcome = match choice {
            Some(index) => {
                let mut chosen = outcomes[index].clone();
                let rest = outcomes.iter().enumerate().filter(|(i, _)| *i != index);
                chosen.evidence.extend(rest.flat_map(|(_, o)| o.evidence.iter().cloned()));
                chosen
            }
            None => {
                let failed: Vec<Outcome> =
                    outcomes.into_iter().filter(|o| o.verdict != Verdict::NotApplicable).collect();
                if failed.is_empty() {
                    return Outcome::unknown(Why::error("none of its alternatives applies"));
                }
                Outcome::worst(failed)
            }
        };
        outcome.expected = expected;
        outcome
    }
}
