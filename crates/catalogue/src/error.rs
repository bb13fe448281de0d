//! What is wrong with a catalogue.

/// One thing that is wrong, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the catalogue.
    pub file: String,
    /// The line, from 1; 0 where it is about the file as a whole.
    pub line: u32,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl Problem {
    pub(crate) fn new(file: &str, line: u32, message: impl Into<String>, help: impl Into<String>) -> Self {
        Problem { file: file.to_owned(), line, message: message.into(), help: help.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}", self.message)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, "\n    {}", self.help) }
    }
}

impl std::error::Error for Problem {}

/// The line of a text, from 1, in which `needle` first appears: as a whole word if it does anywhere. 0 if it does not appear.
pub(crate) fn line_of(text: &str, needle: &str) -> u32 {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let whole = |line: &str| {
        line.match_indices(needle).any(|(at, _)| {
            !line[..at].chars().next_back().is_some_and(part)
                && !line[at + needle.len()..].chars().next().is_some_and(part)
        })
    };
    let line = text.lines().position(whole).or_else(|| text.lines().position(|line| line.contains(needle)));
    line.and_then(|line| u32::try_from(line + 1).ok()).unwrap_or(0)
}
