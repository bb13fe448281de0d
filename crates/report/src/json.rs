//! The report as JSON: one object, described by `docs/schema/report-v1.json`. It can be read back.

use seaworthy_model::{
    Counts, Finding, Header, MissingSubject, NewerSchema, Problem, REPORT_SCHEMA, Report, RoleState, SectionSummary,
    Subject, Tool, WaiverNote, check_schema,
};
use serde::Serialize;

use crate::hostile;

/// How to print.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Over many lines, indented by two spaces; otherwise on one line.
    pub pretty: bool,
    /// With the counts over all findings.
    pub totals: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { pretty: false, totals: true }
    }
}

/// The report as one JSON object, ended by a newline. Keys stand in a fixed order, the schema's number first.
pub fn render(report: &Report, options: &Options) -> String {
    let document = V1::of(report, options.totals);
    let text = if options.pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
    // Only a map with keys that are no strings has no JSON form, and a report holds none. Should that ever change, no reader may take
    // the answer for a report.
    let text = text.unwrap_or_else(|error| format!("this report has no JSON form: {error}"));
    let mut text = hostile::escape_json(text);
    text.push('\n');
    text
}

/// Writes what [`render`] gives, on one line, piece by piece: a large report is never held as text.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, options: &Options, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let mut out = hostile::EscapeJson(out);
    serde_json::to_writer(&mut out, &V1::of(report, options.totals))?;
    std::io::Write::write_all(&mut out, b"\n")
}

/// Reads a report that [`render`] wrote. Where the totals were left out they are counted from the findings.
///
/// # Errors
/// [`ParseError::Schema`] if a newer build wrote it; [`ParseError::Syntax`] if it is no report.
pub fn parse(text: &str) -> Result<Report, ParseError> {
    let mut document: serde_json::Value = serde_json::from_str(text).map_err(ParseError::Syntax)?;
    // The number comes first: a newer document may have any shape, and "use a newer seaworthy" helps more than "missing field".
    if let Some(found) = document.get("schema").and_then(serde_json::Value::as_u64) {
        check_schema("report", u32::try_from(found).unwrap_or(u32::MAX), REPORT_SCHEMA).map_err(ParseError::Schema)?;
    }
    let counted = document.get("totals").is_some();
    if let (false, Some(object)) = (counted, document.as_object_mut()) {
        let zero = serde_json::to_value(Counts::default()).map_err(ParseError::Syntax)?;
        object.insert("totals".to_owned(), zero);
    }
    let mut report: Report = serde_json::from_value(document).map_err(ParseError::Syntax)?;
    if !counted {
        let items = report.findings.chunk_by(|a, b| a.id == b.id).filter_map(seaworthy_model::worst_of);
        items.for_each(|finding| report.totals.add(finding));
    }
    Ok(report)
}

/// Why a text is not read as a report.
#[derive(Debug)]
pub enum ParseError {
    /// It is no JSON, or not a report: something is missing or has the wrong type. Nothing but a new report helps.
    Syntax(serde_json::Error),
    /// A newer build wrote it: read it with that one.
    Schema(NewerSchema),
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // The message may quote the document.
            ParseError::Syntax(error) => {
                write!(f, "this is no seaworthy report: {}", hostile::clean(&error.to_string()))
            }
            ParseError::Schema(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ParseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ParseError::Syntax(error) => Some(error),
            ParseError::Schema(error) => Some(error),
        }
    }
}

/// The top level of schema 1. A key that the model gains does not appear here by itself: [`V1::of`] stops compiling.
#[derive(Serialize)]
struct V1<'a> {
    schema: u32,
    tool: &'a Tool,
    scan_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    header: &'a Header,
    subjects: &'a [Subject],
    expected: u32,
    received: u32,
    roles: &'a [RoleState],
    sections: &'a [SectionSummary],
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<&'a Counts>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    waivers: &'a [WaiverNote],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    missing: &'a [MissingSubject],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    also_seen: &'a [Problem],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [String],
}

impl<'a> V1<'a> {
    fn of(report: &'a Report, with_totals: bool) -> Self {
        let Report {
            schema: _, // the report's own number may be older; what is written here is schema 1
            tool,
            scan_id,
            time,
            header,
            subjects,
            expected,
            received,
            roles,
            sections,
            findings,
            totals,
            waivers,
            missing,
            also_seen,
            notes,
        } = report;
        V1 {
            schema: 1,
            tool,
            scan_id,
            time: time.as_deref(),
            header,
            subjects,
            expected: *expected,
            received: *received,
            roles,
            sections,
            findings,
            totals: with_totals.then_some(totals),
            waivers,
            missing,
            also_seen,
            notes,
        }
    }
}
