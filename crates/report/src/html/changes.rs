//! What changed since the last report.

use std::collections::BTreeMap;
use std::fmt::Write;

use seaworthy_model::{Finding, SubjectKind};

use super::escape::text;
use super::items::{Item, word};
use crate::changes::{Change, Changes, Kind};
use crate::{identity, words};

pub(super) fn write(changes: &Changes<'_>, items: &[Item<'_>], out: &mut String) {
    let since = changes.before.time.as_deref().map(|time| format!(" of {}", text(time))).unwrap_or_default();
    // Writing to a String does not fail, here and below.
    let _ = writeln!(
        out,
        "<section class=\"part\" aria-labelledby=\"changes\">\n<h2 id=\"changes\">What changed since the report{since}</h2>"
    );
    let same = changes.same;
    let (count, verb) = (changes.list.len(), if same == 1 { "is as it was" } else { "are as they were" });
    let _ = writeln!(
        out,
        "<p>{} {same} {verb}.</p>",
        match count {
            0 => "Nothing changed:".to_owned(),
            1 => "1 finding changed,".to_owned(),
            _ => format!("{count} findings changed,"),
        }
    );
    if count > 0 {
        out.push_str(
            "<div class=\"wide\"><table class=\"rest\">\n<caption>Findings that are not what they were, the weightiest first</caption>\n\
             <thead><tr><th scope=\"col\">Check</th><th scope=\"col\">On</th><th scope=\"col\">What became of it</th>\
             <th scope=\"col\">Was</th><th scope=\"col\">Is</th></tr></thead>\n<tbody>\n",
        );
        let mut list: Vec<&Change<'_>> = changes.list.iter().collect();
        list.sort_by_key(|change| change.kind());
        // The same on many nodes is said once.
        let mut rows: Vec<(Row, Vec<String>)> = Vec::new();
        let mut places = BTreeMap::new();
        for change in list {
            let row = row(change, items);
            let place = *places.entry(row.clone()).or_insert_with(|| {
                rows.push((row, Vec::new()));
                rows.len() - 1
            });
            rows[place].1.push(on(change.finding()));
        }
        for (row, names) in &rows {
            let _ = writeln!(out, "<tr><th scope=\"row\">{}</th><td>{}</td>{}</tr>", row.0, names.join(", "), row.1);
        }
        out.push_str("</tbody>\n</table></div>\n");
    }
    out.push_str("</section>\n");
}

/// The first cell, and all but the second.
type Row = (String, String);

fn row(change: &Change<'_>, items: &[Item<'_>]) -> Row {
    let finding = change.finding();
    let key = |f: &Finding| (identity::benchmark(f).to_owned(), f.id.clone());
    let here = change.after.and_then(|after| items.iter().find(|item| key(item.first) == key(after)));
    let id = match here {
        Some(item) => format!("<a href=\"#{}\">{}</a>", item.anchor, text(&finding.id)),
        None => text(&finding.id),
    };
    let kinds: Vec<String> = change.kinds.iter().map(|kind| words_of(*kind, change)).collect();
    let said = |finding: Option<&Finding>, none: &str| match finding {
        Some(finding) => format!("{} {}", word(finding.status), text(&words::why(finding).to_string())),
        None => format!("<span class=\"quiet\">{none}</span>"),
    };
    let rest = format!(
        "<td><b>{}</b>: {}</td><td class=\"was\">{}</td><td class=\"is\">{}</td>",
        kinds.join(", "),
        text(&finding.title),
        said(change.before, "not asked"),
        said(change.after, "not asked any more"),
    );
    (id, rest)
}

fn on(finding: &Finding) -> String {
    match finding.subject.kind {
        SubjectKind::Node => text(&finding.subject.name),
        SubjectKind::Cluster => "the cluster".to_owned(),
    }
}

fn words_of(kind: Kind, change: &Change<'_>) -> String {
    match (kind, change.before) {
        (Kind::Renumbered, Some(before)) => format!("was number {}", text(&before.id)),
        _ => kind.as_str().replace('-', " "),
    }
}
