//! The head: what was judged, when, by what, and how it stands.

use std::fmt::Write;

use seaworthy_model::{Counts, Report, Status, SubjectKind};

use super::escape::text;
use super::items::Item;

/// The page's title: whom it is about comes first, since tabs and file lists show beginnings.
pub(super) fn title(report: &Report) -> String {
    format!("{}: {}", whom(report), report.header.benchmark.title)
}

/// The nodes, or the cluster where no node was judged.
fn whom(report: &Report) -> String {
    let of =
        |kind| -> Vec<&str> { report.subjects.iter().filter(|s| s.kind == kind).map(|s| s.name.as_str()).collect() };
    let (nodes, clusters) = (of(SubjectKind::Node), of(SubjectKind::Cluster));
    match nodes.len() {
        0 if clusters.is_empty() => "nothing judged".to_owned(),
        0 => format!("cluster {}", clusters.join(", ")),
        1..=3 => nodes.join(", "),
        count => format!("{count} nodes"),
    }
}

pub(super) fn write(report: &Report, items: &[Item<'_>], out: &mut String) {
    let header = &report.header;
    // Writing to a String does not fail, here and below.
    let _ = write!(
        out,
        "<header>\n<p class=\"kicker\">{}</p>\n<h1>{}</h1>\n",
        text(&header.benchmark.title),
        text(&whom(report))
    );
    totals(report, items, out);
    out.push_str("<dl class=\"facts\">\n");
    let mut fact = |label: &str, value: &str| {
        let _ = writeln!(out, "<dt>{label}</dt><dd>{}</dd>", text(value));
    };
    let clusters = report.subjects.iter().filter(|s| s.kind == SubjectKind::Cluster);
    clusters.for_each(|cluster| fact("Cluster", &cluster.name));
    if let Some(time) = &report.time {
        fact("Collected", time);
    }
    fact("Nodes", &format!("{} of {} reported", report.received, report.expected));
    fact("Benchmark", &format!("{}: {}", header.benchmark.id, header.benchmark.why));
    let kubernetes = match (&header.kubernetes, &header.kubernetes_source) {
        (Some(version), Some(source)) => format!("{version}, says {source}"),
        (Some(version), None) => version.clone(),
        (None, _) => "version not found".to_owned(),
    };
    fact("Kubernetes", &kubernetes);
    fact("Platform", &header.platform);
    for role in &report.roles {
        let here = match (role.present, role.certain) {
            (true, _) => "here",
            (false, true) => "not here",
            (false, false) => "perhaps not here",
        };
        fact("Role", &format!("{}, {here}: {}", role.role, role.why));
    }
    fact("Judged by", &format!("{} {}", report.tool.name, report.tool.version));
    out.push_str("</dl>\n");
    sections(report, out);
    out.push_str("</header>\n");
}

/// The counts as a sentence, as tiles and as a bar.
fn totals(report: &Report, items: &[Item<'_>], out: &mut String) {
    let Counts { pass, fail, warn, info, .. } = report.totals;
    let all = report.totals.total();
    let what =
        if items.len() == all as usize { "checks".to_owned() } else { format!("findings on {} checks", items.len()) };
    let _ = writeln!(
        out,
        "<p class=\"verdict\">{}</p>",
        match (fail, all) {
            (_, 0) => "Nothing was judged.".to_owned(),
            (0, _) => format!("None of {all} {what} fails; {warn} need a look."),
            (1, _) => format!("1 of {all} {what} fails; {warn} need a look."),
            _ => format!("{fail} of {all} {what} fail; {warn} need a look."),
        }
    );
    let parts = [(Status::Fail, fail), (Status::Warn, warn), (Status::Pass, pass), (Status::Info, info)];
    out.push_str("<ul class=\"totals\">\n");
    for (status, count) in parts {
        let _ = writeln!(
            out,
            "<li class=\"{}\"><b>{count}</b> {status} <span>{}</span></li>",
            class(status),
            match status {
                Status::Fail => "does not hold",
                Status::Warn => "a person, a grant or an unscored item",
                Status::Pass => "holds",
                Status::Info => "not applicable, waived or skipped",
            }
        );
    }
    out.push_str("</ul>\n");
    if all > 0 {
        out.push_str("<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
        let mut from = 0;
        for (status, count) in parts {
            let to = from + u64::from(count);
            let (x, end) = (from * 1000 / u64::from(all), to * 1000 / u64::from(all));
            let _ = write!(
                out,
                "<rect class=\"{}\" x=\"{x}\" y=\"0\" width=\"{}\" height=\"10\"/>",
                class(status),
                end - x
            );
            from = to;
        }
        out.push_str("</svg>\n");
    }
}

/// What became of every section.
fn sections(report: &Report, out: &mut String) {
    if report.sections.is_empty() {
        return;
    }
    out.push_str(
        "<div class=\"wide\"><table class=\"numbers\">\n<caption>Findings by section of the benchmark</caption>\n<thead><tr>\
         <th scope=\"col\">Section</th><th scope=\"col\">FAIL</th><th scope=\"col\">WARN</th><th scope=\"col\">PASS</th>\
         <th scope=\"col\">INFO</th></tr></thead>\n<tbody>\n",
    );
    let cell = |word: Status, count: u32| match count {
        0 => "<td class=\"none\">0</td>".to_owned(),
        _ => format!("<td class=\"{}\">{count}</td>", class(word)),
    };
    for section in &report.sections {
        let depth = if section.id.contains('.') { "below" } else { "top" };
        let absent = section.absent.as_ref().map(|why| format!(" <span class=\"quiet\">{}</span>", text(why)));
        let c = &section.counts;
        let _ = writeln!(
            out,
            "<tr class=\"{depth}\"><th scope=\"row\">{} {}{}</th>{}{}{}{}</tr>",
            text(&section.id),
            text(&section.title),
            absent.unwrap_or_default(),
            cell(Status::Fail, c.fail),
            cell(Status::Warn, c.warn),
            cell(Status::Pass, c.pass),
            cell(Status::Info, c.info),
        );
    }
    let c = &report.totals;
    let _ = writeln!(
        out,
        "</tbody>\n<tfoot><tr><th scope=\"row\">All</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr></tfoot>\n\
         </table></div>",
        c.fail, c.warn, c.pass, c.info
    );
}

/// The class of a word: colour only, the word itself always stands beside it.
pub(super) fn class(status: Status) -> &'static str {
    match status {
        Status::Fail => "fail",
        Status::Warn => "warn",
        Status::Pass => "pass",
        Status::Info => "info",
    }
}
