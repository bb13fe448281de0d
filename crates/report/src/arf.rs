//! The report as an Asset Reporting Format 1.1 collection: an asset and a report for each node and one for the cluster, and the one
//! Benchmark that all of them were judged by as the request.
//!
//! What stands in them is XCCDF, see [`xccdf`](crate::xccdf). An asset's id is made of cluster and name, so that the same node is the
//! same asset in every report; a report's id names the scan too. Subjects that were to report and did not are no assets: they are told
//! in the Benchmark's description.
//!
//! `oscap` 1.3.7 makes its HTML page of the first report in a collection, whatever it is asked for: of several nodes the XCCDF document
//! shows each.

use std::io::Result;

use seaworthy_model::Report;

use crate::by_subject::{BySubject, by_subject};
use crate::format::Context;
use crate::identity;
use crate::xccdf::{Apart, changes, write_benchmark, write_result};
use crate::xml::{self, Xml, leaf, node};

/// The id of the request.
const REQUEST: &str = "benchmark";

/// What the elements' prefixes stand for, and the relationships' words.
const NAMESPACES: [(&str, &str); 4] = [
    ("xmlns:arf", "http://scap.nist.gov/schema/asset-reporting-format/1.1"),
    ("xmlns:core", "http://scap.nist.gov/schema/reporting-core/1.1"),
    ("xmlns:ai", "http://scap.nist.gov/schema/asset-identification/1.1"),
    ("xmlns:arfvocab", "http://scap.nist.gov/specifications/arf/vocabulary/relationships/1.0#"),
];

/// The report as one XML document.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    let changes = changes(context);
    let subjects: Vec<Whose<'_>> = by_subject(report.findings.iter()).into_iter().map(|of| whose(report, of)).collect();
    xml::document("ARF", |xml| {
        node(xml, "arf:asset-report-collection", &NAMESPACES, |xml| {
            if !subjects.is_empty() {
                node(xml, "core:relationships", &[], |xml| {
                    subjects.iter().try_for_each(|whose| relationships(xml, whose))
                })?;
            }
            node(xml, "arf:report-requests", &[], |xml| {
                node(xml, "arf:report-request", &[("id", REQUEST)], |xml| {
                    node(xml, "arf:content", &[], |xml| write_benchmark(xml, report, |_| Ok(())))
                })
            })?;
            if !subjects.is_empty() {
                node(xml, "arf:assets", &[], |xml| subjects.iter().try_for_each(|whose| asset(xml, whose)))?;
            }
            node(xml, "arf:reports", &[], |xml| {
                subjects.iter().try_for_each(|whose| {
                    node(xml, "arf:report", &[("id", &whose.report)], |xml| {
                        node(xml, "arf:content", &[], |xml| {
                            let apart = Apart { request: REQUEST, asset: &whose.asset };
                            write_result(xml, report, &whose.of, &changes, Some(&apart))
                        })
                    })
                })
            })
        })
    })
}

/// A subject with its ids.
struct Whose<'a> {
    of: BySubject<'a>,
    asset: String,
    report: String,
}

fn whose<'a>(report: &Report, of: BySubject<'a>) -> Whose<'a> {
    let asset = format!("asset-{}", of.uuid(&["asset"]));
    let report = format!("report-{}", of.uuid(&["report", &report.scan_id]));
    Whose { of, asset, report }
}

fn relationships(xml: &mut Xml, whose: &Whose<'_>) -> Result<()> {
    for (kind, other) in [("arfvocab:createdFor", REQUEST), ("arfvocab:isAbout", &whose.asset)] {
        node(xml, "core:relationship", &[("type", kind), ("subject", &whose.report)], |xml| {
            leaf(xml, "core:ref", &[], other)
        })?;
    }
    Ok(())
}

/// A node is a computing device, a cluster a system.
fn asset(xml: &mut Xml, whose: &Whose<'_>) -> Result<()> {
    let name = whose.of.subject.name.as_str();
    node(xml, "arf:asset", &[("id", &whose.asset)], |xml| {
        let is_node = identity::node(whose.of.findings[0]).is_some();
        let (kind, named) =
            if is_node { ("ai:computing-device", "ai:hostname") } else { ("ai:system", "ai:system-name") };
        node(xml, kind, &[], |xml| {
            let id = [whose.of.cluster.unwrap_or("-"), name].join("/");
            leaf(xml, "ai:synthetic-id", &[("resource", "urn:seaworthy:subject"), ("id", &id)], "")?;
            // A name that is none for a host stands in the id above, and in the report.
            if is_node && !is_hostname(name) { Ok(()) } else { leaf(xml, named, &[], name) }
        })
    })
}

/// Whether the schema takes it for a host's name.
fn is_hostname(name: &str) -> bool {
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    name.split('.').all(label)
}
