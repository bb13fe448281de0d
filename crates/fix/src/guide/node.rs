//! The guide to one node.

use seaworthy_model::{Finding, SubjectKind, Verdict};

use super::document::{Block, Document, Entry, code, paragraph, text};
use super::rest;
use super::work::{self, Open, Stage};
use crate::plan::{Node, Risk};

/// The guide to this node, about the items of these numbers. `asked` says in words which these are. Nothing is written to the node; its
/// files are read, so that each difference is one of the file as it is.
pub fn for_node(node: &Node<'_>, items: &[String], asked: &str) -> Document {
    let findings: Vec<&Finding> = node.report.findings.iter().filter(|found| items.contains(&found.id)).collect();
    let needing: Vec<&Finding> = findings.iter().copied().filter(|found| work::needs(found)).collect();
    let (jobs, open) = work::sort(node, &needing);
    let stages = work::stages(jobs);
    let mut head = vec![Block::Facts(facts(node, asked)), verdicts(&findings)];
    head.extend(repairs(&stages, &open));
    head.extend(notes(node));
    let mut parts = vec![work::part(&stages, node)];
    parts.extend(rest::person(&open, node));
    parts.extend(rest::waived(&findings));
    parts.extend(rest::unknown(&findings, node));
    parts.extend(rest::passes(&findings));
    parts.extend(rest::absent(&findings));
    Document {
        title: format!("Remediation guide: {}, {asked} of {}", node.name(), node.report.header.benchmark.id),
        head,
        parts,
    }
}

fn facts(node: &Node<'_>, asked: &str) -> Vec<(&'static str, Vec<super::Span>)> {
    let report = node.report;
    let header = &report.header;
    let subjects = report.subjects.iter().filter(|subject| subject.kind == SubjectKind::Cluster);
    let version = match (&header.kubernetes, &header.kubernetes_source) {
        (Some(version), Some(source)) => format!("{version}, by {source}"),
        (Some(version), None) => version.clone(),
        (None, _) => "version not found".to_owned(),
    };
    let mut facts = vec![("Node", vec![text(node.name())])];
    facts.extend(subjects.map(|subject| ("Cluster", vec![text(&subject.name)])));
    facts.push(("Platform", vec![text(&node.platform.title)]));
    facts.push(("Kubernetes", vec![text(version)]));
    let benchmark = &header.benchmark;
    facts.push(("Benchmark", vec![text(format!("{}, {}: {}", benchmark.id, benchmark.title, benchmark.why))]));
    facts.push(("Asked for", vec![text(asked)]));
    if let Some(time) = &report.time {
        facts.push(("Facts of", vec![text(time)]));
    }
    let made = format!("{} {}, judgement ", report.tool.name, report.tool.version);
    facts.push(("Made by", vec![text(made), code(&report.scan_id)]));
    facts
}

/// How many findings have which verdict.
fn verdicts(findings: &[&Finding]) -> Block {
    let count = |f: &dyn Fn(&Finding) -> bool| findings.iter().filter(|found| f(found)).count();
    let plain = |verdict: Verdict| count(&|found| found.waiver.is_none() && found.verdict == verdict);
    let scored = count(&|f| f.waiver.is_none() && f.verdict == Verdict::Fail && f.scored);
    let rows = [
        ("Passes", plain(Verdict::Pass)),
        ("Fails, and counts", scored),
        ("Fails, and is not scored", plain(Verdict::Fail) - scored),
        ("A person decides", plain(Verdict::Manual)),
        ("Not known", plain(Verdict::Unknown)),
        ("Does not apply here", plain(Verdict::NotApplicable)),
        ("Set aside by a waiver", count(&|found| found.waiver.is_some())),
        ("All items", findings.len()),
    ];
    let rows = rows.iter().map(|(what, count)| vec![vec![text(*what)], vec![text(count.to_string())]]);
    Block::Table { head: vec!["Verdict", "Items"], rows: rows.collect() }
}

/// How many of those that need work the program can repair.
fn repairs(stages: &[Stage<'_>], open: &[Open<'_>]) -> Option<Block> {
    let count = |risk: Risk| stages.iter().filter(|s| s.risk == risk).map(|s| s.jobs.len()).sum::<usize>();
    let rows = [
        ("By the program; nothing restarts", count(Risk::None)),
        ("By the program; a component restarts", count(Risk::RestartsComponent)),
        ("By the program; something may break", count(Risk::MayBreak)),
        ("By a person", open.len()),
    ];
    if rows.iter().all(|(_, count)| *count == 0) {
        return None;
    }
    let rows = rows.iter().map(|(what, count)| vec![vec![text(*what)], vec![text(count.to_string())]]);
    Some(Block::Table { head: vec!["What needs work, and how it can be repaired", "Items"], rows: rows.collect() })
}

/// What the reader should know before reading on.
fn notes(node: &Node<'_>) -> Vec<Block> {
    let report = node.report;
    let waivers = report.waivers.iter().map(|waiver| &waiver.note);
    let seen = report.also_seen.iter().map(|problem| format!("{}: {} ({})", problem.what, problem.why, problem.source));
    let notes = report.notes.iter().chain(waivers).cloned().chain(seen);
    let notes: Vec<Entry> = notes.map(|note| Entry::of(vec![text(super::document::short(&note))])).collect();
    if notes.is_empty() { Vec::new() } else { vec![paragraph("Before reading on:"), Block::List(notes)] }
}
