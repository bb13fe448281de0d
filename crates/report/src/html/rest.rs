//! What stands beside the findings: who is missing, waivers, what else was seen, notes.

use std::fmt::Write;

use seaworthy_model::{Report, WaiverState};

use super::escape::text;

/// Who was to report and did not: before everything else, for nothing below is about them.
pub(super) fn missing(report: &Report, out: &mut String) {
    if report.missing.is_empty() && report.received >= report.expected {
        return;
    }
    // Writing to a String does not fail, here and below.
    let _ = writeln!(
        out,
        "<section class=\"part alert\" aria-labelledby=\"missing\">\n<h2 id=\"missing\">Incomplete: {} of {} nodes reported</h2>\n\
         <p>Nothing below is about the nodes that did not.</p>",
        report.received, report.expected
    );
    let rows = report.missing.iter().map(|m| format!("<dt>{}</dt><dd>{}</dd>\n", text(&m.name), text(&m.reason)));
    list(rows, out);
    out.push_str("</section>\n");
}

pub(super) fn write(report: &Report, out: &mut String) {
    let waivers = report.waivers.iter().map(|waiver| {
        let state = match waiver.state {
            WaiverState::Used => "in use",
            WaiverState::Unused => "matches nothing",
            WaiverState::Expired => "expired",
        };
        format!("<dt>{}</dt><dd><b>{state}</b>: {}</dd>\n", text(&waiver.item), text(&waiver.note))
    });
    section("waivers", "Waivers", waivers, out);
    let seen = report.also_seen.iter().map(|seen| {
        let from = text(&seen.source.to_string());
        format!("<dt>{}</dt><dd>{} <span class=\"quiet\">from {from}</span></dd>\n", text(&seen.what), text(&seen.why))
    });
    section("seen", "Also seen, and not judged", seen, out);
    let notes: String = report.notes.iter().map(|note| format!("<li>{}</li>\n", text(note))).collect();
    if !notes.is_empty() {
        let _ = writeln!(
            out,
            "<section class=\"part\" aria-labelledby=\"notes\">\n<h2 id=\"notes\">Notes</h2>\n<ul>\n{notes}</ul>\n</section>"
        );
    }
}

fn section(id: &str, heading: &str, rows: impl Iterator<Item = String>, out: &mut String) {
    let mut rows = rows.peekable();
    if rows.peek().is_some() {
        let _ = writeln!(out, "<section class=\"part\" aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>");
        list(rows, out);
        out.push_str("</section>\n");
    }
}

fn list(rows: impl Iterator<Item = String>, out: &mut String) {
    let rows: String = rows.collect();
    if !rows.is_empty() {
        let _ = writeln!(out, "<dl class=\"named\">\n{rows}</dl>");
    }
}

pub(super) fn foot(report: &Report, out: &mut String) {
    let _ = writeln!(
        out,
        "<footer>\n<p>{} {}, scan <code>{}</code>, catalogue <code>{}</code></p>\n</footer>",
        text(&report.tool.name),
        text(&report.tool.version),
        text(&report.scan_id),
        text(&report.header.catalogue)
    );
}
