//! ARF: that each subject's report is tied to its asset and to the benchmark. That a reader which is not ours takes it is shown by
//! `.ci/formats/arf`.

use seaworthy_report::arf;
use seaworthy_report::format::Context;

use super::sample;
use super::xccdf::{Element, elements};

fn render(report: &seaworthy_model::Report) -> Vec<Element> {
    elements(&arf::render(report, &Context::default()))
}

fn at<'a>(elements: &'a [Element], path: &str) -> Vec<&'a Element> {
    elements.iter().filter(|element| element.path.strip_prefix("arf:asset-report-collection/") == Some(path)).collect()
}

#[test]
fn each_report_is_about_one_asset_and_made_for_the_benchmark() {
    let elements = render(&sample::report());
    let ids = |path| -> Vec<&str> { at(&elements, path).iter().map(|element| element.get("id")).collect() };
    let (requests, assets, reports) =
        (ids("arf:report-requests/arf:report-request"), ids("arf:assets/arf:asset"), ids("arf:reports/arf:report"));
    assert_eq!((requests.len(), assets.len(), reports.len()), (1, 2, 2));
    let relationships = at(&elements, "core:relationships/core:relationship");
    let ends: Vec<(&str, &str, &str)> = relationships
        .iter()
        .zip(at(&elements, "core:relationships/core:relationship/core:ref"))
        .map(|(from, to)| (from.get("type"), from.get("subject"), to.text.as_str()))
        .collect();
    let mut want = Vec::new();
    for (report, asset) in reports.iter().zip(&assets) {
        want.extend([("arfvocab:createdFor", *report, requests[0]), ("arfvocab:isAbout", *report, *asset)]);
    }
    assert_eq!(ends, want);
    let named = at(&elements, "arf:reports/arf:report/arf:content/TestResult/target-id-ref");
    assert_eq!(named.iter().map(|named| named.get("name")).collect::<Vec<_>>(), assets);
}

#[test]
fn an_asset_is_the_same_in_every_scan_and_a_report_is_not() {
    let ids = |report: &seaworthy_model::Report| -> Vec<String> {
        let elements = render(report);
        let of = |path| at(&elements, path).iter().map(|element| element.get("id").to_owned()).collect::<Vec<_>>();
        [of("arf:assets/arf:asset"), of("arf:reports/arf:report")].concat()
    };
    let mut later = sample::report();
    later.scan_id = "1f3c".repeat(16);
    later.time = Some("2026-02-28T10:00:00Z".into());
    let (first, second) = (ids(&sample::report()), ids(&later));
    assert_eq!(first[..2], second[..2]);
    assert!(first[2..].iter().all(|id| !second.contains(id)));
}

#[test]
fn a_name_that_is_none_of_a_host_stands_in_the_id_only() {
    let mut report = sample::report();
    let hosts = |report: &seaworthy_model::Report| {
        at(&render(report), "arf:assets/arf:asset/ai:computing-device/ai:hostname").len()
    };
    assert_eq!(hosts(&report), 1);
    report.findings.iter_mut().for_each(|finding| finding.subject.name = "no host <".into());
    assert_eq!(hosts(&report), 0);
    let elements = render(&report);
    let ids = at(&elements, "arf:assets/arf:asset/ai:computing-device/ai:synthetic-id");
    assert_eq!(ids[0].get("id"), "cluster/no host <");
}
