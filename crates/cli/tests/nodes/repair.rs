//! Wrong input to the commands that repair: a clear line each, a status of its own, and nothing touched.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "tests start the program itself, on copies of a node"
)]

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use crate::command::{PLAIN, Ran, ran, refused, run};

#[track_caller]
fn ends(ran: &Ran, status: i32, says: &[&str]) {
    assert_eq!(ran.status, Some(status), "{}{}", ran.out, ran.err);
    for word in says {
        assert!(ran.err.contains(word), "{word:?} is not in {}", ran.err);
    }
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

fn fix(words: &str) -> Ran {
    run(&format!("fix --root {PLAIN} {words}"))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The recorded node as a directory.
struct Copy(tempfile::TempDir);

impl Copy {
    fn new() -> Copy {
        let directory = tempfile::tempdir().expect("a directory");
        let bytes = std::fs::read(PLAIN).expect("the recording");
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
        archive.set_preserve_permissions(true);
        archive.unpack(directory.path()).expect("unpacked");
        for below in ["", "var", "var/lib", "etc"] {
            std::fs::set_permissions(directory.path().join(below), std::fs::Permissions::from_mode(0o755))
                .expect("a mode");
        }
        Copy(directory)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn root(&self) -> &str {
        self.0.path().to_str().expect("UTF-8")
    }

    /// Runs a command on the copy as if it were a running node: with the kernel's own /proc in it, in namespaces of its own, so that no
    /// process of this machine is taken for one of the node. `None` where that is not allowed.
    fn as_running_node(&self, words: &str) -> Option<Ran> {
        let binary = env!("CARGO_BIN_EXE_seaworthy");
        let script =
            format!("mount -t proc proc '{0}/proc' || exit 99; exec '{binary}' {words} --root '{0}'", self.root());
        let mut command = std::process::Command::new("unshare");
        command
            .args(["--mount", "--pid", "--fork", "sh", "-c", &script])
            .env_remove("NO_COLOR")
            .stdin(std::process::Stdio::null());
        let output = command.output().ok().filter(|_| is_root())?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let ran = Ran { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) };
        let allowed = ran.status != Some(99) && !ran.err.starts_with("unshare:");
        if !allowed {
            skip(&ran.err);
        }
        allowed.then_some(ran)
    }
}

#[expect(clippy::print_stderr, reason = "whoever reads the test's output should know")]
fn skip(why: &str) {
    eprintln!("skipped: {}", why.trim());
}

#[test]
fn nothing_or_something_unknown_is_named() {
    refused(&fix(""), &["nothing was named to repair", "--check 1.2.15", "--section 4"]);
    refused(&fix("--check 1.2.51"), &["1.2.51", "did you mean"]);
    refused(&fix("--check apiserver-profilling"), &["did you mean \"apiserver-profiling\""]);
    refused(&fix("--section 1.9"), &["1.9", "did you mean"]);
    refused(&fix("--check 1.2.15 --section 1"), &["--section"]);
    refused(&fix("--check 1.2.15 --accept-risk everything"), &["everything", "may-break"]);
    refused(&fix("--check 1.2.15 --plan abc"), &["--apply"]);
    refused(&fix("--check 1.2.15 --recover"), &["--recover"]);
    refused(&fix("--check 1.2.15 --stability soon"), &["soon"]);
    refused(&run("fix --root /nowhere/at/all --check 1.2.15"), &["/nowhere/at/all"]);
}

#[test]
fn what_is_not_repaired_has_a_status_of_its_own() {
    ends(&fix("--check 1.2.8"), 11, &["1.2.8 is not repaired: it passes already", "nothing was touched"]);
    ends(&fix("--check 2.5"), 11, &["2.5 is not repaired"]);
    ends(&fix("--check 1.2.20"), 12, &["1.2.20 is not repaired: which time suits the cluster is for a person to say"]);
    ends(&fix("--check 1.2.30"), 14, &["old clients in pods", "--accept-risk may-break", "nothing was touched"]);
    ends(&fix("--check 1.2.15 --accept-risk none"), 14, &["--accept-risk restarts-component"]);
    ends(&fix("--check 1.2.5 --accept-risk may-break"), 14, &["kubectl logs and exec would fail"]);
}

#[test]
fn a_section_in_which_nothing_is_to_do_is_no_mistake_of_a_preview() {
    let ran = fix("--section 1.4");
    ends(&ran, 0, &[]);
    assert!(ran.out.contains("1.4.1") && ran.out.contains("--accept-risk restarts-component"), "{}", ran.out);
}

#[test]
fn a_plan_is_shown_and_nothing_is_asked() {
    let ran = fix("--check apiserver-profiling,1.4.1");
    ends(&ran, 0, &[]);
    for word in ["+    - --profiling=false", "kube-scheduler", "\nPlan "] {
        assert!(ran.out.contains(word), "{word:?} is not in {}", ran.out);
    }
    let again = fix("--check apiserver-profiling,1.4.1");
    assert_eq!(again.out, ran.out);
}

#[test]
fn a_plan_as_json_is_one_object() {
    let ran = fix("--check 1.2.15,1.2.20 --format json");
    ends(&ran, 0, &[]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((&json["fixes"][0]["id"], &json["left_out"][0]["kind"]), (&"1.2.15".into(), &"no-fix".into()));
    let text = fix("--check 1.2.15,1.2.20");
    let hash = json["hash"].as_str().expect("a hash");
    assert!(text.out.ends_with(&format!("Plan {hash}\n")), "{}", text.out);
    // Also of one that cannot be repaired, and its status says so.
    let ran = fix("--check 1.2.20 --format json");
    ends(&ran, 12, &[]);
    assert!(serde_json::from_str::<serde_json::Value>(&ran.out).is_ok(), "{}", ran.out);
}

#[test]
fn what_somebody_else_manages_is_named_with_its_manager() {
    let directory = tempfile::tempdir().expect("a directory");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue"), directory.path());
    let platform = directory.path().join("platforms/kubeadm.toml");
    let text = std::fs::read_to_string(&platform).expect("a platform");
    std::fs::write(&platform, text.replacen("title =", "managed-by = \"Amazon EKS\"\ntitle =", 1)).expect("written");
    let catalogue = directory.path().display();
    ends(
        &fix(&format!("--check 1.2.15 --catalogue {catalogue}")),
        13,
        &["Amazon EKS manages this component", "nothing was touched"],
    );
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a directory") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, to).expect("copied");
        }
    }
}

/// Every command that writes, as somebody who is not root.
#[test]
fn only_root_may_change_a_node() {
    let commands = [
        "fix --check 1.2.15 --apply",
        "fix --recover",
        "edit kube-apiserver",
        "undo 20260101T000000Z-1",
        "fix --install-recovery",
    ];
    let place = tempfile::tempdir().expect("a directory");
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let binary = place.path().join("seaworthy");
    // Where cargo builds, others may not look.
    std::fs::copy(env!("CARGO_BIN_EXE_seaworthy"), &binary).expect("copied");
    for words in commands {
        let mut command = std::process::Command::new(&binary);
        command.args(words.split_whitespace()).stdin(std::process::Stdio::null());
        if is_root() {
            command.uid(65534);
        }
        if let Err(error) = command.status() {
            skip(&error.to_string());
            return;
        }
        let ran = ran(&mut command);
        ends(&ran, 9, &["only root may change this node; nothing was touched", "sudo"]);
        assert_eq!(ran.out, "");
    }
}

#[test]
fn a_recording_or_a_copy_of_a_node_is_not_repaired() {
    let copy = Copy::new();
    std::fs::create_dir_all(copy.path("proc/1")).expect("a directory");
    // Also one that holds the processes of the node that it was made of.
    std::fs::write(copy.path("proc/1/cmdline"), "/sbin/init\0").expect("written");
    let before = std::fs::read(copy.path("etc/kubernetes/manifests/kube-apiserver.yaml")).expect("a manifest");
    let status = if is_root() { 2 } else { 9 };
    for root in [PLAIN, copy.root()] {
        for words in ["fix --check 1.2.15 --apply", "fix --check 1.1.9 --apply", "fix --recover", "edit kube-apiserver"]
        {
            let ran = run(&format!("{words} --root {root}"));
            ends(&ran, status, if is_root() { &["is no running node's root"] } else { &["only root"] });
            assert_eq!(ran.out, "");
        }
    }
    assert_eq!(std::fs::read(copy.path("etc/kubernetes/manifests/kube-apiserver.yaml")).expect("a manifest"), before);
    assert!(!copy.path("var/lib/seaworthy").exists());
}

#[test]
fn a_node_on_which_nothing_was_repaired_says_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path().display();
    let ran = run(&format!("history --root {root}"));
    ends(&ran, 0, &[]);
    assert_eq!(ran.out, "Nothing was repaired on this node yet.\n");
    assert_eq!(run(&format!("history --root {root} --format json")).out, "[]\n");
    refused(
        &run(&format!("history show 20260101T000000Z-1 --root {root}")),
        &["nothing was repaired on this node yet"],
    );
}

/// The whole way on something like a running node, in which nothing restarts.
#[test]
fn a_running_node_is_repaired_by_the_plan_that_was_seen_and_taken_back() {
    let copy = Copy::new();
    let file = copy.path("etc/cni/net.d/10-bridge.conflist");
    let mode = || std::fs::metadata(&file).expect("a file").permissions().mode() & 0o7777;
    let words = "fix --check 1.1.9";
    let Some(planned) = copy.as_running_node(words) else { return };
    ends(&planned, 0, &[]);
    let hash = planned.out.trim_end().rsplit(' ').next().expect("a hash");
    let other = copy.as_running_node(&format!("{words} --apply --plan 0123456789abcdef")).expect("as before");
    ends(&other, 15, &["the plan is", hash, "not 0123456789abcdef", "nothing was changed"]);
    assert_eq!(mode(), 0o644);
    ends(
        &copy.as_running_node("undo 20260101T000000Z-1").expect("as before"),
        2,
        &["nothing was repaired on this node yet"],
    );
    let done = copy.as_running_node(&format!("{words} --apply --plan {hash}")).expect("as before");
    ends(&done, 0, &[]);
    assert!(done.out.contains("Done and verified") && done.out.contains("seaworthy undo "), "{}", done.out);
    assert_eq!(mode(), 0o600);
    let id = done.out.split("seaworthy undo ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("an id");
    let history = run(&format!("history --root {}", copy.root()));
    assert!(
        history.out.starts_with(&format!("{id}  done\n")) && history.out.contains("1.1.9 cni-files-mode"),
        "{}",
        history.out
    );
    ends(&copy.as_running_node(&format!("{words} --apply")).expect("as before"), 11, &["it passes already"]);
    let unknown = copy.as_running_node("undo 20260101T000000Z-77").expect("as before");
    ends(&unknown, 2, &["there is no repair 20260101T000000Z-77", "seaworthy history"]);
    ends(&copy.as_running_node(&format!("undo {id}")).expect("as before"), 0, &[]);
    assert_eq!(mode(), 0o644);
    ends(&copy.as_running_node(&format!("undo {id}")).expect("as before"), 14, &["there is nothing to take back"]);
}

#[test]
fn a_component_that_there_is_not_cannot_be_edited() {
    let copy = Copy::new();
    let Some(ran) = copy.as_running_node("edit kube-apisrver") else { return };
    refused(&ran, &["there is no component \"kube-apisrver\"", "did you mean \"kube-apiserver\"?", "there are: "]);
    let gone = copy.as_running_node("edit kube-apiserver").expect("as before");
    ends(&gone, 3, &["no process of kube-apiserver is seen", "seaworthy rescue"]);
}

#[test]
fn help_and_manual_name_every_status() {
    let help = run("fix --help");
    let manual = run("man fix");
    assert_eq!((help.status, manual.status), (Some(0), Some(0)));
    for (status, says) in [
        (0, "planned or repaired"),
        (2, "wrong usage"),
        (3, "no Kubernetes here"),
        (4, "failed and put back"),
        (6, "failed and not put back"),
        (9, "not root"),
        (10, "no place for the journal"),
        (11, "it passes already"),
        (12, "no machine fix"),
        (13, "somebody else manages it"),
        (14, "refused"),
        (15, "another plan"),
        (16, "another repair is running or was interrupted"),
    ] {
        let words = format!("{status} {says}");
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace("\\-", "-");
        assert!(flat(&help.out).contains(&words), "{words}: {}", help.out);
        assert!(flat(&manual.out).contains(&words), "{words}: {}", manual.out);
    }
}
