//! A Kubernetes version, as far as rules care: the minor release, with the patch where it is known.

use serde::{Deserialize, Serialize};

/// A version such as `1.34` or `1.34.4`. Compared by minor release only where a default changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// 1, so far.
    pub major: u16,
    /// 34 in 1.34.4.
    pub minor: u16,
    /// 4 in 1.34.4; 0 where it is not known.
    pub patch: u16,
}

impl Version {
    /// The release `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Version { major, minor, patch: 0 }
    }

    /// Reads `1.34`, `v1.34.4`, `v1.34.4-rc.0+build`, and what image tags make of it (`v1.34.4_vendor.1`).
    /// `None` if it does not begin with two numbers.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let mut parts = text.splitn(3, '.');
        let major = parts.next()?.parse().ok()?;
        let (minor, rest) = leading_number(parts.next()?)?;
        if !(rest.is_empty() || rest.starts_with(['-', '+', '_'])) {
            return None;
        }
        let patch = match parts.next() {
            Some(text) if rest.is_empty() => leading_number(text).map_or(0, |(patch, _)| patch),
            _ => 0,
        };
        Some(Version { major, minor, patch })
    }

    /// The release without its patch.
    #[must_use]
    pub fn release(self) -> Self {
        Version { patch: 0, ..self }
    }
}

fn leading_number(text: &str) -> Option<(u16, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 { write!(f, ".{}", self.patch) } else { Ok(()) }
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Version::parse(&text).ok_or_else(|| format!("{text:?} is not a version such as 1.34"))
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_are_written() {
        for (text, want) in [
            ("1.34", Some((1, 34, 0))),
            ("v1.34.4", Some((1, 34, 4))),
            ("v1.33.1-eks-1-33-5", Some((1, 33, 1))),
            ("v1.30.2+rke2r10", Some((1, 30, 2))),
            ("1.29+", Some((1, 29, 0))),
            ("v1.28.3_vmware.1", Some((1, 28, 3))),
            ("latest", None),
            ("1", None),
            ("1.x", None),
            ("1.34x", None),
            ("", None),
            ("99999999999.1", None),
        ] {
            assert_eq!(Version::parse(text).map(|v| (v.major, v.minor, v.patch)), want, "{text}");
        }
    }
}
