//! Verdicts, and the four words that users know.

use serde::{Deserialize, Serialize};

/// What follows from the facts about one requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds, and there is evidence for it.
    Pass,
    /// It does not apply here, for a reason that was seen.
    NotApplicable,
    /// A person has to decide; the evidence is listed.
    Manual,
    /// It could not be decided: something could not be read, parsed or asked. The default.
    #[default]
    Unknown,
    /// It does not hold.
    Fail,
}

impl Verdict {
    /// All of them, best first.
    pub const ALL: [Verdict; 5] =
        [Verdict::Pass, Verdict::NotApplicable, Verdict::Manual, Verdict::Unknown, Verdict::Fail];

    /// The word used in JSON, cases and documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Manual => "manual",
            Verdict::NotApplicable => "not-applicable",
            Verdict::Unknown => "unknown",
        }
    }

    /// The worse of two: a failure is worse than not knowing, which is worse than asking a person, which is worse than a pass.
    /// Not applicable yields to everything.
    #[must_use]
    pub fn worse(self, other: Verdict) -> Verdict {
        fn rank(v: Verdict) -> u8 {
            match v {
                Verdict::NotApplicable => 0,
                Verdict::Pass => 1,
                Verdict::Manual => 2,
                Verdict::Unknown => 3,
                Verdict::Fail => 4,
            }
        }
        if rank(other) > rank(self) { other } else { self }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word in front of a line. Derived from verdict, scoring and waiver; never the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// It holds.
    Pass,
    /// A scored item fails.
    Fail,
    /// Manual, unknown, or a failed unscored item.
    Warn,
    /// Not applicable, waived or skipped.
    Info,
}

impl Status {
    /// The word for a verdict: `scored` says whether the benchmark counts the item, `set_aside` whether it is waived or skipped.
    pub fn of(verdict: Verdict, scored: bool, set_aside: bool) -> Status {
        match verdict {
            _ if set_aside => Status::Info,
            Verdict::Pass => Status::Pass,
            Verdict::NotApplicable => Status::Info,
            Verdict::Fail if scored => Status::Fail,
            Verdict::Fail | Verdict::Manual | Verdict::Unknown => Status::Warn,
        }
    }

    /// The word itself.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pass => "PASS",
            Status::Fail => "FAIL",
            Status::Warn => "WARN",
            Status::Info => "INFO",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_pass_is_called_pass() {
        for verdict in Verdict::ALL {
            for scored in [true, false] {
                for set_aside in [true, false] {
                    let status = Status::of(verdict, scored, set_aside);
                    assert_eq!(
                        status == Status::Pass,
                        verdict == Verdict::Pass && !set_aside,
                        "{verdict} {scored} {set_aside}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_worse_verdict_never_hides_a_failure() {
        for verdict in Verdict::ALL {
            assert_eq!(verdict.worse(Verdict::Fail), Verdict::Fail);
            assert_eq!(Verdict::Fail.worse(verdict), Verdict::Fail);
            assert_eq!(Verdict::NotApplicable.worse(verdict), verdict);
        }
        assert_eq!(Verdict::Unknown.worse(Verdict::Pass), Verdict::Unknown);
    }

    #[test]
    fn unknown_is_the_default() {
        assert_eq!(Verdict::default(), Verdict::Unknown);
    }
}
