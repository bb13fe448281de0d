use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use seaworthy_collect::{Directory, Tree};
use seaworthy_fix::health::logs::{LogError, Tail, tail};

const LOGS: &str = "/var/log/pods";

struct Node(tempfile::TempDir);

impl Node {
    fn new() -> Self {
        let node = Node(tempfile::tempdir().unwrap());
        fs::create_dir_all(node.path(LOGS)).unwrap();
        node
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    fn write(&self, uid: &str, number: u32, text: impl AsRef<[u8]>) -> &Self {
        let directory = self.path(&format!("{LOGS}/kube-system_kube-apiserver-n_{uid}/kube-apiserver"));
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(format!("{number}.log")), text).unwrap();
        self
    }

    fn tail(&self, lines: usize) -> Result<Tail, LogError> {
        of(&Directory::open(self.0.path()).unwrap(), LOGS, lines)
    }

    fn texts(&self, lines: usize) -> Vec<String> {
        self.tail(lines).unwrap().lines.into_iter().map(|line| line.text).collect()
    }
}

fn of(tree: &dyn Tree, logs: &str, lines: usize) -> Result<Tail, LogError> {
    tail(tree, logs, "kube-system", "kube-apiserver-n", "kube-apiserver", lines)
}

fn cri(tag: &str, text: &str) -> String {
    format!("2026-11-25T10:42:04.903421Z stderr {tag} {text}\n")
}

fn age(path: &Path, seconds: i64) {
    let time = rustix::fs::Timespec { tv_sec: 1_700_000_000 - seconds, tv_nsec: 0 };
    let times = rustix::fs::Timestamps { last_access: time, last_modification: time };
    rustix::fs::utimensat(rustix::fs::CWD, path, &times, rustix::fs::AtFlags::empty()).unwrap();
}

#[test]
fn the_last_lines_of_the_newest_log_are_told() {
    let node = Node::new();
    node.write("u", 9, cri("F", "older")).write(
        "u",
        10,
        format!("{}{}{}", cri("F", "a"), cri("F", "b"), cri("F", "c")),
    );
    let found = node.tail(2).unwrap();
    assert_eq!(found.path, "/var/log/pods/kube-system_kube-apiserver-n_u/kube-apiserver/10.log");
    assert!(found.more);
    assert_eq!(node.texts(2), ["b", "c"]);
    assert_eq!(node.texts(usize::MAX), ["a", "b", "c"]);
    assert_eq!(found.lines[0].time, "2026-11-25T10:42:04.903421Z");
    assert!(!node.tail(3).unwrap().more);
    // The container was started anew and has said nothing yet.
    node.write("u", 11, "");
    assert_eq!(node.texts(1), ["c"]);
}

#[test]
fn of_several_pods_the_one_that_wrote_last_is_taken() {
    let node = Node::new();
    node.write("old", 50, cri("F", "old")).write("new", 0, cri("F", "new"));
    let file =
        |uid: &str, n: u32| node.path(&format!("{LOGS}/kube-system_kube-apiserver-n_{uid}/kube-apiserver/{n}.log"));
    age(&file("old", 50), 100);
    age(&file("new", 0), 50);
    assert_eq!(node.texts(9), ["new"]);
    age(&file("old", 50), 10);
    assert_eq!(node.texts(9), ["old"]);
}

#[test]
fn what_is_not_a_log_of_this_container_is_passed_over() {
    let node = Node::new();
    assert!(matches!(node.tail(1), Err(LogError::Absent { .. })));
    node.write("u", 0, cri("F", "mine"));
    let base = node.path(&format!("{LOGS}/kube-system_kube-apiserver-n_u/kube-apiserver"));
    fs::write(base.join("1.log.20261125-104204.gz"), "x").unwrap();
    fs::write(base.join("x.log"), "x").unwrap();
    fs::create_dir(base.join("7.log")).unwrap();
    fs::create_dir_all(node.path(&format!("{LOGS}/kube-system_kube-apiserver-n2_u/kube-apiserver"))).unwrap();
    fs::create_dir_all(node.path(&format!("{LOGS}/kube-system_kube-apiserver-n_empty"))).unwrap();
    assert_eq!(node.texts(9), ["mine"]);
    let gone = tempfile::tempdir().unwrap();
    assert!(matches!(of(&Directory::open(gone.path()).unwrap(), LOGS, 1), Err(LogError::Absent { .. })));
}

#[test]
fn parts_are_joined_by_stream() {
    let node = Node::new();
    let out = |tag: &str, text: &str| cri(tag, text).replace("stderr", "stdout");
    node.write(
        "u",
        0,
        [cri("P", "one "), out("P", "uno "), cri("P", "two "), out("F", "due"), cri("F:x", "three")].concat(),
    );
    assert_eq!(node.texts(9), ["uno due", "one two three"]);
    // A program that dies leaves its last line without an end.
    node.write("u", 0, format!("{}{}", cri("F", "a"), cri("P", "and then").trim_end()));
    assert_eq!(node.texts(9), ["a", "and then"]);
}

#[test]
fn docker_s_lines_and_any_others_are_read() {
    let node = Node::new();
    let json = concat!(
        r#"{"log":"first\r\n","stream":"stderr","time":"2026-11-25T10:42:04Z"}"#,
        "\n",
        r#"{"log":"part, ","stream":"stderr","time":"t"}"#,
        "\n",
        r#"{"log":"rest\n","stream":"stderr","time":"t"}"#,
        "\n",
        r#"{"level":"fatal","msg":"no log of docker"}"#,
        "\n",
        "2026-11-25T10:42:04Z stderr F\n",
        "words of no kind\n",
    );
    node.write("u", 0, json);
    let want = ["first", "part, rest", r#"{"level":"fatal","msg":"no log of docker"}"#, "", "words of no kind"];
    assert_eq!(node.texts(9), want);
}

#[test]
fn hostile_lines_are_made_safe() {
    let node = Node::new();
    let mut text = cri("F", "\u{1b}[2Jgone\u{202e} --token=abcdef \0").into_bytes();
    text.extend_from_slice(b"2026-11-25T10:42:04Z stderr F \xff\xfe\n\n\n");
    node.write("u", 0, text);
    assert_eq!(node.texts(9), [r"\u{1b}[2Jgone\u{202e} --token=REDACTED \u{0}", "\u{fffd}\u{fffd}"]);
}

#[test]
fn only_the_end_of_a_large_log_is_looked_at() {
    let node = Node::new();
    let mut text = String::new();
    for number in 0..20_000 {
        write!(text, "{}", cri("F", &format!("line {number}"))).unwrap();
    }
    node.write("u", 0, &text);
    let found = node.tail(usize::MAX).unwrap();
    assert!(found.more && found.lines.len() < 2000);
    assert!(found.lines[0].text.starts_with("line ") && found.lines.last().unwrap().text == "line 19999");
    // The same from the node that runs, where only the end is read.
    let live = Directory::open(Path::new("/")).unwrap();
    let logs = node.path(LOGS);
    let same = of(&live, logs.to_str().unwrap(), usize::MAX).unwrap();
    assert_eq!(same.lines, found.lines);
    assert!(same.more);
    // One line that is larger than what is looked at: nothing of it is shown.
    node.write("u", 0, "x".repeat(100_000));
    let found = node.tail(9).unwrap();
    assert!(found.lines.is_empty() && found.more);
}

#[test]
fn a_log_that_leads_to_another_place_is_followed_inside_the_node_only() {
    let node = Node::new();
    node.write("u", 0, "");
    let log = node.path(&format!("{LOGS}/kube-system_kube-apiserver-n_u/kube-apiserver/1.log"));
    std::os::unix::fs::symlink("/var/lib/docker/x.log", &log).unwrap();
    fs::create_dir_all(node.path("/var/lib/docker")).unwrap();
    fs::write(node.path("/var/lib/docker/x.log"), cri("F", "there")).unwrap();
    assert_eq!(node.texts(9), ["there"]);
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b' ')], 0..300), lines in 0..5usize) {
        let node = Node::new();
        node.write("u", 0, &bytes);
        let found = node.tail(lines).unwrap();
        prop_assert!(found.lines.len() <= lines);
        prop_assert!(!found.lines.iter().any(|line| line.text.chars().chain(line.time.chars()).any(char::is_control)));
    }
}
