//! A small node, what is in it, and a repair of it.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use rustix::fs::{OFlags, XattrFlags};
use seaworthy_fix::journal::{About, Entry, Journal, JournalError, State};
use seaworthy_fix::write::{New, Root, Snapshot, Style};
use tempfile::TempDir;

pub(crate) const MANIFEST: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";
const POLICY: &str = "/etc/kubernetes/audit/policy.yaml";
const KEY: &str = "/etc/kubernetes/pki/sa.key";

/// In the order in which the repair below changes them.
pub(crate) const TOUCHED: &[&str] = &[
    "/etc/kubernetes/manifests",
    "/etc/kubernetes/audit",
    POLICY,
    MANIFEST,
    KEY,
    "/etc/kubernetes/old.conf",
    "/etc/kubernetes/empty",
];

pub(crate) fn owner() -> u32 {
    rustix::process::geteuid().as_raw()
}

pub(crate) fn is_root() -> bool {
    owner() == 0
}

pub(crate) fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A directory for a node. In memory where there is such a place, since everything is synced again and again.
pub(crate) fn directory() -> TempDir {
    let quick = Path::new("/dev/shm");
    if quick.is_dir() { tempfile::tempdir_in(quick).unwrap() } else { tempfile::tempdir().unwrap() }
}

pub(crate) fn put(node: &Path, path: &str, bytes: &[u8], bits: u32) {
    let full = node.join(&path[1..]);
    std::fs::create_dir_all(full.parent().unwrap()).unwrap();
    std::fs::write(&full, bytes).unwrap();
    mode(&full, bits);
    let time = UNIX_EPOCH + Duration::new(1_700_000_000 + u64::from(bits), 123_456_789);
    let times = std::fs::FileTimes::new().set_modified(time).set_accessed(time + Duration::from_secs(7));
    std::fs::File::options().append(true).open(&full).unwrap().set_times(times).unwrap();
}

/// False where the file system knows no attributes of users.
pub(crate) fn attribute(node: &Path, path: &str, name: &str, value: &[u8]) -> bool {
    rustix::fs::lsetxattr(node.join(&path[1..]), name, value, XattrFlags::empty()).is_ok()
}

pub(crate) fn node() -> TempDir {
    let node = directory();
    fill(node.path());
    node
}

pub(crate) fn fill(at: &Path) {
    put(at, MANIFEST, b"apiVersion: v1\nkind: Pod\n", 0o600);
    put(at, KEY, b"a key\n", 0o644);
    put(at, "/etc/kubernetes/old.conf", b"old\n", 0o640);
    put(at, "/etc/kubernetes/other.conf", b"of no concern\n", 0o4755);
    std::fs::create_dir(at.join("etc/kubernetes/empty")).unwrap();
    for directory in ["", "etc", "etc/kubernetes", "etc/kubernetes/manifests", "etc/kubernetes/pki"] {
        mode(&at.join(directory), 0o755);
    }
    if !attribute(at, MANIFEST, "user.note", b"\0mine\xff") {
        println!("this file system has no extended attributes for users: not looked at");
    }
}

/// Everything about every file but the journal's. Of directories no times: those above a file that is replaced do change.
pub(crate) type Tree = BTreeMap<String, Vec<String>>;

pub(crate) fn tree(node: &Path) -> Tree {
    let mut found = Tree::new();
    walk(node, node, &mut found);
    found
}

/// Without what says when it was written.
pub(crate) fn contents(node: &Path) -> Tree {
    let mut found = tree(node);
    found.values_mut().for_each(|facts| facts.retain(|fact| !fact.starts_with("time")));
    found
}

fn walk(node: &Path, at: &Path, found: &mut Tree) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("var/lib/seaworthy") {
            continue;
        }
        let meta = path.symlink_metadata().unwrap();
        let mut facts = vec![format!("{:o} {}:{}", meta.mode(), meta.uid(), meta.gid())];
        if meta.is_file() {
            let times = (meta.mtime(), meta.mtime_nsec(), meta.atime(), meta.atime_nsec());
            facts.push(format!("time {times:?}"));
            let mut bytes = Vec::new();
            let flags = i32::try_from(OFlags::NOATIME.bits()).unwrap();
            let file = std::fs::File::options().read(true).custom_flags(flags).open(&path);
            file.unwrap().read_to_end(&mut bytes).unwrap();
            facts.push(format!("{bytes:?}"));
            let mut value = Vec::with_capacity(100);
            let read = rustix::fs::lgetxattr(&path, "user.note", rustix::buffer::spare_capacity(&mut value));
            facts.push(format!("{:?}", read.map(|_| value)));
        }
        let name = path.strip_prefix(node).unwrap().to_str().unwrap().to_owned();
        // Made for the journal.
        if name != "var" && name != "var/lib" {
            found.insert(name, facts);
        }
        if meta.is_dir() {
            walk(node, &path, found);
        }
    }
}

pub(crate) fn about() -> About {
    About {
        command: ["seaworthy", "fix", "--check", "1.2.15", "--apply"].map(str::to_owned).to_vec(),
        who: "root".to_owned(),
        reason: vec!["1.2.15".to_owned()],
        time: "2026-11-25T10:35:00Z".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

pub(crate) fn new<'a>(bytes: &'a [u8], mode: u32, inherit: Option<&'a Snapshot>) -> New<'a> {
    New { bytes, mode, uid: owner(), gid: rustix::process::getegid().as_raw(), inherit }
}

pub(crate) fn open(node: &Path) -> (Root, Journal) {
    let root = Root::open(node).unwrap();
    let journal = Journal::open(&root, true, owner()).unwrap();
    (root, journal)
}

/// A repair that changes a file in every way there is.
pub(crate) fn repair(node: &Path) -> Result<String, JournalError> {
    let root = Root::open(node)?;
    let journal = Journal::open(&root, true, owner())?;
    let lock = journal.lock()?;
    let before: Vec<Snapshot> = TOUCHED.iter().map(|path| root.snapshot(path)).collect::<Result<_, _>>()?;
    let mut entry = journal.begin(&lock, about(), &serde_json::json!({ "hash": "0" }), before.clone())?;
    entry.state(State::Changing)?;
    root.set_mode(TOUCHED[0], 0o700, &before[0])?;
    root.make_directory(TOUCHED[1], 0o700)?;
    root.replace(POLICY, &new(b"kind: Policy\n", 0o600, None), &before[2], Style::Inside)?;
    root.replace(MANIFEST, &new(b"kind: Pod\n# more\n", 0o644, Some(&before[3])), &before[3], Style::Outside)?;
    let key = root.set_mode(KEY, 0o600, &before[4])?;
    if is_root() {
        root.set_owner(KEY, 12, 13, &key)?;
    }
    root.remove_file(TOUCHED[5], &before[5])?;
    root.remove_directory(TOUCHED[6])?;
    entry.state(State::Waiting)?;
    entry.state(State::Verifying)?;
    let after: Vec<Snapshot> = TOUCHED.iter().map(|path| root.snapshot(path)).collect::<Result<_, _>>()?;
    entry.done(&after)?;
    Ok(entry.id().to_owned())
}

/// What `seaworthy fix --recover` does with the files.
pub(crate) fn recover(node: &Path) -> Result<(), JournalError> {
    let root = Root::open(node)?;
    if let Some(record) = seaworthy_fix::journal::interrupted(&root, owner())? {
        let journal = Journal::open(&root, true, owner())?;
        let _lock = journal.lock()?;
        let mut entry: Entry = journal.entry(&record.id)?;
        entry.state(State::RollingBack { why: "it was interrupted".to_owned() })?;
        entry.restore(&root)?;
        entry.state(State::RolledBack { why: "it was interrupted".to_owned() })?;
    }
    Ok(())
}

/// Runs a test that is ignored otherwise in a process of its own, and says whether it went well.
pub(crate) fn child(name: &str, environment: &[(&str, &str)]) -> std::process::ExitStatus {
    #[expect(clippy::disallowed_types, reason = "a process is killed in the middle; this is the only way to have one")]
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture", "--test-threads=1"]);
    let output = command.envs(environment.iter().copied()).env("RUST_BACKTRACE", "0").output().unwrap();
    println!("{}", String::from_utf8_lossy(&output.stderr));
    // A name that is misspelt would be no test at all, and go well.
    assert!(String::from_utf8_lossy(&output.stdout).contains("running 1 test"), "{name}");
    output.status
}

#[expect(clippy::disallowed_methods, reason = "a child that a test has started is told so what to do")]
pub(crate) fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// What fails is written into the test, not into a file beside it.
pub(crate) fn cases(cases: u32) -> proptest::test_runner::Config {
    proptest::test_runner::Config { cases, failure_persistence: None, ..Default::default() }
}
