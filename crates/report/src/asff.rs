//! The report in the AWS Security Finding Format (schema version 2018-10-08): an array of findings, as `BatchImportFindings` takes them a
//! hundred at a time.
//!
//! Security Hub keeps a finding under its `Id`, ours being the finding's fingerprint: sent again it is updated, as long as `UpdatedAt` is
//! newer. What is solved is sent again as PASSED. What is gone by a comparison is sent as ARCHIVED; without one nothing is known to be
//! gone. `Workflow`, where people suppress and resolve, belongs to them: an import cannot change it, so none is sent. A waiver therefore
//! shows in severity and in `StatusReasons`, while the status stays FAILED.
//!
//! Texts are cut to what Security Hub takes, with a mark at the end; the limits are counted in bytes, so that they hold in any unit.

use seaworthy_model::{Finding, Report, SubjectKind};
use serde_json::{Map, Value, json};

use crate::changes::Changes;
use crate::document::{self, cut, finish, line, without_nulls};
use crate::format::{Aws, Context};
use crate::outcome::{self, Outcome, Told, Weight};
use crate::{identity, words};

/// The longest of each text, in bytes.
pub mod limit {
    /// `Id` and `GeneratorId`.
    pub const ID: usize = 512;
    /// `Title`.
    pub const TITLE: usize = 256;
    /// `Description`, and that of a reason of the status.
    pub const DESCRIPTION: usize = 1024;
    /// `Remediation.Recommendation.Text`.
    pub const RECOMMENDATION: usize = 512;
    /// `ProductName`.
    pub const NAME: usize = 128;
    /// A value of `ProductFields`.
    pub const FIELD: usize = 2048;
    /// A resource's `Id`.
    pub const RESOURCE: usize = 512;
    /// A value of a resource's `Details.Other`.
    pub const DETAIL: usize = 1024;
    /// Findings of one `BatchImportFindings`.
    pub const BATCH: usize = 100;
}

/// One class of Security Hub's own taxonomy.
const TYPE: &str = "Software and Configuration Checks/Industry and Regulatory Standards/CIS Kubernetes Benchmark";

/// Why a context is not enough.
pub fn refused(context: &Context<'_>) -> Option<&'static str> {
    match context.aws {
        Some(_) => None,
        None => {
            Some("findings in Security Hub belong to an AWS account and a region: say --aws-account and --aws-region")
        }
    }
}

/// The findings as one JSON array, ended by a newline. Empty for a context that [`refused`] refuses.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    let findings = context.aws.as_ref().map(|aws| findings(report, aws, context.changes));
    finish(&Value::Array(findings.unwrap_or_default()))
}

/// The findings of a report in its order, then those that are gone. `changes` must be of this very report. At most [`limit::BATCH`] of
/// them can be imported at once.
pub fn findings(report: &Report, aws: &Aws, changes: Option<&Changes<'_>>) -> Vec<Value> {
    outcome::all(report, changes).iter().map(|told| finding(report, aws, changes, told)).collect()
}

/// The product's ARN: the given one, or the account's own default product, which takes findings of any tool.
pub fn product(aws: &Aws) -> String {
    let Aws { partition, region, account, product } = aws;
    product
        .clone()
        .unwrap_or_else(|| format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"))
}

fn status(finding: &Finding) -> &'static str {
    match Outcome::of(finding) {
        Outcome::Pass => "PASSED",
        Outcome::Fail | Outcome::FailUnscored => "FAILED",
        Outcome::Manual => "WARNING",
        Outcome::Error | Outcome::NotApplicable | Outcome::Skipped => "NOT_AVAILABLE",
    }
}

fn label(finding: &Finding) -> &'static str {
    match Weight::of(finding) {
        Weight::Informational => "INFORMATIONAL",
        Weight::Low => "LOW",
        Weight::Medium => "MEDIUM",
        Weight::High => "HIGH",
        Weight::Critical => "CRITICAL",
    }
}

fn finding(report: &Report, aws: &Aws, changes: Option<&Changes<'_>>, told: &Told<'_>) -> Value {
    let finding = told.finding;
    let benchmark = document::benchmark(report, identity::benchmark(finding));
    let updated = document::time(report);
    // A finding that is gone is as old as the report that had it last.
    let seen =
        changes.filter(|_| told.is_gone()).map_or(updated, |changes| document::time(changes.before)).min(updated);
    let severity = json!({"Label": label(finding), "Original": finding.severity.as_str()});
    let recommendation = finding.remediation.as_ref().map(|remediation| {
        let text = document::remedy(remediation).join(" ");
        json!({"Recommendation": {"Text": some(&text, limit::RECOMMENDATION)}})
    });
    let subject = line(&finding.subject.name);
    let title = format!("{} {}", line(&finding.id), line(&finding.title));
    let description = format!("{} ({subject})", line(words::reason(finding)));
    without_nulls(json!({
        "SchemaVersion": "2018-10-08",
        "Id": identity::fingerprint(finding),
        "ProductArn": product(aws),
        "ProductName": some(&report.tool.name, limit::NAME),
        "GeneratorId": some(
            &format!("{}/{}/{}", report.tool.name, identity::benchmark(finding), finding.id),
            limit::ID,
        ),
        "AwsAccountId": aws.account,
        "Region": aws.region,
        "CreatedAt": seen.to_string(),
        "UpdatedAt": updated.to_string(),
        "LastObservedAt": seen.to_string(),
        "Title": some(&title, limit::TITLE),
        "Description": some(&description, limit::DESCRIPTION),
        "Severity": severity,
        "Types": [TYPE],
        // Of these the provider's own word counts when a finding is sent again.
        "FindingProviderFields": {"Severity": severity, "Types": [TYPE]},
        "Compliance": {
            "Status": status(finding),
            "RelatedRequirements": [cut(&format!("{benchmark} {}", line(&finding.id)), limit::ID)],
            "StatusReasons": reasons(finding),
        },
        "RecordState": if told.is_gone() { "ARCHIVED" } else { "ACTIVE" },
        "Remediation": recommendation,
        "Resources": [resource(finding, aws)],
        "ProductFields": fields(report, told),
    }))
}

/// Why the status is no plain one.
fn reasons(finding: &Finding) -> Option<Value> {
    let reason = |code: &str, text: &str| json!([{"ReasonCode": code, "Description": some(text, limit::DESCRIPTION)}]);
    if let Some(waiver) = &finding.waiver {
        return Some(reason("WAIVED", &format!("{}: {}", words::waived(waiver), waiver.reason)));
    }
    let code = match Outcome::of(finding) {
        Outcome::Pass | Outcome::Fail => return None,
        Outcome::FailUnscored => "NOT_SCORED",
        Outcome::Manual => "MANUAL",
        Outcome::Error => "ERROR",
        Outcome::NotApplicable => "NOT_APPLICABLE",
        Outcome::Skipped => "SKIPPED",
    };
    Some(reason(code, words::reason(finding)))
}

/// The node or cluster, by names of our own: what it is called in AWS the report does not know.
fn resource(finding: &Finding, aws: &Aws) -> Value {
    let subject = &finding.subject;
    let cluster = identity::cluster(finding).unwrap_or("-");
    let name = subject.id.as_deref().unwrap_or(&subject.name);
    let (kind, id) = match subject.kind {
        SubjectKind::Node => ("node", format!("kubernetes:{cluster}/node/{name}")),
        SubjectKind::Cluster => ("cluster", format!("kubernetes:{cluster}")),
    };
    let mut other = Map::new();
    for (key, value) in [("kind", kind), ("name", &subject.name), ("cluster", cluster)] {
        other.extend(some(value, limit::DETAIL).map(|value| (key.to_owned(), value.into())));
    }
    json!({
        "Type": "Other",
        "Id": some(&id, limit::RESOURCE),
        "Partition": aws.partition,
        "Region": aws.region,
        "Details": {"Other": other},
    })
}

/// What the format has no place for. Values may not be empty.
fn fields(report: &Report, told: &Told<'_>) -> Map<String, Value> {
    let finding = told.finding;
    let changes: Vec<&str> = told.kinds.iter().map(|kind| kind.as_str()).collect();
    let level = finding.level.to_string();
    let evidence = document::evidence(&finding.evidence).join("; ");
    let resources = document::resources(&finding.resources).join("; ");
    let waiver = finding.waiver.as_ref();
    let mut fields = Map::new();
    for (key, value) in [
        ("Actual", evidence.as_str()),
        ("About", &resources),
        ("Benchmark", identity::benchmark(finding)),
        ("Changes", &changes.join(", ")),
        ("Cluster", identity::cluster(finding).unwrap_or_default()),
        ("Expected", &finding.expected),
        ("Item", &finding.id),
        ("Kubernetes", report.header.kubernetes.as_deref().unwrap_or_default()),
        ("Label", words::label(finding)),
        ("Level", &level),
        ("Node", identity::node(finding).unwrap_or_default()),
        ("Platform", &report.header.platform),
        ("Rule", &finding.rule),
        ("ScanId", &report.scan_id),
        ("Scored", if finding.scored { "true" } else { "false" }),
        ("Section", &finding.section),
        ("Status", finding.status.as_str()),
        ("Target", &finding.target),
        ("ToolVersion", &report.tool.version),
        ("Verdict", finding.verdict.as_str()),
        ("WaiverExpires", waiver.map_or("", |waiver| &waiver.expires)),
        ("WaiverOwner", waiver.map_or("", |waiver| &waiver.owner)),
        ("WaiverReason", waiver.map_or("", |waiver| &waiver.reason)),
    ] {
        fields.extend(some(value, limit::FIELD).map(|value| (format!("seaworthy/{key}"), value.into())));
    }
    fields
}

/// The cleaned and cut text; none if nothing of it can be seen, because an empty text is refused.
fn some(text: &str, limit: usize) -> Option<String> {
    let text = line(text);
    (!text.trim().is_empty()).then(|| cut(text.trim(), limit))
}
