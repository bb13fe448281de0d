//! Times on one node, in one run: our full scan, a program that only reads the same files and `/proc` entries, and kube-bench where it is
//! on the PATH. Run it on a node as root: `cargo bench -p seaworthy --bench scan`, or copy the built benchmark there.
//!
//! Without Kubernetes on this machine the recorded node takes its place, unpacked by the scan itself: then there is nothing to compare
//! with, and only our own time is taken.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark starts programs"
)]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use seaworthy_model::{Fact, Facts, FileKind, Source, Tool, View};

const SEAWORTHY: &str = env!("CARGO_BIN_EXE_seaworthy");

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

fn scan(c: &mut Criterion) {
    let here = run(SEAWORTHY, &["run"]);
    let mut group = c.benchmark_group("scan");
    group.bench_function("seaworthy", |b| {
        let arguments: &[&str] = if here { &["run"] } else { &["run", "--demo"] };
        b.iter(|| run(SEAWORTHY, arguments));
    });
    group.bench_function("start-up and catalogue", |b| b.iter(|| run(SEAWORTHY, &["list", "platforms"])));
    if here {
        let list = std::env::temp_dir().join("seaworthy-bare-reading.list");
        std::fs::write(&list, reads()).expect("the list is written");
        let list = list.to_string_lossy().into_owned();
        match bare() {
            Some(bare) => {
                group.bench_function("bare reading", |b| b.iter(|| run(&bare, &[&list])));
            }
            None => println!("bare reading: build it first: cargo build --release -p seaworthy --example bare_reading"),
        }
    }
    if run("kube-bench", &["version"]) {
        group.sample_size(10);
        group.bench_function("kube-bench", |b| {
            b.iter(|| {
                run("kube-bench", &["run", "--targets", "master,etcd,controlplane,node", "--benchmark", "cis-1.12"])
            });
        });
    }
    group.finish();
}

/// The program that only reads: beside the benchmark's own binary, where cargo puts examples.
fn bare() -> Option<String> {
    let deps = std::env::current_exe().ok()?;
    let folder: PathBuf = deps.parent()?.parent()?.join("examples/bare_reading");
    folder.exists().then(|| folder.to_string_lossy().into_owned())
}

/// What a scan of this node reads, from its own facts.
fn reads() -> String {
    let output = Command::new(SEAWORTHY).arg("collect").output().expect("collect runs");
    let facts: Facts = serde_json::from_slice(&output.stdout).expect("facts");
    let node = facts.node.expect("a node");
    let mut list = String::from("d /proc\n");
    for path in [
        "/proc/uptime",
        "/proc/1/mountinfo",
        "/proc/self/mountinfo",
        "/etc/passwd",
        "/etc/group",
        "/etc/os-release",
        "/etc/hostname",
    ] {
        let _ = writeln!(list, "r {path}");
    }
    for entry in std::fs::read_dir("/proc").expect("/proc") {
        let name = entry.expect("an entry").file_name().into_string().unwrap_or_default();
        if name.bytes().all(|b| b.is_ascii_digit()) {
            let _ = writeln!(list, "r /proc/{name}/comm\nr /proc/{name}/cmdline");
        }
    }
    for process in node.processes.known().expect("processes") {
        for part in ["environ", "status", "stat", "cgroup", "mountinfo"] {
            let _ = writeln!(list, "r /proc/{}/{part}", process.pid);
        }
        let _ = writeln!(list, "l /proc/{0}/exe\nl /proc/{0}/root", process.pid);
    }
    for record in &node.files {
        let path = match record.view {
            View::Host => record.path.clone(),
            View::Process(pid) => format!("/proc/{pid}/root{}", record.path),
        };
        let word = match record.fact.known() {
            Some(file) if file.entries.is_some() && file.kind == FileKind::Directory => "d",
            Some(file) if file.text.is_some() || !file.certificates.is_empty() => "r",
            _ => "s",
        };
        let _ = writeln!(list, "{word} {path}");
    }
    list
}

/// Two hundred nodes in one report: two of three are workers, as in most clusters.
fn cluster(c: &mut Criterion) {
    let catalogue = seaworthy_engine::embedded();
    let options = seaworthy_collect::Options {
        time: None,
        tool: Tool { name: "seaworthy".into(), version: "0".into() },
        cluster_name: None,
    };
    let recording = |name: &str| {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/nodes").join(name);
        let tree = seaworthy_collect::open(&path).expect("a recording");
        seaworthy_collect::collect(tree.as_ref(), &catalogue, &catalogue.platforms[0], &options)
    };
    let (control_plane, worker) = (recording("kubeadm-1.34-default.tar.gz"), recording("kubeadm-1.34-worker.tar.gz"));
    let nodes: Vec<(String, Facts)> = (0..200)
        .map(|n| {
            let mut facts = if n % 3 == 0 { control_plane.clone() } else { worker.clone() };
            facts.api = None;
            let name = format!("node{n}");
            if let Some(node) = &mut facts.node {
                node.identity.certificate =
                    Fact::Known { value: name.clone(), source: Source::stated("the benchmark") };
            }
            (name, facts)
        })
        .collect();
    let whole = Facts { node: None, ..control_plane };
    let mut group = c.benchmark_group("cluster");
    group.sample_size(10);
    group.bench_function("200 nodes judged and merged", |b| {
        b.iter_batched(
            || (whole.clone(), nodes.clone()),
            |(whole, nodes)| {
                let options = seaworthy_engine::Options::default();
                seaworthy_engine::judge_cluster(whole, nodes, Vec::new(), &catalogue, &options).expect("a report")
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, scan, cluster);
criterion_main!(benches);
