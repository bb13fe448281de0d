//! `guide`: what it says about the recorded node, and what it refuses.

use crate::command::{refused, run};

/// The titles of items, in order: in text they are the lines, or entries of a list, that begin with a number.
fn items(text: &str) -> Vec<&str> {
    let numbers = text.lines().filter_map(|line| line.strip_prefix("  - ").unwrap_or(line).split(' ').next());
    numbers.filter(|word| word.contains('.') && word.split('.').all(|part| part.parse::<u32>().is_ok())).collect()
}

fn guide(words: &str) -> String {
    let ran = run(&format!("guide {words}"));
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    ran.out
}

/// The text of one item.
fn item<'t>(text: &'t str, id: &str) -> &'t str {
    let start = text.find(&format!("\n{id} ")).unwrap_or_else(|| panic!("no {id}"));
    let rest = &text[start + 1..];
    let ends = |line: &str| line.starts_with(|c: char| c.is_ascii_alphanumeric());
    let mut at = rest.find('\n').expect("more than a title") + 1;
    while let Some(length) = rest[at..].find('\n') {
        if ends(&rest[at..]) {
            break;
        }
        at += length + 1;
    }
    &rest[..at]
}

#[test]
fn the_demo_is_in_the_order_of_the_work() {
    let text = guide("--demo");
    let items = items(&text);
    let place = |id: &str| items.iter().position(|item| *item == id).unwrap_or_else(|| panic!("no {id}"));
    // Nothing restarts; scheduler, controller manager, API server; may break; a person; not known; passes; not here.
    let order = [
        "4.1.9", "1.1.9", "1.4.1", "1.3.2", "1.2.16", "1.2.15", "1.2.1", "4.2.9", "1.2.5", "1.2.20", "5.1.1", "1.1.1",
        "2.4",
    ];
    for pair in order.windows(2) {
        assert!(place(pair[0]) < place(pair[1]), "{} comes before {}", pair[0], pair[1]);
    }
    let mut once = items.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!((once.len(), items.len()), (131, 131), "each item once");
}

#[test]
fn an_item_says_what_is_wrong_what_to_do_and_how_to_go_back() {
    let text = guide("--demo");
    for (id, says) in [
        (
            "1.2.15",
            &[
                "--profiling is not set, which means true",
                "severity low · level 1 · scored, automated · kube-apiserver restarts",
                "Why it matters:",
                "\n      +    - --profiling=false\n",
                "away for about 40 s",
                "      seaworthy fix --check 1.2.15 --apply\n",
                "cp -p /etc/kubernetes/manifests/kube-apiserver.yaml /root/kube-apiserver.yaml.before-1.2.15",
                "seaworthy run --check 1.2.15    # PASS",
                "seaworthy undo ID",
                "cp -p /root/kube-apiserver.yaml.before-1.2.15 /etc/kubernetes/manifests/kube-apiserver.yaml",
            ][..],
        ),
        (
            "4.1.9",
            &[
                "chmod 0600 /var/lib/kubelet/config.yaml",
                "(now 0644)",
                "chmod 0644 /var/lib/kubelet/config.yaml",
                "Nothing restarts.",
            ],
        ),
        (
            "4.2.13",
            &["--apply --accept-risk may-break", "systemctl restart kubelet", "It may break: pods that run more"],
        ),
        ("1.2.27", &["it holds a key", "+********", "Make the directory /etc/kubernetes/encryption, mode 0700"]),
        ("1.2.5", &["not by a program", "a certificate that is not of /etc/kubernetes/pki/ca.crt", "How to verify"]),
        ("1.2.20", &["Do requests of this cluster end well within this time", "is for a person to say"]),
        ("1.3.1", &["This is for a person to decide. The change below is one answer"]),
    ] {
        let item = item(&text, id);
        for word in says {
            let filled = item.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(item.contains(word) || filled.contains(word), "{word:?} is not in {item}");
        }
    }
    // Several changes of one file are one edit.
    let step = &text[text.find("kube-apiserver restarts\n---").expect("a step")..];
    let step = &step[..step.find("\n1.2.16 ").expect("its first item")];
    for word in [
        "they are one edit and one restart",
        "seaworthy fix --check 1.2.16,3.2.1,3.2.2,1.2.15,1.2.17,1.2.18,1.2.19 --apply\n",
        "+    - --profiling=false\n",
        "+    - --audit-log-maxage=30\n",
        "cp -p /etc/kubernetes/manifests/kube-apiserver.yaml /root/kube-apiserver.yaml.before-step-4\n",
    ] {
        let filled = step.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(step.contains(word) || filled.contains(word), "{word:?} is not in {step}");
    }
}

#[test]
fn a_section_is_all_that_is_asked_for() {
    let text = guide("--demo --section 4");
    let items = items(&text);
    assert_eq!(items.len(), 25);
    assert!(items.iter().all(|id| id.starts_with("4.")), "{items:?}");
    assert!(text.contains("Asked for:  section 4 (Worker nodes)"), "{text}");
    assert_eq!(self::items(&guide("--demo --check 4.1.9")), ["4.1.9"]);
}

#[test]
fn the_general_guide_names_every_item() {
    for benchmark in &crate::node::catalogue().benchmarks {
        for format in ["text", "markdown", "html"] {
            let text = guide(&format!("--general --benchmark {} --format {format}", benchmark.id));
            for item in &benchmark.items {
                assert!(
                    text.contains(&format!("{} ", item.id)),
                    "{} is not in the {format} of {}",
                    item.id,
                    benchmark.id
                );
            }
        }
    }
    let text = guide("--general --section 4.3");
    assert_eq!(items(&text), ["4.3", "4.3.1"]);
    assert!(text.contains("What is checked:") && text.contains("Why it matters:") && !text.contains("@@ "), "{text}");
}

#[test]
fn a_waiver_is_shown_and_not_repaired() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("waivers.toml");
    let waiver =
        "[[waiver]]\nitem = \"4.1.9\"\nreason = \"the agent reads it\"\nowner = \"nodes\"\nexpires = \"2999-01-01\"\n";
    std::fs::write(&path, waiver).expect("a file");
    let text = guide(&format!("--demo --section 4 --waivers {}", path.display()));
    let aside = &text[text.find("SET ASIDE BY WAIVERS").expect("a part")..];
    assert!(
        aside.contains("4.1.9 ") && aside.contains("the agent reads it. Answered for by nodes, until 2999-01-01."),
        "{aside}"
    );
    assert!(!text.contains("fix --check 4.1.9"), "{text}");
}

#[test]
fn it_goes_to_a_file_whole() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("guide.html");
    let said = guide(&format!("--demo --section 4.3 --format html --outputfile {}", path.display()));
    assert_eq!(said, "");
    let page = std::fs::read_to_string(&path).expect("a file");
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">") && page.ends_with("</html>\n"));
}

#[test]
fn a_mistyped_word_is_refused() {
    refused(&run("guide --demo --check 1.2.51"), &["1.2.51", "did you mean"]);
    refused(&run("guide --demo --section 9"), &["9", "there are: 1, 1.1"]);
    refused(&run("guide --general --demo"), &["--general", "--demo"]);
    refused(&run("guide --general --platform kubeadn"), &["did you mean \"kubeadm\""]);
    refused(&run("guide --general --benchmark cis-1.21"), &["did you mean \"cis-1.12\""]);
    refused(&run("guide --demo --format pdf"), &["pdf", "markdown"]);
}
