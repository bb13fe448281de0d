//! What a message to people says, before it is put into a chat's own form: what changed, what is worst, who did not report. One message
//! a report, short enough for the receiver, and what does not fit is counted.

use seaworthy_model::{Finding, Report, Status, Subject, SubjectKind};
use seaworthy_report::changes::{Kind, fails};
use seaworthy_report::identity;
use serde::Deserialize;
use serde_json::Value;

use super::url_path;
use crate::outgoing::{Item, Outgoing};
use crate::settings::Settings;
use crate::sink::{Batch, Delivered, Limits, Part, Sink, Trouble};
use crate::wire::Wire;

/// The longest line, in characters before it is escaped: a process chooses how long its arguments are.
const LINE: usize = 300;
/// At most so many lines under one heading: a message is read, not searched.
const LINES: usize = 15;

/// The heading of what fails, and did before.
const FAILING: &str = "Failing";

/// A channel of a chat, reached by a webhook: one message a report.
pub(super) struct Channel {
    wire: Wire,
    path: String,
    form: fn(&Message) -> Value,
    gone: &'static [&'static str],
}

/// It has no settings of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {}

impl Channel {
    /// From its settings. `form` is the chat's own; `gone` are words of answers that say that there is no such channel any more.
    pub(super) fn new(
        settings: &Settings,
        form: fn(&Message) -> Value,
        gone: &'static [&'static str],
    ) -> Result<Channel, String> {
        let Own {} = settings.own()?;
        let wire = Wire::new(&settings.address, &settings.trust, &settings.authorized("Bearer"), &settings.secrets())?;
        Ok(Channel { wire, path: url_path(settings), form, gone })
    }
}

impl Sink for Channel {
    fn parts(&self, outgoing: &Outgoing<'_>, out: &mut dyn FnMut(Part) -> Result<(), String>) -> Result<(), String> {
        match message(outgoing) {
            Some(message) => out(Part { id: outgoing.report_id(), body: (self.form)(&message).to_string() }),
            None => Ok(()),
        }
    }

    fn limits(&self) -> Limits {
        Limits::ONE
    }

    fn deliver(&self, batch: &Batch) -> Result<Delivered, Trouble> {
        let headers = [("content-type", "application/json; charset=utf-8")];
        let answer = self.wire.send("POST", &self.path, &headers, batch.joined("").as_bytes())?;
        // The message is as good as before: somebody has to make a new webhook.
        if (400..=410).contains(&answer.status) && self.gone.iter().any(|word| answer.body.contains(word)) {
            return Err(Trouble::Blocked { why: self.wire.shown(&answer) });
        }
        self.wire.judge(&answer)?;
        Ok(Delivered { answer: self.wire.shown(&answer), ..Delivered::default() })
    }
}

/// A message, in cleaned text that is not escaped yet.
pub(super) struct Message {
    /// What it is about and the weightiest that it says, in one line.
    pub(super) title: String,
    /// Labels and numbers.
    pub(super) facts: Vec<(&'static str, String)>,
    /// Headings with lines, the weightiest first; none is empty.
    pub(super) groups: Vec<Group>,
}

/// Lines under a heading.
pub(super) struct Group {
    /// `Newly failing`.
    pub(super) heading: &'static str,
    /// The first few, each on one line.
    pub(super) lines: Vec<String>,
    /// How many there are.
    pub(super) count: usize,
}

/// The message about a report; none if there is nothing to say.
pub(super) fn message(outgoing: &Outgoing<'_>) -> Option<Message> {
    if !outgoing.is_worth_a_message() {
        return None;
    }
    let groups = groups(outgoing);
    let report = outgoing.report;
    let totals = &report.totals;
    let said = match groups.first() {
        Some(group) if group.heading == FAILING => {
            let scored = outgoing.items.iter().filter(|item| is_open(item) && item.finding.scored).count();
            let scored = if scored < group.count { format!(", {scored} of them scored") } else { String::new() };
            format!("{} failing{scored}", group.count)
        }
        Some(group) => format!("{} {}", group.count, group.heading.to_lowercase()),
        None => format!("{} PASS, {} FAIL, {} WARN", totals.pass, totals.fail, totals.warn),
    };
    let mut facts = vec![
        ("Benchmark", short(&report.header.benchmark.title)),
        ("Results", format!("{} PASS, {} FAIL, {} WARN, {} INFO", totals.pass, totals.fail, totals.warn, totals.info)),
    ];
    facts.extend(identity::cluster_of(report).map(|cluster| ("Cluster", short(cluster))));
    if report.expected > 1 || report.received != report.expected {
        facts.push(("Nodes that reported", format!("{} of {}", report.received, report.expected)));
    }
    facts
        .extend(outgoing.changes.map(|changes| ("Since last time", seaworthy_report::changes::text::summary(changes))));
    facts.extend(report.time.as_deref().map(|time| ("Time", short(time))));
    Some(Message { title: short(&format!("Seaworthy on {}: {said}", who(report))), facts, groups })
}

/// `node1 and its cluster`, `5 nodes`.
fn who(report: &Report) -> String {
    let is_node = |subject: &&Subject| subject.kind == SubjectKind::Node;
    let nodes: Vec<&Subject> = report.subjects.iter().filter(is_node).collect();
    let cluster = report.subjects.iter().find(|subject| !is_node(subject));
    let (who, whose) = match (nodes.as_slice(), cluster) {
        ([], Some(cluster)) => return format!("the cluster {}", cluster.name),
        ([], None) => return "nobody".to_owned(),
        ([only], _) => (only.name.clone(), "its"),
        (nodes, _) => (format!("{} nodes", nodes.len()), "their"),
    };
    if cluster.is_some() { format!("{who} and {whose} cluster") } else { who }
}

/// Whether it fails now.
fn is_open(item: &Item<'_>) -> bool {
    !item.gone && fails(item.finding)
}

fn groups(outgoing: &Outgoing<'_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut add = |heading: &'static str, (lines, count): (Vec<String>, usize)| {
        if count > 0 {
            groups.push(Group { heading, lines, count });
        }
    };
    let of = |wanted: &dyn Fn(&Item<'_>) -> bool| -> (Vec<String>, usize) {
        let mut list: Vec<&Item<'_>> = outgoing.items.iter().filter(|item| wanted(item)).collect();
        // The worst first, and otherwise as the benchmark has them.
        list.sort_by_key(|item| std::cmp::Reverse((item.finding.scored, item.finding.severity)));
        (list.iter().take(LINES).map(|item| line(item)).collect(), list.len())
    };
    let is_new = |item: &Item<'_>| is_open(item) && kinds(item).contains(&Kind::NewlyFailing);
    add("Newly failing", of(&is_new));
    let missing = &outgoing.report.missing;
    let lines = missing.iter().take(LINES).map(|subject| short(&format!("{}: {}", subject.name, subject.reason)));
    add("Did not report", (lines.collect(), missing.len()));
    add("Solved", of(&|item| item.is_solved()));
    add(FAILING, of(&|item| is_open(item) && !is_new(item)));
    // In a message about everything what passes is in the numbers.
    let other = |item: &Item<'_>| {
        let told = kinds(item).iter().any(|kind| *kind != Kind::Appeared) || item.finding.status == Status::Warn;
        item.change.is_some() && told && !is_open(item) && !item.is_solved()
    };
    add("Changed otherwise", of(&other));
    groups
}

fn kinds<'a>(item: &Item<'a>) -> &'a [Kind] {
    item.change.map_or(&[], |change| &change.kinds)
}

/// `1.2.15 Profiling is off (node1), high: the value is true`.
fn line(item: &Item<'_>) -> String {
    let finding: &Finding = item.finding;
    let what = match item.state() {
        "open" => format!(
            "{}{}: {}",
            finding.severity.as_str(),
            if finding.scored { "" } else { ", not scored" },
            finding.reason
        ),
        "gone" => "not asked any more".to_owned(),
        _ => {
            let before = item.change.and_then(|change| change.before).map(|before| before.verdict);
            let before = before.filter(|before| *before != finding.verdict);
            let words: Vec<String> = kinds(item).iter().map(|kind| kind.as_str().replace('-', " ")).collect();
            match before {
                Some(before) => format!("{before}, now {}", finding.verdict),
                None => words.join(", "),
            }
        }
    };
    short(&format!("{} {} ({}), {what}", finding.id, finding.title, finding.subject.name))
}

/// Cleaned and cut.
fn short(text: &str) -> String {
    // A text may have megabytes, of which this line shows nothing.
    let begin: String = text.chars().take(LINE + 1).collect();
    cut(&seaworthy_report::clean(&begin), LINE)
}

/// At most so many characters, an ellipsis as the last where something is left out.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The lines of each group that fit into `bytes` of JSON altogether and, of each group, into `most` characters, escaped by `escape` and
/// with `- ` in front; a last line says how many do not. Every group gets its share, and what one does not use is for those after it.
pub(super) fn fit(groups: &[Group], bytes: usize, most: usize, escape: impl Fn(&str) -> String) -> Vec<String> {
    let mut left = bytes;
    let mut texts = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        let share = left / (groups.len() - place);
        let (mut text, mut used, mut taken) = (String::new(), 0, 0);
        for line in &group.lines {
            let line = format!("- {}\n", escape(line));
            let more = in_json(&line);
            // Room for the line that counts is kept.
            if used + more + MORE > share || text.chars().count() + line.chars().count() + MORE > most {
                break;
            }
            used += more;
            taken += 1;
            text.push_str(&line);
        }
        if taken < group.count {
            let and = if taken > 0 { "and " } else { "" };
            let more = if taken > 0 { " more" } else { "" };
            text.push_str(&format!("- {and}{}{more}\n", group.count - taken));
        }
        left = left.saturating_sub(in_json(&text));
        texts.push(text.trim_end().to_owned());
    }
    texts
}

/// What the line that counts has at most: `- and 4294967295 more` and its end.
const MORE: usize = 40;

/// How many bytes a text has as a JSON string.
fn in_json(text: &str) -> usize {
    text.chars().map(|c| if matches!(c, '"' | '\\' | '\n') { 2 } else { c.len_utf8() }).sum()
}
