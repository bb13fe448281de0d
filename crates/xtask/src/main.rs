//! The build's helper, run as `cargo xtask`. It builds what cargo cannot: the container image.

mod failure;
mod image;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

/// Builds what cargo cannot.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Make the container image: an OCI archive with the static program, the same bytes for the same commit
    Image(image::Arguments),
}

fn main() -> ExitCode {
    let Task::Image(arguments) = Task::parse();
    match image::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Says a line to whoever builds. A reader that went away is no failure.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
