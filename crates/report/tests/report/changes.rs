//! What changed between two reports.

use seaworthy_model::*;
use seaworthy_report::changes::{self, Changes, Kind, compare};

use super::findings::finding;
use super::sample;

fn one(id: &str, verdict: Verdict) -> Finding {
    let rule = format!("rule-{id}");
    finding(id, "master", &rule, "A title", Label::Automated, verdict, seaworthy_model::Kind::Tested)
}

fn report(findings: Vec<Finding>) -> Report {
    Report { findings, missing: vec![], waivers: vec![], ..sample::report() }
}

fn kinds<'a>(changes: &'a Changes<'_>) -> Vec<(&'a str, &'a [Kind])> {
    changes.list.iter().map(|change| (change.finding().id.as_str(), change.kinds.as_slice())).collect()
}

fn of(before: Vec<Finding>, after: Vec<Finding>) -> Vec<(String, Vec<Kind>)> {
    let (before, after) = (report(before), report(after));
    let changes = compare(&before, &after);
    kinds(&changes).into_iter().map(|(id, kinds)| (id.to_owned(), kinds.to_vec())).collect()
}

#[test]
fn a_report_compared_with_itself_has_no_changes() {
    let report = sample::report();
    let changes = compare(&report, &report);
    assert_eq!(kinds(&changes), []);
    assert_eq!(changes.same, report.findings.len());
    assert!(changes::text::render(&changes).contains("nothing changed"));
}

#[test]
fn verdicts_that_differ_are_told_by_what_became_of_them() {
    use Verdict::{Fail, Manual, NotApplicable, Pass, Unknown};
    for (before, after, kind) in [
        (Pass, Fail, Kind::NewlyFailing),
        (Unknown, Fail, Kind::NewlyFailing),
        (Fail, Pass, Kind::Solved),
        (Fail, NotApplicable, Kind::Solved),
        (Fail, Unknown, Kind::VerdictChanged),
        (Pass, Unknown, Kind::VerdictChanged),
        (Manual, Pass, Kind::VerdictChanged),
    ] {
        let got = of(vec![one("1.2.1", before)], vec![one("1.2.1", after)]);
        assert_eq!(got, [("1.2.1".to_owned(), vec![kind])], "{before} to {after}");
    }
    for same in [Pass, Fail, Unknown] {
        assert_eq!(of(vec![one("1.2.1", same)], vec![one("1.2.1", same)]), []);
    }
}

/// A control plane that is gone from a node has not been repaired.
#[test]
fn a_role_that_left_solves_nothing() {
    let left = Finding { kind: seaworthy_model::Kind::Role, ..one("1.2.1", Verdict::NotApplicable) };
    let got = of(vec![one("1.2.1", Verdict::Fail)], vec![left]);
    assert_eq!(got, [("1.2.1".to_owned(), vec![Kind::VerdictChanged])]);
}

#[test]
fn evidence_counts_and_process_numbers_do_not() {
    let with = |value: &str, pid: u32| {
        let source = Some(Source::process(pid, "kube-apiserver", "arguments"));
        let evidence =
            Evidence { what: "profiling".into(), value: value.into(), source, candidates: vec![], notes: vec![] };
        Finding { evidence: vec![evidence], reason: format!("seen in process {pid}"), ..one("1.2.1", Verdict::Fail) }
    };
    assert_eq!(of(vec![with("true", 812)], vec![with("true", 4711)]), []);
    let changed = of(vec![with("true", 812)], vec![with("1", 812)]);
    assert_eq!(changed, [("1.2.1".to_owned(), vec![Kind::EvidenceChanged])]);
}

#[test]
fn a_newer_benchmark_renumbers_and_the_rule_stays() {
    let newer = |id: &str, rule: &str, verdict: Verdict| Finding {
        rule: rule.into(),
        identity: format!("cluster/node1/cis-2.0.1/{id}"),
        ..one(id, verdict)
    };
    let before = vec![one("1.2.1", Verdict::Fail), one("1.2.2", Verdict::Pass)];
    // 1.2.2 is the number of another rule now.
    let after = vec![newer("1.2.2", "rule-1.2.1", Verdict::Pass), newer("1.2.3", "rule-1.2.2", Verdict::Pass)];
    assert_eq!(
        of(before, after),
        [("1.2.2".to_owned(), vec![Kind::Solved, Kind::Renumbered]), ("1.2.3".to_owned(), vec![Kind::Renumbered])]
    );
}

#[test]
fn a_rule_that_a_benchmark_uses_twice_is_matched_by_number() {
    let twice = |id: &str, verdict: Verdict| Finding { rule: "twice".into(), ..one(id, verdict) };
    let before = vec![twice("1.1", Verdict::Pass), twice("1.2", Verdict::Fail)];
    assert_eq!(of(before.clone(), before.clone()), []);
    let got = of(before.clone(), vec![twice("1.2", Verdict::Pass)]);
    assert_eq!(got, [("1.2".to_owned(), vec![Kind::Solved]), ("1.1".to_owned(), vec![Kind::Gone])]);
    let more = of(before, vec![twice("1.1", Verdict::Pass), twice("1.2", Verdict::Fail), twice("1.3", Verdict::Fail)]);
    assert_eq!(more, [("1.3".to_owned(), vec![Kind::NewlyFailing, Kind::Appeared])]);
}

#[test]
fn waivers_come_and_go() {
    let waived = || Finding {
        status: Status::Info,
        waiver: Some(Applied { reason: "a webhook".into(), owner: "the keeper".into(), expires: "2026-01-30".into() }),
        ..one("1.2.16", Verdict::Fail)
    };
    let open = || one("1.2.16", Verdict::Fail);
    // The sample's time is 2026-01-31.
    let out = of(vec![waived()], vec![open()]);
    assert_eq!(out, [("1.2.16".to_owned(), vec![Kind::NewlyFailing, Kind::WaiverRanOut])]);
    let removed = Finding {
        waiver: waived().waiver.map(|waiver| Applied { expires: "2026-12-31".into(), ..waiver }),
        ..waived()
    };
    let out = of(vec![removed], vec![open()]);
    assert_eq!(out, [("1.2.16".to_owned(), vec![Kind::NewlyFailing, Kind::WaiverRemoved])]);
    assert_eq!(of(vec![open()], vec![waived()]), [("1.2.16".to_owned(), vec![Kind::Waived])]);
    let solved = of(vec![waived()], vec![one("1.2.16", Verdict::Pass)]);
    assert_eq!(solved, [("1.2.16".to_owned(), vec![Kind::Solved])]);
}

#[test]
fn nodes_are_told_apart_and_one_that_is_missing_is_not_gone() {
    let on = |node: &str, verdict: Verdict| Finding {
        subject: Subject { kind: SubjectKind::Node, id: Some(node.into()), name: node.into() },
        identity: format!("cluster/{node}/cis-1.12/1.2.1"),
        ..one("1.2.1", verdict)
    };
    let before = report(vec![on("a", Verdict::Pass), on("b", Verdict::Pass), on("c", Verdict::Fail)]);
    let mut after = report(vec![on("a", Verdict::Fail)]);
    after.missing = vec![MissingSubject { name: "b".into(), reason: "its pod did not start".into() }];
    let changes = compare(&before, &after);
    let told: Vec<(&str, Kind)> = changes.list.iter().map(|c| (c.finding().subject.name.as_str(), c.kind())).collect();
    assert_eq!(told, [("a", Kind::NewlyFailing), ("c", Kind::Gone)]);
}

#[test]
fn another_cluster_is_another_question_and_an_unknown_one_is_not() {
    let of_cluster = |cluster: &str, verdict: Verdict| Finding {
        identity: format!("{cluster}/node1/cis-1.12/1.2.1"),
        ..one("1.2.1", verdict)
    };
    let got = of(vec![of_cluster("-", Verdict::Fail)], vec![of_cluster("b", Verdict::Pass)]);
    assert_eq!(got, [("1.2.1".to_owned(), vec![Kind::Solved])]);
    let got = of(vec![of_cluster("a", Verdict::Fail)], vec![of_cluster("b", Verdict::Fail)]);
    assert_eq!(
        got,
        [("1.2.1".to_owned(), vec![Kind::NewlyFailing, Kind::Appeared]), ("1.2.1".to_owned(), vec![Kind::Gone])]
    );
}

/// Every kind in one document, valid by its schema and harmless to look at.
#[test]
fn text_and_json_tell_every_change() {
    let mut before = sample::report();
    before.scan_id = "older".into();
    let mut after = sample::report();
    after.findings[0].verdict = Verdict::Fail;
    after.findings[0].status = Status::Fail;
    after.findings[0].reason = format!("mode 0644 {}", sample::HOSTILE);
    after.findings[3].evidence[0].value = sample::HOSTILE.into();
    let last = after.findings.pop().unwrap();
    before.findings.retain(|finding| finding.id != "2.1");
    let changes = compare(&before, &after);
    let found: Vec<Kind> = changes.list.iter().map(changes::Change::kind).collect();
    assert_eq!(found, [Kind::NewlyFailing, Kind::EvidenceChanged, Kind::Appeared, Kind::Gone]);
    assert_eq!(changes.gone().map(|finding| &finding.id).collect::<Vec<_>>(), [&last.id]);

    let text = changes::text::render(&changes);
    assert!(text.lines().all(|line| !line.contains(char::is_control)), "{text}");
    for words in ["[PASS -> FAIL] 1.1.1", "was: pass", "== Not asked any more (1) ==", "4 changes: 1 newly failing"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let json = changes::json::render(&changes);
    assert_eq!(json.lines().count(), 1);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let schema = serde_json::from_str(include_str!("../../../../docs/schema/changes-v1.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let mut damaged = value.clone();
    damaged["changes"][0]["kinds"] = serde_json::json!(["worse"]);
    assert!(!validator.is_valid(&damaged));
    let words = value["counts"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(words, ["appeared", "evidence-changed", "gone", "newly-failing"]);
}
