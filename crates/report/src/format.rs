//! The formats by name: what each is, which version of it is written, and who reads it.

use seaworthy_model::Report;

use crate::changes::Changes;
use crate::{
    arf, asff, csv, cyclonedx, html, json, junit, markdown, ndjson, ocsf, openreports, oscal, policyreport, prometheus,
    sarif, text, xccdf,
};

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
        name: "arf",
        about: "Asset Reporting Format 1.1 with XCCDF 1.2 in it",
        reader: "SCAP tools that keep assets",
        media_type: "application/xml",
        refused: always,
        render: arf::render,
    },
    Format {
        name: "asff",
        about: "AWS Security Finding Format 2018-10-08, a JSON array",
        reader: "AWS Security Hub",
        media_type: "application/json",
        refused: asff::refused,
        render: asff::render,
    },
    Format {
        name: "csv",
        about: "CSV (RFC 4180), a row a finding",
        reader: "spreadsheets",
        media_type: "text/csv; charset=utf-8; header=present",
        refused: always,
        render: csv::render,
    },
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
        name: "markdown",
        about: "GitHub flavoured Markdown, what fails first",
        reader: "tickets, comments on pull requests",
        media_type: "text/markdown; charset=utf-8; variant=GFM",
        refused: always,
        render: markdown::render,
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
        name: "ocsf",
        about: "OCSF 1.8.0, lines of JSON: a Compliance Finding each",
        reader: "data lakes, SIEMs",
        media_type: "application/x-ndjson",
        refused: always,
        render: ocsf::render,
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
        name: "oscal",
        about: "OSCAL 1.2.1 assessment results, a JSON object",
        reader: "GRC tools",
        media_type: "application/json",
        refused: always,
        render: oscal::render,
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
        name: "sarif",
        about: "SARIF 2.1.0, all findings",
        reader: "viewers of static analysis, DefectDojo",
        media_type: "application/sarif+json",
        refused: always,
        render: sarif::render,
    },
    Format {
        name: "sarif-github",
        about: "SARIF 2.1.0, failures only, each with a place",
        reader: "GitHub code scanning",
        media_type: "application/sarif+json",
        refused: always,
        render: sarif::render_github,
    },
    Format {
        name: "text",
        about: "text for people",
        reader: "people, at a terminal",
        media_type: "text/plain; charset=utf-8",
        refused: always,
        render: |report, context| text::render(report, &context.text),
    },
    Format {
        name: "xccdf",
        about: "XCCDF 1.2: a Benchmark with a TestResult for each node",
        reader: "OpenSCAP and other SCAP tools",
        media_type: "application/xml",
        refused: always,
        render: xccdf::render,
    },
];

/// The format of this name.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
