//! Makes a line of a log safe to show. What is a secret by its own form the collector tells; here it is told by the name before it, in free
//! text, where "token: invalid" is a reason and no secret.

/// What stands in a secret's place; the same word as the collector's.
const MARK: &str = "REDACTED";
/// How names end that a secret follows, in lower case and without dashes.
const NAMES: [&str; 9] =
    ["token", "password", "passwd", "passphrase", "secret", "secretkey", "privatekey", "apikey", "authorization"];

/// The text without secrets, control characters and characters that reorder text.
pub(crate) fn safe(text: &str) -> String {
    seaworthy_report::clean(&mask(text)).into_owned()
}

/// The text without what a name tells to be a secret, and without what is one by its form.
fn mask(text: &str) -> String {
    let text = seaworthy_collect::redacted(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some((kept, secret)) = assigned(&out, rest) {
            out.push_str(&rest[..kept]);
            out.push_str(MARK);
            rest = &rest[kept + secret..];
            continue;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// After a name that a secret follows, at what stands between them: how much to keep, and how long the secret is.
fn assigned(before: &str, text: &str) -> Option<(usize, usize)> {
    let first = text.chars().next().filter(|c| matches!(c, '=' | ':' | ' '))?;
    let name = before.trim_end_matches(['"', '\'', '\\']);
    let quoted = name.len() < before.len();
    let start = name.rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).map_or(0, |at| at + 1);
    let start = name.ceil_char_boundary(start);
    let word = &name[start..];
    let plain: String = word.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect();
    let named = NAMES.iter().any(|end| plain.ends_with(end));
    let scheme = first == ' ' && matches!(plain.as_str(), "bearer" | "basic");
    let flag = first == ' ' && named && word.starts_with("--");
    if !(scheme || flag || (named && first != ' ')) {
        return None;
    }
    let tail = &text[1..];
    let kept = 1 + (tail.len() - tail.trim_start_matches([' ', '"', '\'', '\\']).len());
    let value = &text[kept..];
    let end = value
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | '&' | ',' | ';' | '}' | ']' | ')'))
        .unwrap_or(value.len());
    let secret = &value[..end];
    // `Authorization: Bearer …`: the next turn sees the credential itself.
    if secret.is_empty() || ["bearer", "basic", "true", "false"].iter().any(|word| secret.eq_ignore_ascii_case(word)) {
        return None;
    }
    // "parsing the token: invalid" is the reason that is looked for, no secret.
    let prose =
        (scheme || (first == ':' && !quoted)) && !(secret.len() >= 8 && secret.contains(|c: char| c.is_ascii_digit()));
    (!prose && !secret.starts_with(MARK)).then_some((kept, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_reasons_stay() {
        for (text, want) in [
            ("--bootstrap-token=ab.cdef x", "--bootstrap-token=REDACTED x"),
            ("--token ab.cdef x", "--token REDACTED x"),
            ("--token-auth-file=/etc/x", "--token-auth-file=/etc/x"),
            (r#"{"client_secret":"s3cr3t","a":1}"#, r#"{"client_secret":"REDACTED","a":1}"#),
            (r#"err="{\"password\":\"hunter\"}""#, r#"err="{\"password\":\"REDACTED\"}""#),
            ("Authorization: Bearer abcdefgh12345", "Authorization: Bearer REDACTED"),
            ("get https://user:pw@host/path", "get https://REDACTED@host/path"),
            ("a eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2ln b", "a REDACTED b"),
            ("-----BEGIN RSA PRIVATE KEY-----MIIB", "-----BEGIN RSA PRIVATE KEY-----REDACTED"),
            ("error parsing token: invalid", "error parsing token: invalid"),
            ("the bearer token is missing", "the bearer token is missing"),
            ("a\u{1b}[31mb\u{202e}", r"a\u{1b}[31mb\u{202e}"),
            ("--profiling=maybe: invalid", "--profiling=maybe: invalid"),
            ("Ωtoken=x", "Ωtoken=REDACTED"),
        ] {
            assert_eq!(safe(text), want);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(text in ".{0,200}", secret in "[a-z0-9]{8,20}") {
            let shown = safe(&text);
            proptest::prop_assert!(!shown.chars().any(char::is_control));
            let with = format!("{text} --token={secret} x");
            let bare = format!("--token={secret}");
            proptest::prop_assert!(!safe(&with).contains(&bare));
        }
    }
}
