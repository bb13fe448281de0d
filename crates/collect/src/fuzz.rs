//! Every reader of hostile text as a plain function: none may panic or take long, whatever it is given.

use crate::cluster::{Api, Form, Refusal, Request};
use crate::node::{certificates, cgroup, manifest_pod, mounts, owners, proc, version};
use crate::{Archive, Links, Tree, redact};

/// A target.
pub type Target = fn(&[u8]);

/// The targets, by name.
pub const TARGETS: [(&str, Target); 10] = [
    ("cmdline", cmdline),
    ("environ", environ),
    ("status", status),
    ("cgroup", cgroup),
    ("mountinfo", mountinfo),
    ("owners", owners),
    ("manifest", manifest),
    ("redaction", redaction),
    ("archive", archive),
    ("answers", answers),
];

/// Arguments.
pub fn cmdline(bytes: &[u8]) {
    let arguments = proc::arguments(bytes);
    let count = arguments.len();
    assert_eq!(redact::arguments(arguments).len(), count, "arguments keep their places");
}

/// Environments.
pub fn environ(bytes: &[u8]) {
    let found = proc::variables(bytes, &["ETCD_NAME", "ETCD_DATA_DIR"]);
    assert!(found.len() <= 2, "only what is wanted is kept");
}

/// `status`, `stat` and `uptime`.
pub fn status(bytes: &[u8]) {
    let _ = (proc::status(bytes), proc::start_ticks(bytes), proc::uptime(bytes));
}

/// Control groups.
pub fn cgroup(bytes: &[u8]) {
    let _ = (cgroup::place(bytes, b""), cgroup::place(bytes, bytes));
}

/// Mount tables.
pub fn mountinfo(bytes: &[u8]) {
    let table = mounts::Table::parse(bytes);
    for mount in table.on_host(&table) {
        let mapped = mounts::to_host(std::slice::from_ref(&mount), mount.path.as_bytes());
        assert!(mapped.is_some(), "a mount covers its own place");
    }
}

/// `passwd` and `group`.
pub fn owners(bytes: &[u8]) {
    let _ = owners::Names::parse(bytes).get(0);
}

/// Manifests, versions in them, certificates.
pub fn manifest(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let pod = seaworthy_yaml::parse(&text).ok().and_then(|document| manifest_pod(&document.root, &["ETCD_NAME"]).ok());
    let _ = pod.map(|pod| pod.containers.iter().filter_map(|container| version::of_image(&container.image)).count());
    let _ = (certificates::read(bytes), version::of_packages(bytes, "kubelet"));
}

/// Redaction: lines stay, and what is redacted once needs no second time.
pub fn redaction(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = redact::value(&text);
    let Ok((plain, _)) = redact::document(&text) else { return };
    assert_eq!(plain.text.matches('\n').count(), text.matches('\n').count(), "lines stay where they are");
}

/// Redaction, as it is done: what is left of a document.
pub fn redacted(text: &str) -> Option<String> {
    redact::document(text).ok().map(|(plain, _)| plain.text)
}

/// Archives.
pub fn archive(bytes: &[u8]) {
    let Ok(archive) = Archive::read(bytes) else { return };
    let _ = archive.processes();
    if let Ok(seen) = archive.look(seaworthy_model::View::Host, b"/etc/kubernetes/../passwd", Links::Follow) {
        let _ = archive.read(&seen, 64, &mut Vec::new());
    }
}

/// Answers of an API: the same to every request, whatever it was about.
pub fn answers(bytes: &[u8]) {
    for recorded in [false, true] {
        let mut facts = seaworthy_model::Facts {
            schema: seaworthy_model::FACTS_SCHEMA,
            tool: seaworthy_model::Tool { name: String::new(), version: String::new() },
            time: None,
            platform: None,
            cluster: None,
            versions: Vec::new(),
            node: None,
            api: None,
            notes: Vec::new(),
        };
        let options = crate::Options { time: None, tool: facts.tool.clone(), cluster_name: None };
        crate::cluster::add(&Same { bytes, recorded }, None, &options, &mut facts);
        let Some(cluster) = &facts.api else { continue };
        // Without an end of the text there is none of the list.
        let ended = bytes.iter().rev().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'}');
        assert!(ended || cluster.pods.known().is_none(), "what is cut is no list");
        let read = serde_json::to_string(&facts).ok().and_then(|text| serde_json::from_str(&text).ok());
        assert!(read.as_ref() == Some(&facts), "facts survive being written");
    }
}

struct Same<'b> {
    bytes: &'b [u8],
    recorded: bool,
}

impl Api for Same<'_> {
    fn name(&self) -> &str {
        "the same"
    }

    fn get(&self, request: &Request) -> Result<Vec<u8>, Refusal> {
        // What a node's name is made of must not become a request.
        assert!(request.path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'.')), "a path");
        assert!(!request.path.contains("..") && (!request.path.contains("secrets") || request.form == Form::Metadata));
        Ok(self.bytes.to_vec())
    }

    fn recorded(&self) -> bool {
        self.recorded
    }
}
