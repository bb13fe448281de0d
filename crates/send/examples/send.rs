//! Sends a report as a file of settings says: `send REPORT.json SETTINGS.toml`, where the settings are a table `[sink.a]`. All findings
//! are sent, without a spool. Prints what became of it and ends with 0 only if all of it arrived.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods)] // a program, and not ours to install

use std::process::ExitCode;

use seaworthy_send::deliver::{Patience, deliver};
use seaworthy_send::outgoing::{Outgoing, When};
use seaworthy_send::settings::Config;
use seaworthy_send::sinks;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [report, settings] = &arguments[..] else { return Err("send REPORT.json SETTINGS.toml".to_owned()) };
    let read = |path: &String| std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
    let report = seaworthy_report::json::parse(&read(report)?).map_err(|error| error.to_string())?;
    let prepared = sinks::prepare(&Config::parse(&read(settings)?)?.settings("a", false)?, None)?;
    let outgoing = Outgoing::choose(&report, None, When::All, None);
    let outcomes = deliver(&[(&prepared, Some(outgoing))], Patience::default());
    println!("{outcomes:#?}");
    Ok(outcomes.iter().all(seaworthy_send::deliver::Outcome::is_complete))
}
