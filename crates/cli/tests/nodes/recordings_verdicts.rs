//! What is written down of the recorded nodes: each verdict, and where and why kube-bench says something else.

use seaworthy_model::{Status, Verdict};

use crate::node::{DEFAULT, HARDENED, WORKER};

/// A recording: its archive, its verdicts, kube-bench's words, and the differences that are known and meant.
pub(super) struct Recording {
    pub(super) name: &'static str,
    pub(super) archive: &'static [u8],
    pub(super) verdicts: &'static [(Verdict, &'static str)],
    pub(super) kube_bench: &'static str,
    pub(super) differences: &'static [Difference],
}

/// Checks in which we say one word and kube-bench another, and why ours is right.
pub(super) struct Difference {
    pub(super) checks: &'static str,
    pub(super) ours: Status,
    pub(super) theirs: Status,
    pub(super) because: &'static str,
}

/// What the recorded cluster passes: it is as kubeadm leaves it and has no pods but the system's.
const CLUSTER_PASS: &str = "5.1.1 5.1.2 5.1.3 5.1.4 5.1.6 5.1.8 5.1.9 5.1.10 5.1.11 5.1.12 5.1.13 \
             5.2.1 5.2.2 5.2.3 5.2.4 5.2.5 5.2.6 5.2.7 5.2.8 5.2.9 5.2.10 5.2.11 5.2.12 5.4.1 5.6.2 5.6.3 5.6.4";
const CLUSTER_MANUAL: &str = "3.1.1 3.1.2 3.1.3 5.1.7 5.3.1 5.4.2 5.5.1 5.6.1";

/// What a scan of a node cannot decide: it needs the API.
const API: &str = "3.1.1 3.1.2 3.1.3 \
     5.1.1 5.1.2 5.1.3 5.1.4 5.1.5 5.1.6 5.1.7 5.1.8 5.1.9 5.1.10 5.1.11 5.1.12 5.1.13 \
     5.2.1 5.2.2 5.2.3 5.2.4 5.2.5 5.2.6 5.2.7 5.2.8 5.2.9 5.2.10 5.2.11 5.2.12 \
     5.3.1 5.3.2 5.4.1 5.4.2 5.5.1 5.6.1 5.6.2 5.6.3 5.6.4";

pub(super) const PLAIN: Recording = Recording {
    name: "default",
    archive: DEFAULT,
    verdicts: &[
        (
            Verdict::Pass,
            "1.1.1 1.1.2 1.1.3 1.1.4 1.1.5 1.1.6 1.1.7 1.1.8 1.1.10 1.1.11 1.1.13 1.1.14 1.1.15 1.1.16 1.1.17 1.1.18 \
             1.1.19 1.1.20 1.1.21 1.2.2 1.2.4 1.2.6 1.2.7 1.2.8 1.2.10 1.2.12 1.2.13 1.2.14 1.2.21 1.2.22 1.2.23 1.2.24 \
             1.2.25 1.2.26 1.3.3 1.3.4 1.3.5 1.3.6 1.3.7 1.4.2 2.1 2.2 2.3 2.7 4.1.4 4.1.5 4.1.6 4.1.7 4.1.8 4.1.10 4.2.1 \
             4.2.2 4.2.3 4.2.4 4.2.5 4.2.6 4.2.7 4.2.8 4.2.10 4.2.11 4.3.1",
        ),
        (
            Verdict::Fail,
            "1.1.9 1.1.12 1.2.1 1.2.3 1.2.5 1.2.9 1.2.11 1.2.15 1.2.16 1.2.17 1.2.18 1.2.19 1.2.27 1.2.28 1.2.29 1.2.30 \
             1.3.2 1.4.1 3.2.1 3.2.2 4.1.3 4.1.9 4.2.9 4.2.12 4.2.13 4.2.14",
        ),
        // Nobody chose the time-out or the threshold.
        (Verdict::Manual, "1.2.20 1.3.1"),
        // A single etcd; a kubelet that no unit of systemd starts.
        (Verdict::NotApplicable, "2.4 2.5 2.6 4.1.1 4.1.2"),
        // Of the cluster, whose answers are recorded too: who and what is listed, for a person to judge.
        (Verdict::Manual, CLUSTER_MANUAL),
        (Verdict::Pass, CLUSTER_PASS),
        // The account default of the namespace default hands out its token, and that namespace has no network policy.
        (Verdict::Fail, "5.1.5 5.3.2"),
    ],
    kube_bench: include_str!("kube-bench/default.txt"),
    differences: &[CNI_OWNER, SINGLE_MEMBER, NO_UNIT_MODE, NO_UNIT_OWNER, PROXY_OWNER, POLICY_PASS],
};

pub(super) const HARD: Recording = Recording {
    name: "hardened",
    archive: HARDENED,
    verdicts: &[
        (
            Verdict::Pass,
            "1.1.1 1.1.2 1.1.3 1.1.4 1.1.5 1.1.6 1.1.7 1.1.8 1.1.10 1.1.11 1.1.13 1.1.14 1.1.15 1.1.16 1.1.17 1.1.18 \
             1.1.19 1.1.20 1.1.21 1.2.2 1.2.3 1.2.4 1.2.5 1.2.6 1.2.7 1.2.8 1.2.10 1.2.12 1.2.13 1.2.14 1.2.15 1.2.16 \
             1.2.17 1.2.18 1.2.19 1.2.21 1.2.22 1.2.23 1.2.24 1.2.25 1.2.26 1.2.27 1.2.28 1.2.29 1.2.30 1.3.1 1.3.2 1.3.3 \
             1.3.4 1.3.5 1.3.6 1.3.7 1.4.1 1.4.2 2.1 2.2 2.3 2.7 3.2.1 3.2.2 4.1.4 4.1.5 4.1.6 4.1.7 4.1.8 4.1.9 4.1.10 \
             4.2.1 4.2.2 4.2.3 4.2.4 4.2.5 4.2.6 4.2.7 4.2.8 4.2.10 4.2.11 4.2.12 4.2.13 4.2.14 4.3.1",
        ),
        // The network plugin's file is 0644, etcd's directory is root's, anonymous requests are answered, two plugins are not on, the
        // kube-proxy's kubeconfig is 0644, and the kubelet signs its serving certificate itself.
        (Verdict::Fail, "1.1.9 1.1.12 1.2.1 1.2.9 1.2.11 4.1.3 4.2.9"),
        (Verdict::Manual, "1.2.20"),
        (Verdict::NotApplicable, "2.4 2.5 2.6 4.1.1 4.1.2"),
        // Of the cluster, whose answers are recorded too: who and what is listed, for a person to judge.
        (Verdict::Manual, CLUSTER_MANUAL),
        (Verdict::Pass, CLUSTER_PASS),
        // The account default of the namespace default hands out its token, and that namespace has no network policy.
        (Verdict::Fail, "5.1.5 5.3.2"),
    ],
    kube_bench: include_str!("kube-bench/hardened.txt"),
    differences: &[
        CNI_OWNER,
        SINGLE_MEMBER,
        NO_UNIT_MODE,
        NO_UNIT_OWNER,
        PROXY_OWNER,
        POLICY_PASS,
        Difference {
            checks: "3.2.2",
            ours: Status::Pass,
            theirs: Status::Warn,
            because: "kube-bench leaves it to a person; asked in order for each request that matters, the rules of the policy log all",
        },
    ],
};

pub(super) const WORKING: Recording = Recording {
    name: "worker",
    archive: WORKER,
    verdicts: &[
        (
            Verdict::Pass,
            "4.1.4 4.1.5 4.1.6 4.1.7 4.1.8 4.1.10 4.2.1 4.2.2 4.2.3 4.2.4 4.2.5 4.2.6 4.2.7 4.2.8 4.2.10 4.2.11 4.3.1",
        ),
        (Verdict::Fail, "4.1.3 4.1.9 4.2.9 4.2.12 4.2.13 4.2.14"),
        (
            Verdict::NotApplicable,
            "1.1.1 1.1.2 1.1.3 1.1.4 1.1.5 1.1.6 1.1.7 1.1.8 1.1.9 1.1.10 1.1.11 1.1.12 1.1.13 1.1.14 1.1.15 1.1.16 1.1.17 \
             1.1.18 1.1.19 1.1.20 1.1.21 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.2.6 1.2.7 1.2.8 1.2.9 1.2.10 1.2.11 1.2.12 1.2.13 \
             1.2.14 1.2.15 1.2.16 1.2.17 1.2.18 1.2.19 1.2.20 1.2.21 1.2.22 1.2.23 1.2.24 1.2.25 1.2.26 1.2.27 1.2.28 1.2.29 \
             1.2.30 1.3.1 1.3.2 1.3.3 1.3.4 1.3.5 1.3.6 1.3.7 1.4.1 1.4.2 2.1 2.2 2.3 2.4 2.5 2.6 2.7 3.2.1 3.2.2 4.1.1 4.1.2",
        ),
        (Verdict::Unknown, API),
    ],
    kube_bench: include_str!("kube-bench/worker.txt"),
    differences: &[
        NO_UNIT_MODE,
        NO_UNIT_OWNER,
        PROXY_OWNER,
        Difference {
            checks: "1.1.1 1.1.2 1.1.3 1.1.4 1.1.5 1.1.6 1.1.7 1.1.11 1.1.12 1.1.13 1.1.14 1.1.15 1.1.16 1.1.17 1.1.18 \
                     1.2.2 1.2.4 1.2.5 1.2.6 1.2.7 1.2.8 1.2.10 1.2.12 1.2.13 1.2.14 1.2.15 1.2.16 1.2.17 1.2.18 1.2.19 1.2.21 \
                     1.2.22 1.2.23 1.2.24 1.2.25 1.2.26 1.2.30 1.3.2 1.3.3 1.3.4 1.3.5 1.3.6 1.3.7 1.4.1 1.4.2 \
                     2.1 2.2 2.3 2.4 2.5 2.6",
            ours: Status::Info,
            theirs: Status::Fail,
            because: "a worker has no control plane and no etcd; kube-bench takes the empty answer about them for a failure",
        },
        Difference {
            checks: "1.1.9 1.1.10 1.1.21 1.2.1 1.2.3 1.2.9 1.2.11 1.2.20 1.2.27 1.2.28 1.2.29 1.3.1 2.7 3.2.1 3.2.2",
            ours: Status::Info,
            theirs: Status::Warn,
            because: "the same with checks that are not scored",
        },
        Difference {
            checks: "1.1.8 1.1.19 1.1.20",
            ours: Status::Info,
            theirs: Status::Pass,
            because: "these too are about a control plane that is not here: kube-bench judged whatever find gave it",
        },
    ],
};

const CNI_OWNER: Difference = Difference {
    checks: "1.1.10",
    ours: Status::Pass,
    theirs: Status::Warn,
    because: "kube-bench asks the kubelet for --cni-conf-dir, which is gone since 1.24; the one file in /etc/cni/net.d is root's",
};

const SINGLE_MEMBER: Difference = Difference {
    checks: "2.4 2.5 2.6",
    ours: Status::Info,
    theirs: Status::Pass,
    because: "the benchmark excepts an etcd of a single member, which has no peers; this one is started with one",
};

const NO_UNIT_MODE: Difference = Difference {
    checks: "4.1.1",
    ours: Status::Info,
    theirs: Status::Fail,
    because: "no unit of systemd starts this kubelet; kube-bench takes the file that is not there for one that fails",
};

const NO_UNIT_OWNER: Difference = Difference {
    checks: "4.1.2",
    ours: Status::Info,
    theirs: Status::Pass,
    because: "the same file that is not there, which kube-bench here takes for one that passes",
};

const PROXY_OWNER: Difference = Difference {
    checks: "4.1.4",
    ours: Status::Pass,
    theirs: Status::Warn,
    because: "kube-bench looks for the kubeconfig on the host; in the kube-proxy's own file system it is there, and root's",
};

const POLICY_PASS: Difference = Difference {
    checks: "5.1.1 5.1.3 5.1.6 5.1.8 5.1.9 5.1.10 5.1.11 5.1.12 5.1.13 5.2.1 5.2.2 5.2.5 5.2.7 5.2.8 5.2.9 5.2.10 5.2.11 5.2.12 \
             5.4.1 5.6.2 5.6.3 5.6.4",
    ours: Status::Pass,
    theirs: Status::Warn,
    because: "kube-bench leaves these to a person; what the API answered decides them, and nothing beside the system's own is there",
};
