//! `explain`: a rule's page.

use seaworthy_catalogue::{Catalogue, Fix, Risk, nearest};

use crate::arguments::Explain;
use crate::exit::{Exit, Failure};
use crate::{facts, output};

pub(crate) fn explain(words: &Explain) -> Result<Exit, Failure> {
    let catalogue = facts::catalogue(words.catalogue.as_deref())?;
    let name = rule_name(&catalogue, words)?;
    let rule = catalogue.rule(&name).ok_or_else(|| Failure::usage(format!("there is no rule {name:?}")))?;
    let mut numbers = Vec::new();
    for benchmark in &catalogue.benchmarks {
        for item in benchmark.items.iter().filter(|i| i.rule == rule.name) {
            let label = if item.label == seaworthy_model::Label::Automated { "automated" } else { "manual" };
            numbers.push(format!("{} {} (level {}, {label})", benchmark.id, item.id, item.level));
        }
    }
    let fix = match &rule.fix {
        Fix::None { reason } => format!("by hand: {reason}"),
        Fix::Machine { risk: Risk::None, .. } => "by a machine; nothing restarts".to_owned(),
        Fix::Machine { risk: Risk::RestartsComponent, .. } => "by a machine; the component restarts".to_owned(),
        Fix::Machine { risk: Risk::MayBreak(what), .. } => format!("by a machine; it may break: {what}"),
    };
    let needs: Vec<String> = catalogue.platforms.first().map_or_else(Vec::new, |platform| {
        seaworthy_engine::grants(rule, &catalogue, platform).iter().map(ToString::to_string).collect()
    });
    let (title, rest) = rule.page.split_once('\n').unwrap_or((&rule.page, ""));
    let text = format!(
        "{title}\n\nRule:     {}\nNumbers:  {}\nSeverity: {}\nNeeds:    {}\nRepair:   {fix}\n{rest}",
        rule.name,
        numbers.join("\n          "),
        rule.severity.as_str(),
        needs.join("\n          ")
    );
    output::to_stdout(format!("{}\n", text.trim_end()).as_bytes())?;
    Ok(Exit::Done)
}

fn rule_name(catalogue: &Catalogue, words: &Explain) -> Result<String, Failure> {
    let asked = words.rule.trim();
    if catalogue.rule(asked).is_some() {
        return Ok(asked.to_owned());
    }
    let ids = || catalogue.benchmarks.iter().map(|b| b.id.as_str());
    let benchmark = match &words.benchmark {
        None => catalogue.benchmarks.last(),
        Some(id) => Some(catalogue.benchmark(id).ok_or_else(|| {
            let near = nearest(id, ids()).map_or_else(String::new, |n| format!(", did you mean {n:?}?"));
            Failure::usage(format!("there is no benchmark {id:?}{near}")).hint("see seaworthy list benchmarks")
        })?),
    };
    let items = benchmark.map(|b| b.items.as_slice()).unwrap_or_default();
    if let Some(item) = items.iter().find(|i| i.id == asked) {
        return Ok(item.rule.clone());
    }
    let known = items.iter().map(|i| i.id.as_str()).chain(catalogue.rules.iter().map(|r| r.name.as_str()));
    let near = nearest(asked, known).map_or_else(String::new, |n| format!(", did you mean {n:?}?"));
    Err(Failure::usage(format!("there is no rule or number {asked:?}{near}")).hint("see seaworthy list rules"))
}
