//! The report as XCCDF 1.2: one Benchmark with the rules that were asked, and in it one TestResult for each node and one for the cluster.
//!
//! | our verdict | result |
//! |---|---|
//! | pass | `pass` |
//! | fail | `fail`, with `role="unscored"` where the benchmark does not count it |
//! | manual | `notchecked` |
//! | not applicable | `notapplicable` |
//! | unknown | `error`: the engine could not complete its evaluation, which by the specification includes missing privileges |
//! | skipped | `notselected` |
//! | waived | `informational`, with a message that holds what it would be, who says so and why |
//!
//! A waiver is what the element `override` is for, but the Schematron rules that come with the schema refuse a TestResult in which only
//! some of the results have one.
//!
//! `fixed` is never written. It says that a rule failed and was remediated within this very test; between two reports nobody saw who
//! or what changed the node, and a rule that passes now is a `pass`. Where an older report is given, a message says what became of the
//! finding. Findings that are gone have no rule that was asked, thus no result: XCCDF has no word for them.
//!
//! Several TestResults in one Benchmark are what the specification foresees for several targets. Of these, a reader that wants a single
//! one is told the id: `oscap xccdf generate report --result-id ID`.
//!
//! A report without a time, which only a hand-made one is, carries the first second of 1970, for XCCDF has no result without.

mod benchmark;
mod ids;
mod result;

use std::collections::BTreeMap;

use seaworthy_model::{Finding, Report};

use crate::by_subject::by_subject;
use crate::changes::Change;
use crate::format::Context;
use crate::xml;

pub(crate) use benchmark::write as write_benchmark;
pub(crate) use result::{Apart, write as write_result};

/// The namespace of XCCDF 1.2.
pub(crate) const NAMESPACE: &str = "http://checklists.nist.gov/xccdf/1.2";

/// The report as one XML document.
pub fn render(report: &Report, context: &Context<'_>) -> String {
    let changes = changes(context);
    xml::document("XCCDF", |xml| {
        write_benchmark(xml, report, |xml| {
            for of in by_subject(report.findings.iter()) {
                write_result(xml, report, &of, &changes, None)?;
            }
            Ok(())
        })
    })
}

/// What became of each finding of the newer report that is not what it was.
pub(crate) fn changes<'a>(context: &Context<'a>) -> BTreeMap<*const Finding, &'a Change<'a>> {
    let list = context.changes.map(|changes| changes.list.as_slice()).unwrap_or_default();
    list.iter().filter_map(|change| Some((std::ptr::from_ref(change.after?), change))).collect()
}
