//! Changes to the processes of a recorded node.

use std::sync::Arc;

use super::{Content, Entry, Node};

impl Node {
    /// The process that runs this program.
    pub(crate) fn pid(&self, program: &str) -> u32 {
        let leads = |content: &Content| matches!(content, Content::Link(to) if to.ends_with(&format!("/{program}")));
        self.entries
            .iter()
            .filter_map(|(path, entry)| {
                let pid = path.strip_prefix("proc/")?.strip_suffix("/exe")?.parse().ok()?;
                leads(&entry.content).then_some(pid)
            })
            .next()
            .unwrap_or_else(|| panic!("nothing runs {program}"))
    }

    /// A path below the process's folder of `/proc`.
    pub(crate) fn proc(&self, program: &str, part: &str) -> String {
        format!("proc/{}/{part}", self.pid(program))
    }

    /// A path as the process of a container sees it.
    pub(crate) fn inside(&self, program: &str, path: &str) -> String {
        self.proc(program, &format!("root{path}"))
    }

    fn arguments_of(&self, program: &str) -> Vec<String> {
        let text = self.text(&self.proc(program, "cmdline"));
        text.strip_suffix('\0').unwrap_or(&text).split('\0').map(str::to_owned).collect()
    }

    fn with_arguments(self, program: &str, arguments: &[String]) -> Node {
        let path = self.proc(program, "cmdline");
        self.write(&path, nul_separated(arguments))
    }

    /// Adds arguments behind those that are there.
    pub(crate) fn with(self, program: &str, more: &[&str]) -> Node {
        let mut arguments = self.arguments_of(program);
        arguments.extend(more.iter().map(|a| (*a).to_owned()));
        self.with_arguments(program, &arguments)
    }

    /// Takes a flag away, in whatever form it stands there.
    pub(crate) fn without(self, program: &str, flag: &str) -> Node {
        let own = |argument: &String| argument == flag || argument.starts_with(&format!("{flag}="));
        let mut arguments = self.arguments_of(program);
        assert!(arguments.iter().any(own), "{program} has no {flag}");
        arguments.retain(|argument| !own(argument));
        self.with_arguments(program, &arguments)
    }

    /// Replaces all arguments behind the program's name.
    pub(crate) fn only(self, program: &str, arguments: &[&str]) -> Node {
        let mut list = self.arguments_of(program);
        list.truncate(1);
        list.extend(arguments.iter().map(|a| (*a).to_owned()));
        self.with_arguments(program, &list)
    }

    /// Adds variables to the process's environment.
    pub(crate) fn environment(self, program: &str, variables: &[&str]) -> Node {
        let path = self.proc(program, "environ");
        let text = self.text(&path);
        let more: Vec<String> = variables.iter().map(|v| (*v).to_owned()).collect();
        self.write(&path, text + &nul_separated(&more))
    }

    /// A part of the process's folder of `/proc` is not there to be read.
    pub(crate) fn lose(self, program: &str, part: &str) -> Node {
        let path = self.proc(program, part);
        assert!(self.entries.contains_key(&path), "{path} is not on this node");
        self.remove(&path)
    }

    /// The process runs in another control group, by version 2.
    pub(crate) fn group(self, program: &str, path: &str) -> Node {
        let file = self.proc(program, "cgroup");
        self.write(&file, format!("0::{path}\n"))
    }

    /// Writes a file that only the process sees, at this place of its own view.
    pub(crate) fn show(self, program: &str, path: &str, text: impl AsRef<[u8]>) -> Node {
        let path = self.inside(program, path);
        self.write(&path, text)
    }

    /// The process ends.
    pub(crate) fn kill(self, program: &str) -> Node {
        let folder = format!("proc/{}", self.pid(program));
        self.remove(&folder)
    }

    /// Starts a process of the host.
    pub(crate) fn start(self, pid: u32, exe: Option<&str>, comm: &str, arguments: &[&str], cgroup: &str) -> Node {
        let list: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        let folder = format!("proc/{pid}");
        let node = self
            .write(&format!("{folder}/cmdline"), nul_separated(&list))
            .write(&format!("{folder}/comm"), format!("{comm}\n"))
            .write(&format!("{folder}/environ"), "PATH=/bin\0")
            .write(&format!("{folder}/status"), format!("Name:\t{comm}\nPPid:\t1\nUid:\t0\t0\t0\t0\n"))
            .write(&format!("{folder}/cgroup"), format!("0::{cgroup}\n"))
            .link(&format!("{folder}/root"), "/");
        match exe {
            Some(exe) => node.link(&format!("{folder}/exe"), exe),
            None => node,
        }
    }

    /// A second process like that of this program, under another number.
    pub(crate) fn double(mut self, program: &str, pid: u32) -> Node {
        let from = format!("proc/{}/", self.pid(program));
        let copies: Vec<(String, Arc<Entry>)> = self
            .entries
            .iter()
            .filter_map(|(path, entry)| Some((format!("proc/{pid}/{}", path.strip_prefix(&from)?), Arc::clone(entry))))
            .collect();
        assert!(!copies.is_empty());
        self.entries.extend(copies);
        self
    }
}

fn nul_separated(list: &[String]) -> String {
    list.iter().map(|argument| format!("{argument}\0")).collect()
}
