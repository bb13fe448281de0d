//! From a judged report to what is printed: the formats, and what changed since another report.

use std::collections::BTreeSet;
use std::path::Path;

use seaworthy_catalogue::Catalogue;
use seaworthy_engine::Options;
use seaworthy_model::{Finding, Report, SubjectKind};
use seaworthy_report::changes::{self, Changes};
use seaworthy_report::format::{self, Aws, Context, FORMATS};
use seaworthy_report::{json, ndjson, text};

use crate::arguments::{Color, Diff, DiffFormat, Judging, Output, Sending};
use crate::exit::{Exit, Failure};
use crate::{facts, judged, output, sending};

/// The largest report that is read.
const MAX_REPORT: u64 = 512 << 20;

/// `--format help`: the list, and the end of the program. Also refuses what can never be printed, before anything is scanned.
pub(crate) fn check(form: &Output) -> Result<Option<Exit>, Failure> {
    if form.format.iter().any(|written| written.name == "help") {
        return help().map(|()| Some(Exit::Done));
    }
    let mut plain = form.format.iter().filter(|written| written.file.is_none());
    if let (Some(first), Some(second)) = (plain.next(), plain.next()) {
        return Err(Failure::usage(format!(
            "--format {} and --format {} both go to the same place",
            first.name, second.name
        ))
        .hint("write one of them to a file: --format NAME=FILE"));
    }
    let context = Context { aws: aws(form)?, ..Context::default() };
    for written in &form.format {
        if let Some(why) = format::find(&written.name).and_then(|format| (format.refused)(&context)) {
            return Err(Failure::usage(format!("--format {}: {why}", written.name)));
        }
    }
    Ok(None)
}

fn help() -> Result<(), Failure> {
    let wide = FORMATS.iter().map(|format| format.name.len()).max().unwrap_or(0);
    let lines: Vec<String> =
        FORMATS.iter().map(|f| format!("{:wide$}  {}\n{:wide$}  for {}\n", f.name, f.about, "", f.reader)).collect();
    output::to_stdout(lines.concat().as_bytes())
}

/// Whose findings they are in AWS: all of it, or nothing.
fn aws(form: &Output) -> Result<Option<Aws>, Failure> {
    let words = &form.aws;
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let region = words.aws_region.clone().or_else(|| set("AWS_REGION")).or_else(|| set("AWS_DEFAULT_REGION"));
    let (Some(account), Some(region)) = (words.aws_account.clone(), region) else { return Ok(None) };
    let by_region = match () {
        () if region.starts_with("cn-") => "aws-cn",
        () if region.starts_with("us-gov-") => "aws-us-gov",
        () => "aws",
    };
    let partition = words.aws_partition.clone().unwrap_or_else(|| by_region.to_owned());
    Ok(Some(Aws { partition, region, account, product: words.asff_product.clone() }))
}

/// Prints a report, compares it, sends it; gives the status that follows from all of that. Where the report is compared with a
/// baseline, text and JSON tell what changed instead of everything.
pub(crate) fn finish(
    report: &Report,
    form: &Output,
    sending: &Sending,
    judging: &Judging,
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Exit, Failure> {
    let mut baseline = sending.baseline.as_deref().map(|path| read(path, catalogue, options)).transpose()?;
    if let Some(before) = &mut baseline {
        keep_comparable(before, report, judging);
    }
    let sinks = sending::open(sending)?;
    let last = sinks.last(report, judging);
    let against = baseline.as_ref().or(last.as_ref());
    let changes = against.map(|before| changes::compare(before, report));
    // A file that cannot be written keeps nothing from those that wait for the results.
    let printed = print(report, form, changes.as_ref(), baseline.is_some());
    let sent = sinks.send(report, changes.as_ref(), judging)?;
    printed?;
    let status = judged::status(report, judging);
    let differs = baseline.is_some() && changes.as_ref().is_some_and(|changes| !changes.list.is_empty());
    Ok(match status {
        Exit::Done if sending.to.require_send && !sent => Exit::NotSent,
        Exit::Done if differs => Exit::Differs,
        other => other,
    })
}

/// Leaves out of an older report what the newer one was not to tell: other nodes, where only this one was scanned, and checks that were
/// not chosen. They are not gone.
fn keep_comparable(before: &mut Report, after: &Report, judging: &Judging) {
    let chosen =
        [&judging.targets, &judging.check, &judging.group, &judging.skip].iter().any(|words| !words.is_empty());
    if chosen || judging.scored.is_some() || judging.unscored.is_some() {
        let rules: BTreeSet<&str> = after.findings.iter().map(|finding| finding.rule.as_str()).collect();
        before.findings.retain(|finding| rules.contains(finding.rule.as_str()));
    }
    if after.expected <= 1 {
        let here = |finding: &Finding| after.subjects.iter().any(|subject| subject.name == finding.subject.name);
        before.findings.retain(|finding| finding.subject.kind == SubjectKind::Cluster || here(finding));
    }
}

/// Prints a report in every format that is asked for; text if none is asked for by itself.
fn print(report: &Report, form: &Output, changes: Option<&Changes<'_>>, instead: bool) -> Result<(), Failure> {
    let context = Context { changes, text: texts(form), aws: aws(form)? };
    let mut files = Ok(());
    for written in &form.format {
        if let (Some(file), Some(format)) = (&written.file, format::find(&written.name)) {
            files = files.and(output::to_file(file, (format.render)(report, &context).as_bytes()));
        }
    }
    print_plain(report, form, &context, instead).and(files)
}

/// Prints what has no file of its own.
fn print_plain(report: &Report, form: &Output, context: &Context<'_>, instead: bool) -> Result<(), Failure> {
    let name = plain(form);
    let changes = context.changes;
    let told = changes.filter(|_| instead).and_then(|changes| match name {
        "text" => Some(changes::text::render(changes)),
        "json" => Some(changes::json::render(changes)),
        _ => None,
    });
    match (&form.outputfile, told) {
        (Some(file), Some(told)) => output::to_file(file, told.as_bytes()),
        (None, Some(told)) => output::to_stdout(told.as_bytes()),
        (Some(file), None) => output::to_file(file, render(name, report, context).as_bytes()),
        // A large report is never held as text where it need not be.
        (None, None) if name == "json" => output::stream(|out| {
            json::write(report, &json::Options { pretty: false, totals: context.text.totals }, out)
        }),
        (None, None) if name == "ndjson" => {
            output::stream(|out| ndjson::write(report, &ndjson::Options { totals: context.text.totals }, out))
        }
        (None, None) => output::to_stdout(render(name, report, context).as_bytes()),
    }
}

fn render(name: &str, report: &Report, context: &Context<'_>) -> String {
    format::find(name).map_or_else(String::new, |format| (format.render)(report, context))
}

/// The format that has no file of its own.
fn plain(form: &Output) -> &str {
    let named = form.format.iter().find(|written| written.file.is_none()).map(|written| written.name.as_str());
    match (named, form.json, form.junit) {
        (Some(name), ..) => name,
        (None, true, _) => "json",
        (None, _, true) => "junit",
        _ => "text",
    }
}

fn texts(form: &Output) -> text::Options {
    let color = match form.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => form.outputfile.is_none() && output::stdout_color(),
    };
    text::Options {
        color,
        results: !form.noresults,
        remediations: !form.noremediations,
        summary: !form.nosummary,
        totals: !form.nototals,
        evidence: form.include_test_output,
    }
}

/// Reads a report, or facts, which are judged.
pub(crate) fn read(path: &Path, catalogue: &Catalogue, options: &Options) -> Result<Report, Failure> {
    use std::io::Read as _;
    let named = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let mut text = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(MAX_REPORT).read_to_end(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MAX_REPORT).read_to_end(&mut text))
    };
    let what = "it is a report that --format json wrote, or facts that collect wrote";
    read.map_err(|error| named(&error).hint(what))?;
    // Which of the two it is shows in a key that only a report has.
    #[derive(serde::Deserialize)]
    struct Head {
        findings: Option<serde::de::IgnoredAny>,
    }
    let head: Head = serde_json::from_slice(&text).map_err(|error| named(&error).hint(what))?;
    if head.findings.is_some() {
        let text = String::from_utf8(text).map_err(|error| named(&error).hint(what))?;
        return json::parse(&text).map_err(|error| named(&error).hint(what));
    }
    let facts = facts::parse(&text, path)?;
    seaworthy_engine::judge(&facts, catalogue, options).map_err(|error| named(&error))
}

/// `diff`
pub(crate) fn diff(arguments: &Diff) -> Result<Exit, Failure> {
    if arguments.old.as_os_str() == "-" && arguments.new.as_os_str() == "-" {
        return Err(Failure::usage("only one of the two can come from standard input"));
    }
    let catalogue = facts::catalogue(arguments.judging.catalogue.as_deref())?;
    let options = judged::options(&arguments.judging)?;
    let old = read(&arguments.old, &catalogue, &options)?;
    let new = read(&arguments.new, &catalogue, &options)?;
    let changes = changes::compare(&old, &new);
    let text = match arguments.format {
        DiffFormat::Text => changes::text::render(&changes),
        DiffFormat::Json => changes::json::render(&changes),
    };
    match &arguments.outputfile {
        Some(file) => output::to_file(file, text.as_bytes())?,
        None => output::to_stdout(text.as_bytes())?,
    }
    Ok(match judged::status(&new, &arguments.judging) {
        Exit::Done if !changes.list.is_empty() => Exit::Differs,
        other => other,
    })
}
