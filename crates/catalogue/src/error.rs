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

/// The line of a text, from 1, in which `needle` first appears as a whole word; 0 if it does not.
pub(crate) fn line_of(text: &str, needle: &str) -> u32 {
    let boundary = |c: Option<char>| c.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')));
    for (number, line) in text.lines().enumerate() {
        let mut from = 0;
        while let Some(at) = line[from..].find(needle) {
            let (start, end) = (from + at, from + at + needle.len());
            if boundary(line[..start].chars().next_back()) && boundary(line[end..].chars().next()) {
                return u32::try_from(number + 1).unwrap_or(0);
            }
            from = end.max(start + 1);
            if from >= line.len() || !line.is_char_boundary(from) {
                break;
            }
        }
    }
    0
}
