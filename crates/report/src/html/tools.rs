//! The filters. They are hidden until the script is there to serve them.

use std::collections::BTreeSet;
use std::fmt::Write;

use seaworthy_model::{Report, Severity, Status};

use super::escape::text;
use super::items::{self, Item};

pub(super) fn write(report: &Report, items: &[Item<'_>], out: &mut String) {
    out.push_str("<form id=\"tools\" class=\"tools\" aria-label=\"Filter and order\" hidden>\n<fieldset><legend>Status</legend>\n");
    // Writing to a String does not fail, here and below.
    for status in [Status::Fail, Status::Warn, Status::Pass, Status::Info] {
        let _ = writeln!(
            out,
            "<label><input type=\"checkbox\" name=\"status\" value=\"{status}\" checked> {}</label>",
            items::word(status)
        );
    }
    out.push_str("</fieldset>\n");
    let mut seen = BTreeSet::new();
    let sections = items.iter().filter(|item| seen.insert(&item.first.section));
    let listed =
        report.sections.iter().map(|section| (section.id.as_str(), format!("{} {}", section.id, section.title)));
    let known: BTreeSet<&str> = report.sections.iter().map(|section| section.id.as_str()).collect();
    let others = sections
        .filter(|item| !known.contains(item.first.section.as_str()))
        .map(|item| (item.first.section.as_str(), item.section.clone()));
    select("section", "Section", "all", &listed.chain(others).collect::<Vec<_>>(), out);
    let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
    let severities: Vec<(&str, String)> = severities.iter().map(|s| (s.as_str(), s.as_str().to_owned())).collect();
    select("severity", "Severity", "all", &severities, out);
    let mut subjects: Vec<(usize, &str)> = items::subjects(report).into_iter().map(|(name, n)| (n, name)).collect();
    subjects.sort_unstable();
    if subjects.len() > 1 {
        let numbers: Vec<String> = subjects.iter().map(|(number, _)| number.to_string()).collect();
        let names: Vec<(&str, String)> =
            numbers.iter().zip(&subjects).map(|(number, (_, name))| (number.as_str(), (*name).to_owned())).collect();
        select("subject", "Node", "all", &names, out);
    }
    out.push_str(
        "<p class=\"field\"><label for=\"text\">Text</label> <input id=\"text\" name=\"text\" type=\"search\"></p>\n",
    );
    let orders =
        [("severity", "severity"), ("subjects", "how many nodes")].map(|(value, name)| (value, name.to_owned()));
    select("order", "Order", "benchmark", &orders, out);
    out.push_str(
        "<p class=\"field\"><button type=\"reset\">Show all</button> <button type=\"button\" id=\"print\">Print</button></p>\n\
         <p id=\"shown\" role=\"status\"></p>\n</form>\n",
    );
}

fn select(name: &str, label: &str, first: &str, options: &[(&str, String)], out: &mut String) {
    let options: String = options
        .iter()
        .map(|(value, words)| format!("<option value=\"{}\">{}</option>", text(value), text(words)))
        .collect();
    let _ = writeln!(
        out,
        "<p class=\"field\"><label for=\"{name}\">{label}</label> <select id=\"{name}\" name=\"{name}\">\
         <option value=\"\">{first}</option>{options}</select></p>"
    );
}
