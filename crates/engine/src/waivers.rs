//! Waivers: somebody's word, with a reason and an end, that a finding may stand. A layer over the verdict, never a verdict.

use seaworthy_model::{Applied, Finding, Status, Verdict, WaiverNote, WaiverState};
use serde::Deserialize;

/// A file of waivers could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WaiverError {
    /// It is no TOML of this form: see `docs/`. Correct the line.
    #[error("line {line}: {message}")]
    Form {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A waiver lacks something, or its date is none. Correct it.
    #[error("the waiver for {item:?}: {message}")]
    Waiver {
        /// The rule or number.
        item: String,
        /// What is wrong.
        message: String,
    },
}

/// Waivers, as a file holds them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waivers {
    #[serde(default, rename = "waiver")]
    list: Vec<Waiver>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiver {
    /// A rule's name or a number.
    item: String,
    /// The node's name; every node if not given.
    #[serde(default, rename = "where")]
    place: Option<String>,
    reason: String,
    owner: String,
    /// `2027-01-31`, that day included.
    expires: String,
}

impl Waivers {
    /// Reads a file of `[[waiver]]` tables with `item`, `where` (optional), `reason`, `owner` and `expires`.
    ///
    /// # Errors
    /// [`WaiverError`]: nothing is waived by a file that is wrong in any place.
    pub fn parse(text: &str) -> Result<Waivers, WaiverError> {
        let waivers: Waivers = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.as_bytes()[..start].iter().filter(|b| **b == b'\n').count() + 1;
            WaiverError::Form { line, message: error.message().to_owned() }
        })?;
        for waiver in &waivers.list {
            let wrong = |message: &str| WaiverError::Waiver { item: waiver.item.clone(), message: message.to_owned() };
            if waiver.reason.trim().is_empty() || waiver.owner.trim().is_empty() {
                return Err(wrong("it needs a reason and an owner"));
            }
            if !is_date(&waiver.expires) {
                return Err(wrong("write expires as a date: \"2027-01-31\""));
            }
        }
        Ok(waivers)
    }

    /// Lays the waivers over the findings. `today` is a date; without one nobody can tell whether a waiver still holds, and none does.
    pub(crate) fn apply(&self, findings: &mut [Finding], node: &str, today: Option<&str>) -> Vec<WaiverNote> {
        let mut notes = Vec::new();
        for waiver in &self.list {
            let here = waiver.place.as_deref().is_none_or(|place| place == node || place == "*");
            let mine: Vec<usize> = (0..findings.len())
                .filter(|i| here && (findings[*i].id == waiver.item || findings[*i].rule == waiver.item))
                .collect();
            let needs: Vec<usize> = mine.iter().copied().filter(|i| needs_waiver(&findings[*i])).collect();
            let expired = today.is_none_or(|today| today > waiver.expires.as_str());
            let (state, note) = match (mine.is_empty(), needs.is_empty(), expired) {
                (true, _, _) if !here => (
                    WaiverState::Unused,
                    format!("it is for {}, not for {node}", waiver.place.as_deref().unwrap_or("*")),
                ),
                (true, ..) => (WaiverState::Unused, "it names nothing that was judged".to_owned()),
                (false, true, _) => (WaiverState::Unused, "there is nothing to waive: take it away".to_owned()),
                (false, false, true) if today.is_none() => (
                    WaiverState::Expired,
                    "whether it still holds cannot be told without a date, so it does not".to_owned(),
                ),
                (false, false, true) => {
                    (WaiverState::Expired, format!("its last day was {}: the finding counts again", waiver.expires))
                }
                (false, false, false) => (WaiverState::Used, format!("it holds until {}", waiver.expires)),
            };
            if state == WaiverState::Used {
                for index in needs {
                    let finding = &mut findings[index];
                    finding.status = Status::Info;
                    finding.waiver = Some(Applied {
                        reason: waiver.reason.clone(),
                        owner: waiver.owner.clone(),
                        expires: waiver.expires.clone(),
                    });
                }
            }
            notes.push(WaiverNote { item: waiver.item.clone(), state, note });
        }
        notes
    }
}

fn needs_waiver(finding: &Finding) -> bool {
    finding.waiver.is_none()
        && finding.status != Status::Info
        && matches!(finding.verdict, Verdict::Fail | Verdict::Manual | Verdict::Unknown)
}

/// Whether it is a date of the calendar, as `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    if (year.len(), month.len(), day.len()) != (4, 2, 2) || !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse::<u32>(), month.parse::<u32>(), day.parse::<u32>()) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (text, want) in [
            ("2027-01-31", true),
            ("2028-02-29", true),
            ("2027-02-29", false),
            ("2027-13-01", false),
            ("2027-1-31", false),
            ("31-01-2027", false),
            ("soon", false),
            ("+027-01-01", false),
        ] {
            assert_eq!(is_date(text), want, "{text}");
        }
    }

    #[test]
    fn a_waiver_needs_reason_owner_and_end() {
        let text = |reason: &str, expires: &str| {
            format!(
                "[[waiver]]\nitem = \"1.2.15\"\nreason = \"{reason}\"\nowner = \"the platform team\"\nexpires = \"{expires}\"\n"
            )
        };
        assert!(Waivers::parse(&text("profiled this week", "2027-01-31")).is_ok());
        assert!(Waivers::parse(&text(" ", "2027-01-31")).is_err());
        assert!(Waivers::parse(&text("x", "never")).is_err());
        let unknown_key = Waivers::parse("[[waiver]]\nitem = \"1\"\nbecause = \"x\"\n");
        assert!(matches!(unknown_key, Err(WaiverError::Form { line: 3, .. })), "{unknown_key:?}");
    }
}
