//! Names of entries: a time for people, a number that counts.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::JournalError;

/// `20261125T103500Z-17`. Compared by the number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    pub(super) number: u64,
    time: String,
}

impl Id {
    pub(super) fn new(time: &str, number: u64) -> Result<Self, JournalError> {
        let moment: Timestamp = time.parse().map_err(|_| JournalError::Time { time: time.to_owned() })?;
        let time = moment.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string();
        Ok(Id { number, time })
    }

    /// Anything that is not exactly such a name is no entry; so no name can lead out of the directory.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (time, number) = name.split_once('-')?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (day, rest) = time.split_once('T')?;
        let whole = digits(day) && digits(rest.strip_suffix('Z')?) && digits(number) && !number.starts_with('0');
        whole.then(|| Some(Id { number: number.parse().ok()?, time: time.to_owned() })).flatten()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.time, self.number)
    }
}
