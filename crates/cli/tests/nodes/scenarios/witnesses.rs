//! The process that runs, and the manifest that the next one will be started from.

use seaworthy_model::Verdict::{Fail, Pass, Unknown};

use crate::node::{hardened, hold, plain};

#[test]
fn the_verdict_is_about_what_runs_and_the_manifest_is_shown() {
    const PATH: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";
    let edited = plain().edit(PATH, "    - kube-apiserver\n", "    - kube-apiserver\n    - --profiling=false\n");
    let judged = edited.judge();
    let finding = judged.finding("1.2.15");
    assert_eq!(finding.verdict, Fail);
    assert!(finding.reason.contains(PATH) && finding.reason.contains("--profiling=false"), "{}", finding.reason);
    assert!(finding.reason.contains("does not run yet"), "{}", finding.reason);
    assert!(judged.mentions("1.2.15", "written in the manifest, and not running"));
    // The other way round: what runs is fine, and the next start will not be.
    let judged = hardened().edit(PATH, "    - --profiling=false\n", "").judge();
    assert_eq!(judged.verdict("1.2.15"), Pass);
    assert!(judged.mentions("1.2.15", "no --profiling"), "{:?}", judged.finding("1.2.15").evidence);
    // Where both agree nothing is said.
    assert!(!hardened().judge().mentions("1.2.15", "written in the manifest"));
    // A manifest that cannot be parsed changes nothing about what runs.
    hold("broken manifest", &hardened().write(PATH, "kind: Pod\n  x: ["), &[("1.2.15", Pass), ("1.1.1", Pass)]);
    hold("no manifest", &hardened().remove(PATH), &[("1.2.15", Pass), ("1.1.1", Unknown)]);
}

#[test]
fn a_file_that_was_changed_after_the_start_hides_what_runs() {
    const ENCRYPTION: &str = "/etc/kubernetes/enc/enc.yaml";
    const POLICY: &str = "/etc/kubernetes/audit/policy.yaml";
    // When the node started; the API server did half an hour later.
    const BOOT: u64 = 1_795_421_000;
    let at = |seconds: u64, enc: &str| {
        let mut node = hardened().write("proc/uptime", "10000.00 1.00\n").modified("proc/uptime", BOOT + 10_000);
        node = node.show("kube-apiserver", ENCRYPTION, enc);
        for path in [ENCRYPTION, POLICY] {
            let inside = node.inside("kube-apiserver", path);
            node = node.modified(&inside, seconds);
        }
        node
    };
    let strong = hardened().text(ENCRYPTION);
    let weak = strong.replace("secretbox", "aesgcm");
    let long_after = BOOT + 9_000;
    hold("before", &at(BOOT + 1_000, &strong), &[("1.2.28", Pass), ("3.2.1", Pass), ("3.2.2", Pass)]);
    hold("after", &at(long_after, &strong), &[("1.2.28", Unknown), ("3.2.1", Unknown), ("3.2.2", Unknown)]);
    let reason = at(long_after, &strong).judge().finding("1.2.28").reason.clone();
    assert!(reason.contains("restart"), "{reason}");
    // What is wrong in the file itself is wrong.
    hold("weak, after", &at(long_after, &weak), &[("1.2.28", Fail)]);
    let reload = at(long_after, &strong).with("kube-apiserver", &["--encryption-provider-config-automatic-reload"]);
    hold("read again while it runs", &reload, &[("1.2.28", Pass), ("3.2.1", Unknown)]);
}
