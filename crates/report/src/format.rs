//! The formats by name: what each is, which version of it is written, and who reads it.

use seaworthy_model::Report;

use crate::changes::Changes;
use crate::{cyclonedx, html, json, junit, ndjson, openreports, policyreport, prometheus, text};

/// What a format is told beside the report.
#[derive(Debug, Clone, Default)]
pub struct Context<'a> {
    /// What changed since the last report of the same subjects, where there is one: formats that have a word for a finding that is
    /// solved or gone say it.
    pub changes: Option<&'a Changes<'a>>,
    /// How the text looks.
    pub text: text::Options,
    /// Whose findings they are in AWS Security Hub: ASFF cannot be written without.
    pub aws: Option<Aws>,
}

/// Whose findings they are in AWS Security Hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aws {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// `eu-central-1`.
    pub region: String,
    /// Twelve digits.
    pub account: String,
    /// The product's ARN; the account's own default product if not given.
    pub product: Option<String>,
}

/// A format.
pub struct Format {
    /// What `--format` calls it.
    pub name: &'static str,
    /// What it is, with the version that is written.
    pub about: &'static str,
    /// Who reads it.
    pub reader: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Why it cannot be written by this context; none if it can.
    pub refused: fn(&Context<'_>) -> Option<&'static str>,
    /// The report in it, ended by a newline.
    pub render: fn(&Report, &Context<'_>) -> String,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Nothing stands in the way.
fn always(_: &Context<'_>) -> Option<&'static str> {
    None
}

/// All of them, by name.
pub const FORMATS: &[Format] = &[
    Format {
        name: "cyclonedx",
        about: "a CycloneDX 1.6 attestation, JSON: the benchmark as a standard, findings as claims",
        reader: "Dependency-Track and other readers of CycloneDX",
        media_type: "application/vnd.cyclonedx+json; version=1.6",
        refused: always,
        render: cyclonedx::render,
    },
    Format {
        name: "html",
        about: "one HTML page that needs nothing else",
        reader: "people, in a browser or on paper",
        media_type: "text/html; charset=utf-8",
        refused: always,
        render: html::render,
    },
    Format {
        name: "json",
        about: "one JSON object, docs/schema/report-v1.json",
        reader: "seaworthy diff, evaluate and your scripts",
        media_type: "application/json",
        refused: always,
        render: |report, context| json::render(report, &json::Options { pretty: false, totals: context.text.totals }),
    },
    Format {
        name: "junit",
        about: "JUnit XML, within Jenkins' junit-10.xsd",
        reader: "Jenkins, GitLab and other CI servers",
        media_type: "application/xml",
        refused: always,
        render: |report, _| junit::render(report),
    },
    Format {
        name: "ndjson",
        about: "lines of JSON: each finding, then a summary",
        reader: "log shippers, jq",
        media_type: "application/x-ndjson",
        refused: always,
        render: |report, context| ndjson::render(report, &ndjson::Options { totals: context.text.totals }),
    },
    Format {
        name: "openreports",
        about: "a List of ClusterReport objects, openreports.io/v1alpha1, JSON",
        reader: "kubectl apply, Policy Reporter, Kyverno",
        media_type: "application/json",
        refused: always,
        render: openreports::render,
    },
    Format {
        name: "policyreport",
        about: "a List of ClusterPolicyReport objects, wgpolicyk8s.io/v1alpha2, JSON",
        reader: "kubectl apply, Policy Reporter, Kyverno",
        media_type: "application/json",
        refused: always,
        render: policyreport::render,
    },
    Format {
        name: "prometheus",
        about: "metrics in Prometheus' text format 0.0.4",
        reader: "the node exporter's textfile collector, the Pushgateway",
        media_type: "text/plain; version=0.0.4; charset=utf-8",
        refused: always,
        render: prometheus::render,
    },
    Format {
        name: "text",
        about: "text for people",
        reader: "people, at a terminal",
        media_type: "text/plain; charset=utf-8",
        refused: always,
        render: |report, context| text::render(report, &context.text),
    },
];

/// The format of this name.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
