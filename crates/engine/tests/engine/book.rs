//! The book's part about rules is made from the catalogue. `SEAWORTHY_BLESS=1 cargo test -p seaworthy-engine book` writes it anew.
#![allow(clippy::disallowed_methods, reason = "this test compares and writes files of the tree")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use seaworthy_catalogue::Catalogue;

use crate::support::loaded;

const BEGIN: &str = "- [Rules](rules.md)\n";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/src")
}

/// The pages that follow from the catalogue, by path below `docs/src`.
fn pages(catalogue: &Catalogue) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut index = String::from(
        "# Rules\n\nOne requirement a page, with a name that stays when benchmarks renumber. `seaworthy explain NAME` prints the same page.\n\n",
    );
    let ids: Vec<&str> = catalogue.benchmarks.iter().map(|b| b.id.as_str()).collect();
    index.push_str(&format!("| {} | rule | severity | it asks for |\n", ids.join(" | ")));
    index.push_str(&format!("|{}---|---|---|\n", "---|".repeat(ids.len())));
    let newest = catalogue.benchmarks.last().unwrap();
    let mut summary = String::from(BEGIN);
    for item in &newest.items {
        let rule = catalogue.rule(&item.rule).unwrap();
        let numbers = catalogue
            .benchmarks
            .iter()
            .map(|b| b.items.iter().find(|i| i.rule == rule.name).map_or("–", |i| i.id.as_str()).to_owned());
        let numbers: Vec<String> = numbers.collect();
        let link = format!("rules/{}.md", rule.name);
        index.push_str(&format!(
            "| {} | [{}]({link}) | {} | {} |\n",
            numbers.join(" | "),
            rule.name,
            rule.severity.as_str(),
            rule.title
        ));
        summary.push_str(&format!("  - [{} {}]({link})\n", item.id, rule.title));
        let source = format!("../../../catalogue/rules/{}/{}.md", rule.folder, rule.name);
        pages.insert(link, format!("{{{{#include {source}}}}}\n"));
    }
    pages.insert("rules.md".into(), index);
    let old = std::fs::read_to_string(root().join("SUMMARY.md")).unwrap();
    let kept = old.split(BEGIN).next().unwrap();
    pages.insert("SUMMARY.md".into(), format!("{kept}{summary}"));
    pages
}

#[test]
fn the_book_has_a_page_for_every_rule() {
    let pages = pages(&loaded().catalogue);
    let bless = std::env::var_os("SEAWORTHY_BLESS").is_some();
    let mut stale = Vec::new();
    for (path, text) in &pages {
        let place = root().join(path);
        if std::fs::read_to_string(&place).is_ok_and(|old| old == *text) {
            continue;
        }
        if bless {
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, text).unwrap();
        } else {
            stale.push(path.clone());
        }
    }
    for entry in std::fs::read_dir(root().join("rules")).into_iter().flatten() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !pages.contains_key(&format!("rules/{name}")) {
            stale.push(format!("rules/{name} (no rule of this name)"));
        }
    }
    assert!(stale.is_empty(), "made from an older catalogue; run with SEAWORTHY_BLESS=1: {stale:?}");
}
