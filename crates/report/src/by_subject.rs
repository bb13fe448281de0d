//! Findings put together by whom they are about.

use std::collections::BTreeMap;

use seaworthy_model::{Finding, Subject};

use crate::identity;

/// One node or cluster, and its findings.
pub(crate) struct BySubject<'a> {
    /// The cluster's identity, where it is known.
    pub(crate) cluster: Option<&'a str>,
    /// The node, or the cluster as a whole.
    pub(crate) subject: &'a Subject,
    /// At least one, in the report's order.
    pub(crate) findings: Vec<&'a Finding>,
}

impl BySubject<'_> {
    /// A UUID for something of this subject that `what` names: the same whenever it is made.
    pub(crate) fn uuid(&self, what: &[&str]) -> String {
        let kind = if identity::node(self.findings[0]).is_some() { "node" } else { "cluster" };
        let whose = [self.cluster.unwrap_or("-"), kind, &self.subject.name];
        identity::uuid(&[what, &whose].concat())
    }
}

/// The subjects in the order in which the findings name them. Nodes of two clusters may share a name and are two.
pub(crate) fn by_subject<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<BySubject<'a>> {
    let mut list: Vec<BySubject<'a>> = Vec::new();
    let mut places = BTreeMap::new();
    for finding in findings {
        let (cluster, subject) = (identity::cluster(finding), &finding.subject);
        let place = *places.entry((cluster, subject.kind, subject.name.as_str())).or_insert(list.len());
        match list.get_mut(place) {
            Some(of) => of.findings.push(finding),
            None => list.push(BySubject { cluster, subject, findings: vec![finding] }),
        }
    }
    list
}
