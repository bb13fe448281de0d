//! The kubelet: without it nothing that is put right on the disk is noticed.

use seaworthy_catalogue::{Component, occurrences};
use seaworthy_model::FileKind;

use super::node::Process;
use super::{Cx, Finding, Kind};
use crate::validate;

/// What is known of the kubelet.
pub(super) struct Kubelet {
    /// Where it reads manifests.
    pub(super) manifests: Option<String>,
    pub(super) findings: Vec<Finding>,
    /// One line on what was looked at.
    pub(super) looked: String,
    /// Whether it runs; `None` where processes cannot be seen.
    pub(super) runs: Option<bool>,
}

const NAME: &str = "kubelet";

pub(super) fn find(cx: &Cx<'_>) -> Kubelet {
    let mut findings = Vec::new();
    let component = cx.catalogue.component(NAME);
    let processes = component.and_then(|component| cx.processes(component));
    let process = processes.as_ref().and_then(|all| all.first());
    let unit = cx.platform.repair.as_ref().map_or("kubelet", |repair| repair.kubelet_unit.as_str());
    match &processes {
        Some(all) if all.is_empty() && !here(cx) => {}
        Some(all) if all.is_empty() => {
            let cause = "the kubelet does not run: no static pod is started, and no change of a manifest is noticed";
            findings.push(
                Finding::new(Kind::Kubelet, Some(NAME), cause)
                    .by_hand(format!("systemctl start {unit}; journalctl -u {unit} -n 50 --no-pager")),
            );
        }
        Some(all) => {
            for stopped in all.iter().filter(|process| matches!(process.state, 'T' | 't')) {
                let cause = format!("the kubelet is stopped (process {}, state {})", stopped.pid, stopped.state);
                findings.push(
                    Finding::new(Kind::Kubelet, Some(NAME), cause).by_hand(format!("kill -CONT {}", stopped.pid)),
                );
            }
        }
        None => {}
    }
    let flag = |name: &str| component.and_then(|component| value(component, process?, name));
    let default = cx.platform.file_set("kubelet-config").and_then(|set| set.paths.first().cloned());
    let config = flag("config").or(default);
    let mut manifests = flag("pod-manifest-path");
    if let (Some(path), Some(component)) = (&config, component) {
        let from_file = configuration(cx, component, path, &mut findings);
        manifests = manifests.or(from_file.filter(|path| !path.is_empty()));
        if let Some(directory) = flag("config-dir") {
            manifests = drop_ins(cx, component, &directory, &mut findings).or(manifests);
        }
    }
    let certificate = cx.platform.file_set("kubelet-client-certificate").map(|set| set.paths.clone());
    for path in certificate.unwrap_or_default() {
        for cause in super::access::certificate_trouble(cx, &path, None) {
            findings.push(
                Finding::new(Kind::Certificate, Some(NAME), format!("the kubelet's own {cause}"))
                    .at(&path, 0, 0)
                    .by_hand(
                        "make a new client certificate for this node, from a control plane node whose API answers",
                    ),
            );
        }
    }
    if manifests.is_none() && findings.is_empty() && cx.platform.manifests.as_ref().is_some_and(|d| cx.exists(d)) {
        let directory = cx.platform.manifests.clone().unwrap_or_default();
        let at = config.as_ref().filter(|path| cx.is_file(path));
        // A copy of a part of a node has no configuration to say so.
        if let Some(path) = at {
            let cause = format!("the kubelet's configuration has no staticPodPath, so that {directory} is not read");
            findings.push(
                Finding::new(Kind::KubeletConfig, Some(NAME), cause)
                    .at(path, 0, 0)
                    .by_hand(format!("add to {path}: staticPodPath: {directory}; then systemctl restart {unit}")),
            );
        }
    }
    let state = match (&processes, process) {
        (None, _) => "whether it runs cannot be seen from here".to_owned(),
        (_, None) => "does not run".to_owned(),
        (_, Some(process)) => format!("process {}, state {}", process.pid, process.state),
    };
    let config = config.unwrap_or_default();
    Kubelet {
        manifests,
        findings,
        looked: format!("the kubelet ({state}) and its configuration {config}"),
        runs: processes.map(|all| !all.is_empty()),
    }
}

/// Whether this is a node of a kubelet at all.
fn here(cx: &Cx<'_>) -> bool {
    let sets = ["kubelet-kubeconfig", "kubelet-config"].into_iter().filter_map(|name| cx.platform.file_set(name));
    sets.flat_map(|set| &set.paths).any(|path| cx.exists(path))
}

fn value(component: &Component, process: &Process, flag: &str) -> Option<String> {
    occurrences(component, &process.arguments).into_iter().rfind(|given| given.flag == flag)?.value
}

/// What is wrong with the configuration; and where it says that manifests are.
fn configuration(cx: &Cx<'_>, component: &Component, path: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let described = component.config.as_ref()?;
    let finding = |cause: String| Finding::new(Kind::KubeletConfig, Some(NAME), cause);
    let Ok(seen) = cx.look(path) else {
        if here(cx) && !cx.exists(path) {
            findings.push(
                finding(format!("the kubelet's configuration {path} does not exist, and the kubelet does not start"))
                    .at(path, 0, 0)
                    .by_hand(
                        "restore it from a backup or from another node of this cluster (kubeadm: kubeadm upgrade node)",
                    ),
            );
        }
        return None;
    };
    if seen.kind != FileKind::Regular {
        return None;
    }
    let text = cx.text(path)?;
    for problem in validate::config(path, &text, described) {
        // Of the main file the kubelet takes a key that is set twice, with a warning.
        if problem.text.contains("is set twice") {
            continue;
        }
        let mut found = finding(format!("the kubelet does not start with its configuration: {}", problem.text)).at(
            path,
            problem.line,
            problem.column,
        );
        found.evidence.extend(super::node::quote(&text, problem.line));
        found.proposals.extend(super::proposals::good(cx, path, Some(&text)));
        findings.push(found.by_hand(format!("correct {path}, then restart the kubelet")));
    }
    static_pods(&text)
}

fn static_pods(text: &str) -> Option<String> {
    seaworthy_yaml::parse(text).ok()?.root.get("staticPodPath")?.as_str().map(str::to_owned)
}

/// Drop-ins, the last of which counts. In these the kubelet takes no key twice.
fn drop_ins(cx: &Cx<'_>, component: &Component, directory: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let described = component.config.as_ref()?;
    let mut last = None;
    for name in cx.names(directory).ok()?.into_iter().filter(|name| name.ends_with(".conf")) {
        let path = format!("{}/{name}", directory.trim_end_matches('/'));
        let Some(text) = cx.text(&path) else { continue };
        if let Some(problem) = validate::config(&path, &text, described).into_iter().next() {
            let cause = format!("the kubelet does not start with this drop-in: {}", problem.text);
            let mut found =
                Finding::new(Kind::KubeletConfig, Some(NAME), cause).at(&path, problem.line, problem.column);
            found.evidence.extend(super::node::quote(&text, problem.line));
            found.proposals.extend(super::proposals::good(cx, &path, Some(&text)));
            findings.push(found.by_hand(format!("correct {path} or move it out of {directory}")));
        }
        last = static_pods(&text).or(last);
    }
    last
}
