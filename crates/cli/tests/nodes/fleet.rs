//! A cluster and its nodes in one report: who agrees, who differs and how, and who is missing.

use seaworthy_engine::{Options, Waivers, judge_cluster};
use seaworthy_model::cluster::{Listing, NodeObject, ObjectMeta, api_source};
use seaworthy_model::{Cluster, Fact, Facts, MissingSubject, Report, Source, Status, SubjectKind, Verdict};
use seaworthy_report::text;

use crate::node::{DEFAULT, HARDENED, WORKER, catalogue, collect};

/// A recorded node under another name.
fn named(archive: &[u8], name: &str) -> (String, Facts) {
    let mut facts = collect(archive);
    facts.api = None;
    let node = facts.node.as_mut().expect("a node");
    node.identity.certificate = Fact::Known { value: name.to_owned(), source: Source::stated("the test") };
    (name.to_owned(), facts)
}

/// The cluster of the recording, with these nodes; the first is of the control plane.
fn cluster(names: &[&str]) -> Facts {
    let mut facts = collect(DEFAULT);
    facts.node = None;
    let node = |(index, name): (usize, &&str)| {
        let mut metadata = ObjectMeta { name: (*name).to_owned(), ..ObjectMeta::default() };
        if index == 0 {
            metadata.labels.insert(seaworthy_engine::CONTROL_PLANE.to_owned(), String::new());
        }
        NodeObject { metadata, ..NodeObject::default() }
    };
    let items = names.iter().enumerate().map(node).collect();
    let api: &mut Cluster = facts.api.as_mut().expect("the recording holds the API's answers");
    api.nodes = Fact::Known { value: Listing { items, broken: Vec::new() }, source: api_source("nodes", None, None) };
    facts
}

fn judged(nodes: Vec<(String, Facts)>, missing: &[(&str, &str)], options: &Options) -> Report {
    let names: Vec<&str> = nodes.iter().map(|(name, _)| name.as_str()).collect();
    let missing = missing.iter().map(|(n, r)| MissingSubject { name: (*n).to_owned(), reason: (*r).to_owned() });
    let whole = cluster(&names);
    judge_cluster(whole, nodes.clone(), missing.collect(), catalogue(), options).expect("a report")
}

fn three() -> Vec<(String, Facts)> {
    vec![named(DEFAULT, "node1"), named(WORKER, "node2"), named(HARDENED, "node3")]
}

fn plain(report: &Report) -> String {
    text::render(report, &text::Options::default())
}

#[test]
fn an_item_is_said_once_with_those_who_differ_and_how() {
    let report = judged(three(), &[], &Options::default());
    let text = plain(&report);
    let lines: Vec<&str> = text.lines().skip_while(|line| !line.contains("] 4.1.9 ")).take(3).collect();
    assert!(lines[0].starts_with("[FAIL] 4.1.9 "), "{lines:?}");
    assert!(
        lines[1].starts_with("       FAIL on node1, node2: /var/lib/kubelet/config.yaml has mode 0644"),
        "{lines:?}"
    );
    assert_eq!(lines[2], "       PASS on node3");
    // All agree: as for one node.
    let lines: Vec<&str> = text.lines().skip_while(|line| !line.contains("] 4.1.3 ")).take(3).collect();
    assert!(lines[1].starts_with("       not scored: "), "{lines:?}");
    for item in ["1.2.15", "4.1.9", "5.1.1"] {
        assert_eq!(
            text.lines().filter(|l| l.starts_with('[') && l.contains(&format!("] {item} "))).count(),
            1,
            "{item}"
        );
    }
}

#[test]
fn totals_count_an_item_once_by_its_worst_word() {
    let report = judged(three(), &[], &Options::default());
    assert_eq!(report.totals.total(), 131);
    let worst = |id: &str| report.findings.iter().filter(|f| f.id == id).map(|f| f.status).collect::<Vec<_>>();
    assert!(worst("4.1.9").contains(&Status::Fail) && worst("4.1.9").contains(&Status::Pass));
    let failed =
        seaworthy_engine::judge(&named(DEFAULT, "node1").1, catalogue(), &Options::default()).expect("a report");
    // What fails on the plain node fails here, and nothing fails elsewhere only.
    assert_eq!(report.totals.fail, failed.totals.fail);
}

#[test]
fn a_role_that_a_node_lacks_is_not_said_where_another_has_it() {
    let report = judged(three(), &[], &Options::default());
    let api: Vec<_> = report.findings.iter().filter(|f| f.id == "1.2.15").collect();
    assert_eq!(api.iter().map(|f| f.subject.name.as_str()).collect::<Vec<_>>(), ["node1", "node3"]);
    let workers = judged(vec![named(WORKER, "node2"), named(WORKER, "node4")], &[], &Options::default());
    let api: Vec<_> = workers.findings.iter().filter(|f| f.id == "1.2.15").collect();
    assert_eq!(api.len(), 1);
    assert_eq!(api[0].verdict, Verdict::NotApplicable);
    assert!(report.roles.iter().any(|role| role.role == "control-plane" && role.why == "on 2 of 3 nodes"));
}

#[test]
fn the_clusters_findings_stand_once_and_know_the_control_planes_kubeconfigs() {
    let report = judged(three(), &[], &Options::default());
    let cluster: Vec<_> = report.findings.iter().filter(|f| f.subject.kind == SubjectKind::Cluster).collect();
    assert_eq!(cluster.len(), 37);
    let masters = cluster.iter().find(|f| f.id == "5.1.7").expect("5.1.7");
    assert!(masters.resources.iter().any(|r| r.name == "/etc/kubernetes/super-admin.conf"), "{}", masters.reason);
    assert!(cluster.iter().all(|f| f.verdict != Verdict::Unknown), "nothing that was asked is unknown");
}

#[test]
fn missing_nodes_are_named_and_counted() {
    let report = judged(three(), &[("node9", "its kubelet does not answer")], &Options::default());
    assert_eq!((report.expected, report.received), (4, 3));
    let text = plain(&report);
    assert!(
        text.contains("Incomplete: 3 of 4 nodes reported\n            node9 is missing: its kubelet does not answer"),
        "{text}"
    );
    let none = judged(Vec::new(), &[("node9", "x")], &Options::default());
    assert_eq!((none.expected, none.received), (1, 0));
    assert!(none.findings.iter().all(|f| f.subject.kind == SubjectKind::Cluster));
}

#[test]
fn a_waiver_for_one_node_is_used_and_leaves_the_others_alone() {
    let waivers = "[[waiver]]\nitem = \"4.1.9\"\nwhere = \"node1\"\nreason = \"until the next image\"\nowner = \"platform\"\nexpires = \"2099-01-01\"\n";
    let options = Options { waivers: Waivers::parse(waivers).expect("a waiver"), ..Options::default() };
    let report = judged(three(), &[], &options);
    let words: Vec<(&str, Status)> =
        report.findings.iter().filter(|f| f.id == "4.1.9").map(|f| (f.subject.name.as_str(), f.status)).collect();
    assert_eq!(words, [("node1", Status::Info), ("node2", Status::Fail), ("node3", Status::Pass)]);
    assert!(!plain(&report).contains("unused waiver"), "{}", plain(&report));
}

#[test]
fn the_same_facts_give_the_same_report_whatever_their_order() {
    let mut turned = three();
    turned.reverse();
    let names = ["node1", "node2", "node3"];
    let of =
        |nodes| judge_cluster(cluster(&names), nodes, Vec::new(), catalogue(), &Options::default()).expect("a report");
    let (one, other) = (of(three()), of(turned));
    assert_eq!(one.findings, other.findings);
    assert_eq!(one.scan_id, other.scan_id);
}
