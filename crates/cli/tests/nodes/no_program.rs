//! A scan starts no program: it also works where none can be started.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "tests start the program itself")]

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output};

/// Runs a script as a user of whom no further process may exist.
fn alone(script: &str, dir: &Path) -> Option<Output> {
    let alone = ["--reuid=65534", "--regid=65534", "--clear-groups", "prlimit", "--nproc=0", "sh", "-c", script];
    Command::new("setpriv").args(alone).current_dir(dir).output().ok()
}

#[test]
fn a_scan_starts_no_program() {
    if std::fs::metadata("/proc/self").map(|m| m.uid()).ok() != Some(0) {
        println!("skipped: only root can become a user of whom no process may be started");
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let open = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let (program, archive) = (dir.path().join("seaworthy"), dir.path().join("node.tar.gz"));
    std::fs::copy(env!("CARGO_BIN_EXE_seaworthy"), &program).expect("the program");
    std::fs::copy(crate::command::PLAIN, &archive).expect("the archive");
    for path in [dir.path(), program.as_path(), archive.as_path()] {
        open(path);
    }
    let Some(fork) = alone("(true) && echo forked", dir.path()) else {
        println!("skipped: there is no setpriv");
        return;
    };
    let refused = String::from_utf8_lossy(&fork.stderr).to_lowercase().contains("fork");
    assert!(refused && fork.stdout.is_empty(), "a process can be started in spite of the limit: {fork:?}");
    let scan = "exec ./seaworthy run --root node.tar.gz --exit-code 42";
    let ran = alone(scan, dir.path()).expect("setpriv was there before");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert_eq!(ran.status.code(), Some(42), "{err}");
    assert_eq!(err, "");
    assert!(out.contains("[FAIL] 1.2.15 ") && out.contains("[PASS] 4.2.1 "), "{out}");
}
