//! The processes that are, or call themselves, components. Over-inclusive on purpose: which of them counts is for the engine to say.

use seaworthy_catalogue::Component;
use seaworthy_model::{Fact, Grant, GrantKind, Process, Source, SourcePlace, Variable, View};

use super::context::{Context, trace};
use super::mounts::Table;
use super::proc::{self, FILE_LIMIT, LIST_LIMIT};
use super::{cgroup, places};
use crate::{Trouble, redact};

/// What the kernel leaves of a process's name.
const COMM: usize = 15;

/// A process and what else the collector has to know of it.
pub(crate) struct Found<'a> {
    pub(crate) process: Process,
    /// The components that it may be, with whether it runs where such a component may.
    pub(crate) components: Vec<(&'a Component, bool)>,
    /// Through whose eyes its paths are looked at.
    pub(crate) view: View,
    pub(super) mounts: Table,
}

/// What was found in `/proc`.
pub(crate) struct Gathered<'a> {
    pub(crate) found: Vec<Found<'a>>,
    /// Why there may be others.
    pub(crate) hidden: Option<Fact<Vec<Process>>>,
}

impl Gathered<'_> {
    pub(crate) fn fact(self) -> Fact<Vec<Process>> {
        self.hidden.unwrap_or_else(|| {
            let value = self.found.into_iter().map(|found| found.process).collect();
            Fact::Known { value, source: Source::host("/proc") }
        })
    }
}

/// Goes through `/proc`.
pub(crate) fn gather<'a>(cx: &Context<'a>) -> Gathered<'a> {
    let source = Source::host("/proc");
    let pids = match cx.tree.processes() {
        Ok(pids) if pids.is_empty() && !cx.nature.live => Err(Trouble::Unrecorded),
        Err(Trouble::Absent) => Err(Trouble::Unrecorded),
        other => other,
    };
    let pids = match pids {
        Ok(pids) => pids,
        Err(trouble) => return Gathered { found: Vec::new(), hidden: Some(cx.missing(&trouble, source)) },
    };
    let mut hidden = None;
    // The first process is always there; a /proc without it hides those of other users.
    if cx.nature.live && pids.first() != Some(&1) {
        hidden = Some(other_users(source.clone(), "the processes of other users are hidden"));
    }
    let mut search = Search { cx, command: Vec::new(), name: Vec::new() };
    let mut found = Vec::new();
    for pid in pids {
        match search.look(pid) {
            Ok(Some(process)) => found.push(process),
            Ok(None) => {}
            Err(error) => hidden = hidden.or_else(|| Some(other_users(source.clone(), &error))),
        }
    }
    places::views(cx, &mut found);
    places::name_pods(cx, &mut found);
    Gathered { found, hidden }
}

fn other_users(source: Source, error: &str) -> Fact<Vec<Process>> {
    Fact::Denied { error: error.to_owned(), grant: Grant::new(GrantKind::User, "root"), source }
}

struct Search<'c, 'a> {
    cx: &'c Context<'a>,
    command: Vec<u8>,
    name: Vec<u8>,
}

impl<'a> Search<'_, 'a> {
    /// The process, if it may be a component and is still there; an error if nothing of it may be read.
    fn look(&mut self, pid: u32) -> Result<Option<Found<'a>>, String> {
        let tree = self.cx.tree;
        let name = tree.process_file(pid, "comm", FILE_LIMIT, &mut self.name);
        let command = tree.process_file(pid, "cmdline", LIST_LIMIT, &mut self.command);
        match (&name, &command) {
            (Err(Trouble::Denied(error)), Err(Trouble::Denied(_))) => return Err(error.clone()),
            (Err(Trouble::Absent), Err(Trouble::Absent)) => return Ok(None),
            (Err(Trouble::Absent), _) | (_, Err(Trouble::Absent)) if self.cx.nature.live => return Ok(None),
            _ => {}
        }
        if name.is_err() {
            self.name.clear();
        }
        if command.is_err() {
            self.command.clear();
        }
        let program = tree.process_link(pid, "exe");
        let exe = program.as_deref().map_or(b"".as_slice(), |link| proc::base(proc::executable(link)));
        let comm = self.name.trim_ascii_end();
        let mut strings = proc::strings(&self.command);
        let first = strings.next().map(proc::base).unwrap_or_default();
        let second = strings.next().map(proc::base).unwrap_or_default();
        let is = |program: &str| {
            let program = program.as_bytes();
            [exe, first, second].contains(&program) || comm == &program[..program.len().min(COMM)]
        };
        let of = |component: &Component| component.programs.iter().any(|program| is(program));
        if !self.cx.catalogue.components.iter().any(of) {
            return Ok(None);
        }
        let components: Vec<&'a Component> = self.cx.catalogue.components.iter().filter(|c| of(c)).collect();
        Ok(self.details(pid, &components, &program, command.err()))
    }

    /// All that is kept of it; `None` if it has ended meanwhile.
    fn details(
        &self,
        pid: u32,
        components: &[&'a Component],
        program: &Result<Vec<u8>, Trouble>,
        no_command: Option<Trouble>,
    ) -> Option<Found<'a>> {
        let (cx, tree) = (self.cx, self.cx.tree);
        let mut text = Vec::new();
        let mut read = |name: &str, limit: usize| tree.process_file(pid, name, limit, &mut text).map(|()| text.clone());
        let (status, stat) = (read("status", FILE_LIMIT), read("stat", FILE_LIMIT));
        if cx.nature.live && (status == Err(Trouble::Absent) || stat == Err(Trouble::Absent)) {
            return None;
        }
        let (parent, uid) = status.as_deref().map_or((None, None), proc::status);
        let ticks = stat.ok().as_deref().and_then(proc::start_ticks);
        let start = cx.boot.zip(ticks).and_then(|(boot, ticks)| {
            let since = i64::try_from(ticks.checked_mul(1000)? / cx.nature.ticks.max(1)).ok()?;
            boot.checked_add(since)
        });
        let name = components.first().map_or("", |component| component.programs.first().map_or("", String::as_str));
        let source = |part: &str| -> Source {
            SourcePlace::Process { pid, name: name.to_owned(), part: part.to_owned(), start }.into()
        };
        let arguments = match no_command {
            Some(trouble) => self.missing(&trouble, source("arguments")),
            // A process that has ended and waits for its parent has none left.
            None if self.command.is_empty() => Fact::Absent { source: source("arguments") },
            None => {
                Fact::Known { value: redact::arguments(proc::arguments(&self.command)), source: source("arguments") }
            }
        };
        let executable = match program {
            Ok(link) => {
                let value = String::from_utf8_lossy(proc::executable(link)).into_owned();
                Fact::Known { value, source: source("executable") }
            }
            Err(trouble) => self.missing(trouble, source("executable")),
        };
        let names: Vec<&str> =
            components.iter().flat_map(|c| &c.settings).filter_map(|setting| setting.environment.as_deref()).collect();
        let environment = if names.is_empty() {
            Fact::Known { value: Vec::new(), source: source("environment") }
        } else {
            match read("environ", LIST_LIMIT) {
                Ok(text) => Fact::Known { value: variables(&text, &names), source: source("environment") },
                Err(trouble) => self.missing(&trouble, source("environment")),
            }
        };
        let place = match read("cgroup", FILE_LIMIT) {
            Ok(text) => Fact::Known { value: cgroup::place(&text, &cx.first_cgroup), source: source("cgroup") },
            Err(trouble) => self.missing(&trouble, source("cgroup")),
        };
        // A process in the first one's namespace and root has its mounts, which the kernel takes long to write.
        let link = |name: &str| tree.process_link(pid, name).ok();
        let like_first = cx.first_namespace.is_some()
            && link("ns/mnt") == cx.first_namespace
            && link("root").as_deref() == Some(b"/".as_slice());
        let mounts = if like_first {
            cx.first.clone()
        } else {
            read("mountinfo", FILE_LIMIT).map_or_else(|_| Table::default(), |text| Table::parse(&text))
        };
        let process = Process {
            pid,
            parent,
            comm: String::from_utf8_lossy(self.name.trim_ascii_end()).into_owned(),
            executable,
            arguments,
            environment,
            uid,
            start,
            place,
            mounts: Vec::new(),
        };
        let components = components.iter().map(|component| (*component, false)).collect();
        Some(Found { process, components, view: View::Host, mounts })
    }

    /// Why a part of a process is not known.
    fn missing<T>(&self, trouble: &Trouble, source: Source) -> Fact<T> {
        match trouble {
            Trouble::Denied(error) => Fact::Denied { error: error.clone(), grant: trace(), source },
            Trouble::Absent if !self.cx.nature.live => self.cx.missing(&Trouble::Unrecorded, source),
            other => self.cx.missing(other, source),
        }
    }
}

fn variables(environ: &[u8], names: &[&str]) -> Vec<Variable> {
    let found = proc::variables(environ, names).into_iter();
    found.map(|(name, value)| Variable { name, value: redact::value(&value) }).collect()
}
