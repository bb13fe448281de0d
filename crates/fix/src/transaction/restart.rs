//! Components that restart: who they are before, what they are asked, how they are made to start again.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use seaworthy_collect::Tree;
use seaworthy_engine::{Settings, Stands};
use seaworthy_model::Facts;

use super::Site;
use crate::health::restart::{self as kubelets, Systemd, Wait, Who};
use crate::health::{Probe, probes as declared};
use crate::plan::{How, Restart, Seen};

/// What is looked at in every repair: what restarts a pod, and what a restart takes along.
const OTHERS: [&str; 4] = ["kubelet", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/// A component as it runs.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) stands: Stands,
    /// The process; no other can be taken for it.
    pub(super) who: Option<Who>,
    /// The address that its node goes by.
    pub(super) address: Option<IpAddr>,
    /// The log that it writes.
    pub(super) log: Option<String>,
}

/// The components of a node that a repair is about, and its kubelet.
#[derive(Debug, Clone)]
pub(super) struct Components {
    found: BTreeMap<String, Running>,
    healthz: Probe,
    pub(super) node: String,
}

impl Components {
    /// Reads the node.
    pub(super) fn read(restarts: &[Restart], site: &Site<'_>) -> Result<Components, String> {
        Components::with_manifests(restarts, &BTreeMap::new(), site)
    }

    /// Reads the node. A component that is gone is told by the manifest that is going to start it.
    pub(super) fn with_manifests(
        restarts: &[Restart],
        manifests: &BTreeMap<String, String>,
        site: &Site<'_>,
    ) -> Result<Components, String> {
        let tree = (site.open)()?;
        let facts = seaworthy_collect::collect(tree.as_ref(), site.catalogue, site.platform, site.collect);
        let node = facts.node.as_ref().map_or_else(String::new, |node| node.identity.name().to_owned());
        let names = restarts.iter().map(|restart| restart.component.as_str()).chain(OTHERS);
        let names: Vec<&str> = names.collect();
        seaworthy_engine::settings(&facts, site.catalogue, site.options, |settings| {
            let address = settings.standing("kube-apiserver", "advertise-address").and_then(|s| s.shown.parse().ok());
            let mut found = BTreeMap::new();
            for name in names {
                let gone = || manifests.get(name).map(|path| gone(name, path));
                let Some(stands) =
                    settings.stands(name).filter(|s| !s.manifests.is_empty() || name == "kubelet").or_else(gone)
                else {
                    continue;
                };
                let log = log(tree.as_ref(), site, &node, &stands).map(|tail| tail.path);
                let who = kubelets::identify(tree.as_ref(), stands.pid);
                found.insert(name.to_owned(), Running { stands, who, address, log });
            }
            Components { found, healthz: healthz(settings, &facts), node }
        })
        .map_err(|error| error.to_string())
    }

    pub(super) fn of(&self, component: &str) -> Option<&Running> {
        self.found.get(component)
    }

    pub(super) fn kubelet(&self) -> Option<&Running> {
        self.of("kubelet")
    }

    pub(super) fn healthz(&self) -> Probe {
        self.healthz.clone()
    }
}

/// A component without a process.
fn gone(component: &str, manifest: &str) -> Stands {
    Stands {
        component: component.to_owned(),
        pid: 0,
        arguments: Vec::new(),
        start: None,
        static_pod: true,
        manifests: vec![manifest.to_owned()],
        container: Some(component.to_owned()),
        config_file: None,
        views: Vec::new(),
    }
}

/// The kubelet's own health check, where its configuration has it.
fn healthz(settings: &Settings<'_, '_, '_>, facts: &Facts) -> Probe {
    let file = settings.stands("kubelet").and_then(|stands| stands.config_file);
    let node = facts.node.as_ref();
    let text = file.and_then(|path| {
        let record = node?.file(seaworthy_model::View::Host, &path)?;
        Some(record.fact.known()?.text.as_ref()?.known()?.text.clone())
    });
    let document = text.and_then(|text| seaworthy_yaml::parse(&text).ok());
    let root = document.as_ref().map(|document| &document.root);
    let port = root.and_then(|root| root.get("healthzPort")?.as_int()).and_then(|port| u16::try_from(port).ok());
    let address = root.and_then(|root| root.get("healthzBindAddress")?.as_str()?.parse().ok());
    Probe::kubelet_healthz(address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), port.unwrap_or(10248))
}

/// The probes that a component's manifest declares, as it is on the disk now.
pub(super) fn probes(running: &Running, site: &Site<'_>) -> Result<Vec<Probe>, String> {
    let path = running.stands.manifests.first().ok_or("no manifest of it is known")?;
    let snapshot = site.root.snapshot(path).map_err(|error| error.to_string())?;
    let bytes = snapshot.bytes().ok_or_else(|| format!("{path} is gone"))?;
    let text = String::from_utf8_lossy(bytes);
    let document = seaworthy_yaml::parse(&text).map_err(|error| format!("{path}: {error}"))?;
    declared(&document.root).map_err(|error| format!("{path}: {error}"))
}

/// The words that a component's manifest starts it with.
pub(super) fn words(running: &Running, site: &Site<'_>) -> Result<Vec<String>, String> {
    let path = running.stands.manifests.first().ok_or("no manifest of it is known")?;
    let snapshot = site.root.snapshot(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(snapshot.bytes().ok_or_else(|| format!("{path} is gone"))?).into_owned();
    let container = running.stands.container.as_deref().unwrap_or(&running.stands.component);
    Ok(Seen::read(&text, container)?.words)
}

/// The last that a component wrote.
pub(super) fn log(tree: &dyn Tree, site: &Site<'_>, node: &str, stands: &Stands) -> Option<crate::health::logs::Tail> {
    let logs = site.platform.pod_logs.as_deref()?;
    let container = stands.container.as_deref().unwrap_or(&stands.component);
    let pod = format!("{}-{node}", stands.component);
    crate::health::logs::tail(tree, logs, "kube-system", &pod, container, usize::MAX).ok()
}

/// Makes a component start again, where writing its files does not.
pub(super) fn start(restart: &Restart, components: &Components, site: &Site<'_>) -> Result<(), String> {
    match restart.how {
        How::Manifest => Ok(()),
        How::Process => {
            let running = components.of(&restart.component).and_then(|running| running.who);
            let who = running.ok_or_else(|| format!("the process of {} is not seen", restart.component))?;
            let tree = (site.open)()?;
            kubelets::end(tree.as_ref(), who).map_err(|error| error.to_string())
        }
        How::Kubelet => restart_kubelet(site, site.patience.timeout, &|| (site.interrupted)().is_some()),
    }
}

/// Restarts the kubelet by whatever started it.
pub(super) fn restart_kubelet(
    site: &Site<'_>,
    timeout: std::time::Duration,
    cancelled: &dyn Fn() -> bool,
) -> Result<(), String> {
    let tree = (site.open)()?;
    let unit = site.platform.repair.as_ref().map_or("kubelet.service", |repair| repair.kubelet_unit.as_str());
    let command = format!("systemctl restart {unit}");
    let found = kubelets::find(tree.as_ref(), "kubelet").map_err(|error| error.to_string())?;
    let old = found.first().copied();
    let how = kubelets::decide(tree.as_ref(), old, unit, &command);
    if let kubelets::Restart::ByHand { command } = &how {
        (site.progress)(&format!("restart the kubelet now: {command}"));
    }
    let wait = Wait { systemd: Systemd::default(), timeout, cancelled };
    kubelets::restart_kubelet(tree.as_ref(), "kubelet", old, &how, &wait).map(|_| ()).map_err(|error| error.to_string())
}
