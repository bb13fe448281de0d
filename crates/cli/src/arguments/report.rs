//! How the report looks, what it is compared with and where it goes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use seaworthy_model::Severity;
use seaworthy_report::format::FORMATS;

/// How the report looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "The report")]
pub(crate) struct Output {
    /// The format; NAME=FILE writes it to a file, beside what goes to standard output. Repeatable; `--format help` lists them
    #[arg(long, value_name = "NAME[=FILE]", value_parser = written)]
    pub(crate) format: Vec<Written>,
    /// The same as --format json
    #[arg(long, conflicts_with_all = ["format", "junit"])]
    pub(crate) json: bool,
    /// The same as --format junit
    #[arg(long, conflicts_with = "format")]
    pub(crate) junit: bool,
    /// Write to this file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) outputfile: Option<PathBuf>,
    /// Text without the findings
    #[arg(long)]
    pub(crate) noresults: bool,
    /// Text without the remediations
    #[arg(long)]
    pub(crate) noremediations: bool,
    /// Text without the summary of each target
    #[arg(long)]
    pub(crate) nosummary: bool,
    /// Text and JSON without the totals
    #[arg(long)]
    pub(crate) nototals: bool,
    /// Text with all evidence below every line
    #[arg(long)]
    pub(crate) include_test_output: bool,
    /// Colour in text: auto is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    #[command(flatten)]
    pub(crate) aws: AwsWords,
}

/// Whose findings they are in AWS Security Hub.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AwsWords {
    /// For --format asff: the AWS account, twelve digits
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    pub(crate) aws_account: Option<String>,
    /// For --format asff: the region; AWS_REGION or AWS_DEFAULT_REGION if not given
    #[arg(long, value_name = "REGION")]
    pub(crate) aws_region: Option<String>,
    /// For --format asff: aws, aws-cn or aws-us-gov; by the region if not given
    #[arg(long, value_name = "PARTITION")]
    pub(crate) aws_partition: Option<String>,
    /// For --format asff: the product's ARN; the account's default product if not given
    #[arg(long, value_name = "ARN")]
    pub(crate) asff_product: Option<String>,
}

/// A format that is asked for, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its name: one of `FORMATS`, or `help`.
    pub(crate) name: String,
    /// Standard output, or that of --outputfile, if not given.
    pub(crate) file: Option<PathBuf>,
}

fn written(text: &str) -> Result<Written, String> {
    let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
    if file == Some("") {
        return Err(format!("{name}= is followed by a file's name"));
    }
    let names = || FORMATS.iter().map(|format| format.name);
    if name != "help" && !names().any(|known| known == name) {
        let near =
            seaworthy_catalogue::nearest(name, names()).map_or_else(String::new, |n| format!(", did you mean {n:?}?"));
        let all: Vec<&str> = names().collect();
        return Err(format!(
            "there is no format {name:?}{near}\n  there are: {}; --format help says what each is for",
            all.join(", ")
        ));
    }
    Ok(Written { name: name.to_owned(), file: file.map(PathBuf::from) })
}

fn account(text: &str) -> Result<String, String> {
    let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { Ok(text.to_owned()) } else { Err("an AWS account has twelve digits".to_owned()) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal only
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What the report is compared with, and where it goes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What changed, and where it goes")]
pub(crate) struct Sending {
    /// Say what changed since this report or these facts; ends with status 8 if anything did
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Remember the last report of each node here, and keep here what could not be sent yet
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) to: To,
}

/// Where results are sent.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What changed, and where it goes")]
pub(crate) struct To {
    /// Send to this sink of the configuration, or to this URL if it holds no secret: syslog+tls://HOST, falcosidekick+http://127.0.0.1:2801.
    /// Repeatable
    #[arg(long, value_name = "NAME|URL")]
    pub(crate) send: Vec<String>,
    /// Which findings, where the sink does not say: all; failures, and those that were; changes since the last report
    #[arg(long, value_name = "WHEN")]
    pub(crate) send_when: Option<WhenWord>,
    /// Only findings at least so severe: low, medium, high, critical
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(crate) min_severity: Option<Severity>,
    /// The configuration, with a [sink.NAME] table for each sink; /etc/seaworthy/config.toml if that exists
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// End with status 5 if something could not be sent
    #[arg(long)]
    pub(crate) require_send: bool,
    /// Send over plain http beyond this machine, where anybody on the way can read it
    #[arg(long)]
    pub(crate) insecure: bool,
    /// How long to try again before the rest stays in --state-dir: 30s, 5m
    #[arg(long, value_name = "TIME", value_parser = crate::duration::parse, default_value = "30s")]
    pub(crate) send_timeout: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhenWord {
    /// Every finding, each time
    All,
    /// What fails, and what failed and does not any more
    Failures,
    /// What is not as in the last report
    Changes,
}

fn severity(text: &str) -> Result<Severity, String> {
    [Severity::Low, Severity::Medium, Severity::High, Severity::Critical]
        .into_iter()
        .find(|severity| severity.as_str() == text)
        .ok_or_else(|| "it is low, medium, high or critical".to_owned())
}

/// `diff`
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The older report (of --format json) or facts (of collect)
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The newer one; - for standard input
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    #[command(flatten)]
    pub(crate) judging: super::Judging,
    /// text for people, json for programs: docs/schema/changes-v1.json
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: DiffFormat,
    /// Write to this file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) outputfile: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    Text,
    /// One object, described in docs/schema/changes-v1.json
    Json,
}

/// `send`
#[derive(Debug, Args)]
pub(crate) struct Send {
    /// A report that --format json wrote; without one, what waits in --state-dir is sent
    #[arg(value_name = "REPORT", conflicts_with = "test")]
    pub(crate) report: Option<PathBuf>,
    /// Send one test event to this sink or URL, and show the answer
    #[arg(long, value_name = "NAME|URL", conflicts_with_all = ["send", "state_dir", "baseline"])]
    pub(crate) test: Option<String>,
    #[command(flatten)]
    pub(crate) sending: Sending,
}
