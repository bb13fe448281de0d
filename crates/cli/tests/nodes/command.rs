//! The program itself: words, statuses, and what it prints where.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "tests start the program itself")]

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) const WORKER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/nodes/kubeadm-1.34-worker.tar.gz");
pub(crate) const PLAIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/nodes/kubeadm-1.34-default.tar.gz");

/// What became of a run of the program.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Ran { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// Runs the program with these words, divided by blanks.
pub(crate) fn run(words: &str) -> Ran {
    ran(program().args(words.split_whitespace()))
}

/// It ends with status 2, prints nothing, and says each of these.
#[track_caller]
pub(crate) fn refused(ran: &Ran, says: &[&str]) {
    assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
    for word in says {
        assert!(ran.err.contains(word), "{word:?} is not in {}", ran.err);
    }
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

#[test]
fn the_demo_shows_the_classic_with_its_reason() {
    let ran = run("run --demo");
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let mut lines = ran.out.lines().skip_while(|line| !line.starts_with("[FAIL] 1.2.15 "));
    assert!(lines.next().is_some(), "{}", ran.out);
    let reason = lines.next().unwrap_or_default();
    assert!(reason.contains("--profiling is not set") && reason.contains("wanted false"), "{reason}");
    for word in [
        "[PASS] 4.2.1 ",
        "[INFO] 1 ",
        "[PASS] 5.1.1 ",
        "[WARN] 5.1.5 ",
        "== Remediations master ==",
        "== Summary total ==",
    ] {
        assert!(ran.out.contains(word), "{word}");
    }
}

#[test]
fn a_mistyped_word_is_refused_with_the_nearest_and_where_to_list() {
    for (words, says) in [
        ("--check 1.2.51", &["1.2.51", "did you mean", "seaworthy list rules"][..]),
        ("--check apiserver-profilling", &["did you mean \"apiserver-profiling\"", "seaworthy list rules"]),
        ("--check 1.2.15,9.9.9", &["9.9.9", "seaworthy list rules"]),
        ("--skip 1.2.51", &["1.2.51", "did you mean"]),
        ("--group 1.9", &["1.9", "did you mean", "there are: 1, 1.1"]),
        ("--targets mastr", &["did you mean \"master\"", "there are: master, etcd, controlplane, node, policies"]),
        ("--targets master,nodee", &["did you mean \"node\""]),
        ("--benchmark cis-1.21", &["did you mean \"cis-1.12\"", "there are: cis-1.12, cis-2.0.1"]),
        ("--format jsn", &["did you mean \"json\"", "there are: arf, asff"]),
        ("--format json --format junit", &["--format json and --format junit", "NAME=FILE"]),
        ("--format json=", &["followed by a file's name"]),
        ("--platform kubeadn", &["did you mean \"kubeadm\"", "there are: kubeadm"]),
        ("--fail-on fial", &["'fail'", "unknown, warn"]),
        ("--kubernetes-version one", &["one", "1.34"]),
        ("--check 1.2.15 --group 1.2", &["--check", "--group", "cannot be used with"]),
        ("--scored=false --unscored=false", &["nothing to judge"]),
        ("--json --junit", &["--json", "--junit", "cannot be used with"]),
        ("--root /", &["--root", "--demo", "cannot be used with"]),
        ("--no-such-flag", &["--no-such-flag"]),
        ("--exit-code many", &["many", "--exit-code"]),
    ] {
        refused(&run(&format!("run --demo {words}")), says);
    }
    refused(&run("rum --demo"), &["rum", "'run'"]);
    refused(&run("list rule"), &["rule", "'rules'", "benchmarks, rules, platforms, components"]);
    refused(&run("explain apiserver-profilling"), &["did you mean \"apiserver-profiling\"", "seaworthy list rules"]);
    refused(&run("explain 1.2.15 --benchmark cis-1.21"), &["did you mean \"cis-1.12\"", "seaworthy list benchmarks"]);
    refused(&run("run --root /nowhere/at/all"), &["/nowhere/at/all", "No such file or directory"]);
    let no_archive = concat!("run --root ", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    refused(&run(no_archive), &["Cargo.toml", "a folder or a tar archive"]);
}

#[test]
fn a_machine_without_kubernetes_is_status_3_with_a_hint() {
    let dir = tempfile::tempdir().expect("a directory");
    let init = dir.path().join("proc/1");
    std::fs::create_dir_all(&init).expect("proc");
    std::fs::create_dir_all(dir.path().join("etc")).expect("etc");
    for (name, text) in [
        ("cmdline", "/sbin/init\0"),
        ("comm", "init\n"),
        ("environ", ""),
        ("status", "Name:\tinit\nPPid:\t0\nUid:\t0\t0\t0\t0\n"),
        ("cgroup", "0::/init.scope\n"),
    ] {
        std::fs::write(init.join(name), text).expect("proc");
    }
    std::os::unix::fs::symlink("/sbin/init", init.join("exe")).expect("exe");
    std::os::unix::fs::symlink("/", init.join("root")).expect("root");
    nothing_there(dir.path());
}

#[track_caller]
fn nothing_there(root: &Path) {
    let ran = ran(program().args(["run", "--root"]).arg(root));
    assert_eq!((ran.status, ran.out.as_str()), (Some(3), ""), "{}", ran.err);
    for word in ["there is no Kubernetes", "--root", "--demo"] {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
}

#[test]
fn an_empty_directory_is_status_3_with_a_hint() {
    nothing_there(tempfile::tempdir().expect("a directory").path());
}

#[test]
fn a_role_that_was_asked_for_and_is_not_there_is_status_3_by_name() {
    let master = run(&format!("run --root {WORKER} --targets master"));
    assert_eq!(master.status, Some(3));
    assert!(master.err.contains("this node has no control plane"), "{}", master.err);
    assert!(!master.out.contains("[PASS]") && !master.out.contains("[FAIL]"), "{}", master.out);
    let etcd = run(&format!("run --root {WORKER} --targets etcd"));
    assert_eq!(etcd.status, Some(3));
    assert!(etcd.err.contains("no etcd"), "{}", etcd.err);
    // With another target that is there it is said, and no error.
    let both = run(&format!("run --root {WORKER} --targets master,node"));
    assert_eq!((both.status, both.err.as_str()), (Some(0), ""));
    assert!(both.out.contains("this node has no control plane") && both.out.contains("[PASS] 4.2.1 "), "{}", both.out);
    assert_eq!(run(&format!("run --root {WORKER}")).status, Some(0));
}

#[test]
fn fail_on_reads_verdicts_and_exit_code_reads_words() {
    for (words, status) in [
        // 1.2.15 is FAIL, 1.2.6 passes, 4.2.14 fails unscored, 5.1.1 is unknown.
        ("--check 1.2.15 --fail-on fail", 1),
        ("--check 1.2.6 --fail-on fail", 0),
        ("--check 1.2.6 --fail-on warn", 0),
        ("--check 4.2.14 --fail-on fail", 1),
        ("--check 4.2.14 --exit-code 42", 0),
        ("--check 5.1.1 --fail-on fail", 0),
        ("--check 5.5.1 --fail-on unknown", 0),
        ("--check 5.5.1 --fail-on warn", 1),
        ("--check 1.2.15", 0),
        ("--check 1.2.15 --skip 1.2.15 --fail-on warn", 0),
        ("--check 1.2.15 --exit-code 42", 42),
        ("--check 1.2.15 --exit-code 300", 44),
        ("--check 1.2.15 --exit-code 0", 0),
        ("--check 1.2.6 --exit-code 42", 0),
        ("--check 1.2.15 --exit-code 42 --fail-on fail", 42),
    ] {
        assert_eq!(run(&format!("run --demo {words}")).status, Some(status), "{words}");
    }
}

#[test]
fn an_output_file_is_written_whole_or_not_at_all() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("report.json");
    let to = |words: &str| ran(program().args(words.split_whitespace()).arg("--outputfile").arg(&path));
    refused(&to("run --demo --format json --check 9.9"), &["9.9"]);
    assert!(!path.exists(), "a file after an error");
    let done = to("run --demo --format json --check 1.2.15");
    assert_eq!((done.status, done.out.as_str(), done.err.as_str()), (Some(0), "", ""));
    let text = std::fs::read_to_string(&path).expect("a report");
    assert!(text.ends_with('\n') && serde_json::from_str::<serde_json::Value>(&text).is_ok());
    assert_eq!(to("run --demo --check 9.9").status, Some(2));
    assert_eq!(std::fs::read_to_string(&path).expect("the old report"), text, "the old one is gone");
    assert_eq!(to("collect --demo").status, Some(0));
    assert!(std::fs::read_to_string(&path).expect("facts").contains("\"schema\""));
    // Nothing is left beside it.
    assert_eq!(std::fs::read_dir(dir.path()).expect("the directory").count(), 1);
    let nowhere = dir.path().join("no/such/report");
    let failed = ran(program().args(["run", "--demo", "--outputfile"]).arg(&nowhere));
    refused(&failed, &["report", "nothing was written there"]);
    refused(&ran(program().args(["run", "--demo", "--outputfile", ".."])), &["names no file"]);
}

#[test]
fn a_closed_pipe_is_no_panic() {
    for words in ["collect --demo", "run --demo --format json", "run --demo", "list rules", "man"] {
        let mut child = program()
            .args(words.split_whitespace())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut first = [0; 1];
        let mut out = child.stdout.take().expect("a pipe");
        out.read_exact(&mut first).expect("a byte");
        drop(out);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{words}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words}");
    }
}

#[test]
fn colour_is_for_terminals_or_on_demand() {
    let escape = '\u{1b}';
    let with =
        |words: &str, name: &str, value: &str| ran(program().args(words.split_whitespace()).env(name, value)).out;
    assert!(!run("run --demo").out.contains(escape), "no terminal");
    assert!(!run("run --demo --color never").out.contains(escape));
    assert!(run("run --demo --color always").out.contains(escape));
    assert!(!with("run --demo", "NO_COLOR", "1").contains(escape));
    assert!(with("run --demo --color always", "NO_COLOR", "1").contains(escape), "the flag is the stronger word");
    assert!(!run("run --demo --color always --format json").out.contains(escape));
}

#[test]
fn what_the_text_leaves_out_on_demand() {
    let all = run("run --demo --targets master").out;
    for (flag, word) in [
        ("--noresults", "[FAIL] 1.2.15 "),
        ("--noremediations", "== Remediations master =="),
        ("--nosummary", "== Summary master =="),
        ("--nototals", "== Summary total =="),
    ] {
        let less = run(&format!("run --demo --targets master {flag}")).out;
        assert!(all.contains(word) && !less.contains(word), "{flag}");
    }
    let more = run("run --demo --targets master --include-test-output").out;
    assert!(more.len() > all.len());
}

#[test]
fn under_the_name_of_kube_bench_its_words_hold() {
    let dir = tempfile::tempdir().expect("a directory");
    let name = dir.path().join("kube-bench");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_seaworthy"), &name).expect("a link");
    let bench = |words: &str| ran(Command::new(&name).args(words.split_whitespace()));
    let node = bench(&format!("run --targets node --root {PLAIN}"));
    assert_eq!(node.status, Some(0), "{}", node.err);
    assert!(node.out.contains("[PASS] 4.2.1 ") && !node.out.contains("1.2.15"), "{}", node.out);
    let logging = bench(&format!("--v 3 --logtostderr --targets=node --root {PLAIN}"));
    assert_eq!(logging.out.lines().count(), node.out.lines().count());
    for flag in ["--json", "--junit", "--asff", "--pgsql", "--config-dir=/etc"] {
        refused(
            &bench(&format!("run {flag} --root {PLAIN}")),
            &["not here yet", flag.split('=').next().unwrap_or(flag)],
        );
    }
    let version = bench("version");
    assert_eq!(version.status, Some(0));
    assert!(version.out.contains(env!("CARGO_PKG_VERSION")), "{}", version.out);
}
