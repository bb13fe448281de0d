//! What the journal knows, copies, and manifests that are gone.

use seaworthy_fix::rescue::{Kind, Proposal, changes, moves};

use super::node::{ETCD, GOOD, MANIFEST, Node, after, edited, is, line};

#[test]
fn the_last_good_version_is_offered_and_first_where_the_text_cannot_be_read() {
    let node = Node::new();
    let id = node.repaired(true);
    node.put(MANIFEST, edited("\n  hostNetwork", "\n   hostNetwork"));
    let (_, journal) = node.journal();
    let found = node.diagnose_with(Some(&journal)).findings;
    let [finding] = &found[..] else { panic!("{found:#?}") };
    let [Proposal::RestoreGood { path, entry, diff, after, .. }, Proposal::Correct { .. }] = &finding.proposals[..]
    else {
        panic!("{finding:#?}")
    };
    assert_eq!((path.as_str(), entry, after.as_str()), (MANIFEST, &id, GOOD));
    assert!(diff.contains("-   hostNetwork: true\n+  hostNetwork: true\n"), "{diff}");
    // Of one that can be read the correction touches less; and what was verified before an upgrade is no longer right.
    node.put(MANIFEST, edited("--allow-privileged", "--allow-priviledged"));
    let found = node.diagnose_with(Some(&journal)).findings;
    assert!(matches!(found[0].proposals[..2], [Proposal::Correct { .. }, Proposal::RestoreGood { .. }]), "{found:#?}");
    // A flag that would go may be one that protects.
    node.put(MANIFEST, edited("--secure-port=6443", "--secure-port=6443\n    - --zzz-qqq=1"));
    let found = node.diagnose_with(Some(&journal)).findings;
    assert!(matches!(found[0].proposals[..2], [Proposal::RestoreGood { .. }, Proposal::Correct { .. }]), "{found:#?}");
    node.put(MANIFEST, edited("\n  hostNetwork", "\n   hostNetwork").replace("v1.34.4", "v1.35.0"));
    let found = node.diagnose_with(Some(&journal)).findings;
    assert!(matches!(found[0].proposals[..2], [Proposal::Correct { .. }, Proposal::RestoreGood { .. }]), "{found:#?}");
}

#[test]
fn a_manifest_that_is_gone_comes_back_from_the_journal() {
    let node = Node::new();
    let id = node.repaired(true);
    node.remove(MANIFEST);
    let (_, journal) = node.journal();
    let diagnosis = node.diagnose_with(Some(&journal));
    let [finding] = &diagnosis.findings[..] else { panic!("{diagnosis:#?}") };
    is(finding, Kind::NoManifest, MANIFEST, 0, "kube-apiserver has no manifest in /etc/kubernetes/manifests");
    assert!(matches!(&finding.proposals[0], Proposal::RestoreGood { entry, .. } if *entry == id));
    let [change] = &changes(&diagnosis)[..] else { panic!() };
    assert_eq!((change.before.as_deref(), change.wanted.content.as_deref()), (None, Some(GOOD)));
    assert_eq!(change.wanted.mode, Some(0o600));
}

#[test]
fn a_manifest_that_is_gone_leaves_traces_and_perhaps_a_copy() {
    let node = Node::new();
    node.remove(MANIFEST).remove("/etc/kubernetes/manifests/etcd.yaml");
    assert!(node.diagnose().findings.is_empty(), "a worker has neither");
    node.put("/etc/kubernetes/scheduler.conf", "kind: Config\n").put("/var/lib/etcd/member/snap/db", "x");
    let found = node.diagnose().findings;
    let gone: Vec<_> = found.iter().map(|finding| (finding.kind, finding.component.as_deref().unwrap())).collect();
    let no = Kind::NoManifest;
    assert_eq!(gone, [(no, "etcd"), (no, "kube-apiserver"), (no, "kube-controller-manager"), (no, "kube-scheduler")]);
    assert!(matches!(&found[1].proposals[..], [Proposal::ByHand { what }] if what.contains("kubeadm init phase")));
    assert_eq!(found[1].evidence, ["/etc/kubernetes/scheduler.conf exists"]);
    assert_eq!(found[0].evidence, ["/var/lib/etcd holds its data"]);
    node.put("/etc/kubernetes/tmp/kubeadm-backup-1/kube-apiserver.yaml", GOOD);
    node.put("/etc/kubernetes/tmp/kubeadm-backup-1/kube-scheduler.yaml", GOOD);
    let found = node.diagnose().findings;
    assert_eq!(after(&found[1]), GOOD);
    assert!(matches!(&found[3].proposals[..], [Proposal::ByHand { .. }]), "a copy of another component is none");
}

#[test]
fn an_etcd_elsewhere_is_not_missed_here() {
    let node = Node::changed("--etcd-servers=https://127.0.0.1:2379", "--etcd-servers=https://10.0.0.9:2379");
    node.remove("/etc/kubernetes/manifests/etcd.yaml").put("/var/lib/etcd/member/snap/db", "x");
    assert!(node.diagnose().findings.is_empty());
}

#[test]
fn a_copy_beside_the_manifest_goes_out_of_the_directory() {
    let copy = "/etc/kubernetes/manifests/kube-apiserver.yaml.bak";
    let node = Node::new();
    node.put(copy, GOOD).put("/etc/kubernetes/kube-apiserver.yaml.bak.away", "taken");
    node.put("/etc/kubernetes/manifests/.kube-apiserver.yaml.swp", "the kubelet does not see it");
    let diagnosis = node.diagnose();
    let [finding] = &diagnosis.findings[..] else { panic!("{diagnosis:#?}") };
    is(
        finding,
        Kind::Twice,
        copy,
        0,
        &format!("two manifests for the pod kube-system/kube-apiserver: {MANIFEST} and {copy}"),
    );
    assert!(finding.evidence.iter().any(|text| text.contains("byte for byte")));
    let [moved] = &moves(&diagnosis)[..] else { panic!() };
    assert_eq!((moved.from.as_str(), moved.to.as_str()), (copy, "/etc/kubernetes/kube-apiserver.yaml.bak.away-2"));
    assert!(changes(&diagnosis).is_empty());
}

#[test]
fn a_good_copy_beside_a_broken_manifest_is_both_the_cure_and_the_second_pod() {
    let copy = "/etc/kubernetes/manifests/kube-apiserver.yaml~";
    for broken in ["", &GOOD[..GOOD.find("startupProbe").unwrap() + 8]] {
        let node = Node::with(broken);
        node.put(copy, GOOD);
        let diagnosis = node.diagnose();
        let kinds: Vec<_> = diagnosis.findings.iter().map(|finding| finding.kind).collect();
        assert!(matches!(kinds[..], [Kind::Empty | Kind::DoesNotParse | Kind::NotAPod, Kind::Twice]), "{kinds:?}");
        assert_eq!(after(&diagnosis.findings[0]), GOOD);
        assert_eq!(moves(&diagnosis)[0].from, copy);
    }
}

#[test]
fn of_two_that_look_alike_the_one_goes_that_the_journal_does_not_know() {
    let node = Node::new();
    let other = "/etc/kubernetes/manifests/api.yaml";
    node.repaired(true);
    node.put(other, GOOD.replace("--secure-port=6443", "--secure-port=6444"));
    let (_, journal) = node.journal();
    let found = node.diagnose_with(Some(&journal)).findings;
    is(&found[0], Kind::Twice, other, 0, "two manifests");
    assert!(matches!(&found[0].proposals[..], [Proposal::MoveAway { path, .. }] if path == other), "{found:#?}");
    // Nobody knows which of these.
    let node = Node::new();
    node.remove(MANIFEST).put(other, GOOD).put("/etc/kubernetes/manifests/server.yaml", GOOD);
    assert!(matches!(&node.finding().proposals[..], [Proposal::ByHand { what }] if what.contains("   or   mv ")));
}

#[test]
fn pods_of_others_and_notes_are_told_apart() {
    let node = Node::new();
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: vip\nspec:\n  containers:\n  - name: vip\n    image: vip\n";
    node.put("/etc/kubernetes/manifests/vip.yaml", pod);
    assert!(node.diagnose().findings.is_empty());
    let note = "/etc/kubernetes/manifests/README.txt";
    node.put(note, "do not touch\n");
    is(&node.finding(), Kind::Stray, note, 0, "is no manifest");
    assert_eq!(moves(&node.diagnose())[0].to, "/etc/kubernetes/README.txt.away");
}

#[test]
fn an_interrupted_repair_comes_first() {
    let node = Node::new();
    let id = node.repaired(false);
    node.put(MANIFEST, "").put("/etc/kubernetes/manifests/etcd.yaml", ETCD.replace("--data-dir", "--data-dirr"));
    let (_, journal) = node.journal();
    let found = node.diagnose_with(Some(&journal)).findings;
    assert_eq!(found[0].kind, Kind::Interrupted);
    assert!(found[0].cause.contains(&id));
    assert!(matches!(&found[0].proposals[..], [Proposal::ByHand { what }] if what == "seaworthy fix --recover"));
    assert_eq!(line("hostNetwork"), 97);
}
