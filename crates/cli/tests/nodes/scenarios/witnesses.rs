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
