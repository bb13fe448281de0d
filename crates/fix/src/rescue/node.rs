//! The node's files and processes, as a diagnosis reads them.

use seaworthy_catalogue::{Component, base_name};
use seaworthy_collect::{Links, Seen, Trouble};
use seaworthy_model::{FileKind, View};

use super::Cx;

/// The largest manifest that is read; the kubelet stops at 10 MiB.
const LIMIT: usize = 4 << 20;

/// A program of this node that runs.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub(super) pid: u32,
    /// The kernel's letter: `S`, `T`, `Z` …
    pub(super) state: char,
    pub(super) arguments: Vec<String>,
    /// Whether the kubelet started it, by its control group.
    pub(super) pod: bool,
}

impl Cx<'_> {
    pub(super) fn look(&self, path: &str) -> Result<Seen, Trouble> {
        self.tree.look(View::Host, path.as_bytes(), Links::Follow)
    }

    /// What is there; `None` if nothing is, or it could not be looked at.
    pub(super) fn seen(&self, path: &str) -> Option<Seen> {
        self.look(path).ok()
    }

    /// Whether something is there. What may not be looked at counts as there: it is not said to be missing.
    pub(super) fn exists(&self, path: &str) -> bool {
        !matches!(self.look(path), Err(Trouble::Absent | Trouble::Dangling { .. }))
    }

    pub(super) fn bytes(&self, path: &str) -> Result<Vec<u8>, Trouble> {
        let seen = self.look(path)?;
        let mut bytes = Vec::new();
        self.tree.read(&seen, LIMIT, &mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn text(&self, path: &str) -> Option<String> {
        String::from_utf8(self.bytes(path).ok()?).ok()
    }

    /// The names in a directory.
    pub(super) fn names(&self, path: &str) -> Result<Vec<String>, Trouble> {
        let seen = self.look(path)?;
        let names = self.tree.list(&seen)?;
        Ok(names.into_iter().map(|name| String::from_utf8_lossy(&name).into_owned()).collect())
    }

    pub(super) fn is_file(&self, path: &str) -> bool {
        self.seen(path).is_some_and(|seen| seen.kind == FileKind::Regular)
    }

    /// The component's processes; `None` if the node's processes cannot be seen (a copy of its disk has none).
    pub(super) fn processes(&self, component: &Component) -> Option<Vec<Process>> {
        let pids = self.tree.processes().ok().filter(|pids| !pids.is_empty())?;
        Some(pids.into_iter().filter_map(|pid| self.process(pid, component)).collect())
    }

    fn process(&self, pid: u32, component: &Component) -> Option<Process> {
        let mut bytes = Vec::new();
        self.tree.process_file(pid, "cmdline", 1 << 20, &mut bytes).ok()?;
        let words = bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
        let mut arguments: Vec<String> = words.collect();
        arguments.pop_if(|last| last.is_empty());
        let is = |word: &String| component.programs.iter().any(|program| program == base_name(word));
        if !arguments.iter().take(2).any(is) {
            return None;
        }
        self.tree.process_file(pid, "stat", 1 << 16, &mut bytes).ok()?;
        let stat = String::from_utf8_lossy(&bytes);
        // The name stands in parentheses and may hold any letter.
        let state = stat.rsplit_once(") ")?.1.chars().next()?;
        let group = self.tree.process_file(pid, "cgroup", 1 << 16, &mut bytes).is_ok();
        let pod = group && String::from_utf8_lossy(&bytes).contains("kubepods");
        (!matches!(state, 'Z' | 'X')).then_some(Process { pid, state, arguments, pod })
    }

    /// The node's name, as it calls itself.
    pub(super) fn host_name(&self) -> Option<String> {
        let text = self.text("/proc/sys/kernel/hostname").or_else(|| self.text("/etc/hostname"))?;
        let name = text.trim().to_lowercase();
        (!name.is_empty()).then_some(name)
    }
}

/// The directory that a path is in.
pub(super) fn above(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((above, _)) => above,
    }
}

/// One line of a text, as evidence: `12 | text`. What a container's environment says is not shown.
pub(super) fn quote(text: &str, line: u32) -> Option<String> {
    let found = text.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)?;
    if is_value(found) {
        let (key, _) = found.split_once("value").unwrap_or_default();
        return Some(format!("{line} | {}value: ********", crate::health::logs::safe(key)));
    }
    let shown: String = found.chars().take(200).collect();
    Some(format!("{line} | {}", crate::health::logs::safe(&shown)))
}

/// Whether a line is a value in a container's environment, which may be a password.
pub(super) fn is_value(line: &str) -> bool {
    line.trim_start_matches([' ', '\t', '-', '{', ',', '"']).starts_with("value")
}
