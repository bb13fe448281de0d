//! What the sink may do, for those who write roles.

/// A rule of a role, as RBAC has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The API group; empty for the core one.
    pub group: &'static str,
    /// The resource, in the plural.
    pub resource: &'static str,
    /// What is done with it.
    pub verbs: &'static [&'static str],
    /// Only in this namespace; none for what belongs to the whole cluster.
    pub namespace: Option<&'static str>,
    /// What it is needed for: `reports`, or which ones; `events`.
    pub why: &'static str,
}

/// All that the sink does. `create` stands beside `patch` because an apply that makes an object needs both; `get` and `delete` are for
/// reports of nodes that are gone, which are looked at first: only those that bear our label are deleted.
pub const ACCESS: &[Rule] = &[
    Rule { group: "", resource: "nodes", verbs: &["get"], namespace: None, why: "owners of reports and events" },
    Rule {
        group: "wgpolicyk8s.io",
        resource: "clusterpolicyreports",
        verbs: &["get", "create", "patch", "delete"],
        namespace: None,
        why: "reports = policyreport or both",
    },
    Rule {
        group: "openreports.io",
        resource: "clusterreports",
        verbs: &["get", "create", "patch", "delete"],
        namespace: None,
        why: "reports = openreports or both",
    },
    // Events about what has no namespace are in this one.
    Rule { group: "events.k8s.io", resource: "events", verbs: &["create"], namespace: Some("default"), why: "events" },
];
