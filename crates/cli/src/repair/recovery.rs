//! `fix --install-recovery`: the boot unit.

use seaworthy_fix::recovery::{self, UNIT};
use seaworthy_fix::write::WriteError;

use super::carry_out::Desk;
use crate::arguments::Repaired;
use crate::exit::{Exit, Failure};
use crate::output;

/// Installs the unit. Its program is this very one, where it lies.
pub(crate) fn install(arguments: &Repaired) -> Result<Exit, Failure> {
    let desk = Desk::open(arguments)?;
    let program =
        std::env::current_exe().map_err(|error| Failure::usage(format!("where this program lies: {error}")))?;
    let program = program.display().to_string();
    if program.contains(char::is_whitespace) || program.starts_with("/tmp/") {
        return Err(Failure::usage(format!("{program} is no place for a program that starts with the node"))
            .hint("install it as /usr/local/bin/seaworthy, and run this again"));
    }
    recovery::install(&desk.root, &program).map_err(|error| match error {
        WriteError::NoDirectory { .. } => Failure::usage("there is no systemd on this node")
            .hint(format!("let whatever starts it run this before the kubelet: {program} fix --recover")),
        error => Failure::usage(error.to_string()),
    })?;
    let said = format!(
        "{UNIT} is installed: at the start of the node, before the kubelet, it puts back what an interrupted repair left.\n\
         To remove it: systemctl disable seaworthy-recover.service && rm {UNIT}\n"
    );
    output::to_stdout(said.as_bytes()).map(|()| Exit::Done)
}
