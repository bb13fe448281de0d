//! Guides to a recorded node: every format says the same, and what comes from the node stays text in each.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "guide/formats.rs"]
mod formats;
#[path = "guide/hostile.rs"]
mod hostile;
#[path = "guide/page.rs"]
mod page;

use seaworthy_catalogue::Catalogue;
use seaworthy_collect::Archive;
use seaworthy_engine::Options;
use seaworthy_fix::guide::{self, Document, Kind, Section, Span};
use seaworthy_fix::plan::Node;
use seaworthy_model::{Report, Tool};

/// The guide to the recorded node, its report changed before.
fn guide_after(change: impl FnOnce(&mut Report)) -> Document {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/nodes/kubeadm-1.34-default.tar.gz");
    let tree = Archive::read(&std::fs::read(path).unwrap()[..]).unwrap();
    let catalogue = seaworthy_engine::embedded();
    let platform = seaworthy_collect::recognise(&tree, &catalogue).unwrap().clone();
    let tool = Tool { name: "seaworthy".to_owned(), version: "0".to_owned() };
    let collect = seaworthy_collect::Options { time: None, tool, cluster_name: None };
    let mut facts = seaworthy_collect::collect(&tree, &catalogue, &platform, &collect);
    facts.api = None;
    let options = Options { platform: Some(platform.name.clone()), ..Options::default() };
    let mut report = seaworthy_engine::judge(&facts, &catalogue, &options).unwrap();
    change(&mut report);
    let items: Vec<String> = report.findings.iter().map(|finding| finding.id.clone()).collect();
    let node = Node {
        tree: &tree,
        catalogue: &catalogue,
        platform: &platform,
        facts: &facts,
        options: &options,
        report: &report,
        collect: &collect,
        around: None,
    };
    guide::for_node(&node, &items, "every item")
}

/// The general guide to the newest benchmark.
fn general(catalogue: &Catalogue) -> Document {
    let benchmark = catalogue.benchmarks.last().unwrap();
    let items: Vec<_> = benchmark.items.iter().collect();
    guide::general(catalogue, &catalogue.platforms[0], benchmark, &items, "every item")
}

/// The titles of all sections of a kind, in order.
fn titles(document: &Document, kind: Kind) -> Vec<String> {
    fn walk(section: &Section, kind: Kind, out: &mut Vec<String>) {
        if section.kind == kind {
            let words = section.title.iter().map(|span| match span {
                Span::Text(words) | Span::Code(words) | Span::Item(words) => words.as_str(),
            });
            out.push(words.collect());
        }
        section.sections.iter().for_each(|inner| walk(inner, kind, out));
    }
    let mut out = Vec::new();
    document.parts.iter().for_each(|part| walk(part, kind, &mut out));
    out
}
