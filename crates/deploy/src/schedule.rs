//! The weekly scan of a cluster, as manifests.

use std::time::Duration;

use seaworthy_catalogue::{Catalogue, Check, Item, Platform};

use crate::document::Document;
use crate::objects::{self, Kind, Spread};
use crate::pod::PodProfile;
use crate::privileges::{Privileges, Request};
use crate::sending::Sending;
use crate::text;

/// How a scan's report goes to the pod's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// A JSON line a finding.
    Ndjson,
}

/// A part of a scan: each has its own pod with its own privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What every node has: the kubelet, kube-proxy.
    Nodes,
    /// What nodes of the control plane have besides.
    ControlPlane,
    /// What only the API tells.
    Cluster,
}

/// How many nodes there are, for a CronJob with as many pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeCount {
    /// All nodes.
    pub all: usize,
    /// Those of the control plane.
    pub control_plane: usize,
}

/// A scan of a cluster that comes again and again.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// What starts the pods on nodes: [`Kind::DaemonSet`] or [`Kind::CronJob`].
    pub kind: Kind,
    /// The time from one scan's start to the next.
    pub every: Duration,
    /// The image.
    pub image: String,
    /// Whether nodes pull it: `Always`, `IfNotPresent`, `Never`.
    pub pull_policy: String,
    /// The namespace of the part that asks the API; that of the parts on nodes has `-nodes` behind it.
    pub namespace: String,
    /// How reports go to the log.
    pub log: LogFormat,
    /// Whether pods follow what their nodes mount and unmount: see [`PodProfile::follows_mounts`].
    pub follows_mounts: bool,
    /// The cluster's Kubernetes version, such as `1.34`, which decides the benchmark. A worker cannot always tell it by itself.
    pub kubernetes_version: Option<String>,
    /// Which parts.
    pub parts: Vec<Part>,
    /// What is withheld unless it is asked for, and is asked for.
    pub with: Vec<String>,
    /// Where results go, beside the log.
    pub sending: Option<Sending>,
}

/// Why there are no manifests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// No cron expression says that.
    #[error("a CronJob cannot run every {}; it can every 1h, 2h, 3h, 4h, 6h, 8h, 12h, 1d and 7d", length(*.0))]
    Uneven(Duration),
}

/// How often, as a CronJob says it and as `--every` takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cadence {
    /// Five fields.
    pub cron: String,
    /// `7d`.
    pub words: String,
}

impl Cadence {
    /// Of a length of time.
    ///
    /// # Errors
    /// [`ScheduleError::Uneven`] if no cron expression says it.
    pub fn of(every: Duration) -> Result<Cadence, ScheduleError> {
        const HOUR: u64 = 60 * 60;
        let seconds = every.as_secs();
        let hours = seconds / HOUR;
        let cron = match hours {
            168 => "17 3 * * 0".to_owned(),
            24 => "17 3 * * *".to_owned(),
            1 => "17 * * * *".to_owned(),
            2 | 3 | 4 | 6 | 8 | 12 => format!("17 */{hours} * * *"),
            _ => return Err(ScheduleError::Uneven(every)),
        };
        if !seconds.is_multiple_of(HOUR) || every.subsec_nanos() != 0 {
            return Err(ScheduleError::Uneven(every));
        }
        Ok(Cadence { cron, words: length(every) })
    }
}

/// `7d`, `12h`, `90m`, `45s`: the largest unit that leaves no rest.
fn length(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(24 * 60 * 60, 'd'), (60 * 60, 'h'), (60, 'm')];
    let unit = units.iter().find(|(length, _)| seconds >= *length && seconds.is_multiple_of(*length));
    unit.map_or_else(|| format!("{seconds}s"), |(length, unit)| format!("{}{unit}", seconds / length))
}

/// The checks of a part, of the newest benchmark.
fn items(catalogue: &Catalogue, part: Part) -> (Vec<&Item>, Vec<String>) {
    let Some(benchmark) = catalogue.benchmarks.last() else { return (Vec::new(), Vec::new()) };
    let asks_api = |item: &Item| {
        let check = item.check.as_ref().or_else(|| catalogue.rule(&item.rule).map(|rule| &rule.check));
        check.is_some_and(|check| matches!(check, Check::Api { .. }))
    };
    let mine = |item: &&Item| {
        let role = benchmark.section_of(&item.id).and_then(|section| section.role.as_deref());
        match part {
            Part::Cluster => asks_api(item),
            Part::Nodes => !asks_api(item) && role == Some("worker"),
            Part::ControlPlane => !asks_api(item) && role.is_some_and(|role| role != "worker"),
        }
    };
    let chosen: Vec<&Item> = benchmark.items.iter().filter(mine).collect();
    let mut targets: Vec<String> = Vec::new();
    for section in chosen.iter().filter_map(|item| benchmark.section_of(&item.id)) {
        if !targets.contains(&section.target) {
            targets.push(section.target.clone());
        }
    }
    (chosen, targets)
}

impl Part {
    /// Its privileges, with what of the withheld ones is asked for, and without what is refused.
    pub fn privileges(
        self,
        catalogue: &Catalogue,
        platform: &Platform,
        with: &[String],
        without: &[String],
    ) -> Privileges {
        let (items, _) = items(catalogue, self);
        Privileges::of(&Request { catalogue, platform, items: &items, with, without })
    }

    /// The arguments of `seaworthy` that scan it.
    pub fn arguments(self, catalogue: &Catalogue) -> Vec<String> {
        let mut words = vec!["run".to_owned()];
        match self {
            Part::Cluster => words.push("--cluster".to_owned()),
            Part::Nodes | Part::ControlPlane => words.push(format!("--targets={}", items(catalogue, self).1.join(","))),
        }
        words
    }

    /// The name of its objects.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Part::Nodes => "node",
            Part::ControlPlane => "control-plane",
            Part::Cluster => "cluster",
        }
    }

    /// Its pod.
    pub(crate) fn profile(
        self,
        catalogue: &Catalogue,
        privileges: &Privileges,
        image: &str,
        pull_policy: &str,
        more: &[String],
    ) -> PodProfile {
        let mut args = self.arguments(catalogue);
        args.extend(more.iter().cloned());
        if self == Part::Cluster {
            return PodProfile::api(self.name(), image, pull_policy, args);
        }
        let mut profile = PodProfile::node(privileges, image, pull_policy, args);
        if self == Part::ControlPlane {
            profile.node_selector.insert("node-role.kubernetes.io/control-plane".to_owned(), String::new());
        }
        profile
    }
}

impl Schedule {
    /// The manifests, in the order in which they are to be applied. `nodes` is asked for a CronJob only; without it the number is left
    /// to be filled in.
    ///
    /// # Errors
    /// See [`ScheduleError`].
    pub fn documents(
        &self,
        catalogue: &Catalogue,
        platform: &Platform,
        nodes: Option<NodeCount>,
    ) -> Result<Vec<Document>, ScheduleError> {
        let cluster = self.parts.contains(&Part::Cluster);
        let on_nodes: Vec<Part> = self.parts.iter().copied().filter(|part| *part != Part::Cluster).collect();
        let cadence = || Cadence::of(self.every);
        let space = format!("{}-nodes", self.namespace);
        let mut documents = Vec::new();
        if !on_nodes.is_empty() {
            documents.extend(objects::node_namespace(&space, self.sending.is_some()));
        }
        for part in on_nodes {
            let privileges = part.privileges(catalogue, platform, &self.with, &[]);
            let mut more = self.common();
            let words = text::with_withheld(head(part), &privileges);
            match self.kind {
                Kind::DaemonSet => {
                    more.extend(["--every", &length(self.every), "--jitter", "10m"].map(str::to_owned));
                    let mut profile = part.profile(catalogue, &privileges, &self.image, &self.pull_policy, &more);
                    profile.follows_mounts = self.follows_mounts;
                    self.sending.iter().for_each(|sending| profile.send(sending));
                    documents.push(objects::daemon_set(part.name(), &space, &profile, &words));
                }
                Kind::CronJob | Kind::Job => {
                    // A pod that has ended no longer keeps its node's place: the others have to be placed before.
                    more.extend(["--linger", "2m"].map(str::to_owned));
                    let mut profile = part.profile(catalogue, &privileges, &self.image, &self.pull_policy, &more);
                    self.sending.iter().for_each(|sending| profile.send(sending));
                    let count = |nodes: NodeCount| if part == Part::Nodes { nodes.all } else { nodes.control_plane };
                    let spread = Spread { pods: nodes.map_or(1, count).max(1), counted: nodes.is_some() };
                    let cron = cadence()?.cron;
                    documents.push(objects::cron_job(part.name(), &space, &cron, &profile, Some(spread), &words));
                }
            }
        }
        if cluster {
            documents.extend(objects::cluster_namespace(&self.namespace));
            let privileges = Part::Cluster.privileges(catalogue, platform, &self.with, &[]);
            documents.extend(objects::account("cluster", &self.namespace, &privileges.rights(), RIGHTS));
            let mut profile =
                Part::Cluster.profile(catalogue, &privileges, &self.image, &self.pull_policy, &self.common());
            self.sending.iter().for_each(|sending| profile.send(sending));
            let cron = cadence()?.cron;
            let words = text::with_withheld(head(Part::Cluster), &privileges);
            documents.push(objects::cron_job("cluster", &self.namespace, &cron, &profile, None, &words));
        }
        Ok(objects::ordered(documents))
    }

    fn common(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.log == LogFormat::Ndjson {
            words.extend(["--format", "ndjson"].map(str::to_owned));
        }
        if let Some(version) = &self.kubernetes_version {
            words.extend(["--kubernetes-version".to_owned(), version.clone()]);
        }
        words
    }
}

/// What stands above the rights of the part that asks the API.
pub(crate) const RIGHTS: &str = "What the checks ask for, and no more: lists. Neither Secrets, ConfigMaps nor kubelets are among it; \
                                 checks that need these are unknown.";

pub(crate) fn head(part: Part) -> &'static str {
    match part {
        Part::Nodes => "What every node has: the kubelet and kube-proxy. Nodes of the control plane have these, too.",
        Part::ControlPlane => {
            "What nodes of the control plane have besides: the API server and its like, etcd, their files."
        }
        Part::Cluster => "What only the API tells: RBAC, pods, network policies. It sees nothing of any node.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cron_expression_says_only_what_it_can() {
        let of = |hours: u64| Cadence::of(Duration::from_secs(hours * 3600)).map(|c| (c.cron, c.words));
        assert_eq!(of(168), Ok(("17 3 * * 0".to_owned(), "7d".to_owned())));
        assert_eq!(of(6), Ok(("17 */6 * * *".to_owned(), "6h".to_owned())));
        assert!(of(48).is_err() && of(5).is_err() && of(0).is_err());
        let error = Cadence::of(Duration::from_secs(90 * 60)).unwrap_err();
        assert!(error.to_string().contains("every 90m;"), "{error}");
        assert!(Cadence::of(Duration::from_secs(3601)).is_err());
    }
}
