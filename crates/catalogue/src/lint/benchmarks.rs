//! Benchmarks.

use seaworthy_model::{Label, Version};

use super::{Names, checks::Where, suggestion};
use crate::load::{Draft, Parsed};
use crate::parse::{RawBenchmark, RawItem};
use crate::{Benchmark, Group, Item, Problem, Range, Section};

pub(super) fn resolve(
    id: &str,
    raw: &Parsed<'_, RawBenchmark>,
    draft: &Draft<'_>,
    names: &Names<'_>,
    problems: &mut Vec<Problem>,
) -> Benchmark {
    let value = &raw.value;
    let mut version = |text: &Option<String>| {
        let text = text.as_ref()?;
        let version = Version::parse(text);
        if version.is_none() {
            problems.push(raw.problem(text, format!("{text:?} is no version"), "write it as \"1.34\""));
        }
        version
    };
    let kubernetes = Range { from: version(&value.kubernetes.from), to: version(&value.kubernetes.to) };
    let published = Range { from: version(&value.published.from), to: version(&value.published.to) };
    let mut sections: Vec<Section> = value
        .sections
        .iter()
        .map(|section| {
            let mut groups: Vec<Group> =
                section.groups.iter().map(|(id, title)| Group { id: id.clone(), title: title.clone() }).collect();
            groups.sort_by_key(|group| number(&group.id));
            Section {
                id: section.id.clone(),
                title: section.title.clone(),
                target: section.target.clone(),
                role: section.role.clone(),
                groups,
            }
        })
        .collect();
    sections.sort_by_key(|section| number(&section.id));
    for section in &sections {
        if let Some(role) = &section.role
            && !names.platforms.iter().any(|p| p.role(role).is_some())
        {
            let all: Vec<&str> = names.platforms.iter().flat_map(|p| p.roles.iter().map(|r| r.name.as_str())).collect();
            problems.push(raw.problem(
                role,
                format!("no platform has a role {role:?}"),
                suggestion(role, all.into_iter()),
            ));
        }
    }
    let mut items: Vec<Item> =
        value.items.iter().filter_map(|(id, item)| resolve_item(id, item, raw, draft, names, problems)).collect();
    items.sort_by_key(|item| number(&item.id));
    let benchmark = Benchmark { id: id.to_owned(), title: value.title.clone(), kubernetes, published, sections, items };
    for item in &benchmark.items {
        let section = benchmark.section_of(&item.id);
        let group = benchmark.group_of(&item.id);
        if section.is_none_or(|s| !s.groups.is_empty() && !s.groups.iter().any(|g| g.id == group)) {
            let message = format!("{} is in no section or group of this benchmark", item.id);
            problems.push(raw.problem(&item.id, message, "add a [[section]] or a group for it"));
        }
    }
    benchmark
}

fn resolve_item(
    id: &str,
    item: &RawItem,
    raw: &Parsed<'_, RawBenchmark>,
    draft: &Draft<'_>,
    names: &Names<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Item> {
    if id.split('.').any(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit())) {
        problems.push(raw.problem(id, format!("{id:?} is no number"), "write numbers with dots: \"1.2.15\""));
        return None;
    }
    let Some(rule) = draft.rules.get(&item.rule) else {
        let help = suggestion(&item.rule, draft.rules.keys().map(String::as_str));
        problems.push(raw.problem(&item.rule, format!("{id}: there is no rule {:?}", item.rule), help));
        return None;
    };
    let label = match item.label.as_deref() {
        None | Some("automated") => Label::Automated,
        Some("manual") => Label::Manual,
        Some(other) => {
            let help = suggestion(other, ["automated", "manual"].into_iter());
            problems.push(raw.problem(other, format!("{id}: {other:?} is no label"), help));
            Label::Manual
        }
    };
    if !(1..=2).contains(&item.level) {
        problems.push(raw.problem(id, format!("{id}: there is no level {}", item.level), "levels are 1 and 2"));
    }
    let check = item.with.as_ref().and_then(|with| {
        let place = Where { file: raw.file, text: raw.text, names };
        place.check(&rule.value.head.check, Some(with), problems)
    });
    Some(Item { id: id.to_owned(), rule: item.rule.clone(), level: item.level, label, check })
}

/// The parts of a number, for sorting.
fn number(id: &str) -> Vec<u32> {
    id.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect()
}
