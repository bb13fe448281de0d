//! Arguments of the commands that repair a node.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use seaworthy_model::Version;

use super::{Color, version};

/// Which node is repaired, and by what it is judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which node, and by what")]
pub(crate) struct Repaired {
    /// The node's root: where its file system, /proc included, is seen
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Ask the cluster's API by this kubeconfig whether the rest of the control plane is well, and what a change would stop; an
    /// administrator's on this node if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The benchmark, such as cis-2.0.1; the one that fits the Kubernetes version if not given
    #[arg(long, value_name = "ID")]
    pub(crate) benchmark: Option<String>,
    /// The Kubernetes version, such as 1.34, in spite of what is found out
    #[arg(long, visible_alias = "version", value_name = "VERSION", value_parser = version)]
    pub(crate) kubernetes_version: Option<Version>,
    /// Findings that may stand for a while, which are not repaired
    #[arg(long, value_name = "FILE")]
    pub(crate) waivers: Option<PathBuf>,
    /// The platform, such as kubeadm; see `list platforms`
    #[arg(long, value_name = "NAME")]
    pub(crate) platform: Option<String>,
    /// Use this catalogue instead of the embedded one
    #[arg(long, value_name = "DIR")]
    pub(crate) catalogue: Option<PathBuf>,
}

/// Which findings.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Which findings")]
pub(crate) struct Which {
    /// These checks, by number or rule: 1.2.15,apiserver-profiling
    #[arg(long, short = 'c', value_name = "CHECK,…", value_delimiter = ',', conflicts_with = "section")]
    pub(crate) check: Vec<String>,
    /// All findings of these sections or groups: 4,1.2
    #[arg(long, short = 'g', visible_alias = "group", value_name = "SECTION,…", value_delimiter = ',')]
    pub(crate) section: Vec<String>,
}

/// Repairs.
#[derive(Debug, Args)]
#[command(
    disable_version_flag = true,
    long_about = "Plan a repair of this node, and carry it out with --apply\n\n\
        Without --apply nothing is changed: the plan says what would be, with the difference, the risk, what restarts, and which verdicts \
        would be others. With --apply the same plan is carried out as one transaction: what was there is kept first, files are replaced \
        whole, the component has to come back and stay well by the probes that its kubelet asks, and the checks are judged again from \
        fresh facts. If any of that fails, or the command is interrupted, all is put back.",
    after_help = "Exit status: 0 planned or repaired, 2 wrong usage, 3 no Kubernetes here, 4 failed and put back, 6 failed and not put back, \
        9 not root, 10 no place for the journal, 11 it passes already, 12 no machine fix, 13 somebody else manages it, 14 refused, \
        15 another plan than --plan says, 16 another repair is running or was interrupted.\n\n\
        seaworthy fix --check 1.2.15              the plan\n\
        seaworthy fix --check 1.2.15 --apply      the same, carried out"
)]
pub(crate) struct Fix {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Carry the plan out
    #[arg(long)]
    pub(crate) apply: bool,
    /// Only if the plan is this one: the hash that it ended with
    #[arg(long, value_name = "HASH", requires = "apply")]
    pub(crate) plan: Option<String>,
    /// Accept fixes up to this risk. With --check, restarts-component is accepted by naming the check
    #[arg(long, value_name = "RISK")]
    pub(crate) accept_risk: Option<RiskWord>,
    /// Make a key for encryption at rest although other API servers need the same one
    #[arg(long)]
    pub(crate) new_key: bool,
    #[command(flatten)]
    pub(crate) patience: Patience,
    /// Put back what an interrupted repair left, and end
    #[arg(long, conflicts_with_all = ["apply", "check", "section"])]
    pub(crate) recover: bool,
    /// Install a unit of systemd that runs `seaworthy fix --recover` when the node starts, and end
    #[arg(long, conflicts_with_all = ["apply", "check", "section", "recover"])]
    pub(crate) install_recovery: bool,
    #[command(flatten)]
    pub(crate) node: Repaired,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

/// How long to wait.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "How long to wait")]
pub(crate) struct Patience {
    /// How long all must go on well before the repair counts as done
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = crate::duration::parse)]
    pub(crate) stability: Duration,
    /// How long a component may take to come back, beyond what its own startup probe allows
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = crate::duration::parse)]
    pub(crate) timeout: Duration,
}

/// How it is shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Shown {
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: PlanFormat,
    /// Colour in text: auto is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    Text,
    /// One object
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RiskWord {
    /// Nothing restarts
    None,
    /// A component restarts
    RestartsComponent,
    /// A component restarts, and something may stop working: the plan says what
    MayBreak,
}

/// Editing by hand.
#[derive(Debug, Args)]
#[command(
    disable_version_flag = true,
    long_about = "Edit a component's static pod manifest, or the kubelet's configuration, in $EDITOR\n\n\
        The editor works on a copy outside of the manifests directory. The result is checked before it is written, then carried out as \
        `fix` does it: a component that does not come back is put back."
)]
pub(crate) struct Edit {
    /// kube-apiserver, kube-controller-manager, kube-scheduler, etcd or kubelet
    #[arg(value_name = "COMPONENT")]
    pub(crate) component: String,
    #[command(flatten)]
    pub(crate) patience: Patience,
    #[command(flatten)]
    pub(crate) node: Repaired,
    /// Colour in text: auto is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

/// What was changed.
#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
pub(crate) struct History {
    #[command(subcommand)]
    pub(crate) command: Option<HistoryCommand>,
    /// The node's root: where its file system, /proc included, is seen
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) root: Option<PathBuf>,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "text", global = true)]
    pub(crate) format: PlanFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Show one repair: what was planned, what became of it
    Show {
        /// Its id
        id: String,
    },
    /// Drop old repairs. The last good version of every file stays
    Prune {
        /// Keep so many of the newest
        #[arg(long, value_name = "N", default_value_t = 20)]
        keep: usize,
    },
}

/// Undoing a repair.
#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
pub(crate) struct Undo {
    /// The repair, by its id in `seaworthy history`
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) patience: Patience,
    #[command(flatten)]
    pub(crate) node: Repaired,
    /// Colour in text: auto is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

/// A component that is gone.
#[derive(Debug, Args)]
#[command(
    disable_version_flag = true,
    long_about = "Say why a component of the control plane is gone, from this node's disk alone, and put it back with --apply\n\n\
        No API is needed. Found are manifests that do not parse, flags that the component refused, files that are missing or not mounted, \
        several manifests for one pod, and a full disk; with file, line and cause, and what would put it right: the last good version \
        that this program knows, or the smallest correction."
)]
pub(crate) struct Rescue {
    /// Carry out what is proposed
    #[arg(long)]
    pub(crate) apply: bool,
    #[command(flatten)]
    pub(crate) patience: Patience,
    #[command(flatten)]
    pub(crate) node: Repaired,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

/// A guide for people.
#[derive(Debug, Args)]
#[command(
    disable_version_flag = true,
    long_about = "Write a guide to what is wrong with this node, and how to mend it\n\n\
        With the node's own values, files and lines, the exact edit as a difference, what restarts and what may break, how to verify, and \
        how to go back. With --general: for no node in particular."
)]
pub(crate) struct Guide {
    #[command(flatten)]
    pub(crate) which: Which,
    /// For any node of the benchmark and the platform, without looking at one
    #[arg(long, conflicts_with_all = ["root", "demo", "kubeconfig"])]
    pub(crate) general: bool,
    /// For the recorded control plane node that this program holds
    #[arg(long, conflicts_with_all = ["root", "kubeconfig"])]
    pub(crate) demo: bool,
    #[command(flatten)]
    pub(crate) node: Repaired,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: GuideFormat,
    /// Write to this file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) outputfile: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GuideFormat {
    /// For a terminal
    Text,
    /// For a wiki or an issue
    Markdown,
    /// One page that needs nothing else, and prints well
    Html,
}
