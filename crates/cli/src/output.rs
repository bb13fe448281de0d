//! Standard output, standard error and files.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};

use crate::exit::Failure;

/// Whether standard output takes colour: a terminal that is not dumb, and nobody said no.
pub(crate) fn stdout_color() -> bool {
    wanted() && std::io::stdout().is_terminal()
}

fn wanted() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}

/// Writes to standard output. A reader that went away is no failure.
pub(crate) fn to_stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("standard output could not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes to standard output piece by piece. A reader that went away is no failure.
pub(crate) fn stream(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("standard output could not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes to standard error, which nobody can be told about if it fails.
pub(crate) fn to_stderr(colored: &str, plain: &str) {
    let color = wanted() && std::io::stderr().is_terminal();
    let _ = std::io::stderr().lock().write_all(if color { colored } else { plain }.as_bytes());
}

/// Says what the reader should know at once.
pub(crate) fn warn(text: &str) {
    let text = seaworthy_report::clean(text);
    let yellow = Style::new().fg_color(Some(AnsiColor::Yellow.into())).bold();
    to_stderr(&format!("{yellow}warning:{yellow:#} {text}\n"), &format!("warning: {text}\n"));
}

/// Writes to standard error as it is. The caller has cleaned what comes from elsewhere.
pub(crate) fn raw_to_stderr(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Says why the program ends early.
pub(crate) fn complain(failure: &Failure) {
    let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    let hint = failure.hint.as_ref().map_or_else(String::new, |h| format!("  {h}\n"));
    let colored = format!("{red}error:{red:#} {}\n{hint}", failure.message);
    to_stderr(&colored, &format!("error: {}\n{hint}", failure.message));
}

/// Writes a file whole or not at all: beside it first, then in its place.
pub(crate) fn to_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fail = |what: &str, error: std::io::Error| {
        Failure::usage(format!("{} could not be {what}: {error}", path.display())).hint("nothing was written there")
    };
    let name = path.file_name().ok_or_else(|| Failure::usage(format!("{} names no file", path.display())))?;
    // A device or pipe cannot be replaced, only written to.
    if std::fs::metadata(path).is_ok_and(|m| !m.is_file()) {
        return std::fs::write(path, bytes).map_err(|error| fail("written", error));
    }
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(hidden);
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        fail("written", error)
    })
}
