//! What is not to be done by a program: questions for people, what passes, what is not known, what is not here, what is set aside.

use seaworthy_catalogue::Check;
use seaworthy_model::{Finding, Verdict};

use super::document::{Block, Entry, Kind, Section, Span, Tone, Words, anchor, code, paragraph, short, text};
use super::work::Open;
use super::{finding, item, page};
use crate::plan::Node;

/// What a person has to decide.
pub(super) fn person(open: &[Open<'_>], node: &Node<'_>) -> Option<Section> {
    if open.is_empty() {
        return None;
    }
    let mut open: Vec<&Open<'_>> = open.iter().collect();
    open.sort_by_key(|open| std::cmp::Reverse(open.finding.severity));
    let intro = paragraph(
        "These fail, or are for a person to judge, and the program does not repair them here. Each says why, and what has to be answered. \
         The answer may be a change by hand, or a waiver: a reason, somebody who answers for it, and an end.",
    );
    let items = open.into_iter().map(|open| question(open, node)).collect();
    Some(Section::new(Kind::Part, "What a person has to decide", vec![intro]).at("decide").with(items))
}

fn question(open: &Open<'_>, node: &Node<'_>) -> Section {
    let found = open.finding;
    let mut tags = finding::tags(found);
    tags.push((Tone::Care, "not by a program".to_owned()));
    let wrong = match found.verdict {
        Verdict::Manual => "The question, and what is known",
        _ => "What is wrong here",
    };
    let mut aspects = vec![Section::new(Kind::Aspect, wrong, finding::wrong(found))];
    let why = paragraph(format!("{}.", finding::capital(open.why.trim_end_matches('.'))));
    aspects.push(Section::new(Kind::Aspect, "Why the program does not do it", vec![why]));
    if let Some(rule) = open.rule {
        aspects.extend(page::aspect(rule, "Why it matters", "Why it matters"));
        aspects.push(page::how(rule));
    }
    aspects.push(Section::new(
        Kind::Aspect,
        "How to verify",
        vec![Block::Code(item::judge(&[found.id.as_str()], node))],
    ));
    let title = format!("{} {}", found.id, found.title);
    Section::new(Kind::Item, title, vec![Block::Tags(tags)]).at(anchor(&found.id)).with(aspects)
}

/// What is set aside for a while.
pub(super) fn waived(findings: &[&Finding]) -> Option<Section> {
    let entries = findings.iter().filter_map(|found| {
        let waiver = found.waiver.as_ref()?;
        let (_, verdict) = finding::verdict(found);
        let said = format!("{}. Answered for by {}, until {}.", waiver.reason, waiver.owner, waiver.expires);
        let otherwise = format!("Without the waiver it {verdict}: {}", found.reason);
        Some(Entry { words: line(found), below: vec![vec![text(short(&said))], vec![text(short(&otherwise))]] })
    });
    let entries: Vec<Entry> = entries.collect();
    let intro = paragraph("Somebody answers for these until a day that is set. They are not repaired.");
    part("Set aside by waivers", "waived", entries.is_empty(), vec![intro, Block::List(entries)])
}

/// What could not be found out, by what would make it known.
pub(super) fn unknown(findings: &[&Finding], node: &Node<'_>) -> Option<Section> {
    let unknown: Vec<&Finding> = of(findings, Verdict::Unknown);
    let asks = |found: &Finding| {
        let check = node.catalogue.rule(&found.rule).map(|rule| &rule.check);
        matches!(check, Some(Check::Api { .. }))
    };
    let (api, own): (Vec<&Finding>, Vec<&Finding>) = unknown.into_iter().partition(|found| asks(found));
    let mut blocks = vec![paragraph("Not known is neither good nor bad: something could not be read or asked.")];
    blocks.extend(reasons(&own, true));
    if !api.is_empty() {
        let mut sections: Vec<&str> = api.iter().map(|found| found.section.as_str()).collect();
        sections.dedup();
        let benchmark = node.options.benchmark.as_ref().map_or_else(String::new, |b| format!(" --benchmark {b}"));
        blocks.push(paragraph(format!(
            "{} about the cluster, which only its API can tell and this guide does not ask. To know them, where there is a kubeconfig that \
             may read:",
            if api.len() == 1 { "1 item is".to_owned() } else { format!("{} items are", api.len()) }
        )));
        let command = format!("seaworthy run --cluster --kubeconfig FILE --group {}{benchmark}", sections.join(","));
        blocks.push(Block::Code(command));
        blocks.push(Block::Compact(api.iter().map(|found| line(found)).collect()));
    }
    part("Not known", "unknown", api.is_empty() && own.is_empty(), blocks)
}

/// Each reason once, below it the findings that have it and what they rest on. As entries of a list, since a reason is the node's words:
/// further lines of an entry never begin where titles do.
fn reasons(findings: &[&Finding], evidence: bool) -> Option<Block> {
    let entry = |(reason, list): (&str, Vec<&Finding>)| {
        let rests = list.iter().flat_map(|found| &found.evidence).filter(|_| evidence).map(|evidence| {
            let from = evidence.source.as_ref().map_or_else(String::new, |source| format!(", from {source}"));
            vec![text(short(&format!("{}: ", evidence.what))), code(&evidence.value), text(short(&from))]
        });
        let mut below: Vec<Words> = list.iter().map(|found| line(found)).collect();
        for words in rests {
            if !below.contains(&words) {
                below.push(words);
            }
        }
        Entry { words: vec![text(short(&finding::capital(reason)))], below }
    };
    let entries: Vec<Entry> = by_reason(findings).into_iter().map(entry).collect();
    (!entries.is_empty()).then_some(Block::List(entries))
}

/// What passes.
pub(super) fn passes(findings: &[&Finding]) -> Option<Section> {
    let passes = of(findings, Verdict::Pass);
    let list = passes.iter().map(|found| line(found)).collect();
    part("What passes", "passes", passes.is_empty(), vec![Block::Compact(list)])
}

/// What there is nothing of.
pub(super) fn absent(findings: &[&Finding]) -> Option<Section> {
    let absent = of(findings, Verdict::NotApplicable);
    let blocks = reasons(&absent, false).into_iter().collect();
    part("Not on this node", "absent", absent.is_empty(), blocks)
}

fn of<'f>(findings: &[&'f Finding], verdict: Verdict) -> Vec<&'f Finding> {
    findings.iter().copied().filter(|found| found.waiver.is_none() && found.verdict == verdict).collect()
}

fn part(title: &str, anchor: &str, empty: bool, blocks: Vec<Block>) -> Option<Section> {
    (!empty).then(|| Section::new(Kind::Part, title, blocks).at(anchor))
}

fn line(found: &Finding) -> Words {
    vec![Span::Text(format!("{} {}", found.id, found.title))]
}

/// Findings with the same reason together, in the order of the first of each.
fn by_reason<'f>(findings: &[&'f Finding]) -> Vec<(&'f str, Vec<&'f Finding>)> {
    let mut groups: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for &found in findings {
        match groups.iter_mut().find(|(reason, _)| *reason == found.reason) {
            Some((_, list)) => list.push(found),
            None => groups.push((&found.reason, vec![found])),
        }
    }
    groups
}
