//! The head: what was judged, by what, and what the reader should know before reading on.

use seaworthy_model::{Report, RoleState, SubjectKind};

use super::page::Page;

/// Where the values begin, so that they stand in one column.
const COLUMN: usize = 12;

pub(super) fn print(page: &mut Page, report: &Report) {
    let header = &report.header;
    entry(page, "Judged", &judged(report));
    if report.received < report.expected {
        let (received, expected) = (report.received, report.expected);
        entry(page, "Incomplete", &format!("{received} of {expected} nodes reported"));
        for missing in &report.missing {
            entry(page, "", &format!("{} is missing: {}", missing.name, missing.reason));
        }
    }
    let kubernetes = match (&header.kubernetes, &header.kubernetes_source) {
        (Some(version), Some(source)) => format!("{version}, says {source}"),
        (Some(version), None) => version.clone(),
        (None, _) => "version not found".to_owned(),
    };
    entry(page, "Kubernetes", &kubernetes);
    let benchmark = &header.benchmark;
    entry(page, "Benchmark", &format!("{}, {}", benchmark.id, benchmark.title));
    entry(page, "Why this", &benchmark.why);
    entry(page, "Platform", &header.platform);
    let present: Vec<&RoleState> = report.roles.iter().filter(|role| role.present).collect();
    let absent: Vec<&RoleState> = report.roles.iter().filter(|role| !role.present).collect();
    roles(page, "Roles", &present);
    roles(page, "Not here", &absent);
    for note in &report.notes {
        page.line(0, &format!("note: {note}"));
    }
}

fn judged(report: &Report) -> String {
    let subjects: Vec<String> = report
        .subjects
        .iter()
        .map(|subject| match subject.kind {
            SubjectKind::Node => format!("node {}", subject.name),
            SubjectKind::Cluster => format!("cluster {}", subject.name),
        })
        .collect();
    const FEW: usize = 6;
    let nodes = report.subjects.iter().filter(|subject| subject.kind == SubjectKind::Node).count();
    let subjects = if subjects.is_empty() {
        "nothing".to_owned()
    } else if nodes > FEW {
        let clusters = subjects.iter().filter(|words| words.starts_with("cluster "));
        clusters.cloned().chain([format!("{nodes} nodes")]).collect::<Vec<_>>().join(", ")
    } else {
        subjects.join(", ")
    };
    let time = report.time.as_ref().map(|time| format!(" from facts of {time}")).unwrap_or_default();
    format!("{subjects}, by {} {}{time}", report.tool.name, report.tool.version)
}

/// One line for each role, the label in front of the first.
fn roles(page: &mut Page, label: &str, roles: &[&RoleState]) {
    for (index, role) in roles.iter().enumerate() {
        entry(page, if index == 0 { label } else { "" }, &format!("{}: {}", role.role, role.why));
    }
}

fn entry(page: &mut Page, label: &str, value: &str) {
    let label = if label.is_empty() { String::new() } else { format!("{label}:") };
    page.line(0, &format!("{label:COLUMN$}{value}"));
}
