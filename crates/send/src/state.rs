//! What is remembered from run to run, in the state directory: the last report of each subject and selection, which `--send-when
//! changes` is measured by, and the spools.

use std::path::{Path, PathBuf};

use seaworthy_model::{Report, SubjectKind};
use seaworthy_report::json;
use sha2::{Digest, Sha256};

use crate::spool::{private, whole};

/// The largest report that is read back.
const MOST: u64 = 512 << 20;

/// The state directory.
#[derive(Debug, Clone)]
pub struct State {
    folder: PathBuf,
}

impl State {
    /// Opens the directory, made if need be.
    ///
    /// # Errors
    /// A sentence: it cannot be made, or what is in it may be written by others.
    pub fn open(folder: &Path) -> Result<State, String> {
        // A volume's own top may be open to all; what we make in it is not.
        std::fs::create_dir_all(folder).map_err(|error| format!("{} could not be made: {error}", folder.display()))?;
        for part in ["last", "spool"] {
            private(&folder.join(part)).map_err(|error| error.to_string())?;
        }
        Ok(State { folder: folder.to_owned() })
    }

    /// The directory.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The last report of the same subjects that was judged for the same question; none if there is none. `selection` is what the user
    /// chose: a scan of one check says nothing of the others.
    ///
    /// # Errors
    /// A sentence: it is there and cannot be read.
    pub fn last(&self, report: &Report, selection: &str) -> Result<Option<Report>, String> {
        let path = self.path(report, selection);
        let named = |error: &dyn std::fmt::Display| {
            format!("the last report, {}, could not be read: {error}; remove it to begin anew", path.display())
        };
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(named(&error)),
            Ok(meta) if meta.len() > MOST => return Err(named(&format!("it has {} bytes", meta.len()))),
            Ok(_) => {}
        }
        let text = std::fs::read_to_string(&path).map_err(|error| named(&error))?;
        json::parse(&text).map(Some).map_err(|error| named(&error))
    }

    /// Remembers a report as the last one.
    ///
    /// # Errors
    /// A sentence: it could not be written. The one before is there still.
    pub fn remember(&self, report: &Report, selection: &str) -> Result<(), String> {
        let path = self.path(report, selection);
        let text = json::render(report, &json::Options::default());
        whole(&path, text.as_bytes()).map_err(|error| format!("{} could not be written: {error}", path.display()))
    }

    /// A file for each node, one for the API alone and one for a whole cluster; and for each selection. What only one of them asks would
    /// be gone for the others.
    fn path(&self, report: &Report, selection: &str) -> PathBuf {
        let mut nodes = report.subjects.iter().filter(|subject| subject.kind == SubjectKind::Node);
        let (kind, name) = match (nodes.next(), nodes.next(), report.expected) {
            (Some(node), None, 0 | 1) => ("node", node.name.as_str()),
            (None, None, 0 | 1) => ("api", ""),
            _ => ("cluster", ""),
        };
        let mut digest = Sha256::new();
        for text in [kind, "\0", name, "\0", selection] {
            digest.update(text.as_bytes());
        }
        let name = &data_encoding::HEXLOWER.encode(&digest.finalize())[..32];
        self.folder.join("last").join(format!("{name}.json"))
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_model::Subject;

    use super::*;

    #[test]
    fn a_node_the_api_and_a_cluster_have_last_reports_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let state = State::open(dir.path()).unwrap();
        let tool = seaworthy_model::Tool { name: "seaworthy".into(), version: "0.1.0".into() };
        let node = crate::trial::report(tool, "2026-01-31T10:00:00Z".into());
        let subject = |kind, name: &str| Subject { kind, id: None, name: name.into() };
        let of = |scan: &str, subjects: Vec<Subject>, expected| Report {
            scan_id: scan.into(),
            subjects,
            expected,
            ..node.clone()
        };
        let cluster = || subject(SubjectKind::Cluster, "c");
        let reports = [
            of("a node", vec![subject(SubjectKind::Node, "a")], 1),
            of("another", vec![subject(SubjectKind::Node, "b"), cluster()], 1),
            of("the api", vec![cluster()], 1),
            of("all", vec![cluster(), subject(SubjectKind::Node, "a"), subject(SubjectKind::Node, "b")], 2),
        ];
        for report in &reports {
            assert_eq!(state.last(report, ""), Ok(None), "{}", report.scan_id);
            state.remember(report, "").unwrap();
        }
        for report in &reports {
            let last = state.last(report, "").unwrap().unwrap();
            assert_eq!(last.scan_id, report.scan_id);
            assert_eq!(state.last(report, "checks=1.2.15"), Ok(None));
        }
        // Of a cluster's nodes only one may have reported.
        let one_of_two = of("later", vec![cluster(), subject(SubjectKind::Node, "a")], 2);
        assert_eq!(state.last(&one_of_two, "").unwrap().unwrap().scan_id, "all");
    }
}
