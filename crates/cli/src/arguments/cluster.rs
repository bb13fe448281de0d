//! Arguments of the commands that are about whole clusters.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use seaworthy_model::Version;

use super::{Judging, Output, Sending, WhenWord, version};

/// A whole cluster.
#[derive(Debug, Args)]
#[command(
    disable_version_flag = true,
    long_about = "Scan every node of the cluster and the cluster itself, and print one report\n\n\
        A pod is put on every node, tainted and cordoned ones too, asked once for the node's facts and removed again; the API is read \
        once; all is judged here by one catalogue. It works with your own rights, in a namespace that it makes and removes. Nodes that \
        could not be read are named with the reason, and the exit status is 7 then."
)]
pub(crate) struct ScanCluster {
    #[command(flatten)]
    pub(crate) fleet: Fleet,
    #[command(flatten)]
    pub(crate) judging: Judging,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// The image of the pods.
#[derive(Debug, Args)]
pub(crate) struct Image {
    /// The pods' image: it holds this very version
    #[arg(long = "image", value_name = "REF", default_value = seaworthy_deploy::IMAGE)]
    pub(crate) name: String,
    /// Whether nodes pull the image: Always, IfNotPresent, Never
    #[arg(long = "image-pull-policy", value_name = "POLICY", default_value = "IfNotPresent", value_parser = ["Always", "IfNotPresent", "Never"])]
    pub(crate) pull_policy: String,
}

/// How nodes are reached.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which cluster, and how")]
pub(crate) struct Fleet {
    /// The kubeconfig; KUBECONFIG, ~/.kube/config or the pod's service account if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig
    #[arg(long, value_name = "NAME")]
    pub(crate) context: Option<String>,
    /// A label for the cluster; its identity is its certificate authority's key
    #[arg(long, value_name = "NAME")]
    pub(crate) cluster_name: Option<String>,
    #[command(flatten)]
    pub(crate) image: Image,
    /// Work in this namespace, which is there already, instead of one that is made and removed
    #[arg(long, short = 'n', value_name = "NAMESPACE")]
    pub(crate) namespace: Option<String>,
    /// Read at most so many nodes at once
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub(crate) parallel: u16,
    /// How long one node may take: 90s, 2m
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = crate::duration::parse)]
    pub(crate) deadline: std::time::Duration,
}

/// A collector's pod.
#[derive(Debug, Args)]
pub(crate) struct Hold {
    /// How long
    #[arg(long = "for", value_name = "TIME", value_parser = crate::duration::parse)]
    pub(crate) time: std::time::Duration,
}

#[derive(Debug, Args)]
#[command(
    disable_version_flag = true,
    after_help = "What is not granted is not seen, and whatever rests on it is unknown: nothing passes for that."
)]
pub(crate) struct Privileges {
    /// The benchmark, such as cis-2.0.1; the one for --kubernetes-version, or the newest, if not given
    #[arg(long, value_name = "ID")]
    pub(crate) benchmark: Option<String>,
    /// The Kubernetes version, such as 1.34
    #[arg(long, visible_alias = "version", value_name = "VERSION", value_parser = version)]
    pub(crate) kubernetes_version: Option<Version>,
    /// The platform, such as kubeadm; see `list platforms`
    #[arg(long, value_name = "NAME")]
    pub(crate) platform: Option<String>,
    /// Only these targets: master, etcd, controlplane, node, policies
    #[arg(long, short = 's', visible_alias = "target", value_name = "TARGET,…", value_delimiter = ',')]
    pub(crate) targets: Vec<String>,
    /// Only these checks, by number or rule: 1.2.15,apiserver-profiling
    #[arg(long, short = 'c', value_name = "CHECK,…", value_delimiter = ',', conflicts_with = "group")]
    pub(crate) check: Vec<String>,
    /// Only these groups or sections: 1.2,4
    #[arg(long, short = 'g', value_name = "GROUP,…", value_delimiter = ',')]
    pub(crate) group: Vec<String>,
    /// Grant this, too, which is withheld otherwise: secrets, nodes/configz, a directory
    #[arg(long, value_name = "PRIVILEGE,…", value_delimiter = ',')]
    pub(crate) with: Vec<String>,
    /// Do not grant this: SYS_PTRACE, hostPID, root, a directory, \"list pods\"
    #[arg(long, value_name = "PRIVILEGE,…", value_delimiter = ',')]
    pub(crate) without: Vec<String>,
    /// The format: text for people, json for programs, yaml for kubectl
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: PrivilegesFormat,
    /// What the manifest starts
    #[arg(long, value_name = "KIND", default_value = "job")]
    pub(crate) kind: Starts,
    #[command(flatten)]
    pub(crate) image: Image,
    /// The namespace of what asks the API; what looks at nodes is in another with -nodes behind it
    #[arg(long, short = 'n', value_name = "NAMESPACE", default_value = seaworthy_deploy::CLUSTER_NAMESPACE)]
    pub(crate) namespace: String,
    /// Use this catalogue instead of the embedded one
    #[arg(long, value_name = "DIR")]
    pub(crate) catalogue: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PrivilegesFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// A manifest
    Yaml,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Starts {
    /// Once, on one node
    Job,
    /// Once a week, on as many nodes as it is told
    Cronjob,
    /// On every node, once a week
    Daemonset,
}

/// A scan that comes again and again.
#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
pub(crate) struct Schedule {
    /// Install them in the cluster, as kubectl apply --server-side does, instead of printing them
    #[arg(long)]
    pub(crate) apply: bool,
    /// Ask this cluster how many nodes it has and which Kubernetes, and install there; with --apply and without this: KUBECONFIG,
    /// ~/.kube/config, or the pod's service account
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig
    #[arg(long, value_name = "NAME")]
    pub(crate) context: Option<String>,
    /// What looks at nodes: a DaemonSet, which takes new nodes in; or a CronJob with as many pods as there are nodes
    #[arg(long, value_name = "KIND", default_value = "daemonset")]
    pub(crate) kind: ScheduleKind,
    /// How often: 12h, 1d, 7d
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = crate::duration::parse)]
    pub(crate) every: std::time::Duration,
    /// For a CronJob: how many nodes there are
    #[arg(long, value_name = "N")]
    pub(crate) nodes: Option<usize>,
    /// For a CronJob: how many of them are of the control plane
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) control_plane_nodes: usize,
    #[command(flatten)]
    pub(crate) image: Image,
    /// The namespace of what asks the API; what looks at nodes is in another with -nodes behind it
    #[arg(long, short = 'n', value_name = "NAMESPACE", default_value = seaworthy_deploy::CLUSTER_NAMESPACE)]
    pub(crate) namespace: String,
    /// How reports go to the pods' logs
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Log,
    /// For a DaemonSet: let pods follow what their nodes mount and unmount, so that they keep no volume busy. Needs nodes whose mounts are
    /// shared, as systemd makes them
    #[arg(long)]
    pub(crate) follow_mounts: bool,
    /// The cluster's Kubernetes version, which decides the benchmark; a worker cannot always tell it
    #[arg(long, visible_alias = "version", value_name = "VERSION", value_parser = version)]
    pub(crate) kubernetes_version: Option<Version>,
    /// Grant this, too, which is withheld otherwise: secrets, nodes/configz, a directory; see `privileges`
    #[arg(long, value_name = "PRIVILEGE,…", value_delimiter = ',')]
    pub(crate) with: Vec<String>,
    /// Send results to this sink, too: a URL without secrets, or a name of the configuration in --config-map. Repeatable
    #[arg(long, value_name = "NAME|URL")]
    pub(crate) send: Vec<String>,
    /// Which findings are sent
    #[arg(long, value_name = "WHEN", requires = "send")]
    pub(crate) send_when: Option<WhenWord>,
    /// Send over plain http
    #[arg(long, requires = "send")]
    pub(crate) insecure: bool,
    /// The ConfigMap, in both namespaces, whose config.toml has the sinks
    #[arg(long, value_name = "NAME", requires = "send")]
    pub(crate) config_map: Option<String>,
    /// The Secret, in both namespaces, whose keys are the files that config.toml refers to below /seaworthy/secrets
    #[arg(long, value_name = "NAME", requires = "send")]
    pub(crate) config_secret: Option<String>,
    /// The platform, such as kubeadm; see `list platforms`
    #[arg(long, value_name = "NAME")]
    pub(crate) platform: Option<String>,
    /// Use this catalogue instead of the embedded one
    #[arg(long, value_name = "DIR")]
    pub(crate) catalogue: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScheduleKind {
    /// A pod on every node that stays
    Daemonset,
    /// Pods on every node that come and go
    Cronjob,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// For people
    Text,
    /// One JSON object a line
    Ndjson,
}
