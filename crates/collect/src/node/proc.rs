//! What the files of `/proc/PID` say. The texts are a process's own to shape: nothing here trusts them.

/// The most that is read of an argument list or an environment.
pub(crate) const LIST_LIMIT: usize = 4 << 20;
/// The most that is read of any other file of `/proc`.
pub(crate) const FILE_LIMIT: usize = 1 << 20;

/// The strings of `cmdline` or `environ`.
pub(crate) fn strings(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let list = list.strip_suffix(b"\0").unwrap_or(list);
    (!list.is_empty()).then(|| list.split(|byte| *byte == 0)).into_iter().flatten()
}

/// The arguments of `cmdline`.
pub(crate) fn arguments(cmdline: &[u8]) -> Vec<String> {
    strings(cmdline).map(|argument| String::from_utf8_lossy(argument).into_owned()).collect()
}

/// The variables of `environ` that `wanted` holds. Of a variable that is set twice the first counts, as in the C library.
pub(crate) fn variables(environ: &[u8], wanted: &[&str]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for entry in strings(environ) {
        let Some(equals) = entry.iter().position(|byte| *byte == b'=') else { continue };
        let (name, value) = (&entry[..equals], &entry[equals + 1..]);
        let Some(name) = wanted.iter().find(|wanted| wanted.as_bytes() == name) else { continue };
        if !found.iter().any(|(known, _)| known == name) {
            found.push(((*name).to_owned(), String::from_utf8_lossy(value).into_owned()));
        }
    }
    found.sort();
    found
}

/// The last name of a path.
pub(crate) fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// `status`: the parent's id and the effective user.
pub(crate) fn status(text: &[u8]) -> (Option<u32>, Option<u32>) {
    let field = |name: &[u8], index: usize| {
        let line = text.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(name))?;
        std::str::from_utf8(line).ok()?.split_ascii_whitespace().nth(index)?.parse().ok()
    };
    (field(b"PPid:", 0), field(b"Uid:", 1))
}

/// `stat`: the clock ticks between the node's start and the process's. The name in it may hold brackets and spaces.
pub(crate) fn start_ticks(text: &[u8]) -> Option<u64> {
    let after = text.iter().rposition(|byte| *byte == b')')? + 1;
    std::str::from_utf8(&text[after..]).ok()?.split_ascii_whitespace().nth(19)?.parse().ok()
}

/// `/proc/uptime`, in milliseconds.
pub(crate) fn uptime(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.split_ascii_whitespace().next()?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = fraction.bytes().filter(u8::is_ascii_digit).chain(*b"000").take(3);
    let fraction = digits.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    seconds.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(fraction)
}

/// Where `exe` leads: the kernel marks a program that was removed or replaced since it started.
pub(crate) fn executable(link: &[u8]) -> &[u8] {
    link.strip_suffix(b" (deleted)").unwrap_or(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_split_at_nul_and_empty_ones_are_kept() {
        assert_eq!(arguments(b"kubelet\0--x=\0\0--y\0"), ["kubelet", "--x=", "", "--y"]);
        assert_eq!(arguments(b"title without an end"), ["title without an end"]);
        assert!(arguments(b"").is_empty());
        assert_eq!(arguments(b"a\xff\0"), ["a\u{fffd}"]);
    }

    #[test]
    fn a_name_with_brackets_does_not_shift_the_start() {
        let text = b"7 (a) b) S) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 9 0 4321 0";
        assert_eq!(start_ticks(text), Some(4321));
        assert_eq!(start_ticks(b"7 (a"), None);
        assert_eq!(start_ticks(b""), None);
    }

    #[test]
    fn the_effective_user_counts() {
        assert_eq!(status(b"Name:\tx\nPPid:\t1\nUid:\t1000\t0\t1000\t1000\n"), (Some(1), Some(0)));
        assert_eq!(status(b"Uid:\n"), (None, None));
    }

    #[test]
    fn uptime_is_read_to_the_millisecond() {
        assert_eq!(uptime(b"1900.65 2546.10\n"), Some(1_900_650));
        assert_eq!(uptime(b"7\n"), Some(7000));
        assert_eq!(uptime(b"x"), None);
    }

    #[test]
    fn only_wanted_variables_are_kept_and_the_first_counts() {
        let found = variables(b"A=1\0ETCD_NAME=x=y\0ETCD_NAME=z\0PASSWORD=p\0broken\0", &["ETCD_NAME"]);
        assert_eq!(found, [("ETCD_NAME".to_owned(), "x=y".to_owned())]);
    }
}
