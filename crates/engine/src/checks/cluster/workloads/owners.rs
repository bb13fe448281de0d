//! Who stands for a pod: its controller's controller, up to the top.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::Cluster;
use seaworthy_model::cluster::{ObjectMeta, Owner};

use crate::checks::cluster::items;

/// How far up is looked: no chain of Kubernetes' own is longer than three.
const DEPTH: usize = 8;

/// The controllers of workloads: by kind, namespace and name.
pub(super) struct Owners<'a> {
    cluster: &'a Cluster,
    controllers: BTreeMap<(&'a str, &'a str, &'a str), &'a Owner>,
}

impl<'a> Owners<'a> {
    pub(super) fn new(cluster: &'a Cluster) -> Owners<'a> {
        let mut controllers = BTreeMap::new();
        for list in &cluster.workloads {
            for workload in items(&list.list) {
                if let Some(owner) = workload.metadata.controller() {
                    let namespace = workload.metadata.namespace.as_deref().unwrap_or_default();
                    controllers.insert((list.kind.as_str(), namespace, workload.metadata.name.as_str()), owner);
                }
            }
        }
        Owners { cluster, controllers }
    }

    /// The top owner of an object: kind and name. The object itself if nobody controls it.
    pub(super) fn top_of(&self, kind: &str, meta: &ObjectMeta) -> (String, String) {
        let namespace = meta.namespace.as_deref().unwrap_or_default();
        let mut at = (kind.to_owned(), meta.name.clone());
        let mut next = meta.controller();
        for _ in 0..DEPTH {
            // A node owns its mirror pods, and stands for none of them.
            let Some(owner) = next.filter(|owner| owner.kind != "Node") else { break };
            at = (owner.kind.clone(), owner.name.clone());
            next = self.controllers.get(&(owner.kind.as_str(), namespace, owner.name.as_str())).copied();
        }
        at
    }

    /// Every owner on the way up from a pod: kind, namespace, name.
    pub(super) fn of_pods(&self) -> BTreeSet<(&'a str, &'a str, &'a str)> {
        let mut all = BTreeSet::new();
        for pod in items(&self.cluster.pods) {
            let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
            let mut next = pod.metadata.controller();
            while let Some(owner) = next {
                if !all.insert((owner.kind.as_str(), namespace, owner.name.as_str())) {
                    break;
                }
                next = self.controllers.get(&(owner.kind.as_str(), namespace, owner.name.as_str())).copied();
            }
        }
        all
    }
}
