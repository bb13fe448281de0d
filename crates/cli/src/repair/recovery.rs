//! The boot unit that puts back what a power cut left.

use std::os::unix::fs::PermissionsExt;

use super::carry_out::Desk;
use crate::arguments::Repaired;
use crate::exit::{Exit, Failure};
use crate::output;

/// Where an administrator's units lie.
const UNIT: &str = "etc/systemd/system/seaworthy-recover.service";
/// What starts it with the node, before the kubelet reads any manifest.
const WANTED: &str = "etc/systemd/system/multi-user.target.wants/seaworthy-recover.service";

/// Installs the unit. Its program is this very one, where it lies.
pub(crate) fn install(arguments: &Repaired) -> Result<Exit, Failure> {
    Desk::open(arguments)?;
    let root = arguments.root.clone().unwrap_or_else(|| "/".into());
    let program =
        std::env::current_exe().map_err(|error| Failure::usage(format!("where this program lies: {error}")))?;
    let program = program.display().to_string();
    if program.contains(char::is_whitespace) || program.starts_with("/tmp/") {
        return Err(Failure::usage(format!("{program} is no place for a program that starts with the node"))
            .hint("install it as /usr/local/bin/seaworthy, and run this again"));
    }
    let systemd = root.join("run/systemd/system").is_dir() || root.join("usr/lib/systemd/system").is_dir();
    if !systemd {
        return Err(Failure::usage("there is no systemd on this node")
            .hint(format!("let whatever starts it run this before the kubelet: {program} fix --recover")));
    }
    let unit = root.join(UNIT);
    output::to_file(&unit, text(&program).as_bytes())?;
    let failed = |what: &std::path::Path, error: std::io::Error| Failure::usage(format!("{}: {error}", what.display()));
    std::fs::set_permissions(&unit, std::fs::Permissions::from_mode(0o644)).map_err(|error| failed(&unit, error))?;
    let wanted = root.join(WANTED);
    if let Some(directory) = wanted.parent() {
        std::fs::create_dir_all(directory).map_err(|error| failed(directory, error))?;
    }
    match std::os::unix::fs::symlink(format!("/{UNIT}"), &wanted) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(failed(&wanted, error)),
        _ => {}
    }
    let said = format!(
        "/{UNIT} is installed: at the start of the node, before the kubelet, it puts back what an interrupted repair left.\n\
         To remove it: systemctl disable seaworthy-recover.service && rm /{UNIT}\n"
    );
    output::to_stdout(said.as_bytes()).map(|()| Exit::Done)
}

fn text(program: &str) -> String {
    format!(
        "[Unit]\n\
         Description=Puts back what an interrupted repair of this node left\n\
         DefaultDependencies=no\n\
         After=local-fs.target\n\
         Before=kubelet.service\n\
         ConditionPathExists=/var/lib/seaworthy/journal\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         ExecStart={program} fix --recover\n\
         \n\
         [Install]\n\
         WantedBy=multi-user.target\n"
    )
}
