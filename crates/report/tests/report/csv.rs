//! CSV: that a reader gets every finding back, and that a spreadsheet gets no formula.

use proptest::prelude::*;
use seaworthy_model::Report;
use seaworthy_report::format::Context;
use seaworthy_report::{changes, csv as format, identity};

use super::{hostile, sample};

/// The cells, read by the crate's own reader: header and rows.
fn read(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = cells(reader.headers().unwrap());
    (header, reader.records().map(|record| cells(&record.unwrap())).collect())
}

fn column(name: &str) -> usize {
    format::COLUMNS.iter().position(|column| *column == name).unwrap()
}

fn render(report: &Report) -> String {
    format::render(report, &Context::default())
}

/// Whether a spreadsheet takes the cell for a formula. Written a second time, so that a slip in the crate's own list shows.
fn is_formula(cell: &str) -> bool {
    let starts = ['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    cell.split(';').any(|part| part.trim_start().starts_with(starts) || part.starts_with(starts))
}

/// The text that a cell was made of.
fn back(cell: &str) -> String {
    cell.split(';').map(|part| part.strip_prefix('\'').unwrap_or(part)).collect::<Vec<_>>().join(";")
}

#[test]
fn every_finding_has_a_row_and_what_did_not_report_too() {
    let report = sample::report();
    let (header, rows) = read(&render(&report));
    assert_eq!(header, format::COLUMNS);
    assert_eq!(rows.len(), report.findings.len() + report.missing.len());
    for (finding, row) in report.findings.iter().zip(&rows) {
        let cell = |name| row[column(name)].as_str();
        assert_eq!(cell("fingerprint"), identity::fingerprint(finding));
        assert_eq!(cell("identity"), finding.identity);
        assert_eq!((cell("id"), cell("rule")), (finding.id.as_str(), finding.rule.as_str()));
        assert_eq!((cell("status"), cell("verdict")), (finding.status.as_str(), finding.verdict.as_str()));
        assert_eq!((cell("change"), cell("before")), ("", ""));
    }
    let profiling = rows.iter().find(|row| row[column("id")] == "1.2.15").unwrap();
    assert_eq!(profiling[column("file")], "/etc/kubernetes/manifests/kube-apiserver.yaml");
    assert_eq!(profiling[column("line")], "24");
    assert_eq!(profiling[column("wanted")], "'- --profiling=false");
    let waived = rows.iter().find(|row| row[column("id")] == "1.2.16").unwrap();
    assert_eq!(waived[column("waiver_expires")], "2026-06-30");
    let missing = rows.last().unwrap();
    assert_eq!((missing[column("kind")].as_str(), missing[column("status")].as_str()), ("missing", ""));
}

#[test]
fn what_changed_stands_in_its_columns_and_what_is_gone_has_no_verdict() {
    let (before, after) = sample::two();
    let changes = changes::compare(&before, &after);
    let context = Context { changes: Some(&changes), ..Default::default() };
    let (_, rows) = read(&format::render(&after, &context));
    let of = |id: &str| {
        let row = rows.iter().find(|row| row[column("id")] == id).unwrap();
        ["change", "before", "verdict"].map(|name| row[column(name)].clone())
    };
    assert_eq!(of("1.1.1"), ["solved", "fail", "pass"]);
    assert_eq!(of("4.2.1"), ["newly-failing", "pass", "fail"]);
    assert_eq!(of("4.2.9"), ["gone", "fail", ""]);
    assert_eq!(of("1.2.15"), ["", "", "fail"]);
}

#[test]
fn lines_end_as_the_rfc_wants_and_nowhere_else() {
    let text = render(&sample::report());
    assert_eq!(text.matches('\n').count(), sample::report().findings.len() + 2);
    assert_eq!(text.matches("\r\n").count(), text.matches('\n').count());
    assert_eq!(text.matches('\r').count(), text.matches('\n').count());
}

#[test]
fn the_check_for_formulas_can_fail() {
    for cell in ["=1", " =1", "a;+1", "\t=1", "\u{3000}\u{ff1d}1"] {
        assert!(is_formula(cell), "{cell:?}");
        assert!(!is_formula(&format!("'{cell}").replace(';', ";'").replace("a;''", "a;'")), "{cell:?}");
    }
}

fn formula() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        "\n",
        " ",
        "'",
        "\"",
        ",",
        ";",
        "\u{a0}",
        "\u{3000}",
        "\u{ff1d}",
        "\u{ff20}",
        "HYPERLINK(\"http://a\")",
        "cmd|' /C calc'!A0",
    ]);
    let nasty = nasty.prop_map(str::to_owned);
    prop::collection::vec(prop_oneof![4 => nasty, 1 => hostile::hostile_text()], 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_cell_is_a_formula_and_none_is_lost(prefix in formula()) {
        let report = hostile::report_with(&prefix);
        let text = render(&report);
        let acting = text.chars().find(|c| hostile::acts(*c) && !"\r\n".contains(*c));
        prop_assert_eq!(acting, None);
        let (_, rows) = read(&text);
        prop_assert_eq!(rows.len(), report.findings.len() + report.missing.len());
        for (finding, row) in report.findings.iter().zip(&rows) {
            prop_assert_eq!(row.len(), format::COLUMNS.len());
            prop_assert_eq!(row.iter().find(|cell| is_formula(cell)), None);
            for (name, text) in [("reason", &finding.reason), ("title", &finding.title), ("identity", &finding.identity)] {
                let want = if text.is_empty() { "no reason was given".into() } else { seaworthy_report::clean(text) };
                prop_assert_eq!(back(&row[column(name)]), want);
            }
        }
    }
}
