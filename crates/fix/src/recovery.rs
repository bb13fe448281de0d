//! The unit of systemd that puts back what a power cut left, before the kubelet reads any manifest.

use crate::write::{New, Root, Style, WriteError};

/// Where an administrator's units lie.
pub const UNIT: &str = "/etc/systemd/system/seaworthy-recover.service";
/// The directory of what starts with the node.
const WANTS: &str = "/etc/systemd/system/multi-user.target.wants";

/// Installs the unit. `program` is where this program lies on the node. Done again, it changes nothing but the program's place.
///
/// # Errors
/// See [`WriteError`]; [`WriteError::NoDirectory`] where there is no systemd.
pub fn install(root: &Root, program: &str) -> Result<(), WriteError> {
    let before = root.snapshot(UNIT)?;
    let text = text(program);
    if before.bytes() != Some(text.as_bytes()) {
        let new = New { bytes: text.as_bytes(), mode: 0o644, uid: 0, gid: 0, inherit: None };
        root.replace(UNIT, &new, &before, Style::Inside)?;
    }
    if root.snapshot(WANTS)?.status().is_none() {
        root.make_directory(WANTS, 0o755)?;
    }
    let name = UNIT.rsplit('/').next().unwrap_or(UNIT);
    root.make_link(&format!("{WANTS}/{name}"), UNIT)
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

#[cfg(test)]
mod tests {
    use super::{UNIT, install};
    use crate::write::{Root, WriteError};

    /// Only root can give a file to root, as the unit has to be.
    fn root() -> bool {
        let root = rustix::process::geteuid().is_root();
        if !root {
            println!("skipped: not root");
        }
        root
    }

    #[test]
    fn the_unit_runs_before_the_kubelet_and_starts_with_the_node() {
        if !root() {
            return;
        }
        let node = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(node.path().join("etc/systemd/system")).unwrap();
        let files = Root::open(node.path()).unwrap();
        for program in ["/usr/local/bin/seaworthy", "/usr/local/bin/seaworthy", "/opt/seaworthy"] {
            install(&files, program).unwrap();
            let text = std::fs::read_to_string(node.path().join(&UNIT[1..])).unwrap();
            assert!(text.contains(&format!("ExecStart={program} fix --recover\n")), "{text}");
            assert!(text.contains("Before=kubelet.service\n"), "{text}");
        }
        let link = node.path().join("etc/systemd/system/multi-user.target.wants/seaworthy-recover.service");
        assert_eq!(std::fs::read_link(link).unwrap().to_str(), Some(UNIT));
    }

    #[test]
    fn without_systemd_or_with_somebody_elses_link_it_says_so() {
        if !root() {
            return;
        }
        let node = tempfile::tempdir().unwrap();
        let files = Root::open(node.path()).unwrap();
        assert!(matches!(install(&files, "/x"), Err(WriteError::NoDirectory { .. })));
        let wants = node.path().join("etc/systemd/system/multi-user.target.wants");
        std::fs::create_dir_all(&wants).unwrap();
        std::os::unix::fs::symlink("/dev/null", wants.join("seaworthy-recover.service")).unwrap();
        assert!(install(&files, "/x").is_err(), "somebody masked it");
    }
}
