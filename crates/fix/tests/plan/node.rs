//! The recorded control plane node, changed in memory before it is planned for.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, LazyLock};

use seaworthy_catalogue::{Catalogue, Platform, Rule};
use seaworthy_collect::{Archive, Tree};
use seaworthy_engine::{Options, Waivers};
use seaworthy_fix::plan::{self, Asked, LeftOut, Member, Plan, PlanError, Reason, Risk, Surroundings};
use seaworthy_model::{Facts, Report, Tool, Version};

pub(crate) const APISERVER: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";
pub(crate) const ETCD: &str = "/etc/kubernetes/manifests/etcd.yaml";
pub(crate) const MANAGER: &str = "/etc/kubernetes/manifests/kube-controller-manager.yaml";
pub(crate) const KUBELET: &str = "/var/lib/kubelet/config.yaml";
pub(crate) const FLAGS: &str = "/var/lib/kubelet/kubeadm-flags.env";
/// Processes of the recording.
pub(crate) const APISERVER_PID: u32 = 351;
pub(crate) const KUBELET_PID: u32 = 80;
pub(crate) const ETCD_PID: u32 = 317;
pub(crate) const MANAGER_PID: u32 = 344;

pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(seaworthy_engine::embedded);

#[derive(Clone)]
enum Content {
    File(Vec<u8>),
    Directory,
    Link(String),
}

#[derive(Clone)]
struct Entry {
    content: Content,
    mode: u32,
    owner: (u64, u64),
}

#[derive(Clone)]
pub(crate) struct Node {
    entries: BTreeMap<String, Arc<Entry>>,
    version: Option<Version>,
    waivers: Waivers,
    pub(crate) catalogue: Catalogue,
    pub(crate) around: Option<Surroundings>,
}

static PLAIN: LazyLock<Node> = LazyLock::new(Node::recorded);

/// The node as `kubeadm init` leaves it, alone in its cluster.
pub(crate) fn plain() -> Node {
    PLAIN.clone()
}

/// A cluster of one node in which nothing is in the way.
pub(crate) fn alone() -> Surroundings {
    let member = Member { node: "node1".to_owned(), trouble: None };
    Surroundings { members: Ok(vec![member]), nodes: Ok(1), external_ips: Ok(vec![]), local_images: Ok(vec![]) }
}

fn key(path: &str) -> &str {
    path.trim_matches('/')
}

impl Node {
    fn recorded() -> Node {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/nodes/kubeadm-1.34-default.tar.gz");
        let bytes = std::fs::read(path).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
        let mut entries = BTreeMap::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = key(&String::from_utf8_lossy(&entry.path_bytes())).to_owned();
            let header = entry.header().clone();
            let content = match header.entry_type() {
                kind if kind.is_dir() => Content::Directory,
                kind if kind.is_symlink() => {
                    Content::Link(String::from_utf8_lossy(&entry.link_name_bytes().unwrap()).into_owned())
                }
                _ => {
                    let mut bytes = Vec::new();
                    entry.read_to_end(&mut bytes).unwrap();
                    Content::File(bytes)
                }
            };
            let owner = (header.uid().unwrap(), header.gid().unwrap());
            let mode = header.mode().unwrap() & 0o7777;
            entries.insert(path, Arc::new(Entry { content, mode, owner }));
        }
        entries.retain(|path, _| !path.starts_with("cluster"));
        let (waivers, catalogue) = (Waivers::default(), CATALOGUE.clone());
        let node = Node { entries, version: None, waivers, catalogue, around: Some(alone()) };
        // The recording has no first process. With one, the kubelet is seen to be of the host, as it is on a real node.
        let table = node.text(&format!("/proc/{KUBELET_PID}/mountinfo"));
        node.write("/proc/1/mountinfo", table).write("/proc/1/cmdline", "/sbin/init\0")
    }

    fn put(mut self, path: &str, content: Content, mode: u32) -> Node {
        let path = key(path);
        let mut above = path;
        while let Some((parent, _)) = above.rsplit_once('/').filter(|_| !path.starts_with("proc/")) {
            let directory = Entry { content: Content::Directory, mode: 0o755, owner: (0, 0) };
            self.entries.entry(parent.to_owned()).or_insert_with(|| Arc::new(directory));
            above = parent;
        }
        self.entries.insert(path.to_owned(), Arc::new(Entry { content, mode, owner: (0, 0) }));
        self
    }

    pub(crate) fn write(self, path: &str, text: impl AsRef<[u8]>) -> Node {
        let mode = self.entries.get(key(path)).map_or(0o600, |entry| entry.mode);
        self.put(path, Content::File(text.as_ref().to_vec()), mode)
    }

    pub(crate) fn directory(self, path: &str) -> Node {
        self.put(path, Content::Directory, 0o755)
    }

    pub(crate) fn link(self, path: &str, target: &str) -> Node {
        self.put(path, Content::Link(target.to_owned()), 0o777)
    }

    pub(crate) fn attributes(mut self, path: &str, mode: u32, owner: (u64, u64)) -> Node {
        let entry = Arc::make_mut(self.entries.get_mut(key(path)).unwrap());
        (entry.mode, entry.owner) = (mode, owner);
        self
    }

    pub(crate) fn text(&self, path: &str) -> String {
        match self.entries.get(key(path)).map(|entry| &entry.content) {
            Some(Content::File(bytes)) => String::from_utf8(bytes.clone()).unwrap(),
            _ => panic!("{path} is no file of this node"),
        }
    }

    /// Replaces a text in a file. It has to be there.
    pub(crate) fn edit(self, path: &str, from: &str, to: &str) -> Node {
        let text = self.text(path);
        assert!(text.contains(from), "{path} does not hold {from:?}");
        self.write(path, text.replace(from, to))
    }

    /// Gives a component an argument, in its manifest (if one is named) and in its process.
    pub(crate) fn argument(mut self, manifest: Option<&str>, pid: u32, argument: &str) -> Node {
        if let Some(path) = manifest {
            let text = self.text(path);
            let at = text.find("    image: ").unwrap();
            self = self.write(path, format!("{}    - {argument}\n{}", &text[..at], &text[at..]));
        }
        let cmdline = format!("/proc/{pid}/cmdline");
        let text = self.text(&cmdline);
        self.write(&cmdline, format!("{text}{argument}\0"))
    }

    /// Takes an argument away or changes it, in manifest and process.
    pub(crate) fn without(self, manifest: &str, pid: u32, argument: &str, instead: Option<&str>) -> Node {
        let word = |new: &str| format!("    - {new}\n");
        let node = self.edit(manifest, &word(argument), &instead.map_or_else(String::new, word));
        let instead = instead.map_or_else(String::new, |new| format!("{new}\0"));
        node.edit(&format!("/proc/{pid}/cmdline"), &format!("{argument}\0"), &instead)
    }

    /// A file that the API server sees at the same path, by a volume of its own.
    pub(crate) fn mounted(self, path: &str, text: &str) -> Node {
        let volume = format!("  volumes:\n  - hostPath:\n      path: {path}\n      type: File\n    name: given\n");
        let mount = format!("    volumeMounts:\n    - mountPath: {path}\n      name: given\n      readOnly: true\n");
        let node = self.write(path, text).write(&format!("/proc/{APISERVER_PID}/root{path}"), text);
        node.edit(APISERVER, "  volumes:\n", &volume).edit(APISERVER, "    volumeMounts:\n", &mount)
    }

    /// The user's word for the version.
    pub(crate) fn version(mut self, version: &str) -> Node {
        self.version = Version::parse(version);
        self
    }

    pub(crate) fn waive(mut self, item: &str) -> Node {
        let text = format!(
            "[[waiver]]\nitem = \"{item}\"\nreason = \"behind a proxy\"\nowner = \"platform\"\nexpires = \"2099-01-31\"\n"
        );
        self.waivers = Waivers::parse(&text).unwrap();
        self
    }

    pub(crate) fn around(mut self, change: impl FnOnce(&mut Surroundings)) -> Node {
        change(self.around.as_mut().unwrap());
        self
    }

    pub(crate) fn platform(mut self, change: impl FnOnce(&mut Platform)) -> Node {
        let at = self.catalogue.platforms.iter().position(|platform| platform.name == "kubeadm").unwrap();
        change(&mut self.catalogue.platforms[at]);
        self
    }

    pub(crate) fn rule(mut self, name: &str, change: impl FnOnce(&mut Rule)) -> Node {
        change(self.catalogue.rules.iter_mut().find(|rule| rule.name == name).unwrap());
        self
    }

    /// Takes a path away, and all that is below it.
    pub(crate) fn remove(mut self, path: &str) -> Node {
        let below = format!("{}/", key(path));
        self.entries.retain(|name, _| name != key(path) && !name.starts_with(&below));
        self
    }

    fn archive(&self) -> Archive {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, entry) in &self.entries {
            let mut header = tar::Header::new_gnu();
            header.set_mode(entry.mode);
            header.set_uid(entry.owner.0);
            header.set_gid(entry.owner.1);
            header.set_mtime(0);
            header.set_size(0);
            match &entry.content {
                Content::Directory => {
                    header.set_entry_type(tar::EntryType::Directory);
                    builder.append_data(&mut header, format!("{path}/"), std::io::empty())
                }
                Content::Link(target) => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    builder.append_link(&mut header, path, target)
                }
                Content::File(bytes) => {
                    header.set_entry_type(tar::EntryType::Regular);
                    header.set_size(bytes.len() as u64);
                    builder.append_data(&mut header, path, bytes.as_slice())
                }
            }
            .unwrap();
        }
        Archive::read(&builder.into_inner().unwrap()).unwrap()
    }

    /// Calls `f` with the node as it is read and judged.
    pub(crate) fn seen<R>(&self, f: impl FnOnce(&plan::Node<'_>) -> R) -> R {
        let tree = self.archive();
        let platform = self.catalogue.platform("kubeadm").unwrap();
        let tool = Tool { name: "seaworthy".to_owned(), version: "0".to_owned() };
        let collect = seaworthy_collect::Options { time: None, tool, cluster_name: None };
        let mut facts: Facts = seaworthy_collect::collect(&tree, &self.catalogue, platform, &collect);
        facts.api = None;
        let options = Options {
            platform: Some("kubeadm".to_owned()),
            kubernetes_version: self.version,
            waivers: self.waivers.clone(),
            today: Some("2026-12-01".to_owned()),
            ..Options::default()
        };
        let report: Report = seaworthy_engine::judge(&facts, &self.catalogue, &options).unwrap();
        f(&plan::Node {
            tree: &tree as &dyn Tree,
            catalogue: &self.catalogue,
            platform,
            facts: &facts,
            options: &options,
            report: &report,
            collect: &collect,
            around: self.around.as_ref(),
        })
    }

    pub(crate) fn make(&self, asked: &Asked) -> Result<Plan, PlanError> {
        self.seen(|node| plan::make(node, asked))
    }

    /// The plan for these items, every risk accepted.
    pub(crate) fn plan(&self, items: &[&str]) -> Plan {
        self.make(&asked(items)).unwrap()
    }

    /// Why the only item is left out.
    #[track_caller]
    pub(crate) fn left_out(&self, item: &str) -> LeftOut {
        let plan = self.plan(&[item]);
        assert!(plan.fixes.is_empty() && plan.changes.is_empty(), "{}", plan::render(&plan, false));
        let [left] = &plan.left_out[..] else { panic!("{:?}", plan.left_out) };
        left.clone()
    }

    /// The item is refused, and the reason says so.
    #[track_caller]
    pub(crate) fn refuses(&self, item: &str, why: &str) {
        let left = self.left_out(item);
        assert_eq!(left.kind, Reason::Refused, "{left:?}");
        assert!(left.why.contains(why), "{}", left.why);
    }
}

pub(crate) fn asked(items: &[&str]) -> Asked {
    let items = items.iter().map(|item| (*item).to_owned()).collect();
    Asked { items, named: true, accept: Risk::MayBreak, new_key: false }
}

/// Every item of the benchmark.
pub(crate) fn all(node: &Node) -> Vec<String> {
    node.seen(|node| node.report.findings.iter().map(|finding| finding.id.clone()).collect())
}
