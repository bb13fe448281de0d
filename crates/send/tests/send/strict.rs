//! Readers of syslog and CEF that accept what the specifications say and nothing else.

/// A message taken apart by the letter of RFC 5424.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) priority: u16,
    pub(crate) time: String,
    pub(crate) host: String,
    pub(crate) app: String,
    pub(crate) process: String,
    pub(crate) kind: String,
    /// Identifier and parameters of the one element.
    pub(crate) data: Option<(String, Vec<(String, String)>)>,
    pub(crate) text: String,
}

impl Parsed {
    pub(crate) fn get(&self, key: &str) -> &str {
        let (_, list) = self.data.as_ref().unwrap();
        let mut found = list.iter().filter(|(name, _)| name == key);
        let value = found.next().unwrap_or_else(|| panic!("{key} is missing in {self:?}"));
        assert!(found.next().is_none(), "{key} is there twice");
        &value.1
    }
}

fn word<'a>(text: &mut &'a str, most: usize) -> Result<&'a str, String> {
    let (word, rest) = text.split_once(' ').ok_or(format!("{text:?} ends early"))?;
    *text = rest;
    let fits = !word.is_empty() && word.len() <= most && word.bytes().all(|b| (33..=126).contains(&b));
    if fits { Ok(word) } else { Err(format!("{word:?} is no header field")) }
}

pub(crate) fn parse(message: &str) -> Result<Parsed, String> {
    let (priority, mut rest) =
        message.strip_prefix('<').and_then(|rest| rest.split_once('>')).ok_or("there is no priority")?;
    let number: u16 = priority.parse().map_err(|_| "the priority is no number")?;
    if number > 191 || number.to_string() != priority {
        return Err(format!("the priority is {priority}"));
    }
    rest = rest.strip_prefix("1 ").ok_or("it is of no version 1")?;
    let text = &mut rest;
    let time = word(text, 32)?.to_owned();
    let digits = time.split_once('.').map_or(0, |(_, fraction)| fraction.trim_end_matches('Z').len());
    if time != "-" && (time.parse::<jiff::Timestamp>().is_err() || digits > 6 || !time.ends_with('Z')) {
        return Err(format!("the time is {time}"));
    }
    let mut next = |most| word(text, most).map(str::to_owned);
    let (host, app, process, kind) = (next(255)?, next(48)?, next(128)?, next(32)?);
    let data = element(text)?;
    let text = rest.strip_prefix(' ').ok_or("no blank follows the structured data")?.to_owned();
    Ok(Parsed { priority: number, time, host, app, process, kind, data, text })
}

pub(crate) type Element = Option<(String, Vec<(String, String)>)>;

fn element(text: &mut &str) -> Result<Element, String> {
    if let Some(rest) = text.strip_prefix('-') {
        *text = rest;
        return Ok(None);
    }
    let name_of = |name: &str| {
        let good = |b: u8| (33..=126).contains(&b) && !matches!(b, b'=' | b']' | b'"');
        if name.is_empty() || name.len() > 32 || !name.bytes().all(good) {
            Err(format!("{name:?} is no name"))
        } else {
            Ok(name.to_owned())
        }
    };
    let mut rest = text.strip_prefix('[').ok_or("there is no structured data")?;
    let end = rest.find([' ', ']']).ok_or("the element does not end")?;
    let id = name_of(&rest[..end])?;
    rest = &rest[end..];
    let mut list = Vec::new();
    while let Some(after) = rest.strip_prefix(' ') {
        let (name, after) = after.split_once("=\"").ok_or("a parameter has no value")?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next().ok_or("a value does not end")? {
                (at, '"') => break at,
                (_, ']') => return Err("] is not escaped".into()),
                (_, '\\') => match chars.next() {
                    Some((_, c @ ('"' | '\\' | ']'))) => value.push(c),
                    _ => return Err("what needs no escape is escaped".into()),
                },
                (_, c) => value.push(c),
            }
        };
        list.push((name_of(name)?, value));
        rest = &after[end + 1..];
    }
    *text = rest.strip_prefix(']').ok_or("the element does not end")?;
    Ok(Some((id, list)))
}

/// The messages of a stream, told apart by their lengths; what remains if it ends in the middle of one.
pub(crate) fn counted(mut bytes: &[u8]) -> (Vec<String>, Vec<u8>) {
    let mut list = Vec::new();
    while !bytes.is_empty() {
        let Some(end) = bytes.iter().position(|b| *b == b' ') else { break };
        let length: usize = std::str::from_utf8(&bytes[..end]).unwrap().parse().unwrap();
        let Some(message) = bytes.get(end + 1..end + 1 + length) else { break };
        list.push(String::from_utf8(message.to_vec()).unwrap());
        bytes = &bytes[end + 1 + length..];
    }
    (list, bytes.to_vec())
}

pub(crate) type Cef = (Vec<String>, Vec<(String, String)>);

/// CEF taken apart: header fields and extension. Refuses an escape that is none of its part.
pub(crate) fn cef(text: &str) -> Result<Cef, String> {
    let mut fields = vec![String::new()];
    let mut chars = text.chars();
    while fields.len() < 8 {
        let last = fields.last_mut().unwrap();
        match chars.next().ok_or("the header ends early")? {
            '|' => fields.push(String::new()),
            '\\' => match chars.next() {
                Some(c @ ('\\' | '|')) => last.push(c),
                other => return Err(format!("\\{other:?} in the header")),
            },
            c => last.push(c),
        }
    }
    fields.pop();
    let rest: Vec<char> = chars.collect();
    // Where keys begin: a word in front of a `=` that is not escaped.
    let mut keys = Vec::new();
    let mut at = 0;
    while at < rest.len() {
        match rest[at] {
            '\\' if matches!(rest.get(at + 1), Some('\\' | '=' | 'n' | 'r')) => at += 1,
            '\\' => return Err(format!("\\{:?} in the extension", rest.get(at + 1))),
            '=' => {
                let begin = rest[..at].iter().rposition(|c| *c == ' ').map_or(0, |blank| blank + 1);
                if begin == at || !rest[begin..at].iter().all(char::is_ascii_alphanumeric) {
                    return Err("= is not escaped".into());
                }
                keys.push((begin, at));
            }
            _ => {}
        }
        at += 1;
    }
    let list = keys.iter().enumerate().map(|(n, (begin, equals))| {
        let end = keys.get(n + 1).map_or(rest.len(), |(next, _)| next - 1);
        let mut value = String::new();
        let mut chars = rest[equals + 1..end].iter();
        while let Some(c) = chars.next() {
            value.push(if *c == '\\' { *chars.next().unwrap() } else { *c });
        }
        (rest[*begin..*equals].iter().collect(), value)
    });
    Ok((fields, list.collect()))
}

#[test]
fn the_strict_readers_of_this_test_refuse_what_is_wrong() {
    for bad in [
        "<192>1 - h a - m - x",
        "<013>1 - h a - m - x",
        "<13>1 - h a - m [x a=\"]\"] x",
        "<13>1 - h a - m [x a=\"\\n\"] x",
        "<13>1 2026-01-31T10:00:00.1234567Z h a - m - x",
        "<13>1 - h a - m -",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
    for bad in ["CEF:0|a|b|c|d|e|1", "CEF:0|a\\=|b|c|d|e|1|x=y", "CEF:0|a|b|c|d|e|1|x=y=z", "CEF:0|a|b|c|d|e|1|x=\\|"] {
        assert!(cef(bad).is_err(), "{bad}");
    }
    assert_eq!(counted(b"3 abc5 ab").0, ["abc"]);
}
