//! The build's helper, run as `cargo xtask`. It builds what cargo cannot: the container image.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a helper of the build speaks to whoever builds")]

mod failure;
mod image;

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
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
