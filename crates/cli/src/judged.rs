//! `run` and `evaluate`: facts in, report out.

use seaworthy_engine::{Options, Selection, Waivers};
use seaworthy_model::{Facts, Kind, Report, Verdict};
use seaworthy_report::{json, junit, ndjson, text};

use crate::arguments::{Color, Evaluate, FailOn, Format, Judging, Output, Place, Run};
use crate::exit::{Exit, Failure};
use crate::{facts, output};

pub(crate) fn run(arguments: &Run) -> Result<Exit, Failure> {
    let catalogue = facts::catalogue(arguments.judging.catalogue.as_deref())?;
    let options = options(&arguments.judging)?;
    let place = place(arguments, &catalogue, &options);
    let read = facts::read(&place, &catalogue, arguments.judging.platform.as_deref())?;
    let once = arguments.again.every.is_none();
    let exit = report(read, once, &catalogue, &options, &arguments.judging, &arguments.output);
    if once {
        std::mem::forget(catalogue);
    }
    exit
}

/// Where only the cluster is asked about, and there is a way to ask it, no node is read: as kube-bench's target `policies`.
fn place(arguments: &Run, catalogue: &seaworthy_catalogue::Catalogue, options: &Options) -> Place {
    let mut place = arguments.place.clone();
    let elsewhere = place.root.is_some() || place.demo || place.kubeconfig.is_some() || place.context.is_some();
    if !elsewhere && seaworthy_engine::only_cluster(catalogue, options) && facts::server(None, None).is_ok() {
        place.cluster = true;
    }
    place
}

/// Refuses arguments that can never give a report.
pub(crate) fn check(judging: &Judging) -> Result<(), Failure> {
    let catalogue = facts::catalogue(judging.catalogue.as_deref())?;
    let options = options(judging)?;
    if judging.platform.is_some() {
        facts::platform(&catalogue, judging.platform.as_deref())?;
    }
    let chosen = |benchmark: Option<&str>| {
        seaworthy_engine::chosen(&catalogue, benchmark, options.kubernetes_version, &options.selection).map(|_| ())
    };
    // Without facts it is not known which benchmark it will be: words that one of them knows may be right.
    let all = catalogue.benchmarks.iter().map(|benchmark| benchmark.id.as_str());
    let fits = options.benchmark.is_none() && all.into_iter().any(|id| chosen(Some(id)).is_ok());
    if fits { Ok(()) } else { chosen(options.benchmark.as_deref()).map_err(|error| Failure::usage(error.to_string())) }
}

pub(crate) fn evaluate(arguments: &Evaluate) -> Result<Exit, Failure> {
    let catalogue = facts::catalogue(arguments.judging.catalogue.as_deref())?;
    let options = options(&arguments.judging)?;
    let read = facts::read_facts(&arguments.facts)?;
    report(read, true, &catalogue, &options, &arguments.judging, &arguments.output)
}

/// Reads a file of waivers; none if none is given.
pub(crate) fn waivers(path: Option<&std::path::Path>) -> Result<Waivers, Failure> {
    let Some(path) = path else { return Ok(Waivers::default()) };
    let named = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
    Waivers::parse(&text).map_err(|error| {
        named(&error).hint(
            "a waiver is a [[waiver]] table with item, where (a node's name, optional), reason, owner and expires",
        )
    })
}

pub(crate) fn options(judging: &Judging) -> Result<Options, Failure> {
    let scored = match (judging.scored, judging.unscored) {
        (Some(true), None | Some(false)) | (None, Some(false)) => Some(true),
        (None | Some(false), Some(true)) | (Some(false), None) => Some(false),
        (None, None) | (Some(true), Some(true)) => None,
        (Some(false), Some(false)) => {
            return Err(Failure::usage("--scored=false and --unscored=false leave nothing to judge"));
        }
    };
    Ok(Options {
        benchmark: judging.benchmark.clone(),
        platform: judging.platform.clone(),
        kubernetes_version: judging.kubernetes_version,
        selection: Selection {
            targets: words(&judging.targets),
            checks: words(&judging.check),
            groups: words(&judging.group),
            skip: words(&judging.skip),
            scored,
        },
        waivers: waivers(judging.waivers.as_deref())?,
        today: facts::now().get(..10).map(str::to_owned),
        tool: Some(facts::tool()),
    })
}

/// Words without the blanks that people put behind commas.
pub(crate) fn words(list: &[String]) -> Vec<String> {
    list.iter().map(|w| w.trim().to_owned()).filter(|w| !w.is_empty()).collect()
}

/// Judges and prints. `once`: the program ends after this.
fn report(
    read: Facts,
    once: bool,
    catalogue: &seaworthy_catalogue::Catalogue,
    options: &Options,
    judging: &Judging,
    form: &Output,
) -> Result<Exit, Failure> {
    let report =
        seaworthy_engine::judge(&read, catalogue, options).map_err(|error| Failure::usage(error.to_string()))?;
    if seaworthy_engine::nothing_here(&read, &report) {
        let roles: Vec<&str> = report.roles.iter().map(|role| role.why.as_str()).collect();
        return Err(Failure::nothing("there is no Kubernetes on this machine").hint(format!(
            "{}\n  --root DIR looks at a node that is mounted at DIR, and --demo at one that this program holds",
            roles.join("\n  ")
        )));
    }
    // A cluster's facts may be large, and so may its report: both at once need not be held. Of a node's the kernel takes the memory
    // back at the end, faster than we could piece by piece.
    if once && read.api.is_none() {
        std::mem::forget(read);
    } else {
        drop(read);
    }
    print(&report, form)?;
    let absent = |f: &seaworthy_model::Finding| f.kind == Kind::Role && f.verdict == Verdict::NotApplicable;
    if !report.findings.is_empty() && report.findings.iter().all(absent) {
        let reason = report.findings[0].reason.clone();
        return Err(Failure::nothing(format!("nothing that was asked for is on this node: {reason}")));
    }
    Ok(status(&report, judging))
}

/// Prints a report as it is wanted.
pub(crate) fn print(report: &Report, form: &Output) -> Result<(), Failure> {
    if let Some(path) = &form.outputfile {
        return output::to_file(path, render(report, form).as_bytes());
    }
    let totals = !form.nototals;
    match format(form) {
        Format::Json => output::stream(|out| json::write(report, &json::Options { pretty: false, totals }, out)),
        Format::Ndjson => output::stream(|out| ndjson::write(report, &ndjson::Options { totals }, out)),
        Format::Junit | Format::Text => output::to_stdout(render(report, form).as_bytes()),
    }
}

/// The format that is asked for.
fn format(form: &Output) -> Format {
    match (form.format, form.json, form.junit) {
        (Some(format), ..) => format,
        (None, true, _) => Format::Json,
        (None, _, true) => Format::Junit,
        _ => Format::Text,
    }
}

fn render(report: &Report, form: &Output) -> String {
    match format(form) {
        Format::Json => json::render(report, &json::Options { pretty: false, totals: !form.nototals }),
        Format::Junit => junit::render(report),
        Format::Ndjson => ndjson::render(report, &ndjson::Options { totals: !form.nototals }),
        Format::Text => {
            let color = match form.color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => form.outputfile.is_none() && output::stdout_color(),
            };
            let options = text::Options {
                color,
                results: !form.noresults,
                remediations: !form.noremediations,
                summary: !form.nosummary,
                totals: !form.nototals,
                evidence: form.include_test_output,
            };
            text::render(report, &options)
        }
    }
}

pub(crate) fn status(report: &Report, judging: &Judging) -> Exit {
    let counts = &report.totals;
    // As kube-bench: only the word FAIL counts, and the status has eight bits.
    if let Some(code) = judging.exit_code.filter(|_| counts.fail > 0) {
        return Exit::Asked(code.to_le_bytes()[0]);
    }
    let bad = match judging.fail_on {
        None => false,
        Some(FailOn::Fail) => counts.failed > 0,
        Some(FailOn::Unknown) => counts.failed + counts.unknown > 0,
        Some(FailOn::Warn) => counts.failed + counts.unknown + counts.manual > 0,
    };
    if bad { Exit::FailOn } else { Exit::Done }
}
