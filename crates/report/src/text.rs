//! The report as text, for a person. Words and order are those that kube-bench's users know; each line that is no PASS says why.

mod header;
mod page;
mod remediations;
mod results;
mod summary;
mod wrap;

use seaworthy_model::Report;

use page::Page;

/// What to print. The head of the report is always printed: a result means little without knowing what was judged.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Colour the words in front of lines and the titles, with ANSI codes.
    pub color: bool,
    /// Print every section and finding.
    pub results: bool,
    /// Print what to do about each finding that is FAIL or WARN.
    pub remediations: bool,
    /// Print how many checks of each target have which word.
    pub summary: bool,
    /// Print the same over all targets.
    pub totals: bool,
    /// Print rule, evidence, lost candidates, notes and resources under every finding.
    pub evidence: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { color: false, results: true, remediations: true, summary: true, totals: true, evidence: false }
    }
}

/// The report as text, UTF-8, each line ended by a newline. Everything that comes from facts is written so that it can neither begin a
/// line nor steer a terminal.
pub fn render(report: &Report, options: &Options) -> String {
    let mut page = Page::new(options.color);
    header::print(&mut page, report);
    if options.results {
        results::print(&mut page, report, options.evidence);
    }
    if options.remediations {
        remediations::print(&mut page, report, options.evidence);
    }
    if options.summary {
        summary::targets(&mut page, report);
    }
    if options.totals {
        summary::total(&mut page, report);
    }
    page.finish()
}
