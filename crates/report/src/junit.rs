//! The report as JUnit XML, for CI servers: a suite for each section or group and subject, a case for each finding.
//!
//! | our verdict | case |
//! |---|---|
//! | pass | nothing in it |
//! | fail, scored | `failure` |
//! | unknown because something could not be read, parsed or relied on | `error` |
//! | unknown because a mount, a capability or an API grant was not given | `skipped` |
//! | fail, not scored; manual; not applicable; skipped; waived | `skipped` |
//!
//! A skipped case has the verdict and its reason as the message, for CI has no word for "a person must decide". `error` is not what
//! kube-bench writes, which calls it a failure or skips it; but a file that cannot be parsed is neither a bad setting nor a choice, and
//! a job that goes on as if nothing had been there would hide it. A grant that was not given is a choice, made once for every run: it
//! must not turn each job of a node scan red because the scan does not ask the API.
//!
//! There is no official schema. This stays within the strictest one in use, that of Jenkins' xUnit plugin, and within what GitLab reads.
//! GitLab drops a case of the same suite, class and name, and Jenkins discards a suite of the same name, id and time, also of another
//! file. Thus the class has cluster and subject in it, the suite's name has the subject and its id the cluster too.

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite, XmlString};
use seaworthy_model::{Finding, Kind, Report, Status, SubjectKind, Verdict};

use crate::by_subject::{BySubject, by_subject};
use crate::hostile;
use crate::identity;
use crate::outline::{self, Part};
use crate::words;

/// The report as one XML document. Sections without findings have no suite.
pub fn render(report: &Report) -> String {
    let mut document = Document::new(xml(&format!("{} {}", report.tool.name, report.header.benchmark.id)));
    for part in outline::parts(report) {
        for of in by_subject(part.findings.iter().copied()) {
            document.add_test_suite(suite(report, &part, &of));
        }
    }
    match document.to_string() {
        Ok(text) => without_skipped_total(text),
        // Writing into memory does not fail. Should it ever, no reader may take the answer for a report.
        Err(error) => format!("this report has no JUnit form: {error}\n"),
    }
}

fn suite(report: &Report, part: &Part<'_>, of: &BySubject<'_>) -> TestSuite {
    let mut suite = TestSuite::new(xml(&format!("{} on {}", part.heading(), of.subject.name)));
    suite.extra.insert("id".into(), xml(&of.uuid(&["suite", &report.header.benchmark.id, part.id])));
    if of.subject.kind == SubjectKind::Node {
        suite.extra.insert("hostname".into(), xml(&of.subject.name));
    }
    if let Some(time) = report.time.as_deref().and_then(timestamp) {
        suite.extra.insert("timestamp".into(), xml(time));
    }
    let header = &report.header;
    let kubernetes = header.kubernetes.as_deref().unwrap_or("unknown");
    for (name, value) in [
        ("benchmark", header.benchmark.id.as_str()),
        ("cluster", of.cluster.unwrap_or("unknown")),
        ("platform", &header.platform),
        ("kubernetes", kubernetes),
        ("scan", &report.scan_id),
    ] {
        suite.add_property((XmlString::new(name), xml(value)));
    }
    if report.expected > 1 {
        for (name, count) in [("expected", report.expected), ("received", report.received)] {
            suite.add_property((XmlString::new(name), XmlString::new(count.to_string())));
        }
    }
    for missing in &report.missing {
        suite.add_property((XmlString::new("missing"), xml(&format!("{}: {}", missing.name, missing.reason))));
    }
    for finding in &of.findings {
        suite.add_test_case(case(part, of, finding));
    }
    suite
}

fn case(part: &Part<'_>, of: &BySubject<'_>, finding: &Finding) -> TestCase {
    let text = || xml_lines(&failure(finding));
    let status = match (finding.status, finding.kind) {
        (Status::Pass, _) => TestCaseStatus::success(),
        (Status::Fail, _) => non_success(NonSuccessKind::Failure, finding, text()),
        (Status::Warn, Kind::Error) if finding.verdict == Verdict::Unknown => {
            non_success(NonSuccessKind::Error, finding, text())
        }
        (Status::Warn | Status::Info, _) => {
            let mut status = TestCaseStatus::skipped();
            let waiver = finding.waiver.as_ref().map(|waiver| format!(" ({})", words::waived(waiver)));
            let message = format!("{}: {}{}", finding.verdict, words::reason(finding), waiver.unwrap_or_default());
            status.set_message(xml(&message));
            status
        }
    };
    let mut case = TestCase::new(xml(&format!("{} {}", finding.id, finding.title)), status);
    let group = if part.title.is_empty() { part.id } else { part.title };
    // A cluster's identity is a digest, of which its first digits are enough to tell it from others, and too long to be read.
    let cluster: String = of.cluster.unwrap_or_default().chars().take(12).collect();
    let class = [cluster.as_str(), &of.subject.name, group].into_iter().filter(|part| !part.is_empty());
    case.set_classname(xml(&class.collect::<Vec<_>>().join(".")));
    case.set_system_out(xml_lines(&output(finding)));
    case
}

fn non_success(kind: NonSuccessKind, finding: &Finding, text: XmlString) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(xml(words::reason(finding))).set_type(finding.verdict.as_str()).set_description(text);
    status
}

/// What the text of a failure or an error says: what was wanted and what to do.
fn failure(finding: &Finding) -> Vec<String> {
    let mut lines = Vec::new();
    if !finding.expected.is_empty() {
        lines.push(format!("wanted: {}", finding.expected));
    }
    if let Some(remediation) = &finding.remediation {
        lines.push(remediation.summary.clone());
        lines.extend(remediation.wanted.iter().map(|wanted| format!("set: {}", wanted.trim())));
    }
    lines
}

/// What a case prints: everything that the verdict rests on.
fn output(finding: &Finding) -> Vec<String> {
    let mut lines = vec![
        format!("rule: {}", finding.rule),
        format!("fingerprint: {}", identity::fingerprint(finding)),
        format!("verdict: {}", finding.verdict),
        format!("reason: {}", words::reason(finding)),
    ];
    if let Some(waiver) = &finding.waiver {
        lines.push(format!("{}: {}", words::waived(waiver), waiver.reason));
    }
    for evidence in &finding.evidence {
        let (first, below) = words::evidence(evidence);
        lines.push(format!("seen: {first}"));
        lines.extend(below.iter().map(|line| format!("  {line}")));
    }
    lines.extend(finding.resources.iter().map(|resource| format!("about: {}", words::resource(resource))));
    lines
}

/// One line of text, its hostile characters written out. What XML cannot hold at all is among them, so nothing vanishes.
fn xml(text: &str) -> XmlString {
    XmlString::new(hostile::clean(text))
}

/// Several lines, each cleaned by itself: the newlines between them are ours.
fn xml_lines(lines: &[String]) -> XmlString {
    XmlString::new(lines.iter().map(|line| hostile::clean(line)).collect::<Vec<_>>().join("\n"))
}

/// `2026-01-31T10:00:00` of an RFC 3339 time, which is the form that readers agree on; none if it is no such time.
fn timestamp(time: &str) -> Option<&str> {
    let stamp = time.get(..19)?;
    let form = b"dddd-dd-ddTdd:dd:dd";
    let fits = |(byte, form): (u8, &u8)| if *form == b'd' { byte.is_ascii_digit() } else { byte == *form };
    stamp.bytes().zip(form).all(fits).then_some(stamp)
}

/// The document without the number of skipped cases on its root, which the strict schema forbids there and `quick-junit` always writes.
/// In an attribute's value a quotation mark reads `&quot;`, so what is found is the attribute.
fn without_skipped_total(mut text: String) -> String {
    const NAME: &str = " skipped=\"";
    let Some(start) = text.find("<testsuites") else { return text };
    let Some(end) = text[start..].find('>').map(|length| start + length) else { return text };
    if let Some(from) = text[start..end].find(NAME).map(|length| start + length)
        && let Some(length) = text[from + NAME.len()..end].find('"')
    {
        text.replace_range(from..=from + NAME.len() + length, "");
    }
    text
}
