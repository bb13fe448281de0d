//! The order in which every format goes through a report: the benchmark's sections, kube-bench's targets.

use seaworthy_model::{Finding, Kind, Report, Status, Verdict};

/// kube-bench's order of targets. Others follow in the order of the benchmark.
const TARGETS: [&str; 5] = ["master", "etcd", "controlplane", "node", "policies"];

/// A section or group and the findings that stand in it.
pub(crate) struct Part<'a> {
    /// Its number.
    pub(crate) id: &'a str,
    /// Its title; empty if the report has findings for it and does not list it.
    pub(crate) title: &'a str,
    /// Why there is nothing to say, if the role is absent and that holds for every finding in it and below it.
    pub(crate) absent: Option<&'a str>,
    /// The findings of this very part, without those of groups below.
    pub(crate) findings: Vec<&'a Finding>,
}

impl Part<'_> {
    /// Number and title.
    pub(crate) fn heading(&self) -> String {
        format!("{} {}", self.id, self.title).trim_end().to_owned()
    }
}

/// All sections and groups in the report's order. Findings of a section that the report does not list come last, under its number: a
/// finding is never lost.
pub(crate) fn parts(report: &Report) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for section in &report.sections {
        let mut within = report.findings.iter().filter(|finding| is_within(&finding.section, &section.id));
        let absent = section.absent.as_deref().filter(|_| within.all(is_role_absent));
        parts.push(Part { id: &section.id, title: &section.title, absent, findings: Vec::new() });
    }
    for finding in &report.findings {
        match parts.iter_mut().find(|part| part.id == finding.section) {
            Some(part) => part.findings.push(finding),
            None => parts.push(Part { id: &finding.section, title: "", absent: None, findings: vec![finding] }),
        }
    }
    parts
}

/// Whether a section's number is `outer` itself or one below it: `1.2` is within `1`, `11` is not.
pub(crate) fn is_within(id: &str, outer: &str) -> bool {
    id.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether the finding says nothing but that its role is not here.
fn is_role_absent(finding: &Finding) -> bool {
    finding.verdict == Verdict::NotApplicable
        && finding.kind == Kind::Role
        && finding.status == Status::Info
        && finding.waiver.is_none()
}

/// The targets that sections and findings name, each once.
pub(crate) fn targets(report: &Report) -> Vec<&str> {
    let mut targets: Vec<&str> = Vec::new();
    let sections = report.sections.iter().map(|section| section.target.as_str());
    for target in sections.chain(report.findings.iter().map(|finding| finding.target.as_str())) {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    // A stable sort: unknown targets keep the benchmark's order.
    targets.sort_by_key(|target| TARGETS.iter().position(|known| known == target).unwrap_or(TARGETS.len()));
    targets
}
