//! ASFF: states, and the limits that neither the AWS SDK nor its stand-ins look at before the service does.

use std::collections::BTreeSet;

use seaworthy_report::asff::{self, limit};
use seaworthy_report::format::{self, Aws, Context};
use serde_json::Value;

use super::history::{another_day, aws, fingerprints, nodes, older, value};
use super::sample;

fn finding<'a>(findings: &'a Value, item: &str) -> &'a Value {
    let of = |finding: &&Value| finding["ProductFields"]["seaworthy/Item"] == item;
    findings.as_array().unwrap().iter().find(of).unwrap()
}

#[test]
fn each_verdict_has_its_status_label_and_reason() {
    let findings = value("asff", &sample::report(), None);
    for (item, status, label, reason) in [
        ("1.1.1", "PASSED", "INFORMATIONAL", None),
        ("1.1.9", "NOT_AVAILABLE", "LOW", Some("ERROR")),
        ("1.2.1", "FAILED", "LOW", Some("NOT_SCORED")),
        ("1.2.15", "FAILED", "LOW", None),
        ("4.2.1", "FAILED", "MEDIUM", None),
        ("1.2.16", "FAILED", "INFORMATIONAL", Some("WAIVED")),
        ("2.1", "NOT_AVAILABLE", "INFORMATIONAL", Some("NOT_APPLICABLE")),
        ("3.2.2", "WARNING", "LOW", Some("MANUAL")),
        ("4.2.4", "NOT_AVAILABLE", "INFORMATIONAL", Some("SKIPPED")),
    ] {
        let finding = finding(&findings, item);
        assert_eq!(finding["Compliance"]["Status"], status, "{item}");
        assert_eq!(finding["FindingProviderFields"]["Severity"]["Label"], label, "{item}");
        assert_eq!(finding["Compliance"]["StatusReasons"][0]["ReasonCode"].as_str(), reason, "{item}");
    }
    // It is people's, and an import cannot change it.
    assert!(findings.as_array().unwrap().iter().all(|finding| finding.get("Workflow").is_none()));
}

#[test]
fn what_is_solved_is_sent_as_passed_and_what_is_gone_as_archived() {
    let findings = value("asff", &sample::report(), Some(&older()));
    let solved = finding(&findings, "1.1.1");
    assert_eq!((&solved["Compliance"]["Status"], &solved["RecordState"]), (&"PASSED".into(), &"ACTIVE".into()));
    assert_eq!(solved["ProductFields"]["seaworthy/Changes"], "solved");
    let gone = finding(&findings, "9.9.9");
    assert_eq!(gone["RecordState"], "ARCHIVED");
    // Security Hub takes an update only if it is newer than what it has.
    assert_eq!(gone["UpdatedAt"], "2026-01-31T10:00:00Z");
    assert_eq!(gone["LastObservedAt"], "2026-01-30T10:00:00Z");
    let archived = findings.as_array().unwrap().iter().filter(|finding| finding["RecordState"] == "ARCHIVED");
    assert_eq!(archived.count(), 1, "a node that did not report is not gone");
    let alone = value("asff", &sample::report(), None);
    assert!(alone.as_array().unwrap().iter().all(|finding| finding["RecordState"] == "ACTIVE"));
}

#[test]
fn an_id_outlives_evidence_and_time_and_tells_nodes_apart() {
    for report in [sample::report(), another_day()] {
        let findings = value("asff", &report, None);
        for (item, fingerprint) in fingerprints(&sample::report()) {
            assert_eq!(finding(&findings, &item)["Id"], fingerprint);
        }
    }
    let findings = value("asff", &nodes(3), None);
    let ids: BTreeSet<&str> = findings.as_array().unwrap().iter().map(|f| f["Id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), findings.as_array().unwrap().len());
}

/// Longest, and in what it is counted: characters are never more than bytes.
fn within(value: &Value, limit: usize) {
    if !value.is_null() {
        let text = value.as_str().unwrap();
        assert!(!text.is_empty() && text.len() <= limit, "{} bytes: {text}", text.len());
    }
}

#[test]
fn texts_are_cut_to_what_security_hub_takes() {
    let mut report = nodes(1);
    report.tool.name = "name".repeat(100);
    for (number, finding) in report.findings.iter_mut().enumerate() {
        // Of two and of four bytes a character, and off the boundary.
        let long = format!("{}{}", "x".repeat(number), "é🙂".repeat(3000));
        finding.title = long.clone();
        finding.reason = long.clone();
        finding.expected = long.clone();
        finding.rule = long.clone();
        finding.subject.name = long.clone();
        finding.subject.id = Some(long.clone());
        finding.identity = format!("{long}/{long}/{long}/{}", finding.id);
        finding.evidence.iter_mut().for_each(|evidence| evidence.value = long.clone());
        if let Some(remediation) = &mut finding.remediation {
            remediation.summary = long.clone();
        }
        if let Some(waiver) = &mut finding.waiver {
            waiver.reason = long;
        }
    }
    let findings = value("asff", &report, None);
    for finding in findings.as_array().unwrap() {
        within(&finding["Id"], limit::ID);
        within(&finding["GeneratorId"], limit::ID);
        within(&finding["ProductArn"], 2048);
        within(&finding["ProductName"], limit::NAME);
        within(&finding["Title"], limit::TITLE);
        within(&finding["Description"], limit::DESCRIPTION);
        within(&finding["Remediation"]["Recommendation"]["Text"], limit::RECOMMENDATION);
        within(&finding["Compliance"]["StatusReasons"][0]["Description"], limit::DESCRIPTION);
        within(&finding["Compliance"]["RelatedRequirements"][0], limit::ID);
        within(&finding["Resources"][0]["Id"], limit::RESOURCE);
        let details = finding["Resources"][0]["Details"]["Other"].as_object().unwrap();
        details.values().for_each(|value| within(value, limit::DETAIL));
        let fields = finding["ProductFields"].as_object().unwrap();
        assert!(fields.len() <= 50 && fields.keys().all(|key| key.len() <= 128));
        fields.values().for_each(|value| within(value, limit::FIELD));
        assert!(serde_json::to_string(finding).unwrap().len() < 240 * 1024);
        assert_eq!(finding["AwsAccountId"].as_str().unwrap().len(), 12);
        assert!(finding["Title"].as_str().unwrap().ends_with('…'), "a cut without a mark");
    }
}

#[test]
fn the_sample_is_within_the_limits_uncut() {
    let findings = value("asff", &sample::report(), None);
    assert_eq!(finding(&findings, "1.2.15")["Title"], "1.2.15 API server profiling endpoints are off");
}

#[test]
fn it_needs_an_account_and_says_so() {
    let format = format::find("asff").unwrap();
    let why = (format.refused)(&Context::default()).unwrap();
    assert!(why.contains("--aws-account") && why.contains("--aws-region"), "{why}");
    assert_eq!((format.refused)(&Context { aws: Some(aws()), ..Default::default() }), None);
    assert_eq!((format.render)(&sample::report(), &Context::default()), "[]\n");
}

#[test]
fn the_product_is_the_accounts_own_or_the_given_one() {
    let own = "arn:aws-cn:securityhub:cn-north-1:123456789012:product/123456789012/default";
    let china = Aws { partition: "aws-cn".into(), region: "cn-north-1".into(), ..aws() };
    assert_eq!(asff::product(&china), own);
    let given = "arn:aws:securityhub:eu-central-1::product/aqua-security/kube-bench";
    assert_eq!(asff::product(&Aws { product: Some(given.into()), ..aws() }), given);
}
