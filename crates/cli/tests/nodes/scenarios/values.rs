//! Values of arguments, read as Go reads them.

use seaworthy_model::Verdict::{Fail, Manual, Pass, Unknown};

use crate::node::{hold, hold_each, plain};

const API: &str = "kube-apiserver";
const MANAGER: &str = "kube-controller-manager";

#[test]
fn s35_booleans_are_go_s() {
    for (text, verdict) in [
        ("--profiling=0", Pass),
        ("--profiling=f", Pass),
        ("--profiling=F", Pass),
        ("--profiling=False", Pass),
        ("--profiling=FALSE", Pass),
        ("--profiling=t", Fail),
        ("--profiling=1", Fail),
        ("--profiling", Fail),
        // The API server does not start with these.
        ("--profiling=no", Unknown),
        ("--profiling=", Unknown),
        ("--profiling=fALSE", Unknown),
        ("--profiling=false ", Unknown),
        ("--profiling=\"false\"", Unknown),
    ] {
        hold(text, &plain().with(API, &[text]), &[("1.2.15", verdict)]);
    }
    // The word behind a boolean is not its value.
    hold("--profiling false", &plain().with(API, &["--profiling", "false"]), &[("1.2.15", Fail)]);
}

#[test]
fn numbers_have_base_0() {
    for (text, verdict) in [
        ("30", Pass),
        ("+30", Pass),
        ("035", Fail),
        ("036", Pass),
        ("0x1E", Pass),
        ("0o36", Pass),
        ("0b11110", Pass),
        ("0b11101", Fail),
        ("3_0", Pass),
        ("29", Fail),
        ("0", Fail),
        ("-30", Fail),
        ("08", Unknown),
        ("30d", Unknown),
        ("30.0", Unknown),
        ("", Unknown),
        (" 30", Unknown),
        ("99999999999999999999", Unknown),
    ] {
        let flag = format!("--audit-log-maxage={text}");
        hold(&flag, &plain().with(API, &[&flag]), &[("1.2.17", verdict)]);
    }
    // At the end of the line a value is missing.
    hold("no value", &plain().with(API, &["--audit-log-maxage"]), &[("1.2.17", Unknown)]);
}

#[test]
fn durations_need_a_unit() {
    for (text, verdict) in
        [("5m", Manual), ("1h0m0.5s", Manual), ("300", Unknown), ("", Unknown), ("5 m", Unknown), ("0x5s", Unknown)]
    {
        let flag = format!("--request-timeout={text}");
        hold(&flag, &plain().with(API, &[&flag]), &[("1.2.20", verdict)]);
    }
}

#[test]
fn quotes_in_a_list_are_those_of_csv() {
    let node = plain().without(API, "--authorization-mode");
    hold_each(
        &node,
        API,
        &[
            (&["--authorization-mode=\"Node\",\"RBAC\""], &[("1.2.6", Pass), ("1.2.7", Pass), ("1.2.8", Pass)]),
            (&["--authorization-mode=\"AlwaysAllow\""], &[("1.2.6", Fail), ("1.2.7", Fail)]),
            // One entry with a comma in it.
            // One word with a comma in it, which the API server refuses.
            (&["--authorization-mode=\"Node,RBAC\""], &[("1.2.6", Unknown), ("1.2.7", Unknown), ("1.2.8", Unknown)]),
            (&["--authorization-mode=\"Node,RBAC"], &[("1.2.6", Unknown), ("1.2.7", Unknown), ("1.2.8", Unknown)]),
            (&["--authorization-mode=Node,RB\"AC"], &[("1.2.6", Unknown)]),
            (&["--enable-admission-plugins=\"AlwaysAdmit\",X"], &[("1.2.10", Fail)]),
            (&["--disable-admission-plugins=\"ServiceAccount"], &[("1.2.12", Unknown), ("1.2.13", Unknown)]),
        ],
    );
}

#[test]
fn feature_gates_are_read_as_kubernetes_reads_them() {
    hold_each(
        &plain(),
        MANAGER,
        &[
            (&["--feature-gates=RotateKubeletServerCertificate=false"], &[("1.3.6", Fail)]),
            (&["--feature-gates", "X=true,RotateKubeletServerCertificate=0"], &[("1.3.6", Fail)]),
            (&["--feature-gates=kube:RotateKubeletServerCertificate=false"], &[("1.3.6", Fail)]),
            (&["--feature-gates=AllBeta=false"], &[("1.3.6", Fail)]),
            (&["--feature-gates=kube:AllBeta=false"], &[("1.3.6", Fail)]),
            (&["--feature-gates=AllBeta=false,RotateKubeletServerCertificate=true"], &[("1.3.6", Pass)]),
            (
                &["--feature-gates=RotateKubeletServerCertificate=true", "--feature-gates=AllBeta=false"],
                &[("1.3.6", Pass)],
            ),
            (
                &[
                    "--feature-gates=RotateKubeletServerCertificate=false",
                    "--feature-gates=RotateKubeletServerCertificate=true",
                ],
                &[("1.3.6", Pass)],
            ),
            (&["--feature-gates=AllAlpha=false"], &[("1.3.6", Pass)]),
            (&["--feature-gates=RotateKubeletServerCertificateX=false"], &[("1.3.6", Pass)]),
            (&["--feature-gates=RotateKubeletServerCertificate"], &[("1.3.6", Unknown)]),
            (&["--feature-gates=RotateKubeletServerCertificate=off"], &[("1.3.6", Unknown)]),
            (&["--feature-gates="], &[("1.3.6", Pass)]),
        ],
    );
}
