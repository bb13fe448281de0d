//! Commands for a shell. What comes from the node is quoted: a file's name is anybody's choice.

use std::fmt::Write;

use crate::plan::{Action, Change, How, Node, Restart};

/// A word as a POSIX shell (and, for characters that cannot be shown, bash) takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,=@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if seaworthy_report::clean(word) == word {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let mut out = String::from("$'");
    for byte in word.bytes() {
        match byte {
            b'\'' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                // Writing to a String does not fail.
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('\'');
    out
}

/// Where a copy of a file is kept while it is edited by hand: outside of any directory that a kubelet reads.
fn copy_of(path: &str, id: &str) -> String {
    format!("/root/{}.before-{id}", path.rsplit('/').next().unwrap_or("file"))
}

/// The commands around an edit: what is saved and made first, and what puts everything back.
#[derive(Default)]
pub(super) struct Commands {
    /// Before files are edited or written.
    pub(super) first: Vec<String>,
    /// Instead of, or after, an edit.
    pub(super) then: Vec<String>,
    /// Back to what was.
    pub(super) back: Vec<String>,
    /// Files whose content is edited or written, as the difference shows it.
    pub(super) edited: Vec<String>,
    /// The same of files that hold keys, whose difference is masked.
    pub(super) masked: Vec<String>,
}

impl Commands {
    pub(super) fn of(changes: &[Change], id: &str, node: &Node<'_>) -> Commands {
        let mut commands = Commands::default();
        let mut back: Vec<String> = Vec::new();
        for change in changes {
            let path = quoted(&change.path);
            match change.action {
                Action::MakeDirectory => {
                    let mode = change.mode.as_deref().unwrap_or("0755");
                    commands.first.push(format!("mkdir {path} && chmod {mode} {path}"));
                    back.push(format!("rmdir {path}"));
                }
                Action::Create => {
                    commands.first.push(format!("touch {path}"));
                    back.push(format!("rm {path}"));
                }
                Action::Edit => {
                    let copy = quoted(&copy_of(&change.path, id));
                    commands.first.push(format!("cp -p {path} {copy}"));
                    back.push(format!("cp -p {copy} {path}"));
                }
                Action::Attributes => back.extend(as_it_was(change, node)),
            }
            if matches!(change.action, Action::Create | Action::Edit) {
                let list = if change.secret { &mut commands.masked } else { &mut commands.edited };
                list.push(change.path.clone());
            }
            if change.action != Action::MakeDirectory {
                let mode = change.mode.as_ref().map(|mode| format!("chmod {mode} {path}"));
                let owner = change.owner.as_ref().map(|owner| format!("chown {} {path}", named(owner)));
                let list = if change.action == Action::Attributes { &mut commands.then } else { &mut commands.first };
                list.extend([owner, mode].into_iter().flatten());
            }
        }
        back.reverse();
        commands.back = back;
        commands
    }
}

/// `0:0` says less to most people than `root:root`, and is the same on every node.
pub(super) fn named(owner: &str) -> &str {
    if owner == "0:0" { "root:root" } else { owner }
}

/// Mode and owner as they are now, where they change and there is something already.
pub(super) fn attributes(change: &Change, node: &Node<'_>) -> (Option<String>, Option<String>) {
    let Ok(Some(found)) = node.found(&change.path) else { return (None, None) };
    let mode = change.mode.as_ref().map(|_| format!("{:04o}", found.mode));
    let owner = change.owner.as_ref().map(|_| format!("{}:{}", found.owner.0, found.owner.1));
    (mode, owner.map(|owner| named(&owner).to_owned()))
}

/// The commands that give a file its mode and owner of now.
fn as_it_was(change: &Change, node: &Node<'_>) -> Vec<String> {
    let path = quoted(&change.path);
    let (mode, owner) = attributes(change, node);
    let mode = mode.map(|mode| format!("chmod {mode} {path}"));
    let owner = owner.map(|owner| format!("chown {owner} {path}"));
    // Reversed with the rest: a change of the owner may take bits of the mode away, so the mode comes last.
    [mode, owner].into_iter().flatten().collect()
}

/// What makes a component take a change that was made by hand; nothing where the kubelet sees it by itself.
pub(super) fn restart(restart: &Restart) -> Option<String> {
    match restart.how {
        How::Manifest => None,
        How::Kubelet => Some("systemctl restart kubelet".to_owned()),
        How::Process => {
            let component = quoted(&restart.component);
            Some(format!("crictl stop \"$(crictl ps --quiet --name {component})\"    # the kubelet starts it again"))
        }
    }
}

/// What shows that a component is back.
pub(super) fn back(restart: &Restart) -> String {
    match restart.component.as_str() {
        "kubelet" => "curl -sS http://127.0.0.1:10248/healthz    # ok".to_owned(),
        component => format!("crictl ps --name {}    # Running, and not restarted again and again", quoted(component)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_words_and_never_commands() {
        assert_eq!(quoted("/etc/kubernetes/x.yaml"), "/etc/kubernetes/x.yaml");
        assert_eq!(quoted("/a b;rm -rf $HOME"), "'/a b;rm -rf $HOME'");
        assert_eq!(quoted("/it's"), r"'/it'\''s'");
        assert_eq!(quoted("/a\nreboot\u{202e}"), r"$'/a\x0areboot\xe2\x80\xae'");
        assert_eq!(quoted(""), "''");
    }
}
