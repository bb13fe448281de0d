//! The TestResult element: what was found on one subject.

use std::collections::BTreeMap;
use std::io::Result;

use seaworthy_model::{Finding, Kind, Report, Status, Verdict};

use super::benchmark::{RULE, check, role, severity};
use super::{NAMESPACE, ids};
use crate::by_subject::BySubject;
use crate::changes::Change;
use crate::hostile::cut;
use crate::identity;
use crate::told::told;
use crate::words;
use crate::xml::{Xml, leaf, node};

/// The system that our findings' fingerprints are in.
const FINDING: &str = "urn:seaworthy:finding";

/// How long a message is.
const MESSAGE: usize = 4000;

/// What a TestResult says that stands apart from its Benchmark, in an ARF collection.
pub(crate) struct Apart<'a> {
    /// The report request that holds the Benchmark.
    pub(crate) request: &'a str,
    /// The asset that it is about.
    pub(crate) asset: &'a str,
}

/// The TestResult of one subject.
pub(crate) fn write(
    xml: &mut Xml,
    report: &Report,
    of: &BySubject<'_>,
    changes: &BTreeMap<*const Finding, &Change<'_>>,
    apart: Option<&Apart<'_>>,
) -> Result<()> {
    let time = time(report);
    let system = format!("cpe:2.3:a:seaworthy:seaworthy:{}:*:*:*:*:*:*:*", report.tool.version);
    let id = ids::id("testresult", &of.uuid(&["testresult", &report.scan_id]));
    let mut attributes = vec![
        ("id", id.as_str()),
        ("start-time", &time),
        ("end-time", &time),
        ("test-system", &system),
        ("version", &report.header.benchmark.id),
    ];
    if apart.is_some() {
        attributes.insert(0, ("xmlns", NAMESPACE));
    }
    let subject = &of.subject.name;
    node(xml, "TestResult", &attributes, |xml| {
        let href = apart.map_or_else(String::new, |apart| format!("#{}", apart.request));
        if apart.is_some() {
            leaf(xml, "benchmark", &[("id", &ids::benchmark(report)), ("href", &href)], "")?;
        }
        leaf(xml, "title", &[], &format!("{} on {subject}", report.header.benchmark.title))?;
        leaf(xml, "target", &[], if subject.is_empty() { "-" } else { subject })?;
        facts(xml, report, of)?;
        if let Some(apart) = apart {
            let system = "http://scap.nist.gov/schema/asset-identification/1.1";
            leaf(xml, "target-id-ref", &[("system", system), ("name", apart.asset), ("href", "")], "")?;
        }
        for finding in &of.findings {
            rule_result(xml, report, &time, finding, changes.get(&std::ptr::from_ref(*finding)).copied())?;
        }
        score(xml, of)
    })
}

fn facts(xml: &mut Xml, report: &Report, of: &BySubject<'_>) -> Result<()> {
    let header = &report.header;
    let host = identity::node(of.findings[0]);
    let facts = [
        ("urn:xccdf:fact:asset:identifier:host_name", host),
        ("urn:seaworthy:fact:cluster", of.cluster),
        ("urn:seaworthy:fact:platform", Some(header.platform.as_str())),
        ("urn:seaworthy:fact:kubernetes", header.kubernetes.as_deref()),
        ("urn:seaworthy:fact:scan", Some(report.scan_id.as_str())),
    ];
    node(xml, "target-facts", &[], |xml| {
        let known = facts.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        known.into_iter().try_for_each(|(name, value)| leaf(xml, "fact", &[("name", name), ("type", "string")], value))
    })
}

fn rule_result(
    xml: &mut Xml,
    report: &Report,
    time: &str,
    finding: &Finding,
    change: Option<&Change<'_>>,
) -> Result<()> {
    let id = ids::rule(report, finding);
    let attributes = [
        ("idref", id.as_str()),
        ("role", role(finding)),
        ("time", time),
        ("severity", severity(finding)),
        ("weight", "1.0"),
    ];
    node(xml, "rule-result", &attributes, |xml| {
        leaf(xml, "result", &[], result(finding))?;
        leaf(xml, "ident", &[("system", RULE)], &finding.rule)?;
        leaf(xml, "ident", &[("system", FINDING)], &identity::fingerprint(finding))?;
        for message in messages(finding, change) {
            leaf(xml, "message", &[("severity", "info")], &message)?;
        }
        check(xml, finding)
    })
}

/// What was seen, what was wanted, what to do here and what changed.
fn messages(finding: &Finding, change: Option<&Change<'_>>) -> Vec<String> {
    let mut messages = vec![format!("{}: {}", finding.verdict, cut(words::reason(finding), MESSAGE))];
    if !finding.expected.is_empty() {
        messages.push(format!("wanted: {}", cut(&finding.expected, MESSAGE)));
    }
    if let Some(waiver) = &finding.waiver {
        let otherwise = judged(finding);
        messages.push(format!("{}: {}; otherwise {otherwise}", words::waived(waiver), cut(&waiver.reason, MESSAGE)));
    }
    messages.extend(told(finding).iter().map(|line| format!("seen: {line}")));
    if let Some(fix) = &finding.remediation {
        messages.push(format!("to do: {}", cut(&fix.summary, MESSAGE)));
        messages.extend(fix.wanted.iter().map(|wanted| format!("set: {}", cut(wanted.trim(), MESSAGE))));
    }
    if let Some(change) = change {
        let kinds: Vec<&str> = change.kinds.iter().map(|kind| kind.as_str()).collect();
        let before =
            change.before.map(|before| format!("; it was {}: {}", before.verdict, cut(words::reason(before), MESSAGE)));
        messages.push(format!("since the last report: {}{}", kinds.join(", "), before.unwrap_or_default()));
    }
    messages
}

/// The result that counts.
fn result(finding: &Finding) -> &'static str {
    if finding.waiver.is_some() { "informational" } else { judged(finding) }
}

/// The result without any waiver.
fn judged(finding: &Finding) -> &'static str {
    match finding.verdict {
        _ if finding.kind == Kind::Skipped => "notselected",
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Manual => "notchecked",
        Verdict::NotApplicable => "notapplicable",
        Verdict::Unknown => "error",
    }
}

/// By the flat model, each item weighing one: how many that count hold, of those that count and were or should have been decided.
fn score(xml: &mut Xml, of: &BySubject<'_>) -> Result<()> {
    let counts = |finding: &&&Finding| finding.scored && matches!(result(finding), "pass" | "fail" | "error");
    let counted = of.findings.iter().filter(counts).count();
    let held = of.findings.iter().filter(counts).filter(|finding| finding.status == Status::Pass).count();
    // A maximum of 0 is none, by the schema.
    let maximum = format!("{}.0", counted.max(1));
    leaf(xml, "score", &[("system", "urn:xccdf:scoring:flat"), ("maximum", &maximum)], &format!("{held}.0"))
}

/// When the facts were collected, in the one form that XML Schema and RFC 3339 share.
pub(super) fn time(report: &Report) -> String {
    let known = report.time.as_deref().and_then(|time| time.parse::<jiff::Timestamp>().ok());
    let write = |time: jiff::Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    // A year before 0 has a sign, and a year 0 XML Schema does not know.
    let is_year = |year: &str| year.bytes().all(|byte| byte.is_ascii_digit()) && year != "0000";
    let stamp = known.map(write).filter(|stamp| stamp.get(..4).is_some_and(is_year));
    stamp.unwrap_or_else(|| write(jiff::Timestamp::UNIX_EPOCH))
}
