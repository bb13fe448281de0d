//! A broken catalogue is refused, with file, line and what to write instead.

use seaworthy_catalogue::Problem;

use crate::support::{load_texts, texts};

/// The problems of the tree's catalogue with one text changed. The change must be one.
fn problems(path: &str, from: &str, to: &str) -> Vec<Problem> {
    let mut texts = texts();
    let text = &mut texts.iter_mut().find(|(name, _)| name == path).expect("the file is there").1;
    assert!(text.contains(from), "{path} has no {from:?}");
    *text = text.replacen(from, to, 1);
    load_texts(&texts).map(|_| ()).expect_err("it must be refused")
}

pub(crate) fn refused(path: &str, from: &str, to: &str, message: &str, help: &str) {
    let found = problems(path, from, to);
    let hit = found.iter().find(|p| p.message.contains(message) && p.help.contains(help));
    let hit = hit.unwrap_or_else(|| panic!("no {message:?} with {help:?} among {found:#?}"));
    assert_eq!(hit.file, path, "{hit}");
    assert!(hit.line > 0, "{hit}");
}

const PROFILING: &str = "rules/kube-apiserver/apiserver-profiling.md";

#[test]
fn a_misspelt_word_is_named_with_the_nearest_that_there_is() {
    let component = "component = \"kube-apiserver\"";
    refused(
        PROFILING,
        component,
        "component = \"kube-apisrver\"",
        "no component \"kube-apisrver\"",
        "\"kube-apiserver\"",
    );
    refused(
        PROFILING,
        "setting = \"profiling\"",
        "setting = \"profilling\"",
        "no setting \"profilling\"",
        "\"profiling\"",
    );
    refused(PROFILING, "equals = false", "equal = false", "\"equal\" is no operator", "\"equals\"");
    refused(PROFILING, "equals = false", "equals = \"false\"", "does not take", "type");
    refused(PROFILING, "[check.setting]", "[check.settings]", "\"settings\" is no check", "\"setting\"");
    refused(PROFILING, "severity = \"low\"", "severity = \"lo\"", "\"lo\" is no severity", "\"low\"");
    refused(
        PROFILING,
        "risk = \"restarts-component\"",
        "risk = \"restart\"",
        "\"restart\" is no risk",
        "restarts-component",
    );
    refused(PROFILING, "[fix.set]", "[fix.sett]", "\"sett\" is no operation", "\"set\"");
    let encryption = "rules/kube-apiserver/apiserver-encryption-provider.md";
    refused(
        encryption,
        "name = \"encryption-providers\"",
        "name = \"encryption-provider\"",
        "no native check",
        "encryption-providers",
    );
    refused("rules/platform/pki-owner.md", "platform = \"pki\"", "platform = \"pkis\"", "file set \"pkis\"", "\"pki\"");
    refused(
        "components/kubelet.toml",
        "type = \"duration\"",
        "type = \"durations\"",
        "\"durations\" is no type",
        "\"duration\"",
    );
    refused(
        "benchmarks/cis-1.12.toml",
        "\"apiserver-profiling\"",
        "\"apiserver-profile\"",
        "no rule \"apiserver-profile\"",
        "\"apiserver-profiling\"",
    );
}

#[test]
fn an_unknown_key_is_refused_with_those_that_there_are() {
    refused(PROFILING, "title = ", "titel = ", "unknown field `titel`", "");
    refused("platforms/kubeadm.toml", "manifests = ", "manifest = ", "unknown field `manifest`", "");
    refused("components/etcd.toml", "environment = ", "env = ", "unknown field `env`", "");
}

#[test]
fn a_mount_names_what_there_is_and_is_stood_in_for_from_above() {
    let path = "platforms/kubeadm.toml";
    refused(path, "\"etcd.data-dir\"", "\"etcd.data-dirs\"", "etcd has no setting \"data-dirs\"", "data-dir");
    refused(path, "\"kube-proxy\", \"kubelet.config\"", "\"kube-proxi\"", "no component \"kube-proxi\"", "kube-proxy");
    refused(
        path,
        "instead = \"/var/lib\"",
        "instead = \"/var/li\"",
        "/var/lib/cni cannot be mounted by",
        "directory above",
    );
    refused(path, "path = \"/etc/cni\"", "path = \"etc/cni\"", "no absolute, plain path", "");
}

#[test]
fn a_number_stands_once() {
    let line = "\"1.2.15\" = { rule = \"apiserver-profiling\", level = 1 }";
    refused("benchmarks/cis-1.12.toml", line, &format!("{line}\n{line}"), "duplicate key", "");
}

#[test]
fn a_rule_has_a_page_cases_and_a_fix_or_a_reason_for_none() {
    let path = "rules/kube-apiserver/apiserver-profiling.cases.toml";
    let texts: Vec<_> = texts().into_iter().filter(|(name, _)| name != path).collect();
    let found = load_texts(&texts).map(|_| ()).expect_err("it must be refused");
    assert!(
        found.iter().any(|p| p.file == PROFILING && p.message.contains("has no cases") && p.help.contains(path)),
        "{found:#?}"
    );
    refused(
        PROFILING,
        "[fix.set]\nvalue = false\nrisk = \"restarts-component\"\n",
        "",
        "neither a fix nor a reason",
        "no-fix",
    );
    let found = problems(PROFILING, "## Why it matters", "## Reasons");
    assert!(found.iter().any(|p| p.message.contains("Reasons") && p.help.contains("Why it matters")), "{found:#?}");
    let found = problems(path, "verdict = \"pass\"", "verdict = \"passes\"");
    assert!(found.iter().any(|p| p.file == path && p.line > 0 && p.help.contains("\"pass\"")), "{found:#?}");
}

#[test]
fn every_problem_is_told_at_once() {
    let mut texts = texts();
    for (path, text) in &mut texts {
        if path.ends_with("-mode.md") {
            *text = text.replace("severity = ", "severty = ");
        }
    }
    let found = load_texts(&texts).map(|_| ()).expect_err("it must be refused");
    assert!(found.iter().filter(|p| p.message.contains("severty")).count() > 10, "{found:#?}");
}

#[test]
fn a_file_at_a_strange_place_is_refused() {
    let mut texts = texts();
    texts.push(("rule/kubelet/x.md".to_owned(), String::new()));
    let found = load_texts(&texts).map(|_| ()).expect_err("it must be refused");
    assert!(
        found.iter().any(|p| p.file == "rule/kubelet/x.md" && p.help.contains("rules/FOLDER/NAME.md")),
        "{found:#?}"
    );
}
