//! The work in the order in which one would do it: first what restarts nothing, then one restart after the other, then what may break.

use seaworthy_catalogue::Rule;
use seaworthy_model::{Finding, Verdict};

use super::document::{Block, Entry, Kind, Section, Span, paragraph, text};
use super::item::{self, Job};
use super::shell::{self, Commands};
use crate::plan::{self, Asked, Node, PlanError, Risk};

/// A finding that the program cannot repair, and why.
pub(super) struct Open<'n> {
    pub(super) finding: &'n Finding,
    pub(super) rule: Option<&'n Rule>,
    pub(super) why: String,
}

/// The findings that need work: those with a plan, and those without.
pub(super) fn sort<'n>(node: &Node<'n>, findings: &[&'n Finding]) -> (Vec<Job<'n>>, Vec<Open<'n>>) {
    let (mut jobs, mut open) = (Vec::new(), Vec::new());
    for &finding in findings {
        let rule = node.catalogue.rule(&finding.rule);
        let plan = planned(node, &[finding.id.as_str()], Risk::MayBreak);
        match (plan, rule) {
            (Ok(plan), Some(rule)) if !plan.fixes.is_empty() => jobs.push(Job { finding, rule, plan }),
            (Ok(plan), rule) => {
                let left = plan.left_out.into_iter().next();
                let why = left.map_or_else(|| "its rule is not in the catalogue".to_owned(), |left| left.why);
                open.push(Open { finding, rule, why });
            }
            (Err(error), rule) => open.push(Open { finding, rule, why: error.to_string() }),
        }
    }
    (jobs, open)
}

fn planned(node: &Node<'_>, ids: &[&str], accept: Risk) -> Result<plan::Plan, PlanError> {
    let items = ids.iter().map(|id| (*id).to_owned()).collect();
    plan::make(node, &Asked { items, named: true, accept, new_key: false })
}

/// Jobs that are done one after the other or together.
pub(super) struct Stage<'n> {
    pub(super) risk: Risk,
    /// What restarts; for what may break this is each job's own.
    pub(super) restarts: String,
    pub(super) jobs: Vec<Job<'n>>,
}

/// The stages, in order. Within each the most severe first, then by number.
pub(super) fn stages(jobs: Vec<Job<'_>>) -> Vec<Stage<'_>> {
    let mut stages: Vec<Stage<'_>> = Vec::new();
    for job in jobs {
        let risk = job.risk();
        let restarts = if risk == Risk::RestartsComponent { job.restarts() } else { String::new() };
        match stages.iter_mut().find(|stage| stage.risk == risk && stage.restarts == restarts) {
            Some(stage) => stage.jobs.push(job),
            None => stages.push(Stage { risk, restarts, jobs: vec![job] }),
        }
    }
    // Findings are in the benchmark's order already, and sorting keeps it.
    for stage in &mut stages {
        stage.jobs.sort_by_key(|job| std::cmp::Reverse(job.finding.severity));
    }
    stages.sort_by_key(|stage| {
        let last = stage.jobs.first().and_then(|job| job.plan.restarts.last());
        (stage.risk, last.map_or(0, |restart| plan::order(&restart.component)))
    });
    stages
}

/// The part of the document.
pub(super) fn part(stages: &[Stage<'_>], node: &Node<'_>) -> Section {
    let part = Section::new(Kind::Part, "What to do, in this order", Vec::new()).at("work");
    if stages.is_empty() {
        let nothing = paragraph("There is nothing that this program could repair among what was asked for.");
        return Section { blocks: vec![nothing], ..part };
    }
    let mut blocks = vec![
        paragraph(
            "What restarts nothing comes first, then one component after the other, then what may break something. Within each the \
             most severe comes first. Every difference is against the files as they are now.",
        ),
        paragraph(
            "The program does each step as one transaction: it keeps what was there, asks the component's probes as the kubelet does, \
             waits until all has gone well for a while, judges again, and puts everything back if any of that fails. Where there is a \
             way to see the result without it, the rule's own page has it.",
        ),
        table(stages),
    ];
    if let Some(others) = others(node) {
        blocks.push(others);
    }
    let own: Vec<&str> = stages.iter().flat_map(|stage| &stage.jobs).map(|job| job.finding.id.as_str()).collect();
    let groups = stages.iter().enumerate().map(|(index, stage)| group(index + 1, stage, node, &own)).collect();
    Section { blocks, sections: groups, ..part }
}

/// Each job on a line.
fn table(stages: &[Stage<'_>]) -> Block {
    let rows = stages.iter().enumerate().flat_map(|(index, stage)| {
        stage.jobs.iter().map(move |job| {
            let restarts = if job.plan.restarts.is_empty() { "nothing".to_owned() } else { job.restarts() };
            vec![
                vec![text((index + 1).to_string())],
                vec![Span::Item(job.finding.id.clone())],
                vec![text(job.finding.title.clone())],
                vec![text(job.finding.severity.as_str())],
                vec![text(restarts)],
                vec![text(if job.risk() == Risk::MayBreak { "yes" } else { "no" })],
            ]
        })
    });
    Block::Table {
        head: vec!["Step", "Item", "What should hold", "Severity", "Restarts", "May break"],
        rows: rows.collect(),
    }
}

/// The other nodes of the control plane, if there are any.
fn others(node: &Node<'_>) -> Option<Block> {
    let members = node.around?.members.as_ref().ok()?;
    let names = members.iter().map(|member| member.node.as_str()).filter(|name| *name != node.name());
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| {
        paragraph(format!(
            "The control plane has other nodes: {}. Each has files of its own, so each needs its own guide. Repair one after the other, \
             and the next only when all are well.",
            names.join(", ")
        ))
    })
}

fn group(number: usize, stage: &Stage<'_>, node: &Node<'_>, own: &[&str]) -> Section {
    let count = stage.jobs.len();
    let title = match stage.risk {
        Risk::None => format!("Step {number}: nothing restarts"),
        Risk::RestartsComponent => format!("Step {number}: {} restarts", stage.restarts),
        Risk::MayBreak => format!("Step {number}: something may break"),
    };
    let ids: Vec<&str> = stage.jobs.iter().map(|job| job.finding.id.as_str()).collect();
    let mut blocks = Vec::new();
    match stage.risk {
        Risk::None => blocks.push(paragraph("Modes and owners of files. No component notices.")),
        Risk::RestartsComponent if count > 1 => blocks.push(paragraph(format!(
            "These {count} changes restart the same component. Done together they are one edit and one restart; one by one they are \
             {count} restarts."
        ))),
        Risk::RestartsComponent => {}
        Risk::MayBreak => blocks.push(paragraph(
            "Do these one at a time, and watch what each may break before the next: then what stops working has one cause.",
        )),
    }
    if stage.risk != Risk::MayBreak && count > 1 {
        blocks.extend(together(number, stage, &ids, node));
    }
    let items = stage.jobs.iter().map(|job| item::section(job, node, own)).collect();
    Section::new(Kind::Group, title, blocks).at(format!("step-{number}")).with(items)
}

/// All of a stage as one plan: the command, and the difference where it is one edit of the same files.
fn together(number: usize, stage: &Stage<'_>, ids: &[&str], node: &Node<'_>) -> Vec<Block> {
    let mut blocks = vec![paragraph("All of this step with the program:")];
    blocks.push(Block::Code(item::command(ids, stage.risk, node)));
    let Ok(plan) = planned(node, ids, stage.risk) else { return blocks };
    for left in &plan.left_out {
        let words = format!(" does not go together with the others, and has to be done after them: {}", left.why);
        blocks.push(Block::List(vec![Entry::of(vec![Span::Item(left.id.clone()), text(words)])]));
    }
    if stage.risk == Risk::RestartsComponent {
        for restart in &plan.restarts {
            blocks.push(paragraph(format!("One restart for all: {}", item::restart(restart))));
        }
        blocks.push(paragraph(
            "By hand it is this one edit, saved once, with these commands around it; what each line is for is said with its item below:",
        ));
        blocks.extend(item::changes(&plan.changes, node));
        let commands = Commands::of(&plan.changes, &format!("step-{number}"), node);
        let restarts: Vec<String> = plan.restarts.iter().filter_map(shell::restart).collect();
        let before = ("Before the edit:", commands.first);
        let after = ("After it:", commands.then.into_iter().chain(restarts.iter().cloned()).collect());
        let back = ("To go back:", commands.back.into_iter().chain(restarts).collect());
        for (when, lines) in [before, after, back] {
            if !lines.is_empty() {
                blocks.extend([paragraph(when), Block::Code(lines.join("\n"))]);
            }
        }
    }
    blocks
}

/// Whether a finding needs work: it does not hold, or a person has to decide.
pub(super) fn needs(finding: &Finding) -> bool {
    finding.waiver.is_none() && matches!(finding.verdict, Verdict::Fail | Verdict::Manual)
}
