//! The command line of a manifest's container, and words in it that no component of Kubernetes would take.

use seaworthy_catalogue::{ArgumentStyle, Component, SettingKind, base_name, occurrences};
use seaworthy_model::Version;
use seaworthy_yaml::{Node as Yaml, Span};

/// A container's command line.
pub(crate) struct Words {
    /// The container's name.
    pub(crate) container: String,
    pub(crate) image: Option<String>,
    pub(crate) words: Vec<String>,
    pub(crate) spans: Vec<Span>,
}

/// The command line of the container that runs the component.
pub(crate) fn words(root: &Yaml, component: &Component) -> Option<Words> {
    let containers = root.path("spec.containers").and_then(Yaml::as_list)?;
    containers.iter().find_map(|container| {
        let list = |key: &str| container.get(key).and_then(Yaml::as_list).unwrap_or_default().iter();
        let nodes: Vec<&Yaml> = list("command").chain(list("args")).collect();
        let word = |node: &&Yaml| node.text().map_or_else(String::new, std::borrow::Cow::into_owned);
        let words: Vec<String> = nodes.iter().map(word).collect();
        let own = |word: &String| component.programs.iter().any(|program| program == base_name(word));
        // The third word: a shell in front, as in `nice kube-apiserver`.
        words.iter().take(3).any(own).then(|| Words {
            container: container.get("name").and_then(Yaml::text).unwrap_or_default().into_owned(),
            image: container.get("image").and_then(Yaml::as_str).map(str::to_owned),
            words,
            spans: nodes.iter().map(|node| node.span).collect(),
        })
    })
}

/// The line that ran into the argument above. No argument of these programs goes over several lines.
pub(crate) fn joined(text: &str, words: &Words) -> Option<Span> {
    words.spans.iter().find_map(|span| {
        let written = text.get(span.start..span.end)?;
        let next = written.find('\n').map(|at| span.start + at + 1)?;
        let rest = text.get(next..)?;
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        // Quoted and folded texts may be meant.
        let plain = !written.starts_with(['"', '\'', '|', '>']) && rest.get(blanks..)?.starts_with('-');
        let column = u32::try_from(blanks + 1).unwrap_or(u32::MAX);
        plain.then_some(Span { line: span.line + 1, column, start: next + blanks, end: span.end })
    })
}

/// A word that is neither a flag nor a flag's value: these programs take none.
pub(crate) struct Strange {
    pub(crate) word: String,
    pub(crate) span: Span,
    /// The flag that was meant, with its value.
    pub(crate) meant: Option<String>,
}

/// The first strange word. Behind another program that starts the component stand words that are not its own.
pub(crate) fn strange(component: &Component, words: &Words, version: Option<Version>) -> Option<Strange> {
    let own = |word: &String| component.programs.iter().any(|program| program == base_name(word));
    let program = words.words.iter().take(2).position(own)?;
    let mut at = program + 1;
    for given in occurrences(component, &words.words) {
        if given.index > at {
            break;
        }
        let two = given.value.is_some() && !words.words.get(given.index).is_some_and(|word| word.contains('='));
        at = given.index + 1 + usize::from(two);
        // The shorthand for the verbosity, with its value behind it or in it.
        while let Some(short) = words.words.get(at).filter(|word| word.starts_with("-v") || *word == "--") {
            at += 1 + usize::from(short == "-v");
        }
    }
    let word = words.words.get(at)?;
    if component.arguments == ArgumentStyle::Pflag && (word.starts_with("-v") || word == "-h") {
        return None;
    }
    let bare = word.trim_start_matches('-');
    let flag = bare.split('=').next().unwrap_or(bare).replace('_', "-");
    let meant = component.has_flag(&flag, version).then(|| format!("--{bare}"));
    Some(Strange { word: word.clone(), span: words.spans.get(at).copied().unwrap_or_default(), meant })
}

/// Whether a flag's value is the path of something that has to be there.
pub(crate) fn names_file(component: &Component, flag: &str) -> bool {
    let setting = component.settings.iter().find(|setting| setting.flag.as_deref() == Some(flag));
    setting.is_some_and(|setting| setting.kind == SettingKind::Path)
        || ["-file", "-config", "kubeconfig", "cafile", "certfile", "keyfile"].iter().any(|end| flag.ends_with(end))
        || flag == "audit-log-path"
}
