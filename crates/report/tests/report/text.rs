//! The text form: what a reader finds where.

use seaworthy_model::*;
use seaworthy_report::text::{Options, render};

use super::{findings, sample};

fn plain(report: &Report) -> String {
    render(report, &Options::default())
}

/// The results only.
fn results(report: &Report) -> String {
    let options = Options { remediations: false, summary: false, totals: false, ..Default::default() };
    render(report, &options)
}

/// The lines of one finding: its own and those indented below it.
fn lines_of<'a>(text: &'a str, id: &str) -> Vec<&'a str> {
    let mut lines = text.lines().skip_while(|line| {
        !(line.starts_with('[') && line.get(7..).is_some_and(|rest| rest.starts_with(&format!("{id} "))))
    });
    let first = lines.next().unwrap_or_else(|| panic!("no line for {id}"));
    std::iter::once(first).chain(lines.take_while(|line| line.starts_with(' '))).collect()
}

/// A report with one group and these findings.
fn group(findings: Vec<Finding>, absent: Option<&str>) -> Report {
    let counts = Counts::default();
    let section = |id: &str, title: &str| SectionSummary {
        id: id.into(),
        title: title.into(),
        target: "master".into(),
        counts,
        absent: absent.map(Into::into),
    };
    Report { sections: vec![section("1", "Control plane"), section("1.2", "API server")], findings, ..sample::report() }
}

fn one(id: &str, verdict: Verdict, kind: Kind, reason: &str) -> Finding {
    let finding = findings::finding(id, "master", "node/rule", "Title", Label::Automated, verdict, kind);
    Finding { reason: reason.into(), ..finding }
}

#[test]
fn below_each_fail_and_warn_stands_one_line_that_says_why() {
    let text = results(&sample::report());
    for (id, line, below) in [
        ("1.1.1", "[PASS] 1.1.1 The API server's manifest is writable by root only", None),
        (
            "1.1.9",
            "[WARN] 1.1.9 CNI configuration is writable by root only",
            Some("unknown: /etc/cni/net.d may not be read"),
        ),
        (
            "1.2.1",
            "[WARN] 1.2.1 The API server refuses anonymous requests",
            Some("not scored: anonymous-auth is true by default; wanted false"),
        ),
        (
            "1.2.15",
            "[FAIL] 1.2.15 API server profiling endpoints are off",
            Some("profiling is true (arguments of kube-apiserver, process 812); wanted false"),
        ),
        (
            "1.2.16",
            "[INFO] 1.2.16 The API server writes an audit log",
            Some(
                "waived until 2026-06-30 by the node's keeper: the log goes to a webhook; otherwise FAIL: audit-log-path is not set; wanted a path",
            ),
        ),
        (
            "1.2.20",
            "[INFO] 1.2.20 Requests of the API server end in time",
            Some("not applicable: the option is gone since Kubernetes 1.33"),
        ),
        ("3.2.2", "[WARN] 3.2.2 The audit policy covers what matters", Some("manual: 4 rules to judge")),
        ("4.2.4", "[INFO] 4.2.4 The kubelet's read-only port is closed", Some("skipped: left out with --skip 4.2.4")),
    ] {
        let want: Vec<String> =
            std::iter::once(line.to_owned()).chain(below.map(|below| format!("       {below}"))).collect();
        assert_eq!(lines_of(&text, id), want);
    }
}

#[test]
fn a_finding_without_a_reason_says_so() {
    let text = results(&group(vec![one("1.2.3", Verdict::Unknown, Kind::Error, "")], None));
    assert_eq!(lines_of(&text, "1.2.3")[1], "       unknown: no reason was given");
}

#[test]
fn a_very_long_reason_is_cut_and_the_evidence_is_not() {
    let mut finding = one("1.2.3", Verdict::Fail, Kind::Tested, &"a".repeat(5000));
    let (what, value) = ("profiling".into(), "b".repeat(5000));
    finding.evidence = vec![Evidence { what, value, source: None, candidates: Vec::new(), notes: Vec::new() }];
    let report = group(vec![finding], None);
    let short = results(&report);
    assert!(short.contains("aaa … (4600 more characters)"), "{short}");
    assert!(short.len() < 3000);
    assert!(render(&report, &Options { evidence: true, ..Default::default() }).contains(&"b".repeat(5000)));
}

#[test]
fn a_reason_that_a_whole_group_shares_is_said_once() {
    let ids = ["1.2.1", "1.2.2", "1.2.3"];
    let same =
        |n: usize| ids[..n].iter().map(|id| one(id, Verdict::Unknown, Kind::NeedsGrant, "no API")).collect::<Vec<_>>();
    let text = results(&group(same(3), None));
    assert_eq!(lines_of(&text, "1.2"), ["[INFO] 1.2 API server", "       all 3 below, unknown: no API"]);
    assert_eq!(lines_of(&text, "1.2.2"), ["[WARN] 1.2.2 Title"]);
    // Two are no crowd; and of three with one that differs, each says its own.
    let mut other_reason = same(3);
    other_reason[1].reason = "no node".into();
    let mut passed = same(3);
    passed[2] = one("1.2.3", Verdict::Pass, Kind::Tested, "no API");
    for findings in [same(2), other_reason, passed] {
        let text = results(&group(findings, None));
        assert_eq!(lines_of(&text, "1.2").len(), 1, "{text}");
        assert_eq!(lines_of(&text, "1.2.1")[1], "       unknown: no API");
    }
    let fails = ids.map(|id| one(id, Verdict::Fail, Kind::Tested, "mode 0777")).to_vec();
    assert!(results(&group(fails, None)).contains("all 3 below: mode 0777"));
}

#[test]
fn a_role_that_is_not_here_is_one_line() {
    let gone = |id| one(id, Verdict::NotApplicable, Kind::Role, "no control plane");
    let text = results(&group(vec![gone("1.2.1"), gone("1.2.2")], Some("no control plane")));
    assert!(text.contains("\n[INFO] 1 Control plane: not applicable, no control plane\n"), "{text}");
    assert!(!text.contains("[INFO] 1.2"), "{text}");
}

/// A section that is said to be absent must not hide a finding that says anything else.
#[test]
fn nothing_hides_behind_an_absent_role() {
    let gone = || one("1.2.1", Verdict::NotApplicable, Kind::Role, "no control plane");
    for odd in [
        one("1.2.2", Verdict::Fail, Kind::Tested, "mode 0777"),
        one("1.2.2", Verdict::Unknown, Kind::Role, "who knows"),
        one("1.2.2", Verdict::NotApplicable, Kind::Tested, "gone since 1.33"),
        Finding {
            waiver: sample::report().findings[4].waiver.clone(),
            ..one("1.2.2", Verdict::NotApplicable, Kind::Role, "")
        },
    ] {
        let text = results(&group(vec![gone(), odd], Some("no control plane")));
        assert_eq!(lines_of(&text, "1.2.2").len(), 2, "{text}");
        assert_eq!(lines_of(&text, "1.2.1").len(), 2, "{text}");
    }
}

/// Numbers are compared part by part: an absent 1.1 says nothing about 1.10.
#[test]
fn an_absent_section_takes_no_other_with_it() {
    let mut report = group(vec![one("1.20.1", Verdict::Fail, Kind::Tested, "mode 0777")], None);
    report.sections[1].absent = Some("no control plane".into());
    report.sections.push(SectionSummary { id: "1.20".into(), absent: None, ..report.sections[1].clone() });
    let text = results(&report);
    assert!(
        text.contains("[INFO] 1.2 API server: not applicable, no control plane\n[INFO] 1.20 API server\n"),
        "{text}"
    );
    assert_eq!(lines_of(&text, "1.20.1").len(), 2, "{text}");
}

#[test]
fn a_finding_of_an_unlisted_section_is_printed() {
    let text = results(&group(vec![one("9.9.1", Verdict::Fail, Kind::Tested, "mode 0777")], None));
    assert!(text.contains("\n[INFO] 9.9\n[FAIL] 9.9.1 Title\n       mode 0777\n"), "{text}");
}

#[test]
fn every_finding_is_in_the_results() {
    let report = sample::report();
    let text = render(&report, &Options { evidence: true, ..Default::default() });
    for finding in report.findings.iter().filter(|finding| finding.section != "2") {
        let lines = lines_of(&text, &finding.id);
        let has = |what: &str| lines.iter().any(|line| line.contains(what));
        assert!(has(&format!("rule: {}", finding.rule)));
        assert_eq!(lines.iter().filter(|line| line.contains("seen: ")).count(), finding.evidence.len());
    }
    for evidence in [
        "not used: false, from /etc/kubernetes/api.yaml (as process 812 sees it): the argument wins",
        "note: the manifest says the same",
        "about: Deployment kube-system/coredns: no rule names it",
        "wanted: 0600 or stricter",
    ] {
        assert!(text.contains(evidence), "{evidence}");
        assert!(!plain(&report).contains(evidence), "{evidence}");
    }
}

#[test]
fn each_part_can_be_left_out() {
    let all = Options::default();
    let none = Options { results: false, remediations: false, summary: false, totals: false, ..all };
    let marks = ["[FAIL] 1.2.15 ", "== Remediations master ==", "== Summary master ==", "== Summary total =="];
    let shown = |options: &Options| marks.map(|mark| render(&sample::report(), options).contains(mark));
    assert_eq!(shown(&all), [true; 4]);
    assert_eq!(shown(&none), [false; 4]);
    assert_eq!(shown(&Options { results: true, ..none }), [true, false, false, false]);
    assert_eq!(shown(&Options { remediations: true, ..none }), [false, true, false, false]);
    assert_eq!(shown(&Options { summary: true, ..none }), [false, false, true, false]);
    assert_eq!(shown(&Options { totals: true, ..none }), [false, false, false, true]);
    assert!(render(&sample::report(), &none).starts_with("Judged:     node node1"));
}

#[test]
fn remediations_are_for_what_fails_or_warns() {
    let text = render(&sample::report(), &Options { results: false, ..Default::default() });
    assert!(text.contains("\n1.2.15 Set --profiling=false in /etc/kubernetes/manifests/kube-apiserver.yaml\n       now:     - --profiling=true (in /etc/kubernetes/manifests/kube-apiserver.yaml:24)\n       wanted:  - --profiling=false\n       risk:    restarts the component\n"));
    assert!(text.contains("       by hand: what may not be read may not be changed\n"));
    assert!(!text.contains("1.2.16"), "a waived finding has nothing to do");
    let (guide, width) = (text.split("== Summary").next().unwrap(), 100);
    let ours = |line: &&str| !line.contains("forged") && line.starts_with("       ");
    assert!(guide.lines().filter(ours).all(|line| line.chars().count() <= width));
}

#[test]
fn targets_come_in_the_order_of_kube_bench() {
    let mut report = sample::report();
    report.sections.reverse();
    report.findings.reverse();
    report
        .findings
        .push(Finding { target: "managedservices".into(), ..one("1.2.99", Verdict::Fail, Kind::Tested, "x") });
    let text = plain(&report);
    let titles: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("== Summary ")).collect();
    assert_eq!(
        titles,
        ["master ==", "etcd ==", "controlplane ==", "node ==", "policies ==", "managedservices ==", "total =="]
    );
}

#[test]
fn the_summary_counts_and_says_what_warn_means() {
    let text = plain(&sample::report());
    let after = |title: &str| text.split(title).nth(1).unwrap().lines().skip(1).take(5).collect::<Vec<_>>();
    assert_eq!(
        after("== Summary master =="),
        [
            "1 checks PASS",
            "1 checks FAIL",
            "2 checks WARN",
            "2 checks INFO",
            "WARN means: 1 unknown, 0 manual, 1 failed but not scored"
        ]
    );
    assert_eq!(
        after("== Summary total =="),
        [
            "1 checks PASS",
            "2 checks FAIL",
            "6 checks WARN",
            "5 checks INFO",
            "WARN means: 4 unknown, 1 manual, 1 failed but not scored"
        ]
    );
    assert_eq!(after("== Summary etcd ==")[4], "");
}

#[test]
fn colors_are_around_words_and_titles_only() {
    let text = render(&sample::report(), &Options { color: true, ..Default::default() });
    for want in [
        "\u{1b}[32m[PASS] \u{1b}[0m1.1.1 ",
        "\u{1b}[31m[FAIL] \u{1b}[0m1.2.15 ",
        "\u{1b}[33m[WARN] \u{1b}[0m1.2.1 ",
        "\u{1b}[34m[INFO] \u{1b}[0m1.2 API server\n",
        "\u{1b}[33m== Remediations master ==\u{1b}[0m\n",
        "\u{1b}[31m== Summary master ==\u{1b}[0m\n",
        "\u{1b}[32m== Summary etcd ==\u{1b}[0m\n",
        "\u{1b}[33m== Summary policies ==\u{1b}[0m\n",
    ] {
        assert!(text.contains(want), "{want:?}");
    }
    let stripped =
        ["31", "32", "33", "34", "0"].iter().fold(text, |text, code| text.replace(&format!("\u{1b}[{code}m"), ""));
    assert_eq!(stripped, plain(&sample::report()));
}

#[test]
fn the_head_says_what_was_judged_and_what_is_missing() {
    let mut report = sample::report();
    report.subjects.truncate(1);
    (report.header.kubernetes, report.header.kubernetes_source, report.time) = (None, None, None);
    let text = plain(&report);
    for line in [
        "Judged:     node node1, by seaworthy 0.1.0",
        "Incomplete: 2 of 3 nodes reported",
        "Kubernetes: version not found",
    ] {
        assert!(text.lines().any(|got| got == line), "{line}\n{text}");
    }
    report.received = 3;
    report.subjects.clear();
    let text = plain(&report);
    assert!(text.starts_with("Judged:     nothing,") && !text.contains("Incomplete"));
}

#[test]
fn idle_waivers_and_unjudged_processes_end_the_results() {
    let text = plain(&sample::report());
    assert!(text.contains("\nunused waiver 9.9.9: no check of cis-1.12 has this number\nexpired waiver kubelet/kubelet-anonymous-auth: its last day was 2025-12-31\nalso seen: process 4711 calls itself kube-apiserver"));
    assert!(!text.contains("sets 1.2.16 aside"), "a waiver that works needs no word of its own");
}
