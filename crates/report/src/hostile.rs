//! Evidence is hostile text: a file name or an argument may hold an escape sequence that rewrites a terminal, a newline that forges a
//! line of the report, or a character that reorders or hides what stands next to it. This module decides which characters those are;
//! every format passes all of its text through it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character may not appear as itself: control characters, the line and paragraph separators, what reorders text, what is
/// invisible (Unicode's default ignorables), and code points that are no characters at all.
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || (c as u32) & 0xfffe == 0xfffe
}

/// The text on one line, every hostile character written out: `\n`, `\t`, `\u{1b}`. A backslash stays one, so that paths and
/// patterns read as they are; the result is for reading, not for reading back.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    // Nearly all text is plain, and a scan is over in milliseconds.
    let plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if plain || !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hostile(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// At most `limit` characters of the cleaned text, and how many are left out. For lines that must stay short: a process chooses how
/// long its arguments are.
pub(crate) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    let text = clean(text);
    match text.char_indices().nth(limit) {
        None => text,
        Some((end, _)) => {
            let rest = text[end..].chars().count();
            Cow::Owned(format!("{} … ({rest} more characters)", &text[..end]))
        }
    }
}

/// A JSON document whose strings hold no hostile character as itself. `serde_json` escapes the C0 controls only, and a report is read
/// in terminals and editors too. Nothing is lost: a JSON reader gets the same strings.
pub(crate) fn escape_json(document: String) -> String {
    // Most documents hold nothing of the kind, and a large one should not be held twice.
    if !document.chars().any(|c| c != '\n' && is_hostile(c)) {
        return document;
    }
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        // A newline in a document stands between values only: inside a string it is escaped already.
        if c == '\n' || !is_hostile(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String does not fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// Passes a JSON document on, its hostile characters written out as [`escape_json`] does, without holding it as a whole.
/// `serde_json` writes strings in pieces that are text by themselves.
pub(crate) struct EscapeJson<W>(pub(crate) W);

impl<W: std::io::Write> std::io::Write for EscapeJson<W> {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        let text =
            std::str::from_utf8(piece).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))?;
        if text.chars().any(|c| c != '\n' && is_hostile(c)) {
            self.0.write_all(escape_json(text.to_owned()).as_bytes())?;
        } else {
            self.0.write_all(piece)?;
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_or_hides_text_is_written_out() {
        for (text, want) in [
            ("a\nb\r\tc", r"a\nb\r\tc"),
            ("\u{1b}[31mred\u{9b}0m", r"\u{1b}[31mred\u{9b}0m"),
            ("\0\u{7f}", r"\u{0}\u{7f}"),
            ("user\u{202e}txt.exe", r"user\u{202e}txt.exe"),
            ("a\u{2066}b\u{2069}\u{200e}\u{61c}", r"a\u{2066}b\u{2069}\u{200e}\u{61c}"),
            ("a\u{200b}b\u{feff}\u{2028}", r"a\u{200b}b\u{feff}\u{2028}"),
            ("tag\u{e0041}", r"tag\u{e0041}"),
            ("\u{ffff}\u{1fffe}\u{fdd0}", r"\u{ffff}\u{1fffe}\u{fdd0}"),
        ] {
            assert_eq!(clean(text), want);
        }
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        for text in ["", r"C:\n ^a\.b$", "naïve Größe", "Ωμέγα", "日本語", "עברית", "🙂", "<b>&\"'</b>", "\u{fffd}"]
        {
            assert!(matches!(clean(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn a_cut_text_says_how_much_is_missing() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("äbcdef", 4), "äbcd … (2 more characters)");
        assert_eq!(cut("a\nb", 2), r"a\ … (2 more characters)");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let strings = ["a\nb\u{1b}\u{7f}\u{9b}\u{202e}\u{e0041}\u{ffff}é🙂\\n\""];
        let document = serde_json::to_string_pretty(&strings).unwrap();
        let escaped = escape_json(document.clone());
        assert!(!escaped.contains(|c| is_hostile(c) && c != '\n'), "{escaped}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&escaped).unwrap(), strings);
    }
}
