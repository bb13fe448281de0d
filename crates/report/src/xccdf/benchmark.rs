//! The Benchmark element: groups and rules as far as the report's findings tell them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Result;

use seaworthy_model::{Finding, Report, Severity};

use super::{NAMESPACE, ids, result};
use crate::identity;
use crate::outline::{self, Part};
use crate::words;
use crate::xml::{Xml, leaf, lines, node};

/// The system that our rules' names are in.
pub(super) const RULE: &str = "urn:seaworthy:rule";

/// On what the rules can be judged. In the older of CPE's two bindings, about which the Schematron rules warn: `oscap` 1.3.7 takes the
/// empty output of those rules for a failure, and refuses every document about which there is nothing to warn.
const PLATFORM: &str = "cpe:/a:kubernetes:kubernetes";

/// The checking engine that `check` names.
pub(super) const ENGINE: &str = "urn:seaworthy:check";

/// Who may use the words: a Dublin Core element, which readers expect of a Benchmark.
const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";

/// The Benchmark; `results` writes what stands last in it.
pub(crate) fn write(xml: &mut Xml, report: &Report, results: impl FnOnce(&mut Xml) -> Result<()>) -> Result<()> {
    let header = &report.header;
    let attributes = [
        ("xmlns", NAMESPACE),
        ("xmlns:dc", DUBLIN_CORE),
        ("id", &ids::benchmark(report)),
        ("resolved", "1"),
        ("xml:lang", "en"),
    ];
    node(xml, "Benchmark", &attributes, |xml| {
        leaf(xml, "status", &[("date", &result::time(report)[..10])], "accepted")?;
        leaf(xml, "title", &[], &header.benchmark.title)?;
        lines(xml, "description", &[], &description(report))?;
        leaf(xml, "platform", &[("idref", PLATFORM)], "")?;
        leaf(xml, "version", &[("time", &result::time(report))], &header.benchmark.id)?;
        node(xml, "metadata", &[], |xml| {
            let tool = format!("{} {}", report.tool.name, report.tool.version);
            let catalogue = format!("catalogue {}", header.catalogue);
            let words = [
                ("dc:creator", tool.as_str()),
                ("dc:publisher", &tool),
                ("dc:contributor", &tool),
                ("dc:source", &catalogue),
            ];
            words.into_iter().try_for_each(|(name, text)| leaf(xml, name, &[], text))
        })?;
        let rules = rules(report);
        profiles(xml, &rules)?;
        let parts = parts(report);
        for part in parts.iter().filter(|part| outer(&parts, part).is_none()) {
            group(xml, &rules, &parts, part)?;
        }
        results(xml)
    })
}

/// What the reader should know of the report as a whole.
fn description(report: &Report) -> String {
    let benchmark = &report.header.benchmark;
    let mut text = vec![format!("The items of {} that {} asked, with its own words.", benchmark.id, report.tool.name)];
    text.push(format!("Chosen because {}.", benchmark.why));
    text.push(format!("{} of {} nodes reported.", report.received, report.expected));
    text.extend(report.missing.iter().map(|missing| format!("Missing: {}: {}", missing.name, missing.reason)));
    text.extend(report.notes.iter().map(|note| format!("Note: {note}")));
    text.iter().map(|line| crate::clean(line)).collect::<Vec<_>>().join("\n")
}

/// An item as XCCDF has it.
struct Rule<'a> {
    id: String,
    /// The first finding by it.
    finding: &'a Finding,
    /// The rule's own words on the repair: of the findings by this item any may have them, and they are the same words.
    guide: Option<&'a str>,
}

/// Each item once, in the report's order.
fn rules(report: &Report) -> Vec<Rule<'_>> {
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut rules: Vec<Rule<'_>> = Vec::new();
    for finding in &report.findings {
        let place = *places.entry((identity::benchmark(finding), &finding.id)).or_insert(rules.len());
        let guide = finding.remediation.as_ref().map(|fix| fix.guide.as_str()).filter(|guide| !guide.is_empty());
        match rules.get_mut(place) {
            Some(rule) => rule.guide = rule.guide.or(guide),
            None => rules.push(Rule { id: ids::rule(report, finding), finding, guide }),
        }
    }
    // An empty benchmark and the report's own are one.
    let mut seen = BTreeSet::new();
    rules.retain(|rule| seen.insert(rule.id.clone()));
    rules
}

/// The benchmark's levels: the second holds the first.
fn profiles(xml: &mut Xml, rules: &[Rule<'_>]) -> Result<()> {
    let levels: BTreeSet<u8> = rules.iter().map(|rule| rule.finding.level).collect();
    for level in levels {
        node(xml, "Profile", &[("id", &ids::id("profile", &format!("level-{level}")))], |xml| {
            leaf(xml, "title", &[], &format!("Level {level}"))?;
            leaf(xml, "description", &[], &format!("The items of level {level} and below."))?;
            for rule in rules {
                let selected = if rule.finding.level <= level { "true" } else { "false" };
                leaf(xml, "select", &[("idref", &rule.id), ("selected", selected)], "")?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The report's sections, each once.
fn parts(report: &Report) -> Vec<Part<'_>> {
    let mut seen = BTreeSet::new();
    let mut parts = outline::parts(report);
    parts.retain(|part| seen.insert(part.id));
    parts
}

/// The number of the closest section around this one.
fn outer<'a>(parts: &[Part<'a>], part: &Part<'a>) -> Option<&'a str> {
    let around = parts.iter().filter(|other| other.id != part.id && outline::is_within(part.id, other.id));
    around.map(|other| other.id).max_by_key(|id| id.len())
}

fn group(xml: &mut Xml, rules: &[Rule<'_>], parts: &[Part<'_>], part: &Part<'_>) -> Result<()> {
    node(xml, "Group", &[("id", &ids::id("group", part.id))], |xml| {
        leaf(xml, "title", &[], &part.heading())?;
        leaf(xml, "description", &[], part.absent.unwrap_or(if part.title.is_empty() { part.id } else { part.title }))?;
        for one in rules.iter().filter(|rule| rule.finding.section == part.id) {
            rule(xml, one)?;
        }
        for inner in parts.iter().filter(|inner| outer(parts, inner) == Some(part.id)) {
            group(xml, rules, parts, inner)?;
        }
        Ok(())
    })
}

fn rule(xml: &mut Xml, rule: &Rule<'_>) -> Result<()> {
    let finding = rule.finding;
    let attributes = [
        ("id", rule.id.clone()),
        ("selected", "true".to_owned()),
        ("weight", "1.0".to_owned()),
        ("role", role(finding).to_owned()),
        ("severity", severity(finding).to_owned()),
    ];
    node(xml, "Rule", &attributes.each_ref().map(|(name, value)| (*name, value.as_str())), |xml| {
        leaf(xml, "title", &[], &format!("{} {}", finding.id, finding.title))?;
        let label =
            format!("{}. Level {}, {}.", finding.title.trim_end_matches('.'), finding.level, words::label(finding));
        leaf(xml, "description", &[], &label)?;
        leaf(xml, "ident", &[("system", RULE)], &finding.rule)?;
        if let Some(guide) = rule.guide {
            lines(xml, "fixtext", &[], &crate::clean_lines(guide))?;
        }
        check(xml, finding)
    })
}

/// What judged it: XCCDF wants the checking system named at the rule and at its result.
pub(super) fn check(xml: &mut Xml, finding: &Finding) -> Result<()> {
    node(xml, "check", &[("system", ENGINE)], |xml| leaf(xml, "check-content", &[], &finding.rule))
}

/// Whether it counts for the score.
pub(super) fn role(finding: &Finding) -> &'static str {
    if finding.scored { "full" } else { "unscored" }
}

/// XCCDF has nothing above high.
pub(super) fn severity(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High | Severity::Critical => "high",
    }
}
