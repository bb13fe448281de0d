//! Which processes are this node's components. A process is one if its program *and* its place agree; a word in somebody's command
//! line makes nobody a component.

use std::borrow::Cow;

use seaworthy_catalogue::Component;
use seaworthy_model::{Fact, Node, Place, Problem, Process, Source, SourcePlace, View};

use crate::why::Why;
use seaworthy_catalogue::{Occurrence, base_name, occurrences};

/// A process that is judged.
#[derive(Debug)]
pub(crate) struct Instance<'a> {
    pub(crate) component: &'a Component,
    pub(crate) process: Cow<'a, Process>,
    /// Its flags, if its arguments could be read.
    pub(crate) flags: Result<Vec<Occurrence>, Why>,
    /// What the reader should know about how it was recognised.
    pub(crate) notes: Vec<String>,
    /// Where its arguments were read, if not from the process.
    pub(crate) arguments: Option<Source>,
    /// Set where the process itself cannot be seen and the API stands in for it: why.
    pub(crate) unseen: Option<Why>,
}

impl Instance<'_> {
    /// The views in which a path of its arguments is looked up, best first.
    pub(crate) fn views(&self) -> Vec<View> {
        if self.unseen.is_some() {
            return Vec::new();
        }
        let own = View::Process(self.process.pid);
        match self.process.place.known() {
            Some(Place::Host | Place::Session) => vec![own, View::Host],
            _ => vec![own],
        }
    }

    /// `process 4594`.
    pub(crate) fn source(&self, part: &str) -> Source {
        if let Some(source) = self.arguments.as_ref().filter(|_| part == "arguments" || self.unseen.is_some()) {
            return source.clone();
        }
        let place = SourcePlace::Process {
            pid: self.process.pid,
            name: self.component.name.clone(),
            part: part.to_owned(),
            start: self.process.start,
        };
        place.into()
    }

    /// Whether it runs in a static pod.
    pub(crate) fn in_static_pod(&self) -> bool {
        matches!(self.process.place.known(), Some(Place::StaticPod { .. }))
    }
}

/// The processes of one component.
#[derive(Debug, Default)]
pub(crate) struct Instances<'a> {
    /// Those that are judged.
    pub(crate) judged: Vec<Instance<'a>>,
    /// Those that only look like it.
    pub(crate) also_seen: Vec<Problem>,
    /// Why processes could not be seen at all.
    pub(crate) unknown: Option<Why>,
}

enum Fit {
    Yes,
    Unsure(String),
    No(String),
}

pub(crate) fn find<'a>(component: &'a Component, node: Option<&'a Node>) -> Instances<'a> {
    let mut found = Instances::default();
    let Some(node) = node else {
        found.unknown = Some(Why::no_node());
        return found;
    };
    let processes = match &node.processes {
        Fact::Known { value, .. } => value,
        other => {
            found.unknown = other.missing().map(Why::missing);
            return found;
        }
    };
    let mut unsure = Vec::new();
    for process in processes {
        let Some(mut notes) = program(component, process) else { continue };
        match place(component, process) {
            Fit::Yes => found.judged.push(instance(component, process, notes)),
            Fit::Unsure(why) => {
                notes.push(why);
                unsure.push(instance(component, process, notes));
            }
            Fit::No(why) => found.also_seen.push(Problem {
                what: format!("process {} runs a program called {}", process.pid, component.name),
                why,
                source: Source::process(process.pid, &component.name, "control group"),
            }),
        }
    }
    if found.judged.is_empty() {
        let how_many = match unsure.len() {
            1 => "it is the only one of its name".to_owned(),
            several => format!("it is one of {several} of its name, of which the worst counts"),
        };
        unsure.iter_mut().for_each(|instance| instance.notes.push(how_many.clone()));
        found.judged = unsure;
    } else {
        found.also_seen.extend(unsure.iter().map(|instance| Problem {
            what: format!("process {} runs a program called {}", instance.process.pid, component.name),
            why: "its place could not be read, and another process is known to be this node's".to_owned(),
            source: instance.source("control group"),
        }));
    }
    found
}

fn instance<'a>(component: &'a Component, process: &'a Process, notes: Vec<String>) -> Instance<'a> {
    let flags = match &process.arguments {
        Fact::Known { value, .. } => Ok(occurrences(component, value)),
        other => Err(other.missing().map_or_else(Why::no_node, Why::missing)),
    };
    Instance { component, process: Cow::Borrowed(process), flags, notes, arguments: None, unseen: None }
}

/// Whether the process runs the component's program; with what the reader should know about how that was told.
fn program(component: &Component, process: &Process) -> Option<Vec<String>> {
    let is = |name: &str| component.programs.iter().any(|p| p == name);
    if let Some(executable) = process.executable.known() {
        return is(base_name(executable)).then(Vec::new);
    }
    // Without the right to see the program itself, its name and its first argument must agree. Both can be forged by whoever may
    // start processes, so the evidence says on what it rests.
    let first = process.arguments.known().and_then(|a| a.first()).map(|a| base_name(a));
    let comm =
        component.programs.iter().any(|p| p.get(..15).unwrap_or(p) == process.comm.get(..15).unwrap_or(&process.comm));
    match first {
        Some(first) if is(first) && comm => Some(vec![format!(
            "known by its name and first argument only: {}",
            process.executable.missing().map_or_else(String::new, |m| m.to_string())
        )]),
        _ => None,
    }
}

fn place(component: &Component, process: &Process) -> Fit {
    let allows = |place: &str| component.places.iter().any(|p| p == place);
    let place = match &process.place {
        Fact::Known { value, .. } => value,
        other => {
            let why = other.missing().map_or_else(String::new, |m| m.to_string());
            return Fit::Unsure(format!("where it runs could not be read ({why})"));
        }
    };
    match place {
        Place::StaticPod { .. } if allows("static-pod") => Fit::Yes,
        Place::Host if allows("host") => Fit::Yes,
        Place::Pod { namespace: Some(namespace), name: Some(name), .. } if allows("daemon-set") => {
            let owner = component.daemon_set.as_deref().and_then(|d| d.split_once('/'));
            match owner {
                Some((ns, set))
                    if ns == namespace && name.strip_prefix(set).is_some_and(|rest| rest.starts_with('-')) =>
                {
                    Fit::Yes
                }
                _ => Fit::No(format!(
                    "it runs in the pod {namespace}/{name}, which is not this node's {}",
                    component.name
                )),
            }
        }
        Place::Pod { .. } if allows("daemon-set") => {
            Fit::Unsure("the name of its pod could not be read; it is taken for this node's".to_owned())
        }
        Place::Pod { namespace, name, uid } => Fit::No(format!(
            "it runs in somebody's pod ({})",
            match (namespace, name) {
                (Some(namespace), Some(name)) => format!("{namespace}/{name}"),
                _ => format!("uid {uid}"),
            }
        )),
        Place::Session => Fit::No("it runs in a user's session".to_owned()),
        Place::Container { .. } => Fit::No("it runs in a container that is no pod of this node's kubelet".to_owned()),
        Place::StaticPod { .. } => Fit::No(format!("it runs in a static pod, and {} does not", component.name)),
        Place::Host => Fit::No(format!("it runs on the host, and {} does not", component.name)),
    }
}
