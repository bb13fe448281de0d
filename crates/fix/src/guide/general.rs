//! The guide for any node of a benchmark and a platform.

use seaworthy_catalogue::{Benchmark, Catalogue, Fix, Item, Platform, Risk, Rule};
use seaworthy_model::{Label, Severity};

use super::document::{Block, Document, Kind, Section, Tone, anchor, paragraph, text};
use super::page;

/// What each of these items asks for, why, and how it is repaired; for no node in particular.
pub fn general(
    catalogue: &Catalogue,
    platform: &Platform,
    benchmark: &Benchmark,
    items: &[&Item],
    asked: &str,
) -> Document {
    let machine =
        |item: &&&Item| catalogue.rule(&item.rule).is_some_and(|rule| matches!(rule.fix, Fix::Machine { .. }));
    let facts = vec![
        ("Benchmark", vec![text(format!("{}, {}", benchmark.id, benchmark.title))]),
        ("Kubernetes", vec![text(benchmark.kubernetes.to_string())]),
        ("Platform", vec![text(&platform.title)]),
        ("Asked for", vec![text(asked)]),
        (
            "Items",
            vec![text(format!(
                "{}, of which the program can repair {}",
                items.len(),
                items.iter().filter(machine).count()
            ))],
        ),
    ];
    let mut head = vec![Block::Facts(facts)];
    if let Some(provider) = &platform.managed_by {
        head.push(paragraph(format!(
            "{provider} manages the components of this platform: what is about them is the provider's to change."
        )));
    }
    head.push(paragraph(
        "This guide looks at no node, so it has no values, files and lines of one. On a node, seaworthy guide writes the one that does.",
    ));
    let mut parts: Vec<Section> = Vec::new();
    for section in &benchmark.sections {
        let own: Vec<&Item> = items.iter().copied().filter(|item| within(&item.id, &section.id)).collect();
        if own.is_empty() {
            continue;
        }
        let groups = section.groups.iter().filter_map(|group| {
            let list: Vec<Section> = sections(catalogue, own.iter().copied().filter(|i| within(&i.id, &group.id)));
            let title = format!("{} {}", group.id, group.title);
            (!list.is_empty())
                .then(|| Section::new(Kind::Group, title, Vec::new()).at(format!("group-{}", group.id)).with(list))
        });
        let groups: Vec<Section> = groups.collect();
        let within = if groups.is_empty() { sections(catalogue, own.into_iter()) } else { groups };
        let title = format!("{} {}", section.id, section.title);
        parts.push(Section::new(Kind::Part, title, Vec::new()).at(format!("section-{}", section.id)).with(within));
    }
    Document { title: format!("Remediation guide: {asked} of {} on {}", benchmark.id, platform.title), head, parts }
}

fn within(id: &str, outer: &str) -> bool {
    id.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
}

fn sections<'c>(catalogue: &Catalogue, items: impl Iterator<Item = &'c Item>) -> Vec<Section> {
    items.filter_map(|item| catalogue.rule(&item.rule).map(|rule| section(item, rule))).collect()
}

fn section(item: &Item, rule: &Rule) -> Section {
    let tone = match rule.severity {
        Severity::Critical | Severity::High => Tone::Bad,
        Severity::Medium => Tone::Care,
        Severity::Low => Tone::Plain,
    };
    let label = match item.label {
        Label::Automated => "scored, automated",
        Label::Manual => "not scored, manual",
    };
    let (risk, repair) = repair(rule, &item.id);
    let tags = vec![
        (tone, format!("severity {}", rule.severity.as_str())),
        (Tone::Plain, format!("level {}", item.level)),
        (Tone::Plain, label.to_owned()),
        risk,
    ];
    let mut aspects: Vec<Section> = page::aspect(rule, "What it checks", "What is checked").into_iter().collect();
    aspects.extend(page::aspect(rule, "Why it matters", "Why it matters"));
    aspects.push(Section::new(Kind::Aspect, "What the repair does", repair));
    aspects.push(page::how(rule));
    let title = format!("{} {}", item.id, rule.title);
    Section::new(Kind::Item, title, vec![Block::Tags(tags)]).at(anchor(&item.id)).with(aspects)
}

fn repair(rule: &Rule, id: &str) -> ((Tone, String), Vec<Block>) {
    let command = |risk: &str| Block::Code(format!("seaworthy fix --check {id} --apply{risk}"));
    match &rule.fix {
        Fix::None { reason } => {
            let words = format!("A person does it, not a program: {reason}.");
            ((Tone::Care, "by hand".to_owned()), vec![paragraph(words)])
        }
        Fix::Machine { risk: Risk::None, .. } => {
            let words = paragraph("Nothing restarts, and nothing can break.");
            ((Tone::Good, "nothing restarts".to_owned()), vec![words, command("")])
        }
        Fix::Machine { risk: Risk::RestartsComponent, .. } => {
            let words = paragraph("The component restarts.");
            ((Tone::Care, "a component restarts".to_owned()), vec![words, command("")])
        }
        Fix::Machine { risk: Risk::MayBreak(what), tests, .. } => {
            let mut blocks = vec![paragraph(format!("It may break: {what}."))];
            if !tests.is_empty() {
                blocks.push(paragraph("Whether that is so on a node is tested there before anything is written."));
            }
            blocks.push(command(" --accept-risk may-break"));
            ((Tone::Bad, "may break something".to_owned()), blocks)
        }
    }
}
