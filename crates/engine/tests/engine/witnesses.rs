//! What the API tells of a node, as the evidence shows it.

use seaworthy_catalogue::Case;
use seaworthy_engine::cases;
use seaworthy_model::{Evidence, Finding, Verdict};

use crate::support::loaded;

fn run(rule: &str, case: &str) -> Finding {
    let loaded = loaded();
    #[derive(serde::Deserialize)]
    struct One {
        case: Vec<Case>,
    }
    let case =
        toml::from_str::<One>(&format!("[[case]]\nname = \"x\"\nverdict = \"pass\"\n{case}")).unwrap().case.remove(0);
    cases::run(&loaded.catalogue, loaded.catalogue.rule(rule).unwrap(), &case).unwrap()
}

fn evidence<'f>(finding: &'f Finding, what: &str) -> &'f Evidence {
    finding.evidence.iter().find(|e| e.what == what).unwrap_or_else(|| panic!("no {what}: {:?}", finding.evidence))
}

const KUBELET: &str = r#"
arguments = ["--config=/var/lib/kubelet/config.yaml"]
configz = '{"kind":"KubeletConfiguration","apiVersion":"kubelet.config.k8s.io/v1beta1","readOnlyPort":10255}'
[[case.file]]
path = "/var/lib/kubelet/config.yaml"
changed-since-start = true
text = """
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
readOnlyPort: 0
"""
"#;

#[test]
fn what_runs_is_shown_from_the_kubelet_and_the_file_beside_it() {
    let finding = run("kubelet-read-only-port", KUBELET);
    assert_eq!(finding.verdict, Verdict::Fail);
    let shown = evidence(&finding, "kubelet read-only-port");
    assert_eq!(shown.value, "10255");
    assert_eq!(shown.source.as_ref().unwrap().to_string(), "nodes/configz node1");
    let file = &shown.candidates[0];
    assert_eq!(
        (file.value.as_str(), file.source.to_string().as_str()),
        ("readOnlyPort is 0", "/var/lib/kubelet/config.yaml:3")
    );
    assert!(shown.notes.iter().any(|n| n.contains("does not run yet")), "{:?}", shown.notes);
    // The file is right already, and a restart is all that is missing.
    let remediation = finding.remediation.unwrap();
    assert_eq!(remediation.summary, "/var/lib/kubelet/config.yaml:3 says so already: restart kubelet");
    assert_eq!(remediation.wanted, None);
}

#[test]
fn a_wrong_value_that_runs_is_mended_on_its_line_of_the_file() {
    let finding = run("kubelet-read-only-port", &KUBELET.replace("readOnlyPort: 0", "readOnlyPort: 10255"));
    let remediation = finding.remediation.unwrap();
    assert_eq!(remediation.summary, "In /var/lib/kubelet/config.yaml line 3 set readOnlyPort: 0, then restart kubelet");
    assert_eq!(remediation.current.as_deref(), Some("readOnlyPort: 10255"));
}

#[test]
fn where_configz_is_denied_the_doubt_about_a_changed_file_says_so() {
    let case = KUBELET.replacen("configz =", "configz-state = \"denied\"\nconfigz =", 1);
    let finding = run("kubelet-read-only-port", &case);
    assert_eq!(finding.verdict, Verdict::Unknown);
    assert!(
        finding.reason.contains("was changed after") && finding.reason.contains("403 Forbidden"),
        "{}",
        finding.reason
    );
}

#[test]
fn a_mirror_pod_that_differs_from_the_process_is_evidence_only() {
    let finding = run(
        "apiserver-profiling",
        r#"
arguments = ["--profiling=false"]
objects = """
apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver-node1
  namespace: kube-system
  annotations: {kubernetes.io/config.mirror: x}
  ownerReferences: [{kind: Node, name: node1, controller: true}]
spec:
  nodeName: node1
  containers: [{name: kube-apiserver, command: [kube-apiserver, --profiling=true]}]
status: {phase: Running}
"""
"#,
    );
    assert_eq!(finding.verdict, Verdict::Pass);
    let shown = &evidence(&finding, "kube-apiserver profiling").candidates[0];
    assert_eq!(
        (shown.value.as_str(), shown.source.to_string().as_str()),
        ("--profiling=true", "pods kube-system/kube-apiserver-node1")
    );
}

const ENCRYPTION: &str = r#"
arguments = ["--encryption-provider-config=/etc/kubernetes/encryption/config.yaml"]
written-by = [["configmaps", "", 9], ["secrets", "", 3], ["secrets", "k8s:enc:secretbox:v1:", 2]]
[[case.file]]
path = "/etc/kubernetes/encryption/config.yaml"
of = "kube-apiserver"
text = """
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - secretbox: {keys: [{name: key1, secret: REDACTED}]}
"""
"#;

#[test]
fn counters_show_by_what_secrets_were_written_and_decide_nothing() {
    let finding = run("apiserver-encryption-provider", ENCRYPTION);
    assert_eq!(finding.verdict, Verdict::Pass);
    let shown = evidence(&finding, "secrets written");
    assert_eq!(shown.value, "3 without encryption, 2 by k8s:enc:secretbox:v1:");
    assert!(shown.notes.iter().any(|n| n.starts_with("3 secrets were written as they are")), "{:?}", shown.notes);
    let clean = run("apiserver-encryption-provider", &ENCRYPTION.replace("[\"secrets\", \"\", 3], ", ""));
    assert_eq!(evidence(&clean, "secrets written").notes.len(), 1);
}

#[test]
fn counters_of_another_cluster_are_not_shown() {
    let finding = run("apiserver-encryption-provider", &format!("other-cluster = true\n{ENCRYPTION}"));
    assert!(finding.evidence.iter().all(|e| e.what != "secrets written"));
}

#[test]
fn counters_show_at_which_level_requests_are_recorded() {
    let case = r#"
arguments = ["--audit-policy-file=/etc/kubernetes/audit.yaml"]
audit-levels = [["None", 40]]
[[case.file]]
path = "/etc/kubernetes/audit.yaml"
of = "kube-apiserver"
text = """
apiVersion: audit.k8s.io/v1
kind: Policy
rules: [{level: Metadata}]
"""
"#;
    let finding = run("audit-policy-present", case);
    assert_eq!(finding.verdict, Verdict::Pass);
    let shown = evidence(&finding, "requests by audit level");
    assert_eq!(shown.value, "40 at None");
    assert!(shown.notes.iter().any(|n| n.contains("recorded no request")), "{:?}", shown.notes);
}

#[test]
fn the_config_map_of_a_daemon_set_is_evidence_where_its_file_cannot_be_read() {
    let case = r#"
arguments = ["--config=/var/lib/kube-proxy/config.conf"]
config-map = """
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
metricsBindAddress: 0.0.0.0:10249
"""
[[case.file]]
path = "/var/lib/kube-proxy/config.conf"
of = "kube-proxy"
state = "denied"
"#;
    let finding = run("kube-proxy-metrics-address", case);
    assert_eq!(finding.verdict, Verdict::Unknown);
    let shown = finding.evidence.iter().flat_map(|e| &e.candidates).next().unwrap();
    assert_eq!(
        (shown.value.as_str(), shown.source.to_string().as_str()),
        ("0.0.0.0:10249", "configmaps kube-system/kube-proxy")
    );
}
