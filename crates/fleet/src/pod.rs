//! The pod that reads one node.

use std::time::Duration;

use kube::api::ObjectMeta;
use seaworthy_model::cluster::NodeObject;
use sha2::{Digest, Sha256};

use crate::object::{Pod, PodStatus};

/// Everything that a scan makes bears this label, by which it is found again.
pub(crate) const LABEL: &str = "app.kubernetes.io/managed-by";
pub(crate) const MANAGED: &str = "seaworthy-scan-cluster";

/// What runs on the nodes.
#[derive(Debug, Clone)]
pub struct Collector {
    /// The image, which holds this very program.
    pub image: String,
    /// `Always`, `IfNotPresent` or `Never`.
    pub pull_policy: String,
    /// The pod's spec without what a scan itself decides: node, tolerations, image, command. With one container.
    pub spec: serde_json::Value,
    /// The arguments of `seaworthy collect` that fit the spec, such as `--root /host`.
    pub arguments: Vec<String>,
}

/// The name of a node's pod: a node's name may be too long for one.
pub(crate) fn name(node: &str) -> String {
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(node.as_bytes()));
    format!("collect-{}", &digest[..16])
}

/// The pod for a node. It waits to be asked, and ends by itself at the deadline: a scan that is killed leaves nothing running.
pub(crate) fn build(node: &NodeObject, collector: &Collector, deadline: Duration) -> Pod {
    let seconds = deadline.as_secs() + 30;
    let mut spec = collector.spec.clone();
    spec["nodeName"] = node.metadata.name.clone().into();
    spec["restartPolicy"] = "Never".into();
    spec["terminationGracePeriodSeconds"] = 0.into();
    spec["activeDeadlineSeconds"] = seconds.into();
    let tolerations = node.spec.taints.iter().map(|taint| {
        let mut toleration = serde_json::json!({"key": taint.key, "effect": taint.effect});
        match &taint.value {
            Some(value) if !value.is_empty() => {
                toleration["operator"] = "Equal".into();
                toleration["value"] = value.clone().into();
            }
            _ => toleration["operator"] = "Exists".into(),
        }
        toleration
    });
    spec["tolerations"] = tolerations.collect();
    let container = &mut spec["containers"][0];
    container["image"] = collector.image.clone().into();
    container["imagePullPolicy"] = collector.pull_policy.clone().into();
    container["command"] = serde_json::json!(["seaworthy", "hold", "--for", format!("{seconds}s")]);
    if let Some(container) = container.as_object_mut() {
        container.remove("args");
    }
    let labels = [(LABEL, MANAGED), ("app.kubernetes.io/name", "seaworthy")];
    let metadata = ObjectMeta {
        name: Some(name(&node.metadata.name)),
        labels: Some(labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into()),
        ..ObjectMeta::default()
    };
    Pod { metadata, spec, status: PodStatus::default() }
}

/// What keeps a pod from running, once it is clear that waiting does not help.
pub(crate) fn stuck(pod: &Pod) -> Option<String> {
    if ended(pod) {
        let reason = pod.status.reason.clone().or_else(|| terminated(pod)).unwrap_or_default();
        let message = pod.status.message.clone().unwrap_or_default();
        let words = [reason, message].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(": ");
        let words = if words.is_empty() { "no reason given" } else { &words };
        return Some(format!("its pod ended before it was asked ({words})"));
    }
    let (reason, message) = waiting(pod)?;
    HOPELESS.contains(&reason.as_str()).then(|| format!("its pod does not start: {reason}: {message}"))
}

/// Reasons for which a container waits in vain.
const HOPELESS: [&str; 8] = [
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "RunContainerError",
];

/// Whether a pod has ended.
pub(crate) fn ended(pod: &Pod) -> bool {
    matches!(pod.status.phase.as_deref(), Some("Failed" | "Succeeded"))
}

/// Why the container waits, if it does.
pub(crate) fn waiting(pod: &Pod) -> Option<(String, String)> {
    let waiting = pod.status.container_statuses.first()?.state.waiting.as_ref()?;
    Some((waiting.reason.clone(), waiting.message.clone()))
}

fn terminated(pod: &Pod) -> Option<String> {
    let terminated = pod.status.container_statuses.first()?.state.terminated.as_ref()?;
    Some(format!("exit {} {}", terminated.exit_code, terminated.reason).trim().to_owned())
}

/// Whether the container runs.
pub(crate) fn runs(pod: &Pod) -> bool {
    pod.status.container_statuses.first().is_some_and(|container| container.state.running.is_some())
}

/// An error of the client in one line: the server's own words where it gave some.
pub(crate) fn words(error: &kube::Error) -> String {
    if let kube::Error::Api(status) = error {
        return format!("{} {}", status.code, status.message.lines().next().unwrap_or_default()).trim().to_owned();
    }
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        next = cause.source();
    }
    text
}
