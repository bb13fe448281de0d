//! Several files for one pod, and files in the directory that are no manifests.

use super::manifest::Manifest;
use super::node::above;
use super::{Cx, Finding, Kind, Proposal};

/// Findings about files that should not be in the directory.
pub(super) fn find(cx: &Cx<'_>, directory: &str, all: &[Manifest<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut away: Vec<&str> = Vec::new();
    for (index, one) in all.iter().enumerate() {
        for other in all.iter().skip(index + 1).filter(|other| same_pod(one, other)) {
            if away.contains(&one.path.as_str()) || away.contains(&other.path.as_str()) {
                continue;
            }
            let (stays, goes, why) = match choose(cx, one, other) {
                Some((stays, goes, why)) => (stays, Some(goes), why),
                None => (one, None, "which of the two is right is for you to say"),
            };
            let second = goes.map_or(&other.path, |goes| &goes.path);
            let pod = one.pod.as_ref().or(other.pod.as_ref());
            let pod = pod.map_or_else(|| stays.name.clone(), |(namespace, name)| format!("{namespace}/{name}"));
            let cause = format!(
                "two manifests for the pod {pod}: {} and {second}. The kubelet reads every file in {directory} whose name does not begin \
                 with a dot, and which of the two wins is chance",
                stays.path
            );
            let component = one.component.or(other.component).map(|component| component.name.as_str());
            let mut finding = Finding::new(Kind::Twice, component, cause).at(second, 0, 0);
            finding.evidence.push(why.to_owned());
            finding.evidence.extend(difference(one, other));
            match goes {
                Some(goes) => {
                    away.push(&goes.path);
                    finding.proposals.push(move_away(cx, directory, &goes.name));
                }
                None => {
                    let to = |name: &str| outside(cx, directory, name);
                    let what = format!(
                        "move one of the two out of {directory}: mv {} {}   or   mv {} {}",
                        one.path,
                        to(&one.name),
                        other.path,
                        to(&other.name)
                    );
                    finding.proposals.push(Proposal::ByHand { what });
                }
            }
            findings.push(finding);
        }
    }
    findings
}

fn same_pod(one: &Manifest<'_>, other: &Manifest<'_>) -> bool {
    match (&one.pod, &other.pod) {
        (Some(one), Some(other)) => one == other,
        // One of them cannot be read. By its name it is a copy of the other, or the original of the copy.
        _ => {
            let component = |manifest: &Manifest<'_>| manifest.component.map(|component| component.name.clone());
            component(one).is_some() && component(one) == component(other) && (one.copy || other.copy)
        }
    }
}

/// Which of two stays, which goes, and why.
fn choose<'m, 'c>(
    cx: &Cx<'_>,
    one: &'m Manifest<'c>,
    other: &'m Manifest<'c>,
) -> Option<(&'m Manifest<'c>, &'m Manifest<'c>, &'static str)> {
    let known = |manifest: &Manifest<'_>| cx.journal.is_some_and(|journal| journal.last_good(&manifest.path).is_some());
    let usual = |manifest: &Manifest<'_>| {
        let stem = manifest.name.rsplit_once('.').map_or(manifest.name.as_str(), |(stem, _)| stem);
        manifest.component.is_some_and(|component| component.name == stem)
    };
    let by = |goes: fn(&Manifest<'_>) -> bool, why| match (goes(one), goes(other)) {
        (true, false) => Some((other, one, why)),
        (false, true) => Some((one, other, why)),
        _ => None,
    };
    let by_not = |stays: &dyn Fn(&Manifest<'_>) -> bool, why| match (stays(one), stays(other)) {
        (true, false) => Some((one, other, why)),
        (false, true) => Some((other, one, why)),
        _ => None,
    };
    by(|manifest| manifest.copy, "its name is that of a copy")
        .or_else(|| by_not(&known, "the other is the one that was verified by an earlier repair"))
        .or_else(|| by_not(&usual, "the other has the usual name"))
}

fn difference(one: &Manifest<'_>, other: &Manifest<'_>) -> Option<String> {
    let (Ok(a), Ok(b)) = (&one.text, &other.text) else { return None };
    if a == b {
        return Some("the two are the same, byte for byte".to_owned());
    }
    let changed = similar::TextDiff::from_lines(a.as_str(), b.as_str());
    let count = changed.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal).count();
    Some(format!("the two differ in {count} lines: diff {} {}", one.path, other.path))
}

pub(super) fn move_away(cx: &Cx<'_>, directory: &str, name: &str) -> Proposal {
    let path = format!("{}/{name}", directory.trim_end_matches('/'));
    Proposal::MoveAway { path, to: outside(cx, directory, name) }
}

/// A name beside the directory that nothing has. The directory above is as a rule on the same file system, so that it is a rename.
fn outside(cx: &Cx<'_>, directory: &str, name: &str) -> String {
    let above = above(directory).trim_end_matches('/');
    let names =
        std::iter::once(format!("{above}/{name}.away")).chain((2..).map(|n| format!("{above}/{name}.away-{n}")));
    let mut free = names.into_iter().filter(|path| !cx.exists(path));
    free.next().unwrap_or_default()
}
