//! Processes by identity: a number alone may be somebody else's by now.

use seaworthy_collect::{Tree, Trouble};

use super::RestartError;

/// The most that is read of a file of `/proc`.
const LIMIT: usize = 1 << 20;

/// A process, and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who {
    /// Its number.
    pub pid: u32,
    /// When it started, in the kernel's ticks since the node's start: no clock that jumps.
    pub start: u64,
}

/// The process of this number, if there is one that is not dead yet.
pub fn identify(tree: &dyn Tree, pid: u32) -> Option<Who> {
    // Of a process that ended and was not collected yet, the state is Z; X is the moment after.
    let start = field(tree, pid, 19)?.parse().ok()?;
    let state = field(tree, pid, 0)?;
    (!matches!(state.as_str(), "Z" | "X" | "x")).then_some(Who { pid, start })
}

/// Whether it runs.
pub(super) fn lives(tree: &dyn Tree, who: Who) -> bool {
    identify(tree, who.pid) == Some(who)
}

/// The processes of a program, by its own name or the first argument: a program of many names is told by the latter. Children of such
/// processes are left out: for a moment after a fork a child looks as its parent does.
///
/// # Errors
/// If processes cannot be listed.
pub fn find(tree: &dyn Tree, program: &str) -> Result<Vec<Who>, RestartError> {
    let pids = tree.processes().map_err(RestartError::Processes)?;
    let mut found: Vec<Who> =
        pids.into_iter().filter(|pid| runs(tree, *pid, program)).filter_map(|pid| identify(tree, pid)).collect();
    let all: Vec<u32> = found.iter().map(|who| who.pid).collect();
    found.retain(|who| parent(tree, who.pid).is_none_or(|parent| !all.contains(&parent)));
    Ok(found)
}

fn runs(tree: &dyn Tree, pid: u32, program: &str) -> bool {
    let mut cmdline = Vec::new();
    let _ = tree.process_file(pid, "cmdline", LIMIT, &mut cmdline);
    let name = cmdline.split(|byte| *byte == 0).next().unwrap_or_default();
    if base(name) == program.as_bytes() {
        return true;
    }
    let executable = tree.process_link(pid, "exe").unwrap_or_default();
    base(executable.strip_suffix(b" (deleted)").unwrap_or(&executable)) == program.as_bytes()
}

fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// Its parent's number.
pub(super) fn parent(tree: &dyn Tree, pid: u32) -> Option<u32> {
    field(tree, pid, 1)?.parse().ok()
}

/// Whether it has a controlling terminal.
pub(super) fn has_terminal(tree: &dyn Tree, pid: u32) -> bool {
    field(tree, pid, 4).is_some_and(|terminal| terminal != "0")
}

/// Whether it is a shell.
pub(super) fn is_shell(tree: &dyn Tree, pid: u32) -> bool {
    let shells = ["sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox"];
    comm(tree, pid).is_some_and(|comm| shells.contains(&comm.as_str()))
}

/// The kernel's name for it.
pub(super) fn comm(tree: &dyn Tree, pid: u32) -> Option<String> {
    let mut text = Vec::new();
    tree.process_file(pid, "comm", LIMIT, &mut text).ok()?;
    Some(String::from_utf8_lossy(&text).trim_end_matches('\n').to_owned())
}

/// A field of `stat`, counted from the state, which follows the name: that may hold brackets and blanks.
fn field(tree: &dyn Tree, pid: u32, index: usize) -> Option<String> {
    let mut text = Vec::new();
    let read: Result<(), Trouble> = tree.process_file(pid, "stat", LIMIT, &mut text);
    read.ok()?;
    let after = text.iter().rposition(|byte| *byte == b')')? + 1;
    std::str::from_utf8(&text[after..]).ok()?.split_ascii_whitespace().nth(index).map(str::to_owned)
}
