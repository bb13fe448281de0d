//! The cluster's own API: a policy report for each node, and an Event when something changed.
//!
//! Reports are applied on the server's side by the field manager `seaworthy` and owned by their Node, so that they go with it. An Event's
//! name is made of what it tells: what is sent twice is there once.

mod access;
mod api;
mod event;
mod reports;

use std::path::PathBuf;

use seaworthy_collect::cluster::Access;
use seaworthy_model::Report;
use seaworthy_report::changes::Changes;
use seaworthy_report::{openreports, policyreport};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::outgoing::Outgoing;
use crate::settings::Settings;
use crate::sink::{Batch, Delivered, Limits, Part, Sink, Trouble};
pub use access::{ACCESS, Rule};
use api::Cluster;

/// Which objects reports become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reports {
    /// `ClusterPolicyReport` of `wgpolicyk8s.io/v1alpha2`.
    #[default]
    Policyreport,
    /// `ClusterReport` of `openreports.io/v1alpha1`.
    Openreports,
    /// Both.
    Both,
    /// Neither: Events only.
    None,
}

/// The settings that only this sink has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Own {
    #[serde(default)]
    reports: Reports,
    events: Option<bool>,
    kubeconfig_file: Option<PathBuf>,
    context: Option<String>,
}

/// A kind of report in the API.
struct Resource {
    /// `apis/GROUP/VERSION/PLURAL`.
    path: &'static str,
    /// The definition that has to be there.
    definition: &'static str,
    /// Where it comes from.
    from: &'static str,
    objects: fn(&Report, Option<&Changes<'_>>) -> Vec<Value>,
}

const POLICY: Resource = Resource {
    path: "/apis/wgpolicyk8s.io/v1alpha2/clusterpolicyreports",
    definition: "clusterpolicyreports.wgpolicyk8s.io",
    from: "github.com/kubernetes-sigs/wg-policy-prototypes, policy-report/crd/v1alpha2",
    objects: policyreport::objects,
};

const OPEN: Resource = Resource {
    path: "/apis/openreports.io/v1alpha1/clusterreports",
    definition: "clusterreports.openreports.io",
    from: "github.com/openreports/reports-api, config/crd or its Helm chart",
    objects: openreports::objects,
};

/// What is asked of the API, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Work {
    /// Apply a report.
    Apply {
        path: String,
        /// The node that owns it; none for the cluster's own.
        node: Option<String>,
        object: Value,
    },
    /// Delete a report, if it is ours.
    Delete {
        path: String,
        /// Only if this node is not in the cluster any more.
        without: Option<String>,
    },
    /// Tell what changed on a node.
    Event { node: String, object: Value },
}

/// The API of a cluster.
pub struct Kubernetes {
    access: Access,
    reports: Vec<&'static Resource>,
    events: bool,
}

impl Kubernetes {
    /// From its settings. Nothing is asked of the cluster yet.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<Kubernetes, String> {
        super::without_http(settings)?;
        let trust = &settings.trust;
        if trust.ca_file.is_some() || trust.client_certificate_file.is_some() || trust.client_key_file.is_some() {
            return Err("a kubernetes sink takes certificates and keys from its kubeconfig".to_owned());
        }
        let own: Own = settings.own()?;
        let reports = match own.reports {
            Reports::Policyreport => vec![&POLICY],
            Reports::Openreports => vec![&OPEN],
            Reports::Both => vec![&POLICY, &OPEN],
            Reports::None => vec![],
        };
        let events = own.events.unwrap_or(true);
        if reports.is_empty() && !events {
            return Err("with reports = \"none\" and events = false nothing would be sent".to_owned());
        }
        Ok(Kubernetes { access: Access { kubeconfig: own.kubeconfig_file, context: own.context }, reports, events })
    }
}

impl Sink for Kubernetes {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        let mut hand_out = |id: String, work: &Work| {
            // Maps have keys of text only, so there is a JSON form.
            let body = serde_json::to_string(work).map_err(|error| error.to_string())?;
            out(Part { id, body })
        };
        for resource in &self.reports {
            for work in reports::works(resource, outgoing) {
                let what = match &work {
                    Work::Apply { path, .. } => format!("apply {path}"),
                    Work::Delete { path, .. } => format!("delete {path}"),
                    Work::Event { .. } => String::new(),
                };
                hand_out(super::report_id(&what, outgoing), &work)?;
            }
        }
        if self.events {
            for (id, work) in event::works(outgoing) {
                hand_out(id, &work)?;
            }
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        Limits { count: 100, bytes: 16 << 20 }
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let cluster = Cluster::connect(&self.access)?;
        let mut delivered = Delivered::default();
        let mut stopped: Option<Trouble> = None;
        let mut done = 0;
        for (place, part) in batch.parts.iter().enumerate() {
            // One that waits for a definition or a right does not hold up the others; a server that is away does.
            let result = match &stopped {
                Some(trouble @ Trouble::Later { .. }) => Err(trouble.clone()),
                _ => self.one(&cluster, &part.body),
            };
            match result {
                Ok(()) => done += 1,
                Err(Trouble::Refused { why } | Trouble::TooLarge { why }) => delivered.refused.push((place, why)),
                Err(trouble) => {
                    delivered.again.push((place, trouble.why().to_owned()));
                    if stopped.is_none() || matches!(trouble, Trouble::Later { .. }) {
                        stopped = Some(trouble);
                    }
                }
            }
        }
        if let Some(trouble) = stopped
            && done == 0
            && delivered.refused.is_empty()
        {
            return Err(trouble);
        }
        delivered.answer = format!("{done} objects are in the cluster of {}", cluster.name());
        Ok(delivered)
    }
}

impl Kubernetes {
    fn one(&self, cluster: &Cluster, body: &str) -> Result<(), Trouble> {
        let work = serde_json::from_str(body)
            .map_err(|error| Trouble::Refused { why: format!("what was kept cannot be read: {error}") })?;
        match work {
            Work::Apply { path, node, object } => reports::apply(cluster, &path, node.as_deref(), object),
            Work::Delete { path, without } => reports::delete(cluster, &path, without.as_deref()),
            Work::Event { node, object } => event::create(cluster, &node, object),
        }
    }
}
