//! What is kept of an object: what rules read. A large cluster has tens of thousands of them, and what is dropped here is most of each.

use std::collections::BTreeSet;

use seaworthy_model::cluster::{
    Binding, LabelSelector, List, NetworkPolicy, ObjectMeta, PodObject, PodSpec, PodVolume, Role, Workload,
};

/// The containers whose program and arguments are a second witness of what runs on a control plane node.
const CONTROL_PLANE: [&str; 4] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/// How the labels begin by which Kubernetes marks its own roles and bindings.
const SYSTEM_LABEL: &str = "kubernetes.io/";

/// The labels of pods that network policies select by; none if it is not known which.
pub(super) fn selected(policies: &List<NetworkPolicy>) -> Option<BTreeSet<String>> {
    let listing = policies.known().filter(|listing| listing.broken.is_empty())?;
    let keys = |selector: &LabelSelector| {
        let expressions = selector.match_expressions.iter().map(|e| e.key.clone());
        expressions.chain(selector.match_labels.keys().cloned()).collect::<Vec<_>>()
    };
    Some(listing.items.iter().flat_map(|policy| keys(&policy.spec.pod_selector)).collect())
}

/// A pod. Of its labels those in `selected` are kept, or all.
pub(super) fn pod(pod: &mut PodObject, selected: Option<&BTreeSet<String>>) {
    let system = pod.metadata.namespace.as_deref() == Some("kube-system");
    metadata(&mut pod.metadata);
    if let Some(keys) = selected {
        pod.metadata.labels.retain(|key, _| keys.contains(key));
    }
    spec(&mut pod.spec, pod.metadata.annotations.mirror && system);
    if !system {
        // Which network plugin or policy engine there is, its own workload says.
        containers(&mut pod.spec).for_each(|container| container.image = None);
    }
}

/// A workload.
pub(super) fn workload(workload: &mut Workload) {
    metadata(&mut workload.metadata);
    workload.metadata.labels.clear();
    let of_job = workload.spec.job_template.as_mut().and_then(|job| job.spec.template.as_mut());
    for template in workload.spec.template.as_mut().into_iter().chain(of_job) {
        spec(&mut template.spec, false);
    }
}

/// A role. The reader of JSON leaves room for more in every list.
pub(super) fn role(role: &mut Role) {
    metadata(&mut role.metadata);
    for rule in &mut role.rules {
        for words in [
            &mut rule.verbs,
            &mut rule.api_groups,
            &mut rule.resources,
            &mut rule.resource_names,
            &mut rule.non_resource_urls,
        ] {
            words.shrink_to_fit();
        }
    }
    role.rules.shrink_to_fit();
}

/// A binding. Of its labels those are kept by which the system marks its own.
pub(super) fn binding(binding: &mut Binding) {
    metadata(&mut binding.metadata);
    binding.metadata.labels.retain(|key, _| key.starts_with(SYSTEM_LABEL));
    binding.metadata.owner_references = Vec::new();
    binding.subjects.shrink_to_fit();
}

/// Metadata: of its owners the one that controls it, and no times.
pub(super) fn metadata(meta: &mut ObjectMeta) {
    meta.owner_references.retain(|owner| owner.controller);
    meta.owner_references.shrink_to_fit();
    (meta.creation_timestamp, meta.deletion_timestamp) = (None, None);
}

fn names(spec: &PodSpec, of: impl Fn(&PodVolume) -> bool) -> BTreeSet<String> {
    spec.volumes.iter().filter(|volume| of(volume)).map(|volume| volume.name.clone()).collect()
}

fn containers(spec: &mut PodSpec) -> impl Iterator<Item = &mut seaworthy_model::cluster::PodContainer> {
    spec.containers.iter_mut().chain(&mut spec.init_containers).chain(&mut spec.ephemeral_containers)
}

/// Drops what may hold secrets, and what no rule reads: program and arguments of all but the control plane's `mirror` pods, variables
/// that come from no Secret, ports that are not the node's, volumes that are neither the node's nor hold a token, and mounts but the
/// first of each volume with a token: that it is mounted is enough, and every pod has one.
fn spec(spec: &mut PodSpec, mirror: bool) {
    spec.volumes.retain_mut(|volume| {
        if let Some(projected) = &mut volume.projected {
            projected.sources.retain(|source| source.service_account_token.is_some());
            projected.sources.shrink_to_fit();
        }
        volume.host_path.is_some() || volume.projected.as_ref().is_some_and(|p| !p.sources.is_empty())
    });
    let of_node: BTreeSet<String> = names(spec, |volume| volume.host_path.is_some());
    let mut of_tokens: BTreeSet<String> = names(spec, |volume| volume.host_path.is_none());
    for container in containers(spec) {
        let command = std::mem::take(&mut container.command);
        let args = std::mem::take(&mut container.args);
        if mirror && CONTROL_PLANE.contains(&container.name.as_str()) {
            // In one piece, as they reach the process: the last word of one may announce the first of the other.
            let split = command.len();
            let mut words = crate::redact::arguments(command.into_iter().chain(args).collect());
            container.args = words.split_off(split.min(words.len()));
            container.command = words;
        }
        container.env.retain(|variable| variable.value_from.as_ref().is_some_and(|from| from.secret_key_ref.is_some()));
        container.env.shrink_to_fit();
        container.env_from.retain(|from| from.secret_ref.is_some());
        container.env_from.shrink_to_fit();
        container.ports.retain(|port| port.host_port.is_some());
        container.ports.shrink_to_fit();
        container.volume_mounts.retain(|mount| of_node.contains(&mount.name) || of_tokens.remove(&mount.name));
        container.volume_mounts.shrink_to_fit();
        if let Some(capabilities) = container.security_context.as_mut().and_then(|c| c.capabilities.as_mut()) {
            capabilities.add.shrink_to_fit();
            capabilities.drop.shrink_to_fit();
        }
    }
    spec.containers.shrink_to_fit();
    spec.init_containers.shrink_to_fit();
    spec.ephemeral_containers.shrink_to_fit();
    spec.volumes.shrink_to_fit();
}
