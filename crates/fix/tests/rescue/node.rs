//! A control plane node on disk: the manifests of a real one (kubeadm 1.34.4), and the files that they name.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use seaworthy_catalogue::Catalogue;
use seaworthy_fix::journal::{About, Journal, State};
use seaworthy_fix::rescue::{Cx, Diagnosis, Disk, Finding, Kind, Proposal, diagnose};
use seaworthy_fix::write::{New, Root, Snapshot, Style};

pub(crate) const GOOD: &str = include_str!("kube-apiserver.yaml");
pub(crate) const ETCD: &str = include_str!("etcd.yaml");
pub(crate) const CRT: &str = include_str!("../data/test-only.crt");
pub(crate) const KEY: &str = include_str!("../data/test-only.key");
pub(crate) const OTHER_KEY: &str = include_str!("../data/test-only-other.key");
pub(crate) const MANIFEST: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";
/// 2026-12-01: the certificate is valid from 2026-11-25 to 2126.
const NOW: i64 = 1_796_083_200;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(seaworthy_engine::embedded);

pub(crate) struct Node {
    directory: tempfile::TempDir,
    pub(crate) now: i64,
    pub(crate) disk: Option<(&'static str, Disk)>,
}

impl Node {
    /// A node that nothing is wrong with.
    pub(crate) fn new() -> Node {
        let node = Node { directory: tempfile::tempdir().unwrap(), now: NOW, disk: None };
        fs::set_permissions(node.directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for pair in ["apiserver", "apiserver-etcd-client", "apiserver-kubelet-client", "front-proxy-client"] {
            node.put(&format!("/etc/kubernetes/pki/{pair}.crt"), CRT)
                .put(&format!("/etc/kubernetes/pki/{pair}.key"), KEY);
        }
        for ca in ["ca.crt", "front-proxy-ca.crt", "etcd/ca.crt", "etcd/server.crt", "etcd/peer.crt"] {
            node.put(&format!("/etc/kubernetes/pki/{ca}"), CRT);
        }
        for key in ["sa.pub", "sa.key", "etcd/server.key", "etcd/peer.key"] {
            node.put(&format!("/etc/kubernetes/pki/{key}"), KEY);
        }
        node.put("/etc/kubernetes/kubelet.conf", "kind: Config\n");
        node.put("/var/lib/kubelet/config.yaml", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nstaticPodPath: /etc/kubernetes/manifests\n");
        node.put("/etc/hostname", "n1\n");
        node.put("/etc/kubernetes/manifests/etcd.yaml", ETCD).put(MANIFEST, GOOD);
        node
    }

    pub(crate) fn with(text: &str) -> Node {
        let node = Node::new();
        node.put(MANIFEST, text);
        node
    }

    /// The good manifest with one thing replaced, which must be there.
    pub(crate) fn changed(from: &str, to: &str) -> Node {
        Node::with(&edited(from, to))
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path.trim_start_matches('/'))
    }

    pub(crate) fn put(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let full = self.path(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, text).unwrap();
        self
    }

    pub(crate) fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.path(path)).unwrap();
        self
    }

    pub(crate) fn log(&self, lines: &[&str]) -> &Self {
        let text: String = lines.iter().map(|line| format!("2026-11-25T10:42:04.9Z stderr F {line}\n")).collect();
        self.put("/var/log/pods/kube-system_kube-apiserver-n1_u/kube-apiserver/3.log", text)
    }

    pub(crate) fn process(&self, pid: u32, arguments: &str, state: char) -> &Self {
        self.put(&format!("/proc/{pid}/cmdline"), arguments.replace(' ', "\0") + "\0");
        self.put(&format!("/proc/{pid}/stat"), format!("{pid} (x) y) {state} 1 1"));
        self.put(&format!("/proc/{pid}/cgroup"), "0::/kubepods/burstable/podx\n")
    }

    pub(crate) fn journal(&self) -> (Root, Journal) {
        let root = Root::open(self.directory.path()).unwrap();
        let journal = Journal::open(&root, true, rustix::process::geteuid().as_raw()).unwrap();
        (root, journal)
    }

    /// A repair that has written the manifest as it is, and was verified, or stopped in its midst.
    pub(crate) fn repaired(&self, finished: bool) -> String {
        let (root, journal) = self.journal();
        let lock = journal.lock().unwrap();
        let before = root.snapshot(MANIFEST).unwrap();
        let about = About {
            command: vec!["seaworthy".to_owned()],
            who: "root".to_owned(),
            reason: vec!["1.2.15".to_owned()],
            time: "2026-11-25T10:35:00Z".to_owned(),
            version: "0.1.0".to_owned(),
        };
        let mut entry = journal.begin(&lock, about, &serde_json::json!({}), vec![before.clone()]).unwrap();
        entry.state(State::Changing).unwrap();
        let bytes = before.bytes().unwrap().to_vec();
        let status = before.status().unwrap();
        let new = New { bytes: &bytes, mode: 0o600, uid: status.uid, gid: status.gid, inherit: None };
        root.replace(MANIFEST, &new, &before, Style::Outside).unwrap();
        if finished {
            entry.state(State::Waiting).unwrap();
            entry.state(State::Verifying).unwrap();
            let after: Vec<Snapshot> = vec![root.snapshot(MANIFEST).unwrap()];
            entry.done(&after).unwrap();
        }
        entry.id().to_owned()
    }

    pub(crate) fn diagnose(&self) -> Diagnosis {
        self.diagnose_with(None)
    }

    pub(crate) fn diagnose_with(&self, journal: Option<&Journal>) -> Diagnosis {
        let tree = seaworthy_collect::open(self.directory.path()).unwrap();
        let disk = |path: &str| self.disk.filter(|(full, _)| path.starts_with(full)).map(|(_, disk)| disk);
        let platform = CATALOGUE.platform("kubeadm").unwrap();
        let (catalogue, now) = (&*CATALOGUE, self.now);
        diagnose(&Cx { tree: tree.as_ref(), catalogue, platform, journal, version: None, now, disk: &disk })
    }

    /// The only finding.
    pub(crate) fn finding(&self) -> Finding {
        let diagnosis = self.diagnose();
        assert_eq!(diagnosis.findings.len(), 1, "{:#?}", diagnosis.findings);
        diagnosis.findings.into_iter().next().unwrap()
    }
}

pub(crate) fn edited(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replacen(from, to, 1)
}

/// The line of the good manifest that holds a text, from 1.
pub(crate) fn line(text: &str) -> u32 {
    u32::try_from(GOOD.lines().position(|line| line.contains(text)).unwrap() + 1).unwrap()
}

/// What the first proposal writes.
pub(crate) fn after(finding: &Finding) -> &str {
    match finding.proposals.first() {
        Some(Proposal::Correct { after, .. } | Proposal::RestoreGood { after, .. }) => after,
        other => panic!("{other:?} for {finding:#?}"),
    }
}

/// Kind, place and a part of the cause.
pub(crate) fn is(finding: &Finding, kind: Kind, file: &str, line: u32, cause: &str) {
    assert_eq!((finding.kind, finding.file.as_deref(), finding.line), (kind, Some(file), line), "{finding:#?}");
    assert!(finding.cause.contains(cause), "{}", finding.cause);
}
