//! Who stands for a pod: its controller's controller, up to the top.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_model::Cluster;
use seaworthy_model::cluster::{ObjectMeta, Owner};

use crate::checks::cluster::items;

/// How far up is looked: no chain of Kubernetes' own is longer than three, and a forged one may be a ring.
const DEPTH: usize = 8;

/// A workload or pod: kind, namespace, name.
pub(super) type Key<'a> = (&'a str, &'a str, &'a str);

/// The workloads that are there, each with its controller.
pub(super) struct Owners<'a> {
    cluster: &'a Cluster,
    workloads: BTreeMap<Key<'a>, Option<&'a Owner>>,
}

impl<'a> Owners<'a> {
    pub(super) fn new(cluster: &'a Cluster) -> Owners<'a> {
        let mut workloads = BTreeMap::new();
        for list in &cluster.workloads {
            for workload in items(&list.list) {
                let meta = &workload.metadata;
                workloads.insert(key(list.kind.as_str(), meta), meta.controller());
            }
        }
        Owners { cluster, workloads }
    }

    /// The owners of an object on the way up, as far as they are workloads that are there. What an object says of its owner anybody
    /// can write, so one that nobody has seen stands for nothing.
    fn above(&self, meta: &'a ObjectMeta) -> impl Iterator<Item = Key<'a>> {
        let namespace = meta.namespace.as_deref().unwrap_or_default();
        let mut next = meta.controller();
        std::iter::from_fn(move || {
            let owner = next?;
            let key = (owner.kind.as_str(), namespace, owner.name.as_str());
            next = *self.workloads.get(&key)?;
            Some(key)
        })
        .take(DEPTH)
    }

    /// The top owner of an object: the object itself if nobody controls it.
    pub(super) fn top_of(&self, kind: &'a str, meta: &'a ObjectMeta) -> Key<'a> {
        self.above(meta).last().unwrap_or_else(|| key(kind, meta))
    }

    /// Every workload that has a pod now.
    pub(super) fn of_pods(&self) -> BTreeSet<Key<'a>> {
        items(&self.cluster.pods).iter().flat_map(|pod| self.above(&pod.metadata)).collect()
    }
}

/// What an object is called.
pub(super) fn key<'a>(kind: &'a str, meta: &'a ObjectMeta) -> Key<'a> {
    (kind, meta.namespace.as_deref().unwrap_or_default(), meta.name.as_str())
}
