//! The manifests that are shipped in `deploy/`.

use std::collections::BTreeMap;
use std::time::Duration;

use seaworthy_catalogue::{Catalogue, Platform};
use serde_json::{Value, json};

use crate::document::{Document, to_yaml};
use crate::objects::{self, CLUSTER_NAMESPACE, Kind, NODE_NAMESPACE};
use crate::pod::PodProfile;
use crate::rights::{Right, rules};
use crate::schedule::{LogFormat, Part, RIGHTS, Schedule, head};
use crate::sending::{self, Sending};
use crate::text;

/// The image that manifests name where nobody says otherwise.
pub const IMAGE: &str = concat!("localhost/seaworthy:", env!("CARGO_PKG_VERSION"));

const POLICY: &str = "IfNotPresent";
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What stands in front of every shipped file.
const COMMON: &str = "Written by seaworthy from its catalogue; do not edit it here, but write it anew: cargo run -p seaworthy-deploy \
                      --example write_deploy. Put the name that the image has in your registry in the place of localhost/seaworthy. \
                      What each privilege buys is said beside it, by the numbers of the newest benchmark; the book's page \
                      \"In the cluster\" has it all.";

/// The files of `deploy/`: each with its name and content.
pub fn shipped(catalogue: &Catalogue, platform: &Platform) -> Vec<(&'static str, String)> {
    let file = |name: &'static str, head: &str, documents: Vec<Document>| {
        (name, to_yaml(&format!("{head}\n\n{COMMON}"), &objects::ordered(documents)))
    };
    let weekly_to = |kind: Kind, parts: &[Part], sending: Option<Sending>| -> Vec<Document> {
        let schedule = Schedule {
            kind,
            every: WEEK,
            image: IMAGE.to_owned(),
            pull_policy: POLICY.to_owned(),
            namespace: CLUSTER_NAMESPACE.to_owned(),
            log: LogFormat::Text,
            follows_mounts: false,
            kubernetes_version: None,
            parts: parts.to_vec(),
            with: Vec::new(),
            sending,
        };
        // A week is among what a CronJob can do.
        schedule.documents(catalogue, platform, None).unwrap_or_default()
    };
    let weekly = |kind: Kind, parts: &[Part]| weekly_to(kind, parts, None);
    let on_nodes = [Part::Nodes, Part::ControlPlane];
    let all = [Part::Nodes, Part::ControlPlane, Part::Cluster];
    vec![
        file(
            "job-node.yaml",
            "Scans one node, once: its kubelet and kube-proxy. kubectl -n seaworthy-nodes logs job/node shows the report.",
            once(catalogue, platform, Part::Nodes),
        ),
        file(
            "job-control-plane.yaml",
            "Scans one node of the control plane, once: the API server and its like, etcd, their files. \
             kubectl -n seaworthy-nodes logs job/control-plane shows the report.",
            once(catalogue, platform, Part::ControlPlane),
        ),
        file(
            "daemonset-weekly.yaml",
            "Scans every node once a week, new ones as they come. Reports go to the pods' logs. Nobody gets the right to create pods.",
            weekly(Kind::DaemonSet, &on_nodes),
        ),
        file(
            "cronjob-weekly-nodes.yaml",
            "Scans every node once a week, with nothing running in between. Put the number of your nodes in first, or let seaworthy \
             schedule --kind cronjob write this file: a node too few is a node not scanned.",
            weekly(Kind::CronJob, &on_nodes),
        ),
        file(
            "cronjob-weekly-cluster.yaml",
            "Asks the API once a week about what no node can tell. It passes the Pod Security level restricted.",
            weekly(Kind::CronJob, &[Part::Cluster]),
        ),
        file(
            "cluster-scan.yaml",
            "Scans the whole cluster, once, from a pod: starts a collector on every node, takes its facts, removes it. \
             kubectl -n seaworthy logs job/scan shows the report. Whoever may create pods in a namespace where they may mount what \
             they like may do anything to the nodes: remove this when it is done.",
            cluster_scan(catalogue, platform),
        ),
        file("weekly-falco.yaml", FALCO, weekly_to(Kind::DaemonSet, &all, Some(to_falco()))),
        file("weekly-siem.yaml", SIEM, to_siem(weekly_to(Kind::DaemonSet, &all, Some(siem())))),
        file(
            "restricted.yaml",
            "As little as is of use: pods that are nobody's user, without capabilities and without the node's processes. But for the \
             directories of the host, which no level but privileged allows, they pass the Pod Security level restricted. What rests on \
             processes or on files that are root's alone is unknown.",
            restricted(catalogue, platform),
        ),
    ]
}

/// What the Helm chart may give its pods, as YAML for its templates: privileges come from the catalogue, and nobody types them twice.
pub fn chart(catalogue: &Catalogue, platform: &Platform) -> String {
    let on_node = |part: Part| {
        let privileges = part.privileges(catalogue, platform, &[], &[]);
        json!({
            "args": part.arguments(catalogue),
            "hostPID": privileges.host_pid(),
            "mounts": privileges.mounts().iter().map(|m| json!({"path": m.path, "type": m.kind()})).collect::<Vec<_>>(),
            "capabilities": privileges.capabilities(),
        })
    };
    let base = Part::Cluster.privileges(catalogue, platform, &[], &[]).rights();
    let more = |word: &str| {
        let with = Part::Cluster.privileges(catalogue, platform, &[word.to_owned()], &[]).rights();
        let more: Vec<Right> = with.into_iter().filter(|right| !base.contains(right)).collect();
        of_namespaces(&more)
    };
    let (rules, namespaces) = of_namespaces(&base);
    let (scan, collectors) = of_namespaces(&scan_rights(catalogue, platform));
    let mut others = collectors.clone();
    others.remove(NODE_NAMESPACE);
    let value = json!({
        "node": on_node(Part::Nodes),
        "controlPlane": on_node(Part::ControlPlane),
        "cluster": {
            "args": Part::Cluster.arguments(catalogue),
            "rules": rules,
            "namespaces": namespaces,
            "secrets": more("secrets").0,
            "configmaps": more("configmaps").0,
            "configz": more("nodes/configz").0,
            "proxy": more("nodes/proxy").0,
        },
        "scan": {
            "args": ["scan-cluster"],
            "rules": scan,
            "namespaces": others,
            "collectors": collectors.get(NODE_NAMESPACE),
        },
    });
    let head =
        "What the parts may do. Written from the catalogue: cargo run -p seaworthy-deploy --example write_deploy.";
    to_yaml(head, &[Document::new(value, "")])
}

/// Rules that hold cluster-wide, and those of single namespaces.
fn of_namespaces(rights: &[Right]) -> (Vec<Value>, BTreeMap<String, Vec<Value>>) {
    let of = |space: Option<&str>| {
        let mine: Vec<Right> = rights.iter().filter(|r| r.namespace.as_deref() == space).cloned().collect();
        rules(&mine)
    };
    let spaces = rights.iter().filter_map(|right| right.namespace.clone());
    (of(None), spaces.map(|space| (space.clone(), of(Some(&space)))).collect())
}

const FALCO: &str = "Scans every node and the API once a week and sends what fails, and what failed and does not any more, to \
                     Falcosidekick, and through it to wherever Falco's alerts go. Put your Falcosidekick's address in the place of \
                     falcosidekick.falco.svc; --insecure allows plain http to it, which a network of the cluster's own may justify; with \
                     falcosidekick+https:// it goes. What cannot be sent waits on the node, in /var/lib/seaworthy-state. One event to try \
                     the way: seaworthy send --test falcosidekick+http://127.0.0.1:2801 behind a kubectl port-forward.";

const SIEM: &str = "Scans every node and the API once a week and sends what fails, and what failed and does not any more, to a SIEM: by \
                    syslog over TLS, or to a Splunk HTTP Event Collector. Change the sink in the two ConfigMaps, and make the Secret for \
                    what it refers to, in both namespaces: kubectl -n seaworthy-nodes create secret generic seaworthy-sinks \
                    --from-file=ca.crt --from-file=token (and the same with -n seaworthy). What cannot be sent waits on the node, in \
                    /var/lib/seaworthy-state.";

/// The configuration that `weekly-siem.yaml` begins with.
const SINKS: &str = r#"# The sink that --send siem names. All keys: the book's page "Integrations".
[sink.siem]
url = "syslog+tls://siem.example:6514"
payload = "cef"
ca-file = "/seaworthy/secrets/ca.crt"

# Splunk instead:
# [sink.siem]
# url = "splunk+https://splunk.example:8088"
# token-file = "/seaworthy/secrets/token"
# ca-file = "/seaworthy/secrets/ca.crt"
"#;

fn to_falco() -> Sending {
    Sending {
        to: vec!["falcosidekick+http://falcosidekick.falco.svc:2801/".to_owned()],
        when: Some("failures".to_owned()),
        insecure: true,
        ..Sending::default()
    }
}

fn siem() -> Sending {
    Sending {
        to: vec!["siem".to_owned()],
        when: Some("failures".to_owned()),
        config_map: Some("sinks".to_owned()),
        secret: Some("seaworthy-sinks".to_owned()),
        ..Sending::default()
    }
}

/// The configuration of sinks before what uses it, in both namespaces.
fn to_siem(documents: Vec<Document>) -> Vec<Document> {
    let maps = [NODE_NAMESPACE, CLUSTER_NAMESPACE].map(|space| {
        sending::config_map("sinks", space, SINKS, "Where results go. It holds no secret: those are in the Secret.")
    });
    let (spaces, mut rest): (Vec<Document>, Vec<Document>) =
        documents.into_iter().partition(|document| document.value["kind"] == "Namespace");
    rest.splice(0..0, maps);
    spaces.into_iter().chain(rest).collect()
}

fn once(catalogue: &Catalogue, platform: &Platform, part: Part) -> Vec<Document> {
    let privileges = part.privileges(catalogue, platform, &[], &[]);
    let profile = part.profile(catalogue, &privileges, IMAGE, POLICY, &[]);
    let mut documents = objects::node_namespace(NODE_NAMESPACE, false);
    let words = text::with_withheld(&format!("{}\n{}", head(part), objects::CHOOSE), &privileges);
    documents.push(objects::job(part.name(), NODE_NAMESPACE, &profile, &words));
    documents
}

fn restricted(catalogue: &Catalogue, platform: &Platform) -> Vec<Document> {
    let without: Vec<String> = ["hostPID", "root", "SYS_PTRACE", "DAC_READ_SEARCH"].map(str::to_owned).into();
    let mut documents = objects::node_namespace(NODE_NAMESPACE, false);
    for part in [Part::Nodes, Part::ControlPlane] {
        let privileges = part.privileges(catalogue, platform, &[], &without);
        let profile = part.profile(catalogue, &privileges, IMAGE, POLICY, &[]);
        let name = format!("{}-restricted", part.name());
        let words = text::with_withheld(head(part), &privileges);
        documents.push(objects::job(&name, NODE_NAMESPACE, &profile, &words));
    }
    let privileges = Part::Cluster.privileges(catalogue, platform, &[], &[]);
    documents.extend(objects::cluster_namespace(CLUSTER_NAMESPACE));
    documents.extend(objects::account("cluster", CLUSTER_NAMESPACE, &privileges.rights(), RIGHTS));
    let profile = Part::Cluster.profile(catalogue, &privileges, IMAGE, POLICY, &[]);
    let words = text::with_withheld(head(Part::Cluster), &privileges);
    documents.push(objects::job("cluster", CLUSTER_NAMESPACE, &profile, &words));
    documents
}

/// What a scan of the whole cluster may do: ask what the part that asks the API asks, find the nodes, and run collectors.
fn scan_rights(catalogue: &Catalogue, platform: &Platform) -> Vec<Right> {
    let mut rights = Part::Cluster.privileges(catalogue, platform, &[], &[]).rights();
    rights.extend(Right::parse("list nodes"));
    for ask in ["create pods", "get pods", "delete pods", "create pods/exec", "get pods/exec"] {
        rights.extend(Right::parse(&format!("{ask} in {NODE_NAMESPACE}")));
    }
    rights
}

fn cluster_scan(catalogue: &Catalogue, platform: &Platform) -> Vec<Document> {
    let rights = scan_rights(catalogue, platform);
    let mut documents = objects::cluster_namespace(CLUSTER_NAMESPACE);
    documents.extend(objects::node_namespace(NODE_NAMESPACE, false));
    documents.extend(objects::account("scan", CLUSTER_NAMESPACE, &rights, RIGHTS));
    let args = ["scan-cluster", "--namespace", NODE_NAMESPACE, "--image", IMAGE].map(str::to_owned).into();
    let profile = PodProfile::api("scan", IMAGE, POLICY, args);
    documents.push(objects::job(
        "scan",
        CLUSTER_NAMESPACE,
        &profile,
        "Starts the collectors, and judges what they bring.",
    ));
    documents
}
