//! One thing to do: the finding, the plan for it alone, and the rule's page.

use seaworthy_catalogue::Rule;
use seaworthy_model::{Finding, Verdict};

use super::document::{Block, Entry, Kind, Section, Span, Tone, anchor, code, paragraph, short, text};
use super::shell::{self, Commands};
use super::{finding, page};
use crate::plan::{Action, Change, How, Node, Plan, Restart, Risk};

/// A finding that the program can repair, and how.
pub(super) struct Job<'n> {
    pub(super) finding: &'n Finding,
    pub(super) rule: &'n Rule,
    /// The plan for this finding alone.
    pub(super) plan: Plan,
}

impl Job<'_> {
    pub(super) fn risk(&self) -> Risk {
        self.plan.fixes.first().map_or(Risk::MayBreak, |fix| fix.risk)
    }

    /// What restarts, as one text.
    pub(super) fn restarts(&self) -> String {
        let names: Vec<&str> = self.plan.restarts.iter().map(|restart| restart.component.as_str()).collect();
        names.join(" and ")
    }
}

/// The command that does all of these.
pub(super) fn command(ids: &[&str], risk: Risk, node: &Node<'_>) -> String {
    let benchmark = node.options.benchmark.as_ref().map_or_else(String::new, |b| format!(" --benchmark {b}"));
    // Who names a check accepts that its component restarts.
    let risk = if risk == Risk::MayBreak { " --accept-risk may-break" } else { "" };
    format!("seaworthy fix --check {}{benchmark} --apply{risk}", ids.join(","))
}

/// The command that judges these again.
pub(super) fn judge(ids: &[&str], node: &Node<'_>) -> String {
    let benchmark = node.options.benchmark.as_ref().map_or_else(String::new, |b| format!(" --benchmark {b}"));
    format!("seaworthy run --check {}{benchmark}", ids.join(","))
}

/// `own`: the items that have a section of their own in this document.
pub(super) fn section(job: &Job<'_>, node: &Node<'_>, own: &[&str]) -> Section {
    let found = job.finding;
    let mut tags = finding::tags(found);
    tags.push(match job.risk() {
        Risk::None => (Tone::Good, "nothing restarts".to_owned()),
        Risk::RestartsComponent => (Tone::Care, format!("{} restarts", job.restarts())),
        Risk::MayBreak if job.plan.restarts.is_empty() => (Tone::Bad, "may break something".to_owned()),
        Risk::MayBreak => (Tone::Bad, format!("{} restarts, may break something", job.restarts())),
    });
    let commands = Commands::of(&job.plan.changes, &found.id, node);
    let mut aspects = vec![Section::new(Kind::Aspect, "What is wrong here", finding::wrong(found))];
    aspects.extend(page::aspect(job.rule, "Why it matters", "Why it matters"));
    aspects.push(Section::new(Kind::Aspect, "The change on this node", change(job, node, own)));
    aspects.push(Section::new(Kind::Aspect, "What restarts, and what may break", effects(job)));
    aspects.push(Section::new(Kind::Aspect, "How to do it", how(job, &commands, node)));
    aspects.push(page::how(job.rule));
    aspects.push(Section::new(Kind::Aspect, "How to verify", verify(job, node)));
    aspects.push(Section::new(Kind::Aspect, "How to go back", back(job, &commands)));
    let title = format!("{} {}", found.id, found.title);
    Section::new(Kind::Item, title, vec![Block::Tags(tags)]).at(anchor(&found.id)).with(aspects)
}

fn change(job: &Job<'_>, node: &Node<'_>, own: &[&str]) -> Vec<Block> {
    let mut blocks = Vec::new();
    if job.finding.verdict == Verdict::Manual {
        blocks.push(paragraph(
            "This is for a person to decide. The change below is one answer, which the check accepts; another may suit you better.",
        ));
    }
    // A single step is what the difference or the mode below says already.
    let steps: Vec<Entry> =
        job.plan.fixes.iter().flat_map(|fix| &fix.steps).map(|step| Entry::of(vec![text(short(step))])).collect();
    if steps.len() > 1 {
        blocks.push(Block::List(steps));
    }
    blocks.extend(changes(&job.plan.changes, node));
    let also = job.plan.preview.iter().filter(|d| d.id != job.finding.id && d.after == Verdict::Pass);
    let link = |id: &String| if own.contains(&id.as_str()) { Span::Item(id.clone()) } else { text(id) };
    let also: Vec<Span> = also.map(|difference| link(&difference.id)).collect();
    if !also.is_empty() {
        blocks.push(Block::Text(std::iter::once(text("The same change repairs, too: ")).chain(commas(also)).collect()));
    }
    blocks
}

/// Each change of a file.
pub(super) fn changes(changes: &[Change], node: &Node<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for change in changes {
        let what = match change.action {
            Action::MakeDirectory => "Make the directory ",
            Action::Create => "Write the file ",
            Action::Edit => "Edit ",
            Action::Attributes => "Change ",
        };
        let mut words = vec![text(what), code(&change.path)];
        let (mode, owner) = shell::attributes(change, node);
        for (label, wanted, now) in [
            (", mode ", change.mode.as_deref(), mode),
            (", owner and group ", change.owner.as_deref().map(shell::named), owner),
        ] {
            let Some(wanted) = wanted else { continue };
            words.extend([text(label), code(wanted)]);
            if let Some(now) = now {
                words.extend([text(" (now "), code(now), text(")")]);
            }
        }
        if change.secret {
            words.push(text("; it holds a key, so what it says is masked here"));
        }
        blocks.push(Block::Text(words));
        if !change.diff.is_empty() {
            blocks.push(Block::Diff(change.diff.clone()));
        }
    }
    blocks
}

fn effects(job: &Job<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    match job.plan.restarts.as_slice() {
        [] => blocks.push(paragraph("Nothing restarts.")),
        restarts => blocks.push(Block::List(restarts.iter().map(|r| Entry::of(vec![text(restart(r))])).collect())),
    }
    for fix in &job.plan.fixes {
        if let Some(breaks) = &fix.breaks {
            blocks.push(paragraph(format!("It may break: {breaks}.")));
        }
        if !fix.tested.is_empty() {
            blocks.push(paragraph("What was tested on this node:"));
            let tested = fix.tested.iter().map(|said| Entry::of(vec![text(short(said))]));
            blocks.push(Block::List(tested.collect()));
        }
    }
    blocks
}

pub(super) fn restart(restart: &Restart) -> String {
    let how = match restart.how {
        How::Manifest => "the kubelet makes its pod anew",
        How::Process => "its process is ended, and the kubelet starts it again",
        How::Kubelet => "it is restarted",
    };
    let note = restart.note.as_ref().map_or_else(String::new, |note| format!("; {note}"));
    format!("{}: {how}, away for about {} s{note}.", restart.component, restart.away)
}

fn how(job: &Job<'_>, commands: &Commands, node: &Node<'_>) -> Vec<Block> {
    let id = job.finding.id.as_str();
    let mut blocks = vec![paragraph("With the program, which puts all back if it does not go well:")];
    blocks.push(Block::Code(command(&[id], job.risk(), node)));
    blocks.push(paragraph("By hand, as root on this node:"));
    let restarts: Vec<String> = job.plan.restarts.iter().filter_map(shell::restart).collect();
    if commands.edited.is_empty() && commands.masked.is_empty() {
        let lines: Vec<String> = commands.first.iter().chain(&commands.then).chain(&restarts).cloned().collect();
        blocks.push(Block::Code(lines.join("\n")));
    } else {
        blocks.push(Block::Code(commands.first.join("\n")));
        if !commands.masked.is_empty() {
            let mut words = vec![text("What to write into ")];
            words.extend(commas(commands.masked.iter().map(code).collect()));
            words.push(text(
                " is in the rule's own page below: it holds a key that no document should, so it is masked above.",
            ));
            blocks.push(Block::Text(words));
        }
        blocks.extend(by_difference(job, commands));
        let then: Vec<String> = commands.then.iter().chain(&restarts).cloned().collect();
        if !then.is_empty() {
            blocks.push(Block::Code(then.join("\n")));
        }
    }
    if !job.plan.afterwards.is_empty() {
        blocks.push(paragraph("Afterwards, either way:"));
        let afterwards = job.plan.afterwards.iter().map(|what| Entry::of(vec![text(short(what))]));
        blocks.push(Block::List(afterwards.collect()));
    }
    blocks
}

/// How the difference is put into the files by hand.
fn by_difference(job: &Job<'_>, commands: &Commands) -> Option<Block> {
    if commands.edited.is_empty() {
        return None;
    }
    let mut words = vec![text("Then, in ")];
    words.extend(commas(commands.edited.iter().map(code).collect()));
    words.push(text(
        ", put in the lines that are marked + above (without the mark) and take out those marked -, with the same indent. Nothing \
         else changes.",
    ));
    if job.plan.restarts.iter().any(|restart| restart.how == How::Manifest) {
        words.push(text(
            " The kubelet takes a manifest as soon as it is saved. It also takes every other file in that directory: keep no copy in \
             there.",
        ));
    }
    Some(Block::Text(words))
}

fn verify(job: &Job<'_>, node: &Node<'_>) -> Vec<Block> {
    let id = job.finding.id.as_str();
    let mut lines = vec![format!("{}    # PASS", judge(&[id], node))];
    lines.extend(job.plan.restarts.iter().map(shell::back));
    vec![Block::Code(lines.join("\n"))]
}

fn back(job: &Job<'_>, commands: &Commands) -> Vec<Block> {
    let mut by_hand = commands.back.clone();
    by_hand.extend(job.plan.restarts.iter().filter_map(shell::restart));
    vec![
        paragraph("If the program did it, by the ID that the history gives it:"),
        Block::Code("seaworthy history\nseaworthy undo ID".to_owned()),
        paragraph("If it was done by hand:"),
        Block::Code(by_hand.join("\n")),
    ]
}

/// `a, b and c`.
pub(super) fn commas(spans: Vec<Span>) -> Vec<Span> {
    let last = spans.len().saturating_sub(1);
    let mut out = Vec::new();
    for (index, span) in spans.into_iter().enumerate() {
        if index > 0 {
            out.push(text(if index == last { " and " } else { ", " }));
        }
        out.push(span);
    }
    out
}
