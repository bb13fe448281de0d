//! `history`: what was changed on this node.

use std::fmt::Write;
use std::path::Path;

use seaworthy_fix::journal::{Journal, JournalError, Record, State};
use seaworthy_fix::transaction::Refused;
use seaworthy_fix::write::Root;

use super::carry_out::refused;
use crate::arguments::{History, HistoryCommand, PlanFormat};
use crate::exit::{Exit, Failure};
use crate::output;

/// How many reasons the list shows of a repair.
const FEW: usize = 4;

pub(crate) fn history(arguments: &History) -> Result<Exit, Failure> {
    let root = arguments.root.as_deref().unwrap_or(Path::new("/"));
    let root = Root::open(root).map_err(|error| Failure::usage(error.to_string()))?;
    let journal = match Journal::open(&root, false, 0) {
        Ok(journal) => journal,
        Err(JournalError::Absent { .. }) if arguments.command.is_none() => return show(arguments, &[]),
        Err(error @ JournalError::Denied { .. }) => {
            return Err(Failure::of(Exit::NotRoot, error.to_string()).hint("run the same command by sudo"));
        }
        Err(error) => return Err(refused(Refused::Journal(error))),
    };
    let failed = |error: JournalError| refused(Refused::Journal(error));
    match &arguments.command {
        None => show(arguments, &journal.entries().map_err(failed)?),
        Some(HistoryCommand::Show { id }) => one(arguments, &journal, id),
        Some(HistoryCommand::Prune { keep }) => {
            let lock = journal.lock().map_err(failed)?;
            let dropped = journal.prune(&lock, *keep).map_err(failed)?;
            let text = match dropped.len() {
                0 => "Nothing was dropped.\n".to_owned(),
                n => format!("{n} dropped: {}\n", dropped.join(", ")),
            };
            output::to_stdout(text.as_bytes()).map(|()| Exit::Done)
        }
    }
}

fn json(value: &impl serde::Serialize) -> Result<Exit, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::usage(error.to_string()))?;
    output::to_stdout(format!("{text}\n").as_bytes()).map(|()| Exit::Done)
}

fn show(arguments: &History, records: &[Record]) -> Result<Exit, Failure> {
    if arguments.format == PlanFormat::Json {
        return json(&records);
    }
    let mut out = String::new();
    if records.is_empty() {
        out.push_str("Nothing was repaired on this node yet.\n");
    }
    for record in records {
        head(record, &mut out);
    }
    output::to_stdout(out.as_bytes()).map(|()| Exit::Done)
}

fn head(record: &Record, out: &mut String) {
    let clean = |text: &str| seaworthy_report::clean(text).into_owned();
    let state = record.state.as_ref().map_or("unknown", State::name);
    let _ = writeln!(out, "{}  {state}", record.id);
    if let Some(about) = &record.about {
        // `history show` has them all.
        let more = about.reason.len().saturating_sub(FEW);
        let mut reason = about.reason.iter().take(FEW).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 {
            reason.push_str(&format!(" and {more} more"));
        }
        let _ = writeln!(out, "  {} by {}: {}", clean(&about.time), clean(&about.who), clean(&reason));
    }
    match &record.state {
        Some(State::RolledBack { why } | State::RollingBack { why }) => {
            let _ = writeln!(out, "  failed: {}", clean(why));
        }
        Some(State::RollBackFailed { why, what }) => {
            let _ = writeln!(out, "  failed: {}; not put back: {}", clean(why), clean(what));
        }
        Some(State::Undone { by }) => {
            let _ = writeln!(out, "  taken back by {}", clean(by));
        }
        _ => {}
    }
    for damage in &record.damage {
        let _ = writeln!(out, "  damaged: {}", clean(damage));
    }
}

/// One repair. The diffs are those of the plan, in which keys are masked.
fn one(arguments: &History, journal: &Journal, id: &str) -> Result<Exit, Failure> {
    let failed = |error: JournalError| refused(Refused::Journal(error));
    let entry = journal.entry(id).map_err(failed)?;
    let records = journal.entries().map_err(failed)?;
    let Some(record) = records.into_iter().find(|record| record.id == id) else {
        return Err(failed(JournalError::Unknown { id: id.to_owned() }));
    };
    let mut plan = entry.plan().unwrap_or_default();
    if let Some(plan) = plan.as_object_mut() {
        // For recovery alone: a digest tells a key that was guessed.
        plan.remove("written");
    }
    if arguments.format == PlanFormat::Json {
        return json(&serde_json::json!({ "record": record, "plan": plan }));
    }
    let clean = |text: &str| seaworthy_report::clean(text).into_owned();
    let mut out = String::new();
    head(&record, &mut out);
    if let Some(about) = &record.about {
        for reason in about.reason.iter().skip(FEW) {
            let _ = writeln!(out, "  and: {}", clean(reason));
        }
        let _ = writeln!(out, "  command: {} (seaworthy {})", clean(&about.command.join(" ")), clean(&about.version));
    }
    let _ = writeln!(out, "  files:");
    for file in &record.files {
        let what = if file.changed.is_empty() { "as before".to_owned() } else { file.changed.join(", ") };
        let _ = writeln!(out, "    {}: {what}", clean(&file.path));
    }
    let changes = plan["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    for change in changes {
        for line in change["diff"].as_str().unwrap_or_default().lines() {
            let _ = writeln!(out, "    {}", clean(line));
        }
    }
    output::to_stdout(out.as_bytes()).map(|()| Exit::Done)
}
