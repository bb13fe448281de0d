//! A cluster and its nodes, each judged, in one report.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_catalogue::{Benchmark, Catalogue};
use seaworthy_model::{
    Counts, Facts, Finding, Kind, MissingSubject, Problem, Report, RoleState, SubjectKind, Verdict, WaiverNote,
    WaiverState,
};

use crate::judge::{judge, scan_id, sections_of};
use crate::phrase::some;
use crate::{JudgeError, Options};

/// The label by which a node of the control plane is known.
pub const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

/// Judges a cluster and its nodes, all by the benchmark that fits the cluster, into one report. `nodes` are named as the cluster names
/// them; `missing` are those that told nothing. What the cluster's checks want to know of a node they ask one of the control plane.
///
/// # Errors
/// As [`judge`].
pub fn judge_cluster(
    mut whole: Facts,
    nodes: Vec<(String, Facts)>,
    missing: Vec<MissingSubject>,
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Report, JudgeError> {
    let control_plane: BTreeSet<&str> = (whole.api.iter())
        .filter_map(|api| api.nodes.known())
        .flat_map(|list| &list.items)
        .filter(|node| node.metadata.label(CONTROL_PLANE).is_some())
        .map(|node| node.metadata.name.as_str())
        .collect();
    let beside = nodes.iter().find(|(name, _)| control_plane.contains(name.as_str()));
    whole.node = beside.and_then(|(_, facts)| facts.node.clone());
    let cluster = judge(&whole, catalogue, options)?;
    let id = cluster.header.benchmark.id.clone();
    let same = Options { benchmark: Some(id.clone()), ..options.clone() };
    let mut reports = Vec::with_capacity(nodes.len());
    for (name, mut facts) in nodes {
        facts.api = whole.api.as_ref().map(|api| Box::new(api.for_node(&name)));
        reports.push(judge(&facts, catalogue, &same)?);
    }
    match catalogue.benchmark(&id) {
        Some(benchmark) => Ok(merge(benchmark, cluster, reports, missing)),
        None => Err(JudgeError::NoBenchmarks),
    }
}

/// Puts the reports of a cluster and of its nodes together. All must have been judged by `benchmark`. Of `cluster` the findings about
/// the cluster are taken, of `nodes` those about the node. Findings stand in the benchmark's order, those of one item by node; that a
/// node lacks an item's role is left out where another node has it. Totals and sections count every item once, by its worst word.
fn merge(benchmark: &Benchmark, cluster: Report, nodes: Vec<Report>, missing: Vec<MissingSubject>) -> Report {
    let received = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
    let absent = u32::try_from(missing.len()).unwrap_or(u32::MAX);
    let roles = roles(&nodes);
    let mut waivers: Vec<WaiverNote> = Vec::new();
    let mut also_seen: Vec<Problem> = Vec::new();
    let mut notes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut findings: Vec<Finding> = Vec::new();
    let mut subjects = Vec::new();
    let mut merged = cluster;
    waive(&mut waivers, std::mem::take(&mut merged.waivers));
    subjects.extend(merged.subjects.iter().filter(|s| s.kind == SubjectKind::Cluster).cloned());
    let about_cluster = std::mem::take(&mut merged.findings).into_iter();
    findings.extend(about_cluster.filter(|f| f.subject.kind == SubjectKind::Cluster));
    for report in nodes {
        let name = report.subjects.first().map_or_else(String::new, |s| s.name.clone());
        subjects.extend(report.subjects.into_iter().filter(|s| s.kind == SubjectKind::Node));
        waive(&mut waivers, report.waivers);
        also_seen.extend(report.also_seen.into_iter().map(|p| Problem { what: format!("{} on {name}", p.what), ..p }));
        for note in report.notes {
            notes.entry(note).or_default().push(name.clone());
        }
        findings.extend(report.findings.into_iter().filter(|f| f.subject.kind == SubjectKind::Node));
    }
    merged.subjects = subjects;
    merged.expected = received.saturating_add(absent);
    merged.received = received;
    merged.roles = roles;
    merged.notes.extend(notes.into_iter().map(|(note, names)| said_of(&note, &names, received)));
    merged.waivers = waivers;
    merged.also_seen = also_seen;
    merged.missing = missing;
    merged.findings = in_order(benchmark, findings);
    let items = items(&merged.findings);
    merged.totals = Counts::default();
    items.iter().for_each(|finding| merged.totals.add(finding));
    merged.sections = sections_of(benchmark, &items);
    merged.scan_id = scan_id(&merged);
    merged
}

/// A note, and whose it is unless it is everybody's.
fn said_of(note: &str, names: &[String], all: u32) -> String {
    if u32::try_from(names.len()).unwrap_or(u32::MAX) == all {
        return note.to_owned();
    }
    const FEW: usize = 5;
    format!("{}: {note}", some(names.iter(), FEW, ", "))
}

/// A waiver is unused only if no report has a use for it.
fn waive(all: &mut Vec<WaiverNote>, notes: Vec<WaiverNote>) {
    let rank = |state| match state {
        WaiverState::Used => 2,
        WaiverState::Expired => 1,
        WaiverState::Unused => 0,
    };
    for note in notes {
        match all.iter_mut().find(|known| known.item == note.item && known.state != note.state || **known == note) {
            Some(known) if rank(note.state) > rank(known.state) => *known = note,
            Some(_) => {}
            None => all.push(note),
        }
    }
}

fn in_order(benchmark: &Benchmark, mut findings: Vec<Finding>) -> Vec<Finding> {
    let places: BTreeMap<&str, usize> =
        benchmark.items.iter().enumerate().map(|(index, item)| (item.id.as_str(), index)).collect();
    let place = |finding: &Finding| places.get(finding.id.as_str()).copied().unwrap_or(usize::MAX);
    findings.sort_by(|a, b| (place(a), &a.subject.name).cmp(&(place(b), &b.subject.name)));
    let lacks = |f: &Finding| f.kind == Kind::Role && f.verdict == Verdict::NotApplicable && f.waiver.is_none();
    let mut kept = Vec::with_capacity(findings.len());
    for item in findings.chunk_by(|a, b| a.id == b.id) {
        let somebody = item.iter().any(|f| !lacks(f));
        // Where nobody has the role, one word about it is enough.
        let mut rest = item.iter().filter(|f| !somebody || !lacks(f));
        if somebody {
            kept.extend(rest.cloned());
        } else {
            kept.extend(rest.next().cloned());
        }
    }
    kept
}

/// One finding for each item: the one with the worst word.
fn items(findings: &[Finding]) -> Vec<&Finding> {
    findings.chunk_by(|a, b| a.id == b.id).filter_map(seaworthy_model::worst_of).collect()
}

/// A role is here if a node has it; why says on how many.
fn roles(nodes: &[Report]) -> Vec<RoleState> {
    let mut roles: Vec<RoleState> = Vec::new();
    for state in nodes.iter().flat_map(|report| &report.roles) {
        if !roles.iter().any(|known| known.role == state.role) {
            roles.push(RoleState { present: false, certain: true, why: String::new(), ..state.clone() });
        }
    }
    for role in &mut roles {
        let have = |report: &&Report| report.roles.iter().any(|s| s.role == role.role && s.present && s.certain);
        let may =
            nodes.iter().filter(|r| r.roles.iter().any(|s| s.role == role.role && s.present && !s.certain)).count();
        let count = nodes.iter().filter(have).count();
        role.present = count + may > 0;
        role.certain = count > 0 || may == 0;
        role.why = match may {
            0 => format!("on {count} of {} nodes", nodes.len()),
            may => format!("on {count} of {} nodes, and perhaps on {may} more", nodes.len()),
        };
    }
    roles
}
