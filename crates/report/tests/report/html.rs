//! The HTML page: that it is whole, that nothing in it acts but its own script, and that no text becomes an element.

use std::collections::BTreeSet;

use proptest::prelude::*;
use seaworthy_model::{Report, Status};
use seaworthy_report::{changes, clean, format::Context, html};
use sha2::{Digest, Sha256};

use super::hostile::{acts, hostile_text, report_with};
use super::{fleet, sample};

const VOID: [&str; 4] = ["meta", "input", "!DOCTYPE", "rect"];

/// Whatever else comes to stand there was a text.
const KNOWN: &str = " !DOCTYPE html head meta title style body header p h1 ul li b span svg rect section h2 dl dt dd div table caption \
                     thead tr th tbody tfoot td main form fieldset legend label input select option button article h3 a strong code \
                     pre ol details summary footer script ";

fn page(report: &Report) -> String {
    html::render(report, &Context::default())
}

/// The page without what is between the tags of style and script, which are no elements.
fn without_code(page: &str) -> String {
    let mut out = page.to_owned();
    for name in ["style", "script"] {
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        let from = out.find(&start).unwrap() + start.len();
        let to = out[from..].find(&end).unwrap() + from;
        out.replace_range(from..to, "");
    }
    out
}

/// Tags as they stand, without their angle brackets.
fn tags(page: &str) -> Vec<String> {
    let page = without_code(page);
    page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap().to_owned()).collect()
}

/// What is wrong with the nesting.
fn problems(page: &str) -> Vec<String> {
    let (mut open, mut problems): (Vec<String>, Vec<String>) = Default::default();
    for tag in tags(page) {
        let name = tag.split([' ', '\n']).next().unwrap().trim_end_matches('/').to_owned();
        if !KNOWN.contains(&format!(" {} ", name.trim_start_matches('/'))) {
            problems.push(format!("<{tag}> is none of ours"));
        }
        match tag.strip_prefix('/') {
            Some(end) if open.last().map(String::as_str) == Some(end) => drop(open.pop()),
            Some(end) => problems.push(format!("</{end}> in {open:?}")),
            None if VOID.contains(&name.as_str()) => {}
            None => open.push(name),
        }
    }
    problems.extend(open.iter().map(|name| format!("<{name}> stays open")));
    problems
}

fn attribute<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.split(start.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

fn sha256(text: &str) -> String {
    format!("'sha256-{}'", data_encoding::BASE64.encode(&Sha256::digest(text.as_bytes())))
}

fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let from = page.find(start).unwrap() + start.len();
    &page[from..from + page[from..].find(end).unwrap()]
}

#[test]
fn the_page_is_nested_well_and_the_check_can_fail() {
    let page = page(&sample::report());
    assert_eq!(problems(&page), [""; 0]);
    for end in ["</article>", "</td>", "</dl>", "</ul>", "</main>"] {
        assert_ne!(problems(&page.replacen(end, "", 1)), [""; 0], "{end}");
    }
}

/// The policy names the one style and the one script by their digests, so no other runs even if it came to stand there.
#[test]
fn the_policy_allows_what_is_there_and_nothing_else() {
    let page = page(&sample::report());
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let style = sha256(between(&page, "<style>", "</style>"));
    let script = sha256(between(&page, "<script>", "</script>"));
    assert_eq!(
        policy,
        format!("default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'")
    );
    assert_eq!((page.matches("<style").count(), page.matches("<script").count()), (1, 1));
    for tag in tags(&page) {
        assert!(!tag.contains(" src=") && !tag.contains(" style=") && !tag.contains(" on"), "{tag}");
    }
}

#[test]
fn links_lead_into_the_page_and_ids_are_single() {
    let before = fleet::before();
    let report = fleet::report();
    let changes = changes::compare(&before, &report);
    let page = html::render(&report, &Context { changes: Some(&changes), ..Default::default() });
    let ids = attribute(&page, "id");
    let single: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(single.len(), ids.len());
    let links = attribute(&page, "href");
    assert!(links.len() > 10);
    for link in links {
        assert!(single.contains(link.strip_prefix('#').unwrap()), "{link}");
    }
    for label in attribute(&page, "aria-labelledby").iter().chain(&attribute(&page, "for")) {
        assert!(single.contains(label), "{label}");
    }
}

/// No finding is lost: its number, its title, its reason and its evidence stand on the page.
#[test]
fn everything_is_on_the_page() {
    let report = sample::report();
    let page = page(&report);
    let text = page
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    let has = |words: &str| assert!(text.contains(&*clean(words)), "{words}");
    for finding in &report.findings {
        has(&finding.id);
        has(&finding.title);
        if finding.status != Status::Pass {
            has(&finding.reason);
        }
        finding.evidence.iter().for_each(|evidence| has(&evidence.value));
        finding.resources.iter().for_each(|resource| has(&resource.detail));
        if let (Some(remediation), Status::Fail | Status::Warn) = (&finding.remediation, finding.status) {
            has(&remediation.summary);
        }
    }
    report.missing.iter().for_each(|missing| has(&missing.name));
    report.waivers.iter().for_each(|waiver| has(&waiver.note));
    report.notes.iter().for_each(|note| has(note));
    report.also_seen.iter().for_each(|seen| has(&seen.what));
    has("2 of 3 nodes reported");
    has(&format!("{} of {} checks fail", report.totals.fail, report.totals.total()));
}

/// An item stands once, with the nodes that differ: the worst first.
#[test]
fn several_nodes_share_an_item() {
    let page = page(&fleet::report());
    assert_eq!(page.matches("id=\"check-1-2-15\"").count(), 1);
    let article = between(&page, "id=\"check-1-2-15\"", "</article>");
    let (fail, pass) = (article.find(" on node1: ").unwrap(), article.find(" on node2").unwrap());
    assert!(fail < pass);
    assert_eq!(attribute(article, "data-status"), ["FAIL", "PASS"]);
    assert_eq!(attribute(article, "data-subjects"), ["0", "1"]);
}

#[test]
fn what_changed_is_told() {
    let (before, report) = (fleet::before(), fleet::report());
    let changes = changes::compare(&before, &report);
    let page = html::render(&report, &Context { changes: Some(&changes), ..Default::default() });
    let told = between(&page, "id=\"changes\"", "</section>");
    for words in ["newly failing", "solved", "waived", "gone", "appeared", "not asked any more", "2026-01-24"] {
        assert!(told.contains(words), "{words}");
    }
    assert!(!self::page(&report).contains("id=\"changes\""));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the strings are, the page has the same elements. Words between backticks become code, and guides are Markdown: these
    /// are left out.
    #[test]
    fn text_never_becomes_an_element(prefix in hostile_text()) {
        let got = page(&report_with(&format!("x{prefix}")));
        prop_assert_eq!(got.chars().find(|c| acts(*c) && *c != '\n'), None);
        prop_assert_eq!(problems(&got), Vec::<String>::new());
        let names = |page: &str| -> Vec<String> {
            let mut guide = false;
            let mut names = Vec::new();
            for tag in tags(page) {
                let name = tag.split(' ').next().unwrap().to_owned();
                guide = match name.as_str() { "details" => true, "/details" => false, _ => guide };
                if !guide && !matches!(name.as_str(), "code" | "/code") {
                    names.push(name);
                }
            }
            names
        };
        prop_assert_eq!(names(&got), names(&page(&report_with("x"))));
    }
}
