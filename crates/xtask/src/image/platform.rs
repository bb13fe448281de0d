//! The platforms that the image is laid out for.

use std::fmt;
use std::str::FromStr;

/// An operating system and a processor, by the words of OCI, with what they are called elsewhere.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Platform {
    Amd64,
    Arm64,
}

impl Platform {
    pub(crate) const ALL: [Platform; 2] = [Platform::Amd64, Platform::Arm64];

    /// OCI's `architecture`, which is Go's word.
    pub(crate) fn architecture(self) -> &'static str {
        match self {
            Platform::Amd64 => "amd64",
            Platform::Arm64 => "arm64",
        }
    }

    /// OCI's `variant`, which arm64 has and amd64 has not.
    pub(crate) fn variant(self) -> Option<&'static str> {
        match self {
            Platform::Amd64 => None,
            Platform::Arm64 => Some("v8"),
        }
    }

    /// Rust's name of the target.
    pub(crate) fn target(self) -> &'static str {
        match self {
            Platform::Amd64 => "x86_64-unknown-linux-gnu",
            Platform::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// `e_machine` of its ELF files.
    pub(crate) fn machine(self) -> u16 {
        match self {
            Platform::Amd64 => 62,
            Platform::Arm64 => 183,
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "linux/{}", self.architecture())
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Platform::ALL.into_iter().find(|platform| platform.to_string() == word);
        found.ok_or_else(|| "the image is laid out for linux/amd64 and linux/arm64".to_owned())
    }
}
