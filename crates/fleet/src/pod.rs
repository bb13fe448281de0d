//! The pod that reads one node.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use seaworthy_model::cluster::NodeObject;
use sha2::{Digest, Sha256};

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
///
/// # Errors
/// If the collector's spec is no pod's, which would be our own mistake.
pub(crate) fn build(node: &NodeObject, collector: &Collector, deadline: Duration) -> Result<Pod, serde_json::Error> {
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
    serde_json::from_value(serde_json::json!({
        "metadata": {"name": name(&node.metadata.name), "labels": {LABEL: MANAGED, "app.kubernetes.io/name": "seaworthy"}},
        "spec": spec,
    }))
}

/// What keeps a pod from running, once it is clear that waiting does not help.
pub(crate) fn stuck(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    if matches!(status.phase.as_deref(), Some("Failed" | "Succeeded")) {
        let reason = status.reason.clone().or_else(|| terminated(pod)).unwrap_or_default();
        let message = status.message.clone().unwrap_or_default();
        let words = [reason, message].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(": ");
        return Some(format!(
            "its pod ended before it was asked ({})",
            if words.is_empty() { "no reason given" } else { &words }
        ));
    }
    let waiting = waiting(pod)?;
    let hopeless = [
        "ErrImageNeverPull",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImagePull",
        "ImagePullBackOff",
        "RunContainerError",
        "CrashLoopBackOff",
    ];
    hopeless.contains(&waiting.0.as_str()).then(|| format!("its pod does not start: {}: {}", waiting.0, waiting.1))
}

/// Why the container waits, if it does.
pub(crate) fn waiting(pod: &Pod) -> Option<(String, String)> {
    let container = pod.status.as_ref()?.container_statuses.as_ref()?.first()?;
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    Some((waiting.reason.clone().unwrap_or_default(), waiting.message.clone().unwrap_or_default()))
}

fn terminated(pod: &Pod) -> Option<String> {
    let container = pod.status.as_ref()?.container_statuses.as_ref()?.first()?;
    let terminated = container.state.as_ref()?.terminated.as_ref()?;
    Some(format!("exit {} {}", terminated.exit_code, terminated.reason.clone().unwrap_or_default()).trim().to_owned())
}

/// Whether the container runs.
pub(crate) fn runs(pod: &Pod) -> bool {
    let first = pod.status.as_ref().and_then(|s| s.container_statuses.as_ref()).and_then(|list| list.first());
    first.and_then(|c| c.state.as_ref()).is_some_and(|state| state.running.is_some())
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
