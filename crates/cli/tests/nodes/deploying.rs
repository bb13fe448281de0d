//! What runs in a cluster: privileges, schedules, scans that come again, lines for logs.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "tests start the program itself")]

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::command::{PLAIN, program, ran, refused, run};

#[test]
fn privileges_are_said_for_the_chosen_checks() {
    let ran = run("privileges --check 1.2.15");
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    assert!(ran.out.contains("1 check of cis-2.0.1 on kubeadm"), "{}", ran.out);
    assert!(ran.out.contains("\nhostPID: true\n") && ran.out.contains("Unknown without it: 1.2.15."), "{}", ran.out);
    assert!(!ran.out.contains("SYS_PTRACE") && !ran.out.contains("runAsUser"), "{}", ran.out);
    let ran = run("privileges --benchmark cis-1.12 --targets etcd --format json");
    let said: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&said["benchmark"], &said["checks"]), (&"cis-1.12".into(), &7.into()));
    let names: Vec<&str> =
        said["granted"].as_array().unwrap().iter().filter_map(|g| g["grant"]["name"].as_str()).collect();
    assert!(names.contains(&"SYS_PTRACE") && names.contains(&"hostPID"), "{names:?}");
}

#[test]
fn the_manifest_has_exactly_these_privileges() {
    let ran = run(
        "privileges --check 1.2.15,5.2.2 --format yaml --kind daemonset --image registry.example/s:1 --namespace audit",
    );
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    for line in [
        "kind: DaemonSet",
        "namespace: audit-nodes",
        "hostPID: true",
        "image: registry.example/s:1",
        "resources: [namespaces, pods]",
    ] {
        assert!(ran.out.lines().any(|l| l.trim().trim_start_matches("- ") == line), "{line}\n{}", ran.out);
    }
    assert!(ran.out.contains("\"--check=1.2.15,5.2.2\""), "{}", ran.out);
    for word in ["hostPath", "runAsUser: 0", "SYS_PTRACE", "secrets"] {
        assert!(!ran.out.contains(word), "{word}\n{}", ran.out);
    }
}

#[test]
fn words_that_name_no_privilege_are_refused() {
    refused(&run("privileges --check 1.2.51"), &["1.2.51", "did you mean"]);
    refused(&run("privileges --without SYS_PTRACER"), &["SYS_PTRACER", "did you mean \"SYS_PTRACE\"", "hostPID"]);
    refused(&run("privileges --with secret"), &["did you mean \"secrets\""]);
    refused(&run("privileges --platform kubeadn"), &["did you mean \"kubeadm\""]);
    refused(&run("schedule --kind cronjob --every 5h"), &["every 5h", "12h", "--kind daemonset"]);
    refused(&run("schedule --every soon"), &["soon", "30s, 5m, 12h or 7d"]);
}

#[test]
fn a_schedule_is_printed() {
    let ran = run("schedule --kind cronjob --nodes 4 --control-plane-nodes 3 --every 1d --format ndjson");
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    for line in ["schedule: \"17 3 * * *\"", "completions: 4", "completions: 3", "parallelism: 4"] {
        assert!(ran.out.lines().any(|l| l.trim() == line), "{line}\n{}", ran.out);
    }
    assert!(run("schedule").out.contains("kind: DaemonSet"));
}

#[test]
fn lines_for_logs_end_with_a_summary() {
    let ran = ran(program().args(["run", "--root", PLAIN, "--format", "ndjson"]));
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.last().unwrap();
    assert_eq!((&last["kind"], &last["node"]), (&"summary".into(), &"node1".into()));
    let failed = lines.iter().filter(|line| line["status"] == "FAIL").count();
    assert_eq!(last["totals"]["fail"], failed);
    assert!(failed > 0 && lines.iter().all(|line| line["scan_id"] == last["scan_id"]));
}

/// In a pod that does not see who a number is, another's number is nobody's: neither etcd's nor not etcd's.
#[test]
fn an_owner_without_a_name_is_unknown_where_names_cannot_be_seen() {
    let collected = ran(program().args(["collect", "--root", PLAIN]));
    let facts: Value = serde_json::from_str(&collected.out).unwrap();
    let verdict = |uid: u32, container: bool, names: bool| -> String {
        let mut facts = facts.clone();
        facts["node"]["visibility"]["container"] = container.into();
        facts["node"]["visibility"]["live"] = true.into();
        let mut changed = 0;
        for record in facts["node"]["files"].as_array_mut().unwrap() {
            let data = record["path"] == "/var/lib/etcd";
            let Some(file) = record.pointer_mut("/fact/value") else { continue };
            if data {
                (file["uid"], file["gid"]) = (uid.into(), uid.into());
                changed += 1;
            }
            if data || !names {
                file.as_object_mut().unwrap().retain(|key, _| key != "owner" && key != "group");
            }
        }
        assert!(changed > 0);
        let written = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(written.path(), facts.to_string()).unwrap();
        let words = ["--benchmark", "cis-1.12", "--check", "1.1.12", "--format", "json"];
        let judged = ran(program().arg("evaluate").arg(written.path()).args(words));
        let report: Value = serde_json::from_str(&judged.out).unwrap_or_else(|_| panic!("{judged:?}"));
        let finding = &report["findings"][0];
        format!("{}: {}", finding["verdict"].as_str().unwrap(), finding["reason"].as_str().unwrap())
    };
    let unseen = verdict(998, true, false);
    assert!(unseen.starts_with("unknown: ") && unseen.contains("/etc/passwd"), "{unseen}");
    // Whoever sees the names sees that this number has none; and root is root by his number.
    for failed in [verdict(998, true, true), verdict(998, false, false), verdict(0, true, false)] {
        assert!(failed.starts_with("fail: "), "{failed}");
    }
}

/// Starts a scan that comes again, reads from it until `seen` lines begin with `word`, ends it, and gives its status.
fn again(words: &[&str], errors: bool, word: &str, seen: usize) -> Option<i32> {
    let mut child = program()
        .arg("run")
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read: Box<dyn Read> = if errors { Box::new(err) } else { Box::new(out) };
    let lines = BufReader::new(read).lines().map(Result::unwrap).filter(|line| line.starts_with(word));
    assert_eq!(lines.take(seen).count(), seen, "it ended by itself");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    child.wait().unwrap().code()
}

#[test]
fn a_scan_comes_again_until_it_is_told_to_end() {
    let words = ["--root", PLAIN, "--every", "1s", "--format", "ndjson", "--check", "1.2.15"];
    assert_eq!(again(&words, false, "{\"kind\":\"summary\"", 3), Some(0));
}

#[test]
fn a_scan_that_fails_is_said_and_tried_again() {
    let missing = tempfile::tempdir().unwrap().path().join("no-node");
    let words = ["--root", missing.to_str().unwrap(), "--every", "1s"];
    assert_eq!(again(&words, true, "error: ", 2), Some(0));
}

#[test]
fn what_can_never_come_right_ends_it_at_once() {
    refused(&run("run --every 7d --check 1.2.51"), &["1.2.51", "did you mean"]);
    refused(&run("run --every 7d --platform kubeadn"), &["did you mean \"kubeadm\""]);
    refused(&run("run --every 0s"), &["more than nothing"]);
    refused(&run("run --jitter 5m"), &["--every"]);
}
