//! The report as `ClusterPolicyReport` objects of `wgpolicyk8s.io/v1alpha2`, one for each subject.
//!
//! An object says how things are, so what is gone is not in it: the API server drops it when the object is applied anew. Findings that
//! changed say how in a property.

mod object;

use seaworthy_model::Report;
use serde_json::Value;

use crate::changes::Changes;
use crate::format::Context;
pub(crate) use object::{Kind, list, make};

/// One object for the cluster and for each node, with at most 200 results each. Names are DNS subdomains and the same whenever the same
/// subject is judged by the same benchmark; property values are cut so that each object stays below 1 MB, and a cut value says so.
pub fn objects(report: &Report, changes: Option<&Changes<'_>>) -> Vec<Value> {
    let kind = Kind { api_version: "wgpolicyk8s.io/v1alpha2", kind: "ClusterPolicyReport", source: false };
    make(&kind, report, changes)
}

/// The objects as a JSON `List`, which `kubectl apply -f -` takes.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    list(objects(report, context.changes))
}
