//! What a case's API tells of the case's node: its kubelet's configuration, the API server's counters, kube-proxy's ConfigMap; and what
//! of the node's processes cannot be seen.

use seaworthy_catalogue::{Case, CaseFileState};
use seaworthy_model::cluster::{ConfigText, KubeletConfig, Metrics, api_source};
use seaworthy_model::{Cluster, Fact, Grant, GrantKind, Node, Source, Text};

/// The node's name.
pub(super) const NODE: &str = "node1";
/// The public key of the cluster's authority.
pub(super) const AUTHORITY: &str = "the case's authority";

/// Adds to the API of a case what it tells of the node. There is one from then on, if it tells something.
pub(super) fn add(case: &Case, cluster: &mut Option<Box<Cluster>>) {
    let asked = case.configz.is_some() || case.configz_state != CaseFileState::Known;
    let counted = !case.written_by.is_empty() || !case.audit_levels.is_empty();
    if !asked && !counted && case.config_map.is_none() && cluster.is_none() {
        return;
    }
    let cluster = cluster.get_or_insert_default();
    let key = if case.other_cluster { "another" } else { AUTHORITY };
    cluster.authority = Fact::Known { value: key.to_owned(), source: Source::stated("the case") };
    let text = |text: &Option<String>| Text { text: text.clone().unwrap_or_default(), redactions: 0 };
    if asked {
        let node = case.configz_node.clone().unwrap_or_else(|| NODE.to_owned());
        let source = api_source("nodes/configz", None, Some(&node));
        let grant = |kind| Grant::new(kind, "get nodes/configz");
        let config = match case.configz_state {
            CaseFileState::Known => Fact::Known { value: text(&case.configz), source },
            CaseFileState::Absent => Fact::Absent { source },
            CaseFileState::Denied => {
                Fact::Denied { error: "403 Forbidden".to_owned(), grant: grant(GrantKind::Api), source }
            }
            CaseFileState::NotVisible => Fact::NotVisible { grant: grant(GrantKind::Recording), source },
            CaseFileState::Broken => Fact::Broken { error: "no answer within 5 s".to_owned(), source },
        };
        cluster.kubelets.push(KubeletConfig { node, config });
    }
    if counted {
        let value = Metrics { written_by: case.written_by.clone(), audit_levels: case.audit_levels.clone() };
        cluster.metrics = Fact::Known { value, source: api_source("metrics", None, None) };
    }
    if case.config_map.is_some() {
        let source = api_source("configmaps", Some("kube-system"), Some("kube-proxy"));
        cluster.config_maps.push(ConfigText {
            namespace: "kube-system".to_owned(),
            name: "kube-proxy".to_owned(),
            key: "config.conf".to_owned(),
            text: Fact::Known { value: text(&case.config_map), source },
        });
    }
}

/// Takes away what cannot be seen of processes.
pub(super) fn hide(case: &Case, node: &mut Node) {
    let grant = || Grant::new(GrantKind::Namespace, "hostPID");
    if !case.processes_visible {
        node.processes = Fact::NotVisible { grant: grant(), source: Source::host("/proc") };
    }
    if let (false, Fact::Known { value, .. }) = (case.arguments_readable, &mut node.processes)
        && let Some(process) = value.first_mut()
    {
        process.arguments = Fact::NotVisible { grant: grant(), source: process.arguments.source().clone() };
    }
}
