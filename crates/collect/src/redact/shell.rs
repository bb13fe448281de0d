//! Secrets in a command line that is written as one text, for a shell: flags with the value behind them, in any of a shell's quotes.

use super::names;

/// The places of secret values among the words of `line`. The line may stand in a YAML text, so `\\n` and `\\t` part words too.
pub(super) fn secrets(line: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    // Most texts are no command line.
    if !line.contains("-") || !line.contains([' ', '\n', '\t', '\\']) {
        return found;
    }
    let mut next = false;
    for (start, end) in words(line) {
        let word = &line[start..end];
        let bare = word.trim_start_matches(['\'', '"']);
        let offset = start + word.len() - bare.len();
        if std::mem::take(&mut next) {
            found.push((start, end));
        } else if let Some(flag) = bare.strip_prefix('-') {
            match flag.find('=') {
                Some(at) if names::secret_flag(&flag[..at]) => {
                    let from = offset + 1 + at + 1;
                    let text = line[from..end].trim_matches(['\'', '"']);
                    if !names::switch(text) {
                        found.push((from, end));
                    }
                }
                Some(_) => {}
                None => next = names::secret_flag(flag.trim_end_matches(['\'', '"'])),
            }
        }
    }
    found
}

/// The words of a command line, quotes included: a blank inside quotes parts nothing.
fn words(line: &str) -> Vec<(usize, usize)> {
    let bytes = line.as_bytes();
    let mut words = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut quote = None;
    // The text's own quotes are no shell's.
    if bytes.first() == Some(&b'"') || bytes.first() == Some(&b'\'') {
        (start, at) = (1, 1);
    }
    while at < bytes.len() {
        let escaped = bytes[at] == b'\\' && matches!(bytes.get(at + 1), Some(b'n' | b't' | b'r'));
        let blank = if escaped { 2 } else { usize::from(bytes[at].is_ascii_whitespace()) };
        match (quote, bytes[at]) {
            (Some(open), byte) if byte == open => quote = None,
            (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
            (None, _) if blank > 0 => {
                if at > start {
                    words.push((start, at));
                }
                start = at + blank;
            }
            _ => {}
        }
        at += blank.max(1);
    }
    if bytes.len() > start {
        words.push((start, bytes.len()));
    }
    // A quote that never ends hides blanks: then every blank parts words, so that no value stays with what is before it.
    if quote.is_some() && words.len() < 2 {
        words.clear();
        let mut start = 0;
        for (at, _) in line.match_indices(char::is_whitespace) {
            if at > start {
                words.push((start, at));
            }
            start = at + 1;
        }
        words.push((start, line.len()));
    }
    words
}
