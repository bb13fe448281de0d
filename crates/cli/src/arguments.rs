//! The one definition of the arguments: parser, help, manual page and completions come from it.

mod cluster;
mod repair;
mod report;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use seaworthy_model::Version;

pub(crate) use cluster::{Hold, Log, Privileges, PrivilegesFormat, ScanCluster, Schedule, ScheduleKind, Starts};
pub(crate) use repair::{
    Edit, Fix, Guide, GuideFormat, History, HistoryCommand, Patience, PlanFormat, Repaired, Rescue, RiskWord, Shown,
    Undo, Which,
};
pub(crate) use report::{Color, Diff, DiffFormat, Output, Send, Sending, To, WhenWord};

/// Judges Kubernetes nodes against the CIS Benchmarks, from facts, with the evidence.
#[derive(Debug, Parser)]
#[command(
    name = "seaworthy",
    version,
    about,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit status: 0 done, 1 --fail-on met, 2 wrong usage or input, 3 nothing to scan, 5 --require-send and not all was sent, 7 nodes missing, 8 something changed, or N of --exit-code N.\n\n\
                  First steps: seaworthy run --demo; then, on a node as root: seaworthy run"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan this node and judge it
    Run(Run),
    /// Scan this node and write the facts, to be judged later or elsewhere
    Collect(Collect),
    /// Judge facts that `collect` wrote
    Evaluate(Evaluate),
    /// Scan every node of the cluster and the cluster itself, and print one report
    ScanCluster(ScanCluster),
    /// Say what changed between two reports, or two sets of facts
    Diff(Diff),
    /// Send a report to where it is read, or what could not be sent before
    Send(Send),
    /// Write a guide to what is wrong with this node, and how to mend it
    Guide(Guide),
    /// Plan a repair of this node, and carry it out with --apply
    Fix(Fix),
    /// Edit a manifest or the kubelet's configuration; checked, and put back if the component does not come back
    Edit(Edit),
    /// List what was changed on this node
    History(History),
    /// Take a repair back, exactly
    Undo(Undo),
    /// Say why a component is gone, from the disk alone, and put it back
    Rescue(Rescue),
    /// Print a rule's page: what it checks, why it matters, how to fix it
    Explain(Explain),
    /// List what there is
    List(List),
    /// Wait to be asked, in a collector's pod
    #[command(hide = true)]
    Hold(Hold),
    /// Say which privileges checks need, what each of them buys, and write the manifest with exactly these
    Privileges(Privileges),
    /// Write the manifests of a scan of the cluster that comes again and again
    Schedule(Schedule),
    /// Print the completions of a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Of this command; of the program if not given
        command: Option<String>,
    },
}

#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) judging: Judging,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) sending: Sending,
    #[command(flatten)]
    pub(crate) again: Again,
}

/// When to scan again.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "When")]
pub(crate) struct Again {
    /// Scan now, and again after each such time: 30m, 12h, 7d. SIGTERM ends it
    #[arg(long, value_name = "TIME", value_parser = crate::duration::parse, conflicts_with_all = ["demo", "outputfile"])]
    pub(crate) every: Option<std::time::Duration>,
    /// Begin up to so much later, each node at a time of its own, so that not all report at once
    #[arg(long, value_name = "TIME", value_parser = crate::duration::parse, requires = "every")]
    pub(crate) jitter: Option<std::time::Duration>,
    /// End no sooner than so long after the start: the pod keeps its place while those of other nodes are placed
    #[arg(long, value_name = "TIME", value_parser = crate::duration::parse, conflicts_with = "every")]
    pub(crate) linger: Option<std::time::Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct Collect {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The platform whose layout to look for; see `list platforms`
    #[arg(long, value_name = "NAME")]
    pub(crate) platform: Option<String>,
    /// Use this catalogue instead of the embedded one
    #[arg(long, value_name = "DIR")]
    pub(crate) catalogue: Option<PathBuf>,
    /// Write to this file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) outputfile: Option<PathBuf>,
    /// Compressed, with length and digest in front: for scan-cluster
    #[arg(long, hide = true)]
    pub(crate) sealed: bool,
}

#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
pub(crate) struct Evaluate {
    /// Facts that `collect` wrote; - for standard input
    #[arg(value_name = "FACTS")]
    pub(crate) facts: PathBuf,
    #[command(flatten)]
    pub(crate) judging: Judging,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// Where the node is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which node or cluster")]
pub(crate) struct Place {
    /// The node's file system: a folder where it is mounted, or a tar archive of a recording. Every path, /proc included, is looked
    /// up inside it
    #[arg(long, value_name = "DIR|ARCHIVE", conflicts_with = "demo")]
    pub(crate) root: Option<PathBuf>,
    /// Read the cluster through its API, and no node. Certificates are always verified
    #[arg(long, conflicts_with_all = ["root", "demo"])]
    pub(crate) cluster: bool,
    /// Ask the cluster's API too, by this kubeconfig. With --cluster and without this: KUBECONFIG, ~/.kube/config, or the pod's service
    /// account
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Ask the cluster's API too, by this context of the kubeconfig
    #[arg(long, value_name = "NAME", conflicts_with = "demo")]
    pub(crate) context: Option<String>,
    /// Use the recorded control plane node that this program holds
    #[arg(long)]
    pub(crate) demo: bool,
    /// A label for the cluster; its identity is its certificate authority's key
    #[arg(long, value_name = "NAME")]
    pub(crate) cluster_name: Option<String>,
}

/// How facts are judged.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What to judge, and by what")]
pub(crate) struct Judging {
    /// The benchmark, such as cis-2.0.1; the one that fits the Kubernetes version if not given
    #[arg(long, value_name = "ID")]
    pub(crate) benchmark: Option<String>,
    /// The Kubernetes version, such as 1.34, in spite of what is found out
    #[arg(long, visible_alias = "version", value_name = "VERSION", value_parser = version)]
    pub(crate) kubernetes_version: Option<Version>,
    /// Only these targets: master, etcd, controlplane, node, policies
    #[arg(long, short = 's', visible_alias = "target", value_name = "TARGET,…", value_delimiter = ',')]
    pub(crate) targets: Vec<String>,
    /// Only these checks, by number or rule: 1.2.15,apiserver-profiling
    #[arg(long, short = 'c', value_name = "CHECK,…", value_delimiter = ',', conflicts_with = "group")]
    pub(crate) check: Vec<String>,
    /// Only these groups or sections: 1.2,4
    #[arg(long, short = 'g', visible_alias = "section", value_name = "GROUP,…", value_delimiter = ',')]
    pub(crate) group: Vec<String>,
    /// Leave these checks, groups or sections out; the report says so
    #[arg(long, value_name = "CHECK|GROUP,…", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
    /// Only scored checks; with =false all but these
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    pub(crate) scored: Option<bool>,
    /// Only checks that are not scored; with =false all but these
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    pub(crate) unscored: Option<bool>,
    /// Findings that may stand for a while, each with reason, owner and end; see the book's page on waivers
    #[arg(long, value_name = "FILE")]
    pub(crate) waivers: Option<PathBuf>,
    /// The platform, such as kubeadm; see `list platforms`
    #[arg(long, value_name = "NAME")]
    pub(crate) platform: Option<String>,
    /// Use this catalogue instead of the embedded one
    #[arg(long, value_name = "DIR")]
    pub(crate) catalogue: Option<PathBuf>,
    /// End with status 1 if a verdict is as bad as this; waived and skipped ones do not count
    #[arg(long, value_name = "WORD")]
    pub(crate) fail_on: Option<FailOn>,
    /// End with this status if a check is FAIL, as kube-bench does
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) exit_code: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A rule's name or a number: apiserver-profiling, 1.2.15
    pub(crate) rule: String,
    /// The benchmark whose number it is; the newest if not given
    #[arg(long, value_name = "ID")]
    pub(crate) benchmark: Option<String>,
    /// Use this catalogue instead of the embedded one
    #[arg(long, value_name = "DIR")]
    pub(crate) catalogue: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// What to list
    pub(crate) what: Listed,
    /// Use this catalogue instead of the embedded one
    #[arg(long, value_name = "DIR")]
    pub(crate) catalogue: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listed {
    /// Benchmarks, and the Kubernetes versions that they are for
    Benchmarks,
    /// Rules, with their numbers
    Rules,
    /// Platforms
    Platforms,
    /// Components, with how many of their settings are known
    Components,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A failed check, scored or not
    Fail,
    /// Also a check that could not be decided
    Unknown,
    /// Also a check that a person has to decide
    Warn,
}

fn version(text: &str) -> Result<Version, String> {
    Version::parse(text).ok_or_else(|| "write it as 1.34 or 1.34.4".to_owned())
}
