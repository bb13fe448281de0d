//! The diagnosis: all that is looked at, in the order of how likely it is the cause.

use super::manifest::{self, Manifest};
use super::refused::Wish;
use super::{Cx, Diagnosis, Finding, Kind, Proposal};
use super::{absent, access, correct, disk, faults, kubelet, node, proposals, refused, twice};

/// The form of the document.
const SCHEMA: u32 = 1;
/// So many findings of one file are told; the rest follows from them.
const MOST: usize = 20;

/// Says why components of this node are gone, from the disk alone.
pub fn diagnose(cx: &Cx<'_>) -> Diagnosis {
    let mut findings = Vec::new();
    let mut looked_at = Vec::new();
    if let Some(record) = cx.journal.and_then(|journal| journal.interrupted().ok().flatten()) {
        let mut finding =
            Finding::new(Kind::Interrupted, None, format!("the repair {} was interrupted in its midst", record.id));
        finding.evidence.extend(record.files.iter().map(|file| format!("it was about {}", file.path)));
        findings.push(finding.by_hand("seaworthy fix --recover"));
    }
    let kubelet = kubelet::find(cx);
    findings.extend(kubelet.findings);
    looked_at.push(kubelet.looked);
    let directory = kubelet.manifests.or_else(|| cx.platform.manifests.clone());
    let mut all = Vec::new();
    if let Some(directory) = &directory {
        match manifest::all(cx, directory) {
            Ok(found) => all = found,
            Err(error) => {
                let cause = format!("{directory}, where the kubelet reads manifests, cannot be read: {error}");
                findings.push(Finding::new(Kind::Unknown, None, cause).at(directory, 0, 0));
            }
        }
        findings.extend(absent::find(cx, directory, &all));
        let doubles = twice::find(cx, directory, &all);
        let is_double = |path: &str| {
            doubles.iter().any(|finding| finding.kind == Kind::Twice && finding.file.as_deref() == Some(path))
        };
        for manifest in &all {
            // Of what is to be moved away nothing else is of interest.
            if is_double(&manifest.path) && manifest.copy {
                continue;
            }
            let found = of_manifest(cx, directory, manifest);
            let count = match found.len() {
                0 => "nothing wrong".to_owned(),
                1 => "1 finding".to_owned(),
                count => format!("{count} findings"),
            };
            looked_at.push(format!("{} and the files that it names: {count}", manifest.path));
            findings.extend(found);
        }
        findings.extend(doubles);
    }
    findings.extend(disk::find(cx, &places(cx, directory.as_deref())));
    looked_at.push("the file systems of manifests, data, logs and the kubelet".to_owned());
    for finding in &mut findings {
        let component = finding.component.as_ref().and_then(|name| cx.catalogue.component(name));
        finding.down = component.and_then(|component| cx.processes(component)).is_some_and(|all| all.is_empty());
    }
    // What runs is not what is missed. An API server that waits for etcd comes behind what keeps etcd away.
    findings.sort_by_key(|finding| {
        let waits = finding.kind == Kind::Refused && finding.cause.contains("etcd does not answer");
        (finding.component.is_some() && !finding.down && kubelet.runs.is_some(), waits, finding.kind)
    });
    if let Some(first) = findings.iter().position(|finding| finding.kind == Kind::Interrupted) {
        findings[..=first].rotate_right(1);
    }
    Diagnosis { schema: SCHEMA, platform: cx.platform.name.clone(), next: next(cx), findings, looked_at }
}

/// All that is wrong with one file in the directory of manifests, with what would put it right.
fn of_manifest(cx: &Cx<'_>, directory: &str, manifest: &Manifest<'_>) -> Vec<Finding> {
    let component = manifest.component;
    let name = component.map(|component| component.name.as_str());
    let text = match &manifest.text {
        Ok(text) => text,
        Err(why) => {
            let mut finding = Finding::new(Kind::DoesNotParse, name, why.clone()).at(&manifest.path, 0, 0);
            finding.proposals.extend(proposals::good(cx, &manifest.path, None).filter(|_| !manifest.copy));
            finding.proposals.push(twice::move_away(cx, directory, &manifest.name));
            return vec![finding];
        }
    };
    if is_empty(text) {
        let what =
            if text.is_empty() { "it has 0 bytes" } else { "there is nothing but comments and blank lines in it" };
        let cause = format!("the manifest is empty ({what}): the kubelet stops the pod");
        let mut finding = Finding::new(Kind::Empty, name, cause).at(&manifest.path, 0, 0);
        finding.proposals = whole(cx, directory, manifest, text, &[]).0;
        if finding.proposals.is_empty() {
            finding.proposals.push(twice::move_away(cx, directory, &manifest.name));
        }
        return vec![finding];
    }
    // A note or a script that somebody left there: the kubelet complains of it and goes on.
    if component.is_none() && manifest.copy && manifest.pod.is_none() {
        let cause = format!("{} is no manifest, and the kubelet reads it as one", manifest.path);
        let mut finding = Finding::new(Kind::Stray, None, cause).at(&manifest.path, 0, 0);
        finding.proposals.push(twice::move_away(cx, directory, &manifest.name));
        return vec![finding];
    }
    let known = faults::faults(cx, &manifest.path, text, component);
    let mut findings: Vec<Finding> = Vec::new();
    let mut told: Vec<(&str, usize)> = Vec::new();
    for fault in known.iter().take(MOST) {
        let finding = faults::tell(cx, &manifest.path, text, component, fault);
        // A directory that is not mounted is one finding, although many flags name files in it.
        let above = faults::directory(fault);
        let first = above.and_then(|above| told.iter().find(|(known, _)| *known == above)).map(|(_, index)| *index);
        match first.and_then(|index| findings.get_mut(index)).filter(|first| first.kind == finding.kind) {
            Some(first) => first.evidence.extend(finding.evidence),
            None => {
                told.extend(above.map(|above| (above, findings.len())));
                findings.push(finding);
            }
        }
    }
    let mut wishes = Vec::new();
    if let Some((finding, wish)) = refused::find(cx, manifest) {
        // What the manifest shows by itself is told once, with the log as its evidence.
        match findings.iter_mut().find(|known| finding.line > 0 && known.line == finding.line) {
            Some(known) => known.evidence.extend(finding.evidence.into_iter().skip(1)),
            None => {
                wishes.extend(wish);
                findings.push(finding);
            }
        }
    }
    findings.extend(access::find(cx, manifest));
    if findings.is_empty() {
        return findings;
    }
    let (whole, slip) = whole(cx, directory, manifest, text, &wishes);
    for finding in &mut findings {
        // A certificate or a mode is not mended by another text.
        if !matches!(finding.kind, Kind::NotReadable | Kind::Certificate) {
            finding.proposals.splice(0..0, whole.iter().cloned());
        }
        // Where the slip is says more than where the parser stumbled, which its own words tell.
        if let (Kind::DoesNotParse | Kind::NotAPod, Some(line)) =
            (finding.kind, slip.filter(|line| *line != finding.line))
        {
            (finding.line, finding.column) = (line, 0);
            finding.evidence.extend(node::quote(text, line));
        }
    }
    findings
}

/// What would put right the file as a whole, best first; and the line of the slip, if it is one.
fn whole(
    cx: &Cx<'_>,
    directory: &str,
    manifest: &Manifest<'_>,
    text: &str,
    wishes: &[Wish],
) -> (Vec<Proposal>, Option<u32>) {
    let path = &manifest.path;
    let component = manifest.component;
    let corrected = correct::correct(cx, path, text, component, wishes);
    let takes_away = corrected.as_ref().is_some_and(|found| found.takes_away);
    let slip = corrected.as_ref().and_then(|found| found.line);
    let correction = corrected.map(|found| proposals::correction(path, Some(text), found.text, found.edits));
    let good = proposals::good(cx, path, Some(text));
    // A text that cannot be read is guessed at, and a flag that goes may be one that protects; what was verified is neither, but may be
    // of before an upgrade.
    let same_image = |good: &Proposal| match good {
        Proposal::RestoreGood { after, .. } => images(after) == images(text),
        _ => false,
    };
    let unsure = seaworthy_yaml::parse(text).is_err() || takes_away;
    let good_first = unsure && good.as_ref().is_some_and(same_image);
    let mut found: Vec<Proposal> = if good_first {
        good.into_iter().chain(correction).collect()
    } else {
        correction.into_iter().chain(good).collect()
    };
    if let Some(component) = component {
        for (copy, content) in
            absent::copies(cx, directory, component).into_iter().take(1).filter(|(from, c)| c != text && from != path)
        {
            let edits = vec![format!("the whole text becomes that of {copy}, which is a sound manifest")];
            found.push(proposals::correction(path, Some(text), content, edits));
        }
        if found.is_empty() {
            found.extend(absent::made_anew(cx, component).filter(|_| is_empty(text)));
        }
    }
    (found, slip)
}

fn is_empty(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
}

fn images(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| line.starts_with("image:") || line.starts_with("- image:")).collect()
}

/// Where something is written that a full disk would stop.
fn places<'c>(cx: &Cx<'c>, directory: Option<&str>) -> Vec<(String, &'c str, Option<&'c str>)> {
    let mut places = Vec::new();
    let mounts = || cx.platform.mounts.iter();
    let named = |what: &'static str| mounts().find(move |mount| mount.named_by.iter().any(|name| name == what));
    if let Some(data) = named("etcd.data-dir").filter(|mount| cx.exists(&mount.path)) {
        places.push((data.path.clone(), "etcd's data", Some("etcd")));
    }
    places.extend(directory.map(|directory| (directory.to_owned(), "manifests", None)));
    places.extend(cx.platform.pod_logs.clone().map(|logs| (logs, "the containers' logs", None)));
    if let Some(kubelet) = named("kubelet.config") {
        places.push((kubelet.path.clone(), "the kubelet", Some("kubelet")));
    }
    places
}

fn next(cx: &Cx<'_>) -> Vec<String> {
    let unit = cx.platform.repair.as_ref().map_or("kubelet", |repair| repair.kubelet_unit.as_str());
    let mut next =
        vec![format!("the kubelet's log: journalctl -u {} -n 100 --no-pager", unit.trim_end_matches(".service"))];
    if let Some(logs) = &cx.platform.pod_logs {
        let host = cx.host_name().unwrap_or_else(|| "NODE".to_owned());
        next.push(format!("the containers' logs: {logs}/kube-system_COMPONENT-{host}_*/COMPONENT/*.log"));
    }
    next.push("the containers: crictl ps -a".to_owned());
    next
}
