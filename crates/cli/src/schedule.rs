//! `schedule`: the manifests of a scan that comes again and again.

use seaworthy_deploy::{LogFormat, NodeCount, Part, to_yaml};

use crate::arguments::{Log, Schedule, ScheduleKind};
use crate::exit::{Exit, Failure};
use crate::{facts, output};

pub(crate) fn schedule(words: &Schedule) -> Result<Exit, Failure> {
    let catalogue = facts::catalogue(words.catalogue.as_deref())?;
    let platform = facts::platform(&catalogue, words.platform.as_deref())?;
    let schedule = of(words);
    let documents = schedule
        .documents(&catalogue, platform, nodes(words))
        .map_err(|error| Failure::usage(error.to_string()).hint("a DaemonSet takes any time: --kind daemonset"))?;
    let head = "A scan of the whole cluster that comes again and again. Written by seaworthy schedule; apply it with \
                kubectl apply -f.";
    output::to_stdout(to_yaml(head, &documents).as_bytes())?;
    Ok(Exit::Done)
}

/// What is to be scheduled.
pub(crate) fn of(words: &Schedule) -> seaworthy_deploy::Schedule {
    seaworthy_deploy::Schedule {
        kind: match words.kind {
            ScheduleKind::Daemonset => seaworthy_deploy::Kind::DaemonSet,
            ScheduleKind::Cronjob => seaworthy_deploy::Kind::CronJob,
        },
        every: words.every,
        image: words.image.clone(),
        pull_policy: words.image_pull_policy.clone(),
        namespace: words.namespace.clone(),
        log: match words.format {
            Log::Text => LogFormat::Text,
            Log::Ndjson => LogFormat::Ndjson,
        },
        follows_mounts: words.follow_mounts,
        kubernetes_version: words.kubernetes_version.map(|version| version.to_string()),
        parts: vec![Part::Nodes, Part::ControlPlane, Part::Cluster],
        with: words.with.clone(),
    }
}

/// How many nodes there are, if the arguments tell.
fn nodes(words: &Schedule) -> Option<NodeCount> {
    let all = words.nodes?;
    Some(NodeCount { all, control_plane: words.control_plane_nodes })
}
