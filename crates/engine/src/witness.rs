//! Two witnesses: the process that runs, and the manifest that the next one will be started from. The verdict is about what runs;
//! where the two differ, the evidence says so.

use seaworthy_catalogue::{Component, Setting};
use seaworthy_model::{Candidate, Container, Fact, Manifest, Node, Source, Span};

use crate::context::Context;
use crate::instances::Instance;
use crate::settings::Effective;
use seaworthy_catalogue::{Occurrence, base_name, occurrences};

/// Why a manifest's value does not count.
pub(crate) const NOT_RUNNING: &str = "written in the manifest, and not running";

/// Why a file's value does not count where the component says what it runs by.
pub(crate) const NOT_RUN_BY: &str = "written in the file, and not running";

/// A component as a manifest has it.
#[derive(Debug)]
pub(crate) struct Written<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) container: &'a Container,
    /// The flags of its arguments.
    pub(crate) flags: Vec<Occurrence>,
}

impl Written<'_> {
    /// The line on which a flag stands, and its text. Of several the last, which is the one that counts.
    pub(crate) fn line(&self, flag: &str) -> Option<(u32, &str)> {
        let last = self.flags.iter().rfind(|o| o.flag == flag)?;
        self.container.arguments.get(last.index).map(|a| (a.line, a.text.as_str()))
    }
}

/// The manifests that run a component.
pub(crate) fn find<'a>(node: Option<&'a Node>, component: &Component) -> Vec<Written<'a>> {
    let Some(Fact::Known { value: manifests, .. }) = node.map(|node| &node.manifests) else { return Vec::new() };
    manifests
        .iter()
        .filter_map(|manifest| {
            let container = manifest.pod.known()?.containers.iter().find(|container| runs(container, component))?;
            let texts: Vec<String> = container.arguments.iter().map(|a| a.text.clone()).collect();
            Some(Written { manifest, container, flags: occurrences(component, &texts) })
        })
        .collect()
}

/// Whether a container runs the component: by the first word of its command, or by a word of the command of a shell that starts it.
fn runs(container: &Container, component: &Component) -> bool {
    let is = |word: &str| component.programs.iter().any(|p| p == base_name(word));
    let named = component.programs.contains(&container.name);
    named
        || container.arguments.iter().take(2).any(|a| is(&a.text))
        || container.arguments.iter().take(3).any(|a| a.text.split_whitespace().any(is))
}

pub(crate) fn compare(context: &Context<'_>, instance: &Instance<'_>, setting: &Setting, effective: &mut Effective) {
    let (Some(flag), Ok(running)) = (&setting.flag, &instance.flags) else { return };
    if !instance.in_static_pod() {
        return;
    }
    let mine = |list: &'_ [Occurrence]| -> Vec<Option<String>> {
        list.iter().filter(|o| &o.flag == flag).map(|o| o.value.clone()).collect()
    };
    let runs = mine(running);
    let manifests = context.manifests(&instance.component.name);
    if manifests.len() > 1 {
        let names: Vec<&str> = manifests.iter().map(|w| w.manifest.path.as_str()).collect();
        effective.notes.push(format!(
            "several manifests run this component, and the kubelet reads them all: {}",
            names.join(", ")
        ));
    }
    if let Some(mirror) = context.mirror(&instance.component.name)
        && instance.arguments.is_none()
        && mine(&mirror.flags) != runs
    {
        let value = match mirror.flags.iter().rfind(|o| &o.flag == flag) {
            Some(Occurrence { value: Some(value), .. }) => format!("--{flag}={value}"),
            Some(_) => format!("--{flag}"),
            None => format!("no --{flag}"),
        };
        let why = "what the API shows of the pod; the process counts".to_owned();
        effective.candidates.push(Candidate { value, source: mirror.source.clone(), why });
    }
    for written in manifests {
        if mine(&written.flags) == runs {
            continue;
        }
        let source = Source::host(&written.manifest.path);
        let (value, source) = match written.line(flag) {
            Some((line, text)) => (text.to_owned(), source.at(Span { line, start: 0, end: 0 })),
            None => (format!("no --{flag}"), source),
        };
        effective
            .notes
            .push(format!("{source} says {value}, which is not what runs: the component was not restarted since"));
        effective.candidates.push(Candidate { value, source, why: NOT_RUNNING.to_owned() });
    }
}
