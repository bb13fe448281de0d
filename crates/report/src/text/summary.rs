//! How many checks have which word.

use anstyle::AnsiColor;
use seaworthy_model::{Counts, Report};

use super::page::Page;
use crate::outline;

/// kube-bench's name for the summary of everything.
const TOTAL: &str = "total";

/// One summary for each target, in kube-bench's order.
pub(super) fn targets(page: &mut Page, report: &Report) {
    for target in outline::targets(report) {
        let mut counts = Counts::default();
        let items = report.findings.chunk_by(|a, b| a.id == b.id).filter_map(seaworthy_model::worst_of);
        items.filter(|finding| finding.target == target).for_each(|finding| counts.add(finding));
        print(page, target, &counts);
    }
}

/// The summary of the whole report.
pub(super) fn total(page: &mut Page, report: &Report) {
    print(page, TOTAL, &report.totals);
}

fn print(page: &mut Page, name: &str, counts: &Counts) {
    let color = match counts {
        Counts { fail: 1.., .. } => AnsiColor::Red,
        Counts { warn: 1.., .. } => AnsiColor::Yellow,
        _ => AnsiColor::Green,
    };
    page.title(color, &format!("Summary {name}"));
    for (count, word) in [(counts.pass, "PASS"), (counts.fail, "FAIL"), (counts.warn, "WARN"), (counts.info, "INFO")] {
        page.line(0, &format!("{count} checks {word}"));
    }
    let unscored = counts.failed.saturating_sub(counts.fail);
    let (unknown, manual) = (counts.unknown, counts.manual);
    if unknown + manual + unscored > 0 || name == TOTAL {
        page.line(0, &format!("WARN means: {unknown} unknown, {manual} manual, {unscored} failed but not scored"));
    }
}
