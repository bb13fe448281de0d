//! Two witnesses: the process that runs, and the manifest that the next one will be started from. The verdict is about what runs;
//! where the two differ, the evidence says so.

use seaworthy_catalogue::{Component, Setting};
use seaworthy_model::{Candidate, Container, Fact, Manifest, Source, Span};

use crate::context::Context;
use crate::instances::Instance;
use crate::settings::Effective;
use crate::settings::arguments::{Occurrence, base_name, occurrences};

/// Why a manifest's value does not count.
pub(crate) const NOT_RUNNING: &str = "written in the manifest, and not running";

/// The manifests that run a component, each with the container that does.
pub(crate) fn manifests_of<'a>(context: &Context<'a>, component: &Component) -> Vec<(&'a Manifest, &'a Container)> {
    let Some(node) = context.node() else { return Vec::new() };
    let Fact::Known { value: manifests, .. } = &node.manifests else { return Vec::new() };
    manifests
        .iter()
        .filter_map(|manifest| {
            let pod = manifest.pod.known()?;
            let container = pod.containers.iter().find(|container| runs(container, component))?;
            Some((manifest, container))
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

/// The line of a manifest on which a flag stands, and its text. Of several the last, which is the one that counts.
pub(crate) fn flag_line<'c>(container: &'c Container, component: &Component, flag: &str) -> Option<(u32, &'c str)> {
    let texts: Vec<String> = container.arguments.iter().map(|a| a.text.clone()).collect();
    let last = occurrences(component, &texts).into_iter().rfind(|o| o.flag == flag)?;
    container.arguments.get(last.index).map(|a| (a.line, a.text.as_str()))
}

pub(crate) fn compare(context: &Context<'_>, instance: &Instance<'_>, setting: &Setting, effective: &mut Effective) {
    let (Some(flag), Ok(running)) = (&setting.flag, &instance.flags) else { return };
    if !instance.in_static_pod() {
        return;
    }
    let mine = |list: &[Occurrence]| -> Vec<Option<String>> {
        list.iter().filter(|o| &o.flag == flag).map(|o| o.value.clone()).collect()
    };
    let runs = mine(running);
    let manifests = manifests_of(context, instance.component);
    if manifests.len() > 1 {
        let names: Vec<&str> = manifests.iter().map(|(m, _)| m.path.as_str()).collect();
        effective.notes.push(format!(
            "several manifests run this component, and the kubelet reads them all: {}",
            names.join(", ")
        ));
    }
    for (manifest, container) in manifests {
        let texts: Vec<String> = container.arguments.iter().map(|a| a.text.clone()).collect();
        let written = occurrences(instance.component, &texts);
        if mine(&written) == runs {
            continue;
        }
        let source = Source::host(&manifest.path);
        let (value, source) = match flag_line(container, instance.component, flag) {
            Some((line, text)) => (text.to_owned(), source.at(Span { line, start: 0, end: 0 })),
            None => (format!("no --{flag}"), source),
        };
        effective
            .notes
            .push(format!("{source} says {value}, which is not what runs: the component was not restarted since"));
        effective.candidates.push(Candidate { value, source, why: NOT_RUNNING.to_owned() });
    }
}
