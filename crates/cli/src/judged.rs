//! `run` and `evaluate`: facts in, report out.

use seaworthy_engine::{Options, Selection, Waivers};
use seaworthy_model::{Facts, Kind, Report, Verdict};

use crate::arguments::{Evaluate, FailOn, Judging, Output, Place, Run, Sending};
use crate::exit::{Exit, Failure};
use crate::{facts, reporting, sending};

pub(crate) fn run(arguments: &Run) -> Result<Exit, Failure> {
    if let Some(exit) = reporting::check(&arguments.output)? {
        return Ok(exit);
    }
    drop(sending::open(&arguments.sending)?);
    let catalogue = facts::catalogue(arguments.judging.catalogue.as_deref())?;
    let options = options(&arguments.judging)?;
    let place = place(arguments, &catalogue, &options);
    let read = facts::read(&place, &catalogue, arguments.judging.platform.as_deref())?;
    let once = arguments.again.every.is_none();
    let exit = report(read, once, &catalogue, &options, &arguments.judging, &arguments.output, &arguments.sending);
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
    if let Some(exit) = reporting::check(&arguments.output)? {
        return Ok(exit);
    }
    let catalogue = facts::catalogue(arguments.judging.catalogue.as_deref())?;
    let options = options(&arguments.judging)?;
    let read = facts::read_facts(&arguments.facts)?;
    report(read, true, &catalogue, &options, &arguments.judging, &arguments.output, &arguments.sending)
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
    sending: &Sending,
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
    let exit = reporting::finish(&report, form, sending, judging, catalogue, options)?;
    let absent = |f: &seaworthy_model::Finding| f.kind == Kind::Role && f.verdict == Verdict::NotApplicable;
    if !report.findings.is_empty() && report.findings.iter().all(absent) {
        let reason = report.findings[0].reason.clone();
        return Err(Failure::nothing(format!("nothing that was asked for is on this node: {reason}")));
    }
    Ok(exit)
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
