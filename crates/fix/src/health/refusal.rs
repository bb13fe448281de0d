//! Why a component refused to start, from the last lines that it wrote.
//!
//! The wordings are those of Kubernetes 1.34.4 and etcd 3.6.4, which were run with each mistake. A wording that is not known is still
//! told apart from ordinary lines: the last line of a program that gives up looks like no other.

use super::logs::Line;

/// Why a component refused to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of reason.
    pub cause: Cause,
    /// The flag that it names, without dashes.
    pub flag: Option<String>,
    /// The value, plugin, feature gate or address that it names.
    pub value: Option<String>,
    /// The file that it names.
    pub file: Option<String>,
    /// What it said, without the logger's trimmings.
    pub message: String,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It has no such flag.
    UnknownFlag,
    /// It does not take this value for a flag, or misses one.
    BadValue,
    /// A file or directory is not there, where the container sees it.
    MissingFile,
    /// It may not read or write a file.
    PermissionDenied,
    /// The file system is full, or cannot be written.
    CannotWrite,
    /// It has no admission plugin of this name.
    UnknownPlugin,
    /// An admission plugin does not start, usually for want of its configuration.
    PluginRefused,
    /// It has no feature gate of this name.
    UnknownFeatureGate,
    /// Another process listens on its port.
    AddressInUse,
    /// Certificate and key do not belong together, or one of them is none.
    KeyMismatch,
    /// etcd does not answer.
    EtcdUnreachable,
    /// Something else; see the message.
    Other,
}

/// Why a component refused to start, if these are the last lines of one that did.
#[must_use]
pub fn refusal(lines: &[Line]) -> Option<Refusal> {
    if let Some(message) = lines.iter().rev().find_map(|line| last_words(&line.text)) {
        let mut refusal = judge(&message);
        // The client of etcd gives up with "context deadline exceeded"; what it tried is in the lines before.
        let gave_up = message.contains("storage factory") && message.contains("deadline exceeded");
        if refusal.cause == Cause::Other && gave_up {
            refusal.cause = Cause::EtcdUnreachable;
            refusal.value = lines.iter().rev().find_map(|line| unreachable_etcd(&line.text));
        }
        return Some(refusal);
    }
    // It has not given up yet: an API server tries for 20 seconds.
    let (address, line) = lines.iter().rev().take(5).find_map(|line| Some((unreachable_etcd(&line.text)?, line)))?;
    Some(Refusal {
        cause: Cause::EtcdUnreachable,
        flag: None,
        value: Some(address),
        file: None,
        message: line.text.clone(),
    })
}

/// What a program says when it gives up, without the logger's trimmings; `None` for any other line.
fn last_words(line: &str) -> Option<String> {
    if line.starts_with('{') {
        let json: serde_json::Value = serde_json::from_str(line).ok()?;
        let field = |name: &str| json.get(name).and_then(serde_json::Value::as_str);
        let fatal = field("level") == Some("fatal") || field("msg") == Some("command failed");
        let error = field("error").or_else(|| field("err")).or_else(|| field("msg"));
        return error.filter(|_| fatal).map(str::to_owned);
    }
    for begin in ["Error: ", "error: ", "panic: "] {
        if let Some(message) = line.strip_prefix(begin) {
            return Some(message.to_owned());
        }
    }
    // Go's own flag package, which etcd uses, speaks without a prefix; usage follows.
    if ["flag provided but not defined: ", "invalid boolean value ", "invalid value ", "flag needs an argument: "]
        .iter()
        .any(|begin| line.starts_with(begin))
    {
        return Some(line.to_owned());
    }
    let (header, message) = line.split_once("] ")?;
    let mut letters = header.bytes();
    match (letters.next()?, letters.next()?) {
        (b'F', b'0'..=b'9') => Some(message.to_owned()),
        (b'E', b'0'..=b'9') => {
            let error = message.strip_prefix("\"command failed\" err=")?;
            Some(quoted(error).map_or_else(|| error.to_owned(), |(text, _)| text))
        }
        _ => None,
    }
}

fn judge(message: &str) -> Refusal {
    let mut refusal = Refusal { cause: Cause::Other, flag: None, value: None, file: None, message: message.to_owned() };
    let mut is = |cause, flag: Option<String>, value: Option<String>, file: Option<String>| {
        refusal.cause = cause;
        (refusal.flag, refusal.value, refusal.file) = (flag, value, file);
    };
    if let Some(rest) =
        after(message, &["unknown flag: ", "flag provided but not defined: ", "unknown shorthand flag: "])
    {
        is(Cause::UnknownFlag, flag_word(rest), None, None);
    } else if let Some(rest) = after(message, &["flag needs an argument: "]) {
        is(Cause::BadValue, flag_word(rest), None, None);
    } else if let Some((value, rest)) =
        after(message, &["invalid argument ", "invalid boolean value ", "invalid value "]).and_then(quoted)
        && let Some(rest) = after(rest, &[" for flag ", " for "])
    {
        is(Cause::BadValue, flag_word(rest.trim_start_matches('"')), Some(value), None);
    } else if let Some(name) = after(message, &["unrecognized feature gate: "]) {
        is(Cause::UnknownFeatureGate, Some("feature-gates".to_owned()), Some(name.trim().to_owned()), None);
    } else if let Some((plugin, _)) = after(message, &["couldn't init admission plugin "]).and_then(quoted) {
        is(Cause::PluginRefused, None, Some(plugin), path_in(message));
    } else if let Some((flag, rest)) = message.split_once(" plugin \"")
        && let Some((plugin, " is unknown")) = rest.split_once('"')
    {
        is(
            Cause::UnknownPlugin,
            Some(flag.rsplit(' ').next().unwrap_or(flag).to_owned()),
            Some(plugin.to_owned()),
            None,
        );
    } else if let Some(plugin) = after(message, &["unknown admission plugin: ", "no such plugin: "]) {
        is(Cause::UnknownPlugin, None, Some(plugin.trim_matches('"').to_owned()), None);
    } else if message.contains("address already in use") {
        is(Cause::AddressInUse, None, listened(message), None);
    } else if let Some(address) = unreachable_etcd(message) {
        is(Cause::EtcdUnreachable, None, Some(address), None);
    } else if message.contains("private key does not match public key")
        || message.contains("failed to find any PEM data")
        || message.contains("x509: malformed")
        || message.contains("certificate and key must be supplied as a pair")
    {
        is(Cause::KeyMismatch, None, None, None);
    } else if message.contains("no such file or directory") {
        is(Cause::MissingFile, None, None, path_in(message));
    } else if message.contains("permission denied") {
        is(Cause::PermissionDenied, None, None, path_in(message));
    } else if message.contains("no space left on device") || message.contains("read-only file system") {
        is(Cause::CannotWrite, None, None, path_in(message));
    } else if let Some(flag) = bad_flag(message) {
        let value = after(message, &["mode ", "version "]).and_then(quoted).map(|(value, _)| value);
        let value = value.or_else(|| after(message, &["Cipher suite "])?.split(' ').next().map(str::to_owned));
        is(Cause::BadValue, Some(flag), value, None);
    }
    refusal
}

/// The flag in messages of the components' own validation.
fn bad_flag(message: &str) -> Option<String> {
    if message.starts_with("Cipher suite ") {
        return Some("tls-cipher-suites".to_owned());
    }
    if message.starts_with("unknown tls version ") {
        return Some("tls-min-version".to_owned());
    }
    if let Some((flag, _)) = message.split_once(" \"").filter(|_| message.ends_with("is not a valid mode")) {
        return Some(flag.to_owned());
    }
    // "--secure-port 70000 must be between 1 and 65535", alone or in a list of such messages.
    let start = message.find("--").filter(|at| *at == 0 || matches!(message.as_bytes()[at - 1], b'[' | b' ' | b'"'))?;
    flag_word(&message[start..])
}

/// What follows the first of these words that is in the text.
fn after<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    words.iter().find_map(|word| text.split_once(word)).map(|(_, rest)| rest)
}

/// A flag's name at the beginning of the text. Of `'x' in -xyz` the whole word; of `-v, --verbosity` the long one.
fn flag_word(text: &str) -> Option<String> {
    let text = text.split_once(" in ").map_or(text, |(_, rest)| rest);
    let text = text.split_once(", --").map_or(text, |(_, long)| long);
    let name = text.trim_start_matches('-');
    let end = name.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(name.len());
    (end > 0).then(|| name[..end].to_owned())
}

/// A text in Go's quotes at the beginning, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut out = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, &inner[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                c @ ('"' | '\\') => out.push(c),
                c => out.extend(['\\', c]),
            },
            c => out.push(c),
        }
    }
    None
}

/// The path in the system's words: `open /a/b: no such file or directory`. The last one: what stands before repeats it.
fn path_in(message: &str) -> Option<String> {
    let calls = ["open ", "stat ", "lstat ", "mkdir ", "read ", "write ", "unlink ", "chmod ", "rename "];
    let place =
        calls.iter().filter_map(|call| Some((message.rfind(&format!("{call}/"))? + call.len(), *call))).max()?.0;
    let rest = &message[place..];
    let end = rest.find(": ").unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}

/// `listen tcp 127.0.0.1:6443: bind: address already in use`.
fn listened(message: &str) -> Option<String> {
    let rest = after(message, &["listen tcp "])?;
    rest.split_once(": ").map(|(address, _)| address.to_owned())
}

/// The address of an etcd that refuses connections, in a line that is about one: its default ports, or the client's words.
fn unreachable_etcd(line: &str) -> Option<String> {
    if !line.contains("connection refused") {
        return None;
    }
    let rest = after(line, &["dial tcp "])?;
    let (address, _) = rest.split_once(": ")?;
    let of_client = line.contains("grpc: addrConn.createTransport failed") || line.contains("etcd");
    (of_client || address.ends_with(":2379")).then(|| address.to_owned())
}
