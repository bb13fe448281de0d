//! The recorded node on a disk, and all that a transaction on it needs.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use seaworthy_catalogue::{Catalogue, Platform};
use seaworthy_collect::Tree;
use seaworthy_engine::Options;
use seaworthy_fix::journal::{About, Journal};
use seaworthy_fix::plan::{self, Action, Asked, Change, Plan, Restart, Risk, Wanted};
use seaworthy_fix::transaction::{self, End, Patience, Refused, Site, Work};
use seaworthy_fix::write::Root;
use seaworthy_model::{Report, Tool};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(seaworthy_engine::embedded);

/// A file that no check is about.
pub(crate) const NOTE: &str = "/etc/kubernetes/note.yaml";

pub(crate) struct Bench {
    directory: tempfile::TempDir,
    pub(crate) root: Root,
}

fn options() -> (Options, seaworthy_collect::Options) {
    let tool = Tool { name: "seaworthy".to_owned(), version: "0".to_owned() };
    let options = Options { platform: Some("kubeadm".to_owned()), ..Options::default() };
    (options, seaworthy_collect::Options { time: None, tool, cluster_name: None })
}

fn platform() -> &'static Platform {
    CATALOGUE.platform("kubeadm").unwrap()
}

pub(crate) fn owner() -> u32 {
    rustix::process::geteuid().as_raw()
}

pub(crate) fn about(reason: &str) -> About {
    About {
        command: vec!["seaworthy".to_owned(), "fix".to_owned()],
        who: "somebody".to_owned(),
        reason: vec![reason.to_owned()],
        time: "2026-12-01T10:00:00Z".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

/// A new file, or another content for one that is there. No component is concerned, so nothing restarts.
pub(crate) fn change(bench: &Bench, path: &str, content: &str) -> Change {
    let before = std::fs::read(bench.path(path)).ok();
    Change {
        path: path.to_owned(),
        action: if before.is_some() { Action::Edit } else { Action::Create },
        mode: None,
        owner: None,
        before: before.map(|bytes| digest(&bytes)),
        after: None,
        diff: String::new(),
        secret: false,
        component: None,
        wanted: Wanted {
            content: Some(content.to_owned()),
            owner: Some((owner(), rustix::process::getegid().as_raw())),
            ..Wanted::default()
        },
    }
}

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Bench {
    pub(crate) fn new() -> Bench {
        let directory = tempfile::tempdir().unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/nodes/kubeadm-1.34-default.tar.gz");
        let bytes = std::fs::read(path).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
        archive.set_preserve_permissions(true);
        archive.unpack(directory.path()).unwrap();
        // The directory of the journal is not in the recording, and those on the way must be nobody else's.
        for below in ["", "var", "var/lib", "etc", "etc/kubernetes"] {
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(directory.path().join(below), mode).unwrap();
        }
        let bench = Bench { root: Root::open(directory.path()).unwrap(), directory };
        std::fs::write(bench.path(NOTE), "old\n").unwrap();
        bench
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path.trim_start_matches('/'))
    }

    pub(crate) fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn mode(&self, path: &str) -> u32 {
        self.path(path).symlink_metadata().unwrap().mode() & 0o7777
    }

    fn read<R>(&self, f: impl FnOnce(&plan::Node<'_>) -> R) -> R {
        let tree = seaworthy_collect::open(self.directory.path()).unwrap();
        let (options, collect) = options();
        let mut facts = seaworthy_collect::collect(tree.as_ref(), &CATALOGUE, platform(), &collect);
        facts.api = None;
        let report = seaworthy_engine::judge(&facts, &CATALOGUE, &options).unwrap();
        f(&plan::Node {
            tree: tree.as_ref(),
            catalogue: &CATALOGUE,
            platform: platform(),
            facts: &facts,
            options: &options,
            report: &report,
            collect: &collect,
            around: None,
        })
    }

    pub(crate) fn report(&self) -> Report {
        self.read(|node| node.report.clone())
    }

    /// The plan for these items.
    pub(crate) fn plan(&self, items: &[&str]) -> Plan {
        let items = items.iter().map(|item| (*item).to_owned()).collect();
        let asked = Asked { items, named: true, accept: Risk::MayBreak, new_key: true };
        self.read(|node| plan::make(node, &asked).unwrap())
    }

    /// A plan of nothing but these changes.
    pub(crate) fn plan_of(&self, changes: Vec<Change>) -> Plan {
        Plan { changes, fixes: Vec::new(), restarts: Vec::new(), ..self.plan(&["1.1.9"]) }
    }

    pub(crate) fn apply(&self, plan: &Plan) -> Result<End, Refused> {
        self.apply_with(plan, &|| None)
    }

    /// Carries a plan out. `at_each_step` is asked before each step, and may do something to the node.
    pub(crate) fn apply_with(
        &self,
        plan: &Plan,
        at_each_step: &dyn Fn() -> Option<&'static str>,
    ) -> Result<End, Refused> {
        let work = Work::of(plan, &self.report(), about("a test"), false);
        self.site(at_each_step, |site| transaction::apply(work, site))
    }

    pub(crate) fn undo(&self, id: &str) -> Result<End, Refused> {
        let none = |_: &[Restart]| Ok(());
        self.site(&|| None, |site| transaction::undo(id, about("undo"), &none, site))
    }

    pub(crate) fn recover(&self) -> Result<Option<End>, Refused> {
        self.site(&|| None, transaction::recover)
    }

    fn site<R>(&self, interrupted: &dyn Fn() -> Option<&'static str>, f: impl FnOnce(&Site<'_>) -> R) -> R {
        let open = || -> Result<Box<dyn Tree>, String> {
            seaworthy_collect::open(self.directory.path()).map_err(|error| error.to_string())
        };
        let (options, collect) = options();
        f(&Site {
            root: &self.root,
            owner: owner(),
            open: &open,
            catalogue: &CATALOGUE,
            platform: platform(),
            options: &options,
            collect: &collect,
            running: &|_| {},
            patience: Patience { stability: Duration::ZERO, timeout: Duration::ZERO },
            interrupted,
            progress: &|_| {},
        })
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::open(&self.root, true, owner()).unwrap()
    }

    /// The states of all repairs, oldest first.
    pub(crate) fn states(&self) -> Vec<&'static str> {
        let records = self.journal().entries().unwrap();
        records.iter().map(|record| record.state.as_ref().map_or("none", seaworthy_fix::journal::State::name)).collect()
    }

    /// Everything about every file but the journal's: bytes or target, mode, owner, time of change. Of directories no times.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, (u32, u32, u32, i64, Vec<u8>)> {
        let mut found = BTreeMap::new();
        walk(self.directory.path(), &mut found);
        found
    }
}

fn walk(at: &Path, found: &mut BTreeMap<PathBuf, (u32, u32, u32, i64, Vec<u8>)>) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("var/lib/seaworthy") {
            continue;
        }
        let meta = path.symlink_metadata().unwrap();
        let mut bytes = Vec::new();
        if meta.is_file() {
            std::fs::File::open(&path).unwrap().read_to_end(&mut bytes).unwrap();
        } else if meta.is_symlink() {
            bytes = std::fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes();
        } else if meta.is_dir() {
            walk(&path, found);
        }
        let time = if meta.is_file() { meta.mtime_nsec() + meta.mtime() * 1_000_000_000 } else { 0 };
        found.insert(path, (meta.mode(), meta.uid(), meta.gid(), time, bytes));
    }
}

/// The name of a repair that was done.
#[track_caller]
pub(crate) fn done(end: Result<End, Refused>) -> String {
    match end.unwrap() {
        End::Done { id, .. } => id,
        other => panic!("{other:?}"),
    }
}
