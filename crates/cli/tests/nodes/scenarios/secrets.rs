//! Secrets that lie on a node appear neither in the facts nor in any report.

use seaworthy_model::Report;

use crate::node::{Judged, Node, hardened, plain};

const API: &str = "kube-apiserver";

/// What must not appear: each secret of these tests holds it.
const MARK: &str = "S3cr3tMark";

/// The same, as base64 has it wherever it begins: these are the letters that do not depend on what is around them.
const IN_BASE64: [&str; 3] = ["UzNjcjNUTWFya", "MzY3IzVE1hcm", "TM2NyM1RNYXJr"];

fn reports(report: &Report) -> Vec<(&'static str, String)> {
    let mut text = seaworthy_report::text::Options { evidence: true, ..Default::default() };
    let plain = seaworthy_report::text::render(report, &text);
    text.color = true;
    vec![
        ("text", plain),
        ("coloured text", seaworthy_report::text::render(report, &text)),
        ("JSON", seaworthy_report::json::render(report, &seaworthy_report::json::Options::default())),
        ("JUnit", seaworthy_report::junit::render(report)),
    ]
}

fn leaks(judged: &Judged) -> Vec<String> {
    let mut all = vec![("facts", serde_json::to_string(&judged.facts).expect("JSON"))];
    all.extend(reports(&judged.report));
    let mut found = Vec::new();
    for (name, text) in all {
        assert!(text.len() > 1000, "{name} is empty");
        for mark in [MARK].iter().chain(&IN_BASE64) {
            if let Some(at) = text.find(mark) {
                let start = text[..at].char_indices().rev().nth(120).map_or(0, |(i, _)| i);
                found.push(format!("{name}: …{}", &text[start..at + mark.len()]));
            }
        }
    }
    found
}

fn silent(case: &str, node: &Node) -> Judged {
    let judged = node.judge();
    let found = leaks(&judged);
    assert!(found.is_empty(), "{case}:\n{}", found.join("\n"));
    judged
}

#[test]
fn the_search_finds_what_is_there() {
    // A label is no secret, and is shown.
    let node = plain().with(API, &["--service-account-issuer", MARK, "--audit-log-path=/S3cr3tMark"]);
    let found = leaks(&node.judge());
    for name in ["facts", "text", "JSON", "JUnit"] {
        assert!(found.iter().any(|f| f.starts_with(&format!("{name}:"))), "{name}: {found:?}");
    }
}

#[test]
fn s45_secrets_in_arguments_stay_there() {
    for (program, arguments) in [
        ("etcd", &["--discovery-password=S3cr3tMark"][..]),
        ("etcd", &["--discovery-password", "S3cr3tMark"]),
        ("etcd", &["-discovery-password", "S3cr3tMark"]),
        ("etcd", &["--initial-cluster-token=S3cr3tMark"]),
        ("etcd", &["--discovery=https://user:S3cr3tMark@discovery.example.com/x"]),
        ("etcd", &["--discovery-proxy=http://user:S3cr3tMark@proxy:3128"]),
        (API, &["--etcd-servers=https://root:S3cr3tMark@127.0.0.1:2379"]),
        (API, &["--etcd-servers", "https://root:S3cr3tMark@127.0.0.1:2379,https://root:S3cr3tMark@127.0.0.2:2379"]),
        (API, &["--oidc-client-secret=S3cr3tMark"]),
        (API, &["--oidc_client_secret", "S3cr3tMark"]),
        (API, &["--some-api-key=S3cr3tMark"]),
        (API, &["--bearer-token=S3cr3tMark"]),
        (API, &["--bearer-token", "S3cr3tMark"]),
        ("kubelet", &["--manifest-url-header=Authorization:S3cr3tMark"]),
        ("kubelet", &["--manifest-url-header", "Authorization:Bearer S3cr3tMark"]),
        ("kubelet", &["--storage-driver-password=S3cr3tMark"]),
        ("kube-controller-manager", &["--cloud-password=S3cr3tMark"]),
    ] {
        silent(&arguments.join(" "), &plain().with(program, arguments));
    }
}

// A blank in the value does not end the secret.
#[test]
fn a_secret_of_several_words_in_an_argument_stays_there() {
    for (program, arguments) in [
        ("kubelet", &["--manifest-url-header=Authorization:Bearer S3cr3tMark"][..]),
        ("etcd", &["--discovery-password=correct S3cr3tMark"]),
        (API, &["--bearer-token=Bearer S3cr3tMark"]),
    ] {
        silent(&arguments.join(" "), &plain().with(program, arguments));
    }
}

// The component takes a word that begins with a dash for the value.
#[test]
fn a_secret_that_begins_with_a_dash_stays_there() {
    silent("password", &plain().with("etcd", &["--discovery-password", "-S3cr3tMark"]));
    silent("token", &plain().with(API, &["--bearer-token", "-S3cr3tMark"]));
}

// The words of a shell are parted by its quotes and lines, not by blanks only.
#[test]
fn secrets_in_a_shell_s_command_line_stay_there() {
    let path = "/etc/kubernetes/manifests/etcd.yaml";
    for line in [
        "exec etcd --discovery-password=S3cr3tMark",
        "exec etcd --discovery-password S3cr3tMark --auto-tls",
        "exec etcd --discovery-password 'correct S3cr3tMark'",
        "exec etcd '--discovery-password=correct S3cr3tMark'",
        "exec etcd \\n  --discovery-password S3cr3tMark",
        "exec etcd\\n--discovery-password\\tS3cr3tMark --auto-tls",
    ] {
        let command = format!("  - command:\n    - sh\n    - -c\n    - \"{line}\"\n    - etcd\n");
        silent(line, &plain().edit(path, "  - command:\n    - etcd\n", &command));
    }
}

#[test]
fn secrets_in_the_environment_stay_there() {
    let node = plain()
        .environment(
            "etcd",
            &[
                "ETCD_ROOT_PASSWORD=S3cr3tMark",
                "ETCD_DISCOVERY=https://user:S3cr3tMark@discovery.example.com/x",
                "ETCD_INITIAL_CLUSTER_TOKEN=S3cr3tMark",
                "AWS_SECRET_ACCESS_KEY=S3cr3tMark",
            ],
        )
        .environment(API, &["VAULT_TOKEN=S3cr3tMark"])
        .environment("kubelet", &["HTTPS_PROXY=http://user:S3cr3tMark@proxy:3128"]);
    silent("environment", &node);
}

#[test]
fn secrets_in_manifests_stay_there() {
    let path = "/etc/kubernetes/manifests/kube-apiserver.yaml";
    let env = "    env:\n    - {name: DB_PASSWORD, value: S3cr3tMark}\n    - name: VAULT_TOKEN\n      value: \"S3cr3tMark\"\n    image:";
    let node = plain().edit(path, "    image:", env).edit(
        path,
        "    - kube-apiserver\n",
        "    - kube-apiserver\n    - --bearer-token=S3cr3tMark\n    - --oidc-client-secret\n    - S3cr3tMark\n",
    );
    let judged = silent("manifest", &node);
    assert!(serde_json::to_string(&judged.facts).expect("JSON").contains("REDACTED"));
}

#[test]
fn secrets_in_kubeconfigs_stay_there() {
    let text = "\
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster: {server: 'https://user:S3cr3tMark@10.0.0.1:6443'}
users:
- name: a
  user:
    token: S3cr3tMark
- name: b
  user: {username: root, password: S3cr3tMark, client-key-data: UzNjcjN0TWFyayBTM2NyM3RNYXJr}
- name: c
  user:
    token: |
      S3cr3tMark
      S3cr3tMark
- name: d
  user:
    auth-provider: {name: oidc, config: {client-secret: S3cr3tMark, id-token: S3cr3tMark, refresh-token: S3cr3tMark}}
- name: e
  user:
    exec:
      command: aws
      args: [--token, S3cr3tMark, '--password=S3cr3tMark']
      env: [{name: AWS_SECRET_ACCESS_KEY, value: S3cr3tMark}]
";
    for path in [
        "/etc/kubernetes/admin.conf",
        "/etc/kubernetes/kubelet.conf",
        "/etc/kubernetes/scheduler.conf",
        "/etc/kubernetes/controller-manager.conf",
    ] {
        silent(path, &plain().write(path, text));
        // A file that cannot be parsed is not quoted either.
        silent(&format!("broken {path}"), &plain().write(path, format!("{text}  - token: S3cr3tMark\n x: [")));
    }
    let node = plain().show("kube-scheduler", "/etc/kubernetes/scheduler.conf", text);
    silent("as the scheduler sees it", &node);
    silent("as the kube-proxy sees it", &plain().show("kube-proxy", "/var/lib/kube-proxy/kubeconfig.conf", text));
}

#[test]
fn keys_of_the_encryption_configuration_stay_there() {
    const PATH: &str = "/etc/kubernetes/enc/enc.yaml";
    let head = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n";
    for body in [
        "resources:\n- resources: [secrets]\n  providers:\n  - aescbc:\n      keys:\n      - name: a\n        secret: S3cr3tMark\n",
        "resources: [{resources: [secrets], providers: [{secretbox: {keys: [{name: a, secret: 'S3cr3tMark'}]}}]}]\n",
        "resources: [{resources: [secrets], providers: [{secretbox: {keys: [{\"secret\": \"S3cr3tMark\", name: a}]}}]}]\n",
        "resources:\n- resources: [secrets]\n  providers:\n  - aescbc:\n      keys:\n      - name: a\n        secret: >-\n          S3cr3tMark\n          S3cr3tMark\n",
        // A key in a comment, and in a file that is broken behind it.
        "# secret: S3cr3tMark\nresources: [{resources: [secrets], providers: [{identity: {}}]}]\n",
        "resources:\n- providers:\n  - aescbc:\n      keys:\n      - secret: S3cr3tMark\n     x: [\n",
    ] {
        let text = format!("{head}{body}");
        silent(body, &hardened().show(API, PATH, &text).write(PATH, &text));
    }
    // With the key gone its provider is still known.
    let text = format!(
        "{head}resources: [{{resources: [secrets], providers: [{{secretbox: {{keys: [{{name: a, secret: S3cr3tMark}}]}}}}]}}]\n"
    );
    let judged = silent("secretbox", &hardened().show(API, PATH, &text));
    assert_eq!(judged.verdict("1.2.28"), seaworthy_model::Verdict::Pass);
}

#[test]
fn secrets_in_configuration_files_stay_there() {
    let kubelet = plain().text("/var/lib/kubelet/config.yaml")
        + "staticPodURL: https://user:S3cr3tMark@pods.example.com/x\n\
           staticPodURLHeader:\n  Authorization:\n  - Bearer S3cr3tMark\n  X-Api-Key: [S3cr3tMark]\n";
    silent("kubelet", &plain().write("/var/lib/kubelet/config.yaml", kubelet));
    let etcd = "name: a\ndiscovery: https://u:S3cr3tMark@d/x\ninitial-cluster-token: S3cr3tMark\nauth-token-password: S3cr3tMark\n";
    silent("etcd", &plain().with("etcd", &["--config-file=/etc/etcd.yaml"]).show("etcd", "/etc/etcd.yaml", etcd));
    let admission = "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n- name: X\n  configuration: {password: S3cr3tMark, token: S3cr3tMark}\n";
    let node =
        plain().with(API, &["--admission-control-config-file=/etc/adm.yaml"]).show(API, "/etc/adm.yaml", admission);
    silent("admission", &node);
    let policy = "/etc/kubernetes/audit/policy.yaml";
    let text = hardened().text(policy) + "# password: S3cr3tMark\n";
    silent("audit policy", &hardened().show(API, policy, text));
    // Files whose whole content is a secret are looked at, not read.
    let node = plain()
        .with(API, &["--token-auth-file=/etc/tokens.csv", "--audit-webhook-config-file=/etc/audit.kubeconfig"])
        .show(API, "/etc/tokens.csv", "S3cr3tMark,admin,1\n")
        .show(API, "/etc/audit.kubeconfig", "users: [{name: a, user: {token: S3cr3tMark}}]\n")
        .write("/etc/kubernetes/pki/sa.key", "S3cr3tMark")
        .write("/etc/kubernetes/pki/apiserver.key", "S3cr3tMark")
        .show(API, "/etc/kubernetes/pki/apiserver.key", "S3cr3tMark")
        .write("/etc/kubernetes/azure.json", "{\"aadClientSecret\": \"S3cr3tMark\"}");
    silent("files of secrets", &node);
}
