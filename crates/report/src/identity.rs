//! Who a finding is about, and the names that stay the same for as long as the same question is asked.
//!
//! A finding's [`identity`](Finding::identity) is cluster, node, benchmark and item, never time. Formats that want another form of it
//! take it from here, so that two formats never call one finding by two names.

use data_encoding::HEXLOWER;
use seaworthy_model::{Finding, Report, SubjectKind};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The namespace of all our UUIDs of version 5: that of URLs, with what they name after `seaworthy:`.
const NAMESPACE: Uuid = Uuid::NAMESPACE_URL;

/// SHA-256 of the finding's identity, in 64 hexadecimal digits.
pub fn fingerprint(finding: &Finding) -> String {
    HEXLOWER.encode(&Sha256::digest(finding.identity.as_bytes()))
}

/// A UUID of version 5 made from words: `uuid(&["finding", &finding.identity])`. The same words give the same one.
pub fn uuid(words: &[&str]) -> String {
    let name = format!("seaworthy:{}", words.join(":"));
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).hyphenated().to_string()
}

/// The cluster's identity, which a finding's begins with; none where it could not be found out.
pub fn cluster(finding: &Finding) -> Option<&str> {
    parts(finding).0.filter(|cluster| !matches!(*cluster, "" | "-"))
}

/// The cluster of the whole report: that of the first finding that knows it.
pub fn cluster_of(report: &Report) -> Option<&str> {
    report.findings.iter().find_map(cluster)
}

/// The node's name; none for a finding about the cluster as a whole.
pub fn node(finding: &Finding) -> Option<&str> {
    (finding.subject.kind == SubjectKind::Node).then_some(finding.subject.name.as_str())
}

/// The benchmark, which stands last but one in the identity: an older finding may be of another than its neighbours.
pub fn benchmark(finding: &Finding) -> &str {
    parts(finding).1.unwrap_or("")
}

/// Cluster and benchmark. The parts hold no `/` but the item's, which is last and has none either.
fn parts(finding: &Finding) -> (Option<&str>, Option<&str>) {
    let cluster = finding.identity.split('/').next();
    let benchmark = finding.identity.rsplit('/').nth(1);
    (cluster, benchmark)
}
