//! The program's formats, facts, waivers, catalogues and lists.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "tests start the program itself")]

use std::path::Path;

use serde_json::Value;

use crate::command::{PLAIN, WORKER, program, ran, refused, run};

fn json(words: &str) -> Value {
    let ran = run(words);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{words}");
    serde_json::from_str(&ran.out).expect("JSON")
}

fn valid(schema: &str, value: &Value) {
    let schema: Value = serde_json::from_str(schema).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert!(!validator.is_valid(&Value::Null) && !validator.is_valid(&serde_json::json!({})), "it takes anything");
}

fn ids(report: &Value) -> Vec<&str> {
    report["findings"].as_array().expect("findings").iter().map(|f| f["id"].as_str().expect("an id")).collect()
}

#[test]
fn reports_and_facts_are_as_their_schemas_say() {
    for words in ["run --demo --json", "run --demo --format json --nototals --skip 1.2"] {
        valid(include_str!("../../../../docs/schema/report-v1.json"), &json(words));
    }
    valid(include_str!("../../../../docs/schema/report-v1.json"), &json(&format!("run --root {WORKER} --json")));
    for root in [PLAIN, WORKER] {
        valid(include_str!("../../../../docs/schema/facts-v1.json"), &json(&format!("collect --root {root}")));
    }
    assert_eq!(ids(&json("run --demo --json")).len(), 131);
    let junit = run("run --demo --junit");
    assert!(junit.out.starts_with("<?xml") && junit.out.contains("1.2.15"), "{}", junit.out);
    assert_eq!(junit.out, junit.out.replace(['\u{1b}', '\u{0}'], ""));
}

#[test]
fn facts_that_were_collected_are_judged_like_the_node() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("facts.json");
    for root in [PLAIN, WORKER] {
        let facts = run(&format!("collect --root {root}")).out;
        std::fs::write(&path, &facts).expect("facts");
        let evaluate = format!("evaluate {} --json", path.display());
        let there = json(&format!("run --root {root} --json"));
        let here = json(&evaluate);
        assert_eq!(here["findings"], there["findings"]);
        assert_eq!(here["findings"].as_array().map(Vec::len), Some(131));
        // Same facts, same report, to the byte.
        assert_eq!(run(&evaluate).out, run(&evaluate).out);
        let older = json(&format!("{evaluate} --benchmark cis-1.12"));
        assert_eq!(older["header"]["benchmark"]["id"], "cis-1.12", "{}", older["header"]);
    }
}

#[test]
fn facts_that_are_newer_or_none_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("facts.json");
    let mut facts = json("collect --demo");
    facts["schema"] = Value::from(99);
    for (text, says) in [
        (facts.to_string(), &["99", "newer"][..]),
        ("{\"schema\": 99, \"all\": \"else\"}".to_owned(), &["99", "newer"]),
        ("{\"schema\": 1}".to_owned(), &["facts.json", "seaworthy collect"]),
        ("not JSON".to_owned(), &["facts.json", "seaworthy collect"]),
        (String::new(), &["facts.json"]),
    ] {
        std::fs::write(&path, text).expect("facts");
        refused(&ran(program().arg("evaluate").arg(&path)), says);
    }
    refused(&run("evaluate /nowhere/facts.json"), &["/nowhere/facts.json", "No such file"]);
}

#[test]
fn waivers_lie_over_the_verdict() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("waivers.toml");
    let waiver = |item: &str, expires: &str| {
        format!(
            "[[waiver]]\nitem = \"{item}\"\nreason = \"latency\"\nowner = \"platform\"\nexpires = \"{expires}\"\n\n"
        )
    };
    let with = |text: &str, words: &str| {
        std::fs::write(&path, text).expect("waivers");
        ran(program().args(["run", "--demo", "--waivers"]).arg(&path).args(words.split_whitespace()))
    };
    let used = with(&waiver("apiserver-profiling", "9999-12-31"), "--check 1.2.15 --json --fail-on warn");
    assert_eq!(used.status, Some(0), "{}", used.err);
    let report: Value = serde_json::from_str(&used.out).expect("JSON");
    let finding = &report["findings"][0];
    assert_eq!((finding["status"].as_str(), finding["verdict"].as_str()), (Some("INFO"), Some("fail")));
    assert_eq!(finding["waiver"]["owner"], "platform");
    for (text, word, status) in [
        (waiver("1.2.15", "9999-12-31"), "waived until 9999-12-31 by platform: latency; otherwise FAIL", 0),
        (waiver("1.2.15", "2000-01-01"), "expired", 1),
        (waiver("1.2.6", "9999-12-31") + &waiver("1.2.15", "2000-01-01"), "unused", 1),
        (waiver("9.9.9", "9999-12-31"), "unused", 1),
        (waiver("1.2.15", "9999-12-31") + "where = \"another\"\n", "unused", 1),
    ] {
        let ran = with(&text, "--check 1.2.15,1.2.6 --fail-on fail");
        assert_eq!(ran.status, Some(status), "{text}{}", ran.out);
        assert!(ran.out.contains(word), "{word} is not in {}", ran.out);
        assert_eq!(ran.out.contains("[FAIL] 1.2.15 "), status == 1, "{text}");
    }
    let mistyped = waiver("1.2.15", "9999-12-31") + "because = \"x\"\n";
    refused(&with(&mistyped, ""), &["waivers.toml", "line 7", "[[waiver]]"]);
    refused(&with(&waiver("1.2.15", "soon"), ""), &["waivers.toml", "1.2.15", "date"]);
    refused(&with("[[waiver]\n", ""), &["waivers.toml", "line 1"]);
    refused(&run("run --demo --waivers /nowhere.toml"), &["/nowhere.toml"]);
}

#[test]
fn selections_take_what_they_say() {
    let all = json("run --demo --json");
    let scored = json("run --demo --json --scored");
    let unscored = json("run --demo --json --unscored");
    let flags = |report: &Value| -> Vec<bool> {
        report["findings"].as_array().expect("findings").iter().map(|f| f["scored"].as_bool() == Some(true)).collect()
    };
    assert!(flags(&scored).iter().all(|s| *s) && flags(&unscored).iter().all(|s| !*s));
    assert!(!ids(&scored).is_empty() && ids(&scored).len() + ids(&unscored).len() == ids(&all).len());
    assert_eq!(ids(&json("run --demo --json --scored=false")), ids(&unscored));
    assert_eq!(ids(&json("run --demo --json --unscored=false")), ids(&scored));
    assert_eq!(ids(&json("run --demo --json --group 4.3,1.4")), ["1.4.1", "1.4.2", "4.3.1"]);
    assert_eq!(ids(&json("run --demo --json -c kubelet-anonymous-auth,1.2.15")), ["1.2.15", "4.2.1"]);
    assert!(ids(&json("run --demo --json -s etcd")).iter().all(|id| id.starts_with("2.")));
    // What is skipped is said and does not count.
    let skipped = json("run --demo --json --group 1.4 --skip 1.4.1");
    assert_eq!(ids(&skipped), ["1.4.1", "1.4.2"]);
    assert_eq!(skipped["findings"][0]["status"], "INFO");
    assert!(skipped["findings"][0]["reason"].to_string().contains("skip"), "{}", skipped["findings"][0]);
}

#[test]
fn pages_and_lists_are_printed() {
    for words in ["explain 1.2.15", "explain apiserver-profiling", "explain 1.2.15 --benchmark cis-1.12"] {
        let page = run(words);
        assert_eq!((page.status, page.err.as_str()), (Some(0), ""), "{words}");
        for word in ["apiserver-profiling", "cis-1.12 1.2.15", "cis-2.0.1 1.2.15", "--profiling", "## How to fix it"] {
            assert!(page.out.contains(word), "{words}: {word}");
        }
    }
    for (words, lines, word) in [
        ("list benchmarks", 3, "cis-2.0.1"),
        ("list platforms", 2, "kubeadm"),
        ("list components", 7, "kube-apiserver"),
        ("list rules", 132, "apiserver-profiling"),
    ] {
        let list = run(words);
        assert_eq!((list.status, list.out.lines().count()), (Some(0), lines), "{words}: {}", list.out);
        assert!(list.out.contains(word), "{words}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(&format!("completions {shell}")).out.contains("include-test-output"), "{shell}");
    }
    let man = run("man");
    assert!(man.out.contains(".TH") && man.out.contains("seaworthy"), "{}", man.out);
    for words in ["--version", "--help", "help run"] {
        let said = run(words);
        assert_eq!((said.status, said.err.as_str(), said.out.is_empty()), (Some(0), "", false), "{words}");
    }
    let none = run("");
    assert_eq!((none.status, none.out.as_str()), (Some(2), ""));
    assert!(none.err.contains("run --demo"), "{}", none.err);
}

const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue");

#[test]
fn the_catalogue_s_folder_judges_like_the_embedded_one() {
    let own = json(&format!("run --demo --json --catalogue {CATALOGUE}"));
    assert_eq!(own["findings"], json("run --demo --json")["findings"]);
    let empty = tempfile::tempdir().expect("a directory");
    refused(&run(&format!("run --demo --catalogue {}", empty.path().display())), &["holds no catalogue"]);
    refused(&run("run --demo --catalogue /nowhere/catalogue"), &["/nowhere/catalogue"]);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("the catalogue") {
        let (path, name) = entry.map(|e| (e.path(), e.file_name())).expect("an entry");
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).expect("a file");
        }
    }
}

#[test]
fn a_broken_catalogue_is_refused_with_file_and_line() {
    let dir = tempfile::tempdir().expect("a directory");
    copy(Path::new(CATALOGUE), dir.path());
    let page = dir.path().join("rules/kube-apiserver/apiserver-profiling.md");
    let good = std::fs::read_to_string(&page).expect("the page");
    let words = format!("run --demo --check 1.2.15 --catalogue {}", dir.path().display());
    assert_eq!(run(&words).status, Some(0));
    for (from, to, says) in [
        ("component = \"kube-apiserver\"", "component = \"kube-apisrver\"", "kube-apiserver"),
        ("setting = \"profiling\"", "setting = \"profilling\"", "profiling"),
        ("equals = false", "equal = false", "equals"),
    ] {
        let broken = good.replacen(from, to, 1);
        assert_ne!(broken, good, "{from}");
        let at = 1 + broken.lines().position(|line| line.contains(to)).expect("the line");
        std::fs::write(&page, &broken).expect("the page");
        refused(&run(&words), &[&format!("rules/kube-apiserver/apiserver-profiling.md:{at}"), says]);
    }
    std::fs::write(&page, &good).expect("the page");
    let cases = dir.path().join("rules/kube-apiserver/apiserver-profiling.cases.toml");
    std::fs::remove_file(&cases).expect("the cases");
    refused(&run(&words), &["apiserver-profiling", "cases"]);
}
