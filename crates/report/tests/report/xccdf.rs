//! XCCDF: the results, the order of elements and the ids. That a reader which is not ours takes it is shown by `.ci/formats/xccdf`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use seaworthy_model::{Report, Severity, SubjectKind};
use seaworthy_report::format::Context;
use seaworthy_report::{changes, identity, xccdf};

use super::{hostile, sample};

/// An element: its name with those around it, its attributes, the text right in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    pub(crate) path: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// All elements in order; fails where the document is not well-formed.
pub(crate) fn elements(document: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(document);
    let (mut list, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
    loop {
        let event = reader.read_event().unwrap();
        match event {
            Event::Start(ref tag) | Event::Empty(ref tag) => {
                let name = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
                let path = open.last().map_or(name.clone(), |outer: &usize| format!("{}/{name}", list[*outer].path));
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = quick_xml::escape::unescape(std::str::from_utf8(&attribute.value).unwrap())
                        .unwrap()
                        .into_owned();
                    (String::from_utf8(attribute.key.as_ref().to_vec()).unwrap(), value)
                });
                list.push(Element { path, attributes: attributes.collect(), text: String::new() });
                if matches!(event, Event::Start(_)) {
                    open.push(list.len() - 1);
                }
            }
            Event::End(_) => drop(open.pop().unwrap()),
            Event::Text(text) => {
                if let Some(element) = open.last() {
                    list[*element].text.push_str(&text.decode().unwrap());
                }
            }
            Event::GeneralRef(name) => {
                let text = match name.decode().unwrap().as_ref() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    other => panic!("&{other}; is of no XML"),
                };
                list[*open.last().unwrap()].text.push_str(text);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, [0_usize; 0]);
    list
}

fn render(report: &Report) -> Vec<Element> {
    elements(&xccdf::render(report, &Context::default()))
}

const RESULT: &str = "Benchmark/TestResult/rule-result";

fn at<'a>(elements: &'a [Element], path: &str) -> Vec<&'a Element> {
    elements.iter().filter(|element| element.path == path).collect()
}

#[test]
fn each_verdict_has_its_result() {
    let elements = render(&sample::report());
    let rules = at(&elements, RESULT);
    let results = at(&elements, "Benchmark/TestResult/rule-result/result");
    let got: Vec<(&str, &str, &str)> = rules
        .iter()
        .zip(results)
        .map(|(rule, result)| (rule.get("idref").rsplit('_').next().unwrap(), result.text.as_str(), rule.get("role")))
        .collect();
    let want = [
        ("1.1.1", "pass", "full"),
        ("1.1.9", "error", "full"),
        ("1.2.1", "fail", "unscored"),
        ("1.2.15", "fail", "full"),
        ("1.2.16", "informational", "full"),
        ("1.2.20", "notapplicable", "unscored"),
        ("2.1", "notapplicable", "full"),
        ("2.2", "notapplicable", "full"),
        ("3.2.2", "notchecked", "unscored"),
        ("4.2.1", "fail", "full"),
        ("4.2.4", "notselected", "full"),
        ("5.1.1", "error", "unscored"),
        ("5.1.2", "error", "unscored"),
        ("5.1.3", "error", "unscored"),
    ];
    assert_eq!(got, want);
    assert!(rules.iter().all(|rule| rule.get("weight") == "1.0"));
}

#[test]
fn a_rule_result_bears_the_fingerprint_and_what_it_rests_on() {
    let report = sample::report();
    let elements = render(&report);
    let idents = at(&elements, "Benchmark/TestResult/rule-result/ident");
    for finding in &report.findings {
        assert!(idents.iter().any(|ident| ident.text == identity::fingerprint(finding)), "{}", finding.id);
    }
    let messages = at(&elements, "Benchmark/TestResult/rule-result/message");
    for text in [
        "wanted: false",
        "seen: profiling: true, from arguments of kube-apiserver, process 812",
        "set: - --profiling=false",
    ] {
        assert!(messages.iter().any(|message| message.text == text && message.get("severity") == "info"), "no {text}");
    }
    assert!(
        messages.iter().any(|m| m.text.starts_with("waived until 2026-06-30") && m.text.ends_with("otherwise fail"))
    );
}

#[test]
fn ids_are_unique_and_what_refers_to_them_finds_them() {
    let mut report = sample::report();
    // Of another benchmark than the report's, and with a number that is no id.
    report.findings[1].identity = "cluster/node1/cis-1.11/1.1.1".into();
    report.findings[1].id = "1.1.1".into();
    report.findings[2].id = "a_b/\u{e9} <".into();
    report.sections[2].id = "1_2".into();
    let elements = render(&report);
    let ids: Vec<&str> = elements.iter().map(|element| element.get("id")).filter(|id| !id.is_empty()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    for id in &ids {
        let name = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        assert!(id.starts_with("xccdf_io.seaworthy_") && id.chars().all(name), "{id}");
    }
    let wanted: Vec<&str> =
        elements.iter().map(|element| element.get("idref")).filter(|id| id.starts_with("xccdf_")).collect();
    assert!(wanted.len() > 20 && wanted.iter().all(|id| ids.contains(id)), "{wanted:?}");
}

#[test]
fn each_node_and_the_cluster_have_a_test_result() {
    let mut report = sample::report();
    let second =
        report.findings.clone().into_iter().filter(|f| f.subject.kind == SubjectKind::Node).map(|mut finding| {
            finding.subject.name = "node2".into();
            finding.identity = finding.identity.replace("node1", "node2");
            finding
        });
    let second: Vec<_> = second.collect();
    report.findings.extend(second);
    let elements = render(&report);
    let targets: Vec<&str> =
        at(&elements, "Benchmark/TestResult/target").iter().map(|target| target.text.as_str()).collect();
    assert_eq!(targets, ["node1", "cluster", "node2"]);
    assert_eq!(at(&elements, RESULT).len(), report.findings.len());
    // The rules stand there once.
    let rules = elements.iter().filter(|element| element.path.ends_with("/Rule")).count();
    assert_eq!(rules, sample::report().findings.len());
}

#[test]
fn the_score_counts_what_is_scored_and_decided() {
    let elements = render(&sample::report());
    let scores: Vec<(&str, &str)> = at(&elements, "Benchmark/TestResult/score")
        .iter()
        .map(|score| (score.text.as_str(), score.get("maximum")))
        .collect();
    // One pass of pass, error and two fails; of the cluster nothing is scored.
    assert_eq!(scores, [("1.0", "4.0"), ("0.0", "1.0")]);
}

#[test]
fn a_severity_above_high_is_high_and_no_time_is_the_first() {
    let mut report = sample::report();
    report.findings.iter_mut().for_each(|finding| finding.severity = Severity::Critical);
    for time in [None, Some("yesterday"), Some("-000001-01-01T00:00:00Z")] {
        report.time = time.map(str::to_owned);
        let elements = render(&report);
        assert!(at(&elements, RESULT).iter().all(|rule| rule.get("severity") == "high"));
        assert_eq!(at(&elements, "Benchmark/TestResult")[0].get("end-time"), "1970-01-01T00:00:00Z", "{time:?}");
    }
}

#[test]
fn a_message_says_what_changed_and_nothing_is_called_fixed() {
    let (before, after) = sample::two();
    let changes = changes::compare(&before, &after);
    let text = xccdf::render(&after, &Context { changes: Some(&changes), ..Default::default() });
    assert!(text.contains("since the last report: solved; it was fail: its mode was 0644"));
    assert!(!text.contains("<result>fixed"));
}

/// The structure, when every string begins with a letter.
static USUAL: LazyLock<Vec<String>> = LazyLock::new(|| paths(render(&hostile::report_with("x"))));

fn paths(elements: Vec<Element>) -> Vec<String> {
    elements.into_iter().map(|element| element.path).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_an_element(prefix in hostile::hostile_text()) {
        let text = xccdf::render(&hostile::report_with(&prefix), &Context::default());
        let acting = text.chars().find(|c| hostile::acts(*c) && *c != '\n');
        prop_assert_eq!(acting, None);
        // An empty string can leave an element out.
        prop_assume!(!prefix.is_empty());
        prop_assert!(paths(elements(&text)) == *USUAL, "another structure");
    }
}
