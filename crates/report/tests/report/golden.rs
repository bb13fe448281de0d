//! The sample in every format, against files in `tests/golden/`. `SEAWORTHY_BLESS=1 cargo test -p seaworthy-report` rewrites them;
//! read the difference before it is committed.
#![allow(clippy::disallowed_methods)] // golden files are compared and rewritten on disk, which the crate itself never does

use std::path::PathBuf;

use seaworthy_report::{changes, format, json, junit, ndjson, text};

use super::{history, sample};

const NAMES: [&str; 15] = [
    "report.txt",
    "report-color.txt",
    "report-evidence.txt",
    "report.json",
    "report.junit.xml",
    "report.ndjson",
    "report.asff.json",
    "report-changes.asff.json",
    "report.ocsf.ndjson",
    "report-changes.ocsf.ndjson",
    "report.oscal.json",
    "report-changes.oscal.json",
    "report.sarif",
    "report-changes.sarif",
    "report-github.sarif",
];

fn check(name: &str, got: &str) {
    assert!(NAMES.contains(&name), "add {name} to the list");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("SEAWORTHY_BLESS").is_some() {
        std::fs::write(&path, got).unwrap();
    }
    let want = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; SEAWORTHY_BLESS=1 writes it", path.display()));
    if let Some((number, (want, got))) = (1..).zip(want.lines().zip(got.lines())).find(|(_, (want, got))| want != got) {
        panic!("{name}:{number}\n  want {want:?}\n  got  {got:?}\nSEAWORTHY_BLESS=1 accepts the new text");
    }
    assert_eq!(want, got, "{name}: one is longer than the other");
}

#[test]
fn text_plain() {
    check("report.txt", &text::render(&sample::report(), &text::Options::default()));
}

#[test]
fn text_color() {
    check("report-color.txt", &text::render(&sample::report(), &text::Options { color: true, ..Default::default() }));
}

#[test]
fn text_evidence() {
    let options = text::Options { evidence: true, ..Default::default() };
    check("report-evidence.txt", &text::render(&sample::report(), &options));
}

#[test]
fn json_pretty() {
    check("report.json", &json::render(&sample::report(), &json::Options { pretty: true, totals: true }));
}

#[test]
fn json_lines() {
    check("report.ndjson", &ndjson::render(&sample::report(), &ndjson::Options::default()));
}

#[test]
fn junit_xml() {
    check("report.junit.xml", &junit::render(&sample::report()));
}

/// The sample in a format that is registered, alone and compared with an older one. Documents are laid out for reading, which loses
/// nothing: their strings hold no character that has to be escaped but the newline.
fn registered(name: &str, alone: &str, compared: Option<&str>) {
    let (before, after) = (history::older(), sample::report());
    let changes = changes::compare(&before, &after);
    let format = format::find(name).unwrap();
    let document = |context: &format::Context<'_>| {
        let text = (format.render)(&after, context);
        if format.media_type == "application/x-ndjson" {
            return text;
        }
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        format!("{}\n", serde_json::to_string_pretty(&value).unwrap())
    };
    let mut context = format::Context { aws: Some(history::aws()), ..Default::default() };
    check(alone, &document(&context));
    context.changes = Some(&changes);
    if let Some(compared) = compared {
        check(compared, &document(&context));
    }
}

#[test]
fn asff() {
    registered("asff", "report.asff.json", Some("report-changes.asff.json"));
}

#[test]
fn ocsf() {
    registered("ocsf", "report.ocsf.ndjson", Some("report-changes.ocsf.ndjson"));
}

#[test]
fn oscal() {
    registered("oscal", "report.oscal.json", Some("report-changes.oscal.json"));
}

#[test]
fn sarif() {
    registered("sarif", "report.sarif", Some("report-changes.sarif"));
    registered("sarif-github", "report-github.sarif", None);
}

/// A golden file that no test writes would be compared with nothing.
#[test]
fn every_golden_file_belongs_to_a_test() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(NAMES.contains(&name.as_str()), "{name} is compared with nothing");
    }
}
