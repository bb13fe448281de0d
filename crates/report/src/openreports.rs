//! The report as `ClusterReport` objects of `openreports.io/v1alpha1`, which succeed the policy reports.

use seaworthy_model::Report;
use serde_json::Value;

use crate::changes::Changes;
use crate::format::Context;
use crate::policyreport::{Kind, list, make};

/// One object for the cluster and for each node, with at most 200 results each. Names are those of the policy reports; property values
/// are cut so that each object stays below 1 MB, and a cut value says so.
pub fn objects(report: &Report, changes: Option<&Changes<'_>>) -> Vec<Value> {
    make(&Kind { api_version: "openreports.io/v1alpha1", kind: "ClusterReport", source: true }, report, changes)
}

/// The objects as a JSON `List`, which `kubectl apply -f -` takes.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    list(objects(report, context.changes))
}
