//! Secrets that are known by their look, wherever they stand: private keys, tokens, passwords in addresses, secrets in comments.

use std::borrow::Cow;
use std::sync::LazyLock;

use data_encoding::BASE64_NOPAD;
use memchr::memmem;

use super::{MARK, names};

/// The text without them. `comments`: whether `#` begins a comment in it.
pub(super) fn redact(text: &str, comments: bool, redactions: &mut u32) -> String {
    let text = keys(text, redactions);
    // Most texts have nothing of these.
    let (addressed, bears) = (memmem::find(text.as_bytes(), b"://").is_some(), bearer(&text).is_some());
    let mut plain = String::with_capacity(text.len());
    let mut encoded = false;
    for line in text.split_inclusive('\n') {
        let mut line = Cow::Borrowed(line);
        if comments && memchr::memchr(b'#', line.as_bytes()).is_some() {
            line = comment(&line, redactions).into_owned().into();
        }
        if addressed && line.contains("://") {
            line = addresses(&line, redactions).into();
        }
        if memchr::memchr(b'=', line.as_bytes()).is_some() || (bears && bearer(&line).is_some()) {
            line = assignments(&line, redactions).into();
        }
        words(&line, &mut encoded, redactions, &mut plain);
    }
    plain
}

/// Private keys in PEM form, also those written in one line with `\n`.
fn keys<'t>(text: &'t str, redactions: &mut u32) -> Cow<'t, str> {
    const END: &str = "PRIVATE KEY-----";
    if memmem::find(text.as_bytes(), END.as_bytes()).is_none() {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = rest.find(END) {
        let (head, body) = rest.split_at(found + END.len());
        plain.push_str(head);
        // The end marker of a key has the same words; what follows it is no key.
        let label = head.rfind("-----BEGIN ").max(head.rfind("-----END "));
        if label.is_some_and(|at| head[at..].starts_with("-----END ")) {
            rest = body;
            continue;
        }
        let end = body.find("-----END").into_iter().chain(body.find(['"', '\''])).min().unwrap_or(body.len());
        let (secret, after) = body.split_at(end);
        for line in secret.split_inclusive('\n') {
            let content = line.trim();
            plain.push_str(&line[..line.len() - line.trim_start().len()]);
            if !content.is_empty() {
                plain.push_str(MARK);
                plain.push_str(&line[line.trim_end().len()..]);
            }
        }
        *redactions += 1;
        rest = after;
    }
    plain.push_str(rest);
    plain.into()
}

/// Keys in comments.
fn comment<'l>(line: &'l str, redactions: &mut u32) -> Cow<'l, str> {
    let mut from = 0;
    while let Some(found) = line[from..].find('#') {
        let start = from + found + 1;
        from = start;
        let text = line[start..].trim_start_matches(['#', ' ', '\t', '-']);
        let Some((key, value)) = text.split_once(':') else { continue };
        if !value.trim().is_empty() && key.len() < 64 && names::secret_key(key.trim().trim_matches(['"', '\''])) {
            *redactions += 1;
            let kept = line.len() - value.len();
            let end = &line[line.trim_end().len()..];
            return format!("{} {MARK}{end}", &line[..kept]).into();
        }
    }
    line.into()
}

/// Users and passwords in addresses.
fn addresses(line: &str, redactions: &mut u32) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(found) = rest.find("://") {
        let (head, tail) = rest.split_at(found + 3);
        plain.push_str(head);
        let end = tail
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | ','))
            .unwrap_or(tail.len());
        rest = match tail[..end].rfind('@') {
            Some(at) if at > 0 && &tail[..at] != MARK => {
                plain.push_str(MARK);
                *redactions += 1;
                &tail[at..]
            }
            _ => tail,
        };
    }
    plain.push_str(rest);
    plain
}

/// `token=…`, `password=…` and the like, and what follows `Bearer`.
fn assignments(line: &str, redactions: &mut u32) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    loop {
        let equals = rest.find('=').map(|at| at + 1).filter(|at| {
            let name = &rest[..at - 1];
            let name = &name[name
                .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
                .map_or(0, |i| i + name[i..].chars().next().map_or(1, char::len_utf8))..];
            names::secret_flag(name)
        });
        let bearer = bearer(rest);
        let plain_equals = rest.find('=').map(|at| at + 1);
        let Some(at) = equals.into_iter().chain(bearer).min().or(plain_equals) else { break };
        let at = if plain_equals.is_some_and(|other| other < at) { plain_equals.unwrap_or(at) } else { at };
        let (head, tail) = rest.split_at(at);
        plain.push_str(head);
        rest = tail;
        if Some(at) != equals && Some(at) != bearer {
            continue;
        }
        let end = tail
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '&' | ',' | ';' | '}' | ']'))
            .unwrap_or(tail.len());
        let secret = &tail[..end];
        let short = Some(at) == bearer && secret.len() < 8;
        if !(names::switch(secret) || secret == MARK || short) {
            plain.push_str(MARK);
            *redactions += 1;
            rest = &tail[end..];
        }
    }
    plain.push_str(rest);
    plain
}

/// What stands before a credential of HTTP: the end that is searched for, and the whole of it.
static BEFORE: LazyLock<[(memmem::Finder<'static>, &'static [u8]); 4]> = LazyLock::new(|| {
    // The first letter of each is a capital or not; nobody writes the others so.
    [
        (memmem::Finder::new("earer "), b"bearer "),
        (memmem::Finder::new("EARER "), b"bearer "),
        (memmem::Finder::new("asic "), b"authorization: basic "),
        (memmem::Finder::new("ASIC "), b"authorization: basic "),
    ]
});

/// Where a credential of HTTP begins: behind `Bearer`, or `Authorization: Basic`.
fn bearer(text: &str) -> Option<usize> {
    let text = text.as_bytes();
    memchr::memchr(b' ', text)?;
    let behind = |(end, whole): &(memmem::Finder<'static>, &'static [u8])| {
        let mut ends = end.find_iter(text).map(|at| at + end.needle().len());
        ends.find(|end| *end >= whole.len() && text[end - whole.len()..*end].eq_ignore_ascii_case(whole))
    };
    BEFORE.iter().filter_map(behind).min()
}

/// The bytes of which tokens and keys are made.
const PARTS: [bool; 256] = {
    let mut parts = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        parts[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.');
        byte += 1;
    }
    parts
};

/// Words that are tokens, or private keys in base64, go; the line goes to `plain`. `encoded`: the line before ended in such a key.
fn words(line: &str, encoded: &mut bool, redactions: &mut u32, plain: &mut String) {
    const SHORTEST: usize = 24;
    let part = |c: &u8| PARTS[usize::from(*c)];
    let whole = line.trim().as_bytes();
    let goes_on = std::mem::take(encoded) && !whole.is_empty() && whole.iter().all(part);
    let bytes = line.as_bytes();
    let (mut done, mut start) = (0, 0);
    while start < bytes.len() {
        let end = bytes[start..].iter().position(|c| !part(c)).map_or(bytes.len(), |length| start + length);
        if end - start >= SHORTEST || (goes_on && end > start) {
            let word = &line[start..end];
            let key = goes_on || private(word);
            if key || web_token(word) {
                plain.push_str(&line[done..start]);
                plain.push_str(MARK);
                *redactions += 1;
                done = end;
                *encoded = key && line[end..].trim().is_empty();
            }
        }
        start = end + 1;
    }
    plain.push_str(&line[done..]);
}

/// A JSON web token: three parts in base64, the first of them an object.
fn web_token(word: &str) -> bool {
    word.len() >= 30 && word.find("eyJ").is_some_and(|at| word[at..].contains('.'))
}

/// `PRIVATE KEY` in base64, by where it begins in a group of three bytes: what does not depend on the bytes around it.
const MARKS: [&[u8]; 3] = [b"UFJJVkFURSBLRV", b"BSSVZBVEUgS0VZ", b"QUklWQVRFIEtFW"];

/// How much of a word is decoded to see whether it is a key in DER.
const HEAD: usize = 64;

/// Base64 of a private key, in PEM or DER.
fn private(word: &str) -> bool {
    // A key may stand behind a name and an equals sign, or a path.
    let starts = std::iter::once(0).chain(word.match_indices(['=', '.', '-', '_']).map(|(at, _)| at + 1));
    starts.take(8).any(|start| {
        let word = &word[start..];
        let word = &word[..word.find(['=', '.', '-', '_']).unwrap_or(word.len())];
        if word.len() < 24 {
            return false;
        }
        if MARKS.iter().any(|mark| memmem::find(word.as_bytes(), mark).is_some()) {
            return true;
        }
        // A key in DER shows in its first bytes.
        let head = &word.as_bytes()[..word.len().min(HEAD) / 4 * 4];
        BASE64_NOPAD.decode(head).is_ok_and(|bytes| der_key(&bytes))
    })
}

/// A sequence that begins with the number 0 or 1: PKCS #1, PKCS #8 or SEC 1. Certificates and public keys begin with another sequence.
fn der_key(bytes: &[u8]) -> bool {
    let [0x30, length, rest @ ..] = bytes else { return false };
    let skip = if *length < 0x80 { 0 } else { usize::from(length & 0x7f) };
    skip <= 3 && matches!(rest.get(skip..skip + 3), Some([2, 1, 0 | 1]))
}
