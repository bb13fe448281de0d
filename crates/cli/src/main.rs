//! The binary `seaworthy`: arguments, wiring, exit codes.

mod arguments;
mod demo;
mod duration;
mod every;
mod exit;
mod explain;
mod facts;
mod fleet;
mod judged;
mod kube_bench;
mod list;
mod output;
mod privileges;
mod repair;
mod reporting;
mod schedule;
mod sending;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::arguments::{Arguments, Command};
use crate::exit::{Exit, Failure};

fn main() -> ExitCode {
    let words: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let exit = match start(words) {
        Ok(exit) => exit,
        Err(failure) => {
            output::complain(&failure);
            failure.exit
        }
    };
    exit.into()
}

/// Under the name `kube-bench` the program takes kube-bench's words; under `kubectl-seaworthy` it is a plugin of kubectl.
fn start(words: Vec<std::ffi::OsString>) -> Result<Exit, Failure> {
    let name = words.first().map(|w| w.to_string_lossy().into_owned()).unwrap_or_default();
    let words = match name.rsplit('/').next() {
        Some("kube-bench") => kube_bench::translate(words)?,
        Some("kubectl-seaworthy") => fleet::as_plugin(words),
        _ => words,
    };
    let parsed = Arguments::command().try_get_matches_from(words).and_then(|m| Arguments::from_arg_matches(&m));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to standard output and are no mistake.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let text = error.render();
            if error.use_stderr() {
                output::to_stderr(&text.ansi().to_string(), &text.to_string());
            } else {
                output::to_stdout(
                    if output::stdout_color() { text.ansi().to_string() } else { text.to_string() }.as_bytes(),
                )?;
            }
            return Ok(exit);
        }
    };
    if !matches!(
        arguments.command,
        Command::Fix(_) | Command::Hold(_) | Command::Completions { .. } | Command::Man { .. }
    ) {
        repair::warn_of_interruption();
    }
    match arguments.command {
        Command::Run(run) => every::run(&run),
        Command::Evaluate(evaluate) => judged::evaluate(&evaluate),
        Command::Diff(words) => reporting::diff(&words),
        Command::Send(words) => sending::command(&words),
        Command::Collect(collect) => facts::collect(&collect),
        Command::ScanCluster(scan) => fleet::scan(&scan),
        Command::Hold(hold) => {
            std::thread::sleep(hold.time);
            Ok(Exit::Done)
        }
        Command::Fix(words) => repair::fix::fix(&words),
        Command::Guide(words) => repair::guide::guide(&words),
        Command::Edit(words) => repair::edit::edit(&words),
        Command::History(words) => repair::history::history(&words),
        Command::Undo(words) => repair::undo::undo(&words),
        Command::Rescue(words) => repair::rescue::rescue(&words),
        Command::Explain(words) => explain::explain(&words),
        Command::List(words) => list::list(&words),
        Command::Privileges(words) => privileges::privileges(&words),
        Command::Schedule(words) => schedule::schedule(&words),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "seaworthy", &mut script);
            output::to_stdout(&script).map(|()| Exit::Done)
        }
        Command::Man { command } => manual(command.as_deref()),
    }
}

/// The manual page of the program, or of one of its commands.
fn manual(command: Option<&str>) -> Result<Exit, Failure> {
    let program = Arguments::command();
    let (title, command) = match command {
        None => ("seaworthy".to_owned(), program.clone()),
        Some(name) => {
            let known = || program.get_subcommands().map(clap::Command::get_name);
            let found = program.find_subcommand(name).ok_or_else(|| {
                let near = seaworthy_catalogue::nearest(name, known());
                let near = near.map_or_else(String::new, |near| format!(", did you mean {near:?}?"));
                Failure::usage(format!("there is no command {name:?}{near}"))
                    .hint(format!("there are: {}", known().collect::<Vec<_>>().join(", ")))
            })?;
            (format!("seaworthy-{name}"), found.clone().name(format!("seaworthy {name}")))
        }
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .title(title)
        .render(&mut page)
        .map_err(|error| Failure::usage(format!("the manual page could not be made: {error}")))?;
    output::to_stdout(&page).map(|()| Exit::Done)
}
