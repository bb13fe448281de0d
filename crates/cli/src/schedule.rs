//! `schedule`: the manifests of a scan that comes again and again.

use seaworthy_collect::cluster::Server;
use seaworthy_deploy::{LogFormat, NodeCount, Part, to_yaml};

use crate::arguments::{Log, Schedule, ScheduleKind, WhenWord};
use crate::exit::{Exit, Failure};
use crate::{facts, output};

pub(crate) fn schedule(words: &Schedule) -> Result<Exit, Failure> {
    let catalogue = facts::catalogue(words.catalogue.as_deref())?;
    let platform = facts::platform(&catalogue, words.platform.as_deref())?;
    let asks = words.apply || words.kubeconfig.is_some() || words.context.is_some();
    let server = asks.then(|| facts::server(words.kubeconfig.as_deref(), words.context.as_deref())).transpose()?;
    let told = server.as_ref().map(look).transpose()?;
    for word in words.send.iter().filter(|word| word.contains(':')) {
        let settings = seaworthy_send::settings::Settings::of_url(word, words.insecure);
        settings.map_err(|error| Failure::usage(format!("--send URL: {error}")))?;
    }
    if words.config_map.is_none() && words.send.iter().any(|word| !word.contains(':')) {
        return Err(Failure::usage("--send names a sink, and no configuration is given")
            .hint("give --config-map NAME, a ConfigMap with config.toml in both namespaces; deploy/weekly-siem.yaml shows one"));
    }
    let mut schedule = of(words);
    if schedule.kubernetes_version.is_none() {
        schedule.kubernetes_version = told.as_ref().and_then(|told| told.1.clone());
    }
    let documents = schedule
        .documents(&catalogue, platform, nodes(words).or(told.map(|told| told.0)))
        .map_err(|error| Failure::usage(error.to_string()).hint("a DaemonSet takes any time: --kind daemonset"))?;
    if let Some(server) = server.filter(|_| words.apply) {
        let objects: Vec<serde_json::Value> = documents.into_iter().map(|document| document.value).collect();
        let count = objects.len();
        seaworthy_fleet::apply(&server, &objects, &mut |name| output::raw_to_stderr(&format!("applied {name}\n")))
            .map_err(|error| {
                Failure::usage(error.to_string())
                    .hint("what is printed without --apply can be changed and given to kubectl apply")
            })?;
        output::to_stdout(
            format!("{count} objects applied; every node is scanned every {}\n", crate::duration::words(words.every))
                .as_bytes(),
        )?;
        return Ok(Exit::Done);
    }
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
        image: words.image.name.clone(),
        pull_policy: words.image.pull_policy.clone(),
        namespace: words.namespace.clone(),
        log: match words.format {
            Log::Text => LogFormat::Text,
            Log::Ndjson => LogFormat::Ndjson,
        },
        follows_mounts: words.follow_mounts,
        kubernetes_version: words.kubernetes_version.map(|version| version.to_string()),
        parts: vec![Part::Nodes, Part::ControlPlane, Part::Cluster],
        with: words.with.clone(),
        sending: sending(words),
    }
}

/// Where results go, if anywhere.
fn sending(words: &Schedule) -> Option<seaworthy_deploy::Sending> {
    let when = words.send_when.map(|when| match when {
        WhenWord::All => "all".to_owned(),
        WhenWord::Failures => "failures".to_owned(),
        WhenWord::Changes => "changes".to_owned(),
    });
    (!words.send.is_empty()).then(|| seaworthy_deploy::Sending {
        to: words.send.clone(),
        when,
        insecure: words.insecure,
        config_map: words.config_map.clone(),
        secret: words.config_secret.clone(),
    })
}

/// What the cluster says of itself: how many nodes it has, and its Kubernetes version.
fn look(server: &Server) -> Result<(NodeCount, Option<String>), Failure> {
    let facts = seaworthy_collect::cluster::ask_nodes(server, &facts::options(None));
    let api = facts.api.as_deref();
    let nodes = api.and_then(|api| api.nodes.known()).ok_or_else(|| {
        let why = api.and_then(|api| api.nodes.missing()).map(|missing| missing.to_string()).unwrap_or_default();
        Failure::nothing(format!("the nodes of the cluster are not known: {why}"))
    })?;
    let control_plane =
        nodes.items.iter().filter(|node| node.metadata.label(seaworthy_engine::CONTROL_PLANE).is_some()).count();
    let version = facts.versions.first().map(|version| version.version.to_string());
    Ok((NodeCount { all: nodes.items.len(), control_plane }, version))
}

/// How many nodes there are, if the arguments tell.
fn nodes(words: &Schedule) -> Option<NodeCount> {
    let all = words.nodes?;
    Some(NodeCount { all, control_plane: words.control_plane_nodes })
}
