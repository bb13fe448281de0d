//! What a component said when it ended, and where in its manifest that stands.

use seaworthy_catalogue::{Component, occurrences};

use super::manifest::{Manifest, words};
use super::{Cx, Finding, Kind};
use crate::health::logs::{self, Tail};
use crate::health::{Cause, Refusal, refusal};

/// How many lines of a log are shown.
const SHOWN: usize = 6;

/// An edit that the log asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// The flag has to go.
    DropFlag(String),
    /// An entry of a flag's list has to go.
    DropEntry { flag: String, entry: String },
    /// The flag's value is none that the component takes.
    Value { flag: String },
}

/// The last log of a component's container.
pub(super) fn log(cx: &Cx<'_>, namespace: &str, pod: &str, container: &str) -> Option<Tail> {
    let directory = cx.platform.pod_logs.as_deref()?;
    let prefix = format!("{namespace}_{pod}-");
    let mut names: Vec<String> = Vec::new();
    for entry in cx.names(directory).ok()? {
        let Some(name) = entry.strip_prefix(&format!("{namespace}_")).and_then(|rest| rest.rsplit_once('_')) else {
            continue;
        };
        if entry.starts_with(&prefix) && !names.iter().any(|known| known == name.0) {
            names.push(name.0.to_owned());
        }
    }
    // The kubelet adds the node's name; pods of other names may begin alike.
    let own = cx.host_name().map(|host| format!("{pod}-{host}")).filter(|own| names.contains(own));
    let names = own.map_or(names, |own| vec![own]);
    let read = |name: &String| logs::tail(cx.tree, directory, namespace, name, container, usize::MAX).ok();
    names.iter().filter_map(read).max_by_key(|tail| cx.seen(&tail.path).and_then(|seen| seen.modified))
}

/// What the log says, and what that means for the manifest.
pub(super) fn find(cx: &Cx<'_>, manifest: &Manifest<'_>) -> Option<(Finding, Option<Wish>)> {
    let component = manifest.component?;
    let text = manifest.text.as_ref().ok()?;
    let document = seaworthy_yaml::parse(text).ok()?;
    let words = words(&document.root, component)?;
    let (namespace, pod) = manifest.pod.as_ref()?;
    let tail = log(cx, namespace, pod, &words.container)?;
    let refused = refusal(&tail.lines)?;
    let given = occurrences(component, &words.words);
    let (flag, wish) = blamed(component, &refused, &given);
    let stands = given.iter().find(|given| Some(&given.flag) == flag.as_ref());
    let changed = manifest.seen.as_ref().and_then(|seen| seen.modified);
    let written = cx.seen(&tail.path).and_then(|seen| seen.modified);
    let older = matches!((changed, written), (Some(changed), Some(written)) if written < changed);
    // What an earlier version of the manifest was refused for is no news, unless it stands there still.
    if older && stands.is_none() && refused.flag.is_some() {
        return None;
    }
    let mut finding = Finding::new(Kind::Refused, Some(&component.name), sentence(component, &refused));
    finding.file = Some(manifest.path.clone());
    if let Some(span) = stands.and_then(|given| words.spans.get(given.index)) {
        (finding.line, finding.column) = (span.line, span.column);
        finding.evidence.extend(super::node::quote(text, span.line));
    }
    let age = if older { ", older than the manifest" } else { "" };
    finding.evidence.push(format!("the last lines of {}{age}:", tail.path));
    let told = tail.lines.iter().rposition(|line| line.text.contains(&refused.message)).unwrap_or(usize::MAX);
    let end = told.saturating_add(1).min(tail.lines.len());
    let shown = tail.lines.get(end.saturating_sub(SHOWN)..end).unwrap_or_default();
    finding.evidence.extend(shown.iter().map(|line| line.text.chars().take(300).collect::<String>()));
    let finding = match by_hand(component, &refused, flag.as_deref()) {
        Some(what) => finding.by_hand(what),
        None => finding,
    };
    Some((finding, wish.filter(|_| stands.is_some())))
}

/// The flag that the refusal is about, and the edit that it asks for.
fn blamed(
    component: &Component,
    refused: &Refusal,
    given: &[seaworthy_catalogue::Occurrence],
) -> (Option<String>, Option<Wish>) {
    let holds = |entry: &str| {
        let has = |value: &String| value.split(',').any(|word| word.split('=').next() == Some(entry));
        given.iter().find(|given| given.value.as_ref().is_some_and(has)).map(|given| given.flag.clone())
    };
    let of_file = |file: &str| {
        let has = |value: &String| value == file;
        given.iter().find(|given| given.value.as_ref().is_some_and(has)).map(|given| given.flag.clone())
    };
    let flag = refused.flag.clone().map(|flag| match component.arguments {
        seaworthy_catalogue::ArgumentStyle::Pflag => flag.replace('_', "-"),
        seaworthy_catalogue::ArgumentStyle::GoFlag => flag,
    });
    match (refused.cause, flag, refused.value.as_deref()) {
        (Cause::UnknownFlag, Some(flag), _) => (Some(flag.clone()), Some(Wish::DropFlag(flag))),
        (Cause::UnknownPlugin | Cause::PluginRefused | Cause::UnknownFeatureGate, flag, Some(entry)) => {
            let flag = flag.filter(|flag| given.iter().any(|given| given.flag == *flag)).or_else(|| holds(entry));
            let wish = flag.clone().map(|flag| Wish::DropEntry { flag, entry: entry.to_owned() });
            (flag, wish)
        }
        (Cause::BadValue, Some(flag), _) => (Some(flag.clone()), Some(Wish::Value { flag })),
        (_, Some(flag), _) => (Some(flag), None),
        (_, None, _) => (refused.file.as_deref().and_then(of_file), None),
    }
}

fn sentence(component: &Component, refused: &Refusal) -> String {
    let name = &component.name;
    let flag = refused.flag.as_ref().map_or_else(String::new, |flag| format!(" --{flag}"));
    let value = refused.value.as_deref().unwrap_or("?");
    let file = refused.file.as_deref().unwrap_or("a file");
    match refused.cause {
        Cause::UnknownFlag => format!("{name} ended because it has no flag{flag}"),
        Cause::BadValue => format!("{name} ended because it does not take the value of{flag}: {}", refused.message),
        Cause::MissingFile => format!("{name} ended because there is no {file} where its container sees it"),
        Cause::PermissionDenied => format!("{name} ended because it may not read or write {file}"),
        Cause::CannotWrite => format!("{name} ended because it cannot write: {}", refused.message),
        Cause::UnknownPlugin => format!("{name} ended because it has no admission plugin {value}"),
        Cause::PluginRefused => {
            format!("{name} ended because the admission plugin {value} does not start: {}", refused.message)
        }
        Cause::UnknownFeatureGate => format!("{name} ended because it has no feature gate {value}"),
        Cause::AddressInUse => format!("{name} ended because another process listens on its port: {}", refused.message),
        Cause::KeyMismatch => format!("{name} ended because of a certificate or key: {}", refused.message),
        Cause::EtcdUnreachable => format!("{name} ended because etcd does not answer"),
        Cause::Other => format!("{name} ended with: {}", refused.message),
    }
}

fn by_hand(component: &Component, refused: &Refusal, flag: Option<&str>) -> Option<String> {
    let file = refused.file.as_deref();
    Some(match refused.cause {
        Cause::AddressInUse => "find who listens there (ss -ltnp), and end it if it should not run".to_owned(),
        Cause::EtcdUnreachable => "put etcd right first: crictl ps -a --name etcd, and its log".to_owned(),
        Cause::PermissionDenied => {
            let file = file?;
            format!("ls -l {file}; give it to the user that {} runs as, or correct its mode", component.name)
        }
        Cause::CannotWrite => "df -h; df -i; mount | grep -w ro".to_owned(),
        Cause::KeyMismatch => "compare the certificates and keys that its flags name, and make them anew".to_owned(),
        Cause::MissingFile => format!("put {} there, or mount it", file?),
        Cause::BadValue => format!("give --{} a value that {} takes", flag?, component.name),
        Cause::UnknownFlag | Cause::UnknownPlugin | Cause::PluginRefused | Cause::UnknownFeatureGate | Cause::Other => {
            return None;
        }
    })
}
