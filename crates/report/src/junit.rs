//! The report as JUnit XML, for CI servers: a suite for each section or group, a case for each finding.
//!
//! There is no official schema. This stays within the strictest one in use, that of Jenkins' xUnit plugin, and within what GitLab reads.

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite, XmlString};
use seaworthy_model::{Finding, Report, Status, SubjectKind};

use crate::hostile;
use crate::outline::{self, Part};
use crate::words;

/// The report as one XML document. A FAIL is a failure; a WARN and an INFO are skipped, with the verdict and its reason as the message,
/// because CI has no word for "a person must decide"; a PASS is a success. Sections without findings have no suite.
pub fn render(report: &Report) -> String {
    let mut document = Document::new(xml(&format!("{} {}", report.tool.name, report.header.benchmark.id)));
    for part in outline::parts(report).iter().filter(|part| !part.findings.is_empty()) {
        document.add_test_suite(suite(report, part));
    }
    match document.to_string() {
        Ok(text) => without_skipped_total(text),
        // Writing into memory does not fail. Should it ever, no reader may take the answer for a report.
        Err(error) => format!("this report has no JUnit form: {error}\n"),
    }
}

fn suite(report: &Report, part: &Part<'_>) -> TestSuite {
    let mut suite = TestSuite::new(xml(&part.heading()));
    if let [subject] = report.subjects.as_slice()
        && subject.kind == SubjectKind::Node
    {
        suite.extra.insert("hostname".into(), xml(&subject.name));
    }
    if let Some(time) = report.time.as_deref().and_then(timestamp) {
        suite.extra.insert("timestamp".into(), xml(time));
    }
    let header = &report.header;
    let kubernetes = header.kubernetes.as_deref().unwrap_or("unknown");
    for (name, value) in [
        ("benchmark", header.benchmark.id.as_str()),
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
    for finding in &part.findings {
        suite.add_test_case(case(part, finding));
    }
    suite
}

fn case(part: &Part<'_>, finding: &Finding) -> TestCase {
    let mut status = match finding.status {
        Status::Pass => TestCaseStatus::success(),
        Status::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Status::Warn | Status::Info => TestCaseStatus::skipped(),
    };
    match finding.status {
        Status::Pass => {}
        Status::Fail => {
            status
                .set_message(xml(words::reason(finding)))
                .set_type("fail")
                .set_description(xml_lines(&failure(finding)));
        }
        Status::Warn | Status::Info => {
            let waiver = finding.waiver.as_ref().map(|waiver| format!(" ({})", words::waived(waiver)));
            let message = format!("{}: {}{}", finding.verdict, words::reason(finding), waiver.unwrap_or_default());
            status.set_message(xml(&message));
        }
    }
    let mut case = TestCase::new(xml(&format!("{} {}", finding.id, finding.title)), status);
    // Readers drop or merge cases that agree in class and name: without the subject, two nodes' reports would become one.
    let subject = &finding.subject.name;
    let group = if part.title.is_empty() { part.id } else { part.title };
    case.set_classname(xml(&format!("{subject}.{group}")));
    case.set_system_out(xml_lines(&output(finding)));
    case
}

/// What a failure's text says: what was wanted and what to do.
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
